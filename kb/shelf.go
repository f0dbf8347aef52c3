package kb

import (
	"container/list"
	"sync"
	"time"

	"frontdesk/ingest"
	"frontdesk/kb/index"
)

// shelved names an index: a tenant's passages, with the vectors of one model.
type shelved struct {
	tenant ingest.TenantID
	model  string
}

// shelf keeps the indexes of large tenants that were used last, within a bound
// of bytes.
type shelf struct {
	mu    sync.Mutex
	max   int
	bytes int
	byUse *list.List // of *volume, the last used first
	kept  map[shelved]*list.Element
	seen  map[shelved]look // of those that are not kept, or are being made
}

// look is when, and in what state, a tenant was last looked at.
type look struct {
	generation int64
	at         time.Time
}

// lasting is how long an index is kept after its last use although another needs
// room, and how long one that found none is not made again: reading a tenant's
// passages takes a second or so.
const lasting = time.Minute

// volume is an index with the generation that it holds.
type volume struct {
	at    shelved
	index *index.Index
	bytes int
	used  time.Time
	turn  chan struct{} // holds a token: who has it may bring the index up to date

	generation int64 // of who has the turn
}

func newShelf(max int) *shelf {
	return &shelf{max: max, byUse: list.New(), kept: map[shelved]*list.Element{}, seen: map[shelved]look{}}
}

func (s *shelf) has(at shelved) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	_, ok := s.kept[at]
	return ok
}

// take returns a volume, or nil.
func (s *shelf) take(at shelved) *volume {
	s.mu.Lock()
	defer s.mu.Unlock()
	e, ok := s.kept[at]
	if !ok {
		return nil
	}
	s.byUse.MoveToFront(e)
	v := e.Value.(*volume)
	v.used = time.Now()
	return v
}

// maxSeen bounds the tenants that are remembered as too small.
const maxSeen = 100000

// begin reports whether the caller is to make the index of at: nobody has
// looked at this generation, or not of late.
func (s *shelf) begin(at shelved, generation int64) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	now := time.Now()
	if seen, ok := s.seen[at]; s.kept[at] != nil || ok && seen.generation >= generation && now.Sub(seen.at) < lasting {
		return false
	}
	if len(s.seen) >= maxSeen {
		clear(s.seen)
	}
	s.seen[at] = look{generation, now}
	return true
}

// put keeps x, which holds what was there at a generation, if there is room.
func (s *shelf) put(at shelved, x *index.Index, generation int64) {
	now := time.Now()
	v := &volume{at: at, index: x, bytes: x.Bytes(), used: now, turn: make(chan struct{}, 1), generation: generation}
	v.turn <- struct{}{}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.drop(at)
	for s.bytes+v.bytes > s.max {
		last := s.byUse.Back()
		if last == nil || now.Sub(last.Value.(*volume).used) < lasting {
			return
		}
		s.drop(last.Value.(*volume).at)
	}
	delete(s.seen, at)
	s.kept[at] = s.byUse.PushFront(v)
	s.bytes += v.bytes
}

// grown takes a new size of v into account.
func (s *shelf) grown(v *volume) {
	bytes := v.index.Bytes()
	s.mu.Lock()
	defer s.mu.Unlock()
	if e, ok := s.kept[v.at]; ok && e.Value == v {
		s.bytes += bytes - v.bytes
		v.bytes = bytes
	}
	for s.bytes > s.max {
		s.drop(s.byUse.Back().Value.(*volume).at)
	}
}

// remove forgets v, so that it is made anew.
func (s *shelf) remove(v *volume) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if e, ok := s.kept[v.at]; ok && e.Value == v {
		s.drop(v.at)
	}
}

// drop takes out what is kept at a place. The mutex is held.
func (s *shelf) drop(at shelved) {
	if e, ok := s.kept[at]; ok {
		s.bytes -= s.byUse.Remove(e).(*volume).bytes
		delete(s.kept, at)
	}
}
