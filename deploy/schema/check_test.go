package schema_test

import (
	"context"
	"strings"
	"testing"

	"github.com/jackc/pgx/v5"

	"frontdesk/deploy/schema"
	"frontdesk/deploy/schema/schematest"
)

// TestOpenPostgresRefusesWhatIsNotIsolated breaks the isolation in each way
// that is known, inside the test's own database.
func TestOpenPostgresRefusesWhatIsNotIsolated(t *testing.T) {
	tests := []struct {
		name  string
		broke string
		want  string // in the error; empty: it opens
	}{
		{"as migrated", ``, ""},
		{"row-level security off", `ALTER TABLE counters DISABLE ROW LEVEL SECURITY`, "table counters has row-level security off"},
		{"not forced", `ALTER TABLE counters NO FORCE ROW LEVEL SECURITY`, "table counters does not force"},
		{"a policy of the system role alone", `DROP POLICY tenant_only ON counters`, "table counters has no policy"},
		{"a policy that lets all see", `CREATE POLICY open_door ON counters USING (true)`, "table counters has a policy that does not look at app.tenant_id"},
		{"a new table that was not isolated", `CREATE TABLE notes (tenant_id text, body text)`, "table notes has row-level security off"},
		{"a table in another schema", `CREATE SCHEMA side; CREATE TABLE side.notes (tenant_id text)`, "table side.notes has row-level security off"},
		{"a partition of a tenant's table", `
			CREATE TABLE parted (tenant_id text) PARTITION BY LIST (tenant_id);
			CREATE TABLE part PARTITION OF parted DEFAULT;
			SELECT frontdesk_isolate('parted')`, "table part has row-level security off"},
		{"a view with its owner's rights", `CREATE VIEW seen AS SELECT tenant_id FROM counters`, "table seen is a view"},
		{"a view with its reader's rights", `CREATE VIEW seen WITH (security_invoker = true) AS SELECT tenant_id FROM counters`, ""},
		{"a materialized view", `CREATE MATERIALIZED VIEW kept AS SELECT tenant_id FROM counters`, "table kept has a tenant_id but can have no"},
		{"a table without tenants", `CREATE TABLE plain (id text)`, ""},
		{"the tenant role owns a table", `CREATE TABLE mine (id text); GRANT CREATE ON SCHEMA public TO frontdesk_tenant; ALTER TABLE mine OWNER TO frontdesk_tenant`,
			"role frontdesk_tenant owns mine"},
		{"the system role owns a table", `CREATE TABLE mine (id text); GRANT CREATE ON SCHEMA public TO frontdesk_system; ALTER TABLE mine OWNER TO frontdesk_system`,
			"role frontdesk_system owns mine"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			url := schematest.PostgresURL(t)
			execute(t, url, tt.broke)
			_, closeDB, err := schema.OpenPostgres(t.Context(), schema.Config{URL: url})
			if err == nil {
				closeDB()
			}
			switch {
			case tt.want == "" && err != nil:
				t.Errorf("refused: %v", err)
			case tt.want != "" && (err == nil || !strings.Contains(err.Error(), tt.want)):
				t.Errorf("error = %v, want one with %q", err, tt.want)
			}
		})
	}
}

func execute(t *testing.T, url, sql string) {
	t.Helper()
	conn, err := pgx.Connect(t.Context(), url)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close(context.Background())
	if _, err := conn.PgConn().Exec(t.Context(), sql).ReadAll(); err != nil {
		t.Fatalf("%s: %v", sql, err)
	}
}
