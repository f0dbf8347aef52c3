package api_test

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"frontdesk/agent/contact"
	"frontdesk/deploy/schema/schematest"
	"frontdesk/gateway/api/apitest"
	"frontdesk/gateway/operation"
)

func TestImportAndExport(t *testing.T) {
	t.Parallel()
	w := apitest.New(t, schematest.Postgres(t), "unlimited")
	c := newClient(t, w, w.Maya.Keys["all"])
	c.do("POST", "/v1/contacts/imports", `{"csv":"phone,shoe\n1,2\n"}`, 400)
	c.do("POST", "/v1/contacts/imports", `{"csv":"phone\n1\n","mapping":{"phone":"plan"}}`, 400)
	made := data(c.do("POST", "/v1/contacts/imports", `{"csv":"Handy;Kunde;Schuh\n612-3456;Maria","separator":"semicolon","mapping":{"Handy":"phone","Kunde":"name","Schuh":"fields.shoe"},"more":true}`, 202))
	at := "/v1/contacts/imports/" + text(made, "id")
	if text(made, "status") != "uploading" {
		t.Errorf("begun %v", made)
	}
	if e := c.do("PUT", at+"/parts", `{"offset":3,"csv":"x"}`, 409); code(e) != "wrong_offset" {
		t.Errorf("a part in the wrong place: %v", e)
	}
	c.do("PUT", at+"/parts", fmt.Sprintf(`{"offset":%v,"csv":" Santos;41\n12;=Bad;\n+14155550123;=1+1;\n"}`, made["bytes"]), 200)
	if e := c.do("PUT", at+"/parts", `{"offset":3,"csv":"x"}`, 409); code(e) != "import_complete" {
		t.Errorf("a part too many: %v", e)
	}
	if n, err := contact.NewImporter(w.Contacts, contact.ImporterConfig{Phone: operation.Phone}).Work(t.Context()); n != 1 || err != nil {
		t.Fatalf("%d imports ended, %v", n, err)
	}
	got := data(c.do("GET", at, "", 200))
	if text(got, "status") != "done" || fmt.Sprint(got["created"], got["failed"]) != "2 1" || len(got["errors"].([]any)) != 1 {
		t.Errorf("import %v", got)
	}
	if got := list(c.do("GET", "/v1/contacts/imports", "", 200)); len(got) != 1 {
		t.Errorf("imports %v", got)
	}
	if got := list(c.do("GET", "/v1/contacts?phone=612-3456", "", 200)); len(got) != 1 || text(got[0].(map[string]any), "name") != "Maria Santos" {
		t.Errorf("imported %v", got)
	}
	csv := w.Do(t, w.Maya.Keys["all"], "GET", "/v1/contacts/export", "")
	if csv.StatusCode != 200 || csv.Header.Get("Content-Type") != "text/csv; charset=utf-8" || strings.Count(string(csv.Text), "\r\n") != 3 || !strings.Contains(string(csv.Text), ",'=1+1,") {
		t.Errorf("export %d %s", csv.StatusCode, csv.Text)
	}
	lines := strings.SplitAfter(string(w.Do(t, w.Maya.Keys["all"], "GET", "/v1/contacts/export?format=jsonl", "").Text), "\n")
	var first map[string]any
	if len(lines) != 3 || json.Unmarshal([]byte(lines[0]), &first) != nil {
		t.Fatalf("lines %q", lines)
	}
	if rest := w.Do(t, w.Maya.Keys["all"], "GET", "/v1/contacts/export?format=jsonl&after="+text(first, "id"), ""); string(rest.Text) != lines[1] {
		t.Errorf("after the first: %s, want %s", rest.Text, lines[1])
	}
	if got := w.Do(t, w.Globex.Keys["all"], "GET", "/v1/contacts/export?format=jsonl", ""); len(got.Text) != 0 {
		t.Errorf("another business exports %s", got.Text)
	}
}
