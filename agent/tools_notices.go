package agent

import (
	"context"

	"frontdesk/agent/booking"
	"frontdesk/ingest"
)

// answered is what turns need of *booking.Store where a reminder or an offer is
// answered.
type answered interface {
	Confirm(ctx context.Context, tenant ingest.TenantID, id ingest.AppointmentID, by string) (booking.Appointment, error)
}

// waitlist is what turns need of it for those who wait for a time.
type waitlist interface {
	AddWait(ctx context.Context, tenant ingest.TenantID, w booking.Wait) (booking.Wait, error)
	Wait(ctx context.Context, tenant ingest.TenantID, id string) (booking.Wait, error)
	PassWait(ctx context.Context, tenant ingest.TenantID, id string, offer int) (booking.Wait, error)
	EndWait(ctx context.Context, tenant ingest.TenantID, id string, status booking.WaitStatus) error
}

// Appointment returns an appointment of the turn's contact.
func (t *tools) Appointment(ctx context.Context, id ingest.AppointmentID) (booking.Appointment, error) {
	a, err := t.mine(ctx, id)
	t.note("appointment", id, a, 0, err)
	return a, err
}

// Confirm notes that the turn's contact will come to an appointment of theirs.
func (t *tools) Confirm(ctx context.Context, id ingest.AppointmentID) (booking.Appointment, error) {
	a, err := t.mine(ctx, id)
	if err == nil {
		a, err = t.bookings.Confirm(ctx, t.job.tenant, id, "contact")
	}
	t.note("confirm", id, a, 0, err)
	return a, err
}

// Wait puts the turn's contact on the waitlist.
func (t *tools) Wait(ctx context.Context, w booking.Wait) error {
	w.Contact, w.Conversation, w.Test, w.Key = t.job.Contact, t.job.ID, t.job.Test, t.key("wait")
	saved, err := t.bookings.AddWait(ctx, t.job.tenant, w)
	t.note("wait", w, saved, 0, err)
	return err
}

// Waited returns a wish of the turn's contact.
func (t *tools) Waited(ctx context.Context, id string) (booking.Wait, error) {
	w, err := t.bookings.Wait(ctx, t.job.tenant, id)
	if err == nil && w.Contact != t.job.Contact {
		w, err = booking.Wait{}, booking.ErrNotFound
	}
	t.note("waited", id, w, 0, err)
	return w, err
}

// Settle ends the offer that w, a wish of the turn's contact, has.
func (t *tools) Settle(ctx context.Context, w booking.Wait, taken bool) error {
	_, err := t.Waited(ctx, w.ID)
	if err == nil && taken {
		err = t.bookings.EndWait(ctx, t.job.tenant, w.ID, booking.Taken)
	} else if err == nil {
		_, err = t.bookings.PassWait(ctx, t.job.tenant, w.ID, w.Offers)
	}
	t.note("settle_offer", w.ID, taken, 0, err)
	return err
}
