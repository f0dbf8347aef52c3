package tenant

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/jackc/pgx/v5"

	"frontdesk/ingest"
	"frontdesk/ingest/tenantdb"
)

// errDryRun ends a transaction whose effects are not wanted.
var errDryRun = errors.New("dry run")

// claimTenant returns the id that belongs to slug, making one up for a slug
// that is new.
func (s *Store) claimTenant(ctx context.Context, slug string) (ingest.TenantID, error) {
	t, err := s.TenantBySlug(ctx, slug)
	if errors.Is(err, ErrNotFound) {
		// Derived, so that two first applies of one business at the same time
		// mean the same tenant.
		return ingest.TenantID(ingest.DerivedID(ingest.PrefixTenant, time.Time{}, "slug", slug)), nil
	}
	return t.ID, err
}

// apply runs fn in a transaction of tenant that no other apply of it enters,
// and undoes it where dry is set.
func (s *Store) apply(ctx context.Context, tenant ingest.TenantID, dry bool, fn func(pgx.Tx) error) error {
	err := s.db.InTenant(ctx, tenant, func(tx pgx.Tx) error {
		if _, err := tx.Exec(ctx, `SELECT pg_advisory_xact_lock(hashtextextended('apply ' || $1, 0))`, tenant); err != nil {
			return fmt.Errorf("lock tenant: %w", err)
		}
		if err := fn(tx); err != nil {
			return err
		}
		if dry {
			return errDryRun
		}
		return nil
	})
	if errors.Is(err, errDryRun) {
		return nil
	}
	return err
}

// saveTenant inserts or updates the business itself.
func (s *Store) saveTenant(ctx context.Context, tx pgx.Tx, t Tenant) (change, error) {
	if t.Hours == nil {
		t.Hours = Hours{}
	}
	hours, err := json.Marshal(t.Hours)
	if err != nil {
		return unchanged, fmt.Errorf("save tenant: %w", err)
	}
	var inserted bool
	err = tx.QueryRow(ctx, `
		INSERT INTO tenants AS t (tenant_id, slug, name, timezone, phone, email, languages, plan, hours, closed, quiet_hours, daily_budget, no_show_after_minutes, waitlist_template)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14)
		ON CONFLICT (tenant_id) DO UPDATE SET name = excluded.name, timezone = excluded.timezone, phone = excluded.phone,
			email = excluded.email, languages = excluded.languages, plan = excluded.plan, hours = excluded.hours,
			closed = excluded.closed, quiet_hours = excluded.quiet_hours, daily_budget = excluded.daily_budget,
			no_show_after_minutes = excluded.no_show_after_minutes, waitlist_template = excluded.waitlist_template, updated_at = now()
			WHERE (t.name, t.timezone, t.phone, t.email, t.languages, t.plan, t.hours, t.closed, t.quiet_hours, t.daily_budget, t.no_show_after_minutes, t.waitlist_template)
				IS DISTINCT FROM (excluded.name, excluded.timezone, excluded.phone, excluded.email, excluded.languages, excluded.plan,
				excluded.hours, excluded.closed, excluded.quiet_hours, excluded.daily_budget, excluded.no_show_after_minutes, excluded.waitlist_template)
		RETURNING xmax = 0`,
		t.ID, t.Slug, t.Name, t.Timezone, t.Phone, t.Email, orEmpty(t.Languages), t.Plan, hours, orEmpty(t.Closed),
		t.QuietHours, t.DailyBudget, int(t.NoShowAfter/time.Minute), t.WaitlistTemplate).Scan(&inserted)
	switch {
	case errors.Is(err, pgx.ErrNoRows):
		return unchanged, nil
	case err != nil:
		return unchanged, fmt.Errorf("save tenant: %w", err)
	case inserted:
		return created, nil
	}
	return changed, nil
}

func orEmpty(s []string) []string {
	if s == nil {
		return []string{}
	}
	return s
}

// liveChannels returns the tenant's channels in use, by name.
func (s *Store) liveChannels(ctx context.Context, tx pgx.Tx, tenant ingest.TenantID) (map[string]storedChannel, error) {
	rows, err := tx.Query(ctx, `SELECT `+channelColumns+` FROM channels WHERE tenant_id = $1 AND removed_at IS NULL FOR UPDATE`, tenant)
	if err != nil {
		return nil, fmt.Errorf("read channels: %w", err)
	}
	list, err := pgx.CollectRows(rows, scanChannel)
	if err != nil {
		return nil, fmt.Errorf("read channels: %w", err)
	}
	out := map[string]storedChannel{}
	for _, c := range list {
		if err := s.openChannel(&c); err != nil {
			return nil, err
		}
		out[c.Name] = c
	}
	return out, nil
}

// saveChannel inserts or updates want, which has old's id if there is an old
// one. A number that another channel has is ErrAddressTaken.
func (s *Store) saveChannel(ctx context.Context, tx pgx.Tx, want, old storedChannel) (storedChannel, change, error) {
	if old.ID == "" {
		want.ID = ingest.ChannelID(ingest.NewID(ingest.PrefixChannel, s.now()))
	}
	c := changed
	switch {
	case old.ID == "":
		c = created
	case sameChannel(want, old):
		return want, unchanged, nil
	}
	if err := s.sealChannel(&want); err != nil {
		return want, c, err
	}
	// A savepoint, so that a number already taken can be told with all else.
	err := pgx.BeginFunc(ctx, tx, func(tx pgx.Tx) error {
		_, err := tx.Exec(ctx, `
			INSERT INTO channels (tenant_id, id, type, name, phone, account, ref, base_url, api_version, rate_per_second, mark_read, simulated, credentials)
			VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13)
			ON CONFLICT (tenant_id, id) DO UPDATE SET type = excluded.type, phone = excluded.phone, account = excluded.account,
				ref = excluded.ref, base_url = excluded.base_url, api_version = excluded.api_version,
				rate_per_second = excluded.rate_per_second, mark_read = excluded.mark_read, simulated = excluded.simulated, credentials = excluded.credentials, updated_at = now()`,
			want.Tenant, want.ID, want.Type, want.Name, want.Phone, want.Account, want.Ref, want.BaseURL, want.APIVersion,
			want.RatePerSecond, want.MarkRead, want.simulated, want.sealed)
		return err
	})
	if tenantdb.Violates(err, "channels_ref") {
		return want, c, ErrAddressTaken
	}
	if err != nil {
		return want, c, fmt.Errorf("save channel: %w", err)
	}
	return want, c, nil
}

func sameChannel(a, b storedChannel) bool {
	return a.Channel == b.Channel && a.simulated == b.simulated
}

// removeChannel takes a channel out of use; its row stays, as messages refer
// to it, with its credentials gone.
func (s *Store) removeChannel(ctx context.Context, tx pgx.Tx, c storedChannel) error {
	c.AccessToken, c.AppSecret, c.VerifyToken, c.AuthToken = "", "", "", ""
	if err := s.sealChannel(&c); err != nil {
		return err
	}
	_, err := tx.Exec(ctx, `UPDATE channels SET removed_at = now(), credentials = $3 WHERE tenant_id = $1 AND id = $2`, c.Tenant, c.ID, c.sealed)
	if err != nil {
		return fmt.Errorf("remove channel %s: %w", c.ID, err)
	}
	return nil
}

func (s *Store) pruneKeys(ctx context.Context, tx pgx.Tx, tenant ingest.TenantID, names []string) ([]string, error) {
	return s.prune(ctx, tx, `UPDATE api_keys SET revoked_at = now() WHERE tenant_id = $1 AND revoked_at IS NULL AND name <> ALL ($2) RETURNING name`, tenant, orEmpty(names))
}

func (s *Store) prune(ctx context.Context, tx pgx.Tx, sql string, args ...any) ([]string, error) {
	rows, err := tx.Query(ctx, sql, args...)
	if err != nil {
		return nil, fmt.Errorf("prune: %w", err)
	}
	names, err := pgx.CollectRows(rows, pgx.RowTo[string])
	if err != nil {
		return nil, fmt.Errorf("prune: %w", err)
	}
	slices.Sort(names)
	return names, nil
}

// saveKey makes spec's key, or changes the scopes of the one of its name. A
// key for another dialect or mode is a new one, and ends the old. secret is
// empty unless a key was made.
func (s *Store) saveKey(ctx context.Context, tx pgx.Tx, tenant ingest.TenantID, spec KeySpec) (secret string, c change, err error) {
	rows, err := tx.Query(ctx, `SELECT `+keyColumns+` FROM api_keys WHERE tenant_id = $1 AND name = $2 AND revoked_at IS NULL FOR UPDATE`, tenant, spec.Name)
	if err != nil {
		return "", unchanged, fmt.Errorf("read key: %w", err)
	}
	old, err := pgx.CollectExactlyOneRow(rows, scanKey)
	switch {
	case errors.Is(err, pgx.ErrNoRows):
		_, secret, err = s.insertKey(ctx, tx, tenant, spec)
		return secret, created, err
	case err != nil:
		return "", unchanged, fmt.Errorf("read key: %w", err)
	case old.Mode != spec.Mode || old.Dialect != spec.Dialect:
		if _, err := tx.Exec(ctx, `UPDATE api_keys SET revoked_at = now() WHERE tenant_id = $1 AND id = $2`, tenant, old.ID); err != nil {
			return "", unchanged, fmt.Errorf("replace key: %w", err)
		}
		_, secret, err = s.insertKey(ctx, tx, tenant, spec)
		return secret, changed, err
	case slices.Equal(old.Scopes, spec.Scopes):
		return "", unchanged, nil
	}
	if _, err := tx.Exec(ctx, `UPDATE api_keys SET scopes = $3 WHERE tenant_id = $1 AND id = $2`, tenant, old.ID, spec.Scopes); err != nil {
		return "", unchanged, fmt.Errorf("save key: %w", err)
	}
	return "", changed, nil
}
