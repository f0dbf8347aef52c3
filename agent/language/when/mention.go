package when

import "time"

// mentions resolves what was found.
func (p *parser) mentions(r *resolver) []Mention {
	list := make([]Mention, 0, len(p.found))
	for i := range p.found {
		e := &p.found[i]
		if e.bound == choice {
			list = r.choices(list, p, e)
			continue
		}
		if m, ok := r.mention(e); ok {
			m.Farewell = p.farewell(e)
			list = append(list, p.place(m, e.from, e.to))
		}
	}
	return list
}

// farewell reports whether e is when the writer hopes to meet again, and all
// that the sentence says: "see you tomorrow", "bis Montag".
func (p *parser) farewell(e *expression) bool {
	day := e.a.day.day
	if e.bound == ranged || e.a.hasClock() || e.every.N != 0 || day != byOffset && day != byWeekday && day != byUnit && day != byWeekend || !p.final(e.to) {
		return false
	}
	if e.to < len(p.lex) && p.folded[p.lex[e.to].at] == '?' {
		return false
	}
	for i := e.from; i >= 0; i-- {
		switch l := &p.lex[i]; {
		case l.bye && (l.starts || i > 0 && (p.lex[i-1].is(cComma) || p.lex[i-1].is(cAside) && p.lex[i-1].starts)):
			return (i < e.from || i > 0 || day == byOffset) && !p.answers() // "hasta el viernes" alone is a bound
		case i < e.from && (!l.letters || l.class&^(linking|cAside|cCorrect) != 0):
			return false
		}
	}
	return false
}

// place says where in the text a mention stands.
func (p *parser) place(m Mention, from, to int) Mention {
	m.From, m.To = int(p.lex[from].from), int(p.lex[to-1].to)
	m.Text = p.text[m.From:m.To]
	return m
}

// answers reports whether the agent has asked for a time.
func (p *parser) answers() bool {
	q := parsers.Get().(*parser)
	defer parsers.Put(q)
	asked := p.resolver.asked(q)
	return asked != AskedUnknown && asked != AskedNothing
}

// choices makes two mentions of "3 or 4 pm".
func (r *resolver) choices(list []Mention, p *parser, e *expression) []Mention {
	a, b := *e, *e
	a.b, a.bound, a.to = moment{}, at, e.a.to
	b.a, b.b, b.bound, b.from = e.b, moment{}, at, e.b.from
	alignClocks(&a.a, &b.a)
	first, ok := r.mention(&a)
	if !ok {
		return list
	}
	list = append(list, p.place(first, a.from, a.to))
	if second, ok := r.mention(&b); ok {
		second.Or = true
		list = append(list, p.place(second, b.from, b.to))
	}
	return list
}

// alignClocks gives the first of two choices the half of the day of the second.
func alignClocks(a, b *moment) {
	if a.clock.mer == 0 && !a.clock.exact && a.part == NoPart {
		a.clock.mer, a.part = b.clock.mer, b.part
	}
}

// mention resolves an expression. It is not ok if it names no day that exists.
func (r *resolver) mention(e *expression) (Mention, bool) {
	m := Mention{Negated: e.negated, Or: e.or, Every: e.every, Approximate: e.a.approx || e.b.approx}
	switch {
	case e.bound == within:
		return r.within(m, e)
	case e.a.isNone() && e.length.kind != kNone:
		m.Kind, m.Length, m.Grain = Length, lengthOf(e.length), grainOf(e.length.unit)
		return m, true
	case e.a.isNone():
		if e.every.Unit == 0 || e.every.N == 0 {
			return m, false
		}
		m.Grain = e.every.Unit
		m.Start.Date = dateOf(r.today())
		return m, true
	}
	if e.bound == ranged {
		return r.ranged(m, e)
	}
	m, ok := r.single(m, &e.a)
	if !ok {
		return m, false
	}
	if m.NoDay != (Date{}) {
		return m, e.bound == at
	}
	r.recurs(&m, e)
	r.lasting(&m, e)
	r.bounded(&m, e)
	m.Past = r.past(m)
	return m, true
}

// single resolves one moment.
func (r *resolver) single(m Mention, a *moment) (Mention, bool) {
	var day stretch
	if a.hasDay() {
		day = r.day(a.day)
		m.NoDay = day.none
		if !day.ok && day.none == (Date{}) && (a.day.day != bySame || !a.hasClock() && a.part == NoPart) {
			return m, false
		}
		if a.plus.kind != kNone {
			day = r.plus(day, a.plus)
		}
	}
	m.Part = a.part
	m.Start.Date, m.Grain, m.Vague = day.start, day.grain, day.vague
	if day.end != (Date{}) {
		m.Kind, m.End.Date = Range, day.end
	}
	if day.other != (Date{}) {
		m.Alternatives = append(m.Alternatives, Span{Start: Point{Date: day.other}})
	}
	if day.clock.Set {
		m.Start.Clock = day.clock
		if !day.last.IsZero() {
			m.Kind, m.End = Range, Point{dateOf(day.last), clockAt(day.last)}
		}
		return m, true
	}
	switch {
	case a.hasClock():
		r.clock(&m, a)
	case a.part != NoPart && m.Kind == Moment:
		m.Kind, m.Vague = Range, true
		m.Start.Clock, m.End = window(a.part, a.partEdge, m.Start.Date)
		if m.Grain == 0 {
			m.Grain = Hour
		}
	}
	return m, true
}

// plus reckons "two weeks after Friday".
func (r *resolver) plus(day stretch, plus spec) stretch {
	if day.clock.Set {
		return r.after(r.ref.Now, plus)
	}
	if plus.unit < Day {
		return day
	}
	if plus.weekday != 0 {
		return one(weekdayBy(day.start.time(), plus))
	}
	return one(addDays(day.start.time(), plus))
}

// weekdayBy returns the nth weekday after a day, or before it.
func weekdayBy(t time.Time, plus spec) time.Time {
	ahead := (int(plus.weekday) - isoWeekday(t) + 7) % 7
	if plus.n > 0 {
		if ahead == 0 {
			ahead = 7
		}
		return t.AddDate(0, 0, ahead+7*int(plus.n-1))
	}
	return t.AddDate(0, 0, ahead-7+7*int(plus.n+1))
}

// clock puts the clock time of a into m.
func (r *resolver) clock(m *Mention, a *moment) {
	c, other := reading(a.clock, a.part)
	if a.part == NoPart && !a.clock.exact && a.clock.mer == 0 && m.Start.Date == dateOf(r.ref.Now) && other.Set {
		now := clockAt(r.ref.Now)
		if c.before(now) && now.before(other) {
			c, other = other, c
		}
	}
	m.Start.Clock = c
	m.Grain = Hour
	if c.Minute != 0 || a.clock.exact {
		m.Grain = Minute
	}
	if c.Second != 0 {
		m.Grain = Second
	}
	if c.Hour == 24 {
		m.Start.Clock.Hour = 0
		if m.Start.HasDay() {
			m.Start.Date = dateOf(m.Start.Date.time().AddDate(0, 0, 1))
		}
	}
	if m.Kind == Range {
		m.Kind, m.End, m.Vague = Moment, Point{}, false
	}
	if other.Set {
		m.Alternatives = append(m.Alternatives, Span{Start: Point{m.Start.Date, other}})
	}
}

func (c Clock) before(o Clock) bool { return c.Hour*60+c.Minute < o.Hour*60+o.Minute }

// reading returns the clock time that is meant, the likeliest for a business,
// and the other one if it could be another.
func reading(s spec, part Part) (c, other Clock) {
	c = Clock{Hour: int(s.hour), Minute: int(s.minute), Second: int(s.second), Set: true}
	switch {
	case s.mer == 1 && s.hour == 12:
		c.Hour = 0
	case s.mer == 2 && s.hour < 12 && s.hour > 0:
		c.Hour += 12
	case s.mer != 0:
	case part != NoPart && s.hour > 0 && s.hour <= 12:
		c.Hour = inPart(c.Hour, part)
	case part != NoPart || s.exact:
	case s.hour <= 6:
		other = c
		c.Hour += 12
	case s.hour < 12:
		other = c
		other.Hour += 12
	case s.hour == 12:
		other = c
		other.Hour = 0
	}
	return c, other
}

// inPart returns the hour of 24 that an hour of 12 is in a part of the day.
func inPart(h int, part Part) int {
	switch part {
	case Morning:
		return h
	case Midday:
		if h < 10 {
			return h + 12
		}
	case Afternoon:
		if h < 11 {
			return h + 12
		}
	case Evening:
		if h < 12 {
			return h + 12
		}
	case Night:
		switch {
		case h == 12:
			return 0
		case h > 4:
			return h + 12
		}
	}
	return h
}

// windows are the hours of the parts of the day.
var windows = map[Part][2]int{
	Morning: {8, 12}, Midday: {12, 14}, Afternoon: {12, 18}, Evening: {18, 22}, Night: {20, 24},
}

// Hours returns when a part of the day begins and ends, 24 for midnight.
func (p Part) Hours() (from, to int) { return windows[p][0], windows[p][1] }

// window returns when a part of the day begins and ends.
func window(part Part, edge int8, day Date) (Clock, Point) {
	from, to := windows[part][0], windows[part][1]
	switch edge {
	case 1:
		to = (from + to) / 2
	case 2:
		from, to = from+(to-from)/4, to-(to-from)/4
	case 3:
		from = (from + to) / 2
	}
	end := Point{day, Clock{Hour: to, Set: true}}
	if to == 24 {
		end.Clock.Hour = 0
		if day != (Date{}) {
			end.Date = dateOf(day.time().AddDate(0, 0, 1))
		}
	}
	return Clock{Hour: from, Set: true}, end
}

// ranged resolves both ends of a range.
func (r *resolver) ranged(m Mention, e *expression) (Mention, bool) {
	a, b := e.a, e.b
	halves(&a, &b)
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

// recurs marks a recurrence: "every Tuesday at 5".
func (r *resolver) recurs(m *Mention, e *expression) {
	if e.every.N == 0 {
		m.Every = Every{}
		return
	}
	if m.Every.Unit == 0 {
		m.Every.Unit = Day
		if e.a.day.day == byWeekday {
			m.Every.Unit = Week
		}
		if e.a.day.day == byDom || e.a.day.day == byNth {
			m.Every.Unit = Month
		}
		if e.a.day.day == byDate && e.a.day.dom > 0 || e.a.day.day == byHoliday {
			m.Every.Unit = Year
		}
	}
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

// past reports whether m lies before the reference.
func (r *resolver) past(m Mention) bool {
	last := m.Start
	if m.Kind == Range {
		if m.End.IsZero() {
			return false
		}
		last = m.End
	}
	if !last.HasDay() {
		return false
	}
	today := dateOf(r.ref.Now)
	if last.Date != today {
		return last.Date.time().Before(today.time())
	}
	return last.HasClock() && last.Clock.before(clockAt(r.ref.Now)) && m.Kind == Moment
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
