package analytics

import (
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"frontdesk/ingest"
)

var now = time.Date(2026, 11, 21, 12, 0, 0, 0, time.UTC)

func TestQueryErrorsNameTheField(t *testing.T) {
	messages := []string{"messages"}
	tests := []struct {
		name    string
		q       Query
		field   string
		reason  string
		allowed string // one of those
	}{
		{"no metric", Query{}, "metrics", "is empty", "messages"},
		{"unknown metric", Query{Metrics: []string{"messages", "sum(price)"}}, "metrics[1]", "is no metric", "first_response_seconds_p90"},
		{"metric twice", Query{Metrics: []string{"turns", "turns"}}, "metrics[1]", "twice", ""},
		{"unknown dimension", Query{Metrics: messages, Dimensions: []string{"phone"}}, "dimensions[0]", "is no dimension", "channel"},
		{"dimension twice", Query{Metrics: messages, Dimensions: []string{"channel", "channel"}}, "dimensions[1]", "twice", ""},
		{"two divisions of time", Query{Metrics: messages, Dimensions: []string{"day", "month"}}, "dimensions[1]", "one is possible", ""},
		{"interval and another", Query{Metrics: messages, Dimensions: []string{"day"}, Interval: "hour"}, "interval", "differs from the day", ""},
		{"unknown interval", Query{Metrics: messages, Interval: "year"}, "interval", "is no interval", "week"},
		{"dimension of another metric", Query{Metrics: []string{"turns", "messages"}, Dimensions: []string{"outcome"}}, "dimensions[0]", "messages is not known by outcome", "status"},
		{"filter of another metric", Query{Metrics: []string{"turns"}, Filters: map[string][]string{"status": {"read"}}}, "filters.status", "turns is not known by status", "outcome"},
		{"unknown filter", Query{Metrics: messages, Filters: map[string][]string{"1=1": {"x"}}}, "filters", "names no dimension", "channel"},
		{"filter of time", Query{Metrics: messages, Filters: map[string][]string{"day": {"2026-11-21"}}}, "filters.day", "from and to", ""},
		{"filter of nothing", Query{Metrics: messages, Filters: map[string][]string{"channel": {}}}, "filters.channel", "lists no value", ""},
		{"filter of too much", Query{Metrics: messages, Filters: map[string][]string{"channel": make([]string, 1001)}}, "filters.channel", "more than 1000", ""},
		{"test that is no truth value", Query{Metrics: messages, Filters: map[string][]string{"test": {"yes"}}}, "filters.test", "truth value", "true"},
		{"timezone", Query{Metrics: messages, Timezone: "Middle/Earth"}, "timezone", "IANA", ""},
		{"timezone of the machine", Query{Metrics: messages, Timezone: "Local"}, "timezone", "IANA", ""},
		{"timezone that is a path", Query{Metrics: messages, Timezone: "../../etc/passwd"}, "timezone", "IANA", ""},
		{"limit", Query{Metrics: messages, Limit: 10001}, "limit", "1 to 10000", ""},
		{"negative limit", Query{Metrics: messages, Limit: -1}, "limit", "1 to 10000", ""},
		{"from after to", Query{Metrics: messages, From: now, To: now.Add(-time.Hour)}, "from", "not before to", ""},
		{"no time between", Query{Metrics: messages, From: now, To: now}, "from", "not before to", ""},
		{"times of no use", Query{Metrics: messages, From: time.Date(1, 1, 1, 0, 0, 0, 1, time.UTC), To: now}, "from", "2000", ""},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			_, err := tt.q.check(now)
			var got *QueryError
			if !errors.As(err, &got) || got.Field != tt.field || !strings.Contains(got.Reason, tt.reason) || (tt.allowed != "") != slices.Contains(got.Allowed, tt.allowed) {
				t.Fatalf("error is %+v, want field %s: %s, with %q allowed", err, tt.field, tt.reason, tt.allowed)
			}
			if len(got.Allowed) > 0 && !strings.Contains(err.Error(), "allowed: "+got.Allowed[0]) {
				t.Errorf("error %q does not say what is allowed", err)
			}
		})
	}
}

func TestBuild(t *testing.T) {
	span := "{from_ms:Int64}"
	tests := []struct {
		name  string
		q     Query
		parts [][]string // of each statement
		not   []string   // in none
	}{
		{"one table, no split", Query{Metrics: []string{"messages", "contacts"}},
			[][]string{{"toInt64(uniqExact(m.message_id)) AS v0, toInt64(uniqExactIf(party, party <> '')) AS v1", "FROM messages WHERE tenant_id = {tenant:String}", span}},
			[]string{"GROUP BY k", "LIMIT", "deliveries"}},
		{"statuses are only read where they are asked for", Query{Metrics: []string{"messages"}, Dimensions: []string{"status"}},
			[][]string{{"deliveries", "receipts", "GROUP BY k0\nORDER BY k0\nLIMIT 1001"}}, nil},
		{"a statement per table", Query{Metrics: []string{"turns", "messages", "answered", "conversations"}, Interval: "day", Limit: 5},
			[][]string{
				{"toDate(at, {zone:String}) AS k0, toInt64(uniqExact(turn_id)) AS v0", "outcome = 'answered')) AS v1", "LIMIT 6"},
				{"FROM messages"},
				{"FROM conversation_changes", "change = 'opened'"},
			}, nil},
		{"filters are bound", Query{Metrics: []string{"turns"}, Filters: map[string][]string{"outcome": {"evil' --"}, "channel": {"x"}}},
			[][]string{{"channel IN {f0:Array(String)} AND outcome IN {f1:Array(String)}", "test IN {test:Array(Bool)}"}}, []string{"evil"}},
		{"first responses", Query{Metrics: []string{"first_response_seconds_p90"}, Dimensions: []string{"agent"}, Interval: "hour"},
			[][]string{{"toStartOfHour(at, {zone:String})", "agent AS k1", "quantileExact(0.9)", "GROUP BY conversation"}}, nil},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			p, err := tt.q.check(now)
			if err != nil {
				t.Fatal(err)
			}
			statements := p.build("acme")
			if len(statements) != len(tt.parts) {
				t.Fatalf("%d statements, want %d", len(statements), len(tt.parts))
			}
			for i, st := range statements {
				for _, part := range tt.parts[i] {
					if !strings.Contains(st.sql, part) {
						t.Errorf("statement %d has no %q:\n%s", i, part, st.sql)
					}
				}
				for _, part := range tt.not {
					if strings.Contains(st.sql, part) {
						t.Errorf("statement %d has %q:\n%s", i, part, st.sql)
					}
				}
				assertOneTenant(t, st)
			}
		})
	}
}

var (
	tableRead   = regexp.MustCompile(`FROM (messages|deliveries|receipts|turns|conversation_changes)\b`)
	boundTenant = regexp.MustCompile(`FROM (messages|deliveries|receipts|turns|conversation_changes) WHERE tenant_id = \{tenant:String\} AND day BETWEEN`)
)

// assertOneTenant fails unless each table that st reads is read for the bound
// tenant.
func assertOneTenant(t *testing.T, st statement) {
	t.Helper()
	if reads := tableRead.FindAllString(st.sql, -1); len(reads) == 0 || len(reads) != len(boundTenant.FindAllString(st.sql, -1)) {
		t.Errorf("a table is read without its tenant:\n%s", st.sql)
	}
	if bound := fmt.Sprintf("%+v", st.args[0]); !strings.Contains(bound, "tenant") || !strings.Contains(bound, "acme") {
		t.Errorf("the tenant is bound as %s", bound)
	}
}

// TestDefinitions: what is listed is there, and what is there is listed.
func TestDefinitions(t *testing.T) {
	if got := filterNames(); slices.Contains(got, "day") || !slices.Contains(got, "channel") {
		t.Errorf("dimensions without times are %v", got)
	}
	used := map[string]bool{}
	for _, m := range metrics {
		for _, name := range m.fact.names() {
			used[name] = true
			if !known(name) {
				t.Errorf("metric %s has dimension %s, which is not described", m.Name, name)
			}
		}
	}
	for _, d := range dimensions {
		if !slices.Contains(buckets, d.Name) && !used[d.Name] {
			t.Errorf("dimension %s is of no metric", d.Name)
		}
	}
}

// TestRanksAreTheOrderOfStatuses: the highest rank that was heard of must be
// the status that the writer of conversations would have kept.
func TestRanksAreTheOrderOfStatuses(t *testing.T) {
	for i, s := range ranks {
		for j, other := range ranks {
			if (i > j) != s.Supersedes(other) {
				t.Errorf("%s at %d, %s at %d, but Supersedes is %v", s, i, other, j, s.Supersedes(other))
			}
		}
	}
}

func TestHoursOfOneNameAreTwoRows(t *testing.T) {
	zone, err := time.LoadLocation("America/New_York")
	if err != nil {
		t.Fatal(err)
	}
	tab := newTable(plan{bucket: "hour", zone: zone, limit: 10, metrics: metrics[:1]})
	for _, at := range []int64{1793509200, 1793512800} { // 01:00 in summer and in winter time
		tab.row([]any{at}).values[0] = at
	}
	want := [][]any{{"2026-11-01T01:00:00-04:00", int64(1793509200)}, {"2026-11-01T01:00:00-05:00", int64(1793512800)}}
	if diff := cmp.Diff(want, tab.result().Rows); diff != "" {
		t.Errorf("rows (-want +got):\n%s", diff)
	}
}

// FuzzQuery feeds a caller's words into every field: each gives a plan or a
// *QueryError, and no word becomes part of the SQL.
func FuzzQuery(f *testing.F) {
	f.Add("messages", "channel", "channel", "chn_a", "day", "UTC", 10, int64(0), int64(1))
	f.Add("turns", "outcome", "test", "true", "", "America/Belize", 0, int64(1e9), int64(2e9))
	f.Add("messages) FROM system.one --", "1", "channel = '' OR ''='", "') OR (1=1", "hour", "', now()) --", -1, int64(5), int64(5))
	f.Fuzz(func(t *testing.T, metricName, dimension, filter, value, interval, zone string, limit int, from, to int64) {
		const mark = "zqzq"
		q := Query{
			Metrics: []string{metricName, "messages"}, Dimensions: []string{dimension}, Filters: map[string][]string{filter: {mark + value}},
			Interval: interval, Timezone: zone, Limit: limit, From: time.Unix(from, 0), To: time.Unix(to, 0),
		}
		if metricName == "messages" {
			q.Metrics = q.Metrics[:1]
		}
		p, err := q.check(now)
		var wrong *QueryError
		if err != nil {
			if !errors.As(err, &wrong) || wrong.Field == "" || wrong.Reason == "" {
				t.Fatalf("error %v is no *QueryError", err)
			}
			return
		}
		for _, st := range p.build(ingest.TenantID("acme" + mark)) {
			if strings.Contains(st.sql, mark) || (zone != "" && zone != "UTC" && strings.Contains(st.sql, zone)) {
				t.Errorf("a caller's word is part of the SQL:\n%s", st.sql)
			}
			assertOneTenant(t, st)
		}
	})
}
