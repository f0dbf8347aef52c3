package dispatch

import (
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"frontdesk/deploy/schema/schematest"
)

// TestABlockedChannelStopsNobodyElse primes the plans while nothing waits, which
// is how things are for months, and then has a channel blocked. What is read is
// counted, since time tells little.
func TestABlockedChannelStopsNobodyElse(t *testing.T) {
	t.Parallel()
	ctx := t.Context()
	db, admin := schematest.PostgresOfOne(t)
	exec := func(sql string) {
		t.Helper()
		if _, err := admin.Exec(ctx, sql); err != nil {
			t.Fatal(err)
		}
	}
	s := NewStore(db, nil)
	exec(`ALTER TABLE dispatch_parked SET (autovacuum_enabled = false)`)
	exec(`VACUUM ANALYZE dispatch_parked, dispatch_channels`)
	for range 10 {
		if _, err := s.lease(ctx, leaseAtOnce, time.Minute); err != nil {
			t.Fatal(err)
		}
	}
	const blocked = 5000
	exec(`INSERT INTO dispatch_channels (tenant_id, channel_id, sandbox, blocked_until) VALUES ('tnt_acme', 'chn_1', false, now() + interval '1 hour')`)
	exec(`INSERT INTO dispatch_parked (tenant_id, message_id, lane, channel_id, sandbox, reason, due_at)
		SELECT 'tnt_acme', 'blocked-' || i, 'lane-' || i, 'chn_1', false, 'throttled', now() - interval '1 minute' FROM generate_series(1, 5000) i`)
	exec(`INSERT INTO dispatch_parked (tenant_id, message_id, lane, channel_id, sandbox, reason, due_at)
		SELECT 'tnt_globex', 'goes-' || i, 'lane-' || (i + 1) / 2, 'chn_1', false, 'pace', now() FROM generate_series(1, 200) i`)
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
			WHERE relname IN ('dispatch_parked', 'dispatch_channels')`).Scan(&n)
		if err != nil {
			t.Fatal(err)
		}
		return n
	}
	before := read()
	found, err := s.lease(ctx, leaseAtOnce, time.Minute)
	if err != nil || len(found) != 100 {
		t.Fatalf("leased %d messages, %v; want the first of each lane of the channel that may send", len(found), err)
	}
	for _, p := range found {
		if p.tenant != globex || p.leased.Before(time.Now()) {
			t.Fatalf("leased %+v", p)
		}
	}
	if n := read() - before; n > 10*blocked {
		t.Errorf("read %d rows to find %d among %d", n, len(found), blocked)
	}
	if again, err := s.lease(ctx, leaseAtOnce, time.Minute); err != nil || len(again) != 0 {
		t.Errorf("leased %d more, %v; want none before the first are through", len(again), err)
	}
}
