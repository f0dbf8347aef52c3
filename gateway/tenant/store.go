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

// UpdateBusiness changes the business, which must be a change that
// [BusinessChange.Check] finds nothing wrong with.
func (s *Store) UpdateBusiness(ctx context.Context, tenant ingest.TenantID, c BusinessChange) (Tenant, error) {
	var t Tenant
	err := s.db.InTenant(ctx, tenant, func(tx pgx.Tx) (err error) {
		if t, err = oneTenant(ctx, tx, `WHERE tenant_id = $1 FOR UPDATE`, tenant); err != nil {
			return err
		}
		c.apply(&t)
		if _, err = s.saveTenant(ctx, tx, t); err != nil {
			return err
		}
		t, err = oneTenant(ctx, tx, `WHERE tenant_id = $1`, tenant)
		return err
	})
	return t, err
}

const tenantColumns = `tenant_id, slug, name, timezone, phone, email, languages, plan, hours, closed, quiet_hours, daily_budget, no_show_after_minutes, waitlist_template, created_at, updated_at`

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
	var noShow int
	err := row.Scan(&t.ID, &t.Slug, &t.Name, &t.Timezone, &t.Phone, &t.Email, &t.Languages, &t.Plan, &hours, &t.Closed,
		&t.QuietHours, &t.DailyBudget, &noShow, &t.WaitlistTemplate, &t.CreatedAt, &t.UpdatedAt)
	if err != nil {
		return Tenant{}, err
	}
	t.NoShowAfter = time.Duration(noShow) * time.Minute
	return t, json.Unmarshal(hours, &t.Hours)
}
