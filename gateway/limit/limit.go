package limit

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"sync"
	"sync/atomic"
	"time"

	"frontdesk/gateway/edge"
	"frontdesk/ingest"
)

// Config is what a [Limiter] can be told. Start from [DefaultConfig].
type Config struct {
	// Wait is how long a request waits for Postgres at most, where it has to.
	Wait time.Duration
	// Hold is how long a lease is good; what is left of it then goes back.
	Hold time.Duration
	// Beat is how often a gateway says that it is there, and gives back leases
	// that are over.
	Beat time.Duration
	// Timeout bounds one round trip to Postgres.
	Timeout time.Duration
	// Log is told when Postgres goes away and comes back; nil is slog.Default().
	Log *slog.Logger
}

// DefaultConfig returns the configuration for production.
func DefaultConfig() Config {
	return Config{Wait: 50 * time.Millisecond, Hold: 2 * time.Second, Beat: 500 * time.Millisecond, Timeout: time.Second}
}

// Validate reports every value that cannot work.
func (c Config) Validate() error {
	var errs []error
	for name, d := range map[string]time.Duration{"Wait": c.Wait, "Hold": c.Hold, "Beat": c.Beat, "Timeout": c.Timeout} {
		if d <= 0 {
			errs = append(errs, fmt.Errorf("limit: %s is %v, want more than 0", name, d))
		}
	}
	return errors.Join(errs...)
}

// leases is what a limiter needs of *Store.
type leases interface {
	Lease(ctx context.Context, asks []Ask) ([]Grant, error)
	Beat(ctx context.Context, node string) (nodes int, err error)
	Leave(ctx context.Context, node string) error
	Prune(ctx context.Context) error
}

// Limiter allows or refuses by limits that it shares with the limiters of other
// processes. Make it with [New], start it with Run. It is safe for concurrent
// use.
type Limiter struct {
	cfg   Config
	store leases
	node  string
	start time.Time // its clock counts from here

	nodes atomic.Int64 // gateways, this one too, as last heard
	away  atomic.Bool  // Postgres answered with an error, or not at all
	slow  atomic.Bool  // Postgres did not answer within Config.Wait, of late
	ended atomic.Bool  // Run has
	trips atomic.Int64

	shards [shards]shard
	mu     sync.Mutex
	asking []*bucket // with a question to put to Postgres
	wake   chan struct{}
}

const shards = 64

type shard struct {
	mu      sync.RWMutex
	buckets map[string]*bucket
}

// New returns a limiter on store, a *Store.
func New(store leases, cfg Config) *Limiter {
	if cfg.Log == nil {
		cfg.Log = slog.Default()
	}
	l := &Limiter{cfg: cfg, store: store, node: ingest.NewID("", time.Now()), start: time.Now(), wake: make(chan struct{}, 1)}
	l.nodes.Store(1)
	for i := range l.shards {
		l.shards[i].buckets = map[string]*bucket{}
	}
	return l
}

// now is the time since the limiter began.
func (l *Limiter) now() time.Duration { return time.Since(l.start) }

// Trips returns how many round trips to Postgres there were.
func (l *Limiter) Trips() int64 { return l.trips.Load() }

// Nodes returns how many gateways share the limits, as last heard.
func (l *Limiter) Nodes() int { return int(l.nodes.Load()) }

// Shared returns 1 while Postgres answers, and 0 while this gateway goes on with
// its part.
func (l *Limiter) Shared() float64 {
	if l.adrift() {
		return 0
	}
	return 1
}

// Take asks for one of rate under key. A refused take costs nothing. It waits
// Config.Wait at most, and mostly not at all.
func (l *Limiter) Take(key string, rate edge.Rate) edge.Verdict { return l.TakeN(key, rate, 1) }

// TakeN is Take of n, all or none. More than a window's worth is never allowed.
func (l *Limiter) TakeN(key string, rate edge.Rate, n int) edge.Verdict {
	if rate.Unlimited() || n <= 0 {
		return edge.Verdict{Allowed: true, Limit: max(rate.Count, 0), Reset: time.Now()}
	}
	if n > rate.Count {
		return edge.Verdict{Limit: rate.Count, Reset: time.Now()}
	}
	b := l.bucket(key)
	now := l.now()
	deadline := now + l.cfg.Wait
	for {
		b.mu.Lock()
		b.shape(rate)
		b.used = now
		verdict, decided := b.decide(n, now, l.cfg.Hold, l.nodes.Load())
		if decided {
			if b.wants(now) {
				l.ask(b)
			}
			b.mu.Unlock()
			return l.stamp(verdict, now)
		}
		if l.adrift() || now >= deadline {
			verdict = b.adrift(n, now, l.nodes.Load())
			b.mu.Unlock()
			return l.stamp(verdict, now)
		}
		b.waiting += n
		answered := b.answered
		l.ask(b)
		b.mu.Unlock()
		if !await(answered, deadline-now) {
			l.slow.Store(true) // until an answer comes: others need not wait in vain
		}
		now = l.now()
	}
}

func (l *Limiter) adrift() bool { return l.away.Load() || l.slow.Load() || l.ended.Load() }

// await reports whether answered is closed within wait.
func await(answered <-chan struct{}, wait time.Duration) bool {
	t := time.NewTimer(wait)
	defer t.Stop()
	select {
	case <-answered:
		return true
	case <-t.C:
		return false
	}
}

// verdict is an edge.Verdict by the limiter's clock.
type verdict struct {
	allowed          bool
	limit, remaining int
	full, retry      time.Duration // from now
}

func (l *Limiter) stamp(v verdict, now time.Duration) edge.Verdict {
	return edge.Verdict{
		Allowed: v.allowed, Limit: v.limit, Remaining: v.remaining, RetryIn: v.retry,
		Reset: l.start.Add(now + v.full),
	}
}

func (l *Limiter) bucket(key string) *bucket {
	s := &l.shards[shardOf(key)]
	s.mu.RLock()
	b := s.buckets[key]
	s.mu.RUnlock()
	if b != nil {
		return b
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if b = s.buckets[key]; b == nil {
		b = &bucket{key: key, answered: make(chan struct{})}
		s.buckets[key] = b
	}
	return b
}

// shardOf is FNV-1a.
func shardOf(key string) int {
	h := uint32(2166136261)
	for i := range len(key) {
		h = (h ^ uint32(key[i])) * 16777619
	}
	return int(h % shards)
}

// ask has b's question put to Postgres with the next round trip. b is locked.
func (l *Limiter) ask(b *bucket) {
	if b.asked {
		return
	}
	b.asked = true
	l.mu.Lock()
	l.asking = append(l.asking, b)
	l.mu.Unlock()
	select {
	case l.wake <- struct{}{}:
	default:
	}
}
