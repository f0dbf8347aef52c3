package passage

import (
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/clipperhouse/uax29/v2/sentences"
)

// A passage has up to maxTokens; one that is cut off before it is full has at
// least minTokens where the text allows. overlapTokens of the end of one are
// said again at the start of the next under the same headings.
const (
	minTokens     = 200
	maxTokens     = 350
	overlapTokens = 50
)

// Tokens estimates how many tokens a language model would count in s: 3.5
// letters each, one for every sign of scripts without spaces.
func Tokens(s string) int {
	letters, signs := 0, 0
	for _, r := range s {
		if r >= 0x0E00 && unicode.In(r, unicode.Han, unicode.Hiragana, unicode.Katakana, unicode.Thai, unicode.Hangul) {
			signs++
		} else {
			letters++
		}
	}
	return signs + (letters*2+6)/7
}

// Split packs blocks into passages.
func Split(blocks []Block) []Passage {
	var p packer
	for _, b := range blocks {
		p.add(b)
	}
	p.flush(false)
	return p.out
}

type packer struct {
	out      []Passage
	headings []string
	parts    []string
	tokens   int
	carried  bool // parts holds only what the last passage ended with
}

func (p *packer) add(b Block) {
	if !slices.Equal(b.Headings, p.headings) {
		// A short section joins the one before it only where both are under the
		// same parent and the passage would stay small; otherwise answers would
		// be quoted from under the wrong heading.
		p.flush(false)
		p.headings = b.Headings
	}
	for _, piece := range pieces(b) {
		n := Tokens(piece)
		if p.tokens+n > maxTokens && p.tokens > 0 && !p.carried {
			p.flush(true)
		}
		p.parts = append(p.parts, piece)
		p.tokens += n
		p.carried = false
	}
}

// flush ends a passage; where the section goes on, its last sentences start
// the next.
func (p *packer) flush(goesOn bool) {
	text := strings.TrimSpace(strings.Join(p.parts, "\n"))
	carried := p.carried
	p.parts, p.tokens, p.carried = nil, 0, false
	if text == "" || carried {
		return
	}
	p.out = append(p.out, Passage{strings.Join(p.headings, Separator), text})
	if !goesOn {
		return
	}
	if tail := tail(text); tail != "" {
		p.parts, p.tokens, p.carried = []string{tail}, Tokens(tail), true
	}
}

// tail returns the last whole sentences of text that make up the overlap.
func tail(text string) string {
	all := Sentences(text)
	n, from := 0, len(all)
	for from > 0 {
		t := Tokens(all[from-1])
		if n+t > overlapTokens {
			break
		}
		n += t
		from--
	}
	return strings.TrimSpace(strings.Join(all[from:], " "))
}

// pieces cuts a block into parts of at most maxTokens.
func pieces(b Block) []string {
	text := strings.TrimSpace(b.Text)
	if Tokens(text) <= maxTokens {
		if text == "" {
			return nil
		}
		return []string{text}
	}
	switch b.Kind {
	case List:
		return gather(strings.Split(text, "\n"), "", "\n")
	case Table:
		rows := strings.Split(text, "\n")
		return gather(rows[1:], rows[0], "\n")
	default:
		return gather(Sentences(text), "", " ")
	}
}

// gather joins units up to the lower bound of a passage, so that a few still
// fit beside each other, each part led by head. A unit that is too long by
// itself is cut between words.
func gather(units []string, head, sep string) []string {
	var out []string
	var cur []string
	n := 0
	flush := func() {
		if len(cur) > 0 {
			if head != "" {
				cur = append([]string{head}, cur...)
			}
			out = append(out, strings.Join(cur, sep))
		}
		cur, n = nil, 0
	}
	for _, u := range units {
		for _, part := range cut(u) {
			t := Tokens(part)
			if n+t > maxTokens-Tokens(head) || n >= minTokens {
				flush()
			}
			cur, n = append(cur, part), n+t
		}
	}
	flush()
	return out
}

// cut breaks s between words, or anywhere if it has none, into parts of at most
// minTokens.
func cut(s string) []string {
	var out []string
	start, blank, runes := 0, -1, 0
	for i, r := range s {
		if runes++; unicode.IsSpace(r) {
			blank = i
		}
		// A sign may be a token by itself, so a part that holds any is short.
		if runes < minTokens || runes < minTokens*7/2 && r < 0x0E00 {
			continue
		}
		end := i
		if blank > start {
			end = blank
		}
		if part := strings.TrimSpace(s[start:end]); part != "" {
			out = append(out, part)
		}
		start, blank, runes = end, -1, utf8.RuneCountInString(s[end:i])
	}
	if part := strings.TrimSpace(s[start:]); part != "" {
		out = append(out, part)
	}
	return out
}

// Sentences cuts text into sentences, blanks around them taken off. A line
// break ends one.
func Sentences(text string) []string {
	var out []string
	for _, line := range strings.Split(text, "\n") {
		for tokens := sentences.FromString(line); tokens.Next(); {
			if s := strings.TrimSpace(tokens.Value()); s != "" {
				out = append(out, s)
			}
		}
	}
	return out
}
