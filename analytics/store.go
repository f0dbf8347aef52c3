package analytics

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/ClickHouse/clickhouse-go/v2"
	"github.com/ClickHouse/clickhouse-go/v2/lib/driver"

	"frontdesk/ingest"
)

// querier is what a Store needs of ClickHouse.
type querier interface {
	Query(ctx context.Context, query string, args ...any) (driver.Rows, error)
}

// Store answers questions. It is safe for concurrent use.
type Store struct {
	db  querier
	now func() time.Time
}

// NewStore returns a store that reads from db, which [Open] returns.
func NewStore(db querier) *Store { return &Store{db: db, now: time.Now} }

// ErrUnavailable means that ClickHouse could not be asked. The same question
// may be answered later.
var ErrUnavailable = errors.New("analytics are not available now")

// queryLimit is the longest that one statement may take.
const queryLimit = 20 * time.Second

// Query answers q about tenant. The error is a [*QueryError] where q is at
// fault, and [ErrUnavailable] where ClickHouse is.
func (s *Store) Query(ctx context.Context, tenant ingest.TenantID, q Query) (Result, error) {
	if tenant == "" {
		return Result{}, errors.New("query analytics: no tenant")
	}
	p, err := q.check(s.now())
	if err != nil {
		return Result{}, err
	}
	table := newTable(p)
	for _, st := range p.build(tenant) {
		if err := s.run(ctx, st, table); err != nil {
			return Result{}, errors.Join(ErrUnavailable, fmt.Errorf("query analytics: %w", err))
		}
	}
	return table.result(), nil
}

// run adds what st finds to table.
func (s *Store) run(ctx context.Context, st statement, table *table) error {
	ctx = clickhouse.Context(ctx, clickhouse.WithSettings(clickhouse.Settings{"max_execution_time": queryLimit.Seconds()}))
	rows, err := s.db.Query(ctx, st.sql, st.args...)
	if err != nil {
		return err
	}
	defer rows.Close()
	for rows.Next() {
		keys, values := table.targets(st)
		if err := rows.Scan(append(slices.Clone(keys), values...)...); err != nil {
			return err
		}
		table.add(st, keys, values)
	}
	return rows.Err()
}

// table gathers the rows of several statements by their keys.
type table struct {
	plan plan
	rows map[string]*tableRow
}

type tableRow struct {
	keys   []any // time.Time or int64 for a bucket, bool for test, string otherwise
	values []any
}

func newTable(p plan) *table {
	t := &table{plan: p, rows: map[string]*tableRow{}}
	if p.bucket == "" && len(p.dimensions) == 0 {
		t.row(nil) // there is always one row then
	}
	return t
}

// targets returns where to scan a row of st to.
func (t *table) targets(st statement) (keys, values []any) {
	switch t.plan.bucket {
	case "":
	case "hour":
		keys = append(keys, new(int64))
	default:
		keys = append(keys, new(time.Time))
	}
	for _, name := range t.plan.dimensions {
		if name == testDimension {
			keys = append(keys, new(bool))
		} else {
			keys = append(keys, new(string))
		}
	}
	for _, i := range st.metrics {
		if t.plan.metrics[i].Unit == unitCount {
			values = append(values, new(int64))
		} else {
			values = append(values, new(*float64))
		}
	}
	return keys, values
}

// add puts a scanned row of st into the table.
func (t *table) add(st statement, keys, values []any) {
	at := make([]any, len(keys))
	for i, k := range keys {
		at[i] = pointed(k)
	}
	row := t.row(at)
	for i, v := range values {
		row.values[st.metrics[i]] = pointed(v)
	}
}

// row returns the row with keys, made if it is new: with nothing counted.
func (t *table) row(keys []any) *tableRow {
	var b strings.Builder
	for _, k := range keys {
		b.WriteString(strconv.Quote(fmt.Sprint(k))) // quoted, so that no two lists of keys read alike
	}
	name := b.String()
	if row, ok := t.rows[name]; ok {
		return row
	}
	row := &tableRow{keys: keys, values: make([]any, len(t.plan.metrics))}
	for i, m := range t.plan.metrics {
		if m.Unit == unitCount {
			row.values[i] = int64(0)
		}
	}
	t.rows[name] = row
	return row
}

// pointed returns what p points to; nil for a pointer to nil.
func pointed(p any) any {
	switch p := p.(type) {
	case *string:
		return *p
	case *bool:
		return *p
	case *int64:
		return *p
	case *time.Time:
		return *p
	case **float64:
		if *p == nil {
			return nil
		}
		return **p
	}
	panic(fmt.Sprintf("no row holds a %T", p))
}

// result returns the rows in order. Each statement gave the first rows of its
// own, one more than the limit, so the first rows of all are among them.
func (t *table) result() Result {
	var res Result
	if t.plan.bucket != "" {
		res.Columns = append(res.Columns, Column{Name: t.plan.bucket})
	}
	for _, name := range t.plan.dimensions {
		res.Columns = append(res.Columns, Column{Name: name})
	}
	for _, m := range t.plan.metrics {
		res.Columns = append(res.Columns, Column{Name: m.Name, Metric: true})
	}
	rows := make([]*tableRow, 0, len(t.rows))
	for _, row := range t.rows {
		rows = append(rows, row)
	}
	slices.SortFunc(rows, func(a, b *tableRow) int { return slices.CompareFunc(a.keys, b.keys, compareKeys) })
	if res.Truncated = len(rows) > t.plan.limit; res.Truncated {
		rows = rows[:t.plan.limit]
	}
	res.Rows = make([][]any, len(rows))
	for i, row := range rows {
		for _, k := range row.keys {
			res.Rows[i] = append(res.Rows[i], t.plan.shown(k))
		}
		res.Rows[i] = append(res.Rows[i], row.values...)
	}
	return res
}

// shown is a key as a caller sees it.
func (p plan) shown(key any) any {
	switch k := key.(type) {
	case time.Time:
		return k.Format(time.DateOnly)
	case int64:
		return time.Unix(k, 0).In(p.zone).Format(time.RFC3339)
	}
	return key
}

// compareKeys orders two values of one dimension as ClickHouse does.
func compareKeys(a, b any) int {
	switch a := a.(type) {
	case string:
		return strings.Compare(a, b.(string))
	case int64:
		return cmp.Compare(a, b.(int64))
	case time.Time:
		return a.Compare(b.(time.Time))
	case bool:
		if a == b.(bool) {
			return 0
		}
		if a {
			return 1
		}
		return -1
	}
	return 0
}
