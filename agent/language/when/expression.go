package when

import "time"

// bound says how an expression lies to what it names.
type bound int8

const (
	at bound = iota
	ranged
	since
	until
	choice // one of two: "3 or 4 pm"
	within
)

// expression is one or two moments and how they bound a time.
type expression struct {
	a, b     moment
	bound    bound
	length   spec          // "for two hours"
	also     time.Duration // what more a length within has
	negated  bool
	every    Every
	or       bool
	after    bool // since: from the end of what is named, not from its start
	from, to int  // lexemes
}

// expression reads the expression that begins at the i-th lexeme; to is from
// where there is none.
func (p *parser) expression(i int, in setting) expression {
	e := expression{from: i, to: i}
	opener, j := p.opener(i, &e)
	switch {
	case e.every.N != 0 && e.every.Unit != 0 && e.to > i:
		return p.recurring(e, in)
	case opener&cWithin != 0:
		if w := p.within(e, j); w.to > i {
			return w
		}
	}
	in.numbers = in.numbers || opener&(cFrom|cBetween) != 0 && p.toAhead(j) || p.toSoon(j)
	in.opened = in.opened || opener&(cFrom|cBetween) != 0
	in.article = opener&cOn != 0
	in.alone, in.negated = e.negated, opener&cNot != 0
	in.between = in.between || opener&cBetween != 0
	in.bound = in.bound || e.negated && opener&cInstead != 0 || opener&(cAfter|cBefore|cUntil|cFrom) != 0 && opener&(cOf|cAt|cThe) == 0
	e.a = p.moment(j, in)
	if e.a.isNone() {
		return p.lengthFirst(e, i, j, opener)
	}
	e.to = e.a.to
	if !p.second(&e, opener, in) {
		if e.a.bare {
			return expression{from: i, to: i}
		}
		p.open(&e, opener)
		p.closed(&e)
	}
	p.tail(&e, in)
	p.suffix(&e)
	if d := &e.a.day; d.each && d.day == byWeekday && d.which == anyOne && d.inWhich == anyOne && d.n == 0 && e.bound == at && e.every.N == 0 {
		e.every = Every{N: 1, Unit: Week}
	}
	if e.a.day.each && e.a.day.day == byNth && e.bound == at {
		e.every = Every{N: 1, Unit: Month}
	}
	return e
}

// suffix reads what may follow an expression and belongs to it: "or later",
// "more or less", "each week".
func (p *parser) suffix(e *expression) {
	if e.to < len(p.lex) && p.lex[e.to].is(cOnward) && (e.bound == at || e.bound == since) {
		if e.bound = since; p.lex[e.to].off < 0 {
			e.bound = until
		}
		e.to++
		p.dayOf(e)
	}
	if e.to < len(p.lex) && p.lex[e.to].is(cAround) && e.a.hasClock() && e.bound == at && p.final(e.to+1) {
		e.a.approx = true
		e.to++
	}
	p.oftenAfter(e)
}

// dayOf reads the day that follows "3 pm or later".
func (p *parser) dayOf(e *expression) {
	if !e.a.hasClock() || e.a.hasDay() {
		return
	}
	m := p.moment(e.to, setting{})
	if m.hasDay() && !m.hasClock() && m.part == NoPart && (m.day.day != byMoment || m.day.unit >= Day) {
		e.a.day, e.a.plus, e.to = m.day, m.plus, m.to
	}
}

// opener passes over what may begin an expression.
func (p *parser) opener(i int, e *expression) (class, int) {
	var seen class
	for n := 0; n < 3 && i < len(p.lex); n++ {
		l := &p.lex[i]
		switch {
		case l.is(cNot | cInstead):
			e.negated = true
		case l.is(cEvery):
			if p.recurrence(e, i) {
				return seen, i
			}
			e.every = Every{N: 1}
		case l.is(cAfter|cBefore|cUntil|cFrom|cBetween|cWithin) && !l.is(cNumber|cOrdinal|cAt|cAtWeak|cFor):
			if s, end := p.atom(i); s.kind != kNone && end > i+1 {
				return seen, i
			}
		default:
			return seen, i
		}
		seen |= l.class
		i++
	}
	return seen, i
}

// recurrence reads "every two weeks", and "every other" of a weekday that
// follows.
func (p *parser) recurrence(e *expression, i int) bool {
	if often := &p.lex[i]; often.unit != 0 {
		e.every, e.to = Every{N: int(max(often.step, 1)), Unit: often.unit}, i+1
		return true
	}
	j, n := i+1, 1+int(p.lex[i].off)
	if j < len(p.lex) && p.lex[j].is(cNumber) && p.lex[j].num > 0 {
		n, j = int(p.lex[j].num), j+1
	}
	if j < len(p.lex) && p.lex[j].is(cWeekday) && n > 1 {
		e.every, e.to = Every{N: n, Unit: Week}, j
		return true
	}
	if j >= len(p.lex) || !p.lex[j].is(cUnit) || p.lex[j].is(cPart) {
		return false
	}
	e.every, e.to = Every{N: n * int(max(p.lex[j].step, 1)), Unit: p.lex[j].unit}, j+1
	return true
}

// recurring reads what may follow the step of a recurrence: "on Tuesday",
// "at 8 pm".
func (p *parser) recurring(e expression, in setting) expression {
	if e.every.Unit == businessDay {
		e.every.Unit = Day
		e.a.day = spec{kind: kDay, day: byMoment, n: 1, unit: businessDay}
	}
	m := p.moment(e.to, in)
	if e.a.hasDay() && (m.hasDay() || m.bare) || m.isNone() || m.bare || m.hasDay() && m.day.day != byWeekday && m.day.day != byDom && m.day.day != byNth && !(m.day.day == byDate && e.every.Unit == Year) {
		return e
	}
	day := e.a.day
	e.a, e.to = m, m.to
	if day.kind != kNone {
		e.a.day = day
	}
	return e
}

// oftenAfter reads a recurrence that follows what recurs: "on Fridays every
// week", "the 5th of each month".
func (p *parser) oftenAfter(e *expression) {
	j := e.to
	for n := 0; n < 2 && j < len(p.lex) && p.lex[j].is(cOf|cComma|cIn|cOn) && !p.lex[j].is(cEvery); n++ {
		j++
	}
	if e.bound != at || e.every.N != 0 || e.a.plus.kind != kNone || j >= len(p.lex) || !p.lex[j].is(cEvery) {
		return
	}
	if d := e.a.day.day; e.a.hasDay() && d != byWeekday && d != byDom && d != byNth {
		return
	}
	step := expression{}
	if p.recurrence(&step, j) && step.to > j && step.every.Unit >= Day && step.every.Unit != businessDay && !p.lex[step.to-1].is(cEvery|cWeekday) || p.lex[j].unit != 0 {
		e.every, e.to = step.every, step.to
	}
}

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
	if next := &p.lex[j+1]; next.is(cFor) || next.is(cAt) && (seen&(cOn|cThe|cFor) != 0 || seen&cAt == 0 && j > 0) {
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

// open makes e the time after or before its moment, where that was said.
func (p *parser) open(e *expression, opener class) {
	strong := func(c class) bool { return opener&c != 0 && opener&(cOf|cAt|cThe|cIn) == 0 }
	switch {
	case strong(cAfter) || opener&cFrom != 0 && opener&(cOf|cAt) == 0:
		e.bound, e.after = since, strong(cAfter)
	case strong(cBefore | cUntil | cWithin):
		e.bound = until
	}
}

// closed reads the other bound of "after 9 but before 11".
func (p *parser) closed(e *expression) {
	k := e.to
	for n := 0; n < 2 && k < len(p.lex) && (p.lex[k].is(cAnd|cComma) || p.lex[k].letters && p.lex[k].class&^cAside == 0 && p.lex[k].end-p.lex[k].at < 5); n++ {
		k++
	}
	if e.bound != since || k == e.to || k+1 >= len(p.lex) || !p.lex[k].is(cBefore) && !p.lex[k].clock {
		return
	}
	b := p.moment(k+1, setting{numbers: true, bound: true})
	if b.bare {
		b.toHour()
	}
	if a := e.a; e.a.hasClock() != b.hasClock() || !unify(&a, &b, cFrom) {
		return
	} else {
		e.a, e.b, e.bound, e.to = a, b, ranged, b.to
	}
}

// tail joins a time on the clock that follows a day ("Thursday from 9 to 11",
// "tomorrow after 5"), a day that follows clock times, and a length.
func (p *parser) tail(e *expression, in setting) {
	if e.to >= len(p.lex) || in.within {
		return
	}
	j := e.to
	if p.lex[j].is(cComma) {
		j++
	}
	if j < len(p.lex) && e.a.hasDay() && !e.a.hasClock() && e.bound == at && (e.a.day.day != byMoment || e.a.day.unit >= Day) &&
		(p.lex[j].is(cFrom|cBetween|cAfter|cBefore|cUntil) || p.lex[j].is(cNumber) && e.a.part != NoPart && p.toSoon(j)) {
		p.join(e, j)
	}
	if e.bound == at && e.a.hasDay() && !e.a.hasClock() && e.a.day.unit >= Week && e.a.day.day == byUnit && j < len(p.lex) && p.lex[j].is(cFrom) {
		p.join(e, j)
	}
	if e.to < len(p.lex) && (e.a.hasClock() || e.a.hasDay()) && e.bound != choice {
		p.duration(e)
	}
}

// join adds the clock times that follow the day of e.
func (p *parser) join(e *expression, j int) {
	sub := p.expression(j, setting{numbers: p.toAhead(j + 1), bound: true, within: true})
	if sub.to <= j || sub.negated || sub.length.kind != kNone {
		return
	}
	if sub.a.hasDay() {
		if sub.bound == ranged && e.a.day.day == byUnit && e.a.day.unit == Week && sub.a.day.day == byWeekday && sub.b.day.day == byWeekday && !sub.a.hasClock() {
			sub.a.day.inWhich, sub.b.day.inWhich = e.a.day.inWhich, e.a.day.inWhich
			e.a, e.b, e.bound, e.to = sub.a, sub.b, ranged, sub.to
		}
		return
	}
	if !sub.a.hasClock() && sub.a.part == NoPart || e.a.part != NoPart && sub.a.part != NoPart {
		return
	}
	part, day, plus := e.a.part, e.a.day, e.a.plus
	e.a, e.b, e.bound, e.to = sub.a, sub.b, sub.bound, sub.to
	e.a.day, e.a.plus = day, plus
	if e.bound == ranged && !e.b.hasDay() {
		e.b.day, e.b.plus = day, plus
	}
	if part != NoPart && e.a.part == NoPart {
		e.a.part = part
		if e.bound == ranged && e.b.part == NoPart {
			e.b.part = part
		}
	}
}

// duration reads "for two hours" after a clock time.
func (p *parser) duration(e *expression) {
	j := e.to
	if !p.lex[j].is(cFor) || e.bound == ranged {
		return
	}
	if s, end := p.atom(j + 1); s.kind == kLength && s.unit <= Hour == e.a.hasClock() && !s.base {
		e.length, e.to = s, end
	}
}

// lengthOfHours takes "two hours" for a length in the languages that write it
// like two o'clock.
func lengthOfHours(s spec, last *lexeme) spec {
	switch {
	case s.kind == kClock && s.minute == 0 && last.is(cUnit) && last.is(cOclock):
		return spec{kind: kLength, n: int16(s.hour), unit: last.unit}
	case s.kind == kClock && s.hour < 10 && last.is(cUnit) && last.unit == Minute && !s.exact:
		return spec{kind: kLength, n: int16(s.hour), unit: Hour, n2: int16(s.minute), unit2: Minute}
	}
	return s
}

// fromAt passes over "from", with or without a comma before it.
func (p *parser) fromAt(i int) int {
	j := i
	if j < len(p.lex) && p.lex[j].is(cComma) {
		j++
	}
	if j < len(p.lex) && p.lex[j].is(cFrom) {
		return j + 1
	}
	return i
}

// within reads "within two hours".
func (p *parser) within(e expression, j int) expression {
	_, k := p.connectors(j, true, 0)
	s, end := p.atom(k)
	if k > j && k < len(p.lex) && p.lex[k].is(cUnit) && p.lex[k-1].is(cThe) && s.kind == kNone { // "within the hour"
		s, end = spec{kind: kLength, n: 1, unit: p.lex[k].unit}, k+1
	}
	if k < len(p.lex) {
		s = lengthOfHours(s, &p.lex[max(end-1, 0)])
	}
	switch {
	case s.kind == kLength && s.base:
		e.a = p.moment(j, setting{})
		if e.a.hasDay() && e.a.plus.kind != kNone {
			e.bound, e.to = within, e.a.to
			return e
		}
	case s.kind == kLength, s.kind == kDay && (s.day == byNext || s.day == byMoment):
		e.length, e.bound, e.to = s, within, end
		for n := 0; n < 4; n++ {
			more, next := p.atom(e.to)
			if more.kind != kLength {
				break
			}
			e.also += lengthOf(more)
			e.to = next
		}
		return e
	}
	return expression{from: e.from, to: e.from}
}

// lengthFirst reads a length of time: "for two hours", "for two hours from 2".
func (p *parser) lengthFirst(e expression, i, j int, opener class) expression {
	none := expression{from: i, to: i}
	seen, k := p.connectors(j, true, 0)
	s, end := p.atom(k)
	s = lengthOfHours(s, &p.lex[max(end-1, 0)])
	if s.kind != kLength {
		return none
	}
	if stays(s, seen) {
		s.base, end = false, end-1
	}
	if opener&cAfter != 0 && !s.base {
		e.a.day = s
		e.a.day.kind, e.a.day.day = kDay, byMoment
		e.a.to, e.to = end, end
		return e
	}
	e.length, e.to = s, end
	if next := p.fromAt(end); s.unit >= Day && !s.base && next > end {
		if a := p.moment(next, setting{}); a.hasDay() && !a.hasClock() && a.day.day != byMoment {
			e.a, e.to = a, a.to
		}
		return e
	}
	if next := end; s.unit <= Hour && (s.base || next < len(p.lex) && p.lex[next].is(cFrom)) {
		if !s.base {
			next++
		}
		if a := p.moment(next, setting{bound: true}); a.hasClock() {
			e.a, e.to = a, a.to
			return e
		}
	}
	if s.unit <= Hour && !s.base && end < len(p.lex) && p.lex[end].is(cOn|cDayword|cWeekday|cAt) {
		at := p.expression(end, setting{})
		if plain := at.length.kind == kNone && at.every.N == 0 && !at.negated; plain && at.a.hasClock() && at.a.hasDay() && (at.bound == since && !at.after || at.bound == 0) {
			e.a, e.to = at.a, at.to
		}
	}
	return e
}

// stays reports whether a length of days before "from" is how long something
// lasts: "for a week from June 1".
func stays(s spec, seen class) bool {
	return seen&cFor != 0 && s.kind == kLength && s.base && s.from && s.unit >= Day && s.unit <= Month
}
