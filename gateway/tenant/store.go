package tenant

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"frontdesk/gateway/webhook"
	"frontdesk/ingest"
	"frontdesk/ingest/tenantdb"
)

// Store keeps tenants, channels and keys in Postgres.
type Store struct {
	db       *tenantdb.DB
	vault    *Vault
	webhooks *webhook.Store
	now      func() time.Time
}

// NewStore returns a store on db that seals with vault.
func NewStore(db *tenantdb.DB, vault *Vault) *Store {
	return &Store{db: db, vault: vault, webhooks: webhook.NewStore(db, vault, nil), now: time.Now}
}

// Tenant returns a business, or ErrNotFound.
func (s *Store) Tenant(ctx context.Context, tenant ingest.TenantID) (Tenant, error) {
	var t Tenant
	err := s.db.InTenant(ctx, tenant, func(tx pgx.Tx) (err error) {
		t, err = oneTenant(ctx, tx, `WHERE tenant_id = $1`, tenant)
		return err
	})
	return t, err
}

// TenantBySlug returns the business of a slug, or ErrNotFound.
func (s *Store) TenantBySlug(ctx context.Context, slug string) (Tenant, error) {
	var t Tenant
	err := s.db.AcrossTenants(ctx, func(tx pgx.Tx) (err error) {
		t, err = oneTenant(ctx, tx, `WHERE slug = $1`, slug)
		return err
	})
	return t, err
}

const tenantColumns = `tenant_id, slug, name, timezone, phone, email, languages, plan, hours, closed, quiet_hours, daily_budget, created_at, updated_at`

func oneTenant(ctx context.Context, tx pgx.Tx, where string, arg any) (Tenant, error) {
	rows, err := tx.Query(ctx, `SELECT `+tenantColumns+` FROM tenants `+where, arg)
	if err != nil {
		return Tenant{}, fmt.Errorf("read tenant: %w", err)
	}
	t, err := pgx.CollectExactlyOneRow(rows, scanTenant)
	if errors.Is(err, pgx.ErrNoRows) {
		return Tenant{}, fmt.Errorf("tenant: %w", ErrNotFound)
	}
	return t, err
}

func scanTenant(row pgx.CollectableRow) (Tenant, error) {
	var t Tenant
	var hours []byte
	err := row.Scan(&t.ID, &t.Slug, &t.Name, &t.Timezone, &t.Phone, &t.Email, &t.Languages, &t.Plan, &hours, &t.Closed,
		&t.QuietHours, &t.DailyBudget, &t.CreatedAt, &t.UpdatedAt)
	if err != nil {
		return Tenant{}, err
	}
	return t, json.Unmarshal(hours, &t.Hours)
}

// Keys returns the tenant's keys, revoked ones too, oldest first.
func (s *Store) Keys(ctx context.Context, tenant ingest.TenantID) ([]Key, error) {
	var keys []Key
	err := s.db.InTenant(ctx, tenant, func(tx pgx.Tx) error {
		rows, err := tx.Query(ctx, `SELECT `+keyColumns+` FROM api_keys WHERE tenant_id = $1 ORDER BY id`, tenant)
		if err != nil {
			return fmt.Errorf("list keys: %w", err)
		}
		keys, err = pgx.CollectRows(rows, scanKey)
		return err
	})
	return keys, err
}

// CreateKey makes a key and returns its secret, which is told this once.
func (s *Store) CreateKey(ctx context.Context, tenant ingest.TenantID, spec KeySpec) (Key, string, error) {
	var key Key
	var secret string
	err := s.db.InTenant(ctx, tenant, func(tx pgx.Tx) (err error) {
		key, secret, err = s.insertKey(ctx, tx, tenant, spec)
		return err
	})
	return key, secret, err
}

// RevokeKey ends a key at once here and within a second on every replica. It
// is ErrNotFound for a key that the tenant does not have; a revoked key stays
// revoked.
func (s *Store) RevokeKey(ctx context.Context, tenant ingest.TenantID, id string) error {
	return s.db.InTenant(ctx, tenant, func(tx pgx.Tx) error {
		tag, err := tx.Exec(ctx, `UPDATE api_keys SET revoked_at = COALESCE(revoked_at, now()) WHERE tenant_id = $1 AND id = $2`, tenant, id)
		if err != nil {
			return fmt.Errorf("revoke key %s: %w", id, err)
		}
		if tag.RowsAffected() == 0 {
			return fmt.Errorf("key %s: %w", id, ErrNotFound)
		}
		return nil
	})
}

const keyColumns = `tenant_id, id, name, lookup, hash, pepper, scopes, mode, dialect, created_at, expires_at, revoked_at, last_used_at`

func scanKey(row pgx.CollectableRow) (Key, error) {
	var k Key
	var expires, revoked, used *time.Time
	err := row.Scan(&k.Tenant, &k.ID, &k.Name, &k.Lookup, &k.hash, &k.pepper, &k.Scopes, &k.Mode, &k.Dialect,
		&k.CreatedAt, &expires, &revoked, &used)
	k.ExpiresAt, k.RevokedAt, k.LastUsedAt = orZero(expires), orZero(revoked), orZero(used)
	return k, err
}

func orZero(t *time.Time) time.Time {
	if t == nil {
		return time.Time{}
	}
	return *t
}

func (s *Store) insertKey(ctx context.Context, tx pgx.Tx, tenant ingest.TenantID, spec KeySpec) (Key, string, error) {
	now := s.now().UTC()
	k := Key{
		ID: ingest.NewID(ingest.PrefixKey, now), Tenant: tenant, Name: spec.Name,
		Scopes: spec.Scopes, Mode: spec.Mode, Dialect: spec.Dialect, CreatedAt: now,
	}
	secret, lookup := newSecret(spec.Dialect, spec.Mode)
	k.Lookup = lookup
	k.hash, k.pepper = s.vault.hash(secret)
	_, err := tx.Exec(ctx, `
		INSERT INTO api_keys (tenant_id, id, name, lookup, hash, pepper, scopes, mode, dialect, created_at)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)`,
		tenant, k.ID, k.Name, k.Lookup, k.hash, k.pepper, k.Scopes, k.Mode, k.Dialect, now)
	if err != nil {
		return Key{}, "", fmt.Errorf("create key %q: %w", spec.Name, err)
	}
	return k, secret, nil
}

// touchKeys stamps keys as last used. It never turns a stamp back.
func (s *Store) touchKeys(ctx context.Context, used map[keyRef]time.Time) error {
	return s.db.AcrossTenants(ctx, func(tx pgx.Tx) error {
		batch := &pgx.Batch{}
		for ref, at := range used {
			batch.Queue(`UPDATE api_keys SET last_used_at = GREATEST(last_used_at, $3) WHERE tenant_id = $1 AND id = $2`, ref.tenant, ref.id, at)
		}
		if err := tx.SendBatch(ctx, batch).Close(); err != nil {
			return fmt.Errorf("stamp keys as used: %w", err)
		}
		return nil
	})
}

type keyRef struct {
	tenant ingest.TenantID
	id     string
}
