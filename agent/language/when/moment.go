package when

// moment is a day, a clock time and a part of the day as far as they were said
// next to one another.
type moment struct {
	day, clock spec
	part       Part
	partEdge   int8
	// num is a number that is an hour or a day of the month; which of them
	// is told by what stands around.
	num     int16
	bare    bool
	ordinal bool
	// plus is how long after day: "two weeks after Friday".
	plus spec
	// weakRange: it is one end of a range of two bare numbers.
	weakRange bool
	approx    bool
	from      int // lexemes
	to        int
}

func (m *moment) hasDay() bool { return m.day.kind != kNone }

func (m *moment) hasClock() bool { return m.clock.kind != kNone }

func (m *moment) dated() bool { return m.day.dated() }

func (m *moment) isNone() bool {
	return !m.hasDay() && !m.hasClock() && m.part == NoPart && !m.bare
}

// setting is what stands around a moment.
type setting struct {
	// numbers: a bare number may stay open until the other end is known.
	numbers bool
	// between: "between" stands before.
	between bool
	// within: it is a part of another expression.
	within bool
	// article: a word for "from the" or the like, which goes with days.
	article bool
	// alone: it is taken back, and what follows a comma is not.
	alone bool
	// negated: "not" stands before.
	negated bool
	// hours: it is the end of a range that began with a bare number.
	hours bool
	// days: it is the end of a range of days.
	days bool
	// opened: "from" or "between" stands before.
	opened bool
	// bound: it follows "after", "before" or the like.
	bound bool
	// asked is what the agent asked for, where the whole text is the answer.
	asked Asked
}

// moment reads the moment that begins at the i-th lexeme.
func (p *parser) moment(i int, in setting) moment {
	m := moment{from: i, to: i}
	for {
		var stop class
		switch {
		case m.bare:
			stop = cUntil | cDash
		case in.opened && !m.isNone() && !p.clockBeforeUntil(&m):
			stop = cUntil
		}
		if in.alone {
			stop |= cComma | cDot
		}
		seen, j := p.connectors(m.to, m.isNone(), stop)
		s, end := p.atom(j)
		s, end = p.apartFrom(&m, s, j, end, in)
		if s.few && in.opened || s.and && in.between && p.lex[j].is(cNumber) {
			s, end = p.apart(j)
		}
		if in.days && m.hasDay() && (s.kind == kClock || s.kind == kBare || s.kind == kPair) && p.toAt(end) {
			return m
		}
		if s.kind == kNone || !p.take(&m, s, seen, j, end, in) {
			return m
		}
		if (s.kind == kBare || s.kind == kDay && s.day == byDom) && p.table.dotted && end < len(p.lex) && p.lex[end].is(cDot) && p.lex[end].glued && !m.hasClock() {
			end++
		}
		if seen&cAround != 0 || s.approx {
			m.approx = true
		}
		m.to = end
	}
}

// clockBeforeUntil reports whether the word after the day m introduces its clock
// time and not the other end: "del viernes a las 18 al domingo".
func (p *parser) clockBeforeUntil(m *moment) bool {
	if !m.hasDay() || m.hasClock() || m.to >= len(p.lex) || !p.lex[m.to].is(cUntil) || !p.lex[m.to].is(cAt) {
		return false
	}
	s, end := p.atom(m.to + 1)
	if s.kind != kClock && s.kind != kBare {
		return false
	}
	for n := 0; n < 3 && end < len(p.lex) && !p.lex[end].is(cUntil|cDash); n++ {
		if s, next := p.atom(end); s.kind == kPart {
			end = next
		} else {
			return false
		}
	}
	if end >= len(p.lex) || !p.lex[end].is(cUntil|cDash) {
		return false
	}
	_, k := p.connectors(end+1, true, 0)
	next, _ := p.atom(k)
	return next.kind == kDay || next.kind == kBare && p.lex[k-1].is(cOn)
}

const linking = cAt | cAtWeak | cOn | cFor | cIn | cThe | cOf | cAround | cFiller

// connectors passes over the words that link pieces, unless one begins a piece
// itself. At the start of a moment a comma is none of them.
func (p *parser) connectors(i int, first bool, stop class) (class, int) {
	var seen class
	for n := 0; n < 4 && i < len(p.lex); n++ {
		l := &p.lex[i]
		switch {
		case l.is(stop | cBetween):
			return seen, i
		case !first && l.is(cComma|cDash) && n == 0 || l.is(cDot) && l.glued && n == 0 && !first:
		case l.class&linking != 0 && !l.is(cNumber|cOrdinal):
			if s, _ := p.atom(i); s.kind != kNone && (s.kind != kLength || s.base) {
				return seen, i
			}
			if l.is(cFrom) && !first && !l.is(cAt) && p.rangeAhead(i) {
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

// rangeAhead reports whether what follows the word at i ("de") is one end of a
// range: the number is followed by a word for "to".
func (p *parser) rangeAhead(i int) bool {
	if i+1 >= len(p.lex) || !p.lex[i+1].is(cNumber|cOrdinal|cThe|cAt|cNoon) {
		return false
	}
	for j := i + 1; j < len(p.lex) && j < i+8; j++ {
		l := &p.lex[j]
		if l.is(cUntil|cDash) && j > i+1 {
			return true
		}
		if l.class&^cAside == 0 || l.is(cPunct|cComma) {
			return false
		}
	}
	return false
}

// take adds the piece s, which stands from lexeme j to end, to m. It reports
// whether s belongs there.
func (p *parser) take(m *moment, s spec, seen class, j, end int, in setting) bool {
	switch s.kind {
	case kClock:
		return p.takeClock(m, s, seen, j, end, in)
	case kPart:
		return m.takePart(s)
	case kDay:
		return p.takeDay(m, s, seen, j, end, in)
	case kPair:
		return p.takePair(m, s, seen, j, end, in)
	case kBare:
		return p.takeNumber(m, s, seen, j, end, in)
	case kLength:
		if stays(s, seen) {
			return false
		}
		if s.base && !m.hasDay() && !m.bare && m.plus.kind == kNone && (m.isNone() || s.unit >= Day) {
			day, next := p.atom(p.skipThe(end))
			if (day.kind == kDay || day.kind == kLength && day.base && day.weekday != 0 || day.kind == kBare && s.weekday != 0) && next > 0 {
				m.plus = s
				return true
			}
		}
	}
	return false
}

func (p *parser) skipThe(i int) int {
	_, j := p.connectors(i, true, 0)
	return j
}
