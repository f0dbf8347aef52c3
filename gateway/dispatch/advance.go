package dispatch

import (
	"context"
	"fmt"
	"time"

	"frontdesk/gateway/provider"
	"frontdesk/ingest"
)

// advance takes each task as far as it comes: sent, failed, unknown or parked.
// Tasks from the topic that are still on their way at deadline are parked under
// a lease and finished in the background; a zero deadline waits for all. What
// became of a task stands in it, its row if it is parked.
func (d *Dispatcher) advance(ctx context.Context, tasks []*task, deadline time.Time) {
	if err := d.room.Acquire(ctx, int64(len(tasks))); err != nil {
		for _, t := range tasks {
			t.step, t.out.err = broken, err
		}
		return
	}
	d.bounded(ctx, func(ctx context.Context) { d.admit(ctx, tasks) })
	d.bounded(ctx, func(ctx context.Context) { d.claim(ctx, tasks) })
	flight := &flight{d: d, landed: make(chan *task, len(tasks))}
	for _, t := range tasks {
		switch t.step {
		case goes:
			flight.up++
			go func() { d.send(ctx, t); flight.landed <- t }()
		case broken:
			d.room.Release(1)
		default:
			d.room.Release(1)
			flight.done = append(flight.done, t)
		}
	}
	if flight.collect(ctx, deadline) {
		return
	}
	d.detach(ctx, flight, tasks)
}

// claim claims what is to be sent or failed, in one step per tenant. What
// somebody else has claimed is gone.
func (d *Dispatcher) claim(ctx context.Context, tasks []*task) {
	for _, t := range tasks {
		if t.step == goes && !d.takeOff(t.msg.ID) {
			d.leave(t.sender)
			t.step, t.out.err = broken, errBusy
		}
	}
	wanted := byTenant(tasks, func(t *task) bool { return t.step == goes || t.step == refused })
	for tenant, group := range wanted {
		ids := make([]ingest.MessageID, len(group))
		for i, t := range group {
			ids[i] = t.msg.ID
		}
		claimed, err := d.Ledger.Claim(ctx, tenant, ids)
		if err != nil {
			err = fmt.Errorf("claim messages: %w", err)
		}
		for _, t := range group {
			if claimed[t.msg.ID] {
				continue
			}
			if t.step == goes {
				d.leave(t.sender)
				d.land(t.msg.ID)
			}
			if t.step, t.out = gone, (outcome{err: err}); err != nil {
				t.step = broken
			}
		}
	}
}

// send calls the provider when the task's slot has come and writes down what is
// to follow.
func (d *Dispatcher) send(ctx context.Context, t *task) {
	if delay := t.at.Sub(d.now()); delay > 0 {
		time.Sleep(delay) // at most Config.InPlace
	}
	// A call that has begun is not broken off: its answer is all that tells
	// whether the message was sent.
	call, cancel := context.WithTimeout(context.WithoutCancel(ctx), d.config.SendTimeout)
	defer cancel()
	sent, err := d.Senders[t.ch.Type].Send(call, t.ch, t.msg)
	d.leave(t.sender)
	d.room.Release(1)
	if err != nil {
		d.failed(t, provider.AsSendError(err))
		return
	}
	if sent.Status == "" {
		sent.Status = ingest.Sent
	}
	t.out.settle = Settlement{Status: sent.Status, ProviderID: provider.ID(sent.ProviderID)}
	t.out.resume = t.probe
}

// takeOff marks a message as being sent by this process; it reports false if it
// is already.
func (d *Dispatcher) takeOff(id ingest.MessageID) bool {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.flying[id] {
		return false
	}
	d.flying[id] = true
	return true
}

func (d *Dispatcher) land(id ingest.MessageID) {
	d.mu.Lock()
	defer d.mu.Unlock()
	delete(d.flying, id)
}

// gather is for how long answers are collected before they are written down
// together.
const gather = 20 * time.Millisecond

// flight is a number of calls under way.
type flight struct {
	d      *Dispatcher
	up     int
	landed chan *task
	done   []*task // whose outcome is not written down yet
}

// collect writes down outcomes as they come in. It returns true once all are
// in and written down, false at deadline.
func (f *flight) collect(ctx context.Context, deadline time.Time) bool {
	var late <-chan time.Time
	if !deadline.IsZero() {
		timer := time.NewTimer(deadline.Sub(f.d.now()))
		defer timer.Stop()
		late = timer.C
	}
	var flush <-chan time.Time
	for f.up > 0 {
		select {
		case t := <-f.landed:
			f.up--
			f.done = append(f.done, t)
			if flush == nil {
				flush = time.After(gather)
			}
		case <-flush:
			f.write(ctx)
			flush = nil
		case <-late:
			f.write(ctx)
			return false
		}
	}
	f.write(ctx)
	return true
}

func (f *flight) write(ctx context.Context) {
	done := f.done
	f.done = nil
	f.d.conclude(ctx, done)
	for _, t := range done {
		if t.step == goes {
			f.d.land(t.msg.ID)
		}
	}
}

// detach parks what is still up under a lease, so that its lane stays in order
// and a crash leaves a trace, and finishes it in the background. If it cannot
// be parked the caller waits for it.
func (d *Dispatcher) detach(ctx context.Context, f *flight, tasks []*task) {
	up := make([]*task, 0, f.up)
	written := map[*task]bool{}
	for range len(f.landed) { // what has landed since is written down here
		t := <-f.landed
		f.up--
		f.done = append(f.done, t)
		written[t] = true
	}
	f.write(ctx)
	for _, t := range tasks {
		if t.step == goes && !written[t] && !t.concluded {
			up = append(up, t)
		}
	}
	if len(up) == 0 {
		return
	}
	rows := make([]parked, len(up))
	for i, t := range up {
		rows[i] = t.parkedRow(wait{until: d.now(), reason: "sending"})
		rows[i].leased = d.now().Add(d.leaseTime())
	}
	if err := d.Store.park(ctx, rows); err != nil {
		d.warn(ctx, "park messages under way", err)
		f.collect(ctx, time.Time{})
		return
	}
	for i, t := range up {
		t.row, t.detached = &rows[i], true
	}
	d.background.Go(func() {
		ctx, cancel := d.aside(ctx)
		defer cancel()
		f.collect(ctx, time.Time{})
	})
}
