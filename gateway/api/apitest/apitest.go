// Package apitest is a frontdesk's API over real stores, for the tests of /v1
// and of the dialects: two businesses, a key of each kind, and a knowledge kept
// in memory. It is imported by tests alone.
package apitest

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"frontdesk/agent"
	"frontdesk/agent/contact"
	"frontdesk/agent/conversation"
	"frontdesk/agent/outbox"
	"frontdesk/analytics"
	"frontdesk/deploy/schema/schematest"
	"frontdesk/gateway/api"
	"frontdesk/gateway/dialect/convoai"
	"frontdesk/gateway/dispatch"
	"frontdesk/gateway/edge"
	"frontdesk/gateway/operation"
	"frontdesk/gateway/provider"
	"frontdesk/gateway/tenant"
	"frontdesk/ingest"
	"frontdesk/kb"
)

// AdminToken is the admin token of a [World].
const AdminToken = "an-admin-token-for-tests"

// World is a running API.
type World struct {
	URL       string
	Store     *tenant.Store
	Directory *tenant.Directory
	Agents    *agent.Store
	Contacts  *contact.Store
	Threads   *conversation.Store
	Recorder  *agent.Recorder
	Routes    []api.Route // of /v1 and the dialect
	Maya      Business
	Globex    Business
}

// Business is one of the two, with its keys by name: all, test, reader, ck,
// ck_test.
type Business struct {
	ID   ingest.TenantID
	Keys map[string]string
}

// file is a business; %[1]s is its slug, %[2]s its plan, %[3]s the last digits of its numbers.
const file = `
business: {slug: %[1]s, name: %[1]s Ltd, timezone: America/Belize, phone: "+501227944%[3]s", email: desk@%[1]s.example, languages: [en, es], plan: %[2]s}
channels:
  - {type: whatsapp, name: main, phone: "+1415555012%[3]s"}
  - {type: twilio, name: sms, phone: "+1415555013%[3]s"}
  - {type: twilio, name: real, phone: "+1415555014%[3]s", account_sid: AC0123456789abcdef0123456789abcde%[3]s, auth_token: secret}
agents:
  - {name: My Sales Agent, channels: [main, sms]}
  - {name: Silent, channels: []}
keys:
  - {name: all, scopes: ["*"]}
  - {name: test, scopes: ["*"], mode: test}
  - {name: reader, scopes: ["contacts:read", "conversations:read"]}
  - {name: ck, scopes: ["*"], dialect: convoai}
  - {name: ck_test, scopes: ["*"], dialect: convoai, mode: test}
`

// New returns a world on a database of its own. plan is that of both.
func New(t testing.TB, plan string) *World {
	t.Helper()
	db := schematest.Postgres(t)
	vault, err := tenant.NewVault(bytes.Repeat([]byte{7}, tenant.MasterKeyBytes))
	if err != nil {
		t.Fatal(err)
	}
	w := &World{Store: tenant.NewStore(db, vault), Agents: agent.NewStore(db), Contacts: contact.NewStore(db, conversation.Repoint)}
	w.Directory = tenant.NewDirectory(w.Store, nil)
	w.Threads = conversation.NewStore(db, w.Contacts, nil)
	w.Recorder = agent.NewRecorder(db, w.Agents, w.Contacts, w.Threads, agent.RecorderConfig{Pace: -1})
	shelf := NewShelf()
	applier := tenant.NewApplier(w.Store, w.Directory, w.Agents, shelf)
	w.Maya = w.apply(t, applier, fmt.Sprintf(file, "casa-maya", plan, "6"))
	w.Globex = w.apply(t, applier, fmt.Sprintf(file, "globex", plan, "7"))

	gate := dispatch.NewGate(w.Directory, dispatch.NewStandings(w.Contacts, w.Threads), dispatch.NewPolicies(w.Directory), dispatch.NewStore(db, outbox.Add))
	ops := operation.New(operation.Parts{
		Directory: w.Directory, Conversations: w.Threads, Contacts: w.Contacts, Knowledge: shelf, Gate: gate,
		Webhooks: w.Store, Agents: w.Agents, Analytics: numbers{},
	})
	idem := edge.NewIdempotency(edge.NewIdempotencyStore(db, vault), api.Explain, slog.New(slog.DiscardHandler))
	server := api.NewServer(w.Directory, edge.NewLimiter(nil), idem, vault)
	routes := append(server.Mount(api.Native(), api.Routes(ops)), server.Mount(convoai.Style(), convoai.Routes(ops))...)
	routes = append(routes, api.AdminRoutes(AdminToken, applier)...)
	document, err := api.Document(api.Routes(ops))
	if err != nil {
		t.Fatal(err)
	}
	routes = append(routes, api.DocumentRoute(document))
	w.Routes = append(api.Routes(ops), convoai.Routes(ops)...)
	w.URL = serve(t, routes)
	return w
}

func (w *World) apply(t testing.TB, applier *tenant.Applier, text string) Business {
	t.Helper()
	f, err := tenant.Parse([]byte(text))
	if err != nil {
		t.Fatalf("parse the business:\n%v", err)
	}
	done, err := applier.Apply(context.Background(), f, tenant.ApplyOptions{})
	if err != nil {
		t.Fatalf("apply the business: %v", err)
	}
	b := Business{ID: done.Tenant, Keys: map[string]string{}}
	for _, k := range done.Keys {
		b.Keys[k.Name] = k.Key
	}
	return b
}

func serve(t testing.TB, routes []edge.Route) string {
	t.Helper()
	cfg := edge.DefaultConfig()
	cfg.DrainDelay = 0
	s, err := edge.New(cfg, edge.Options{
		Routes: routes, Explain: api.Explain, Faults: map[string]edge.FaultBody{convoai.Prefix: convoai.Failure},
		Log: slog.New(slog.NewTextHandler(testWriter{t}, &slog.HandlerOptions{Level: slog.LevelError})),
	})
	if err != nil {
		t.Fatal(err)
	}
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan error, 1)
	go func() { done <- s.Serve(ctx, ln) }()
	t.Cleanup(func() {
		cancel()
		if err := <-done; err != nil {
			t.Error(err)
		}
	})
	return "http://" + ln.Addr().String()
}

// testWriter shows the server's errors in the test's log.
type testWriter struct{ t testing.TB }

func (w testWriter) Write(b []byte) (int, error) {
	w.t.Log(strings.TrimSpace(string(b)))
	return len(b), nil
}

// Answer is a response with its body read.
type Answer struct {
	Request *http.Request
	*http.Response
	Text []byte
}

// JSON decodes the body.
func (a Answer) JSON(t testing.TB) map[string]any {
	t.Helper()
	var v map[string]any
	if err := json.Unmarshal(a.Text, &v); err != nil {
		t.Fatalf("%s %s: %v in %s", a.Request.Method, a.Request.URL.Path, err, a.Text)
	}
	return v
}

// Do sends a request with a key; headers are name, value, name, value …
func (w *World) Do(t testing.TB, key, method, path, body string, headers ...string) Answer {
	t.Helper()
	req, err := http.NewRequest(method, w.URL+path, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	if key != "" {
		req.Header.Set("Authorization", "Bearer "+key)
	}
	if body != "" {
		req.Header.Set("Content-Type", "application/json")
	}
	for i := 0; i+1 < len(headers); i += 2 {
		req.Header.Set(headers[i], headers[i+1])
	}
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	text, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Fatal(err)
	}
	return Answer{req, resp, text}
}

// Receive records a text that a contact wrote on a business's channel, as if a
// provider had called, and returns its id.
func (w *World) Receive(t testing.TB, of ingest.TenantID, channel, phone, text string) ingest.MessageID {
	t.Helper()
	channels, err := w.Directory.Channels(t.Context(), of)
	if err != nil {
		t.Fatal(err)
	}
	i := slices.IndexFunc(channels, func(ch provider.Channel) bool { return ch.Name == channel })
	if i < 0 {
		t.Fatalf("there is no channel %s", channel)
	}
	now := time.Now().UTC().Truncate(time.Millisecond)
	id := "wamid." + ingest.NewID("", now)
	m := ingest.Message{
		ID: ingest.InboundID(of, channels[i].ID, now, id), Tenant: of, Channel: channels[i].ID, Provider: channels[i].Type, Direction: ingest.Inbound, ProviderID: id,
		Party:   ingest.Party{Identifiers: []ingest.Identifier{{Kind: ingest.Phone, Value: phone}}, Name: "Ann"},
		Content: ingest.Content{Type: ingest.Text, Text: text}, At: now, Test: true,
	}
	e, err := ingest.NewEvent(ingest.MessageReceived, of, m.Key(), now, id, m)
	if err != nil {
		t.Fatal(err)
	}
	for _, err := range w.Recorder.Handle(t.Context(), []ingest.Event{e}) {
		if err != nil {
			t.Fatalf("record a message: %v", err)
		}
	}
	return m.ID
}

// Shelf is a knowledge in memory: what holds a word of the question is a hit.
type Shelf struct {
	mu       sync.Mutex
	articles map[ingest.TenantID][]kb.Article
}

// NewShelf returns an empty one.
func NewShelf() *Shelf { return &Shelf{articles: map[ingest.TenantID][]kb.Article{}} }

// Put keeps an article.
func (s *Shelf) Put(_ context.Context, t ingest.TenantID, d kb.Draft) (kb.Article, bool, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	now := time.Now().UTC()
	a := kb.Article{ID: d.ID, Agent: d.Agent, Title: d.Title, Content: d.Content, Type: d.Type, Questions: d.Questions, Language: "en", Version: 1, Passages: 1, CreatedAt: now, UpdatedAt: now}
	if a.Type == "" {
		a.Type = kb.Text
	}
	for i, old := range s.articles[t] {
		if old.ID == d.ID || d.ID == "" && old.Title == d.Title && old.Agent == d.Agent {
			a.ID, a.Number, a.Version = old.ID, old.Number, old.Version+1
			s.articles[t][i] = a
			return a, false, nil
		}
	}
	if d.ID != "" {
		return kb.Article{}, false, kb.ErrNotFound
	}
	a.ID, a.Number = ingest.ArticleID(ingest.NewID(ingest.PrefixArticle, now)), int64(len(s.articles[t])+1)
	s.articles[t] = append(s.articles[t], a)
	return a, true, nil
}

// Article returns an article.
func (s *Shelf) Article(_ context.Context, t ingest.TenantID, id ingest.ArticleID) (kb.Article, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, a := range s.articles[t] {
		if a.ID == id {
			return a, nil
		}
	}
	return kb.Article{}, kb.ErrNotFound
}

// Articles lists articles, a page at a time.
func (s *Shelf) Articles(_ context.Context, t ingest.TenantID, f kb.Filter) ([]kb.Article, string, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	all := slices.Clone(s.articles[t])
	if i := slices.IndexFunc(all, func(a kb.Article) bool { return string(a.ID) == f.After }); i >= 0 {
		all = all[i+1:]
	}
	if f.Limit == 0 {
		f.Limit = 20
	}
	if len(all) > f.Limit {
		return all[:f.Limit], string(all[f.Limit-1].ID), nil
	}
	return all, "", nil
}

// Delete removes an article.
func (s *Shelf) Delete(_ context.Context, t ingest.TenantID, id ingest.ArticleID) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	n := len(s.articles[t])
	s.articles[t] = slices.DeleteFunc(s.articles[t], func(a kb.Article) bool { return a.ID == id })
	if len(s.articles[t]) == n {
		return kb.ErrNotFound
	}
	return nil
}

// Search finds articles.
func (s *Shelf) Search(_ context.Context, t ingest.TenantID, q kb.Query) ([]kb.Hit, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	var out []kb.Hit
	for _, a := range s.articles[t] {
		for word := range strings.FieldsSeq(strings.ToLower(q.Text)) {
			if len(word) > 3 && strings.Contains(strings.ToLower(a.Content), word) {
				out = append(out, kb.Hit{Article: a.ID, Passage: "psg_1", Title: a.Title, Text: a.Content, Score: 1})
				break
			}
		}
	}
	return out, nil
}

// numbers answers every question with one row, and knows one metric.
type numbers struct{}

func (numbers) Query(_ context.Context, t ingest.TenantID, q analytics.Query) (analytics.Result, error) {
	if !slices.Equal(q.Metrics, []string{"messages"}) {
		return analytics.Result{}, &analytics.QueryError{Field: "metrics[0]", Reason: "is no metric", Allowed: []string{"messages"}}
	}
	return analytics.Result{
		Columns: []analytics.Column{{Name: "day"}, {Name: "messages", Metric: true}}, Rows: [][]any{{"2026-11-21", int64(3)}},
	}, nil
}
