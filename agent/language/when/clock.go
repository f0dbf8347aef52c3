package when

func (p *parser) takeClock(m *moment, s spec, seen class, j, end int, in setting) bool {
	if m.hasClock() || m.bare || m.day.day == byMoment && m.day.unit < Day {
		return false
	}
	if last := &p.lex[end-1]; last.is(cUnit) && last.is(cOclock) && !last.glued && seen&cAt == 0 && (seen&(cFor|cOf) != 0 || p.lex[end-2].is(cOne)) {
		return false
	}
	if m.isNone() && seen&cAt == 0 && end > j+3 && p.lex[end-1].is(cUnit) && p.lex[end-1].unit == Minute && p.lex[j+1].is(cUnit) && p.lex[j+1].is(cOclock) && !p.lex[j+1].glued && s.hour < 10 && !s.exact && !p.partAt(end) {
		return false // "1 hora y 30 minutos"
	}
	if year := p.lex[end-1].num; s.four && in.bound && seen&cAt == 0 && m.isNone() && year%5 != 0 && abs(int(year)-p.resolver.ref.Now.Year()) <= 3 {
		m.day = spec{kind: kDay, day: byYear, year: year, unit: Year}
		return true
	}
	if s.four && seen&cAt == 0 && !p.clockOfFour(s, j, end, in) && in.asked != AskedClock {
		return false
	}
	if s.weak && seen&(cAt|cAround) == 0 && !m.hasDay() && m.part == NoPart && !in.numbers && !in.bound && in.asked == AskedUnknown && !p.partAt(end) {
		if p.counted(end) || !p.alone(end) {
			return false
		}
	}
	m.clock = s
	return true
}

// clockOfFour reports whether four digits are a clock time: "0830", and both
// ends of "1400-1600" where they are no years.
func (p *parser) clockOfFour(s spec, j, end int, in setting) bool {
	early := s.exact && s.hour < 10
	year := func(i int) bool { return p.lex[i].num >= 1950 && p.lex[i].num < 2050 || p.lex[i].num%5 != 0 }
	switch {
	case early && (in.numbers || p.lex[j].digits == 4 && (j == 0 || p.lex[j].starts) && p.alone(end)):
		return true
	case in.hours || in.numbers && j > 1 && p.lex[j-1].is(cUntil|cDash) && p.lex[j-2].digits == 4:
		return !year(j)
	}
	return in.numbers && end+1 < len(p.lex) && p.lex[end].is(cUntil|cDash) && p.lex[end+1].digits == 4 && !year(j) && !year(end+1)
}

// takePair decides whether 10.10 is a clock time or a day.
func (p *parser) takePair(m *moment, s spec, seen class, j, end int, in setting) bool {
	if j > 0 && p.lex[j].glued && p.lex[j-1].is(cCounted) { // "$15.50"
		return false
	}
	canClock := s.month >= 0 && s.month < 60 && s.hour <= 24 && p.lex[j+2].digits == 2 && !m.hasClock()
	d := p.pairDay(s)
	canDay := d.month >= 1 && d.month <= 12 && d.dom >= 1 && d.dom <= daysIn(int(d.month)) &&
		(!m.hasDay() || m.day.day == byWeekday && !(canClock && p.table.monthFirst) && p.falls(d, m.day.weekday))
	first := j == 0 || p.lex[j].starts
	asClock := canClock && (seen&(cAt|cAround) != 0 || m.hasDay() && seen&(cOn|cThe) == 0 && !canDay || p.daySoon(end) || in.numbers && !p.table.dotted && s.month > 12 ||
		in.asked == AskedClock || !canDay && (in.numbers || p.alone(end)) || first && p.alone(end) && !p.table.dotted && (s.month > 12 || p.table.monthFirst && end == len(p.lex)) || p.onDay(end))
	switch {
	case asClock:
		s.kind = kClock
		m.clock = s
		return true
	case canDay && (seen&(cOn|cThe) != 0 || m.hasDay() || p.table.dotted || in.asked == AskedDay || in.numbers):
		if m.hasDay() {
			return m.combine(d, seen)
		}
		m.day = d
		return true
	case canClock && (in.numbers || in.bound):
		s.kind = kClock
		m.clock = s
		return true
	}
	return false
}

// pairDay is the day that 10.3 may be.
func (p *parser) pairDay(s spec) spec {
	day, mon := s.dom, s.month
	if p.table.monthFirst && day <= 12 {
		day, mon = mon, day
	}
	return spec{kind: kDay, day: byDate, dom: day, month: mon}
}

// onDay reports whether "on" and a day follow at i.
func (p *parser) onDay(i int) bool {
	if i >= len(p.lex) || !p.lex[i].is(cOn) || p.lex[i].is(cAt|cOf) {
		return false
	}
	_, j := p.connectors(i, true, 0)
	s, _ := p.atom(j)
	return s.kind == kDay || s.kind == kBare && s.ordinal
}

// daySoon reports whether a word for a day stands at i.
func (p *parser) daySoon(i int) bool {
	return i < len(p.lex) && p.lex[i].is(cWeekday|cDayword|cDaypart|cPart)
}
