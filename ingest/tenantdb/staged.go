package tenantdb

import (
	"context"
	"errors"
	"fmt"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/pgxpool"

	"frontdesk/ingest"
)

// What is run over and over with lists of keys is planned once a connection:
// the planner would think each length of a list worth a plan of its own, and
// planning costs more than looking a few keys up. Such a plan may have been made
// while the tables were small, so it is not to read them whole.
const (
	setPlans = `set_config('plan_cache_mode', 'force_generic_plan', true), set_config('enable_seqscan', 'off', true),
		set_config('enable_bitmapscan', 'off', true), set_config('enable_hashjoin', 'off', true),
		set_config('enable_mergejoin', 'off', true), set_config('enable_material', 'off', true)`
	setTenantAndPlans = `SELECT set_config('app.tenant_id', $1, true), ` + setPlans
	setSystemPlans    = `SELECT set_config('synchronous_commit', 'off', true), ` + setPlans
)

// Staged runs a transaction of tenant in two round trips: begin, tenant and what
// first queues travel together, then what then puts into last together with the
// commit. Between the two, then sees the results of first, may use tx, and ends
// the transaction without effect by an error. A nil then makes it one trip, as
// [DB.Batch] does. It is for statements that run for every few messages; they
// get generic plans, so each must name its rows by their keys.
//
// Callbacks of last run when the commit is under way: an error of theirs is
// returned but undoes nothing. Both functions may run again after a deadlock or
// serialization failure, three times at most.
func (db *DB) Staged(ctx context.Context, tenant ingest.TenantID, first func(*pgx.Batch), then func(tx pgx.Tx, last *pgx.Batch) error) error {
	if tenant == "" {
		return errNoTenant
	}
	return retry(ctx, func() error {
		conn, release, err := db.connect(ctx, tenant)
		if err != nil {
			return err
		}
		defer release()
		return staged(ctx, conn, func(b *pgx.Batch) {
			b.Queue(setTenantAndPlans, string(tenant))
			queueActor(ctx, b)
			first(b)
		}, then)
	})
}

// StagedAcross is [DB.Staged] as [SystemRole]; see [DB.AcrossTenants]. Its commit
// does not wait for the disk: a power cut may undo a transaction of the last
// moment. So it is for what is then done again without harm: leases that are
// taken anew, rows that are published again and known by their ids.
func (db *DB) StagedAcross(ctx context.Context, first func(*pgx.Batch), then func(tx pgx.Tx, last *pgx.Batch) error) error {
	return retry(ctx, func() error {
		conn, err := db.system.Acquire(ctx)
		if err != nil {
			return fmt.Errorf("take a connection: %w", err)
		}
		defer conn.Release()
		return staged(ctx, conn, func(b *pgx.Batch) {
			b.Queue(setSystemPlans)
			first(b)
		}, then)
	})
}

// ErrNothing ends a staged transaction without effect and without an error.
var ErrNothing = errors.New("nothing to write")

func staged(ctx context.Context, conn *pgxpool.Conn, first func(*pgx.Batch), then func(pgx.Tx, *pgx.Batch) error) error {
	opening := &pgx.Batch{}
	opening.BeginTx(pgx.TxOptions{})
	first(opening)
	if then == nil {
		queueCommit(opening)
	}
	results := conn.SendBatch(ctx, opening)
	if err := results.Close(); err != nil {
		rollback(ctx, results.Tx())
		return err
	}
	if then == nil {
		return nil
	}
	tx := results.Tx()
	last := &pgx.Batch{}
	err := then(tx, last)
	if err == nil {
		queueCommit(last)
		err = conn.SendBatch(ctx, last).Close()
	}
	if conn.Conn().PgConn().TxStatus() != 'I' {
		rollback(ctx, tx)
	}
	if errors.Is(err, ErrNothing) {
		return nil
	}
	return err
}

// queueCommit ends b's transaction. Postgres answers the commit of one that has
// failed by undoing it, and calls that no error.
func queueCommit(b *pgx.Batch) {
	b.Queue(`COMMIT`).Exec(func(tag pgconn.CommandTag) error {
		if tag.String() != "COMMIT" {
			return pgx.ErrTxCommitRollback
		}
		return nil
	})
}
