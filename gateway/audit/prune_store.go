package audit

import (
	"context"
	"fmt"
	"log/slog"
	"time"

	"github.com/jackc/pgx/v5"

	"frontdesk/ingest"
	"frontdesk/ingest/tenantdb"
)

const (
	// pruneEvery is how often old entries are looked for.
	pruneEvery = time.Hour
	// pruneBatch bounds what one transaction deletes.
	pruneBatch = 5000
)

// LeastKept is how long an entry is kept at least: the database lets nobody
// delete a younger one.
const LeastKept = 30 * 24 * time.Hour

// Pruner deletes old entries of all tenants. Any number may run: they share
// the work, and nobody waits for them.
type Pruner struct {
	db   *tenantdb.DB
	keep time.Duration
	log  *slog.Logger
}

// NewPruner returns a pruner of what is older than keep, and than [LeastKept];
// zero keeps everything. log may be nil.
func NewPruner(db *tenantdb.DB, keep time.Duration, log *slog.Logger) *Pruner {
	if log == nil {
		log = slog.Default()
	}
	return &Pruner{db, keep, log}
}

// Run prunes now, and each hour until ctx ends.
func (p *Pruner) Run(ctx context.Context) error {
	tick := time.NewTicker(pruneEvery)
	defer tick.Stop()
	for {
		round, cancel := context.WithTimeout(ctx, pruneEvery) // Postgres may be gone without a word
		_, err := p.Prune(round, time.Now())
		cancel()
		if err != nil && ctx.Err() == nil {
			p.log.Error("old entries of the audit log are left for the next hour", "error", err)
		}
		select {
		case <-ctx.Done():
			return nil
		case <-tick.C:
		}
	}
}

// Prune deletes what is too old at now, and returns how many entries that were.
func (p *Pruner) Prune(ctx context.Context, now time.Time) (int64, error) {
	if p.keep <= 0 {
		return 0, nil
	}
	before := now.Add(-max(p.keep, LeastKept))
	for total := int64(0); ; {
		var n int64
		err := p.db.AcrossTenants(ctx, func(tx pgx.Tx) (err error) {
			n, err = batch(ctx, tx, before)
			return err
		})
		if err != nil {
			return total, fmt.Errorf("prune the audit log: %w", err)
		}
		if total += n; n < pruneBatch {
			return total, nil
		}
	}
}

// batch deletes the oldest entries of some tenants, or none while another one
// does. An id begins with its time, so the primary key has the oldest first,
// whatever else a tenant has.
func batch(ctx context.Context, tx pgx.Tx, before time.Time) (int64, error) {
	var mine bool
	if err := tx.QueryRow(ctx, `SELECT pg_try_advisory_xact_lock(hashtext('frontdesk.audit_log'))`).Scan(&mine); err != nil || !mine {
		return 0, err
	}
	tag, err := tx.Exec(ctx, `
		WITH d AS (
			SELECT o.tenant_id, o.id FROM tenants t CROSS JOIN LATERAL (
				SELECT a.tenant_id, a.id FROM audit_log a WHERE a.tenant_id = t.tenant_id AND a.id < $1 AND a.at < $2
				ORDER BY a.id LIMIT $3) o
			LIMIT $3)
		DELETE FROM audit_log a USING d WHERE (a.tenant_id, a.id) = (d.tenant_id, d.id)`,
		ingest.NewID("aud_", before)[:len("aud_0123456789")], before, pruneBatch)
	return tag.RowsAffected(), err
}
