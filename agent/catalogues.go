package agent

import (
	"context"
	"fmt"
	"sync"
	"time"

	"frontdesk/agent/booking"
	"frontdesk/agent/dialogue"
	"frontdesk/ingest"
)

// offers is what turns need of *booking.Store to know what a business offers.
type offers interface {
	Services(ctx context.Context, tenant ingest.TenantID) ([]booking.Service, error)
	Staff(ctx context.Context, tenant ingest.TenantID) ([]booking.Staff, error)
}

// catalogues keeps what businesses offer for a second, like desks, and the
// indexes of its names for as long as it stays the same.
type catalogues struct {
	source offers

	mu   sync.Mutex
	kept map[ingest.TenantID]catalogue
}

type catalogue struct {
	dialogue.Catalogue
	until time.Time
}

func newCatalogues(source offers) *catalogues {
	return &catalogues{source: source, kept: map[ingest.TenantID]catalogue{}}
}

// of returns what tenant offers. It is not to be changed.
func (c *catalogues) of(ctx context.Context, tenant ingest.TenantID) (dialogue.Catalogue, error) {
	if c.source == nil {
		return dialogue.Catalogue{}, nil
	}
	now := time.Now()
	c.mu.Lock()
	kept, ok := c.kept[tenant]
	c.mu.Unlock()
	if ok && now.Before(kept.until) {
		return kept.Catalogue, nil
	}
	list, err := c.read(ctx, tenant)
	if err != nil {
		return list, err
	}
	if ok && list.Same(kept.Catalogue) {
		list = kept.Catalogue
	} else {
		list = list.Indexed()
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if len(c.kept) >= mostKept {
		clear(c.kept)
	}
	c.kept[tenant] = catalogue{list, now.Add(fresh)}
	return list, nil
}

func (c *catalogues) read(ctx context.Context, tenant ingest.TenantID) (out dialogue.Catalogue, err error) {
	services, err := c.source.Services(ctx, tenant)
	if err != nil {
		return out, fmt.Errorf("services: %w", err)
	}
	for _, s := range services {
		out.Services = append(out.Services, dialogue.Service{ID: s.ID, Name: s.Name, Price: s.Price, Minutes: int(s.Duration / time.Minute), Inactive: s.Paused})
	}
	if len(services) == 0 {
		return out, nil
	}
	staff, err := c.source.Staff(ctx, tenant)
	if err != nil {
		return out, fmt.Errorf("staff: %w", err)
	}
	for _, p := range staff {
		out.Staff = append(out.Staff, dialogue.Person{ID: p.ID, Name: p.Name, Inactive: p.Paused})
	}
	return out, nil
}
