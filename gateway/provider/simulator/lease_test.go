package simulator

import (
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"frontdesk/deploy/schema/schematest"
)

// TestALeaseReadsWhatIsDueOnce primes the plans while there is nothing to
// deliver and then has much. What is read is counted, since time tells little.
func TestALeaseReadsWhatIsDueOnce(t *testing.T) {
	t.Parallel()
	ctx := t.Context()
	db, admin := schematest.PostgresOfOne(t)
	exec := func(sql string) {
		t.Helper()
		if _, err := admin.Exec(ctx, sql); err != nil {
			t.Fatal(err)
		}
	}
	s := NewStore(db)
	exec(`ALTER TABLE simulator_callbacks SET (autovacuum_enabled = false)`)
	exec(`VACUUM ANALYZE simulator_callbacks`)
	for range 10 {
		if _, err := s.lease(ctx, senders, time.Minute); err != nil {
			t.Fatal(err)
		}
	}
	const messages = 2000 // of two callbacks each
	exec(`INSERT INTO simulator_customers (tenant_id, id, channel_id, phone, user_id) VALUES ('acme', 'c', 'chn_1', '+15555550142', 'US.1')`)
	exec(`INSERT INTO simulator_messages (tenant_id, id, channel_id, customer_id, provider_id, inbound, content, status)
		SELECT 'acme', 'm' || i, 'chn_1', 'c', 'p' || i, false, '{}', 'queued' FROM generate_series(1, 2000) i`)
	exec(`INSERT INTO simulator_callbacks (tenant_id, id, message_id, channel_id, path, content_type, body, status, due_at)
		SELECT 'acme', 'c' || k || '-' || i, 'm' || i, 'chn_1', '/', '', '', 'sent', now() - k * interval '1 minute'
		FROM generate_series(1, 2) k, generate_series(1, 2000) i`)
	read := func() (n int64) {
		t.Helper()
		err := db.AcrossTenants(ctx, func(tx pgx.Tx) error { // what its connection has counted is told at the end
			_, err := tx.Exec(ctx, `SELECT pg_stat_force_next_flush()`)
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
		err = admin.QueryRow(ctx, `SELECT sum(coalesce(seq_tup_read, 0) + coalesce(idx_tup_fetch, 0))::bigint FROM pg_stat_user_tables
			WHERE relname = 'simulator_callbacks'`).Scan(&n)
		if err != nil {
			t.Fatal(err)
		}
		return n
	}
	before := read()
	calls, err := s.lease(ctx, senders, time.Minute)
	if err != nil || len(calls) != senders {
		t.Fatalf("leased %d callbacks, %v; want %d", len(calls), err, senders)
	}
	for _, c := range calls {
		if c.id[:2] != "c1" || c.attempts != 1 { // its message's first, though the other was due earlier
			t.Fatalf("leased %s for the %d. time", c.id, c.attempts)
		}
	}
	if n := read() - before; n > 20*messages {
		t.Errorf("read %d rows to find %d among %d", n, len(calls), 2*messages)
	}
}
