package tenantdb_test

import (
	"context"
	"fmt"
	"testing"

	"github.com/jackc/pgx/v5"

	"frontdesk/deploy/schema/schematest"
	"frontdesk/ingest/tenantdb"
)

func TestPoisonous(t *testing.T) {
	tests := []struct {
		name, sql string
		want      bool
	}{
		{"a row that is there already", `INSERT INTO counters (tenant_id, kind, value) VALUES ('acme', 'call', 1), ('acme', 'call', 2)`, true},
		{"a key too large for its index", `INSERT INTO counters (tenant_id, kind, value)
			SELECT 'acme', string_agg(md5(i::text), ''), 1 FROM generate_series(1, 300) i`, true},
		{"no time", `SELECT 'later'::timestamptz`, true},
		{"another tenant's row", `INSERT INTO counters (tenant_id, kind, value) VALUES ('globex', 'call', 1)`, false},
		{"a table that is not there yet", `SELECT FROM nothing`, false},
		{"a statement that takes too long", `SET LOCAL statement_timeout = 1; SELECT pg_sleep(5)`, false},
	}
	db := schematest.Postgres(t)
	for _, tt := range tests {
		err := db.InTenant(t.Context(), "acme", func(tx pgx.Tx) error {
			_, err := tx.Exec(t.Context(), tt.sql, pgx.QueryExecModeSimpleProtocol)
			return err
		})
		if got := tenantdb.Poisonous(fmt.Errorf("store: %w", err)); err == nil || got != tt.want {
			t.Errorf("%s: Poisonous(%v) = %t", tt.name, err, got)
		}
	}
	if tenantdb.Poisonous(nil) || tenantdb.Poisonous(context.DeadlineExceeded) {
		t.Error("what Postgres does not say is no fault of what was to be stored")
	}
}
