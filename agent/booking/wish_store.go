package booking

import (
	"context"
	"errors"
	"slices"
	"time"

	"github.com/jackc/pgx/v5"

	"frontdesk/ingest"
)

// resolve makes an absolute time of a wall clock one. Where there is none, or
// two, it refuses.
func (s *Store) resolve(ctx context.Context, tenant ingest.TenantID, w *wish) error {
	if w.local == "" {
		if w.start.IsZero() {
			return invalid("start", "a start is missing")
		}
		return nil
	}
	d, clock, parsed := parseLocal(w.local)
	if parsed != nil && !errors.Is(parsed, ErrNoSuchTime) {
		return parsed
	}
	var zone string
	err := s.db.Batch(ctx, tenant, func(b *pgx.Batch) {
		b.Queue(`SELECT timezone FROM tenants WHERE tenant_id = $1`, tenant).QueryRow(func(row pgx.Row) error { return row.Scan(&zone) })
	})
	if err != nil {
		return missing(err, "tenant %s", tenant)
	}
	found := d.instants(s.zone(zone), clock)
	switch {
	case parsed != nil || len(found) == 0:
		w.start = d.at(s.zone(zone), clock)
		return s.refuse(ctx, tenant, *w, ErrNoSuchTime)
	case len(found) == 2:
		return s.twice(ctx, tenant, *w, found)
	}
	w.start = found[0].UTC()
	return nil
}

// twice refuses a wall clock time that comes twice, with those of the two that
// are free.
func (s *Store) twice(ctx context.Context, tenant ingest.TenantID, w wish, found []time.Time) error {
	p, err := s.look(ctx, tenant, view{service: w.service, staff: w.staff, from: found[0], to: found[1], except: w.except, counted: true})
	if err != nil {
		return err
	}
	if err := p.bookable(); err != nil {
		return err
	}
	var free []Slot
	for _, t := range found {
		if slots, err := Judge(p.Calendar, t.UTC()); err == nil {
			free = append(free, slots[0])
		}
	}
	if len(free) > 0 {
		return refuse(ErrTwoTimes, free)
	}
	w.start = found[0]
	return s.refuse(ctx, tenant, w, ErrTwoTimes)
}

// choose judges a wish. Its refusals name alternatives. Where own holds of the
// contact are in the way they count as free, and are noted in w.
func (s *Store) choose(ctx context.Context, tenant ingest.TenantID, w *wish) (*picture, Slot, error) {
	p, err := s.look(ctx, tenant, view{service: w.service, staff: w.staff, from: w.start, to: w.start, except: w.except, counted: true})
	if err != nil {
		return nil, Slot{}, err
	}
	if err := p.bookable(); err != nil {
		return nil, Slot{}, s.refuse(ctx, tenant, *w, err)
	}
	free, why := Judge(p.Calendar, w.start)
	if w.yields(why) {
		if w.own, err = s.ownHolds(ctx, tenant, *w); err != nil {
			return nil, Slot{}, err
		}
		if len(w.own.ids) > 0 {
			w.except = append(slices.Clone(w.except), w.own.ids...)
			return s.choose(ctx, tenant, w)
		}
	}
	if why != nil {
		return nil, Slot{}, s.refuse(ctx, tenant, *w, why)
	}
	if i := slices.IndexFunc(free, func(f Slot) bool { return f.Staff == w.prefer }); w.prefer != "" && i >= 0 {
		return p, free[i], nil
	}
	return p, free[0], nil
}

// refuse returns why with the slots nearest to the wish: with the staff member
// asked for if they have any, else with anybody.
func (s *Store) refuse(ctx context.Context, tenant ingest.TenantID, w wish, why error) error {
	if errors.Is(why, ErrInvalid) || errors.Is(why, ErrNotFound) {
		return why
	}
	for _, staff := range slices.Compact([]ingest.StaffID{w.staff, ""}) {
		q := SlotQuery{Service: w.service, Staff: staff}
		found, err := s.nearestExcept(ctx, tenant, q, w.except, w.start, alternatives)
		if err != nil && !errors.Is(err, ErrNotOffered) && !errors.Is(err, ErrNotFound) {
			return err
		}
		if len(found) > 0 {
			return refuse(why, found)
		}
	}
	return refuse(why, nil)
}
