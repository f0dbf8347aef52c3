package api_test

import (
	"encoding/json"
	"net/http"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"frontdesk/deploy/schema/schematest"
	"frontdesk/gateway/api"
	"frontdesk/gateway/api/apitest"
)

func TestWebhooks(t *testing.T) {
	t.Parallel()
	w := apitest.New(t, schematest.Postgres(t), "unlimited")
	c := newClient(t, w, w.Maya.Keys["all"])
	made := data(c.do("POST", "/v1/webhooks", `{"url":"https://example.com/hooks","events":["message.*","handoff.requested"],"channels":["main"],"rate":50,"schedule":[5,60]}`, 201))
	id, secret := text(made, "id"), text(made, "secret")
	if !strings.HasPrefix(secret, "whsec_") || !strings.HasPrefix(text(made, "public_key"), "whpk_") || made["enabled"] != true || made["mode"] != "all" ||
		made["concurrency"] != 8.0 || !strings.HasPrefix(made["channels"].([]any)[0].(string), "chn_") || len(made["schedule"].([]any)) != 2 {
		t.Errorf("made = %v", made)
	}
	if e := c.do("POST", "/v1/webhooks", `{"url":"https://example.com/hooks","events":["*"]}`, 409); code(e) != "webhook_exists" {
		t.Errorf("the same URL: %v", e)
	}
	got := data(c.do("GET", "/v1/webhooks/"+id, "", 200))
	if _, told := got["secret"]; told || text(got, "url") != "https://example.com/hooks" {
		t.Errorf("got = %v; the secret is told once", got)
	}
	if l := list(c.do("GET", "/v1/webhooks", "", 200)); len(l) != 1 || strings.Contains(string(c.w.Do(t, c.key, "GET", "/v1/webhooks", "").Text), secret) {
		t.Errorf("list = %v", l)
	}
	changed := data(c.do("PATCH", "/v1/webhooks/"+id, `{"events":["*"],"channels":[],"timeout_seconds":20,"mode":"live","rate":0}`, 200))
	if len(changed["channels"].([]any)) != 0 || changed["timeout_seconds"] != 20.0 || changed["mode"] != "live" || changed["rate"] != 0.0 || text(changed, "url") != "https://example.com/hooks" {
		t.Errorf("changed = %v", changed)
	}
	rotated := data(c.do("POST", "/v1/webhooks/"+id+"/rotate", `{"overlap_seconds":3600}`, 200))
	if text(rotated, "secret") == secret || text(rotated, "previous_secret_until") == "" || text(rotated, "public_key") == text(made, "public_key") {
		t.Errorf("rotated = %v", rotated)
	}
	c.do("POST", "/v1/webhooks/"+id+"/rotate", "", 200)
	sent := data(c.do("POST", "/v1/webhooks/"+id+"/test", "", 202))
	delivery := "/v1/webhooks/" + id + "/deliveries/" + text(sent, "id")
	if sent["status"] != "pending" || sent["event_type"] != "webhook.test" || text(sent, "next_attempt_at") == "" {
		t.Errorf("sent = %v", sent)
	}
	if l := list(c.do("GET", "/v1/webhooks/"+id+"/deliveries?status=pending&event_type=webhook.test&since=2026-01-01T00:00:00Z", "", 200)); len(l) != 1 {
		t.Errorf("deliveries = %v", l)
	}
	whole := data(c.do("GET", delivery, "", 200))
	if body, _ := whole["body"].(map[string]any); body["type"] != "webhook.test" || len(whole["log"].([]any)) != 0 {
		t.Errorf("delivery = %v", whole)
	}
	c.do("POST", delivery+"/replay", "", 202)
	if n := data(c.do("POST", "/v1/webhooks/"+id+"/replay", `{"since":"2026-01-01T00:00:00Z","status":"pending"}`, 202)); n["replayed"] != 1.0 {
		t.Errorf("replayed = %v", n)
	}
	if off := data(c.do("PATCH", "/v1/webhooks/"+id, `{"enabled":false}`, 200)); off["enabled"] != false || off["disabled_reason"] != "manual" {
		t.Errorf("off = %v", off)
	}
	for _, path := range []string{"/test", "/deliveries/" + text(sent, "id") + "/replay"} {
		if e := c.do("POST", "/v1/webhooks/"+id+path, "", 409); code(e) != "webhook_disabled" {
			t.Errorf("%s of a disabled one: %v", path, e)
		}
	}
	if l := list(c.do("GET", "/v1/webhooks/event-types", "", 200)); len(l) < 25 {
		t.Errorf("%d event types", len(l))
	}
	c.do("DELETE", "/v1/webhooks/"+id, "", 204)
	c.do("GET", "/v1/webhooks/"+id, "", 404)
	c.do("GET", delivery, "", 404)
}

func TestWebhooksCheckTheirInput(t *testing.T) {
	t.Parallel()
	w := apitest.New(t, schematest.Postgres(t), "unlimited")
	c := newClient(t, w, w.Maya.Keys["all"])
	const url = `"url":"https://example.com/hooks"`
	tests := []struct{ name, body, field string }{
		{"no URL", `{"events":["*"]}`, "url"},
		{"no events", `{` + url + `,"events":[]}`, "events"},
		{"without TLS", `{"url":"http://example.com/hooks","events":["*"]}`, "url"},
		{"another scheme", `{"url":"gopher://example.com","events":["*"]}`, "url"},
		{"name and password", `{"url":"https://u:p@example.com/","events":["*"]}`, "url"},
		{"a fragment", `{"url":"https://example.com/#x","events":["*"]}`, "url"},
		{"loopback", `{"url":"https://127.0.0.1/","events":["*"]}`, "url"},
		{"localhost", `{"url":"https://localhost/","events":["*"]}`, "url"},
		{"metadata", `{"url":"https://169.254.169.254/latest/meta-data","events":["*"]}`, "url"},
		{"private, mapped into IPv6", `{"url":"https://[::ffff:10.0.0.1]/","events":["*"]}`, "url"},
		{"a port of another service", `{"url":"https://8.8.8.8:25/","events":["*"]}`, "url"},
		{"an event that is none", `{` + url + `,"events":["mesage.received"]}`, "events"},
		{"a pattern in the middle", `{` + url + `,"events":["*.received"]}`, "events"},
		{"a secret that is no base64", `{` + url + `,"events":["*"],"secret":"whsec_%%%"}`, "secret"},
		{"a secret too short", `{` + url + `,"events":["*"],"secret":"whsec_c2hvcnQ="}`, "secret"},
		{"a format that is none", `{` + url + `,"events":["*"],"format":"soap"}`, "format"},
		{"too many at a time", `{` + url + `,"events":["*"],"concurrency":65}`, "concurrency"},
		{"a pause of no time", `{` + url + `,"events":["*"],"schedule":[0]}`, "schedule"},
		{"a field that is none", `{` + url + `,"events":["*"],"tenant_id":"tnt_x"}`, "tenant_id"},
		{"the state", `{` + url + `,"events":["*"],"enabled":true}`, "enabled"},
	}
	for _, tt := range tests {
		e := c.do("POST", "/v1/webhooks", tt.body, 400)
		raw, _ := json.Marshal(e)
		if code(e) != "invalid_request" || !strings.Contains(string(raw), `"field":"`+tt.field) {
			t.Errorf("%s: %s, want the field %s named", tt.name, raw, tt.field)
		}
	}
	if l := list(c.do("GET", "/v1/webhooks", "", 200)); len(l) != 0 {
		t.Errorf("%d were made", len(l))
	}
	c.do("GET", "/v1/webhooks?limit=1000000000", "", 400)
	c.do("GET", "/v1/webhooks?cursor=forged", "", 400)
}

// TestForeignWebhooks asks every route of webhooks for another tenant's: it is
// not there, and stays as it was.
func TestForeignWebhooks(t *testing.T) {
	t.Parallel()
	w := apitest.New(t, schematest.Postgres(t), "unlimited")
	theirs, mine := newClient(t, w, w.Globex.Keys["all"]), newClient(t, w, w.Maya.Keys["all"])
	make := func(c client) (hook, delivery string) {
		hook = text(data(c.do("POST", "/v1/webhooks", `{"url":"https://example.com/secret-of-globex","events":["*"]}`, 201)), "id")
		return hook, text(data(c.do("POST", "/v1/webhooks/"+hook+"/test", "", 202)), "id")
	}
	hook, delivery := make(theirs)
	own, _ := make(mine)
	before := w.Do(t, theirs.key, "GET", "/v1/webhooks/"+hook, "").JSON(t)
	cells := 0
	for _, r := range w.Routes {
		if !strings.HasPrefix(r.Path, "/v1/webhooks/{id}") {
			continue
		}
		bodies := map[string]string{"PATCH /v1/webhooks/{id}": `{"rate":1}`, "POST /v1/webhooks/{id}/replay": `{"since":"2026-01-01T00:00:00Z"}`}
		for _, parent := range []string{hook, own} { // theirs; and one's own with their delivery
			if parent == own && !strings.Contains(r.Path, "{delivery}") {
				continue
			}
			path := strings.NewReplacer("{id}", parent, "{delivery}", delivery).Replace(r.Path)
			a := w.Do(t, mine.key, r.Method, path, bodies[r.Method+" "+r.Path])
			if a.StatusCode != http.StatusNotFound || strings.Contains(string(a.Text), "globex") {
				t.Errorf("%s %s: %d %s, want 404", r.Method, path, a.StatusCode, a.Text)
			}
			cells++
		}
	}
	if after := w.Do(t, theirs.key, "GET", "/v1/webhooks/"+hook, "").JSON(t); !cmp.Equal(data(before), data(after)) {
		t.Errorf("it changed: %s", cmp.Diff(data(before), data(after)))
	}
	agent := text(list(theirs.do("GET", "/v1/agents", "", 200))[0].(map[string]any), "id")
	mine.do("POST", "/v1/webhooks", `{"url":"https://example.com/a","events":["*"],"agent_id":"`+agent+`"}`, 404)
	mine.do("PATCH", "/v1/webhooks/"+own, `{"agent_id":"`+agent+`"}`, 404)
	mine.do("PATCH", "/v1/webhooks/"+own, `{"channels":["chn_of_another"]}`, 404)
	if cells < 9 {
		t.Errorf("only %d cells were asked", cells)
	}
	reader := newClient(t, w, w.Maya.Keys["reader"]) // has neither scope
	reader.do("GET", "/v1/webhooks", "", 403)
	reader.do("POST", "/v1/webhooks/"+own+"/test", "", 403)
}

// TestAMessageIsTheSameInAnEvent holds what webhooks tell of a message to what
// the API does.
func TestAMessageIsTheSameInAnEvent(t *testing.T) {
	t.Parallel()
	w := apitest.New(t, schematest.Postgres(t), "unlimited")
	c := newClient(t, w, w.Maya.Keys["all"])
	id := w.Receive(t, w.Maya.ID, "main", "+14155557777", "Hi")
	m, err := w.Threads.Message(t.Context(), w.Maya.ID, id)
	if err != nil {
		t.Fatal(err)
	}
	raw, err := json.Marshal(api.RenderMessage(m))
	if err != nil {
		t.Fatal(err)
	}
	var rendered map[string]any
	if err := json.Unmarshal(raw, &rendered); err != nil {
		t.Fatal(err)
	}
	if got := data(c.do("GET", "/v1/messages/"+string(id), "", 200)); !cmp.Equal(got, rendered) {
		t.Errorf("the API and an event differ: %s", cmp.Diff(got, rendered))
	}
}
