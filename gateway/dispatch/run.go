package dispatch

import (
	"context"
	"errors"
	"time"

	"frontdesk/gateway/tenant"
	"frontdesk/ingest"
)

// nudge has Run look for parked messages now.
func (d *Dispatcher) nudge() {
	select {
	case d.wake <- struct{}{}:
	default:
	}
}

// Run works off what is parked, until ctx ends and the calls under way are
// over. It must outlive the consumers that call Handle. Any number of replicas
// may run.
func (d *Dispatcher) Run(ctx context.Context) error {
	defer d.background.Wait()
	timer := time.NewTimer(0)
	defer timer.Stop()
	parallel := make(chan struct{}, runners)
	var tended, busy time.Time
	for ctx.Err() == nil {
		if time.Since(tended) > boardAge {
			d.tend(ctx)
			tended = time.Now()
		}
		n := d.workOff(ctx, parallel)
		if n > 0 {
			busy = time.Now()
		}
		if n == leaseAtOnce {
			continue
		}
		timer.Reset(d.pollAfter(time.Since(busy)))
		select {
		case <-ctx.Done():
		case <-d.wake:
			busy = time.Now()
		case <-timer.C:
		}
	}
	return nil
}

// What is parked here is known here, and may wait for its pace for a while; what
// others have parked and left is in no such hurry.
const (
	quietAfter = 10 * time.Second // without anything parked
	quietPolls = 5                // of which one is enough then
)

// pollAfter returns when to look for parked messages again, so long after the
// last time that there was something.
func (d *Dispatcher) pollAfter(idle time.Duration) time.Duration {
	if idle > quietAfter {
		return quietPolls * d.config.Poll
	}
	return d.config.Poll
}

const (
	// leaseAtOnce is how many parked messages are taken at a time.
	leaseAtOnce = 100
	// runners is how many such batches may be under way.
	runners = 8
	// leaseMargin is what a lease lasts beyond the call to a provider: waits
	// for a place, for the pace and for Postgres.
	leaseMargin = 40 * time.Second
)

func (d *Dispatcher) leaseTime() time.Duration { return d.config.SendTimeout + leaseMargin }

// workOff leases due messages and sends them in the background. It returns how
// many there were.
func (d *Dispatcher) workOff(ctx context.Context, parallel chan struct{}) int {
	select {
	case parallel <- struct{}{}:
	case <-ctx.Done():
		return 0
	}
	rows, err := d.Store.lease(ctx, leaseAtOnce, d.leaseTime())
	if err != nil || len(rows) == 0 {
		<-parallel
		d.warn(ctx, "parked messages wait", err)
		return 0
	}
	d.background.Go(func() {
		defer func() { <-parallel }()
		d.resumeRows(context.WithoutCancel(ctx), rows)
	})
	return len(rows)
}

// resumeRows works on leased rows. What fails on our side is left to the end of
// its lease.
func (d *Dispatcher) resumeRows(ctx context.Context, rows []parked) {
	tasks, gone, err := d.load(ctx, rows)
	if err != nil {
		d.warn(ctx, "load parked messages", err)
		return
	}
	if len(gone) > 0 {
		d.warn(ctx, "remove parked messages that are no more", d.Store.unpark(ctx, gone))
	}
	if len(tasks) == 0 {
		return
	}
	d.advance(ctx, tasks, time.Time{})
	for _, t := range tasks {
		d.warn(ctx, "work on a parked message", t.out.err)
	}
}

func (d *Dispatcher) load(ctx context.Context, rows []parked) (tasks []*task, gone []parked, err error) {
	ids := map[ingest.TenantID][]ingest.MessageID{}
	for _, r := range rows {
		ids[r.tenant] = append(ids[r.tenant], r.message)
	}
	found := map[ingest.MessageID]ingest.Message{}
	for owner, wanted := range ids {
		messages, err := d.Ledger.Load(ctx, owner, wanted)
		if err != nil {
			return nil, nil, err
		}
		for _, m := range messages {
			found[m.ID] = m
		}
	}
	for i := range rows {
		m, ok := found[rows[i].message]
		if !ok {
			gone = append(gone, rows[i])
			continue
		}
		tasks = append(tasks, &task{msg: m, lane: lane{rows[i].tenant, rows[i].lane}, row: &rows[i], spent: rows[i].spent, tries: rows[i].attempts})
	}
	return tasks, gone, nil
}

// tend forgets waits that are over, and tries channels again whose credentials
// have been replaced.
func (d *Dispatcher) tend(ctx context.Context) {
	d.warn(ctx, "forget waits", d.Store.clear(ctx))
	down, err := d.board.down(ctx)
	d.warn(ctx, "read stopped channels", err)
	for _, o := range down {
		ch, _, err := d.route(ctx, o.tenant, o.channel, o.sandbox)
		if err != nil && !errors.Is(err, tenant.ErrNotFound) || err == nil && fingerprint(ch) == o.credentials {
			continue
		}
		o.provider, o.account = ch.Type, ch.Account
		d.warn(ctx, "resume a channel with new credentials", d.Store.resume(ctx, o, d.now()))
		d.board.forget()
	}
}

func (d *Dispatcher) warn(ctx context.Context, what string, err error) {
	if err != nil && ctx.Err() == nil {
		d.Log.WarnContext(ctx, what, "error", err)
	}
}
