package usage_test

import (
	"context"
	"encoding/json"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/jackc/pgx/v5"

	"frontdesk/deploy/schema"
	"frontdesk/deploy/schema/schematest"
	"frontdesk/gateway/usage"
	"frontdesk/ingest"
	"frontdesk/ingest/tenantdb"
)

const (
	acme   ingest.TenantID = "acme"
	globex ingest.TenantID = "globex"
)

// open returns a database in which acme and globex have a conversation each.
func open(t *testing.T) (db *tenantdb.DB, url string) {
	t.Helper()
	url = schematest.PostgresURL(t)
	db, done, err := schema.OpenPostgres(t.Context(), schema.Config{URL: url, MaxConns: 4, MaxSystemConns: 2})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(done)
	for _, tenant := range []ingest.TenantID{acme, globex} {
		exec(t, db, tenant, `INSERT INTO contacts (tenant_id, id, number) VALUES ($1, 'con_1', 1)`, tenant)
		exec(t, db, tenant, `INSERT INTO conversations (tenant_id, id, number, channel_id, contact_id, party) VALUES ($1, 'cnv_1', 1, 'chn_1', 'con_1', '{}')`, tenant)
	}
	return db, url
}

func exec(t *testing.T, db *tenantdb.DB, tenant ingest.TenantID, sql string, args ...any) {
	t.Helper()
	err := db.InTenant(t.Context(), tenant, func(tx pgx.Tx) error {
		_, err := tx.Exec(t.Context(), sql, args...)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
}

// many adds messages, one each minute from a time.
func many(t *testing.T, db *tenantdb.DB, tenant ingest.TenantID, prefix string, n int, from time.Time) {
	t.Helper()
	exec(t, db, tenant, `
		INSERT INTO messages (tenant_id, id, number, conversation_id, channel_id, direction, status, message, at, created_at)
		SELECT $1, $2 || n, n, 'cnv_1', 'chn_1', 'inbound', 'received', json_build_object('provider', 'whatsapp', 'content', repeat('x', 300)), now(), $4::timestamptz + n * interval '1 minute'
		FROM generate_series(1, $3) n`, tenant, prefix, n, from)
}

var first = time.Date(2026, 11, 2, 0, 0, 0, 0, time.UTC)

func TestReport(t *testing.T) {
	t.Parallel()
	db, _ := open(t)
	zone, err := time.LoadLocation("America/Belize") // six hours behind
	if err != nil {
		t.Fatal(err)
	}
	at := func(day, hour int) time.Time { return time.Date(2026, 11, day, hour, 0, 0, 0, zone) }
	long := strings.Repeat("a", 161)
	for id, m := range map[string]struct {
		tenant            ingest.TenantID
		direction, status string
		message           string
		at                time.Time
	}{
		"msg_1": {acme, "inbound", "received", `{"provider":"whatsapp","content":{"text":"a\u0000b \\u0000"}}`, at(2, 1)},
		"msg_2": {acme, "outbound", "sent", `{"provider":"twilio","category":"utility","content":{"text":"` + long + `"}}`, at(2, 23)},
		"msg_3": {acme, "outbound", "failed", `{"provider":"twilio","category":"utility","content":{"text":"` + long + `"}}`, at(2, 22)},
		"msg_4": {acme, "outbound", "sent", `{"provider":"twilio","category":"utility","content":{"text":"short"}}`, at(2, 0)},
		"msg_5": {acme, "outbound", "sent", `{"provider":"twilio","test":true,"content":{"text":"short"}}`, at(2, 0)},
		"msg_6": {acme, "outbound", "read", `{"provider":"whatsapp","category":"service","content":{"text":"` + long + `"}}`, at(3, 0)},
		"msg_7": {acme, "outbound", "read", `{"provider":"whatsapp","content":{"text":"the day after"}}`, at(4, 0)},
		"msg_8": {acme, "outbound", "read", `{"provider":"whatsapp","content":{"text":"the day before"}}`, at(1, 23)},
		"msg_9": {globex, "outbound", "sent", `{"provider":"twilio","category":"utility","content":{"text":"another's"}}`, at(2, 1)},
	} {
		exec(t, db, m.tenant, `INSERT INTO messages (tenant_id, id, number, conversation_id, channel_id, direction, status, message, at, created_at)
			VALUES ($1, $2, 1, 'cnv_1', 'chn_1', $3, $4, $5, now(), $6)`, m.tenant, id, m.direction, m.status, m.message, m.at)
	}
	got, err := usage.NewStore(db).Report(t.Context(), acme, at(2, 0), at(3, 0))
	if err != nil {
		t.Fatal(err)
	}
	used := func(provider string, direction ingest.Direction, category string, test bool, n, failed, segments int) usage.Messages {
		return usage.Messages{Channel: "chn_1", Provider: provider, Direction: direction, Category: category, Test: test, Messages: n, Failed: failed, Segments: segments}
	}
	want := []usage.Day{
		{Date: "2026-11-02", Messages: []usage.Messages{
			used("twilio", ingest.Outbound, "", true, 1, 0, 1), used("twilio", ingest.Outbound, "utility", false, 3, 1, 5), used("whatsapp", ingest.Inbound, "", false, 1, 0, 0)}},
		{Date: "2026-11-03", Messages: []usage.Messages{used("whatsapp", ingest.Outbound, "service", false, 1, 0, 0)}},
	}
	if diff := cmp.Diff(want, got.Days); diff != "" {
		t.Errorf("usage (-want +got):\n%s", diff)
	}
}

// TestADayCostsWhatTheTenantHasOfIt counts the blocks that are read for a day
// of 20 messages, of which others have 10,000 and the tenant 20,000 of before.
func TestADayCostsWhatTheTenantHasOfIt(t *testing.T) {
	t.Parallel()
	db, url := open(t)
	many(t, db, acme, "msg_old", 20_000, first.AddDate(0, 0, -30))
	many(t, db, globex, "msg_", 10_000, first.AddDate(0, 0, -1))
	many(t, db, acme, "msg_new", 20, first)
	conn, err := pgx.Connect(t.Context(), url)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close(context.Background())
	if _, err := conn.Exec(t.Context(), `VACUUM ANALYZE messages`); err != nil {
		t.Fatal(err)
	}
	var plan []struct {
		Plan struct {
			Hit  int `json:"Shared Hit Blocks"`
			Read int `json:"Shared Read Blocks"`
		}
	}
	err = db.InTenant(t.Context(), acme, func(tx pgx.Tx) error {
		var raw json.RawMessage
		err := tx.QueryRow(t.Context(), `EXPLAIN (ANALYZE, BUFFERS, FORMAT JSON) `+usage.CountMessages, acme, first, first.AddDate(0, 0, 1), "UTC").Scan(&raw)
		if err != nil {
			return err
		}
		return json.Unmarshal(raw, &plan)
	})
	if err != nil {
		t.Fatal(err)
	}
	if blocks := plan[0].Plan.Hit + plan[0].Plan.Read; blocks == 0 || blocks > 60 {
		t.Errorf("%d blocks are read for a day of 20 messages, want few", blocks)
	}
}
