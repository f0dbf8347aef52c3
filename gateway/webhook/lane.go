package webhook

import (
	"sync"
	"time"
)

// lane is what this process has under way for an endpoint.
type lane struct {
	busy   int // attempts that are not settled
	slow   int // of these, older than Config.SlowAfter
	rate   int
	tokens float64 // attempts that the rate still allows at filled
	filled time.Time
	unwell bool // the endpoint's row may have failures in it
}

// fill adds the tokens that time has brought: at most a second's worth.
func (l *lane) fill(now time.Time) {
	if l.rate == 0 {
		return
	}
	l.tokens = min(l.tokens+now.Sub(l.filled).Seconds()*float64(l.rate), float64(l.rate))
	l.filled = now
}

// lanes are those with something under way or tokens spent. An attempt has a
// place among the quick ones until it is slow; then it takes none of theirs,
// so endpoints that hang do not stand in the way of the others.
type lanes struct {
	mu       sync.Mutex
	all      map[string]*lane
	quick    int
	slow     int
	maxQuick int
	maxSlow  int
}

func newLanes(quick, slow int) *lanes {
	return &lanes{all: map[string]*lane{}, maxQuick: quick, maxSlow: slow}
}

// room returns how many more attempts may begin, and what is known of the
// endpoints that have some under way.
func (ls *lanes) room(now time.Time) (free int, rooms []room) {
	ls.mu.Lock()
	defer ls.mu.Unlock()
	for id, l := range ls.all {
		l.fill(now)
		if l.busy == 0 && (l.rate == 0 || l.tokens >= float64(l.rate)) {
			delete(ls.all, id)
			continue
		}
		r := room{endpoint: id, busy: l.busy, free: MaxConcurrency}
		if l.rate > 0 {
			r.free = int(l.tokens)
		}
		if ls.slow >= ls.maxSlow && l.slow > 0 {
			r.free = 0
		}
		rooms = append(rooms, r)
	}
	if ls.slow >= 2*ls.maxSlow { // even counting only those that hang
		return 0, rooms
	}
	return ls.maxQuick - ls.quick, rooms
}

// begin takes a place for l and returns it.
func (ls *lanes) begin(l letter, now time.Time) *place {
	ls.mu.Lock()
	defer ls.mu.Unlock()
	in := ls.all[l.endpoint]
	if in == nil {
		in = &lane{tokens: float64(l.rate), filled: now}
		ls.all[l.endpoint] = in
	}
	if in.rate != l.rate {
		in.rate, in.tokens, in.filled = l.rate, float64(l.rate), now
	}
	in.busy++
	in.tokens--
	in.unwell = in.unwell || l.failures > 0
	ls.quick++
	return &place{lanes: ls, lane: in}
}

// place is that of an attempt under way.
type place struct {
	*lanes
	lane  *lane
	slow  bool
	ended bool
}

// linger makes the place one of the slow.
func (p *place) linger() {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.ended || p.slow {
		return
	}
	p.slow = true
	p.lane.slow++
	p.lanes.slow++
	p.quick--
}

// answered gives the place among the others back: the attempt is over, if not
// settled.
func (p *place) answered() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.ended = true
	if p.slow {
		p.lane.slow--
		p.lanes.slow--
	} else {
		p.quick--
	}
}

// settled ends the attempt for its endpoint.
func (p *place) settled() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.lane.busy--
}

// learn notes how an attempt went and reports whether the endpoint's row must
// hear of it: every failure, and the first success after one.
func (p *place) learn(well bool) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	if well && !p.lane.unwell {
		return false
	}
	p.lane.unwell = !well
	return true
}
