package booking_test

import (
	"testing"
	"time"

	"frontdesk/agent/booking"
)

func zone(t *testing.T, name string) *time.Location {
	t.Helper()
	z, err := time.LoadLocation(name)
	if err != nil {
		t.Fatal(err)
	}
	return z
}

func TestInstants(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name, zone string
		day        time.Time
		clock      time.Duration
		want       []string
	}{
		{"an ordinary day", "America/New_York", date(2026, 3, 7), 150 * time.Minute, []string{"2026-03-07T07:30:00Z"}},
		{"the hour that is left out", "America/New_York", date(2026, 3, 8), 150 * time.Minute, nil},
		{"after the gap", "America/New_York", date(2026, 3, 8), 3 * time.Hour, []string{"2026-03-08T07:00:00Z"}},
		{"the hour that comes twice", "America/New_York", date(2026, 11, 1), 90 * time.Minute, []string{"2026-11-01T05:30:00Z", "2026-11-01T06:30:00Z"}},
		{"a day without midnight", "America/Santiago", date(2026, 9, 6), 0, nil},
		{"a zone that never changes", "America/Belize", date(2026, 3, 8), 150 * time.Minute, []string{"2026-03-08T08:30:00Z"}},
		{"half an hour's change", "Australia/Lord_Howe", date(2026, 10, 4), 135 * time.Minute, nil},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			y, m, d := tt.day.Date()
			got := booking.Instants(zone(t, tt.zone), y, m, d, tt.clock)
			if len(got) != len(tt.want) {
				t.Fatalf("got %v, want %v", got, tt.want)
			}
			for i := range got {
				if g := got[i].UTC().Format(time.RFC3339); g != tt.want[i] {
					t.Errorf("instant %d is %s, want %s", i, g, tt.want[i])
				}
			}
		})
	}
}

func date(y int, m time.Month, d int) time.Time { return time.Date(y, m, d, 0, 0, 0, 0, time.UTC) }

// opened is a calendar of one performer who works from 01:00 to 04:00 on every
// Sunday, an hour a customer.
func opened(t *testing.T, name string) booking.Calendar {
	t.Helper()
	hours, err := booking.ParseWeek(map[string][]string{"sunday": {"01:00-04:00"}})
	if err != nil {
		t.Fatal(err)
	}
	return booking.Calendar{
		Now: date(2026, 1, 1), Zone: zone(t, name), Hours: hours,
		Service:    booking.Service{ID: "svc_1", Duration: time.Hour, Step: time.Hour, Horizon: 400},
		Performers: []booking.Performer{{ID: "stf_1"}},
	}
}

func TestSlotsWhereTheClocksChange(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name string
		day  time.Time
		want int
	}{
		{"an ordinary Sunday has three hours", date(2026, 3, 1), 3},
		{"two where an hour is left out", date(2026, 3, 8), 2},
		{"four where an hour comes twice", date(2026, 11, 1), 4},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			got := booking.Compute(opened(t, "America/New_York"), tt.day, tt.day.AddDate(0, 0, 1).Add(5*time.Hour), 0)
			if len(got) != tt.want {
				t.Errorf("%d slots, want %d: %v", len(got), tt.want, got)
			}
			for i := 1; i < len(got); i++ {
				if got[i].Start.Before(got[i-1].End) {
					t.Errorf("slot %d begins before %d ends", i, i-1)
				}
			}
		})
	}
}
