package when

import "bytes"

// lookup turns raw lexemes into those of t: phrases become one lexeme, numbers
// in words are put together, and words that are near enough to one of the
// table are taken for it.
func (s *scanner) lookup(t *table) {
	out := 0
	for i := 0; i < len(s.lex); {
		l := s.lex[i]
		n := 1
		if l.letters {
			if w, size := s.phraseAt(t, i); size > 0 {
				l.word, n = w, size
				l.to, l.end = s.lex[i+n-1].to, s.lex[i+n-1].end
			} else if w, ok := t.words[string(s.folded[l.at:l.end])]; ok {
				l.word = w
			} else {
				l.word = s.guessed(t, l)
			}
		}
		s.lex[out] = l
		out, i = s.join(t, out), i+n
	}
	s.lex = s.lex[:out]
	s.phones()
	s.weaken()
}

// phraseAt returns the longest phrase of t that begins at the i-th lexeme and
// how many lexemes it has.
func (s *scanner) phraseAt(t *table, i int) (word, int) {
	first := s.lex[i]
	list := t.phrases[string(s.folded[first.at:first.end])]
next:
	for _, p := range list {
		if i+len(p.rest) >= len(s.lex) {
			continue
		}
		for k, want := range p.rest {
			l := s.lex[i+1+k]
			if string(s.folded[l.at:l.end]) != want {
				continue next
			}
		}
		return p.word, 1 + len(p.rest)
	}
	return word{}, 0
}

// join puts the lexeme at out together with the one before it, where the two
// are one number ("twenty five", "21 st"), and returns the next free place.
func (s *scanner) join(t *table, out int) int {
	if out == 0 {
		return 1
	}
	a, b := &s.lex[out-1], &s.lex[out]
	switch {
	case a.digits > 0 && a.is(cNumber) && (b.letters && b.is(cSuffix) && !b.own || string(s.folded[b.at:b.end]) == "°") && b.glued && a.num >= 1 && a.num <= 31:
		a.class, a.ord = cOrdinal, int8(a.num)
	case a.digits == 0 && a.is(cNumber) && a.num >= 20 && a.num%10 == 0 && b.digits == 0 && b.is(cNumber) && b.num > 0 && b.num < 10:
		a.class, a.num = cNumber, a.num+b.num
	case a.digits == 0 && a.is(cOrdinal) && a.ord >= 10 && a.ord%10 == 0 && b.digits == 0 && b.is(cOrdinal) && b.ord < 10:
		a.class, a.ord = cOrdinal, a.ord+b.ord
	case a.num == 2000 && a.digits == 0 && b.digits == 0 && b.is(cNumber) && b.num < 100 && b.num > 0:
		a.class, a.num, a.digits = cNumber, 2000+b.num, 4
	case out > 1 && a.is(cDot) && a.glued && b.glued && b.is(cSuffix) && !b.own && s.lex[out-2].is(cNumber) && s.lex[out-2].digits > 0 && s.lex[out-2].num <= 31:
		n := &s.lex[out-2]
		n.class, n.ord, n.to, n.end = cOrdinal, int8(n.num), b.to, b.end
		return out - 1
	case a.digits == 0 && a.is(cNumber) && (a.num == 20 || a.num == 30) && b.digits == 0 && b.is(cOrdinal) && b.ord < 10:
		a.class, a.ord = cOrdinal, int8(a.num)+b.ord
	default:
		return s.joinAnd(out)
	}
	a.to, a.end = b.to, b.end
	return out
}

// joinAnd puts "treinta y cinco" and "vingt et un" together.
func (s *scanner) joinAnd(out int) int {
	if out < 2 {
		return out + 1
	}
	a, and, b := &s.lex[out-2], &s.lex[out-1], &s.lex[out]
	tens := a.digits == 0 && a.is(cNumber) && a.num >= 20 && a.num%10 == 0
	if !tens || !and.is(cAnd) || !and.joins || b.digits > 0 || !b.is(cNumber) || b.num < 1 || b.num > 9 {
		return out + 1
	}
	a.class, a.num = cNumber, a.num+b.num
	a.to, a.end = b.to, b.end
	return out - 1
}

// guessed returns the meaning of a word that is not in the table: "eightish", or
// a misspelling.
func (s *scanner) guessed(t *table, l lexeme) word {
	if stem, ok := bytes.CutSuffix(s.folded[l.at:l.end], []byte("ish")); ok && t.monthFirst {
		if w := t.words[string(stem)]; w.class&cNumber != 0 {
			w.class |= cAround
			return w
		}
	}
	return s.misspelt(t, l)
}

// misspelt returns the meaning of the word that l is a misspelling of: one
// letter wrong, missing, too many or two of them swapped, doubled letters
// counting as one. Only long words that name a day or a month are guessed.
func (s *scanner) misspelt(t *table, l lexeme) word {
	size := int(l.end - l.at)
	if size < 5 || size > 14 || size == 5 && l.capital {
		return word{}
	}
	text := s.folded[l.at:l.end]
	if text[0] < 'a' || text[0] > 'z' {
		return word{}
	}
	for _, want := range t.near[text[0]-'a'] {
		if size == 5 && t.words[want].class&(cWeekday|cDayword) == 0 {
			continue
		}
		if d := len(want) - size; d >= -2 && d <= 2 && near(text, want) {
			return t.words[want]
		}
	}
	return word{}
}

// near reports whether a and b are at most one edit apart, doubled letters
// counting as one.
func near(a []byte, b string) bool {
	i, j := 0, 0
	for i < len(a) && j < len(b) && a[i] == b[j] {
		i, j = single(a, i), singleString(b, j)
	}
	switch {
	case i == len(a) && j == len(b):
		return true
	case same(a, i+1, b, j+1), same(a, i+1, b, j), same(a, i, b, j+1):
		return true
	}
	return i+1 < len(a) && j+1 < len(b) && a[i] == b[j+1] && a[i+1] == b[j] && same(a, i+2, b, j+2)
}

func same(a []byte, i int, b string, j int) bool {
	if i > len(a) || j > len(b) {
		return false
	}
	for i < len(a) && j < len(b) && a[i] == b[j] {
		i, j = single(a, i), singleString(b, j)
	}
	return i == len(a) && j == len(b)
}

func single(a []byte, i int) int {
	c := a[i]
	for i < len(a) && a[i] == c {
		i++
	}
	return i
}

func singleString(b string, j int) int {
	c := b[j]
	for j < len(b) && b[j] == c {
		j++
	}
	return j
}

// phones takes the numbers of telephones out: groups of digits joined by
// spaces, dots or dashes that are no date.
func (s *scanner) phones() {
	for i := 0; i < len(s.lex); i++ {
		if s.lex[i].digits == 0 {
			continue
		}
		end, groups, digits, odd, dated := i, 0, 0, false, false
		for j := i; j < len(s.lex); j++ {
			l := &s.lex[j]
			if l.digits == 0 {
				if groups == 0 || l.class&(cDash|cDot) == 0 && !s.bracket(l) || j+1 >= len(s.lex) || s.lex[j+1].digits == 0 {
					break
				}
				continue
			}
			groups, digits, end = groups+1, digits+int(l.digits), j
			year := l.digits == 4 && l.num >= 1990 && l.num < 2100
			dated = dated || year
			odd = odd || l.digits == 3 || l.digits >= 5 || l.digits == 4 && groups > 3 && !year
		}
		plus := i > 0 && s.lex[i].glued && s.folded[s.lex[i-1].at] == '+'
		if plus && digits >= 7 || odd && groups >= 2 && digits >= 7 || groups >= 5 && !(dated && groups <= 6) || digits >= 9 && groups == 1 {
			for j := i; j <= end; j++ {
				s.lex[j].class = 0
			}
		}
		i = end
	}
}

func (s *scanner) bracket(l *lexeme) bool {
	c := s.folded[l.at]
	return l.end == l.at+1 && (c == '(' || c == ')')
}

// weaken takes the meaning of everyday words away ("sun", "may", "sat") where
// nothing around them speaks of a time.
func (s *scanner) weaken() {
	const near = cNumber | cOrdinal | cWeekday | cMonth | cPart | cAt | cOn | cThis | cNext | cLast | cFrom | cUntil |
		cBefore | cAfter | cOr | cIn | cDayword | cEvery | cDash | cBetween | cOf | cEdge | cWeekOf | cSlash
	for i := range s.lex {
		l := &s.lex[i]
		if !l.weak || len(s.lex) <= 2 || l.capital && !l.starts {
			continue
		}
		before := i > 0 && s.lex[i-1].is(near) && !s.lex[i-1].weak
		next := i + 1
		for next+1 < len(s.lex) && next < i+3 && s.lex[next].is(cOf|cThe|cMark) && s.lex[next+1].is(cNumber|cOrdinal|cMark|cThe) {
			next++
		}
		after := next > i+1 && s.lex[next].is(cNumber|cOrdinal) || i+1 < len(s.lex) && s.lex[i+1].is(near&^(cOr|cIn|cOn|cBefore|cAfter|cOf|cDash)|cDot)
		after = after || i+2 < len(s.lex) && s.lex[i+1].is(cDash) && s.lex[i+2].class&(cWeekday|cMonth) != 0
		if l.end-l.at == 2 && l.letters {
			before = false
			after = i+1 < len(s.lex) && (s.lex[i+1].is(cNumber|cOrdinal|cDot|cComma|cAt|cOn) || l.capital && s.lex[i+1].is(cFrom|cBetween|cAfter|cBefore|cUntil))
		}
		if !before && !after {
			l.class &^= cWeekday | cMonth | cOrdinal | cPart | cHoliday | cDayword
		}
	}
}
