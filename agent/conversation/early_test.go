package conversation_test

import (
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"frontdesk/agent/contact"
	"frontdesk/agent/conversation"
	"frontdesk/deploy/schema/schematest"
	"frontdesk/ingest"
)

// TestOldReceiptsAreForgottenWithoutReadingAll counts what is read for a receipt
// of nobody's message where thousands lie, since time tells little.
func TestOldReceiptsAreForgottenWithoutReadingAll(t *testing.T) {
	t.Parallel()
	ctx := t.Context()
	db, admin := schematest.PostgresOfOne(t)
	s := conversation.NewStore(db, contact.NewStore(db, conversation.Repoint), nil)
	apply := func(name string) {
		t.Helper()
		if err := s.ApplyReceipts(ctx, acme, []ingest.Receipt{{Tenant: acme, Channel: "chn_1", ProviderID: name, Status: ingest.Read, At: time.Now()}}); err != nil {
			t.Fatal(err)
		}
	}
	for range 10 { // as long as there are few
		apply("p0")
	}
	_, err := admin.Exec(ctx, `INSERT INTO early_receipts (tenant_id, channel_id, provider_id, status, at, created_at)
		SELECT $1, 'chn_1', 'p' || i, 'delivered', now(), now() - CASE WHEN i > 10 THEN interval '29 days' ELSE interval '31 days' END FROM generate_series(1, 10000) i`, acme)
	if err != nil {
		t.Fatal(err)
	}
	read := func() (rows, entries int64) {
		t.Helper()
		err := db.InTenant(ctx, acme, func(tx pgx.Tx) error { // what its connection has counted is told at the end
			_, err := tx.Exec(ctx, `SELECT pg_stat_force_next_flush()`)
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
		err = admin.QueryRow(ctx, `SELECT t.seq_tup_read, (SELECT sum(idx_tup_read)::bigint FROM pg_stat_user_indexes WHERE relname = t.relname)
			FROM pg_stat_user_tables t WHERE relname = 'early_receipts'`).Scan(&rows, &entries)
		if err != nil {
			t.Fatal(err)
		}
		return rows, entries
	}
	rowsBefore, entriesBefore := read()
	apply("q1")
	rows, entries := read()
	if n := rows - rowsBefore + entries - entriesBefore; n > 100 {
		t.Errorf("read %d rows to forget 10 of 10,000", n)
	}
	var kept int
	if err := admin.QueryRow(ctx, `SELECT count(*) FROM early_receipts`).Scan(&kept); err != nil || kept != 9992 {
		t.Errorf("kept %d receipts, %v; want those of the last 30 days", kept, err)
	}
}
