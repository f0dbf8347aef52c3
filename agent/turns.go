package agent

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"time"

	"frontdesk/agent/contact"
	"frontdesk/ingest"
	"frontdesk/ingest/tenantdb"
	"frontdesk/kb"
)

// knowledge is what turns need of *kb.Store.
type knowledge interface {
	AnswerAt(ctx context.Context, tenant ingest.TenantID, generation int64, query kb.Query) (kb.Answer, error)
}

// businesses is what turns need of *tenant.Store.
type businesses interface {
	Business(ctx context.Context, tenant ingest.TenantID) (Business, error)
}

// Parts is what turns are made with.
type Parts struct {
	DB         *tenantdb.DB
	Agents     *Store
	Contacts   *contact.Store
	Knowledge  knowledge
	Businesses businesses
	Bookings   Bookings // nil: nothing can be booked
	Brain      Brain    // nil means Builtin
}

// Turns takes the turns that are due, of all tenants. Any number may run on one
// database: no burst is answered twice.
type Turns struct {
	db         *tenantdb.DB
	agents     *Store
	contacts   *contact.Store
	knowledge  knowledge
	businesses *desks
	catalogues *catalogues
	bookings   Bookings
	brain      Brain
	cfg        TurnsConfig
	bell       chan struct{}

	slots  chan struct{} // turns in hand
	intake chan []*job   // handed over by a recorder, each in a slot
	mu     sync.Mutex
	open   bool // Run takes what is handed over
}

// NewTurns returns turns that Run works through.
func NewTurns(p Parts, cfg TurnsConfig) *Turns {
	if p.Brain == nil {
		p.Brain = Builtin{}
	}
	cfg = cfg.withDefaults()
	return &Turns{
		db: p.DB, agents: p.Agents, contacts: p.Contacts, knowledge: p.Knowledge, businesses: newDesks(p.Businesses),
		catalogues: newCatalogues(p.Bookings), bookings: p.Bookings,
		brain: p.Brain, cfg: cfg, bell: make(chan struct{}, 1),
		slots: make(chan struct{}, 2*cfg.Batch), intake: make(chan []*job, 2*cfg.Batch),
	}
}

// Wake tells that a message was recorded. It never blocks. Not calling it costs
// a Poll of delay and nothing else.
func (t *Turns) Wake() {
	select {
	case t.bell <- struct{}{}:
	default:
	}
}

// Run takes turns until ctx ends; those in hand are finished, and it returns
// nil. Faults are logged, and the turns tried again.
func (t *Turns) Run(ctx context.Context) error {
	decide, done := make(chan *job, cap(t.slots)), make(chan *job, cap(t.slots))
	t.takeOver(ctx, true)
	work := context.WithoutCancel(ctx)
	var deciders, storer sync.WaitGroup
	for range t.cfg.Workers {
		deciders.Go(func() {
			for j := range decide {
				t.decide(work, j)
				done <- j
			}
		})
	}
	storer.Go(func() {
		for list := collect(done, t.cfg.Batch, t.slots); list != nil; list = collect(done, t.cfg.Batch, t.slots) {
			t.finish(work, list)
			t.leave(len(list))
		}
	})
	t.feed(ctx, decide)
	t.takeOver(ctx, false)
	close(decide)
	deciders.Wait()
	close(done)
	storer.Wait()
	return nil
}

// feed claims and loads turns until ctx ends.
func (t *Turns) feed(ctx context.Context, decide chan<- *job) {
	timer := time.NewTimer(0)
	defer timer.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case jobs := <-t.intake:
			t.admit(jobs, decide)
			continue
		case <-timer.C:
		case <-t.bell:
		}
		began := time.Now()
		next, err := t.round(decide)
		wait := min(max(next, 0), t.cfg.Poll)
		if err != nil && ctx.Err() == nil {
			t.cfg.Log.Error("claim turns", "error", err)
			wait = 10 * t.cfg.Poll
		}
		if rest := t.cfg.Pace - time.Since(began); rest > 0 {
			sleep(ctx, rest)
		}
		timer.Reset(wait)
	}
}

// round claims what is due and passes it on. It returns when to look again. Once
// begun it is not broken off: what is claimed must not wait for its lease to end.
func (t *Turns) round(decide chan<- *job) (time.Duration, error) {
	ctx, cancel := context.WithTimeout(context.Background(), t.cfg.Timeout)
	defer cancel()
	// The places are taken first: recorders take some meanwhile, for turns that
	// only who is here now will pass on, so that waiting for one might never end.
	taken := 0
	for taken < t.cfg.Batch && t.place() {
		taken++
	}
	if taken == 0 {
		return time.Millisecond, nil
	}
	claimed, next, err := t.claim(ctx, taken)
	t.leave(taken - len(claimed))
	if err != nil {
		return 0, err
	}
	byTenant := map[ingest.TenantID][]*job{}
	for _, w := range claimed {
		byTenant[w.tenant] = append(byTenant[w.tenant], &job{waiting: w})
	}
	for tenant, jobs := range byTenant {
		t.begin(ctx, tenant, jobs, decide)
	}
	if len(claimed) == t.cfg.Batch {
		next = 0
	}
	return next, nil
}

// admit passes on what a recorder has handed over, all of one tenant.
func (t *Turns) admit(jobs []*job, decide chan<- *job) {
	ctx, cancel := context.WithTimeout(context.Background(), t.cfg.Timeout)
	defer cancel()
	t.begin(ctx, jobs[0].tenant, jobs, decide)
}

// begin passes turns of one tenant on, each in its slot, or gives them back.
func (t *Turns) begin(ctx context.Context, tenant ingest.TenantID, jobs []*job, decide chan<- *job) {
	ready, err := t.prepare(ctx, tenant, jobs)
	if err != nil {
		t.cfg.Log.Error("load turns", "tenant", tenant, "turns", len(jobs), "error", err)
		t.giveBack(context.Background(), waitings(jobs), t.cfg.Poll*10, false)
	}
	t.leave(len(jobs) - len(ready))
	for _, j := range ready {
		decide <- j
	}
}

// prepare loads the turns of one tenant, but for those that came with all they
// need, and dismisses those with nothing to answer.
func (t *Turns) prepare(ctx context.Context, tenant ingest.TenantID, jobs []*job) ([]*job, error) {
	if err := t.load(ctx, tenant, slices.DeleteFunc(slices.Clone(jobs), func(j *job) bool { return len(j.state.Messages) > 0 })); err != nil {
		return nil, err
	}
	agents, err := t.agents.roster(ctx, tenant)
	if err != nil {
		return nil, err
	}
	business, err := t.businesses.of(ctx, tenant)
	if err != nil {
		return nil, fmt.Errorf("business: %w", err)
	}
	catalogue, err := t.catalogues.of(ctx, tenant)
	if err != nil {
		return nil, err
	}
	var ready, idle []*job
	for _, j := range jobs {
		if len(j.state.Messages) == 0 {
			idle = append(idle, j)
			continue
		}
		j.begin(agents, business, t.cfg.Attempts)
		j.state.Catalogue, j.state.Now = catalogue, t.cfg.Now().UTC().Truncate(time.Microsecond)
		ready = append(ready, j)
	}
	if len(idle) > 0 {
		if err := t.dismiss(ctx, tenant, idle); err != nil {
			return nil, err
		}
	}
	return ready, nil
}

// begin fills the state that the turn is decided from.
func (j *job) begin(agents []Agent, business Business, attempts int) {
	c := j.Conversation
	a, ok := answering(agents, c.Agent, c.Channel)
	s := &j.state
	s.Conversation, s.Version, s.Turn = c.ID, c.Version, c.Turns+1
	s.Agent, s.Paused, s.Instructions, s.Handoff = a.ID, !ok, a.Instructions, a.Handoff
	s.Business, s.State, s.ClosedReason, s.Owner = business, c.State, c.ClosedReason, c.Owner
	s.Language, s.Failures, s.Troubled = c.Language, c.Failures, j.attempts >= attempts
}

// decide fills in the decision, or the error that kept it from being made.
func (t *Turns) decide(ctx context.Context, j *job) {
	ctx, cancel := context.WithTimeout(ctx, t.cfg.Timeout)
	defer cancel()
	with := &tools{knowledge: t.knowledge, bookings: t.bookings, job: j, now: j.state.Now}
	j.err = ingest.Calm(func() (err error) {
		j.decision, err = t.brain.Decide(ctx, j.state, with)
		return err
	})
	var broke *ingest.PanicError
	if errors.As(j.err, &broke) {
		t.cfg.Log.Error("a decision panicked", "tenant", j.tenant, "conversation", j.ID, "stack", string(broke.Stack))
	}
	if j.err != nil && j.state.Troubled && ctx.Err() == nil { // it did without its tools, so another try would end alike
		j.decision, j.err = helpless(j.state), nil
	}
	j.decision.Calls = with.calls
	j.decided = time.Now().UTC().Truncate(time.Microsecond)
}

// letGo gives back what a decision that is dropped has held: the next one may
// hold something else. What it booked stays booked, and is found by the next.
func (t *Turns) letGo(ctx context.Context, j *job) {
	if id := j.decision.Draft.Hold; id != "" && id != j.state.Draft.Hold {
		if err := release(ctx, t.bookings, j.tenant, id); err != nil {
			t.cfg.Log.Warn("give a hold back; it will end by itself", "tenant", j.tenant, "error", err)
		}
	}
}

// gathering is how long a decided turn waits for those that were begun with it,
// so that they are stored together. Turns that take longer are stored later.
const gathering = 10 * time.Millisecond

// collect returns decided turns: all that are in hand, or those that have come
// when the first of them has waited long enough; nil once jobs is closed.
func collect(jobs <-chan *job, most int, inHand <-chan struct{}) []*job {
	j, ok := <-jobs
	if !ok {
		return nil
	}
	list := []*job{j}
	late := time.NewTimer(gathering)
	defer late.Stop()
	for len(list) < min(most, len(inHand)) {
		select {
		case j, ok := <-jobs:
			if !ok {
				return list
			}
			list = append(list, j)
		case <-late.C:
			return list
		}
	}
	return list
}

// finish stores decided turns and gives back those that must be decided anew.
func (t *Turns) finish(ctx context.Context, list []*job) {
	byTenant := map[ingest.TenantID][]*job{}
	for _, j := range list {
		if j.err != nil {
			t.cfg.Log.Error("decide turn", "tenant", j.tenant, "conversation", j.ID, "attempt", j.attempts+1, "error", j.err)
			t.giveBack(ctx, []waiting{j.waiting}, backoff(j.attempts), true)
			continue
		}
		byTenant[j.tenant] = append(byTenant[j.tenant], j)
	}
	for tenant, jobs := range byTenant {
		t.keep(ctx, tenant, jobs)
	}
}

// keep stores the turns of one tenant, each alone where together they fail.
func (t *Turns) keep(ctx context.Context, tenant ingest.TenantID, jobs []*job) {
	bounded, cancel := context.WithTimeout(ctx, t.cfg.Timeout)
	changed, err := t.store(bounded, tenant, jobs)
	cancel()
	switch {
	case err == nil:
		t.cfg.Stored()
		var again []waiting
		for _, j := range changed {
			t.letGo(ctx, j)
			again = append(again, j.waiting)
		}
		t.giveBack(ctx, again, 0, false)
	case len(jobs) == 1:
		t.cfg.Log.Error("store turn", "tenant", tenant, "conversation", jobs[0].ID, "error", err)
		t.giveBack(ctx, []waiting{jobs[0].waiting}, backoff(jobs[0].attempts), true)
	default:
		for i := range jobs {
			t.keep(ctx, tenant, jobs[i:i+1])
		}
	}
}

func (t *Turns) giveBack(ctx context.Context, list []waiting, delay time.Duration, counted bool) {
	if len(list) == 0 {
		return
	}
	ctx, cancel := context.WithTimeout(ctx, t.cfg.Timeout)
	defer cancel()
	if err := t.release(ctx, list, delay, counted); err != nil {
		t.cfg.Log.Error("give turns back; their leases will end", "turns", len(list), "error", err)
	}
	t.Wake()
}

// backoff is how long a turn that failed waits: from half a second to half a minute.
func backoff(attempts int) time.Duration {
	return min(500*time.Millisecond<<min(attempts, 10), 30*time.Second)
}

func sleep(ctx context.Context, d time.Duration) {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-ctx.Done():
	case <-timer.C:
	}
}
