package booking_test

import (
	"errors"
	"fmt"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"frontdesk/agent/booking"
	"frontdesk/ingest"
)

func TestLimitsOfADay(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	few := w.service(acme, booking.Service{Name: "Whitening", Duration: 30 * time.Minute, PerDay: 2})
	one := w.staff(acme, booking.Staff{Name: "Rosa", PerDay: 1, Specialties: []string{"Massage"}})
	massage := w.service(acme, booking.Service{Name: "Massage", Duration: 30 * time.Minute, Staff: []ingest.StaffID{one.ID}})
	first := w.book(booking.Draft{Service: few.ID, Start: at("2026-11-24 08:00")})
	hold, err := w.store.Hold(t.Context(), acme, booking.HoldDraft{Service: few.ID, Start: at("2026-11-24 09:00"), Contact: contactOf(acme, 1)})
	if err != nil {
		t.Fatal(err)
	}
	w.book(booking.Draft{Service: massage.ID, Start: at("2026-11-24 08:00")})
	for _, tt := range []struct {
		name    string
		service booking.Service
		start   string
		want    error
	}{
		{"a third of the service, one being a hold", few, "2026-11-24 15:00", booking.ErrDayFull},
		{"the next day", few, "2026-11-25 15:00", nil},
		{"a second with the staff member", massage, "2026-11-24 15:00", booking.ErrDayFull},
		{"their next day", massage, "2026-11-25 15:00", nil},
		{"another service on that day", w.fill, "2026-11-24 15:00", nil},
	} {
		_, err := w.store.Book(t.Context(), acme, booking.Draft{Service: tt.service.ID, Start: at(tt.start), Contact: contactOf(acme, 2)})
		if !errors.Is(err, tt.want) {
			t.Errorf("%s: %v, want %v", tt.name, err, tt.want)
		}
		if tt.want != nil {
			w.wantFree(t, booking.Draft{Service: tt.service.ID}, booking.Nearest(err))
		}
	}
	day := booking.SlotQuery{Service: few.ID, From: at("2026-11-24 00:00"), To: at("2026-11-25 00:00")}
	if free, err := w.store.Slots(t.Context(), acme, day); err != nil || len(free) > 0 {
		t.Errorf("a day that is full has %v, %v", free, err)
	}
	if _, err := w.store.Move(t.Context(), acme, first.ID, booking.Change{Start: at("2026-11-24 16:00")}); err != nil {
		t.Errorf("one of a full day moved within it: %v", err)
	}
	if err := w.store.Release(t.Context(), acme, hold.ID); err != nil {
		t.Fatal(err)
	}
	if free, err := w.store.Slots(t.Context(), acme, day); err != nil || len(free) == 0 {
		t.Errorf("a day that has one left has none, %v", err)
	}
}

// rush has bookers book what draft says at once, and returns how many got it.
// Any error but want is the test's.
func (w *world) rush(bookers int, want error, draft func(i int) booking.Draft) int64 {
	w.t.Helper()
	var won atomic.Int64
	var wg sync.WaitGroup
	start := make(chan struct{})
	for i := range bookers {
		wg.Go(func() {
			<-start
			d := draft(i)
			d.Contact = contactOf(acme, i%8)
			switch _, err := w.store.Book(w.t.Context(), acme, d); {
			case err == nil:
				won.Add(1)
			case !errors.Is(err, want):
				w.t.Errorf("booker %d: %v, want %v", i, err, want)
			}
		})
	}
	close(start)
	wg.Wait()
	return won.Load()
}

func TestALimitHoldsInARush(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	var staff []ingest.StaffID // each booker another, so that only the limit's lock keeps them apart
	for i := range 8 {
		staff = append(staff, w.staff(acme, booking.Staff{Name: fmt.Sprintf("Helper %d", i)}).ID)
	}
	few := w.service(acme, booking.Service{Name: "Whitening", Duration: 30 * time.Minute, PerDay: 1})
	for _, day := range []string{"2026-11-24", "2026-11-25", "2026-11-26", "2026-11-27", "2026-11-30", "2026-12-01", "2026-12-02", "2026-12-03"} {
		won := w.rush(16, booking.ErrDayFull, func(i int) booking.Draft {
			return booking.Draft{Service: few.ID, Staff: staff[i%8], Start: at(day + " 08:00").Add(time.Duration(i/8) * time.Hour)}
		})
		if won != 1 {
			t.Fatalf("%d won on %s, want 1", won, day)
		}
	}
}

func TestRoomsOfAKindInARush(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name         string
		rooms, extra int
		service      booking.Service
		want         int64
	}{
		{"one of three rooms, nobody needed", 3, 0, booking.Service{Name: "Sauna", Duration: time.Hour, Unstaffed: true, Needs: []string{"room"}}, 3},
		{"two of five rooms each", 5, 0, booking.Service{Name: "Sauna", Duration: time.Hour, Unstaffed: true, Needs: []string{"room", "room"}}, 2},
		{"a room and one of two lasers", 4, 2, booking.Service{Name: "Sauna", Duration: time.Hour, Unstaffed: true, Needs: []string{"room", "laser"}}, 2},
		{"as many staff as come, three rooms", 3, 0, booking.Service{Name: "Sauna", Duration: time.Hour, Needs: []string{"room"}}, 3},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			for i := range tt.rooms {
				w.resource(acme, booking.Resource{Name: fmt.Sprintf("Room %d", i), Kind: "room"})
			}
			for i := range tt.extra {
				w.resource(acme, booking.Resource{Name: fmt.Sprintf("Laser %d", i), Kind: "laser"})
			}
			for i := range 8 {
				w.staff(acme, booking.Staff{Name: fmt.Sprintf("Helper %d", i), Specialties: []string{"Sauna"}})
			}
			service := w.service(acme, tt.service)
			won := w.rush(16, booking.ErrSlotTaken, func(int) booking.Draft { return booking.Draft{Service: service.ID, Start: at("2026-11-24 10:00")} })
			if won != tt.want {
				t.Errorf("%d won, want %d", won, tt.want)
			}
			used := w.number(acme, `SELECT count(DISTINCT subject) FROM claims WHERE subject LIKE 'res_%'`)
			if all := w.number(acme, `SELECT count(*) FROM claims WHERE subject LIKE 'res_%'`); used != all || used != int(tt.want)*len(tt.service.Needs) {
				t.Errorf("%d rooms and lasers in %d claims", used, all)
			}
		})
	}
}

func TestAServiceThatNeedsNobody(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	court := w.service(acme, booking.Service{Name: "Court", Duration: time.Hour, Unstaffed: true})
	pool := w.service(acme, booking.Service{Name: "Pool", Duration: time.Hour, Unstaffed: true})
	a := w.book(booking.Draft{Service: court.ID, Start: at("2026-11-26 10:00")}) // Ana is off
	if a.Slot.Staff != "" {
		t.Errorf("somebody performs it: %+v", a.Slot)
	}
	if _, err := w.store.Book(t.Context(), acme, booking.Draft{Service: court.ID, Start: at("2026-11-26 10:30"), Contact: contactOf(acme, 1)}); !errors.Is(err, booking.ErrSlotTaken) {
		t.Errorf("two at once: %v", err)
	}
	if _, err := w.store.Book(t.Context(), acme, booking.Draft{Service: court.ID, Staff: w.ana.ID, Start: at("2026-11-25 10:00"), Contact: contactOf(acme, 1)}); !errors.Is(err, booking.ErrNotOffered) {
		t.Errorf("with somebody: %v", err)
	}
	if _, err := w.store.Book(t.Context(), acme, booking.Draft{Service: court.ID, Start: at("2026-11-26 12:00"), Contact: contactOf(acme, 1)}); !errors.Is(err, booking.ErrOutsideHours) {
		t.Errorf("while the business is closed: %v", err)
	}
	w.book(booking.Draft{Service: pool.ID, Start: at("2026-11-26 10:00"), Contact: contactOf(acme, 1)})
	w.book(booking.Draft{Service: w.fill.ID, Start: at("2026-11-25 10:00"), Contact: contactOf(acme, 1)})
}
