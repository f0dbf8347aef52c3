package language

import (
	"fmt"
	"slices"
	"strings"
	"sync"
)

// pattern is words in a row. A word may be a choice (a|b), a class of words
// ($visit), or be * for up to three words of any kind.
type pattern struct {
	act   int8
	pick  int8 // which option it takes, see pick.go
	weak  bool // counts only where nothing stronger is said of an appointment
	head  bool // only where a sentence starts
	alone bool // only as the whole text, greetings and thanks aside
	words []matcher
}

// matcher is the numbers of the words that fit, or none: any words.
type matcher []int32

func (m matcher) fits(id int32) bool {
	for _, want := range m {
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
			head, list, ok := strings.Cut(strings.TrimSpace(line), ": ")
			if !ok {
				continue
			}
			if class, ok := strings.CutPrefix(head, "$"); ok {
				classes[class] = expand(list, classes)
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
	head, p.head = strings.CutPrefix(head, "^")
	head, p.alone = strings.CutPrefix(head, "=")
	p.act = number(Act(head))
	for _, word := range strings.Fields(text) {
		var m matcher
		if word != "*" {
			for choice := range strings.SplitSeq(word, "|") {
				m = append(m, theLexicon().ids[choice])
			}
		}
		p.words = append(p.words, m)
	}
	for _, first := range p.words[0] {
		b[first] = append(b[first], p)
	}
}

// acts is a set of acts by their numbers.
type acts uint32

func (a acts) has(act Act) bool { return a&bit(act) != 0 }
func bit(act Act) acts          { return 1 << number(act) }

// filler is what is said around politeness, and no act.
const filler Act = "filler"

// kinds are the acts in the order of [Read], then what else a table tells.
var kinds = append(append([]Act{}, order...), filler, Injection, Act(AnythingElse), Act(WhichOne), Act(WhatTime), Act(WhoIsIt), Act(Whether))

func number(act Act) int8 {
	i := slices.Index(kinds, act)
	if i < 0 {
		panic(fmt.Sprintf("language: no act %q", act))
	}
	return int8(i)
}

// findings is the acts found and how many words belong to greetings, thanks,
// confirmations and denials.
type findings struct {
	acts    acts
	covered int
}

var phrases = sync.OnceValue(func() book { return compile(english, spanish, portuguese, french, german, italian) })

// find finds the acts of w. Words taken by a longer phrase start no other.
func find(w *words) findings {
	f := findings{}
	var strong, weak, late acts
	alone := 0
	for i := 0; i < w.len(); {
		p, n := phrases().longest(w, i)
		switch {
		case n == 0:
			i++
			continue
		case p.alone:
			late |= 1 << p.act
			alone += n
		case p.weak:
			weak |= 1 << p.act
		default:
			strong |= 1 << p.act
		}
		if polite>>p.act&1 != 0 {
			f.covered += n
		}
		i += n
	}
	f.acts = strong
	if strong&changes == 0 {
		f.acts |= weak
	}
	if f.covered+alone == w.len() {
		f.covered = w.len()
		f.acts |= late
	}
	f.acts &^= bit(filler)
	return f
}

// changes are the acts on appointments; polite those that ask for nothing.
var (
	changes = bit(Book) | bit(Move) | bit(Cancel)
	polite  = bit(Greet) | bit(Thank) | bit(Confirm) | bit(Deny) | bit(filler)
)

// longest returns the pattern that takes the most words at i.
func (b book) longest(w *words, i int) (best *pattern, most int) {
	list := b[w.spans[i].id]
	for k := range list {
		p := &list[k]
		if p.head && !w.spans[i].starts {
			continue
		}
		if n := p.match(w, i); n > most {
			best, most = p, n
		}
	}
	return best, most
}

// gap is how many words a * stands for at most.
const gap = 3

// match returns how many words p takes at i, or 0.
func (p *pattern) match(w *words, i int) int {
	return max(matchFrom(p.words, w, i)-i, 0)
}

// matchFrom returns the position after the match, or -1.
func matchFrom(want []matcher, w *words, i int) int {
	for k, m := range want {
		if m == nil {
			for skip := range gap + 1 {
				if i+skip <= w.len() {
					if end := matchFrom(want[k+1:], w, i+skip); end >= 0 {
						return end
					}
				}
			}
			return -1
		}
		if i >= w.len() || !m.fits(w.spans[i].id) {
			return -1
		}
		i++
	}
	return i
}

// asks reports whether a sentence of w starts like a question, or like a wish
// to know.
func asks(w *words) bool {
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
