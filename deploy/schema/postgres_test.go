package schema_test

import (
	"bytes"
	"context"
	"errors"
	"io/fs"
	"log/slog"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"frontdesk/deploy/schema"
	"frontdesk/deploy/schema/schematest"
)

var quiet = slog.New(slog.DiscardHandler)

// TestMigratePostgresAtOnce starts from nothing in two databases, twice in
// each: the migrations wait for one another and the roles, which belong to the
// whole server, are made by one of them.
func TestMigratePostgresAtOnce(t *testing.T) {
	var urls []string
	for range 2 {
		url := schematest.PostgresURL(t)
		execute(t, url, `DROP SCHEMA public CASCADE; CREATE SCHEMA public`)
		urls = append(urls, url)
	}
	var all sync.WaitGroup
	for _, url := range append(urls, urls...) {
		all.Go(func() {
			if err := schema.MigratePostgres(t.Context(), url, quiet); err != nil {
				t.Errorf("migrate: %v", err)
			}
		})
	}
	all.Wait()
	for _, url := range urls {
		_, closeDB, err := schema.OpenPostgres(t.Context(), schema.Config{URL: url})
		if err != nil {
			t.Errorf("open after the migration: %v", err)
			continue
		}
		closeDB()
	}
}

func TestMigratePostgresTellsWhatItDoes(t *testing.T) {
	url := schematest.PostgresURL(t)
	var said bytes.Buffer
	log := slog.New(slog.NewTextHandler(&said, nil))
	if err := schema.MigratePostgres(t.Context(), url, log); err != nil || said.Len() != 0 {
		t.Errorf("nothing was pending: said %q, error %v", said.String(), err)
	}
	execute(t, url, `DROP SCHEMA public CASCADE; CREATE SCHEMA public`)
	if err := schema.MigratePostgres(t.Context(), url, log); err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(said.String(), "0001_ground.sql") {
		t.Errorf("did not tell of 0001_ground.sql: %s", said.String())
	}
}

func TestConnectionErrorsHideThePassword(t *testing.T) {
	const url = "postgres://desk:s3cret@localhost:99999/x"
	_, _, err := schema.OpenPostgres(t.Context(), schema.Config{URL: url})
	for _, err := range []error{err, schema.MigratePostgres(t.Context(), url, quiet)} {
		if err == nil || strings.Contains(err.Error(), "s3cret") {
			t.Errorf("error = %v, want one without the password", err)
		}
	}
}

func TestStatementsAreEndedByTheServer(t *testing.T) {
	db, closeDB, err := schema.OpenPostgres(t.Context(), schema.Config{URL: schematest.PostgresURL(t), StatementTimeout: 500 * time.Millisecond})
	if err != nil {
		t.Fatal(err)
	}
	defer closeDB()
	err = db.InTenant(t.Context(), "acme", func(tx pgx.Tx) error {
		_, err := tx.Exec(context.Background(), `SELECT pg_sleep(5)`)
		return err
	})
	if err == nil || !strings.Contains(err.Error(), "statement timeout") {
		t.Errorf("error = %v, want a statement timeout", err)
	}
}

// TestMigrationsOnlyGoForward keeps files numbered, unique and without a way
// back: a Down that is never run in production is never right.
func TestPlansAreNotCompiled(t *testing.T) {
	t.Parallel()
	var jit []string
	show := func(tx pgx.Tx) error {
		var setting string
		err := tx.QueryRow(t.Context(), `SHOW jit`).Scan(&setting)
		jit = append(jit, setting)
		return err
	}
	db := schematest.Postgres(t)
	if err := errors.Join(db.InTenant(t.Context(), "acme", show), db.AcrossTenants(t.Context(), show)); err != nil {
		t.Fatal(err)
	}
	if !slices.Equal(jit, []string{"off", "off"}) {
		t.Errorf("jit is %q; a second of compiling is longer than any statement here", jit)
	}
}

func TestMigrationsOnlyGoForward(t *testing.T) {
	named := regexp.MustCompile(`^\d{4}_[a-z0-9_]+\.sql$`)
	numbers := map[string]string{}
	err := fs.WalkDir(schema.PostgresMigrations(), ".", func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		if !named.MatchString(path) {
			t.Errorf("%s: want NNNN_name.sql", path)
			return nil
		}
		if other, taken := numbers[path[:4]]; taken {
			t.Errorf("%s and %s bear one number", other, path)
		}
		numbers[path[:4]] = path
		content, err := fs.ReadFile(schema.PostgresMigrations(), path)
		if strings.Contains(string(content), "+goose Down") {
			t.Errorf("%s has a Down", path)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
}
