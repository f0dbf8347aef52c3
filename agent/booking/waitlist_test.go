package booking_test

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/jackc/pgx/v5"

	"frontdesk/agent/booking"
	"frontdesk/ingest"
)

func TestNoShowsAreMarkedWhereTheBusinessAsksForIt(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	missed := w.book(booking.Draft{Service: w.clean.ID, Start: at("2026-11-24 08:00")})
	kept := w.book(booking.Draft{Service: w.clean.ID, Start: at("2026-11-24 09:00")})
	late := w.book(booking.Draft{Service: w.clean.ID, Start: at("2026-11-24 10:00")})
	other, err := w.store.Book(t.Context(), globex, booking.Draft{Service: w.globexService.ID, Start: at("2026-11-24 08:00"), Contact: contactOf(globex, 0)})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := w.store.SetStatus(t.Context(), acme, kept.ID, booking.Completed, "key"); err != nil {
		t.Fatal(err)
	}
	mark := func(now string) {
		t.Helper()
		w.now = at(now)
		for range 2 {
			if err := w.store.MarkNoShows(t.Context()); err != nil {
				t.Fatal(err)
			}
		}
	}
	status := func(tenant ingest.TenantID, a booking.Appointment, want booking.Status) {
		t.Helper()
		got, err := w.store.Appointment(t.Context(), tenant, a.ID)
		if err != nil || got.Status != want {
			t.Errorf("at %v the appointment of %v is %q, %v; want %q", w.now, a.Slot.Start, got.Status, err, want)
		}
	}
	mark("2026-11-24 12:00")
	status(acme, missed, booking.Scheduled) // nothing is set
	w.exec(acme, `UPDATE tenants SET no_show_after_minutes = 120`)
	mark("2026-11-24 10:29")
	status(acme, missed, booking.Scheduled)
	mark("2026-11-24 10:30")
	status(acme, missed, booking.NoShow)
	status(acme, kept, booking.Completed)
	status(acme, late, booking.Scheduled)
	status(globex, other, booking.Scheduled)
	events := 0
	for _, e := range w.events() {
		if e.Type == ingest.AppointmentNoShow {
			events++
		}
	}
	if events != 1 {
		t.Errorf("announced %d times, want once", events)
	}
	if history, err := w.store.History(t.Context(), acme, missed.ID); err != nil || history[len(history)-1].By != "bot" {
		t.Errorf("history %+v, %v", history, err)
	}
	w.now = at("2026-11-24 12:00")
	for _, a := range []booking.Appointment{kept, late} { // as it stands by the time that it is marked
		if err := booking.Missed(t.Context(), w.store, acme, a.ID, 2*time.Hour); err != nil {
			t.Fatal(err)
		}
	}
	status(acme, kept, booking.Completed)
	status(acme, late, booking.Scheduled)
	mark("2026-11-28 10:00") // long over: it was turned on too late for it
	status(acme, late, booking.Scheduled)
}

func TestWaitlistKeepsWhoWaits(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	wish := booking.Wait{Service: w.fill.ID, Contact: contactOf(acme, 0), From: at("2026-11-24 08:00"), To: at("2026-11-25 08:00"), Key: "turn/1"}
	first, err := w.store.AddWait(t.Context(), acme, wish)
	if err != nil {
		t.Fatal(err)
	}
	for _, key := range []string{"turn/1", "turn/2", ""} {
		wish.Key = key
		if again, err := w.store.AddWait(t.Context(), acme, wish); err != nil || again.ID != first.ID {
			t.Errorf("the same wish under %q is %+v, %v", key, again, err)
		}
	}
	for name, tt := range map[string]struct {
		change func(*booking.Wait)
		want   error
	}{
		"another business's service": {func(v *booking.Wait) { v.Service = w.globexService.ID }, booking.ErrNotFound},
		"another business's staff":   {func(v *booking.Wait) { v.Staff = w.globexStaff.ID }, booking.ErrNotFound},
		"another business's contact": {func(v *booking.Wait) { v.Contact = contactOf(globex, 0) }, booking.ErrNotFound},
		"a time that is over":        {func(v *booking.Wait) { v.From, v.To = now.Add(-2*time.Hour), now.Add(-time.Hour) }, booking.ErrPast},
		"no time":                    {func(v *booking.Wait) { v.To = v.From }, booking.ErrInvalid},
		"a year":                     {func(v *booking.Wait) { v.To = v.From.AddDate(1, 0, 0) }, booking.ErrInvalid},
	} {
		v := wish
		tt.change(&v)
		if _, err := w.store.AddWait(t.Context(), acme, v); !errors.Is(err, tt.want) {
			t.Errorf("%s: %v, want %v", name, err, tt.want)
		}
	}
	if all, _, err := w.store.Waits(t.Context(), globex, booking.WaitFilter{}); err != nil || len(all) != 0 {
		t.Errorf("another business sees %+v, %v", all, err)
	}
	if err := w.store.EndWait(t.Context(), globex, first.ID, booking.Left); !errors.Is(err, booking.ErrNotFound) {
		t.Errorf("another business ends it: %v", err)
	}
	if _, err := w.store.Wait(t.Context(), globex, first.ID); !errors.Is(err, booking.ErrNotFound) {
		t.Errorf("another business reads it: %v", err)
	}
	w.now = at("2026-11-25 08:00")
	if err := w.store.Reopen(t.Context()); err != nil {
		t.Fatal(err)
	}
	if over, err := w.store.Wait(t.Context(), acme, first.ID); err != nil || over.Status != booking.Left || over.Detail != "over" {
		t.Errorf("a wish whose time is over is %+v, %v", over, err)
	}
}

// TestPassEndsOnlyTheOfferItNames passes an offer that was followed by another
// since it was read.
func TestPassEndsOnlyTheOfferItNames(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	wish, err := w.store.AddWait(t.Context(), acme, booking.Wait{Service: w.clean.ID, Contact: contactOf(acme, 0), From: at("2026-11-24 08:00"), To: at("2026-11-25 08:00")})
	if err != nil {
		t.Fatal(err)
	}
	offer := func(start string) ingest.HoldID {
		t.Helper()
		h, err := w.store.Hold(t.Context(), acme, booking.HoldDraft{Service: w.clean.ID, Start: at(start), Contact: contactOf(acme, 0)})
		if err != nil {
			t.Fatal(err)
		}
		made, err := w.store.OfferWait(t.Context(), acme, wish, h, func(context.Context, pgx.Tx) error { return nil })
		if err != nil || !made {
			t.Fatalf("offered %t, %v", made, err)
		}
		if wish, err = w.store.Wait(t.Context(), acme, wish.ID); err != nil {
			t.Fatal(err)
		}
		return h.ID
	}
	held := func(want bool, id ingest.HoldID) {
		t.Helper()
		if got := w.number(acme, `SELECT count(*) FROM holds WHERE id = $1`, id) == 1; got != want {
			t.Errorf("the hold of the offer is there: %t, want %t", got, want)
		}
	}
	first := offer("2026-11-24 08:00")
	for range 2 { // a second time it is over
		if got, err := w.store.PassWait(t.Context(), acme, wish.ID, 1); err != nil || got.Status != booking.Waiting || len(got.Passed) != 1 {
			t.Fatalf("the first is passed: %+v, %v", got, err)
		}
		held(false, first)
	}
	second := offer("2026-11-24 10:00")
	got, err := w.store.PassWait(t.Context(), acme, wish.ID, 1)
	if diff := cmp.Diff(wish, got); err != nil || diff != "" {
		t.Errorf("a pass of the first changed the second: %v\n%s", err, diff)
	}
	held(true, second)
	if got, err := w.store.PassWait(t.Context(), acme, wish.ID, 2); err != nil || got.Status != booking.Waiting || len(got.Passed) != 2 {
		t.Errorf("the second is passed: %+v, %v", got, err)
	}
	held(false, second)
}

// TestOpeningsAreKeptWhereSomebodyWaits holds that each way by which a time
// becomes free leaves one opening, and none where nobody waits.
func TestOpeningsAreKeptWhereSomebodyWaits(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	free := func(start string) {
		t.Helper()
		cancelled := w.book(booking.Draft{Service: w.clean.ID, Start: at(start + " 08:00")})
		if _, err := w.store.Cancel(t.Context(), acme, cancelled.ID, "", "", "contact"); err != nil {
			t.Fatal(err)
		}
		moved := w.book(booking.Draft{Service: w.clean.ID, Start: at(start + " 09:00")})
		if _, err := w.store.Move(t.Context(), acme, moved.ID, booking.Change{Start: at(start + " 10:00")}); err != nil {
			t.Fatal(err)
		}
		released, err := w.store.Hold(t.Context(), acme, booking.HoldDraft{Service: w.clean.ID, Start: at(start + " 11:00"), Contact: contactOf(acme, 1)})
		if err != nil {
			t.Fatal(err)
		}
		for range 2 {
			if err := w.store.Release(t.Context(), acme, released.ID); err != nil {
				t.Fatal(err)
			}
		}
		over, err := w.store.Hold(t.Context(), acme, booking.HoldDraft{Service: w.clean.ID, Start: at(start + " 14:00"), Contact: contactOf(acme, 1)})
		if err != nil {
			t.Fatal(err)
		}
		w.now = over.ExpiresAt
		for range 2 {
			if err := w.store.Reopen(t.Context()); err != nil {
				t.Fatal(err)
			}
		}
	}
	free("2026-11-24")
	if n := w.number(acme, `SELECT count(*) FROM openings`); n != 0 {
		t.Errorf("%d openings while nobody waits", n)
	}
	if _, err := w.store.AddWait(t.Context(), acme, booking.Wait{Service: w.clean.ID, Contact: contactOf(acme, 2), From: at("2026-11-25 00:00"), To: at("2026-11-26 00:00")}); err != nil {
		t.Fatal(err)
	}
	free("2026-11-25")
	if n := w.number(acme, `SELECT count(*) FROM openings`); n != 4 {
		t.Errorf("%d openings, want one for each way", n)
	}
}
