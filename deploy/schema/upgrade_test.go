package schema_test

import (
	"context"
	"io/fs"
	"slices"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/jackc/pgx/v5"

	"frontdesk/deploy/schema"
	"frontdesk/deploy/schema/schematest"
)

// release02 are the migrations of release 0.2, by number. They are never
// changed; what is new has numbers of its own.
var release02 = strings.Fields("0001 0101 0102 0200 0210 0220 0230 0240 0250 0300 0301 0310 0311 0401 0501 0502 0503 0601 0602 0651 0701")

// TestOlderDatabasesBecomeAsNewOnes brings a database of release 0.2 up to date
// and compares what is in its catalogue with a new one's.
func TestOlderDatabasesBecomeAsNewOnes(t *testing.T) {
	fresh, older := schematest.PostgresURL(t), schematest.PostgresURL(t)
	execute(t, older, `DROP SCHEMA public CASCADE; CREATE SCHEMA public`)
	if err := schema.MigratePostgresFrom(t.Context(), older, filesOf(t, release02), quiet); err != nil {
		t.Fatalf("release 0.2: %v", err)
	}
	execute(t, older, `INSERT INTO tenants (tenant_id, slug, name, timezone, plan) VALUES ('ten_1', 'acme', 'Acme', 'UTC', 'professional');
		INSERT INTO staff (tenant_id, id, number, name) VALUES ('ten_1', 'stf_1', 1, 'Ana');
		INSERT INTO staff_busy (tenant_id, staff_id, source, during) VALUES ('ten_1', 'stf_1', 'ics', '[2026-03-01 10:00Z, 2026-03-01 11:00Z)')`)
	if err := schema.MigratePostgres(t.Context(), older, quiet); err != nil {
		t.Fatalf("from 0.2 to now: %v", err)
	}
	want, got := catalogue(t, fresh), catalogue(t, older)
	for _, line := range want {
		if !slices.Contains(got, line) {
			t.Errorf("a database of 0.2 lacks %s", line)
		}
	}
	for _, line := range got {
		if !slices.Contains(want, line) {
			t.Errorf("a database of 0.2 has besides %s", line)
		}
	}
	if kept := lines(t, older, `SELECT starts_at AT TIME ZONE 'UTC' || ' ' || (ends_at AT TIME ZONE 'UTC') FROM staff_busy`); len(kept) != 1 || kept[0] != "2026-03-01 10:00:00 2026-03-01 11:00:00" {
		t.Errorf("busy times after the migration: %q", kept)
	}
}

// TestProgramsOfTheLastReleaseGoOn writes and reads busy times as 0.2 does, and
// as this release does, in a database that is up to date: while a deployment is
// being upgraded both are at work, and each sees what the other wrote.
func TestProgramsOfTheLastReleaseGoOn(t *testing.T) {
	url := schematest.PostgresURL(t)
	execute(t, url, `INSERT INTO tenants (tenant_id, slug, name, timezone, plan) VALUES ('ten_1', 'acme', 'Acme', 'UTC', 'professional');
		INSERT INTO staff (tenant_id, id, number, name) VALUES ('ten_1', 'stf_1', 1, 'Ana');
		INSERT INTO staff_busy (tenant_id, staff_id, source, during) VALUES ('ten_1', 'stf_1', 'ics', '[2026-03-01 10:00Z, 2026-03-01 11:00Z)');
		INSERT INTO staff_busy (tenant_id, staff_id, source, starts_at, ends_at) VALUES ('ten_1', 'stf_1', 'fetch', '2026-03-01 12:00Z', '2026-03-01 13:00Z')`)
	for query, want := range map[string]string{
		`SELECT string_agg(source, ' ' ORDER BY lower(during)) FROM staff_busy WHERE during && '[2026-03-01 10:30Z, 2026-03-01 12:30Z)'`:            "ics fetch",
		`SELECT string_agg(source, ' ' ORDER BY starts_at) FROM staff_busy WHERE starts_at < '2026-03-01 12:30Z' AND ends_at > '2026-03-01 10:30Z'`: "ics fetch",
	} {
		if got := lines(t, url, query); len(got) != 1 || got[0] != want {
			t.Errorf("%s: %q, want %q", query, got, want)
		}
	}
}

// filesOf returns the migrations with these numbers.
func filesOf(t *testing.T, numbers []string) fs.FS {
	t.Helper()
	files := fstest.MapFS{}
	for _, n := range numbers {
		names, err := fs.Glob(schema.PostgresMigrations(), n+"_*.sql")
		if err != nil || len(names) != 1 {
			t.Fatalf("migration %s: %q, %v", n, names, err)
		}
		content, err := fs.ReadFile(schema.PostgresMigrations(), names[0])
		if err != nil {
			t.Fatal(err)
		}
		files[names[0]] = &fstest.MapFile{Data: content}
	}
	return files
}

// catalogue lists columns, constraints, indexes, policies, triggers, rights and
// functions, a line each.
func catalogue(t *testing.T, url string) []string {
	t.Helper()
	return lines(t, url, `
		SELECT 'column ' || table_name || '.' || column_name || ' ' || data_type || ' ' || is_nullable || ' ' || COALESCE(column_default, '')
			FROM information_schema.columns WHERE table_schema = 'public'
		UNION ALL SELECT 'constraint ' || conrelid::regclass || ' ' || conname || ' ' || pg_get_constraintdef(oid) FROM pg_constraint WHERE connamespace = 'public'::regnamespace
		UNION ALL SELECT 'index ' || indexdef FROM pg_indexes WHERE schemaname = 'public'
		UNION ALL SELECT 'policy ' || tablename || ' ' || policyname || ' ' || COALESCE(qual, '') FROM pg_policies WHERE schemaname = 'public'
		UNION ALL SELECT 'trigger ' || pg_get_triggerdef(oid) FROM pg_trigger WHERE NOT tgisinternal
		UNION ALL SELECT 'right ' || grantee || ' ' || table_name || ' ' || privilege_type FROM information_schema.role_table_grants WHERE table_schema = 'public'
		UNION ALL SELECT 'function ' || p.oid::regprocedure || ' ' || md5(prosrc) FROM pg_proc p WHERE pronamespace = 'public'::regnamespace
			AND NOT EXISTS (SELECT FROM pg_depend d WHERE d.objid = p.oid AND d.deptype = 'e')`)
}

// lines returns a query's rows of one text each.
func lines(t *testing.T, url, query string) []string {
	t.Helper()
	conn, err := pgx.Connect(t.Context(), url)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close(context.Background())
	rows, err := conn.Query(t.Context(), query)
	if err != nil {
		t.Fatal(err)
	}
	out, err := pgx.CollectRows(rows, pgx.RowTo[string])
	if err != nil {
		t.Fatal(err)
	}
	return out
}
