package when

// Read returns the expressions of time in text, in its order. It never fails:
// a text without any gives none. Only the first 8 KiB are read.
func Read(text string, ref Reference) []Mention {
	p := parsers.Get().(*parser)
	defer parsers.Put(p)
	p.start(text, ref.Language)
	if !p.any() {
		return nil
	}
	p.resolver = resolver{ref: ref, table: p.table}
	r := &p.resolver
	in := setting{}
	if p.short() {
		in.asked = r.asked(p)
		p.restart(text, ref.Language)
	}
	p.expressions(in)
	p.gather()
	p.retract()
	return p.mentions(r)
}

// most is how many expressions of a text are kept.
const most = 64

// expressions finds all of the text.
func (p *parser) expressions(in setting) {
	for i := 0; i < len(p.lex) && len(p.found) < most; {
		if p.lex[i].class&^(marks|cCounted|cUnit|cCorrect|cChange|cReject) == 0 && !p.lex[i].is(cUnit) {
			i++
			continue
		}
		e := p.expression(i, in)
		if e.to <= i {
			i++
			continue
		}
		p.found = append(p.found, e)
		i = p.hoursOf(&e)
		i = p.others(i, in)
		i = p.instead(i, in)
	}
}

// hoursOf reads the hours that follow a range of days, "Monday to Friday, 9 to
// 5", which are another expression. It returns where they end.
func (p *parser) hoursOf(days *expression) int {
	if days.bound != ranged || !days.a.hasDay() || days.a.hasClock() || days.b.hasClock() || days.to >= len(p.lex) || len(p.found) >= most {
		return days.to
	}
	j := days.to
	if p.lex[j].is(cComma) {
		j++
	}
	e := p.expression(j, setting{numbers: true, bound: true, within: true})
	if e.to <= j || e.bound != ranged || e.a.hasDay() || e.b.hasDay() || !e.a.hasClock() || !e.b.hasClock() || e.negated {
		return days.to
	}
	p.found = append(p.found, e)
	return e.to
}

// gather joins a day and a clock time that a few words stand between:
// "on Friday in London at 5".
func (p *parser) gather() {
	out := 0
	for i := range p.found {
		e := p.found[i]
		if out > 0 && p.belongs(&p.found[out-1], &e) {
			last := &p.found[out-1]
			e.a.day, e.from = last.a.day, last.from
			if e.bound == ranged {
				e.b.day = e.a.day
			}
			*last = e
			continue
		}
		p.found[out] = e
		out++
	}
	p.found = p.found[:out]
}

// belongs reports whether the clock time b belongs to the day a.
func (p *parser) belongs(a, b *expression) bool {
	if a.bound != at || a.negated || b.negated || b.or || a.every.N != 0 || b.every.N != 0 || b.from-a.to > 3 {
		return false
	}
	if !a.a.hasDay() || a.a.hasClock() || a.a.part != NoPart || a.a.day.unit >= Hour || b.a.hasDay() || !b.a.hasClock() || b.b.hasDay() {
		return false
	}
	for i := a.to; i < b.from; i++ {
		if l := &p.lex[i]; !l.letters || l.class&^(linking|cAside) != 0 || l.starts {
			return false
		}
	}
	return b.from > a.to
}

// instead reads the bare number that replaces the expression before it: "at 3,
// no, 4", "not the 5th, 6".
func (p *parser) instead(i int, in setting) int {
	last := &p.found[len(p.found)-1]
	j, seen := i, last.negated
	for ; j < len(p.lex) && j < i+8 && (p.lex[j].is(cCorrect|cComma|cDot|cPunct) || p.lex[j].letters && p.lex[j].is(cAnd)); j++ {
		seen = seen || p.lex[j].is(cCorrect)
	}
	if !seen || j == i || j >= len(p.lex) || !p.lex[j].is(cNumber|cOrdinal) || !p.final(j+1) || last.bound == ranged {
		return i
	}
	switch {
	case last.a.hasClock():
		in.asked = AskedClock
	case last.a.hasDay() && last.a.day.dated():
		in.asked = AskedDay
	default:
		return i
	}
	e := p.expression(j, in)
	if e.to <= j {
		return i
	}
	p.found = append(p.found, e)
	return e.to
}

// others reads the further choices after an expression: "Tues or Wed morning".
func (p *parser) others(i int, in setting) int {
	for i+1 < len(p.lex) && len(p.found) < most && (p.lex[i].is(cOr) || p.lex[i].is(cAnd) && !p.lex[i].is(cCounted)) {
		first := &p.found[len(p.found)-1]
		or := p.lex[i].is(cOr)
		in := in
		if first.a.hasDay() && !first.a.hasClock() && first.a.day.dated() && first.a.part == NoPart {
			in.asked = AskedDay
		}
		if first.a.hasClock() && or {
			in.bound, in.asked = true, AskedClock
		}
		e := p.expression(i+1, in)
		if e.to <= i+1 || e.a.isNone() {
			return i
		}
		e.or = or
		share(first, &e)
		p.found = append(p.found, e)
		i = e.to
	}
	return i
}

// share gives each of two choices what only the other one says.
func share(a, b *expression) {
	if a.every.N != 0 && b.every.N == 0 && b.a.hasDay() {
		b.every = a.every
	}
	if a.bound != at || b.bound != at {
		return
	}
	switch {
	case a.a.hasDay() && !b.a.hasDay():
		b.a.day = a.a.day
	case a.a.hasDay() && b.a.hasDay() && !a.a.hasClock() && a.a.part == NoPart:
		a.a.clock, a.a.part, a.a.partEdge = b.a.clock, b.a.part, b.a.partEdge
		inherit(&a.a.day, &b.a.day)
		inheritWhich(&a.a.day, &b.a.day)
	case a.a.hasDay() && b.a.hasDay():
		inherit(&a.a.day, &b.a.day)
		inheritWhich(&a.a.day, &b.a.day)
	}
}

// inheritWhich reads "next Tuesday or Wednesday": both are next week's.
func inheritWhich(a, b *spec) {
	if a.day == byWeekday && b.day == byWeekday && b.which == anyOne && b.inWhich == anyOne {
		b.which, b.inWhich = a.which, a.inWhich
	}
}

// any reports whether there is anything to read.
func (p *parser) any() bool {
	const worth = cNumber | cBasic | cOrdinal | cWeekday | cMonth | cUnit | cDayword | cDaypart | cPart | cNow | cNoon | cHalf | cWeekend | cHoliday | cSame | cEdge
	for i := range p.lex {
		if p.lex[i].is(worth) || p.lex[i].is(cEvery) && p.lex[i].unit != 0 {
			return true
		}
	}
	return false
}

// short reports whether the text is little more than a number, so that it is
// the answer to what the agent asked.
func (p *parser) short() bool {
	numbers := 0
	for i := range p.lex {
		l := &p.lex[i]
		if l.is(cNumber | cOrdinal) {
			numbers++
		}
		if l.is(cMeridiem | cOclock | cColon) {
			return false
		}
	}
	return numbers > 0 && len(p.lex) <= 14
}

func (p *parser) restart(text, lang string) { p.start(text, lang) }
