package dispatch

import (
	"context"
	"fmt"
	"time"

	"frontdesk/ingest"
)

// grace is for how long outcomes are still written down after the end was
// asked for. What is not written by then is found claimed, and is unknown.
const grace = 10 * time.Second

// conclude writes down what became of tasks, in this order: statuses, what
// contacts and channels are to be spared, places among the parked. A crash in
// between sends nothing twice: what is still claimed is unknown, what was given
// back is handled again.
func (d *Dispatcher) conclude(ctx context.Context, tasks []*task) {
	if len(tasks) == 0 {
		return
	}
	ctx, cancel := outlive(ctx, grace)
	defer cancel()
	for tenant, group := range byTenant(tasks, func(t *task) bool { return t.out.settle.Status != "" }) {
		settlements := make([]Settlement, len(group))
		for i, t := range group {
			t.out.settle.Message, t.out.settle.At = t.msg.ID, d.now().UTC()
			settlements[i] = t.out.settle
			d.count(t)
		}
		d.insist(ctx, "settle messages", group, func(ctx context.Context) error { return d.Ledger.Settle(ctx, tenant, settlements) })
	}
	for _, t := range tasks {
		d.spare(ctx, t)
	}
	d.place(ctx, tasks)
	for _, t := range tasks {
		t.concluded = true
	}
}

// spare writes down contacts and channels that nothing more is to be sent to,
// and channels that work again.
func (d *Dispatcher) spare(ctx context.Context, t *task) {
	one := []*task{t}
	if p := t.out.preference; p != nil {
		d.insist(ctx, "keep an opt-out", one, func(ctx context.Context) error { return d.Preferences.SetPreference(ctx, t.msg.Tenant, *p) })
	}
	if o := t.out.stop; o != nil {
		d.insist(ctx, "stop a channel", one, func(ctx context.Context) error { return d.Store.stop(ctx, *o) })
		d.board.forget()
	}
	if o := t.out.resume; o != nil {
		d.insist(ctx, "resume a channel", one, func(ctx context.Context) error { return d.Store.resume(ctx, *o, d.now()) })
		d.board.forget()
		d.nudge()
	}
}

// place parks what must wait, moves what is parked and removes what is through.
func (d *Dispatcher) place(ctx context.Context, tasks []*task) {
	var park, repark, unpark []parked
	var parking, moving, leaving []*task
	for _, t := range tasks {
		waiting := t.out.wait != (wait{})
		switch {
		case t.out.err != nil:
		case waiting && t.row == nil:
			row := t.parkedRow(t.out.wait)
			park, parking = append(park, row), append(parking, t)
		case waiting:
			repark, moving = append(repark, t.parkedRow(t.out.wait)), append(moving, t)
		case t.row != nil:
			unpark, leaving = append(unpark, *t.row), append(leaving, t)
		}
	}
	if len(park) > 0 {
		d.insist(ctx, "park messages", parking, func(ctx context.Context) error { return d.Store.park(ctx, park) })
		for i, t := range parking {
			t.row = &park[i]
		}
		d.counts.parked.Add(int64(len(park)))
	}
	if len(repark) > 0 {
		d.insist(ctx, "park messages again", moving, func(ctx context.Context) error { return d.Store.repark(ctx, repark) })
	}
	if len(unpark) > 0 {
		d.insist(ctx, "unpark messages", leaving, func(ctx context.Context) error { return d.Store.unpark(ctx, unpark) })
		d.nudge() // the next of their lanes
	}
}

// hopeless is how often a write may fail for what it holds. The same again would
// fail again, so that is now and then another one's doing at most.
const hopeless = 3

// insist tries write until it works, ctx ends or it is seen to be hopeless; then
// the error stands in all of tasks.
func (d *Dispatcher) insist(ctx context.Context, what string, tasks []*task, write func(context.Context) error) {
	for attempt := 1; ; attempt++ {
		var err error
		d.bounded(ctx, func(ctx context.Context) { err = write(ctx) })
		if err == nil {
			return
		}
		d.warn(ctx, what, err)
		if attempt < hopeless || !poisonous(err) {
			select {
			case <-ctx.Done():
			case <-time.After(doubled(50*time.Millisecond, attempt, 2*time.Second)):
				continue
			}
		}
		for _, t := range tasks {
			t.out.err = fmt.Errorf("%s: %w", what, err)
		}
		return
	}
}

func (d *Dispatcher) count(t *task) {
	switch {
	case t.step == refused:
		d.counts.refused.Add(1)
	case t.out.settle.Status == ingest.Unknown:
		d.counts.unknown.Add(1)
	case t.out.settle.Status == ingest.Failed:
		d.counts.failed.Add(1)
	case t.out.settle.Status != ingest.Queued:
		d.counts.sent.Add(1)
	}
}

// outlive returns a context that ends a while after ctx does.
func outlive(ctx context.Context, by time.Duration) (context.Context, context.CancelFunc) {
	longer, cancel := context.WithCancel(context.WithoutCancel(ctx))
	stop := context.AfterFunc(ctx, func() {
		select {
		case <-time.After(by):
			cancel()
		case <-longer.Done():
		}
	})
	return longer, func() { stop(); cancel() }
}
