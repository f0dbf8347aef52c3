package booking_test

import (
	"encoding/json"
	"errors"
	"testing"

	"frontdesk/agent/booking"
)

func FuzzParseOff(f *testing.F) {
	for _, seed := range []string{"2026-12-24", "2026-12-24..2026-12-31", "2026-12-24 08:00-12:00", "2026-12-24..2027-02-29 00:00-24:00", "..", " "} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		off, err := booking.ParseOff(text)
		if err != nil {
			if !errors.Is(err, booking.ErrInvalid) {
				t.Fatal(err)
			}
			return
		}
		again, err := booking.ParseOff(off.String())
		if err != nil || again.String() != off.String() {
			t.Fatalf("%q is %q, and that %q, %v", text, off, again, err)
		}
	})
}

func FuzzWeek(f *testing.F) {
	for _, seed := range []string{`{"monday":["08:00-12:00","13:00-17:00"]}`, `{"Sunday":["00:00-24:00"]}`, `{"monday":["12:00-08:00"]}`, `[]`} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		var w booking.Week
		if json.Unmarshal([]byte(text), &w) != nil {
			return
		}
		again, err := booking.ParseWeek(w.Days())
		if err != nil {
			t.Fatalf("%q is %v, which is refused: %v", text, w.Days(), err)
		}
		for i := range w {
			for k, s := range w[i] {
				if s != again[i][k] || s.From >= s.Until || k > 0 && s.From < w[i][k-1].Until {
					t.Fatalf("%q is %v, and that %v", text, w, again)
				}
			}
		}
	})
}
