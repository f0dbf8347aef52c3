package booking

import (
	"time"

	"frontdesk/ingest"
)

// wish is a slot that somebody asks for, whatever for.
type wish struct {
	service ingest.ServiceID
	staff   ingest.StaffID
	start   time.Time
	local   string // instead of start
	prefer  ingest.StaffID
	except  []string
	contact ingest.ContactID // whose own holds are not in the way; empty: nobody's
	own     own              // that are released for it, found by choose
}

// alternatives is how many slots a refusal names at most.
const alternatives = 5

// localForm is how a wall clock time is written.
const localForm = "2006-01-02T15:04"

// CheckLocal returns what is wrong with a wall clock time in a draft, such as
// "2026-03-08T14:30": ErrInvalid for what is none, ErrNoSuchTime for a day that
// no calendar has, such as 30 February, which the store refuses with
// alternatives. In whose zone it is, and what its clocks do, is not asked.
func CheckLocal(text string) error {
	_, _, err := parseLocal(text)
	return err
}

// parseLocal reads "2026-03-08T14:30" as a day and a time on it. A day that the
// calendar does not have is ErrNoSuchTime, with the day that would follow.
func parseLocal(text string) (day, time.Duration, error) {
	if len(text) != len(localForm) || text[len("2006-01-02")] != 'T' {
		return 0, 0, invalid("start", "a time such as 2026-03-08T14:30 is expected, not %.20q", text)
	}
	clock, err := ParseClock(text[len("2006-01-02T"):])
	if err != nil {
		return 0, 0, blame("start", err)
	}
	if d, err := parseDay(text[:len("2006-01-02")]); err == nil {
		return d, clock, nil
	}
	// 29 to 31 of a month that is shorter: its first days are real.
	first, err := parseDay(text[:len("2006-01-")] + "01")
	n := text[len("2006-01-"):len("2006-01-02")]
	if err != nil || n != "29" && n != "30" && n != "31" {
		return 0, 0, invalid("start", "a day such as 2026-03-08 is expected, not %.10q", text)
	}
	return first + day(10*int(n[0]-'0')+int(n[1]-'0')-1), clock, ErrNoSuchTime
}
