package tenantdb_test

import (
	"context"
	"errors"
	"testing"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"

	"frontdesk/deploy/schema/schematest"
	"frontdesk/ingest"
	"frontdesk/ingest/tenantdb"
)

// transactions are the two ways to run statements as a tenant. Both must keep
// the same rules.
var transactions = []struct {
	name string
	run  func(db *tenantdb.DB, tenant ingest.TenantID, sql string, args ...any) (rows int64, err error)
}{
	{"InTenant", func(db *tenantdb.DB, tenant ingest.TenantID, sql string, args ...any) (rows int64, err error) {
		err = db.InTenant(context.Background(), tenant, func(tx pgx.Tx) error {
			tag, err := tx.Exec(context.Background(), sql, args...)
			rows = tag.RowsAffected()
			return err
		})
		return rows, err
	}},
	{"Batch", func(db *tenantdb.DB, tenant ingest.TenantID, sql string, args ...any) (rows int64, err error) {
		err = db.Batch(context.Background(), tenant, func(b *pgx.Batch) {
			b.Queue(sql, args...).Exec(func(tag pgconn.CommandTag) error {
				rows = tag.RowsAffected()
				return nil
			})
		})
		return rows, err
	}},
}

const insertCounter = `INSERT INTO counters (tenant_id, kind, value) VALUES ($1, 'call', 7)`

func TestTransactionsStayWithinTheTenant(t *testing.T) {
	const denied = "42501" // insufficient_privilege: the policy's WITH CHECK
	tests := []struct {
		name   string
		tenant ingest.TenantID
		sql    string
		args   []any
		rows   int64
		code   string
	}{
		{"reads its own", "acme", `SELECT FROM counters`, nil, 1, ""},
		{"reads nothing of another", "globex", `SELECT FROM counters`, nil, 0, ""},
		{"changes nothing of another", "globex", `UPDATE counters SET value = 8`, nil, 0, ""},
		{"deletes nothing of another", "globex", `DELETE FROM counters`, nil, 0, ""},
		{"writes its own", "globex", insertCounter, []any{"globex"}, 1, ""},
		{"writes nothing as another", "globex", insertCounter, []any{"acme"}, 0, denied},
		{"gives no row away", "acme", `UPDATE counters SET tenant_id = 'globex'`, nil, 0, denied},
	}
	for _, way := range transactions {
		for _, tt := range tests {
			t.Run(way.name+" "+tt.name, func(t *testing.T) {
				t.Parallel()
				db := schematest.Postgres(t)
				if _, err := way.run(db, "acme", insertCounter, "acme"); err != nil {
					t.Fatalf("insert: %v", err)
				}
				rows, err := way.run(db, tt.tenant, tt.sql, tt.args...)
				var pg *pgconn.PgError
				if errors.As(err, &pg); tt.code != "" && (pg == nil || pg.Code != tt.code) {
					t.Fatalf("error = %v, want code %s", err, tt.code)
				}
				if tt.code == "" && err != nil {
					t.Fatalf("error = %v", err)
				}
				if rows != tt.rows {
					t.Errorf("touched %d rows, want %d", rows, tt.rows)
				}
			})
		}
	}
}

func TestTransactionsNeedATenant(t *testing.T) {
	db := schematest.Postgres(t)
	for _, way := range transactions {
		if _, err := way.run(db, "", `SELECT 1`); err == nil {
			t.Errorf("%s ran without a tenant", way.name)
		}
	}
}

func TestTransactionsUndoAllOnFailure(t *testing.T) {
	ctx := context.Background()
	db := schematest.Postgres(t)
	err := db.InTenant(ctx, "acme", func(tx pgx.Tx) error {
		if _, err := tx.Exec(ctx, insertCounter, "acme"); err != nil {
			return err
		}
		return errors.New("second thoughts")
	})
	if err == nil || err.Error() != "second thoughts" {
		t.Errorf("InTenant() error = %v, want fn's own", err)
	}
	err = db.Batch(ctx, "acme", func(b *pgx.Batch) {
		b.Queue(insertCounter, "acme")
		b.Queue(insertCounter, "acme")
	})
	if !tenantdb.Violates(err, "counters_pkey") {
		t.Errorf("Batch() error = %v, want a violation of counters_pkey", err)
	}
	for _, way := range transactions {
		if rows, err := way.run(db, "acme", `SELECT FROM counters`); err != nil || rows != 0 {
			t.Errorf("%s sees %d rows after the failures, error %v; want none", way.name, rows, err)
		}
	}
}

func TestBatchReturnsACallbacksError(t *testing.T) {
	want := errors.New("cannot read this")
	db := schematest.Postgres(t)
	err := db.Batch(context.Background(), "acme", func(b *pgx.Batch) {
		b.Queue(`SELECT 1`).QueryRow(func(pgx.Row) error { return want })
	})
	if !errors.Is(err, want) {
		t.Errorf("error = %v, want %v", err, want)
	}
}

func TestTransientFailuresAreTriedAgain(t *testing.T) {
	tests := []struct {
		name  string
		code  string
		fails int // so many times, then it works
		runs  int
		want  bool // that it works in the end
	}{
		{"deadlock once", "40P01", 1, 2, true},
		{"serialization failure twice", "40001", 2, 3, true},
		{"deadlock each time", "40P01", 9, 3, false},
		{"unique violation", "23505", 1, 1, false},
	}
	db := schematest.Postgres(t)
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			runs := 0
			fail := func(pgx.Tx) error {
				if runs++; runs <= tt.fails {
					return &pgconn.PgError{Code: tt.code}
				}
				return nil
			}
			err := db.InTenant(context.Background(), "acme", fail)
			if runs != tt.runs || (err == nil) != tt.want {
				t.Errorf("InTenant ran %d times and returned %v; want %d times, success %t", runs, err, tt.runs, tt.want)
			}
			runs = 0
			err = db.AcrossTenants(context.Background(), fail)
			if runs != tt.runs || (err == nil) != tt.want {
				t.Errorf("AcrossTenants ran %d times and returned %v; want %d times, success %t", runs, err, tt.runs, tt.want)
			}
		})
	}
}

func TestAcrossTenantsSeesSharedTables(t *testing.T) {
	ctx := context.Background()
	db := schematest.Postgres(t)
	for _, tenant := range []ingest.TenantID{"acme", "globex"} {
		if err := db.Batch(ctx, tenant, func(b *pgx.Batch) { b.Queue(insertCounter, tenant) }); err != nil {
			t.Fatal(err)
		}
	}
	var n int
	err := db.AcrossTenants(ctx, func(tx pgx.Tx) error {
		return tx.QueryRow(ctx, `SELECT count(*) FROM counters`).Scan(&n)
	})
	if err != nil || n != 2 {
		t.Errorf("sees %d rows, error %v; want both", n, err)
	}
}

func TestACancelledCallLeavesNoTransactionBehind(t *testing.T) {
	db := schematest.Postgres(t)
	for _, way := range transactions {
		ctx, cancel := context.WithCancel(context.Background())
		err := db.InTenant(ctx, "acme", func(tx pgx.Tx) error {
			cancel()
			_, err := tx.Exec(ctx, insertCounter, "acme")
			return err
		})
		if !errors.Is(err, context.Canceled) {
			t.Errorf("error = %v, want context.Canceled", err)
		}
		if rows, err := way.run(db, "acme", `SELECT FROM counters`); err != nil || rows != 0 {
			t.Errorf("%s afterwards sees %d rows, error %v; want none", way.name, rows, err)
		}
	}
}
