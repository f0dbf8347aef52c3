package schematest_test

import (
	"context"
	"os"
	"strings"
	"testing"

	"github.com/jackc/pgx/v5"

	"frontdesk/deploy/schema/schematest"
)

func TestPostgresGivesEachTestItsOwn(t *testing.T) {
	ctx := context.Background()
	one, other := schematest.Postgres(t), schematest.Postgres(t)
	next := func(tx pgx.Tx) error {
		var n int64
		if err := tx.QueryRow(ctx, `SELECT frontdesk_next_number('acme', 'call')`).Scan(&n); err != nil {
			return err
		}
		if n != 1 {
			t.Errorf("first number of a new database is %d, want 1", n)
		}
		return nil
	}
	if err := one.InTenant(ctx, "acme", next); err != nil {
		t.Fatal(err)
	}
	if err := other.InTenant(ctx, "acme", next); err != nil {
		t.Fatal(err)
	}
}

func TestPostgresLeavesNothingBehind(t *testing.T) {
	var name string
	t.Run("a test with a database", func(t *testing.T) {
		url := schematest.PostgresURL(t)
		name = url[strings.LastIndex(url, "/")+1:]
	})
	if name == "" {
		t.Skip("no server")
	}
	ctx := context.Background()
	admin, err := pgx.Connect(ctx, os.Getenv("FRONTDESK_TEST_POSTGRES_URL"))
	if err != nil {
		t.Fatal(err)
	}
	defer admin.Close(ctx)
	var left bool
	if err := admin.QueryRow(ctx, `SELECT EXISTS (SELECT FROM pg_database WHERE datname = $1)`, name).Scan(&left); err != nil {
		t.Fatal(err)
	}
	if left {
		t.Errorf("database %s is still there after its test", name)
	}
}

// TestPostgresAtOnce has the copies made together, as test binaries do.
func TestPostgresAtOnce(t *testing.T) {
	for range 6 {
		t.Run("", func(t *testing.T) {
			t.Parallel()
			schematest.PostgresURL(t)
		})
	}
}
