package contact_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"pgregory.net/rapid"

	"frontdesk/agent/contact"
	"frontdesk/ingest"
	"frontdesk/ingest/tenantdb"
)

// state is all that merging may touch, without what counts changes.
func state(t *rapid.T, db *tenantdb.DB, tenant ingest.TenantID) []string {
	var out []string
	err := db.InTenant(t.Context(), tenant, func(tx pgx.Tx) error {
		out = nil
		for _, table := range []string{"contacts", "contact_identifiers", "contact_preferences", "conversations", "appointments", "holds", "waitlist"} {
			rows, err := tx.Query(t.Context(), `SELECT (to_jsonb(t) - 'updated_at' - 'version')::text FROM `+table+` t WHERE tenant_id = $1 ORDER BY 1`, tenant)
			if err != nil {
				return err
			}
			list, err := pgx.CollectRows(rows, pgx.RowTo[string])
			if err != nil {
				return err
			}
			for _, row := range list {
				out = append(out, table+" "+row)
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return out
}

// people makes contacts with everything a contact may have.
func people(t *rapid.T, db *tenantdb.DB, s *contact.Store, tenant ingest.TenantID) []ingest.ContactID {
	var ids []ingest.ContactID
	text := rapid.SampledFrom([]string{"", "a", "b"})
	for i := range rapid.IntRange(2, 5).Draw(t, "people") {
		var idents []ingest.Identifier
		for k := range rapid.IntRange(0, 2).Draw(t, "identifiers") {
			idents = append(idents, number(fmt.Sprintf("+1555%d%d", i, k)))
		}
		p := contact.Profile{
			Name: text.Draw(t, "name"), Notes: text.Draw(t, "notes"), Stage: text.Draw(t, "stage"), Segment: rapid.SampledFrom(contact.Segments).Draw(t, "segment"),
			Tags:   rapid.SliceOfN(rapid.SampledFrom([]string{"x", "y", "z"}), 0, 3).Draw(t, "tags"),
			Fields: map[string]json.RawMessage{"f" + text.Draw(t, "field"): json.RawMessage(fmt.Sprint(i))},
		}
		c, err := s.Create(t.Context(), tenant, contact.Draft{Profile: p, Identifiers: idents})
		if err != nil {
			t.Fatal(err)
		}
		ids = append(ids, c.ID)
	}
	err := db.InTenant(t.Context(), tenant, func(tx pgx.Tx) error {
		for _, sql := range []string{
			`INSERT INTO tenants (tenant_id, slug, name, plan) VALUES ($1, $1, '', 'free')`,
			`INSERT INTO services (tenant_id, id, number, name, duration_minutes) VALUES ($1, 'svc_1', 1, 'a', 30)`,
		} {
			if _, err := tx.Exec(t.Context(), sql, tenant); err != nil {
				return err
			}
		}
		for i, id := range ids {
			if err := belongings(t, tx, tenant, id, i); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return ids
}

func belongings(t *rapid.T, tx pgx.Tx, tenant ingest.TenantID, id ingest.ContactID, i int) error {
	exec := func(sql string, args ...any) error {
		_, err := tx.Exec(t.Context(), sql, append([]any{tenant, id}, args...)...)
		return err
	}
	for k, channel := range []string{"chn_1", "chn_2"} {
		if rapid.Bool().Draw(t, "talks") {
			n := 10*i + k
			if err := exec(`INSERT INTO conversations (tenant_id, contact_id, id, number, channel_id, party) VALUES ($1, $2, $3, $4, $5, '{}')`, fmt.Sprintf("cnv_%s_%d", tenant, n), n, channel); err != nil {
				return err
			}
		}
		for _, category := range []string{"all", "marketing"} {
			if rapid.Bool().Draw(t, "wishes") {
				at := morning.Add(time.Duration(rapid.IntRange(0, 3).Draw(t, "hour")) * time.Hour)
				if err := exec(`INSERT INTO contact_preferences (tenant_id, contact_id, channel_id, category, allowed, source, at) VALUES ($1, $2, $3, $4, $5, 'api', $6)`,
					channel, category, rapid.Bool().Draw(t, "allowed"), at); err != nil {
					return err
				}
			}
		}
	}
	if rapid.Bool().Draw(t, "books") {
		for _, sql := range []string{
			`INSERT INTO appointments (tenant_id, contact_id, id, number, service_id, starts_at, ends_at, created_at, updated_at) VALUES ($1, $2, $3, $4, 'svc_1', now(), now() + interval '1 hour', now(), now())`,
			`INSERT INTO waitlist (tenant_id, contact_id, id, service_id, wanted, created_at) VALUES ($1, $2, $3, 'svc_1', '[2026-01-01,2026-01-02)', now() + make_interval(secs => $4))`,
		} {
			if err := exec(sql, fmt.Sprintf("row_%d", i), i); err != nil {
				return err
			}
		}
	}
	return nil
}

func TestUnmergingUndoesMerging(t *testing.T) {
	t.Parallel()
	db, s := open(t)
	n := 0
	rapid.Check(t, func(t *rapid.T) {
		n++
		tenant := ingest.TenantID(fmt.Sprintf("tnt_%d", n))
		ids := people(t, db, s, tenant)
		before := state(t, db, tenant)
		var merged []ingest.ContactID
		for range rapid.IntRange(1, len(ids)).Draw(t, "merges") {
			into, from := rapid.SampledFrom(ids).Draw(t, "into"), rapid.SampledFrom(ids).Draw(t, "from")
			was, err := s.Contact(t.Context(), tenant, from)
			if err != nil {
				t.Fatal(err)
			}
			if was.MergedInto != "" {
				from = was.MergedInto
			}
			_, err = s.Merge(t.Context(), tenant, into, from, "key_1")
			if err != nil && !errors.Is(err, contact.ErrSame) {
				t.Fatal(err)
			}
			if err == nil {
				merged = append(merged, from)
			}
		}
		for _, id := range slices.Backward(merged) {
			if _, err := s.Unmerge(t.Context(), tenant, id, "key_1"); err != nil {
				t.Fatal(err)
			}
		}
		after := state(t, db, tenant)
		for i := range max(len(before), len(after)) {
			if i >= len(before) || i >= len(after) || before[i] != after[i] {
				t.Fatalf("after %d merges undone:\n%v\nwant\n%v", len(merged), after, before)
			}
		}
	})
}

func TestMergeTakesEverythingAlong(t *testing.T) {
	t.Parallel()
	db, s := open(t)
	vip := contact.Profile{Name: "Ann Lee", Notes: "second", Tags: []string{"b"}, Segment: contact.VIP, Fields: map[string]json.RawMessage{"x": json.RawMessage("2"), "y": json.RawMessage("3")}}
	ann := create(t, s, acme, contact.Profile{Notes: "first", Tags: []string{"a"}, Fields: map[string]json.RawMessage{"x": json.RawMessage("1")}}, number("+15550001"))
	lee := create(t, s, acme, vip, number("+15550002"))
	if err := s.SetPreference(t.Context(), acme, ingest.Preference{Channel: "chn_1", Contact: lee.ID, Category: "all", Source: "keyword", At: morning}); err != nil {
		t.Fatal(err)
	}
	if err := s.SetPreference(t.Context(), acme, ingest.Preference{Channel: "chn_1", Contact: ann.ID, Category: "marketing", Allowed: true, Source: "api", At: morning.Add(time.Hour)}); err != nil {
		t.Fatal(err)
	}
	got, err := s.Merge(t.Context(), acme, ann.ID, lee.ID, "key_1")
	if err != nil || got.Name != "Ann Lee" || got.Notes != "first\nsecond" || len(got.Tags) != 2 || got.Segment != contact.VIP || string(got.Fields["x"]) != "1" || string(got.Fields["y"]) != "3" || len(got.Identifiers) != 2 {
		t.Errorf("merged %+v, %v", got, err)
	}
	if ok, err := s.Allowed(t.Context(), acme, ann.ID, "chn_1", "marketing"); ok || err != nil {
		t.Errorf("one's yes undid the other's no: %v, %v", ok, err)
	}
	if id := resolve(t, db, s, acme, "", time.Now(), number("+15550002")); id != ann.ID {
		t.Errorf("who writes from the merged one's number is %s, want %s", id, ann.ID)
	}
	if _, err := s.Merge(t.Context(), acme, lee.ID, ann.ID, "key_1"); !errors.Is(err, contact.ErrSame) {
		t.Errorf("merged the other way round: %v, want ErrSame", err)
	}
	for name, attempt := range map[string]func() error{
		"into itself":      func() error { _, err := s.Merge(t.Context(), acme, ann.ID, ann.ID, ""); return err },
		"another tenant's": func() error { _, err := s.Merge(t.Context(), globex, ann.ID, lee.ID, ""); return err },
		"unmerge of one":   func() error { _, err := s.Unmerge(t.Context(), acme, ann.ID, ""); return err },
		"of another's":     func() error { _, err := s.Unmerge(t.Context(), globex, lee.ID, ""); return err },
	} {
		if err := attempt(); !errors.Is(err, contact.ErrSame) && !errors.Is(err, contact.ErrNotFound) && !errors.Is(err, contact.ErrNotMerged) {
			t.Errorf("%s: %v", name, err)
		}
	}
	if back, err := s.Unmerge(t.Context(), acme, lee.ID, "key_1"); err != nil || len(back.Identifiers) != 1 || back.MergedInto != "" {
		t.Errorf("unmerged %+v, %v", back, err)
	}
	if id := resolve(t, db, s, acme, "", time.Now(), number("+15550002")); id != lee.ID {
		t.Errorf("who writes from her own number again is %s, want %s", id, lee.ID)
	}
}

func TestMergesAtOnce(t *testing.T) {
	t.Parallel()
	_, s := open(t)
	var ids []ingest.ContactID
	for i := range 6 {
		ids = append(ids, create(t, s, acme, contact.Profile{}, number(fmt.Sprintf("+1555000%d", i))).ID)
	}
	var wg sync.WaitGroup
	for i := range ids {
		for k := range ids {
			wg.Go(func() {
				if _, err := s.Merge(t.Context(), acme, ids[i], ids[k], ""); err != nil && !errors.Is(err, contact.ErrSame) {
					t.Error(err)
				}
			})
		}
	}
	wg.Wait()
	list, _, err := s.Contacts(t.Context(), acme, contact.Filter{})
	if err != nil || len(list) != 1 || len(list[0].Identifiers) != len(ids) {
		t.Fatalf("left %+v, %v, want one with all", list, err)
	}
	for _, id := range ids {
		if c, err := s.Contact(t.Context(), acme, id); err != nil || (c.MergedInto != list[0].ID) != (id == list[0].ID) {
			t.Errorf("%s is merged into %q, want %s", id, c.MergedInto, list[0].ID)
		}
	}

}
