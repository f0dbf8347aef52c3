package booking

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"

	"frontdesk/ingest"
	"frontdesk/ingest/tenantdb"
)

func (d HoldDraft) validate() error {
	switch {
	case d.Service == "":
		return invalid("service_id", "a hold needs a service")
	case !d.Start.IsZero() && d.Local != "":
		return invalid("start", "a start is given as a time or by the wall clock, not both")
	case d.For < 0 || d.For > LongestHold:
		return invalid("seconds", "a hold lasts at most %s", LongestHold)
	}
	return nil
}

func (d HoldDraft) request() (request, error) {
	key := d.Key
	d.Key, d.Start = "", d.Start.UTC()
	return newRequest(key, "hold", d)
}

// except are the owners that count as free for d.
func (d HoldDraft) except() []string {
	return SlotQuery{ExceptHold: d.Replace}.except()
}

// Hold keeps a slot for a moment. Its refusals are those of [Store.Book], and
// ErrHoldLimit. The hold that Replace names is over, if this one is made; one
// of somebody else is left alone. Own holds of the contact are in nobody's way
// but others': where one stands against this, it is over, too.
func (s *Store) Hold(ctx context.Context, tenant ingest.TenantID, d HoldDraft) (Hold, error) {
	if err := d.validate(); err != nil {
		return Hold{}, err
	}
	req, err := d.request()
	if err != nil {
		return Hold{}, err
	}
	if d.Contact, err = s.contactID(ctx, tenant, d.Contact); err != nil {
		return Hold{}, err
	}
	for range tries {
		var h Hold
		if done, err := s.answered(ctx, tenant, req, &h); done || err != nil {
			return h, err
		}
		h, err = s.hold(ctx, tenant, d, req)
		if !outrun(err) {
			return h, explain(err, "hold")
		}
	}
	return Hold{}, refuse(ErrSlotTaken, nil)
}

func (s *Store) hold(ctx context.Context, tenant ingest.TenantID, d HoldDraft, req request) (Hold, error) {
	w := wish{service: d.Service, staff: d.Staff, start: d.Start, local: d.Local, except: d.except(), contact: d.Contact}
	if err := s.resolve(ctx, tenant, &w); err != nil {
		return Hold{}, err
	}
	pic, slot, err := s.choose(ctx, tenant, &w)
	if err != nil {
		return Hold{}, err
	}
	p := pic.place(tenant, slot, w)
	old, err := s.replaced(ctx, tenant, d)
	if err != nil {
		return Hold{}, err
	}
	p.locks = append(p.locks, old...)
	if d.Contact != "" {
		p.locks = append(p.locks, string(d.Contact)) // its holds are counted
	}
	h, err := s.writeHold(ctx, tenant, p, d, len(old) > 0, req)
	if why := refused(err); why != nil {
		return Hold{}, s.refuse(ctx, tenant, w, why)
	}
	return h, err
}

// replaced returns what the hold to be replaced claims, if it is the same
// contact's and conversation's.
func (s *Store) replaced(ctx context.Context, tenant ingest.TenantID, d HoldDraft) ([]string, error) {
	if d.Replace == "" {
		return nil, nil
	}
	subjects, err := tenantdb.List(ctx, s.db, tenant, pgx.RowTo[string], `
		SELECT c.subject FROM claims c JOIN holds h ON (h.tenant_id, h.id) = (c.tenant_id, c.hold_id)
		WHERE c.tenant_id = $1 AND c.owner = $2 AND coalesce(h.contact_id, '') = $3 AND coalesce(h.conversation_id, '') = $4`,
		tenant, d.Replace, d.Contact, d.Conversation)
	return subjects, missing(err, "hold %s", d.Replace)
}

func (s *Store) writeHold(ctx context.Context, tenant ingest.TenantID, p place, d HoldDraft, replace bool, req request) (Hold, error) {
	h := Hold{ID: ingest.HoldID(ingest.NewID(ingest.PrefixHold, time.Now())), Slot: p.slot, Contact: d.Contact, Conversation: d.Conversation}
	var st standing
	holds, known := 0, false
	err := s.db.Staged(ctx, tenant, func(b *pgx.Batch) {
		st = standing{}
		queueAlive(b, tenant, d.Contact, &known)
		s.queueStanding(b, tenant, p, &st)
		if replace {
			s.queueGivenBack(b, tenant, d.Replace)
			b.Queue(`DELETE FROM holds WHERE tenant_id = $1 AND id = $2`, tenant, d.Replace)
		}
		queueOwn(b, tenant, p.own, string(h.ID), true)
		b.Queue(`SELECT count(*) FROM holds WHERE contact_id = $2 AND tenant_id = $1 AND expires_at > coalesce($3::timestamptz, clock_timestamp())`,
			tenant, orNil(d.Contact), s.clock()).QueryRow(func(row pgx.Row) error { return row.Scan(&holds) })
		s.queueHold(b, tenant, cmp.Or(d.For, DefaultHold), &h)
		s.queueClaims(b, tenant, p, string(h.ID))
	}, func(_ pgx.Tx, last *pgx.Batch) error {
		switch {
		case !known:
			return fmt.Errorf("contact %s: %w", d.Contact, ErrNotFound)
		case holds >= HoldsPerContact:
			return ErrHoldLimit
		}
		if why := p.refusal(st); why != nil {
			return errRefused{why}
		}
		return req.keep(last, tenant, h)
	})
	if err != nil {
		return Hold{}, err
	}
	return h, nil
}

// queueHold writes h, and reads when it begins and ends.
func (s *Store) queueHold(b *pgx.Batch, tenant ingest.TenantID, lasts time.Duration, h *Hold) {
	b.Queue(`INSERT INTO holds (tenant_id, id, service_id, staff_id, resource_ids, starts_at, ends_at, contact_id, conversation_id, created_at, expires_at)
		SELECT $1, $2, $3, $4, $5, $6, $7, $8, $9, now.at, now.at + $11::interval FROM (SELECT coalesce($10::timestamptz, clock_timestamp()) AS at) now
		RETURNING created_at, expires_at`,
		tenant, h.ID, h.Slot.Service, orNil(h.Slot.Staff), strs(h.Slot.Resources), h.Slot.Start, h.Slot.End, orNil(h.Contact), orNil(h.Conversation),
		s.clock(), lasts).QueryRow(func(row pgx.Row) error {
		err := row.Scan(&h.CreatedAt, &h.ExpiresAt)
		h.CreatedAt, h.ExpiresAt = h.CreatedAt.UTC(), h.ExpiresAt.UTC()
		return err
	})
}

// Release ends a hold. One that is over already, or that never was, is no
// error.
func (s *Store) Release(ctx context.Context, tenant ingest.TenantID, id ingest.HoldID) error {
	h, err := s.readHold(ctx, tenant, id)
	if err != nil {
		return fmt.Errorf("release %s: %w", id, err)
	}
	err = s.db.Batch(ctx, tenant, func(b *pgx.Batch) {
		s.lock(b, tenant, h.subjects)
		s.queueGivenBack(b, tenant, id)
		b.Queue(`DELETE FROM holds WHERE tenant_id = $1 AND id = $2`, tenant, id)
	})
	if err != nil {
		return fmt.Errorf("release %s: %w", id, err)
	}
	return nil
}

// held is a hold with what it claims. Its zero is one that is gone.
type held struct {
	place
	id      ingest.HoldID
	contact ingest.ContactID
}

// differs reports whether w names something other than what the hold keeps.
// The wall clock time that it was asked for by is taken as the same.
func (h held) differs(w wish) bool {
	return w.service != "" && w.service != h.slot.Service || w.staff != "" && w.staff != h.slot.Staff || !w.start.IsZero() && !w.start.Equal(h.slot.Start)
}

// wish is what the hold keeps, asked for anew.
func (h held) wish() wish {
	return wish{service: h.slot.Service, staff: h.slot.Staff, start: h.slot.Start, except: []string{string(h.id)}}
}

// held returns a hold that contact may use for w: ErrHoldExpired where it is
// gone, ErrNotFound where it is somebody else's.
func (s *Store) held(ctx context.Context, tenant ingest.TenantID, id ingest.HoldID, contact ingest.ContactID, w wish) (held, error) {
	h, err := s.readHold(ctx, tenant, id)
	switch {
	case err != nil:
		return h, err
	case h.id == "" && w.service != "" && !w.start.IsZero():
		return h, s.refuse(ctx, tenant, w, ErrHoldExpired)
	case h.id == "":
		return h, refuse(ErrHoldExpired, nil)
	case h.contact != "" && h.contact != contact:
		return h, fmt.Errorf("hold %s: %w", id, ErrNotFound)
	case h.differs(w):
		return h, invalid("hold_id", "the hold keeps another service, staff member or time")
	}
	return h, nil
}

func (s *Store) readHold(ctx context.Context, tenant ingest.TenantID, id ingest.HoldID) (held, error) {
	found, err := tenantdb.List(ctx, s.db, tenant, func(row pgx.CollectableRow) (held, error) {
		h := held{id: id}
		err := row.Scan(&h.slot.Service, &h.slot.Staff, &h.slot.Resources, &h.slot.Start, &h.slot.End, &h.contact, &h.subjects, &h.during.From, &h.during.Until)
		h.slot.utc()
		return h, err
	}, `SELECT h.service_id, coalesce(h.staff_id, ''), h.resource_ids, h.starts_at, h.ends_at,
			coalesce((SELECT c.merged_into FROM contacts c WHERE (c.tenant_id, c.id) = (h.tenant_id, h.contact_id)), h.contact_id, ''),
			array_agg(c.subject), min(lower(c.during)), max(upper(c.during))
		FROM holds h JOIN claims c ON (c.tenant_id, c.owner) = (h.tenant_id, h.id)
		WHERE h.tenant_id = $1 AND h.id = $2 GROUP BY h.tenant_id, h.id`, tenant, id)
	if err != nil || len(found) == 0 {
		return held{}, err
	}
	return found[0], nil
}

// queueUse ends the hold, and notes whether it was still one. Whom it was
// offered to is off the waitlist with it.
func (s *Store) queueUse(b *pgx.Batch, tenant ingest.TenantID, h *held, used *bool) {
	if h == nil {
		return
	}
	b.Queue(`DELETE FROM holds WHERE tenant_id = $1 AND id = $2 AND expires_at > coalesce($3::timestamptz, clock_timestamp())`, tenant, h.id, s.clock()).
		Exec(func(tag pgconn.CommandTag) error {
			*used = tag.RowsAffected() == 1
			return nil
		})
	b.Queue(`UPDATE waitlist SET status = 'booked', offered_until = NULL WHERE tenant_id = $1 AND hold_id = $2`, tenant, h.id)
}

// sweepEvery and sweepKeep say how often housekeeping is done, and for how long
// a repeated request gets its first answer.
const (
	sweepEvery = 10 * time.Minute
	sweepKeep  = 7 * 24 * time.Hour
)

// Run sweeps until ctx ends, and returns nil. What a round could not do, the
// next one does. Any number of replicas may run it.
func (s *Store) Run(ctx context.Context) error {
	tick := time.NewTicker(sweepEvery)
	defer tick.Stop()
	for {
		round, cancel := context.WithTimeout(ctx, sweepEvery) // Postgres may be gone without a word
		err := errors.Join(s.Sweep(round, sweepKeep), s.MarkNoShows(round))
		cancel()
		if err != nil && ctx.Err() == nil {
			slog.Error("housekeeping of bookings", "error", err)
		}
		select {
		case <-ctx.Done():
			return nil
		case <-tick.C:
		}
	}
}

// Sweep deletes the holds of all tenants that are over for an hour, openings
// that were worked through, and the answers to requests that are older than keep. It is housekeeping: an expired
// hold is in nobody's way.
func (s *Store) Sweep(ctx context.Context, keep time.Duration) error {
	err := s.db.AcrossTenants(ctx, func(tx pgx.Tx) error {
		// Skipping what is locked, it never waits for one who books.
		if _, err := tx.Exec(ctx, `
			WITH d AS (
				SELECT tenant_id, owner, subject FROM claims
				WHERE expires_at < coalesce($1::timestamptz, clock_timestamp()) - interval '1 hour' LIMIT 5000 FOR UPDATE SKIP LOCKED)
			DELETE FROM claims c USING d WHERE (c.tenant_id, c.owner, c.subject) = (d.tenant_id, d.owner, d.subject)`, s.clock()); err != nil {
			return err
		}
		if _, err := tx.Exec(ctx, `DELETE FROM holds h WHERE h.expires_at < coalesce($1::timestamptz, clock_timestamp()) - interval '1 hour'
			AND NOT EXISTS (SELECT FROM claims c WHERE (c.tenant_id, c.owner) = (h.tenant_id, h.id))`, s.clock()); err != nil {
			return err
		}
		if _, err := tx.Exec(ctx, `DELETE FROM openings WHERE done_at < coalesce($1::timestamptz, clock_timestamp()) - interval '2 days'`, s.clock()); err != nil {
			return err
		}
		_, err := tx.Exec(ctx, `DELETE FROM booking_requests WHERE created_at < clock_timestamp() - $1::interval`, keep)
		return err
	})
	if err != nil {
		return fmt.Errorf("sweep bookings: %w", err)
	}
	return nil
}
