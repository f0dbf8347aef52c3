package remind

import (
	"context"
	"errors"

	"frontdesk/agent/booking"
	"frontdesk/agent/conversation"
	"frontdesk/agent/dialogue"
	"frontdesk/ingest"
)

// remind sends one reminder, gives it back for later, or ends it with its
// reason.
func (w *Worker) remind(ctx context.Context, d booking.Due) {
	err := ingest.Calm(func() error { return w.remindOf(ctx, d) })
	var r *Refusal
	switch {
	case err == nil:
		return
	case errors.As(err, &r) && r.Until.IsZero():
		err = w.Bookings.DropReminder(ctx, d.Tenant, d.ID, r.Code)
	case errors.As(err, &r) && !r.Until.Before(d.Appointment.Slot.Start):
		err = w.Bookings.DropReminder(ctx, d.Tenant, d.ID, r.Code) // it would have begun
	case errors.As(err, &r):
		err = w.Bookings.DeferReminder(ctx, d.Tenant, d.ID, r.Until)
	case gone(err) || errors.Is(err, conversation.ErrInvalid) || errors.Is(err, conversation.ErrKeyReused):
		err = errors.Join(w.Bookings.DropReminder(ctx, d.Tenant, d.ID, unreachable), w.say("end a reminder", d, err))
	default:
		err = errors.Join(w.Bookings.DeferReminder(ctx, d.Tenant, d.ID, w.cfg.Now().Add(backoff(d.Attempts))), w.say("send a reminder", d, err))
	}
	if err != nil && ctx.Err() == nil {
		_ = w.say("settle a reminder; its lease will end", d, err)
	}
}

func (w *Worker) say(what string, d booking.Due, err error) error {
	w.cfg.Log.Warn(what, "tenant", d.Tenant, "reminder", d.ID, "attempt", d.Attempts+1, "error", err)
	return nil
}

func (w *Worker) remindOf(ctx context.Context, d booking.Due) error {
	a := d.Appointment
	e := errand{
		tenant: d.Tenant, contact: a.Contact, conversation: a.Conversation, test: a.Test, notice: dialogue.ReminderOf(a, w.cfg.Now().UTC()),
		words: d.Reminder.Text, template: d.Reminder.Template, catalogue: named(a.Slot.Service, d.Service, a.Slot.Staff, d.Staff),
	}
	draft, err := w.reach(ctx, e)
	if err != nil {
		return err
	}
	draft.RequestKey, draft.Expires = d.ID, a.Slot.Start
	_, err = w.Bookings.SendReminder(ctx, d, w.message(e, draft))
	return err
}
