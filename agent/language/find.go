package language

import (
	"fmt"
	"slices"
	"sync"
)

// acts is a set of acts by their numbers.
type acts uint32

func (a acts) has(act Act) bool { return a&bit(act) != 0 }
func bit(act Act) acts          { return 1 << number(act) }

// What is no act: filler is said around politeness, a limit ("I can't make it
// before 3") when a time is looked for.
const (
	filler Act = "filler"
	limit  Act = "limit"
	moot   Act = "moot" // asks whether an appointment is needed, and for none
)

// What is an act only as an answer, see [findings.answer].
const (
	accept Act = "accept" // "that works", "I can"
	refuse Act = "refuse" // "that doesn't work", "I can't"
	praise Act = "praise" // "perfect"
	done   Act = "done"   // "that's all"
)

// answer turns what was said into a yes or no to what was asked.
func (f *findings) answer(asked Question) {
	said := f.acts
	f.acts &^= bit(accept) | bit(refuse) | bit(praise) | bit(done)
	switch {
	case asked == Nothing:
	case said.has(refuse):
		f.acts |= bit(Deny)
	case asked == AnythingElse:
		if said.has(done) && !said.has(Ask) {
			f.acts = f.acts&^bit(Confirm) | bit(Deny)
		}
	case said.has(accept), said.has(praise) && asked == Whether:
		if !said.has(Deny) {
			f.acts |= bit(Confirm)
		}
	}
}

// kinds are the acts in the order of [Read], then what else a table tells.
var kinds = append(append([]Act{}, order...), filler, limit, moot, accept, refuse, praise, done, Injection, Act(AnythingElse), Act(WhichOne), Act(WhatTime), Act(WhoIsIt), Act(Whether))

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

// find finds the acts of w. Wishes that stand in its words from tale on do not
// count: they belong to a text that instructs the agent at length.
func find(w *words, tale int) findings {
	f := manners(w)
	strong, weak, related := wishes(w, tale)
	f.acts |= strong
	if related != 0 && speaksOf(w) {
		f.acts |= related
	}
	if weak.has(moot) {
		weak &^= bit(moot) | bit(Book)
	}
	if f.acts&changes == 0 {
		switch { // a slot is spoken of because another cannot be kept
		case weak.has(limit):
			weak = bit(Book)
		case weak.has(Cancel):
			weak = weak&^changes | bit(Cancel)
		case weak.has(Move):
			weak = weak&^changes | bit(Move)
		}
		f.acts |= weak
	}
	return f
}

// manners finds the acts that are not on appointments. Words taken by a longer
// phrase start no other.
func manners(w *words) findings {
	f := findings{}
	var late acts
	alone := 0
	for i := 0; i < w.len(); {
		p, n := phrases().manners.longest(w, i)
		switch {
		case n == 0:
			i++
			continue
		case p.alone && changes>>p.act&1 != 0 && negated(w, i, i+n):
		case p.alone:
			late |= 1 << p.act
			alone += n
		default:
			f.acts |= 1 << p.act
		}
		if polite>>p.act&1 != 0 && !p.alone {
			f.covered += n
		}
		i += n
	}
	if f.covered+alone == w.len() {
		if late&changes == 0 {
			f.covered = w.len()
		}
		f.acts |= late
	}
	f.acts &^= bit(filler)
	return f
}

// wishes finds the acts on appointments: those said outright, those that count
// if nothing was, and those that count where an appointment is spoken of.
func wishes(w *words, tale int) (strong, weak, related acts) {
	for i := range tale {
		list := phrases().wishes[w.spans[i].id]
		for k := range list {
			p := &list[k]
			into := &strong
			if p.weak {
				into = &weak
			} else if p.topic {
				into = &related
			}
			if *into>>p.act&1 != 0 || p.head && !w.spans[i].starts || theLexicon().noun(w, i) {
				continue
			}
			n := p.match(w, i)
			if n == 0 || !p.denies && negated(w, i, i+n) {
				continue
			}
			*into |= 1 << p.act
		}
	}
	return strong, weak, related
}

// negated reports whether the words from i to end, or those before them in their
// clause, take back what they say: "I don't want to cancel".
func negated(w *words, i, end int) bool {
	for k := i; k < end; k++ {
		if theLexicon().negates[w.spans[k].id] {
			return true
		}
	}
	for back := 0; back < 3 && i > 0 && !w.spans[i].starts; back++ {
		i--
		if theLexicon().negates[w.spans[i].id] {
			return true
		}
	}
	return false
}

// speaksOf reports whether w names an appointment.
func speaksOf(w *words) bool {
	for i := range w.len() {
		if theLexicon().visits[w.spans[i].id] {
			return true
		}
	}
	return false
}

// changes are the acts on appointments; polite those that ask for nothing.
var (
	changes = bit(Book) | bit(Move) | bit(Cancel)
	polite  = bit(Greet) | bit(Thank) | bit(Confirm) | bit(Deny) | bit(filler) | bit(accept) | bit(praise) | bit(done)
)

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

// injects returns the first word of w with which it tries to instruct the agent,
// or -1.
func injects(w *words) int {
	for i := range w.len() {
		if _, n := orders().longest(w, i); n > 0 {
			return i
		}
	}
	return -1
}

var orders = sync.OnceValue(func() book { return compile(injections) })
