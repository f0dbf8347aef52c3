package tenant

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"frontdesk/ingest"
	"frontdesk/ingest/tenantdb"
)

const keyColumns = `tenant_id, id, name, lookup, hash, pepper, older_lookup, older_hash, older_pepper, older_until,
	scopes, mode, dialect, plan, root, created_at, expires_at, revoked_at, last_used_at`

func scanKey(row pgx.CollectableRow) (Key, error) {
	var k Key
	var olderLookup, olderPepper *string
	var older, expires, revoked, used *time.Time
	err := row.Scan(&k.Tenant, &k.ID, &k.Name, &k.Lookup, &k.hash, &k.pepper, &olderLookup, &k.older.hash, &olderPepper, &older,
		&k.Scopes, &k.Mode, &k.Dialect, &k.Plan, &k.root, &k.CreatedAt, &expires, &revoked, &used)
	if olderLookup != nil && olderPepper != nil {
		k.older.lookup, k.older.pepper = *olderLookup, *olderPepper
	}
	k.OlderUntil, k.ExpiresAt, k.RevokedAt, k.LastUsedAt = tenantdb.Time(older), tenantdb.Time(expires), tenantdb.Time(revoked), tenantdb.Time(used)
	return k, err
}

// Keys returns the tenant's keys, revoked ones too, newest first: limit of
// them from the one after the cursor on, and the next page's cursor.
func (s *Store) Keys(ctx context.Context, tenant ingest.TenantID, limit int, after string) ([]Key, string, error) {
	size := tenantdb.PageSize(limit)
	keys, err := tenantdb.List(ctx, s.db, tenant, scanKey, `SELECT `+keyColumns+` FROM api_keys
		WHERE tenant_id = $1 AND ($2 = '' OR id < $2) ORDER BY id DESC LIMIT $3`, tenant, after, size+1)
	if err != nil {
		return nil, "", fmt.Errorf("list keys: %w", err)
	}
	keys, next := tenantdb.Page(keys, size, func(k Key) string { return k.ID })
	return keys, next, nil
}

// Key returns a key of the tenant, or ErrNotFound.
func (s *Store) Key(ctx context.Context, tenant ingest.TenantID, id string) (Key, error) {
	var k Key
	err := s.db.InTenant(ctx, tenant, func(tx pgx.Tx) (err error) {
		k, err = oneKey(ctx, tx, tenant, id, "")
		return err
	})
	return k, err
}

func oneKey(ctx context.Context, tx pgx.Tx, tenant ingest.TenantID, id, lock string) (Key, error) {
	rows, err := tx.Query(ctx, `SELECT `+keyColumns+` FROM api_keys WHERE tenant_id = $1 AND id = $2 `+lock, tenant, id)
	if err != nil {
		return Key{}, fmt.Errorf("read key %s: %w", id, err)
	}
	k, err := pgx.CollectExactlyOneRow(rows, scanKey)
	if errors.Is(err, pgx.ErrNoRows) {
		return Key{}, fmt.Errorf("key %s: %w", id, ErrNotFound)
	}
	return k, err
}

// CreateKey makes a key and returns its secret, which is told this once. A name
// that another key in use has is ErrKeyExists, one key too many ErrTooManyKeys.
func (s *Store) CreateKey(ctx context.Context, tenant ingest.TenantID, spec KeySpec) (Key, string, error) {
	var key Key
	var secret string
	err := s.db.InTenant(ctx, tenant, func(tx pgx.Tx) (err error) {
		var live int
		if err := tx.QueryRow(ctx, `SELECT count(*) FROM api_keys WHERE tenant_id = $1 AND revoked_at IS NULL`, tenant).Scan(&live); err != nil {
			return fmt.Errorf("count keys: %w", err)
		}
		if live >= MaxKeys {
			return ErrTooManyKeys
		}
		key, secret, err = s.insertKey(ctx, tx, tenant, spec)
		return err
	})
	return key, secret, err
}

func (s *Store) insertKey(ctx context.Context, tx pgx.Tx, tenant ingest.TenantID, spec KeySpec) (Key, string, error) {
	now := s.now().UTC()
	k := Key{
		ID: ingest.NewID(ingest.PrefixKey, now), Tenant: tenant, Name: spec.Name, Scopes: spec.Scopes, Mode: spec.Mode,
		Dialect: spec.Dialect, Plan: spec.Plan, ExpiresAt: spec.ExpiresAt, CreatedAt: now, root: spec.Root,
	}
	secret := s.renew(&k)
	_, err := tx.Exec(ctx, `
		INSERT INTO api_keys (tenant_id, id, name, lookup, hash, pepper, scopes, mode, dialect, plan, root, created_at, expires_at)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13)`,
		tenant, k.ID, k.Name, k.Lookup, k.hash, k.pepper, k.Scopes, k.Mode, k.Dialect, k.Plan, k.root, now, tenantdb.OrNull(k.ExpiresAt))
	if err != nil {
		return Key{}, "", fmt.Errorf("create key: %w", sayExists(err))
	}
	return k, secret, nil
}

// renew gives k a new secret and returns it.
func (s *Store) renew(k *Key) string {
	secret, lookup := newSecret(k.Dialect, k.Mode)
	k.Lookup = lookup
	k.hash, k.pepper = s.vault.hash(secret)
	return secret
}

func sayExists(err error) error {
	if tenantdb.Violates(err, "api_keys_name") {
		return ErrKeyExists
	}
	return err
}

// UpdateKey changes a key in use. may is asked with the key as it stands and as
// it would be; its error undoes the change. A revoked key is ErrKeyRevoked.
func (s *Store) UpdateKey(ctx context.Context, tenant ingest.TenantID, id string, c KeyChange, may func(before, after Key) error) (Key, error) {
	return s.alterKey(ctx, tenant, id, func(tx pgx.Tx, k *Key) error {
		before := *k
		c.apply(k)
		if err := may(before, *k); err != nil {
			return err
		}
		_, err := tx.Exec(ctx, `UPDATE api_keys SET name = $3, scopes = $4, expires_at = $5 WHERE tenant_id = $1 AND id = $2`,
			tenant, id, k.Name, k.Scopes, tenantdb.OrNull(k.ExpiresAt))
		return sayExists(err)
	})
}

// RotateKey gives a key in use a new secret and returns it, told this once. The
// present secret is good until overlap is over; one that was before it ends
// now. may is asked as by [Store.UpdateKey].
func (s *Store) RotateKey(ctx context.Context, tenant ingest.TenantID, id string, overlap time.Duration, may func(Key) error) (Key, string, error) {
	var secret string
	k, err := s.alterKey(ctx, tenant, id, func(tx pgx.Tx, k *Key) error {
		if err := may(*k); err != nil {
			return err
		}
		old := olderSecret{lookup: k.Lookup, hash: k.hash, pepper: k.pepper}
		secret = s.renew(k)
		if overlap <= 0 {
			k.older, k.OlderUntil = olderSecret{}, time.Time{}
			_, err := tx.Exec(ctx, `UPDATE api_keys SET lookup = $3, hash = $4, pepper = $5,
				older_lookup = NULL, older_hash = NULL, older_pepper = NULL, older_until = NULL WHERE tenant_id = $1 AND id = $2`,
				tenant, id, k.Lookup, k.hash, k.pepper)
			return err
		}
		k.older, k.OlderUntil = old, s.now().UTC().Add(overlap).Truncate(time.Microsecond)
		_, err := tx.Exec(ctx, `UPDATE api_keys SET lookup = $3, hash = $4, pepper = $5,
			older_lookup = $6, older_hash = $7, older_pepper = $8, older_until = $9 WHERE tenant_id = $1 AND id = $2`,
			tenant, id, k.Lookup, k.hash, k.pepper, old.lookup, old.hash, old.pepper, k.OlderUntil)
		return err
	})
	return k, secret, err
}

// RevokeKey ends a key, with both of its secrets: at once here and within a
// second on every replica. A revoked key stays revoked. may is asked as by
// [Store.UpdateKey].
func (s *Store) RevokeKey(ctx context.Context, tenant ingest.TenantID, id string, may func(Key) error) error {
	_, err := s.alterKey(ctx, tenant, id, func(tx pgx.Tx, k *Key) error {
		if err := may(*k); err != nil {
			return err
		}
		_, err := tx.Exec(ctx, `UPDATE api_keys SET revoked_at = now() WHERE tenant_id = $1 AND id = $2`, tenant, id)
		return err
	})
	if errors.Is(err, ErrKeyRevoked) {
		return nil
	}
	return err
}

// alterKey runs do on a key that is locked and in use.
func (s *Store) alterKey(ctx context.Context, tenant ingest.TenantID, id string, do func(pgx.Tx, *Key) error) (Key, error) {
	var k Key
	err := s.db.InTenant(ctx, tenant, func(tx pgx.Tx) (err error) {
		if k, err = oneKey(ctx, tx, tenant, id, "FOR UPDATE"); err != nil {
			return err
		}
		if !k.RevokedAt.IsZero() {
			return ErrKeyRevoked
		}
		if err := do(tx, &k); err != nil {
			return fmt.Errorf("change key %s: %w", id, err)
		}
		return nil
	})
	return k, err
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
