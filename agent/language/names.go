package language

import (
	"slices"
	"strings"
)

// Index finds the names of one list (a business's staff, or its services) in
// texts. It is built once for a list, never changes, and may be used by many
// goroutines at once.
type Index struct {
	of     int // how many names it was made of; those after them are other names of some
	names  []name
	parts  []part
	plain  func(string) bool // the words that tell no name by themselves
	exact  map[string]int32  // a word to its place in parts
	joined map[string]int32  // a name of several words written as one, to its place in names
}

// Found is a name that stands in a text.
type Found struct {
	Name     int     // its place in the list that the [Index] was made of
	From, To int     // the bytes of the text that name it
	Sure     float64 // 1: written in full; less for a part of it, or with a typing error
}

// name is an entry of the list: its words, and what they weigh together.
type name struct {
	entry  int32 // the name of the list that it is
	parts  []int32
	weight float64
}

// part is a word of names.
type part struct {
	text   string
	mask   uint64 // its letters, to pass over words that cannot be near
	weight float64
	alone  bool // some name is this word and nothing else
	uses   []use
}

type use struct{ name, at int32 }

// NewIndex makes an index of the names of people and places. Empty names are
// never found.
func NewIndex(names []string) *Index {
	return newIndex(names, func(word string) bool {
		lex := theLexicon()
		id := lex.ids[word]
		return plain()[word] || id > 0 && !lex.person[id]
	})
}

// NewServiceIndex makes an index of the names of services. Ordinary words tell
// services apart ("deep cleaning"), as they do not tell people or places. What is
// widely offered is found by its names in the other languages too: "limpieza"
// for "Cleaning", where no other service is of the same trade.
func NewServiceIndex(names []string) *Index {
	x := newIndex(names, func(word string) bool {
		lex := theLexicon()
		return len(lex.stops[lex.ids[word]]) > 0
	})
	for i, others := range otherNames(names) {
		for _, other := range others {
			x.names = append(x.names, name{entry: int32(i)})
			x.add(int32(len(x.names)-1), other)
		}
	}
	return x
}

func newIndex(names []string, plain func(string) bool) *Index {
	x := &Index{of: len(names), names: make([]name, len(names)), plain: plain, exact: make(map[string]int32, 2*len(names)), joined: make(map[string]int32, len(names))}
	for i, text := range names {
		x.names[i].entry = int32(i)
		x.add(int32(i), text)
	}
	return x
}

// Len is how many names x was made of.
func (x *Index) Len() int {
	if x == nil {
		return 0
	}
	return x.of
}

func (x *Index) add(at int32, text string) {
	w := cut(text)
	n := &x.names[at]
	var whole strings.Builder
	for i := range w.len() {
		word := w.word(i)
		whole.WriteString(word)
		id, ok := x.exact[word]
		if !ok {
			id = int32(len(x.parts))
			x.parts = append(x.parts, part{text: word, mask: maskOf([]byte(word)), weight: x.weigh(word)})
			x.exact[word] = id
		}
		p := &x.parts[id]
		p.uses = append(p.uses, use{at, int32(len(n.parts))})
		n.parts = append(n.parts, id)
		n.weight += p.weight
	}
	if len(n.parts) == 1 {
		x.parts[n.parts[0]].alone = true
	}
	if _, twice := x.joined[whole.String()]; twice {
		x.joined[whole.String()] = -1
	} else if len(n.parts) > 1 {
		x.joined[whole.String()] = at
	}
}

// Weights of a word of a name: a title tells nothing, a word that many names or
// texts have little.
const (
	ofTitle = 0.01
	ofPlain = 0.2
	ofWord  = 1
)

func (x *Index) weigh(word string) float64 {
	switch {
	case titles[word]:
		return ofTitle
	case len(word) == 1 || x.plain(word):
		return ofPlain
	}
	return ofWord
}

// Find returns the names that stand in text, in its order. Where two names fit
// some words alike, it returns neither.
func (x *Index) Find(text string) []Found { return x.find(cut(text)) }

func (x *Index) find(w *words) []Found {
	if x.Len() == 0 {
		return nil
	}
	var out []Found
	for i := 0; i < w.len(); {
		best, alike := x.best(w, i)
		if best.weight == 0 {
			i++
			continue
		}
		if !alike && x.holds(w, best) {
			sure := best.weight / max(x.names[best.name].weight, best.weight)
			out = append(out, Found{Name: int(x.names[best.name].entry), From: w.spans[best.from].at, To: w.spans[best.to-1].until, Sure: 0.5 + 0.5*sure - 0.1*float64(best.errors)})
		}
		i = best.to
	}
	return out
}

// fit is how a name lies on some words.
type fit struct {
	name     int32
	from, to int
	weight   float64 // of its words that are there
	errors   int     // of typing
	lead     int     // how many of its first words are there, in a row
	whole    bool    // no word of weight is missing
}

// near is a word of names that a word of a text may be.
type near struct {
	part   int32
	errors int
}

// best returns the name that fits best from word i on, and whether another fits
// as well.
func (x *Index) best(w *words, i int) (best fit, alike bool) {
	if at, n := x.together(w, i); n > 0 {
		return fit{name: at, from: i, to: i + n, weight: x.names[at].weight, whole: true}, false
	}
	var room [maxNear]near
	for _, n := range x.nearest(w, i, room[:0]) {
		for _, u := range x.parts[n.part].uses {
			f := x.lay(w, i, u, n.errors)
			switch order := f.compare(best); {
			case order > 0:
				best, alike = f, false
			case order == 0 && x.names[f.name].entry != x.names[best.name].entry:
				alike = true
			}
		}
	}
	return best, alike
}

// compare puts the better of two fits first: whole names, then more words, then
// fewer errors.
func (f fit) compare(g fit) int {
	switch {
	case g.weight == 0:
		return 1
	case f.whole != g.whole && f.weight >= g.weight:
		if f.whole {
			return 1
		}
		return -1
	case f.weight != g.weight:
		if f.weight > g.weight {
			return 1
		}
		return -1
	}
	return g.errors - f.errors
}

// lay lays the name of u on the words from i on, its word at u.at on word i.
func (x *Index) lay(w *words, i int, u use, errors int) fit {
	n := x.names[u.name]
	f := fit{name: u.name, from: i, to: i + 1, weight: x.parts[n.parts[u.at]].weight, errors: errors}
	leading := u.at == 0
	if leading {
		f.lead = 1
	}
	at := i + 1
	for next := int(u.at) + 1; next < len(n.parts) && at < w.len(); {
		p := &x.parts[n.parts[next]]
		d := x.apart(w, at, p)
		if d >= 0 {
			f.weight += p.weight
			f.errors += d
			at++
			f.to = at
			next++
			if leading {
				f.lead++
			}
			continue
		}
		leading = false
		next++ // a word of the name left out: "Ana Ruiz" for "Ana María Ruiz"
	}
	f.whole = f.weight > n.weight-0.05
	return f
}

// apart returns how many errors part word i of w from p, or -1 if it is another
// word.
func (x *Index) apart(w *words, i int, p *part) int {
	word := w.at(i)
	if string(word) == p.text {
		return 0
	}
	if _, other := x.exact[string(word)]; other || w.spans[i].id > 0 {
		return -1
	}
	return distance(word, p.text, maskOf(word), p.mask)
}

// maxNear is how many words of names a word of a text is tried for.
const maxNear = 8

// nearest returns the words of names that word i of w may be: the very word, or
// those the fewest errors away.
func (x *Index) nearest(w *words, i int, out []near) []near {
	word := w.at(i)
	if id, ok := x.exact[string(word)]; ok {
		if x.parts[id].weight == ofTitle {
			return out
		}
		return append(out, near{id, 0})
	}
	if len(word) < 4 || w.spans[i].id > 0 {
		return out
	}
	if id, ok := x.exact[string(word[:len(word)-1])]; ok && word[len(word)-1] == 's' && x.parts[id].weight != ofTitle {
		return append(out, near{id, 0}) // Ana's, cleanings
	}
	mask := maskOf(word)
	for id := range x.parts {
		p := &x.parts[id]
		if p.weight < ofWord && !p.alone {
			continue
		}
		d := distance(word, p.text, mask, p.mask)
		switch {
		case d < 0:
		case len(out) > 0 && d > out[0].errors:
		case len(out) > 0 && d < out[0].errors:
			out = append(out[:0], near{int32(id), d})
		case len(out) < maxNear:
			out = append(out, near{int32(id), d})
		}
	}
	return out
}

// together returns the name whose words are written as one at word i, or whose
// one word is written as two.
func (x *Index) together(w *words, i int) (at int32, n int) {
	if at, ok := x.joined[string(w.at(i))]; ok && at >= 0 {
		return at, 1
	}
	if i+1 == w.len() || len(w.at(i)) < 2 || len(w.at(i+1)) < 2 {
		return 0, 0
	}
	id, ok := x.exact[string(w.buf[w.spans[i].from:w.spans[i+1].to])]
	if !ok {
		return 0, 0
	}
	uses := x.parts[id].uses
	for _, u := range uses {
		if x.names[u.name].entry != x.names[uses[0].name].entry {
			return 0, 0
		}
		if len(x.names[u.name].parts) == 1 {
			at, n = u.name, 2
		}
	}
	return at, n
}

// holds reports whether a fit is enough to call the name said.
func (x *Index) holds(w *words, f fit) bool {
	if !f.whole {
		switch {
		case f.weight < ofWord && !x.begins(w, f):
			return false
		case f.to-f.from == 1 && f.errors > 0 && f.until(w)-f.since(w) < 5:
			return false
		case f.from > 0 && places[string(w.at(f.from-1))]:
			return false // "in Pleasanton" names a town, not the house that has it in its name
		case f.to < w.len() && streets[string(w.at(f.to))]:
			return false
		}
	}
	if f.to-f.from == 1 && theLexicon().person[w.spans[f.from].id] && w.len() > 1 {
		if f.from == 0 || !leads[string(w.at(f.from-1))] && (!w.spans[f.from].capital || w.spans[f.from].starts) {
			return false // "will you", "may be"
		}
	}
	return f.whole && f.to-f.from > 1 || !introduced(w, f.from)
}

func (f fit) since(w *words) int { return w.spans[f.from].from }
func (f fit) until(w *words) int { return w.spans[f.to-1].to }

// begins reports whether the first words of a name stand there, enough of them to
// tell it though all are ordinary: "One on Center" for "One on Center Homes".
func (x *Index) begins(w *words, f fit) bool {
	n := len(x.names[f.name].parts)
	if f.lead < 2 || f.lead != f.to-f.from || 3*f.lead < 2*n {
		return false
	}
	return f.lead >= 3 || w.spans[f.from].capital && w.spans[f.from+1].capital && !w.spans[f.from].starts
}

// introduced reports whether the words before i say that a name is the writer's
// own, or that of one of theirs.
func introduced(w *words, i int) bool {
	if i == 0 {
		return false
	}
	before := string(w.at(i - 1))
	if selves[before] || kin[before] {
		return true
	}
	return i > 1 && copulas[before] && called[string(w.at(i-2))]
}

// Names returns the names found, by the list that the index was made of, each
// once.
func Names(found []Found, list []string) []string {
	out := make([]string, 0, len(found))
	for _, f := range found {
		if f.Name < len(list) && !slices.Contains(out, list[f.Name]) {
			out = append(out, list[f.Name])
		}
	}
	return out
}
