package when

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
