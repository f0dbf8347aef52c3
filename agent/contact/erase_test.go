package contact_test

import (
	"context"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"frontdesk/agent/contact"
	"frontdesk/agent/conversation"
	"frontdesk/deploy/schema/schematest"
	"frontdesk/ingest"
)

// TestWhatRefersToAPersonHasAnIndex looks at every column that a person, or an
// appointment or hold of theirs, is found and removed by: without an index all
// of the tenant's rows are read while its contacts are locked.
func TestWhatRefersToAPersonHasAnIndex(t *testing.T) {
	t.Parallel()
	db := schematest.Postgres(t)
	err := db.AcrossTenants(t.Context(), func(tx pgx.Tx) error {
		rows, err := tx.Query(t.Context(), `
			SELECT t.relname || '.' || a.attname, EXISTS (
				SELECT FROM pg_index x WHERE x.indrelid = t.oid AND x.indisvalid AND (x.indkey[0] = a.attnum OR x.indkey[1] = a.attnum
						AND x.indkey[0] = (SELECT k.attnum FROM pg_attribute k WHERE k.attrelid = t.oid AND k.attname = 'tenant_id'))
					AND (x.indpred IS NULL OR pg_get_expr(x.indpred, t.oid) = '(' || a.attname || ' IS NOT NULL)'))
			FROM pg_constraint c JOIN pg_class t ON t.oid = c.conrelid JOIN pg_attribute a ON a.attrelid = t.oid AND a.attnum = ANY (c.conkey) AND a.attname <> 'tenant_id'
			WHERE c.contype = 'f' AND c.confrelid IN ('contacts'::regclass, 'appointments'::regclass, 'holds'::regclass)`)
		if err != nil {
			return err
		}
		seen := 0
		var column string
		var indexed bool
		_, err = pgx.ForEachRow(rows, []any{&column, &indexed}, func() error {
			if seen++; !indexed {
				t.Errorf("%s has no index", column)
			}
			return nil
		})
		if seen < 10 {
			t.Errorf("%d columns refer to a person, want more", seen)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
}

// TestNobodyWaitsForWhatIsErasedAhead makes a contact while a part looks for the
// person who is erased.
func TestNobodyWaitsForWhatIsErasedAhead(t *testing.T) {
	t.Parallel()
	db := schematest.Postgres(t)
	var s *contact.Store
	var ahead, known []string
	s = contact.NewStore(db, conversation.Repoint, contact.Part{
		Name: "slow",
		Ahead: func(ctx context.Context, _ pgx.Tx, tenant ingest.TenantID, traces *ingest.Traces, after string) (string, map[string]int64, error) {
			ahead = append(ahead, after)
			ctx, cancel := context.WithTimeout(ctx, 5*time.Second)
			defer cancel()
			if _, err := s.Create(ctx, tenant, contact.Draft{Profile: contact.Profile{Name: "Ann"}}); err != nil {
				t.Errorf("a contact cannot be made meanwhile: %v", err)
			}
			if len(traces.Contacts) != 1 || len(traces.Present) != 1 {
				t.Errorf("the traces are %+v", traces)
			}
			return map[string]string{"": "a", "a": "b"}[after], map[string]int64{"rows": 2}, nil
		},
		Erase: func(_ context.Context, _ pgx.Tx, _ ingest.TenantID, traces *ingest.Traces) (map[string]int64, error) {
			known = append(known, string(traces.Ahead.Contacts[0]))
			return map[string]int64{"rows": 1}, nil
		},
	})
	c := create(t, s, acme, contact.Profile{Name: "Maria"}, phone)
	r, err := s.Erase(t.Context(), acme, c.ID, "key")
	if err != nil || r.Counts["rows"] != 7 {
		t.Errorf("erased %v, %v; want 3 times 2 rows, and 1", r.Counts, err)
	}
	if len(ahead) != 3 || ahead[2] != "b" || len(known) != 1 || known[0] != string(c.ID) {
		t.Errorf("asked ahead after %q, erased %q", ahead, known)
	}
}
