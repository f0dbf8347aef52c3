package operation

import (
	"context"
	"errors"
	"net/mail"
	"strings"
	"time"

	"frontdesk/agent/booking"
	"frontdesk/agent/contact"
	"frontdesk/gateway/tenant"
	"frontdesk/ingest"
)

// catalogue is what operations need of *booking.Store to keep what can be
// booked.
type catalogue interface {
	Services(ctx context.Context, tenant ingest.TenantID) ([]booking.Service, error)
	Service(ctx context.Context, tenant ingest.TenantID, id ingest.ServiceID) (booking.Service, error)
	SaveService(ctx context.Context, tenant ingest.TenantID, v booking.Service) (booking.Service, error)
	RemoveService(ctx context.Context, tenant ingest.TenantID, id ingest.ServiceID) error
	Staff(ctx context.Context, tenant ingest.TenantID) ([]booking.Staff, error)
	StaffMember(ctx context.Context, tenant ingest.TenantID, id ingest.StaffID) (booking.Staff, error)
	SaveStaff(ctx context.Context, tenant ingest.TenantID, v booking.Staff) (booking.Staff, error)
	RemoveStaff(ctx context.Context, tenant ingest.TenantID, id ingest.StaffID) error
	Performers(ctx context.Context, tenant ingest.TenantID, id ingest.ServiceID) ([]booking.Staff, error)
	Resources(ctx context.Context, tenant ingest.TenantID) ([]booking.Resource, error)
	Resource(ctx context.Context, tenant ingest.TenantID, id ingest.ResourceID) (booking.Resource, error)
	SaveResource(ctx context.Context, tenant ingest.TenantID, v booking.Resource) (booking.Resource, error)
	RemoveResource(ctx context.Context, tenant ingest.TenantID, id ingest.ResourceID) error
}

// bookings is what operations need of *booking.Store to book.
type bookings interface {
	catalogue
	calendars
	waitlist
	Slots(ctx context.Context, tenant ingest.TenantID, q booking.SlotQuery) ([]booking.Slot, error)
	Nearest(ctx context.Context, tenant ingest.TenantID, q booking.SlotQuery, around time.Time, n int) ([]booking.Slot, error)
	Hold(ctx context.Context, tenant ingest.TenantID, d booking.HoldDraft) (booking.Hold, error)
	Release(ctx context.Context, tenant ingest.TenantID, id ingest.HoldID) error
	Book(ctx context.Context, tenant ingest.TenantID, d booking.Draft) (booking.Appointment, error)
	Move(ctx context.Context, tenant ingest.TenantID, id ingest.AppointmentID, c booking.Change) (booking.Appointment, error)
	Cancel(ctx context.Context, tenant ingest.TenantID, id ingest.AppointmentID, reason, key, by string) (booking.Appointment, error)
	SetStatus(ctx context.Context, tenant ingest.TenantID, id ingest.AppointmentID, status booking.Status, by string) (booking.Appointment, error)
	Confirm(ctx context.Context, tenant ingest.TenantID, id ingest.AppointmentID, by string) (booking.Appointment, error)
	Appointment(ctx context.Context, tenant ingest.TenantID, id ingest.AppointmentID) (booking.Appointment, error)
	Appointments(ctx context.Context, tenant ingest.TenantID, f booking.Filter) ([]booking.Appointment, string, error)
	CountAppointments(ctx context.Context, tenant ingest.TenantID, f booking.Filter) (int, error)
	Visits(ctx context.Context, tenant ingest.TenantID, contact ingest.ContactID) (booking.Visits, error)
	History(ctx context.Context, tenant ingest.TenantID, id ingest.AppointmentID) ([]booking.Event, error)
}

// links makes the addresses at which customers see their appointments;
// *bookpage.Links is one.
type links interface {
	Manage(business tenant.Tenant, id ingest.AppointmentID) string
	Feed(secret string) string
}

// Person is a customer as somebody who books describes them.
type Person struct {
	Name  string
	Phone string // as people write it
	Email string
}

// admit returns the contact that id names, or else whom p describes, who
// becomes a contact if they are new.
func (o *Operations) admit(ctx context.Context, caller tenant.Caller, id ingest.ContactID, p Person) (contact.Contact, error) {
	if id != "" {
		c, err := o.p.Contacts.Contact(ctx, caller.Tenant, id)
		if err == nil && c.MergedInto != "" {
			return o.p.Contacts.Contact(ctx, caller.Tenant, c.MergedInto)
		}
		return c, err
	}
	idents, err := p.identifiers(caller.Business.Phone)
	if err != nil {
		return contact.Contact{}, err
	}
	if len(idents) == 0 {
		return contact.Contact{}, &InvalidError{"contact", "is missing; give contact_id, or contact with a phone or an email"}
	}
	return o.p.Contacts.Admit(ctx, caller.Tenant, ingest.Party{Identifiers: idents, Name: strings.TrimSpace(p.Name)})
}

// noted returns the note of an appointment that p books for c. A contact keeps
// the name it has, so another one that was given is kept here.
func (p Person) noted(c contact.Contact, note string) string {
	name := strings.TrimSpace(p.Name)
	if name == "" || strings.EqualFold(name, c.Name) {
		return note
	}
	return strings.TrimSpace("For " + name + ". " + note)
}

// identifiers returns by what p is known. home is a number of the country whose
// numbers need no country code.
func (p Person) identifiers(home string) ([]ingest.Identifier, error) {
	var out []ingest.Identifier
	if p.Phone != "" {
		phone, err := Phone(p.Phone, home)
		if err != nil {
			return nil, &InvalidError{"contact.phone", "a phone number in international form is expected, such as +5012279446"}
		}
		out = append(out, ingest.Identifier{Kind: ingest.Phone, Value: phone})
	}
	if p.Email != "" {
		a, err := mail.ParseAddress(p.Email)
		if err != nil || a.Name != "" || len(a.Address) > 254 {
			return nil, &InvalidError{"contact.email", "a mail address is expected, such as ann@example.com"}
		}
		out = append(out, ingest.Identifier{Kind: ingest.Email, Value: strings.ToLower(a.Address)})
	}
	return out, nil
}

// find returns the contact that p describes, "" if there is none.
func (o *Operations) find(ctx context.Context, caller tenant.Caller, p Person) (ingest.ContactID, error) {
	idents, err := p.identifiers(caller.Business.Phone)
	if err != nil {
		return "", err
	}
	for _, ident := range idents {
		c, err := o.p.Contacts.ByIdentifier(ctx, caller.Tenant, ident)
		if err == nil || !absent(err) {
			return c.ID, err
		}
	}
	return "", nil
}

// Day returns the beginning of a day, "2026-04-01", by the business's clock,
// and that of the next.
func Day(business tenant.Tenant, date string) (from, to time.Time, err error) {
	day, err := time.Parse(time.DateOnly, date)
	if err != nil || len(date) != len(time.DateOnly) {
		return from, to, &InvalidError{"date", "a day such as 2026-04-01 is expected"}
	}
	zone := business.Location()
	midnight := func(d time.Time) time.Time { return time.Date(d.Year(), d.Month(), d.Day(), 0, 0, 0, 0, zone) }
	return midnight(day), midnight(day.AddDate(0, 0, 1)), nil
}

// Moment is a time that may be given in two ways.
type Moment struct {
	At    time.Time
	Local string // or by the business's clock: "2026-03-08T14:30"
}

// ParseMoment reads a time with its offset from UTC, "2026-03-08T14:30:00-06:00",
// or without, by the business's clock. A day that no calendar has is by that
// clock, too.
func ParseMoment(s string) (Moment, error) {
	if m, ok := realMoment(s); ok {
		return m, nil
	}
	if local, ok := lostDay(s); ok {
		return Moment{Local: local}, nil
	}
	return Moment{}, errors.New("a time such as 2026-03-08T14:30:00-06:00 is expected, or 2026-03-08T14:30 by the business's clock")
}

func realMoment(s string) (Moment, bool) {
	if t, err := time.Parse(time.RFC3339, s); err == nil {
		return Moment{At: t.UTC()}, true
	}
	for _, form := range []string{"2006-01-02T15:04", "2006-01-02T15:04:05", "2006-01-02 15:04"} {
		if t, err := time.Parse(form, s); err == nil && t.Second() == 0 {
			return Moment{Local: t.Format("2006-01-02T15:04")}, true
		}
	}
	return Moment{}, false
}

// lostDay returns the wall clock time in s where its day is one that no calendar
// has, such as 29 February of a common year: that is a refusal with
// alternatives, like that of a time which the clocks leave out.
func lostDay(s string) (string, bool) {
	const day, minute = len("2006-01-02"), len("2006-01-02T15:04")
	if len(s) < minute || !errors.Is(booking.CheckLocal(s[:day]+"T"+s[day+1:minute]), booking.ErrNoSuchTime) {
		return "", false
	}
	_, right := realMoment("2024-01-01" + s[day:]) // the rest of it
	return s[:day] + "T" + s[day+1:minute], right
}
