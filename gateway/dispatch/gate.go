package dispatch

import (
	"fmt"
	"time"

	"frontdesk/agent/contact"
	"frontdesk/ingest"
)

// Code says why the policy gate refuses a message.
type Code string

// Codes of a [Refusal].
const (
	OptedOut       Code = "opted_out"       // the contact does not want this category
	WindowClosed   Code = "window_closed"   // WhatsApp's 24 hours are over: only templates pass
	QuietHours     Code = "quiet_hours"     // the tenant sends nothing of its own accord now
	BudgetExceeded Code = "budget_exceeded" // the tenant's daily number is used up
	ChannelDown    Code = "channel_down"    // the provider refuses the channel's credentials or account
)

// Refusal is why a message may not be sent.
type Refusal struct {
	Code   Code
	Detail string    // for the developer; no number, no text
	Until  time.Time // when the reason ends by itself; zero if it does not
}

func (r *Refusal) Error() string { return fmt.Sprintf("%s: %s", r.Code, r.Detail) }

// Categories of a message, as in [ingest.Message.Category]. Any other, and
// none, counts as Service.
const (
	Service   = "service"   // an answer to what the customer wrote
	Utility   = "utility"   // of the business's own accord: a reminder, a notice
	Marketing = "marketing" // of the business's own accord: an offer
	// Confirmation is the one message that tells a contact of their opt-out. It
	// passes although they just opted out.
	Confirmation = contact.CategoryConfirmation
)

// Facts is all that a decision of the gate rests on.
type Facts struct {
	Now       time.Time
	Windowed  bool      // the message needs an open WhatsApp window
	Allowed   bool      // the contact takes this category on this channel
	Window    time.Time // end of WhatsApp's 24 hours; zero if never open
	DownUntil time.Time // the channel is down and tried again then; zero if it is not
	Policy    Policy
	SentToday int // of the tenant's own accord
}

// Policy is what a tenant has set for messages of its own accord. The zero
// Policy sets nothing.
type Policy struct {
	Location    *time.Location // of quiet hours and of the day; nil is UTC
	QuietFrom   time.Duration  // since midnight; equal to QuietUntil means no quiet hours
	QuietUntil  time.Duration  // since midnight; before QuietFrom means the next day
	DailyBudget int            // messages a day; zero is no limit
}

// Decide returns why m may not be sent, or nil. The reason that lasts longest
// is named first.
func Decide(m ingest.Message, f Facts) *Refusal {
	switch {
	case !f.Allowed && m.Category != Confirmation:
		return &Refusal{Code: OptedOut, Detail: "the contact has opted out of messages of this category on this channel"}
	case f.Windowed && !f.Window.After(f.Now):
		return &Refusal{Code: WindowClosed, Detail: "the contact's last message is over 24 hours old; send a template"}
	case f.DownUntil.After(f.Now):
		return &Refusal{Code: ChannelDown, Detail: "the provider refuses this channel; check its credentials and account", Until: f.DownUntil}
	case !unasked(m):
		return nil
	}
	if until, quiet := f.Policy.quiet(f.Now); quiet {
		return &Refusal{Code: QuietHours, Detail: "the business's quiet hours", Until: until}
	}
	if b := f.Policy.DailyBudget; b > 0 && f.SentToday >= b {
		return &Refusal{Code: BudgetExceeded, Detail: fmt.Sprintf("%d messages a day are allowed", b)}
	}
	return nil
}

// unasked reports whether the business sends m of its own accord. What a
// customer waits for, be it an answer or a code to log in, is never held back.
func unasked(m ingest.Message) bool {
	return m.Category == Utility || m.Category == Marketing
}

// quiet reports whether now lies in the quiet hours, and when they end.
func (p Policy) quiet(now time.Time) (time.Time, bool) {
	if p.QuietFrom == p.QuietUntil {
		return time.Time{}, false
	}
	for _, day := range []int{-1, 0} { // hours that began yesterday may still last
		from, until := p.clock(now, day, p.QuietFrom), p.clock(now, day, p.QuietUntil)
		if p.QuietUntil < p.QuietFrom {
			until = p.clock(now, day+1, p.QuietUntil)
		}
		if !now.Before(from) && now.Before(until) {
			return until, true
		}
	}
	return time.Time{}, false
}

// clock returns the time of day since midnight, days after the local date of
// now. It asks the calendar, so a day of 23 or 25 hours does not shift it. A time
// that the clock skips is the one as long after midnight.
func (p Policy) clock(now time.Time, days int, since time.Duration) time.Time {
	local := now.In(p.location())
	at := func(minutes int) time.Time {
		return time.Date(local.Year(), local.Month(), local.Day()+days, 0, minutes, 0, 0, p.location())
	}
	t := at(int(since / time.Minute))
	if t.Hour()*60+t.Minute() != int(since/time.Minute)%(24*60) {
		return at(0).Add(since) // the clock skips this time: it is not named early
	}
	return t
}

// today returns the tenant's date at now, for counting a budget.
func (p Policy) today(now time.Time) string { return now.In(p.location()).Format(time.DateOnly) }

func (p Policy) location() *time.Location {
	if p.Location == nil {
		return time.UTC
	}
	return p.Location
}
