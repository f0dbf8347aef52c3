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
