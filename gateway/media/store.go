package media

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"frontdesk/ingest"
	"frontdesk/ingest/tenantdb"
)

// Store keeps files. It is safe for concurrent use.
type Store struct {
	db    *tenantdb.DB
	quota int64 // of a tenant, in bytes
}

// NewStore returns a store on db.
func NewStore(db *tenantdb.DB) *Store { return &Store{db, MostBytes} }

const columns = `id, coalesce(message_id, ''), position, kind, mime_type, filename, bytes, sha256, test, created_at`

func scan(row pgx.CollectableRow) (File, error) {
	var f File
	err := row.Scan(&f.ID, &f.Message, &f.Position, &f.Kind, &f.MIME, &f.Filename, &f.Bytes, &f.SHA256, &f.Test, &f.CreatedAt)
	return f, err
}

// Put keeps a file. One that a message has at that position already stays, and
// is returned. It is ErrQuota where the tenant has no room for it.
func (s *Store) Put(ctx context.Context, tenant ingest.TenantID, f File, body []byte) (File, error) {
	err := s.db.InTenant(ctx, tenant, func(tx pgx.Tx) error {
		var used int64
		err := tx.QueryRow(ctx, `SELECT coalesce(sum(greatest(bytes, $2)), 0)::bigint FROM media WHERE tenant_id = $1`, tenant, leastBytes).Scan(&used)
		if err != nil {
			return err
		}
		if used+int64(max(len(body), leastBytes)) > s.quota {
			return ErrQuota
		}
		rows, err := tx.Query(ctx, `
			INSERT INTO media AS m (tenant_id, id, message_id, position, kind, mime_type, filename, bytes, sha256, test)
			VALUES ($1, $2, NULLIF($3, ''), $4, $5, $6, $7, $8, $9, $10)
			ON CONFLICT ON CONSTRAINT media_once DO UPDATE SET position = m.position
			RETURNING `+columns,
			tenant, ingest.NewID(Prefix, time.Now()), f.Message, f.Position, f.Kind, f.MIME, f.Filename, len(body), f.SHA256, f.Test)
		if err != nil {
			return err
		}
		if f, err = pgx.CollectExactlyOneRow(rows, scan); err != nil {
			return err
		}
		_, err = tx.Exec(ctx, `INSERT INTO media_files (tenant_id, media_id, body) VALUES ($1, $2, $3) ON CONFLICT DO NOTHING`, tenant, f.ID, body)
		return err
	})
	if err != nil {
		return File{}, fmt.Errorf("keep a file: %w", err)
	}
	return f, nil
}

// File returns what is known of a file, or ErrNotFound.
func (s *Store) File(ctx context.Context, tenant ingest.TenantID, id string) (File, error) {
	return s.one(ctx, tenant, `SELECT `+columns+` FROM media WHERE tenant_id = $1 AND id = $2`, id)
}

// OfMessage returns a file of a message, or ErrNotFound where it is not kept.
func (s *Store) OfMessage(ctx context.Context, tenant ingest.TenantID, m ingest.MessageID, position int) (File, error) {
	return s.one(ctx, tenant, `SELECT `+columns+` FROM media WHERE tenant_id = $1 AND message_id = $2 AND position = $3`, m, position)
}

// Delete removes a file, or reports ErrNotFound.
func (s *Store) Delete(ctx context.Context, tenant ingest.TenantID, id string) error {
	_, err := s.one(ctx, tenant, `DELETE FROM media WHERE tenant_id = $1 AND id = $2 RETURNING `+columns, id)
	return err
}

func (s *Store) one(ctx context.Context, tenant ingest.TenantID, sql string, args ...any) (File, error) {
	f, err := tenantdb.One(ctx, s.db, tenant, scan, sql, append([]any{tenant}, args...)...)
	return f, missing(err)
}

// Body returns the bytes of a file, or ErrNotFound.
func (s *Store) Body(ctx context.Context, tenant ingest.TenantID, id string) ([]byte, error) {
	var body []byte
	err := s.db.InTenant(ctx, tenant, func(tx pgx.Tx) error {
		return tx.QueryRow(ctx, `SELECT body FROM media_files WHERE tenant_id = $1 AND media_id = $2`, tenant, id).Scan(&body)
	})
	return body, missing(err)
}

func missing(err error) error {
	switch {
	case err == nil:
		return nil
	case errors.Is(err, pgx.ErrNoRows):
		return ErrNotFound
	}
	return fmt.Errorf("file: %w", err)
}

// Files returns a page of files, newest first, and the cursor of the next page,
// empty on the last.
func (s *Store) Files(ctx context.Context, tenant ingest.TenantID, limit int, after string) ([]File, string, error) {
	size := tenantdb.PageSize(limit)
	list, err := tenantdb.List(ctx, s.db, tenant, scan,
		`SELECT `+columns+` FROM media WHERE tenant_id = $1 AND ($2 = '' OR id < $2) ORDER BY id DESC LIMIT $3`, tenant, after, size+1)
	if err != nil {
		return nil, "", fmt.Errorf("list files: %w", err)
	}
	list, next := tenantdb.Page(list, size, func(f File) string { return f.ID })
	return list, next, nil
}
