// Package embed turns texts into vectors: by itself, or through any endpoint
// that speaks OpenAI's /v1/embeddings.
package embed

import (
	"context"
	"math"
	"strings"
	"unicode"
	"unicode/utf8"
)

// Hashing is the built-in embedder. It needs no model: words, and letter
// n-grams of words, are hashed into [HashingDims] signed buckets. Texts with
// the same words or word parts come out near each other, in any language. The
// same text gives the same vector on every machine.
type Hashing struct{}

// HashingDims is the length of the built-in embedder's vectors.
const HashingDims = 256

// Model names the vectors; those of different models are never compared.
func (Hashing) Model() string { return "hashing-256-v1" }

// Embed returns a vector of length 1 for each text; for one without letters or
// digits a vector of zeros but the first. It never fails.
func (Hashing) Embed(_ context.Context, texts []string) ([][]float32, error) {
	out := make([][]float32, len(texts))
	for i, t := range texts {
		out[i] = hashed(t)
	}
	return out, nil
}

// Weights of the two kinds of features: the words carry the sense, the letters
// carry typos and word forms.
const (
	wordWeight = 1.0
	gramWeight = 0.35
	gramLength = 4
)

func hashed(text string) []float32 {
	v := make([]float32, HashingDims)
	for _, w := range strings.FieldsFunc(strings.ToLower(text), func(r rune) bool {
		return !unicode.IsLetter(r) && !unicode.IsDigit(r) && !unicode.Is(unicode.M, r)
	}) {
		// Long words tell more than short ones; there is no corpus to learn it from.
		bump(v, 'w', w, wordWeight*float32(math.Sqrt(float64(min(utf8.RuneCountInString(w), 9)))))
		grams(v, "<"+w+">")
	}
	return normalized(v)
}

func grams(v []float32, w string) {
	end := 0
	for range gramLength {
		if end >= len(w) {
			return
		}
		_, n := utf8.DecodeRuneInString(w[end:])
		end += n
	}
	for start := 0; ; {
		bump(v, 'g', w[start:end], gramWeight)
		if end >= len(w) {
			return
		}
		_, a := utf8.DecodeRuneInString(w[start:])
		_, b := utf8.DecodeRuneInString(w[end:])
		start, end = start+a, end+b
	}
}

// bump adds a feature to its bucket; another bit of the hash is its sign, so
// that collisions cancel out on average.
func bump(v []float32, kind byte, s string, weight float32) {
	h := (uint64(14695981039346656037) ^ uint64(kind)) * 1099511628211
	for i := range len(s) {
		h = (h ^ uint64(s[i])) * 1099511628211
	}
	h ^= h >> 32
	if h&(1<<20) != 0 {
		weight = -weight
	}
	v[h%HashingDims] += weight
}

func normalized(v []float32) []float32 {
	var sum float64
	for _, x := range v {
		sum += float64(x) * float64(x)
	}
	if sum == 0 || math.IsNaN(sum) || math.IsInf(sum, 0) {
		clear(v)
		v[0] = 1
		return v
	}
	scale := float32(1 / math.Sqrt(sum))
	for i := range v {
		v[i] *= scale
	}
	return v
}
