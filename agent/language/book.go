package language

import (
	"fmt"
	"strings"
	"sync"
)

// pattern is words in a row. A word may be a choice (a|b), a class of words
// ($visit), * for up to three words of any kind, ** for up to seven, or a full
// stop, alone or as a choice, for the end of a sentence, and so may be @, a word
// of a day or a clock time.
type pattern struct {
	act    int8
	pick   int8 // which option it takes, see pick.go
	weak   bool // counts only where nothing stronger is said of an appointment
	topic  bool // counts only where an appointment is spoken of
	head   bool // only where a sentence starts
	alone  bool // only as the whole text, greetings and thanks aside
	denies bool // a negation is one of its words
	words  []matcher
}

// matcher is what may stand at one place: one of some words or the end, or a gap.
type matcher struct {
	words []int32
	gap   int // how many words of any kind; 0: none
	end   bool
	time  bool // a word of a day or a clock time
}

func (m *matcher) fits(id int32) bool {
	for _, want := range m.words {
		if want == id {
			return true
		}
	}
	return false
}

// book is patterns by the number of their first word.
type book [][]pattern

func compile(tables ...string) book {
	b := make(book, len(theLexicon().ids))
	for _, table := range tables {
		classes := map[string]string{}
		for line := range strings.Lines(table) {
			if name, list, ok := strings.Cut(strings.TrimSpace(line), ": "); ok && name[0] == '$' {
				classes[name[1:]] = expand(list, classes)
			}
		}
		for line := range strings.Lines(table) {
			head, list, ok := strings.Cut(strings.TrimSpace(line), ": ")
			if !ok || head[0] == '$' {
				continue
			}
			for text := range strings.SplitSeq(list, ", ") {
				b.add(head, expand(text, classes))
			}
		}
	}
	return b
}

// expand puts the words of each class in place of its name.
func expand(text string, classes map[string]string) string {
	if !strings.Contains(text, "$") {
		return text
	}
	words := strings.Fields(text)
	for i, word := range words {
		choices := strings.Split(word, "|")
		for j, c := range choices {
			if class, ok := strings.CutPrefix(c, "$"); ok {
				if classes[class] == "" {
					panic(fmt.Sprintf("language: no class %q", class))
				}
				choices[j] = classes[class]
			}
		}
		words[i] = strings.Join(choices, "|")
	}
	return strings.Join(words, " ")
}

func (b book) add(head, text string) {
	p := pattern{}
	head, p.weak = strings.CutPrefix(head, "?")
	head, p.topic = strings.CutPrefix(head, "+")
	head, p.head = strings.CutPrefix(head, "^")
	head, p.alone = strings.CutPrefix(head, "=")
	p.act = number(Act(head))
	for _, word := range strings.Fields(text) {
		var m matcher
		switch word {
		case "*":
			m.gap = 3
		case "**":
			m.gap = 7
		case ".":
			m.end = true
		default:
			for choice := range strings.SplitSeq(word, "|") {
				if choice == "." || choice == "@" {
					m.end, m.time = m.end || choice == ".", m.time || choice == "@"
					continue
				}
				id, ok := theLexicon().ids[choice]
				if !ok {
					panic(fmt.Sprintf("language: %q in %q is no word", choice, text))
				}
				m.words = append(m.words, id)
				p.denies = p.denies || theLexicon().negates[id]
			}
		}
		p.words = append(p.words, m)
	}
	for _, first := range p.words[0].words {
		b[first] = append(b[first], p)
	}
}

// longest returns the pattern that takes the most words at i.
func (b book) longest(w *words, i int) (best *pattern, most int) {
	list := b[w.spans[i].id]
	for k := range list {
		p := &list[k]
		if p.head && !w.spans[i].starts {
			continue
		}
		if n := p.match(w, i); n > most || n == most && n > 0 && best.alone && !p.alone {
			best, most = p, n
		}
	}
	return best, most
}

// match returns how many words p takes at i, or 0.
func (p *pattern) match(w *words, i int) int {
	return max(matchFrom(p.words, w, i)-i, 0)
}

// matchFrom returns the position after the match, or -1.
func matchFrom(want []matcher, w *words, i int) int {
	for k := range want {
		m := &want[k]
		switch {
		case m.gap > 0:
			for skip := range m.gap + 1 {
				if i+skip > w.len() || skip > 0 && w.spans[i+skip-1].fresh {
					break
				}
				if end := matchFrom(want[k+1:], w, i+skip); end >= 0 {
					return end
				}
			}
			return -1
		case m.end && (i >= w.len() || w.spans[i].starts):
			continue
		case i >= w.len() || k > 0 && w.spans[i].fresh || !m.fits(w.spans[i].id) && !(m.time && w.spans[i].time):
			return -1
		}
		i++
	}
	return i
}

// phrasebook is the phrases of acts: those on appointments, and the others.
type phrasebook struct{ wishes, manners book }

var phrases = sync.OnceValue(func() phrasebook {
	all := compile(english, spanish, portuguese, french, german, italian)
	b := phrasebook{make(book, len(all)), make(book, len(all))}
	for id, list := range all {
		for _, p := range list {
			if (changes|bit(limit)|bit(moot))>>p.act&1 != 0 && !p.alone {
				b.wishes[id] = append(b.wishes[id], p)
			} else {
				b.manners[id] = append(b.manners[id], p)
			}
		}
	}
	return b
})
