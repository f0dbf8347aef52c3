package dispatch

import (
	"context"
	"errors"
	"fmt"
	"time"

	"frontdesk/gateway/provider"
	"frontdesk/gateway/tenant"
	"frontdesk/ingest"
)

// task is one message on its way.
type task struct {
	msg       ingest.Message
	lane      lane
	sender    sender
	ch        provider.Channel
	row       *parked // set once the message is parked; it then keeps its place
	step      step
	at        time.Time // when it may go
	held      held
	spent     bool    // counted against the tenant's budget
	tries     int     // calls to the provider before this one
	probe     *outage // it tries a channel that was down
	out       outcome
	concluded bool      // out is written down
	detached  bool      // finished in the background, which alone may look at out
	windowed  bool      // needs an open window, and it is not known to be open
	allowed   *Standing // as known since a moment ago, without the window
}

// step is what is next for a task.
type step int

const (
	goes    step = iota // claim, then send
	refused             // claim, then fail as out says
	waits               // park as out says
	gone                // there is nothing to do any more
	broken              // out.err: something of ours does not work, try again
)

// outcome is what became of a task.
type outcome struct {
	settle     Settlement // zero Status: there is nothing to settle
	wait       wait
	stop       *outage
	resume     *outage
	preference *ingest.Preference
	err        error
}

// wait is when and why to try again. The zero wait is none.
type wait struct {
	until    time.Time
	reason   string
	held     held
	attempts int
}

// admit decides each task's step.
func (d *Dispatcher) admit(ctx context.Context, tasks []*task) {
	for _, t := range tasks {
		t.step = goes
		if err := d.find(ctx, t); err != nil {
			t.step, t.out.err = broken, err
		}
	}
	facts := d.facts(ctx, tasks)
	for _, t := range tasks {
		if t.step != goes {
			continue
		}
		if err := d.pass(ctx, t, facts[t]); err != nil {
			t.step, t.out.err = broken, err
		}
	}
}

// find sets the task's channel and keeps it waiting if the channel is stopped.
func (d *Dispatcher) find(ctx context.Context, t *task) error {
	ch, sandbox, err := d.route(ctx, t.msg.Tenant, t.msg.Channel, t.msg.Test)
	switch {
	case errors.Is(err, tenant.ErrNotFound):
		t.refuse("channel_missing", "the channel is no more")
		return nil
	case errors.Is(err, errNoSimulator):
		t.refuse("no_simulator", "test messages need the simulator, which is off")
		return nil
	case err != nil:
		return fmt.Errorf("find channel %s: %w", t.msg.Channel, err)
	}
	t.ch, t.sender = ch, sender{t.msg.Tenant, t.msg.Channel, sandbox}
	if d.Senders[ch.Type] == nil {
		t.refuse("no_sender", "there is no sender for channels of this type")
		return nil
	}
	if t.row != nil && d.now().Sub(t.row.at) > d.config.MaxWait {
		t.refuse("expired", "it waited for longer than messages are kept")
		return nil
	}
	if e := t.msg.Expires; !e.IsZero() && !d.now().Before(e) {
		t.refuse("expired", "it waited until it was worth nothing")
		return nil
	}
	return d.checkOutage(ctx, t)
}

func (d *Dispatcher) checkOutage(ctx context.Context, t *task) error {
	o, stopped, taken, err := d.board.of(ctx, t.sender)
	if err != nil {
		return err
	}
	if !taken.IsZero() {
		d.pace.advance(t.sender, t.ch, taken)
	}
	now := d.now()
	switch {
	case !stopped:
		return nil
	case o.until.After(now):
		t.hold(wait{until: now, reason: stopReason(o), attempts: t.tries})
		return nil
	case o.down():
		o.provider, o.account = t.ch.Type, t.ch.Account
		t.probe = &o
	}
	return nil
}

// win reports whether the task may go: where its channel was down, only one
// task of all replicas tries it, and the others wait for what comes of it.
func (d *Dispatcher) win(ctx context.Context, t *task) (bool, error) {
	if t.probe == nil {
		return true, nil
	}
	now := d.now()
	won, err := d.Store.probe(ctx, *t.probe, now.Add(probeDelay(t.probe.probes+1)))
	d.board.forget()
	if err == nil && !won {
		t.hold(wait{until: now, reason: stopReason(*t.probe), attempts: t.tries})
	}
	t.probe.probes++
	return won, err
}

// facts returns the standing of all tasks that are to go, asked for once per
// tenant as far as it is not known.
func (d *Dispatcher) facts(ctx context.Context, tasks []*task) map[*task]Standing {
	found := make(map[*task]Standing, len(tasks))
	open := func(t *task) bool {
		if t.step != goes {
			return false
		}
		t.windowed = windowed(t.msg, t.ch) && !opened(t.msg, d.now())
		if t.allowed == nil || t.windowed {
			return true
		}
		found[t] = *t.allowed
		return false
	}
	for of, asking := range byTenant(tasks, open) {
		questions := make([]Question, len(asking))
		for i, t := range asking {
			questions[i] = ask(t.msg, t.ch)
			questions[i].Window = t.windowed
		}
		answers, err := d.Standings.Standings(ctx, of, questions)
		if err == nil && len(answers) != len(questions) {
			err = fmt.Errorf("%d answers to %d questions", len(answers), len(questions))
		}
		for i, t := range asking {
			if err != nil {
				t.step, t.out.err = broken, fmt.Errorf("standing of contacts: %w", err)
				continue
			}
			found[t] = answers[i]
		}
	}
	return found
}

// pass puts the task through the policy gate and gives it its slot.
func (d *Dispatcher) pass(ctx context.Context, t *task, s Standing) error {
	now := d.now()
	f := Facts{Now: now, Windowed: t.windowed, Allowed: s.Allowed, Window: s.WindowUntil}
	if unasked(t.msg) {
		var err error
		if f.Policy, err = d.Policies.SendPolicy(ctx, t.msg.Tenant); err != nil {
			return err
		}
	}
	if r := Decide(t.msg, f); r != nil && !r.Until.IsZero() {
		t.hold(wait{until: r.Until, reason: string(r.Code), attempts: t.tries})
		return nil
	} else if r != nil {
		t.refuse(string(r.Code), r.Detail)
		return nil
	}
	if ok, err := d.spend(ctx, t, f.Policy); err != nil || !ok {
		return err
	}
	if ok, err := d.win(ctx, t); err != nil || !ok {
		return err
	}
	if !d.enter(t.sender, t.ch) {
		t.hold(wait{until: now.Add(time.Second), reason: "busy", attempts: t.tries, held: t.kept(now)})
		return nil
	}
	t.at, t.held = d.pace.reserve(now, t.sender, t.ch, t.lane.name, t.kept(now), d.config.InPlace)
	if t.at.Sub(now) > d.config.InPlace {
		d.leave(t.sender)
		t.hold(wait{until: t.at, reason: "pace", attempts: t.tries, held: t.held})
	}
	return nil
}

// spend counts a message that the tenant sends of its own accord, once.
func (d *Dispatcher) spend(ctx context.Context, t *task, p Policy) (bool, error) {
	if p.DailyBudget == 0 || !unasked(t.msg) || t.spent {
		return true, nil
	}
	ok, err := d.Store.spend(ctx, t.msg.Tenant, p.today(d.now()), p.DailyBudget)
	t.spent = ok
	if err == nil && !ok {
		t.refuse(string(BudgetExceeded), "the day's messages are used up")
	}
	return ok, err
}

// slotAge is how long after its due time a parked message still has the slot it
// was given; beyond that whole crowds may be due at once.
const slotAge = 2 * time.Second

// kept returns the slots that the task still has from being parked.
func (t *task) kept(now time.Time) held {
	if t.row == nil || now.Sub(t.row.due) > slotAge {
		return heldNone
	}
	return t.row.held
}

func (t *task) hold(w wait) { t.step, t.out.wait = waits, w }

func (t *task) refuse(code, detail string) {
	t.step = refused
	t.out.settle = Settlement{Status: ingest.Failed, Errors: []ingest.ProviderError{{Code: code, Title: detail}}}
}

// enter takes one of the channel's places, so that one that hangs leaves room
// for the others. It reports false if all are taken.
func (d *Dispatcher) enter(s sender, ch provider.Channel) bool {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.busy[s] >= min(max(rateOf(ch), 16), d.config.MaxInFlight/2+1) {
		return false
	}
	d.busy[s]++
	return true
}

func (d *Dispatcher) leave(s sender) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.busy[s]--; d.busy[s] <= 0 {
		delete(d.busy, s)
	}
}

func stopReason(o outage) string {
	if o.down() {
		return string(ChannelDown)
	}
	return "throttled"
}

func byTenant(tasks []*task, keep func(*task) bool) map[ingest.TenantID][]*task {
	groups := map[ingest.TenantID][]*task{}
	for _, t := range tasks {
		if keep(t) {
			groups[t.msg.Tenant] = append(groups[t.msg.Tenant], t)
		}
	}
	return groups
}
