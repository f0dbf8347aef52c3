package when

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
		counts := p.spelt(j) && (seen&cThe == 0 && in.asked != AskedDay || !p.alone(end) && !in.numbers) // "second opinion"
		return free && !counts && m.setDom(s)
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
	case free && in.negated && p.table.articleDays && p.lex[j].digits > 0 && (p.final(end) || p.lex[end].is(cAt)):
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

// final reports whether a sentence, or a part of it, ends before i.
func (p *parser) final(i int) bool {
	return i >= len(p.lex) || p.lex[i].is(cPunct|cComma|cDot|cFiller|cCorrect|cInstead) || p.lex[i].starts
}

func abs(n int) int { return max(n, -n) }

// spelt reports whether the number at i is written in words.
func (p *parser) spelt(i int) bool { return p.lex[i].digits == 0 }
