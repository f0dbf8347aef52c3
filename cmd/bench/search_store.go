package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/url"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/pgvector/pgvector-go"

	"frontdesk/deploy/schema"
	"frontdesk/ingest"
	"frontdesk/ingest/tenantdb"
)

// scratchDatabase makes a migrated database on server and returns it with a
// function that drops it.
func scratchDatabase(ctx context.Context, server, name string) (*tenantdb.DB, func(), error) {
	name = fmt.Sprintf("frontdesk_bench_%s_%d", name, time.Now().UnixNano())
	at, err := url.Parse(server)
	if err != nil {
		return nil, nil, errors.New("the URL of the server is malformed") // the cause quotes the password
	}
	execute := func(ctx context.Context, statement string) error {
		conn, err := pgx.Connect(ctx, server)
		if err != nil {
			return err
		}
		defer conn.Close(ctx)
		_, err = conn.Exec(ctx, statement)
		return err
	}
	if err := execute(ctx, `CREATE DATABASE `+name); err != nil {
		return nil, nil, err
	}
	drop := func() { _ = execute(context.WithoutCancel(ctx), `DROP DATABASE `+name+` WITH (FORCE)`) }
	at.Path = "/" + name
	if err := schema.MigratePostgres(ctx, at.String(), slog.New(slog.NewTextHandler(io.Discard, nil))); err != nil {
		drop()
		return nil, nil, err
	}
	db, closeDB, err := schema.OpenPostgres(ctx, schema.Config{URL: at.String()})
	if err != nil {
		drop()
		return nil, nil, err
	}
	return db, func() { closeDB(); drop() }, nil
}

// vectorsOf reads all of a tenant's vectors, to compare a search with.
func vectorsOf(ctx context.Context, db *tenantdb.DB, tenant ingest.TenantID) (map[string][]float32, error) {
	out := map[string][]float32{}
	err := db.InTenant(ctx, tenant, func(tx pgx.Tx) error {
		rows, err := tx.Query(ctx, `SELECT passage_id, embedding FROM passage_vectors WHERE tenant_id = $1`, tenant)
		if err != nil {
			return err
		}
		var id string
		var v pgvector.Vector
		_, err = pgx.ForEachRow(rows, []any{&id, &v}, func() error { out[id] = v.Slice(); return nil })
		return err
	})
	return out, err
}

// nearestIn returns the ids of the n passages that the search finds nearest.
func nearestIn(ctx context.Context, db *tenantdb.DB, tenant ingest.TenantID, asked []float32, n int) ([]string, error) {
	var out []string
	err := db.InTenant(ctx, tenant, func(tx pgx.Tx) error {
		rows, err := tx.Query(ctx, `SELECT passage_id FROM frontdesk_search_passages($1, $2, '{}'::tsquery[], '', $3) ORDER BY by_vector`,
			pgvector.NewVector(asked), fmt.Sprintf("hashing-256-v1:%d", len(asked)), n)
		if err != nil {
			return err
		}
		out, err = pgx.CollectRows(rows, pgx.RowTo[string])
		return err
	})
	return out, err
}

// urlOf returns the URL of db, a database of server.
func urlOf(ctx context.Context, server string, db *tenantdb.DB) (string, error) {
	name := ""
	if err := db.AcrossTenants(ctx, func(tx pgx.Tx) error {
		return tx.QueryRow(ctx, `SELECT current_database()`).Scan(&name)
	}); err != nil {
		return "", err
	}
	at, err := url.Parse(server)
	if err != nil || strings.TrimSpace(name) == "" {
		return "", errors.New("the URL of the server is malformed")
	}
	at.Path = "/" + name
	return at.String(), nil
}

// settle has Postgres take stock, as it would by itself after a while.
func settle(ctx context.Context, server string, db *tenantdb.DB) error {
	at, err := urlOf(ctx, server, db)
	if err != nil {
		return err
	}
	conn, err := pgx.Connect(ctx, at)
	if err != nil {
		return err
	}
	defer conn.Close(ctx)
	_, err = conn.Exec(ctx, `VACUUM ANALYZE`)
	return err
}
