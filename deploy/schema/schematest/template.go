package schematest

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"strconv"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"

	"frontdesk/deploy/schema"
)

const (
	// templateLock is the advisory lock under which templates come and go.
	templateLock = 0x66645f74656d706c // "fd_templ"
	// staleAfter is the age at which a template of other migrations, or the copy
	// of a test that was killed, is taken away. Another checkout may use the same
	// server with other migrations, so it is not at once.
	staleAfter = time.Hour

	templatePrefix = "fd_template_"
	clonePrefix    = "fd_test_"
)

// clone copies the template to a database of its own and returns its name.
func clone(ctx context.Context, admin *pgx.Conn, server string) (string, error) {
	template, err := templateName(schema.PostgresMigrations())
	if err != nil {
		return "", err
	}
	name := clonePrefix + strconv.FormatInt(time.Now().Unix(), 10) + "_" + strings.ToLower(rand.Text()[:10])
	for range 3 {
		err = createFrom(ctx, admin, name, template)
		var pg *pgconn.PgError
		if !errors.As(err, &pg) || pg.Code != "3D000" { // invalid_catalog_name: no such template
			return name, err
		}
		if err := ensureTemplate(ctx, admin, server, template); err != nil {
			return "", err
		}
	}
	return name, err
}

func createFrom(ctx context.Context, admin *pgx.Conn, name, template string) error {
	_, err := admin.Exec(ctx, fmt.Sprintf("CREATE DATABASE %s TEMPLATE %s", name, template))
	if err != nil {
		return fmt.Errorf("copy %s: %w", template, err)
	}
	return nil
}

// ensureTemplate makes the template unless it is there. It is built under
// another name: what bears the template's name is complete.
func ensureTemplate(ctx context.Context, admin *pgx.Conn, server, template string) error {
	if _, err := admin.Exec(ctx, `SELECT pg_advisory_lock($1)`, int64(templateLock)); err != nil {
		return fmt.Errorf("wait for the template: %w", err)
	}
	defer admin.Exec(ctx, `SELECT pg_advisory_unlock($1)`, int64(templateLock))

	var there bool
	if err := admin.QueryRow(ctx, `SELECT EXISTS (SELECT FROM pg_database WHERE datname = $1)`, template).Scan(&there); err != nil || there {
		return err
	}
	if err := dropStale(ctx, admin); err != nil {
		return err
	}
	building := template + "_new"
	if _, err := admin.Exec(ctx, "DROP DATABASE IF EXISTS "+building+" WITH (FORCE)"); err != nil {
		return fmt.Errorf("drop an unfinished template: %w", err)
	}
	if err := createFrom(ctx, admin, building, "template0"); err != nil {
		return err
	}
	if err := schema.MigratePostgres(ctx, withDatabase(server, building), slog.New(slog.DiscardHandler)); err != nil {
		return err
	}
	stamp := strconv.FormatInt(time.Now().Unix(), 10)
	if _, err := admin.Exec(ctx, fmt.Sprintf("COMMENT ON DATABASE %s IS '%s'", building, stamp)); err != nil {
		return fmt.Errorf("stamp the template: %w", err)
	}
	if _, err := admin.Exec(ctx, fmt.Sprintf("ALTER DATABASE %s RENAME TO %s", building, template)); err != nil {
		return fmt.Errorf("name the template: %w", err)
	}
	return nil
}

// dropStale drops templates and copies that are older than staleAfter. The age
// of a copy is in its name, that of a template in its comment.
func dropStale(ctx context.Context, admin *pgx.Conn) error {
	rows, err := admin.Query(ctx, `
		SELECT datname, coalesce(shobj_description(oid, 'pg_database'), '') FROM pg_database
		WHERE starts_with(datname, $1) OR starts_with(datname, $2)`, templatePrefix, clonePrefix)
	if err != nil {
		return fmt.Errorf("list test databases: %w", err)
	}
	var name, comment string
	var stale []string
	_, err = pgx.ForEachRow(rows, []any{&name, &comment}, func() error {
		if madeBefore(name, comment, time.Now().Add(-staleAfter)) {
			stale = append(stale, name)
		}
		return nil
	})
	if err != nil {
		return fmt.Errorf("list test databases: %w", err)
	}
	for _, name := range stale {
		if _, err := admin.Exec(ctx, "DROP DATABASE IF EXISTS "+pgx.Identifier{name}.Sanitize()+" WITH (FORCE)"); err != nil {
			return fmt.Errorf("drop %s: %w", name, err)
		}
	}
	return nil
}

// madeBefore reports whether the database was surely made before t.
func madeBefore(name, comment string, t time.Time) bool {
	stamp := comment
	if rest, isClone := strings.CutPrefix(name, clonePrefix); isClone {
		stamp, _, _ = strings.Cut(rest, "_")
	}
	made, err := strconv.ParseInt(stamp, 10, 64)
	return err == nil && made < t.Unix()
}

// templateName returns the name of the template for these migrations.
func templateName(migrations fs.FS) (string, error) {
	sum := sha256.New()
	err := fs.WalkDir(migrations, ".", func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		content, err := fs.ReadFile(migrations, path)
		fmt.Fprintf(sum, "%s %d\n%s\n", path, len(content), content)
		return err
	})
	if err != nil {
		return "", fmt.Errorf("hash the migrations: %w", err)
	}
	return templatePrefix + hex.EncodeToString(sum.Sum(nil)[:8]), nil
}
