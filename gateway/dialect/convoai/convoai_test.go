package convoai_test

import (
	"fmt"
	"net/http"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"frontdesk/deploy/schema/schematest"
	"frontdesk/gateway/api/apitest"
)

// printed reads the requests that the document prints, from testdata/: they
// stand there as printed, but for the wrapping by curl.
func printed(t *testing.T, name string) string {
	t.Helper()
	b, err := os.ReadFile("testdata/" + name + ".json")
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

// fields checks that v has exactly the fields of the document's example, in
// its types.
func fields(t *testing.T, what string, v map[string]any, want map[string]string) {
	t.Helper()
	var have []string
	for name := range v {
		have = append(have, name)
	}
	if len(have) != len(want) {
		slices.Sort(have)
		t.Errorf("%s has the fields %v, the document %d of them", what, have, len(want))
	}
	for name, form := range want {
		if s := fmt.Sprint(v[name]); !regexp.MustCompile("^(" + form + ")$").MatchString(s) {
			t.Errorf("%s: %s is %q, want %s", what, name, s, form)
		}
	}
}

const instant = `\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ`

// TestThePrintedRequests sends what the document prints, with only host, key
// and the agent's id changed.
func TestThePrintedRequests(t *testing.T) {
	t.Parallel()
	w := apitest.New(t, schematest.Postgres(t), "pro")
	for _, name := range []string{"ck", "ck_test", "all"} {
		t.Run(name, func(t *testing.T) {
			key := w.Maya.Keys[name]
			do := func(method, path, body string, status int) apitest.Answer {
				t.Helper()
				a := w.Do(t, key, method, "/convoai/api/v1"+path, body, "Content-Type", "application/json")
				if a.StatusCode != status {
					t.Fatalf("%s %s: %d %s, want %d", method, path, a.StatusCode, a.Text, status)
				}
				for _, h := range []string{"X-RateLimit-Limit", "X-RateLimit-Remaining", "X-RateLimit-Reset"} {
					if !regexp.MustCompile(`^\d+$`).MatchString(a.Header.Get(h)) {
						t.Errorf("%s %s: %s is %q", method, path, h, a.Header.Get(h))
					}
				}
				if a.Header.Get("Content-Type") != "application/json" {
					t.Errorf("%s %s: content type %q", method, path, a.Header.Get("Content-Type"))
				}
				return a
			}
			fields(t, "me", do("GET", "/me/", "", 200).JSON(t), map[string]string{
				"id": "usr_[0-9A-Z]{26}", "email": "desk@casa-maya.example", "plan": "pro", "agents_count": "2", "api_version": `v1\.4`,
			})
			agents := do("GET", "/agents/", "", 200).JSON(t)
			results, _ := agents["results"].([]any)
			if len(agents) != 2 || agents["count"] != float64(len(results)) || len(results) != 2 {
				t.Fatalf("agents = %v", agents)
			}
			agent, _ := results[0].(map[string]any)
			fields(t, "agent", agent, map[string]string{
				"id": "agt_[0-9A-Z]{26}", "name": "My Sales Agent", "status": "active", "phone_number": `\+14155550126`, "created_at": instant,
			})
			at := "/agents/" + agent["id"].(string)

			article := do("POST", at+"/knowledge/", printed(t, "knowledge"), 201).JSON(t)
			fields(t, "knowledge", article, map[string]string{
				"id": "art_[0-9A-Z]{26}", "agent_id": "agt_.*", "title": "Summer 2026 Pricing", "doc_type": "text", "status": "indexed", "created_at": instant,
			})
			message := do("POST", at+"/messages/", printed(t, "message"), 201).JSON(t)
			fields(t, "message", message, map[string]string{
				"message_id": "msg_[0-9A-Z]{26}", "status": "queued", "to": `\+14155559876`, "queued_at": instant,
			})
			hook := do("POST", at+"/webhooks/", printed(t, "webhook"), 201).JSON(t)
			fields(t, "webhook", hook, map[string]string{
				"id": "whk_[0-9A-Z]{26}", "agent_id": "agt_.*", "url": "https://yourapp.com/webhooks/convoai", "status": "active", "created_at": instant,
				"events": `\[appointment.booked handoff.triggered lead.qualified\]|\[lead.qualified appointment.booked handoff.triggered\]`,
			})
			do("GET", strings.TrimSuffix(at, "/"), "", 200)
			do("GET", "/agents", "", 200)
		})
	}
}

// TestOnlyWhatsApp sends the printed message where the agent has no SMS: it is
// queued although the contact never wrote, as the document promises.
func TestOnlyWhatsApp(t *testing.T) {
	t.Parallel()
	w := apitest.New(t, schematest.Postgres(t), "pro")
	key := w.Maya.Keys["ck_test"]
	agents := w.Do(t, key, "GET", "/convoai/api/v1/agents/", "").JSON(t)
	id := agents["results"].([]any)[0].(map[string]any)["id"].(string)
	if a := w.Do(t, w.Maya.Keys["all"], "PATCH", "/v1/agents/"+id, `{"channels":["main"]}`); a.StatusCode != 200 {
		t.Fatalf("%d %s", a.StatusCode, a.Text)
	}
	if a := w.Do(t, key, "POST", "/convoai/api/v1/agents/"+id+"/messages/", printed(t, "message")); a.StatusCode != 201 {
		t.Errorf("%d %s, want 201", a.StatusCode, a.Text)
	}
}

func TestErrors(t *testing.T) {
	t.Parallel()
	w := apitest.New(t, schematest.Postgres(t), "free")
	key := w.Maya.Keys["ck"]
	agents := w.Do(t, key, "GET", "/convoai/api/v1/agents/", "").JSON(t)
	at := "/convoai/api/v1/agents/" + agents["results"].([]any)[0].(map[string]any)["id"].(string)
	for _, tt := range []struct {
		name, key, method, path, body string
		status                        int
		code                          string
	}{
		{"no key", "", "GET", "/convoai/api/v1/me/", "", 401, "unauthorized"},
		{"no such agent", key, "POST", "/convoai/api/v1/agents/agt_01HXYZ1234ABCD/messages/", printed(t, "message"), 404, "not_found"},
		{"no such path", key, "GET", "/convoai/api/v1/teams/", "", 404, "not_found"},
		{"another method", key, "DELETE", "/convoai/api/v1/me/", "", 405, "method_not_allowed"},
		{"no text", key, "POST", at + "/messages/", `{"to":"+14155559876"}`, 400, "invalid_request"},
		{"an unknown field", key, "POST", at + "/messages/", `{"to":"+14155559876","text":"a","agent":"x"}`, 400, "invalid_request"},
		{"no webhook URL", key, "POST", at + "/webhooks/", `{"url":"ftp://x","events":["a.b"]}`, 400, "invalid_request"},
	} {
		a := w.Do(t, tt.key, tt.method, tt.path, tt.body)
		v := a.JSON(t)
		e, _ := v["error"].(map[string]any)
		if a.StatusCode != tt.status || e["code"] != tt.code || e["message"] == "" || !strings.HasPrefix(fmt.Sprint(v["request_id"]), "req_") {
			t.Errorf("%s: %d %s, want %d %s", tt.name, a.StatusCode, a.Text, tt.status, tt.code)
		}
	}
	var last apitest.Answer
	for range 31 { // the free plan has 30 a minute
		if last = w.Do(t, key, "GET", "/convoai/api/v1/me/", ""); last.StatusCode == http.StatusTooManyRequests {
			break
		}
	}
	reset, err := time.ParseDuration(last.Header.Get("Retry-After") + "s")
	if last.StatusCode != 429 || err != nil || reset < time.Second || last.Header.Get("X-RateLimit-Limit") != "30" || last.Header.Get("X-RateLimit-Remaining") != "0" {
		t.Errorf("the 31st: %d %v", last.StatusCode, last.Header)
	}
}
