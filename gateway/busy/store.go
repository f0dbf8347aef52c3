package busy

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"frontdesk/ingest"
	"frontdesk/ingest/tenantdb"
)

// sealer keeps secrets unreadable at rest; *tenant.Vault is one.
type sealer interface {
	Seal(scope string, plain []byte) []byte
	Open(scope string, sealed []byte) ([]byte, error)
}

// Store keeps sources. It is safe for concurrent use.
type Store struct {
	db    *tenantdb.DB
	vault sealer
}

// NewStore returns a store on db that seals addresses with vault.
func NewStore(db *tenantdb.DB, vault sealer) *Store { return &Store{db, vault} }

func scope(tenant ingest.TenantID, staff ingest.StaffID) string {
	return "busy|" + string(tenant) + "|" + string(staff)
}

const sourceColumns = `staff_id, origin, due_at, checked_at, fetched_at, spans, failures, error, created_at`

func scanSource(row pgx.CollectableRow) (Source, error) {
	var s Source
	var checked, fetched *time.Time
	err := row.Scan(&s.Staff, &s.Host, &s.NextAt, &checked, &fetched, &s.Spans, &s.Failures, &s.Error, &s.CreatedAt)
	s.NextAt, s.CreatedAt, s.CheckedAt, s.FetchedAt = s.NextAt.UTC(), s.CreatedAt.UTC(), tenantdb.Time(checked), tenantdb.Time(fetched)
	return s, err
}

// one runs a statement that returns a source, or ErrNotFound.
func (s *Store) one(ctx context.Context, tenant ingest.TenantID, sql string, args ...any) (Source, error) {
	found, err := tenantdb.One(ctx, s.db, tenant, scanSource, sql, args...)
	if errors.Is(err, pgx.ErrNoRows) || tenantdb.Violates(err, "busy_sources_staff") {
		err = ErrNotFound
	}
	if err != nil {
		return Source{}, fmt.Errorf("source of busy times: %w", err)
	}
	return found, nil
}

// Put makes address the source of a staff member's busy times, in place of the
// one before, and has it fetched at once. What was fetched before stays until
// then.
func (s *Store) Put(ctx context.Context, tenant ingest.TenantID, staff ingest.StaffID, address string) (Source, error) {
	return s.one(ctx, tenant, `INSERT INTO busy_sources AS b (tenant_id, staff_id, sealed_url, origin, due_at) VALUES ($1, $2, $3, $4, now())
		ON CONFLICT (tenant_id, staff_id) DO UPDATE SET sealed_url = excluded.sealed_url, origin = excluded.origin, version = b.version + 1,
			etag = '', modified = '', due_at = now(), checked_at = NULL, fetched_at = NULL, read_at = NULL, spans = 0, failures = 0, error = ''
		RETURNING `+sourceColumns, tenant, staff, s.vault.Seal(scope(tenant, staff), []byte(address)), hostOf(address))
}

// Source returns where a staff member's calendar is fetched from.
func (s *Store) Source(ctx context.Context, tenant ingest.TenantID, staff ingest.StaffID) (Source, error) {
	return s.one(ctx, tenant, `SELECT `+sourceColumns+` FROM busy_sources WHERE tenant_id = $1 AND staff_id = $2`, tenant, staff)
}

// Remove ends a source; where there is none that is no error. What was fetched
// is for the caller to drop.
func (s *Store) Remove(ctx context.Context, tenant ingest.TenantID, staff ingest.StaffID) error {
	_, err := s.one(ctx, tenant, `DELETE FROM busy_sources WHERE tenant_id = $1 AND staff_id = $2 RETURNING `+sourceColumns, tenant, staff)
	if errors.Is(err, ErrNotFound) {
		return nil
	}
	return err
}

// key names a source.
type key struct {
	tenant ingest.TenantID
	staff  ingest.StaffID
}

// due takes up to limit sources of all tenants whose time has come. Nobody else
// gets them for lease.
func (s *Store) due(ctx context.Context, now time.Time, limit int, lease time.Duration) (keys []key, err error) {
	err = s.db.AcrossTenants(ctx, func(tx pgx.Tx) error {
		rows, err := tx.Query(ctx, `
			WITH d AS (SELECT tenant_id, staff_id FROM busy_sources WHERE due_at <= $1 ORDER BY due_at LIMIT $2 FOR UPDATE SKIP LOCKED)
			UPDATE busy_sources b SET due_at = $1::timestamptz + $3::interval
			FROM d WHERE (b.tenant_id, b.staff_id) = (d.tenant_id, d.staff_id) RETURNING b.tenant_id, b.staff_id`, now, limit, lease)
		if err != nil {
			return err
		}
		keys, err = pgx.CollectRows(rows, func(row pgx.CollectableRow) (k key, err error) { return k, row.Scan(&k.tenant, &k.staff) })
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("take sources of busy times: %w", err)
	}
	return keys, nil
}

// job is a source as a worker needs it.
type job struct {
	key
	url            string
	version        int64
	etag, modified string
	readAt         time.Time
	failures       int
	zone           string
	gone           bool // the staff member is off the staff
}

func (s *Store) open(ctx context.Context, k key) (job, error) {
	j := job{key: k}
	var sealed []byte
	var read *time.Time
	err := s.db.InTenant(ctx, k.tenant, func(tx pgx.Tx) error {
		return tx.QueryRow(ctx, `SELECT b.sealed_url, b.version, b.etag, b.modified, b.read_at, b.failures, t.timezone, s.removed_at IS NOT NULL
			FROM busy_sources b JOIN tenants t ON t.tenant_id = b.tenant_id JOIN staff s ON (s.tenant_id, s.id) = (b.tenant_id, b.staff_id)
			WHERE b.tenant_id = $1 AND b.staff_id = $2`, k.tenant, k.staff).
			Scan(&sealed, &j.version, &j.etag, &j.modified, &read, &j.failures, &j.zone, &j.gone)
	})
	if errors.Is(err, pgx.ErrNoRows) {
		return j, ErrNotFound
	}
	if err != nil {
		return j, fmt.Errorf("open a source of busy times: %w", err)
	}
	address, err := s.vault.Open(scope(k.tenant, k.staff), sealed)
	j.url, j.readAt = string(address), tenantdb.Time(read)
	return j, err
}

// outcome is how an attempt went.
type outcome struct {
	at, next       time.Time
	read           bool // a whole calendar was read; else the one before is as good as new
	etag, modified string
	spans          int
	err            string // empty: it went well
}

// settle notes how an attempt went, and reports whether the source is still the
// one that was fetched.
func (s *Store) settle(ctx context.Context, j job, o outcome) (bool, error) {
	same := false
	err := s.db.InTenant(ctx, j.tenant, func(tx pgx.Tx) error {
		tag, err := tx.Exec(ctx, `UPDATE busy_sources SET due_at = $4, checked_at = $5, error = $6,
				failures = CASE WHEN $6 = '' THEN 0 ELSE failures + 1 END, fetched_at = CASE WHEN $6 = '' THEN $5 ELSE fetched_at END,
				read_at = CASE WHEN $7 THEN $5 ELSE read_at END, etag = CASE WHEN $7 THEN $8 ELSE etag END,
				modified = CASE WHEN $7 THEN $9 ELSE modified END, spans = CASE WHEN $7 THEN $10 ELSE spans END
			WHERE tenant_id = $1 AND staff_id = $2 AND version = $3`,
			j.tenant, j.staff, j.version, o.next, o.at, o.err, o.read, o.etag, o.modified, o.spans)
		same = tag.RowsAffected() == 1
		return err
	})
	if err != nil {
		return false, fmt.Errorf("settle a source of busy times: %w", err)
	}
	return same, nil
}
