package api_test

import (
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"frontdesk/deploy/examples"
	"frontdesk/deploy/schema/schematest"
	"frontdesk/gateway/api/apitest"
	"frontdesk/ingest"
)

// client is a caller with a key.
type client struct {
	t   testing.TB
	w   *apitest.World
	key string
}

func newClient(t testing.TB, w *apitest.World, key string) client { return client{t, w, key} }

// do sends a request and expects a status; it returns data, or error.
func (c client) do(method, path, body string, status int, headers ...string) map[string]any {
	c.t.Helper()
	a := c.w.Do(c.t, c.key, method, path, body, headers...)
	if a.StatusCode != status {
		c.t.Fatalf("%s %s: %d %s, want %d", method, path, a.StatusCode, a.Text, status)
	}
	if len(a.Text) == 0 {
		return nil
	}
	return a.JSON(c.t)
}

func data(v map[string]any) map[string]any { d, _ := v["data"].(map[string]any); return d }

func list(v map[string]any) []any { l, _ := v["data"].([]any); return l }

func code(v map[string]any) string {
	e, _ := v["error"].(map[string]any)
	s, _ := e["code"].(string)
	return s
}

func text(v map[string]any, field string) string { s, _ := v[field].(string); return s }

func TestResources(t *testing.T) {
	t.Parallel()
	w := apitest.New(t, schematest.Postgres(t), "unlimited")
	c := newClient(t, w, w.Maya.Keys["all"])

	me := data(c.do("GET", "/v1/me", "", 200))
	if text(me["business"].(map[string]any), "slug") != "casa-maya" {
		t.Errorf("me = %v", me)
	}
	c.do("GET", "/v1/me/", "", 200)

	agents := list(c.do("GET", "/v1/agents", "", 200))
	if len(agents) != 2 {
		t.Fatalf("agents = %v", agents)
	}
	agent := text(agents[0].(map[string]any), "id")
	c.do("GET", "/v1/agents/"+agent, "", 200)
	made := data(c.do("POST", "/v1/agents", `{"name":"Night","channels":["sms"],"debounce_ms":0,"handoff":{"after_failures":3,"words":["help"]}}`, 201))
	if e := c.do("POST", "/v1/agents", `{"name":"Night"}`, 409); code(e) != "agent_exists" {
		t.Errorf("a second agent of the name: %v", e)
	}
	patched := data(c.do("PATCH", "/v1/agents/"+text(made, "id"), `{"status":"paused"}`, 200))
	if text(patched, "status") != "paused" || len(patched["channels"].([]any)) != 1 {
		t.Errorf("patched = %v, want it paused and else as it was", patched)
	}

	article := data(c.do("POST", "/v1/knowledge", `{"title":"Parking","content":"Free parking behind the building.","type":"faq"}`, 201))
	c.do("POST", "/v1/knowledge", `{"title":"Parking","content":"Parking costs 2 dollars."}`, 200)
	c.do("GET", "/v1/knowledge/"+text(article, "id"), "", 200)
	c.do("PUT", "/v1/knowledge/"+text(article, "id"), `{"title":"Parking","content":"Parking costs 3 dollars."}`, 200)
	if hits := list(c.do("GET", "/v1/knowledge/search?q=where+about+parking", "", 200)); len(hits) != 1 {
		t.Errorf("hits = %v", hits)
	}
	if got := list(c.do("GET", "/v1/knowledge?agent_id="+agent, "", 200)); len(got) != 1 {
		t.Errorf("articles = %v", got)
	}
	c.do("DELETE", "/v1/knowledge/"+text(article, "id"), "", 204)
	c.do("GET", "/v1/knowledge/"+text(article, "id"), "", 404)

	sent := data(c.do("POST", "/v1/messages", `{"to":"+1 (415) 555-9876","text":"Hello","channel":"sms"}`, 201))
	if text(sent, "to") != "+14155559876" || text(sent, "status") != "queued" || sent["test"] != true {
		t.Errorf("sent = %v", sent)
	}
	c.do("GET", "/v1/messages/"+text(sent, "id"), "", 200)
	thread := text(sent, "conversation_id")
	c.do("POST", "/v1/messages", fmt.Sprintf(`{"conversation_id":%q,"text":"Again"}`, thread), 201)
	c.do("POST", "/v1/messages", fmt.Sprintf(`{"contact_id":%q,"text":"And again"}`, text(sent, "contact_id")), 201)
	if got := list(c.do("GET", "/v1/messages?direction=outbound&status=queued&since=2026-01-01T00:00:00Z", "", 200)); len(got) != 3 {
		t.Errorf("%d messages, want 3", len(got))
	}
	if got := list(c.do("GET", "/v1/conversations/"+thread+"/messages", "", 200)); len(got) != 3 {
		t.Errorf("%d messages in the conversation, want 3", len(got))
	}
	c.do("GET", "/v1/conversations/"+thread+"/turns", "", 200)
	if got := data(c.do("POST", "/v1/conversations/"+thread+"/handoff", `{"reason":"refund"}`, 200)); text(got, "owner") != "person" {
		t.Errorf("handed off = %v", got)
	}
	if got := data(c.do("POST", "/v1/conversations/"+thread+"/resume", "", 200)); text(got, "owner") != "bot" {
		t.Errorf("resumed = %v", got)
	}
	if got := data(c.do("POST", "/v1/conversations/"+thread+"/close", "{}", 200)); text(got, "state") != "closed" {
		t.Errorf("closed = %v", got)
	}
	if e := c.do("POST", "/v1/messages", fmt.Sprintf(`{"conversation_id":%q,"text":"Too late"}`, thread), 409); code(e) != "conversation_closed" {
		t.Errorf("into a closed conversation: %v", e)
	}
	c.do("GET", "/v1/conversations?state=closed&owner=bot", "", 200)
	c.do("GET", "/v1/conversations/"+thread, "", 200)
	if got := list(c.do("GET", "/v1/contacts?query=4155559876", "", 200)); len(got) != 1 {
		t.Errorf("%d contacts, want 1", len(got))
	}
	c.do("GET", "/v1/contacts/"+text(sent, "contact_id"), "", 200)
	c.do("POST", "/v1/analytics/query", `{"metrics":["messages"],"interval":"day"}`, 200)
	if e := c.do("POST", "/v1/analytics/query", `{"metrics":["sales"]}`, 400); !strings.Contains(fmt.Sprint(e), "allowed: messages") {
		t.Errorf("an unknown metric: %v", e)
	}
}

func TestSendChecksItsInput(t *testing.T) {
	t.Parallel()
	w := apitest.New(t, schematest.Postgres(t), "unlimited")
	c := newClient(t, w, w.Maya.Keys["all"])
	received := w.Receive(t, w.Maya.ID, "main", "+14155550000", "Hi")
	for name, tt := range map[string]struct {
		body   string
		status int
		want   string
	}{
		"nobody to send to":          {`{"text":"a"}`, 400, "give to, contact_id or conversation_id"},
		"two to send to":             {`{"to":"+14155559876","contact_id":"con_1","text":"a"}`, 400, "give only one"},
		"no text":                    {`{"to":"+14155559876"}`, 400, `text:is missing`},
		"no phone":                   {`{"to":"+0","text":"a"}`, 400, "phone number in international form"},
		"sixteen digits":             {`{"to":"+1234567890123456","text":"a"}`, 400, "phone number in international form"},
		"letters":                    {`{"to":"FRONTDESK","text":"a"}`, 400, "phone number in international form"},
		"an unknown channel":         {`{"to":"+14155559876","text":"a","channel":"fax"}`, 400, "it has main, real, sms"},
		"an unknown type":            {`{"to":"+14155559876","type":"fax"}`, 400, "one of text, image"},
		"a NUL":                      {`{"to":"+14155559876","text":"a\u0000b"}`, 400, "NUL"},
		"an unknown field":           {`{"to":"+14155559876","text":"a","status":"sent"}`, 400, "status:unknown field"},
		"another's tenant":           {`{"to":"+14155559876","text":"a","tenant_id":"tnt_1"}`, 400, "tenant_id:unknown field"},
		"buttons over SMS":           {`{"to":"+14155559876","text":"a","type":"interactive","channel":"sms","interactive":{"buttons":[{"id":"1","title":"A"}]}}`, 400, "cannot carry"},
		"four buttons":               {`{"to":"+14155559876","text":"a","type":"interactive","interactive":{"buttons":[{"id":"1","title":"A"},{"id":"2","title":"A"},{"id":"3","title":"A"},{"id":"4","title":"A"}]}}`, 400, "more than 3"},
		"two buttons of an id":       {`{"to":"+14155559876","text":"a","type":"interactive","interactive":{"buttons":[{"id":"1","title":"A"},{"id":"1","title":"B"}]}}`, 400, "the same id"},
		"a button without title":     {`{"to":"+14155559876","text":"a","type":"interactive","interactive":{"buttons":[{"id":"1"}]}}`, 400, "interactive.buttons[0].title:is missing"},
		"a template without name":    {`{"to":"+14155559876","type":"template","template":{"language":"en"}}`, 400, "template.name:is missing"},
		"an image without file":      {`{"to":"+14155559876","type":"image"}`, 400, "media:"},
		"a place off the map":        {`{"to":"+14155559876","type":"location","location":{"latitude":91,"longitude":0}}`, 400, "location.latitude"},
		"a reply to nothing":         {`{"to":"+14155550000","text":"a","channel":"main","reply_to":"msg_1"}`, 404, "not_found"},
		"a long SMS":                 {`{"to":"+14155559876","text":"` + strings.Repeat("a", 1601) + `","channel":"sms"}`, 400, "1600"},
		"a text too long":            {`{"to":"+14155559876","text":"` + strings.Repeat("a", 4097) + `"}`, 400, "4096"},
		"outside of the 24 hours":    {`{"to":"+14155559876","text":"a","channel":"main"}`, 422, "window_closed"},
		"within the 24 hours":        {`{"to":"+14155550000","text":"a","channel":"main"}`, 201, "queued"},
		"a template outside of them": {`{"to":"+14155559877","type":"template","channel":"main","template":{"name":"hello","language":"en_US"}}`, 201, "queued"},
		"on any channel":             {`{"to":"+14155559878","text":"a"}`, 201, "queued"},
		"a quote":                    {`{"to":"+14155550000","text":"a","channel":"main","reply_to":"` + string(received) + `"}`, 201, "queued"},
		"a reaction":                 {`{"to":"+14155550000","type":"reaction","channel":"main","reaction":{"message_id":"` + string(received) + `","emoji":"👍"}}`, 201, "queued"},
		"a list":                     {`{"to":"+14155550000","type":"interactive","text":"Which?","channel":"main","interactive":{"list_title":"Choose","sections":[{"title":"S","rows":[{"id":"1","title":"A","description":"d"}]}]}}`, 201, "queued"},
		"a national number":          {`{"to":"227-9446","text":"a","channel":"sms"}`, 201, "+5012279446"},
		"a picture":                  {`{"to":"+14155550000","type":"image","channel":"main","text":"us","media":[{"url":"https://example.com/a.png"}]}`, 201, "a.png"},
	} {
		v := c.do("POST", "/v1/messages", tt.body, tt.status)
		shown := strings.NewReplacer("map[field:", "", " message:", ":").Replace(fmt.Sprint(v))
		if !strings.Contains(shown, tt.want) {
			t.Errorf("%s: %v, want %s", name, shown, tt.want)
		}
	}
}

func TestKeys(t *testing.T) {
	t.Parallel()
	w := apitest.New(t, schematest.Postgres(t), "unlimited")
	key := w.Maya.Keys["all"]
	cut := key[:len(key)-1]
	other := "A"
	if strings.HasSuffix(key, other) {
		other = "B"
	}
	tests := []struct {
		name, key, path string
		headers         []string
		status          int
	}{
		{"bearer", key, "/v1/me", nil, 200},
		{"lower-case scheme", "", "/v1/me", []string{"Authorization", "bearer " + key}, 200},
		{"header", "", "/v1/me", []string{"X-API-Key", key}, 200},
		{"query", "", "/v1/me?api_key=" + key, nil, 200},
		{"own workspace", key, "/v1/me", []string{"X-Workspace-ID", string(w.Maya.ID)}, 200},
		{"own workspace by slug", key, "/v1/me", []string{"X-Workspace-ID", "casa-maya"}, 200},
		{"another workspace", key, "/v1/me", []string{"X-Workspace-ID", string(w.Globex.ID)}, 403},
		{"none", "", "/v1/me", nil, 401},
		{"cut short", cut, "/v1/me", nil, 401},
		{"changed", cut + other, "/v1/me", nil, 401},
		{"very long", strings.Repeat("a", 5000), "/v1/me", nil, 401},
		{"the document's example", "ck_live_xxxxxxxxxxxxxxxxxxxxxxxxxxxx", "/v1/me", nil, 401},
		{"the document", "", "/v1/openapi.json", nil, 200},
	}
	for _, tt := range tests {
		a := w.Do(t, tt.key, "GET", tt.path, "", tt.headers...)
		if a.StatusCode != tt.status {
			t.Errorf("%s: %d %s, want %d", tt.name, a.StatusCode, a.Text, tt.status)
		}
	}
}

func TestCursors(t *testing.T) {
	t.Parallel()
	w := apitest.New(t, schematest.Postgres(t), "unlimited")
	maya, globex := newClient(t, w, w.Maya.Keys["all"]), newClient(t, w, w.Globex.Keys["all"])
	for i := range 5 {
		body := fmt.Sprintf(`{"to":"+1415555100%d","text":"a","channel":"sms"}`, i)
		maya.do("POST", "/v1/messages", body, 201)
		globex.do("POST", "/v1/messages", body, 201)
	}
	seen, cursor := map[string]bool{}, ""
	for pages := 0; ; pages++ {
		v := maya.do("GET", "/v1/messages?limit=2"+cursor, "", 200)
		for _, m := range list(v) {
			seen[text(m.(map[string]any), "id")] = true
		}
		m, _ := v["meta"].(map[string]any)
		if m["has_more"] != true {
			if pages != 2 || m["cursor"] != nil {
				t.Errorf("the last page is number %d, its cursor %v", pages, m["cursor"])
			}
			break
		}
		cursor = "&cursor=" + text(m, "cursor")
	}
	if len(seen) != 5 {
		t.Errorf("the pages have %d messages, want 5", len(seen))
	}
	first, _ := maya.do("GET", "/v1/messages?limit=2", "", 200)["meta"].(map[string]any)
	good := text(first, "cursor")
	forged := []byte(good)
	forged[len(forged)/2] ^= 1
	for name, tt := range map[string]struct {
		c    client
		path string
	}{
		"another tenant's": {globex, "/v1/messages?cursor=" + good},
		"another list's":   {maya, "/v1/contacts?cursor=" + good},
		"forged":           {maya, "/v1/messages?cursor=" + string(forged)},
		"cut":              {maya, "/v1/messages?cursor=" + good[:10]},
		"raw":              {maya, "/v1/messages?cursor=msg_01KA2B3C4D5E6F7G8H9JKMNPQR"},
	} {
		if e := tt.c.do("GET", tt.path, "", 400); code(e) != "invalid_cursor" {
			t.Errorf("%s: %v", name, e)
		}
	}
	for _, limit := range []string{"0", "-1", "101", "1000000000", "99999999999999999999", "x", "", "1.5"} {
		maya.do("GET", "/v1/messages?limit="+limit, "", 400)
	}
	maya.do("GET", "/v1/messages?limit=1&limit=2", "", 400)
	maya.do("GET", "/v1/messages?tenant_id="+string(w.Globex.ID), "", 400)
}

func TestIdempotentSend(t *testing.T) {
	t.Parallel()
	w := apitest.New(t, schematest.Postgres(t), "unlimited")
	c, other := newClient(t, w, w.Maya.Keys["all"]), newClient(t, w, w.Globex.Keys["all"])
	const body = `{"to":"+14155559876","text":"once","channel":"sms"}`
	first := c.do("POST", "/v1/messages", body, 201, "Idempotency-Key", "k")
	again := w.Do(t, c.key, "POST", "/v1/messages", body, "Idempotency-Key", "k")
	if again.StatusCode != 201 || again.Header.Get("Idempotency-Replayed") != "true" || fmt.Sprint(again.JSON(t)) != fmt.Sprint(first) {
		t.Errorf("again: %d %s, want the first answer %v", again.StatusCode, again.Text, first)
	}
	if e := c.do("POST", "/v1/messages", strings.Replace(body, "once", "twice", 1), 409, "Idempotency-Key", "k"); code(e) != "idempotency_key_reused" {
		t.Errorf("another body: %v", e)
	}
	if theirs := other.do("POST", "/v1/messages", body, 201, "Idempotency-Key", "k"); text(data(theirs), "id") == text(data(first), "id") {
		t.Error("another tenant got this one's answer")
	}
	c.do("POST", "/v1/messages", `{"to":"nobody","text":"a"}`, 400, "Idempotency-Key", "n")
	c.do("POST", "/v1/messages", body, 201, "Idempotency-Key", "n") // a refused request leaves the key free
	if got := list(c.do("GET", "/v1/messages", "", 200)); len(got) != 2 {
		t.Errorf("%d messages, want 2", len(got))
	}

	var wg sync.WaitGroup
	var mu sync.Mutex
	got := map[int]int{}
	for range 16 {
		wg.Go(func() {
			a := w.Do(t, c.key, "POST", "/v1/messages", body, "Idempotency-Key", "many")
			mu.Lock()
			defer mu.Unlock()
			got[a.StatusCode]++
		})
	}
	wg.Wait()
	if got[201]+got[409] != 16 || got[201] < 1 || len(list(c.do("GET", "/v1/messages", "", 200))) != 3 {
		t.Errorf("sixteen at once: %v, want one message", got)
	}
}

func TestLimits(t *testing.T) {
	t.Parallel()
	w := apitest.New(t, schematest.Postgres(t), "free")
	key := w.Maya.Keys["ck"] // 30 requests a minute
	for i := range 30 {
		a := w.Do(t, key, "GET", "/v1/me", "")
		if a.StatusCode != 200 || a.Header.Get("X-RateLimit-Limit") != "30" || a.Header.Get("X-RateLimit-Remaining") == "" || a.Header.Get("X-RateLimit-Reset") == "" {
			t.Fatalf("request %d: %d %v", i, a.StatusCode, a.Header)
		}
	}
	a := w.Do(t, key, "GET", "/v1/me", "")
	if a.StatusCode != 429 || a.Header.Get("Retry-After") == "" || a.Header.Get("X-RateLimit-Remaining") != "0" || code(a.JSON(t)) != "rate_limited" {
		t.Errorf("the 31st: %d %v %s", a.StatusCode, a.Header, a.Text)
	}
	if a := w.Do(t, w.Globex.Keys["ck"], "GET", "/v1/me", ""); a.StatusCode != 200 {
		t.Errorf("another key: %d", a.StatusCode)
	}
	if a := w.Do(t, w.Maya.Keys["ck_test"], "GET", "/v1/me", ""); a.StatusCode != 200 {
		t.Errorf("another key of the tenant: %d", a.StatusCode)
	}
	writer := w.Maya.Keys["all"] // 20 knowledge writes a day, 60 requests a minute
	for i := range 20 {
		if a := w.Do(t, writer, "POST", "/v1/knowledge", fmt.Sprintf(`{"title":"T%d","content":"c"}`, i)); a.StatusCode != 201 {
			t.Fatalf("write %d: %d %s", i, a.StatusCode, a.Text)
		}
	}
	if a := w.Do(t, writer, "POST", "/v1/knowledge", `{"title":"","content":"c"}`); a.StatusCode != 400 {
		t.Errorf("a wrong one: %d %s, want it told so", a.StatusCode, a.Text)
	}
	if a := w.Do(t, writer, "POST", "/v1/knowledge", `{"title":"T","content":"c"}`); a.StatusCode != 429 || !strings.Contains(string(a.Text), "20 knowledge writes per day") {
		t.Errorf("the 21st: %d %s", a.StatusCode, a.Text)
	}
}

func TestTestKeysStayInTheSandbox(t *testing.T) {
	t.Parallel()
	w := apitest.New(t, schematest.Postgres(t), "unlimited")
	live, test := newClient(t, w, w.Maya.Keys["all"]), newClient(t, w, w.Maya.Keys["test"])
	const body = `{"to":"+14155559876","text":"a","channel":"real"}`
	real, sandboxed := data(live.do("POST", "/v1/messages", body, 201)), data(test.do("POST", "/v1/messages", body, 201))
	if real["test"] != false || sandboxed["test"] != true {
		t.Errorf("test = %v and %v, want false and true", real["test"], sandboxed["test"])
	}
	if real["conversation_id"] == sandboxed["conversation_id"] {
		t.Error("a conversation is both live and test")
	}
	into := fmt.Sprintf(`{"conversation_id":%q,"text":"a"}`, text(real, "conversation_id"))
	if e := test.do("POST", "/v1/messages", into, 409); code(e) != "live_conversation" {
		t.Errorf("a test key in a live conversation: %v", e)
	}
	into = fmt.Sprintf(`{"conversation_id":%q,"text":"a"}`, text(sandboxed, "conversation_id"))
	if m := data(live.do("POST", "/v1/messages", into, 201)); m["test"] != true {
		t.Error("a live key's message in a test conversation is live")
	}
}

func TestAdminApply(t *testing.T) {
	t.Parallel()
	w := apitest.New(t, schematest.Postgres(t), "unlimited")
	const file = "business: {slug: third, name: Third}\nkeys: [{name: k, scopes: [\"*\"]}]\n"
	if a := w.Do(t, "wrong", "PUT", "/admin/v1/apply", file); a.StatusCode != 401 {
		t.Errorf("with a wrong token: %d", a.StatusCode)
	}
	a := w.Do(t, apitest.AdminToken, "PUT", "/admin/v1/apply", "business: {slug: third, name: Third, colour: red}\nkeyz: []\n")
	if a.StatusCode != 400 || !strings.Contains(string(a.Text), `{"field":"keyz","message":"unknown field; known are`) || !strings.Contains(string(a.Text), `"line":2`) || !strings.Contains(string(a.Text), "business.colour") {
		t.Errorf("a wrong file: %d %s", a.StatusCode, a.Text)
	}
	a = w.Do(t, apitest.AdminToken, "PUT", "/admin/v1/apply?dry_run=true", file)
	if d := data(a.JSON(t)); a.StatusCode != 200 || len(d["created"].([]any)) != 2 || len(d["keys"].([]any)) != 0 {
		t.Errorf("a dry run: %d %s", a.StatusCode, a.Text)
	}
	a = w.Do(t, apitest.AdminToken, "PUT", "/admin/v1/apply", file)
	keys, _ := data(a.JSON(t))["keys"].([]any)
	if a.StatusCode != 200 || len(keys) != 1 {
		t.Fatalf("applied: %d %s", a.StatusCode, a.Text)
	}
	if a := w.Do(t, text(keys[0].(map[string]any), "key"), "GET", "/v1/me", ""); a.StatusCode != 200 {
		t.Errorf("the new key: %d %s", a.StatusCode, a.Text)
	}
	if a := w.Do(t, w.Maya.Keys["all"], "PUT", "/admin/v1/apply", file); a.StatusCode != 401 {
		t.Errorf("with an API key: %d", a.StatusCode)
	}
}

// TestTheDemo applies the demo business twice: the second time nothing changes.
func TestTheDemo(t *testing.T) {
	t.Parallel()
	w := apitest.New(t, schematest.Postgres(t), "unlimited")
	demo := strings.Replace(string(examples.CasaMaya), "slug: casa-maya", "slug: demo", 1) // the world has one of that name
	for _, n := range []string{"+15555550100", "+15555550101"} {
		demo = strings.ReplaceAll(demo, n, "+1555555020"+n[len(n)-1:])
	}
	first := data(w.Do(t, apitest.AdminToken, "PUT", "/admin/v1/apply", demo).JSON(t))
	created, _ := first["created"].([]any)
	if len(created) < 40 {
		t.Fatalf("first: %v", first)
	}
	dry := data(w.Do(t, apitest.AdminToken, "PUT", "/admin/v1/apply?dry_run=true&prune=true", demo).JSON(t))
	again := data(w.Do(t, apitest.AdminToken, "PUT", "/admin/v1/apply?prune=true", demo).JSON(t))
	for name, v := range map[string]map[string]any{"a dry run": dry, "again": again} {
		if same, _ := v["unchanged"].([]any); len(same) != len(created) || len(v["removed"].([]any)) != 0 {
			t.Errorf("%s: %d unchanged of %d, created %v, changed %v, removed %v", name, len(same), len(created), v["created"], v["changed"], v["removed"])
		}
	}
}

// makeThings makes one of each kind for b and returns their ids.
func makeThings(t testing.TB, w *apitest.World, b apitest.Business) map[string]string {
	t.Helper()
	do := func(method, path, body string) map[string]any {
		a := w.Do(t, b.Keys["all"], method, path, body)
		if a.StatusCode >= 300 {
			t.Fatalf("%s %s: %d %s", method, path, a.StatusCode, a.Text)
		}
		return a.JSON(t)
	}
	received := w.Receive(t, b.ID, "main", "+14155557777", "Hi")
	m := data(do("GET", "/v1/messages/"+string(received), ""))
	channels, err := w.Directory.Channels(t.Context(), b.ID)
	if err != nil {
		t.Fatal(err)
	}
	n := ingest.NewID("", time.Now())
	id := func(path, body string) string { return text(data(do("POST", path, fmt.Sprintf(body, n))), "id") }
	staff := id("/v1/staff", `{"name":"globex Ana %s","hours":{"monday":["08:00-17:00"],"tuesday":["08:00-17:00"]}}`)
	resource := id("/v1/resources", `{"name":"globex room %s","kind":"room"}`)
	service := id("/v1/services", `{"name":"globex Cleaning %s","duration_minutes":30,"staff_ids":["`+staff+`"]}`)
	slot := list(do("GET", "/v1/slots?service_id="+service+"&limit=1", ""))[0].(map[string]any)
	appointment := id("/v1/appointments", `{"service_id":"`+service+`","start":"`+text(slot, "start")+`","contact_id":"`+text(m, "contact_id")+`","note":"%s"}`)
	return map[string]string{
		"message": string(received), "conversation": text(m, "conversation_id"), "contact": text(m, "contact_id"),
		"agent":   text(list(do("GET", "/v1/agents", ""))[0].(map[string]any), "id"),
		"article": text(data(do("POST", "/v1/knowledge", `{"title":"Secret of globex","content":"c"}`)), "id"),
		"channel": string(channels[0].ID),
		"service": service, "staff": staff, "resource": resource, "appointment": appointment,
	}
}
