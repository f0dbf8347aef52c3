package schema_test

import (
	"context"
	"io/fs"
	"log/slog"
	"regexp"
	"strings"
	"sync"
	"testing"

	"frontdesk/deploy/schema"
	"frontdesk/deploy/schema/schematest"
)

func TestClickHouseMigrationsCanBeAppliedAgainAndAtOnce(t *testing.T) {
	t.Parallel()
	conn, url := schematest.ClickHouse(t)
	var at sync.WaitGroup
	for range 4 {
		at.Go(func() {
			if err := schema.MigrateClickHouse(context.Background(), url, slog.New(slog.DiscardHandler)); err != nil {
				t.Error(err)
			}
		})
	}
	at.Wait()
	var applied uint64
	if err := conn.QueryRow(context.Background(), "SELECT uniqExact(version_id) FROM goose_db_version WHERE version_id > 0").Scan(&applied); err != nil {
		t.Fatal(err)
	}
	files, err := fs.ReadDir(schema.ClickHouseMigrations(), ".")
	if err != nil || applied != uint64(len(files)) {
		t.Errorf("%d migrations are applied of %d, %v", applied, len(files), err)
	}
}

// TestClickHouseTables holds every table to what reads and inserts rely on.
func TestClickHouseTables(t *testing.T) {
	t.Parallel()
	conn, _ := schematest.ClickHouse(t)
	rows, err := conn.Query(context.Background(), `
		SELECT name, engine, sorting_key, create_table_query FROM system.tables
		WHERE database = currentDatabase() AND name <> 'goose_db_version'`)
	if err != nil {
		t.Fatal(err)
	}
	defer rows.Close()
	n := 0
	for ; rows.Next(); n++ {
		var name, engine, key, ddl string
		if err := rows.Scan(&name, &engine, &key, &ddl); err != nil {
			t.Fatal(err)
		}
		if engine != "ReplacingMergeTree" || key != "tenant_id, day, event_id" || !strings.Contains(ddl, "non_replicated_deduplication_window") {
			t.Errorf("table %s is %s by (%s): want ReplacingMergeTree by (tenant_id, day, event_id) with a deduplication window", name, engine, key)
		}
	}
	if n == 0 {
		t.Error("no tables")
	}
}

// TestClickHouseMigrationsGoForward: what is applied twice, or half, must do no
// harm, as ClickHouse has no transaction around a migration.
func TestClickHouseMigrationsGoForward(t *testing.T) {
	once := regexp.MustCompile(`(?i)\b(CREATE|ADD|DROP)\s+\w+\s+(?:IF\b)?`)
	files, err := fs.Glob(schema.ClickHouseMigrations(), "*.sql")
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range files {
		sql, err := fs.ReadFile(schema.ClickHouseMigrations(), name)
		if err != nil {
			t.Fatal(err)
		}
		if strings.Contains(string(sql), "+goose Down") {
			t.Errorf("%s can go back", name)
		}
		for _, statement := range once.FindAllString(string(sql), -1) {
			if !strings.HasSuffix(strings.ToUpper(statement), "IF") {
				t.Errorf("%s: %q without IF [NOT] EXISTS", name, statement)
			}
		}
	}
}
