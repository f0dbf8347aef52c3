package when

import (
	"unicode"
	"unicode/utf8"
)

// longest is how much of a text is read, in bytes. Chat messages are shorter.
const longest = 8 << 10

// lexeme is a word, a number or a mark of a text, with what it can mean.
type lexeme struct {
	word
	from, to int32 // in the text
	at, end  int32 // in the folded text
	digits   int8  // how many a number is written with; 0 for words
	// glued: nothing stands between it and the lexeme before.
	glued bool
	// hyphen: it is joined to the word before by a hyphen.
	hyphen  bool
	capital bool
	starts  bool // begins a sentence
	letters bool
}

func (l *lexeme) is(c class) bool { return l.class&c != 0 }

// scanner cuts a text into raw lexemes. Its buffers are used again.
type scanner struct {
	text   string
	folded []byte
	lex    []lexeme
}

// scan cuts text: words are folded (lower case, no diacritics), numbers and
// letters part, hyphens and apostrophes within words vanish.
func (s *scanner) scan(text string) {
	s.text, s.folded, s.lex = text, s.folded[:0], s.lex[:0]
	joined, starts := false, true
	for i := 0; i < len(text); {
		r, size := decode(text, i)
		from, at := i, len(s.folded)
		l := lexeme{from: int32(from), at: int32(at), starts: starts, hyphen: joined}
		joined = false
		switch {
		case isDigit(r):
			i = s.number(i, &l)
		case isLetter(r):
			l.letters, l.capital = true, unicode.IsUpper(r)
			for i < len(text) {
				if r, size = decode(text, i); !isLetter(r) && !unicode.IsMark(r) {
					break
				}
				s.folded = appendFolded(s.folded, r)
				i += size
			}
		case unicode.IsSpace(r) || unicode.IsMark(r):
			if r == '\n' {
				starts = true
			}
			i += size
			continue
		case s.inner(i, size, r):
			joined = r == '-'
			i += size
			continue
		default:
			l.class = mark(r)
			s.folded = utf8.AppendRune(s.folded, r)
			i += size
		}
		l.to, l.end = int32(i), int32(len(s.folded))
		l.glued = len(s.lex) > 0 && int(s.lex[len(s.lex)-1].to) == from
		starts = l.class&cPunct != 0 || l.class&cDot != 0 || l.class&cComma != 0 && starts
		s.lex = append(s.lex, l)
	}
}

// number reads digits. What has more than eight of them is no time.
func (s *scanner) number(i int, l *lexeme) int {
	n, digits := 0, 0
	for ; i < len(s.text) && isDigit(rune(s.text[i])); i++ {
		if digits++; digits <= 8 {
			n = n*10 + int(s.text[i]-'0')
		}
		s.folded = append(s.folded, s.text[i])
	}
	l.digits = int8(min(digits, 100))
	if digits <= 4 {
		l.class, l.num = cNumber, int16(n)
	}
	if year, month, day := n/10000, n/100%100, n%100; digits == 8 && year >= 1990 && year < 2100 {
		if _, ok := valid(year, int8(month), int8(day)); ok {
			l.class, l.num, l.month, l.ord = cBasic, int16(year), int8(month), int8(day)
		}
	}
	return i
}

// inner reports whether the rune at i is a hyphen or an apostrophe within a
// word ("dix-sept", "o'clock"), or a quote in its place.
func (s *scanner) inner(i, size int, r rune) bool {
	if r != '-' && r != '\'' && r != '’' && r != '`' && r != '"' && r != '´' {
		return false
	}
	if len(s.lex) == 0 || i+size >= len(s.text) {
		return false
	}
	last := &s.lex[len(s.lex)-1]
	next, _ := decode(s.text, i+size)
	if !last.letters || int(last.to) != i {
		return false
	}
	return isLetter(next) || r != '-' && isDigit(next)
}

func mark(r rune) class {
	switch r {
	case '&':
		return cAnd
	case ':':
		return cColon
	case '.':
		return cDot
	case ',':
		return cComma
	case '/':
		return cSlash
	case '-', '–', '—', '~', '−':
		return cDash
	case '@':
		return cAt
	case '!', '?', ';', '¿', '¡':
		return cPunct
	case '\'', '’', '′', '´':
		return cMark
	case '½':
		return cHalf
	case '$', '€', '£', '%', '#', '+', '°':
		return cCounted
	case '|', '(', ')', '[', ']', '"', '“', '”', '*', '«', '»':
		return 0
	}
	return 0
}

func decode(text string, i int) (rune, int) {
	if c := text[i]; c < utf8.RuneSelf {
		return rune(c), 1
	}
	return utf8.DecodeRuneInString(text[i:])
}

func isDigit(r rune) bool { return r >= '0' && r <= '9' }

func isLetter(r rune) bool {
	if r < utf8.RuneSelf {
		return r|0x20 >= 'a' && r|0x20 <= 'z'
	}
	return unicode.IsLetter(r)
}

// appendFolded appends r in lower case without its diacritic.
func appendFolded(buf []byte, r rune) []byte {
	if r < utf8.RuneSelf {
		if r >= 'A' && r <= 'Z' {
			r |= 0x20
		}
		return append(buf, byte(r))
	}
	r = unicode.ToLower(r)
	switch {
	case unicode.IsMark(r):
		return buf
	case r == 'ß':
		return append(buf, "ss"...)
	case r == 'œ':
		return append(buf, "oe"...)
	case r == 'º' || r == 'ª':
		return append(buf, 'o')
	case r >= 0xe0 && r <= 0xff:
		return append(buf, latin[r-0xe0])
	}
	return utf8.AppendRune(buf, r)
}

// latin is the letters from à (U+00E0) to ÿ without their diacritics.
const latin = "aaaaaaaceeeeiiiidnooooo/ouuuuyty"

// pieces returns the folded words of an entry of a table.
func pieces(entry string) []string {
	var s scanner
	s.scan(entry)
	list := make([]string, len(s.lex))
	for i := range s.lex {
		list[i] = string(s.folded[s.lex[i].at:s.lex[i].end])
	}
	return list
}
