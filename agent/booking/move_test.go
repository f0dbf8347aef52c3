package booking_test

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"frontdesk/agent/booking"
	"frontdesk/agent/outbox"
	"frontdesk/ingest"
)

func TestMove(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	a := w.book(booking.Draft{Service: w.fill.ID, Staff: w.luis.ID, Start: at("2026-11-24 09:00")})
	w.book(booking.Draft{Service: w.fill.ID, Staff: w.luis.ID, Start: at("2026-11-25 09:00")})
	done := w.book(booking.Draft{Service: w.fill.ID, Staff: w.ana.ID, Start: at("2026-11-27 09:00")})
	if _, err := w.store.SetStatus(t.Context(), acme, done.ID, booking.Completed, "key_1"); err != nil {
		t.Fatal(err)
	}
	tests := []struct {
		name   string
		tenant ingest.TenantID
		id     ingest.AppointmentID
		change booking.Change
		want   error
		staff  ingest.StaffID
		start  string
	}{
		{"nothing", acme, a.ID, booking.Change{}, booking.ErrInvalid, "", ""},
		{"to where it is", acme, a.ID, booking.Change{Start: at("2026-11-24 09:00")}, nil, w.luis.ID, "2026-11-24 09:00"},
		{"half an hour on, over itself", acme, a.ID, booking.Change{Start: at("2026-11-24 09:30"), Key: "m"}, nil, w.luis.ID, "2026-11-24 09:30"},
		{"the same request again", acme, a.ID, booking.Change{Start: at("2026-11-24 09:30"), Key: "m"}, nil, w.luis.ID, "2026-11-24 09:30"},
		{"another under its key", acme, a.ID, booking.Change{Start: at("2026-11-24 10:30"), Key: "m"}, booking.ErrKeyReused, "", ""},
		{"staff who has something else", acme, a.ID, booking.Change{Start: at("2026-11-25 09:30"), Staff: w.luis.ID}, booking.ErrSlotTaken, "", ""},
		{"anybody who is free then", acme, a.ID, booking.Change{Start: at("2026-11-25 09:30")}, nil, w.ana.ID, "2026-11-25 09:30"},
		{"to a closed day", acme, a.ID, booking.Change{Start: at("2026-12-25 09:30")}, booking.ErrClosed, "", ""},
		{"by the wall clock", acme, a.ID, booking.Change{Local: "2026-11-30T15:00"}, nil, w.ana.ID, "2026-11-30 15:00"},
		{"to another service", acme, a.ID, booking.Change{Service: w.clean.ID}, nil, w.ana.ID, "2026-11-30 15:00"},
		{"to a service of another tenant", acme, a.ID, booking.Change{Service: w.globexService.ID}, booking.ErrNotFound, "", ""},
		{"one of another tenant", globex, a.ID, booking.Change{Start: at("2026-11-24 09:30")}, booking.ErrNotFound, "", ""},
		{"one that is over", acme, done.ID, booking.Change{Start: at("2026-11-30 09:30")}, booking.ErrFinal, "", ""},
		{"none", acme, "apt_none", booking.Change{Start: at("2026-11-24 09:30")}, booking.ErrNotFound, "", ""},
	}
	for _, tt := range tests {
		got, err := w.store.Move(t.Context(), tt.tenant, tt.id, tt.change)
		if !errors.Is(err, tt.want) {
			t.Fatalf("%s: error %v, want %v", tt.name, err, tt.want)
		}
		if err == nil && (got.Slot.Staff != tt.staff || !got.Slot.Start.Equal(at(tt.start)) || got.ID != a.ID) {
			t.Errorf("%s: moved to %+v", tt.name, got.Slot)
		}
		stored, err := w.store.Appointment(t.Context(), acme, a.ID)
		if err != nil || tt.want == nil && !cmp.Equal(stored, got) {
			t.Errorf("%s: stored %+v, %v\nanswered %+v", tt.name, stored, err, got)
		}
	}
	if n := w.number(acme, `SELECT count(*) FROM claims WHERE owner = $1`, a.ID); n != 1 {
		t.Errorf("%d claims of the one moved, want 1", n)
	}
	w.book(booking.Draft{Service: w.fill.ID, Staff: w.luis.ID, Start: at("2026-11-24 09:00")}) // what it left is free
	history, err := w.store.History(t.Context(), acme, a.ID)
	if err != nil || len(history) != 5 || history[1].Kind != "moved" || !history[1].Slot.Start.Equal(at("2026-11-24 09:30")) || history[4].Version != 5 {
		t.Errorf("history %+v, %v", history, err)
	}
	if _, err := w.store.History(t.Context(), globex, a.ID); !errors.Is(err, booking.ErrNotFound) {
		t.Errorf("another tenant reads the history: %v", err)
	}
}

func TestMoveToAHold(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	a := w.book(booking.Draft{Service: w.clean.ID, Start: at("2026-11-24 10:00")})
	if _, err := w.store.Hold(t.Context(), acme, booking.HoldDraft{Service: w.clean.ID, Start: at("2026-11-24 10:15"), Contact: a.Contact}); !errors.Is(err, booking.ErrSlotTaken) {
		t.Fatalf("a hold over the appointment that stands: %v", err)
	}
	h, err := w.store.Hold(t.Context(), acme, booking.HoldDraft{Service: w.clean.ID, Start: at("2026-11-24 11:00"), Contact: a.Contact})
	if err != nil {
		t.Fatal(err)
	}
	moved, err := w.store.Move(t.Context(), acme, a.ID, booking.Change{Hold: h.ID})
	if err != nil || !moved.Slot.Start.Equal(at("2026-11-24 11:00")) || moved.Version != 2 {
		t.Fatalf("moved to %+v, %v", moved, err)
	}
	if _, err := w.store.Move(t.Context(), acme, a.ID, booking.Change{Hold: h.ID}); !errors.Is(err, booking.ErrHoldExpired) {
		t.Errorf("a hold used twice: %v", err)
	}
}

func TestCancel(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	a := w.book(booking.Draft{Service: w.clean.ID, Start: at("2026-11-24 10:00")})
	if _, err := w.store.Cancel(t.Context(), globex, a.ID, "", "", "key_1"); !errors.Is(err, booking.ErrNotFound) {
		t.Fatalf("another tenant cancelled it: %v", err)
	}
	for range 2 {
		got, err := w.store.Cancel(t.Context(), acme, a.ID, "ill", "c", "contact")
		if err != nil || got.Status != booking.Cancelled || got.CancelReason != "ill" || got.Version != 2 || !got.CancelledAt.Equal(now) {
			t.Fatalf("cancelled: %+v, %v", got, err)
		}
	}
	if _, err := w.store.Cancel(t.Context(), acme, a.ID, "bored", "c", "contact"); !errors.Is(err, booking.ErrKeyReused) {
		t.Errorf("another request under its key: %v", err)
	}
	if got, err := w.store.Cancel(t.Context(), acme, a.ID, "again", "", "contact"); err != nil || got.CancelReason != "ill" {
		t.Errorf("cancelled twice: %+v, %v", got, err)
	}
	if _, err := w.store.Move(t.Context(), acme, a.ID, booking.Change{Start: at("2026-11-24 11:00")}); !errors.Is(err, booking.ErrFinal) {
		t.Errorf("moved a cancelled one: %v", err)
	}
	if _, err := w.store.SetStatus(t.Context(), acme, a.ID, booking.Completed, ""); !errors.Is(err, booking.ErrFinal) {
		t.Errorf("completed a cancelled one: %v", err)
	}
	w.book(booking.Draft{Service: w.clean.ID, Start: at("2026-11-24 10:00"), Contact: contactOf(acme, 1)})
}

func TestStatus(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	a := w.book(booking.Draft{Service: w.clean.ID, Start: at("2026-11-24 10:00"), Note: "window seat", Source: "api", By: "key_1"})
	if got, err := w.store.Confirm(t.Context(), acme, a.ID, "contact"); err != nil || !got.ConfirmedAt.Equal(now) || got.Version != 1 {
		t.Fatalf("confirmed: %+v, %v", got, err)
	}
	for _, status := range []booking.Status{booking.NoShow, booking.Completed, booking.Completed, booking.Scheduled} {
		if got, err := w.store.SetStatus(t.Context(), acme, a.ID, status, "key_1"); err != nil || got.Status != status {
			t.Fatalf("%s: %+v, %v", status, got, err)
		}
	}
	if _, err := w.store.SetStatus(t.Context(), acme, a.ID, "lost", "key_1"); !errors.Is(err, booking.ErrInvalid) {
		t.Errorf("an unknown status: %v", err)
	}
	if _, err := w.store.SetStatus(t.Context(), globex, a.ID, booking.NoShow, ""); !errors.Is(err, booking.ErrNotFound) {
		t.Errorf("another tenant set it: %v", err)
	}
	if _, err := w.store.SetStatus(t.Context(), acme, a.ID, booking.Cancelled, "key_1"); err != nil {
		t.Fatal(err)
	}
	want := []string{"created 1", "confirmed 1", "no_show 2", "completed 3", "scheduled 4", "cancelled 5"}
	history, err := w.store.History(t.Context(), acme, a.ID)
	var got []string
	for _, e := range history {
		got = append(got, e.Kind+" "+string(rune('0'+e.Version)))
	}
	if d := cmp.Diff(want, got); err != nil || d != "" {
		t.Error(d, err)
	}
	var types []string
	for _, e := range w.events() {
		var data ingest.Appointment
		if err := e.DecodeData(&data); err != nil {
			t.Fatal(err)
		}
		types = append(types, string(e.Type)+" "+data.Status)
		if data.ID != a.ID || data.ServiceName != "Cleaning" || data.StaffName != "Ana" || data.Timezone != "America/Belize" || data.Note != "window seat" || e.Key != string(acme)+"|"+string(a.ID) {
			t.Errorf("event %+v", data)
		}
	}
	wantEvents := []string{"appointment.created scheduled", "appointment.no_show no_show", "appointment.completed completed", "appointment.cancelled cancelled"}
	if d := cmp.Diff(wantEvents, types); d != "" {
		t.Error(d)
	}
}

// log keeps the events that are published to it.
type log struct{ events []ingest.Event }

func (l *log) Publish(_ context.Context, records ...ingest.Record) error {
	for _, r := range records {
		e, err := ingest.DecodeEvent(r.Value)
		if err != nil {
			return err
		}
		l.events = append(l.events, e)
	}
	return nil
}

// events returns what waits in the outbox, and empties it.
func (w *world) events() []ingest.Event {
	w.t.Helper()
	sink := &log{}
	relay := outbox.NewRelay(w.db, sink, outbox.Config{})
	for more := true; more; {
		var err error
		if more, err = relay.Drain(w.t.Context()); err != nil {
			w.t.Fatal(err)
		}
	}
	return sink.events
}

func TestAppointments(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	var ids []ingest.AppointmentID
	for i := range 4 {
		a := w.book(booking.Draft{Service: w.clean.ID, Start: at("2026-11-24 08:00").Add(time.Duration(i) * time.Hour), Contact: contactOf(acme, i%2)})
		ids = append(ids, a.ID)
	}
	if _, err := w.store.Book(t.Context(), globex, booking.Draft{Service: w.globexService.ID, Contact: contactOf(globex, 0), Start: at("2026-11-24 08:00")}); err != nil {
		t.Fatal(err)
	}
	if _, err := w.store.Cancel(t.Context(), acme, ids[3], "", "", ""); err != nil {
		t.Fatal(err)
	}
	w.exec(acme, `UPDATE contacts SET merged_into = $1 WHERE id = $2`, contactOf(acme, 2), contactOf(acme, 1))
	tests := []struct {
		name   string
		filter booking.Filter
		want   []ingest.AppointmentID
	}{
		{"all", booking.Filter{}, ids},
		{"of a contact", booking.Filter{Contact: contactOf(acme, 0)}, []ingest.AppointmentID{ids[0], ids[2]}},
		{"of a contact that another was merged into", booking.Filter{Contact: contactOf(acme, 2)}, []ingest.AppointmentID{ids[1], ids[3]}},
		{"of a staff member", booking.Filter{Staff: w.luis.ID}, nil},
		{"of a service", booking.Filter{Service: w.clean.ID, Status: booking.Scheduled}, ids[:3]},
		{"by number", booking.Filter{Number: 2}, ids[1:2]},
		{"by a number that another tenant has", booking.Filter{Number: 5}, nil},
		{"but the first two", booking.Filter{Skip: 2}, ids[2:]},
		{"from when one is under way", booking.Filter{From: at("2026-11-24 09:10")}, ids[1:]},
		{"up to a beginning", booking.Filter{To: at("2026-11-24 10:00")}, ids[:2]},
		{"of another tenant's contact", booking.Filter{Contact: contactOf(globex, 0)}, nil},
	}
	for _, tt := range tests {
		if n, err := w.store.CountAppointments(t.Context(), acme, tt.filter); err != nil || n != len(tt.want)+tt.filter.Skip {
			t.Errorf("%s: counted %d, %v", tt.name, n, err)
		}
		for _, limit := range []int{0, 1, 3} {
			var got []ingest.AppointmentID
			f := tt.filter
			f.Limit = limit
			for pages := 0; ; pages++ {
				page, next, err := w.store.Appointments(t.Context(), acme, f)
				if err != nil || pages > 10 {
					t.Fatalf("%s: %v", tt.name, err)
				}
				for _, a := range page {
					got = append(got, a.ID)
				}
				if f.After = next; next == "" {
					break
				}
			}
			if d := cmp.Diff(tt.want, got); d != "" {
				t.Errorf("%s by %d: %s", tt.name, limit, d)
			}
		}
	}
	if a, err := w.store.Appointment(t.Context(), acme, ids[1]); err != nil || a.Contact != contactOf(acme, 2) {
		t.Errorf("the contact of one that was merged is %v, %v", a.Contact, err)
	}
	for i, id := range ids[:2] {
		w.now = at("2026-11-24 12:00").Add(time.Duration(i) * time.Hour)
		if _, err := w.store.SetStatus(t.Context(), acme, id, booking.Completed, ""); err != nil {
			t.Fatal(err)
		}
	}
	if v, err := w.store.Visits(t.Context(), acme, contactOf(acme, 2)); err != nil || v.Appointments != 2 || v.Completed[w.clean.ID] != 1 || !v.Last.Equal(at("2026-11-24 09:00")) {
		t.Errorf("visits of one that another was merged into: %+v, %v", v, err)
	}
	if v, err := w.store.Visits(t.Context(), acme, contactOf(globex, 0)); err != nil || v.Appointments != 0 || len(v.Completed) > 0 || !v.Last.IsZero() {
		t.Errorf("visits of another tenant's contact: %+v, %v", v, err)
	}
	for _, cursor := range []string{"x", "AAAA", "OTk5OTk5OTk5OTk5OTk5OTk5OSBhcHRf"} {
		if _, _, err := w.store.Appointments(t.Context(), acme, booking.Filter{After: cursor}); !errors.Is(err, booking.ErrInvalid) {
			t.Errorf("cursor %q: %v", cursor, err)
		}
	}
}
