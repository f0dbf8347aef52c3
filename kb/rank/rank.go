package rank

import (
	"cmp"
	"slices"
)

// Scored is an article with its score.
type Scored struct {
	Article int     // its place in what the model was trained on
	Passage int     // the place of its passage that says most of what was asked
	Score   float64 // comparable within one result
}

// Result is what the model says to a question.
type Result struct {
	Ranked []Scored // best first; empty where there are no articles
	// Confidence that the first article answers the question, 0 to 1.
	Confidence float64
}

// Threshold is the confidence below which a question is to be declined, where
// nothing better is known of a tenant's customers.
const Threshold = 0.5

type scratch struct {
	features features
	words    []said
	plane    []float32
	near     []float32
	told     []float32
	held     []float32
	dots     []float32
	passages []float32
	best     []int32 // passage of each article
	scores   []Scored
}

func (m *Model) newScratch() *scratch {
	n := m.articles
	return &scratch{
		plane: make([]float32, n), near: make([]float32, n), told: make([]float32, n), held: make([]float32, n),
		dots: make([]float32, len(m.near.article)), passages: make([]float32, len(m.book.article)), scores: make([]Scored, n), best: make([]int32, n),
	}
}

// Rank returns the limit best articles for a question. language is that of the
// question, or empty.
func (m *Model) Rank(question, language string, limit int) Result {
	r, _ := m.rank(question, language, limit)
	return r
}

func (m *Model) rank(question, language string, limit int) (Result, evidence) {
	if m.articles == 0 {
		return Result{}, evidence{}
	}
	s := m.scratch.Get().(*scratch)
	defer m.scratch.Put(s)
	if !slices.Contains(m.languages, language) {
		language = m.main
		if len(m.languages) > 1 {
			language = cmp.Or(Detect(question, m.languages), m.main)
		}
	}
	lx := lexiconOf(language)
	tokens := m.asked(question, language)
	split := m.splitFor(language)
	s.features.take(tokens, lx, split)
	x := m.vocab.vector(&s.features, m.foreign())
	s.words = m.book.read(tokens, lx, split, s.words[:0])
	m.near.decide(x, s.dots, s.near)
	m.book.told(s.words, s.passages, s.told, s.best)
	m.book.held(s.words, s.held)
	if m.plane != nil {
		m.plane.decide(x, s.plane)
	}
	for a := range s.scores {
		s.scores[a] = Scored{a, int(s.best[a]), m.score(s, a)}
	}
	top(s.scores, max(limit, evidenceDepth))
	e := m.evidence(s, tokens)
	ranked := slices.Clone(s.scores[:min(limit, len(s.scores))])
	return Result{ranked, e.confidence(m.taught)}, e
}

// Shares of the judges in an article's score.
const (
	nearShare  = 1.0
	toldPlain  = 0.9
	toldTaught = 0.7
	heldPlain  = 1.0
	heldTaught = 0.3
)

func (m *Model) score(s *scratch, a int) float64 {
	if m.plane == nil {
		return float64(nearShare*s.near[a] + toldPlain*s.told[a] + heldPlain*s.held[a])
	}
	return float64(s.plane[a] + nearShare*s.near[a] + toldTaught*s.told[a] + heldTaught*s.held[a])
}

// foreignPlain is how much the unknown part of a question lessens its likeness
// to titles where there are few phrasings. With many, the classifier knows
// better which words matter.
const foreignPlain = 0.5

func (m *Model) foreign() float64 {
	if m.taught {
		return 0
	}
	return foreignPlain
}

// top sorts the n best of v to its front.
func top(v []Scored, n int) {
	better := func(a, b Scored) int {
		if a.Score != b.Score {
			return cmp.Compare(b.Score, a.Score)
		}
		return cmp.Compare(a.Article, b.Article)
	}
	if n >= len(v) {
		slices.SortFunc(v, better)
		return
	}
	for i := range n {
		best := i
		for j := i + 1; j < len(v); j++ {
			if better(v[j], v[best]) < 0 {
				best = j
			}
		}
		v[i], v[best] = v[best], v[i]
	}
}
