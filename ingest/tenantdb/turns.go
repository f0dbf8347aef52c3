package tenantdb

import (
	"context"
	"slices"
	"sync"

	"frontdesk/ingest"
)

// turns shares the connections of a pool among tenants: one tenant never has all
// of them, and where all are in use those who wait get the next in turns, tenant
// by tenant, however many each has waiting.
type turns struct {
	each int // that one tenant may have at a time

	mu      sync.Mutex
	free    int
	tenants map[ingest.TenantID]*turn
	line    []*turn // tenants with somebody waiting; the first is next
}

// turn is what one tenant has, and who waits for more.
type turn struct {
	tenant  ingest.TenantID
	held    int
	waiting []chan struct{} // each closed when its turn has come
}

// newTurns shares size connections. A quarter of them is never one tenant's.
func newTurns(size int) *turns {
	return &turns{each: max(size-max(size/4, 1), 1), free: size, tenants: map[ingest.TenantID]*turn{}}
}

// take waits for a turn of tenant until ctx ends. It must be followed by leave
// where it returns nil.
func (t *turns) take(ctx context.Context, tenant ingest.TenantID) error {
	t.mu.Lock()
	s := t.tenants[tenant]
	if s == nil {
		s = &turn{tenant: tenant}
		t.tenants[tenant] = s
	}
	if t.free > 0 && s.held < t.each && len(s.waiting) == 0 {
		t.free--
		s.held++
		t.mu.Unlock()
		return nil
	}
	come := make(chan struct{})
	if s.waiting = append(s.waiting, come); len(s.waiting) == 1 {
		t.line = append(t.line, s)
	}
	t.mu.Unlock()
	select {
	case <-come:
		return nil
	case <-ctx.Done():
		t.giveUp(s, come)
		return ctx.Err()
	}
}

// giveUp ends a wait. A turn that has come meanwhile is passed on.
func (t *turns) giveUp(s *turn, come chan struct{}) {
	t.mu.Lock()
	defer t.mu.Unlock()
	i := slices.Index(s.waiting, come)
	if i < 0 {
		t.put(s)
		return
	}
	if s.waiting = slices.Delete(s.waiting, i, i+1); len(s.waiting) == 0 {
		t.line = slices.DeleteFunc(t.line, func(l *turn) bool { return l == s })
	}
	t.forget(s)
}

// leave ends a turn of tenant.
func (t *turns) leave(tenant ingest.TenantID) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.put(t.tenants[tenant])
}

func (t *turns) put(s *turn) {
	s.held--
	t.free++
	for i := 0; t.free > 0 && i < len(t.line); {
		next := t.line[i]
		if next.held >= t.each {
			i++
			continue
		}
		t.line = slices.Delete(t.line, i, i+1)
		close(next.waiting[0])
		next.waiting = next.waiting[1:]
		next.held++
		t.free--
		if len(next.waiting) > 0 {
			t.line = append(t.line, next)
		}
	}
	t.forget(s)
}

// forget drops a tenant that neither has a turn nor waits for one.
func (t *turns) forget(s *turn) {
	if s.held == 0 && len(s.waiting) == 0 {
		delete(t.tenants, s.tenant)
	}
}
