package schema_test

import (
	"strings"
	"testing"

	"github.com/jackc/pgx/v5/pgxpool"

	"frontdesk/deploy/schema"
	"frontdesk/deploy/schema/schematest"
)

// TestCheckRoleRefusesRolesThatEscape changes the rights of a role inside a
// transaction that is rolled back, as roles belong to the whole server.
func TestCheckRoleRefusesRolesThatEscape(t *testing.T) {
	tests := []struct {
		name  string
		role  string
		broke string
		want  string
	}{
		{"a superuser", "frontdesk_probe", `CREATE ROLE frontdesk_probe SUPERUSER`, "is a superuser"},
		{"one that bypasses", "frontdesk_probe", `CREATE ROLE frontdesk_probe BYPASSRLS`, "bypasses row-level security"},
		{"another than was asked for", "frontdesk_tenant", `CREATE ROLE frontdesk_probe`, "run as role frontdesk_probe instead of frontdesk_tenant"},
		{"one that may do nothing of this", "frontdesk_probe", `CREATE ROLE frontdesk_probe`, ""},
	}
	pool, err := pgxpool.New(t.Context(), schematest.PostgresURL(t))
	if err != nil {
		t.Fatal(err)
	}
	defer pool.Close()
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			tx, err := pool.Begin(t.Context())
			if err != nil {
				t.Fatal(err)
			}
			defer tx.Rollback(t.Context())
			if _, err := tx.Exec(t.Context(), tt.broke); err != nil {
				t.Fatal(err)
			}
			if _, err := tx.Exec(t.Context(), `SET LOCAL ROLE frontdesk_probe`); err != nil {
				t.Fatal(err)
			}
			err = schema.CheckRole(t.Context(), tx, tt.role)
			switch {
			case tt.want == "" && err != nil:
				t.Errorf("refused: %v", err)
			case tt.want != "" && (err == nil || !strings.Contains(err.Error(), tt.want)):
				t.Errorf("error = %v, want one with %q", err, tt.want)
			}
		})
	}
}
