package boot

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"time"
)

const (
	// checkWithin bounds each check, so that one which hangs is seen as failing.
	checkWithin = 1500 * time.Millisecond
	// checkEvery is how long an answer holds: asking often costs nothing.
	checkEvery = 500 * time.Millisecond
)

// Health is whether this process can do its work: a set of named checks. It is
// safe for concurrent use.
type Health struct {
	stopped atomic.Bool

	mu     sync.Mutex // held while the checks run
	checks map[string]func(context.Context) error
	at     time.Time // when last was found
	last   map[string]error
}

// NewHealth returns a set without checks, which is ready.
func NewHealth() *Health { return &Health{checks: map[string]func(context.Context) error{}} }

// Add has check asked from now on, under a name that is shown with its error.
// A second check of one name replaces the first.
func (h *Health) Add(name string, check func(context.Context) error) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.checks[name] = check
	h.at = time.Time{}
}

// Stop makes the process not ready for good. Call it as soon as the process
// begins to stop: context.AfterFunc(group.Context(), health.Stop).
func (h *Health) Stop() { h.stopped.Store(true) }

// Ready returns nil if all checks pass, else an error with a line for each that
// fails. All are asked at once; an answer of the last half second is given
// again.
func (h *Health) Ready(ctx context.Context) error {
	results := h.results(ctx)
	if h.stopped.Load() {
		return errStopping
	}
	var faults []error
	for name, err := range results {
		if err != nil {
			faults = append(faults, fmt.Errorf("%s: %w", name, err))
		}
	}
	slices.SortFunc(faults, func(a, b error) int { return strings.Compare(a.Error(), b.Error()) })
	return errors.Join(faults...)
}

// errStopping is the answer of a process that is about to stop.
var errStopping = errors.New("this process is stopping")

// results returns what each check says. Callers that come together share one
// round of checks.
func (h *Health) results(ctx context.Context) map[string]error {
	h.mu.Lock()
	defer h.mu.Unlock()
	if time.Since(h.at) < checkEvery {
		return h.last
	}
	h.last = ask(ctx, h.checks)
	h.at = time.Now()
	return h.last
}

// ask runs all checks at once and returns what each says in time. A caller that
// hangs up does not make them fail, as others get the same answer.
func ask(ctx context.Context, checks map[string]func(context.Context) error) map[string]error {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), checkWithin)
	defer cancel()
	type result struct {
		name string
		err  error
	}
	all := make(chan result, len(checks))
	results := make(map[string]error, len(checks))
	for name, check := range checks {
		results[name] = fmt.Errorf("no answer within %s", checkWithin)
		go func() { all <- result{name, check(ctx)} }()
	}
	for range checks {
		select {
		case r := <-all:
			results[r.name] = r.err
		case <-ctx.Done():
			return results
		}
	}
	return results
}
