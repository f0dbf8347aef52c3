package edge

import (
	"context"
	"sync"
	"time"
)

// deadline is the context of one request: a [context.WithDeadline] that is made
// when somebody first waits for it. Requests that are answered from memory make
// no timer.
type deadline struct {
	base context.Context
	at   time.Time

	mu     sync.Mutex
	inner  context.Context // nil: nobody has asked for more than Deadline and Err
	cancel context.CancelFunc
	over   bool
}

// end is to be called once, when the request is over.
func (d *deadline) end() {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.over = true; d.cancel != nil {
		d.cancel()
	}
}

func (d *deadline) real() context.Context {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.inner == nil {
		d.inner, d.cancel = context.WithDeadline(d.base, d.at)
		if d.over {
			d.cancel()
		}
	}
	return d.inner
}

func (d *deadline) Deadline() (time.Time, bool) { return d.at, true }

func (d *deadline) Done() <-chan struct{} { return d.real().Done() }

// Value makes the real one, since the package context asks for it by Value.
func (d *deadline) Value(key any) any { return d.real().Value(key) }

func (d *deadline) Err() error {
	d.mu.Lock()
	defer d.mu.Unlock()
	switch {
	case d.inner != nil:
		return d.inner.Err()
	case d.base.Err() != nil:
		return d.base.Err()
	case d.over:
		return context.Canceled
	case !time.Now().Before(d.at):
		return context.DeadlineExceeded
	}
	return nil
}
