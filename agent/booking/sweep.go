package booking

import (
	"cmp"
	"slices"
	"sort"
)

// sweep answers whether a time is free of busy intervals. Asked in rising
// order it looks at each interval once.
type sweep struct {
	busy []stretch // apart from each other, in order
	next int       // the first that ends after what was asked last
}

// stretch is an interval in seconds. One that begins or ends within a second
// takes all of it.
type stretch struct{ from, until int64 }

func newSweep(list []Interval) sweep {
	busy := make([]stretch, 0, len(list))
	for _, i := range list {
		if until := wholeSeconds(i.Until); until > i.From.Unix() {
			busy = append(busy, stretch{i.From.Unix(), until})
		}
	}
	return sweep{busy: apart(busy)}
}

// apart puts a list in order and makes one of what touches or overlaps. It
// takes the list over.
func apart(list []stretch) []stretch {
	byStart := func(a, b stretch) int { return cmp.Compare(a.from, b.from) }
	if !slices.IsSortedFunc(list, byStart) {
		slices.SortFunc(list, byStart)
	}
	out := list[:0]
	for _, s := range list {
		if n := len(out); n > 0 && s.from <= out[n-1].until {
			out[n-1].until = max(out[n-1].until, s.until)
		} else {
			out = append(out, s)
		}
	}
	return out
}

// free reports whether nothing is busy in [from, until).
func (s *sweep) free(from, until int64) bool {
	if s.next > 0 && s.busy[s.next-1].until > from { // asked for an earlier time
		s.next = sort.Search(len(s.busy), func(i int) bool { return s.busy[i].until > from })
	}
	for s.next < len(s.busy) && s.busy[s.next].until <= from {
		s.next++
	}
	return s.next == len(s.busy) || s.busy[s.next].from >= until
}

// timeOff is a list of [Off], read once. Entries that cannot be read are none.
type timeOff struct {
	days  []dayRange
	parts []partOff
}

type dayRange struct{ from, until day }

type partOff struct {
	dayRange
	span Span
}

func newTimeOff(list []Off) timeOff {
	var t timeOff
	for _, o := range list {
		from, err := parseDay(o.From)
		if err != nil {
			continue
		}
		r := dayRange{from, from}
		if o.Until != "" {
			if r.until, err = parseDay(o.Until); err != nil {
				continue
			}
		}
		if o.Span == nil {
			t.days = append(t.days, r)
		} else {
			t.parts = append(t.parts, partOff{r, *o.Span})
		}
	}
	return t
}

func (r dayRange) holds(d day) bool { return r.from <= d && d <= r.until }

// all reports whether the whole of d is off.
func (t timeOff) all(d day) bool {
	return slices.ContainsFunc(t.days, func(r dayRange) bool { return r.holds(d) })
}

// free reports whether no part of d that is off touches [start, end).
func (t timeOff) free(d day, clocks *clocks, start, end int64) bool {
	return !slices.ContainsFunc(t.parts, func(p partOff) bool {
		return p.holds(d) && start < clocks.at(d, p.span.Until) && clocks.at(d, p.span.From) < end
	})
}
