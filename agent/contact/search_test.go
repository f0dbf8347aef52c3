package contact_test

import (
	"testing"

	"github.com/jackc/pgx/v5"

	"frontdesk/agent/contact"
)

// TestWhatThousandsShareStillFilters looks for an address, an identifier's and a
// profile's, and a word that more contacts have than are looked up at once.
func TestWhatThousandsShareStillFilters(t *testing.T) {
	t.Parallel()
	db, s := open(t)
	other := create(t, s, acme, contact.Profile{Name: "Ann"}, number("+15550001"))
	err := db.InTenant(t.Context(), acme, func(tx pgx.Tx) error {
		_, err := tx.Exec(t.Context(), `INSERT INTO contacts (tenant_id, id, number, name, email)
			SELECT $1, 'con_Z' || to_char(n, 'FM00000'), 1000 + n, 'Reception', 'desk@example.com' FROM generate_series(1, 5100) n`, acme)
		if err == nil {
			_, err = tx.Exec(t.Context(), `INSERT INTO contact_identifiers (tenant_id, kind, value, contact_id) VALUES ($1, 'phone', '+15550002', 'con_Z00007')`, acme)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	for name, tt := range map[string]struct {
		filter contact.Filter
		want   string
	}{
		"address":               {contact.Filter{Email: "Desk@example.com"}, "con_Z00001"},
		"address and number":    {contact.Filter{Email: "desk@example.com", Identifier: "+15550002"}, "con_Z00007"},
		"address of others":     {contact.Filter{Email: "desk@example.com", Identifier: "+15550001"}, ""},
		"word":                  {contact.Filter{Query: "reception"}, "con_Z00001"},
		"word and number":       {contact.Filter{Query: "reception", Identifier: "+15550002"}, "con_Z00007"},
		"word and others'":      {contact.Filter{Query: "reception", Identifier: "+15550001"}, ""},
		"word of the other":     {contact.Filter{Query: "ann"}, string(other.ID)},
		"another word, address": {contact.Filter{Query: "ann", Email: "desk@example.com"}, ""},
	} {
		tt.filter.Sort, tt.filter.Limit = contact.Oldest, 1
		list, _, err := s.Contacts(t.Context(), acme, tt.filter)
		got := ""
		if len(list) > 0 {
			got = string(list[0].ID)
		}
		if err != nil || got != tt.want {
			t.Errorf("%s: %q, %v, want %q", name, got, err, tt.want)
		}
	}
	done, err := s.BeginImport(t.Context(), acme, contact.Upload{Text: []byte("email,notes\ndesk@example.com,changed\n")})
	if err == nil {
		_, err = importer(s, 0).Work(t.Context())
	}
	if c, e := s.Contact(t.Context(), acme, other.ID); err != nil || e != nil || c.Notes != "" {
		t.Errorf("import %s of the address changed another: %+v, %v, %v", done.ID, c, err, e)
	}
}
