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
	defer d.end()
	timer := time.NewTimer(0)
	defer timer.Stop()
	parallel := make(chan struct{}, runners)
	var tended, busy time.Time
	for ctx.Err() == nil {
		if time.Since(tended) > boardAge {
			d.bounded(ctx, d.tend)
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
	var rows []parked
	var err error
	d.bounded(ctx, func(ctx context.Context) { rows, err = d.Store.lease(ctx, leaseAtOnce, d.leaseTime()) })
	if err != nil || len(rows) == 0 {
		<-parallel
		d.warn(ctx, "parked messages wait", err)
		return 0
	}
	d.background.Go(func() {
		defer func() { <-parallel }()
		ctx, cancel := d.aside(ctx)
		defer cancel()
		d.resumeRows(ctx, rows)
	})
	return len(rows)
}

// roundTime bounds what is asked of Postgres at a time, so that one that is gone
// without a word holds up nothing for good. It is longer than statements may
// take.
const roundTime = 20 * time.Second

// bounded runs step with the time that a step has.
func (d *Dispatcher) bounded(ctx context.Context, step func(context.Context)) {
	ctx, cancel := context.WithTimeout(ctx, d.round)
	defer cancel()
	step(ctx)
}

// aside returns a context for what goes on after its caller. It ends a while
// after Run was told to: by then a call to a provider is over.
func (d *Dispatcher) aside(ctx context.Context) (context.Context, context.CancelFunc) {
	longer, cancel := context.WithCancel(context.WithoutCancel(ctx))
	running, stop := outlive(d.running, d.config.SendTimeout)
	unlink := context.AfterFunc(running, cancel)
	return longer, func() { unlink(); stop(); cancel() }
}

// resumeRows works on leased rows. What fails on our side is left to the end of
// its lease.
func (d *Dispatcher) resumeRows(ctx context.Context, rows []parked) {
	tasks, gone := d.load(ctx, rows)
	if len(gone) > 0 {
		d.bounded(ctx, func(ctx context.Context) {
			d.warn(ctx, "remove parked messages that are no more", d.Store.unpark(ctx, gone))
		})
	}
	if len(tasks) == 0 {
		return
	}
	d.advance(ctx, tasks, time.Time{})
	for _, t := range tasks {
		d.warn(ctx, "work on a parked message", t.out.err)
	}
}

// load reads the messages of rows. Those of a tenant that cannot be read are
// neither among tasks nor gone: the others do not wait for them.
func (d *Dispatcher) load(ctx context.Context, rows []parked) (tasks []*task, gone []parked) {
	ids := map[ingest.TenantID][]ingest.MessageID{}
	for _, r := range rows {
		ids[r.tenant] = append(ids[r.tenant], r.message)
	}
	found := map[ingest.TenantID]map[ingest.MessageID]ingest.Message{}
	for owner, wanted := range ids {
		d.bounded(ctx, func(step context.Context) {
			messages, err := d.Ledger.Load(step, owner, wanted)
			if err != nil {
				d.warn(ctx, "load parked messages", err)
				return
			}
			found[owner] = map[ingest.MessageID]ingest.Message{}
			for _, m := range messages {
				found[owner][m.ID] = m
			}
		})
	}
	for i, r := range rows {
		switch m, ok := found[r.tenant][r.message]; {
		case ok:
			tasks = append(tasks, &task{msg: m, lane: lane{r.tenant, r.lane}, row: &rows[i], spent: r.spent, tries: r.attempts})
		case found[r.tenant] != nil:
			gone = append(gone, r)
		}
	}
	return tasks, gone
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

// warn logs err, unless it comes of the end having been asked for.
func (d *Dispatcher) warn(ctx context.Context, what string, err error) {
	if err != nil && !errors.Is(ctx.Err(), context.Canceled) {
		d.Log.WarnContext(ctx, what, "error", err)
	}
}
