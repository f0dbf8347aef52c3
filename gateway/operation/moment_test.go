package operation_test

import (
	"errors"
	"testing"

	"frontdesk/agent/booking"
	"frontdesk/gateway/operation"
)

func TestParseMoment(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"2026-03-08T14:30": "2026-03-08T14:30", "2026-03-08 14:30": "2026-03-08T14:30", "2026-03-08T14:30:00": "2026-03-08T14:30",
		"2027-02-29T09:00": "2027-02-29T09:00", "2027-02-29 09:00": "2027-02-29T09:00", "2027-02-29T09:00:00-06:00": "2027-02-29T09:00",
	} {
		if m, err := operation.ParseMoment(text); err != nil || m.Local != want || !m.At.IsZero() {
			t.Errorf("%s: %+v, %v, want %s", text, m, err, want)
		}
	}
	if m, err := operation.ParseMoment("2026-03-08T14:30:00-06:00"); err != nil || m.At.Hour() != 20 || m.Local != "" {
		t.Errorf("with an offset: %+v, %v", m, err)
	}
	for _, text := range []string{"", "soon", "2026-03-08", "2027-02-29T25:00", "2027-02-29T09:00 tomorrow", "2027-02-32T09:00", "2027-02-29x09:00", "2026-03-08T14:30:10"} {
		if m, err := operation.ParseMoment(text); err == nil {
			t.Errorf("%q is taken as %+v", text, m)
		}
	}
}

func FuzzParseMoment(f *testing.F) {
	for _, seed := range []string{"2026-03-08T14:30:00-06:00", "2027-02-29T09:00:00Z", "2027-02-30 24:00", "2026-11-31T09:00"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		m, err := operation.ParseMoment(text)
		if err != nil {
			return
		}
		if m.At.IsZero() == (m.Local == "") {
			t.Fatalf("%q is two times or none: %+v", text, m)
		}
		if wrong := booking.CheckLocal(m.Local); m.Local != "" && wrong != nil && !errors.Is(wrong, booking.ErrNoSuchTime) {
			t.Fatalf("%q is a time that no draft takes: %v", text, wrong)
		}
	})
}
