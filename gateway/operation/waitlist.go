package operation

import (
	"context"
	"time"

	"frontdesk/agent/booking"
	"frontdesk/gateway/tenant"
	"frontdesk/ingest"
)

// waitlist is what operations need of *booking.Store for those who wait for a
// time.
type waitlist interface {
	AddWait(ctx context.Context, tenant ingest.TenantID, w booking.Wait) (booking.Wait, error)
	Waits(ctx context.Context, tenant ingest.TenantID, f booking.WaitFilter) ([]booking.Wait, string, error)
	EndWait(ctx context.Context, tenant ingest.TenantID, id string, status booking.WaitStatus) error
}

// JoinWaitlist is a wish for a time that is not free now: on Date, or from From
// to To.
type JoinWaitlist struct {
	Service    ingest.ServiceID
	Staff      ingest.StaffID // empty: anybody
	Date       string         // a day by the business's clock
	From       time.Time      // zero: now
	To         time.Time
	Contact    ingest.ContactID
	Person     Person // in place of Contact
	RequestKey string
}

// JoinWaitlist puts a wish on the waitlist. A wish that the contact has already
// is returned as it is.
func (o *Operations) JoinWaitlist(ctx context.Context, caller tenant.Caller, in JoinWaitlist) (booking.Wait, error) {
	if err := in.span(caller.Business); err != nil {
		return booking.Wait{}, err
	}
	if err := o.filtered(ctx, caller, booking.Filter{Staff: in.Staff, Service: in.Service}); err != nil {
		return booking.Wait{}, err
	}
	who, err := o.admit(ctx, caller, in.Contact, in.Person)
	if err != nil {
		return booking.Wait{}, err
	}
	return o.p.Bookings.AddWait(ctx, caller.Tenant, booking.Wait{
		Service: in.Service, Staff: in.Staff, Contact: who.ID, From: in.From, To: in.To, Test: caller.Test(), Key: in.RequestKey,
	})
}

// span settles when the wish begins and ends.
func (in *JoinWaitlist) span(business tenant.Tenant) (err error) {
	now := time.Now().UTC().Truncate(time.Second)
	switch {
	case in.Date != "" && (!in.From.IsZero() || !in.To.IsZero()):
		return &InvalidError{"date", "stands beside from or to; give a day or a span"}
	case in.Date != "":
		in.From, in.To, err = Day(business, in.Date)
		return err
	case in.To.IsZero():
		return &InvalidError{"to", "is missing; give a day as date, or a span as from and to"}
	case in.From.IsZero():
		in.From = now
	}
	switch {
	case !in.To.After(in.From):
		return &InvalidError{"to", "is not after from"}
	case in.To.Sub(in.From) > booking.LongestWait:
		return &InvalidError{"to", "is more than 100 days after from"}
	}
	return nil
}

// Waitlist lists who waits, the first come first.
func (o *Operations) Waitlist(ctx context.Context, caller tenant.Caller, f booking.WaitFilter) (Page[booking.Wait], error) {
	if err := o.filtered(ctx, caller, booking.Filter{Contact: f.Contact, Service: f.Service}); err != nil {
		return Page[booking.Wait]{}, err
	}
	items, next, err := o.p.Bookings.Waits(ctx, caller.Tenant, f)
	return Page[booking.Wait]{items, next}, err
}

// LeaveWaitlist takes a wish off the waitlist, and gives back what it is offered.
func (o *Operations) LeaveWaitlist(ctx context.Context, caller tenant.Caller, id string) error {
	return o.p.Bookings.EndWait(ctx, caller.Tenant, id, booking.Left)
}
