package when

// toAhead reports whether a word for "to" or "and" follows soon enough that a
// number here may be one end of a range.
func (p *parser) toAhead(i int) bool {
	for n := 0; n < 9 && i+n < len(p.lex); n++ {
		l := &p.lex[i+n]
		if n > 0 && (l.is(cUntil|cDash|cAnd|cOr) || l.hyphen) {
			return true
		}
		if l.class&^cAside == 0 && l.letters && n > 0 || l.is(cPunct) {
			return false
		}
	}
	return false
}

// toSoon reports whether the number at i is directly followed by "to" or "or"
// and another number: "3 to 5", "3 or 4 pm".
func (p *parser) toSoon(i int) bool {
	seen, j := p.connectors(i, true, 0)
	if j+1 >= len(p.lex) || !p.lex[j].is(cNumber|cOrdinal) {
		return false
	}
	if j+2 < len(p.lex) && p.lex[j+1].is(cDot) && p.lex[j+2].is(cNumber) && p.lex[j+2].glued {
		j += 2
	} else if j+1 < len(p.lex) && p.lex[j+1].is(cDot) {
		j++
	}
	if j+2 >= len(p.lex) || !p.lex[j+1].is(cUntil|cDash|cOr) {
		return false
	}
	if next := &p.lex[j+1]; next.is(cFor) || next.is(cAt) && (seen&(cOn|cThe|cFor) != 0 || seen&cAt == 0 && j > 0 || j > 0 && p.lex[j-1].is(cNot)) {
		return false
	}
	k := j + 2
	for n := 0; n < 2 && k < len(p.lex) && p.lex[k].is(cThe|cAt|cUntil) && !p.lex[k].is(cNumber); n++ {
		k++
	}
	return k < len(p.lex) && p.lex[k].is(cNumber|cOrdinal|cWeekday|cMonth)
}

// second reads the other end of a range, or the other choice.
func (p *parser) second(e *expression, opener class, in setting) bool {
	k := e.to
	if k < len(p.lex) && p.lex[k].is(cComma) && k+1 < len(p.lex) && p.lex[k+1].is(cUntil) && !p.lex[k+1].is(cOf|cAt|cFor|cOn) {
		k++
	}
	if k >= len(p.lex) {
		return false
	}
	l, how := &p.lex[k], ranged
	next := k + 1
	switch {
	case l.hyphen && !l.is(cUntil):
		next = k
	case l.is(cFor) && opener&cFrom == 0, l.clock && e.a.hasDay() && !e.a.hasClock():
		return false
	case l.is(cUntil) && l.is(cAt|cOn) && e.a.hasDay() && opener&(cFrom|cBetween) == 0 && !e.a.hasClock() && !p.rangeOfDays(next):
		return false
	case l.is(cUntil | cDash):
	case l.is(cAnd) && opener&cBetween != 0:
	case l.is(cAnd) && opener&cFrom != 0 && e.a.hasClock():
	case l.is(cSlash) && e.a.hasClock():
	case l.is(cOr) && (e.a.bare || e.a.hasClock() && !e.a.hasDay()):
		how = choice
	default:
		return false
	}
	for n := 0; n < 2 && next < len(p.lex) && p.lex[next].is(cUntil|cBefore|cFrom) && !p.lex[next].is(cNumber); n++ {
		if s, _ := p.atom(next); s.kind != kNone {
			break
		}
		next++
	}
	in.numbers, in.days, in.hours = true, e.a.hasDay() && !e.a.hasClock(), e.a.bare
	in.opened = in.opened && !(e.a.hasDay() && (e.a.hasClock() || p.changing(e.from)))
	in.article = l.is(cOn) && e.a.hasDay()
	b := p.moment(next, in)
	if b.isNone() {
		return false
	}
	if opener == 0 && how == ranged && l.letters && b.bare && !b.ordinal && p.table.monthFirst && e.a.dated() && !e.a.hasClock() && b.num <= 12 && b.num <= int16(e.a.day.dom) {
		return false // "the 25th until 5": o'clock
	}
	if !unify(&e.a, &b, opener) {
		return false
	}
	if how == ranged && !e.a.hasClock() && !e.a.hasDay() && e.a.part != NoPart {
		return false
	}
	if l.is(cDash) && how == ranged && e.a.weakRange && opener == 0 && !(p.alone(b.to) && (e.from == 0 || !p.lex[e.from-1].letters || p.lex[e.from-1].class != 0)) {
		return false
	}
	e.b, e.bound, e.to = b, how, b.to
	return true
}

// rangeOfDays reports whether a day stands at i, so that "13 juillet au 15
// juillet" is a range and "15 à 18h" is not.
func (p *parser) rangeOfDays(i int) bool {
	_, j := p.connectors(i, true, 0)
	s, _ := p.atom(j)
	return s.kind == kDay || s.kind == kBare && s.ordinal
}

// unify gives each end of a range what only the other one says, and decides
// what bare numbers are.
func unify(a, b *moment, opener class) bool {
	a.weakRange = a.bare && b.bare && !a.hasDay() && !b.hasDay() && a.part == NoPart && b.part == NoPart
	switch {
	case a.bare && b.bare:
		if a.num > 24 || b.num > 24 {
			if a.num < 1 || b.num < 1 || a.hasDay() || b.hasDay() {
				return false
			}
			a.dom(a.num)
			b.dom(b.num)
			break
		}
		a.toHour()
		b.toHour()
	case a.bare && (b.hasClock() || b.part != NoPart && !b.hasDay()):
		a.toHour()
	case a.bare && b.hasDay():
		if a.hasDay() || !b.day.dated() {
			return false
		}
		a.dom(a.num)
	case b.bare && a.hasClock():
		b.toHour()
	case b.bare && a.hasDay():
		if !a.day.dated() || b.hasDay() {
			return false
		}
		b.dom(b.num)
	case b.bare || a.bare:
		return false
	}
	switch {
	case a.hasDay() && b.hasDay():
		inherit(&a.day, &b.day)
	case b.hasDay() && a.hasClock() && b.hasClock():
		a.day, a.plus = b.day, b.plus
	case a.hasDay() && a.hasClock() && b.hasClock():
		b.day, b.plus = a.day, a.plus
	case a.hasClock() && b.hasDay() && !b.hasClock(), b.hasDay() && !a.hasDay():
		return false
	case a.hasDay() && !a.hasClock() && b.hasClock():
		return false
	case a.hasClock() && !b.hasClock() && !b.hasDay() && b.part == NoPart:
		return false
	}
	return true
}

func (m *moment) toHour() {
	if m.num <= 24 {
		m.clock = spec{kind: kClock, hour: int8(m.num), exact: m.num > 12 || m.num == 0}
	}
	m.bare = false
}

func (m *moment) dom(n int16) {
	m.day, m.bare = spec{kind: kDay, day: byDom, dom: int8(n)}, false
}

// dated reports whether the day is one of a month.
func (s *spec) dated() bool { return s.day == byDom || s.day == byDate && s.dom > 0 }

// inherit gives one end of a range of days the month and year of the other:
// "the 13th to the 15th of July", "July 13 to 15".
func inherit(a, b *spec) {
	switch {
	case a.day == byDom && a.inWhich == anyOne && b.day == byDate && b.dom > 0:
		if a.dom > b.dom {
			return
		}
		a.day, a.month, a.year = byDate, b.month, b.year
	case b.day == byDom && b.inWhich == anyOne && a.day == byDate && a.dom > 0:
		b.day, b.month, b.year = byDate, a.month, a.year
		if b.dom < a.dom {
			b.month = b.month%12 + 1
		}
	case a.day == byDom && b.day == byDom && a.inWhich == anyOne:
		a.inWhich = b.inWhich
	case a.day == byDate && b.day == byDate && a.year == 0 && b.year != 0 && a.month <= b.month:
		a.year = b.year
	case a.day == byWeekday && b.day == byWeekday && b.inWhich == anyOne && b.which == anyOne:
		b.inWhich = a.inWhich
	}
}
