package schema

import (
	"context"
	"embed"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/stdlib"
	"github.com/pressly/goose/v3"
	"github.com/pressly/goose/v3/lock"
)

//go:embed postgres/*.sql
var postgresFiles embed.FS

// PostgresMigrations returns the migrations of Postgres, one file each.
func PostgresMigrations() fs.FS {
	files, err := fs.Sub(postgresFiles, "postgres")
	if err != nil {
		panic(err) // only a malformed path, and this one is constant
	}
	return files
}

// lockWait bounds how long a migration waits for a table that others use,
// since everybody else queues behind it meanwhile.
const lockWait = "5s"

// MigratePostgres brings the database at url up to date and logs each
// migration it applies. It waits for another process that is migrating the same
// database, and does nothing where all is applied. The url's user owns what it
// makes; it needs to be no superuser if the extensions are there already.
//
// Numbers are by area, so a release may bring a number below one that is
// applied; it is applied then.
func MigratePostgres(ctx context.Context, url string, log *slog.Logger) error {
	return migratePostgres(ctx, url, PostgresMigrations(), log)
}

func migratePostgres(ctx context.Context, url string, files fs.FS, log *slog.Logger) error {
	config, err := pgx.ParseConfig(url)
	if err != nil {
		return errors.New("migrate postgres: the connection URL is malformed") // the cause quotes the password
	}
	config.RuntimeParams["lock_timeout"] = lockWait
	db := stdlib.OpenDB(*config)
	defer db.Close()

	locker, err := lock.NewPostgresSessionLocker(lock.WithLockTimeout(1, 600))
	if err != nil {
		return fmt.Errorf("migrate postgres: %w", err)
	}
	provider, err := goose.NewProvider(goose.DialectPostgres, db, files,
		goose.WithSessionLocker(locker), goose.WithDisableGlobalRegistry(true), goose.WithAllowOutofOrder(true))
	if err != nil {
		return fmt.Errorf("migrate postgres: %w", err)
	}
	return applyAll(ctx, provider, log.With("database", "postgres"))
}

// applyAll applies what is pending, one by one so that a long one is seen.
func applyAll(ctx context.Context, provider *goose.Provider, log *slog.Logger) error {
	for {
		done, err := provider.UpByOne(ctx)
		if errors.Is(err, goose.ErrNoNextVersion) {
			return nil
		}
		if err != nil {
			return fmt.Errorf("migrate: %w", err)
		}
		log.Info("migration applied", "file", done.Source.Path, "took", done.Duration.Round(time.Millisecond))
	}
}
