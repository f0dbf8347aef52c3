package operation

import (
	"context"
	"strings"
	"time"

	"frontdesk/agent/booking"
	"frontdesk/agent/contact"
	"frontdesk/gateway/busy"
	"frontdesk/gateway/tenant"
	"frontdesk/ingest"
)

// calendars is what operations need of *booking.Store for calendars of others.
type calendars interface {
	RotateFeed(ctx context.Context, tenant ingest.TenantID, staff ingest.StaffID) (string, error)
	EndFeed(ctx context.Context, tenant ingest.TenantID, staff ingest.StaffID) error
	FeedOf(ctx context.Context, token string) (ingest.TenantID, ingest.StaffID, error)
	ReplaceBusy(ctx context.Context, tenant ingest.TenantID, staff ingest.StaffID, source string, busy []booking.Busy) error
	BusyTimes(ctx context.Context, tenant ingest.TenantID, staff ingest.StaffID, from, to time.Time) ([]booking.Busy, error)
}

// RotateFeed makes a new address of the calendar of a member of the staff, or
// of all where staff is empty; the one before leads nowhere from then on. It is
// told this once.
func (o *Operations) RotateFeed(ctx context.Context, caller tenant.Caller, staff ingest.StaffID) (string, error) {
	secret, err := o.p.Bookings.RotateFeed(ctx, caller.Tenant, staff)
	if err != nil {
		return "", err
	}
	return o.p.Links.Feed(secret), nil
}

// EndFeed ends the address of a calendar; where there is none that is no error.
func (o *Operations) EndFeed(ctx context.Context, caller tenant.Caller, staff ingest.StaffID) error {
	if staff != "" {
		if _, err := o.StaffMember(ctx, caller, staff); err != nil {
			return err
		}
	}
	return o.p.Bookings.EndFeed(ctx, caller.Tenant, staff)
}

// FeedOf returns whose calendar a secret opens.
func (o *Operations) FeedOf(ctx context.Context, secret string) (ingest.TenantID, ingest.StaffID, error) {
	return o.p.Bookings.FeedOf(ctx, secret)
}

// Entry is an appointment as a calendar of the business has it.
type Entry struct {
	Appointment
	Contact contact.Contact
}

// Bounds of a feed.
const (
	feedBack    = 31 * 24 * time.Hour
	feedAhead   = 366 * 24 * time.Hour
	mostEntries = 3000
)

// Feed returns what stands in the calendar of a member of the staff, or of all,
// from a month ago to a year ahead, by start. What is cancelled does not.
func (o *Operations) Feed(ctx context.Context, caller tenant.Caller, staff ingest.StaffID) ([]Entry, error) {
	now := time.Now()
	f := AppointmentFilter{Filter: booking.Filter{Staff: staff, From: now.Add(-feedBack), To: now.Add(feedAhead), Limit: 100}}
	var out []Entry
	for len(out) < mostEntries {
		page, err := o.Appointments(ctx, caller, f)
		if err != nil {
			return nil, err
		}
		var ids []ingest.ContactID
		for _, a := range page.Items {
			ids = append(ids, a.Contact)
		}
		people, err := o.p.Contacts.ByIDs(ctx, caller.Tenant, ids)
		if err != nil {
			return nil, err
		}
		for _, a := range page.Items {
			if a.Status != booking.Cancelled {
				out = append(out, Entry{a, people[a.Contact]})
			}
		}
		if f.After = page.Next; f.After == "" {
			break
		}
	}
	return out, nil
}

// importedBusy is the source of busy times that were handed in; those that are
// fetched have another.
const importedBusy = "import"

// ImportBusy takes busy times of a member of the staff from an iCalendar text,
// for the next 400 days, in place of those imported before. Nothing is booked
// in them; what is booked already stays. It is calendar.ErrMalformed or
// calendar.ErrTooLarge for a text that cannot be taken.
func (o *Operations) ImportBusy(ctx context.Context, caller tenant.Caller, staff ingest.StaffID, text []byte) ([]booking.Busy, error) {
	if _, err := o.StaffMember(ctx, caller, staff); err != nil {
		return nil, err
	}
	now := time.Now()
	list, err := busy.Read(text, caller.Business.Location(), now)
	if err != nil {
		return nil, err
	}
	if err := o.p.Bookings.ReplaceBusy(ctx, caller.Tenant, staff, importedBusy, list); err != nil {
		return nil, err
	}
	return o.Busy(ctx, caller, staff)
}

// Busy returns when a member of the staff is busy elsewhere from now on.
func (o *Operations) Busy(ctx context.Context, caller tenant.Caller, staff ingest.StaffID) ([]booking.Busy, error) {
	if _, err := o.StaffMember(ctx, caller, staff); err != nil {
		return nil, err
	}
	now := time.Now()
	return o.p.Bookings.BusyTimes(ctx, caller.Tenant, staff, now, now.Add(busy.Ahead))
}

// ForgetBusy drops the busy times that were imported.
func (o *Operations) ForgetBusy(ctx context.Context, caller tenant.Caller, staff ingest.StaffID) error {
	if _, err := o.StaffMember(ctx, caller, staff); err != nil {
		return err
	}
	return o.p.Bookings.ReplaceBusy(ctx, caller.Tenant, staff, importedBusy, nil)
}

// busySources is what operations need of *busy.Store.
type busySources interface {
	Put(ctx context.Context, tenant ingest.TenantID, staff ingest.StaffID, address string) (busy.Source, error)
	Source(ctx context.Context, tenant ingest.TenantID, staff ingest.StaffID) (busy.Source, error)
	Remove(ctx context.Context, tenant ingest.TenantID, staff ingest.StaffID) error
}

// BusySource returns where the calendar of a member of the staff is fetched
// from, or busy.ErrNotFound.
func (o *Operations) BusySource(ctx context.Context, caller tenant.Caller, staff ingest.StaffID) (busy.Source, error) {
	return o.p.BusySources.Source(ctx, caller.Tenant, staff)
}

// SetBusySource has the calendar at address, of a member of the staff, fetched
// now and again and again, in place of the one before. webcal: is https:.
func (o *Operations) SetBusySource(ctx context.Context, caller tenant.Caller, staff ingest.StaffID, address string) (busy.Source, error) {
	if rest, ok := strings.CutPrefix(address, "webcal://"); ok {
		address = "https://" + rest
	}
	if err := o.p.Reach.CheckURL(address); err != nil {
		return busy.Source{}, explained(err)
	}
	if _, err := o.StaffMember(ctx, caller, staff); err != nil {
		return busy.Source{}, err
	}
	return o.p.BusySources.Put(ctx, caller.Tenant, staff, address)
}

// EndBusySource ends the fetching, and drops what was fetched; where there is
// none that is no error.
func (o *Operations) EndBusySource(ctx context.Context, caller tenant.Caller, staff ingest.StaffID) error {
	if _, err := o.StaffMember(ctx, caller, staff); err != nil {
		return err
	}
	if err := o.p.BusySources.Remove(ctx, caller.Tenant, staff); err != nil {
		return err
	}
	return o.p.Bookings.ReplaceBusy(ctx, caller.Tenant, staff, busy.Origin, nil)
}
