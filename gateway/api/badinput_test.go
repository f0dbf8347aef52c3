package api_test

import (
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/getkin/kin-openapi/openapi3"

	"frontdesk/deploy/schema/schematest"
	"frontdesk/gateway/api/apitest"
)

// TestNobodyNamesWhatIsNotTheirs sends every route that takes a body what its
// caller has no say in, beside a good request: it is refused by name, and
// nothing is done.
func TestNobodyNamesWhatIsNotTheirs(t *testing.T) {
	t.Parallel()
	l := newLab(t)
	own, key := l.furnish(l.Maya), l.Maya.Keys["all"]
	before, cells := l.digest(), 0
	for _, r := range l.native() {
		if r.Method == http.MethodGet || r.Method == http.MethodDelete {
			continue
		}
		op := l.operation(r)
		if op.RequestBody != nil && op.RequestBody.Value.Content["application/json"] == nil {
			continue // a form, of which only the file is read
		}
		known := bodySchema(op)
		for _, field := range []string{"tenant_id", "plan", "status", "id", "number", "created_at", "scopes", "mode", "test", "__proto__", "constructor", "Tenant_ID"} {
			if known != nil && known.Properties[field] != nil {
				continue
			}
			s := l.sample(r, key, own)
			body, _ := s.body.(map[string]any)
			if body == nil {
				body = map[string]any{}
			}
			body[field] = string(l.Globex.ID)
			s.body = body
			a := l.send(key, s)
			if cells++; a.StatusCode != http.StatusBadRequest || !strings.Contains(string(a.Text), fmt.Sprintf(`{"field":%q,"message":"unknown field"}`, field)) {
				t.Errorf("%s with %s: %d %s, want it refused by name", r.ID, field, a.StatusCode, a.Text)
			}
		}
	}
	l.unchanged(before, "naming what is not one's own")
	t.Logf("%d cells", cells)
}

// TestLimitsAndCursors asks every list for what no page can be.
func TestLimitsAndCursors(t *testing.T) {
	t.Parallel()
	l := newLab(t)
	key := l.Maya.Keys["all"]
	own := l.furnish(l.Maya)
	lists := 0
	for _, r := range l.native() {
		op := l.operation(r)
		for name, values := range map[string][]string{
			"limit":  {"0", "-1", "1000000000", "99999999999999999999", "1e3", "1.5", "x", "", " 5", "0x10", "٣", "5&limit=6"},
			"cursor": {"x", "", "=", "AAAA", strings.Repeat("A", 1024), strings.Repeat("A", 1025), "null", "../..", "%00", "a&cursor=b"},
			"since":  {"x", "2026-02-30T00:00:00Z", "2026-11-21", "1", "", "2026-11-21T09:30:00"},
		} {
			if op.Parameters.GetByInAndName(openapi3.ParameterInQuery, name) == nil || r.Method != http.MethodGet {
				continue
			}
			lists++
			for _, v := range values {
				path := l.sample(r, key, own).path + "?" + required(op) + name + "=" + strings.ReplaceAll(v, " ", "%20")
				a := l.Do(t, key, "GET", path, "")
				if a.StatusCode != http.StatusBadRequest || code(a.JSON(t)) != "invalid_cursor" && !strings.Contains(string(a.Text), `"field":"`+name) {
					t.Errorf("GET %s: %d %s, want 400 that names %s", path, a.StatusCode, a.Text, name)
				}
			}
		}
	}
	if lists < 15 {
		t.Errorf("only %d parameters were asked", lists)
	}
}

// required is what a query must have besides.
func required(op *openapi3.Operation) string {
	out := ""
	for _, p := range op.Parameters {
		if p.Value.In == "query" && p.Value.Required {
			out += fmt.Sprintf("%s=%v&", p.Value.Name, p.Value.Example)
		}
	}
	return strings.ReplaceAll(out, " ", "+")
}

// TestMethodsAreNotOverridden sends what some frameworks take for another
// method.
func TestMethodsAreNotOverridden(t *testing.T) {
	t.Parallel()
	l := newLab(t)
	own, key := l.furnish(l.Maya), l.Maya.Keys["all"]
	before := l.digest()
	for _, header := range []string{"X-HTTP-Method-Override", "X-HTTP-Method", "X-Method-Override"} {
		if a := l.Do(t, key, "GET", "/v1/services/"+own["svc_"], "", header, "DELETE"); a.StatusCode != 200 {
			t.Errorf("%s: %d %s", header, a.StatusCode, a.Text)
		}
	}
	if a := l.Do(t, key, "POST", "/v1/services/"+own["svc_"]+"?_method=DELETE", ""); a.StatusCode != 405 {
		t.Errorf("?_method: %d %s", a.StatusCode, a.Text)
	}
	for _, method := range []string{"HEAD", "OPTIONS", "TRACE", "PURGE", "PUT"} {
		if a := l.Send(t, key, method, "/v1/services/"+own["svc_"], ""); a.StatusCode != 405 || a.Header.Get("Allow") == "" {
			t.Errorf("%s: %d, Allow %q; want 405", method, a.StatusCode, a.Header.Get("Allow"))
		}
	}
	l.unchanged(before, "overriding methods")
}

// TestNoNULInRawJSON hides a NUL in what is kept as it came. Postgres stores such
// JSON, but fails when it looks into the row.
func TestNoNULInRawJSON(t *testing.T) {
	t.Parallel()
	w := apitest.New(t, schematest.Postgres(t), "unlimited")
	c := newClient(t, w, w.Maya.Keys["all"])
	send := `{"to":"+5016123456","type":"template","channel":"main","template":{"name":"a","language":"en","components":[{"type":"body","parameters":[{"type":"text","text":"%s"}]}]}}`
	for name, at := range map[string][3]string{
		"components of a message":  {"/v1/messages", fmt.Sprintf(send, `a\u0000b`), "template.components"},
		"components of a template": {"/v1/templates", `{"name":"x","language":"en","category":"utility","components":[{"type":"BODY","text":"\\\\\u0000"}]}`, "components"},
		"custom fields":            {"/v1/contacts", `{"phone":"+5016123456","fields":{"a":{"b\u0000":1}}}`, "fields"},
	} {
		if e := fmt.Sprint(c.do("POST", at[0], at[1], 400)); !strings.Contains(e, "field:"+at[2]+" message:holds a NUL character") {
			t.Errorf("%s: %s", name, e)
		}
	}
	c.do("POST", "/v1/messages", fmt.Sprintf(send, `a\\u0000b`), 201) // a backslash and digits
	day := time.Now().UTC().Format(time.DateOnly)
	c.do("GET", "/v1/usage?from="+day+"&to="+day, "", 200)
}
