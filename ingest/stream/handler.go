package stream

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"frontdesk/ingest"
)

// Handler takes events. It must accept repeats.
type Handler interface {
	// Handle takes a batch over several partitions: the events of one key in
	// their order, and no other batch until it returns. It returns nil where
	// all are done, else one slot for each event, nil where that one is done.
	//
	// An event whose error wraps [ErrPoison] or [ingest.ErrMalformed] goes to
	// the dead letters. Any other is tried again in place. So that a key keeps
	// its order, an event behind a failed one of its key should fail too; [Each]
	// sees to that. ctx ends later than the consumer's, so that a batch in hand
	// can be finished.
	Handle(ctx context.Context, events []ingest.Event) []error
}

// ErrBehind is the error of an event that was not tried because one before it
// of the same key failed.
var ErrBehind = errors.New("an earlier event of the same key failed")

// Each returns a handler that calls f with each event, up to n keys at once and
// the events of one key one after the other. After a failure the rest of the
// key's events fail with [ErrBehind], unless the failure is one for the dead
// letters.
func Each(n int, f func(ctx context.Context, e ingest.Event) error) Handler {
	return each{max(n, 1), f}
}

type each struct {
	n int
	f func(context.Context, ingest.Event) error
}

func (h each) Handle(ctx context.Context, events []ingest.Event) []error {
	errs := make([]error, len(events))
	var order []string
	byKey := map[string][]int{}
	for i, e := range events {
		if byKey[e.Key] == nil {
			order = append(order, e.Key)
		}
		byKey[e.Key] = append(byKey[e.Key], i)
	}
	if h.n == 1 || len(order) == 1 {
		for _, key := range order {
			h.one(ctx, events, byKey[key], errs)
		}
		return errs
	}
	keys := make(chan []int)
	var workers sync.WaitGroup
	for range min(h.n, len(order)) {
		workers.Go(func() {
			for indexes := range keys {
				h.one(ctx, events, indexes, errs)
			}
		})
	}
	for _, key := range order {
		keys <- byKey[key]
	}
	close(keys)
	workers.Wait()
	return errs
}

// one handles the events of one key.
func (h each) one(ctx context.Context, events []ingest.Event, indexes []int, errs []error) {
	failed := false
	for _, i := range indexes {
		if failed {
			errs[i] = ErrBehind
			continue
		}
		errs[i] = ingest.Calm(func() error { return h.f(ctx, events[i]) })
		failed = errs[i] != nil && !hopeless(errs[i])
	}
}

// hopeless reports whether an event can never be accepted.
func hopeless(err error) bool {
	return errors.Is(err, ErrPoison) || errors.Is(err, ingest.ErrMalformed)
}

// handling is the desk of a [Consumer].
type handling struct {
	m *member
	h Handler
}

// wants more only when all that was fetched of o is done: an event that keeps
// failing holds up its own partition and no other.
func (d *handling) wants(o *owned) bool { return len(o.queue) == 0 }

func (d *handling) work(ctx context.Context, g *generation, all []*owned) (time.Time, error) {
	for {
		chunk, of := d.chunk(all, time.Now())
		if len(of) == 0 {
			break
		}
		if len(chunk) > 0 {
			d.handle(ctx, g, chunk)
		}
		now := time.Now()
		done := 0
		for _, o := range of {
			done += o.shift()
			if o.retryAt = (time.Time{}); len(o.queue) > 0 && o.queue[0].err != nil {
				o.retryAt = now.Add(o.tries.delay())
			} else {
				o.tries.reset()
			}
		}
		d.m.note(func(s *Status) { s.Handled += int64(done) })
		if err := g.commit(); err != nil {
			return time.Time{}, err
		}
		if ctx.Err() != nil {
			break
		}
	}
	return earliestRetry(all), nil
}

// chunk returns what is to be handled next, of which partitions: the undone of
// the queues that need not wait, up to the limit.
func (d *handling) chunk(all []*owned, now time.Time) (chunk []*item, of []*owned) {
	for _, o := range all {
		if len(o.queue) == 0 || now.Before(o.retryAt) {
			continue
		}
		if len(chunk) >= d.m.cfg.MaxEvents {
			break
		}
		of = append(of, o)
		for _, it := range o.queue {
			if len(chunk) >= d.m.cfg.MaxEvents {
				break
			}
			if !it.done {
				it.err = nil
				chunk = append(chunk, it)
			}
		}
	}
	return chunk, of
}

// shift takes what is done off the front of the queue.
func (o *owned) shift() int {
	n := 0
	for n < len(o.queue) && o.queue[n].done {
		n++
	}
	clear(o.queue[:n])
	if o.queue = o.queue[n:]; len(o.queue) == 0 {
		o.queue = nil
	}
	return n
}

func earliestRetry(all []*owned) time.Time {
	var t time.Time
	for _, o := range all {
		if !o.retryAt.IsZero() && (t.IsZero() || o.retryAt.Before(t)) {
			t = o.retryAt
		}
	}
	return t
}

// handle tries chunk until all is done or the tries are used up.
func (d *handling) handle(ctx context.Context, g *generation, chunk []*item) {
	pause := backoff{least: 50 * time.Millisecond, most: 400 * time.Millisecond}
	single := false
	for try := 1; ; try++ {
		if d.try(g.late, chunk, single) {
			single, try = true, 0 // nobody knows whose try it was
			continue
		}
		if allDone(chunk) || try >= d.m.cfg.Tries || !pause.wait(ctx) {
			break
		}
	}
	for _, it := range chunk {
		if !it.done && !errors.Is(it.err, ErrBehind) {
			d.m.log.Warn("event failed, its partition waits", "topic", it.topic, "partition", it.partition,
				"offset", it.offset, "event", it.event.ID, "type", it.event.Type, "error", it.err)
		}
	}
}

func allDone(chunk []*item) bool {
	for _, it := range chunk {
		if !it.done {
			return false
		}
	}
	return true
}

// try hands over what is not done, all at once or singly, and settles each. It
// reports whether the handler panicked over all at once, so that nobody knows
// over which.
func (d *handling) try(late context.Context, chunk []*item, single bool) bool {
	ctx, cancel := context.WithTimeout(late, d.m.cfg.HandleTimeout)
	defer cancel()
	var left []*item
	for _, it := range chunk {
		switch {
		case it.done:
		case it.bad != nil:
			d.settle(late, it, it.bad)
		default:
			left = append(left, it)
		}
	}
	if len(left) == 0 {
		return false
	}
	if single {
		d.singly(ctx, late, left)
		return false
	}
	errs, broke := d.call(ctx, left)
	if broke != nil && len(left) > 1 {
		for _, it := range left {
			it.err = broke
		}
		return true
	}
	for i, it := range left {
		d.settle(late, it, errs[i])
	}
	return false
}

// call hands items to the handler. It returns an error for each, and the
// panic if there was one.
func (d *handling) call(ctx context.Context, items []*item) ([]error, error) {
	events := make([]ingest.Event, len(items))
	for i, it := range items {
		events[i] = it.event
	}
	var errs []error
	broke := ingest.Calm(func() error { errs = d.h.Handle(ctx, events); return nil })
	if broke == nil && errs != nil && len(errs) != len(items) {
		broke = fmt.Errorf("the handler answered %d slots for %d events", len(errs), len(items))
	}
	if broke != nil || errs == nil {
		errs = make([]error, len(items))
		for i := range errs {
			errs[i] = broke
		}
	}
	return errs, broke
}

// singly hands over one at a time, so that one that panics is known. What is
// behind a failed one of its key waits.
func (d *handling) singly(ctx, late context.Context, items []*item) {
	failed := map[string]bool{}
	for _, it := range items {
		if failed[it.event.Key] {
			it.err = ErrBehind
			continue
		}
		errs, _ := d.call(ctx, []*item{it})
		d.settle(late, it, errs[0])
		failed[it.event.Key] = !it.done
	}
}

// settle decides what becomes of an item after a try that ended with err.
func (d *handling) settle(late context.Context, it *item, err error) {
	it.err = err
	var broke *ingest.PanicError
	switch {
	case err == nil:
		it.done = true
	case errors.As(err, &broke):
		it.panics++
		d.m.log.Error("event handler panicked", "event", it.event.ID, "type", it.event.Type, "stack", string(broke.Stack))
		if it.panics >= d.m.cfg.Tries {
			d.bury(late, it, ingest.DeadPanic)
		}
	case errors.Is(err, ingest.ErrMalformed):
		d.bury(late, it, ingest.DeadMalformed)
	case errors.Is(err, ErrPoison):
		d.bury(late, it, ingest.DeadRefused)
	}
}

// bury gives an item to the dead letters. If they do not take it, it is tried
// again like any other.
func (d *handling) bury(late context.Context, it *item, class string) {
	if err := d.m.bury(late, it, class); err != nil {
		it.err = fmt.Errorf("%w, and: %w", it.err, err)
		return
	}
	it.done = true
}

// bury publishes the dead letter of a record.
func (m *member) bury(late context.Context, it *item, class string) error {
	d := ingest.NewDeadLetter(m.cfg.Group, it.topic, it.partition, it.offset, it.key, it.value)
	d.Tenant, d.Class, d.Error, d.At = it.event.Tenant, class, it.err.Error(), time.Now().UTC()
	rec, err := d.Record()
	if err != nil {
		return fmt.Errorf("write dead letter: %w", err)
	}
	if err := m.dead.Publish(late, rec); err != nil {
		return fmt.Errorf("write dead letter: %w", err)
	}
	m.note(func(s *Status) { s.DeadLetters++ })
	m.log.Error("dead letter", "id", d.ID, "topic", d.Topic, "partition", d.Partition, "offset", d.Offset, "class", class, "error", d.Error)
	return nil
}
