package booking

import (
	"errors"
	"slices"
	"time"
)

// reasons are why a performer cannot take a time, the one that is nearest to
// taking it first: it is told where nobody can.
var reasons = []error{ErrSlotTaken, ErrDayFull, ErrStaffOff, ErrOutsideHours, ErrClosed}

// Judge returns the slots at start, one for each performer who can take it, the
// one with the least on that day first; or why nobody can.
func Judge(c Calendar, start time.Time) ([]Slot, error) {
	p := newPlan(c)
	if err := p.timely(start); err != nil {
		return nil, err
	}
	d, at := dayOf(start, c.Zone), start.Unix()
	var found []Slot
	var load []int
	worst := ErrNotOffered
	for i := range p.people {
		if err := p.suits(i, d, at); err != nil {
			worst = nearer(worst, err)
			continue
		}
		rooms, fits := p.assign(at)
		if !fits {
			worst = nearer(worst, ErrSlotTaken)
			continue
		}
		n := p.people[i].booked[d]
		k := slices.IndexFunc(load, func(other int) bool { return other > n })
		if k < 0 {
			k = len(load)
		}
		load = slices.Insert(load, k, n)
		slot := p.slot(at, rooms)
		slot.Staff = p.people[i].ID
		found = slices.Insert(found, k, slot)
	}
	if len(found) == 0 {
		return nil, worst
	}
	return found, nil
}

// timely judges start by itself.
func (p *plan) timely(start time.Time) error {
	switch {
	case !start.Equal(start.Truncate(time.Minute)):
		return invalid("start", "an appointment begins at a whole minute")
	case start.Before(p.Now):
		return ErrPast
	case start.Before(p.Now.Add(p.Service.Notice)):
		return ErrTooSoon
	case !start.Before(p.end()):
		return ErrTooFar
	case p.closed[dayOf(start, p.Zone)]:
		return ErrClosed
	}
	return nil
}

// suits returns why person i cannot begin at start on d, or nil.
func (p *plan) suits(i int, d day, start int64) error {
	who, end := &p.people[i], start+p.service.length
	switch {
	case len(who.hours[d.weekday()]) == 0:
		return ErrClosed
	case who.off.all(d):
		return ErrStaffOff
	case !within(who.hours, d, &p.clocks, start, end):
		return ErrOutsideHours
	case !who.off.free(d, &p.clocks, start, end):
		return ErrStaffOff
	case p.Service.PerDay > 0 && p.booked[d] >= p.Service.PerDay, who.PerDay > 0 && who.booked[d] >= who.PerDay:
		return ErrDayFull
	case !p.free(&who.busy, start):
		return ErrSlotTaken
	}
	return nil
}

// nearer returns which of two reasons is nearer to a slot.
func nearer(a, b error) error {
	for _, r := range reasons {
		if errors.Is(a, r) || errors.Is(b, r) {
			return r
		}
	}
	return a
}

// nearest returns the n beginnings of slots nearest to around, in order, one
// slot each.
func nearest(slots []Slot, around time.Time, n int) []Slot {
	var one []Slot
	for _, s := range slots {
		if len(one) == 0 || !one[len(one)-1].Start.Equal(s.Start) {
			one = append(one, s)
		}
	}
	slices.SortStableFunc(one, func(a, b Slot) int {
		return int(a.Start.Sub(around).Abs().Milliseconds()/1000 - b.Start.Sub(around).Abs().Milliseconds()/1000)
	})
	one = one[:min(n, len(one))]
	slices.SortFunc(one, func(a, b Slot) int { return a.Start.Compare(b.Start) })
	return one
}
