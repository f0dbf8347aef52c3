package language

import (
	"strings"
	"sync"
)

// pattern is words in a row. A word may be a choice (a|b), end in ~ for any
// ending, or be * for up to three words of any kind.
type pattern struct {
	act   Act
	head  bool // only where a sentence starts
	alone bool // only as the whole text, greetings and thanks aside
	words []matcher
}

type matcher struct {
	any    bool
	prefix bool
	words  []string
}

func (m matcher) fits(word []byte) bool {
	for _, want := range m.words {
		if m.prefix && strings.HasPrefix(string(word), want) || !m.prefix && string(word) == want {
			return true
		}
	}
	return false
}

// book is patterns by their first word; those that begin with a prefix stand
// under its first two letters and a tilde.
type book map[string][]pattern

func compile(tables ...string) book {
	b := book{}
	for _, table := range tables {
		for line := range strings.Lines(table) {
			act, list, ok := strings.Cut(strings.TrimSpace(line), ": ")
			if !ok {
				continue
			}
			for text := range strings.SplitSeq(list, ", ") {
				b.add(act, text)
			}
		}
	}
	return b
}

func (b book) add(act, text string) {
	p := pattern{}
	act, p.head = strings.CutPrefix(act, "^")
	act, p.alone = strings.CutPrefix(act, "=")
	p.act = Act(act)
	for _, word := range strings.Fields(text) {
		m := matcher{any: word == "*"}
		word, m.prefix = strings.CutSuffix(word, "~")
		m.words = strings.Split(word, "|")
		p.words = append(p.words, m)
	}
	for _, first := range p.words[0].words {
		if p.words[0].prefix {
			first = first[:2] + "~"
		}
		b[first] = append(b[first], p)
	}
}

// findings is the acts found and how many words belong to greetings, thanks,
// confirmations and denials.
type findings struct {
	acts    map[Act]bool
	covered int
}

var acts = sync.OnceValue(func() book { return compile(english, spanish, portuguese, french, german, italian) })

// find finds the acts of w. Words taken by a longer phrase start no other.
func find(w *words) findings {
	f := findings{acts: map[Act]bool{}}
	var late []pattern
	alone := 0
	for i := 0; i < w.len(); {
		p, n := acts().longest(w, i)
		switch {
		case n == 0:
			i++
			continue
		case p.alone:
			late = append(late, p)
			alone += n
		default:
			f.acts[p.act] = true
		}
		if polite(p.act) {
			f.covered += n
		}
		i += n
	}
	if f.covered+alone == w.len() {
		f.covered = w.len()
		for _, p := range late {
			f.acts[p.act] = true
		}
	}
	return f
}

func polite(act Act) bool {
	return act == Greet || act == Thank || act == Confirm || act == Deny || act == "filler"
}

// longest returns the pattern that takes the most words at i.
func (b book) longest(w *words, i int) (best pattern, most int) {
	first := w.at(i)
	try := func(list []pattern) {
		for _, p := range list {
			if p.head && !w.spans[i].starts {
				continue
			}
			if n := p.match(w, i); n > most {
				best, most = p, n
			}
		}
	}
	try(b[string(first)])
	if len(first) >= 2 {
		try(b[string(first[:2])+"~"])
	}
	return best, most
}

// gap is how many words a * stands for at most.
const gap = 3

// match returns how many words p takes at i, or 0.
func (p pattern) match(w *words, i int) int {
	n := matchFrom(p.words, w, i)
	return max(n-i, 0)
}

// matchFrom returns the position after the match, or -1.
func matchFrom(want []matcher, w *words, i int) int {
	for k, m := range want {
		if m.any {
			for skip := range gap + 1 {
				if i+skip <= w.len() {
					if end := matchFrom(want[k+1:], w, i+skip); end >= 0 {
						return end
					}
				}
			}
			return -1
		}
		if i >= w.len() || !m.fits(w.at(i)) {
			return -1
		}
		i++
	}
	return i
}

// asks reports whether a sentence of w starts like a question, or like a wish
// to know.
func asks(w *words, f findings) bool {
	if f.acts[Ask] {
		return true
	}
	for i := range w.len() {
		if w.spans[i].starts {
			if _, n := openers().longest(w, i); n > 0 {
				return true
			}
		}
	}
	return false
}

var openers = sync.OnceValue(func() book { return compile(questions) })

// injects reports whether w tries to instruct the agent.
func injects(w *words) bool {
	for i := range w.len() {
		if _, n := orders().longest(w, i); n > 0 {
			return true
		}
	}
	return false
}

var orders = sync.OnceValue(func() book { return compile(injections) })
