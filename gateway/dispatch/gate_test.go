package dispatch

import (
	"testing"
	"time"

	"frontdesk/ingest"
)

func TestDecide(t *testing.T) {
	belize, err := time.LoadLocation("America/Belize")
	if err != nil {
		t.Fatal(err)
	}
	now := time.Date(2026, 11, 21, 15, 0, 0, 0, time.UTC) // nine in the morning in Belize
	open := Facts{Now: now, Windowed: true, Allowed: true, Window: now.Add(time.Hour)}
	with := func(change func(*Facts)) Facts {
		f := open
		change(&f)
		return f
	}
	quiet := func(from, until time.Duration) Facts {
		return with(func(f *Facts) { f.Policy = Policy{Location: belize, QuietFrom: from, QuietUntil: until} })
	}
	tests := []struct {
		name     string
		category string
		facts    Facts
		want     Code
	}{
		{"an answer in an open window passes", Service, open, ""},
		{"no category counts as service", "", open, ""},
		{"an answer after STOP is refused", Service, with(func(f *Facts) { f.Allowed = false }), OptedOut},
		{"the confirmation of a STOP passes", Confirmation, with(func(f *Facts) { f.Allowed = false }), ""},
		{"the window closes to the second", Service, with(func(f *Facts) { f.Window = now }), WindowClosed},
		{"a contact who never wrote has no window", Service, with(func(f *Facts) { f.Window = time.Time{} }), WindowClosed},
		{"a message that needs no window passes a closed one", Service, with(func(f *Facts) { f.Windowed, f.Window = false, time.Time{} }), ""},
		{"consent is named before the window", Service, with(func(f *Facts) { f.Allowed, f.Window = false, now }), OptedOut},
		{"a channel that is down refuses", Service, with(func(f *Facts) { f.DownUntil = now.Add(time.Minute) }), ChannelDown},
		{"a channel that is due to be tried does not", Service, with(func(f *Facts) { f.DownUntil = now }), ""},
		{"marketing waits in quiet hours", Marketing, quiet(8*time.Hour, 10*time.Hour), QuietHours},
		{"utility waits in quiet hours", Utility, quiet(8*time.Hour, 10*time.Hour), QuietHours},
		{"an answer does not wait in quiet hours", Service, quiet(8*time.Hour, 10*time.Hour), ""},
		{"a login code does not wait in quiet hours", "authentication", quiet(8*time.Hour, 10*time.Hour), ""},
		{"quiet hours that began last evening still last", Marketing, quiet(21*time.Hour, 10*time.Hour), QuietHours},
		{"quiet hours end to the second", Marketing, quiet(21*time.Hour, 9*time.Hour), ""},
		{"quiet hours of no length are none", Marketing, quiet(9*time.Hour, 9*time.Hour), ""},
		{"the budget's last message passes", Marketing, with(func(f *Facts) { f.Policy.DailyBudget, f.SentToday = 10, 9 }), ""},
		{"the budget's end refuses", Marketing, with(func(f *Facts) { f.Policy.DailyBudget, f.SentToday = 10, 10 }), BudgetExceeded},
		{"an answer costs no budget", Service, with(func(f *Facts) { f.Policy.DailyBudget, f.SentToday = 10, 10 }), ""},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			var got Code
			r := Decide(ingest.Message{Category: tt.category}, tt.facts)
			if r != nil {
				got = r.Code
			}
			if got != tt.want {
				t.Fatalf("Decide() = %q, want %q", got, tt.want)
			}
			if got == QuietHours && r.Until != time.Date(2026, 11, 21, 10, 0, 0, 0, belize) {
				t.Errorf("quiet until %v, want ten in Belize", r.Until)
			}
		})
	}
}

func TestQuietHoursFollowTheCalendar(t *testing.T) {
	berlin, err := time.LoadLocation("Europe/Berlin")
	if err != nil {
		t.Fatal(err)
	}
	p := Policy{Location: berlin, QuietFrom: 22 * time.Hour, QuietUntil: 7 * time.Hour}
	// The night of 28 to 29 March 2026 has an hour less.
	until, quiet := p.quiet(time.Date(2026, 3, 28, 23, 0, 0, 0, berlin))
	if want := time.Date(2026, 3, 29, 7, 0, 0, 0, berlin); !quiet || !until.Equal(want) {
		t.Errorf("quiet() = %v, %v, want until %v", until, quiet, want)
	}
}
