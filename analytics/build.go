package analytics

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/ClickHouse/clickhouse-go/v2"

	"frontdesk/ingest"
)

// statement is a query for the metrics of one fact. Its columns are the
// bucket, if there is one, the dimensions, the metrics.
type statement struct {
	sql     string
	args    []any // named parameters
	metrics []int // places of the metrics in the plan
}

// build returns one statement per fact that p's metrics are computed from.
// Nothing that a caller wrote is part of the SQL: it is made of the constants
// of this package, and all else is bound.
func (p plan) build(tenant ingest.TenantID) []statement {
	var facts []*fact
	for _, m := range p.metrics {
		if !slices.Contains(facts, m.fact) {
			facts = append(facts, m.fact)
		}
	}
	out := make([]statement, len(facts))
	for i, f := range facts {
		out[i] = p.statement(tenant, f)
	}
	return out
}

func (p plan) statement(tenant ingest.TenantID, f *fact) statement {
	s := statement{args: p.bind(tenant)}
	var columns, groups []string
	if p.bucket != "" {
		columns = append(columns, bucketExpr(p.bucket)+" AS k0")
		groups = append(groups, "k0")
	}
	for _, name := range p.dimensions {
		key := fmt.Sprintf("k%d", len(groups))
		columns = append(columns, f.dimensions[name]+" AS "+key)
		groups = append(groups, key)
	}
	for i, m := range p.metrics {
		if m.fact == f {
			columns = append(columns, fmt.Sprintf("%s AS v%d", m.expr, len(s.metrics)))
			s.metrics = append(s.metrics, i)
		}
	}
	where := []string{f.where, f.dimensions[testDimension] + " IN {test:Array(Bool)}"}
	for i, name := range slices.Sorted(maps.Keys(p.filters)) {
		param := fmt.Sprintf("f%d", i)
		where = append(where, fmt.Sprintf("%s IN {%s:Array(String)}", f.dimensions[name], param))
		s.args = append(s.args, clickhouse.Named(param, p.filters[name]))
	}
	chosen, kept := strings.Join(columns, ", "), strings.Join(where, " AND ")
	from := f.from
	if f.bare != "" && !strings.Contains(chosen+kept, "reached") {
		from = f.bare
	}
	s.sql = "SELECT " + chosen + "\nFROM " + from + "\nWHERE " + kept
	if len(groups) > 0 {
		keys := strings.Join(groups, ", ")
		s.sql += "\nGROUP BY " + keys + "\nORDER BY " + keys + fmt.Sprintf("\nLIMIT %d", p.limit+1)
	}
	return s
}

// bind returns the parameters that every statement has.
func (p plan) bind(tenant ingest.TenantID) []any {
	args := []any{
		clickhouse.Named("tenant", string(tenant)),
		clickhouse.Named("from", p.from.UTC().Format(time.DateOnly)), clickhouse.Named("to", p.to.UTC().Format(time.DateOnly)),
		clickhouse.Named("from_ms", p.from.UnixMilli()), clickhouse.Named("to_ms", ceilMilli(p.to)),
		clickhouse.Named("test", p.test),
	}
	if p.bucket != "" {
		args = append(args, clickhouse.Named("zone", p.zone.String()))
	}
	return args
}

// ceilMilli rounds up, so that what came in the last millisecond counts.
func ceilMilli(t time.Time) int64 {
	return t.Add(time.Millisecond - 1).UnixMilli()
}

// bucketExpr is the beginning of the bucket that the column at lies in: a Date,
// or for an hour its Unix time, as two hours of a day may bear one name.
func bucketExpr(bucket string) string {
	switch bucket {
	case "hour":
		return "toInt64(toUnixTimestamp(toStartOfHour(at, {zone:String})))"
	case "week":
		return "toMonday(at, {zone:String})"
	case "month":
		return "toStartOfMonth(at, {zone:String})"
	default:
		return "toDate(at, {zone:String})"
	}
}
