package simulator_test

import (
	"slices"
	"testing"

	"github.com/jackc/pgx/v5"

	"frontdesk/deploy/schema/schematest"
	"frontdesk/gateway/provider/simulator"
	"frontdesk/ingest"
)

func TestEraseLeavesOtherCustomers(t *testing.T) {
	t.Parallel()
	db := schematest.Postgres(t)
	traces := &ingest.Traces{
		Identifiers: []ingest.Identifier{{Kind: ingest.Phone, Value: "+15551230000"}, {Kind: ingest.Phone, Value: "+15551230001"}},
		Present:     []ingest.Identifier{{Kind: ingest.Phone, Value: "+15551230000"}, {Kind: ingest.WhatsAppUser, Value: "US.1"}, {Kind: ingest.SenderID, Value: "US.3"}},
	}
	var left []string
	err := db.InTenant(t.Context(), "tnt_1", func(tx pgx.Tx) error {
		_, err := tx.Exec(t.Context(), `INSERT INTO simulator_customers (tenant_id, id, channel_id, phone, user_id) VALUES
			('tnt_1', '1 phone', 'chn_1', '+15551230000', 'US.0'), ('tnt_1', '1 user', 'chn_1', '+15551230002', 'US.1'),
			('tnt_1', '2 number', 'chn_1', '+15551230001', 'US.2'), ('tnt_1', '2 sender', 'chn_1', '+15551230003', 'US.3')`)
		if err != nil {
			return err
		}
		if _, err := simulator.Erase(t.Context(), tx, "tnt_1", traces); err != nil {
			return err
		}
		rows, err := tx.Query(t.Context(), `SELECT id FROM simulator_customers ORDER BY id`)
		if err != nil {
			return err
		}
		left, err = pgx.CollectRows(rows, pgx.RowTo[string])
		return err
	})
	if want := []string{"2 number", "2 sender"}; err != nil || !slices.Equal(left, want) {
		t.Errorf("left are %q, %v, want %q", left, err, want)
	}
}
