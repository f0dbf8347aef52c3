package api_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"frontdesk/deploy/schema/schematest"
	"frontdesk/gateway/api/apitest"
)

// TestTotals asks lists how long they are: with filters, on every page, and of
// nobody else.
func TestTotals(t *testing.T) {
	t.Parallel()
	db := schematest.Postgres(t)
	w := apitest.New(t, db, "unlimited")
	c, other := newClient(t, w, w.Maya.Keys["all"]), newClient(t, w, w.Globex.Keys["all"])
	for _, name := range []string{"Ann", "Maria", "Mariana"} {
		c.do("POST", "/v1/contacts", fmt.Sprintf(`{"name":%q,"segment":"vip"}`, name), 201)
	}
	c.do("POST", "/v1/contacts", `{"name":"Zoe","phone":"+5016123456"}`, 201)
	w.Receive(t, w.Maya.ID, "main", "+15555550142", "Hello")
	w.Receive(t, w.Maya.ID, "main", "+15555550142", "Hello?")
	w.Receive(t, w.Maya.ID, "main", "+15555550143", "Hi")
	test := newClient(t, w, w.Maya.Keys["test"])
	test.do("POST", "/v1/messages", `{"to":"+15555550142","text":"Yes?"}`, 201)
	test.do("POST", "/v1/messages", fmt.Sprintf(`{"to":"+15555550142","text":"Still there?","send_at":%q}`, time.Now().Add(time.Hour).UTC().Format(time.RFC3339)), 201)
	total := func(c client, path string) any {
		t.Helper()
		meta := c.do("GET", path, "", 200)["meta"].(map[string]any)
		return meta["total"]
	}
	for path, want := range map[string]any{
		"/v1/contacts?count=true": 6.0, "/v1/contacts?count=true&limit=1": 6.0, "/v1/contacts?count=true&segment=vip&q=maria": 2.0, "/v1/contacts?count=true&phone=612-3456": 1.0,
		"/v1/contacts": nil, "/v1/contacts?count=false": nil,
		"/v1/conversations?count=true": 2.0, "/v1/conversations?count=true&unanswered=true": 1.0, "/v1/conversations?count=true&state=closed": 0.0,
		"/v1/messages?count=true": 5.0, "/v1/messages?count=true&direction=inbound": 3.0, "/v1/messages?count=true&status=scheduled": 1.0, "/v1/messages?count=true&direction=outbound&limit=1": 2.0,
		"/v1/appointments?count=true": 0.0,
	} {
		if got := total(c, path); got != want {
			t.Errorf("%s: total %v, want %v", path, got, want)
		}
	}
	second := c.do("GET", "/v1/contacts?count=true&limit=4", "", 200)["meta"].(map[string]any)
	if got := total(c, "/v1/contacts?count=true&limit=4&cursor="+fmt.Sprint(second["cursor"])); got != 6.0 {
		t.Errorf("on the second page the total is %v", got)
	}
	if got := total(other, "/v1/contacts?count=true"); got != 0.0 {
		t.Errorf("another business has %v", got)
	}
	err := db.InTenant(t.Context(), w.Maya.ID, func(tx pgx.Tx) error {
		_, err := tx.Exec(t.Context(), `INSERT INTO contacts (tenant_id, id, number, name) SELECT $1, 'con_Z' || n, 1000 + n, 'Bo' FROM generate_series(1, 10100) n`, w.Maya.ID)
		return err
	})
	if got := total(c, "/v1/contacts?count=true"); err != nil || got != 10001.0 {
		t.Errorf("of 10,106 the total is %v, %v; want 10001 for more", got, err)
	}
}
