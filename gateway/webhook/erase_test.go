package webhook_test

import (
	"slices"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"frontdesk/deploy/schema/schematest"
	"frontdesk/gateway/webhook"
	"frontdesk/ingest"
)

func TestEraseLeavesOthersDeliveries(t *testing.T) {
	t.Parallel()
	db := schematest.Postgres(t)
	traces := &ingest.Traces{
		Contacts: []ingest.ContactID{"con_1A"}, Conversations: []ingest.ConversationID{"cnv_1A"},
		Identifiers: []ingest.Identifier{{Kind: ingest.Phone, Value: "+15551230000"}, {Kind: ingest.Phone, Value: "+15551230001"}, {Kind: ingest.SenderID, Value: "text"}},
		Present:     []ingest.Identifier{{Kind: ingest.Phone, Value: "+15551230000"}, {Kind: ingest.SenderID, Value: "text"}},
	}
	var left []string
	err := db.InTenant(t.Context(), "tnt_1", func(tx pgx.Tx) error {
		_, err := tx.Exec(t.Context(), `INSERT INTO tenants (tenant_id, slug, name, plan) VALUES ('tnt_1', 'tnt_1', '', 'free')`)
		if err != nil {
			return err
		}
		_, err = tx.Exec(t.Context(), `INSERT INTO webhook_endpoints (tenant_id, id, url, events, format, secrets, public_key) VALUES ('tnt_1', 'whk_1', 'https://example.com/', '{}', 'standard', '', '')`)
		for id, d := range map[string]struct{ body, log string }{
			"1 contact":              {`{"contact_id":"con_1A"}`, `[]`},
			"1 conversation":         {`{"conversation_id":"cnv_1A"}`, `[]`},
			"1 phone":                {`{"phone":"+15551230000"}`, `[]`},
			"1 in the log":           {`{}`, `[{"response":"{\"phone\":\"+15551230000\"}"}]`},
			"2 another":              {`{"contact_id":"con_1B","text":"hello"}`, `[]`},
			"2 longer":               {`{"phone":"+155512300001"}`, `[]`},
			"2 in a text":            {`{"text":"ring +15551230000 please"}`, `[{"response":"x"}]`},
			"2 who has a number now": {`{"phone":"+15551230001"}`, `[]`},
		} {
			if err == nil {
				_, err = tx.Exec(t.Context(), `INSERT INTO webhook_deliveries (tenant_id, id, endpoint_id, event_id, event_type, body, log) VALUES ('tnt_1', $1, 'whk_1', 'evt_1', 'x', $2, $3)`, id, []byte(d.body), d.log)
			}
		}
		if err != nil {
			return err
		}
		if _, err := webhook.Erase(t.Context(), tx, "tnt_1", traces); err != nil {
			return err
		}
		rows, err := tx.Query(t.Context(), `SELECT id FROM webhook_deliveries ORDER BY id`)
		if err != nil {
			return err
		}
		left, err = pgx.CollectRows(rows, pgx.RowTo[string])
		return err
	})
	if want := []string{"2 another", "2 in a text", "2 longer", "2 who has a number now"}; err != nil || !slices.Equal(left, want) {
		t.Errorf("left are %q, %v, want %q", left, err, want)
	}
}

// TestEraseReadsWhatIsNewAlone erases ahead, in several batches, and then what
// came since; of what is older nothing is read again, unless the person turned
// out to be more.
func TestEraseReadsWhatIsNewAlone(t *testing.T) {
	t.Parallel()
	db := schematest.Postgres(t)
	run := func(do func(tx pgx.Tx) error) {
		t.Helper()
		if err := db.InTenant(t.Context(), "tnt_1", do); err != nil {
			t.Fatal(err)
		}
	}
	add := func(id, age, body string, many int) {
		t.Helper()
		run(func(tx pgx.Tx) error {
			_, err := tx.Exec(t.Context(), `INSERT INTO webhook_deliveries (tenant_id, id, endpoint_id, event_id, event_type, body, created_at)
				SELECT 'tnt_1', $1 || n, 'whk_1', 'evt_1', 'x', $3, now() - $2::interval FROM generate_series(1, $4) n`, id, age, []byte(body), many)
			return err
		})
	}
	left := func() (n int) {
		t.Helper()
		run(func(tx pgx.Tx) error {
			return tx.QueryRow(t.Context(), `SELECT count(*) FROM webhook_deliveries WHERE position('con_' IN convert_from(body, 'UTF8')) > 0`).Scan(&n)
		})
		return n
	}
	run(func(tx pgx.Tx) error {
		_, err := tx.Exec(t.Context(), `INSERT INTO tenants (tenant_id, slug, name, plan) VALUES ('tnt_1', 'tnt_1', '', 'free')`)
		if err == nil {
			_, err = tx.Exec(t.Context(), `INSERT INTO webhook_endpoints (tenant_id, id, url, events, format, secrets, public_key) VALUES ('tnt_1', 'whk_1', 'https://example.com/', '{}', 'standard', '', '')`)
		}
		return err
	})
	add("a", "1 day", `{"text":"of others"}`, 4500)
	add("b", "1 day", `{"contact_id":"con_1A"}`, 3)
	ahead := &ingest.Traces{Contacts: []ingest.ContactID{"con_1A"}, At: time.Now()}
	batches, gone := 0, int64(0)
	for after := ""; batches == 0 || after != ""; batches++ {
		run(func(tx pgx.Tx) (err error) {
			var n map[string]int64
			after, n, err = webhook.EraseAhead(t.Context(), tx, "tnt_1", ahead, after)
			gone += n["webhook_deliveries"]
			return err
		})
	}
	if batches != 3 || gone != 3 || left() != 0 {
		t.Errorf("%d batches removed %d, %d are left; want 3 of 3", batches, gone, left())
	}
	erase := func(contacts ...ingest.ContactID) int64 {
		t.Helper()
		var n map[string]int64
		run(func(tx pgx.Tx) (err error) {
			n, err = webhook.Erase(t.Context(), tx, "tnt_1", &ingest.Traces{Contacts: contacts, Ahead: ahead})
			return err
		})
		return n["webhook_deliveries"]
	}
	add("c", "0", `{"contact_id":"con_1A"}`, 1)
	add("d", "1 hour", `{"contact_id":"con_1A"}`, 1) // which cannot be: it shows what is read
	if n := erase("con_1A"); n != 1 || left() != 1 {
		t.Errorf("removed %d, %d are left; want what is new removed, and what is old not read", n, left())
	}
	add("e", "1 hour", `{"contact_id":"con_1B"}`, 1)
	if n := erase("con_1A", "con_1B"); n != 2 || left() != 0 {
		t.Errorf("of a person who was merged meanwhile %d are removed, %d are left; want all", n, left())
	}
}
