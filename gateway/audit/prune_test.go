package audit_test

import (
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"frontdesk/deploy/schema/schematest"
	"frontdesk/gateway/audit"
	"frontdesk/ingest"
	"frontdesk/ingest/tenantdb"
)

const day = 24 * time.Hour

// seed gives a tenant many entries of an age.
func seed(t *testing.T, db *tenantdb.DB, tenant ingest.TenantID, object string, many int, age time.Duration) {
	t.Helper()
	at := time.Now().Add(-age)
	err := db.InTenant(t.Context(), tenant, func(tx pgx.Tx) error {
		if _, err := tx.Exec(t.Context(), `INSERT INTO tenants (tenant_id, slug, name, plan) VALUES ($1, $1, $1, 'starter') ON CONFLICT DO NOTHING`, tenant); err != nil {
			return err
		}
		// The random part goes on from the time's, in the order of n.
		_, err := tx.Exec(t.Context(), `INSERT INTO audit_log (tenant_id, id, at, actor, actor_id, action, request_id, change, object, object_id, fields)
			SELECT $1, $2 || to_char(n, 'FM0000000000000000'), $3, 'key', 'key_1', 'createService', 'req_' || n, 'created', $4, $4, '{}' FROM generate_series(1, $5) n`,
			tenant, ingest.NewID("aud_", at)[:14], at, object, many)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
}

// left counts a tenant's entries by object.
func left(t *testing.T, db *tenantdb.DB, tenant ingest.TenantID) map[string]int {
	t.Helper()
	out := map[string]int{}
	err := db.InTenant(t.Context(), tenant, func(tx pgx.Tx) error {
		rows, err := tx.Query(t.Context(), `SELECT object, count(*) FROM audit_log WHERE tenant_id = $1 GROUP BY 1`, tenant)
		if err != nil {
			return err
		}
		var object string
		var n int
		_, err = pgx.ForEachRow(rows, []any{&object, &n}, func() error { out[object] = n; return nil })
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return out
}

func TestPruneTakesWhatIsTooOldAndNothingElse(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name string
		keep time.Duration
		gone int64
		want map[string]int // of acme
	}{
		{"beyond a year, of all tenants, in several batches", 365 * day, 12_002, map[string]int{"month": 3, "day": 4}},
		{"beyond 31 days", 31 * day, 12_005, map[string]int{"day": 4}},
		{"an hour is too short to be meant", time.Hour, 12_005, map[string]int{"day": 4}},
		{"all is kept", 0, 0, map[string]int{"old": 12_000, "month": 3, "day": 4}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			db := schematest.Postgres(t)
			seed(t, db, "acme", "old", 12_000, 400*day)
			seed(t, db, "acme", "month", 3, 32*day)
			seed(t, db, "acme", "day", 4, 29*day)
			seed(t, db, "globex", "old", 2, 400*day)
			seed(t, db, "globex", "day", 1, day)
			n, err := audit.NewPruner(db, tt.keep, nil).Prune(t.Context(), time.Now())
			if err != nil || n != tt.gone {
				t.Fatalf("pruned %d, %v; want %d", n, err, tt.gone)
			}
			got := left(t, db, "acme")
			for object, n := range tt.want {
				if got[object] != n {
					t.Errorf("of %s %d are left, want %d", object, got[object], n)
				}
			}
			if len(got) != len(tt.want) || left(t, db, "globex")["day"] != 1 {
				t.Errorf("left is %v, of the other tenant %v", got, left(t, db, "globex"))
			}
		})
	}
}

// TestNobodyDeletesAnEntryOfThisMonth: not by a wrong clock, nor by a statement
// that asks for all.
func TestNobodyDeletesAnEntryOfThisMonth(t *testing.T) {
	t.Parallel()
	db := schematest.Postgres(t)
	seed(t, db, "acme", "old", 2, 31*day)
	seed(t, db, "acme", "day", 4, 29*day)
	if n, err := audit.NewPruner(db, audit.LeastKept, nil).Prune(t.Context(), time.Now().Add(1000*day)); err != nil || n != 2 {
		t.Errorf("a clock of another year pruned %d, %v; want the 2 that are old", n, err)
	}
	seed(t, db, "acme", "old", 2, 32*day)
	err := db.AcrossTenants(t.Context(), func(tx pgx.Tx) error {
		_, err := tx.Exec(t.Context(), `DELETE FROM audit_log`)
		return err
	})
	if err != nil || left(t, db, "acme")["day"] != 4 || left(t, db, "acme")["old"] != 0 {
		t.Errorf("after a statement without a condition %v is left, %v", left(t, db, "acme"), err)
	}
	for _, sql := range []string{`UPDATE audit_log SET at = 'epoch'`, `INSERT INTO audit_log SELECT * FROM audit_log`} {
		err := db.AcrossTenants(t.Context(), func(tx pgx.Tx) error { _, err := tx.Exec(t.Context(), sql); return err })
		if err == nil || !strings.Contains(err.Error(), "permission denied") {
			t.Errorf("%s: %v, want it refused", sql, err)
		}
	}
	if err := db.InTenant(t.Context(), "acme", func(tx pgx.Tx) error { _, err := tx.Exec(t.Context(), `DELETE FROM audit_log`); return err }); err == nil {
		t.Error("a tenant's role deletes entries")
	}
}

// TestPruneWaitsForNobody prunes beside another that has not ended yet.
func TestPruneWaitsForNobody(t *testing.T) {
	t.Parallel()
	db := schematest.Postgres(t)
	seed(t, db, "acme", "old", 10, 400*day)
	err := db.AcrossTenants(t.Context(), func(tx pgx.Tx) error {
		if n, err := audit.Batch(t.Context(), tx, time.Now().Add(-365*day)); err != nil || n != 10 {
			t.Fatalf("the first deletes %d, %v", n, err)
		}
		if n, err := audit.NewPruner(db, 365*day, nil).Prune(t.Context(), time.Now()); err != nil || n != 0 {
			t.Errorf("beside it %d are pruned, %v", n, err)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}
