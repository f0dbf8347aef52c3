package rank

import (
	"context"
	"runtime"
	"sync"
)

// Article is what is learnt of one article.
type Article struct {
	Title     string
	Questions []string // phrasings it is the answer to, the plainest first
	Passages  []string // its text
	Language  string   // ISO 639-1; empty: found out
}

// Options bound the training. The zero value uses all processors.
type Options struct {
	Workers int // goroutines; zero: one a processor
}

// Model is what was learnt of a tenant's articles. It is not changed after
// [Train] and is safe for concurrent use.
type Model struct {
	articles  int
	taught    bool // articles have phrasings enough for the classifier
	main      string
	languages []string
	compounds splitter
	vocab     *vocabulary
	near      *nearest
	plane     *linear // nil where not taught
	book      *wordBook
	scratch   sync.Pool
}

// A tenant whose articles have at least this many titles and phrasings on
// average is taught: below, a classifier has nothing to generalise from.
const taughtFrom = 2.5

// prunedFrom is the number of phrasings from which features that only one of
// them has are left out.
const prunedFrom = 5000

// Train learns from articles. Its result refers to them by their place. It
// returns nil if ctx ends first, an empty model for no articles.
func Train(ctx context.Context, articles []Article, opt Options) *Model {
	if opt.Workers <= 0 {
		opt.Workers = runtime.GOMAXPROCS(0)
	}
	m := &Model{articles: len(articles)}
	m.main, m.languages = languagesOf(articles)
	m.taught = taught(articles)
	phrasings, owner, units := m.take(articles)
	if ctx.Err() != nil {
		return nil
	}
	xs := m.vectors(phrasings)
	dims := len(m.vocab.idf)
	m.near = newNearest(xs, owner, dims)
	m.book = newWordBook(units)
	if m.taught {
		if m.plane = trainLinear(ctx, xs, owner, len(articles), dims, opt.Workers); m.plane == nil {
			return nil
		}
	}
	m.scratch.New = func() any { return m.newScratch() }
	return m
}

func taught(articles []Article) bool {
	n := 0
	for _, a := range articles {
		n += len(askedBy(a))
	}
	return float64(n) >= taughtFrom*float64(max(len(articles), 1))
}

// tokens reads text. Where a tenant has taught us few phrasings, words that tell
// little tell even less: there are not enough texts to learn it from.
func (m *Model) tokens(text, language string) []token {
	return m.weighed(tokenize(text, language), language)
}

// asked is the tokens of a question. Where there are many phrasings, they tell
// what is courtesy and what is meant; else it is taken off.
func (m *Model) asked(question, language string) []token {
	if m.taught {
		return m.tokens(question, language)
	}
	return m.weighed(asked(question, language), language)
}

func (m *Model) weighed(ts []token, language string) []token {
	if m.taught {
		return ts
	}
	lx := lexiconOf(language)
	for i, t := range ts {
		if lx.facet(t.stem) {
			ts[i].weight = facetWeight
			continue
		}
		ts[i].weight *= t.weight
	}
	return ts
}

// facetWeight is how much more a word tells that asks for one thing about
// another: what a cleaning costs is a question to the price list.
const facetWeight = 1.7

// phrasing is a title or question taken apart into features.
type phrasing struct {
	words, grams []feature
}

// take reads all texts of all articles.
func (m *Model) take(articles []Article) (phrasings []phrasing, owner []int32, units []unit) {
	var f features
	m.compounds = m.compoundWords(articles)
	for a, art := range articles {
		lang := m.languageOf(art)
		lx, split := lexiconOf(lang), m.splitFor(lang)
		for _, text := range askedBy(art) {
			tokens := m.tokens(text, lang)
			f.take(tokens, lx, split)
			phrasings = append(phrasings, phrasing{append([]feature(nil), f.words...), append([]feature(nil), f.grams...)})
			owner = append(owner, int32(a))
			units = append(units, unit{int32(a), false, stemsOf(tokens, lx, split)})
		}
		for _, text := range art.Passages {
			tokens := m.tokens(text, lang)
			units = append(units, unit{int32(a), true, stemsOf(append(tokens, lx.tells(text, tokens)...), lx, split)})
		}
	}
	return phrasings, owner, units
}

// askedBy returns the title and the phrasings of an article.
func askedBy(a Article) []string {
	if a.Title == "" {
		return a.Questions
	}
	return append([]string{a.Title}, a.Questions...)
}

func stemsOf(tokens []token, lx *lexicon, split func(string) []string) []uint64 {
	out := make([]uint64, 0, len(tokens))
	for _, t := range tokens {
		out = append(out, hashOf('w', t.stem, ""))
		if c := lx.concept(t.stem); c != "" {
			out = append(out, hashOf('c', c, ""))
		}
		if split == nil {
			continue
		}
		for _, part := range split(t.text) {
			out = append(out, hashOf('w', part, ""))
		}
	}
	return out
}

// compoundWords returns the words of all articles in languages with compounds.
func (m *Model) compoundWords(articles []Article) splitter {
	s := splitter{}
	for _, a := range articles {
		lang := m.languageOf(a)
		if !compounding[lang] {
			continue
		}
		for _, text := range append(askedBy(a), a.Passages...) {
			s.add(tokenize(text, lang))
		}
	}
	return s
}

// splitFor returns what cuts compounds of a language, or nil.
func (m *Model) splitFor(lang string) func(string) []string {
	if !compounding[lang] {
		return nil
	}
	return func(w string) []string { return m.compounds.split(w, lang) }
}

// vectors builds the vocabulary and weighs the phrasings over it.
func (m *Model) vectors(ps []phrasing) []vector {
	docs := make([][]uint64, len(ps))
	for i, p := range ps {
		docs[i] = append(distinct(p.words), distinct(p.grams)...)
	}
	least := 1
	if len(ps) >= prunedFrom {
		least = 2
	}
	m.vocab = newVocabulary(docs, least)
	xs := make([]vector, len(ps))
	for i, p := range ps {
		xs[i] = m.vocab.vector(&features{words: p.words, grams: p.grams}, 0)
	}
	return xs
}

// Bytes is about how much memory the model holds.
func (m *Model) Bytes() int {
	n := 8 * (len(m.near.entries) + len(m.near.start)) * 1
	n += 40 * len(m.vocab.idf) // map, numbers, rarity
	if m.plane != nil {
		n += 4 * len(m.plane.weight)
	}
	for w := range m.book.holders {
		n += 8*len(m.book.holders[w]) + 8*len(m.book.passages[w]) + 90
	}
	return n + 1<<12
}
