package schema

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
	pgxvec "github.com/pgvector/pgvector-go/pgx"

	"frontdesk/ingest/tenantdb"
)

// Config says how to reach Postgres.
type Config struct {
	// URL names the database and the user that owns the schema.
	URL string
	// MaxConns bounds the connections that work as one tenant; 0 is 16.
	MaxConns int32
	// MaxSystemConns bounds those that work across tenants; 0 is 8.
	MaxSystemConns int32
	// StatementTimeout ends a statement on the server; 0 is 15 s. It should be
	// less than the deadlines of callers: a cancelled call closes its connection.
	StatementTimeout time.Duration
}

func (c Config) withDefaults() Config {
	if c.MaxConns == 0 {
		c.MaxConns = 16
	}
	if c.MaxSystemConns == 0 {
		c.MaxSystemConns = 8
	}
	if c.StatementTimeout == 0 {
		c.StatementTimeout = 15 * time.Second
	}
	return c
}

// OpenPostgres connects to a migrated database and returns it with a function
// that closes its connections. It returns an error that names the role or
// table where row-level security would not hold: see [checkIsolation].
func OpenPostgres(ctx context.Context, config Config) (*tenantdb.DB, func(), error) {
	config = config.withDefaults()
	tenant, err := openAs(ctx, tenantdb.TenantRole, config.MaxConns, config)
	if err != nil {
		return nil, nil, err
	}
	system, err := openAs(ctx, tenantdb.SystemRole, config.MaxSystemConns, config)
	if err != nil {
		tenant.Close()
		return nil, nil, err
	}
	closeBoth := func() { tenant.Close(); system.Close() }
	err = errors.Join(
		checkRole(ctx, tenant, tenantdb.TenantRole),
		checkRole(ctx, system, tenantdb.SystemRole),
		checkIsolation(ctx, tenant),
	)
	if err != nil {
		closeBoth()
		return nil, nil, fmt.Errorf("postgres is not safe to use: %w", err)
	}
	return tenantdb.New(tenant, system), closeBoth, nil
}

// openAs opens a pool whose connections take role as they log in, so that none
// is ever used as the owner.
func openAs(ctx context.Context, role string, maxConns int32, config Config) (*pgxpool.Pool, error) {
	pool, err := pgxpool.ParseConfig(config.URL)
	if err != nil {
		return nil, errors.New("open postgres: the connection URL is malformed") // the cause quotes the password
	}
	pool.MaxConns = maxConns
	pool.ConnConfig.RuntimeParams["role"] = role
	pool.ConnConfig.RuntimeParams["application_name"] = role
	pool.ConnConfig.RuntimeParams["statement_timeout"] = strconv.FormatInt(config.StatementTimeout.Milliseconds(), 10)
	pool.ConnConfig.RuntimeParams["idle_in_transaction_session_timeout"] = strconv.FormatInt(2*config.StatementTimeout.Milliseconds(), 10)
	// Our queries are short. Where a plan has no way around reading a small table
	// as a whole while it is told not to, its made-up cost would have it compiled,
	// which takes a second.
	pool.ConnConfig.RuntimeParams["jit"] = "off"
	if role == tenantdb.SystemRole {
		// Its tables are queues, which go from empty to long: a plan is not to be
		// kept from one to the other. What runs for every message says otherwise.
		pool.ConnConfig.RuntimeParams["plan_cache_mode"] = "force_custom_plan"
	}
	pool.ConnConfig.ConnectTimeout = 5 * time.Second
	pool.ConnConfig.DialFunc = dial
	pool.AfterConnect = func(ctx context.Context, conn *pgx.Conn) error {
		if err := pgxvec.RegisterTypes(ctx, conn); err != nil {
			return fmt.Errorf("register vector types (is the schema migrated?): %w", err)
		}
		return nil
	}
	opened, err := pgxpool.NewWithConfig(ctx, pool)
	if err != nil {
		return nil, fmt.Errorf("open postgres as %s: %w", role, err)
	}
	if err := opened.Ping(ctx); err != nil {
		opened.Close()
		return nil, fmt.Errorf("open postgres as %s: %w", role, err)
	}
	return opened, nil
}
