// Package apitest is a frontdesk's API over real stores, for the tests of /v1
// and of the dialects: two businesses with a key of each kind. It is imported
// by tests alone.
package apitest

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"frontdesk/agent"
	"frontdesk/agent/booking"
	"frontdesk/agent/contact"
	"frontdesk/agent/conversation"
	"frontdesk/agent/outbox"
	"frontdesk/analytics"
	"frontdesk/gateway/api"
	"frontdesk/gateway/audit"
	"frontdesk/gateway/bookpage"
	"frontdesk/gateway/busy"
	"frontdesk/gateway/callback"
	"frontdesk/gateway/dialect/convoai"
	"frontdesk/gateway/dispatch"
	"frontdesk/gateway/edge"
	"frontdesk/gateway/edge/edgetest"
	"frontdesk/gateway/media"
	"frontdesk/gateway/operation"
	"frontdesk/gateway/provider"
	"frontdesk/gateway/provider/twilio"
	"frontdesk/gateway/provider/whatsapp"
	"frontdesk/gateway/template"
	"frontdesk/gateway/tenant"
	"frontdesk/gateway/usage"
	"frontdesk/gateway/webhook"
	"frontdesk/ingest"
	"frontdesk/ingest/tenantdb"
	"frontdesk/kb"
)

// AdminToken is the admin token of a [World].
const AdminToken = "an-admin-token-for-tests"

// PublicURL is what links of a [World] begin with.
const PublicURL = "https://desk.example.com"

// World is a running API, and the booking page beside it.
type World struct {
	URL       string
	Store     *tenant.Store
	Directory *tenant.Directory
	Agents    *agent.Store
	Contacts  *contact.Store
	Threads   *conversation.Store
	Recorder  *agent.Recorder
	Routes    []api.Route  // of /v1 and the dialect
	Mounted   []edge.Route // all that is served
	Links     *bookpage.Links
	Bookings  *booking.Store
	Maya      Business
	Globex    Business
	Knowledge *kb.Store
	Scheduler *operation.Scheduler
	// Graph answers what is asked of Meta; nil refuses it.
	Graph http.HandlerFunc

	contract *Contract
	audit    *audit.Store
	watching sync.Mutex
	rows     map[string]int // of the audit log, by operation
	applier  *tenant.Applier
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

// Answers keeps the answers of requests that bear an Idempotency-Key.
type Answers interface {
	Begin(ctx context.Context, scope edge.Scope, fingerprint []byte, owner string) (edge.Standing, error)
	Renew(ctx context.Context, scope edge.Scope, owner string) (held bool, err error)
	Finish(ctx context.Context, scope edge.Scope, owner string, a edge.Answer) error
	Abandon(ctx context.Context, scope edge.Scope, owner string) error
	Release(ctx context.Context, scope edge.Scope, owner string) error
}

// New returns a world on db, an empty database. plan is that of both.
func New(t testing.TB, db *tenantdb.DB, plan string) *World {
	t.Helper()
	return NewKeeping(t, db, plan, func(a Answers) Answers { return a })
}

// NewKeeping is [New] with another store of answers over the usual one.
func NewKeeping(t testing.TB, db *tenantdb.DB, plan string, keeping func(Answers) Answers) *World {
	t.Helper()
	vault, err := tenant.NewVault(bytes.Repeat([]byte{7}, tenant.MasterKeyBytes))
	if err != nil {
		t.Fatal(err)
	}
	w := &World{contract: TheContract(t), Store: tenant.NewStore(db, vault), Agents: agent.NewStore(db), Contacts: contact.NewStore(db, operation.ContactParts(vault.Tags)...)}
	w.Directory, w.audit = tenant.NewDirectory(w.Store, nil), audit.NewStore(db)
	w.watchAudit(t)
	w.Threads = conversation.NewStore(db, w.Contacts, nil)
	w.Recorder = agent.NewRecorder(db, w.Agents, w.Contacts, w.Threads, agent.RecorderConfig{Pace: -1})
	knowledge := kb.NewStore(db, kb.Config{})
	w.Knowledge = knowledge
	t.Cleanup(knowledge.Close)
	applier := tenant.NewApplier(w.Store, w.Directory, w.Agents, knowledge)
	w.applier = applier
	w.Maya = w.apply(t, applier, fmt.Sprintf(file, "casa-maya", plan, "6"))
	w.Globex = w.apply(t, applier, fmt.Sprintf(file, "globex", plan, "7"))

	w.Bookings = booking.NewStore(db, booking.Config{})
	w.Links = bookpage.NewLinks(PublicURL, vault)
	gate := dispatch.NewGate(w.Directory, dispatch.NewStandings(w.Contacts, w.Threads), dispatch.NewPolicies(w.Directory), dispatch.NewStore(db, outbox.Add))
	meta := w.meta(t)
	ops := operation.New(operation.Parts{
		Directory: w.Directory, Conversations: w.Threads, Contacts: w.Contacts, Spool: callback.NewSpool(db), Knowledge: knowledge, Gate: gate,
		Webhooks: webhook.NewStore(db, vault, nil), Reach: webhook.NewGuard(), Agents: w.Agents, Analytics: numbers{},
		Bookings: w.Bookings, BusySources: busy.NewStore(db, vault), Links: w.Links,
		Media: media.NewStore(db), Fetch: media.NewFetcher(whatsapp.NewSender(meta), meta.BaseURL, http.DefaultTransport), MediaLinks: media.NewLinks(PublicURL, vault),
		Channels: tenant.NewAccount(w.Store, w.Directory), Twilio: twilio.NewSender(twilio.Config{BaseURL: meta.BaseURL, Timeout: meta.Timeout}),
		Templates: template.NewStore(db), Meta: whatsapp.NewSender(meta), Account: tenant.NewAccount(w.Store, w.Directory),
		Audit: audit.NewStore(db), Usage: usage.NewStore(db),
	})
	w.Scheduler = operation.NewScheduler(ops, w.Threads, w.Directory, slog.New(slog.DiscardHandler))
	idem := edge.NewIdempotency(keeping(edge.NewIdempotencyStore(db, vault)), api.Explain, slog.New(slog.DiscardHandler))
	server := api.NewServer(w.Directory, edge.NewLimiter(nil), idem, vault)
	routes := append(server.Mount(api.Native(), api.Routes(ops)), server.Mount(convoai.Style(), convoai.Routes(ops))...)
	routes = append(routes, api.AdminRoutes(AdminToken, applier)...)
	document, err := api.Document(api.Routes(ops))
	if err != nil {
		t.Fatal(err)
	}
	routes = append(routes, api.DocumentRoute(document), api.MediaLinkRoute(ops))
	routes = append(routes, bookpage.New(bookpage.Config{}, w.Directory, ops, w.Links, edge.NewLimiter(nil)).Routes()...)
	w.Mounted = routes
	w.Routes = append(api.Routes(ops), convoai.Routes(ops)...)
	w.URL = serve(t, routes)
	return w
}

// Apply puts a business's file into effect.
func (w *World) Apply(t testing.TB, text string) { w.apply(t, w.applier, text) }

// meta is how Meta is reached: it is w.Graph.
func (w *World) meta(t testing.TB) whatsapp.Config {
	server := httptest.NewServer(http.HandlerFunc(func(out http.ResponseWriter, req *http.Request) {
		if w.Graph == nil {
			http.Error(out, `{"error":{"code":100,"message":"nobody answers here"}}`, http.StatusBadRequest)
			return
		}
		w.Graph(out, req)
	}))
	t.Cleanup(server.Close)
	cfg := whatsapp.DefaultConfig()
	cfg.BaseURL = server.URL
	return cfg
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

// Another makes one more business, the nth from 0 to 7, with the keys of the
// others.
func (w *World) Another(t testing.TB, n int) Business {
	t.Helper()
	return w.apply(t, w.applier, fmt.Sprintf(file, fmt.Sprint("another-", n), "unlimited", "01234589"[n:n+1]))
}

// Keys makes live keys of b that have those scopes, by name.
func (w *World) Keys(t testing.TB, b Business, scopes map[string][]string) map[string]string {
	t.Helper()
	c, err := w.Directory.Authenticate(t.Context(), b.Keys["all"])
	if err != nil {
		t.Fatal(err)
	}
	text := fmt.Sprintf("business: {slug: %s, name: %q}\nkeys:\n", c.Business.Slug, c.Business.Name)
	for name, list := range scopes {
		text += fmt.Sprintf("  - {name: %q, scopes: [%s]}\n", name, `"`+strings.Join(list, `", "`)+`"`)
	}
	return w.apply(t, w.applier, text).Keys
}

func serve(t testing.TB, routes []edge.Route) string {
	t.Helper()
	addr, _ := edgetest.Serve(t, edgetest.Config(), edge.Options{
		Routes: routes, Explain: api.Explain, Faults: map[string]edge.FaultBody{convoai.Prefix: convoai.Failure},
		Log: slog.New(slog.NewTextHandler(testWriter{t}, &slog.HandlerOptions{Level: slog.LevelError})),
	})
	return "http://" + addr
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

// Do sends a request with a key; headers are name, value, name, value … It
// fails the test where the answer is not as the document of /v1 has it.
func (w *World) Do(t testing.TB, key, method, path, body string, headers ...string) Answer {
	t.Helper()
	a := w.Send(t, key, method, path, body, headers...)
	w.Conforms(t, a, body)
	w.record(t, a, body)
	w.audited(t, a)
	return a
}

// Send is Do without a look at the answer.
func (w *World) Send(t testing.TB, key, method, path, body string, headers ...string) Answer {
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
	return w.receive(t, of, channel, phone, ingest.Content{Type: ingest.Text, Text: text})
}

// ReceivePicture is [World.Receive] for a picture that the provider has under an
// id.
func (w *World) ReceivePicture(t testing.TB, of ingest.TenantID, channel, phone, id string) ingest.MessageID {
	t.Helper()
	return w.receive(t, of, channel, phone, ingest.Content{Type: ingest.Image, Media: []ingest.Media{{ID: id, MIME: "image/jpeg"}}})
}

func (w *World) receive(t testing.TB, of ingest.TenantID, channel, phone string, content ingest.Content) ingest.MessageID {
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
		Content: content, At: now, Test: true,
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
