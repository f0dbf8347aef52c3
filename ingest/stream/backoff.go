package stream

import (
	"context"
	"math/rand/v2"
	"time"
)

// backoff is a wait that doubles, with jitter so that many do not come back at
// the same moment.
type backoff struct {
	least, most time.Duration
	next        time.Duration
}

// delay returns the next wait: between a half of it and all of it.
func (b *backoff) delay() time.Duration {
	b.next = min(max(b.next*2, b.least), b.most)
	return b.next/2 + rand.N(b.next/2+1)
}

func (b *backoff) reset() { b.next = 0 }

// wait waits for the next delay. It reports false when ctx ended first.
func (b *backoff) wait(ctx context.Context) bool {
	t := time.NewTimer(b.delay())
	defer t.Stop()
	select {
	case <-ctx.Done():
		return false
	case <-t.C:
		return true
	}
}
