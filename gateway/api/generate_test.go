package api_test

import (
	"encoding/json"
	"fmt"
	"maps"
	"net/url"
	"os"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/getkin/kin-openapi/openapi3"
	"pgregory.net/rapid"

	"frontdesk/gateway/api/apitest"
)

// generatedEach says how many requests each check of TestGenerated makes; a
// hundred checks are made.
const generatedEach = "FRONTDESK_TEST_GENERATED"

// TestGenerated makes requests of the document: good ones, ones with a single
// fault, and hostile ones. None is answered 5xx, nor as the document does not
// have it, and what is taken is one of the document.
func TestGenerated(t *testing.T) {
	t.Parallel()
	each := 20
	if n, err := strconv.Atoi(os.Getenv(generatedEach)); err == nil {
		each = n
	}
	l := newLab(t)
	g := &generator{lab: l, foreign: l.furnish(l.Globex)}
	told, checks := map[int]int{}, 0
	rapid.Check(t, func(rt *rapid.T) {
		if checks%15 == 0 { // much of what was there is deleted by now
			g.begin(min(checks/15, 7))
		}
		checks++
		for range each {
			told[g.ask(rt)]++
		}
	})
	t.Logf("answers by status: %v", told)
	if told[200]+told[201] == 0 || told[400] == 0 || told[404] == 0 {
		t.Errorf("answers by status: %v; want some of each kind", told)
	}
}

// generator makes requests for a lab.
type generator struct {
	lab     *lab
	keys    []string
	asked   int
	own     things
	foreign things
	good    []sample
}

// begin goes on with another business and good requests among its things. It
// has many keys, so that no limit is in the way.
func (g *generator) begin(n int) {
	b := g.lab.Another(g.lab.t, n)
	g.own, g.good, g.keys = g.lab.furnish(b), nil, slices.Sorted(maps.Values(g.lab.Keys(g.lab.t, b, map[string][]string{"1": {"*"}, "2": {"*"}, "3": {"*"}})))
	for _, r := range g.lab.native() {
		g.good = append(g.good, g.lab.sample(r, g.keys[0], g.own))
	}
}

// ask sends one request, holds its answer against the document and returns its
// status.
func (g *generator) ask(rt *rapid.T) int {
	s := rapid.SampledFrom(g.good).Draw(rt, "route")
	op := g.lab.operation(s.route)
	s.query = maps.Clone(s.query)
	var headers []string
	switch rapid.IntRange(0, 5).Draw(rt, "how") {
	case 0: // as the example is
	case 1, 2:
		s = g.byDocument(rt, s, op)
	case 3, 4:
		s = g.withAFault(rt, s, op)
	default:
		s, headers = g.hostile(rt, s, op)
	}
	body := s.text()
	g.asked++
	a := g.lab.Send(g.lab.t, g.keys[g.asked%len(g.keys)], s.route.Method, s.target(), body, headers...)
	at := fmt.Sprintf("%s %s %q", s.route.Method, s.target(), body[:min(len(body), 1000)])
	if a.StatusCode >= 500 {
		g.lab.t.Errorf("%s: %d %s", at, a.StatusCode, a.Text) // it need not happen again
		rt.FailNow()
	}
	if err := g.lab.contract.Breach(a, body); err != nil {
		g.lab.t.Errorf("%s: %v", at, err)
		rt.FailNow()
	}
	if a.StatusCode >= 400 {
		plain(rt, at, a)
	}
	return a.StatusCode
}

// plain asks of an error that a person can tell from it what to do.
func plain(rt *rapid.T, at string, a apitest.Answer) {
	var v struct {
		Error struct {
			Code, Message string
			Details       []struct{ Field, Message string }
		}
	}
	if err := json.Unmarshal(a.Text, &v); err != nil || v.Error.Code == "" || v.Error.Message == "" {
		rt.Fatalf("%s: %d %s, want a code and a message", at, a.StatusCode, a.Text)
	}
	if v.Error.Code == "invalid_request" && len(v.Error.Details) == 0 {
		rt.Fatalf("%s: %d %s, want details", at, a.StatusCode, a.Text)
	}
	for _, d := range v.Error.Details {
		if d.Message == "" {
			rt.Fatalf("%s: %d %s, want each detail to say what is wrong", at, a.StatusCode, a.Text)
		}
	}
}

// rawBody is a body that is no JSON value of ours.
type rawBody string

func bodySchema(op *openapi3.Operation) *openapi3.Schema {
	if op.RequestBody == nil || op.RequestBody.Value.Content["application/json"] == nil {
		return nil // none, or a form
	}
	return op.RequestBody.Value.Content["application/json"].Schema.Value
}

// byDocument draws parameters and body from their schemas.
func (g *generator) byDocument(rt *rapid.T, s sample, op *openapi3.Operation) sample {
	for _, p := range op.Parameters {
		if p.Value.In != "query" || (!p.Value.Required && rapid.IntRange(0, 2).Draw(rt, "given") > 0) {
			continue
		}
		s.query.Set(p.Value.Name, fmt.Sprint(g.value(rt, p.Value.Schema.Value, p.Value.Name, 0)))
	}
	if schema := bodySchema(op); schema != nil {
		s.body = g.value(rt, schema, "", 0)
	}
	if rapid.IntRange(0, 3).Draw(rt, "ids") == 0 {
		s.path = g.otherIDs(rt, s)
	}
	return s
}

// otherIDs is s's path with other ids of any kind.
func (g *generator) otherIDs(rt *rapid.T, s sample) string {
	parts := strings.Split(s.path, "/")
	for i, p := range strings.Split(s.route.Path, "/") {
		if strings.HasPrefix(p, "{") && i < len(parts) {
			parts[i] = url.PathEscape(g.id(rt, ""))
			if parts[i] == "." || parts[i] == ".." || parts[i] == "" {
				parts[i] = "x"
			}
		}
	}
	return strings.Join(parts, "/")
}

// value draws a value that schema allows.
func (g *generator) value(rt *rapid.T, schema *openapi3.Schema, name string, depth int) any {
	if len(schema.Enum) > 0 {
		return rapid.SampledFrom(schema.Enum).Draw(rt, name)
	}
	switch {
	case len(schema.AnyOf) > 0:
		return g.value(rt, schema.AnyOf[0].Value, name, depth)
	case schema.Type.Includes("object") && len(schema.Properties) > 0:
		out := map[string]any{}
		for _, field := range slices.Sorted(maps.Keys(schema.Properties)) {
			if slices.Contains(schema.Required, field) || (depth < 3 && rapid.IntRange(0, 3).Draw(rt, "given") == 0) {
				out[field] = g.value(rt, schema.Properties[field].Value, field, depth+1)
			}
		}
		return out
	case schema.Type.Includes("object"):
		return map[string]any{rapid.SampledFrom([]string{"monday", "a", "name"}).Draw(rt, "key"): "b"}
	case schema.Type.Includes("array"):
		most := 3
		if schema.MaxItems != nil {
			most = min(most, int(*schema.MaxItems))
		}
		out := []any{}
		for range rapid.IntRange(0, most).Draw(rt, "entries") {
			out = append(out, g.value(rt, schema.Items.Value, name, depth+1))
		}
		return out
	case schema.Type.Includes("integer"), schema.Type.Includes("number"):
		low, high := -1000, 100000
		if schema.Min != nil {
			low = int(*schema.Min)
		}
		if schema.Max != nil {
			high = int(*schema.Max)
		}
		return rapid.OneOf(rapid.IntRange(low, high), rapid.SampledFrom([]int{low, high, low + (high-low)/2})).Draw(rt, name)
	case schema.Type.Includes("boolean"):
		return rapid.Bool().Draw(rt, name)
	case schema.Type.Includes("string"):
		return g.text(rt, schema, name)
	}
	return rapid.SampledFrom([]any{map[string]any{}, []any{}, "x", 1, true}).Draw(rt, name)
}

// odd are texts that have broken programs.
var odd = []string{
	"a", "Ana", "0", "-1", "null", "undefined", "true", "NaN", "1e400", "../../etc/passwd", "' OR 1=1 --", `"; DROP TABLE tenants; --`, "{{7*7}}", "${jndi:ldap://x}",
	"%s%s%n", "%00", "\u0001\u001f\u007f", "\u202eabc", "\u200b", "👩‍👩‍👧‍👦", "ﷺ", "Z̶̡̛͈a̷l̵g̶o̴", "\ufeffBOM", "İ", "ß", "<script>alert(1)</script>", "a\r\nX-Injected: 1",
	"+0", "+14155550000", "+1 (415) 555-2671", "2026-11-23T09:00", "2026-02-30T09:00:00Z", "9999-12-31T23:59:59Z", "0001-01-01T00:00:00Z", "24:00", "08:00-07:00",
	"America/Belize", "Mars/Olympus", "50.00 BZD", "-1.00 USD", "http://127.0.0.1/", "https://example.com/hooks", "https://user:pass@example.com/", "file:///etc/passwd",
	"https://example.com:99999/", "https://[::1]/", "en", "xx-invalid", "main", "sms", "msg_", "cnv_00000000000000000000000000",
}

func (g *generator) text(rt *rapid.T, schema *openapi3.Schema, name string) string {
	switch {
	case schema.Format == "date-time":
		at := time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC).Add(time.Duration(rapid.IntRange(-1000, 20000).Draw(rt, name)) * time.Hour)
		return rapid.SampledFrom([]string{at.Format(time.RFC3339), at.Format(time.RFC3339Nano), "0001-01-01T00:00:00Z", "9999-12-31T23:59:59Z"}).Draw(rt, name)
	case isReference(name) || name == "id":
		return g.id(rt, name)
	}
	s := rapid.OneOf(rapid.SampledFrom(odd), rapid.String()).Draw(rt, name)
	if schema.MaxLength != nil && len([]rune(s)) > int(*schema.MaxLength) {
		s = string([]rune(s)[:*schema.MaxLength])
	}
	if schema.MinLength > 0 && s == "" {
		return "a"
	}
	return s
}

func (g *generator) id(rt *rapid.T, name string) string {
	pool := slices.Concat(slices.Sorted(maps.Values(g.own)), slices.Sorted(maps.Values(g.foreign)), []string{"x", "msg_01KA2B3C4D5E6F7G8H9JKMNPQR", strings.Repeat("a", 64), "é", "a b", "'"})
	return rapid.SampledFrom(pool).Draw(rt, name)
}

// withAFault breaks one rule of a good request.
func (g *generator) withAFault(rt *rapid.T, s sample, op *openapi3.Operation) sample {
	schema := bodySchema(op)
	body, isObject := s.body.(map[string]any)
	if schema == nil || !isObject || len(schema.Properties) == 0 {
		s.query.Set(rapid.SampledFrom([]string{"limit", "cursor", "tenant_id", "since", "x"}).Draw(rt, "parameter"),
			rapid.SampledFrom([]string{"0", "-1", "1000000000", "99999999999999999999", "", "abc", "1.5", "\x00", "null"}).Draw(rt, "value"))
		return s
	}
	body = maps.Clone(body)
	field := rapid.SampledFrom(slices.Sorted(maps.Keys(schema.Properties))).Draw(rt, "field")
	rule := schema.Properties[field].Value
	switch rapid.IntRange(0, 6).Draw(rt, "fault") {
	case 0:
		delete(body, field)
	case 1:
		body[rapid.SampledFrom([]string{"tenant_id", "plan", "__proto__", "number", "created_at", "Name", ""}).Draw(rt, "unknown")] = "x"
	case 2:
		body[field] = rapid.SampledFrom([]any{nil, 1, -1, 1e300, "", "x", true, []any{}, []any{nil}, map[string]any{}, []any{map[string]any{"x": 1}}}).Draw(rt, "value")
	case 3:
		most := 100_000
		if rule.MaxLength != nil {
			most = int(*rule.MaxLength) + 1
		}
		body[field] = strings.Repeat("é", min(most, 20_000))
	case 4:
		body[field] = rapid.SampledFrom([]float64{-1, 0, 1e9, 1e18, 1e19, 1.5}).Draw(rt, "value")
	case 5:
		body[field] = rapid.SampledFrom(odd).Draw(rt, "value")
	default:
		body[field] = []any{slices.Repeat([]any{"x"}, 200), g.id(rt, field)}[rapid.IntRange(0, 1).Draw(rt, "value")]
	}
	s.body = body
	return s
}

// hostile sends what no client would.
func (g *generator) hostile(rt *rapid.T, s sample, op *openapi3.Operation) (sample, []string) {
	bodies := []rawBody{
		"{", "[]", "null", "1", `"x"`, "{}{}", "{} x", "\ufeff{}", "{\"a\":NaN}", "{\"a\":1e400}", `{"a":1,"a":2}`, "{\"a\":\"\xff\"}", `{"a":"\ud800"}`, `{"a":"\u0000"}`,
		rawBody(strings.Repeat("[", 5000)), rawBody(strings.Repeat(`{"a":`, 2000) + "1" + strings.Repeat("}", 2000)), rawBody(strings.Repeat(" ", 70_000)), "\x1f\x8b\x08\x00\x00\x00\x00\x00", "a=b&c=d", "<x/>",
	}
	types := []string{"application/json", "text/plain", "application/x-www-form-urlencoded", "multipart/form-data; boundary=x", "application/json; charset=utf-16", "application/json; charset=utf-8", "json", ";", "application/vnd.api+json"}
	var headers []string
	if s.route.Method != "GET" && s.route.Method != "DELETE" {
		s.body = rapid.SampledFrom(bodies).Draw(rt, "body")
		headers = []string{"Content-Type", rapid.SampledFrom(types).Draw(rt, "type")}
	}
	switch rapid.IntRange(0, 5).Draw(rt, "besides") {
	case 0:
		headers = append(headers, "Idempotency-Key", rapid.SampledFrom([]string{"", " ", "k", strings.Repeat("k", 256), "é", "a b"}).Draw(rt, "key"))
	case 1:
		headers = append(headers, "Content-Encoding", rapid.SampledFrom([]string{"gzip", "br", "identity", "x"}).Draw(rt, "coding"))
	case 2:
		headers = append(headers, "X-HTTP-Method-Override", "DELETE", "Accept", "text/xml", "Expect", "")
	case 3:
		s.path = g.otherIDs(rt, s)
	case 4:
		for _, p := range op.Parameters {
			if p.Value.In == "query" {
				s.query.Set(p.Value.Name, rapid.SampledFrom(odd).Draw(rt, p.Value.Name))
			}
		}
	}
	return s, headers
}
