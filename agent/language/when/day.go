package when

func (m *moment) takePart(s spec) bool {
	if m.part != NoPart && (m.part != s.part || m.partEdge != 0) {
		return false
	}
	if m.day.kind == kDay && m.day.day == byMoment && m.day.unit < Day {
		return false
	}
	m.part, m.partEdge = s.part, s.edge
	return true
}

func (p *parser) takeDay(m *moment, s spec, seen class, j, end int, in setting) bool {
	if s.day == byOffset && s.off == 1 && end == j+1 && j > 0 && p.lex[j-1].is(cEvery) && m.isNone() { // "cada mañana"
		m.part = Morning
		return true
	}
	if s.part != NoPart {
		if m.part != NoPart && m.part != s.part {
			return false
		}
		if m.hasDay() && (m.day.day != byOffset || m.day.off != s.off) {
			return false
		}
		m.part = s.part
		if s.edge != 0 {
			m.partEdge = s.edge
		}
	}
	if s.weak && seen&(cOn|cThe|cFrom|cUntil) == 0 && !m.hasClock() && s.weekday == 0 && !p.alone(end) {
		return false
	}
	if s.day == byMoment && (m.hasClock() || m.bare) && s.unit < Day {
		return false
	}
	if s.ordinal && s.day == byDom && s.month == 0 && s.inWhich == anyOne && s.weekday == 0 && p.spelt(end-1) && p.counts(end, in) {
		return false
	}
	if s.dom == 24 && s.month == 7 && s.year == 0 && s.weekday == 0 && end == j+3 && p.lex[j+1].is(cSlash) && seen&(cOn|cThe|cFrom|cUntil) == 0 && !m.hasClock() {
		return false // "24/7"
	}
	if m.hasDay() && m.part == NoPart && s.day == byOffset && p.lex[end-1].is(cPart) && p.lex[end-1].is(cDayword) {
		m.part = p.lex[end-1].part
		return true
	}
	if s.number && !m.hasDay() && p.hours(s, end) {
		m.day = spec{kind: kDay, day: byWeekday, weekday: s.weekday}
		return !m.hasClock() && m.setHour(spec{n: int16(s.dom)})
	}
	if !m.hasDay() {
		if m.bare && s.day == byDate && s.dom == 0 && !m.hasClock() {
			return false
		}
		m.day = s
		return true
	}
	if a := m.day; a.which != anyOne && a.day == byWeekday && (s.day == byDate || s.day == byDom) && !p.falls(s, a.weekday) {
		return false
	}
	return m.combine(s, seen)
}

// counts reports whether the ordinal in words that ends before i is rather one
// of several things: "the second one", "el primero".
func (p *parser) counts(i int, in setting) bool {
	if i < len(p.lex) && p.lex[i].num == 1 && p.spelt(i) || !p.alone(i) {
		return true
	}
	return p.table.articleDays && !p.table.dotted && i >= len(p.lex) && in.asked != AskedDay && in.asked != AskedBoth && !in.numbers && !in.bound
}

// falls reports whether the day s is on a weekday.
func (p *parser) falls(s spec, weekday int8) bool {
	day := p.resolver.day(s)
	return !day.ok || isoWeekday(day.start.time()) == int(weekday)
}

// combine joins a second day to the one of m: "Friday" and "March 6th", "next
// week" and "Monday".
func (m *moment) combine(s spec, seen class) bool {
	a := &m.day
	date := func(d dayKind) bool { return d == byDate || d == byDom || d == byOffset || d == byMoment || d == byNth }
	switch {
	case a.day == byWeekday && s.day == byMoment && s.unit == Week:
		a.n, a.today = a.n+s.n, true
	case a.day == byWeekday && a.which <= nextOne && a.inWhich == anyOne && date(s.day) && s.weekday == 0 && (s.day != byMoment || s.unit >= Day) && (s.day != byDate || s.dom > 0):
		s.weekday = a.weekday
		m.day = s
	case s.day == byWeekday && s.which == anyOne && s.inWhich == anyOne && date(a.day) && a.weekday == 0 && seen&(cFor|cFrom) == 0 && (a.day != byDate || a.dom > 0):
		a.weekday = s.weekday
	case a.day == byUnit && a.unit == Week && a.edge == 0 && s.day == byWeekday && s.inWhich == anyOne:
		s.inWhich = a.inWhich
		m.day = s
	case s.day == byUnit && s.unit == Week && s.edge == 0 && a.day == byWeekday && a.inWhich == anyOne:
		a.inWhich, a.which = s.inWhich, anyOne
	case a.day == byUnit && a.unit == Month && s.day == byDom && s.inWhich == anyOne:
		s.inWhich = a.inWhich
		m.day = s
	case (a.day == byOffset || a.dated() || a.day == byHoliday) && s.day == byMoment && s.unit >= Day && s.n > 0 && m.plus.kind == kNone:
		m.plus = s
		m.plus.kind = kLength
	case a.day == byOffset && a.part == NoPart && s.day == byDate && s.dom > 0 && s.weekday == 0:
		m.day = s
	case a.day == byDom && s.day == byDate && s.dom == 0 && a.inWhich == anyOne && seen&(cOf|cIn) != 0:
		s.dom, s.weekday = a.dom, a.weekday
		m.day = s
	default:
		return false
	}
	return true
}
