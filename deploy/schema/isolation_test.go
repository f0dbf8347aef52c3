package schema_test

import (
	"context"
	"errors"
	"fmt"
	"testing"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"

	"frontdesk/deploy/schema"
	"frontdesk/deploy/schema/schematest"
)

// TestEveryTableKeepsTenantsApart puts a row of two tenants into every table
// that has a tenant_id and tries to reach one tenant's as the other. It finds
// the tables itself, so a new one is covered from its first migration.
func TestEveryTableKeepsTenantsApart(t *testing.T) {
	ctx := t.Context()
	url := schematest.PostgresURL(t)
	owner, err := pgx.Connect(ctx, url)
	if err != nil {
		t.Fatal(err)
	}
	defer owner.Close(context.Background())
	tables := tenantTables(t, owner)
	if len(tables) == 0 {
		t.Fatal("found no table with a tenant_id")
	}
	for _, table := range tables {
		loosen(t, owner, table)
		if _, err := owner.Exec(ctx, `INSERT INTO `+table+` (tenant_id) VALUES ('acme'), ('globex')`); err != nil {
			t.Fatalf("%s: insert a row of each tenant: %v", table, err)
		}
	}
	db, closeDB, err := schema.OpenPostgres(ctx, schema.Config{URL: url})
	if err != nil {
		t.Fatal(err)
	}
	defer closeDB()
	probes := []struct {
		name string
		sql  string
		rows int64 // at most
	}{
		{"own rows are seen", `SELECT FROM %s`, 1},
		{"other rows are not", `SELECT FROM %s WHERE tenant_id = 'globex'`, 0},
		{"other rows are not changed", `UPDATE %s SET tenant_id = 'acme' WHERE tenant_id = 'globex'`, 0},
		{"other rows are not deleted", `DELETE FROM %s WHERE tenant_id = 'globex'`, 0},
		{"rows are not given away", `UPDATE %s SET tenant_id = 'globex'`, 0},
		{"rows are not written for others", `INSERT INTO %s (tenant_id) VALUES ('globex')`, 0},
	}
	for _, table := range tables {
		for _, p := range probes {
			t.Run(table+" "+p.name, func(t *testing.T) {
				var touched int64
				err := db.InTenant(ctx, "acme", func(tx pgx.Tx) error {
					tag, err := tx.Exec(ctx, fmt.Sprintf(p.sql, table))
					touched = tag.RowsAffected()
					return err
				})
				var pg *pgconn.PgError
				if err != nil && (!errors.As(err, &pg) || pg.Code != "42501") { // insufficient_privilege
					t.Fatal(err)
				}
				if touched > p.rows {
					t.Errorf("touched %d rows, want %d", touched, p.rows)
				}
			})
		}
	}
}

// tenantTables returns the tables with a tenant_id, quoted.
func tenantTables(t *testing.T, conn *pgx.Conn) []string {
	t.Helper()
	rows, err := conn.Query(t.Context(), `
		SELECT c.oid::regclass::text FROM pg_class c
		JOIN pg_attribute a ON a.attrelid = c.oid AND a.attname = 'tenant_id'
		WHERE c.relkind IN ('r', 'p') AND NOT c.relispartition ORDER BY 1`)
	if err != nil {
		t.Fatal(err)
	}
	tables, err := pgx.CollectRows(rows, pgx.RowTo[string])
	if err != nil {
		t.Fatal(err)
	}
	return tables
}

// loosen takes from a table what keeps a row of only a tenant_id out: its
// constraints, triggers and NOT NULLs. The policies stay.
func loosen(t *testing.T, conn *pgx.Conn, table string) {
	t.Helper()
	_, err := conn.Exec(t.Context(), fmt.Sprintf(`
		DO $$
		DECLARE name text;
		BEGIN
			FOR name IN SELECT conname FROM pg_constraint WHERE conrelid = '%[1]s'::regclass LOOP
				EXECUTE format('ALTER TABLE %[1]s DROP CONSTRAINT IF EXISTS %%I CASCADE', name);
			END LOOP;
			FOR name IN SELECT indexrelid::regclass FROM pg_index WHERE indrelid = '%[1]s'::regclass AND indisunique LOOP
				EXECUTE 'DROP INDEX ' || name;
			END LOOP;
			FOR name IN SELECT attname FROM pg_attribute WHERE attrelid = '%[1]s'::regclass
				AND attnum > 0 AND attnotnull AND attidentity = '' AND NOT attisdropped LOOP
				EXECUTE format('ALTER TABLE %[1]s ALTER COLUMN %%I DROP NOT NULL', name);
			END LOOP;
			ALTER TABLE %[1]s DISABLE TRIGGER USER;
		END
		$$`, table))
	if err != nil {
		t.Fatalf("%s: loosen: %v", table, err)
	}
}
