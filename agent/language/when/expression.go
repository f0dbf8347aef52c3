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
