package rank

import (
	"math"
	"slices"
)

// nearest finds, for each article, the likeness of a question to the one of its
// phrasings that is most like it.
type nearest struct {
	start   []int32 // per feature, into entries; one more at the end
	entries []posting
	article []int32 // of each phrasing
}

type posting struct {
	at     int32
	weight float32
}

func newNearest(xs []vector, article []int32, dims int) *nearest {
	n := &nearest{start: make([]int32, dims+1), article: article}
	for _, x := range xs {
		for _, j := range x.index {
			n.start[j+1]++
		}
	}
	for j := range dims {
		n.start[j+1] += n.start[j]
	}
	n.entries = make([]posting, n.start[dims])
	fill := slices.Clone(n.start[:dims])
	for i, x := range xs {
		for k, j := range x.index {
			n.entries[fill[j]] = posting{int32(i), x.value[k]}
			fill[j]++
		}
	}
	return n
}

// decide writes the likeness, 0 to 1, of the nearest phrasing of each article
// to out. dots is scratch space of one figure a phrasing.
func (n *nearest) decide(x vector, dots, out []float32) {
	clear(dots)
	clear(out)
	for k, j := range x.index {
		v := x.value[k] / 2 // two blocks of length 1
		for _, e := range n.entries[n.start[j]:n.start[j+1]] {
			dots[e.at] += v * e.weight
		}
	}
	for i, d := range dots {
		if a := n.article[i]; d > out[a] {
			out[a] = d
		}
	}
}

// BM25's usual figures.
const (
	bm25K = 1.2
	bm25B = 0.75
)

// holder says that an article holds a word: in its title or a phrasing, in its
// text, or both.
type holder struct {
	article int32
	asked   bool
	told    bool
}

// wordBook is the tenant's words: how rare each is, which articles hold it,
// and in which passages how often.
type wordBook struct {
	index    map[uint64]int32
	idf      []float32
	unknown  float32 // idf of a word the tenant never used
	holders  [][]holder
	passages [][]posting     // per word; weight is BM25's share without idf, 0 to 1
	article  []int32         // of each passage
	first    map[int32]int32 // passage of each article
}

// unit is one text of an article as hashes of stems, repeats kept.
type unit struct {
	article int32
	told    bool // text of the article rather than a title or phrasing
	stems   []uint64
}

func newWordBook(units []unit) *wordBook {
	b := &wordBook{index: map[uint64]int32{}, first: map[int32]int32{}, unknown: rarity(len(units), 0)}
	var df []int32
	var length float64
	told := 0
	for _, u := range units {
		for _, h := range sortedDistinct(u.stems) {
			at, ok := b.index[h]
			if !ok {
				at = int32(len(df))
				b.index[h], df = at, append(df, 0)
				b.holders, b.passages = append(b.holders, nil), append(b.passages, nil)
			}
			df[at]++
			b.hold(at, u)
		}
		if u.told {
			told++
			length += float64(len(u.stems))
		}
	}
	b.idf = make([]float32, len(df))
	for i, n := range df {
		b.idf[i] = rarity(len(units), int(n))
	}
	for _, u := range units {
		if u.told {
			b.addPassage(u, length/float64(told))
		}
	}
	return b
}

func sortedDistinct(hs []uint64) []uint64 {
	out := slices.Clone(hs)
	slices.Sort(out)
	return slices.Compact(out)
}

// hold notes that u's article holds a word. Units of an article come together.
func (b *wordBook) hold(word int32, u unit) {
	hs := b.holders[word]
	if len(hs) == 0 || hs[len(hs)-1].article != u.article {
		hs = append(hs, holder{article: u.article})
	}
	last := &hs[len(hs)-1]
	last.asked = last.asked || !u.told
	last.told = last.told || u.told
	b.holders[word] = hs
}

func (b *wordBook) addPassage(u unit, mean float64) {
	at := int32(len(b.article))
	if _, ok := b.first[u.article]; !ok {
		b.first[u.article] = at
	}
	b.article = append(b.article, u.article)
	stems := slices.Clone(u.stems)
	slices.Sort(stems)
	for i := 0; i < len(stems); {
		j := i + 1
		for j < len(stems) && stems[j] == stems[i] {
			j++
		}
		tf := float64(j - i)
		share := tf / (tf + bm25K*(1-bm25B+bm25B*float64(len(stems))/mean))
		word := b.index[stems[i]]
		b.passages[word] = append(b.passages[word], posting{at, float32(share)})
		i = j
	}
}

// said is a word of a question as the book knows it.
type said struct {
	word   int32 // -1 where the tenant never used it
	idf    float32
	weight float32 // idf by what the word tells in general
	facet  bool    // asks for one thing about another, like a price
}

// read looks words up: the concept where the word belongs to one, and the parts
// of an unknown compound.
func (b *wordBook) read(tokens []token, lx *lexicon, split func(string) []string, out []said) []said {
	for _, t := range tokens {
		s := said{-1, b.unknown, b.unknown * t.weight, lx.facet(t.stem)}
		at, ok := b.index[hashOf('c', lx.concept(t.stem), "")]
		if !ok {
			at, ok = b.index[hashOf('w', t.stem, "")]
		}
		if ok {
			s.word, s.idf, s.weight = at, b.idf[at], b.idf[at]*t.weight
		}
		before := len(out)
		if s.word < 0 && split != nil {
			for _, part := range split(t.text) {
				if at, ok := b.index[hashOf('w', part, "")]; ok {
					out = append(out, said{at, b.idf[at], b.idf[at], false})
				}
			}
		}
		if len(out) == before {
			out = append(out, s)
		}
	}
	return out
}

// toldOnly is what a word counts that only the article's text holds, against
// one in its title or phrasings.
const toldOnly = 0.4

// held writes, for each article, the share of what was said that it holds at
// all, 0 to 1, to out. Unlike the other judges it does not mind how much else
// an article speaks of.
func (b *wordBook) held(words []said, out []float32) {
	clear(out)
	var all float32
	for _, s := range words {
		all += s.weight
	}
	if all == 0 {
		return
	}
	for _, s := range words {
		if s.word < 0 {
			continue
		}
		for _, h := range b.holders[s.word] {
			if h.asked {
				out[h.article] += s.weight / all
			} else {
				out[h.article] += toldOnly * s.weight / all
			}
		}
	}
}

// told writes, for each article, how well its best passage covers the words
// said, 0 to 1, to out, and which passage that is to best. scores is scratch space of one figure a passage.
func (b *wordBook) told(words []said, scores, out []float32, best []int32) {
	clear(scores)
	clear(out)
	clear(best)
	var all float32
	for _, s := range words {
		all += s.weight
		if s.word < 0 {
			continue
		}
		for _, p := range b.passages[s.word] {
			scores[p.at] += s.weight * p.weight
		}
	}
	if all == 0 {
		return
	}
	for i, v := range scores {
		if a := b.article[i]; v/all > out[a] {
			out[a], best[a] = v/all, int32(i)-b.first[a]
		}
	}
}

// coverage is how much of what was said is spoken of.
type coverage struct {
	known   float64 // by the tenant at all
	asked   float64 // in the article's title and phrasings
	any     float64 // in the article at all
	knownW  float64 // the same three, words weighed by what they tell in general
	askedW  float64
	anyW    float64
	content float64 // number of telling words
	knownN  float64 // share of words known, unweighed
	missing float64 // share of the telling words that the article does not hold
}

// facetCoverage is what a word that asks for one thing about another counts as
// support: everything has a price, and most things are not sold here.
const facetCoverage = 0.6

func (b *wordBook) coverage(words []said, article int32) coverage {
	var c coverage
	var all, allW float64
	for _, s := range words {
		i, w := float64(s.idf), float64(s.weight)
		if s.facet { // asks for a price or the like: the rest tells whether it is ours
			w = facetCoverage * i
		}
		all, allW = all+i, allW+w
		telling := w > 0.9*i || s.facet
		if telling {
			c.content++
			c.missing++
		}
		if s.word < 0 {
			continue
		}
		c.known, c.knownW, c.knownN = c.known+i, c.knownW+w, c.knownN+1
		h, ok := b.holder(s.word, article)
		if !ok {
			continue
		}
		if telling {
			c.missing--
		}
		c.any, c.anyW = c.any+i, c.anyW+w
		if h.asked {
			c.asked, c.askedW = c.asked+i, c.askedW+w
		}
	}
	all, allW = math.Max(all, 1e-9), math.Max(allW, 1e-9)
	c.known, c.asked, c.any = c.known/all, c.asked/all, c.any/all
	c.knownW, c.askedW, c.anyW = c.knownW/allW, c.askedW/allW, c.anyW/allW
	c.knownN /= math.Max(float64(len(words)), 1)
	c.missing /= math.Max(c.content, 1)
	return c
}

func (b *wordBook) holder(word, article int32) (holder, bool) {
	hs := b.holders[word]
	i, ok := slices.BinarySearchFunc(hs, article, func(h holder, a int32) int { return int(h.article - a) })
	if !ok {
		return holder{}, false
	}
	return hs[i], true
}
