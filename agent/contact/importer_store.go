package contact

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"time"

	"github.com/jackc/pgx/v5"

	"frontdesk/ingest"
)

// ImporterConfig says how an importer works.
type ImporterConfig struct {
	// Phone returns a number as people write it in E.164; home is a number of the
	// country whose numbers need no code. It must be set.
	Phone func(s, home string) (string, error)
	// Poll is the time between looks for imports; 0 means 2 s.
	Poll time.Duration
	// Batch is how many rows are written at once; 0 means 250. The tenant's
	// contacts are locked meanwhile.
	Batch int
	// Log gets what went wrong; nil means slog.Default().
	Log *slog.Logger
}

// Importer reads in the tables that were uploaded, of all tenants. Any number of
// them may run.
type Importer struct {
	store *Store
	cfg   ImporterConfig
}

// NewImporter returns an importer on a store.
func NewImporter(store *Store, cfg ImporterConfig) *Importer {
	if cfg.Poll <= 0 {
		cfg.Poll = 2 * time.Second
	}
	if cfg.Batch <= 0 {
		cfg.Batch = 250
	}
	if cfg.Log == nil {
		cfg.Log = slog.Default()
	}
	return &Importer{store: store, cfg: cfg}
}

const (
	// leaseFor is how long an import is one worker's. One that dies leaves it to
	// the next after that.
	leaseFor = time.Minute
	// partBytes is how much of a table is read at once, and so the longest row.
	partBytes = 2 * MaxPartBytes
	// mostAttempts is how often a batch is tried that fails for no reason of its
	// rows.
	mostAttempts = 5
	// uploadFor is how long an import may wait for its next part.
	uploadFor = 24 * time.Hour
)

// stepTime bounds a batch of rows, so that a Postgres that is gone without a word
// does not end the work for good.
const stepTime = time.Minute

// Run reads imports in until ctx ends.
func (m *Importer) Run(ctx context.Context) error {
	tick := time.NewTicker(m.cfg.Poll)
	defer tick.Stop()
	for {
		if _, err := m.Work(ctx); err != nil && ctx.Err() == nil {
			m.cfg.Log.Error("imports of contacts", "error", err)
		}
		select {
		case <-ctx.Done():
			return nil
		case <-tick.C:
		}
	}
}

// Work reads in what waits and returns how many imports it ended. Those that
// wait for a part for more than a day fail, and what there is of them goes.
func (m *Importer) Work(ctx context.Context) (ended int, err error) {
	if err := m.giveUp(ctx); err != nil {
		return 0, err
	}
	for ctx.Err() == nil {
		tenant, id, err := m.claim(ctx)
		if err != nil || id == "" {
			return ended, err
		}
		for more := true; more && ctx.Err() == nil; {
			step, cancel := context.WithTimeout(ctx, stepTime)
			err = ingest.Calm(func() (err error) { more, err = m.step(step, tenant, id); return err })
			cancel()
			if err != nil {
				return ended, m.failed(ctx, tenant, id, err)
			}
		}
		ended++
	}
	return ended, nil
}

// giveUp ends the imports whose parts do not come any more.
func (m *Importer) giveUp(ctx context.Context) error {
	err := m.store.db.AcrossTenants(ctx, func(tx pgx.Tx) error {
		_, err := tx.Exec(ctx, `
			WITH late AS (
				SELECT tenant_id, id FROM contact_imports WHERE status = 'uploading' AND updated_at < now() - $1::interval LIMIT 100 FOR UPDATE SKIP LOCKED
			), parts AS (
				DELETE FROM contact_import_parts p USING late WHERE (p.tenant_id, p.import_id) = (late.tenant_id, late.id)
			)
			UPDATE contact_imports i SET status = 'failed', detail = 'its parts did not come within a day', updated_at = now(), done_at = now()
			FROM late WHERE (i.tenant_id, i.id) = (late.tenant_id, late.id)`, uploadFor)
		return err
	})
	if err != nil {
		return fmt.Errorf("end imports without their parts: %w", err)
	}
	return nil
}

// claim leases an import, of any tenant; its id is empty if none waits.
func (m *Importer) claim(ctx context.Context) (tenant ingest.TenantID, id string, err error) {
	err = m.store.db.AcrossTenants(ctx, func(tx pgx.Tx) error {
		err := tx.QueryRow(ctx, `
			WITH d AS (SELECT tenant_id, id FROM contact_imports WHERE status = 'running' AND leased_until < now() ORDER BY created_at LIMIT 1 FOR UPDATE SKIP LOCKED)
			UPDATE contact_imports i SET leased_until = now() + $1::interval
			FROM d WHERE (i.tenant_id, i.id) = (d.tenant_id, d.id) RETURNING i.tenant_id, i.id`, leaseFor).Scan(&tenant, &id)
		if errors.Is(err, pgx.ErrNoRows) {
			return nil
		}
		return err
	})
	return tenant, id, err
}

// failed counts an attempt that came to nothing, and gives up after several.
func (m *Importer) failed(ctx context.Context, tenant ingest.TenantID, id string, cause error) error {
	err := m.store.db.InTenant(ctx, tenant, func(tx pgx.Tx) error {
		var status ImportStatus
		err := tx.QueryRow(ctx, `
			UPDATE contact_imports SET attempts = attempts + 1, leased_until = now() + interval '10 seconds', updated_at = now(),
				status = CASE WHEN attempts + 1 >= $3 THEN 'failed' ELSE status END, done_at = CASE WHEN attempts + 1 >= $3 THEN now() END,
				detail = CASE WHEN attempts + 1 >= $3 THEN 'an error of ours; begin another import with the rows after the last that was read' ELSE detail END
			WHERE tenant_id = $1 AND id = $2 AND status = 'running' RETURNING status`, tenant, id, mostAttempts).Scan(&status)
		if errors.Is(err, pgx.ErrNoRows) {
			return nil // another worker ended it
		}
		if err == nil && status == Failed {
			_, err = tx.Exec(ctx, `DELETE FROM contact_import_parts WHERE tenant_id = $1 AND import_id = $2`, tenant, id)
		}
		return err
	})
	return errors.Join(fmt.Errorf("import %s: %w", id, cause), err)
}

// job is an import as a step needs it.
type job struct {
	Import
	separator, home string
	line            int64
}

// step reads one batch in and reports whether there is more. All that it does is
// one transaction.
func (m *Importer) step(ctx context.Context, tenant ingest.TenantID, id string) (more bool, err error) {
	err = m.store.db.InTenant(ctx, tenant, func(tx pgx.Tx) error {
		more = false
		var j job
		err := tx.QueryRow(ctx, `
			SELECT id, dry_run, columns, size_bytes, offset_bytes, line, separator, home FROM contact_imports
			WHERE tenant_id = $1 AND id = $2 AND status = 'running' FOR UPDATE`, tenant, id).
			Scan(&j.ID, &j.DryRun, &j.Columns, &j.Bytes, &j.BytesDone, &j.line, &j.separator, &j.home)
		if errors.Is(err, pgx.ErrNoRows) {
			return nil // another worker ended it
		}
		if err != nil {
			return err
		}
		defs, err := fieldsOf(ctx, tx, tenant)
		if err != nil {
			return err
		}
		part, err := j.part(ctx, tx, tenant)
		if err != nil {
			return err
		}
		f := format{columns: j.Columns, separator: []rune(j.separator)[0], fields: defs, phone: func(s string) (string, error) { return m.cfg.Phone(s, j.home) }}
		w := f.read(part, j.line, m.cfg.Batch, j.BytesDone+int64(len(part)) >= j.Bytes)
		more, err = m.take(ctx, tx, tenant, j, w)
		return err
	})
	return more, err
}

// part returns what follows of the table.
func (j job) part(ctx context.Context, tx pgx.Tx, tenant ingest.TenantID) ([]byte, error) {
	rows, err := tx.Query(ctx, `
		SELECT CASE WHEN starts < $3 THEN substring(body FROM ($3 - starts + 1)::int) ELSE body END FROM contact_import_parts
		WHERE tenant_id = $1 AND import_id = $2 AND starts + length(body) > $3 AND starts < $3 + $4 ORDER BY starts`, tenant, j.ID, j.BytesDone, partBytes)
	if err != nil {
		return nil, err
	}
	list, err := pgx.CollectRows(rows, pgx.RowTo[[]byte])
	var out []byte
	for _, b := range list {
		out = append(out, b...)
	}
	return out, err
}

// take writes the rows of w and moves the import on.
func (m *Importer) take(ctx context.Context, tx pgx.Tx, tenant ingest.TenantID, j job, w window) (more bool, err error) {
	var good []tableRow
	var wrong []RowError
	for _, row := range w.rows {
		if wrong = append(wrong, row.errors...); len(row.errors) == 0 {
			good = append(good, row)
		}
	}
	done, err := m.write(ctx, tx, tenant, good, j.DryRun)
	if err != nil {
		return false, err
	}
	wrong = append(wrong, done.wrong...)
	status, detail := Running, ""
	switch {
	case w.stuck:
		status, detail = Failed, fmt.Sprintf("the row in line %d does not end: a quote is open, or it is longer than %d bytes", j.line+1, partBytes)
	case j.BytesDone+w.bytes >= j.Bytes:
		status = Done
	}
	bad := len(w.rows) - done.created - done.updated
	var b pgx.Batch
	b.Queue(`
		UPDATE contact_imports SET offset_bytes = offset_bytes + $3, line = line + $4, rows = rows + $5, created = created + $6, updated = updated + $7, failed = failed + $8,
			status = $9, detail = $10, attempts = 0, leased_until = now() + $11::interval, updated_at = now(), done_at = CASE WHEN $9 <> 'running' THEN now() END
		WHERE tenant_id = $1 AND id = $2`, tenant, j.ID, w.bytes, w.lines, len(w.rows), done.created, done.updated, bad, status, detail, leaseFor)
	for _, e := range wrong {
		b.Queue(`INSERT INTO contact_import_errors (tenant_id, import_id, line, field, message)
			SELECT $1, $2, $3, $4, $5 WHERE (SELECT count(*) FROM contact_import_errors WHERE tenant_id = $1 AND import_id = $2) < $6`, tenant, j.ID, e.Line, e.Field, e.Message, mostErrors)
	}
	if status != Running {
		b.Queue(`DELETE FROM contact_import_parts WHERE tenant_id = $1 AND import_id = $2`, tenant, j.ID)
	}
	return status == Running, tx.SendBatch(ctx, &b).Close()
}

// written is what became of rows.
type written struct {
	created, updated int
	wrong            []RowError
}

// write makes and changes the contacts of rows; a dry run takes it back.
func (m *Importer) write(ctx context.Context, tx pgx.Tx, tenant ingest.TenantID, rows []tableRow, dry bool) (written, error) {
	if len(rows) == 0 {
		return written{}, nil
	}
	inner, err := tx.Begin(ctx)
	if err != nil {
		return written{}, err
	}
	defer func() { _ = inner.Rollback(ctx) }() // nothing after a commit
	done, err := m.store.upsert(ctx, inner, tenant, rows)
	if err != nil || dry {
		return done, err
	}
	return done, inner.Commit(ctx)
}
