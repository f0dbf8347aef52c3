package booking

import (
	"errors"
	"fmt"
	"time"

	"frontdesk/ingest"
)

// Errors of this package that callers branch on.
var (
	// ErrNotFound is given for what the tenant does not have.
	ErrNotFound = errors.New("not found")
	// ErrInvalid is given for what cannot be taken; the text around it says
	// which field and what was expected.
	ErrInvalid = errors.New("invalid")
	// ErrNameTaken is given where another row of the tenant bears the name.
	ErrNameTaken = errors.New("this name is taken")
	// ErrSlotTaken is given where the time is booked, held or busy.
	ErrSlotTaken = errors.New("this time is taken")
	// ErrPast is given for a time that is over.
	ErrPast = errors.New("this time is in the past")
	// ErrTooSoon is given for a time within the service's notice.
	ErrTooSoon = errors.New("this time is too soon to be booked")
	// ErrTooFar is given for a time beyond the service's horizon.
	ErrTooFar = errors.New("this time is too far ahead to be booked")
	// ErrClosed is given for a day on which the business, or the staff member,
	// does not work.
	ErrClosed = errors.New("closed on this day")
	// ErrOutsideHours is given for a time outside of the hours of its day.
	ErrOutsideHours = errors.New("outside of the working hours")
	// ErrStaffOff is given for a time that the staff member has off.
	ErrStaffOff = errors.New("the staff member is off at this time")
	// ErrNotOffered is given for a staff member who does not perform the
	// service, and for a service that is not active or that nobody performs.
	ErrNotOffered = errors.New("not offered")
	// ErrDayFull is given where the day's limit of appointments is reached.
	ErrDayFull = errors.New("no more appointments on this day")
	// ErrNoSuchTime is given for a day or a wall clock time that the calendar
	// does not have: 30 February, or 02:30 when the clocks go from 2 to 3.
	ErrNoSuchTime = errors.New("there is no such time on this day")
	// ErrTwoTimes is given for a wall clock time that comes twice, when the
	// clocks go back. Nearest has both where they are free.
	ErrTwoTimes = errors.New("this time comes twice on this day")
	// ErrHoldExpired is given for a hold that is over, released or used.
	ErrHoldExpired = errors.New("this hold has expired")
	// ErrHoldLimit is given to a contact who has as many holds as one may.
	ErrHoldLimit = errors.New("too many holds at once")
	// ErrKeyReused is given where the key was used for another request.
	ErrKeyReused = errors.New("this key was used for another request")
	// ErrFinal is given for a change of an appointment that is over: one that
	// is cancelled, or that is to be moved after it was kept or missed.
	ErrFinal = errors.New("this appointment can no longer be changed")
)

// Refusal is a refusal with the real alternatives nearest to the wish. Nearest
// may be empty, where nothing is free.
type Refusal struct {
	Err     error // one of the errors of this package
	Nearest []Slot
}

func (r *Refusal) Error() string { return r.Err.Error() }

// Unwrap returns the error that the refusal is.
func (r *Refusal) Unwrap() error { return r.Err }

// Nearest returns the alternatives that come with err, nil where it has none.
func Nearest(err error) []Slot {
	var r *Refusal
	if errors.As(err, &r) {
		return r.Nearest
	}
	return nil
}

// Slot is a time at which a service can be, or is, performed. Staff is empty
// where the service needs nobody, or the business lists no staff.
type Slot struct {
	Service   ingest.ServiceID
	Staff     ingest.StaffID
	Resources []ingest.ResourceID
	Start     time.Time
	End       time.Time
}

// SlotQuery asks for slots that begin in [From, To). The times are absolute;
// the rules are applied in the tenant's zone.
type SlotQuery struct {
	Service    ingest.ServiceID
	Staff      ingest.StaffID       // empty: anybody who performs it
	From       time.Time            // zero: now
	To         time.Time            // zero: a week after From; at most [LongestQuery] after it
	Limit      int                  // zero: all
	Except     ingest.AppointmentID // counted as free: the one that is to be moved
	ExceptHold ingest.HoldID        // counted as free: the asker's own
}

// LongestQuery bounds the time that one [SlotQuery] spans.
const LongestQuery = 100 * 24 * time.Hour

// HoldDraft asks for a slot to be kept for a moment. A time that overlaps an
// appointment cannot be held, not even by who has it: to shift one by less than
// its length, move it without a hold.
type HoldDraft struct {
	Service      ingest.ServiceID
	Staff        ingest.StaffID // empty: anybody who is free
	Start        time.Time
	Local        string // instead of Start: a wall clock time in the tenant's zone, "2026-03-08T14:30"
	Contact      ingest.ContactID
	Conversation ingest.ConversationID
	For          time.Duration // zero: [DefaultHold]; at most [LongestHold]
	Key          string        // of the request; empty: none
	Replace      ingest.HoldID // released in the same transaction, so that one may hold another time instead
}

// How long a hold lasts, and how many a contact may have at once.
const (
	DefaultHold     = 5 * time.Minute
	LongestHold     = time.Hour
	HoldsPerContact = 3
)

// Hold is a slot kept for a moment. It is gone at ExpiresAt without anybody's
// doing.
type Hold struct {
	ID           ingest.HoldID
	Slot         Slot
	Contact      ingest.ContactID
	Conversation ingest.ConversationID
	ExpiresAt    time.Time
	CreatedAt    time.Time
}

// Draft asks for an appointment. With Hold, its service, staff and time are
// those of the hold, and what the draft itself names must agree or be empty.
type Draft struct {
	Service      ingest.ServiceID
	Staff        ingest.StaffID // empty: anybody who is free
	Start        time.Time
	Local        string // instead of Start: a wall clock time in the tenant's zone, "2026-03-08T14:30"
	Contact      ingest.ContactID
	Conversation ingest.ConversationID
	Hold         ingest.HoldID
	Note         string
	Source       string // where it came from: chat, api, page …
	Key          string // of the request; empty: none
	By           string // contact, bot, or the id of a key
	Test         bool   // made in the sandbox
}

// Change asks for an appointment to be moved. What is empty stays as it is;
// with Hold, the new place is the hold's. Where Staff is empty and the
// appointment's own is not free at the new time, anybody who is may take it.
type Change struct {
	Start   time.Time
	Local   string // instead of Start, as in [Draft]
	Staff   ingest.StaffID
	Service ingest.ServiceID
	Hold    ingest.HoldID
	Key     string
	By      string
}

// Status says what became of an appointment.
type Status string

// Statuses of an appointment.
const (
	Scheduled Status = "scheduled"
	Completed Status = "completed"
	Cancelled Status = "cancelled"
	NoShow    Status = "no_show"
)

// Appointment is a booking. Version counts its changes from 1.
type Appointment struct {
	ID           ingest.AppointmentID
	Number       int64 // counts up within the tenant
	Slot         Slot
	Contact      ingest.ContactID
	Conversation ingest.ConversationID
	Status       Status
	Note         string
	Source       string
	Test         bool
	Version      int64
	CreatedAt    time.Time
	UpdatedAt    time.Time
	ConfirmedAt  time.Time // zero: the contact has not confirmed it since it was made or moved
	CancelledAt  time.Time // zero unless cancelled
	CancelReason string
}

// Filter narrows [Store.Appointments]; a zero field does not. Those of a
// contact include those made under identities merged into it.
type Filter struct {
	Contact ingest.ContactID
	Staff   ingest.StaffID
	Service ingest.ServiceID
	Status  Status
	Number  int64     // the one of this number
	From    time.Time // that end after it
	To      time.Time // that start before it
	Limit   int       // zero: 20; at most 100
	Skip    int       // so many of the first, where pages are counted; not with After, which costs less
	After   string    // the cursor that the page before gave
}

// Event is one thing that happened to an appointment.
type Event struct {
	Kind    string // created, moved, confirmed, reminded, not_reminded, or the new status
	By      string
	Reason  string
	Version int64
	At      time.Time
	Slot    Slot // where the appointment was after it
}

func refuse(err error, nearest []Slot) error { return &Refusal{Err: err, Nearest: nearest} }

func invalid(field, format string, args ...any) error {
	return &ingest.FieldError{Err: ErrInvalid, Field: field, Message: fmt.Sprintf(format, args...)}
}

// blame says which field holds what err is about, where err does not.
func blame(field string, err error) error {
	var wrong *ingest.FieldError
	if errors.As(err, &wrong) && wrong.Field == "" {
		return &ingest.FieldError{Err: wrong.Err, Field: field, Message: wrong.Message}
	}
	return err
}
