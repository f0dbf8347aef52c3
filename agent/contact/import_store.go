package contact

import (
	"context"
	"errors"
	"time"

	"github.com/jackc/pgx/v5"

	"frontdesk/ingest"
	"frontdesk/ingest/tenantdb"
)

const importColumns = `id, number, status, dry_run, columns, size_bytes, offset_bytes, rows, created, updated, failed, detail, created_at, updated_at, done_at`

func scanImport(row pgx.CollectableRow) (Import, error) {
	var i Import
	var done *time.Time
	err := row.Scan(&i.ID, &i.Number, &i.Status, &i.DryRun, &i.Columns, &i.Bytes, &i.BytesDone, &i.Rows, &i.Created, &i.Updated, &i.Failed, &i.Detail, &i.CreatedAt, &i.UpdatedAt, &done)
	i.DoneAt = tenantdb.Time(done)
	return i, err
}

func importWhere(ctx context.Context, tx pgx.Tx, where string, args ...any) (Import, error) {
	rows, err := tx.Query(ctx, `SELECT `+importColumns+` FROM contact_imports WHERE tenant_id = $1 AND `+where, args...)
	if err != nil {
		return Import{}, err
	}
	return pgx.CollectExactlyOneRow(rows, scanImport)
}

// BeginImport stores a table, or its first part, to be read by an [Importer]. It
// is *[InvalidError] for a first line that cannot be understood.
func (s *Store) BeginImport(ctx context.Context, tenant ingest.TenantID, u Upload) (Import, error) {
	if u.Separator == 0 {
		u.Separator = ','
	}
	columns, starts, err := ReadHeader(u.Text, u.Separator, u.Mapping)
	if err != nil {
		return Import{}, err
	}
	status := Running
	if u.More {
		status = Uploading
	}
	var i Import
	err = s.db.InTenant(ctx, tenant, func(tx pgx.Tx) error {
		// The number's counter is the lock of requests that come twice.
		var number int64
		if err := tx.QueryRow(ctx, `SELECT frontdesk_next_number($1, 'contact_import')`, tenant).Scan(&number); err != nil {
			return err
		}
		if u.RequestKey != "" {
			if i, err = importWhere(ctx, tx, `request_key = $2`, tenant, u.RequestKey); !errors.Is(err, pgx.ErrNoRows) {
				return err
			}
		}
		id := ingest.NewID(PrefixImport, time.Now())
		_, err := tx.Exec(ctx, `
			INSERT INTO contact_imports (tenant_id, id, number, status, actor, dry_run, separator, home, columns, size_bytes, offset_bytes, line, request_key)
			VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, nullif($13, ''))`,
			tenant, id, number, status, u.By, u.DryRun, string(u.Separator), u.Home, columns, len(u.Text), starts, lines(u.Text[:starts]), u.RequestKey)
		if err == nil {
			_, err = tx.Exec(ctx, `INSERT INTO contact_import_parts (tenant_id, import_id, starts, body) VALUES ($1, $2, 0, $3)`, tenant, id, u.Text)
		}
		if err == nil {
			i, err = importWhere(ctx, tx, `id = $2`, tenant, id)
		}
		return err
	})
	return i, explain(err, "begin an import")
}

// AddPart adds what follows after the first offset bytes of a table; without
// more it is the last part. It is *[OffsetError] where the table does not end
// there, which says where it does.
func (s *Store) AddPart(ctx context.Context, tenant ingest.TenantID, id string, offset int64, text []byte, more bool) (Import, error) {
	var i Import
	err := s.db.InTenant(ctx, tenant, func(tx pgx.Tx) error {
		var err error
		i, err = importWhere(ctx, tx, `id = $2 FOR UPDATE`, tenant, id)
		switch {
		case errors.Is(err, pgx.ErrNoRows):
			return ErrNoImport
		case err != nil:
			return err
		case i.Status != Uploading:
			return ErrNotUploading
		case i.Bytes != offset:
			return &OffsetError{i.Bytes}
		case offset+int64(len(text)) > MaxImportBytes:
			return ErrTooLarge
		}
		if len(text) > 0 {
			if _, err := tx.Exec(ctx, `INSERT INTO contact_import_parts (tenant_id, import_id, starts, body) VALUES ($1, $2, $3, $4)`, tenant, id, offset, text); err != nil {
				return err
			}
		}
		status := Running
		if more {
			status = Uploading
		}
		if _, err = tx.Exec(ctx, `UPDATE contact_imports SET size_bytes = size_bytes + $3, status = $4, updated_at = now() WHERE tenant_id = $1 AND id = $2`, tenant, id, len(text), status); err != nil {
			return err
		}
		i, err = importWhere(ctx, tx, `id = $2`, tenant, id)
		return err
	})
	var offsets *OffsetError
	if errors.Is(err, ErrNoImport) || errors.Is(err, ErrNotUploading) || errors.Is(err, ErrTooLarge) || errors.As(err, &offsets) {
		return Import{}, err
	}
	return i, explain(err, "add a part to import %s", id)
}

// Import returns an import with the first errors of its rows, or ErrNoImport.
func (s *Store) Import(ctx context.Context, tenant ingest.TenantID, id string) (Import, []RowError, error) {
	var i Import
	var list []RowError
	err := s.db.InTenant(ctx, tenant, func(tx pgx.Tx) error {
		var err error
		if i, err = importWhere(ctx, tx, `id = $2`, tenant, id); err != nil {
			return err
		}
		rows, err := tx.Query(ctx, `SELECT line, field, message FROM contact_import_errors WHERE tenant_id = $1 AND import_id = $2 ORDER BY id LIMIT 100`, tenant, id)
		if err != nil {
			return err
		}
		list, err = pgx.CollectRows(rows, pgx.RowToStructByPos[RowError])
		return err
	})
	if errors.Is(err, pgx.ErrNoRows) {
		return Import{}, nil, ErrNoImport
	}
	return i, list, explain(err, "import %s", id)
}

// Imports returns the tenant's imports, newest first, and the cursor of the next
// page, empty on the last.
func (s *Store) Imports(ctx context.Context, tenant ingest.TenantID, limit int, after string) ([]Import, string, error) {
	size := tenantdb.PageSize(limit)
	list, err := tenantdb.List(ctx, s.db, tenant, scanImport,
		`SELECT `+importColumns+` FROM contact_imports WHERE tenant_id = $1 AND ($2 = '' OR id < $2) ORDER BY id DESC LIMIT $3`, tenant, after, size+1)
	list, next := tenantdb.Page(list, size, func(i Import) string { return i.ID })
	return list, next, explain(err, "list imports")
}

func lines(text []byte) (n int64) {
	for _, b := range text {
		if b == '\n' {
			n++
		}
	}
	return n
}
