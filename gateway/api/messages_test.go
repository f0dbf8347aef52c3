package api_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"frontdesk/deploy/schema/schematest"
	"frontdesk/gateway/api/apitest"
)

func at(d time.Duration) string { return time.Now().Add(d).UTC().Format(time.RFC3339Nano) }

// ids are those of a list, in its order.
func ids(v map[string]any) []string {
	var out []string
	for _, m := range list(v) {
		out = append(out, text(m.(map[string]any), "id"))
	}
	return out
}

func TestScheduledMessages(t *testing.T) {
	t.Parallel()
	w := apitest.New(t, schematest.Postgres(t), "unlimited")
	c := newClient(t, w, w.Maya.Keys["all"])
	m := data(c.do("POST", "/v1/messages", `{"to":"+5016123456","text":"Your cleaning is tomorrow at 10:00.","channel":"sms","send_at":"`+at(time.Hour)+`"}`, 201))
	id := text(m, "id")
	if text(m, "status") != "scheduled" || m["conversation_id"] != nil || m["number"] != nil {
		t.Errorf("scheduled = %v", m)
	}
	if got := data(c.do("GET", "/v1/messages/"+id, "", 200)); text(got, "status") != "scheduled" {
		t.Errorf("got %v", got)
	}
	now := text(data(c.do("POST", "/v1/messages", `{"to":"+5016123456","text":"Hello","channel":"sms"}`, 201)), "id")
	for query, want := range map[string]string{"status=scheduled": id, "": now + " " + id, "status=queued": now, "direction=inbound": "", "contact_id=" + text(m, "contact_id"): now + " " + id, "limit=1": now} {
		if got := strings.Join(ids(c.do("GET", "/v1/messages?"+query, "", 200)), " "); got != want {
			t.Errorf("list %q: %s, want %s", query, got, want)
		}
	}
	first := c.do("GET", "/v1/messages?limit=1", "", 200)
	cursor := text(first["meta"].(map[string]any), "cursor")
	if got := ids(c.do("GET", "/v1/messages?limit=1&cursor="+cursor, "", 200)); len(got) != 1 || got[0] != id {
		t.Errorf("the second page has %v", got)
	}
	c.do("PATCH", "/v1/messages/"+id, `{"send_at":"`+at(300*time.Millisecond)+`"}`, 200)
	if n, err := w.Scheduler.Step(t.Context()); n != 0 || err != nil {
		t.Errorf("before its time: %d, %v", n, err)
	}
	waitUntil(t, func() bool { n, err := w.Scheduler.Step(t.Context()); return n == 1 && err == nil })
	if got := data(c.do("GET", "/v1/messages/"+id, "", 200)); text(got, "status") != "queued" || text(got, "to") != "+5016123456" {
		t.Errorf("after its time: %v", got)
	}
	for _, path := range []string{"PATCH /v1/messages/" + id, "POST /v1/messages/" + id + "/cancel"} {
		method, url, _ := strings.Cut(path, " ")
		body := map[string]string{"PATCH": `{"send_at":"` + at(time.Hour) + `"}`}[method]
		if e := c.do(method, url, body, 409); code(e) != "not_scheduled" {
			t.Errorf("%s after it was sent: %v", path, e)
		}
	}
	steps := list(c.do("GET", "/v1/messages/"+id+"/history", "", 200))
	if len(steps) != 1 || text(steps[0].(map[string]any), "status") != "queued" {
		t.Errorf("history %v", steps)
	}
}

// waitUntil tries until ok, for at most ten seconds.
func waitUntil(t *testing.T, ok func() bool) {
	t.Helper()
	tick := time.NewTicker(20 * time.Millisecond)
	defer tick.Stop()
	for deadline := time.Now().Add(10 * time.Second); !ok(); <-tick.C {
		if time.Now().After(deadline) {
			t.Fatal("it did not happen within ten seconds")
		}
	}
}

func TestScheduledMessagesThatAreNotSent(t *testing.T) {
	t.Parallel()
	w := apitest.New(t, schematest.Postgres(t), "unlimited")
	c, other := newClient(t, w, w.Maya.Keys["all"]), newClient(t, w, w.Globex.Keys["all"])
	later := text(data(c.do("POST", "/v1/messages", `{"to":"+5016123456","text":"Later","send_at":"`+at(time.Hour)+`"}`, 201)), "id")
	other.do("POST", "/v1/messages/"+later+"/cancel", "", 404)
	other.do("GET", "/v1/messages/"+later, "", 404)
	test := newClient(t, w, text(data(c.do("POST", "/v1/keys", `{"name":"sandbox","scopes":["*"],"mode":"test"}`, 201)), "key"))
	if e := test.do("POST", "/v1/messages/"+later+"/cancel", "", 409); code(e) != "live_message" {
		t.Errorf("cancelled with a test key: %v", e)
	}
	if e := test.do("PATCH", "/v1/messages/"+later, `{"send_at":"`+at(2*time.Hour)+`"}`, 409); code(e) != "live_message" {
		t.Errorf("put off with a test key: %v", e)
	}
	if got := data(c.do("POST", "/v1/messages/"+later+"/cancel", "", 200)); text(got, "status") != "cancelled" {
		t.Errorf("cancelled = %v", got)
	}
	c.do("POST", "/v1/messages/"+later+"/cancel", "", 409)
	steps := list(c.do("GET", "/v1/messages/"+later+"/history", "", 200))
	if len(steps) != 2 || text(steps[1].(map[string]any), "status") != "cancelled" {
		t.Errorf("history %v", steps)
	}
	for name, body := range map[string]string{
		"in the past":       `{"to":"+5016123456","text":"a","send_at":"2026-01-01T00:00:00Z"}`,
		"in two years":      `{"to":"+5016123456","text":"a","send_at":"` + at(2*366*24*time.Hour) + `"}`,
		"no time":           `{"to":"+5016123456","text":"a","send_at":"tomorrow"}`,
		"on no channel":     `{"to":"+5016123456","text":"a","channel":"fax","send_at":"` + at(time.Hour) + `"}`,
		"buttons over SMS":  `{"to":"+5016123456","text":"a","type":"interactive","channel":"sms","interactive":{"buttons":[{"id":"1","title":"A"}]},"send_at":"` + at(time.Hour) + `"}`,
		"to nobody at all":  `{"text":"a","send_at":"` + at(time.Hour) + `"}`,
		"to another's name": `{"contact_id":"con_none","to":"+5016123456","text":"a","send_at":"` + at(time.Hour) + `"}`,
	} {
		if e := c.do("POST", "/v1/messages", body, 400); code(e) != "invalid_request" {
			t.Errorf("%s: %v", name, e)
		}
	}
	// What the gate refuses when it is sent: the window of WhatsApp is closed.
	closed := text(data(c.do("POST", "/v1/messages", `{"to":"+5016123499","text":"Hi","channel":"main","send_at":"`+at(50*time.Millisecond)+`"}`, 201)), "id")
	waitUntil(t, func() bool { n, err := w.Scheduler.Step(t.Context()); return n == 1 && err == nil })
	if got := data(c.do("GET", "/v1/messages/"+closed, "", 200)); text(got, "status") != "queued" {
		t.Errorf("it is dispatch that refuses: %v", got)
	}
}

func TestBulkMessages(t *testing.T) {
	t.Parallel()
	w := apitest.New(t, schematest.Postgres(t), "unlimited")
	c := newClient(t, w, w.Maya.Keys["all"])
	body := `{"messages":[{"to":"+5016123456","text":"Your table is ready.","channel":"sms"},{"to":"+5016123457","text":"Your table is ready.","channel":"main"},{"contact_id":"con_none","text":"a","channel":"sms"},{"to":"+5016123456","text":"Once more","channel":"sms"}]}`
	results := list(c.do("POST", "/v1/messages/bulk", body, 200, "Idempotency-Key", "tables"))
	want := []string{"accepted", "refused window_closed", "refused not_found", "accepted"}
	for i, r := range results {
		v := r.(map[string]any)
		got := text(v, "status")
		if e, ok := v["error"].(map[string]any); ok {
			got += " " + text(e, "code")
		}
		if got != want[i] || v["index"] != float64(i) {
			t.Errorf("%d: %v, want %s", i, v, want[i])
		}
	}
	if got := ids(c.do("GET", "/v1/messages", "", 200)); len(got) != 2 {
		t.Errorf("%d messages, want the two that were accepted", len(got))
	}
	again := w.Do(t, c.key, "POST", "/v1/messages/bulk", body, "Idempotency-Key", "tables")
	if again.Header.Get("Idempotency-Replayed") != "true" || len(ids(c.do("GET", "/v1/messages", "", 200))) != 2 {
		t.Error("the same bulk again sent something")
	}
	many := make([]string, 500)
	for i := range many {
		many[i] = fmt.Sprintf(`{"to":"+5016%06d","text":"a","channel":"sms"}`, i)
	}
	for i, r := range list(c.do("POST", "/v1/messages/bulk", `{"messages":[`+strings.Join(many, ",")+`]}`, 200)) {
		if v := r.(map[string]any); text(v, "status") != "accepted" {
			t.Fatalf("%d of 500: %v", i, v)
		}
	}
	for name, tt := range map[string]struct{ body, want string }{
		"501":         {`{"messages":[` + strings.Join(append(many, many[0]), ",") + `]}`, "more than 500"},
		"none":        {`{"messages":[]}`, "is missing"},
		"a bad field": {`{"messages":[{"to":"+5016123456","text":"a"},{"to":"+5016123456"}]}`, "messages[1].text"},
		"an unknown":  {`{"messages":[{"to":"+5016123456","text":"a","plan":"x"}]}`, "messages[0].plan"},
	} {
		if e := c.do("POST", "/v1/messages/bulk", tt.body, 400); !strings.Contains(fmt.Sprint(e), tt.want) {
			t.Errorf("%s: %v, want %s", name, e, tt.want)
		}
	}
}

// TestBulkCountsEachMessage holds a bulk against the plan's messages.
func TestBulkCountsEachMessage(t *testing.T) {
	t.Parallel()
	w := apitest.New(t, schematest.Postgres(t), "starter") // 60 messages an hour
	c := newClient(t, w, w.Maya.Keys["all"])
	many := make([]string, 61)
	for i := range many {
		many[i] = fmt.Sprintf(`{"to":"+5016%06d","text":"a","channel":"sms"}`, i)
	}
	bulk := func(n int) string { return `{"messages":[` + strings.Join(many[:n], ",") + `]}` }
	if a := w.Do(t, c.key, "POST", "/v1/messages/bulk", bulk(61)); a.StatusCode != 429 || a.Header.Get("Retry-After") != "" || !strings.Contains(string(a.Text), "send fewer") {
		t.Errorf("61 of 60: %d, Retry-After %q: %s", a.StatusCode, a.Header.Get("Retry-After"), a.Text)
	}
	if got := ids(c.do("GET", "/v1/messages", "", 200)); len(got) != 0 {
		t.Errorf("%d messages of a bulk that was refused", len(got))
	}
	c.do("POST", "/v1/messages/bulk", bulk(40), 200)
	if a := w.Do(t, c.key, "POST", "/v1/messages/bulk", bulk(40)); a.StatusCode != 429 || a.Header.Get("Retry-After") == "" {
		t.Errorf("40 of the 20 that are left: %d: %s", a.StatusCode, a.Text)
	}
	c.do("POST", "/v1/messages/bulk", bulk(20), 200) // what was refused took nothing
}

func TestEstimate(t *testing.T) {
	t.Parallel()
	w := apitest.New(t, schematest.Postgres(t), "unlimited")
	c := newClient(t, w, w.Maya.Keys["all"])
	w.Receive(t, w.Maya.ID, "main", "+14155550000", "Hi")
	sms := func(body string) map[string]any {
		return data(c.do("POST", "/v1/messages/estimate", body, 200))["sms"].(map[string]any)
	}
	for text, want := range map[string]string{
		"Your table is ready.":    "[sms GSM-7 20 1]",
		strings.Repeat("a", 160):  "[sms GSM-7 160 1]",
		strings.Repeat("a", 161):  "[sms GSM-7 161 2]",
		strings.Repeat("€", 80):   "[sms GSM-7 160 1]",
		strings.Repeat("€", 81):   "[sms GSM-7 162 2]",
		"mañana a las 3":          "[sms GSM-7 14 1]",
		"¿Está lista?":            "[sms UCS-2 12 1]",
		strings.Repeat("😀", 35):   "[sms UCS-2 70 1]",
		strings.Repeat("😀", 36):   "[sms UCS-2 72 2]",
		strings.Repeat("á", 67*2): "[sms UCS-2 134 2]",
	} {
		s := sms(fmt.Sprintf(`{"text":%q,"channel":"sms"}`, text))
		if got := fmt.Sprint([]any{s["kind"], s["encoding"], s["units"], s["segments"]}); got != want {
			t.Errorf("%.20s: %s, want %s", text, got, want)
		}
	}
	if s := sms(`{"to":"+5016123456","channel":"sms","type":"image","text":"us","media":[{"url":"https://example.com/a.png"}]}`); s["kind"] != "mms" || s["segments"] != float64(1) {
		t.Errorf("a picture: %v", s)
	}
	for body, want := range map[string]string{
		`{"to":"+14155550000","text":"a","channel":"main"}`:                                                                            "true service false",
		`{"to":"+14155559999","text":"a","channel":"main"}`:                                                                            "false service false",
		`{"to":"+14155550000","type":"template","channel":"main","template":{"name":"n","language":"en","category":"utility"}}`:        "true utility false",
		`{"to":"+14155559999","type":"template","channel":"main","template":{"name":"n","language":"en","category":"utility"}}`:        "true utility true",
		`{"to":"+14155550000","type":"template","channel":"main","template":{"name":"n","language":"en","category":"marketing"}}`:      "true marketing true",
		`{"to":"+14155550000","type":"template","channel":"main","template":{"name":"n","language":"en","category":"authentication"}}`: "true authentication true",
	} {
		e := data(c.do("POST", "/v1/messages/estimate", body, 200))
		wa := e["whatsapp"].(map[string]any)
		if got := fmt.Sprint(e["allowed"], " ", wa["category"], " ", wa["charged"]); got != want {
			t.Errorf("%s: %s, want %s", body, got, want)
		}
	}
	if got := ids(c.do("GET", "/v1/messages?direction=outbound", "", 200)); len(got) != 0 {
		t.Errorf("estimates sent %d messages", len(got))
	}
}

func TestKnowledgeVersions(t *testing.T) {
	t.Parallel()
	w := apitest.New(t, schematest.Postgres(t), "unlimited")
	c, other := newClient(t, w, w.Maya.Keys["all"]), newClient(t, w, w.Globex.Keys["all"])
	body := `{"articles":[{"title":"Parking","content":"Free parking behind the building."},{"title":"Wi-Fi","content":"The network is Maya.","agent_id":"agt_none"},{"title":"Pets","content":"Dogs are welcome."}]}`
	results := list(c.do("POST", "/v1/knowledge/bulk", body, 200))
	if len(results) != 3 || text(results[0].(map[string]any), "status") != "created" || text(results[1].(map[string]any), "status") != "refused" || text(results[2].(map[string]any), "status") != "created" {
		t.Fatalf("pushed %v", results)
	}
	id := text(results[0].(map[string]any), "id")
	c.do("PUT", "/v1/knowledge/"+id, `{"title":"Parking","content":"Parking costs 3 dollars."}`, 200)
	versions := list(c.do("GET", "/v1/knowledge/"+id+"/versions", "", 200))
	if len(versions) != 2 || versions[0].(map[string]any)["version"] != float64(2) {
		t.Fatalf("versions %v", versions)
	}
	if v := data(c.do("GET", "/v1/knowledge/"+id+"/versions/1", "", 200)); text(v, "content") != "Free parking behind the building." {
		t.Errorf("version 1: %v", v)
	}
	back := data(c.do("POST", "/v1/knowledge/"+id+"/versions/1/restore", "", 200))
	if back["version"] != float64(3) || text(back, "content") != "Free parking behind the building." {
		t.Errorf("restored %v", back)
	}
	for _, path := range []string{"/versions", "/versions/1"} {
		other.do("GET", "/v1/knowledge/"+id+path, "", 404)
	}
	other.do("POST", "/v1/knowledge/"+id+"/versions/1/restore", "", 404)
	c.do("GET", "/v1/knowledge/"+id+"/versions/9", "", 404)
	c.do("GET", "/v1/knowledge/"+id+"/versions/x", "", 404)
	if e := c.do("POST", "/v1/knowledge/bulk", `{"articles":[{"title":"A"}]}`, 400); !strings.Contains(fmt.Sprint(e), "articles[0].content") {
		t.Errorf("an article without content: %v", e)
	}
	c.do("GET", "/v1/campaigns?status=running", "", 200)
}
