package api_test

import (
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/getkin/kin-openapi/openapi3"
	"github.com/jackc/pgx/v5"

	"frontdesk/deploy/schema"
	"frontdesk/deploy/schema/schematest"
	"frontdesk/gateway/api"
	"frontdesk/gateway/api/apitest"
)

// lab is a world with a connection that sees all of its database, and a good
// request for each route: the example of the document, with ids of things that
// are there.
type lab struct {
	*apitest.World
	t        testing.TB
	conn     *pgx.Conn
	url      string
	contract *apitest.Contract
	examples map[string]api.Example
	tables   []string
	made     int
}

func newLab(t testing.TB) *lab {
	t.Helper()
	return newLabKeeping(t, func(a apitest.Answers) apitest.Answers { return a })
}

func newLabKeeping(t testing.TB, keeping func(apitest.Answers) apitest.Answers) *lab {
	t.Helper()
	url := schematest.PostgresURL(t)
	db, shut, err := schema.OpenPostgres(t.Context(), schema.Config{URL: url, MaxConns: 8, MaxSystemConns: 4})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(shut)
	conn, err := pgx.Connect(t.Context(), url)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = conn.Close(t.Context()) })
	examples, err := api.Examples()
	if err != nil {
		t.Fatal(err)
	}
	return &lab{World: apitest.NewKeeping(t, db, "unlimited", keeping), t: t, conn: conn, url: url, contract: apitest.TheContract(t), examples: examples}
}

// native are the routes of /v1.
func (l *lab) native() []api.Route {
	return slices.DeleteFunc(slices.Clone(l.Routes), func(r api.Route) bool { return !strings.HasPrefix(r.Path, "/v1/") })
}

func (l *lab) operation(r api.Route) *openapi3.Operation {
	return l.contract.Doc.Paths.Value(r.Path).Operations()[r.Method]
}

// sample is a request that can be changed and sent.
type sample struct {
	route api.Route
	path  string
	query url.Values
	body  any
}

func (s sample) target() string {
	if len(s.query) == 0 {
		return s.path
	}
	return s.path + "?" + s.query.Encode()
}

func (s sample) text() string {
	if s.body == nil {
		return ""
	}
	if raw, ok := s.body.(rawBody); ok {
		return string(raw)
	}
	raw, err := json.Marshal(s.body)
	if err != nil {
		panic(err) // it came out of JSON
	}
	return string(raw)
}

// idForm is an id: a prefix, which tells the kind, and a ULID.
var idForm = regexp.MustCompile(`\b[a-z]{2,4}_[0-9A-HJKMNP-TV-Z]{26}\b`)

func prefixOf(id string) string { return id[:strings.IndexByte(id, '_')+1] }

// things are ids by their prefix.
type things map[string]string

func (own things) fill(text string) string {
	return idForm.ReplaceAllStringFunc(text, func(id string) string {
		if mine, ok := own[prefixOf(id)]; ok {
			return mine
		}
		return id
	})
}

// sample returns the good request of r, among own things. A start that is
// asked for is free at that moment.
func (l *lab) sample(r api.Route, key string, own things) sample {
	l.t.Helper()
	s := sample{route: r, path: r.Path, query: url.Values{}}
	e, ok := l.examples[r.ID]
	if !ok {
		s.path = parameterForm.ReplaceAllString(r.Path, "x")
		return s
	}
	u, err := url.Parse(own.fill(e.Path))
	if err != nil {
		l.t.Fatal(err)
	}
	s.path, s.query = strings.TrimSuffix(u.EscapedPath(), "/"), u.Query()
	s.query.Del("cursor") // it was another business's
	if len(e.Request) > 0 {
		if err := json.Unmarshal([]byte(own.fill(string(e.Request))), &s.body); err != nil {
			l.t.Fatalf("example of %s: %v", r.ID, err)
		}
	}
	if body, ok := s.body.(map[string]any); ok {
		l.freshen(body, r, key, own)
	}
	return s
}

// freshen gives body what was not used before: a name, an address, a time.
func (l *lab) freshen(body map[string]any, r api.Route, key string, own things) {
	l.t.Helper()
	l.made++
	if body["start"] != nil && own["svc_"] != "" {
		body["start"] = l.freeStart(key, own["svc_"])
	}
	switch r.ID {
	case "sendMessage": // whose example is within the 24 hours of somebody else
		maps.Copy(body, map[string]any{"to": fmt.Sprintf("+1415555%04d", 1000+l.made), "channel": "sms", "type": "text", "text": "Hello"})
		for name := range body {
			if !slices.Contains([]string{"to", "channel", "type", "text"}, name) {
				delete(body, name)
			}
		}
	case "createHold", "moveAppointment", "bookAppointment": // with whom it is free
		for _, name := range []string{"staff_id", "hold_id"} {
			delete(body, name)
		}
	}
	if r.Method != http.MethodPost {
		return
	}
	for _, field := range []string{"name", "title"} {
		if name, ok := body[field].(string); ok {
			body[field] = fmt.Sprintf("%s %d", name, l.made)
		}
	}
	if url, ok := body["url"].(string); ok {
		body["url"] = fmt.Sprintf("%s?n=%d", url, l.made)
	}
}

var parameterForm = regexp.MustCompile(`\{[a-z_]+\}`)

func (l *lab) freeStart(key, service string) string {
	l.t.Helper()
	slots := list(l.Do(l.t, key, "GET", "/v1/slots?service_id="+service+"&limit=1", "").JSON(l.t))
	if len(slots) == 0 {
		return "2026-12-01T09:00"
	}
	return text(slots[0].(map[string]any), "start")
}

func (l *lab) send(key string, s sample, headers ...string) apitest.Answer {
	l.t.Helper()
	a := l.Send(l.t, key, s.route.Method, s.target(), s.text(), headers...)
	if err := l.contract.Breach(a, s.text()); err != nil {
		l.t.Errorf("%s %s %s: %v", s.route.Method, s.target(), s.text(), err)
	}
	return a
}

// furnish gives a business one thing of every kind that the API can make or
// list, and returns them.
func (l *lab) furnish(b apitest.Business) things {
	l.t.Helper()
	own := things{}
	for _, id := range makeThings(l.t, l.World, b) {
		own[prefixOf(id)] = id
	}
	key := b.Keys["all"]
	for _, nested := range []bool{false, true} {
		for _, r := range l.native() {
			makes := r.Method == http.MethodPost && (r.Status == http.StatusCreated || r.Status == http.StatusAccepted)
			if (makes || r.Method == http.MethodGet) && strings.Contains(r.Path, "{") == nested {
				if a := l.send(key, l.sample(r, key, own)); a.StatusCode < 300 {
					own.learn(a.Text, makes)
				}
			}
		}
	}
	return own
}

// learn takes the ids of an answer: what was just made goes before what was
// there.
func (own things) learn(text []byte, made bool) {
	var v any
	if json.Unmarshal(text, &v) != nil {
		return
	}
	data, _ := v.(map[string]any)["data"].(map[string]any)
	if id, _ := data["id"].(string); made && idForm.MatchString(id) {
		own[prefixOf(id)] = id
	}
	for _, id := range idForm.FindAllString(string(text), -1) {
		if p := prefixOf(id); own[p] == "" && p != "req_" {
			own[p] = id
		}
	}
}

// volatile are tables that a request may change although nothing is done:
// answers that are kept, and counts of requests.
var volatile = regexp.MustCompile(`^(idempotency_keys|goose.*|.*limit.*|.*lease.*|.*usage.*)$`)

// digest is what stands in the database, table by table, but for the times at
// which keys were used.
func (l *lab) digest() map[string]string {
	l.t.Helper()
	if l.tables == nil {
		rows, err := l.conn.Query(l.t.Context(), `SELECT table_name::text FROM information_schema.tables WHERE table_schema = 'public' AND table_type = 'BASE TABLE'`)
		if err != nil {
			l.t.Fatal(err)
		}
		if l.tables, err = pgx.CollectRows(rows, pgx.RowTo[string]); err != nil {
			l.t.Fatal(err)
		}
		l.tables = slices.DeleteFunc(l.tables, volatile.MatchString)
	}
	var parts []string
	for _, table := range l.tables {
		name := pgx.Identifier{table}.Sanitize()
		parts = append(parts, fmt.Sprintf(`SELECT '%s', count(*)::text || ' rows ' || coalesce(sum(hashtextextended((to_jsonb(t) - 'last_used_at')::text, 0)::numeric), 0)::text FROM %s t`, table, name))
	}
	rows, err := l.conn.Query(l.t.Context(), strings.Join(parts, " UNION ALL "))
	if err != nil {
		l.t.Fatal(err)
	}
	out := map[string]string{}
	var table, sum string
	if _, err := pgx.ForEachRow(rows, []any{&table, &sum}, func() error { out[table] = sum; return nil }); err != nil {
		l.t.Fatal(err)
	}
	return out
}

// unchanged fails the test where the database is not as it was.
func (l *lab) unchanged(before map[string]string, what string) {
	l.t.Helper()
	now := l.digest()
	for _, table := range slices.Sorted(maps.Keys(now)) {
		if now[table] != before[table] {
			l.t.Errorf("%s changed the table %s: %s, was %s", what, table, now[table], before[table])
		}
	}
}
