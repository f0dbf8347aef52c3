package simulator

import (
	"context"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"frontdesk/ingest"
)

// leaseSQL takes $1 callbacks for $2. The table may be empty for long and then
// long at once, so that no plan may rest on how long it was: the first of a
// message is looked up by its key (OFFSET 0 keeps it from becoming a join), and
// rows are updated where they are.
const leaseSQL = `
	WITH due AS (
		SELECT c.ctid AS at FROM simulator_callbacks c
		WHERE c.due_at <= now() AND (c.leased_until IS NULL OR c.leased_until < now())
		  AND NOT EXISTS (SELECT FROM simulator_callbacks e
			WHERE e.tenant_id = c.tenant_id AND e.message_id = c.message_id AND e.seq < c.seq OFFSET 0)
		ORDER BY c.due_at, c.seq LIMIT $1 FOR UPDATE SKIP LOCKED)
	UPDATE simulator_callbacks c SET leased_until = now() + $2::interval, attempts = attempts + 1
	FROM due WHERE c.ctid = due.at
	RETURNING c.tenant_id, c.id, c.message_id, c.channel_id, c.path, c.content_type, c.body, c.status, c.attempts, c.due_at`

// lease takes up to limit due callbacks for as long as hold, the earliest of
// each message first. It works across tenants.
func (s *Store) lease(ctx context.Context, limit int, hold time.Duration) ([]callback, error) {
	var calls []callback
	err := s.db.StagedAcross(ctx, func(b *pgx.Batch) {
		b.Queue(leaseSQL, limit, hold).Query(func(rows pgx.Rows) (err error) {
			calls, err = pgx.CollectRows(rows, func(row pgx.CollectableRow) (callback, error) {
				var c callback
				err := row.Scan(&c.tenant, &c.id, &c.message, &c.channel, &c.path, &c.contentType, &c.body, &c.status, &c.attempts, &c.due)
				return c, err
			})
			return err
		})
	}, nil)
	if err != nil {
		return nil, fmt.Errorf("lease callbacks: %w", err)
	}
	return calls, nil
}

// finish removes a callback and gives its message the status that came of it.
func (s *Store) finish(ctx context.Context, c callback, status ingest.Status, code string) error {
	err := s.db.AcrossTenants(ctx, func(tx pgx.Tx) error {
		if _, err := tx.Exec(ctx, `DELETE FROM simulator_callbacks WHERE tenant_id = $1 AND id = $2`, c.tenant, c.id); err != nil {
			return err
		}
		_, err := tx.Exec(ctx, `
			UPDATE simulator_messages SET status = $3, code = CASE WHEN $4 = '' THEN code ELSE $4 END, version = nextval('simulator_versions')
			WHERE tenant_id = $1 AND id = $2 AND status <> $3
			  AND array_position(ARRAY['queued', 'sent', 'failed', 'delivered', 'read'], status)
				< array_position(ARRAY['queued', 'sent', 'failed', 'delivered', 'read'], $3)`,
			c.tenant, c.message, string(status), code)
		return err
	})
	if err != nil {
		return fmt.Errorf("finish a callback: %w", err)
	}
	return nil
}

// retry has a callback tried again at due.
func (s *Store) retry(ctx context.Context, c callback, due time.Time) error {
	err := s.db.AcrossTenants(ctx, func(tx pgx.Tx) error {
		_, err := tx.Exec(ctx, `UPDATE simulator_callbacks SET due_at = $3, leased_until = NULL WHERE tenant_id = $1 AND id = $2`, c.tenant, c.id, due)
		return err
	})
	if err != nil {
		return fmt.Errorf("put off a callback: %w", err)
	}
	return nil
}
