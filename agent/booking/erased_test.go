package booking_test

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"frontdesk/agent/booking"
	"frontdesk/ingest"
)

// TestNothingIsBookedForWhoIsBeingErased begins each request after an erasure has
// locked the contact, and after it has ended.
func TestNothingIsBookedForWhoIsBeingErased(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	at := time.Date(2026, 11, 24, 15, 0, 0, 0, time.UTC)
	for name, ask := range map[string]func(ingest.ContactID) error{
		"book": func(who ingest.ContactID) error {
			_, err := w.store.Book(t.Context(), acme, booking.Draft{Service: w.clean.ID, Contact: who, Start: at})
			return err
		},
		"hold": func(who ingest.ContactID) error {
			_, err := w.store.Hold(t.Context(), acme, booking.HoldDraft{Service: w.clean.ID, Contact: who, Start: at.Add(2 * time.Hour)})
			return err
		},
		"wait": func(who ingest.ContactID) error {
			_, err := w.store.AddWait(t.Context(), acme, booking.Wait{Service: w.clean.ID, Contact: who, From: at, To: at.Add(time.Hour)})
			return err
		},
	} {
		who := ingest.ContactID("con_" + name)
		w.contact(acme, string(who))
		got := make(chan error, 1)
		err := w.db.InTenant(t.Context(), acme, func(tx pgx.Tx) error {
			if _, err := tx.Exec(t.Context(), `SELECT FROM contacts WHERE (tenant_id, id) = ($1, $2) FOR UPDATE`, acme, who); err != nil {
				return err
			}
			go func() { got <- ask(who) }()
			for waits := false; !waits; { // for the contact, until this ends
				if err := tx.QueryRow(t.Context(), `SELECT EXISTS (SELECT FROM pg_locks WHERE NOT granted AND transactionid = pg_current_xact_id()::xid)`).Scan(&waits); err != nil {
					return err
				}
			}
			_, err := tx.Exec(t.Context(), `UPDATE contacts SET erased_at = now() WHERE (tenant_id, id) = ($1, $2)`, acme, who)
			return err
		})
		if err != nil && !errors.Is(err, context.Canceled) {
			t.Fatal(err)
		}
		if err := <-got; !errors.Is(err, booking.ErrNotFound) {
			t.Errorf("%s while they are erased: %v, want ErrNotFound", name, err)
		}
		if err := ask(who); !errors.Is(err, booking.ErrNotFound) {
			t.Errorf("%s for who is erased: %v, want ErrNotFound", name, err)
		}
	}
}
