package booking_test

import (
	"context"
	"errors"
	"sync"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"frontdesk/agent/booking"
	"frontdesk/ingest"
)

const hour = time.Hour

func (w *world) due() []booking.Due {
	w.t.Helper()
	due, err := w.store.DueReminders(w.t.Context(), 10, time.Minute)
	if err != nil {
		w.t.Fatal(err)
	}
	return due
}

// handed is the message of a reminder as it is handed over, or fails to be.
func handed(err error) func(context.Context, pgx.Tx) (ingest.MessageID, error) {
	return func(context.Context, pgx.Tx) (ingest.MessageID, error) { return "msg_1", err }
}

func TestReminders(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.clean.Reminders = []booking.Reminder{{Before: 24 * hour, Template: "tomorrow"}, {Before: 2 * hour, Text: "soon"}}
	w.service(acme, w.clean)
	a := w.book(booking.Draft{Service: w.clean.ID, Start: at("2026-11-24 10:00")})
	if due := w.due(); len(due) != 0 {
		t.Fatalf("due before their time: %+v", due)
	}
	w.now = at("2026-11-23 10:00")
	due := w.due()
	if len(due) != 1 || due[0].Reminder.Template != "tomorrow" || due[0].Appointment.ID != a.ID || due[0].Service != "Cleaning" || due[0].Staff != "Ana" || due[0].Zone != "America/Belize" {
		t.Fatalf("due a day before: %+v", due)
	}
	if again := w.due(); len(again) != 0 {
		t.Errorf("a leased reminder was given twice: %+v", again)
	}
	if err := w.store.DeferReminder(t.Context(), acme, due[0].ID, w.now.Add(hour)); err != nil {
		t.Fatal(err)
	}
	w.now = w.now.Add(hour)
	if due = w.due(); len(due) != 1 || due[0].Attempts != 1 {
		t.Fatalf("due when its lease is over: %+v", due)
	}
	if sent, err := w.store.SendReminder(t.Context(), due[0], handed(nil)); err != nil || !sent {
		t.Fatalf("sent: %v, %v", sent, err)
	}
	if sent, err := w.store.SendReminder(t.Context(), due[0], handed(errors.New("called again"))); err != nil || sent {
		t.Errorf("sent twice: %v, %v", sent, err)
	}
	events := w.events()
	if last := events[len(events)-1]; last.Type != ingest.AppointmentReminded {
		t.Errorf("announced as %s", last.Type)
	}
}

func TestRemindersMoveAndDieWithTheAppointment(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.clean.Reminders = []booking.Reminder{{Before: 24 * hour}, {Before: 2 * hour}}
	w.service(acme, w.clean)
	a := w.book(booking.Draft{Service: w.clean.ID, Start: at("2026-11-24 10:00")})
	w.now = at("2026-11-23 10:00")
	taken := w.due()
	if len(taken) != 1 {
		t.Fatalf("due: %+v", taken)
	}
	if _, err := w.store.Move(t.Context(), acme, a.ID, booking.Change{Start: at("2026-11-25 10:00")}); err != nil {
		t.Fatal(err)
	}
	if sent, err := w.store.SendReminder(t.Context(), taken[0], handed(nil)); err != nil || sent {
		t.Errorf("a reminder of before the move counts: %v, %v", sent, err)
	}
	w.now = at("2026-11-24 09:59")
	if due := w.due(); len(due) != 0 {
		t.Errorf("due at the old time: %+v", due)
	}
	w.now = at("2026-11-24 10:00")
	if due := w.due(); len(due) != 1 || due[0].Appointment.Version != 2 {
		t.Errorf("due at the new time: %+v", due)
	}
	if _, err := w.store.Cancel(t.Context(), acme, a.ID, "", "", "contact"); err != nil {
		t.Fatal(err)
	}
	w.now = at("2026-11-25 09:00")
	if due := w.due(); len(due) != 0 {
		t.Errorf("due of a cancelled one: %+v", due)
	}
}

func TestALateReminderIsDropped(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.clean.Reminders = []booking.Reminder{{Before: 2 * hour}, {Before: 240 * hour}}
	w.service(acme, w.clean)
	w.book(booking.Draft{Service: w.clean.ID, Start: at("2026-11-24 10:00")})
	if n := w.number(acme, `SELECT count(*) FROM reminders`); n != 1 {
		t.Errorf("%d reminders are set, want the one still to come", n)
	}
	w.now = at("2026-11-24 10:00")
	if due := w.due(); len(due) != 0 {
		t.Errorf("due when it has begun: %+v", due)
	}
	if n := w.number(acme, `SELECT count(*) FROM reminders WHERE status = 'dropped'`); n != 1 {
		t.Errorf("%d reminders are dropped, want 1", n)
	}
}

// TestAReminderThatCannotBeRead spoils one appointment: the reminders of the
// others are given nevertheless.
func TestAReminderThatCannotBeRead(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.clean.Reminders = []booking.Reminder{{Before: 24 * hour}}
	w.service(acme, w.clean)
	spoiled := w.book(booking.Draft{Service: w.clean.ID, Start: at("2026-11-24 10:00")})
	good := w.book(booking.Draft{Service: w.clean.ID, Start: at("2026-11-24 11:00")})
	err := w.db.InTenant(t.Context(), acme, func(tx pgx.Tx) error {
		_, err := tx.Exec(t.Context(), `UPDATE appointments SET created_at = 'infinity' WHERE id = $1`, spoiled.ID)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	w.now = at("2026-11-23 12:00")
	due, err := w.store.DueReminders(t.Context(), 10, time.Minute)
	if err == nil || len(due) != 1 || due[0].Appointment.ID != good.ID {
		t.Errorf("given %+v, %v; want the good one, and an error that tells of the other", due, err)
	}
}

func TestRemindersAreSharedAmongWorkers(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.clean.Reminders = []booking.Reminder{{Before: 2 * hour}}
	w.service(acme, w.clean)
	for i := range 4 {
		w.book(booking.Draft{Service: w.clean.ID, Start: at("2026-11-24 08:00").Add(time.Duration(i) * hour)})
	}
	w.now = at("2026-11-24 07:59")
	seen := map[string]int{}
	var mu sync.Mutex
	var wg sync.WaitGroup
	for range 6 {
		wg.Go(func() {
			due, err := w.store.DueReminders(t.Context(), 2, time.Minute)
			if err != nil {
				t.Error(err)
			}
			mu.Lock()
			defer mu.Unlock()
			for _, d := range due {
				seen[d.ID]++
			}
		})
	}
	wg.Wait()
	if len(seen) != 2 { // of 08:00 and 09:00
		t.Errorf("taken: %v, want 2 reminders", seen)
	}
	for id, n := range seen {
		if n != 1 {
			t.Errorf("%s was taken %d times", id, n)
		}
	}
}

func TestBusy(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	busy := []booking.Busy{{UID: "1", Start: at("2026-11-24 10:15"), End: at("2026-11-24 11:00")}, {UID: "2", Start: at("2026-11-24 10:45"), End: at("2026-11-24 12:00")}}
	for range 2 {
		if err := w.store.ReplaceBusy(t.Context(), acme, w.ana.ID, "work", busy); err != nil {
			t.Fatal(err)
		}
	}
	draft := booking.Draft{Service: w.clean.ID, Contact: contactOf(acme, 0), Start: at("2026-11-24 10:00")}
	if _, err := w.store.Book(t.Context(), acme, draft); !errors.Is(err, booking.ErrSlotTaken) {
		t.Errorf("booked in a busy time: %v", err)
	}
	free, err := w.store.Slots(t.Context(), acme, booking.SlotQuery{Service: w.clean.ID, From: at("2026-11-24 08:00"), To: at("2026-11-24 13:00")})
	if err != nil || len(free) != 4 {
		t.Errorf("free in the morning: %v, %v", free, err)
	}
	if got, err := w.store.BusyTimes(t.Context(), acme, w.ana.ID, at("2026-11-24 00:00"), at("2026-11-25 00:00")); err != nil || len(got) != 2 || got[0].UID != "1" {
		t.Errorf("busy: %v, %v", got, err)
	}
	if err := w.store.ReplaceBusy(t.Context(), acme, w.ana.ID, "private", nil); err != nil {
		t.Fatal(err)
	}
	if _, err := w.store.Book(t.Context(), acme, draft); !errors.Is(err, booking.ErrSlotTaken) {
		t.Errorf("another source made it free: %v", err)
	}
	if err := w.store.ReplaceBusy(t.Context(), globex, w.ana.ID, "work", busy); !errors.Is(err, booking.ErrNotFound) {
		t.Errorf("another tenant made them busy: %v", err)
	}
	if err := w.store.ReplaceBusy(t.Context(), acme, w.ana.ID, "work", nil); err != nil {
		t.Fatal(err)
	}
	w.book(draft)
}

func TestFeedLinks(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	rotate := func(staff ingest.StaffID) string {
		t.Helper()
		token, err := w.store.RotateFeed(t.Context(), acme, staff)
		if err != nil {
			t.Fatal(err)
		}
		return token
	}
	open := func(token string, staff ingest.StaffID, want error) {
		t.Helper()
		tenant, who, err := w.store.FeedOf(t.Context(), token)
		if !errors.Is(err, want) || err == nil && (tenant != acme || who != staff) {
			t.Errorf("opens %q %q, %v; want %q, %v", tenant, who, err, staff, want)
		}
	}
	all, first := rotate(""), rotate(w.ana.ID)
	open(all, "", nil)
	open(first, w.ana.ID, nil)
	second := rotate(w.ana.ID)
	open(first, "", booking.ErrNotFound)
	open(second, w.ana.ID, nil)
	open("", "", booking.ErrNotFound)
	if _, err := w.store.RotateFeed(t.Context(), globex, w.ana.ID); !errors.Is(err, booking.ErrNotFound) {
		t.Errorf("another tenant made a link: %v", err)
	}
	if err := w.store.EndFeed(t.Context(), globex, ""); err != nil {
		t.Fatal(err)
	}
	open(all, "", nil)
	if err := w.store.EndFeed(t.Context(), acme, ""); err != nil {
		t.Fatal(err)
	}
	open(all, "", booking.ErrNotFound)
	if err := w.store.RemoveStaff(t.Context(), acme, w.ana.ID); err != nil {
		t.Fatal(err)
	}
	open(second, "", booking.ErrNotFound)
}
