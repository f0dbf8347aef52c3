package analytics

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"
)

// Query is a question about one tenant's conversations: each of Metrics for
// each combination of values of Dimensions.
type Query struct {
	// Metrics are what to compute, at least one, by name: see [Metrics].
	Metrics []string
	// Dimensions are what to split by, by name: see [Dimensions]. Which ones a
	// metric can be split by differs; none gives one row.
	Dimensions []string
	// Filters keep, for each dimension named, what has any of the values. Times
	// are bounded by From and To instead. "test" takes "true" and "false".
	Filters map[string][]string
	// Interval is hour, day, week (from Monday) or month: it splits by time,
	// before Dimensions, and is the same as naming it first in Dimensions.
	// Empty: not split, unless Dimensions name one.
	Interval string
	// From is the first moment that counts, To the first that does not. A zero
	// To is now, a zero From 30 days before To.
	From, To time.Time
	// Timezone says where days begin ("America/Belize"). Empty is UTC.
	Timezone string
	// Limit bounds the rows; 0 is 1000, more than 10000 is refused.
	Limit int
}

// Traffic of the sandbox does not count, unless the query names "test" among
// its dimensions or filters.
const testDimension = "test"

const (
	defaultLimit = 1000
	maxLimit     = 10_000
	defaultSpan  = 30 * 24 * time.Hour
	// maxFilterValues bounds what one filter may list.
	maxFilterValues = 1000
)

// Result is the answer. Rows are in the order of the dimensions, first the
// first.
type Result struct {
	Columns []Column
	// Rows hold one value per column. A time is a string: 2026-11-21, the first
	// day of a week or month, or 2026-11-21T09:00:00-06:00 for an hour. Test is
	// a bool, any other dimension a string, a number of things an int64, a rate
	// or duration a float64 or nil where there is nothing to divide by.
	Rows [][]any
	// Truncated says that there are more rows than Limit.
	Truncated bool
}

// Column is one column of a [Result].
type Column struct {
	Name string
	// Metric is false for a dimension.
	Metric bool
}

// QueryError says what is wrong with a [Query], in words for who wrote it.
type QueryError struct {
	// Field is the field of the query, with the place in it: "metrics[1]",
	// "filters.channel", "timezone".
	Field string
	// Reason says what is wrong.
	Reason string
	// Allowed lists what may stand there, where that is a closed list.
	Allowed []string
}

func (e *QueryError) Error() string {
	if len(e.Allowed) == 0 {
		return e.Field + ": " + e.Reason
	}
	return e.Field + ": " + e.Reason + "; allowed: " + strings.Join(e.Allowed, ", ")
}

// plan is a query that has been checked.
type plan struct {
	metrics    []metric
	bucket     string   // name of the time dimension; "" for none
	dimensions []string // without the bucket
	filters    map[string][]string
	test       []bool // which traffic counts
	from, to   time.Time
	zone       *time.Location
	limit      int
}

// check returns q as a plan. now stands for a zero To. Every error is a
// [*QueryError].
func (q Query) check(now time.Time) (plan, error) {
	p := plan{filters: map[string][]string{}, limit: q.Limit}
	for _, step := range []func(*plan) error{
		q.checkMetrics, q.checkDimensions, q.checkInterval, q.checkFilters, q.checkApplicable, q.checkZone, q.checkLimit,
	} {
		if err := step(&p); err != nil {
			return plan{}, err
		}
	}
	if p.to = q.To; q.To.IsZero() {
		p.to = now
	}
	if p.from = q.From; q.From.IsZero() {
		p.from = p.to.Add(-defaultSpan)
	}
	if !p.from.Before(p.to) {
		return plan{}, &QueryError{Field: "from", Reason: "is not before to"}
	}
	if !inRange(p.from) || !inRange(p.to) {
		return plan{}, &QueryError{Field: "from", Reason: "from and to must lie between 2000 and 2099"}
	}
	return p, nil
}

func (q Query) checkMetrics(p *plan) error {
	if len(q.Metrics) == 0 {
		return &QueryError{Field: "metrics", Reason: "is empty", Allowed: metricNames()}
	}
	for i, name := range q.Metrics {
		field := fmt.Sprintf("metrics[%d]", i)
		at := slices.IndexFunc(metrics, func(m metric) bool { return m.Name == name })
		if at < 0 {
			return &QueryError{Field: field, Reason: "is no metric", Allowed: metricNames()}
		}
		if slices.Contains(q.Metrics[:i], name) {
			return &QueryError{Field: field, Reason: "is named twice"}
		}
		p.metrics = append(p.metrics, metrics[at])
	}
	return nil
}

func (q Query) checkDimensions(p *plan) error {
	for i, name := range q.Dimensions {
		field := fmt.Sprintf("dimensions[%d]", i)
		switch {
		case slices.Contains(q.Dimensions[:i], name):
			return &QueryError{Field: field, Reason: "is named twice"}
		case slices.Contains(buckets, name) && p.bucket != "":
			return &QueryError{Field: field, Reason: "is a second division of time; one is possible"}
		case slices.Contains(buckets, name):
			p.bucket = name
		case !known(name):
			return &QueryError{Field: field, Reason: "is no dimension", Allowed: dimensionNames()}
		default:
			p.dimensions = append(p.dimensions, name)
		}
	}
	return nil
}

func (q Query) checkInterval(p *plan) error {
	switch {
	case q.Interval == "":
		return nil
	case !slices.Contains(buckets, q.Interval):
		return &QueryError{Field: "interval", Reason: "is no interval", Allowed: buckets}
	case p.bucket != "" && p.bucket != q.Interval:
		return &QueryError{Field: "interval", Reason: fmt.Sprintf("differs from the %s in dimensions; one division of time is possible", p.bucket)}
	}
	p.bucket = q.Interval
	return nil
}

func (q Query) checkFilters(p *plan) error {
	for _, name := range slices.Sorted(maps.Keys(q.Filters)) {
		values, field := q.Filters[name], "filters."+name
		switch {
		case slices.Contains(buckets, name):
			return &QueryError{Field: field, Reason: "times are bounded by from and to"}
		case !known(name):
			return &QueryError{Field: "filters", Reason: "names no dimension", Allowed: filterNames()}
		case len(values) == 0:
			return &QueryError{Field: field, Reason: "lists no value"}
		case len(values) > maxFilterValues:
			return &QueryError{Field: field, Reason: fmt.Sprintf("lists more than %d values", maxFilterValues)}
		case name != testDimension:
			p.filters[name] = values
		}
	}
	return q.checkTest(p)
}

// checkTest finds which traffic counts.
func (q Query) checkTest(p *plan) error {
	for _, v := range q.Filters[testDimension] {
		if v != "true" && v != "false" {
			return &QueryError{Field: "filters.test", Reason: "is no truth value", Allowed: []string{"true", "false"}}
		}
		p.test = append(p.test, v == "true")
	}
	if len(p.test) == 0 {
		if p.test = []bool{false}; slices.Contains(q.Dimensions, testDimension) {
			p.test = []bool{false, true}
		}
	}
	return nil
}

// checkApplicable finds a metric that does not know a dimension that was
// named.
func (q Query) checkApplicable(p *plan) error {
	named := map[string]string{}
	for name := range p.filters {
		named[name] = "filters." + name
	}
	for i, name := range q.Dimensions {
		if !slices.Contains(buckets, name) {
			named[name] = fmt.Sprintf("dimensions[%d]", i)
		}
	}
	for _, name := range slices.Sorted(maps.Keys(named)) {
		for _, m := range p.metrics {
			if _, ok := m.fact.dimensions[name]; !ok {
				return &QueryError{Field: named[name], Reason: fmt.Sprintf("metric %s is not known by %s", m.Name, name), Allowed: m.fact.names()}
			}
		}
	}
	return nil
}

func (q Query) checkZone(p *plan) error {
	name := q.Timezone
	if name == "" {
		name = "UTC"
	}
	zone, err := time.LoadLocation(name)
	if err != nil || name == "Local" { // "Local" is this machine's, and ClickHouse does not know it
		return &QueryError{Field: "timezone", Reason: "is no name of the IANA time zone database, such as America/Belize"}
	}
	p.zone = zone
	return nil
}

func (q Query) checkLimit(p *plan) error {
	if q.Limit < 0 || q.Limit > maxLimit {
		return &QueryError{Field: "limit", Reason: fmt.Sprintf("must be from 1 to %d", maxLimit)}
	}
	if q.Limit == 0 {
		p.limit = defaultLimit
	}
	return nil
}

func known(dimension string) bool {
	return slices.Contains(filterNames(), dimension)
}
