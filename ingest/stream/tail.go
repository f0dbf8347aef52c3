package stream

import (
	"cmp"
	"slices"
	"sync"

	"frontdesk/ingest"
)

// Tail keeps the ends of partitions as the consumers of a process have read and
// decoded them, so that groups which follow one another over a topic fetch and
// decode it once. It is safe for concurrent use.
type Tail struct {
	most int

	mu     sync.Mutex
	runs   map[place]*run
	order  []chunk // oldest first
	weight int
}

// run is what is kept of a partition: all records from first to next.
type run struct {
	first, next int64
	end         int64 // of the log, as last heard
	items       []*read
}

// read is a record with what was made of it. Neither is ever changed.
type read struct {
	stored
	event ingest.Event
	bad   error // why it is no event
}

// chunk is the records that one fetch added to a run, up to next.
type chunk struct {
	of     *run
	next   int64
	weight int
}

// readBytes is about what a read takes beside its key and value: itself, the
// text of its event's fields, and its place in a run.
const readBytes = 600

// NewTail returns a Tail that keeps records in at most so many bytes of memory.
func NewTail(mostBytes int) *Tail { return &Tail{most: mostBytes, runs: map[place]*run{}} }

// decode makes items of records.
func decode(records []stored) []*read {
	all, items := make([]read, len(records)), make([]*read, len(records))
	for i, s := range records {
		items[i] = &all[i]
		items[i].stored = s
		items[i].event, items[i].bad = ingest.DecodeEvent(s.value)
	}
	return items
}

// after returns what is kept of pl from an offset on; ok is false where that is
// not all there is up to the end of what is kept, or nothing. A nil Tail has
// nothing.
func (t *Tail) after(pl place, offset int64) (items []*read, next, end int64, ok bool) {
	if t == nil {
		return nil, 0, 0, false
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	r := t.runs[pl]
	if r == nil || offset < r.first || offset >= r.next {
		return nil, 0, 0, false
	}
	return slices.Clone(r.items[r.at(offset):]), r.next, r.end, true
}

// at returns the index of the first item from an offset on.
func (r *run) at(offset int64) int {
	n, _ := slices.BinarySearchFunc(r.items, offset, func(it *read, offset int64) int { return cmp.Compare(it.offset, offset) })
	return n
}

// add keeps items, which are all that the log has of pl from an offset to next.
func (t *Tail) add(pl place, offset, next, end int64, items []*read) {
	if t == nil || next <= offset {
		return
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	r := t.runs[pl]
	switch {
	case r == nil:
		r = &run{first: offset, next: offset}
		t.runs[pl] = r
	case next <= r.next:
		return // known
	case offset > r.next: // what lies between was never read here
		r.items, r.first, r.next = nil, offset, offset
	}
	weight := 0
	for _, it := range items {
		if it.offset >= r.next {
			r.items = append(r.items, it)
			weight += readBytes + len(it.key) + len(it.value)
		}
	}
	r.next, r.end = next, max(r.end, end)
	t.order, t.weight = append(t.order, chunk{r, next, weight}), t.weight+weight
	t.forget()
}

// forget drops the oldest chunks of what is too much.
func (t *Tail) forget() {
	for t.weight > t.most {
		c := t.order[0]
		t.order[0] = chunk{}
		t.order, t.weight = t.order[1:], t.weight-c.weight
		if c.next <= c.of.first {
			continue // dropped already
		}
		n := c.of.at(c.next)
		clear(c.of.items[:n]) // their memory goes now, not when the run grows
		c.of.items, c.of.first = c.of.items[n:], c.next
	}
}
