package booking_test

import (
	"errors"
	"sync"
	"testing"
	"time"

	"frontdesk/agent/booking"
)

// orphan is a hold whose attempt broke off before anybody was told its id.
func (w *world) orphan(d booking.HoldDraft) booking.Hold {
	w.t.Helper()
	d.Contact = contactOf(acme, 0)
	h, err := w.store.Hold(w.t.Context(), acme, d)
	if err != nil {
		w.t.Fatal(err)
	}
	return h
}

func TestAnOrphanedHoldIsNotInItsContactsWay(t *testing.T) {
	t.Parallel()
	ten := at("2026-11-24 10:00")
	tests := []struct {
		name  string
		again func(w *world) error
		gone  bool // the hold is over then
	}{
		{"held again", func(w *world) error {
			h, err := w.store.Hold(t.Context(), acme, booking.HoldDraft{Service: w.clean.ID, Start: ten, Contact: contactOf(acme, 0)})
			if err == nil {
				_, err = w.store.Book(t.Context(), acme, booking.Draft{Hold: h.ID, Contact: contactOf(acme, 0)})
			}
			return err
		}, true},
		{"booked without it", func(w *world) error {
			_, err := w.store.Book(t.Context(), acme, booking.Draft{Service: w.clean.ID, Start: ten, Contact: contactOf(acme, 0)})
			return err
		}, true},
		{"booked where it overlaps", func(w *world) error {
			_, err := w.store.Book(t.Context(), acme, booking.Draft{Service: w.clean.ID, Start: ten.Add(15 * time.Minute), Contact: contactOf(acme, 0)})
			return err
		}, true},
		{"moved to it", func(w *world) error {
			a := w.book(booking.Draft{Service: w.clean.ID, Start: at("2026-11-24 15:00")})
			_, err := w.store.Move(t.Context(), acme, a.ID, booking.Change{Start: ten})
			return err
		}, true},
		{"booked beside it", func(w *world) error {
			_, err := w.store.Book(t.Context(), acme, booking.Draft{Service: w.clean.ID, Start: at("2026-11-24 15:00"), Contact: contactOf(acme, 0)})
			return err
		}, false},
		{"booked by who was merged with its contact", func(w *world) error {
			w.exec(acme, `UPDATE contacts SET merged_into = $1 WHERE id = $2`, contactOf(acme, 2), contactOf(acme, 0))
			_, err := w.store.Book(t.Context(), acme, booking.Draft{Service: w.clean.ID, Start: ten, Contact: contactOf(acme, 2)})
			return err
		}, true},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			h := w.orphan(booking.HoldDraft{Service: w.clean.ID, Start: ten})
			other := booking.Draft{Service: w.clean.ID, Start: ten, Contact: contactOf(acme, 1)}
			if _, err := w.store.Book(t.Context(), acme, other); !errors.Is(err, booking.ErrSlotTaken) {
				t.Fatalf("somebody else books it: %v", err)
			}
			if err := tt.again(w); err != nil {
				t.Fatal(err)
			}
			if n := w.number(acme, `SELECT count(*) FROM holds WHERE id = $1`, h.ID); (n == 0) != tt.gone {
				t.Errorf("the orphan is there: %v", n == 1)
			}
			if _, err := w.store.Book(t.Context(), acme, other); !errors.Is(err, booking.ErrSlotTaken) {
				t.Errorf("somebody else books it then: %v", err)
			}
			w.now = h.ExpiresAt
			if _, err := w.store.Book(t.Context(), acme, other); (err == nil) == tt.gone {
				t.Errorf("somebody else when the orphan has ended by itself: %v", err)
			}
		})
	}
}

// TestAnOrphanCountsForNoLimitOfItsContact: a day of one appointment is not
// full for who holds it.
func TestAnOrphanCountsForNoLimitOfItsContact(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	only := w.service(acme, booking.Service{Name: "Consultation", Duration: 30 * time.Minute, PerDay: 1})
	w.orphan(booking.HoldDraft{Service: only.ID, Start: at("2026-11-24 10:00")})
	if _, err := w.store.Book(t.Context(), acme, booking.Draft{Service: only.ID, Start: at("2026-11-24 14:00"), Contact: contactOf(acme, 1)}); !errors.Is(err, booking.ErrDayFull) {
		t.Fatalf("somebody else: %v", err)
	}
	w.book(booking.Draft{Service: only.ID, Start: at("2026-11-24 14:00")})
	if n := w.number(acme, `SELECT count(*) FROM holds`); n != 0 {
		t.Error("the orphan could be booked besides, over the limit")
	}
}

// TestOneContactManyTries: however often a contact asks at once, somebody gets
// the time once.
func TestOneContactManyTries(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	var wg sync.WaitGroup
	for range 24 {
		wg.Go(func() {
			h, err := w.store.Hold(t.Context(), acme, booking.HoldDraft{Service: w.clean.ID, Start: at("2026-11-24 10:00"), Contact: contactOf(acme, 0)})
			if err == nil {
				_, err = w.store.Book(t.Context(), acme, booking.Draft{Hold: h.ID, Contact: contactOf(acme, 0)})
			}
			if err != nil && !errors.Is(err, booking.ErrSlotTaken) && !errors.Is(err, booking.ErrHoldExpired) {
				t.Error(err)
			}
		})
	}
	wg.Wait()
	if n := w.number(acme, `SELECT count(*) FROM appointments`); n > 1 {
		t.Errorf("%d appointments", n)
	}
	if n := w.number(acme, `SELECT count(*) FROM claims`); n > 1 {
		t.Errorf("%d claims", n)
	}
}
