package booking

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"frontdesk/ingest"
)

func (d Draft) validate() error {
	switch {
	case d.Contact == "":
		return invalid("contact_id", "an appointment needs a contact")
	case d.Hold == "" && d.Service == "":
		return invalid("service_id", "an appointment needs a service")
	case !d.Start.IsZero() && d.Local != "":
		return invalid("start", "a start is given as a time or by the wall clock, not both")
	case badText(d.Note) || badText(d.Source) || badText(d.By):
		return invalid("note", "note, source and by have at most %d characters", longestText)
	}
	return nil
}

func (d Draft) request() (request, error) {
	key := d.Key
	d.Key, d.By, d.Start = "", "", d.Start.UTC()
	return newRequest(key, "book", d)
}

// Book makes an appointment. A refusal is a *[Refusal] with alternatives, but
// for ErrInvalid, ErrNotFound and ErrKeyReused. The same request under the same
// key is answered as it was the first time.
//
// With a hold, what it keeps is booked, and the hold is over: rules that were
// met when it was made are not applied again. Without one, the contact's own
// holds do not stand against it: those in its way are over.
func (s *Store) Book(ctx context.Context, tenant ingest.TenantID, d Draft) (Appointment, error) {
	if err := d.validate(); err != nil {
		return Appointment{}, err
	}
	req, err := d.request()
	if err != nil {
		return Appointment{}, err
	}
	if d.Contact, err = s.contactID(ctx, tenant, d.Contact); err != nil {
		return Appointment{}, err
	}
	for range tries {
		var a Appointment
		if done, err := s.answered(ctx, tenant, req, &a); done || err != nil {
			return a, err
		}
		a, err = s.book(ctx, tenant, d, req)
		if !outrun(err) {
			return a, explain(err, "book")
		}
	}
	return Appointment{}, refuse(ErrSlotTaken, nil)
}

// explain says what was attempted, and what a broken foreign key means.
func explain(err error, what string) error {
	if err == nil {
		return nil
	}
	return fmt.Errorf("%s: %w", what, named(err))
}

func (s *Store) book(ctx context.Context, tenant ingest.TenantID, d Draft, req request) (Appointment, error) {
	w := wish{service: d.Service, staff: d.Staff, start: d.Start, local: d.Local, contact: d.Contact}
	if d.Hold != "" {
		h, err := s.held(ctx, tenant, d.Hold, d.Contact, w)
		if err != nil {
			return Appointment{}, err
		}
		a, err := s.write(ctx, tenant, h.place, &h, d, req)
		if why := refused(err); why != nil {
			return Appointment{}, s.refuse(ctx, tenant, h.wish(), why)
		}
		return a, err
	}
	if err := s.resolve(ctx, tenant, &w); err != nil {
		return Appointment{}, err
	}
	p, slot, err := s.choose(ctx, tenant, &w)
	if err != nil {
		return Appointment{}, err
	}
	a, err := s.write(ctx, tenant, p.place(tenant, slot, w), nil, d, req)
	if why := refused(err); why != nil {
		return Appointment{}, s.refuse(ctx, tenant, w, why)
	}
	return a, err
}

// write makes the appointment, in place of hold where there is one.
func (s *Store) write(ctx context.Context, tenant ingest.TenantID, p place, hold *held, d Draft, req request) (Appointment, error) {
	a := Appointment{
		ID:   ingest.AppointmentID(ingest.NewID(ingest.PrefixAppointment, time.Now())),
		Slot: p.slot, Contact: d.Contact, Conversation: d.Conversation, Status: Scheduled, Note: d.Note, Source: d.Source, Test: d.Test, Version: 1,
	}
	var st standing
	var f facts
	used, known := false, false
	err := s.db.Staged(ctx, tenant, func(b *pgx.Batch) {
		st, f, used = standing{}, facts{}, false
		queueAlive(b, tenant, d.Contact, &known)
		s.queueStanding(b, tenant, p, &st)
		s.queueUse(b, tenant, hold, &used)
		queueOwn(b, tenant, p.own, string(a.ID), false)
		s.queueClaims(b, tenant, p, string(a.ID))
		queueFacts(b, tenant, p.slot, &f)
		b.Queue(`SELECT frontdesk_next_number($1, 'appointment')`, tenant).QueryRow(func(row pgx.Row) error { return row.Scan(&a.Number) })
	}, func(_ pgx.Tx, last *pgx.Batch) error {
		if !known {
			return fmt.Errorf("contact %s: %w", d.Contact, ErrNotFound)
		}
		if err := p.admits(st, hold, used); err != nil {
			return err
		}
		a.CreatedAt, a.UpdatedAt = st.now.UTC(), st.now.UTC()
		return queueNew(last, tenant, a, f, d.By, req)
	})
	if err != nil {
		return Appointment{}, err
	}
	s.cfg.Wake()
	return a, nil
}

func queueNew(b *pgx.Batch, tenant ingest.TenantID, a Appointment, f facts, by string, req request) error {
	b.Queue(`INSERT INTO appointments (tenant_id, id, number, service_id, staff_id, resource_ids, starts_at, ends_at, contact_id, conversation_id,
			note, source, test, created_at, updated_at)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $14)`,
		tenant, a.ID, a.Number, a.Slot.Service, orNil(a.Slot.Staff), strs(a.Slot.Resources), a.Slot.Start, a.Slot.End, a.Contact, orNil(a.Conversation),
		a.Note, a.Source, a.Test, a.CreatedAt)
	queueReminders(b, tenant, a, f.reminders, a.CreatedAt)
	if err := queueHappening(b, tenant, a, f, happening{kind: "created", by: by, at: a.CreatedAt}); err != nil {
		return err
	}
	return req.keep(b, tenant, a)
}

// errRefused carries a reason that was found under the locks out of the
// transaction, for alternatives to be looked for after it.
type errRefused struct{ why error }

func (e errRefused) Error() string { return e.why.Error() }

// refused returns the reason that err carries, or nil.
func refused(err error) error {
	var e errRefused
	if errors.As(err, &e) {
		return e.why
	}
	return nil
}

// admits returns why the place cannot be claimed, or nil. A hold met the rules
// when it was made; it must only not be over.
func (p place) admits(st standing, hold *held, used bool) error {
	switch {
	case hold == nil:
		if why := p.refusal(st); why != nil {
			return errRefused{why}
		}
	case !used:
		return errRefused{ErrHoldExpired}
	case p.slot.Start.Before(st.now):
		return errRefused{ErrPast}
	}
	return nil
}
