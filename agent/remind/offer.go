package remind

import (
	"context"
	"errors"
	"fmt"
	"time"

	"frontdesk/agent/booking"
	"frontdesk/agent/dialogue"
	"frontdesk/ingest"
)

// open offers what became free to those who wait for it, the first come first,
// each one slot, until nobody more can be offered anything.
func (w *Worker) open(ctx context.Context, o booking.Opening) {
	err := w.offerAll(ctx, o)
	var r *Refusal
	switch {
	case err == nil, errors.As(err, &r) && !r.Until.Before(o.End):
		err = w.Bookings.EndOpening(ctx, o)
	case errors.As(err, &r):
		err = w.Bookings.DeferOpening(ctx, o, r.Until)
	default:
		w.cfg.Log.Warn("offer a free time", "tenant", o.Tenant, "opening", o.Source, "attempt", o.Attempts+1, "error", err)
		err = w.Bookings.DeferOpening(ctx, o, w.cfg.Now().Add(backoff(o.Attempts)))
	}
	if err != nil && ctx.Err() == nil {
		w.cfg.Log.Warn("settle an opening; its lease will end", "tenant", o.Tenant, "opening", o.Source, "error", err)
	}
}

func (w *Worker) offerAll(ctx context.Context, o booking.Opening) error {
	waits, err := w.Bookings.WaitingFor(ctx, o)
	if err != nil {
		return err
	}
	free := newSearch(o, w.cfg.Now(), func(q booking.SlotQuery) ([]booking.Slot, error) { return w.Bookings.Slots(ctx, o.Tenant, q) })
	for _, wait := range waits {
		slot, err := free.slotFor(wait)
		if err == nil && !slot.Start.IsZero() {
			if err = w.offer(ctx, o, wait, slot); err == nil || refused(err) {
				free.tried(wait, slot)
			}
		}
		var r *Refusal
		switch {
		case err == nil, refused(err), gone(err):
		case errors.As(err, &r) && r.Until.IsZero():
			if err := w.Bookings.NoteWait(ctx, o.Tenant, wait.ID, r.Code); err != nil {
				return err
			}
		case errors.As(err, &r) && r.Code == busy:
			return &Refusal{Code: busy, Until: r.Until}
		default:
			return err
		}
	}
	return nil
}

// refused reports whether somebody else was faster, or the slot cannot be had
// after all.
func refused(err error) bool {
	var r *booking.Refusal
	return errors.As(err, &r) || errors.Is(err, booking.ErrHoldLimit) || errors.Is(err, booking.ErrNotOffered) || errors.Is(err, booking.ErrInvalid)
}

// offer holds slot for who waits, and asks them whether to book it.
func (w *Worker) offer(ctx context.Context, o booking.Opening, wait booking.Wait, slot booking.Slot) error {
	now := w.cfg.Now().UTC()
	service, err := w.Bookings.Service(ctx, o.Tenant, wait.Service)
	if err != nil {
		return err
	}
	e := errand{
		tenant: o.Tenant, contact: wait.Contact, conversation: wait.Conversation, test: wait.Test, notice: dialogue.OfferOf(wait, slot, now), template: o.Template,
	}
	if e.catalogue, err = w.names(ctx, o.Tenant, service.Name, slot); err != nil {
		return err
	}
	draft, err := w.reach(ctx, e)
	if err != nil {
		return err
	}
	hold, err := w.hold(ctx, o.Tenant, wait, slot, now)
	if err != nil || !hold.ExpiresAt.After(now) {
		return err // a hold of an attempt long ago: that it is over is an opening of its own
	}
	if hold.Slot.Staff != slot.Staff {
		e.notice = dialogue.OfferOf(wait, hold.Slot, now)
		if e.catalogue, err = w.names(ctx, o.Tenant, service.Name, hold.Slot); err != nil {
			return err
		}
		if draft, err = w.reach(ctx, e); err != nil {
			return err
		}
	}
	draft.RequestKey, draft.Expires = "offer/"+string(hold.ID), hold.ExpiresAt
	made, err := w.Bookings.OfferWait(ctx, o.Tenant, wait, hold, w.offered(e, draft))
	if err == nil && !made {
		return w.Bookings.Release(ctx, o.Tenant, hold.ID)
	}
	return err // the hold stands for the next attempt, which is given the same one
}

// hold keeps slot for who waits. Another attempt at the same offer is given the
// same hold.
func (w *Worker) hold(ctx context.Context, tenant ingest.TenantID, wait booking.Wait, slot booking.Slot, now time.Time) (booking.Hold, error) {
	return w.Bookings.Hold(ctx, tenant, booking.HoldDraft{
		Service: slot.Service, Staff: wait.Staff, Start: slot.Start, Contact: wait.Contact, Conversation: wait.Conversation,
		For: max(min(w.cfg.OfferFor, slot.Start.Sub(now)), time.Minute),
		Key: holdKey(wait, slot.Start),
	})
}

// holdKey names the request to hold a time for who waits: the same in each
// attempt at the same offer.
func holdKey(wait booking.Wait, start time.Time) string {
	return fmt.Sprintf("waitlist/%s/%d/%d", wait.ID, wait.Offers, start.Unix())
}

// names is a catalogue of what an offer names.
func (w *Worker) names(ctx context.Context, tenant ingest.TenantID, service string, slot booking.Slot) (dialogue.Catalogue, error) {
	if slot.Staff == "" {
		return named(slot.Service, service, "", ""), nil
	}
	who, err := w.Bookings.StaffMember(ctx, tenant, slot.Staff)
	return named(slot.Service, service, slot.Staff, who.Name), err
}
