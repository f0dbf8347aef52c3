package contact_test

import (
	"encoding/json"
	"errors"
	"strings"
	"sync"
	"testing"
	"time"

	"frontdesk/agent/contact"
	"frontdesk/ingest"
)

func create(t *testing.T, s *contact.Store, tenant ingest.TenantID, p contact.Profile, idents ...ingest.Identifier) contact.Contact {
	t.Helper()
	c, err := s.Create(t.Context(), tenant, contact.Draft{Profile: p, Identifiers: idents})
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func number(value string) ingest.Identifier {
	return ingest.Identifier{Kind: ingest.Phone, Value: value}
}

func TestCreate(t *testing.T) {
	t.Parallel()
	db, s := open(t)
	got := create(t, s, acme, contact.Profile{
		Name: " Maria Santos ", Email: "maria@example.com", Notes: "Prefers mornings", Tags: []string{"b", "a", "b"}, Source: "walk_in",
		Fields: map[string]json.RawMessage{"plan": json.RawMessage(`{"size": [1, 2]}`)},
	}, phone)
	if got.Name != "Maria Santos" || got.Segment != contact.Lead || len(got.Tags) != 2 || got.Tags[0] != "a" || string(got.Fields["plan"]) != `{"size": [1, 2]}` || len(got.Identifiers) != 1 {
		t.Errorf("made %+v", got)
	}
	var taken *contact.TakenError
	if _, err := s.Create(t.Context(), acme, contact.Draft{Identifiers: []ingest.Identifier{phone}}); !errors.As(err, &taken) || taken.By != got.ID {
		t.Errorf("a second of the number: %v, want it taken by %s", err, got.ID)
	}
	if other := create(t, s, globex, contact.Profile{Name: "Maria"}, phone); other.ID == got.ID {
		t.Error("another tenant got this one's contact")
	}
	if mail := create(t, s, acme, contact.Profile{Email: "only@example.com"}); mail.Number != 2 || len(mail.Identifiers) != 0 {
		t.Errorf("of a mail address alone: %+v, want the second contact", mail)
	}
	resolve(t, db, s, acme, "mari*", time.Now().Add(time.Hour), phone)
	if c, err := s.Contact(t.Context(), acme, got.ID); err != nil || c.Name != "Maria Santos" {
		t.Errorf("after a message %q, %v, want the business's name for her", c.Name, err)
	}
}

func TestCreateOfOneRequestAtOnce(t *testing.T) {
	t.Parallel()
	_, s := open(t)
	var wg sync.WaitGroup
	ids := make([]ingest.ContactID, 6)
	for i := range ids {
		wg.Go(func() {
			c, err := s.Create(t.Context(), acme, contact.Draft{Profile: contact.Profile{Name: "Ann"}, RequestKey: "req_1"})
			if err != nil {
				t.Error(err)
			}
			ids[i] = c.ID
		})
	}
	wg.Wait()
	for _, id := range ids {
		if id != ids[0] || id == "" {
			t.Fatalf("made %v, want one", ids)
		}
	}
}

func TestProfilesThatCannotBe(t *testing.T) {
	t.Parallel()
	_, s := open(t)
	err := s.SetFields(t.Context(), acme, []contact.Field{
		{Name: "age", Type: contact.NumberField}, {Name: "member", Type: contact.BooleanField}, {Name: "born", Type: contact.DateField},
		{Name: "size", Type: contact.ChoiceField, Options: []string{"S", "M"}}, {Name: "nick", Type: contact.TextField},
	})
	if err != nil {
		t.Fatal(err)
	}
	deep := strings.Repeat("[", 7) + strings.Repeat("]", 7)
	field := func(name, v string) contact.Profile {
		return contact.Profile{Fields: map[string]json.RawMessage{name: json.RawMessage(v)}}
	}
	tests := []struct {
		name, field string
		profile     contact.Profile
	}{
		{"a name too long", "name", contact.Profile{Name: strings.Repeat("a", 201)}},
		{"a NUL", "notes", contact.Profile{Notes: "a\x00b"}},
		{"no text", "name", contact.Profile{Name: "\xff"}},
		{"no address", "email", contact.Profile{Email: "Maria <m@example.com>"}},
		{"no language", "language", contact.Profile{Language: "E1"}},
		{"no segment", "segment", contact.Profile{Segment: "gold"}},
		{"a tag too long", "tags", contact.Profile{Tags: []string{strings.Repeat("a", 65)}}},
		{"a field's name", "fields", field("a.b", "1")},
		{"too deep", "fields.x", field("x", deep)},
		{"too large", "fields.x", field("x", `"`+strings.Repeat("a", contact.MaxFieldsBytes)+`"`)},
		{"a NUL in a field", "fields.x", field("x", `{"a":["\u0000"]}`)},
		{"a number that overflows", "fields.x", field("x", `1e999`)},
		{"no JSON", "fields.x", field("x", `{`)},
		{"a text for a number", "fields.age", field("age", `"7"`)},
		{"a null for a number", "fields.age", field("age", `null`)},
		{"a text for yes", "fields.member", field("member", `"yes"`)},
		{"a day that is none", "fields.born", field("born", `"2026-02-30"`)},
		{"another choice", "fields.size", field("size", `"L"`)},
		{"a number for a text", "fields.nick", field("nick", `7`)},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			var invalid *contact.InvalidError
			if _, err := s.Create(t.Context(), acme, contact.Draft{Profile: tt.profile}); !errors.As(err, &invalid) || invalid.Field != tt.field {
				t.Errorf("error %v, want one of %s", err, tt.field)
			}
		})
	}
	ok := map[string]json.RawMessage{"age": json.RawMessage("7"), "member": json.RawMessage("false"), "born": json.RawMessage(`"2026-02-28"`), "size": json.RawMessage(`"M"`), "nick": json.RawMessage(`"An"`)}
	create(t, s, acme, contact.Profile{Fields: ok})
	create(t, s, globex, field("age", `"7"`))
}

func TestUpdateChangesWhatItNames(t *testing.T) {
	t.Parallel()
	_, s := open(t)
	c := create(t, s, acme, contact.Profile{Name: "Ann", Email: "ann@example.com", Tags: []string{"a"}, Fields: map[string]json.RawMessage{"x": json.RawMessage("1"), "y": json.RawMessage("2")}})
	vip, stage := contact.VIP, "won"
	got, err := s.Update(t.Context(), acme, c.ID, contact.Patch{Segment: &vip, Stage: &stage, Fields: map[string]json.RawMessage{"x": json.RawMessage("null"), "z": json.RawMessage("3")}})
	if err != nil || got.Segment != contact.VIP || got.Stage != "won" || got.Name != "Ann" || len(got.Tags) != 1 || len(got.Fields) != 2 || string(got.Fields["z"]) != "3" {
		t.Errorf("changed %+v, %v", got, err)
	}
	if _, err := s.Update(t.Context(), globex, c.ID, contact.Patch{Stage: &stage}); !errors.Is(err, contact.ErrNotFound) {
		t.Errorf("another tenant's: %v", err)
	}
	if got, err = s.Identify(t.Context(), acme, c.ID, phone); err != nil || len(got.Identifiers) != 1 {
		t.Errorf("identified %+v, %v", got, err)
	}
	var taken *contact.TakenError
	other := create(t, s, acme, contact.Profile{Name: "Bob"})
	if _, err := s.Identify(t.Context(), acme, other.ID, phone); !errors.As(err, &taken) || taken.By != c.ID {
		t.Errorf("her number for another: %v", err)
	}
}

func TestFilters(t *testing.T) {
	t.Parallel()
	db, s := open(t)
	jose := create(t, s, acme, contact.Profile{Name: "José Núñez", Email: "Jose@Example.com", Tags: []string{"gold", "new"}, Segment: contact.VIP, Stage: "won"}, number("+15550001"))
	ann := create(t, s, acme, contact.Profile{Name: "ann b"}, number("+15550002"))
	resolve(t, db, s, acme, "Écho", time.Now(), number("+15550003"))
	create(t, s, globex, contact.Profile{Name: "José", Tags: []string{"gold"}}, number("+15550001"))
	now := time.Now()
	tests := []struct {
		name   string
		filter contact.Filter
		want   int
	}{
		{"all", contact.Filter{}, 3},
		{"without accents", contact.Filter{Query: "jose nunez"}, 1},
		{"every word", contact.Filter{Query: "jose ann"}, 0},
		{"two letters begin a word", contact.Filter{Query: "nu"}, 1},
		{"and are nothing within", contact.Filter{Query: "ez"}, 0},
		{"an address in the email", contact.Filter{Query: "jose@exam"}, 1},
		{"a part of the number", contact.Filter{Query: "555 000"}, 3},
		{"the number", contact.Filter{Identifier: "+15550001"}, 1},
		{"not a part of it", contact.Filter{Identifier: "+1555000"}, 0},
		{"email", contact.Filter{Email: "JOSE@example.com"}, 1},
		{"segment", contact.Filter{Segment: contact.VIP}, 1},
		{"leads", contact.Filter{Segment: contact.Lead}, 2},
		{"stage", contact.Filter{Stage: "won"}, 1},
		{"tag", contact.Filter{Tag: "gold"}, 1},
		{"a part of a tag", contact.Filter{Tag: "gol"}, 0},
		{"both", contact.Filter{Tag: "gold", Segment: contact.Lead}, 0},
		{"created since", contact.Filter{CreatedFrom: now.Add(-time.Hour), CreatedTo: now.Add(time.Hour)}, 3},
		{"created later", contact.Filter{CreatedFrom: now.Add(time.Hour)}, 0},
		{"channel", contact.Filter{Channel: "chn_1"}, 0},
		{"injection", contact.Filter{Query: `'; DROP TABLE contacts; --`, Tag: `'`, Stage: `$1`}, 0},
	}
	for _, tt := range tests {
		list, _, err := s.Contacts(t.Context(), acme, tt.filter)
		if err != nil || len(list) != tt.want {
			t.Errorf("%s: %d, %v; want %d", tt.name, len(list), err, tt.want)
		}
	}
	for sort, first := range map[contact.Sort]ingest.ContactID{contact.Oldest: jose.ID, contact.ByName: ann.ID} {
		var seen []ingest.ContactID
		for after, more := "", true; more; more = after != "" {
			page, next, err := s.Contacts(t.Context(), acme, contact.Filter{Sort: sort, Limit: 1, After: after})
			if err != nil || len(page) != 1 {
				t.Fatal(page, err)
			}
			seen, after = append(seen, page[0].ID), next
		}
		if len(seen) != 3 || seen[0] != first || seen[1] == seen[2] {
			t.Errorf("%s: %v", sort, seen)
		}
	}
}
