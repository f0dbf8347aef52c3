package tenant

import (
	"context"
	"encoding/json"
	"fmt"

	"github.com/jackc/pgx/v5"

	"frontdesk/gateway/provider"
	"frontdesk/ingest"
)

// credentials is the sealed part of a channel.
type credentials struct {
	AccessToken string `json:"access_token,omitempty"`
	AppSecret   string `json:"app_secret,omitempty"`
	VerifyToken string `json:"verify_token,omitempty"`
	AuthToken   string `json:"auth_token,omitempty"`
}

// version returns the directory's version: it is another one after every
// change to tenants, channels or keys.
func (s *Store) version(ctx context.Context) (int64, error) {
	var v int64
	err := s.db.AcrossTenants(ctx, func(tx pgx.Tx) error {
		return tx.QueryRow(ctx, `SELECT version FROM directory_version`).Scan(&v)
	})
	if err != nil {
		return 0, fmt.Errorf("read directory version: %w", err)
	}
	return v, nil
}

// snapshot reads all of the directory. The version is read first: what is
// changed meanwhile may be in the snapshot early, never missing from the next.
func (s *Store) snapshot(ctx context.Context) (*snapshot, error) {
	var tenants []Tenant
	var channels []storedChannel
	var keys []Key
	var version int64
	err := s.db.AcrossTenants(ctx, func(tx pgx.Tx) error {
		if err := tx.QueryRow(ctx, `SELECT version FROM directory_version`).Scan(&version); err != nil {
			return err
		}
		rows, err := tx.Query(ctx, `SELECT `+tenantColumns+` FROM tenants`)
		if err != nil {
			return err
		}
		if tenants, err = pgx.CollectRows(rows, scanTenant); err != nil {
			return err
		}
		if rows, err = tx.Query(ctx, `SELECT `+channelColumns+` FROM channels WHERE removed_at IS NULL ORDER BY tenant_id, id`); err != nil {
			return err
		}
		if channels, err = pgx.CollectRows(rows, scanChannel); err != nil {
			return err
		}
		if rows, err = tx.Query(ctx, `SELECT `+keyColumns+` FROM api_keys WHERE revoked_at IS NULL`); err != nil {
			return err
		}
		keys, err = pgx.CollectRows(rows, scanKey)
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("read directory: %w", err)
	}
	return s.assemble(version, tenants, channels, keys)
}

func (s *Store) assemble(version int64, tenants []Tenant, channels []storedChannel, keys []Key) (*snapshot, error) {
	snap := newSnapshot(version)
	for _, t := range tenants {
		snap.tenants[t.ID], snap.bySlug[t.Slug] = t, t
	}
	for _, c := range channels {
		if err := s.openChannel(&c); err != nil {
			return nil, err
		}
		snap.addChannel(c)
	}
	for _, k := range keys {
		snap.addKey(k)
	}
	return snap, nil
}

// storedChannel is a channel's row.
type storedChannel struct {
	provider.Channel
	simulated bool
	sealed    []byte
}

const channelColumns = `tenant_id, id, type, name, phone, account, ref, base_url, api_version, rate_per_second, mark_read, simulated, credentials`

func scanChannel(row pgx.CollectableRow) (storedChannel, error) {
	var c storedChannel
	err := row.Scan(&c.Tenant, &c.ID, &c.Type, &c.Name, &c.Phone, &c.Account, &c.Ref, &c.BaseURL, &c.APIVersion,
		&c.RatePerSecond, &c.MarkRead, &c.simulated, &c.sealed)
	return c, err
}

func channelScope(tenant ingest.TenantID, id ingest.ChannelID) string {
	return string(tenant) + "|" + string(id)
}

// openChannel unseals c's credentials.
func (s *Store) openChannel(c *storedChannel) error {
	plain, err := s.vault.Open(channelScope(c.Tenant, c.ID), c.sealed)
	if err != nil {
		return fmt.Errorf("channel %s: %w", c.ID, err)
	}
	var cred credentials
	if err := json.Unmarshal(plain, &cred); err != nil {
		return fmt.Errorf("channel %s: read credentials: %w", c.ID, err)
	}
	c.AccessToken, c.AppSecret = provider.Secret(cred.AccessToken), provider.Secret(cred.AppSecret)
	c.VerifyToken, c.AuthToken = provider.Secret(cred.VerifyToken), provider.Secret(cred.AuthToken)
	return nil
}

// sealChannel seals c's credentials.
func (s *Store) sealChannel(c *storedChannel) error {
	plain, err := json.Marshal(credentials{
		AccessToken: string(c.AccessToken), AppSecret: string(c.AppSecret),
		VerifyToken: string(c.VerifyToken), AuthToken: string(c.AuthToken),
	})
	if err != nil {
		return fmt.Errorf("channel %s: seal: %w", c.ID, err)
	}
	c.sealed = s.vault.Seal(channelScope(c.Tenant, c.ID), plain)
	return nil
}
