package rank

import (
	"cmp"
	"math"
	"slices"
	"unicode/utf8"
)

// Letter n-grams are taken inside words, edges marked: they carry typos, word
// forms and the parts of compounds.
const (
	minGram = 3
	maxGram = 5
)

// vector is a sparse vector over a [vocabulary], by index rising.
type vector struct {
	index []int32
	value []float32
}

// feature is an occurrence before it is counted: its hash and how much its
// words tell in general.
type feature struct {
	hash   uint64
	weight float32
}

// features is scratch space for taking a text apart.
type features struct {
	words []feature // stems, pairs of stems, concepts
	grams []feature
	buf   []byte
}

// take fills f from tokens. split, where given, tells the parts of a compound.
func (f *features) take(tokens []token, lx *lexicon, split func(string) []string) {
	f.words, f.grams = f.words[:0], f.grams[:0]
	for i, t := range tokens {
		f.words = append(f.words, feature{hashOf('w', t.stem, ""), t.weight})
		if c := lx.concept(t.stem); c != "" {
			f.words = append(f.words, feature{hashOf('c', c, ""), conceptWeight * t.weight})
		}
		if i > 0 {
			p := tokens[i-1]
			f.words = append(f.words, feature{hashOf('p', p.stem, t.stem), max(p.weight, t.weight)})
		}
		if i > 1 {
			p := tokens[i-2]
			f.words = append(f.words, feature{hashOf('p', p.stem, t.stem), skipWeight * max(p.weight, t.weight)})
		}
		if split != nil {
			for _, part := range split(t.text) {
				f.words = append(f.words, feature{hashOf('w', part, ""), partWeight})
			}
		}
		f.letters(t.text, t.weight)
	}
}

// Weights of what is not said itself but stands for it.
const (
	conceptWeight = 1.0
	partWeight    = 0.7
	skipWeight    = 0.5 // a pair with a word between
)

// letters adds the n-grams of one word.
func (f *features) letters(w string, weight float32) {
	weight = max(weight, gramFloor)
	f.buf = append(append(append(f.buf[:0], ' '), w...), ' ')
	for n := minGram; n <= maxGram; n++ {
		if !f.lettersOf(n, weight) {
			return
		}
	}
}

// gramFloor is what the letters of a function word weigh at least: in a foreign
// or misspelt text they may be all there is.
const gramFloor = 0.7

// lettersOf adds the n-grams of length n of the word in f.buf, and reports
// whether a longer one may fit.
func (f *features) lettersOf(n int, weight float32) bool {
	b := f.buf
	end := 0
	for range n {
		if end >= len(b) {
			f.grams = append(f.grams, feature{hashBytes('g', b), weight})
			return false
		}
		_, size := utf8.DecodeRune(b[end:])
		end += size
	}
	for start := 0; ; {
		f.grams = append(f.grams, feature{hashBytes('g', b[start:end]), weight})
		if end >= len(b) {
			return true
		}
		_, first := utf8.DecodeRune(b[start:])
		_, next := utf8.DecodeRune(b[end:])
		start, end = start+first, end+next
	}
}

const (
	fnvOffset = 14695981039346656037
	fnvPrime  = 1099511628211
)

// hashOf is FNV-1a over kind, a and b.
func hashOf(kind byte, a, b string) uint64 {
	h := (uint64(fnvOffset) ^ uint64(kind)) * fnvPrime
	for i := range len(a) {
		h = (h ^ uint64(a[i])) * fnvPrime
	}
	if b != "" {
		h = (h ^ 0xff) * fnvPrime
		for i := range len(b) {
			h = (h ^ uint64(b[i])) * fnvPrime
		}
	}
	return h
}

func hashBytes(kind byte, a []byte) uint64 {
	h := (uint64(fnvOffset) ^ uint64(kind)) * fnvPrime
	for _, c := range a {
		h = (h ^ uint64(c)) * fnvPrime
	}
	return h
}

// vocabulary numbers the features that a tenant's phrasings hold, with how rare
// each is.
type vocabulary struct {
	index   map[uint64]int32
	idf     []float32
	unknown float32 // idf of what no phrasing holds
}

// newVocabulary counts features over documents and keeps those in at least
// least of them.
func newVocabulary(docs [][]uint64, least int) *vocabulary {
	df := make(map[uint64]int32)
	for _, d := range docs {
		for _, h := range d { // each once per document
			df[h]++
		}
	}
	keys := make([]uint64, 0, len(df))
	for h, n := range df {
		if int(n) >= least {
			keys = append(keys, h)
		}
	}
	slices.Sort(keys) // the same numbers on every run
	v := &vocabulary{index: make(map[uint64]int32, len(keys)), idf: make([]float32, len(keys)), unknown: rarity(len(docs), 0)}
	for i, h := range keys {
		v.index[h] = int32(i)
		v.idf[i] = rarity(len(docs), int(df[h]))
	}
	return v
}

// fewDocs is as how many texts a tenant with fewer is treated: of three texts
// one cannot tell which words are rare.
const fewDocs = 40

// rarity is the smoothed inverse document frequency, 1 for what all have.
func rarity(docs, df int) float32 {
	return float32(math.Log(float64(1+max(docs, fewDocs))/float64(1+df))) + 1
}

// distinct sorts fs by hash and returns the hashes, each once.
func distinct(fs []feature) []uint64 {
	sortFeatures(fs)
	out := make([]uint64, 0, len(fs))
	for i, f := range fs {
		if i == 0 || f.hash != fs[i-1].hash {
			out = append(out, f.hash)
		}
	}
	return out
}

func sortFeatures(fs []feature) {
	slices.SortFunc(fs, func(a, b feature) int { return cmp.Compare(a.hash, b.hash) })
}

// vector weighs what f holds by frequency and rarity. Words and letters are two
// blocks, each of length 1 (0 where nothing is known).
//
// foreign is how much of the length what is not in the vocabulary takes up: with
// 0, a text of which one word is known is as long as that word.
func (v *vocabulary) vector(f *features, foreign float64) vector {
	out := vector{make([]int32, 0, len(f.words)+len(f.grams)), make([]float32, 0, len(f.words)+len(f.grams))}
	v.block(&out, f.words, foreign)
	v.block(&out, f.grams, foreign)
	return out
}

func (v *vocabulary) block(out *vector, fs []feature, foreign float64) {
	sortFeatures(fs)
	first := len(out.value)
	var sum float64
	for i := 0; i < len(fs); {
		j := i + 1
		for j < len(fs) && fs[j].hash == fs[i].hash {
			j++
		}
		if at, ok := v.index[fs[i].hash]; ok {
			w := fs[i].weight * v.idf[at] * logCount(j-i)
			out.index, out.value = append(out.index, at), append(out.value, w)
			sum += float64(w) * float64(w)
		} else if foreign > 0 {
			w := fs[i].weight * v.unknown
			sum += foreign * float64(w) * float64(w)
		}
		i = j
	}
	if first == len(out.value) {
		return
	}
	scale := float32(1 / math.Sqrt(sum))
	for k := first; k < len(out.value); k++ {
		out.value[k] *= scale
	}
}

// logCount is 1 + ln n.
func logCount(n int) float32 {
	if n == 1 {
		return 1
	}
	return 1 + float32(math.Log(float64(n)))
}
