package index

import (
	"cmp"
	"slices"
	"strings"
	"sync"
)

// Query is what is looked for.
type Query struct {
	Vector []float32 // compared by inner product; nil: words alone
	Words  []string  // as the passages' words are written
	Agent  string
	Depth  int // how many by vector and how many by words
}

// Found is a passage with its places in the two rankings, from 1; 0 means not
// among the first.
type Found struct {
	ID                string
	ByVector, ByWords int
}

// Score fuses the two places (RRF, k = 60).
func (f Found) Score() float64 {
	score := 0.0
	for _, place := range []int{f.ByVector, f.ByWords} {
		if place > 0 {
			score += 1 / float64(60+place)
		}
	}
	return score
}

// Search returns the nearest passages by vector and the best by words, fused,
// the best first.
func (x *Index) Search(q Query) []Found {
	x.mu.RLock()
	defer x.mu.RUnlock()
	at := map[int]int{}
	var out []Found
	place := func(list []scored, set func(*Found, int)) {
		for i, s := range list {
			k, ok := at[s.passage]
			if !ok {
				k = len(out)
				at[s.passage] = k
				out = append(out, Found{ID: x.ids[s.passage]})
			}
			set(&out[k], i+1)
		}
	}
	place(x.nearest(q), func(f *Found, n int) { f.ByVector = n })
	place(x.worded(q), func(f *Found, n int) { f.ByWords = n })
	slices.SortFunc(out, func(a, b Found) int {
		return cmp.Or(cmp.Compare(b.Score(), a.Score()), strings.Compare(a.ID, b.ID))
	})
	return out
}

// seen returns what tells whether an agent sees a passage.
func (x *Index) seen(agent string) func(int) bool {
	own, ok := x.agent[agent]
	if !ok {
		own = 0
	}
	return func(i int) bool { return !x.dead[i] && (x.agents[i] == 0 || x.agents[i] == own) }
}

func (x *Index) nearest(q Query) []scored {
	if len(q.Vector) != x.dims || x.dims == 0 {
		return nil
	}
	best, seen := x.first(q.Depth), x.seen(q.Agent)
	for i := range x.ids {
		if x.compared[i] && seen(i) {
			best.offer(i, dot(q.Vector, x.vectors[i*x.dims:(i+1)*x.dims]))
		}
	}
	return best.list()
}

// dot is the inner product of two vectors of one length. Four sums keep the
// processor busy where one would wait for itself.
func dot(a, b []float32) float32 {
	var s0, s1, s2, s3 float32
	b = b[:len(a)]
	for len(a) >= 8 && len(b) >= 8 {
		s0 += a[0]*b[0] + a[4]*b[4]
		s1 += a[1]*b[1] + a[5]*b[5]
		s2 += a[2]*b[2] + a[6]*b[6]
		s3 += a[3]*b[3] + a[7]*b[7]
		a, b = a[8:], b[8:]
	}
	for i := range a {
		s0 += a[i] * b[i]
	}
	return s0 + s1 + s2 + s3
}

// Of BM25: how soon a word that comes again tells nothing new, and how much a
// long passage is held against it.
const (
	saturation = 1.2
	lengthened = 0.75
)

// tallies are the memory of scores by word.
var tallies = sync.Pool{New: func() any { return new([]float32) }}

func (x *Index) worded(q Query) []scored {
	tally := tallies.Get().(*[]float32)
	defer tallies.Put(tally)
	*tally = slices.Grow((*tally)[:0], len(x.ids))[:len(x.ids)]
	scores := *tally
	clear(scores)
	average := float32(x.words) / float32(max(len(x.ids), 1))
	for _, w := range q.Words {
		list := x.byWord[w]
		idf := x.idf(len(list))
		for _, p := range list {
			n, i := p.count(), p.passage()
			scores[i] += idf * n * (saturation + 1) / (n + saturation*(1-lengthened+lengthened*x.lengths[i]/average))
		}
	}
	best, seen := x.first(q.Depth), x.seen(q.Agent)
	for i, s := range scores {
		if s > 0 && seen(i) {
			best.offer(i, s)
		}
	}
	return best.list()
}

// scored is a passage's number with its score.
type scored struct {
	passage int
	score   float32
}

// first keeps the best of all that it is offered. Of equal ones the lesser id
// is better.
type first struct {
	ids   []string
	depth int
	least float32 // what is below is not among the first
	full  bool
	kept  []scored
}

func (x *Index) first(depth int) *first {
	return &first{ids: x.ids, depth: max(depth, 1), kept: make([]scored, 0, 2*max(depth, 1))}
}

func (f *first) offer(passage int, score float32) {
	if f.full && score < f.least {
		return
	}
	if f.kept = append(f.kept, scored{passage, score}); len(f.kept) == cap(f.kept) {
		f.list()
		f.least, f.full = f.kept[f.depth-1].score, true
	}
}

// list sorts what is kept and returns the first.
func (f *first) list() []scored {
	slices.SortFunc(f.kept, func(a, b scored) int {
		return cmp.Or(cmp.Compare(b.score, a.score), strings.Compare(f.ids[a.passage], f.ids[b.passage]))
	})
	f.kept = f.kept[:min(len(f.kept), f.depth)]
	return f.kept
}
