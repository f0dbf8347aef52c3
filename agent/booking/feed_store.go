package booking

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"fmt"

	"github.com/jackc/pgx/v5"

	"frontdesk/ingest"
)

// RotateFeed makes the secret of a new link to the calendar of a staff member,
// or of all where staff is empty, and ends the link before. The secret is told
// this once: only its hash is kept. ErrNotFound is given for a staff member
// that the tenant does not have.
func (s *Store) RotateFeed(ctx context.Context, tenant ingest.TenantID, staff ingest.StaffID) (string, error) {
	raw := make([]byte, 24)
	_, _ = rand.Read(raw) // never fails: crypto/rand ends the program instead
	token := base64.RawURLEncoding.EncodeToString(raw)
	hash := sha256.Sum256([]byte(token))
	err := s.db.InTenant(ctx, tenant, func(tx pgx.Tx) error {
		tag, err := tx.Exec(ctx, `
			INSERT INTO calendar_feeds (tenant_id, staff_id, token_hash) SELECT $1, $2, $3
			WHERE $2 = '' OR EXISTS (SELECT FROM staff s WHERE s.tenant_id = $1 AND s.id = $2 AND s.removed_at IS NULL)
			ON CONFLICT (tenant_id, staff_id) DO UPDATE SET token_hash = excluded.token_hash, created_at = now()`, tenant, staff, hash[:])
		if err == nil && tag.RowsAffected() == 0 {
			err = ErrNotFound
		}
		return err
	})
	if err != nil {
		return "", fmt.Errorf("rotate a calendar link: %w", err)
	}
	return token, nil
}

// EndFeed ends the link to a calendar. One that is not there is no error.
func (s *Store) EndFeed(ctx context.Context, tenant ingest.TenantID, staff ingest.StaffID) error {
	err := s.db.InTenant(ctx, tenant, func(tx pgx.Tx) error {
		_, err := tx.Exec(ctx, `DELETE FROM calendar_feeds WHERE tenant_id = $1 AND staff_id = $2`, tenant, staff)
		return err
	})
	if err != nil {
		return fmt.Errorf("end a calendar link: %w", err)
	}
	return nil
}

// FeedOf returns whose calendar a link's secret opens: the tenant, and the
// staff member or "" for all. ErrNotFound is given for any other secret, and
// for that of somebody who was removed.
func (s *Store) FeedOf(ctx context.Context, token string) (tenant ingest.TenantID, staff ingest.StaffID, err error) {
	hash := sha256.Sum256([]byte(token))
	err = s.db.AcrossTenants(ctx, func(tx pgx.Tx) error {
		return tx.QueryRow(ctx, `SELECT tenant_id, staff_id FROM calendar_feeds WHERE token_hash = $1`, hash[:]).Scan(&tenant, &staff)
	})
	if errors.Is(err, pgx.ErrNoRows) {
		return "", "", ErrNotFound
	}
	if err != nil {
		return "", "", fmt.Errorf("look up a calendar link: %w", err)
	}
	if staff == "" {
		return tenant, "", nil
	}
	var there bool
	err = s.db.InTenant(ctx, tenant, func(tx pgx.Tx) error {
		return tx.QueryRow(ctx, `SELECT EXISTS (SELECT FROM staff WHERE tenant_id = $1 AND id = $2 AND removed_at IS NULL)`, tenant, staff).Scan(&there)
	})
	switch {
	case err != nil:
		return "", "", fmt.Errorf("look up a calendar link: %w", err)
	case !there:
		return "", "", ErrNotFound
	}
	return tenant, staff, nil
}
