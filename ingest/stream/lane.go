package stream

import (
	"context"
	"errors"
	"fmt"
	"runtime"
	"slices"
	"sync"
	"time"

	"github.com/segmentio/kafka-go/protocol/produce"
	"github.com/segmentio/kafka-go/protocol/rawproduce"

	"frontdesk/ingest"
)

// lane is the way to one broker: the partitions that it leads and that have
// something to send. Its fields are the producer's mutex's.
type lane struct {
	id      int32
	wake    chan struct{}
	ready   []*part
	flying  int  // requests
	failing bool // the last request failed
}

func (l *lane) signal() {
	select {
	case l.wake <- struct{}{}:
	default:
	}
}

// waiting reports whether something waits for l's answer.
func (l *lane) waiting() bool { return l.flying > 0 || len(l.ready) > 0 }

// ErrPartitions means that a producer was made for another number of partitions
// than the topics have: keys would go elsewhere than they always did.
var ErrPartitions = errors.New("the topics have another number of partitions")

// Run sends what is published until ctx ends, then what still waits, for at
// most the timeout, and returns nil. It returns [ErrPartitions], and has sent
// nothing, where that is seen when the brokers are first reached.
func (p *Producer) Run(ctx context.Context) error {
	var workers sync.WaitGroup
	stopping, stopped := context.WithCancel(context.Background())
	defer stopped()
	p.mu.Lock()
	p.start = func(l *lane) {
		for range p.cfg.Lanes {
			workers.Go(func() { p.work(stopping, l) })
		}
	}
	for _, l := range p.lanes {
		p.start(l)
	}
	p.mu.Unlock()
	var failed error
	wrong := make(chan error, 1)
	workers.Go(func() { p.follow(stopping, wrong) })
	p.refresh()

	select {
	case <-ctx.Done():
	case failed = <-wrong:
	}
	p.drain()
	stopped()
	workers.Wait()
	return failed
}

// drain refuses what is new, waits for what is under way and gives up what is
// not acknowledged then.
func (p *Producer) drain() {
	p.mu.Lock()
	p.closed = true
	p.mu.Unlock()
	end := time.Now().Add(p.cfg.Timeout)
	tick := time.NewTicker(2 * time.Millisecond)
	defer tick.Stop()
	for time.Now().Before(end) && p.Stats().BytesInFlight > 0 {
		<-tick.C
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, parts := range p.parts {
		for _, pt := range parts {
			p.expire(pt, time.Now().Add(time.Hour))
		}
	}
}

// expire gives up what has waited in pt's queue until its deadline.
func (p *Producer) expire(pt *part, now time.Time) {
	for len(pt.queue) > 0 && now.After(pt.queue[0].deadline) {
		b := pt.queue[0]
		pt.queue = pt.queue[1:]
		p.finish(b, fmt.Errorf("%w: not sent in time", ErrUnavailable))
	}
}

// follow keeps the layout right: when asked to, and now and then. While there
// is no leader for a partition that has something to send, it asks often. It ends
// with an error to wrong if the first layout is not what p was made for.
func (p *Producer) follow(ctx context.Context, wrong chan<- error) {
	const (
		calm  = 30 * time.Second
		eager = 100 * time.Millisecond
	)
	every := time.NewTimer(calm)
	defer every.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-p.stir:
		case <-every.C:
		}
		p.mu.Lock()
		known := p.layout
		p.mu.Unlock()
		next := calm
		l, err := learn(ctx, p.cfg.Config, known, p.cfg.Topics)
		if n := l.partitions(); err == nil && known == nil && n > 0 && n != p.cfg.Partitions {
			wrong <- fmt.Errorf("%w: %d, not the %d that this process began with while Kafka was away; start it again", ErrPartitions, n, p.cfg.Partitions)
			return
		}
		if err != nil || p.adopt(l) {
			next = eager
		}
		p.giveUpOrphans(next == calm)
		every.Reset(next)
		select { // a storm of failures asks no more often than this
		case <-ctx.Done():
			return
		case <-time.After(eager / 4):
		}
	}
}

// adopt takes a new layout and moves the partitions that wait to their new
// leaders. It reports whether some that have something to send have none.
func (p *Producer) adopt(l *layout) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.layout = l
	moved := p.orphans.ready
	p.orphans.ready = nil
	for _, l := range p.lanes {
		moved = append(moved, l.ready...)
		l.ready = l.ready[:0]
	}
	for _, pt := range moved {
		pt.waiting = false
		p.ready(pt)
	}
	return len(p.orphans.ready) > 0
}

// giveUpOrphans expires what found no leader in time; found tells that all did.
func (p *Producer) giveUpOrphans(found bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if found {
		p.orphans.failing = false
	}
	now := time.Now()
	kept := p.orphans.ready[:0]
	for _, pt := range p.orphans.ready {
		before := len(pt.queue)
		p.expire(pt, now)
		p.orphans.failing = p.orphans.failing || len(pt.queue) < before
		if pt.waiting = len(pt.queue) > 0; pt.waiting {
			kept = append(kept, pt)
		}
	}
	p.orphans.ready = kept
}

// worker is one connection to a lane's broker.
type worker struct {
	p    *Producer
	l    *lane
	addr string
	conn *wire
	req  rawproduce.Request
	took []*part
}

// work sends l's partitions, a request at a time, until ctx ends.
func (p *Producer) work(ctx context.Context, l *lane) {
	w := &worker{p: p, l: l, req: rawproduce.Request{Acks: -1}}
	defer w.hangUp()
	pause := backoff{least: 10 * time.Millisecond, most: 200 * time.Millisecond}
	for {
		// Who can run now may have something to send too: a turn for each costs
		// microseconds, and a request costs tens of them.
		runtime.Gosched()
		if !w.take() {
			select {
			case <-ctx.Done():
				return
			case <-l.wake:
			}
			continue
		}
		if w.send(ctx) {
			pause.reset()
			continue
		}
		if !pause.wait(ctx) {
			return
		}
	}
}

// take moves one batch of each partition that is ready into flight. It reports
// whether there are any.
func (w *worker) take() bool {
	w.took = w.took[:0]
	p, l := w.p, w.l
	now := time.Now()
	p.mu.Lock()
	defer p.mu.Unlock()
	size, n := 0, 0
	for _, pt := range l.ready {
		if p.expire(pt, now); len(pt.queue) == 0 {
			pt.waiting = false
			n++
			continue
		}
		if size += len(pt.queue[0].buf); size > p.cfg.MaxRequestBytes && len(w.took) > 0 {
			break
		}
		pt.waiting = false
		pt.flying, pt.queue = pt.queue[0], pt.queue[1:]
		w.took = append(w.took, pt)
		n++
	}
	l.ready = append(l.ready[:0], l.ready[n:]...)
	if len(w.took) == 0 {
		return false
	}
	if len(l.ready) > 0 {
		l.signal() // for the other workers
	}
	l.flying++
	if p.layout != nil {
		w.moveTo(p.layout.brokers[l.id])
	}
	return true
}

// moveTo hangs up where the broker has another address now.
func (w *worker) moveTo(addr string) {
	if w.addr != addr {
		w.hangUp()
		w.addr = addr
	}
}

// send writes what was taken in one request and settles each partition by its
// answer. It reports whether the broker answered.
func (w *worker) send(ctx context.Context) bool {
	p := w.p
	now := time.Now()
	deadline := now
	for _, pt := range w.took {
		pt.flying.seal(now)
		if pt.flying.deadline.After(deadline) {
			deadline = pt.flying.deadline
		}
	}
	res, err := w.exchange(ctx, deadline)
	p.mu.Lock()
	defer p.mu.Unlock()
	p.stats.Requests++
	w.l.flying--
	w.l.failing = err != nil
	now = time.Now()
	if err == nil {
		for _, t := range res.Topics {
			for _, r := range t.Partitions {
				if pt := p.flyingPart(t.Topic, r.Partition); pt != nil {
					p.settled(pt, r.ErrorCode, nil, now)
				}
			}
		}
		err = errUnanswered
	}
	for _, pt := range w.took {
		if pt.flying != nil {
			p.settled(pt, 0, err, now)
		}
	}
	return !w.l.failing
}

// errUnanswered stands for a broker that passed a partition over in silence.
var errUnanswered = fmt.Errorf("the broker's answer lacks the partition")

// flyingPart returns the partition that an answer is about, or nil.
func (p *Producer) flyingPart(topic string, index int32) *part {
	parts := p.parts[ingest.Topic(topic)]
	if index < 0 || int(index) >= len(parts) || parts[index].flying == nil {
		return nil
	}
	return parts[index]
}

// exchange sends the request of what was taken over the worker's connection.
func (w *worker) exchange(ctx context.Context, deadline time.Time) (*produce.Response, error) {
	if w.conn == nil {
		conn, err := dial(ctx, w.addr, w.p.cfg.Config)
		if err != nil {
			return nil, err
		}
		w.conn = conn
	}
	w.compose(time.Until(deadline))
	res, err := w.conn.roundTrip(context.WithoutCancel(ctx), &w.req, deadline)
	if err != nil {
		w.hangUp()
		return nil, fmt.Errorf("produce: %w", err)
	}
	return res.(*produce.Response), nil
}

// compose fills the request with the batches in flight, topic by topic.
func (w *worker) compose(timeout time.Duration) {
	w.req.Timeout = int32(max(timeout.Milliseconds(), 1))
	topics := w.req.Topics[:0]
	for _, pt := range w.took {
		at := -1
		for i := range topics {
			if topics[i].Topic == string(pt.topic) {
				at = i
			}
		}
		if at < 0 {
			at = len(topics)
			topics = slices.Grow(topics, 1)[:at+1] // with the memory of the last request
			topics[at].Topic, topics[at].Partitions = string(pt.topic), topics[at].Partitions[:0]
		}
		part := rawproduce.RequestPartition{Partition: pt.index}
		part.RecordSet.Reader = &pt.flying.reader
		topics[at].Partitions = append(topics[at].Partitions, part)
	}
	w.req.Topics = topics
}

func (w *worker) hangUp() {
	if w.conn != nil {
		w.conn.close()
		w.conn = nil
	}
}
