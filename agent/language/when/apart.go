package when

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
