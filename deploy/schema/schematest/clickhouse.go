package schematest

import (
	"context"
	"crypto/rand"
	"log/slog"
	"net/url"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/ClickHouse/clickhouse-go/v2"
	"github.com/ClickHouse/clickhouse-go/v2/lib/driver"

	"frontdesk/deploy/schema"
)

// ClickHouse returns a connection to a migrated, empty database that only t
// uses, and the URL of that database.
//
// FRONTDESK_TEST_CLICKHOUSE_URL names a server on which the user may make
// databases (http://user:password@host:port). Without it t is skipped, or
// fails if FRONTDESK_TEST_REQUIRE is set.
func ClickHouse(t testing.TB) (driver.Conn, string) {
	t.Helper()
	target := ClickHouseURL(t)
	conn := openClickHouse(t, target)
	t.Cleanup(func() { _ = conn.Close() }) // runs before the drop that ClickHouseURL asked for
	return conn, target
}

// ClickHouseURL returns the URL of a migrated, empty database that only t
// uses. It is for tests that start whole systems.
func ClickHouseURL(t testing.TB) string {
	t.Helper()
	server := os.Getenv("FRONTDESK_TEST_CLICKHOUSE_URL")
	if server == "" && os.Getenv("FRONTDESK_TEST_REQUIRE") != "" {
		t.Fatal("FRONTDESK_TEST_CLICKHOUSE_URL is not set; make test sets it")
	}
	if server == "" {
		t.Skip("FRONTDESK_TEST_CLICKHOUSE_URL is not set; make test sets it")
	}
	u, err := url.Parse(server)
	if err != nil {
		t.Fatal("FRONTDESK_TEST_CLICKHOUSE_URL is malformed") // the cause quotes the password
	}
	name := "test_" + strings.ToLower(rand.Text()[:16])
	u.Path = "/" + name
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	system := *u
	system.Path = "/default" // the server's URL may name a database that is not there
	t.Cleanup(func() { dropClickHouse(t, system.String(), name) })
	if err := schema.MigrateClickHouse(ctx, u.String(), slog.New(slog.DiscardHandler)); err != nil {
		t.Fatalf("make the test's database: %v", err)
	}
	return u.String()
}

func dropClickHouse(t testing.TB, server, name string) {
	conn := openClickHouse(t, server)
	defer conn.Close()
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	if err := conn.Exec(ctx, "DROP DATABASE IF EXISTS {name:Identifier}", clickhouse.Named("name", name)); err != nil {
		t.Errorf("drop %s: %v", name, err)
	}
}

func openClickHouse(t testing.TB, url string) driver.Conn {
	t.Helper()
	opts, err := clickhouse.ParseDSN(url)
	if err != nil {
		t.Fatal("the URL of ClickHouse is malformed") // the cause quotes the password
	}
	opts.DialTimeout, opts.ReadTimeout = 10*time.Second, time.Minute
	conn, err := clickhouse.Open(opts)
	if err != nil {
		t.Fatalf("connect to clickhouse: %v", err)
	}
	return conn
}
