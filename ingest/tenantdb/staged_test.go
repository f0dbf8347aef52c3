package tenantdb_test

import (
	"context"
	"errors"
	"testing"

	"github.com/jackc/pgx/v5"

	"frontdesk/ingest/tenantdb"
)

func TestStaged(t *testing.T) {
	ctx := context.Background()
	pool, count := countingPool(t)
	db := tenantdb.New(pool, pool)
	if err := db.Batch(ctx, "acme", func(b *pgx.Batch) { b.Queue(insertCounter, "acme") }); err != nil {
		t.Fatal(err)
	}
	const double = `UPDATE counters SET value = value * 2 WHERE tenant_id = $1`
	value := func() (v int64) {
		t.Helper()
		err := db.InTenant(ctx, "acme", func(tx pgx.Tx) error { return tx.QueryRow(ctx, `SELECT value FROM counters`).Scan(&v) })
		if err != nil {
			t.Fatal(err)
		}
		return v
	}
	refusal := errors.New("no")
	queue := func(sql string) func(*pgx.Batch) {
		return func(b *pgx.Batch) { b.Queue(sql, "acme") }
	}
	tests := []struct {
		name  string
		first string
		then  func(pgx.Tx, *pgx.Batch) error
		trips int64 // zero: not counted
		grows int64
		fails bool
	}{
		{"first alone is one trip", double, nil, 1, 2, false},
		{"what then queues goes with the commit", double, func(_ pgx.Tx, last *pgx.Batch) error { last.Queue(double, "acme"); return nil }, 2, 4, false},
		{"then may do nothing", double, func(pgx.Tx, *pgx.Batch) error { return nil }, 2, 2, false},
		{"an error of then undoes first", double, func(pgx.Tx, *pgx.Batch) error { return refusal }, 0, 1, true},
		{"nothing to write is no error and undoes first", double, func(pgx.Tx, *pgx.Batch) error { return tenantdb.ErrNothing }, 0, 1, false},
		{"a failure of last undoes first", double, func(_ pgx.Tx, last *pgx.Batch) error { last.Queue(`SELECT 1 / 0`); return nil }, 0, 1, true},
		{"a failure of first is returned", `SELECT 1 / 0 WHERE $1 <> ''`, nil, 0, 1, true},
		{"a failure that then hides is no commit", double, func(tx pgx.Tx, _ *pgx.Batch) error { _, _ = tx.Exec(ctx, `SELECT 1 / 0`); return nil }, 0, 1, true},
	}
	for _, tt := range tests {
		if tt.trips > 0 { // the first time prepares the statements
			if err := db.Staged(ctx, "acme", queue(tt.first), tt.then); err != nil {
				t.Fatalf("%s: %v", tt.name, err)
			}
		}
		was := value()
		count.Store(0)
		err := db.Staged(ctx, "acme", queue(tt.first), tt.then)
		if (err != nil) != tt.fails {
			t.Errorf("%s: error %v, want one: %t", tt.name, err, tt.fails)
		}
		if got := count.Load(); tt.trips > 0 && got != tt.trips {
			t.Errorf("%s: %d round trips, want %d", tt.name, got, tt.trips)
		}
		if got := value(); got != was*tt.grows {
			t.Errorf("%s: %d became %d, want it times %d", tt.name, was, got, tt.grows)
		}
	}
	if err := db.Staged(ctx, "", queue(double), nil); err == nil {
		t.Error("a transaction without a tenant ran")
	}
	if err := db.Staged(ctx, "globex", queue(double), nil); err != nil {
		t.Fatal(err)
	}
	var plans string
	if err := pool.QueryRow(ctx, `SHOW plan_cache_mode`).Scan(&plans); err != nil || plans != "auto" {
		t.Errorf("afterwards plans are %q, %v; want the setting gone with the transaction", plans, err)
	}
}
