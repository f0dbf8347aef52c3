package webhook_test

import (
	"slices"
	"testing"

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
