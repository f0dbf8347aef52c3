package webhook_test

import (
	"bytes"
	"context"
	"crypto/ed25519"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	standardwebhooks "github.com/standard-webhooks/standard-webhooks/libraries/go"

	"frontdesk/agent"
	"frontdesk/agent/conversation"
	"frontdesk/deploy/schema"
	"frontdesk/deploy/schema/schematest"
	"frontdesk/gateway/tenant"
	"frontdesk/gateway/webhook"
	"frontdesk/ingest"
	"frontdesk/ingest/tenantdb"
)

// loopback is what tests may call.
var loopback = []netip.Prefix{netip.MustParsePrefix("127.0.0.0/8")}

// world is a database with two tenants, acme and globex.
type world struct {
	url   string
	db    *tenantdb.DB
	store *webhook.Store
	known *records
}

func newWorld(t testing.TB) *world {
	t.Helper()
	url := schematest.PostgresURL(t)
	db, shut, err := openURL(url)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(shut)
	vault, err := tenant.NewVault(bytes.Repeat([]byte{7}, tenant.MasterKeyBytes))
	if err != nil {
		t.Fatal(err)
	}
	for _, id := range []string{"acme", "globex"} {
		err := db.AcrossTenants(t.Context(), func(tx pgx.Tx) error {
			_, err := tx.Exec(t.Context(), `INSERT INTO tenants (tenant_id, slug, name, plan) VALUES ($1, $1, $1, 'pro')`, id)
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	return &world{url, db, webhook.NewStore(db, vault, nil), &records{all: map[ingest.MessageID]conversation.Message{}}}
}

func openURL(url string) (*tenantdb.DB, func(), error) {
	return schema.OpenPostgres(context.Background(), schema.Config{URL: url, MaxConns: 4, MaxSystemConns: 4})
}

// records are the messages that the recorder has stored.
type records struct {
	mu    sync.Mutex
	all   map[ingest.MessageID]conversation.Message
	asked int
	after int // found only from this question on
}

func (r *records) Message(_ context.Context, _ ingest.TenantID, id ingest.MessageID) (conversation.Message, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.asked++
	m, ok := r.all[id]
	if !ok || r.asked < r.after {
		return m, conversation.ErrNotFound
	}
	return m, nil
}

// staff has one agent, which answers on the channel chn_main.
type staff struct{}

func (staff) Agents(context.Context, ingest.TenantID) ([]agent.Agent, error) {
	return []agent.Agent{{ID: "agt_main", Channels: []ingest.ChannelID{"chn_main"}}}, nil
}

func (w *world) handler(wake func()) *webhook.Handler {
	return webhook.NewHandler(webhook.Parts{
		Store: w.store, Messages: w.known, Agents: staff{}, Wake: wake, Patience: 200 * time.Millisecond,
		Render: func(m conversation.Message) any {
			return map[string]any{"id": m.ID, "number": m.Number, "conversation_id": m.Conversation, "text": m.Content.Text, "status": m.Status, "created_at": m.CreatedAt}
		},
	})
}

// endpoint makes an endpoint of tenant and returns it with its secret.
func (w *world) endpoint(t testing.TB, of ingest.TenantID, url string, change func(*webhook.Spec)) (webhook.Endpoint, string) {
	t.Helper()
	spec := webhook.Spec{URL: url, Events: []string{"*"}}
	if change != nil {
		change(&spec)
	}
	e, secret, err := w.store.Create(t.Context(), of, spec)
	if err != nil {
		t.Fatalf("create an endpoint: %v", err)
	}
	return e, secret
}

// opened is an event of a conversation; the same source gives the same event.
func opened(t testing.TB, of ingest.TenantID, source string) ingest.Event {
	t.Helper()
	return event(t, ingest.ConversationOpened, of, source, ingest.ConversationChange{
		Tenant: of, Conversation: ingest.ConversationID("cnv_" + source), Channel: "chn_main", Contact: "con_1", Agent: "agt_main", At: time.Now().UTC(),
	})
}

func event(t testing.TB, typ ingest.EventType, of ingest.TenantID, source string, data any) ingest.Event {
	t.Helper()
	at := time.Date(2026, 11, 21, 9, 30, 0, 0, time.UTC)
	e, err := ingest.NewEvent(typ, of, string(of)+"|k|"+source, at, source, data)
	if err != nil {
		t.Fatal(err)
	}
	return e
}

func (w *world) take(t testing.TB, events ...ingest.Event) {
	t.Helper()
	for i, err := range w.handler(nil).Handle(t.Context(), events) {
		if err != nil {
			t.Fatalf("event %d: %v", i, err)
		}
	}
}

// run starts a sender and returns it with a function that stops it.
func (w *world) run(t testing.TB, change func(*webhook.Config)) (*webhook.Sender, func()) {
	t.Helper()
	cfg := webhook.DefaultConfig()
	cfg.Allow, cfg.Poll, cfg.StopGrace, cfg.Log = loopback, 20*time.Millisecond, 50*time.Millisecond, slog.New(slog.DiscardHandler)
	if change != nil {
		change(&cfg)
	}
	s, err := webhook.NewSender(w.store, cfg)
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan error, 1)
	go func() { done <- s.Run(ctx) }()
	stop := sync.OnceFunc(func() {
		cancel()
		if err := <-done; err != nil {
			t.Errorf("Run() = %v", err)
		}
	})
	t.Cleanup(stop)
	return s, stop
}

// change runs SQL as the system, to move time.
func (w *world) change(t testing.TB, sql string, args ...any) {
	t.Helper()
	err := w.db.AcrossTenants(t.Context(), func(tx pgx.Tx) error { _, err := tx.Exec(t.Context(), sql, args...); return err })
	if err != nil {
		t.Fatal(err)
	}
}

// developer is an endpoint that keeps what it is sent.
type developer struct {
	*httptest.Server
	answer func(n int, w http.ResponseWriter, r *http.Request) // n counts from 1

	mu   sync.Mutex
	got  []received
	news chan struct{}
}

type received struct {
	header http.Header
	body   []byte
	at     time.Time
}

func (r received) id() string { return r.header.Get("Webhook-Id") }

// listen starts an endpoint that answers 200, unless answer says otherwise.
func listen(t testing.TB, answer func(n int, w http.ResponseWriter, r *http.Request)) *developer {
	t.Helper()
	d := &developer{answer: answer, news: make(chan struct{}, 100_000)}
	d.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		d.mu.Lock()
		d.got = append(d.got, received{r.Header.Clone(), body, time.Now()})
		n := len(d.got)
		d.mu.Unlock()
		d.news <- struct{}{}
		if d.answer != nil {
			d.answer(n, w, r)
		}
	}))
	t.Cleanup(func() { d.CloseClientConnections(); d.Close() })
	return d
}

func (d *developer) all() []received {
	d.mu.Lock()
	defer d.mu.Unlock()
	return slices.Clone(d.got)
}

// await waits until n requests have come.
func (d *developer) await(t testing.TB, n int) []received {
	t.Helper()
	timeout := time.After(20 * time.Second)
	for {
		if got := d.all(); len(got) >= n {
			return got
		}
		select {
		case <-d.news:
		case <-timeout:
			t.Fatalf("%d requests came, want %d", len(d.all()), n)
		}
	}
}

// settled waits until a delivery of the endpoint satisfies ok and returns it.
func (w *world) settled(t testing.TB, of ingest.TenantID, endpoint string, ok func(webhook.Delivery) bool) webhook.Delivery {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
	defer cancel()
	tick := time.NewTicker(10 * time.Millisecond)
	defer tick.Stop()
	for {
		list, _, err := w.store.Deliveries(ctx, of, endpoint, webhook.Filter{Limit: 100})
		if err != nil {
			t.Fatalf("deliveries: %v (last seen %+v)", err, list)
		}
		for _, d := range list {
			if ok(d) {
				d, err := w.store.Delivery(ctx, of, endpoint, d.ID)
				if err != nil {
					t.Fatal(err)
				}
				return d
			}
		}
		<-tick.C // the sender settles after it answered: there is nothing to wait on
	}
}

// attempts is a delivery of which n attempts have been settled.
func attempts(n int) func(webhook.Delivery) bool {
	return func(d webhook.Delivery) bool {
		return d.Attempts >= n && (d.Status != webhook.Pending || d.DueAt.After(time.Now()))
	}
}

func is(s webhook.Status) func(webhook.Delivery) bool {
	return func(d webhook.Delivery) bool { return d.Status == s }
}

// verify checks both signatures of a request, the way a developer would.
func verify(t testing.TB, r received, secret, public string) error {
	t.Helper()
	hook, err := standardwebhooks.NewWebhook(secret)
	if err != nil {
		t.Fatalf("the library does not take the secret: %v", err)
	}
	if err := hook.Verify(r.body, r.header); err != nil {
		return fmt.Errorf("v1: %w", err)
	}
	key, err := base64.StdEncoding.DecodeString(strings.TrimPrefix(public, "whpk_"))
	if err != nil || len(key) != ed25519.PublicKeySize {
		t.Fatalf("the public key is %q", public)
	}
	content := r.id() + "." + r.header.Get("Webhook-Timestamp") + "." + string(r.body)
	for _, s := range strings.Fields(r.header.Get("Webhook-Signature")) {
		if rest, ok := strings.CutPrefix(s, "v1a,"); ok {
			if raw, err := base64.StdEncoding.DecodeString(rest); err == nil && ed25519.Verify(key, []byte(content), raw) {
				return nil
			}
		}
	}
	return fmt.Errorf("v1a: no signature in %q holds", r.header.Get("Webhook-Signature"))
}

func decode(t testing.TB, body []byte) map[string]any {
	t.Helper()
	var v map[string]any
	if err := json.Unmarshal(body, &v); err != nil {
		t.Fatalf("%v in %s", err, body)
	}
	return v
}
