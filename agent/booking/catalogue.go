package booking

import (
	"regexp"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"frontdesk/ingest"
)

// Service is something that can be booked. Its name is its identity within the
// tenant.
type Service struct {
	ID           ingest.ServiceID
	Number       int64 // counts up within the tenant
	Name         string
	Description  string
	Duration     time.Duration
	BufferBefore time.Duration       // kept free before each appointment
	BufferAfter  time.Duration       // kept free after each appointment
	Notice       time.Duration       // least time from booking to beginning
	Horizon      int                 // days ahead that can be booked; zero: [DefaultHorizon]
	Step         time.Duration       // from one offered beginning to the next; zero: the duration, at most [DefaultStep]
	Price        string              // "50.00 BZD"
	PerDay       int                 // appointments a day; zero: no limit
	Unstaffed    bool                // needs nobody
	Staff        []ingest.StaffID    // who performs it; empty: all whose specialties name it or who list none
	Resources    []ingest.ResourceID // all of them are needed
	Needs        []string            // and one resource of each of these kinds
	Reminders    []Reminder
	Paused       bool // not offered for now
	CreatedAt    time.Time
	UpdatedAt    time.Time
}

// Reminder says when a service's appointments are reminded of, and how.
type Reminder struct {
	Before   time.Duration `json:"before"`             // the beginning
	Template string        `json:"template,omitempty"` // name of an approved one, for WhatsApp
	Text     string        `json:"text,omitempty"`     // instead; both empty: a text of frontdesk's own
}

// Staff is a person who performs services.
type Staff struct {
	ID          ingest.StaffID
	Number      int64
	Name        string
	Specialties []string // names of services; empty: all that name nobody
	Hours       Week     // empty: those of the business
	Off         []Off
	PerDay      int  // appointments a day; zero: no limit
	Paused      bool // not offered for now
	CreatedAt   time.Time
	UpdatedAt   time.Time
}

// Resource is a room or a piece of equipment that only one appointment at a
// time can use.
type Resource struct {
	ID        ingest.ResourceID
	Number    int64
	Name      string
	Kind      string // "room"; a service may need any one of a kind
	Hours     Week   // empty: whenever it is asked for
	Off       []Off
	Paused    bool
	CreatedAt time.Time
	UpdatedAt time.Time
}

// Defaults of a service.
const (
	DefaultHorizon = 90
	DefaultStep    = 30 * time.Minute
)

// Bounds of what the catalogue takes.
const (
	longestDuration = 24 * time.Hour
	longestBuffer   = 8 * time.Hour
	longestNotice   = 365 * 24 * time.Hour
	longestHorizon  = 730
	mostPerDay      = 1000
	mostReminders   = 5
	mostLinks       = 200
	longestName     = 200
	longestText     = 4000
)

var priceForm = regexp.MustCompile(`^[0-9]{1,9}(\.[0-9]{1,3})? [A-Z]{3}$`)

// ValidPrice reports whether s is a price such as "50.00 BZD".
func ValidPrice(s string) bool { return priceForm.MatchString(s) }

// step returns the service's step, its default in place of zero.
func (s Service) step() time.Duration {
	if s.Step > 0 {
		return s.Step
	}
	return min(s.Duration, DefaultStep)
}

func (s Service) horizon() int {
	if s.Horizon > 0 {
		return s.Horizon
	}
	return DefaultHorizon
}

func (s Service) validate() error {
	switch {
	case badName(s.Name):
		return invalid("name", "name must have 1 to %d characters", longestName)
	case s.Duration < time.Minute || s.Duration > longestDuration || s.Duration%time.Minute != 0:
		return invalid("duration_minutes", "duration must be whole minutes, 1m to 24h")
	case badMinutes(s.BufferBefore, longestBuffer) || badMinutes(s.BufferAfter, longestBuffer):
		return invalid("buffer_before_minutes", "buffers must be whole minutes, 0 to 8h")
	case badMinutes(s.Notice, longestNotice):
		return invalid("notice_minutes", "notice must be whole minutes, 0 to 8760h")
	case badMinutes(s.Step, longestDuration):
		return invalid("step_minutes", "step must be whole minutes, 0 to 24h")
	case s.Horizon < 0 || s.Horizon > longestHorizon:
		return invalid("horizon_days", "horizon must be 0 to %d days", longestHorizon)
	case s.PerDay < 0 || s.PerDay > mostPerDay:
		return invalid("per_day", "per day must be 0 to %d", mostPerDay)
	case s.Price != "" && !ValidPrice(s.Price):
		return invalid("price", "price must be such as 50.00 BZD")
	case len(s.Staff) > mostLinks || len(s.Resources) > mostLinks || len(s.Needs) > mostLinks:
		return invalid("staff_ids", "staff, resources and needs are at most %d each", mostLinks)
	case s.Unstaffed && len(s.Staff) > 0:
		return invalid("staff_ids", "a service that needs nobody names no staff")
	case badText(s.Description):
		return invalid("description", "description has at most %d characters", longestText)
	}
	return validReminders(s.Reminders)
}

func validReminders(list []Reminder) error {
	if len(list) > mostReminders {
		return invalid("reminders", "reminders are at most %d", mostReminders)
	}
	for i, r := range list {
		if r.Before < time.Minute || badMinutes(r.Before, longestNotice) || badText(r.Text) || badText(r.Template) {
			return invalid("reminders", "reminders need a time before the beginning, whole minutes, 1m to 8760h")
		}
		if slices.ContainsFunc(list[:i], func(o Reminder) bool { return o.Before == r.Before }) {
			return invalid("reminders", "two reminders come at the same time")
		}
	}
	return nil
}

func (s Staff) validate() error {
	switch {
	case badName(s.Name):
		return invalid("name", "name must have 1 to %d characters", longestName)
	case s.PerDay < 0 || s.PerDay > mostPerDay:
		return invalid("per_day", "per day must be 0 to %d", mostPerDay)
	case len(s.Specialties) > mostLinks || slices.ContainsFunc(s.Specialties, badName):
		return invalid("specialties", "specialties are names of services, at most %d", mostLinks)
	}
	return validTimes(s.Hours, s.Off)
}

func (r Resource) validate() error {
	switch {
	case badName(r.Name):
		return invalid("name", "name must have 1 to %d characters", longestName)
	case r.Kind != "" && badName(r.Kind):
		return invalid("kind", "kind must have at most %d characters", longestName)
	}
	return validTimes(r.Hours, r.Off)
}

func validTimes(hours Week, off []Off) error {
	if err := hours.validate(); err != nil {
		return err
	}
	if len(off) > mostOff {
		return invalid("off", "time off has at most %d entries", mostOff)
	}
	for _, o := range off {
		if err := o.validate(); err != nil {
			return err
		}
	}
	return nil
}

func badName(s string) bool {
	return strings.TrimSpace(s) != s || s == "" || utf8.RuneCountInString(s) > longestName || strings.ContainsRune(s, 0) || !utf8.ValidString(s)
}

func badText(s string) bool {
	return utf8.RuneCountInString(s) > longestText || strings.ContainsRune(s, 0) || !utf8.ValidString(s)
}

func badMinutes(d, most time.Duration) bool { return d < 0 || d > most || d%time.Minute != 0 }
