package operation

import (
	"context"
	"time"

	"frontdesk/agent/booking"
	"frontdesk/gateway/tenant"
	"frontdesk/ingest"
)

// SlotsQuery asks what is free: on Date, or from From to To.
type SlotsQuery struct {
	Service ingest.ServiceID // empty: the business's first service
	Staff   ingest.StaffID   // empty: anybody
	Date    string           // a day by the business's clock
	From    time.Time        // zero: now
	To      time.Time        // zero: a week after From
	Limit   int              // zero: all
	Except  ingest.AppointmentID
}

// Slot is a slot with whose it is.
type Slot struct {
	booking.Slot
	StaffName string
}

// Slots returns what is free, by start, then staff. A day that is over has
// nothing free.
func (o *Operations) Slots(ctx context.Context, caller tenant.Caller, in SlotsQuery) ([]Slot, error) {
	q := booking.SlotQuery{Service: in.Service, Staff: in.Staff, From: in.From, To: in.To, Limit: in.Limit, Except: in.Except}
	if in.Date != "" {
		if !in.From.IsZero() || !in.To.IsZero() {
			return nil, &InvalidError{"date", "stands beside from or to; give a day or a span"}
		}
		var err error
		if q.From, q.To, err = Day(caller.Business, in.Date); err != nil {
			return nil, err
		}
	}
	if err := sensible(q); err != nil {
		return nil, err
	}
	if q.Service == "" {
		first, err := o.firstService(ctx, caller)
		if err != nil {
			return nil, err
		}
		q.Service = first
	}
	if q.Except != "" {
		if _, err := o.p.Bookings.Appointment(ctx, caller.Tenant, q.Except); err != nil {
			return nil, err
		}
	}
	slots, err := o.p.Bookings.Slots(ctx, caller.Tenant, q)
	if err != nil || len(slots) == 0 {
		return nil, err
	}
	staff, err := o.p.Bookings.Staff(ctx, caller.Tenant)
	if err != nil {
		return nil, err
	}
	names := map[ingest.StaffID]string{}
	for _, s := range staff {
		names[s.ID] = s.Name
	}
	out := make([]Slot, len(slots))
	for i, s := range slots {
		out[i] = Slot{s, names[s.Staff]}
	}
	return out, nil
}

func sensible(q booking.SlotQuery) error {
	from := q.From
	if from.IsZero() {
		from = time.Now()
	}
	switch {
	case q.To.IsZero():
		return nil
	case !q.To.After(from):
		return &InvalidError{"to", "is not after from"}
	case q.To.Sub(from) > booking.LongestQuery:
		return &InvalidError{"to", "is more than 100 days after from"}
	}
	return nil
}

// firstService is what a slot means to who names no service.
func (o *Operations) firstService(ctx context.Context, caller tenant.Caller) (ingest.ServiceID, error) {
	all, err := o.Services(ctx, caller)
	first, err := one(all, err, func(s booking.Service) bool { return !s.Paused })
	return first.ID, err
}

// ahead is how far NextSlots looks.
const ahead = 14 * 24 * time.Hour

// NextSlots returns the next free slot of each member of the staff, over all
// services that they perform; who has none within two weeks is not in it.
func (o *Operations) NextSlots(ctx context.Context, caller tenant.Caller) (map[ingest.StaffID]booking.Slot, error) {
	services, err := o.Services(ctx, caller)
	if err != nil {
		return nil, err
	}
	next := map[ingest.StaffID]booking.Slot{}
	now := time.Now()
	for _, s := range services {
		if s.Paused {
			continue
		}
		slots, err := o.p.Bookings.Slots(ctx, caller.Tenant, booking.SlotQuery{Service: s.ID, From: now, To: now.Add(ahead)})
		if err != nil {
			return nil, err
		}
		for _, slot := range slots {
			if best, known := next[slot.Staff]; slot.Staff != "" && (!known || slot.Start.Before(best.Start)) {
				next[slot.Staff] = slot
			}
		}
	}
	return next, nil
}

// HoldSlot is a slot to be kept for a moment. A time that overlaps an
// appointment cannot be held, not even by whose it is: move it without a hold.
type HoldSlot struct {
	Service      ingest.ServiceID
	Staff        ingest.StaffID // empty: anybody who is free
	Start        Moment
	Contact      ingest.ContactID
	Conversation ingest.ConversationID
	For          time.Duration // zero: five minutes
	Replace      ingest.HoldID // released if this one succeeds
	RequestKey   string
}

// Hold keeps a slot for a moment, or is *booking.Refusal with what is free
// instead.
func (o *Operations) Hold(ctx context.Context, caller tenant.Caller, in HoldSlot) (booking.Hold, error) {
	if err := o.known(ctx, caller, in.Contact, ""); err != nil {
		return booking.Hold{}, err
	}
	if in.Conversation != "" {
		if _, err := o.Conversation(ctx, caller, in.Conversation); err != nil {
			return booking.Hold{}, err
		}
	}
	return o.p.Bookings.Hold(ctx, caller.Tenant, booking.HoldDraft{
		Service: in.Service, Staff: in.Staff, Start: in.Start.At, Local: in.Start.Local, Contact: in.Contact, Conversation: in.Conversation,
		For: in.For, Replace: in.Replace, Key: in.RequestKey,
	})
}

// Release ends a hold; one that is over already is no error.
func (o *Operations) Release(ctx context.Context, caller tenant.Caller, id ingest.HoldID) error {
	return o.p.Bookings.Release(ctx, caller.Tenant, id)
}
