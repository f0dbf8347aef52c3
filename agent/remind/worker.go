package remind

import (
	"context"
	"errors"
	"log/slog"
	"sync"
	"time"

	"frontdesk/agent"
	"frontdesk/agent/booking"
	"frontdesk/agent/contact"
	"frontdesk/agent/conversation"
	"frontdesk/ingest"
)

// Refusal is why the policy gate lets a message not pass.
type Refusal struct {
	Code  string    // window_closed, opted_out, quiet_hours …
	Until time.Time // when the reason ends by itself; zero if it does not
}

func (r *Refusal) Error() string { return r.Code }

// Codes that decide what is done instead.
const (
	windowClosed = "window_closed" // a template may pass
	optedOut     = "opted_out"     // nothing may, here or elsewhere
	quietHours   = "quiet_hours"
	unreachable  = "unreachable" // no channel leads to the contact
	busy         = "busy"        // a booking is being talked about
)

// gate tells whether a message may be sent now: nil, a *[Refusal], or any other
// error where it cannot be told.
type gate interface {
	Check(ctx context.Context, tenant ingest.TenantID, m ingest.Message) error
}

// Channel is a channel of a tenant's by which people with a phone are reached.
type Channel struct {
	ID       ingest.ChannelID
	Provider string // name of the adapter
}

// directory is what the worker needs of *tenant.Directory.
type directory interface {
	Business(ctx context.Context, tenant ingest.TenantID) (agent.Business, error)
	Channels(ctx context.Context, tenant ingest.TenantID) ([]Channel, error)
}

// Parts is what a Worker works with; all of it is required.
type Parts struct {
	Bookings      *booking.Store
	Conversations *conversation.Store
	Contacts      *contact.Store
	Agents        *agent.Store
	Directory     directory
	Gate          gate
}

// Config says how a Worker works.
type Config struct {
	Poll     time.Duration    // how often is looked for work; zero means 5 s
	Lease    time.Duration    // how long work is left alone if its worker dies; zero means 2 min
	Batch    int              // the most of each kind taken at a time; zero means 50
	OfferFor time.Duration    // how long a free time is held for who is offered it; zero means 30 min, at most [booking.LongestHold]
	Now      func() time.Time // nil means time.Now
	Log      *slog.Logger     // gets what failed; nil means slog.Default()
}

func (c Config) withDefaults() Config {
	set := func(d *time.Duration, value time.Duration) {
		if *d == 0 {
			*d = value
		}
	}
	set(&c.Poll, 5*time.Second)
	set(&c.Lease, 2*time.Minute)
	set(&c.OfferFor, 30*time.Minute)
	if c.Batch == 0 {
		c.Batch = 50
	}
	if c.Now == nil {
		c.Now = time.Now
	}
	if c.Log == nil {
		c.Log = slog.Default()
	}
	return c
}

// Validate returns an error that names the first field out of range.
func (c Config) Validate() error {
	d := c.withDefaults()
	switch {
	case d.Poll < time.Millisecond:
		return errors.New("remind: Poll must be 1 ms or more")
	case d.Lease < time.Second:
		return errors.New("remind: Lease must be a second or more")
	case d.Batch < 1:
		return errors.New("remind: Batch must not be negative")
	case d.OfferFor < time.Minute || d.OfferFor > booking.LongestHold:
		return errors.New("remind: OfferFor must be 1 min to 1 h")
	}
	return nil
}

// Worker sends reminders and offers of free times, of all tenants. Any number
// may run on one database.
type Worker struct {
	Parts
	cfg Config
}

// New returns a Worker that Run sets to work.
func New(p Parts, cfg Config) *Worker { return &Worker{p, cfg.withDefaults()} }

// Run works until ctx ends, and returns nil. What failed is logged and tried
// again. Reminders do not wait for openings, which may take long.
func (w *Worker) Run(ctx context.Context) error {
	var both sync.WaitGroup
	both.Go(func() { w.every(ctx, "openings", w.openDue) })
	w.every(ctx, "reminders", w.remindAll)
	both.Wait()
	return nil
}

// roundTime bounds a round, so that a Postgres that is gone without a word does
// not end them for good. What a long one leaves, the next one does.
const roundTime = 5 * time.Minute

// every does a round of work at each poll until ctx ends.
func (w *Worker) every(ctx context.Context, what string, round func(context.Context) error) {
	tick := time.NewTicker(w.cfg.Poll)
	defer tick.Stop()
	for {
		bounded, cancel := context.WithTimeout(ctx, roundTime)
		err := round(bounded)
		cancel()
		if err != nil && ctx.Err() == nil {
			w.cfg.Log.Error(what, "error", err)
		}
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
	}
}

// Round does what is due now. An error tells that not all work could be found;
// what is wrong with a single piece of it is logged.
func (w *Worker) Round(ctx context.Context) error {
	return errors.Join(w.remindAll(ctx), w.openDue(ctx))
}

func (w *Worker) remindAll(ctx context.Context) error {
	for {
		if n, err := w.remindDue(ctx); err != nil || n < w.cfg.Batch {
			return err
		}
	}
}

// openDue offers what became free, one opening after the other: the first of the
// waitlist comes first. Each is taken when its turn comes, so that none waits
// for those before it while its lease runs.
func (w *Worker) openDue(ctx context.Context) error {
	if err := w.Bookings.Reopen(ctx); err != nil {
		return err
	}
	for range w.cfg.Batch {
		list, err := w.Bookings.DueOpenings(ctx, 1, w.cfg.Lease)
		if err != nil || len(list) == 0 {
			return err
		}
		w.open(ctx, list[0])
	}
	return nil
}

// atOnce is how many reminders a worker sends at the same time.
const atOnce = 6

func (w *Worker) remindDue(ctx context.Context) (int, error) {
	due, err := w.Bookings.DueReminders(ctx, w.cfg.Batch, w.cfg.Lease)
	room := make(chan struct{}, atOnce)
	var all sync.WaitGroup
	for _, d := range due {
		room <- struct{}{}
		all.Go(func() {
			w.remind(ctx, d)
			<-room
		})
	}
	all.Wait()
	return len(due), err
}

// backoff is how long what failed waits: from 5 seconds to 10 minutes.
func backoff(attempts int) time.Duration {
	return min(5*time.Second<<min(attempts, 10), 10*time.Minute)
}
