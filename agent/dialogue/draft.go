package dialogue

import (
	"time"

	"frontdesk/agent/booking"
	"frontdesk/ingest"
)

// Task is what a dialogue is about.
type Task string

// Tasks. The empty Task is none: nothing is under way.
const (
	Book   Task = "book"
	Move   Task = "move"
	Cancel Task = "cancel"
)

// Asked is the question that is open.
type Asked string

// Questions.
const (
	AskedService     Asked = "service"
	AskedTime        Asked = "time"        // a day, a time, or one of what is offered
	AskedConfirm     Asked = "confirm"     // shall Pending be booked, or moved to
	AskedAppointment Asked = "appointment" // which of their own
	AskedCancel      Asked = "cancel"      // shall Target be cancelled
)

// Draft is what a conversation knows of a booking under way. The zero Draft is
// none.
type Draft struct {
	Task    Task               `json:"task,omitempty"`
	Asked   Asked              `json:"asked,omitempty"`
	Wish    Wish               `json:"wish,omitzero"`
	Offered []Option           `json:"offered,omitempty"`
	Pending *Pick              `json:"pending,omitempty"` // asked about, and held
	Hold    ingest.HoldID      `json:"hold_id,omitempty"`
	Target  *Option            `json:"target,omitempty"` // appointment to be moved or cancelled
	Done    *Done              `json:"done,omitempty"`
	Hint    *Hint              `json:"hint,omitempty"` // what was asked about last
	Near    bool               `json:"near,omitempty"` // what is offered is merely near to the wish
	Said    string             `json:"said,omitempty"` // the open question as it was asked
	Turn    int                `json:"turn,omitempty"` // that asked it
	At      time.Time          `json:"at,omitzero"`
	Notice  *Notice            `json:"notice,omitempty"` // last sent, and not answered
	Full    *Span              `json:"full,omitempty"`   // what was wished and is taken, while something else is offered
	Then    []ingest.ServiceID `json:"then,omitempty"`   // to be booked next; an empty one is the same again, for somebody else
	Opening time.Time          `json:"opening,omitzero"` // when the contact asked about opening hours last
}

// Done is what was booked or moved last, which "make it 4 instead" speaks of.
type Done struct {
	Appointment ingest.AppointmentID `json:"appointment_id"`
	At          time.Time            `json:"at"`
	Service     ingest.ServiceID     `json:"service_id,omitempty"`
	Start       time.Time            `json:"start,omitzero"`
	End         time.Time            `json:"end,omitzero"`
}

// Hint is a service that was asked about. A booking without one is taken for it.
type Hint struct {
	Service ingest.ServiceID `json:"service_id"`
	At      time.Time        `json:"at"`
}

// Option is one of what was offered: a service, a slot, or an appointment.
type Option struct {
	Service     ingest.ServiceID     `json:"service_id,omitempty"`
	Staff       ingest.StaffID       `json:"staff_id,omitempty"`
	Start       time.Time            `json:"start,omitzero"`
	Appointment ingest.AppointmentID `json:"appointment_id,omitempty"`
}

// Wish is what is wanted, as far as it was said.
type Wish struct {
	Service ingest.ServiceID `json:"service_id,omitempty"`
	Staff   ingest.StaffID   `json:"staff_id,omitempty"`
	Days    []Days           `json:"days,omitempty"` // any of them; none: no day was named
	Clock   Clock            `json:"clock,omitzero"`
	Not     []Without        `json:"not,omitempty"`
}

// Without is a day that is not wanted, "2026-03-03"; or, where Weekly, all days
// of that weekday.
type Without struct {
	Day    string `json:"day"`
	Weekly bool   `json:"weekly,omitempty"`
}

// Days is a run of days, "2026-03-03" to "2026-03-05", both included.
type Days struct {
	First string `json:"first"`
	Last  string `json:"last"`
}

// Clock is a time of day, or a part of the day: From "15:00" is included, Until
// is not. The zero Clock is any time.
type Clock struct {
	At    string `json:"at,omitempty"`
	Other string `json:"other,omitempty"` // what At may mean as well: "8" is 08:00 or 20:00
	From  string `json:"from,omitempty"`
	Until string `json:"until,omitempty"`
}

// stale is how long a draft is good for after the last word on it.
const stale = 24 * time.Hour

// recent is how long after a booking "make it 4" speaks of it, and after a
// question about a service "do you have Friday?" does.
const recent = time.Hour

// Open reports whether a question is open.
func (d Draft) Open() bool { return d.Task != "" }

// AwaitsYes reports whether a yes would book, move or cancel something.
func (d Draft) AwaitsYes() bool { return d.Asked == AskedConfirm || d.Asked == AskedCancel }

// around returns the days that are spoken of: those that were wished, or else
// that of what is pending or to be moved. last is zero where it is one day.
func (d Draft) around(zone *time.Location) (first, last time.Time) {
	switch {
	case len(d.Wish.Days) > 0:
		days := d.Wish.Days[0]
		var ok bool
		if first, ok = civil(days.First, zone); !ok && !first.IsZero() {
			first = first.AddDate(0, 0, -1)
		}
		if !first.IsZero() && days.Last != days.First {
			last, _ = civil(days.Last, zone)
		}
	case d.Pending != nil:
		first = d.Pending.Start.In(zone)
	case d.Target != nil && d.Task == Move:
		first = d.Target.Start.In(zone)
	}
	return first, last
}

// at returns d as of now: forgotten if it is too old.
func (d Draft) at(now time.Time) Draft {
	if d.Notice != nil && !d.Notice.Start.After(now) {
		d.Notice = nil
	}
	if d.Hint != nil && now.Sub(d.Hint.At) > recent {
		d.Hint = nil
	}
	if now.Sub(d.Opening) > recent {
		d.Opening = time.Time{}
	}
	if now.Sub(d.At) > stale {
		return Draft{Notice: d.Notice, Hint: d.Hint}
	}
	if d.Done != nil && now.Sub(d.Done.At) > recent {
		d.Done = nil
	}
	return d
}

func optionOf(a booking.Appointment) Option {
	return Option{Service: a.Slot.Service, Staff: a.Slot.Staff, Start: a.Slot.Start, Appointment: a.ID}
}
