package dispatch

import (
	"context"
	"errors"
	"fmt"

	"frontdesk/ingest"
)

// errBusy is returned for a message that this process is sending right now.
var errBusy = errors.New("the message is being sent")

// errBehind is returned for a message whose predecessor in its lane could not
// be worked on.
var errBehind = errors.New("an earlier message to the same contact must be tried again first")

// Handle sends the messages of events, which are in the order of their topic.
// It returns when each has been answered by its provider, was refused, or is
// parked, so that the events may be committed; it waits for slow providers no
// longer than [Config.Patience]. An error stands for an event that must be
// handled again, one that wraps [ingest.ErrMalformed] for an event that never
// can be.
func (d *Dispatcher) Handle(ctx context.Context, events []ingest.Event) []error {
	errs := make([]error, len(events))
	b := &batch{lanes: map[lane][]*task{}, errs: errs, event: map[*task]int{}}
	for i, e := range events {
		if e.Type == ingest.MessageQueued {
			errs[i] = b.add(i, e)
		}
	}
	if len(b.lanes) == 0 {
		return errs
	}
	if err := d.stepBehind(ctx, b); err != nil {
		b.fail(err)
		return errs
	}
	deadline := d.now().Add(d.config.Patience)
	for tasks := b.next(); len(tasks) > 0; tasks = b.next() {
		for part := range chunks(tasks, d.config.MaxInFlight/2+1) {
			d.advance(ctx, part, deadline)
		}
		b.take(d, ctx, tasks)
	}
	return errs
}

// batch is what Handle has in hand: the messages of each lane in order.
type batch struct {
	lanes map[lane][]*task
	order []lane
	event map[*task]int
	errs  []error
}

func (b *batch) add(i int, e ingest.Event) error {
	t := &task{}
	if err := e.DecodeData(&t.msg); err != nil {
		return err
	}
	if t.msg.ID == "" || t.msg.Tenant != e.Tenant || t.msg.Direction != ingest.Outbound {
		return fmt.Errorf("%w: %s bears no outbound message of its tenant", ingest.ErrMalformed, e.Type)
	}
	t.lane = laneOf(t.msg)
	if b.lanes[t.lane] == nil {
		b.order = append(b.order, t.lane)
	}
	b.lanes[t.lane] = append(b.lanes[t.lane], t)
	b.event[t] = i
	return nil
}

// next takes the first message of every lane.
func (b *batch) next() []*task {
	var first []*task
	for _, l := range b.order {
		if rest := b.lanes[l]; len(rest) > 0 {
			first = append(first, rest[0])
			b.lanes[l] = rest[1:]
		}
	}
	return first
}

// take looks at what became of tasks. Where one waits or failed on our side,
// the rest of its lane must not overtake it.
func (b *batch) take(d *Dispatcher, ctx context.Context, tasks []*task) {
	var behind []*task
	for _, t := range tasks {
		switch {
		case !t.detached && t.out.err != nil:
			b.errs[b.event[t]] = t.out.err
			for _, later := range b.lanes[t.lane] {
				b.errs[b.event[later]] = errBehind
			}
			b.lanes[t.lane] = nil
		case t.detached || t.row != nil:
			behind = append(behind, b.lanes[t.lane]...)
			b.lanes[t.lane] = nil
		}
	}
	if err := d.parkBehind(ctx, behind); err != nil {
		for _, t := range behind {
			b.errs[b.event[t]] = err
		}
	}
}

func (b *batch) fail(err error) {
	for _, i := range b.event {
		b.errs[i] = err
	}
}

// stepBehind parks the messages of lanes in which others wait already. Of the
// first of the other lanes it learns whether their contacts allow them.
func (d *Dispatcher) stepBehind(ctx context.Context, b *batch) error {
	lanes := map[ingest.TenantID][]lane{}
	for _, l := range b.order {
		lanes[l.tenant] = append(lanes[l.tenant], l)
	}
	var behind []*task
	for of, list := range lanes {
		occupied, err := d.lookAt(ctx, b, of, list)
		if err != nil {
			return err
		}
		for _, l := range list {
			if occupied[l.name] {
				behind = append(behind, b.lanes[l]...)
				b.lanes[l] = nil
			}
		}
	}
	return d.parkBehind(ctx, behind)
}

// lookAt returns which lanes of a tenant are occupied, and notes what is allowed.
func (d *Dispatcher) lookAt(ctx context.Context, b *batch, of ingest.TenantID, list []lane) (map[string]bool, error) {
	names, questions := make([]string, len(list)), make([]Question, len(list))
	for i, l := range list {
		m := b.lanes[l][0].msg
		names[i], questions[i] = l.name, Question{Channel: m.Channel, Contact: m.Contact, Category: m.Category, Test: m.Test}
	}
	ask, _ := d.Standings.(queuer)
	occupied, allowed, err := d.Store.look(ctx, of, names, ask, questions)
	for i, ok := range allowed {
		b.lanes[list[i]][0].allowed = &Standing{Allowed: ok}
	}
	return occupied, err
}

func (d *Dispatcher) parkBehind(ctx context.Context, behind []*task) error {
	if len(behind) == 0 {
		return nil
	}
	rows := make([]parked, len(behind))
	for i, t := range behind {
		rows[i] = t.parkedRow(wait{until: d.now(), reason: "behind"})
	}
	if err := d.Store.park(ctx, rows); err != nil {
		return err
	}
	d.counts.parked.Add(int64(len(rows)))
	d.nudge()
	return nil
}

// parkedRow is t as it waits by w.
func (t *task) parkedRow(w wait) parked {
	if t.sender == (sender{}) {
		t.sender = sender{t.msg.Tenant, t.msg.Channel, t.msg.Test}
	}
	return parked{
		sender: t.sender, message: t.msg.ID, lane: t.lane.name, reason: w.reason,
		held: w.held, spent: t.spent, attempts: w.attempts, due: w.until,
	}
}

// chunks cuts tasks into parts of at most n.
func chunks(tasks []*task, n int) func(yield func([]*task) bool) {
	return func(yield func([]*task) bool) {
		for len(tasks) > 0 {
			part := tasks[:min(n, len(tasks))]
			tasks = tasks[len(part):]
			if !yield(part) {
				return
			}
		}
	}
}
