package dispatch

import (
	"context"
	"fmt"
	"io"
	"log/slog"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"frontdesk/deploy/schema/schematest"
	"frontdesk/gateway/provider"
	"frontdesk/gateway/tenant"
	"frontdesk/ingest"
	"frontdesk/ingest/tenantdb"
)

const acme, globex = ingest.TenantID("tnt_acme"), ingest.TenantID("tnt_globex")

// world is a Dispatcher on a real parking lot, with a ledger, contacts and a
// provider that the test steers.
type world struct {
	t        testing.TB
	db       *tenantdb.DB
	ledger   *memoryLedger
	provider *memoryProvider
	people   *memoryPeople
	channels *memoryChannels
	d        *Dispatcher
	notices  []string // outbox events
}

// newWorld returns a world whose dispatcher waits for providers however slow the
// machine is, unless config says how long.
func newWorld(t testing.TB, config Config) *world {
	t.Helper()
	pick(&config.Patience, time.Minute)
	w := &world{t: t, db: schematest.Postgres(t)}
	w.ledger = &memoryLedger{status: map[ingest.MessageID]ingest.Status{}, messages: map[ingest.MessageID]ingest.Message{}}
	w.provider = &memoryProvider{ledger: w.ledger, took: map[ingest.MessageID]int{}}
	w.people = &memoryPeople{}
	w.channels = &memoryChannels{of: map[ingest.ChannelID]provider.Channel{}}
	w.d = w.replica(config)
	return w
}

// replica returns another Dispatcher on the same parts.
func (w *world) replica(config Config) *Dispatcher {
	pick(&config.Patience, time.Minute)
	store := NewStore(w.db, func(_ context.Context, _ pgx.Tx, _ ingest.Topic, events ...ingest.Event) error {
		for _, e := range events {
			var notice ingest.AccountUpdate
			if err := e.DecodeData(&notice); err != nil {
				return err
			}
			w.notices = append(w.notices, notice.Field)
		}
		return nil
	})
	return New(config, Parts{
		Store: store, Ledger: w.ledger, Standings: w.people, Policies: w.people, Preferences: w.people, Directory: w.channels,
		Senders: map[string]provider.Sender{provider.WhatsApp: w.provider, provider.Twilio: w.provider},
		Simulate: func(ch provider.Channel) provider.Channel {
			ch.BaseURL = "simulator"
			return ch
		},
		Log: slog.New(slog.NewTextHandler(io.Discard, nil)),
	})
}

// queue stores messages as queued and returns their events. A message is named
// by its lane and a number: "dana-1".
func (w *world) queue(channel ingest.ChannelID, lane string, numbers ...int) []ingest.Event {
	w.t.Helper()
	var events []ingest.Event
	for _, n := range numbers {
		events = append(events, w.event(ingest.Message{
			ID: ingest.MessageID(fmt.Sprintf("%s-%d", lane, n)), Tenant: acme, Channel: channel,
			Conversation: ingest.ConversationID("cnv_" + lane), Contact: ingest.ContactID("con_" + lane),
			Direction: ingest.Outbound, Content: ingest.Content{Type: ingest.Text, Text: "hello"}, Category: Service,
			Party: ingest.Party{Identifiers: []ingest.Identifier{{Kind: ingest.Phone, Value: "+15555550142"}}},
		}))
	}
	return events
}

func (w *world) event(m ingest.Message) ingest.Event {
	w.t.Helper()
	w.ledger.mu.Lock()
	w.ledger.messages[m.ID], w.ledger.status[m.ID] = m, ingest.Queued
	w.ledger.mu.Unlock()
	if _, ok := w.channels.of[m.Channel]; !ok {
		w.channels.of[m.Channel] = provider.Channel{Tenant: m.Tenant, ID: m.Channel, Type: provider.WhatsApp, RatePerSecond: 1000, AccessToken: "t"}
	}
	e, err := ingest.NewEvent(ingest.MessageQueued, m.Tenant, m.Key(), time.Unix(1_790_000_000, 0), string(m.ID), m)
	if err != nil {
		w.t.Fatal(err)
	}
	return e
}

// handle fails the test unless all events are taken.
func (w *world) handle(events ...ingest.Event) {
	w.t.Helper()
	for i, err := range w.d.Handle(w.t.Context(), events) {
		if err != nil {
			w.t.Fatalf("event %d: %v", i, err)
		}
	}
}

// parked returns the ids of waiting messages in order.
func (w *world) parked() []string {
	w.t.Helper()
	var ids []string
	w.sql(func(tx pgx.Tx) error {
		rows, err := tx.Query(w.t.Context(), `SELECT message_id FROM dispatch_parked ORDER BY seq`)
		if err != nil {
			return err
		}
		ids, err = pgx.CollectRows(rows, pgx.RowTo[string])
		return err
	})
	return ids
}

// hurry makes everything that waits due, leases too.
func (w *world) hurry() {
	w.t.Helper()
	w.sql(func(tx pgx.Tx) error {
		if _, err := tx.Exec(w.t.Context(), `UPDATE dispatch_parked SET due_at = now(), leased_until = NULL`); err != nil {
			return err
		}
		_, err := tx.Exec(w.t.Context(), `UPDATE dispatch_channels SET blocked_until = now()`)
		return err
	})
	w.d.board.forget()
}

func (w *world) sql(fn func(pgx.Tx) error) {
	w.t.Helper()
	if err := w.db.AcrossTenants(w.t.Context(), fn); err != nil {
		w.t.Fatal(err)
	}
}

// drain works off what waits, at most rounds times, and hurries it before each.
func (w *world) drain(rounds int) {
	w.t.Helper()
	for range rounds {
		w.hurry()
		rows, err := w.d.Store.lease(w.t.Context(), leaseAtOnce, time.Minute)
		if err != nil {
			w.t.Fatal(err)
		}
		if len(rows) == 0 {
			return
		}
		w.d.resumeRows(w.t.Context(), rows)
	}
}

func (w *world) wantStatus(id ingest.MessageID, want ingest.Status) {
	w.t.Helper()
	if got := w.ledger.of(id); got != want {
		w.t.Errorf("%s is %s, want %s", id, got, want)
	}
}

// memoryLedger keeps messages as conversation.Store does.
type memoryLedger struct {
	mu       sync.Mutex
	messages map[ingest.MessageID]ingest.Message
	status   map[ingest.MessageID]ingest.Status
	errors   map[ingest.MessageID][]ingest.ProviderError
	fail     error // of Claim
}

func (l *memoryLedger) of(id ingest.MessageID) ingest.Status {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.status[id]
}

func (l *memoryLedger) Load(_ context.Context, tenant ingest.TenantID, ids []ingest.MessageID) ([]ingest.Message, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	var found []ingest.Message
	for _, id := range ids {
		if m, ok := l.messages[id]; ok && m.Tenant == tenant {
			found = append(found, m)
		}
	}
	return found, nil
}

func (l *memoryLedger) Claim(_ context.Context, _ ingest.TenantID, ids []ingest.MessageID) (map[ingest.MessageID]bool, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.fail != nil {
		return nil, l.fail
	}
	claimed := map[ingest.MessageID]bool{}
	for _, id := range ids {
		switch l.status[id] {
		case ingest.Queued:
			l.status[id], claimed[id] = ingest.Sending, true
		case ingest.Sending:
			l.status[id] = ingest.Unknown
		}
	}
	return claimed, nil
}

func (l *memoryLedger) Settle(_ context.Context, _ ingest.TenantID, settlements []Settlement) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	for _, s := range settlements {
		old := l.status[s.Message]
		if s.Status == ingest.Queued && old == ingest.Sending || s.Status.Supersedes(old) {
			l.status[s.Message] = s.Status
			if l.errors == nil {
				l.errors = map[ingest.MessageID][]ingest.ProviderError{}
			}
			l.errors[s.Message] = s.Errors
		}
	}
	return nil
}

// memoryProvider keeps the books on what reached it.
type memoryProvider struct {
	ledger *memoryLedger
	answer func(ch provider.Channel, m ingest.Message) error // nil takes everything

	mu      sync.Mutex
	took    map[ingest.MessageID]int
	order   []ingest.MessageID
	calls   int
	early   []ingest.MessageID // called for without a claim
	through []string           // base URLs
}

func (p *memoryProvider) Send(_ context.Context, ch provider.Channel, m ingest.Message) (provider.Sent, error) {
	p.mu.Lock()
	p.calls++
	if p.ledger.of(m.ID) != ingest.Sending {
		p.early = append(p.early, m.ID)
	}
	answer := p.answer
	p.mu.Unlock()
	var err error
	if answer != nil {
		err = answer(ch, m)
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	p.through = append(p.through, ch.BaseURL)
	if err == nil || provider.AsSendError(err).Reason == provider.Ambiguous {
		p.took[m.ID]++
		p.order = append(p.order, m.ID)
	}
	return provider.Sent{ProviderID: "wamid." + string(m.ID)}, err
}

func (p *memoryProvider) MarkRead(context.Context, provider.Channel, string, bool) error { return nil }

// wantOrder fails the test unless the messages of each lane were taken once, in
// the order of their numbers, none left out.
func (p *memoryProvider) wantOrder(t *testing.T, lanes map[string]int) {
	t.Helper()
	for lane, n := range lanes {
		var got, want []ingest.MessageID
		for _, id := range p.order {
			if len(id) > len(lane) && string(id[:len(lane)+1]) == lane+"-" {
				got = append(got, id)
			}
		}
		for i := range n {
			want = append(want, ingest.MessageID(fmt.Sprintf("%s-%d", lane, i+1)))
		}
		if !slices.Equal(got, want) {
			t.Errorf("%s was sent %v, want %v", lane, got, want)
		}
	}
}

// memoryPeople allows everything unless told otherwise.
type memoryPeople struct {
	mu          sync.Mutex
	refused     map[ingest.ContactID]bool
	shut        bool // the window
	policy      Policy
	preferences []ingest.Preference
}

func (p *memoryPeople) Standings(_ context.Context, _ ingest.TenantID, questions []Question) ([]Standing, error) {
	answers := make([]Standing, len(questions))
	for i, q := range questions {
		answers[i].Allowed = !p.refused[q.Contact]
		if !p.shut {
			answers[i].WindowUntil = time.Now().Add(time.Hour)
		}
	}
	return answers, nil
}

func (p *memoryPeople) SendPolicy(context.Context, ingest.TenantID) (Policy, error) {
	return p.policy, nil
}

func (p *memoryPeople) SetPreference(_ context.Context, _ ingest.TenantID, pref ingest.Preference) error {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.preferences = append(p.preferences, pref)
	return nil
}

type memoryChannels struct {
	mu sync.Mutex
	of map[ingest.ChannelID]provider.Channel
}

func (c *memoryChannels) Channel(_ context.Context, of ingest.TenantID, id ingest.ChannelID) (provider.Channel, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	ch, ok := c.of[id]
	if !ok || ch.Tenant != of {
		return ch, tenant.ErrNotFound
	}
	return ch, nil
}

func (c *memoryChannels) Simulated(_ context.Context, _ ingest.TenantID, id ingest.ChannelID) (bool, error) {
	return id == "chn_made_up", nil
}

// noStatuses takes receipts and forgets them.
type noStatuses struct{}

func (noStatuses) ApplyReceipts(context.Context, ingest.TenantID, []ingest.Receipt) error { return nil }
