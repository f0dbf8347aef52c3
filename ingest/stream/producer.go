package stream

import (
	"context"
	"fmt"
	"sync"
	"time"

	"github.com/segmentio/kafka-go"

	"frontdesk/ingest"
)

// Producer publishes records and returns once all replicas have them. It
// commits in groups: while a request to a broker is in flight, what arrives
// for that broker gathers for the next one. Safe for use by any number of
// goroutines.
type Producer struct {
	cfg  ProducerConfig
	stop chan struct{} // closed when Run ends: what waits still is refused
	stir chan struct{} // asks for a new layout

	mu      sync.Mutex
	parts   map[ingest.Topic][]*part
	lanes   map[int32]*lane // by broker
	orphans lane            // of partitions without a known leader
	layout  *layout
	start   func(*lane) // starts a lane's workers; nil until Run
	closed  bool
	watched bool        // the timer runs
	timer   *time.Timer // calls hurry
	stats   ProducerStats
}

// ProducerStats counts what a [Producer] did since it was made.
type ProducerStats struct {
	Records       int64 // acknowledged
	Batches       int64 // acknowledged, one a partition and request
	Requests      int64 // sent
	Retries       int64 // batches sent again
	Failed        int64 // records given up
	Refused       int64 // records turned away at once
	BytesInFlight int   // waiting now
}

// part is a partition's queue. At most one of its batches is in flight, which
// is what keeps its order.
type part struct {
	topic   ingest.Topic
	index   int32
	queue   []*batch // the first is the next to send, the last still open
	flying  *batch
	waiting bool // lies in a lane's ready list
}

// waiter is a Publish call in progress. Its fields are the producer's mutex's.
type waiter struct {
	left     int // records not decided yet
	err      error
	deadline time.Time
	late     bool // given up before all were decided
	done     chan struct{}
}

var waiters = sync.Pool{New: func() any { return &waiter{done: make(chan struct{}, 1)} }}

// NewProducer returns a producer that does nothing until [Producer.Run]. It
// returns an error where cfg is invalid.
func NewProducer(cfg ProducerConfig) (*Producer, error) {
	if err := cfg.Validate(); err != nil {
		return nil, err
	}
	p := &Producer{
		cfg: cfg, stop: make(chan struct{}), stir: make(chan struct{}, 1),
		parts: map[ingest.Topic][]*part{}, lanes: map[int32]*lane{},
	}
	p.orphans = lane{id: noLeader, wake: make(chan struct{}, 1)}
	for _, t := range cfg.Topics {
		for i := range cfg.Partitions {
			p.parts[t] = append(p.parts[t], &part{topic: t, index: int32(i)})
		}
	}
	p.timer = time.AfterFunc(time.Hour, p.hurry)
	p.timer.Stop()
	return p, nil
}

// Stats returns the counts so far.
func (p *Producer) Stats() ProducerStats {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.stats
}

// Publish writes recs and returns nil once all replicas have all of them. Its
// errors wrap [ErrUnavailable], [ErrOverloaded] or [ErrTooLarge]; after the
// first, or when ctx ends, some or all may be written nevertheless. The bytes
// of recs may be reused as soon as it returns, whatever it returns.
func (p *Producer) Publish(ctx context.Context, recs ...ingest.Record) error {
	return p.publish(ctx, p.cfg.Timeout, recs)
}

// Patient publishes by a [Producer] and waits longer than that does. It is for
// who has no other store, and would only publish the same again: a log that is
// slow then gets each record once.
type Patient struct {
	p       *Producer
	timeout time.Duration
}

// Patient returns a publisher by p whose calls may take so long. What is longer
// than p's own timeout holds up none of p's calls.
func (p *Producer) Patient(timeout time.Duration) *Patient { return &Patient{p, timeout} }

// Publish is [Producer.Publish] with the patience of s.
func (s *Patient) Publish(ctx context.Context, recs ...ingest.Record) error {
	return s.p.publish(ctx, s.timeout, recs)
}

func (p *Producer) publish(ctx context.Context, timeout time.Duration, recs []ingest.Record) error {
	if len(recs) == 0 {
		return nil
	}
	for i := range recs {
		if n, most := len(recs[i].Key)+len(recs[i].Value), p.cfg.limit(recs[i].Topic); n > most {
			return fmt.Errorf("publish to %s: %w: %d bytes, at most %d", recs[i].Topic, ErrTooLarge, n, most)
		}
		if p.parts[recs[i].Topic] == nil {
			return fmt.Errorf("publish: unknown topic %q", recs[i].Topic)
		}
	}
	w := waiters.Get().(*waiter)
	w.left, w.err, w.deadline = len(recs), nil, time.Now().Add(timeout)
	if err := p.enqueue(recs, w); err != nil {
		waiters.Put(w)
		return fmt.Errorf("publish to %s: %w", recs[0].Topic, err)
	}
	if err := p.await(ctx, w); err != nil {
		return fmt.Errorf("publish to %s: %w", recs[0].Topic, err)
	}
	return nil
}

// enqueue adds all of recs to their partitions' batches, or none.
func (p *Producer) enqueue(recs []ingest.Record, w *waiter) error {
	size := 0
	for i := range recs {
		size += recordBytes(recs[i])
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	if err := p.admit(recs, size); err != nil {
		p.stats.Refused += int64(len(recs))
		return err
	}
	p.stats.BytesInFlight += size
	p.watch()
	for i := range recs {
		parts := p.parts[recs[i].Topic]
		pt := parts[Partition(recs[i].Key, len(parts))]
		p.open(pt, recs[i]).add(recs[i].Key, recs[i].Value, w)
		p.ready(pt)
	}
	return nil
}

// recordBytes is what a record counts for while it waits.
func recordBytes(r ingest.Record) int { return len(r.Key) + len(r.Value) + recordOverhead }

// admit decides whether a call may wait. A broker that has just failed gets one
// request at a time to prove itself; the rest is refused at once, so that the
// caller's other store takes it without a timeout each.
func (p *Producer) admit(recs []ingest.Record, size int) error {
	switch {
	case p.closed:
		return fmt.Errorf("%w: the producer has stopped", ErrUnavailable)
	case p.stats.BytesInFlight+size > p.cfg.MaxBytesInFlight:
		return ErrOverloaded
	}
	for i := range recs {
		parts := p.parts[recs[i].Topic]
		l := p.lane(parts[Partition(recs[i].Key, len(parts))])
		if l.failing && l.waiting() {
			return fmt.Errorf("%w: no answer of late", ErrUnavailable)
		}
	}
	return nil
}

// open returns the batch of pt that takes r.
func (p *Producer) open(pt *part, r ingest.Record) *batch {
	if n := len(pt.queue); n > 0 {
		if b := pt.queue[n-1]; len(b.buf)+recordBytes(r) <= p.cfg.MaxBatchBytes {
			return b
		}
	}
	b := newBatch()
	pt.queue = append(pt.queue, b)
	return b
}

// ready puts pt before its leader's workers, unless it is there or in flight.
func (p *Producer) ready(pt *part) {
	if pt.waiting || pt.flying != nil || len(pt.queue) == 0 {
		return
	}
	l := p.lane(pt)
	pt.waiting = true
	l.ready = append(l.ready, pt)
	if l == &p.orphans {
		p.refresh()
	}
	l.signal()
}

// lane returns the lane of the broker that leads pt.
func (p *Producer) lane(pt *part) *lane {
	id := p.layout.leader(pt.topic, int(pt.index))
	if id == noLeader {
		return &p.orphans
	}
	l := p.lanes[id]
	if l == nil {
		l = &lane{id: id, wake: make(chan struct{}, 1)}
		p.lanes[id] = l
		if p.start != nil {
			p.start(l)
		}
	}
	return l
}

// refresh asks Run for a new layout.
func (p *Producer) refresh() {
	select {
	case p.stir <- struct{}{}:
	default:
	}
}

// await waits until w is decided, which is no longer than the timeout.
func (p *Producer) await(ctx context.Context, w *waiter) error {
	if gone := ctx.Done(); gone == nil {
		<-w.done
	} else {
		select {
		case <-w.done:
		case <-gone: // w is left to its batches
			return fmt.Errorf("%w: %w", ErrUnavailable, ctx.Err())
		}
	}
	err := w.err
	if !w.late { // else it is left to its batches
		waiters.Put(w)
	}
	return err
}

// patience is into how many steps the timeout of a call is cut: it is exact to
// one of them. A timer a call cost more than its place in a batch.
const patience = 32

// watch has the timer run while something waits. The mutex is held.
func (p *Producer) watch() {
	if !p.watched {
		p.watched = true
		p.timer.Reset(p.cfg.Timeout / patience)
	}
}

// hurry gives up the calls that have waited for too long.
func (p *Producer) hurry() {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.watched = false; p.stats.BytesInFlight == 0 {
		return
	}
	p.watch()
	now := time.Now()
	for _, parts := range p.parts {
		for _, pt := range parts {
			late := pt.flying != nil && dismiss(pt.flying, now)
			for _, b := range pt.queue {
				late = dismiss(b, now) || late
			}
			if late { // whoever waits longer need not be waited for
				p.lane(pt).failing = true
			}
		}
	}
}

// dismiss gives up the calls of b that have waited for too long, and reports
// whether there are any.
func dismiss(b *batch, now time.Time) (any bool) {
	for _, w := range b.waiters {
		if !w.late && now.After(w.deadline) {
			w.late, any = true, true
			w.err = fmt.Errorf("%w: no acknowledgement in time", ErrUnavailable)
			w.done <- struct{}{}
		}
	}
	return any
}

// finish decides all records of b, which is gone then. The mutex is held.
func (p *Producer) finish(b *batch, err error) {
	for _, w := range b.waiters {
		if w.left--; err != nil && w.err == nil {
			w.err = err
		}
		if w.left == 0 && !w.late {
			w.done <- struct{}{}
		}
	}
	p.stats.BytesInFlight -= b.weight
	if err != nil {
		p.stats.Failed += int64(b.count)
	} else {
		p.stats.Records += int64(b.count)
		p.stats.Batches++
	}
	b.release()
}

// settled takes the answer for pt's batch in flight. A batch that may succeed
// later goes back to the front of its queue. The mutex is held.
func (p *Producer) settled(pt *part, code int16, err error, now time.Time) {
	b := pt.flying
	pt.flying = nil
	switch {
	case code == 0 && err == nil:
		p.finish(b, nil)
	case code == int16(kafka.MessageSizeTooLarge), code == int16(kafka.RecordListTooLarge):
		p.finish(b, fmt.Errorf("%w: %w", ErrTooLarge, kafka.Error(code)))
	default:
		if err == nil {
			err = kafka.Error(code)
		}
		if code != 0 && code != int16(kafka.Unknown) && !retriable(code) || !now.Before(b.deadline) || p.closed {
			p.finish(b, fmt.Errorf("%w: %w", ErrUnavailable, err))
			break
		}
		p.stats.Retries++
		pt.queue = append([]*batch{b}, pt.queue...)
		p.refresh()
	}
	p.ready(pt)
}
