package callback

import (
	"context"
	"errors"
	"fmt"
	"time"

	"frontdesk/ingest"
)

// Entry is a callback whose signature was good, as it lies in the spool.
// Routes hold for whom it was verified, so that it need not be again.
type Entry struct {
	ID          int64
	Provider    string
	Body        []byte
	Routes      []Route
	Correlation ingest.MessageID // our id of the message, from the callback's URL
	ReceivedAt  time.Time
	Parked      string // why people must look at it; empty: to be published
}

// spool keeps callbacks that cannot be published. [Spool] is one.
type spool interface {
	// Put returns nil once e is committed.
	Put(ctx context.Context, e Entry) error
	// Drain hands up to limit of the oldest entries to work, and takes away
	// those whose error is nil. An entry whose error wraps errNever is parked.
	// It returns how many it took away or parked, and how many it left. Only
	// one caller drains at a time; another gets 0, 0.
	Drain(ctx context.Context, limit int, work func(context.Context, []Entry) []error) (done, left int, err error)
}

// drainLimit is how many callbacks are published in one call.
const drainLimit = 100

// drainTime bounds a round, so that a Postgres that is gone without a word does
// not end them for good.
const drainTime = time.Minute

// Run publishes what lies in the spool, oldest first, until ctx ends. On several
// replicas one of them does it. It returns nil.
func (h *Handler) Run(ctx context.Context) error {
	for {
		wait := h.cfg.DrainEvery
		round, cancel := context.WithTimeout(ctx, drainTime)
		done, left, err := h.spool.Drain(round, drainLimit, h.drain)
		cancel()
		h.metrics.waiting.Set(float64(left))
		h.metrics.drained.Add(float64(done))
		switch {
		case err != nil && ctx.Err() == nil:
			h.warn("the spool cannot be worked off", "error", err)
		case done > 0 && left > 0:
			wait = 0
		}
		select {
		case <-ctx.Done():
			return nil
		case <-time.After(wait):
		}
	}
}

// drain publishes entries in one call, or, where one of them can never be
// published, each by itself. It returns an error for each entry, nil for those
// that are in the log.
func (h *Handler) drain(ctx context.Context, entries []Entry) []error {
	errs := h.publishEntries(ctx, entries)
	if len(entries) == 1 || !hasNever(errs) {
		return errs
	}
	for i := range entries {
		errs[i] = h.publishEntries(ctx, entries[i:i+1])[0]
		if errs[i] != nil && !errors.Is(errs[i], errNever) {
			return fillAll(errs, i, errs[i]) // the log is away: keep the order
		}
	}
	return errs
}

func hasNever(errs []error) bool {
	for _, err := range errs {
		if errors.Is(err, errNever) {
			return true
		}
	}
	return false
}

func fillAll(errs []error, from int, err error) []error {
	for i := from; i < len(errs); i++ {
		errs[i] = err
	}
	return errs
}

// publishEntries publishes entries in one call; they have one fate.
func (h *Handler) publishEntries(ctx context.Context, entries []Entry) []error {
	s := scratches.Get().(*scratch)
	defer s.release()
	errs := make([]error, len(entries))
	for _, e := range entries {
		if err := h.entryRecords(s, e); err != nil {
			return fillAll(errs, 0, err)
		}
	}
	pub := h.pub
	if h.cfg.Patient != nil {
		pub = h.cfg.Patient
	}
	if err := pub.Publish(ctx, s.recs...); err != nil {
		if h.never(err) {
			err = fmt.Errorf("%w: %w", errNever, err)
		}
		return fillAll(errs, 0, err)
	}
	return errs
}

// entryRecords adds e's records to s. A body that breaks the parser of a later
// version must not hold up those behind it.
func (h *Handler) entryRecords(s *scratch, e Entry) (err error) {
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("%w: panic while reading it", errNever)
		}
	}()
	j := take(e)
	s.last = 0
	park, err := h.records(s, &j)
	if err == nil && park != "" {
		err = fmt.Errorf("%w: %s", errNever, park)
	}
	return err
}
