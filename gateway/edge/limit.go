package edge

import (
	"sync"
	"time"
)

// Rate is how much is allowed: Count per Per, all of it at once if need be. A
// Count of zero allows without bound.
type Rate struct {
	Count int
	Per   time.Duration
}

// Unlimited reports whether r bounds nothing.
func (r Rate) Unlimited() bool { return r.Count <= 0 || r.Per <= 0 }

// Verdict is what a limiter says of one request.
type Verdict struct {
	Allowed   bool
	Limit     int           // of the window; 0 means no limit
	Remaining int           // what may still come at once
	Reset     time.Time     // when all of it is free again
	RetryIn   time.Duration // of a refusal: when to ask again; 0 means that it is never allowed
}

// Limiter allows or refuses requests by the generic cell rate algorithm: a
// window's worth at once, refilled evenly. It lives in one process; package limit
// has one that replicas share. It is safe for concurrent use.
type Limiter struct {
	now    func() time.Time
	shards [limiterShards]limiterShard
}

const limiterShards = 32

// sweepEvery is how many takes of a shard pass between two sweeps of buckets
// that are full again, so that memory follows the keys in use.
const sweepEvery = 4096

type limiterShard struct {
	mu    sync.Mutex
	takes int
	full  map[string]time.Time // when the bucket of a key is full again
}

// NewLimiter returns a limiter on the given clock; nil means time.Now.
func NewLimiter(now func() time.Time) *Limiter {
	if now == nil {
		now = time.Now
	}
	l := &Limiter{now: now}
	for i := range l.shards {
		l.shards[i].full = map[string]time.Time{}
	}
	return l
}

// Take asks for one of rate under key. A refused take costs nothing.
func (l *Limiter) Take(key string, rate Rate) Verdict { return l.TakeN(key, rate, 1) }

// TakeN asks for n of rate under key, all or none. More than a window's worth is
// never allowed.
func (l *Limiter) TakeN(key string, rate Rate, n int) Verdict {
	now := l.now()
	if rate.Unlimited() || n <= 0 {
		return Verdict{Allowed: true, Limit: max(rate.Count, 0), Reset: now}
	}
	if n > rate.Count {
		return Verdict{Limit: rate.Count, Reset: now}
	}
	shard := &l.shards[shardOf(key)]
	shard.mu.Lock()
	defer shard.mu.Unlock()
	shard.sweep(now)

	step := rate.Per / time.Duration(rate.Count)
	full := shard.full[key]
	if full.Before(now) {
		full = now
	}
	next := full.Add(step * time.Duration(n))
	if wait := next.Sub(now) - step*time.Duration(rate.Count); wait > 0 {
		return Verdict{Limit: rate.Count, Reset: full, RetryIn: wait}
	}
	shard.full[key] = next
	used := int((next.Sub(now) + step - 1) / step)
	return Verdict{Allowed: true, Limit: rate.Count, Remaining: rate.Count - used, Reset: next}
}

func (s *limiterShard) sweep(now time.Time) {
	if s.takes++; s.takes%sweepEvery != 0 {
		return
	}
	for key, full := range s.full {
		if full.Before(now) {
			delete(s.full, key)
		}
	}
}

// shardOf is FNV-1a.
func shardOf(key string) int {
	h := uint32(2166136261)
	for i := range len(key) {
		h = (h ^ uint32(key[i])) * 16777619
	}
	return int(h % limiterShards)
}
