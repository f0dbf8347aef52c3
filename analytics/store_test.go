package analytics_test

import (
	"errors"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"frontdesk/analytics"
	"frontdesk/ingest"
)

// sandbox marks a message of the sandbox.
func sandbox(m *ingest.Message) { m.Test = true }

func on(channel ingest.ChannelID) func(*ingest.Message) {
	return func(m *ingest.Message) { m.Channel = channel }
}

// scene is two days of acme and one message of globex.
func scene(t *testing.T) world {
	t.Helper()
	w := newWorld(t)
	next := day0.AddDate(0, 0, 1)
	w.put(t, 0,
		received(t, "acme", 1, day0), received(t, "acme", 2, day0.Add(time.Minute)), received(t, "acme", 1, next, on("chn_b")),
		received(t, "acme", 9, day0, sandbox),
		queued(t, "acme", 1, day0), status(t, "acme", 1, day0, ingest.Sent), status(t, "acme", 1, day0, ingest.Read),
		queued(t, "acme", 2, day0), status(t, "acme", 2, day0, ingest.Failed),
		queued(t, "acme", 1, next, on("chn_b")), status(t, "acme", 1, next, ingest.Sent),
		queued(t, "acme", 2, next),
		opened(t, "acme", "cnv_1", day0), opened(t, "acme", "cnv_2", next),
		turn(t, "acme", "cnv_1", 1, day0, 2*time.Second, ingest.Greeted),
		turn(t, "acme", "cnv_1", 2, day0.Add(time.Minute), 9*time.Second, ingest.Answered),
		turn(t, "acme", "cnv_2", 1, next, 3*time.Second, ingest.Silent, func(in *ingest.Turn) { in.Reply = "" }),
		turn(t, "acme", "cnv_2", 2, next.Add(6*time.Second), 4*time.Second, ingest.HandedOff),
		turn(t, "acme", "cnv_3", 4, day0, time.Second, ingest.Declined, func(in *ingest.Turn) { in.Reason = "unsupported" }), // its beginning is not here
		received(t, "globex", 1, day0), opened(t, "globex", "cnv_1", day0), turn(t, "globex", "cnv_1", 1, day0, time.Hour, ingest.Answered),
		queued(t, "globex", 1, day0), status(t, "globex", 1, day0, ingest.Delivered),
	)
	return w
}

func TestQueryAnswers(t *testing.T) {
	t.Parallel()
	w := scene(t)
	n := func(i int) any { return int64(i) }
	tests := []struct {
		name string
		q    analytics.Query
		want [][]any
	}{
		{"counts", analytics.Query{Metrics: []string{"messages", "inbound_messages", "outbound_messages", "contacts", "conversations", "turns"}},
			[][]any{{n(7), n(3), n(4), n(2), n(2), n(5)}}},
		{"what became of messages", analytics.Query{Metrics: []string{"delivered", "read", "failed", "delivered_rate", "read_rate", "failed_rate"}},
			[][]any{{n(1), n(1), n(1), 0.25, 0.25, 0.25}}},
		{"outcomes", analytics.Query{Metrics: []string{"answered", "declined", "handed_off", "handoff_rate"}},
			[][]any{{n(1), n(1), n(2), 0.5}}}, // two of four: the silent turn does not count, and declining may hand off
		{"first response, of the conversations whose beginning is there", analytics.Query{Metrics: []string{"first_response_seconds_avg", "first_response_seconds_p50", "first_response_seconds_p90"}},
			[][]any{{6.0, 10.0, 10.0}}}, // 2 s, and 10 s as the first turn said nothing
		{"by day", analytics.Query{Metrics: []string{"messages"}, Interval: "day"},
			[][]any{{"2026-11-21", n(4)}, {"2026-11-22", n(3)}}},
		{"by day, metrics of several tables", analytics.Query{Metrics: []string{"turns", "messages", "first_response_seconds_avg"}, Dimensions: []string{"day", "channel"}},
			[][]any{{"2026-11-21", "chn_a", n(3), n(4), 2.0}, {"2026-11-22", "chn_a", n(2), n(1), 10.0}, {"2026-11-22", "chn_b", n(0), n(2), nil}}},
		{"by status", analytics.Query{Metrics: []string{"messages"}, Dimensions: []string{"status"}},
			[][]any{{"failed", n(1)}, {"queued", n(1)}, {"read", n(1)}, {"received", n(3)}, {"sent", n(1)}}},
		{"by outcome", analytics.Query{Metrics: []string{"turns", "first_response_seconds_avg"}, Dimensions: []string{"outcome"}},
			[][]any{{"answered", n(1), nil}, {"declined", n(1), nil}, {"greeted", n(1), 2.0}, {"handed_off", n(1), 10.0}, {"silent", n(1), nil}}},
		{"filter", analytics.Query{Metrics: []string{"messages"}, Dimensions: []string{"direction"}, Filters: map[string][]string{"channel": {"chn_b", "chn_c"}}},
			[][]any{{"inbound", n(1)}, {"outbound", n(1)}}},
		{"two filters", analytics.Query{Metrics: []string{"messages"}, Filters: map[string][]string{"status": {"sent", "read"}, "direction": {"outbound"}}},
			[][]any{{n(2)}}},
		{"filter that would be SQL", analytics.Query{Metrics: []string{"messages"}, Filters: map[string][]string{"channel": {"' OR 1=1 --", `\') OR (1=1`, "{tenant:String}"}}},
			[][]any{{n(0)}}},
		{"sandbox alone", analytics.Query{Metrics: []string{"messages"}, Filters: map[string][]string{"test": {"true"}}},
			[][]any{{n(1)}}},
		{"sandbox beside the rest", analytics.Query{Metrics: []string{"messages"}, Dimensions: []string{"test"}},
			[][]any{{false, n(7)}, {true, n(1)}}},
		{"sandbox and the rest together", analytics.Query{Metrics: []string{"messages"}, Filters: map[string][]string{"test": {"true", "false"}}},
			[][]any{{n(8)}}},
		{"from counts and to does not", analytics.Query{Metrics: []string{"messages"}, From: day0, To: day0.AddDate(0, 0, 1)},
			[][]any{{n(4)}}},
		{"a moment later", analytics.Query{Metrics: []string{"messages"}, From: day0.Add(time.Millisecond), To: day0.AddDate(0, 0, 1).Add(time.Millisecond)},
			[][]any{{n(4)}}}, // a minute after the first three, and the three of the next day
		{"nothing there", analytics.Query{Metrics: []string{"messages", "delivered_rate", "first_response_seconds_p50"}, From: day0.AddDate(-1, 0, 0), To: day0.AddDate(-1, 0, 1)},
			[][]any{{n(0), nil, nil}}},
		{"nothing there, split", analytics.Query{Metrics: []string{"messages"}, Interval: "day", From: day0.AddDate(-1, 0, 0), To: day0.AddDate(-1, 0, 1)},
			[][]any{}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if diff := cmp.Diff(tt.want, w.rows(t, "acme", tt.q)); diff != "" {
				t.Errorf("rows differ (-want +got):\n%s", diff)
			}
		})
	}
}

func TestQueryDividesTimeInTheTimezone(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	moments := []time.Time{
		time.Date(2026, 11, 1, 5, 30, 0, 0, time.UTC), // New York: 01:30 summer time
		time.Date(2026, 11, 1, 6, 30, 0, 0, time.UTC), // 01:30 again, winter time
		time.Date(2026, 11, 2, 4, 30, 0, 0, time.UTC), // still the 1st, a Sunday
		time.Date(2026, 11, 2, 5, 30, 0, 0, time.UTC), // the 2nd
	}
	for i, at := range moments {
		w.put(t, int64(i), received(t, "acme", i, at))
	}
	tests := []struct {
		zone, interval string
		want           [][]any
	}{
		{"America/New_York", "hour", [][]any{{"2026-11-01T01:00:00-04:00", int64(1)}, {"2026-11-01T01:00:00-05:00", int64(1)}, {"2026-11-01T23:00:00-05:00", int64(1)}, {"2026-11-02T00:00:00-05:00", int64(1)}}},
		{"America/New_York", "day", [][]any{{"2026-11-01", int64(3)}, {"2026-11-02", int64(1)}}},
		{"UTC", "day", [][]any{{"2026-11-01", int64(2)}, {"2026-11-02", int64(2)}}},
		{"", "week", [][]any{{"2026-10-26", int64(2)}, {"2026-11-02", int64(2)}}},
		{"America/New_York", "week", [][]any{{"2026-10-26", int64(3)}, {"2026-11-02", int64(1)}}},
		{"Pacific/Kiritimati", "day", [][]any{{"2026-11-01", int64(2)}, {"2026-11-02", int64(2)}}},
		{"America/Los_Angeles", "month", [][]any{{"2026-10-01", int64(2)}, {"2026-11-01", int64(2)}}},
		{"Asia/Kathmandu", "hour", [][]any{{"2026-11-01T11:00:00+05:45", int64(1)}, {"2026-11-01T12:00:00+05:45", int64(1)}, {"2026-11-02T10:00:00+05:45", int64(1)}, {"2026-11-02T11:00:00+05:45", int64(1)}}},
	}
	for _, tt := range tests {
		t.Run(tt.zone+" "+tt.interval, func(t *testing.T) {
			q := analytics.Query{Metrics: []string{"messages"}, Interval: tt.interval, Timezone: tt.zone}
			if diff := cmp.Diff(tt.want, w.rows(t, "acme", q)); diff != "" {
				t.Errorf("rows differ (-want +got):\n%s", diff)
			}
		})
	}
}

func TestQueryIsOneTenantsAlone(t *testing.T) {
	t.Parallel()
	w := scene(t)
	q := analytics.Query{Metrics: []string{"messages", "contacts", "delivered", "conversations", "turns", "first_response_seconds_p90"}}
	if diff := cmp.Diff([]any{int64(2), int64(1), int64(1), int64(1), int64(1), 3600.0}, w.one(t, "globex", q)); diff != "" {
		t.Errorf("globex (-want +got):\n%s", diff)
	}
	for _, stranger := range []ingest.TenantID{"initech", "%", "acme' OR '1'='1", "acme\x00", "ACME"} {
		got := w.one(t, stranger, q)
		if diff := cmp.Diff([]any{int64(0), int64(0), int64(0), int64(0), int64(0), nil}, got); diff != "" {
			t.Errorf("tenant %q (-want +got):\n%s", stranger, diff)
		}
	}
	if _, err := w.store.Query(deadline(t), "", q); err == nil {
		t.Error("a question of no tenant is answered")
	}
	// The status of a message is not another tenant's, even under the same id.
	m := ingest.MessageID(ingest.DerivedID(ingest.PrefixMessage, day0, "acme", "2"))
	w.put(t, 900, event(t, ingest.MessageStatus, "globex", day0, "forged", ingest.StatusChange{Tenant: "globex", Message: m, Status: ingest.Read, At: day0}))
	if got := w.one(t, "acme", analytics.Query{Metrics: []string{"read", "failed"}}); got[0] != int64(1) || got[1] != int64(1) {
		t.Errorf("acme's messages read and failed are %v after globex told of one of its ids, want 1 and 1", got)
	}
}

func TestQueryLimit(t *testing.T) {
	t.Parallel()
	w := scene(t)
	q := analytics.Query{
		Metrics: []string{"messages", "turns"}, Dimensions: []string{"day", "channel"}, Limit: 2, From: day0.AddDate(0, 0, -9), To: day0.AddDate(0, 0, 9),
	}
	res, err := w.store.Query(deadline(t), "acme", q)
	if err != nil {
		t.Fatal(err)
	}
	want := [][]any{{"2026-11-21", "chn_a", int64(4), int64(3)}, {"2026-11-22", "chn_a", int64(1), int64(2)}}
	if diff := cmp.Diff(want, res.Rows); diff != "" || !res.Truncated {
		t.Errorf("truncated %v, rows (-want +got):\n%s", res.Truncated, diff)
	}
	wantColumns := []analytics.Column{{Name: "day"}, {Name: "channel"}, {Name: "messages", Metric: true}, {Name: "turns", Metric: true}}
	if diff := cmp.Diff(wantColumns, res.Columns); diff != "" {
		t.Errorf("columns (-want +got):\n%s", diff)
	}
	q.Limit = 3
	if res, err = w.store.Query(deadline(t), "acme", q); err != nil || res.Truncated || len(res.Rows) != 3 {
		t.Errorf("%d rows, truncated %v, %v; there are just three", len(res.Rows), res.Truncated, err)
	}
}

func TestQueryDefaultsToTheLastMonth(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	now := time.Now()
	w.put(t, 0, received(t, "acme", 1, now.Add(-time.Minute)), received(t, "acme", 2, now.AddDate(0, 0, -31)))
	res, err := w.store.Query(deadline(t), "acme", analytics.Query{Metrics: []string{"messages"}})
	if err != nil || res.Rows[0][0] != int64(1) {
		t.Errorf("%v, %v; want the one message of the last 30 days", res.Rows, err)
	}
}

// TestEveryMetricByEveryDimension runs what the definitions promise.
func TestEveryMetricByEveryDimension(t *testing.T) {
	t.Parallel()
	w := scene(t)
	for _, m := range analytics.Metrics() {
		q := analytics.Query{Metrics: []string{m.Name}, Dimensions: append([]string{"hour"}, m.Dimensions...), Filters: map[string][]string{}}
		for _, d := range m.Dimensions {
			q.Filters[d] = []string{"true"}
		}
		w.rows(t, "acme", q)
		if m.Description == "" || m.Unit == "" {
			t.Errorf("metric %s is not described", m.Name)
		}
	}
}

func TestQueryErrorsAreNotClickHouses(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	_, err := w.store.Query(deadline(t), "acme", analytics.Query{Metrics: []string{"nothing"}})
	var wrong *analytics.QueryError
	if !errors.As(err, &wrong) || errors.Is(err, analytics.ErrUnavailable) {
		t.Errorf("error is %v, want *QueryError alone", err)
	}
}
