package index

import (
	"fmt"
	"math"
	"sync"
)

// Row is a passage as the database sends it.
type Row struct {
	ID      string
	Article string
	Agent   string // who alone sees it; empty: all
	Words   []byte // as tsvectorsend writes them
	Vector  []byte // as vector_send writes it; nil: none of this index's model
}

// Index holds a tenant's passages. It is safe for concurrent use.
type Index struct {
	dims int

	mu       sync.RWMutex
	ids      []string
	articles []uint32 // of each passage, as a number
	agents   []uint32
	dead     []bool
	gone     int // of dead
	compared []bool
	vectors  []float32 // dims of each passage
	lengths  []float32 // words of each passage
	words    int64     // the sum of lengths
	byWord   map[string][]posting
	postings int
	article  map[string]uint32 // numbers of articles as they are now
	versions uint32            // the last such number
	agent    map[string]uint32
}

// New returns an empty index of vectors of that many dimensions.
func New(dims int) *Index {
	return &Index{dims: dims, byWord: map[string][]posting{}, article: map[string]uint32{}, agent: map[string]uint32{"": 0}}
}

// posting is the number of a passage that holds a word, above, and how much of
// the word it holds, in the lowest eight bits.
type posting uint32

const (
	countBits = 8
	maxCount  = 1<<countBits - 1
	maxRows   = 1<<(32-countBits) - 1
)

func (p posting) passage() int   { return int(p >> countBits) }
func (p posting) count() float32 { return float32(p & maxCount) }

// Replace puts rows in place of all passages that their articles had. An error
// means that a row was malformed, or one too many; the index is of no use then.
func (x *Index) Replace(rows []Row) error {
	x.mu.Lock()
	defer x.mu.Unlock()
	names := make([]string, len(rows))
	for i := range rows {
		names[i] = rows[i].Article
	}
	x.retire(names)
	for i := range rows {
		if err := x.add(&rows[i]); err != nil {
			return err
		}
	}
	return nil
}

// Add puts a passage beside those that are there.
func (x *Index) Add(r *Row) error {
	x.mu.Lock()
	defer x.mu.Unlock()
	return x.add(r)
}

func (x *Index) add(r *Row) error {
	n := len(x.ids)
	if n >= maxRows {
		return fmt.Errorf("index: more than %d passages", maxRows)
	}
	length := float32(0)
	err := eachWord(r.Words, func(word []byte, count float32) {
		length += count
		list := x.byWord[string(word)]
		x.byWord[string(word)] = append(list, posting(n<<countBits|int(min(count, maxCount))))
		x.postings++
	})
	if err != nil {
		return err
	}
	if x.vectors, err = appendVector(x.vectors, r.Vector, x.dims); err != nil {
		return err
	}
	x.compared = append(x.compared, r.Vector != nil)
	x.ids = append(x.ids, r.ID)
	x.articles = append(x.articles, x.version(r.Article))
	x.agents = append(x.agents, x.agentNumber(r.Agent))
	x.dead = append(x.dead, false)
	x.lengths = append(x.lengths, length)
	x.words += int64(length)
	return nil
}

// version is the number of an article as it is now.
func (x *Index) version(article string) uint32 {
	n, ok := x.article[article]
	if !ok {
		x.versions++
		n = x.versions
		x.article[article] = n
	}
	return n
}

func (x *Index) agentNumber(name string) uint32 {
	n, ok := x.agent[name]
	if !ok {
		n = uint32(len(x.agent))
		x.agent[name] = n
	}
	return n
}

// Forget takes the named passages out, and all that stood beside them in their
// articles. What came in an article's place stays.
func (x *Index) Forget(passages map[string]bool) {
	x.mu.Lock()
	defer x.mu.Unlock()
	lost := map[uint32]bool{}
	for i, id := range x.ids {
		if passages[id] {
			lost[x.articles[i]] = true
		}
	}
	x.kill(lost)
}

// retire takes the passages of the named articles out; those that come under
// these names are of another version. The mutex is held.
func (x *Index) retire(articles []string) {
	lost := map[uint32]bool{}
	for _, name := range articles {
		if n, ok := x.article[name]; ok {
			lost[n] = true
			delete(x.article, name)
		}
	}
	x.kill(lost)
}

func (x *Index) kill(articles map[uint32]bool) {
	if len(articles) == 0 {
		return
	}
	for i, a := range x.articles {
		if !x.dead[i] && articles[a] {
			x.dead[i] = true
			x.gone++
		}
	}
}

// Worn reports whether so much of the index is forgotten that it should be made
// anew.
func (x *Index) Worn() bool {
	x.mu.RLock()
	defer x.mu.RUnlock()
	return x.gone > 1000 && x.gone > len(x.ids)/4
}

// Bytes is about the memory that the index takes.
func (x *Index) Bytes() int {
	const passage, word = 120, 100 // with their places in maps
	x.mu.RLock()
	defer x.mu.RUnlock()
	return 4*cap(x.vectors) + passage*len(x.ids) + word*len(x.byWord) + 5*x.postings
}

// idf is what a word tells that so many passages hold.
func (x *Index) idf(held int) float32 {
	n := float64(len(x.ids))
	return float32(math.Log(1 + (n-float64(held)+0.5)/(float64(held)+0.5)))
}
