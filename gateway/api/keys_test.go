package api_test

import (
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"frontdesk/deploy/schema/schematest"
	"frontdesk/gateway/api/apitest"
)

func TestKeysOfABusiness(t *testing.T) {
	t.Parallel()
	w := apitest.New(t, schematest.Postgres(t), "unlimited")
	c := newClient(t, w, w.Maya.Keys["all"])
	prefixes := map[string]string{
		"": "fd_live_", "frontdesk": "fd_live_", "aivo": "aivo_sk_", "kaivox": "kv1_", "convoai": "ck_live_", "avoca": "avoca_live_", "buildvoiceai": "bva_live_",
	}
	for dialect, prefix := range prefixes {
		body := `{"name":"of ` + dialect + `","scopes":["contacts:read","contacts:read"]}`
		if dialect != "" {
			body = `{"name":"of ` + dialect + `","scopes":["contacts:read"],"dialect":"` + dialect + `"}`
		}
		made := data(c.do("POST", "/v1/keys", body, 201))
		if !strings.HasPrefix(text(made, "key"), prefix) || !strings.HasPrefix(text(made, "key"), text(made, "start")) || len(made["scopes"].([]any)) != 1 || made["mode"] != "live" {
			t.Errorf("a key of %q: %v", dialect, made)
		}
		if a := w.Do(t, text(made, "key"), "GET", "/v1/contacts", ""); a.StatusCode != 200 {
			t.Errorf("a key of %q: %d", dialect, a.StatusCode)
		}
	}
	made := data(c.do("POST", "/v1/keys", `{"name":"crm","scopes":["contacts:read"],"mode":"test","plan":"free"}`, 201))
	id, secret := text(made, "id"), text(made, "key")
	if e := c.do("POST", "/v1/keys", `{"name":"crm","scopes":["contacts:read"]}`, 409); code(e) != "key_exists" {
		t.Errorf("the same name: %v", e)
	}
	for _, path := range []string{"/v1/keys", "/v1/keys/" + id} {
		if a := w.Do(t, c.key, "GET", path, ""); strings.Contains(string(a.Text), secret) || !strings.Contains(string(a.Text), text(made, "start")) {
			t.Errorf("%s: %s; the secret is told once", path, a.Text)
		}
	}
	if a := w.Do(t, secret, "GET", "/v1/contacts", ""); a.Header.Get("X-RateLimit-Limit") != "60" {
		t.Errorf("a key with a plan of its own: %v", a.Header)
	}
	changed := data(c.do("PATCH", "/v1/keys/"+id, `{"name":"crm 2","scopes":["staff:read"]}`, 200))
	if changed["name"] != "crm 2" || w.Do(t, secret, "GET", "/v1/contacts", "").StatusCode != 403 || w.Do(t, secret, "GET", "/v1/staff", "").StatusCode != 200 {
		t.Errorf("changed: %v", changed)
	}
	rotated := data(c.do("POST", "/v1/keys/"+id+"/rotate", `{"overlap_seconds":60}`, 200))
	fresh := text(rotated, "key")
	if fresh == secret || text(rotated, "previous_key_until") == "" || w.Do(t, secret, "GET", "/v1/me", "").StatusCode != 200 || w.Do(t, fresh, "GET", "/v1/me", "").StatusCode != 200 {
		t.Errorf("rotated: %v; want both taken", rotated)
	}
	c.do("POST", "/v1/keys/"+id+"/rotate", `{"overlap_seconds":604801}`, 400)
	c.do("DELETE", "/v1/keys/"+id, "", 204)
	c.do("DELETE", "/v1/keys/"+id, "", 204)
	for _, key := range []string{secret, fresh} {
		if a := w.Do(t, key, "GET", "/v1/me", ""); a.StatusCode != 401 || code(a.JSON(t)) != "unauthorized" {
			t.Errorf("revoked: %d %s", a.StatusCode, a.Text)
		}
	}
	if e := c.do("PATCH", "/v1/keys/"+id, `{"name":"x"}`, 409); code(e) != "key_revoked" {
		t.Errorf("change of a revoked key: %v", e)
	}
	c.do("POST", "/v1/keys", `{"name":"crm 2","scopes":["contacts:read"]}`, 201) // the name is free again
}

func TestKeysCheckTheirInput(t *testing.T) {
	t.Parallel()
	w := apitest.New(t, schematest.Postgres(t), "unlimited")
	c := newClient(t, w, w.Maya.Keys["all"])
	tests := map[string]string{
		"no name":              `{"scopes":["*"]}`,
		"no scopes":            `{"name":"x"}`,
		"empty scopes":         `{"name":"x","scopes":[]}`,
		"a scope there is not": `{"name":"x","scopes":["moon:read"]}`,
		"a mode there is not":  `{"name":"x","scopes":["*"],"mode":"dead"}`,
		"in the past":          `{"name":"x","scopes":["*"],"expires_at":"2020-01-01T00:00:00Z"}`,
		"tenant_id":            `{"name":"x","scopes":["*"],"tenant_id":"tnt_x"}`,
		"a hash":               `{"name":"x","scopes":["*"],"hash":"x"}`,
		"status":               `{"name":"x","scopes":["*"],"status":"active"}`,
	}
	for name, body := range tests {
		if a := w.Do(t, c.key, "POST", "/v1/keys", body); a.StatusCode != 400 {
			t.Errorf("%s: %d %s", name, a.StatusCode, a.Text)
		}
	}
	own := text(list(c.do("GET", "/v1/keys", "", 200))[0].(map[string]any), "id")
	other := newClient(t, w, w.Globex.Keys["all"])
	for _, at := range [][2]string{{"GET", ""}, {"PATCH", ""}, {"DELETE", ""}, {"POST", "/rotate"}} {
		other.do(at[0], "/v1/keys/"+own+at[1], map[string]string{"PATCH": `{"name":"mine"}`}[at[0]], 404)
	}
	if a := w.Do(t, c.key, "GET", "/v1/keys/"+own, ""); a.StatusCode != 200 || strings.Contains(string(a.Text), "revoked_at") {
		t.Errorf("another business touched a key: %s", a.Text)
	}
}

// TestNoKeyGrantsBeyondItself has a key that may little try to get at more.
func TestNoKeyGrantsBeyondItself(t *testing.T) {
	t.Parallel()
	w := apitest.New(t, schematest.Postgres(t), "enterprise")
	c := newClient(t, w, w.Maya.Keys["all"])
	until := time.Now().Add(time.Hour).UTC().Format(time.RFC3339)
	strong := text(data(c.do("POST", "/v1/keys", `{"name":"strong","scopes":["*"]}`, 201)), "id")
	weak := newClient(t, w, text(data(c.do("POST", "/v1/keys",
		`{"name":"weak","scopes":["keys:write","contacts:read"],"mode":"test","plan":"starter","expires_at":"`+until+`"}`, 201)), "key"))
	for name, at := range map[string][3]string{
		"all scopes":            {"POST", "/v1/keys", `{"name":"x","scopes":["*"]}`},
		"another scope":         {"POST", "/v1/keys", `{"name":"x","scopes":["messages:write"]}`},
		"live":                  {"POST", "/v1/keys", `{"name":"x","scopes":["contacts:read"],"mode":"live"}`},
		"a higher plan":         {"POST", "/v1/keys", `{"name":"x","scopes":["contacts:read"],"plan":"enterprise"}`},
		"larger limits":         {"POST", "/v1/keys", `{"name":"x","scopes":["contacts:read"],"dialect":"avoca"}`},
		"no limit of messages":  {"POST", "/v1/keys", `{"name":"x","scopes":["contacts:read"],"dialect":"aivo"}`},
		"a longer time":         {"POST", "/v1/keys", `{"name":"x","scopes":["contacts:read"],"expires_at":"2099-01-01T00:00:00Z"}`},
		"a stronger key":        {"POST", "/v1/keys/" + strong + "/rotate", ``},
		"a stronger one's name": {"PATCH", "/v1/keys/" + strong, `{"name":"x"}`},
		"its end":               {"DELETE", "/v1/keys/" + strong, ``},
	} {
		if a := w.Do(t, weak.key, at[0], at[1], at[2]); a.StatusCode != 403 || code(a.JSON(t)) != "beyond_own_key" {
			t.Errorf("%s: %d %s", name, a.StatusCode, a.Text)
		}
	}
	child := data(weak.do("POST", "/v1/keys", `{"name":"child","scopes":["contacts:read"]}`, 201))
	if child["mode"] != "test" || child["plan"] != "starter" || text(child, "expires_at") == "" {
		t.Errorf("a child has %v; want mode, plan and time of the key that made it", child)
	}
	weak.do("PATCH", "/v1/keys/"+text(child, "id"), `{"scopes":["contacts:read","keys:write"]}`, 200)
	if a := w.Do(t, weak.key, "PATCH", "/v1/keys/"+text(child, "id"), `{"scopes":["*"]}`); a.StatusCode != 403 {
		t.Errorf("a child made stronger: %d", a.StatusCode)
	}
}

// TestKeysMadeByAKeyShareItsLimits makes keys with the budget of one in mind
// again and again: the children's and grandchildren's is the maker's.
func TestKeysMadeByAKeyShareItsLimits(t *testing.T) {
	t.Parallel()
	w := apitest.New(t, schematest.Postgres(t), "starter")
	maker := newClient(t, w, w.Maya.Keys["all"])
	child := newClient(t, w, text(data(maker.do("POST", "/v1/keys", `{"name":"child","scopes":["*"]}`, 201)), "key"))
	grandchild := text(data(child.do("POST", "/v1/keys", `{"name":"grandchild","scopes":["*"]}`, 201)), "key")
	for i := range 60 { // a minute's
		if w.Do(t, w.Maya.Keys["all"], "GET", "/v1/me", "").StatusCode == 429 {
			break
		} else if i == 59 {
			t.Fatal("the maker has no limit")
		}
	}
	for name, key := range map[string]string{"child": child.key, "grandchild": grandchild} {
		if a := w.Do(t, key, "GET", "/v1/me", ""); a.StatusCode != 429 {
			t.Errorf("a %s answers %d, want 429: the maker's limit is spent", name, a.StatusCode)
		}
	}
}

func TestAnExpiredKeyIsToldSo(t *testing.T) {
	t.Parallel()
	w := apitest.New(t, schematest.Postgres(t), "unlimited")
	c := newClient(t, w, w.Maya.Keys["all"])
	soon := time.Now().Add(1200 * time.Millisecond).UTC()
	key := text(data(c.do("POST", "/v1/keys", fmt.Sprintf(`{"name":"short","scopes":["*"],"expires_at":%q}`, soon.Format(time.RFC3339Nano)), 201)), "key")
	for {
		a := w.Send(t, key, "GET", "/v1/me", "")
		if a.StatusCode == http.StatusUnauthorized {
			if code(a.JSON(t)) != "key_expired" || time.Now().Before(soon) || a.Header.Get("WWW-Authenticate") == "" {
				t.Errorf("%d %s %v", a.StatusCode, a.Text, a.Header)
			}
			return
		}
		if time.Now().After(soon.Add(time.Second)) {
			t.Fatal("an expired key is taken")
		}
	}
}

func TestBusiness(t *testing.T) {
	t.Parallel()
	w := apitest.New(t, schematest.Postgres(t), "unlimited")
	c := newClient(t, w, w.Maya.Keys["all"])
	b := data(c.do("GET", "/v1/business", "", 200))
	if b["slug"] != "casa-maya" || b["plan"] != "unlimited" || b["id"] != string(w.Maya.ID) {
		t.Errorf("business = %v", b)
	}
	b = data(c.do("PATCH", "/v1/business", `{"name":"Casa Maya","timezone":"Europe/Lisbon","languages":["pt"],"hours":{"monday":["08:00-12:00","13:00-17:00"],"sunday":[]},
		"closed":["2026-12-25"],"quiet_hours":"21:00-08:00","daily_budget":50,"phone":"+351211234567","email":"casa@maya.pt"}`, 200))
	again := data(c.do("GET", "/v1/business", "", 200))
	if b["timezone"] != "Europe/Lisbon" || b["daily_budget"] != 50.0 || fmt.Sprint(b["hours"]) != fmt.Sprint(again["hours"]) || b["quiet_hours"] != "21:00-08:00" || again["name"] != "Casa Maya" || b["slug"] != "casa-maya" {
		t.Errorf("changed = %v", b)
	}
	if me := data(c.do("GET", "/v1/me", "", 200)); me["business"].(map[string]any)["name"] != "Casa Maya" {
		t.Errorf("me = %v; the change is in force at once", me)
	}
	c.do("PATCH", "/v1/business", `{"quiet_hours":"","daily_budget":0,"closed":[]}`, 200)
	for field, body := range map[string]string{
		"tenant_id": `{"tenant_id":"tnt_x"}`, "plan": `{"plan":"unlimited"}`, "status": `{"status":"active"}`, "slug": `{"slug":"x"}`,
		"name": `{"name":""}`, "timezone": `{"timezone":"Mars/Olympus"}`, "languages[0]": `{"languages":["english"]}`, "closed[0]": `{"closed":["25.12.2026"]}`,
		"hours.monday[0]": `{"hours":{"monday":["17:00-08:00"]}}`, "hours.funday": `{"hours":{"funday":[]}}`, "quiet_hours": `{"quiet_hours":"late"}`,
		"phone": `{"phone":"123"}`, "email": `{"email":"nobody"}`, "daily_budget": `{"daily_budget":-1}`,
	} {
		e := w.Do(t, c.key, "PATCH", "/v1/business", body)
		if e.StatusCode != 400 || !strings.Contains(string(e.Text), `"`+field+`"`) {
			t.Errorf("%s: %d %s; want the field named", field, e.StatusCode, e.Text)
		}
	}
	if b := data(newClient(t, w, w.Globex.Keys["all"]).do("GET", "/v1/business", "", 200)); b["name"] != "globex Ltd" {
		t.Errorf("the other business = %v", b)
	}
}
