package contact_test

import (
	"errors"
	"sync"
	"testing"

	"frontdesk/agent/contact"
	"frontdesk/ingest"
)

func TestByIdentifierIsExact(t *testing.T) {
	t.Parallel()
	db, s := open(t)
	ann := resolve(t, db, s, acme, "Ann", morning, phone)
	resolve(t, db, s, acme, "Bob", morning, ingest.Identifier{Kind: ingest.Phone, Value: phone.Value + "9"})
	other := ingest.Identifier{Kind: ingest.Phone, Value: "+15550999"}
	resolve(t, db, s, globex, "Cem", morning, other)

	got, err := s.ByIdentifier(t.Context(), acme, phone)
	if err != nil || got.ID != ann || got.Name != "Ann" {
		t.Errorf("ByIdentifier() = %s, %v, want %s", got.ID, err, ann)
	}
	if byNumber, err := s.Numbered(t.Context(), acme, got.Number); err != nil || byNumber.ID != ann {
		t.Errorf("Numbered(%d) = %s, %v, want %s", got.Number, byNumber.ID, err, ann)
	}
	for name, ident := range map[string]ingest.Identifier{
		"another tenant's": other, "a part of one": {Kind: ingest.Phone, Value: "+1555014"}, "another kind": {Kind: ingest.SenderID, Value: phone.Value},
	} {
		if got, err := s.ByIdentifier(t.Context(), acme, ident); !errors.Is(err, contact.ErrNotFound) {
			t.Errorf("%s: %s, %v, want ErrNotFound", name, got.ID, err)
		}
	}
	if _, err := s.Numbered(t.Context(), acme, 3); !errors.Is(err, contact.ErrNotFound) {
		t.Errorf("a number nobody has: %v, want ErrNotFound", err)
	}
}

func TestAdmit(t *testing.T) {
	t.Parallel()
	db, s := open(t)
	mail := ingest.Identifier{Kind: ingest.Email, Value: "ann@example.com"}
	ann := resolve(t, db, s, acme, "Ann", morning, phone)
	bob := resolve(t, db, s, acme, "Bob", morning, ingest.Identifier{Kind: ingest.Email, Value: "bob@example.com"})
	admit := func(tenant ingest.TenantID, p ingest.Party) contact.Contact {
		t.Helper()
		c, err := s.Admit(t.Context(), tenant, p)
		if err != nil {
			t.Fatal(err)
		}
		return c
	}
	if c := admit(acme, ingest.Party{Identifiers: []ingest.Identifier{phone, mail}, Name: "Mallory"}); c.ID != ann || c.Name != "Ann" || len(c.Identifiers) != 2 {
		t.Errorf("a known phone = %+v, want Ann, with the mail address added", c)
	}
	if c := admit(acme, ingest.Party{Identifiers: []ingest.Identifier{phone, {Kind: ingest.Email, Value: "bob@example.com"}}}); c.ID != ann || len(c.Identifiers) != 2 {
		t.Errorf("one's phone with another's mail = %+v, want Ann as she was", c)
	}
	if c, err := s.Contact(t.Context(), acme, bob); err != nil || c.MergedInto != "" || len(c.Identifiers) != 1 {
		t.Errorf("Bob = %+v, %v, want him as he was", c, err)
	}
	fresh := admit(acme, ingest.Party{Identifiers: []ingest.Identifier{{Kind: ingest.Phone, Value: "+15550777"}}, Name: "Dora"})
	if fresh.Name != "Dora" || fresh.Number != 3 {
		t.Errorf("a stranger = %+v, want Dora, the third", fresh)
	}
	if c := admit(globex, ingest.Party{Identifiers: []ingest.Identifier{phone}}); c.ID == ann {
		t.Error("another tenant got this one's contact")
	}
	if _, err := s.Admit(t.Context(), acme, ingest.Party{Name: "Nobody"}); !errors.Is(err, contact.ErrNoIdentifier) {
		t.Errorf("nobody: %v, want ErrNoIdentifier", err)
	}
}

func TestAdmittedTwiceAtOnceIsOnePerson(t *testing.T) {
	t.Parallel()
	_, s := open(t)
	var wg sync.WaitGroup
	ids := make([]ingest.ContactID, 8)
	for i := range ids {
		wg.Go(func() {
			c, err := s.Admit(t.Context(), acme, ingest.Party{Identifiers: []ingest.Identifier{phone}, Name: "Ann"})
			if err != nil {
				t.Error(err)
			}
			ids[i] = c.ID
		})
	}
	wg.Wait()
	for _, id := range ids {
		if id != ids[0] {
			t.Fatalf("admitted as %v, want one contact", ids)
		}
	}
}
