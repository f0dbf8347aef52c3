package tenantdb_test

import (
	"context"
	"net"
	"sync/atomic"
	"testing"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"frontdesk/deploy/schema/schematest"
	"frontdesk/ingest/tenantdb"
)

// turns counts how often a connection is written to after it was read from:
// the round trips.
type turns struct {
	net.Conn
	count *atomic.Int64
	wrote atomic.Bool
}

func (c *turns) Write(p []byte) (int, error) {
	if !c.wrote.Swap(true) {
		c.count.Add(1)
	}
	return c.Conn.Write(p)
}

func (c *turns) Read(p []byte) (int, error) {
	n, err := c.Conn.Read(p)
	if n > 0 {
		c.wrote.Store(false)
	}
	return n, err
}

// countingPool returns a pool of one connection as the tenant's role.
func countingPool(t testing.TB) (*pgxpool.Pool, *atomic.Int64) {
	t.Helper()
	config, err := pgxpool.ParseConfig(schematest.PostgresURL(t))
	if err != nil {
		t.Fatal(err)
	}
	count := &atomic.Int64{}
	config.MaxConns = 1
	config.ConnConfig.RuntimeParams["role"] = tenantdb.TenantRole
	config.ConnConfig.DialFunc = func(ctx context.Context, network, address string) (net.Conn, error) {
		conn, err := (&net.Dialer{}).DialContext(ctx, network, address)
		return &turns{Conn: conn, count: count}, err
	}
	pool, err := pgxpool.NewWithConfig(t.Context(), config)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(pool.Close)
	return pool, count
}

func TestRoundTrips(t *testing.T) {
	ctx := context.Background()
	pool, count := countingPool(t)
	db := tenantdb.New(pool, pool)
	batch := func() error {
		return db.Batch(ctx, "acme", func(b *pgx.Batch) {
			b.Queue(`SELECT frontdesk_next_number('acme', 'call')`)
			b.Queue(`SELECT FROM counters`)
		})
	}
	inTenant := func() error {
		return db.InTenant(ctx, "acme", func(tx pgx.Tx) error {
			_, err := tx.Exec(ctx, `SELECT FROM counters`)
			return err
		})
	}
	tests := []struct {
		name string
		run  func() error
		want int64
	}{
		{"a batch is one", batch, 1},
		{"InTenant adds two to its statements: begin with the tenant, and commit", inTenant, 3},
	}
	for _, tt := range tests {
		if err := tt.run(); err != nil { // the first time prepares the statements
			t.Fatalf("%s: %v", tt.name, err)
		}
		count.Store(0)
		if err := tt.run(); err != nil {
			t.Fatalf("%s: %v", tt.name, err)
		}
		if got := count.Load(); got != tt.want {
			t.Errorf("%s: %d round trips, want %d", tt.name, got, tt.want)
		}
	}
}

func TestAConnectionForgetsItsTenant(t *testing.T) {
	ctx := context.Background()
	pool, _ := countingPool(t)
	db := tenantdb.New(pool, pool)
	if err := db.Batch(ctx, "acme", func(b *pgx.Batch) { b.Queue(insertCounter, "acme") }); err != nil {
		t.Fatal(err)
	}
	var rows int
	if err := pool.QueryRow(ctx, `SELECT count(*) FROM counters`).Scan(&rows); err != nil || rows != 0 {
		t.Errorf("a statement without a tenant sees %d rows, error %v; want none", rows, err)
	}
}

func BenchmarkBatchOfOne(b *testing.B) {
	ctx := context.Background()
	pool, _ := countingPool(b)
	db := tenantdb.New(pool, pool)
	b.ReportAllocs()
	for b.Loop() {
		if err := db.Batch(ctx, "acme", func(b *pgx.Batch) { b.Queue(`SELECT value FROM counters WHERE tenant_id = $1`, "acme") }); err != nil {
			b.Fatal(err)
		}
	}
}
