package roles_test

import (
	"context"
	"encoding/base64"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"gopkg.in/yaml.v3"

	"frontdesk/agent"
	"frontdesk/agent/booking"
	"frontdesk/agent/contact"
	"frontdesk/agent/conversation"
	"frontdesk/agent/dialogue/dialoguetest"
	"frontdesk/cmd/internal/boot"
	"frontdesk/cmd/internal/embedded"
	"frontdesk/cmd/internal/ledger"
	"frontdesk/cmd/internal/roles"
	"frontdesk/deploy/schema"
	"frontdesk/deploy/schema/schematest"
	"frontdesk/gateway/tenant"
	"frontdesk/ingest"
	"frontdesk/ingest/stream"
	"frontdesk/ingest/tenantdb"
)

// town is a running system with a clock that a test sets: the gateway, the
// agent and dispatch in this process, on a real Postgres and a real broker, and
// a provider that writes down what is sent.
type town struct {
	house    *roles.House
	url      string
	provider *ledger.Provider
	clock    *atomic.Int64
	db       *tenantdb.DB
	bookings *booking.Store
	agents   *agent.Store
	threads  *conversation.Store
}

func newTown(t *testing.T) *town {
	t.Helper()
	w := &town{provider: &ledger.Provider{}, clock: &atomic.Int64{}}
	if err := w.provider.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = w.provider.Close() })
	now := func() time.Time { return time.Unix(w.clock.Load(), 0).UTC() }
	engines := enginesOf(t, now)
	w.url = "http://" + engines.Listen
	w.start(t, engines)
	db, closePools, err := schema.OpenPostgres(t.Context(), schema.Config{URL: string(engines.PostgresURL), MaxConns: 4, MaxSystemConns: 2})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(closePools)
	w.db, w.bookings, w.agents = db, booking.NewStore(db, booking.Config{Now: now}), agent.NewStore(db)
	w.threads = conversation.NewStore(db, contact.NewStore(db, conversation.Repoint), nil)
	return w
}

// enginesOf returns a database and a broker of the test's own.
func enginesOf(t *testing.T, now func() time.Time) roles.Engines {
	t.Helper()
	broker, err := embedded.OpenKafka(t.Context(), embedded.KafkaConfig{Dir: t.TempDir(), SyncEvery: -1})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = broker.Close() })
	listen := freeAddress(t)
	cfg := boot.Config{
		Listen: listen, PublicURL: "http://" + listen, DataDir: t.TempDir(), PostgresURL: boot.URL(schematest.PostgresURL(t)), PostgresConns: 12,
		KafkaBrokers: []string{broker.Addr()}, ClickHouseURL: "http://127.0.0.1:9/none", MetaBaseURL: "http://127.0.0.1:9", TwilioBaseURL: "http://127.0.0.1:9",
	}
	if err := cfg.MasterKey.UnmarshalText([]byte(base64.StdEncoding.EncodeToString(make([]byte, 32)))); err != nil {
		t.Fatal(err)
	}
	kafka := stream.DefaultConfig()
	kafka.Brokers, kafka.Dial = cfg.KafkaBrokers, broker.Dial
	if err := stream.EnsureTopics(t.Context(), kafka); err != nil {
		t.Fatal(err)
	}
	return roles.Engines{Config: cfg, DialKafka: broker.Dial, Now: now}
}

func freeAddress(t *testing.T) string {
	t.Helper()
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer ln.Close()
	return ln.Addr().String()
}

func (w *town) start(t *testing.T, engines roles.Engines) {
	t.Helper()
	log := slog.New(slog.NewTextHandler(t.Output(), &slog.HandlerOptions{Level: slog.LevelError}))
	ctx, cancel := context.WithCancel(context.Background())
	group := boot.NewGroup(ctx, log)
	t.Cleanup(func() {
		cancel()
		if err := group.Wait(); err != nil {
			t.Error(err)
		}
	})
	house, err := roles.Open(group, boot.NewHealth(), engines, log)
	if err != nil {
		t.Fatal(err)
	}
	w.house = house
	for _, start := range []func() error{house.Agent, house.Dispatch, house.Gateway} {
		if err := start(); err != nil {
			t.Fatal(err)
		}
	}
}

// shop is one business of the town, with one customer on WhatsApp.
type shop struct {
	*town
	ledger.Business
	tenant   ingest.TenantID
	b        dialoguetest.Business
	services []booking.Service
	staff    []booking.Staff
	phone    string
	said     int
}

// open applies the business of s under a number of its own.
func (w *town) open(t testing.TB, n int, s dialoguetest.Script) *shop {
	t.Helper()
	sh := &shop{town: w, Business: ledger.DefaultBusiness(w.provider.URL()), b: dialoguetest.Businesses[s.Business], phone: fmt.Sprintf("1555777%04d", n)}
	sh.PhoneNumberID, sh.Slug = fmt.Sprint(106540352242000+n), fmt.Sprint("shop-", n)
	file, err := tenant.Parse(sh.file(t))
	if err != nil {
		t.Fatal(err)
	}
	done, err := w.house.Applier.Apply(t.Context(), file, tenant.ApplyOptions{})
	if err != nil {
		t.Fatal(err)
	}
	sh.tenant = done.Tenant
	sh.services, sh.staff = dialoguetest.Furnish(t, w.bookings, sh.tenant, sh.b)
	return sh
}

// file writes the business as frontdesk apply reads it.
func (s *shop) file(t testing.TB) []byte {
	t.Helper()
	type object = map[string]any
	var articles []object
	for word, text := range s.b.Articles {
		articles = append(articles, object{"title": word, "content": text, "type": "faq"})
	}
	raw, err := yaml.Marshal(object{
		"business": object{"slug": s.Slug, "name": s.b.Name, "timezone": s.b.Zone, "languages": s.b.Languages, "hours": s.b.Hours, "closed": s.b.Closed, "plan": "enterprise"},
		"channels": []object{{"type": "whatsapp", "name": "main", "phone": "+1555550" + s.PhoneNumberID[len(s.PhoneNumberID)-4:], "phone_number_id": s.PhoneNumberID, "waba_id": s.WABA,
			"access_token": s.AccessToken, "app_secret": s.AppSecret, "verify_token": "v3rify", "base_url": s.BaseURL}},
		"agents":    []object{{"name": "Front desk", "channels": []string{"main"}, "debounce": "0s"}},
		"knowledge": articles,
	})
	if err != nil {
		t.Fatal(err)
	}
	return raw
}

func (s *shop) SetNow(now time.Time) { s.clock.Store(now.Unix()) }

func (s *shop) Say(t testing.TB, burst []dialoguetest.Message) dialoguetest.Reply {
	t.Helper()
	var texts []ledger.Text
	for _, m := range burst {
		s.said++
		texts = append(texts, ledger.Text{From: s.phone, ID: fmt.Sprintf("wamid.%s.%d", s.phone, s.said), Body: m.Text, Pick: m.Choice, At: m.At})
	}
	status, err := s.Deliver(t.Context(), http.DefaultClient, s.url, texts...)
	if err != nil || status != http.StatusOK {
		t.Fatalf("deliver: %d, %v", status, err)
	}
	return s.reply(t)
}

// patience is how long a turn may take here, among other tests.
const patience = 20 * time.Second

// reply waits until what was said is answered, and what was answered is sent.
func (s *shop) reply(t testing.TB) dialoguetest.Reply {
	t.Helper()
	deadline := time.Now().Add(patience)
	var sent ingest.MessageID
	for answered := false; ; {
		if !answered {
			sent, answered = s.answered(t)
		}
		if answered && sent == "" {
			return dialoguetest.Reply{}
		}
		for _, send := range s.provider.Sends() {
			if answered && send.Correlation == string(sent) {
				return replyOf(send)
			}
		}
		if time.Now().After(deadline) {
			t.Fatalf("no reply within %v", patience)
		}
		time.Sleep(2 * time.Millisecond) // it comes by way of the broker: there is no signal to wait on
	}
}

// answered reports whether all that was said has a turn, and the reply of the
// last one.
func (s *shop) answered(t testing.TB) (ingest.MessageID, bool) {
	t.Helper()
	list, _, err := s.threads.Conversations(t.Context(), s.tenant, conversation.Filter{})
	if err != nil {
		t.Fatal(err)
	}
	if len(list) != 1 {
		return "", false
	}
	turns, err := s.agents.Turns(t.Context(), s.tenant, list[0].ID)
	if err != nil {
		t.Fatal(err)
	}
	heard := 0
	for _, turn := range turns {
		heard += len(turn.State.Messages)
	}
	if heard < s.said {
		return "", false
	}
	return turns[len(turns)-1].Reply, true
}

func replyOf(send ledger.Send) dialoguetest.Reply {
	r := dialoguetest.Reply{Text: send.Text}
	if len(send.Choices) > 0 {
		r.Menu = &ingest.Menu{Buttons: send.Choices}
	}
	return r
}

// customer returns the contact, who is made by the first word of theirs.
func (s *shop) customer(t testing.TB) ingest.ContactID {
	t.Helper()
	list, _, err := s.threads.Conversations(t.Context(), s.tenant, conversation.Filter{})
	if err != nil {
		t.Fatal(err)
	}
	if len(list) == 0 {
		return ""
	}
	return list[0].Contact
}

func (s *shop) Book(t testing.TB, row dialoguetest.Row, own bool) {
	t.Helper()
	d := booking.Draft{Start: s.b.In(row.Start), Source: "api"}
	for _, v := range s.services {
		if v.Name == row.Service {
			d.Service = v.ID
		}
	}
	for _, p := range s.staff {
		if p.Name == row.Staff {
			d.Staff = p.ID
		}
	}
	if d.Contact = s.stranger(t); own {
		if s.customer(t) == "" {
			s.Say(t, []dialoguetest.Message{{Text: "👍", At: time.Unix(s.clock.Load(), 0)}})
		}
		d.Contact = s.customer(t)
	}
	if _, err := s.bookings.Book(t.Context(), s.tenant, d); err != nil {
		t.Fatal(err)
	}
}

// stranger returns somebody else.
func (s *shop) stranger(t testing.TB) ingest.ContactID {
	t.Helper()
	const id ingest.ContactID = "con_stranger"
	err := s.db.InTenant(t.Context(), s.tenant, func(tx pgx.Tx) error {
		_, err := tx.Exec(t.Context(), `INSERT INTO contacts (tenant_id, id, number) VALUES ($1, $2, 999) ON CONFLICT DO NOTHING`, s.tenant, id)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return id
}

func (s *shop) Rows(t testing.TB) []dialoguetest.Row {
	t.Helper()
	list, _, err := s.bookings.Appointments(t.Context(), s.tenant, booking.Filter{Contact: s.customer(t), Limit: 100})
	if err != nil {
		t.Fatal(err)
	}
	zone, err := time.LoadLocation(s.b.Zone)
	if err != nil {
		t.Fatal(err)
	}
	var out []dialoguetest.Row
	for _, a := range list {
		out = append(out, dialoguetest.RowOf(a, zone, s.services, s.staff))
	}
	return out
}

func (s *shop) Person(t testing.TB) string {
	t.Helper()
	list, _, err := s.threads.Conversations(t.Context(), s.tenant, conversation.Filter{})
	if err != nil || len(list) != 1 {
		t.Fatalf("%d conversations, %v", len(list), err)
	}
	if list[0].Owner == conversation.Person {
		return list[0].OwnerReason
	}
	return ""
}

// TestScriptsThroughCallbacks plays each script as Meta would deliver it, with
// the clock at its time, and reads the replies as Meta would be handed them.
func TestScriptsThroughCallbacks(t *testing.T) {
	scripts, err := dialoguetest.Scripts()
	if err != nil {
		t.Fatal(err)
	}
	w := newTown(t)
	played := 0
	for n, s := range scripts {
		if strings.EqualFold(s.Channel, "sms") {
			continue // played on Postgres alone: the channel is another
		}
		played++
		t.Run(s.Name, func(t *testing.T) { dialoguetest.Run(t, s, w.open(t, n, s)) })
	}
	if played < 60 {
		t.Errorf("%d scripts were played, want 60 or more", played)
	}
}
