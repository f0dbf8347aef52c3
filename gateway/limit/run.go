package limit

import (
	"context"
	"slices"
	"strings"
	"sync"
	"time"
)

const (
	// mostAsks bounds one round trip, so that no row is locked for long.
	mostAsks = 500
	// forgetEvery is how often buckets that are full again are forgotten.
	forgetEvery = 30 * time.Second
	// pruneEvery is how often Postgres forgets those that nobody uses.
	pruneEvery = 10 * time.Minute
)

// Run talks to Postgres until ctx ends, and then gives back what is left.
func (l *Limiter) Run(ctx context.Context) error {
	var wg sync.WaitGroup
	wg.Go(func() { l.beats(ctx) }) // apart: a slow beat must not hold up leases
	defer wg.Wait()
	beat := time.NewTicker(l.cfg.Beat)
	defer beat.Stop()
	forgotten := l.now()
	for {
		select {
		case <-ctx.Done():
			l.close(context.WithoutCancel(ctx))
			return nil
		case <-l.wake:
		case <-beat.C:
			l.collect(l.now())
			if now := l.now(); now-forgotten > forgetEvery {
				l.forget(now)
				forgotten = now
			}
		}
		l.exchange(context.WithoutCancel(ctx)) // what is granted while Run ends must be heard, to be given back
	}
}

// beats says that this gateway is there, and hears how many there are. It also
// finds out that Postgres is back.
func (l *Limiter) beats(ctx context.Context) {
	tick := time.NewTicker(l.cfg.Beat)
	defer tick.Stop()
	for pruned := l.now(); ; {
		l.beat(ctx)
		if now := l.now(); now-pruned > pruneEvery {
			pruned = now
			_ = l.store.Prune(ctx) // what is left is taken next time
		}
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
	}
}

func (l *Limiter) beat(ctx context.Context) {
	within, cancel := context.WithTimeout(ctx, l.cfg.Timeout)
	defer cancel()
	nodes, err := l.store.Beat(within, l.node)
	if err == nil {
		l.nodes.Store(int64(max(nodes, 1)))
	}
	l.heard(ctx, err)
}

// heard notes whether Postgres answers, and says so where that changes.
func (l *Limiter) heard(ctx context.Context, err error) {
	if ctx.Err() != nil {
		return
	}
	if err == nil {
		l.slow.Store(false)
	}
	if was := l.away.Swap(err != nil); was == (err != nil) {
		return
	}
	if err != nil {
		l.cfg.Log.Error("limits are no longer shared: each gateway goes on with its part", "error", err, "gateways", l.nodes.Load())
		return
	}
	l.cfg.Log.Info("limits are shared again", "gateways", l.nodes.Load())
}

// exchange puts the questions there are to Postgres, and takes the answers.
func (l *Limiter) exchange(ctx context.Context) {
	l.mu.Lock()
	asking := l.asking
	l.asking = nil
	l.mu.Unlock()
	slices.SortFunc(asking, func(a, b *bucket) int { return strings.Compare(a.key, b.key) })
	for part := range slices.Chunk(asking, mostAsks) {
		l.put(ctx, part)
	}
}

func (l *Limiter) put(ctx context.Context, part []*bucket) {
	ctx, cancel := context.WithTimeout(ctx, l.cfg.Timeout)
	defer cancel()
	asked := l.now()
	asks := make([]Ask, len(part))
	for i, b := range part {
		asks[i] = b.question(asked)
	}
	l.trips.Add(1)
	grants, err := l.store.Lease(ctx, asks)
	if err != nil {
		grants = make([]Grant, len(part))
	}
	l.heard(ctx, err)
	for i, b := range part {
		b.answer(asks[i], grants[i], err, asked, l.cfg.Hold)
	}
}

// collect asks for all buckets with a lease that is over or something to tell.
func (l *Limiter) collect(now time.Duration) {
	l.each(func(b *bucket) bool {
		if b.over(now) {
			b.mu.Lock()
			l.ask(b)
			b.mu.Unlock()
		}
		return true
	})
}

// forget drops what is full again and not in use, so that memory follows the
// keys in use.
func (l *Limiter) forget(now time.Duration) { l.each(func(b *bucket) bool { return !b.idle(now) }) }

// each calls keep for every bucket, and drops those that it is false for.
func (l *Limiter) each(keep func(*bucket) bool) {
	for i := range l.shards {
		s := &l.shards[i]
		s.mu.Lock()
		for key, b := range s.buckets {
			if !keep(b) {
				delete(s.buckets, key)
			}
		}
		s.mu.Unlock()
	}
}

// close gives back all leases. Requests that still come go by the share.
func (l *Limiter) close(ctx context.Context) {
	l.ended.Store(true)
	l.each(func(b *bucket) bool {
		b.mu.Lock()
		defer b.mu.Unlock()
		b.spent -= b.lease
		b.lease, b.until, b.waiting = 0, 0, 0 // and nothing more is taken
		if b.spent != 0 {
			l.ask(b)
		}
		return true
	})
	l.exchange(ctx)
	ctx, cancel := context.WithTimeout(ctx, l.cfg.Timeout)
	defer cancel()
	_ = l.store.Leave(ctx, l.node) // who does not leave is forgotten after a while
}
