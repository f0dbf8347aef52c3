package roles_test

import (
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"frontdesk/agent/booking"
	"frontdesk/agent/dialogue/dialoguetest"
	"frontdesk/cmd/internal/ledger"
)

// guest is somebody who writes to a shop on WhatsApp.
type guest struct {
	*shop
	phone string
	seen  int // sends to them that were looked at
}

// write has the guest write text, or press a button, by a signed callback.
func (g *guest) write(t *testing.T, text string, pick ...string) {
	t.Helper()
	g.said++
	message := ledger.Text{From: g.phone, ID: fmt.Sprintf("wamid.%s.%d", g.phone, g.said), Body: text, Pick: strings.Join(pick, ""), At: time.Unix(g.clock.Load(), 0)}
	if status, err := g.Deliver(t.Context(), http.DefaultClient, g.url, message); err != nil || status != http.StatusOK {
		t.Fatalf("deliver: %d, %v", status, err)
	}
}

// gets waits until the provider was handed the next message to the guest, which
// must say want.
func (g *guest) gets(t *testing.T, want string) ledger.Send {
	t.Helper()
	deadline := time.Now().Add(patience)
	for {
		var mine []ledger.Send
		for _, s := range g.provider.Sends() {
			if strings.TrimPrefix(s.To, "+") == g.phone {
				mine = append(mine, s)
			}
		}
		if len(mine) > g.seen {
			next := mine[g.seen]
			g.seen++
			if !strings.Contains(next.Text, want) {
				t.Fatalf("%s got %q, want %q in it", g.phone, next.Text, want)
			}
			return next
		}
		if time.Now().After(deadline) {
			t.Fatalf("%s got no %q within %v", g.phone, want, patience)
		}
		time.Sleep(5 * time.Millisecond) // it comes by way of the broker: there is no signal to wait on
	}
}

// appointments returns what stands in the book, as "status start confirmed".
func (s *shop) appointments(t *testing.T) (out []string) {
	t.Helper()
	err := s.db.InTenant(t.Context(), s.tenant, func(tx pgx.Tx) error {
		rows, err := tx.Query(t.Context(), `SELECT i.value || ' ' || a.status || ' ' || (a.confirmed_at IS NOT NULL)::text FROM appointments a
			JOIN contact_identifiers i ON (i.tenant_id, i.contact_id, i.kind) = (a.tenant_id, a.contact_id, 'phone') ORDER BY a.created_at`)
		if err != nil {
			return err
		}
		out, err = pgx.CollectRows(rows, pgx.RowTo[string])
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return out
}

// TestRemindersThroughCallbacks goes the whole way: a customer books by
// callback, is reminded at the provider when the clock has moved on, confirms and
// then cancels by button; who waits for that day is offered the time, and has it
// by a yes.
func TestRemindersThroughCallbacks(t *testing.T) {
	s := newTown(t).open(t, 900, dialoguetest.Script{Business: "praxis"})
	service := s.services[0]
	service.PerDay, service.Reminders = 1, []booking.Reminder{{Before: 24 * time.Hour}}
	if _, err := s.bookings.SaveService(t.Context(), s.tenant, service); err != nil {
		t.Fatal(err)
	}
	first, second := &guest{shop: s, phone: "15557770901"}, &guest{shop: s, phone: "15557770902"}

	s.SetNow(s.b.In("2033-03-07T11:00"))
	first.write(t, "I would like a massage on Wednesday at 10:00")
	first.write(t, "Yes", first.gets(t, "Shall I book it?").Choices[0].ID)
	first.gets(t, "Booked")
	second.write(t, "a massage on Wednesday, please")
	rows := second.gets(t, "Or shall I tell you").Choices
	second.write(t, "Tell me", rows[len(rows)-1].ID)
	second.gets(t, "when a time becomes free")

	s.SetNow(s.b.In("2033-03-08T10:00"))
	reminder := first.gets(t, "we expect you for Massage, Wednesday 9 March 2033")
	if len(reminder.Choices) != 3 {
		t.Fatalf("the reminder has %d buttons", len(reminder.Choices))
	}
	first.write(t, "Yes, I'll come", reminder.Choices[0].ID)
	first.gets(t, "Thank you, we expect you")
	if got := s.appointments(t); len(got) != 1 || got[0] != "+15557770901 scheduled true" {
		t.Fatalf("after the confirmation the book has %q", got)
	}
	first.write(t, "Cancel", reminder.Choices[2].ID)
	first.write(t, "Yes", first.gets(t, "Shall I cancel this appointment?").Choices[0].ID)
	first.gets(t, "Cancelled")

	offer := second.gets(t, "a time has become free: Massage, Wednesday 9 March 2033")
	second.write(t, "Yes", offer.Choices[0].ID)
	second.gets(t, "Booked")
	if got := s.appointments(t); len(got) != 2 || got[0] != "+15557770901 cancelled true" || got[1] != "+15557770902 scheduled false" {
		t.Errorf("in the end the book has %q", got)
	}
	s.remindedOnce(t)
}

// remindedOnce holds that each reminder that was sent was announced once.
func (s *shop) remindedOnce(t *testing.T) {
	t.Helper()
	var sent, told int
	err := s.db.InTenant(t.Context(), s.tenant, func(tx pgx.Tx) error {
		return tx.QueryRow(t.Context(), `SELECT (SELECT count(*) FROM reminders WHERE status = 'sent'), (SELECT count(*) FROM appointment_history WHERE kind = 'reminded')`).Scan(&sent, &told)
	})
	if err != nil || sent != 1 || told != 1 {
		t.Errorf("%d reminders were sent and %d told of, %v; want one", sent, told, err)
	}
	n := 0
	for _, send := range s.provider.Sends() {
		if strings.Contains(send.Text, "we expect you for") {
			n++
		}
	}
	if n != 1 {
		t.Errorf("the provider was handed %d reminders, want one", n)
	}
}
