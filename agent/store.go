package agent

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/jackc/pgx/v5"

	"frontdesk/ingest"
	"frontdesk/ingest/tenantdb"
)

// Store keeps agents and turns. It is safe for concurrent use.
type Store struct {
	db *tenantdb.DB

	mu   sync.Mutex
	kept map[ingest.TenantID]roster
}

// roster is a tenant's active agents as of a moment ago.
type roster struct {
	agents []Agent
	until  time.Time
}

// How long and for how many tenants agents are kept in memory. A change is seen
// at once in the process that makes it and within a second in others.
const (
	fresh    = time.Second
	mostKept = 4096
)

// NewStore returns a store on db.
func NewStore(db *tenantdb.DB) *Store {
	return &Store{db: db, kept: map[ingest.TenantID]roster{}}
}

// Agents returns all of the tenant's agents, oldest first.
func (s *Store) Agents(ctx context.Context, tenant ingest.TenantID) ([]Agent, error) {
	list, err := tenantdb.List(ctx, s.db, tenant, scanAgent, `SELECT `+agentColumns+` FROM agents WHERE tenant_id = $1 ORDER BY number`, tenant)
	if err != nil {
		return nil, fmt.Errorf("list agents: %w", err)
	}
	return list, nil
}

// Agent returns an agent or ErrNotFound.
func (s *Store) Agent(ctx context.Context, tenant ingest.TenantID, id ingest.AgentID) (Agent, error) {
	a, err := tenantdb.One(ctx, s.db, tenant, scanAgent, `SELECT `+agentColumns+` FROM agents WHERE tenant_id = $1 AND id = $2`, tenant, id)
	if errors.Is(err, pgx.ErrNoRows) {
		return a, ErrNotFound
	}
	if err != nil {
		return a, fmt.Errorf("agent %s: %w", id, err)
	}
	return a, nil
}

// SaveAgent creates a, or makes the agent of that name like it, and returns it
// as stored. ID, Number and times are given by the store; an empty Status is
// Active. ErrInvalid says which field cannot be taken.
func (s *Store) SaveAgent(ctx context.Context, tenant ingest.TenantID, a Agent) (Agent, error) {
	if a.Status == "" {
		a.Status = Active
	}
	if err := a.validate(); err != nil {
		return Agent{}, err
	}
	var saved Agent
	err := s.db.InTenant(ctx, tenant, func(tx pgx.Tx) error {
		args := []any{tenant, ingest.NewID(ingest.PrefixAgent, time.Now()), a.Name, string(a.Status), channels(a), int(a.Debounce / time.Millisecond),
			a.Instructions, a.Handoff.AfterFailures, append([]string{}, a.Handoff.Words...)}
		rows, err := tx.Query(ctx, `
			INSERT INTO agents (tenant_id, id, number, name, status, channels, debounce_ms, instructions, handoff_after, handoff_words)
			VALUES ($1, $2, frontdesk_next_number($1, 'agent'), $3, $4, $5, $6, $7, $8, $9)
			ON CONFLICT (tenant_id, name) DO UPDATE SET status = excluded.status, channels = excluded.channels, debounce_ms = excluded.debounce_ms,
				instructions = excluded.instructions, handoff_after = excluded.handoff_after, handoff_words = excluded.handoff_words, updated_at = now()
			RETURNING `+agentColumns, args...)
		if err != nil {
			return err
		}
		saved, err = pgx.CollectExactlyOneRow(rows, scanAgent)
		return err
	})
	if err != nil {
		return Agent{}, fmt.Errorf("save agent: %w", err)
	}
	s.mu.Lock()
	delete(s.kept, tenant)
	s.mu.Unlock()
	return saved, nil
}

func channels(a Agent) []string {
	out := make([]string, len(a.Channels))
	for i, c := range a.Channels {
		out[i] = string(c)
	}
	return out
}

const agentColumns = `id, number, name, status, channels, debounce_ms, instructions, handoff_after, handoff_words, created_at, updated_at`

func scanAgent(row pgx.CollectableRow) (Agent, error) {
	var a Agent
	var debounce int
	err := row.Scan(&a.ID, &a.Number, &a.Name, &a.Status, &a.Channels, &debounce, &a.Instructions, &a.Handoff.AfterFailures, &a.Handoff.Words, &a.CreatedAt, &a.UpdatedAt)
	a.Debounce = time.Duration(debounce) * time.Millisecond
	return a, err
}

// roster returns the tenant's agents, a second old at most.
func (s *Store) roster(ctx context.Context, tenant ingest.TenantID) ([]Agent, error) {
	now := time.Now()
	s.mu.Lock()
	r, ok := s.kept[tenant]
	s.mu.Unlock()
	if ok && now.Before(r.until) {
		return r.agents, nil
	}
	list, err := s.Agents(ctx, tenant)
	if err != nil {
		return nil, err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if len(s.kept) >= mostKept {
		clear(s.kept)
	}
	s.kept[tenant] = roster{list, now.Add(fresh)}
	return list, nil
}

// answering returns the active agent that answers on channel: id if it is
// active, else the oldest that serves the channel. Without one, ok is false.
func answering(agents []Agent, id ingest.AgentID, channel ingest.ChannelID) (a Agent, ok bool) {
	for _, one := range agents {
		if one.Status != Active {
			continue
		}
		if one.ID == id {
			return one, true
		}
		if !ok && one.serves(channel) {
			a, ok = one, true
		}
	}
	return a, ok
}
