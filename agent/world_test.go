package agent_test

import (
	"context"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"frontdesk/agent"
	"frontdesk/agent/contact"
	"frontdesk/agent/conversation"
	"frontdesk/agent/outbox"
	"frontdesk/deploy/schema/schematest"
	"frontdesk/ingest"
	"frontdesk/ingest/tenantdb"
	"frontdesk/kb"
)

const (
	acme    ingest.TenantID  = "acme"
	globex  ingest.TenantID  = "globex"
	channel ingest.ChannelID = "chn_1"
)

// shelf is a knowledge whose articles answer questions that hold their word.
type shelf struct {
	mu        sync.Mutex
	articles  map[string]string // word → text
	fault     error
	asked     int
	meanwhile func() // runs inside Answer
}

func (s *shelf) AnswerAt(_ context.Context, _ ingest.TenantID, _ int64, q kb.Query) (kb.Answer, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.asked++
	if s.meanwhile != nil {
		s.meanwhile()
	}
	if s.fault != nil {
		return kb.Answer{}, s.fault
	}
	for word, text := range s.articles {
		if strings.Contains(strings.ToLower(q.Text), word) {
			id := ingest.ArticleID("art_" + word)
			return kb.Answer{Supported: true, Confidence: 0.9, Text: text, Article: id, Hits: []kb.Hit{{Article: id, Passage: "psg_1", Title: word, Score: 1}}}, nil
		}
	}
	return kb.Answer{Confidence: 0.1}, nil
}

type town struct{}

func (town) Business(_ context.Context, tenant ingest.TenantID) (agent.Business, error) {
	return agent.Business{Name: "Casa Maya", Languages: []string{"en", "es", "de"}}, nil
}

// world is the agent's parts on a database of their own.
type world struct {
	t             testing.TB
	db            *tenantdb.DB
	agents        *agent.Store
	contacts      *contact.Store
	conversations *conversation.Store
	knowledge     *shelf
	recorder      *agent.Recorder
	turns         *agent.Turns
	log           *log
}

func newWorld(t testing.TB) *world {
	t.Helper()
	return worldOn(t, schematest.Postgres(t))
}

func worldOn(t testing.TB, db *tenantdb.DB) *world {
	t.Helper()
	w := &world{t: t, db: db, knowledge: &shelf{articles: map[string]string{"parking": "Free parking behind the building.", "hours": "We are open from 8 to 5."}}, log: &log{}}
	w.agents = agent.NewStore(db)
	w.contacts = contact.NewStore(db, conversation.Repoint)
	w.conversations = conversation.NewStore(db, w.contacts, nil)
	w.turns = w.newTurns(agent.TurnsConfig{Pace: -1, Poll: 5 * time.Millisecond})
	w.recorder = agent.NewRecorder(db, w.agents, w.contacts, w.conversations, agent.RecorderConfig{Pace: -1, Recorded: w.turns.Wake})
	return w
}

func (w *world) newTurns(cfg agent.TurnsConfig) *agent.Turns {
	return agent.NewTurns(agent.Parts{DB: w.db, Agents: w.agents, Contacts: w.contacts, Knowledge: w.knowledge, Businesses: town{}}, cfg)
}

func (w *world) agent(tenant ingest.TenantID, change func(*agent.Agent)) agent.Agent {
	w.t.Helper()
	a := agent.Agent{Name: "Front desk", Channels: []ingest.ChannelID{channel}}
	if change != nil {
		change(&a)
	}
	saved, err := w.agents.SaveAgent(w.t.Context(), tenant, a)
	if err != nil {
		w.t.Fatal(err)
	}
	return saved
}

// log takes what the relay publishes.
type log struct {
	mu     sync.Mutex
	events []ingest.Event
}

func (l *log) Publish(_ context.Context, records ...ingest.Record) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	for _, r := range records {
		e, err := ingest.DecodeEvent(r.Value)
		if err != nil {
			return err
		}
		l.events = append(l.events, e)
	}
	return nil
}

// published returns all events of a type that were announced.
func (w *world) published(typ ingest.EventType) []ingest.Event {
	w.t.Helper()
	relay := outbox.NewRelay(w.db, w.log, outbox.Config{})
	for more := true; more; {
		var err error
		if more, err = relay.Drain(w.t.Context()); err != nil {
			w.t.Fatal(err)
		}
	}
	w.log.mu.Lock()
	defer w.log.mu.Unlock()
	var out []ingest.Event
	for _, e := range w.log.events {
		if e.Type == typ {
			out = append(out, e)
		}
	}
	return out
}

// replies returns the texts that were announced to dispatch.
func (w *world) replies() []string {
	w.t.Helper()
	out := []string{}
	for _, e := range w.published(ingest.MessageQueued) {
		var m ingest.Message
		if err := e.DecodeData(&m); err != nil {
			w.t.Fatal(err)
		}
		out = append(out, m.Content.Text)
	}
	return out
}

func phone(n int) ingest.Identifier {
	return ingest.Identifier{Kind: ingest.Phone, Value: fmt.Sprintf("+1555%07d", n)}
}

func user(n int) ingest.Identifier {
	return ingest.Identifier{Kind: ingest.WhatsAppUser, Value: fmt.Sprintf("US.%d", n)}
}

var morning = time.Date(2026, 3, 2, 9, 0, 0, 0, time.UTC)

// said is a message of a contact.
func said(tenant ingest.TenantID, id, text string, from ...ingest.Identifier) ingest.Message {
	return ingest.Message{
		ID: ingest.InboundID(tenant, channel, morning, id), Tenant: tenant, Channel: channel, Provider: "whatsapp", Direction: ingest.Inbound, ProviderID: id,
		Party: ingest.Party{Identifiers: from}, Content: ingest.Content{Type: ingest.Text, Text: text}, At: morning,
	}
}

func event(t testing.TB, m ingest.Message) ingest.Event {
	t.Helper()
	e, err := ingest.NewEvent(ingest.MessageReceived, m.Tenant, m.Key(), m.At, m.ProviderID, m)
	if err != nil {
		t.Fatal(err)
	}
	return e
}

func events(t testing.TB, list ...ingest.Message) []ingest.Event {
	t.Helper()
	out := make([]ingest.Event, len(list))
	for i, m := range list {
		out[i] = event(t, m)
	}
	return out
}

// record hands messages to the recorder and fails on any error.
func (w *world) record(list ...ingest.Message) {
	w.t.Helper()
	for _, err := range w.recorder.Handle(w.t.Context(), events(w.t, list...)) {
		if err != nil {
			w.t.Fatal(err)
		}
	}
}

// run works through turns until none is due.
func (w *world) run() { w.runAll(w.turns) }

func (w *world) runAll(list ...*agent.Turns) {
	w.t.Helper()
	w.runFor(func() bool { return agent.Waiting(w.t, w.db) > 0 }, list...)
}

// runWhile works through turns as long as more holds.
func (w *world) runWhile(more func() bool) { w.runFor(more, w.turns) }

func (w *world) runFor(more func() bool, list ...*agent.Turns) {
	w.t.Helper()
	ctx, cancel := context.WithCancel(w.t.Context())
	var wg sync.WaitGroup
	for _, turns := range list {
		wg.Go(func() {
			if err := turns.Run(ctx); err != nil {
				w.t.Error(err)
			}
		})
	}
	deadline := time.Now().Add(8 * time.Second)
	for more() {
		if time.Now().After(deadline) {
			w.t.Error("turns are still due after 8 s")
			break
		}
		time.Sleep(time.Millisecond) // the end of a turn is seen in the database alone
	}
	cancel()
	wg.Wait()
}

// talk has one contact write texts, one turn each, and returns the conversation.
func (w *world) talk(tenant ingest.TenantID, from ingest.Identifier, texts ...string) conversation.Conversation {
	w.t.Helper()
	for i, text := range texts {
		m := said(tenant, fmt.Sprintf("%s-%d-%s", from.Value, i, text), text, from)
		m.At = morning.Add(time.Duration(i) * time.Minute)
		w.record(m)
		w.run()
	}
	return w.only(tenant)
}

// only returns the tenant's one conversation.
func (w *world) only(tenant ingest.TenantID) conversation.Conversation {
	w.t.Helper()
	list, _, err := w.conversations.Conversations(w.t.Context(), tenant, conversation.Filter{})
	if err != nil || len(list) != 1 {
		w.t.Fatalf("%d conversations, %v; want one", len(list), err)
	}
	return list[0]
}

func (w *world) history(id ingest.ConversationID) []agent.Turn {
	w.t.Helper()
	list, err := w.agents.Turns(w.t.Context(), acme, id)
	if err != nil {
		w.t.Fatal(err)
	}
	return list
}

// outcomes returns how the turns of the tenant's one conversation ended.
func (w *world) outcomes() []ingest.Outcome {
	w.t.Helper()
	var out []ingest.Outcome
	for _, turn := range w.history(w.only(acme).ID) {
		out = append(out, turn.Decision.Outcome)
	}
	return out
}
