package schematest

import (
	"context"
	"fmt"
	"net/url"
	"os"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"frontdesk/deploy/schema"
	"frontdesk/ingest/tenantdb"
)

// patience bounds the set-up of a test's database, template included.
const patience = 2 * time.Minute

// Postgres returns a migrated, empty database that only t uses.
func Postgres(t testing.TB) *tenantdb.DB {
	t.Helper()
	target := PostgresURL(t)
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	db, closeDB, err := schema.OpenPostgres(ctx, schema.Config{URL: target, MaxConns: 8, MaxSystemConns: 4})
	if err != nil {
		t.Fatalf("open the test's database: %v", err)
	}
	t.Cleanup(closeDB) // runs before the drop that PostgresURL asked for
	return db
}

// PostgresOfOne is [Postgres] with one connection a role, so that plans which one
// call has made are those of the next, and a connection of the owner: for tests
// of what statements read once the statistics are no longer true.
func PostgresOfOne(t testing.TB) (*tenantdb.DB, *pgx.Conn) {
	t.Helper()
	url := PostgresURL(t)
	db, done, err := schema.OpenPostgres(context.Background(), schema.Config{URL: url, MaxConns: 1, MaxSystemConns: 1})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(done)
	owner, err := pgx.Connect(context.Background(), url)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = owner.Close(context.Background()) })
	return db, owner
}

// PostgresURL returns the URL of a migrated, empty database that only t uses,
// with the rights of its owner. It is for tests that start whole systems.
func PostgresURL(t testing.TB) string {
	t.Helper()
	server := serverURL(t)
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	admin, err := pgx.Connect(ctx, server)
	if err != nil {
		t.Fatalf("connect to the test server: %v", err)
	}
	defer admin.Close(ctx)
	name, err := clone(ctx, admin, server)
	if err != nil {
		t.Fatalf("make the test's database: %v", err)
	}
	t.Cleanup(func() { drop(t, server, name) })
	return withDatabase(server, name)
}

// serverURL returns the server's URL, or ends t where there is none.
func serverURL(t testing.TB) string {
	t.Helper()
	server := os.Getenv("FRONTDESK_TEST_POSTGRES_URL")
	if server != "" {
		return server
	}
	if os.Getenv("FRONTDESK_TEST_REQUIRE") != "" {
		t.Fatal("FRONTDESK_TEST_POSTGRES_URL is not set; make test sets it")
	}
	t.Skip("FRONTDESK_TEST_POSTGRES_URL is not set; make test sets it")
	return ""
}

func drop(t testing.TB, server, name string) {
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	admin, err := pgx.Connect(ctx, server)
	if err != nil {
		t.Errorf("connect to drop %s: %v", name, err)
		return
	}
	defer admin.Close(ctx)
	if _, err := admin.Exec(ctx, "DROP DATABASE IF EXISTS "+pgx.Identifier{name}.Sanitize()+" WITH (FORCE)"); err != nil {
		t.Errorf("drop %s: %v", name, err)
	}
}

// withDatabase returns server with the database it names replaced.
func withDatabase(server, name string) string {
	u, err := url.Parse(server)
	if err != nil || u.Scheme == "" {
		return fmt.Sprintf("%s dbname=%s", server, name) // the keyword form, where the last one counts
	}
	u.Path = "/" + name
	return u.String()
}
