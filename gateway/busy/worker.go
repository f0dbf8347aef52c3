package busy

import (
	"context"
	"crypto/x509"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/netip"
	"sync"
	"time"

	"frontdesk/agent/booking"
	"frontdesk/gateway/calendar"
	"frontdesk/gateway/webhook"
	"frontdesk/ingest"
)

// Config says how a [Worker] works.
type Config struct {
	// Every is how often a calendar is fetched. Default 15 minutes.
	Every time.Duration
	// Longest bounds the pause after failures, which doubles with each. Default
	// 8 hours.
	Longest time.Duration
	// Whole is the age from which on a calendar is fetched whole although it has
	// not changed: rules that repeat are followed only so far ahead. Default 24
	// hours.
	Whole time.Duration
	// Poll is how often to look for what is due. Default 5 s.
	Poll time.Duration
	// Timeout bounds one fetch, redirects included. Default 20 s.
	Timeout time.Duration
	// MaxBytes bounds a calendar. Default 4 MiB.
	MaxBytes int64
	// Parallel is how many are fetched at once. Default 4.
	Parallel int
	// Allow are the ranges that may be called although they are not public.
	// Default none.
	Allow []netip.Prefix
	// Resolver finds the addresses of hosts; nil is the system's.
	Resolver *net.Resolver
	// Roots are the authorities whose certificates are believed; nil is the
	// system's.
	Roots *x509.CertPool
	// Now is the clock; nil is time.Now.
	Now func() time.Time
	// Log gets what goes wrong here; nil is slog.Default(). It holds no address.
	Log *slog.Logger
}

// DefaultConfig returns the defaults.
func DefaultConfig() Config {
	return Config{
		Every: 15 * time.Minute, Longest: 8 * time.Hour, Whole: 24 * time.Hour, Poll: 5 * time.Second, Timeout: 20 * time.Second,
		MaxBytes: 4 << 20, Parallel: 4,
	}
}

// Validate reports what is impossible.
func (c Config) Validate() error {
	if c.Every <= 0 || c.Longest <= 0 || c.Whole <= 0 || c.Poll <= 0 || c.Timeout <= 0 || c.MaxBytes <= 0 || c.Parallel <= 0 {
		return errors.New("busy times: all times, the size and the number at once must be above zero")
	}
	return nil
}

// Ahead is how far busy times are read, from a day ago on.
const Ahead = 400 * 24 * time.Hour

// bookings is what a worker needs of *booking.Store.
type bookings interface {
	ReplaceBusy(ctx context.Context, tenant ingest.TenantID, staff ingest.StaffID, source string, busy []booking.Busy) error
}

// Worker fetches what is due. Any number of replicas may run one.
type Worker struct {
	store    *Store
	bookings bookings
	fetcher  *fetcher
	cfg      Config
}

// NewWorker returns a worker, or what is wrong with cfg.
func NewWorker(store *Store, bookings bookings, cfg Config) (*Worker, error) {
	if err := cfg.Validate(); err != nil {
		return nil, err
	}
	if cfg.Now == nil {
		cfg.Now = time.Now
	}
	if cfg.Log == nil {
		cfg.Log = slog.Default()
	}
	return &Worker{store, bookings, newFetcher(webhook.NewGuard(cfg.Allow...), cfg), cfg}, nil
}

// Run fetches until ctx ends, and returns nil when the fetches under way are
// over.
func (w *Worker) Run(ctx context.Context) error {
	defer w.fetcher.client.CloseIdleConnections()
	tick := time.NewTicker(w.cfg.Poll)
	defer tick.Stop()
	for {
		round, cancel := context.WithTimeout(ctx, w.lease()) // Postgres may be gone without a word
		n, err := w.Round(round)
		cancel()
		if err != nil && ctx.Err() == nil {
			w.cfg.Log.Error("fetch busy times", "error", err)
		}
		if n == w.cfg.Parallel && err == nil {
			continue // there may be more
		}
		select {
		case <-ctx.Done():
			return nil
		case <-tick.C:
		}
	}
}

// lease is how long nobody else takes a source: a fetch and its writing.
func (w *Worker) lease() time.Duration { return 2*w.cfg.Timeout + time.Minute }

// Round fetches what is due now, as much as goes at once, and returns how many
// that were. A fetch that fails is no error: its source has it.
func (w *Worker) Round(ctx context.Context) (int, error) {
	keys, err := w.store.due(ctx, w.cfg.Now(), w.cfg.Parallel, w.lease())
	if err != nil {
		return 0, err
	}
	faults := make([]error, len(keys))
	var wg sync.WaitGroup
	for i, k := range keys {
		wg.Go(func() { faults[i] = ingest.Calm(func() error { return w.do(ctx, k) }) })
	}
	wg.Wait()
	return len(keys), errors.Join(faults...)
}

// do fetches one source and keeps what came of it.
func (w *Worker) do(ctx context.Context, k key) error {
	j, err := w.store.open(ctx, k)
	switch {
	case errors.Is(err, ErrNotFound):
		return nil // ended meanwhile
	case err != nil:
		return err
	case j.gone:
		return w.store.Remove(ctx, k.tenant, k.staff)
	}
	now := w.cfg.Now()
	o := outcome{at: now}
	a, spans, err := w.read(ctx, j, now)
	if ctx.Err() != nil {
		return nil // it is due again when the lease is over
	}
	if err != nil {
		o.err = explain(err)
		o.next = now.Add(max(pause(w.cfg.Every, w.cfg.Longest, j.failures+1), w.wanted(err)))
	} else {
		o.next = now.Add(pause(w.cfg.Every, w.cfg.Longest, 0))
		o.read, o.etag, o.modified, o.spans = !a.unchanged, a.etag, a.modified, len(spans)
	}
	if o.read {
		if err := w.bookings.ReplaceBusy(ctx, k.tenant, k.staff, Origin, spans); err != nil {
			return err
		}
	}
	return w.settle(ctx, j, o)
}

// settle notes the outcome. Where the source was ended while its calendar was
// written, what was written goes with it.
func (w *Worker) settle(ctx context.Context, j job, o outcome) error {
	same, err := w.store.settle(ctx, j, o)
	if err != nil || same || !o.read {
		return err
	}
	if _, err := w.store.Source(ctx, j.tenant, j.staff); !errors.Is(err, ErrNotFound) {
		return err // another address, which is due
	}
	return w.bookings.ReplaceBusy(ctx, j.tenant, j.staff, Origin, nil)
}

// read fetches j's calendar and reads it.
func (w *Worker) read(ctx context.Context, j job, now time.Time) (answer, []booking.Busy, error) {
	ctx, cancel := context.WithTimeout(ctx, w.cfg.Timeout)
	defer cancel()
	if now.Sub(j.readAt) >= w.cfg.Whole {
		j.etag, j.modified = "", ""
	}
	a, err := w.fetcher.fetch(ctx, j.url, j.etag, j.modified)
	if err != nil || a.unchanged {
		return a, nil, err
	}
	zone, err := time.LoadLocation(j.zone)
	if err != nil {
		return a, nil, fmt.Errorf("zone of %s: %w", j.tenant, err)
	}
	spans, err := Read(a.body, zone, now)
	return a, spans, err
}

// Read returns the busy times in an iCalendar text, from a day before now to
// [Ahead] of it. Days and times without a zone are in zone. It is
// calendar.ErrMalformed or calendar.ErrTooLarge for what cannot be taken.
func Read(text []byte, zone *time.Location, now time.Time) ([]booking.Busy, error) {
	spans, err := calendar.Busy(text, calendar.Window{From: now.Add(-24 * time.Hour), To: now.Add(Ahead), Location: zone})
	if err != nil {
		return nil, err
	}
	out := make([]booking.Busy, len(spans))
	for i, s := range spans {
		out[i] = booking.Busy{Start: s.Start, End: s.End}
	}
	return out, nil
}

// wanted is the pause that the server asked for, within reason.
func (w *Worker) wanted(err error) time.Duration {
	var status *statusError
	if !errors.As(err, &status) {
		return 0
	}
	return min(status.after, w.cfg.Longest)
}

// explain says why a fetch failed, to whoever gave the address.
func explain(err error) string {
	var status *statusError
	var invalid *webhook.InvalidError
	switch {
	case errors.As(err, &status):
		return status.Error()
	case errors.Is(err, calendar.ErrMalformed):
		return "the address has something that is no iCalendar text; it begins with BEGIN:VCALENDAR"
	case errors.Is(err, calendar.ErrTooLarge):
		return "the calendar has more events than are taken; share one that goes back less far"
	case errors.As(err, &invalid):
		return "the address leads on to one that may not be called"
	}
	for _, known := range []error{errTooLarge, errDowngrade, errRedirected} {
		if errors.Is(err, known) {
			return known.Error()
		}
	}
	return webhook.Explain(err)
}
