package limit

import (
	"math"
	"sync"
	"time"

	"frontdesk/gateway/edge"
)

// leasePart is the part of a window that a lease is.
const leasePart = 256

// A request that comes before the next lease does is allowed on credit, where
// what is known of the bucket is no older than creditAge: up to the 32nd part of
// what is in it, shared by all gateways.
const (
	creditPart = 32
	creditAge  = 500 * time.Millisecond
)

// lookAgain is how long an empty bucket is believed to be so: others may have
// given back what they did not spend.
const lookAgain = time.Second

// bucket is what a gateway knows of one limit. Times are by the limiter's clock.
type bucket struct {
	key  string
	mu   sync.Mutex
	rate edge.Rate
	step float64 // nanoseconds in which one is refilled
	part int     // size of a lease

	known bool          // an answer has come
	seen  time.Duration // when the last one was asked for
	full  time.Duration // when the shared bucket is full again, leases taken

	lease  int           // in hand
	until  time.Duration // how long it is good
	credit int           // spent since the last answer without a lease
	spent  int           // to tell Postgres: spent adrift, or, below zero, to be given back

	alone time.Duration // as full, of this gateway's share while Postgres is away
	used  time.Duration // last

	asked    bool // a question is queued or under way
	waiting  int  // what requests that wait for the answer need
	answered chan struct{}
}

// shape takes over the rate, which changes with the plan of a key.
func (b *bucket) shape(rate edge.Rate) {
	if b.rate == rate {
		return
	}
	b.rate = rate
	b.step = float64(rate.Per) / float64(rate.Count)
	b.part = max(rate.Count/leasePart, 1)
}

func (b *bucket) steps(n int) time.Duration { return time.Duration(math.Round(float64(n) * b.step)) }

// room returns how many the shared bucket has at now, as far as is known.
func (b *bucket) room(now time.Duration) int {
	if b.full <= now {
		return b.rate.Count
	}
	return max(int((float64(b.rate.Per-(b.full-now)))/b.step+0.001), 0)
}

// expire takes a lease that is over out of use.
func (b *bucket) expire(now time.Duration) {
	if b.lease > 0 && now >= b.until {
		b.spent -= b.lease
		b.lease = 0
	}
}

// decide allows n by the lease, or refuses by what is known; else nothing is
// decided, and Postgres must be asked.
func (b *bucket) decide(n int, now, hold time.Duration, nodes int64) (v verdict, decided bool) {
	b.expire(now)
	if b.lease >= n {
		b.lease -= n
		b.until = now + hold // in use: it is not given back
		return b.verdict(n, true, now), true
	}
	room := b.room(now) - b.credit
	switch age := now - b.seen; {
	case b.known && age < lookAgain && room+b.lease < n:
		return b.verdict(n, false, now), true
	case b.known && age < creditAge && b.credit+n <= room/int(creditPart*nodes):
		b.credit += n
		b.spent += n
		b.until = now + hold
		return b.verdict(n, true, now), true
	}
	return verdict{}, false
}

// wants reports whether the next lease should be asked for, after one was
// spent of this.
func (b *bucket) wants(now time.Duration) bool {
	return !b.asked && (b.credit > 0 || b.lease <= b.part/2 && b.room(now) > 0)
}

func (b *bucket) verdict(n int, allowed bool, now time.Duration) verdict {
	v := verdict{allowed: allowed, limit: b.rate.Count, full: max(b.full+b.steps(b.credit-b.lease)-now, 0)}
	v.remaining = max(min(b.room(now)+b.lease-b.credit, b.rate.Count), 0)
	if !allowed {
		v.remaining = 0
		v.retry = max(b.full+b.steps(n-b.lease)-b.rate.Per-now, time.Millisecond)
	}
	return v
}

// adrift decides without Postgres: by this gateway's share of the limit, which
// begins with its share of what was left when the last answer came.
func (b *bucket) adrift(n int, now time.Duration, nodes int64) verdict {
	step := time.Duration(b.step * float64(max(nodes, 1)))
	full := max(b.alone, b.full, now)
	v := verdict{limit: b.rate.Count, full: full - now}
	// A share below what is asked for still lets the first through.
	if wait := full + min(step*time.Duration(n), b.rate.Per) - now - b.rate.Per; wait > 0 {
		v.retry = wait
		return v
	}
	b.alone = full + step*time.Duration(n)
	b.spent += n
	v.allowed, v.full = true, b.alone-now
	v.remaining = max(int((b.rate.Per-v.full)/max(step, 1)), 0)
	return v
}

// question is what Postgres is asked for b, and what it is told.
func (b *bucket) question(now time.Duration) Ask {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.expire(now)
	a := Ask{Bucket: b.key, Rate: b.rate, Spent: b.spent, Want: b.waiting, credit: b.credit}
	if b.waiting > 0 || b.lease > 0 || now < b.until {
		a.Want += max(b.part-b.lease, 0)
	}
	b.spent, b.waiting = 0, 0
	return a
}

// answer takes over what Postgres granted to a question of the time asked, or
// puts back what was told to a server that did not hear it.
func (b *bucket) answer(a Ask, g Grant, err error, asked, hold time.Duration) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.asked, b.waiting = false, 0 // who waits asks again if it must
	if err != nil {
		b.spent += a.Spent
	} else {
		b.known, b.seen, b.full, b.alone = true, asked, asked+g.FullIn, 0
		b.credit -= a.credit
		if g.Granted > 0 {
			b.lease += g.Granted
			b.until = asked + hold
		}
	}
	close(b.answered)
	b.answered = make(chan struct{})
}

// idle reports that b can be forgotten.
func (b *bucket) idle(now time.Duration) bool {
	b.mu.Lock()
	defer b.mu.Unlock()
	return !b.asked && b.lease == 0 && b.spent == 0 && b.full < now && b.alone < now && now-b.used > time.Minute
}

// over reports that b has something to give back or to tell.
func (b *bucket) over(now time.Duration) bool {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.expire(now)
	return !b.asked && b.spent != 0
}
