package dialogue

import (
	"context"
	"slices"
	"time"

	"frontdesk/agent/booking"
	"frontdesk/agent/language"
	"frontdesk/ingest"
)

// Desk is what a dialogue can do: all of it as one tenant, contact and
// conversation, which it cannot choose. Refusals are the errors of package
// booking. Asked the same twice in a turn, or in another attempt at it, each of
// Hold, Book, Move and Cancel does it once.
type Desk interface {
	// Slots returns free slots, by their start.
	Slots(ctx context.Context, q booking.SlotQuery) ([]booking.Slot, error)
	// Nearest returns up to n free slots around a time.
	Nearest(ctx context.Context, q booking.SlotQuery, around time.Time, n int) ([]booking.Slot, error)
	// Hold keeps a slot for the contact for a while. A time that overlaps an
	// appointment cannot be held, not even by whose it is.
	Hold(ctx context.Context, r HoldRequest) (booking.Hold, error)
	// Release gives a hold back; one that is gone is none to complain of.
	Release(ctx context.Context, id ingest.HoldID) error
	// Book makes an appointment of a slot, with the hold on it if there is one.
	Book(ctx context.Context, p Pick, hold ingest.HoldID) (booking.Appointment, error)
	// Move moves the contact's appointment; another's is booking.ErrNotFound.
	Move(ctx context.Context, id ingest.AppointmentID, p Pick, hold ingest.HoldID) (booking.Appointment, error)
	// Cancel cancels the contact's appointment; another's is booking.ErrNotFound.
	Cancel(ctx context.Context, id ingest.AppointmentID) (booking.Appointment, error)
	// Appointments returns the contact's scheduled appointments to come, by
	// their start.
	Appointments(ctx context.Context) ([]booking.Appointment, error)
	notices
}

// notices is what a dialogue can do with what the business wrote of its own
// accord. What is another's is booking.ErrNotFound.
type notices interface {
	// Appointment returns an appointment of the contact's.
	Appointment(ctx context.Context, id ingest.AppointmentID) (booking.Appointment, error)
	// Confirm notes that the contact will come.
	Confirm(ctx context.Context, id ingest.AppointmentID) (booking.Appointment, error)
	// Wait puts the contact on the waitlist; contact and conversation of w are
	// the turn's.
	Wait(ctx context.Context, w booking.Wait) error
	// Waited returns a wish of the contact's, with what it was offered.
	Waited(ctx context.Context, id string) (booking.Wait, error)
	// Settle ends the offer that w, a wish of the contact's, has: it was taken, or
	// it is passed. Passing leaves a later offer than that of w as it is.
	Settle(ctx context.Context, w booking.Wait, taken bool) error
}

// Pick names a slot by its Start or, as it was said, by the wall clock of the
// business: Local, "2026-03-08T14:30". An empty Staff is whoever is free.
type Pick struct {
	Service ingest.ServiceID `json:"service_id"`
	Staff   ingest.StaffID   `json:"staff_id,omitempty"`
	Start   time.Time        `json:"start,omitzero"`
	Local   string           `json:"local,omitempty"`
}

// HoldRequest asks for a slot to be kept.
type HoldRequest struct {
	Pick
	Replace ingest.HoldID `json:"replace,omitempty"` // given back for it
}

// Catalogue is what a business offers, and who is there.
type Catalogue struct {
	Services []Service `json:"services,omitempty"`
	Staff    []Person  `json:"staff,omitempty"`
	names    *names
}

// names finds a catalogue's services and people in texts.
type names struct{ services, staff *language.Index }

// Indexed returns c with the indexes of its names, which a turn else makes anew.
// It is for who keeps a catalogue for many turns; c must not change afterwards.
func (c Catalogue) Indexed() Catalogue {
	var services, staff []string
	for _, s := range c.Services {
		services = append(services, s.Name)
	}
	for _, p := range c.Staff {
		staff = append(staff, p.Name)
	}
	c.names = &names{language.NewServiceIndex(services), language.NewIndex(staff)}
	return c
}

// Same reports whether o offers what c does.
func (c Catalogue) Same(o Catalogue) bool {
	return slices.Equal(c.Services, o.Services) && slices.Equal(c.Staff, o.Staff)
}

// Service is something that can be booked.
type Service struct {
	ID       ingest.ServiceID `json:"id"`
	Name     string           `json:"name"`
	Price    string           `json:"price,omitempty"`
	Minutes  int              `json:"minutes,omitempty"`
	Inactive bool             `json:"inactive,omitempty"` // not to be booked, but appointments for it may be there
}

// Person is somebody of the staff.
type Person struct {
	ID       ingest.StaffID `json:"id"`
	Name     string         `json:"name"`
	Inactive bool           `json:"inactive,omitempty"`
}

// Books reports whether anything can be booked.
func (c Catalogue) Books() bool { return len(c.active()) > 0 }

func (c Catalogue) active() []Service {
	var out []Service
	for _, s := range c.Services {
		if !s.Inactive {
			out = append(out, s)
		}
	}
	return out
}

func (c Catalogue) offers(id ingest.ServiceID) bool {
	return slices.ContainsFunc(c.Services, func(s Service) bool { return s.ID == id && !s.Inactive })
}

func (c Catalogue) service(id ingest.ServiceID) string {
	for _, s := range c.Services {
		if s.ID == id {
			return s.Name
		}
	}
	return ""
}

func (c Catalogue) person(id ingest.StaffID) string {
	for _, p := range c.Staff {
		if p.ID == id {
			return p.Name
		}
	}
	return ""
}
