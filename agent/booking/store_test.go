package booking_test

import (
	"errors"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"frontdesk/agent/booking"
	"frontdesk/ingest"
)

func TestBook(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.book(booking.Draft{Service: w.clean.ID, Staff: w.ana.ID, Start: at("2026-11-24 10:00"), Key: "first"})
	tests := []struct {
		name   string
		tenant ingest.TenantID
		draft  booking.Draft
		want   error
	}{
		{"free slot", acme, booking.Draft{Service: w.clean.ID, Start: at("2026-11-24 11:00")}, nil},
		{"the same slot", acme, booking.Draft{Service: w.clean.ID, Staff: w.ana.ID, Start: at("2026-11-24 10:00")}, booking.ErrSlotTaken},
		{"overlaps it", acme, booking.Draft{Service: w.clean.ID, Start: at("2026-11-24 09:45")}, booking.ErrSlotTaken},
		{"within the buffer of it", acme, booking.Draft{Service: w.clean.ID, Start: at("2026-11-24 10:30")}, booking.ErrSlotTaken},
		{"its own buffer touches it", acme, booking.Draft{Service: w.clean.ID, Start: at("2026-11-24 09:25")}, booking.ErrSlotTaken},
		{"right behind the buffer", acme, booking.Draft{Service: w.clean.ID, Start: at("2026-11-25 10:40")}, nil},
		{"anybody: the other is free", acme, booking.Draft{Service: w.fill.ID, Start: at("2026-11-24 10:00")}, nil},
		{"anybody: nobody is free any more", acme, booking.Draft{Service: w.fill.ID, Start: at("2026-11-24 10:00")}, booking.ErrSlotTaken},
		{"in the past", acme, booking.Draft{Service: w.clean.ID, Start: at("2026-11-20 10:00")}, booking.ErrPast},
		{"within the notice", acme, booking.Draft{Service: w.clean.ID, Start: at("2026-11-23 08:30")}, booking.ErrTooSoon},
		{"beyond the horizon", acme, booking.Draft{Service: w.clean.ID, Start: at("2026-12-28 10:00")}, booking.ErrTooFar},
		{"on a closed day", acme, booking.Draft{Service: w.fill.ID, Start: at("2026-12-25 10:00")}, booking.ErrClosed},
		{"on a Sunday", acme, booking.Draft{Service: w.clean.ID, Start: at("2026-11-29 10:00")}, booking.ErrClosed},
		{"over lunch", acme, booking.Draft{Service: w.clean.ID, Start: at("2026-11-25 12:00")}, booking.ErrOutsideHours},
		{"ends after closing", acme, booking.Draft{Service: w.clean.ID, Start: at("2026-11-25 16:45")}, booking.ErrOutsideHours},
		{"on a day off", acme, booking.Draft{Service: w.clean.ID, Start: at("2026-11-26 10:00")}, booking.ErrStaffOff},
		{"not their service", acme, booking.Draft{Service: w.clean.ID, Staff: w.luis.ID, Start: at("2026-11-25 10:00")}, booking.ErrNotOffered},
		{"not a whole minute", acme, booking.Draft{Service: w.clean.ID, Start: at("2026-11-25 10:00").Add(time.Second)}, booking.ErrInvalid},
		{"no start", acme, booking.Draft{Service: w.clean.ID}, booking.ErrInvalid},
		{"service of another tenant", acme, booking.Draft{Service: w.globexService.ID, Start: at("2026-11-25 10:00")}, booking.ErrNotFound},
		{"staff of another tenant", acme, booking.Draft{Service: w.clean.ID, Staff: w.globexStaff.ID, Start: at("2026-11-25 10:00")}, booking.ErrNotFound},
		{"contact of another tenant", acme, booking.Draft{Service: w.clean.ID, Contact: contactOf(globex, 0), Start: at("2026-11-25 09:00")}, booking.ErrNotFound},
		{"hold of nobody", acme, booking.Draft{Hold: "hld_none"}, booking.ErrHoldExpired},
		{"another tenant has the time free", globex, booking.Draft{Service: w.globexService.ID, Contact: contactOf(globex, 0), Start: at("2026-11-24 10:00"), Key: "first"}, nil},
		{"same request again", acme, booking.Draft{Service: w.clean.ID, Staff: w.ana.ID, Start: at("2026-11-24 10:00"), Key: "first"}, nil},
		{"another time under its key", acme, booking.Draft{Service: w.clean.ID, Staff: w.ana.ID, Start: at("2026-11-24 15:00"), Key: "first"}, booking.ErrKeyReused},
		{"another contact under its key", acme, booking.Draft{Service: w.clean.ID, Staff: w.ana.ID, Start: at("2026-11-24 10:00"), Contact: contactOf(acme, 1), Key: "first"}, booking.ErrKeyReused},
		{"29 February of a common year", acme, booking.Draft{Service: w.clean.ID, Local: "2027-02-29T10:00"}, booking.ErrNoSuchTime},
		{"31 November", acme, booking.Draft{Service: w.clean.ID, Local: "2026-11-31T10:00"}, booking.ErrNoSuchTime},
		{"no time at all", acme, booking.Draft{Service: w.clean.ID, Local: "tomorrow"}, booking.ErrInvalid},
		{"wall clock", acme, booking.Draft{Service: w.clean.ID, Local: "2026-11-25T15:00"}, nil},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if tt.draft.Contact == "" {
				tt.draft.Contact = contactOf(acme, 0)
			}
			a, err := w.store.Book(t.Context(), tt.tenant, tt.draft)
			if !errors.Is(err, tt.want) {
				t.Fatalf("Book() error = %v, want %v", err, tt.want)
			}
			if err == nil && (a.Status != booking.Scheduled || a.Number == 0 || a.Version != 1 || !tt.draft.Start.IsZero() && !a.Slot.Start.Equal(tt.draft.Start)) {
				t.Errorf("booked %+v", a)
			}
			var r *booking.Refusal
			if errors.As(err, &r) && !errors.Is(err, booking.ErrHoldExpired) {
				w.wantFree(t, tt.draft, r.Nearest)
			}
		})
	}
}

// wantFree checks that what a refusal offers can be had.
func (w *world) wantFree(t *testing.T, d booking.Draft, offered []booking.Slot) {
	t.Helper()
	if len(offered) == 0 {
		t.Fatal("the refusal offers nothing")
	}
	for _, s := range offered {
		free, err := w.store.Slots(t.Context(), acme, booking.SlotQuery{Service: s.Service, Staff: s.Staff, From: s.Start, To: s.Start.Add(time.Minute)})
		if err != nil || len(free) != 1 || !free[0].Start.Equal(s.Start) || s.Service != d.Service {
			t.Errorf("offers %v, which is not free: %v, %v", s, free, err)
		}
	}
}

func TestARefusalOffersTheNearest(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.book(booking.Draft{Service: w.clean.ID, Start: at("2026-11-24 10:00")})
	tests := []struct {
		name  string
		start string
		want  []string
	}{
		{"taken", "2026-11-24 10:00", []string{"2026-11-24 08:00", "2026-11-24 08:30", "2026-11-24 09:00", "2026-11-24 11:00", "2026-11-24 11:30"}},
		{"past", "2026-11-20 10:00", []string{"2026-11-23 09:00", "2026-11-23 09:30", "2026-11-23 10:00", "2026-11-23 10:30", "2026-11-23 11:00"}},
		{"too far", "2027-03-01 10:00", []string{"2026-12-23 14:30", "2026-12-23 15:00", "2026-12-23 15:30", "2026-12-23 16:00", "2026-12-23 16:30"}},
		{"day off", "2026-11-26 08:00", []string{"2026-11-25 14:30", "2026-11-25 15:00", "2026-11-25 15:30", "2026-11-25 16:00", "2026-11-25 16:30"}},
	}
	for _, tt := range tests {
		_, err := w.store.Book(t.Context(), acme, booking.Draft{Service: w.clean.ID, Contact: contactOf(acme, 1), Start: at(tt.start)})
		var got []string
		for _, s := range booking.Nearest(err) {
			got = append(got, s.Start.Add(-6*time.Hour).Format("2006-01-02 15:04"))
		}
		if d := cmp.Diff(tt.want, got); d != "" {
			t.Errorf("%s: %v\n%s", tt.name, err, d)
		}
	}
}

func TestHold(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	draft := booking.HoldDraft{Service: w.clean.ID, Start: at("2026-11-24 10:00"), Contact: contactOf(acme, 0), For: 5 * time.Minute, Key: "h"}
	h, err := w.store.Hold(t.Context(), acme, draft)
	if err != nil {
		t.Fatal(err)
	}
	if again, err := w.store.Hold(t.Context(), acme, draft); err != nil || !cmp.Equal(again, h) {
		t.Errorf("same request again: %+v, %v", again, err)
	}
	other := booking.Draft{Service: w.clean.ID, Start: at("2026-11-24 10:10"), Contact: contactOf(acme, 1)}
	if _, err := w.store.Book(t.Context(), acme, other); !errors.Is(err, booking.ErrSlotTaken) {
		t.Fatalf("booked over a hold: %v", err)
	}
	if _, err := w.store.Book(t.Context(), acme, booking.Draft{Hold: h.ID, Contact: contactOf(acme, 1)}); !errors.Is(err, booking.ErrNotFound) {
		t.Errorf("booked somebody else's hold: %v", err)
	}
	if _, err := w.store.Book(t.Context(), globex, booking.Draft{Hold: h.ID, Contact: contactOf(globex, 1)}); !errors.Is(err, booking.ErrHoldExpired) {
		t.Errorf("booked another tenant's hold: %v", err)
	}
	if _, err := w.store.Book(t.Context(), acme, booking.Draft{Hold: h.ID, Start: at("2026-11-24 11:00"), Contact: contactOf(acme, 0)}); !errors.Is(err, booking.ErrInvalid) {
		t.Errorf("booked a hold for another time: %v", err)
	}
	a := w.book(booking.Draft{Hold: h.ID})
	if d := cmp.Diff(h.Slot, a.Slot); d != "" {
		t.Error(d)
	}
	if _, err := w.store.Book(t.Context(), acme, booking.Draft{Hold: h.ID, Contact: contactOf(acme, 0)}); !errors.Is(err, booking.ErrHoldExpired) {
		t.Errorf("booked a hold twice: %v", err)
	}
	if n := w.number(acme, `SELECT count(*) FROM claims`); n != 1 {
		t.Errorf("%d claims, want that of the appointment", n)
	}
}

func TestAnExpiredHoldIsInNobodysWay(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	draft := booking.HoldDraft{Service: w.clean.ID, Start: at("2026-11-24 10:00"), Contact: contactOf(acme, 0)}
	h, err := w.store.Hold(t.Context(), acme, draft)
	if err != nil {
		t.Fatal(err)
	}
	query := booking.SlotQuery{Service: w.clean.ID, From: at("2026-11-24 10:00"), To: at("2026-11-24 10:01")}
	if free, err := w.store.Slots(t.Context(), acme, query); err != nil || len(free) != 0 {
		t.Fatalf("a held slot is offered: %v, %v", free, err)
	}
	w.now = h.ExpiresAt
	if free, err := w.store.Slots(t.Context(), acme, query); err != nil || len(free) != 1 {
		t.Fatalf("the slot of an expired hold is not offered: %v, %v", free, err)
	}
	if _, err := w.store.Book(t.Context(), acme, booking.Draft{Hold: h.ID, Contact: contactOf(acme, 0)}); !errors.Is(err, booking.ErrHoldExpired) || len(booking.Nearest(err)) == 0 || !booking.Nearest(err)[0].Start.Before(at("2026-11-24 10:01")) {
		t.Errorf("booked an expired hold: %v", err)
	}
	w.book(booking.Draft{Service: w.clean.ID, Start: at("2026-11-24 10:00"), Contact: contactOf(acme, 1)})
	w.now = w.now.Add(2 * time.Hour)
	if err := w.store.Sweep(t.Context(), time.Hour); err != nil {
		t.Fatal(err)
	}
	if n := w.number(acme, `SELECT count(*) FROM holds`); n != 0 {
		t.Errorf("%d holds after the sweep", n)
	}
	if n := w.number(acme, `SELECT count(*) FROM claims`); n != 1 {
		t.Errorf("%d claims after the sweep, want that of the appointment", n)
	}
}

func TestHoldsOfAContactAreLimited(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	hold := func(i int, replace ingest.HoldID) (booking.Hold, error) {
		return w.store.Hold(t.Context(), acme, booking.HoldDraft{Service: w.clean.ID, Start: at("2026-11-24 08:00").Add(time.Duration(i) * time.Hour), Contact: contactOf(acme, 0), Replace: replace})
	}
	var last booking.Hold
	for i := range booking.HoldsPerContact {
		var err error
		if last, err = hold(i, ""); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := hold(7, ""); !errors.Is(err, booking.ErrHoldLimit) {
		t.Errorf("one more hold: %v", err)
	}
	if _, err := hold(7, last.ID); err != nil {
		t.Errorf("one instead of another: %v", err)
	}
	if _, err := w.store.Hold(t.Context(), acme, booking.HoldDraft{Service: w.clean.ID, Start: last.Slot.Start, Contact: contactOf(acme, 1)}); err != nil {
		t.Errorf("the one replaced still stands: %v", err)
	}
	if err := w.store.Release(t.Context(), globex, last.ID); err != nil {
		t.Error(err)
	}
}

func TestRelease(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	draft := booking.HoldDraft{Service: w.clean.ID, Start: at("2026-11-24 10:00"), Contact: contactOf(acme, 0)}
	h, err := w.store.Hold(t.Context(), acme, draft)
	if err != nil {
		t.Fatal(err)
	}
	if err := w.store.Release(t.Context(), globex, h.ID); err != nil {
		t.Fatal(err)
	}
	other := draft
	other.Contact = contactOf(acme, 1)
	if _, err := w.store.Hold(t.Context(), acme, other); !errors.Is(err, booking.ErrSlotTaken) {
		t.Fatalf("another tenant released it: %v", err)
	}
	for range 2 {
		if err := w.store.Release(t.Context(), acme, h.ID); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := w.store.Hold(t.Context(), acme, other); err != nil {
		t.Errorf("a released slot is not free: %v", err)
	}
}
