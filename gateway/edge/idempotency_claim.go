package edge

import (
	"context"
	"sync"
	"time"
)

const (
	// renewEvery is how often the claim of a request that still runs is renewed.
	// Most have ended before.
	renewEvery = 3 * time.Second
	// renewWithin bounds one renewal.
	renewWithin = 2 * time.Second
	// claimSafety is how long before the end of its claim a request is ended that
	// could not renew it, so that it has ended when a repeat may run.
	claimSafety = time.Second
)

// hold renews the claim of a request, made after since, until the function that
// it returns is called. Where another has taken the claim, or it cannot be renewed
// in time, end is called: a request that runs has its key to itself.
func (i *Idempotency) hold(scope Scope, owner string, since time.Time, end func()) (release func()) {
	h := &holder{idem: i, scope: scope, owner: owner, end: end}
	h.good(since)
	h.mu.Lock()
	defer h.mu.Unlock()
	h.next = time.AfterFunc(renewEvery, h.renew)
	return h.release
}

// holder keeps one claim. Its timers run apart from the request.
type holder struct {
	idem  *Idempotency
	scope Scope
	owner string
	end   func()

	mu       sync.Mutex
	released bool
	next     *time.Timer // the next renewal
	last     *time.Timer // the end of the claim
}

// good notes that the claim holds for its time since a moment.
func (h *holder) good(since time.Time) {
	left := time.Until(since.Add(claimFor - claimSafety))
	if h.last == nil {
		h.last = time.AfterFunc(left, h.end)
		return
	}
	h.last.Reset(left)
}

// renew runs apart from the request: what it waits for holds up nobody.
func (h *holder) renew() {
	since := time.Now()
	ctx, cancel := context.WithTimeout(context.Background(), renewWithin)
	defer cancel()
	held, err := h.idem.store.Renew(ctx, h.scope, h.owner)
	h.mu.Lock()
	defer h.mu.Unlock()
	switch {
	case h.released:
	case err != nil:
		h.idem.log.Warn("the claim of an Idempotency-Key was not renewed", "request_id", h.owner, "error", redact(err.Error()))
		h.next.Reset(renewEvery / 3)
	case !held:
		h.end()
	default:
		h.good(since)
		h.next.Reset(renewEvery)
	}
}

func (h *holder) release() {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.released = true
	h.next.Stop()
	h.last.Stop()
}
