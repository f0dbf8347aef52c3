package stream

import (
	"context"
	"errors"
	"fmt"
	"time"

	"frontdesk/ingest"
)

// Batch is a range of one partition, cut so that the same records always fall
// into the same range. First and Last are offsets, both in it. Events lacks
// what is no event, which lies among the dead letters.
type Batch struct {
	Topic       ingest.Topic
	Partition   int
	First, Last int64
	Events      []ingest.Event
}

// Token names b: the same batch always has the same, another batch another.
func (b Batch) Token() string {
	return fmt.Sprintf("%s:%d:%d-%d", b.Topic, b.Partition, b.First, b.Last)
}

// BatchHandler takes batches. It must know a repeat by [Batch.Token].
type BatchHandler interface {
	// HandleBatch returns nil once the batch is stored for good; it is
	// committed then. On an error the same batch comes again.
	HandleBatch(ctx context.Context, b Batch) error
}

// BatchesHandler may be implemented beside [BatchHandler] where many batches
// can be stored at less than the cost of each: it is then handed all that are
// ready. Windows end at the same moments for all partitions, so batches of one
// time come together.
type BatchesHandler interface {
	// HandleBatches returns nil where all are stored, else one slot for each.
	HandleBatches(ctx context.Context, bs []Batch) []error
}

// CutConfig says where batches end. To change it is safe, but what was stored
// and not committed at that moment may come again in other ranges.
type CutConfig struct {
	// MaxEvents is the length of the fixed ranges of offsets that no batch
	// crosses: [k·MaxEvents, (k+1)·MaxEvents). Default 10,000.
	MaxEvents int
	// MaxBytes ends a batch with the record that reaches it. Default 8 MiB.
	MaxBytes int
	// Window ends a batch when the time moves into the next multiple of it.
	// Default 2 s.
	Window time.Duration
	// Slack is how long after its window a batch without a successor is held
	// back for records that are still on their way. Default 1 s.
	Slack time.Duration
}

// DefaultCutConfig returns the defaults.
func DefaultCutConfig() CutConfig {
	return CutConfig{MaxEvents: 10_000, MaxBytes: 8 << 20, Window: 2 * time.Second, Slack: time.Second}
}

// Validate reports what is impossible.
func (c CutConfig) Validate() error {
	if c.MaxEvents < 1 || c.MaxBytes < 1 || c.Window < time.Millisecond || c.Slack < 0 {
		return errors.New("batches: max events and bytes must be above zero, the window at least a millisecond, the slack not below zero")
	}
	return nil
}

// cut returns how many of the records of one partition, which begin where the
// last batch was committed, are the next batch; ok tells whether it is
// complete. due is when it will be although nothing more comes.
//
// The cut is a function of the log alone, so nothing need be kept of it. A
// batch begins at the committed offset, which Kafka keeps, and goes on to the
// first of:
//
//   - the end of its range of offsets,
//   - the record that brings it to MaxBytes,
//   - the first record sent in a later window than the batch's first. A record
//     sent earlier than its predecessors, by a slower clock, belongs to the
//     batch that it lies in.
//
// Each of these is in the log, so whoever reads from the same offset finds the
// same. What remains is a batch behind which nothing lies: it is complete once
// all that was in the log when window and slack had passed, on this clock, is
// among records (seen tells up to when it is), because records bear the time of
// the request that wrote them and so none of that window can come any more. A record that nevertheless comes later than the slack (a
// broker that stood still meanwhile, clocks further apart than that) makes a
// difference only if this process also dies between storing the batch and
// committing it: the batch then comes again, longer, under another token, and
// the store must know the events by their ids.
func (c CutConfig) cut(records []*item, seen time.Time) (n int, ok bool, due time.Time) {
	if len(records) == 0 {
		return 0, false, time.Time{}
	}
	first := records[0]
	limit := (first.offset/int64(c.MaxEvents) + 1) * int64(c.MaxEvents)
	end := first.time.Truncate(c.Window).Add(c.Window)
	size := 0
	for i, r := range records {
		if r.offset >= limit || !r.time.Before(end) {
			return i, true, time.Time{}
		}
		if size += len(r.key) + len(r.value); size >= c.MaxBytes || r.offset == limit-1 {
			return i + 1, true, time.Time{}
		}
	}
	due = end.Add(c.Slack)
	return len(records), !seen.Before(due), due
}

// BatchConsumer reads topics as a member of a group and hands them over in
// batches that are cut the same however often they are read.
type BatchConsumer struct {
	member
}

// NewBatchConsumer returns a consumer that does nothing until
// [BatchConsumer.Run]. dead takes what is no event. cfg.MaxEvents and Tries
// have no meaning here; a Linger of zero is a quarter of the window. It returns an error where cfg or cut are invalid.
func NewBatchConsumer(cfg ConsumerConfig, cut CutConfig, h BatchHandler, dead publisher) (*BatchConsumer, error) {
	if err := errors.Join(cfg.Validate(), cut.Validate()); err != nil {
		return nil, err
	}
	if cfg.Linger == 0 {
		cfg.Linger = cut.Window / 4 // no batch is complete much sooner
	}
	c := &BatchConsumer{newMember(cfg, dead)}
	c.desk = &batching{m: &c.member, cut: cut, h: h}
	return c, nil
}

// batching is the desk of a [BatchConsumer].
type batching struct {
	m   *member
	cut CutConfig
	h   BatchHandler
}

// wants more until the next batch is complete: what is behind it need not lie
// in memory.
func (d *batching) wants(o *owned) bool {
	if !o.retryAt.IsZero() {
		return false
	}
	_, complete, _ := d.cut.cut(o.queue, o.seenUntil())
	return !complete
}

// open is a complete batch with the partition that it is the next of.
type open struct {
	o *owned
	n int
	Batch
	err error
}

func (d *batching) work(ctx context.Context, g *generation, all []*owned) (time.Time, error) {
	for {
		ready, due := d.ready(all, time.Now())
		if len(ready) == 0 || ctx.Err() != nil {
			return due, nil
		}
		d.store(g.late, ready)
		for i := range ready {
			d.settle(&ready[i])
		}
		if err := g.commit(); err != nil {
			return time.Time{}, err
		}
	}
}

// ready returns the next batch of each partition where it is complete and not
// waiting after a failure, and when the earliest of the others will be.
func (d *batching) ready(all []*owned, now time.Time) (ready []open, due time.Time) {
	for _, o := range all {
		n, ok, at := d.cut.cut(o.queue, o.seenUntil())
		if n == 0 {
			continue
		}
		if at.Before(o.retryAt) {
			at = o.retryAt
		}
		if ok && !now.Before(o.retryAt) {
			ready = append(ready, open{o: o, n: n})
		} else if due.IsZero() || at.Before(due) {
			due = at
		}
	}
	return ready, due
}

// store makes the batches, buries what is no event and hands them over.
func (d *batching) store(late context.Context, ready []open) {
	ctx, cancel := context.WithTimeout(late, d.m.cfg.HandleTimeout)
	defer cancel()
	var whole []*open
	for i := range ready {
		r := &ready[i]
		if r.err = d.fill(late, r); r.err == nil {
			whole = append(whole, r)
		}
	}
	h, many := d.h.(BatchesHandler)
	if !many {
		for _, r := range whole {
			r.err = ingest.Calm(func() error { return d.h.HandleBatch(ctx, r.Batch) })
		}
		return
	}
	bs := make([]Batch, len(whole))
	for i, r := range whole {
		bs[i] = r.Batch
	}
	var errs []error
	broke := ingest.Calm(func() error { errs = h.HandleBatches(ctx, bs); return nil })
	for i, r := range whole {
		switch {
		case broke != nil:
			r.err = broke
		case errs != nil && len(errs) != len(bs):
			r.err = fmt.Errorf("the handler answered %d slots for %d batches", len(errs), len(bs))
		case errs != nil:
			r.err = errs[i]
		}
	}
}

// fill makes the batch of r from its partition's queue.
func (d *batching) fill(late context.Context, r *open) error {
	items := r.o.queue[:r.n]
	r.Batch = Batch{Topic: r.o.topic, Partition: r.o.partition, First: items[0].offset, Last: items[r.n-1].offset}
	for _, it := range items {
		switch {
		case it.bad == nil:
			r.Events = append(r.Events, it.event)
		case !it.done:
			it.err = it.bad
			if err := d.m.bury(late, it, ingest.DeadMalformed); err != nil {
				return err
			}
			it.done = true
		}
	}
	return nil
}

// settle takes a stored batch off its queue, or lets its partition wait.
func (d *batching) settle(r *open) {
	o := r.o
	if r.err != nil {
		o.retryAt = time.Now().Add(o.tries.delay())
		d.m.log.Warn("batch failed, its partition waits", "batch", r.Token(), "error", r.err)
		return
	}
	o.retryAt = time.Time{}
	o.tries.reset()
	o.queue = append([]*item(nil), o.queue[r.n:]...)
	d.m.note(func(s *Status) { s.Handled += int64(r.n) })
}
