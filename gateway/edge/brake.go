package edge

import (
	"context"
	"sync"
	"time"

	"github.com/valyala/fasthttp"
)

const (
	// brakeFree is how many refusals a caller hears at once, one behind the other.
	brakeFree = 20
	// brakePace is how long each further one takes.
	brakePace = 50 * time.Millisecond
	// brakeWait is how long a refusal is held up at most: a client that waits so
	// long for an answer does not think the server dead.
	brakeWait = time.Second
	// brakeEach and brakeAll bound the refusals that wait, of one caller and of
	// all. One that waits costs no more than an open connection does.
	brakeEach, brakeAll = 512, 2048
)

// Brake holds up the refusals of callers who go on asking: those hear of them
// at a pace, and have less to send the next request from. It is safe for
// concurrent use.
type Brake struct {
	mu      sync.Mutex
	callers map[string]*braked
	waiting int
	swept   time.Time
}

// braked is a caller who was refused of late.
type braked struct {
	next    time.Time // when the next refusal is due; before now: at once
	waiting int
}

// NewBrake returns a brake that holds up nobody yet.
func NewBrake() *Brake { return &Brake{callers: map[string]*braked{}} }

// Hold returns once a refusal of key may be answered, or ctx has ended. Callers
// who are over their limit by far should be answered as the [Pressure] says.
func (b *Brake) Hold(ctx context.Context, key string) Pressure {
	wait, room := b.enter(key)
	switch {
	case !room:
		return Crowded
	case wait <= 0:
		return Calm
	}
	defer b.leave(key)
	t := time.NewTimer(wait)
	defer t.Stop()
	select {
	case <-t.C:
	case <-ctx.Done():
	}
	return Flooding
}

// Pressure is how a refused caller behaves.
type Pressure int

// Kinds of pressure.
const (
	Calm     Pressure = iota // was refused now and then: was not held up
	Flooding                 // goes on asking: was held up
	Crowded                  // goes on, on more connections than can be held up
)

func (b *Brake) enter(key string) (wait time.Duration, ok bool) {
	now := time.Now()
	b.mu.Lock()
	defer b.mu.Unlock()
	b.sweep(now)
	c := b.callers[key]
	if c == nil {
		c = &braked{}
		b.callers[key] = c
	}
	if free := now.Add(-brakeFree * brakePace); c.next.Before(free) {
		c.next = free
	}
	wait = min(c.next.Sub(now), brakeWait)
	if wait > 0 {
		if c.waiting >= brakeEach || b.waiting >= brakeAll {
			return 0, false
		}
		c.waiting++
		b.waiting++
	}
	// What is beyond the longest wait is not owed: who stops is soon heard again.
	if c.next = c.next.Add(brakePace); c.next.Sub(now) > brakeWait+brakePace {
		c.next = now.Add(brakeWait + brakePace)
	}
	return wait, true
}

func (b *Brake) leave(key string) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.callers[key].waiting--
	b.waiting--
}

// sweep forgets who was not refused for as long as it takes to be free again.
func (b *Brake) sweep(now time.Time) {
	if now.Sub(b.swept) < time.Minute {
		return
	}
	b.swept = now
	for key, c := range b.callers {
		if c.waiting == 0 && c.next.Before(now.Add(-brakeFree*brakePace)) {
			delete(b.callers, key)
		}
	}
}

// readAhead is how much of a body fasthttp reads before the handler.
const readAhead = 8 << 10

// Shed answers who floods for less: a body that is not read yet is not read at
// all, and who has too many connections loses this one.
func (p Pressure) Shed(req *fasthttp.RequestCtx) {
	n := req.Request.Header.ContentLength()
	unread := n == -1 || n > readAhead
	if p == Calm || p == Flooding && !unread {
		return
	}
	req.SetConnectionClose()
	if unread {
		req.SetUserValue(drainedKey, true)
	}
}
