package contact_test

import (
	"context"
	"fmt"
	"slices"
	"testing"

	"frontdesk/agent/contact"
	"frontdesk/agent/outbox"
	"frontdesk/ingest"
	"frontdesk/ingest/tenantdb"
)

// leads keeps what is told of leads.
type leads struct{ told []string }

func (l *leads) Publish(_ context.Context, records ...ingest.Record) error {
	for _, r := range records {
		e, err := ingest.DecodeEvent(r.Value)
		if err != nil {
			return err
		}
		var lead ingest.Lead
		if err := e.DecodeData(&lead); err != nil {
			return err
		}
		if e.Type == ingest.LeadQualified {
			l.told = append(l.told, fmt.Sprintf("%s %s %s", lead.Contact, lead.Segment, lead.Stage))
		}
	}
	return nil
}

// qualified returns what the outbox tells of leads since it was asked last.
func qualified(t *testing.T, db *tenantdb.DB) []string {
	t.Helper()
	var l leads
	for more := true; more; {
		var err error
		if more, err = outbox.NewRelay(db, &l, outbox.Config{}).Drain(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	slices.Sort(l.told)
	return l.told
}

func TestALeadIsQualifiedOnceAChange(t *testing.T) {
	t.Parallel()
	type step struct {
		segment contact.Segment
		stage   string
	}
	tests := []struct {
		name  string
		born  contact.Profile
		steps []step
		want  []string // segment and stage as told
	}{
		{"by its stage, in any case", contact.Profile{}, []step{{"", "new"}, {"", "Qualified"}}, []string{"lead Qualified"}},
		{"not again by what is the same", contact.Profile{}, []step{{"", "qualified"}, {"", "qualified"}, {"active", "qualified"}}, []string{"lead qualified"}},
		{"by its segment", contact.Profile{}, []step{{"active", ""}, {"vip", ""}, {"vip", "qualified"}}, []string{"active "}},
		{"again after it was not", contact.Profile{}, []step{{"", "qualified"}, {"", "lost"}, {"", "qualified"}}, []string{"lead qualified", "lead qualified"}},
		{"made as one", contact.Profile{Stage: "qualified"}, nil, []string{"lead qualified"}},
		{"not who never was a lead", contact.Profile{Segment: contact.Active}, []step{{"vip", "qualified"}}, nil},
		{"not who comes back", contact.Profile{Segment: contact.Inactive}, []step{{"active", ""}}, nil},
		{"not by another stage", contact.Profile{}, []step{{"", "won"}, {"inactive", ""}}, nil},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			db, s := open(t)
			c := create(t, s, acme, tt.born)
			create(t, s, globex, contact.Profile{})
			for _, p := range tt.steps {
				change := contact.Patch{Stage: &p.stage}
				if p.segment != "" {
					change.Segment = &p.segment
				}
				if _, err := s.Update(t.Context(), acme, c.ID, change); err != nil {
					t.Fatal(err)
				}
			}
			var want []string
			for _, w := range tt.want {
				want = append(want, string(c.ID)+" "+w)
			}
			if got := qualified(t, db); !slices.Equal(got, want) {
				t.Errorf("told %q, want %q", got, want)
			}
		})
	}
}

func TestImportsAndMergesOfLeads(t *testing.T) {
	t.Parallel()
	db, s := open(t)
	known := create(t, s, acme, contact.Profile{Name: "Ann"}, number("+15550001"))
	vip := create(t, s, acme, contact.Profile{Segment: contact.VIP}, number("+15550002"))
	text := "phone,segment,stage\n+15550001,active,\n+15550001,vip,\n+15550002,,qualified\n+15550003,,qualified\n+15550004,active,\n"
	if _, err := s.BeginImport(t.Context(), acme, contact.Upload{Text: []byte(text)}); err != nil {
		t.Fatal(err)
	}
	if _, err := importer(s, 0).Work(t.Context()); err != nil {
		t.Fatal(err)
	}
	list, _, err := s.Contacts(t.Context(), acme, contact.Filter{Identifier: "+15550003"})
	if err != nil || len(list) != 1 {
		t.Fatal(list, err)
	}
	want := []string{string(known.ID) + " vip ", string(list[0].ID) + " lead qualified"}
	if got := qualified(t, db); !slices.Equal(got, want) {
		t.Errorf("an import told %q, want %q", got, want)
	}
	fresh := create(t, s, acme, contact.Profile{Name: "Bob"})
	if _, err := s.Merge(t.Context(), acme, fresh.ID, vip.ID, "key"); err != nil {
		t.Fatal(err)
	}
	if got := qualified(t, db); len(got) != 0 {
		t.Errorf("a merge told %q: who is known as worth calling is no news", got)
	}
}
