package agent

import (
	"context"
	"sync"
	"time"

	"frontdesk/ingest"
)

// desks keeps what is known of businesses for a second, so that a busy tenant
// is not looked up for each turn.
type desks struct {
	source businesses

	mu   sync.Mutex
	kept map[ingest.TenantID]desk
}

type desk struct {
	business Business
	until    time.Time
}

func newDesks(source businesses) *desks {
	return &desks{source: source, kept: map[ingest.TenantID]desk{}}
}

func (d *desks) of(ctx context.Context, tenant ingest.TenantID) (Business, error) {
	now := time.Now()
	d.mu.Lock()
	kept, ok := d.kept[tenant]
	d.mu.Unlock()
	if ok && now.Before(kept.until) {
		return kept.business, nil
	}
	b, err := d.source.Business(ctx, tenant)
	if err != nil {
		return Business{}, err
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	if len(d.kept) >= mostKept {
		clear(d.kept)
	}
	d.kept[tenant] = desk{b, now.Add(fresh)}
	return b, nil
}
