package language

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// longest is how much of a text is read, in bytes. Chat messages are shorter.
const longest = 8 << 10

// words is a text cut into folded words: lower case, without diacritics. A
// question or exclamation mark and a line's or sentence's end are kept apart.
type words struct {
	buf   []byte
	spans []span
	mark  bool // a question mark stands somewhere
}

type span struct {
	id        int32 // in the lexicon; 0: not there
	from, to  int   // in buf
	at, until int   // in the text
	starts    bool  // a sentence or a clause starts here
	fresh     bool  // a sentence starts here
	capital   bool  // its first letter is one
	time      bool  // it says a day or a clock time, or begins one
}

func (w *words) len() int          { return len(w.spans) }
func (w *words) word(i int) string { return string(w.buf[w.spans[i].from:w.spans[i].to]) }
func (w *words) at(i int) []byte   { return w.buf[w.spans[i].from:w.spans[i].to] }

// elided are what French and Italian put before an apostrophe; there the words
// are two. Elsewhere (don't, I'd) they are one.
const elided = " l d j c n s m t qu quelqu jusqu lorsqu puisqu un all dell nell dall sull quest dov com cos "

// cut splits text.
func cut(text string) *words {
	if len(text) > longest {
		text = text[:longest]
	}
	w := &words{buf: make([]byte, 0, len(text)+16), spans: make([]span, 0, len(text)/5+4)}
	lex := theLexicon()
	from, at, starts, fresh := 0, 0, true, true
	end := func(i int) {
		if from < len(w.buf) {
			id := lex.ids[string(w.buf[from:])]
			w.spans = append(w.spans, span{id: id, from: from, to: len(w.buf), at: at, until: i, starts: starts, fresh: fresh, capital: upper(text[at:])})
			starts, fresh, from = false, false, len(w.buf)
		}
	}
	for i := 0; i < len(text); {
		r, size := rune(text[i]), 1
		if r >= utf8.RuneSelf {
			r, size = utf8.DecodeRuneInString(text[i:])
		}
		if from == len(w.buf) {
			at = i
		}
		switch {
		case r >= 'a' && r <= 'z', r >= '0' && r <= '9':
			w.buf = append(w.buf, byte(r))
		case r >= 'A' && r <= 'Z':
			w.buf = append(w.buf, byte(r)|0x20)
		case r == '\'' || r == '’' || r == '`':
			if strings.Contains(elided, " "+string(w.buf[from:])+" ") {
				end(i)
			}
		case r >= utf8.RuneSelf && (unicode.IsLetter(r) || unicode.IsMark(r)):
			w.buf = appendFolded(w.buf, r)
		default:
			end(i)
			switch r {
			case '?', '¿', '？', '؟':
				w.mark, starts, fresh = true, true, true
			case '.':
				starts, fresh = true, fresh || !w.abbreviates()
			case '!', '\n', ';', '¡', '。', '！':
				starts, fresh = true, true
			case ':', ',':
				starts = true
			}
		}
		i += size
	}
	end(len(text))
	for i := range w.spans {
		w.spans[i].time = w.says(lex, i)
	}
	return w
}

// says reports whether word i is of a time: "tuesday", "3pm", "10th", "8" of
// "8:30", "4" of "at 4".
func (w *words) says(lex *lexicon, i int) bool {
	s := &w.spans[i]
	if lex.times[s.id]&ofTime != 0 {
		return true
	}
	beside := func(k int, flag uint8) bool {
		return k >= 0 && k < len(w.spans) && lex.times[w.spans[k].id]&flag != 0 && (k < i || !w.spans[k].starts)
	}
	number := w.buf[s.from] >= '0' && w.buf[s.from] <= '9'
	switch {
	case !number:
		return lex.times[s.id]&ofNumber != 0 && (beside(i-1, beforeClock) || beside(i+1, afterClock))
	case w.buf[s.to-1] > '9': // "3pm", "10th", "16h"
		return s.to-s.from <= 5
	case i+1 < len(w.spans) && w.spans[i+1].at == s.until+1 && w.spans[i+1].to-w.spans[i+1].from == 2 && w.spans[i+1].starts:
		return true // "8:30", "8.30"
	}
	return s.to-s.from <= 2 && (beside(i-1, beforeClock) || beside(i+1, afterClock))
}

// abbreviates reports whether a full stop after the last word ends no sentence:
// "Dr.", "p.m."
func (w *words) abbreviates() bool {
	if len(w.spans) == 0 {
		return false
	}
	last := w.at(len(w.spans) - 1)
	return len(last) == 1 || titles[string(last)]
}

// upper reports whether text begins with a capital letter.
func upper(text string) bool {
	r, _ := utf8.DecodeRuneInString(text)
	return unicode.IsUpper(r)
}

// appendFolded appends r in lower case without its diacritic.
func appendFolded(buf []byte, r rune) []byte {
	r = unicode.ToLower(r)
	switch {
	case unicode.IsMark(r):
		return buf
	case r == 'ß':
		return append(buf, "ss"...)
	case r == 'œ':
		return append(buf, "oe"...)
	case r == 'æ':
		return append(buf, "ae"...)
	case r >= 0xe0 && r <= 0xff:
		return append(buf, latin[r-0xe0])
	}
	return utf8.AppendRune(buf, r)
}

// latin is the letters from à (U+00E0) to ÿ without their diacritics.
const latin = "aaaaaaaceeeeiiiidnooooo/ouuuuyty"
