package api_test

import (
	"fmt"
	"strings"
	"testing"

	"frontdesk/agent/contact"
	"frontdesk/deploy/schema/schematest"
	"frontdesk/gateway/api/apitest"
	"frontdesk/gateway/operation"
)

// TestTablesAsTheyAre imports bodies that are CSV.
func TestTablesAsTheyAre(t *testing.T) {
	t.Parallel()
	w := apitest.New(t, schematest.Postgres(t), "unlimited")
	c := newClient(t, w, w.Maya.Keys["all"])
	const csv = "text/csv; charset=utf-8"
	made := data(c.do("POST", "/v1/contacts/imports?separator=semicolon&more=true", "phone;name\n+5016123456;Maria", 202, "Content-Type", "text/csv"))
	at := "/v1/contacts/imports/" + text(made, "id")
	if made["bytes"] != 28.0 || text(made, "status") != "uploading" {
		t.Errorf("begun %v", made)
	}
	c.do("PUT", at+"/parts?offset=28", " Núñez\n", 200, "Content-Type", csv)
	try := data(c.do("POST", "/v1/contacts/imports?dry_run=true", "phone,name\n+5016123457,Ann\n", 202, "Content-Type", csv))
	if n, err := contact.NewImporter(w.Contacts, contact.ImporterConfig{Phone: operation.Phone}).Work(t.Context()); n != 2 || err != nil {
		t.Fatalf("%d imports ended, %v", n, err)
	}
	if got := data(c.do("GET", "/v1/contacts/imports/"+text(try, "id"), "", 200)); got["dry_run"] != true || got["created"] != 1.0 {
		t.Errorf("tried %v", got)
	}
	if got := list(c.do("GET", "/v1/contacts", "", 200)); len(got) != 1 || text(got[0].(map[string]any), "name") != "Maria Núñez" {
		t.Errorf("imported %v", got)
	}
	for name, tt := range map[string]struct {
		path, body, media string
		status            int
	}{
		"nothing":               {"", "", csv, 400},
		"no UTF-8":              {"", "phone\n\xff\n", csv, 400},
		"too much for one part": {"", "phone\n" + strings.Repeat("1", 1<<20), csv, 400},
		"another alphabet":      {"", "phone\n1\n", "text/csv; charset=latin1", 415},
		"a text":                {"", "phone\n1\n", "text/plain", 415},
		"a wrong separator":     {"?separator=pipe", "phone\n1\n", csv, 400},
		"an unknown option":     {"?tenant_id=x", "phone\n1\n", csv, 400},
	} {
		if a := w.Do(t, c.key, "POST", "/v1/contacts/imports"+tt.path, tt.body, "Content-Type", tt.media); a.StatusCode != tt.status {
			t.Errorf("%s: %d %s, want %d", name, a.StatusCode, a.Text, tt.status)
		}
	}
	if a := w.Do(t, c.key, "POST", "/v1/services", "name\nA\n", "Content-Type", csv); a.StatusCode != 415 {
		t.Errorf("a table where none is taken: %d", a.StatusCode)
	}
	again := fmt.Sprint(data(c.do("POST", "/v1/contacts/imports", "phone\n1\n", 202, "Content-Type", csv, "Idempotency-Key", "one"))["id"])
	if got := fmt.Sprint(data(c.do("POST", "/v1/contacts/imports", "phone\n1\n", 202, "Content-Type", csv, "Idempotency-Key", "one"))["id"]); got != again {
		t.Errorf("one key made %s and %s", again, got)
	}
}
