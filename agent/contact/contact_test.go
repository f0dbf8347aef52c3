package contact_test

import (
	"errors"
	"sync"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"frontdesk/agent/contact"
	"frontdesk/agent/conversation"
	"frontdesk/deploy/schema/schematest"
	"frontdesk/ingest"
	"frontdesk/ingest/tenantdb"
)

const (
	acme   ingest.TenantID = "acme"
	globex ingest.TenantID = "globex"
)

var (
	phone   = ingest.Identifier{Kind: ingest.Phone, Value: "+15550142"}
	user    = ingest.Identifier{Kind: ingest.WhatsAppUser, Value: "US.1"}
	morning = time.Date(2026, 3, 2, 9, 0, 0, 0, time.UTC)
)

func open(t *testing.T) (*tenantdb.DB, *contact.Store) {
	t.Helper()
	db := schematest.Postgres(t)
	return db, contact.NewStore(db, conversation.Repoint)
}

func resolve(t *testing.T, db *tenantdb.DB, s *contact.Store, tenant ingest.TenantID, name string, at time.Time, idents ...ingest.Identifier) ingest.ContactID {
	t.Helper()
	var id ingest.ContactID
	err := db.InTenant(t.Context(), tenant, func(tx pgx.Tx) error {
		found, err := s.Resolve(t.Context(), tx, tenant, []contact.Seen{{Party: ingest.Party{Identifiers: idents, Name: name}, At: at}})
		if err == nil {
			id = found[0].ID
		}
		return err
	})
	if err != nil {
		t.Error(err)
	}
	return id
}

func TestTwoNamesOfOnePersonMerge(t *testing.T) {
	t.Parallel()
	db, s := open(t)
	older := resolve(t, db, s, acme, "Ann", morning, phone)
	younger := resolve(t, db, s, acme, "Ann", morning, user)
	foreign := resolve(t, db, s, globex, "Bob", morning, phone)
	if older == younger || foreign == older {
		t.Fatal("strangers are one contact")
	}
	wish := ingest.Preference{Channel: "chn_1", Contact: younger, Category: "all", Allowed: false, Source: "api", At: morning}
	if err := s.SetPreference(t.Context(), acme, wish); err != nil {
		t.Fatal(err)
	}
	if both := resolve(t, db, s, acme, "Ann", morning, user, phone); both != older {
		t.Errorf("seen together they are %s, want the older %s", both, older)
	}
	c, err := s.Contact(t.Context(), acme, older)
	if err != nil || len(c.Identifiers) != 2 {
		t.Errorf("survivor %+v, %v", c, err)
	}
	gone, err := s.Contact(t.Context(), acme, younger)
	if err != nil || gone.MergedInto != older || len(gone.Identifiers) != 0 {
		t.Errorf("merged %+v, %v", gone, err)
	}
	history, err := s.History(t.Context(), acme, older)
	if err != nil || len(history) != 1 || history[0].Kind != "merged" {
		t.Errorf("history %+v, %v", history, err)
	}
	for _, id := range []ingest.ContactID{older, younger} {
		if ok, err := s.Allowed(t.Context(), acme, id, "chn_1", "marketing"); ok || err != nil {
			t.Errorf("the merged one's no is lost for %s: %v, %v", id, ok, err)
		}
	}
	if list, _, err := s.Contacts(t.Context(), globex, contact.Filter{}); err != nil || len(list) != 1 || list[0].ID != foreign {
		t.Errorf("another tenant sees %+v, %v", list, err)
	}
}

func TestOneNewPersonAtOnceIsOneContact(t *testing.T) {
	t.Parallel()
	db, s := open(t)
	var wg sync.WaitGroup
	for i := range 8 {
		idents := [][]ingest.Identifier{{phone}, {user}, {phone, user}}[i%3]
		wg.Go(func() { resolve(t, db, s, acme, "Ann", morning, idents...) })
	}
	wg.Wait()
	list, _, err := s.Contacts(t.Context(), acme, contact.Filter{})
	if err != nil || len(list) != 1 || len(list[0].Identifiers) != 2 {
		t.Errorf("8 messages of one person made %+v, %v", list, err)
	}
}

func TestAllowed(t *testing.T) {
	t.Parallel()
	db, s := open(t)
	id := resolve(t, db, s, acme, "", morning, phone)
	set := func(category string, allowed bool, minute int) {
		t.Helper()
		p := ingest.Preference{Channel: "chn_1", Contact: id, Category: category, Allowed: allowed, Source: "api", At: morning.Add(time.Duration(minute) * time.Minute)}
		if err := s.SetPreference(t.Context(), acme, p); err != nil {
			t.Fatal(err)
		}
	}
	check := func(name, category string, want bool) {
		t.Helper()
		if got, err := s.Allowed(t.Context(), acme, id, "chn_1", category); got != want || err != nil {
			t.Errorf("%s: %s allowed %v, %v", name, category, got, err)
		}
	}
	check("nothing said", "marketing", true)
	set("marketing", false, 5)
	check("a no to marketing", "marketing", false)
	check("a no to marketing", "service", true)
	set("marketing", true, 1)
	check("an older yes that comes later", "marketing", false)
	set("marketing", true, 5)
	check("a yes of the same moment", "marketing", false)
	set("all", false, 6)
	check("a no to all", "service", false)
	check("a no to all", contact.CategoryConfirmation, true)
	set("all", true, 7)
	check("a yes to all", "marketing", true)
}

func TestNamesAndSearch(t *testing.T) {
	t.Parallel()
	db, s := open(t)
	id := resolve(t, db, s, acme, "Ann O'Hara 100%", morning, phone)
	resolve(t, db, s, acme, "Old Name", morning.Add(-time.Hour), phone)
	resolve(t, db, s, acme, "Bob", morning, user)
	tests := []struct {
		query string
		want  int
	}{{"", 2}, {"o'hara", 1}, {"100%", 1}, {"%", 1}, {"old", 0}, {"555-0142", 1}, {"0142", 1}, {"nobody", 0}}
	for _, tt := range tests {
		list, _, err := s.Contacts(t.Context(), acme, contact.Filter{Query: tt.query})
		if err != nil || len(list) != tt.want {
			t.Errorf("%q finds %d, %v; want %d", tt.query, len(list), err, tt.want)
		}
	}
	first, next, err := s.Contacts(t.Context(), acme, contact.Filter{Limit: 1})
	if err != nil || len(first) != 1 || next == "" {
		t.Fatalf("page %+v, %q, %v", first, next, err)
	}
	second, next, err := s.Contacts(t.Context(), acme, contact.Filter{Limit: 1, After: next})
	if err != nil || len(second) != 1 || next != "" || second[0].ID == first[0].ID {
		t.Errorf("second page %+v, %q, %v", second, next, err)
	}
	if _, err := s.Contact(t.Context(), globex, id); !errors.Is(err, contact.ErrNotFound) {
		t.Errorf("another tenant's contact: %v", err)
	}
}
