package schema

import (
	"context"
	"embed"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"time"

	"github.com/ClickHouse/clickhouse-go/v2"
	"github.com/pressly/goose/v3"
)

//go:embed clickhouse/*.sql
var clickHouseFiles embed.FS

// ClickHouseMigrations returns the migrations of ClickHouse, one file each.
func ClickHouseMigrations() fs.FS {
	files, err := fs.Sub(clickHouseFiles, "clickhouse")
	if err != nil {
		panic(err) // only a malformed path, and this one is constant
	}
	return files
}

// MigrateClickHouse brings the database that url names up to date, makes it if
// it is not there, and logs each migration it applies. url is that of
// clickhouse-go: http://user:password@host:8123/database, or clickhouse://
// with port 9000. ClickHouse has no lock that processes could share, so
// migrations are written to be applied twice (IF NOT EXISTS): two processes
// that migrate at once do no harm.
func MigrateClickHouse(ctx context.Context, url string, log *slog.Logger) error {
	opts, err := clickhouse.ParseDSN(url)
	if err != nil {
		return errors.New("migrate clickhouse: the connection URL is malformed") // the cause quotes the password
	}
	opts.DialTimeout = 10 * time.Second
	if err := makeDatabase(ctx, *opts); err != nil {
		return fmt.Errorf("migrate clickhouse: %w", err)
	}
	db := clickhouse.OpenDB(opts)
	defer db.Close()
	provider, err := goose.NewProvider(goose.DialectClickHouse, db, ClickHouseMigrations(), goose.WithDisableGlobalRegistry(true))
	if err != nil {
		return fmt.Errorf("migrate clickhouse: %w", err)
	}
	return applyAll(ctx, provider, log.With("database", "clickhouse"))
}

// makeDatabase makes the database that opts names.
func makeDatabase(ctx context.Context, opts clickhouse.Options) error {
	name := opts.Auth.Database
	if name == "" || name == "default" {
		return nil
	}
	opts.Auth.Database = "default" // a connection to one that is not there is refused
	conn, err := clickhouse.Open(&opts)
	if err != nil {
		return err
	}
	defer conn.Close()
	return conn.Exec(ctx, "CREATE DATABASE IF NOT EXISTS {name:Identifier}", clickhouse.Named("name", name))
}
