package remind

import (
	"testing"
	"time"

	"frontdesk/agent/booking"
)

// TestManyWhoWaitAreAskedForOnce has 500 wait for one hour: slots are asked for
// until it is taken, and no more.
func TestManyWhoWaitAreAskedForOnce(t *testing.T) {
	day := time.Date(2026, 11, 25, 0, 0, 0, 0, time.UTC)
	freed := booking.Slot{Service: "svc_1", Start: day.Add(10 * time.Hour), End: day.Add(11 * time.Hour)}
	asked, offered, taken := 0, 0, false
	s := newSearch(booking.Opening{Service: "svc_1", Start: freed.Start, End: freed.End}, day, func(booking.SlotQuery) ([]booking.Slot, error) {
		if asked++; taken {
			return nil, nil
		}
		return []booking.Slot{freed}, nil
	})
	for i := range 500 {
		w := booking.Wait{Service: "svc_1", From: day, To: day.Add(24 * time.Hour)}
		if i%2 == 1 {
			w.Staff = "stf_1"
		}
		if i%3 == 1 {
			w.From = day.Add(time.Duration(i) * time.Minute)
		}
		slot, err := s.slotFor(w)
		if err != nil {
			t.Fatal(err)
		}
		if slot.Start.IsZero() || i < 5 { // the first cannot be told
			continue
		}
		offered, taken = offered+1, true
		s.tried(w, slot)
	}
	if asked > 10 || offered < 1 || offered > 2*mostExact {
		t.Errorf("slots were asked for %d times, and %d times one was tried", asked, offered)
	}
}

// TestWhatIsFreeStillIsOffered has two hours become free: both are found.
func TestWhatIsFreeStillIsOffered(t *testing.T) {
	day := time.Date(2026, 11, 25, 0, 0, 0, 0, time.UTC)
	var list []booking.Slot
	for h := 10; h < 12; h++ {
		list = append(list, booking.Slot{Service: "svc_1", Start: day.Add(time.Duration(h) * time.Hour), End: day.Add(time.Duration(h+1) * time.Hour)})
	}
	s := newSearch(booking.Opening{Service: "svc_1", Start: list[0].Start, End: list[1].End}, day, func(booking.SlotQuery) ([]booking.Slot, error) { return list, nil })
	for _, want := range []booking.Slot{list[0], list[1]} {
		w := booking.Wait{Service: "svc_1", From: day, To: day.Add(24 * time.Hour)}
		got, err := s.slotFor(w)
		if err != nil || !got.Start.Equal(want.Start) {
			t.Errorf("found %+v, %v; want %+v", got, err, want)
		}
		s.tried(w, got)
		list = list[1:]
	}
}
