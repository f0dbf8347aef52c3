// Package tenantdb runs statements as one tenant. It is the only way by which
// stores reach Postgres.
//
// Tables carry forced row-level security, whose policies compare tenant_id
// with the setting app.tenant_id. The setting lives as long as the transaction
// that [DB.InTenant] opens: a pooled connection never remembers a tenant, and a
// statement outside such a transaction sees no rows.
package tenantdb

import (
	"context"
	"errors"
	"fmt"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/pgxpool"

	"frontdesk/ingest"
)

// Roles that the migrations make. Neither owns anything nor bypasses row-level
// security.
const (
	// TenantRole sees the rows of the tenant that is set, in every table.
	TenantRole = "frontdesk_tenant"
	// SystemRole sees all rows of the few tables whose policy names it: those
	// that must be read before the tenant is known (keys, channels) or that are
	// worked through for all (outbox, spool).
	SystemRole = "frontdesk_system"
)

// setTenant lasts until the end of the transaction.
const setTenant = `SELECT set_config('app.tenant_id', $1, true)`

var errNoTenant = errors.New("tenantdb: no tenant given")

// DB is two pools on one database, one a role. It is safe for concurrent use.
type DB struct {
	tenant *pgxpool.Pool
	system *pgxpool.Pool
	turns  *turns // of the tenants at the first pool
}

// New returns a DB on pools whose connections run as [TenantRole] and
// [SystemRole]. The caller closes the pools.
func New(tenant, system *pgxpool.Pool) *DB {
	return &DB{tenant: tenant, system: system, turns: newTurns(int(tenant.Config().MaxConns))}
}

// InTenant runs fn in a transaction that sees and writes only tenant's rows,
// and commits if fn returns nil. fn may run again as a whole after a deadlock
// or serialization failure (three times at most), so it must have no effect
// outside the transaction, and must not begin another: a tenant can have three
// quarters of the connections, and those who hold one would wait for each other.
// Where the statements do not depend on each other's results, [DB.Batch] saves
// the round trips.
func (db *DB) InTenant(ctx context.Context, tenant ingest.TenantID, fn func(pgx.Tx) error) error {
	if tenant == "" {
		return errNoTenant
	}
	return retry(ctx, func() error {
		conn, release, err := db.connect(ctx, tenant)
		if err != nil {
			return err
		}
		defer release()
		tx, err := begin(ctx, conn.Conn(), tenant)
		if err != nil {
			return err
		}
		defer rollback(ctx, tx)
		if err := fn(tx); err != nil {
			return err
		}
		return tx.Commit(ctx)
	})
}

// connect waits for a connection, of which no tenant has all.
func (db *DB) connect(ctx context.Context, tenant ingest.TenantID) (conn *pgxpool.Conn, release func(), err error) {
	if err := db.turns.take(ctx, tenant); err != nil {
		return nil, nil, fmt.Errorf("take a connection: %w", err)
	}
	if conn, err = db.tenant.Acquire(ctx); err != nil {
		db.turns.leave(tenant)
		return nil, nil, fmt.Errorf("take a connection: %w", err)
	}
	return conn, func() { conn.Release(); db.turns.leave(tenant) }, nil
}

// begin opens a transaction as tenant in one round trip.
func begin(ctx context.Context, conn *pgx.Conn, tenant ingest.TenantID) (pgx.Tx, error) {
	opening := &pgx.Batch{}
	opening.BeginTx(pgx.TxOptions{})
	opening.Queue(setTenant, string(tenant))
	queueActor(ctx, opening)
	results := conn.SendBatch(ctx, opening)
	if err := results.Close(); err != nil {
		rollback(ctx, results.Tx())
		return nil, fmt.Errorf("begin as a tenant: %w", err)
	}
	return results.Tx(), nil
}

// AcrossTenants runs fn in a transaction of [SystemRole]. It is for the few
// jobs that work over all tenants; the same rules hold for fn as in InTenant.
func (db *DB) AcrossTenants(ctx context.Context, fn func(pgx.Tx) error) error {
	return retry(ctx, func() error { return pgx.BeginFunc(ctx, db.system, fn) })
}

const attempts = 3

func retry(ctx context.Context, run func() error) error {
	var err error
	for range attempts {
		if err = run(); err == nil || !transient(err) || ctx.Err() != nil {
			return err
		}
	}
	return err
}

// transient reports a deadlock (40P01) or a serialization failure (40001).
func transient(err error) bool {
	var pg *pgconn.PgError
	return errors.As(err, &pg) && (pg.Code == "40P01" || pg.Code == "40001")
}

// Violates reports whether err says that the named constraint was broken.
func Violates(err error, constraint string) bool {
	var pg *pgconn.PgError
	return errors.As(err, &pg) && pg.ConstraintName == constraint
}
