package when

// retract marks what the text takes back: "not the 5th", "at 3, no, at 4",
// "from 3 to 4" of a change, "Friday doesn't work".
func (p *parser) retract() {
	for i := range p.found {
		e := &p.found[i]
		if p.rejected(e.to) {
			e.negated = true
		}
		if before := i - 1; e.negated && before >= 0 && e.from == p.found[before].to && e.a.hasClock() && e.a.hasDay() && p.found[before].a.hasClock() && !p.found[before].a.hasDay() {
			// "at 4 instead of 3 on Friday": the day is that of the 4.
			p.found[before].a.day = e.a.day
		}
		if i > 0 && p.corrected(p.found[i-1].to, e.from) && alike(&p.found[i-1], e) {
			p.found[i-1].negated = true
		}
	}
	p.changes()
}

// rejected reports whether what ends before lexeme i is said not to suit.
func (p *parser) rejected(i int) bool {
	for n := 0; n < 2 && i+n < len(p.lex); n++ {
		l := &p.lex[i+n]
		if l.is(cReject) {
			return !l.is(cNot) || p.final(i+n+1)
		}
		if l.is(cPunct | cComma | cDot) {
			return false
		}
	}
	return false
}

// corrected reports whether between two expressions stands a correction and
// nothing else.
func (p *parser) corrected(from, to int) bool {
	if to-from > 8 || to <= from {
		return false
	}
	if p.sayAgain(from, to) {
		return true
	}
	seen := false
	for i := from; i < to; i++ {
		l := &p.lex[i]
		if l.is(cCorrect) {
			seen = true
		} else if l.letters && l.class&(linking|cAnd) == 0 {
			return false
		}
	}
	return seen
}

// sayAgain reports whether a new beginning that corrects stands right before
// lexeme to: "would be good... no, half past three".
func (p *parser) sayAgain(from, to int) bool {
	seen := false
	for i := to - 1; i > from; i-- {
		switch l := &p.lex[i]; {
		case l.is(cPunct | cDot | cComma):
			if seen {
				return true
			}
		case l.is(cCorrect):
			seen = true
		case l.letters && l.class&(linking|cAnd) == 0:
			return false
		}
	}
	return false
}

// alike reports whether two expressions say the same kind of thing, so that
// one can replace the other.
func alike(a, b *expression) bool {
	return a.a.hasDay() && b.a.hasDay() && a.a.hasClock() == b.a.hasClock() || a.a.hasClock() && b.a.hasClock() && (b.a.hasDay() || !a.a.hasDay())
}

// changes reads "move it from 3 to 4": the first is what is given up.
func (p *parser) changes() {
	for i := 0; i < len(p.found); i++ {
		e := &p.found[i]
		if e.bound != ranged || !p.lex[e.from].is(cFrom) || !p.changing(e.from) {
			continue
		}
		old, kept := *e, *e
		old.b, old.bound, old.to, old.negated = moment{}, at, e.a.to, true
		kept.a, kept.b, kept.bound, kept.from = e.b, moment{}, at, e.b.from
		if len(p.found) >= most {
			return
		}
		p.found = append(p.found, expression{})
		copy(p.found[i+2:], p.found[i+1:])
		p.found[i], p.found[i+1] = old, kept
		i++
	}
}

// changing reports whether a word for a change stands shortly before lexeme i.
func (p *parser) changing(i int) bool {
	for n := 1; n <= 7 && i-n >= 0; n++ {
		l := &p.lex[i-n]
		if l.is(cChange) {
			return true
		}
		if l.is(cPunct) || l.is(cDot) && !l.glued {
			return false
		}
	}
	return false
}
