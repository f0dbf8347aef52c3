package when

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
