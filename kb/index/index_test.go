package index_test

import (
	"cmp"
	"encoding/binary"
	"fmt"
	"math"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"frontdesk/kb/index"
)

const dims = 9

// passage is a row in plain form.
type passage struct {
	id, article, agent string
	words              map[string]int // how often, at most 255
	vector             []float32
}

func (p passage) row() index.Row {
	b := binary.BigEndian.AppendUint32(nil, uint32(len(p.words)))
	for w, n := range p.words {
		b = append(append(b, w...), 0)
		b = binary.BigEndian.AppendUint16(b, uint16(n))
		for place := range n {
			b = binary.BigEndian.AppendUint16(b, uint16(place+1))
		}
	}
	v := binary.BigEndian.AppendUint16(nil, dims)
	v = append(v, 0, 0)
	for _, x := range p.vector {
		v = binary.BigEndian.AppendUint32(v, math.Float32bits(x))
	}
	if p.vector == nil {
		v = nil
	}
	return index.Row{ID: p.id, Article: p.article, Agent: p.agent, Words: b, Vector: v}
}

var someWord = rapid.SampledFrom([]string{"park", "price", "dog", "room", "sea"})

func anyPassage(r *rapid.T, id, article string) passage {
	p := passage{id: id, article: article, agent: rapid.SampledFrom([]string{"", "", "a", "b"}).Draw(r, "agent"), words: map[string]int{}}
	for range rapid.IntRange(0, 4).Draw(r, "words") {
		p.words[someWord.Draw(r, "word")] = rapid.IntRange(1, 5).Draw(r, "count")
	}
	if rapid.IntRange(0, 5).Draw(r, "has a vector") > 0 {
		p.vector = anyVector(r)
	}
	return p
}

// anyVector has few values, so that there are ties.
func anyVector(r *rapid.T) []float32 {
	return rapid.SliceOfN(rapid.SampledFrom([]float32{-1, 0, 0.5, 1}), dims, dims).Draw(r, "vector")
}

// places returns the ids with a score, the best first, as far as depth.
func places(all []passage, depth int, score func(passage) (float64, bool)) map[string]int {
	kept := map[string]float64{}
	var ids []string
	for _, p := range all {
		if s, ok := score(p); ok {
			kept[p.id] = s
			ids = append(ids, p.id)
		}
	}
	slices.SortFunc(ids, func(a, b string) int { return cmp.Or(cmp.Compare(kept[b], kept[a]), strings.Compare(a, b)) })
	out := map[string]int{}
	for i, id := range ids[:min(depth, len(ids))] {
		out[id] = i + 1
	}
	return out
}

// Against a plain loop over all passages: the nearest are exact, through
// replacements and losses; and by words none comes that holds none, or is not
// for the agent, and none is missed.
func TestSearchIsExact(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(r *rapid.T) {
		x := index.New(dims)
		now := map[string][]passage{} // by article
		n := 0
		for range rapid.IntRange(1, 12).Draw(r, "steps") {
			article := rapid.SampledFrom([]string{"one", "two", "three", "four"}).Draw(r, "article")
			if old := now[article]; len(old) > 0 && rapid.Bool().Draw(r, "lost") {
				x.Forget(map[string]bool{old[0].id: true})
				delete(now, article)
				continue
			}
			now[article] = nil
			var rows []index.Row
			for range rapid.IntRange(1, 20).Draw(r, "passages") {
				n++
				p := anyPassage(r, fmt.Sprintf("p%04d", rapid.IntRange(0, 9).Draw(r, "order")*1000+n), article)
				now[article] = append(now[article], p)
				rows = append(rows, p.row())
			}
			if err := x.Replace(rows); err != nil {
				r.Fatal(err)
			}
		}
		q := index.Query{Vector: anyVector(r), Words: []string{someWord.Draw(r, "asked"), "nobody"}, Agent: rapid.SampledFrom([]string{"", "a", "c"}).Draw(r, "who"), Depth: rapid.IntRange(1, 15).Draw(r, "depth")}
		var all []passage
		for _, ps := range now {
			for _, p := range ps {
				if p.agent == "" || p.agent == q.Agent {
					all = append(all, p)
				}
			}
		}
		near := places(all, q.Depth, func(p passage) (sum float64, ok bool) {
			for i, v := range p.vector {
				sum += float64(v) * float64(q.Vector[i])
			}
			return sum, p.vector != nil
		})
		holding := places(all, len(all), func(p passage) (float64, bool) { return 0, p.words[q.Words[0]] > 0 })
		worded := 0
		for _, f := range x.Search(q) {
			if f.ByVector != near[f.ID] {
				r.Fatalf("%s is number %d by vector, want %d", f.ID, f.ByVector, near[f.ID])
			}
			if delete(near, f.ID); f.ByWords > 0 {
				if worded++; holding[f.ID] == 0 {
					r.Fatalf("%s comes by a word that it does not hold, or is not for %q", f.ID, q.Agent)
				}
			}
		}
		if len(near) > 0 || worded != min(q.Depth, len(holding)) {
			r.Fatalf("missed by vector: %v; by words %d of %d", near, worded, len(holding))
		}
	})
}

func TestWords(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name  string
		asked []string
		rows  []passage
		want  string // the ids by words, the best first
	}{
		{"a rare word tells more than a common one", []string{"park", "dog"}, []passage{
			{id: "1", words: map[string]int{"park": 1}}, {id: "2", words: map[string]int{"park": 1}}, {id: "3", words: map[string]int{"dog": 1}},
		}, "3 1 2"},
		{"a word that comes often tells more", []string{"park"}, []passage{
			{id: "1", words: map[string]int{"park": 1, "sea": 3}}, {id: "2", words: map[string]int{"park": 3, "sea": 1}},
		}, "2 1"},
		{"a short passage before a long one", []string{"park"}, []passage{
			{id: "1", words: map[string]int{"park": 1, "sea": 9}}, {id: "2", words: map[string]int{"park": 1, "sea": 2}},
		}, "2 1"},
		{"two words before one", []string{"park", "sea"}, []passage{
			{id: "1", words: map[string]int{"park": 1, "dog": 1}}, {id: "2", words: map[string]int{"park": 1, "sea": 1}}, {id: "3", words: map[string]int{"dog": 1, "sea": 1}},
		}, "2 1 3"},
		{"a word that nobody holds", []string{"price"}, []passage{{id: "1", words: map[string]int{"park": 1}}}, ""},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			x := index.New(dims)
			for _, p := range tt.rows {
				row := p.row()
				if err := x.Add(&row); err != nil {
					t.Fatal(err)
				}
			}
			var got []string
			for _, f := range x.Search(index.Query{Words: tt.asked, Depth: 5}) {
				got = append(got, f.ID)
			}
			if strings.Join(got, " ") != tt.want {
				t.Errorf("found %v, want %s", got, tt.want)
			}
		})
	}
}

// A passage that came in the place of a lost one is not lost with it.
func TestForgetKeepsWhatCameInPlace(t *testing.T) {
	t.Parallel()
	x := index.New(dims)
	for _, id := range []string{"old", "new"} {
		if err := x.Replace([]index.Row{passage{id: id, article: "a", words: map[string]int{"park": 1}}.row()}); err != nil {
			t.Fatal(err)
		}
	}
	x.Forget(map[string]bool{"old": true})
	if found := x.Search(index.Query{Words: []string{"park"}, Depth: 5}); len(found) != 1 || found[0].ID != "new" {
		t.Errorf("found %v, want the new one", found)
	}
}

func TestWorn(t *testing.T) {
	t.Parallel()
	x := index.New(dims)
	for i := range 5000 {
		row := passage{id: fmt.Sprint(i), article: fmt.Sprint(i / 1300), words: map[string]int{"park": 1}}.row()
		if err := x.Add(&row); err != nil {
			t.Fatal(err)
		}
	}
	if x.Worn() {
		t.Error("worn although all is there")
	}
	if x.Forget(map[string]bool{"0": true}); !x.Worn() {
		t.Error("not worn although more than a quarter is gone")
	}
}

func FuzzRow(f *testing.F) {
	row := passage{id: "1", words: map[string]int{"park": 2, "sea": 1}, vector: make([]float32, dims)}.row()
	f.Add(row.Words, row.Vector)
	f.Add([]byte{}, []byte{})
	f.Add([]byte{0xff, 0xff, 0xff, 0xff}, []byte{0xff, 0xff, 0, 0})
	f.Fuzz(func(t *testing.T, words, vector []byte) {
		x := index.New(dims)
		if err := x.Add(&index.Row{ID: "1", Words: words, Vector: vector}); err != nil {
			return
		}
		if n := len(x.Search(index.Query{Vector: make([]float32, dims), Words: []string{"park"}, Depth: 5})); n > 1 {
			t.Errorf("%d finds of one passage", n)
		}
	})
}

func BenchmarkSearch(b *testing.B) {
	for _, n := range []int{20000, 100000} {
		b.Run(fmt.Sprintf("%d passages", n), func(b *testing.B) {
			const dims = 256
			x := index.New(dims)
			for i := range n {
				v := binary.BigEndian.AppendUint16(nil, dims)
				v = append(v, 0, 0)
				for k := range dims {
					v = binary.BigEndian.AppendUint32(v, math.Float32bits(float32((i*31+k*17)%101)/101))
				}
				row := passage{id: fmt.Sprint(i), words: map[string]int{"park": 1, fmt.Sprint("w", i%7): 2}}.row()
				row.Vector = v
				if err := x.Add(&row); err != nil {
					b.Fatal(err)
				}
			}
			q := index.Query{Vector: make([]float32, dims), Words: []string{"park", "w1", "w2"}, Depth: 50}
			q.Vector[3] = 1
			b.ReportAllocs()
			for b.Loop() {
				x.Search(q)
			}
		})
	}
}
