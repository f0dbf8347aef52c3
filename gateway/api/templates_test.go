package api_test

import (
	"fmt"
	"net/http"
	"strings"
	"testing"

	"frontdesk/deploy/schema/schematest"
	"frontdesk/gateway/api/apitest"
)

const visitReminder = `{"name":"visit_reminder","language":"en_US","category":"utility","components":[{"type":"BODY","text":"Hi {{1}}, your visit is on {{2}}.","example":{"body_text":[["Dana","Friday 9:00"]]}}]}`

func TestTemplatesOfTheSandbox(t *testing.T) {
	t.Parallel()
	w := apitest.New(t, schematest.Postgres(t), "unlimited")
	c, other := newClient(t, w, w.Maya.Keys["test"]), newClient(t, w, w.Globex.Keys["test"])
	made := data(c.do("POST", "/v1/templates", visitReminder, 201))
	id := text(made, "id")
	if text(made, "status") != "approved" || made["test"] != true {
		t.Errorf("made %v", made)
	}
	if e := c.do("POST", "/v1/templates", visitReminder, 409); code(e) != "template_exists" {
		t.Errorf("the same again: %v", e)
	}
	for query, want := range map[string]int{"": 1, "?name=visit_reminder": 1, "?status=paused": 0, "?channel=main&language=en_US": 1} {
		if got := ids(c.do("GET", "/v1/templates"+query, "", 200)); len(got) != want {
			t.Errorf("%q lists %v", query, got)
		}
	}
	c.do("GET", "/v1/templates/"+id, "", 200)
	other.do("GET", "/v1/templates/"+id, "", 404)
	other.do("DELETE", "/v1/templates/"+id, "", 404)

	send := func(components string) string {
		return `{"to":"+5016123456","type":"template","channel":"main","template":{"name":"visit_reminder","language":"en_US","components":` + components + `}}`
	}
	good := data(c.do("POST", "/v1/messages", send(`[{"type":"body","parameters":[{"type":"text","text":"Dana"},{"type":"text","text":"Friday"}]}]`), 201))
	if tpl, _ := good["template"].(map[string]any); text(tpl, "category") != "utility" {
		t.Errorf("sent %v, want the template's category", good)
	}
	for components, want := range map[string]string{
		`[]`: "template.components",
		`[{"type":"body","parameters":[{"type":"text","text":"Dana"}]}]`:                             "template.components[0].parameters",
		`[{"type":"body","parameters":[{"type":"text","text":"Dana"},{"type":"image","image":{}}]}]`: "template.components[0].parameters[1].type",
		`[{"type":"body","parameters":[{"type":"text","text":"a"},{"type":"text","text":""}]}]`:      "template.components[0].parameters[1].text",
	} {
		e := c.do("POST", "/v1/messages", send(components), 422)
		if code(e) != "template_mismatch" || !strings.Contains(fmt.Sprint(e), "field:"+want+" ") {
			t.Errorf("%s: %v, want %s", components, e, want)
		}
	}
	for name, body := range map[string]string{
		"a bad name":    strings.Replace(visitReminder, "visit_reminder", "Visit", 1),
		"a bad channel": strings.Replace(visitReminder, `{"name"`, `{"channel":"sms","name"`, 1),
		"a gap":         strings.Replace(visitReminder, "{{2}}", "{{3}}", 1),
	} {
		if e := c.do("POST", "/v1/templates", body, 400); code(e) != "invalid_request" {
			t.Errorf("%s: %v", name, e)
		}
	}
	c.do("DELETE", "/v1/templates/"+id, "", 204)
	c.do("GET", "/v1/templates/"+id, "", 404)
}

// liveChannel is a WhatsApp channel with credentials of its own.
const liveChannel = `
business: {slug: casa-maya, name: casa-maya Ltd, timezone: America/Belize, plan: unlimited}
channels:
  - {type: whatsapp, name: live, phone: "+15555550177", phone_number_id: "177177", waba_id: "424242", access_token: EAA, app_secret: s, verify_token: v}
`

func TestTemplatesAtTheProvider(t *testing.T) {
	t.Parallel()
	w := apitest.New(t, schematest.Postgres(t), "unlimited")
	c := newClient(t, w, w.Maya.Keys["all"])
	w.Apply(t, liveChannel)
	var asked []string
	w.Graph = func(out http.ResponseWriter, req *http.Request) {
		asked = append(asked, req.Method+" "+req.URL.Path)
		switch {
		case req.Header.Get("Authorization") != "Bearer EAA":
			http.Error(out, `{"error":{"code":190,"message":"token"}}`, http.StatusUnauthorized)
		case req.Method == http.MethodPost:
			_, _ = fmt.Fprint(out, `{"id":"1689556908129832","status":"PENDING","category":"MARKETING"}`)
		case req.Method == http.MethodGet:
			_, _ = fmt.Fprint(out, `{"data":[{"id":"1689556908129832","name":"visit_reminder","language":"en_US","status":"PAUSED","category":"MARKETING","components":[{"type":"BODY","text":"Hi"}]}]}`)
		default:
			_, _ = fmt.Fprint(out, `{"success":true}`)
		}
	}
	live := strings.Replace(visitReminder, `{"name"`, `{"channel":"live","name"`, 1)
	made := data(c.do("POST", "/v1/templates", live, 201))
	if text(made, "status") != "pending" || text(made, "category") != "marketing" || text(made, "provider_template_id") != "1689556908129832" {
		t.Errorf("made %v", made)
	}
	send := `{"to":"+5016123456","type":"template","channel":"live","template":{"name":"visit_reminder","language":"en_US"}}`
	if e := c.do("POST", "/v1/messages", send, 422); code(e) != "template_not_approved" {
		t.Errorf("one that is pending: %v", e)
	}
	if got := data(c.do("POST", "/v1/templates/sync", `{"channel":"live"}`, 200)); got["templates"] != float64(1) {
		t.Errorf("synced %v", got)
	}
	if got := data(c.do("GET", "/v1/templates/"+text(made, "id"), "", 200)); text(got, "status") != "paused" {
		t.Errorf("after the sync: %v", got)
	}
	if e := newClient(t, w, w.Maya.Keys["test"]).do("DELETE", "/v1/templates/"+text(made, "id"), "", 409); code(e) != "live_template" {
		t.Errorf("deleted by a test key: %v", e)
	}
	c.do("DELETE", "/v1/templates/"+text(made, "id"), "", 204)
	w.Graph = func(out http.ResponseWriter, _ *http.Request) {
		http.Error(out, `{"error":{"code":100,"message":"Invalid parameter","error_data":{"details":"no example"}}}`, http.StatusBadRequest)
	}
	if e := c.do("POST", "/v1/templates", live, 422); code(e) != "provider_refused" || !strings.Contains(fmt.Sprint(e), "no example") {
		t.Errorf("refused: %v", e)
	}
	w.Graph = func(out http.ResponseWriter, _ *http.Request) {
		http.Error(out, `{"error":{"code":2}}`, http.StatusServiceUnavailable)
	}
	if e := c.do("POST", "/v1/templates", live, 503); code(e) != "provider_unavailable" {
		t.Errorf("unavailable: %v", e)
	}
	if got := ids(c.do("GET", "/v1/templates", "", 200)); len(got) != 0 {
		t.Errorf("what the provider did not take is kept: %v", got)
	}
	if want := "POST /v25.0/424242/message_templates GET /v25.0/424242/message_templates DELETE /v25.0/424242/message_templates"; strings.Join(asked, " ") != want {
		t.Errorf("asked %v", asked)
	}
}

// TestATemplateWithoutIDIsDeletedAlone deletes templates whose creation Meta
// did not answer: one that it has in another language too, and one it never got.
func TestATemplateWithoutIDIsDeletedAlone(t *testing.T) {
	t.Parallel()
	w := apitest.New(t, schematest.Postgres(t), "unlimited")
	c := newClient(t, w, w.Maya.Keys["all"])
	w.Apply(t, liveChannel)
	var deleted []string
	has := `{"id":"11","name":"visit_reminder","language":"es","status":"APPROVED"},{"id":"22","name":"visit_reminder","language":"en_US","status":"APPROVED"}`
	w.Graph = func(out http.ResponseWriter, req *http.Request) {
		switch req.Method {
		case http.MethodPost:
			_, _ = fmt.Fprint(out, `no answer of Meta's`)
		case http.MethodGet:
			_, _ = fmt.Fprint(out, `{"data":[`+has+`]}`)
		default:
			deleted = append(deleted, req.URL.Query().Get("hsm_id"))
			_, _ = fmt.Fprint(out, `{"success":true}`)
		}
	}
	live := strings.Replace(visitReminder, `{"name"`, `{"channel":"live","name"`, 1)
	for range 2 {
		made := data(c.do("POST", "/v1/templates", live, 201))
		if text(made, "provider_template_id") != "" {
			t.Fatalf("made %v, want it without Meta's id", made)
		}
		c.do("DELETE", "/v1/templates/"+text(made, "id"), "", 204)
		c.do("GET", "/v1/templates/"+text(made, "id"), "", 404)
		has = `{"id":"11","name":"visit_reminder","language":"es","status":"APPROVED"}`
	}
	if len(deleted) != 1 || deleted[0] != "22" {
		t.Errorf("deleted at Meta: %q, want 22 alone", deleted)
	}
}
