package dispatch_test

import (
	"testing"
	"time"

	"frontdesk/gateway/dispatch"
	"frontdesk/ingest"
)

// TestQuietHoursWhereTheClocksChange holds that quiet hours begin and end by the
// clock on the wall of the business, on nights of 23 and of 25 hours too.
func TestQuietHoursWhereTheClocksChange(t *testing.T) {
	zone, err := time.LoadLocation("America/New_York")
	if err != nil {
		t.Fatal(err)
	}
	const from, until = 21 * time.Hour, 8 * time.Hour
	tests := []struct {
		name        string
		from, until time.Duration
		now, end    string // end is empty where nothing is quiet
	}{
		{"the evening before the clocks go forward", from, until, "2027-03-13T20:59:00-05:00", ""},
		{"the night of 23 hours", from, until, "2027-03-13T21:00:00-05:00", "2027-03-14T08:00:00-04:00"},
		{"just before they go forward", from, until, "2027-03-14T01:59:59-05:00", "2027-03-14T08:00:00-04:00"},
		{"just after", from, until, "2027-03-14T03:00:00-04:00", "2027-03-14T08:00:00-04:00"},
		{"the morning after, an hour early by the sun", from, until, "2027-03-14T07:59:00-04:00", "2027-03-14T08:00:00-04:00"},
		{"at their end", from, until, "2027-03-14T08:00:00-04:00", ""},
		{"the night of 25 hours", from, until, "2027-11-06T21:00:00-04:00", "2027-11-07T08:00:00-05:00"},
		{"the hour that comes twice, first", from, until, "2027-11-07T01:30:00-04:00", "2027-11-07T08:00:00-05:00"},
		{"and again", from, until, "2027-11-07T01:30:00-05:00", "2027-11-07T08:00:00-05:00"},
		{"the morning after it", from, until, "2027-11-07T07:59:00-05:00", "2027-11-07T08:00:00-05:00"},
		{"and its end", from, until, "2027-11-07T08:00:00-05:00", ""},
		{"an end that the clock skips", 22 * time.Hour, 2*time.Hour + 30*time.Minute, "2027-03-14T01:30:00-05:00", "2027-03-14T03:30:00-04:00"},
	}
	for _, tt := range tests {
		now, err := time.Parse(time.RFC3339, tt.now)
		if err != nil {
			t.Fatal(err)
		}
		facts := dispatch.Facts{Now: now.UTC(), Allowed: true, Policy: dispatch.Policy{Location: zone, QuietFrom: tt.from, QuietUntil: tt.until}}
		r := dispatch.Decide(ingest.Message{Category: dispatch.Utility}, facts)
		got := ""
		if r != nil {
			got = r.Until.Format(time.RFC3339)
		}
		if got != tt.end {
			t.Errorf("%s: quiet until %q, want %q", tt.name, got, tt.end)
		}
		if r := dispatch.Decide(ingest.Message{Category: dispatch.Service}, facts); r != nil {
			t.Errorf("%s: an answer is held back: %v", tt.name, r)
		}
	}
}
