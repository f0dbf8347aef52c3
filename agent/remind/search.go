package remind

import (
	"time"

	"frontdesk/agent/booking"
	"frontdesk/ingest"
)

// search finds free slots for those who wait about an opening. It asks as little
// as it can: where nothing was free nothing becomes so meanwhile, and what was
// free stays so until a slot is tried for.
type search struct {
	opening booking.Opening
	now     time.Time
	ask     func(booking.SlotQuery) ([]booking.Slot, error)
	full    []booking.SlotQuery // that nothing was free for
	free    map[booking.SlotQuery][]booking.Slot
	exact   map[ingest.StaffID]int // how often the opening's own beginning was tried
}

// mostExact is how often the beginning of an opening is tried, by staff member,
// before it counts as taken.
const mostExact = 3

func newSearch(o booking.Opening, now time.Time, ask func(booking.SlotQuery) ([]booking.Slot, error)) *search {
	return &search{opening: o, now: now, ask: ask, free: map[booking.SlotQuery][]booking.Slot{}, exact: map[ingest.StaffID]int{}}
}

// tried notes that slot was held for who waits, or could not be.
func (s *search) tried(wait booking.Wait, slot booking.Slot) {
	clear(s.free)
	if slot.Start.Equal(s.opening.Start) {
		s.exact[wait.Staff]++
	}
}

// slotFor returns a free slot that wait would take and was not offered yet: the
// one that became free, if it is one, or else the first. The zero Slot is none.
func (s *search) slotFor(wait booking.Wait) (booking.Slot, error) {
	o, from := s.opening, wait.From
	if s.now.After(from) {
		from = s.now
	}
	if !wait.To.After(from) {
		return booking.Slot{}, nil
	}
	list, err := s.slots(booking.SlotQuery{Service: wait.Service, Staff: wait.Staff, From: from, To: wait.To})
	if err != nil {
		return booking.Slot{}, err
	}
	var first booking.Slot
	for _, slot := range list {
		switch {
		case wait.Has(slot.Start):
		case slot.Start.Equal(o.Start):
			return slot, nil
		case first.Start.IsZero():
			first = slot
		}
	}
	exact := booking.Slot{Service: wait.Service, Staff: wait.Staff, Start: o.Start, End: o.End}
	fits := wait.Service == o.Service && !o.Start.Before(from) && o.Start.Before(wait.To) && !wait.Has(o.Start) && s.exact[wait.Staff] < mostExact
	if fits && (o.Attempts > 0 || first.Start.IsZero()) {
		return exact, nil // held by an earlier attempt, or not among the beginnings that are listed: to hold it tells
	}
	return first, nil
}

func (s *search) slots(q booking.SlotQuery) ([]booking.Slot, error) {
	for _, f := range s.full {
		if f.Service == q.Service && (f.Staff == "" || f.Staff == q.Staff) && !q.From.Before(f.From) && !q.To.After(f.To) {
			return nil, nil
		}
	}
	if list, ok := s.free[q]; ok {
		return list, nil
	}
	list, err := s.ask(q)
	switch {
	case err != nil:
	case len(list) == 0:
		s.full = append(s.full, q)
	default:
		s.free[q] = list
	}
	return list, err
}
