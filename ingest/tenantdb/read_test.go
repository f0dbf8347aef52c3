package tenantdb_test

import (
	"errors"
	"slices"
	"strconv"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"frontdesk/deploy/schema/schematest"
	"frontdesk/ingest"
	"frontdesk/ingest/tenantdb"
)

func TestListAndOne(t *testing.T) {
	const (
		values = `SELECT value FROM counters ORDER BY value`
		insert = `INSERT INTO counters (tenant_id, kind, value) VALUES ($1, $2, $3) RETURNING value`
	)
	db := schematest.Postgres(t)
	for _, row := range []struct {
		tenant ingest.TenantID
		kind   string
		value  int64
	}{{"acme", "call", 7}, {"acme", "message", 3}, {"globex", "call", 5}} {
		got, err := tenantdb.One(t.Context(), db, row.tenant, pgx.RowTo[int64], insert, row.tenant, row.kind, row.value)
		if err != nil || got != row.value {
			t.Fatalf("insert: %d, %v, want the row written", got, err)
		}
	}
	if list, err := tenantdb.List(t.Context(), db, "acme", pgx.RowTo[int64], values); err != nil || !slices.Equal(list, []int64{3, 7}) {
		t.Errorf("List() = %v, %v, want acme's two", list, err)
	}
	if got, err := tenantdb.One(t.Context(), db, "globex", pgx.RowTo[int64], values); err != nil || got != 5 {
		t.Errorf("One() = %d, %v, want globex's", got, err)
	}
	if _, err := tenantdb.One(t.Context(), db, "acme", pgx.RowTo[int64], values); !errors.Is(err, pgx.ErrTooManyRows) {
		t.Errorf("One() of two rows: error = %v", err)
	}
	if _, err := tenantdb.One(t.Context(), db, "initech", pgx.RowTo[int64], values); !errors.Is(err, pgx.ErrNoRows) {
		t.Errorf("One() of no row: error = %v", err)
	}
	if _, err := tenantdb.One(t.Context(), db, "acme", pgx.RowTo[int64], insert, "acme", "call", 1); !tenantdb.Violates(err, "counters_pkey") {
		t.Errorf("One() of what is there: error = %v, want the violation", err)
	}
	if _, err := tenantdb.List(t.Context(), db, "", pgx.RowTo[int64], values); err == nil {
		t.Error("List() ran without a tenant")
	}
}

func TestPage(t *testing.T) {
	tests := []struct {
		name string
		rows []int
		size int
		want []int
		next string
	}{
		{"none", nil, 2, nil, ""},
		{"fewer than a page", []int{9}, 2, []int{9}, ""},
		{"just a page", []int{9, 8}, 2, []int{9, 8}, ""},
		{"one more: the cursor is the last of the page", []int{9, 8, 7}, 2, []int{9, 8}, "8"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if got, next := tenantdb.Page(tt.rows, tt.size, strconv.Itoa); !slices.Equal(got, tt.want) || next != tt.next {
				t.Errorf("Page() = %v, %q, want %v, %q", got, next, tt.want, tt.next)
			}
		})
	}
}

func TestPageSize(t *testing.T) {
	for limit, want := range map[int]int{-1: 20, 0: 20, 1: 1, 100: 100, 101: 100} {
		if got := tenantdb.PageSize(limit); got != want {
			t.Errorf("PageSize(%d) = %d, want %d", limit, got, want)
		}
	}
}

func TestTimesThatMayBeNull(t *testing.T) {
	if got := tenantdb.OrNull(time.Time{}); got != nil {
		t.Errorf("OrNull(zero) = %v, want NULL", got)
	}
	if got := tenantdb.Time(nil); !got.IsZero() {
		t.Errorf("Time(NULL) = %v, want zero", got)
	}
	at := time.Date(2026, 3, 2, 15, 0, 0, 0, time.FixedZone("", -6*3600))
	if got := tenantdb.Time(tenantdb.OrNull(at)); !got.Equal(at) || got.Location() != time.UTC {
		t.Errorf("there and back = %v, want %v in UTC", got, at)
	}
}
