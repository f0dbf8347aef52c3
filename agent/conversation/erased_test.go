package conversation_test

import (
	"errors"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"frontdesk/agent/contact"
	"frontdesk/agent/conversation"
	"frontdesk/ingest"
)

// TestNothingIsKeptForWhoIsErased writes for a contact after an erasure that the
// lookup before did not see.
func TestNothingIsKeptForWhoIsErased(t *testing.T) {
	t.Parallel()
	db, s := open(t)
	people := contact.NewStore(db, conversation.Repoint)
	p := plan(t, people, "later")
	if _, err := people.Erase(t.Context(), acme, p.Contact, ""); err != nil {
		t.Fatal(err)
	}
	err := db.InTenant(t.Context(), acme, func(tx pgx.Tx) error {
		_, err := s.Ensure(t.Context(), tx, acme, []conversation.Opening{{Channel: channel, Contact: p.Contact, Party: ingest.Party{Identifiers: []ingest.Identifier{p.To}}}})
		return err
	})
	if !errors.Is(err, conversation.ErrMoved) {
		t.Errorf("a conversation of who is erased: %v, want ErrMoved", err)
	}
	if m, err := s.Schedule(t.Context(), acme, p, "", time.Now(), ""); !errors.Is(err, conversation.ErrNotFound) {
		t.Errorf("scheduled for who is erased: %v, %v, want ErrNotFound", m.ID, err)
	}
}
