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

func (m *moment) hasDay() bool   { return m.day.kind != kNone }
func (m *moment) hasClock() bool { return m.clock.kind != kNone }
func (m *moment) dated() bool    { return m.day.dated() }
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
	return next.kind == kDay
}

// apartFrom takes only the clock time of "20h de hoje", and only the weekday of "the Friday before noon", where no day
// follows that it could stand beside, and of "Thursday 9-12", where no such
// date is a Thursday.
func (p *parser) apartFrom(m *moment, s spec, j, end int, in setting) (spec, int) {
	dashed := s.weak && s.kind == kDay && s.dom > 0
	switch {
	case s.kind == kDay && s.weekday != 0 && s.dom > 0 && p.clockBeside(s, j, end):
		return spec{kind: kDay, day: byWeekday, weekday: s.weekday}, j + 1
	case in.days && s.number && p.toAt(end):
		return spec{kind: kDay, day: byWeekday, weekday: s.weekday}, j + 1
	case (in.hours || in.bound) && s.day == byNext && p.lex[j].is(cNumber):
		return spec{kind: kBare, n: p.lex[j].num}, j + 1
	case s.kind == kClock && s.weak && end == j+2 && p.lex[j].is(cNumber) && p.longer(j+1, end),
		s.kind == kClock && end > j+1 && p.lex[j].digits > 0 && p.lex[j+1].is(cPast) && j > 0 && p.lex[j-1].is(cOn) && !p.lex[j-1].is(cAt),
		s.kind == kLength && end == j+2 && p.lex[j].is(cNumber) && end < len(p.lex) && p.lex[end-1].is(cOn|cAt) && p.lex[end].is(cNumber):
		return spec{kind: kBare, n: p.lex[j].num}, j + 1
	case s.kind == kClock && end >= j+3 && s.minute != 0 && p.lex[end-1].num == int16(s.minute) && !p.lex[end-1].glued && p.longer(end-1, end):
		s.minute = 0
		return s, end - 1
	case (in.hours || in.bound) && s.kind == kDay && s.day == byDate && p.hourBeforeDate(j, end):
		return spec{kind: kBare, n: p.lex[j].num}, j + 1
	case s.base && s.from && s.unit == Hour && s.weekday == 0 && s.n <= 24 && p.lex[end-2].is(cOclock):
		return spec{kind: kClock, hour: int8(s.n), exact: true}, end - 1
	case dashed && s.weekday == 0 && p.lex[j].is(cNumber) && p.lex[j+1].is(cDash) && p.lex[j].num <= 24 &&
		(in.within || m.hasDay() && !(m.day.day == byWeekday && !p.table.monthFirst && p.falls(s, m.day.weekday)) || !m.hasDay() && p.dayAfterHours(end)):
		return spec{kind: kBare, n: p.lex[j].num}, j + 1
	case s.base && s.weekday != 0:
		k := p.skipThe(end)
		next, _ := p.atom(k)
		if next.kind == kDay && next.part == NoPart && next.day != byMoment || next.kind == kBare && k > end && p.lex[k-1].is(cThe|cOn) && !p.lex[k-1].is(cAt) {
			return s, end
		}
		return spec{kind: kDay, day: byWeekday, weekday: s.weekday}, end - 1
	case dashed && s.weekday != 0 && !p.falls(s, s.weekday):
		return spec{kind: kDay, day: byWeekday, weekday: s.weekday}, j + 1
	}
	return s, end
}

// clockBeside reports whether the number after the weekday at j begins a clock
// time rather than that of the day: "Thursday 4.30 pm", "Wednesday, 10 past 4",
// "Friday 9 in the morning".
func (p *parser) clockBeside(s spec, j, end int) bool {
	k := j + 1
	for k < end && p.lex[k].is(cComma|cDot) {
		k++
	}
	if k >= end || !p.lex[k].is(cNumber) || p.lex[k].num > 24 {
		return false
	}
	c, next := p.atom(k)
	switch {
	case c.kind == kClock && !c.few && !c.weak:
		return next > end
	case c.kind == kPair:
		d := p.pairDay(c)
		isDay := d.month >= 1 && d.month <= 12 && !p.table.monthFirst && p.falls(d, s.weekday)
		return next >= end && c.hour <= 24 && c.minute < 60 && p.lex[k+2].digits == 2 && !isDay
	}
	spoken := p.table.monthFirst && p.spelt(k)
	return s.number && s.dom <= 12 && (p.partAt(end) || spoken) && (p.table.monthFirst || p.far(s))
}

// hourBeforeDate reports whether the number at j is an hour before a date that
// begins with its month: "from 2 to 4 March 5th", "5 to 6 of April 22".
func (p *parser) hourBeforeDate(j, end int) bool {
	k := j + 1
	if !p.lex[j].is(cNumber) || p.lex[j].is(cMonth) || p.lex[j].num > 12 {
		return false
	}
	if k < len(p.lex) && p.lex[k].is(cOf) {
		k++
	}
	s, next := p.atom(k)
	return s.kind == kDay && s.day == byDate && s.dom > 0 && next > end
}

// longer reports whether a date that begins at i ends after end.
func (p *parser) longer(i, end int) bool {
	s, next := p.atom(i)
	return s.kind == kDay && s.dom > 0 && next > end
}

// pairDay is the day that 10.3 may be.
func (p *parser) pairDay(s spec) spec {
	day, mon := s.dom, s.month
	if p.table.monthFirst && day <= 12 {
		day, mon = mon, day
	}
	return spec{kind: kDay, day: byDate, dom: day, month: mon}
}

// dayAfterHours reports whether what ends before i is followed by a day, so
// that "2-4" is hours: "2-4 tomorrow", "9-5 on the 16th".
func (p *parser) dayAfterHours(i int) bool {
	seen, j := p.connectors(i, true, 0)
	if j >= len(p.lex) || seen&(cFor|cIn) != 0 {
		return false
	}
	s, end := p.atom(j)
	return s.kind == kDay && s.day != byMoment && (s.dom == 0 || s.month > 0 || s.ordinal || s.weekday > 0) && end > j || s.kind == kBare && s.ordinal
}

// apart takes only the first number of "10 y 20" and "5 to 7", where they are
// the ends of a range.
func (p *parser) apart(j int) (spec, int) {
	n := p.lex[j].num
	if j+1 < len(p.lex) && p.lex[j+1].is(cOclock) {
		return spec{kind: kClock, hour: int8(n), exact: n > 12}, j + 2
	}
	return spec{kind: kBare, n: n}, j + 1
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
		return p.takeDay(m, s, seen, j, end)
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

func (p *parser) takeDay(m *moment, s spec, seen class, j, end int) bool {
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
	if s.ordinal && s.day == byDom && s.month == 0 && s.inWhich == anyOne && s.weekday == 0 && p.spelt(end-1) && !p.alone(end) {
		return false
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

// takePair decides whether 10.10 is a clock time or a day.
func (p *parser) takePair(m *moment, s spec, seen class, j, end int, in setting) bool {
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

// takeNumber decides what a bare number is: an hour, a day of the month, or
// neither.
func (p *parser) takeNumber(m *moment, s spec, seen class, j, end int, in setting) bool {
	if m.bare && in.hours && seen&cOn != 0 && seen&cAt == 0 && p.lex[j].digits > 0 && p.table.articleDays && !p.counted(end) {
		m.toHour()
		return m.setDom(s)
	}
	if p.counted(end) || m.bare || p.lex[j].is(cOne) && (seen&cAt == 0 && in.asked != AskedClock || !p.alone(end)) && !in.numbers && m.part == NoPart && !p.partAt(end) {
		return false
	}
	hour := !s.ordinal && s.n <= 24 && !m.hasClock() && seen&cDash == 0 && !p.name(end)
	free := !m.hasDay() && s.n >= 1
	switch {
	case s.ordinal:
		if !free || p.spelt(j) && seen&cThe == 0 && in.asked != AskedDay {
			return false
		}
		if p.spelt(j) && !p.alone(end) && !in.numbers {
			return false
		}
		return m.setDom(s)
	case hour && seen&(cAt|cAround) != 0 && seen&cOn == 0:
		return m.setHour(s)
	case free && seen&(cOn|cThe) != 0 && seen&cAt == 0 && p.lex[j].digits > 0 && p.table.articleDays && (m.part != NoPart && m.to > m.from || p.partAt(end)):
		return m.setDom(s)
	case hour && end < len(p.lex) && p.lex[end].is(cOnward) && s.n > 0:
		return m.setHour(s)
	case hour && (m.part != NoPart || p.partAt(end)):
		return m.setHour(s)
	case (p.table.monthFirst || p.table.dotted) && hour && m.isNone() && s.n >= 1 && s.n <= 12 && (j == 0 || p.lex[j].starts) && (p.onDay(end) || p.daySoon(end) && !p.lex[end].is(cMonth)):
		return m.setHour(s)
	case hour && (end < len(p.lex) && p.lex[end].is(cInstead) || seen&cAtWeak != 0 && seen&cFor == 0 && p.final(end) && !in.opened):
		return m.setHour(s)
	case free && p.spelt(j) && s.n > 1 && p.table.articleDays && j > 0 && p.lex[j-1].is(cOn) && p.lex[j-1].is(cThe) && (p.final(end) || p.lex[end].is(cAt)):
		return m.setDom(s)
	case free && (in.article || seen&cOn != 0 && p.lex[j-1].is(cUnit)) && seen&cAt == 0:
		return m.setDom(s)
	case free && in.negated && p.table.articleDays && p.lex[j].digits > 0 && p.final(end):
		return m.setDom(s)
	case free && seen&(cOn|cThe) != 0 && p.lex[j].digits > 0:
		if in.numbers {
			return m.setDom(s)
		}
		if m.hasClock() || p.table.articleDays || seen&cOn != 0 || p.alone(end) {
			return m.setDom(s)
		}
		return false
	case free && seen&(cOn|cThe) != 0 && in.numbers:
		return m.setDom(s)
	case in.asked == AskedDay && free:
		return m.setDom(s)
	case (in.asked == AskedClock || in.asked == AskedBoth) && hour:
		return m.setHour(s)
	case hour && m.hasDay() && !m.hasClock() && (m.day.unit < Week || m.day.day == byMoment) && !in.days && (p.alone(end) || p.toAt(end)) && seen&(cFor|cOn|cThe) == 0:
		return m.setHour(s)
	case in.numbers && m.isNone():
		m.num, m.bare = s.n, true
		return true
	case hour && in.bound && (m.isNone() || m.hasDay()) && p.alone(end):
		return m.setHour(s)
	}
	return false
}

func (m *moment) setHour(s spec) bool {
	m.clock = spec{kind: kClock, hour: int8(s.n), exact: s.n > 12 || s.n == 0}
	return true
}

func (m *moment) setDom(s spec) bool {
	m.day, m.ordinal = spec{kind: kDay, day: byDom, dom: int8(s.n)}, true
	return s.n >= 1
}

// counted reports whether the word at i makes the number before it one of
// people, money or the like.
func (p *parser) counted(i int) bool {
	if i >= len(p.lex) || p.lex[i].is(cCounted) {
		return i < len(p.lex)
	}
	link := p.lex[i].is(cAt|cOn) && i+1 < len(p.lex) && p.lex[i+1].is(cNumber) // "il 3 ore 16"
	return p.lex[i].is(cUnit) && !p.lex[i].is(cOclock) && !link
}

// alone reports whether what ends before i is not followed by a word that it
// may belong to: by nothing, a mark, or a word of times.
func (p *parser) alone(i int) bool {
	if i >= len(p.lex) {
		return true
	}
	l := &p.lex[i]
	return !l.letters && l.digits == 0 && !l.is(cCounted) || l.class&^(cCounted|cUnit|cPunct) != 0
}

// partAt reports whether a part of the day stands at i, or after one word that
// links.
func (p *parser) partAt(i int) bool {
	for n := 0; n < 3 && i < len(p.lex); n++ {
		if s, _ := p.atom(i); s.kind == kPart || s.kind == kDay && s.part != NoPart && s.day == byOffset {
			return true
		}
		if !p.lex[i].is(cIn | cOf | cThe | cComma | cDayword | cWeekday) {
			return false
		}
		i++
	}
	return false
}

// toAt reports whether "to" and a number follow at i.
func (p *parser) toAt(i int) bool {
	return i+1 < len(p.lex) && p.lex[i].is(cUntil|cDash) && p.lex[i+1].is(cNumber|cAt|cThe|cNoon)
}

// name reports whether a name stands at i: "at 5 Bon Air Road".
func (p *parser) name(i int) bool {
	return i < len(p.lex) && p.lex[i].capital && !p.lex[i].starts && p.lex[i].class == 0
}

// hours reports whether the number of "Monday 8" is an hour: the 8th is no
// Monday soon, and a sentence ends there or the end of a range follows.
func (p *parser) hours(s spec, end int) bool {
	if s.dom <= 12 && p.final(end) {
		return p.far(s)
	}
	if s.dom > 24 || end+1 >= len(p.lex) || !p.lex[end].is(cUntil|cDash) || p.lex[end].is(cAt) {
		return false
	}
	_, j := p.connectors(end+1, true, 0)
	next, _ := p.atom(j)
	if next.kind != kBare && next.kind != kClock {
		return false
	}
	return p.table.monthFirst || p.far(s)
}

// far reports whether the day s is none of the coming month.
func (p *parser) far(s spec) bool {
	day := p.resolver.day(s)
	return !day.ok || day.start.time().Sub(p.resolver.today()).Hours() > 24*32
}

// final reports whether a sentence, or a part of it, ends before i.
func (p *parser) final(i int) bool {
	return i >= len(p.lex) || p.lex[i].is(cPunct|cComma|cDot|cFiller|cCorrect|cInstead) || p.lex[i].starts
}

func abs(n int) int { return max(n, -n) }

// spelt reports whether the number at i is written in words.
func (p *parser) spelt(i int) bool { return p.lex[i].digits == 0 }
