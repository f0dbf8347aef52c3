package outbox

import (
	"context"
	"errors"
	"log/slog"
	"time"

	"frontdesk/ingest"
	"frontdesk/ingest/tenantdb"
)

// publisher is what the relay needs of the log: nil means every replica has
// the records.
type publisher interface {
	Publish(ctx context.Context, records ...ingest.Record) error
}

// Config says how a relay works.
type Config struct {
	// Poll is how often to look for rows that another process wrote; zero
	// means 50 ms. Rows of this process are announced by Wake.
	Poll time.Duration
	// Pace is the least time from one round to the next, so that rows gather;
	// zero means 4 ms. A row that comes after a pause waits for nothing.
	Pace time.Duration
	// Batch is the number of rows published at once, each of them what a
	// transaction announced, in parts of 256 KiB; zero means 32.
	Batch int
	// Timeout bounds a round, publishing included; zero means 15 s.
	Timeout time.Duration
	// Log gets failed rounds; nil means slog.Default().
	Log *slog.Logger
}

func (c Config) withDefaults() Config {
	if c.Poll == 0 {
		c.Poll = 50 * time.Millisecond
	}
	if c.Pace == 0 {
		c.Pace = 4 * time.Millisecond
	}
	if c.Batch == 0 {
		c.Batch = 32
	}
	if c.Timeout == 0 {
		c.Timeout = 15 * time.Second
	}
	if c.Log == nil {
		c.Log = slog.Default()
	}
	return c
}

// Validate returns an error that names the first field out of range.
func (c Config) Validate() error {
	if c.Poll < 0 || c.Pace < 0 || c.Timeout < 0 || c.Batch < 0 || c.Batch > 1_000 {
		return errors.New("outbox: Poll, Pace and Timeout must not be negative, Batch from 0 to 1000")
	}
	return nil
}

// Relay publishes the outbox. Any number may run on one database: one at a time
// works, the others stand by.
type Relay struct {
	db   *tenantdb.DB
	log  publisher
	cfg  Config
	bell chan struct{}
}

// NewRelay returns a relay that publishes to log.
func NewRelay(db *tenantdb.DB, log publisher, cfg Config) *Relay {
	return &Relay{db: db, log: log, cfg: cfg.withDefaults(), bell: make(chan struct{}, 1)}
}

// Wake tells the relay that a transaction with events has committed. It never
// blocks. Not calling it costs a Poll of delay and nothing else.
func (r *Relay) Wake() {
	select {
	case r.bell <- struct{}{}:
	default:
	}
}

// Slowest back-off after failed rounds.
const slowest = 2 * time.Second

// Run relays until ctx ends; it then returns nil. A failed round is logged and
// tried again, slower each time up to two seconds.
func (r *Relay) Run(ctx context.Context) error {
	timer := time.NewTimer(0)
	defer timer.Stop()
	failures := 0
	for {
		select {
		case <-ctx.Done():
			return nil
		case <-timer.C:
		case <-r.bell:
		}
		began := time.Now()
		full, err := r.Drain(ctx)
		wait := r.cfg.Poll
		switch {
		case ctx.Err() != nil:
			return nil
		case err != nil:
			failures++
			wait = min(r.cfg.Poll<<min(failures, 10), slowest)
			r.cfg.Log.Error("outbox relay", "error", err, "retry_in", wait)
			pause(ctx, wait)
			wait = 0
		case full:
			wait, failures = 0, 0
		default:
			failures = 0
			pause(ctx, r.cfg.Pace-time.Since(began))
		}
		timer.Reset(wait)
	}
}

// Drain does one round and reports whether more rows may be waiting. It is for
// tests and for emptying the outbox before the end.
func (r *Relay) Drain(ctx context.Context) (more bool, err error) {
	ctx, cancel := context.WithTimeout(ctx, r.cfg.Timeout)
	defer cancel()
	taken, _, err := relay(ctx, r.db, r.cfg.Batch, func(records []ingest.Record) error {
		return r.log.Publish(ctx, records...)
	})
	return taken == r.cfg.Batch, err
}

func pause(ctx context.Context, d time.Duration) {
	if d <= 0 {
		return
	}
	select {
	case <-ctx.Done():
	case <-time.After(d):
	}
}
