package tenantdb

import (
	"context"
	"time"

	"github.com/jackc/pgx/v5"

	"frontdesk/ingest"
)

// Batch runs the statements that queue puts into the batch as one transaction
// of tenant, in one round trip: begin, tenant, statements and commit travel
// together. Results are read by the callbacks of what was queued:
//
//	err := db.Batch(ctx, tenant, func(b *pgx.Batch) {
//		b.Queue(`SELECT … WHERE tenant_id = $1 AND id = $2`, tenant, id).QueryRow(func(row pgx.Row) error {
//			return row.Scan(&out)
//		})
//	})
//
// A statement that fails undoes them all. A callback's error is returned but
// undoes nothing, since the commit is under way by then: what must be decided
// between statements belongs in [DB.InTenant]. queue may run again after a
// deadlock or serialization failure, three times at most.
func (db *DB) Batch(ctx context.Context, tenant ingest.TenantID, queue func(*pgx.Batch)) error {
	if tenant == "" {
		return errNoTenant
	}
	return retry(ctx, func() error {
		b := &pgx.Batch{}
		b.BeginTx(pgx.TxOptions{})
		b.Queue(setTenant, string(tenant))
		queueActor(ctx, b)
		queue(b)
		b.Queue(`COMMIT`)
		conn, release, err := db.connect(ctx, tenant)
		if err != nil {
			return err
		}
		defer release()
		results := conn.SendBatch(ctx, b)
		if err := results.Close(); err != nil {
			rollback(ctx, results.Tx())
			return err
		}
		return nil
	})
}

// rollback ends tx if it is still open. It outlives ctx, since a connection
// given back within a transaction is closed, and dialling anew is dear.
func rollback(ctx context.Context, tx pgx.Tx) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), 2*time.Second)
	defer cancel()
	_ = tx.Rollback(ctx) // done already, or the connection is broken and is closed
}
