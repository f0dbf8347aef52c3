package when

import "time"

// ranged resolves both ends of a range.
func (r *resolver) ranged(m Mention, e *expression) (Mention, bool) {
	a, b := e.a, e.b
	if a.day == b.day && a.plus == b.plus || !b.hasDay() {
		halves(&a, &b)
	}
	from, ok := r.single(Mention{}, &a)
	if !ok {
		return m, false
	}
	to, ok := r.single(Mention{}, &b)
	if none := (Date{}); !ok || from.NoDay != none || to.NoDay != none {
		return m, false
	}
	m.Kind, m.Start, m.Grain = Range, from.Start, from.Grain
	m.Vague = from.Vague && to.Vague
	m.Part = max(from.Part, to.Part)
	switch {
	case from.Start.HasClock() && to.Start.HasClock():
		m.End = r.laterClock(&m, &b, to)
	case b.hasDay():
		m.End = r.laterDay(from, to, &b)
	default:
		m.End = to.End
		m.Vague = true
	}
	if a.day.day == byMoment && a.day.n == 0 && b.hasDay() && !m.End.HasClock() {
		m.Start.Clock, m.Grain = Clock{}, Day
	}
	m.Past = r.past(m)
	return m, true
}

// laterClock returns the end of a range of clock times. It is the first such
// time after the start; on the next day, if it must be.
func (r *resolver) laterClock(m *Mention, b *moment, to Mention) Point {
	end := to.Start
	if to.Vague {
		end = to.End
	}
	sameDay := end.Date == m.Start.Date
	if len(to.Alternatives) > 0 && sameDay && b.part == NoPart {
		for _, other := range to.Alternatives {
			c := other.Start.Clock
			if c.Set && m.Start.Clock.before(c) && (c.before(end.Clock) || !m.Start.Clock.before(end.Clock)) {
				end.Clock = c
			}
		}
	}
	if sameDay && end.HasDay() && !m.Start.Clock.before(end.Clock) {
		end.Date = dateOf(end.Date.time().AddDate(0, 0, 1))
	}
	return end
}

// laterDay returns the end of a range of days: not before its start.
func (r *resolver) laterDay(from, to Mention, b *moment) Point {
	end := to.Start
	if to.End.HasDay() && to.Kind == Range && to.Part == NoPart && to.Grain > Day {
		end = to.Start
	}
	if end.Date.time().Before(from.Start.Date.time()) {
		late := resolver{ref: r.ref, table: r.table}
		late.ref.Now = from.Start.Date.time()
		if d := late.day(b.day); d.ok {
			end.Date = d.start
		}
	}
	return end
}

// halves gives a clock time without am or pm the half of the day that the
// other end of its range has.
func halves(a, b *moment) {
	open := func(m *moment) bool {
		return m.hasClock() && m.clock.mer == 0 && !m.clock.exact && m.part == NoPart
	}
	switch {
	case open(a) && b.hasClock() && !open(b):
		c, _ := reading(b.clock, b.part)
		h := int(a.clock.hour)%12*60 + int(a.clock.minute)
		if end := c.Hour*60 + c.Minute; end == 0 || h+12*60 < end {
			if h+12*60 < end || end == 0 {
				h += 12 * 60
			}
		} else if h >= end {
			h += 12 * 60
		}
		if b.part == Morning && c.Hour >= 10 || c.Hour > 18 && b.clock.exact && h < 12*60 {
			h %= 12 * 60
		}
		a.clock.hour, a.clock.exact = int8(h/60), true
	case open(b) && a.hasClock() && !open(a):
		c, _ := reading(a.clock, a.part)
		h := int(b.clock.hour)%12*60 + int(b.clock.minute)
		if start := c.Hour*60 + c.Minute; h <= start && h+12*60 > start {
			h += 12 * 60
		}
		b.clock.hour, b.clock.exact = int8(h/60), true
	}
}

// bounded makes m open to one side: "after 5", "before Friday".
func (r *resolver) bounded(m *Mention, e *expression) {
	switch e.bound {
	case since:
		if m.Length > 0 {
			return
		}
		if m.Kind == Range && m.End.HasDay() && m.Grain > Day && e.a.day.day != byNext {
			// After a month or a week is after its end, since one from its start.
			if e.after {
				m.Start = m.End
			}
		}
		if !(m.Kind == Range && m.Vague && m.Part != NoPart && !e.after) {
			if m.Vague && m.Part != NoPart {
				m.Start = m.End
			}
			m.End = Point{}
		}
		m.Kind = Range
	case until:
		if m.Kind == Range && m.Grain > Day && e.a.day.edge == 3 {
			m.Vague, m.Start = false, m.End
		}
		m.Kind, m.End, m.Start = Range, m.Start, Point{}
		m.Alternatives = flip(m.Alternatives)
	}
}

// flip makes starts ends.
func flip(spans []Span) []Span {
	for i, s := range spans {
		spans[i] = Span{Start: s.End, End: s.Start}
	}
	return spans
}

// lasting adds a length: "at 4 for two hours".
func (r *resolver) lasting(m *Mention, e *expression) {
	if e.length.kind == kNone || m.Kind != Moment {
		return
	}
	if !m.Start.HasClock() {
		m.Kind, m.Length = Range, lengthOf(e.length)
		m.End.Date = dateOf(addDays(m.Start.Date.time(), e.length))
		return
	}
	m.Kind, m.Length = Range, lengthOf(e.length)
	at := time.Date(2001, 1, 1, m.Start.Clock.Hour, m.Start.Clock.Minute, m.Start.Clock.Second, 0, time.UTC)
	if m.Start.HasDay() {
		at = m.Start.In(time.UTC)
	}
	end := at.Add(m.Length)
	if e.length.base && !e.length.from {
		m.Kind, m.Length, m.Start.Clock = Moment, 0, clockAt(end)
		if m.Start.HasDay() {
			m.Start.Date = dateOf(end)
		}
		return
	}
	m.End = Point{Clock: clockAt(end)}
	if m.Start.HasDay() {
		m.End.Date = dateOf(end)
	}
}

// within resolves "within two hours".
func (r *resolver) within(m Mention, e *expression) (Mention, bool) {
	if e.a.hasDay() {
		return r.withinOf(m, &e.a)
	}
	s := e.length
	now := r.ref.Now
	m.Kind, m.Grain, m.Length = Range, grainOf(s.unit), lengthOf(s)
	m.Start = Point{dateOf(now), clockAt(now)}
	end := r.after(now, s)
	m.End = Point{end.start, end.clock}
	if e.also > 0 || s.n2 > 0 {
		m.Length += e.also
		at := wall(now).Add(m.Length)
		m.End = Point{dateOf(at), clockAt(at)}
	} else if s.unit >= Day {
		m.Start.Clock = Clock{}
	}
	return m, end.ok
}

// withinOf resolves "less than two weeks from tomorrow".
func (r *resolver) withinOf(m Mention, a *moment) (Mention, bool) {
	from := r.day(a.day)
	to := r.plus(from, a.plus)
	m.Kind, m.Grain = Range, Day
	m.Start, m.End = Point{from.start, from.clock}, Point{to.start, to.clock}
	return m, from.ok && to.ok
}

func lengthOf(s spec) time.Duration {
	return time.Duration(s.n)*step(s.unit) + time.Duration(s.tenths)*step(s.unit)/10 + time.Duration(s.n2)*step(s.unit2)
}

func grainOf(unit Grain) Grain {
	if unit == businessDay {
		return Day
	}
	return unit
}
