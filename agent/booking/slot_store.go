package booking

import (
	"context"
	"time"

	"frontdesk/ingest"
)

// defaultWeek is what a query without To spans.
const defaultSpan = 7 * 24 * time.Hour

// Slots returns what is free, sorted by start, then by the number of the staff
// member. A service that is not offered has none. ErrNotFound is given for a
// service or staff member that the tenant does not have, ErrNotOffered for
// somebody who does not perform the service, ErrInvalid for a query that spans
// more than [LongestQuery].
func (s *Store) Slots(ctx context.Context, tenant ingest.TenantID, q SlotQuery) ([]Slot, error) {
	p, from, to, err := s.slotsIn(ctx, tenant, q)
	if err != nil || !p.offered {
		return nil, err
	}
	return Compute(p.Calendar, from, to, q.Limit), nil
}

func (s *Store) slotsIn(ctx context.Context, tenant ingest.TenantID, q SlotQuery) (*picture, time.Time, time.Time, error) {
	if !q.From.IsZero() && q.To.Sub(q.From) > LongestQuery || q.From.IsZero() && !q.To.IsZero() {
		return nil, q.From, q.To, invalid("to", "slots are asked for from a time to one at most %d days later", int(LongestQuery/(24*time.Hour)))
	}
	p, err := s.look(ctx, tenant, view{service: q.Service, staff: q.Staff, from: q.From, to: q.To, length: defaultSpan, except: q.except()})
	if err != nil {
		return nil, q.From, q.To, err
	}
	if err := p.bookable(); err != nil && p.offered {
		return nil, q.From, q.To, err
	}
	from, to := q.From, q.To
	if from.IsZero() {
		from = p.Now
	}
	if to.IsZero() {
		to = from.Add(defaultSpan)
	}
	return p, from, to, nil
}

func (q SlotQuery) except() []string {
	var out []string
	if q.Except != "" {
		out = append(out, string(q.Except))
	}
	if q.ExceptHold != "" {
		out = append(out, string(q.ExceptHold))
	}
	return out
}

// How far around a wish alternatives are looked for: most are near.
const (
	nearBefore = 4 * 24 * time.Hour
	nearAfter  = 17 * 24 * time.Hour
)

// Nearest returns the n beginnings of slots that are nearest to around, in
// order, with one slot each. From and To of q, where they are set, bound them.
// Where nothing is free near around it looks further, to the horizon or
// [LongestQuery].
func (s *Store) Nearest(ctx context.Context, tenant ingest.TenantID, q SlotQuery, around time.Time, n int) ([]Slot, error) {
	return s.nearestExcept(ctx, tenant, q, q.except(), around, n)
}

func (s *Store) nearestExcept(ctx context.Context, tenant ingest.TenantID, q SlotQuery, except []string, around time.Time, n int) ([]Slot, error) {
	from, to := around.Add(-nearBefore), around.Add(nearAfter)
	wide := around.Add(LongestQuery)
	if from.Before(q.From) {
		from = q.From
	}
	if !q.To.IsZero() {
		to, wide = earlier(to, q.To), earlier(wide, q.To)
	}
	p, err := s.look(ctx, tenant, view{service: q.Service, staff: q.Staff, from: from, to: to, except: except})
	if err != nil {
		return nil, err
	}
	if err := p.bookable(); err != nil {
		return nil, err
	}
	if found := nearest(Compute(p.Calendar, from, to, 0), around, n); len(found) >= n {
		return found, nil
	}
	// Too early, too late, or full: what the rules allow at all is where to look.
	earliest, end := newPlan(p.Calendar).bounds()
	if around.Before(earliest) {
		around = earliest
		wide = earliest.Add(LongestQuery)
	}
	if around.After(end) {
		around, wide = end, end
		from = end.Add(-nearBefore - nearAfter)
	}
	from, wide = later(from, q.From), earlier(wide, end)
	if !q.To.IsZero() {
		wide = earlier(wide, q.To)
	}
	p, err = s.look(ctx, tenant, view{service: q.Service, staff: q.Staff, from: from, to: wide, except: except})
	if err != nil {
		return nil, err
	}
	return nearest(Compute(p.Calendar, from, wide, 0), around, n), nil
}
