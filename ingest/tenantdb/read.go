package tenantdb

import (
	"context"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"frontdesk/ingest"
)

// List runs one statement as tenant, in one round trip, and returns its rows as
// scan reads them; nil where there are none.
func List[T any](ctx context.Context, db *DB, tenant ingest.TenantID, scan pgx.RowToFunc[T], sql string, args ...any) ([]T, error) {
	var out []T
	err := db.Batch(ctx, tenant, func(b *pgx.Batch) {
		b.Queue(sql, args...).Query(func(rows pgx.Rows) (err error) {
			out, err = pgx.CollectRows(rows, scan)
			return err
		})
	})
	return out, err
}

// One is [List] for a statement of one row, which it may also write. It returns
// pgx.ErrNoRows where there is none.
func One[T any](ctx context.Context, db *DB, tenant ingest.TenantID, scan pgx.RowToFunc[T], sql string, args ...any) (T, error) {
	var none T
	switch rows, err := List(ctx, db, tenant, scan, sql, args...); {
	case err != nil:
		return none, err
	case len(rows) == 0:
		return none, pgx.ErrNoRows
	case len(rows) > 1:
		return none, pgx.ErrTooManyRows
	default:
		return rows[0], nil
	}
}

// PageSize returns how many rows a page has for which limit were asked: 20
// where none were, and never more than 100. The query of a page asks for one
// row more, by which [Page] knows whether another follows.
func PageSize(limit int) int {
	if limit <= 0 {
		return 20
	}
	return min(limit, 100)
}

// Page returns the first size of rows, and the cursor of the next page: that of
// the last row returned, or empty where no more follow.
func Page[T any](rows []T, size int, cursor func(T) string) ([]T, string) {
	if len(rows) <= size {
		return rows, ""
	}
	return rows[:size], cursor(rows[size-1])
}

// MostCounted is how far [Count] counts.
const MostCounted = 10_000

// Count counts the rows of a query as tenant, no further than one more than
// MostCounted, which stands for more: a list that long is not read to its end to
// say how long it is.
func Count(ctx context.Context, db *DB, tenant ingest.TenantID, query string, args ...any) (int, error) {
	return One(ctx, db, tenant, pgx.RowTo[int], fmt.Sprintf(`SELECT count(*) FROM (%s LIMIT %d) n`, query, MostCounted+1), args...)
}

// Time returns a column that may be NULL, in UTC: zero for NULL.
func Time(t *time.Time) time.Time {
	if t == nil {
		return time.Time{}
	}
	return t.UTC()
}

// OrNull returns an argument that is NULL for the zero time.
func OrNull(t time.Time) *time.Time {
	if t.IsZero() {
		return nil
	}
	return &t
}
