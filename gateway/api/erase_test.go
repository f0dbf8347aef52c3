package api_test

import (
	"encoding/hex"
	"fmt"
	"strings"
	"testing"

	"github.com/jackc/pgx/v5"

	"frontdesk/gateway/api/apitest"
	"frontdesk/ingest"
)

// marks is by what somebody would be found again.
var marks = []string{"+14155550199", "14155550199", "Zebulon Quux", "zebulon@quux.example", "unicorns allowed indoors"}

// found returns the tables and columns in which one of marks stands, bytes too.
func (l *lab) found(t *testing.T) []string {
	t.Helper()
	rows, err := l.conn.Query(t.Context(), `SELECT table_name::text, column_name::text FROM information_schema.columns
		WHERE table_schema = 'public' AND table_name IN (SELECT tablename FROM pg_tables WHERE schemaname = 'public')`)
	if err != nil {
		t.Fatal(err)
	}
	columns, err := pgx.CollectRows(rows, pgx.RowToStructByPos[struct{ Table, Column string }])
	if err != nil {
		t.Fatal(err)
	}
	var patterns []string
	for _, m := range marks {
		patterns = append(patterns, "%"+m+"%", "%"+hex.EncodeToString([]byte(m))+"%")
	}
	var out []string
	for _, c := range columns {
		name := pgx.Identifier{c.Column}.Sanitize()
		var n int
		if err := l.conn.QueryRow(t.Context(), `SELECT count(*) FROM `+pgx.Identifier{c.Table}.Sanitize()+` WHERE `+name+`::text ILIKE ANY ($1)`, patterns).Scan(&n); err != nil {
			t.Fatalf("%s.%s: %v", c.Table, c.Column, err)
		}
		if n > 0 {
			out = append(out, c.Table+"."+c.Column)
		}
	}
	return out
}

// somebody makes a person with something in every table that may hold it.
func (l *lab) somebody(t *testing.T, b apitest.Business) (id, conversation string) {
	t.Helper()
	c := client{t, l.World, b.Keys["all"]}
	made := data(c.do("POST", "/v1/contacts", `{"name":"Zebulon Quux","phone":"+14155550199","email":"zebulon@quux.example","notes":"Zebulon Quux rings","tags":["Zebulon Quux"],"fields":{"a":"zebulon@quux.example"}}`, 201))
	id = text(made, "id")
	other := text(data(c.do("POST", "/v1/contacts", `{"name":"Zebulon Quux Jr"}`, 201)), "id")
	c.do("POST", "/v1/contacts/"+id+"/merge", fmt.Sprintf(`{"contact_id":%q}`, other), 200)
	m := l.Receive(t, b.ID, "main", "+14155550199", "Are unicorns allowed indoors?")
	l.Receive(t, b.ID, "main", "+14155550199", "unicorns allowed indoors\x00")
	received := data(c.do("GET", "/v1/messages/"+string(m), "", 200))
	conversation = text(received, "conversation_id")
	c.do("POST", "/v1/messages", fmt.Sprintf(`{"conversation_id":%q,"text":"Yes, unicorns allowed indoors"}`, conversation), 201)
	c.do("PUT", "/v1/contacts/"+id+"/consents", fmt.Sprintf(`{"channel_id":%q,"allowed":false}`, text(received, "channel_id")), 200)
	staff := text(data(c.do("POST", "/v1/staff", `{"name":"Farrier","hours":{"monday":["08:00-17:00"]}}`, 201)), "id")
	service := text(data(c.do("POST", "/v1/services", fmt.Sprintf(`{"name":"Hoof trim","duration_minutes":30,"staff_ids":[%q]}`, staff), 201)), "id")
	slot := list(c.do("GET", "/v1/slots?service_id="+service+"&limit=1", "", 200))
	if len(slot) == 1 {
		c.do("POST", "/v1/appointments", fmt.Sprintf(`{"service_id":%q,"start":%q,"contact_id":%q,"note":"Zebulon Quux"}`, service, text(slot[0].(map[string]any), "start"), id), 201, "Idempotency-Key", "zq")
	}
	for _, sql := range []string{
		`INSERT INTO turns (tenant_id, conversation_id, number, id, brain, outcome, input, decision, received_at, decided_at) VALUES ($1, $2, 1, 'trn_1', 'b', 'declined', '{"a":"unicorns allowed indoors"}', '{}', now(), now())`,
		`INSERT INTO turns_due (tenant_id, conversation_id, due_at) VALUES ($1, $2, now()) ON CONFLICT DO NOTHING`,
		`UPDATE conversations SET draft = '{"name":"Zebulon Quux"}' WHERE tenant_id = $1 AND id = $2`,
		`INSERT INTO knowledge_gaps (tenant_id, id, key, question) SELECT $1, 'gap_1', $2, 'Are unicorns allowed indoors?'`,
		`INSERT INTO knowledge_gaps (tenant_id, id, key, question, examples) SELECT $1, 'gap_2', $2 || 'b', 'Are unicorns allowed indoors?', '{May I bring a unicorn?}'`,
		`INSERT INTO dispatch_parked (tenant_id, message_id, lane, channel_id, sandbox, reason, due_at) SELECT tenant_id, id, '14155550199', channel_id, true, 'pace', now() FROM messages WHERE tenant_id = $1 AND conversation_id = $2 AND direction = 'outbound'`,
		`INSERT INTO webhook_endpoints (tenant_id, id, url, events, format, secrets, public_key) SELECT $1, 'whk_1', 'https://example.com/' || $2, '{}', 'standard', '', ''`,
		`INSERT INTO webhook_deliveries (tenant_id, id, endpoint_id, event_id, event_type, body) VALUES ($1, 'whd_1', 'whk_1', 'evt_1', 'message.received', convert_to('{"conversation_id":"' || $2 || '","text":"unicorns allowed indoors"}', 'UTF8'))`,
		`INSERT INTO media (tenant_id, id, message_id, kind, mime_type, filename, bytes, sha256) SELECT tenant_id, 'med_1', id, 'image', 'image/png', 'Zebulon Quux.png', 3, '' FROM messages WHERE tenant_id = $1 AND conversation_id = $2 LIMIT 1`,
		`INSERT INTO media_files (tenant_id, media_id, body) SELECT $1, 'med_1', convert_to('Zebulon Quux' || left($2, 0), 'UTF8')`,
		`INSERT INTO simulator_customers (tenant_id, id, channel_id, phone, name, user_id) SELECT $1, 'sim_1', $2, '+14155550199', 'Zebulon Quux', 'u'`,
		`INSERT INTO early_receipts (tenant_id, channel_id, provider_id, status, at) SELECT tenant_id, channel_id, provider_id, 'read', now() FROM messages WHERE tenant_id = $1 AND conversation_id = $2 AND provider_id IS NOT NULL`,
	} {
		if _, err := l.conn.Exec(t.Context(), sql, b.ID, conversation); err != nil {
			t.Fatalf("%v in %s", err, sql)
		}
	}
	_, err := l.conn.Exec(t.Context(), `INSERT INTO callback_spool (provider, body, routes, correlation, received_at, parked) VALUES ('twilio', 'From=%2B14155550199', jsonb_build_array(jsonb_build_object('targets', jsonb_build_array(jsonb_build_object('tenant', $1::text)))), '', now(), 'unreadable')`, b.ID)
	if err != nil {
		t.Fatal(err)
	}
	return id, conversation
}

func TestErasedIsNowhere(t *testing.T) {
	t.Parallel()
	l := newLab(t)
	id, conversation := l.somebody(t, l.Maya)
	if before := l.found(t); len(before) < 15 {
		t.Fatalf("stands in %v only: the test looks for too little", before)
	}
	if _, err := l.conn.Exec(t.Context(), `DELETE FROM outbox`); err != nil { // the log has it, as within milliseconds
		t.Fatal(err)
	}
	c := client{t, l.World, l.Maya.Keys["all"]}
	c.do("POST", "/v1/contacts/"+id+"/erase", "", 200)
	if after := l.found(t); len(after) > 0 {
		t.Errorf("still stands in %v", after)
	}
	c.do("GET", "/v1/contacts/"+id, "", 404)
	c.do("POST", "/v1/contacts/"+id+"/erase", "", 404)
	c.do("PATCH", "/v1/contacts/"+id, `{"name":"x"}`, 404)
	if got := list(c.do("GET", "/v1/conversations/"+conversation+"/messages", "", 200)); len(got) != 3 || strings.Contains(fmt.Sprint(got), "unicorn") {
		t.Errorf("messages that are left: %v", got)
	}
	receipts := list(c.do("GET", "/v1/contacts/erasures", "", 200))
	if len(receipts) != 1 {
		t.Fatalf("receipts %v", receipts)
	}
	receipt := data(c.do("GET", "/v1/contacts/erasures/"+text(receipts[0].(map[string]any), "id"), "", 200))
	counts, _ := receipt["counts"].(map[string]any)
	for name, least := range map[string]float64{"messages": 2, "turns": 1, "contacts": 2, "appointments": 1, "webhook_deliveries": 1, "knowledge_gaps": 2, "merges": 1} {
		if n, _ := counts[name].(float64); n < least {
			t.Errorf("%s: %v, want %v at least", name, counts[name], least)
		}
	}
	// Who comes back is somebody new, and is still not to be written to.
	back := l.Receive(t, l.Maya.ID, "main", "+14155550199", "Hello")
	m := data(c.do("GET", "/v1/messages/"+string(back), "", 200))
	again := text(m, "contact_id")
	if allowed, err := l.Contacts.Allowed(t.Context(), l.Maya.ID, ingest.ContactID(again), ingest.ChannelID(text(m, "channel_id")), "service"); again == id || allowed || err != nil {
		t.Errorf("who came back is %s, allowed %v, %v; want another whose opt-out holds", again, allowed, err)
	}
	c.do("DELETE", "/v1/contacts/"+again, "", 204)
	c.do("GET", "/v1/contacts/"+again, "", 404)
}
