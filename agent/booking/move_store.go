package booking

import (
	"context"
	"errors"
	"slices"

	"github.com/jackc/pgx/v5"

	"frontdesk/ingest"
	"frontdesk/ingest/tenantdb"
)

// errChanged reports that an appointment is no longer what it was when the
// change was thought out.
var errChanged = errors.New("the appointment has changed meanwhile")

func (c Change) validate() error {
	switch {
	case !c.Start.IsZero() && c.Local != "":
		return invalid("start", "a start is given as a time or by the wall clock, not both")
	case c.Start.IsZero() && c.Local == "" && c.Staff == "" && c.Service == "" && c.Hold == "":
		return invalid("start", "a move needs a start, a staff member, a service or a hold")
	}
	return nil
}

func (c Change) request(id ingest.AppointmentID) (request, error) {
	key := c.Key
	c.Key, c.By, c.Start = "", "", c.Start.UTC()
	return newRequest(key, "move "+string(id), c)
}

// Move gives an appointment another time, staff member or service. Its refusals
// are those of [Store.Book], and ErrFinal for one that is not scheduled. It
// stays where it was unless the new place is free. One that is moved to where it
// is stays as it is.
func (s *Store) Move(ctx context.Context, tenant ingest.TenantID, id ingest.AppointmentID, c Change) (Appointment, error) {
	if err := c.validate(); err != nil {
		return Appointment{}, err
	}
	req, err := c.request(id)
	if err != nil {
		return Appointment{}, err
	}
	for range tries {
		var a Appointment
		if done, err := s.answered(ctx, tenant, req, &a); done || err != nil {
			return a, err
		}
		a, err = s.move(ctx, tenant, id, c, req)
		if !outrun(err) && !errors.Is(err, errChanged) {
			return a, explain(err, "move "+string(id))
		}
	}
	return Appointment{}, refuse(ErrSlotTaken, nil)
}

func (s *Store) move(ctx context.Context, tenant ingest.TenantID, id ingest.AppointmentID, c Change, req request) (Appointment, error) {
	old, subjects, err := s.appointment(ctx, tenant, id)
	if err != nil {
		return Appointment{}, err
	}
	if old.Status != Scheduled {
		return Appointment{}, ErrFinal
	}
	w := wish{service: c.Service, staff: c.Staff, start: c.Start, local: c.Local, except: []string{string(id)}, contact: old.Contact}
	if c.Hold != "" {
		h, err := s.held(ctx, tenant, c.Hold, old.Contact, w)
		if err != nil {
			return Appointment{}, err
		}
		a, err := s.rewrite(ctx, tenant, old, h.place, subjects, &h, c.By, req)
		if why := refused(err); why != nil {
			return Appointment{}, s.refuse(ctx, tenant, h.wish(), why)
		}
		return a, err
	}
	w.from(old)
	if err := s.resolve(ctx, tenant, &w); err != nil {
		return Appointment{}, err
	}
	if (w.staff == "" || w.staff == old.Slot.Staff) && w.service == old.Slot.Service && w.start.Equal(old.Slot.Start) {
		return old, nil
	}
	p, slot, err := s.choose(ctx, tenant, &w)
	if err != nil {
		return Appointment{}, err
	}
	a, err := s.rewrite(ctx, tenant, old, p.place(tenant, slot, w), subjects, nil, c.By, req)
	if why := refused(err); why != nil {
		return Appointment{}, s.refuse(ctx, tenant, w, why)
	}
	return a, err
}

// from fills what the wish leaves open with what the appointment has. Who
// performs it is preferred, not demanded.
func (w *wish) from(old Appointment) {
	w.prefer = old.Slot.Staff
	if w.service == "" {
		w.service = old.Slot.Service
	}
	if w.start.IsZero() && w.local == "" {
		w.start = old.Slot.Start
	}
}

// rewrite moves old to p, if it is still what it was.
func (s *Store) rewrite(ctx context.Context, tenant ingest.TenantID, old Appointment, p place, subjects []string, hold *held, by string, req request) (Appointment, error) {
	p.locks = append(slices.Clone(p.locks), subjects...)
	a := old
	a.Slot = p.slot
	var st standing
	var f facts
	var used bool
	var version int64
	err := s.db.Staged(ctx, tenant, func(b *pgx.Batch) {
		st, f, used = standing{}, facts{}, false
		s.queueStanding(b, tenant, p, &st)
		b.Queue(`SELECT version FROM appointments WHERE tenant_id = $1 AND id = $2 FOR UPDATE`, tenant, old.ID).QueryRow(func(row pgx.Row) error { return row.Scan(&version) })
		s.queueUse(b, tenant, hold, &used)
		queueOwn(b, tenant, p.own, string(old.ID), false)
		b.Queue(`DELETE FROM claims WHERE tenant_id = $1 AND owner = $2`, tenant, old.ID)
		s.queueClaims(b, tenant, p, string(old.ID))
		queueFacts(b, tenant, p.slot, &f)
	}, func(_ pgx.Tx, last *pgx.Batch) error {
		if version != old.Version {
			return errChanged
		}
		if err := p.admits(st, hold, used); err != nil {
			return err
		}
		a.Version, a.UpdatedAt, a.ConfirmedAt = old.Version+1, st.now.UTC(), tenantdb.Time(nil)
		return queueMoved(last, tenant, old, a, f, by, req)
	})
	if err != nil {
		return Appointment{}, err
	}
	s.cfg.Wake()
	return a, nil
}

func queueMoved(b *pgx.Batch, tenant ingest.TenantID, old, a Appointment, f facts, by string, req request) error {
	b.Queue(`UPDATE appointments SET service_id = $3, staff_id = $4, resource_ids = $5, starts_at = $6, ends_at = $7, version = $8, updated_at = $9, confirmed_at = NULL
		WHERE tenant_id = $1 AND id = $2`,
		tenant, a.ID, a.Slot.Service, orNil(a.Slot.Staff), strs(a.Slot.Resources), a.Slot.Start, a.Slot.End, a.Version, a.UpdatedAt)
	queueReminders(b, tenant, a, f.reminders, a.UpdatedAt)
	queueOpening(b, tenant, opened(a), old.Slot, a.UpdatedAt)
	previous := &ingest.AppointmentPlace{Service: old.Slot.Service, Staff: old.Slot.Staff, Start: old.Slot.Start, End: old.Slot.End}
	if err := queueHappening(b, tenant, a, f, happening{kind: "moved", by: by, previous: previous, at: a.UpdatedAt}); err != nil {
		return err
	}
	return req.keep(b, tenant, a)
}
