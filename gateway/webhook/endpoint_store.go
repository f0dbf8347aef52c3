package webhook

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/jackc/pgx/v5"

	"frontdesk/agent/outbox"
	"frontdesk/ingest"
	"frontdesk/ingest/tenantdb"
)

// Store keeps endpoints and deliveries in Postgres. It is safe for concurrent
// use.
type Store struct {
	db    *tenantdb.DB
	vault sealer
	forms forms
	now   func() time.Time
}

// NewStore returns a store on db that seals secrets with vault. forms are those
// of the formats that are not sent in the standard form; nil is none.
func NewStore(db *tenantdb.DB, vault sealer, forms map[string]Form) *Store {
	return &Store{db: db, vault: vault, forms: forms, now: time.Now}
}

// columns is what scan reads.
const columns = `id, agent_id, url, description, events, format, channels, mode, rate, concurrency, timeout_ms, schedule, public_key, older_until,
	enabled, disabled_reason, disabled_at, failures, failing_since, created_at, updated_at`

// scan reads columns and, after them, more.
func scan(row pgx.CollectableRow, more ...any) (Endpoint, error) {
	var e Endpoint
	var timeout int
	var schedule []int
	var older, disabled, failing *time.Time
	err := row.Scan(append([]any{&e.ID, &e.Agent, &e.URL, &e.Description, &e.Events, &e.Format, &e.Channels, &e.Mode, &e.Rate, &e.Concurrency,
		&timeout, &schedule, &e.PublicKey, &older, &e.Enabled, &e.DisabledReason, &disabled, &e.Failures, &failing, &e.CreatedAt, &e.UpdatedAt}, more...)...)
	e.Timeout, e.Schedule = time.Duration(timeout)*time.Millisecond, pauses(schedule)
	e.OlderUntil, e.DisabledAt, e.FailingSince = tenantdb.Time(older), tenantdb.Time(disabled), tenantdb.Time(failing)
	return e, err
}

func pauses(seconds []int) []time.Duration {
	var out []time.Duration
	for _, s := range seconds {
		out = append(out, time.Duration(s)*time.Second)
	}
	return out
}

func seconds(pauses []time.Duration) []int {
	out := []int{}
	for _, p := range pauses {
		out = append(out, int(p/time.Second))
	}
	return out
}

func orEmpty[T any](list []T) []T {
	if list == nil {
		return []T{}
	}
	return list
}

// Endpoint returns an endpoint, or ErrNotFound.
func (s *Store) Endpoint(ctx context.Context, tenant ingest.TenantID, id string) (Endpoint, error) {
	var e Endpoint
	err := s.db.InTenant(ctx, tenant, func(tx pgx.Tx) (err error) {
		e, err = one(ctx, tx, tenant, id, "")
		return err
	})
	return e, err
}

func one(ctx context.Context, tx pgx.Tx, tenant ingest.TenantID, id, lock string) (Endpoint, error) {
	rows, err := tx.Query(ctx, `SELECT `+columns+` FROM webhook_endpoints WHERE tenant_id = $1 AND id = $2 `+lock, tenant, id)
	if err != nil {
		return Endpoint{}, fmt.Errorf("read webhook: %w", err)
	}
	e, err := pgx.CollectExactlyOneRow(rows, func(row pgx.CollectableRow) (Endpoint, error) { return scan(row) })
	if errors.Is(err, pgx.ErrNoRows) {
		return Endpoint{}, fmt.Errorf("webhook %s: %w", id, ErrNotFound)
	}
	return e, err
}

// Endpoints returns up to limit endpoints (at most 100; zero is 20), newest
// first, from the one after the cursor on, and the next page's cursor.
func (s *Store) Endpoints(ctx context.Context, tenant ingest.TenantID, limit int, after string) ([]Endpoint, string, error) {
	size := tenantdb.PageSize(limit)
	list, err := tenantdb.List(ctx, s.db, tenant, func(row pgx.CollectableRow) (Endpoint, error) { return scan(row) },
		`SELECT `+columns+` FROM webhook_endpoints WHERE tenant_id = $1 AND ($2 = '' OR id < $2) ORDER BY id DESC LIMIT $3`, tenant, after, size+1)
	if err != nil {
		return nil, "", fmt.Errorf("list webhooks: %w", err)
	}
	list, next := tenantdb.Page(list, size, func(e Endpoint) string { return e.ID })
	return list, next, nil
}

// Create keeps a new endpoint and returns the secret that signs what is sent to
// it, which is told this once. What is wrong with spec is an *InvalidError.
func (s *Store) Create(ctx context.Context, tenant ingest.TenantID, spec Spec) (Endpoint, string, error) {
	var e Endpoint
	var secret string
	err := s.db.InTenant(ctx, tenant, func(tx pgx.Tx) (err error) {
		e, secret, err = s.insertEndpoint(ctx, tx, tenant, spec)
		return err
	})
	return e, secret, err
}

func (s *Store) insertEndpoint(ctx context.Context, tx pgx.Tx, tenant ingest.TenantID, spec Spec) (Endpoint, string, error) {
	if err := spec.Check(); err != nil {
		return Endpoint{}, "", err
	}
	now := s.now().UTC()
	keys := secrets{pair: newPair(spec.Secret)}
	e := Endpoint{ID: ingest.NewID(ingest.PrefixWebhook, now), Spec: spec.normal(), PublicKey: keys.public(), Enabled: true, CreatedAt: now, UpdatedAt: now}
	e.Secret = ""
	sealed, err := seal(s.vault, tenant, e.ID, keys)
	if err != nil {
		return Endpoint{}, "", err
	}
	tag, err := tx.Exec(ctx, `
		INSERT INTO webhook_endpoints (tenant_id, id, agent_id, url, description, events, format, channels, mode, rate, concurrency, timeout_ms, schedule,
			secrets, public_key, created_at, updated_at)
		SELECT $1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $16
		WHERE (SELECT count(*) FROM webhook_endpoints WHERE tenant_id = $1) < $17`,
		tenant, e.ID, e.Agent, e.URL, e.Description, e.Events, e.Format, orEmpty(e.Channels), e.Mode, e.Rate, e.Concurrency, e.Timeout.Milliseconds(),
		seconds(e.Schedule), sealed, e.PublicKey, now, MaxEndpoints)
	switch {
	case tenantdb.Violates(err, "webhook_endpoints_url"):
		return Endpoint{}, "", ErrURLTaken
	case err != nil:
		return Endpoint{}, "", fmt.Errorf("create webhook: %w", err)
	case tag.RowsAffected() == 0:
		return Endpoint{}, "", ErrTooMany
	}
	return e, keys.HMAC, nil
}

// Saved says what [Store.Save] did.
type Saved int

// What Save did.
const (
	Unchanged Saved = iota
	Created
	Changed
)

// Save makes the endpoint of spec's URL and agent, or gives the one there is
// the events, the format and, if spec names one, the secret of spec. secret is
// empty unless it is new.
func (s *Store) Save(ctx context.Context, tenant ingest.TenantID, spec Spec) (e Endpoint, secret string, err error) {
	err = s.db.InTenant(ctx, tenant, func(tx pgx.Tx) error {
		e, secret, _, err = s.SaveIn(ctx, tx, tenant, spec)
		return err
	})
	return e, secret, err
}

// SaveIn is [Store.Save] within a transaction of the tenant.
func (s *Store) SaveIn(ctx context.Context, tx pgx.Tx, tenant ingest.TenantID, spec Spec) (e Endpoint, secret string, did Saved, err error) {
	if err := spec.Check(); err != nil {
		return Endpoint{}, "", Unchanged, err
	}
	var sealed []byte
	rows, err := tx.Query(ctx, `SELECT `+columns+`, secrets FROM webhook_endpoints WHERE tenant_id = $1 AND url = $2 AND agent_id = $3 FOR UPDATE`,
		tenant, spec.URL, spec.Agent)
	if err != nil {
		return Endpoint{}, "", Unchanged, fmt.Errorf("read webhook: %w", err)
	}
	e, err = pgx.CollectExactlyOneRow(rows, func(row pgx.CollectableRow) (Endpoint, error) { return scan(row, &sealed) })
	if errors.Is(err, pgx.ErrNoRows) {
		e, secret, err = s.insertEndpoint(ctx, tx, tenant, spec)
		return e, secret, Created, err
	}
	if err != nil {
		return Endpoint{}, "", Unchanged, fmt.Errorf("read webhook: %w", err)
	}
	keys, err := unseal(s.vault, tenant, e.ID, sealed)
	if err != nil {
		return Endpoint{}, "", Unchanged, err
	}
	want := spec.normal()
	same := slices.Equal(e.Events, want.Events) && e.Format == want.Format
	if spec.Secret != "" && spec.Secret != keys.HMAC {
		keys, same, secret = secrets{pair: pair{HMAC: spec.Secret, Ed25519: keys.Ed25519}}, false, spec.Secret
	}
	if same {
		return e, "", Unchanged, nil
	}
	e.Events, e.Format = want.Events, want.Format
	if sealed, err = seal(s.vault, tenant, e.ID, keys); err != nil {
		return Endpoint{}, "", Unchanged, err
	}
	_, err = tx.Exec(ctx, `UPDATE webhook_endpoints SET events = $3, format = $4, secrets = $5, older_until = $6, updated_at = now() WHERE tenant_id = $1 AND id = $2`,
		tenant, e.ID, e.Events, e.Format, sealed, tenantdb.OrNull(keys.OlderUntil))
	if err != nil {
		return Endpoint{}, "", Unchanged, fmt.Errorf("save webhook %s: %w", e.ID, err)
	}
	return e, secret, Changed, nil
}

// PruneIn removes the tenant's endpoints that are for all agents and whose URLs
// are not among urls, within a transaction of the tenant, and returns theirs.
func (s *Store) PruneIn(ctx context.Context, tx pgx.Tx, tenant ingest.TenantID, urls []string) ([]string, error) {
	rows, err := tx.Query(ctx, `DELETE FROM webhook_endpoints WHERE tenant_id = $1 AND agent_id = '' AND url <> ALL ($2) RETURNING url`, tenant, orEmpty(urls))
	if err != nil {
		return nil, fmt.Errorf("prune webhooks: %w", err)
	}
	gone, err := pgx.CollectRows(rows, pgx.RowTo[string])
	slices.Sort(gone)
	return gone, err
}

// Update changes an endpoint. Enabling one forgets its failures; disabling one
// gives up what waits for it.
func (s *Store) Update(ctx context.Context, tenant ingest.TenantID, id string, change Change) (Endpoint, error) {
	var e Endpoint
	err := s.db.InTenant(ctx, tenant, func(tx pgx.Tx) (err error) {
		if e, err = one(ctx, tx, tenant, id, "FOR UPDATE"); err != nil {
			return err
		}
		was := e.Enabled
		change.Apply(&e)
		if err := e.Spec.Check(); err != nil {
			return err
		}
		e.Spec = e.normal()
		if e.Enabled && !was {
			e.DisabledReason, e.DisabledAt, e.Failures, e.FailingSince = "", time.Time{}, 0, time.Time{}
		} else if !e.Enabled && was {
			e.DisabledReason, e.DisabledAt = ReasonManual, s.now().UTC()
		}
		e.UpdatedAt = s.now().UTC()
		_, err = tx.Exec(ctx, `
			UPDATE webhook_endpoints SET agent_id = $3, url = $4, description = $5, events = $6, format = $7, channels = $8, mode = $9, rate = $10,
				concurrency = $11, timeout_ms = $12, schedule = $13, enabled = $14, disabled_reason = $15, disabled_at = $16, failures = $17,
				failing_since = $18, open_until = CASE WHEN $19 THEN NULL ELSE open_until END, updated_at = $20
			WHERE tenant_id = $1 AND id = $2`,
			tenant, id, e.Agent, e.URL, e.Description, e.Events, e.Format, orEmpty(e.Channels), e.Mode, e.Rate, e.Concurrency, e.Timeout.Milliseconds(),
			seconds(e.Schedule), e.Enabled, e.DisabledReason, tenantdb.OrNull(e.DisabledAt), e.Failures, tenantdb.OrNull(e.FailingSince), e.Enabled && !was, e.UpdatedAt)
		if err == nil && was && !e.Enabled {
			err = giveUp(ctx, tx, tenant, id)
		}
		return err
	})
	if tenantdb.Violates(err, "webhook_endpoints_url") {
		return Endpoint{}, ErrURLTaken
	}
	return e, err
}

// Apply makes the change to e.
func (c Change) Apply(e *Endpoint) {
	set(&e.URL, c.URL)
	set(&e.Description, c.Description)
	set(&e.Format, c.Format)
	set(&e.Agent, c.Agent)
	set(&e.Events, c.Events)
	set(&e.Channels, c.Channels)
	set(&e.Mode, c.Mode)
	set(&e.Rate, c.Rate)
	set(&e.Concurrency, c.Concurrency)
	set(&e.Timeout, c.Timeout)
	set(&e.Schedule, c.Schedule)
	set(&e.Enabled, c.Enabled)
}

func set[T any](to, from *T) {
	if from != nil {
		*to = *from
	}
}

// Delete removes an endpoint with its deliveries, or reports ErrNotFound.
func (s *Store) Delete(ctx context.Context, tenant ingest.TenantID, id string) error {
	return s.db.InTenant(ctx, tenant, func(tx pgx.Tx) error {
		tag, err := tx.Exec(ctx, `DELETE FROM webhook_endpoints WHERE tenant_id = $1 AND id = $2`, tenant, id)
		if err != nil {
			return fmt.Errorf("delete webhook %s: %w", id, err)
		}
		if tag.RowsAffected() == 0 {
			return fmt.Errorf("webhook %s: %w", id, ErrNotFound)
		}
		return nil
	})
}

// Rotate gives an endpoint new keys and returns the new secret, which is told
// this once. secret is the developer's own, or empty to have one made. The keys
// before sign beside them for overlap more, so that receivers can change over;
// those before that end at once.
func (s *Store) Rotate(ctx context.Context, tenant ingest.TenantID, id, secret string, overlap time.Duration) (Endpoint, string, error) {
	var e Endpoint
	var fresh pair
	err := s.db.InTenant(ctx, tenant, func(tx pgx.Tx) (err error) {
		if e, err = one(ctx, tx, tenant, id, "FOR UPDATE"); err != nil {
			return err
		}
		if err := checkSecret(e.Format, secret); err != nil {
			return err
		}
		var sealed []byte
		if err := tx.QueryRow(ctx, `SELECT secrets FROM webhook_endpoints WHERE tenant_id = $1 AND id = $2`, tenant, id).Scan(&sealed); err != nil {
			return fmt.Errorf("read secrets of webhook %s: %w", id, err)
		}
		keys, err := unseal(s.vault, tenant, id, sealed)
		if err != nil {
			return err
		}
		now := s.now().UTC()
		fresh = newPair(secret)
		keys = keys.rotate(fresh, now.Add(overlap), now)
		e.PublicKey, e.OlderUntil, e.UpdatedAt = keys.public(), keys.OlderUntil, now
		if sealed, err = seal(s.vault, tenant, id, keys); err != nil {
			return err
		}
		_, err = tx.Exec(ctx, `UPDATE webhook_endpoints SET secrets = $3, public_key = $4, older_until = $5, updated_at = $6 WHERE tenant_id = $1 AND id = $2`,
			tenant, id, sealed, e.PublicKey, tenantdb.OrNull(e.OlderUntil), now)
		return err
	})
	return e, fresh.HMAC, err
}

// disable ends an endpoint that is gone or has failed for too long, gives up
// what waits for it, and tells of it. Doing it twice tells once.
func (s *Store) disable(ctx context.Context, tenant ingest.TenantID, id, reason string) (bool, error) {
	done := false
	err := s.db.AcrossTenants(ctx, func(tx pgx.Tx) error {
		var url string
		var since *time.Time
		var at time.Time
		err := tx.QueryRow(ctx, `
			UPDATE webhook_endpoints SET enabled = false, disabled_reason = $3, disabled_at = now(), updated_at = now()
			WHERE tenant_id = $1 AND id = $2 AND enabled RETURNING url, failing_since, disabled_at`, tenant, id, reason).Scan(&url, &since, &at)
		if done = err == nil; errors.Is(err, pgx.ErrNoRows) {
			return nil
		}
		if err != nil {
			return err
		}
		if err := giveUp(ctx, tx, tenant, id); err != nil {
			return err
		}
		told := Disabled{Tenant: tenant, Webhook: id, URL: url, Reason: reason}
		if since != nil {
			told.FailingSince = since.UTC().Format(time.RFC3339)
		}
		event, err := ingest.NewEvent(EventDisabled, tenant, string(tenant)+"|"+id, at, fmt.Sprintf("%s:%d", id, at.UnixNano()), told)
		if err != nil {
			return err
		}
		return outbox.Add(ctx, tx, ingest.TopicEvents, event)
	})
	if err != nil {
		return false, fmt.Errorf("disable webhook %s: %w", id, err)
	}
	return done, nil
}

// giveUp fails what waits for an endpoint.
func giveUp(ctx context.Context, tx pgx.Tx, tenant ingest.TenantID, id string) error {
	_, err := tx.Exec(ctx, `
		UPDATE webhook_deliveries SET status = 'failed', error = 'the endpoint was disabled', settled_at = now(), leased_until = NULL, attempt = attempt + 1
		WHERE tenant_id = $1 AND endpoint_id = $2 AND status = 'pending'`, tenant, id)
	if err != nil {
		return fmt.Errorf("give up deliveries of webhook %s: %w", id, err)
	}
	return nil
}
