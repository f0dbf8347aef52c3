package remind_test

import (
	"context"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"frontdesk/agent"
	"frontdesk/agent/booking"
	"frontdesk/agent/contact"
	"frontdesk/agent/conversation"
	"frontdesk/agent/outbox"
	"frontdesk/agent/remind"
	"frontdesk/deploy/schema/schematest"
	"frontdesk/ingest"
	"frontdesk/ingest/tenantdb"
	"frontdesk/kb"
)

const (
	acme     ingest.TenantID  = "acme"
	globex   ingest.TenantID  = "globex"
	whatsapp ingest.ChannelID = "chn_whatsapp"
	sms      ingest.ChannelID = "chn_sms"
)

// world is a business on a database of its own, with all that answers a contact
// and a clock that the test sets. What would go to dispatch is read from the
// outbox.
type world struct {
	t             *testing.T
	mu            sync.Mutex
	clock         time.Time
	gate          func(ingest.Message) error // nil passes all
	log           []ingest.Event
	said          int
	languages     []string
	zone          string
	channels      []remind.Channel
	db            *tenantdb.DB
	bookings      *booking.Store
	agents        *agent.Store
	contacts      *contact.Store
	conversations *conversation.Store
	recorder      *agent.Recorder
	turns         *agent.Turns
	worker        *remind.Worker

	ana   booking.Staff
	clean booking.Service
}

// newWorld opens a business in zone that reminds of a cleaning a day before, and
// has one person from 08:00 to 12:00.
func newWorld(t *testing.T, zone string, reminders ...booking.Reminder) *world {
	t.Helper()
	w := &world{t: t, clock: time.Date(2026, 11, 23, 13, 0, 0, 0, time.UTC), languages: []string{"en", "es", "de"}, zone: zone, db: schematest.Postgres(t)}
	w.channels = []remind.Channel{{ID: whatsapp, Provider: "whatsapp"}, {ID: sms, Provider: "twilio"}}
	w.bookings = booking.NewStore(w.db, booking.Config{Now: w.now})
	w.agents, w.contacts = agent.NewStore(w.db), contact.NewStore(w.db, conversation.Repoint)
	w.conversations = conversation.NewStore(w.db, w.contacts, nil)
	w.turns = agent.NewTurns(agent.Parts{DB: w.db, Agents: w.agents, Contacts: w.contacts, Knowledge: shelf{}, Businesses: w, Bookings: w.bookings},
		agent.TurnsConfig{Pace: -1, Poll: 5 * time.Millisecond, Now: w.now})
	w.recorder = agent.NewRecorder(w.db, w.agents, w.contacts, w.conversations, agent.RecorderConfig{Pace: -1, Recorded: w.turns.Wake})
	w.worker = w.another(w)
	week, err := booking.ParseWeek(map[string][]string{"monday": {"08:00-12:00"}, "tuesday": {"08:00-12:00"}, "wednesday": {"08:00-12:00"}, "thursday": {"08:00-12:00"}, "friday": {"08:00-12:00"}})
	w.must(err)
	w.exec(acme, `INSERT INTO tenants (tenant_id, slug, name, timezone, plan, hours) VALUES ('acme', 'acme', 'Casa Maya', $1, 'pro', $2)`, zone, week)
	_, err = w.agents.SaveAgent(t.Context(), acme, agent.Agent{Name: "Front desk", Channels: []ingest.ChannelID{whatsapp, sms}})
	w.must(err)
	w.ana, err = w.bookings.SaveStaff(t.Context(), acme, booking.Staff{Name: "Ana"})
	w.must(err)
	w.clean, err = w.bookings.SaveService(t.Context(), acme, booking.Service{Name: "Cleaning", Duration: time.Hour, Reminders: reminders})
	w.must(err)
	return w
}

var dayBefore = booking.Reminder{Before: 24 * time.Hour}

// another returns a worker beside the world's own, with a gate.
func (w *world) another(gate interface {
	Check(context.Context, ingest.TenantID, ingest.Message) error
}) *remind.Worker {
	return remind.New(remind.Parts{
		Bookings: w.bookings, Conversations: w.conversations, Contacts: w.contacts, Agents: w.agents, Directory: w, Gate: gate,
	}, remind.Config{Now: w.now})
}

func (w *world) must(err error) {
	w.t.Helper()
	if err != nil {
		w.t.Fatal(err)
	}
}

func (w *world) now() time.Time {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.clock
}

func (w *world) at(t time.Time) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.clock = t.UTC()
}

func (w *world) Business(context.Context, ingest.TenantID) (agent.Business, error) {
	return agent.Business{Name: "Casa Maya", Timezone: w.zone, Languages: w.languages}, nil
}

func (w *world) Channels(context.Context, ingest.TenantID) ([]remind.Channel, error) {
	return w.channels, nil
}

func (w *world) Check(_ context.Context, _ ingest.TenantID, m ingest.Message) error {
	if w.gate == nil {
		return nil
	}
	return w.gate(m)
}

type shelf struct{}

func (shelf) AnswerAt(context.Context, ingest.TenantID, int64, kb.Query) (kb.Answer, error) {
	return kb.Answer{}, nil
}

func (w *world) exec(tenant ingest.TenantID, sql string, args ...any) {
	w.t.Helper()
	w.must(w.db.InTenant(w.t.Context(), tenant, func(tx pgx.Tx) error {
		_, err := tx.Exec(w.t.Context(), sql, args...)
		return err
	}))
}

func (w *world) one(sql string, args ...any) (out string) {
	w.t.Helper()
	w.must(w.db.InTenant(w.t.Context(), acme, func(tx pgx.Tx) error { return tx.QueryRow(w.t.Context(), sql, args...).Scan(&out) }))
	return out
}

// local is a time by the business's clock.
func (w *world) local(text string) time.Time {
	w.t.Helper()
	zone, err := time.LoadLocation(w.zone)
	w.must(err)
	at, err := time.ParseInLocation("2006-01-02 15:04", text, zone)
	w.must(err)
	return at.UTC()
}

// person is somebody who writes to the business.
type person struct {
	*world
	phone   string
	channel ingest.ChannelID
	test    bool
	opt     ingest.OptWord // what the provider takes the words for
}

func (w *world) person(n int, channel ingest.ChannelID) *person {
	return &person{world: w, phone: fmt.Sprintf("+1555%07d", n), channel: channel}
}

// say has p write text, or press the button choice, and returns the reply.
func (p *person) say(text string, choice ...string) ingest.Message {
	p.t.Helper()
	p.said++
	id := fmt.Sprintf("%s-%d", p.phone, p.said)
	m := ingest.Message{
		ID: ingest.InboundID(acme, p.channel, p.now(), id), Tenant: acme, Channel: p.channel, Provider: map[ingest.ChannelID]string{whatsapp: "whatsapp", sms: "twilio"}[p.channel],
		Direction: ingest.Inbound, ProviderID: id, Party: ingest.Party{Identifiers: []ingest.Identifier{{Kind: ingest.Phone, Value: p.phone}}},
		Content: ingest.Content{Type: ingest.Text, Text: text}, At: p.now(), Test: p.test, OptWord: p.opt,
	}
	if len(choice) > 0 {
		m.Content = ingest.Content{Type: ingest.Interactive, Text: text, Selection: &ingest.Selection{Kind: "button", ID: choice[0], Title: text}}
	}
	e, err := ingest.NewEvent(ingest.MessageReceived, acme, m.Key(), m.At, m.ProviderID, m)
	p.must(err)
	before := len(p.sent())
	for _, err := range p.recorder.Handle(p.t.Context(), []ingest.Event{e}) {
		p.must(err)
	}
	p.work()
	if all := p.sent(); len(all) > before {
		return all[len(all)-1]
	}
	return ingest.Message{}
}

// work takes turns until none is due.
func (w *world) work() {
	w.t.Helper()
	ctx, cancel := context.WithCancel(w.t.Context())
	var done sync.WaitGroup
	done.Go(func() { _ = w.turns.Run(ctx) })
	deadline := time.Now().Add(15 * time.Second)
	for w.one(`SELECT count(*)::text FROM turns_due`) != "0" {
		if time.Now().After(deadline) {
			w.t.Error("turns are still due after 15 s")
			break
		}
		time.Sleep(time.Millisecond) // the end of a turn is seen in the database alone
	}
	cancel()
	done.Wait()
}

// thread returns the conversation of p.
func (p *person) thread() conversation.Conversation {
	p.t.Helper()
	list, _, err := p.conversations.Conversations(p.t.Context(), acme, conversation.Filter{Channel: p.channel, Limit: 100})
	p.must(err)
	for _, c := range list {
		if c.Party.Address() == p.phone && c.Test == p.test {
			return c
		}
	}
	p.t.Fatalf("%s has no conversation", p.phone)
	return conversation.Conversation{}
}

// book books a cleaning for p by API.
func (p *person) book(start string, test bool) booking.Appointment {
	p.t.Helper()
	a, err := p.bookings.Book(p.t.Context(), acme, booking.Draft{Service: p.clean.ID, Start: p.local(start), Contact: p.thread().Contact, Test: test})
	p.must(err)
	return a
}

func (w *world) appointment(id ingest.AppointmentID) booking.Appointment {
	w.t.Helper()
	a, err := w.bookings.Appointment(w.t.Context(), acme, id)
	w.must(err)
	return a
}

// round has the worker do what is due.
func (w *world) round() {
	w.t.Helper()
	w.must(w.worker.Round(w.t.Context()))
}

// Publish takes what the outbox is relayed.
func (w *world) Publish(_ context.Context, records ...ingest.Record) error {
	for _, r := range records {
		e, err := ingest.DecodeEvent(r.Value)
		if err != nil {
			return err
		}
		w.log = append(w.log, e)
	}
	return nil
}

// announced returns all events of a type so far.
func (w *world) announced(typ ingest.EventType) (out []ingest.Event) {
	w.t.Helper()
	relay := outbox.NewRelay(w.db, w, outbox.Config{})
	for more := true; more; {
		var err error
		more, err = relay.Drain(w.t.Context())
		w.must(err)
	}
	for _, e := range w.log {
		if e.Type == typ {
			out = append(out, e)
		}
	}
	return out
}

// sent returns all messages that dispatch was told to send.
func (w *world) sent() (out []ingest.Message) {
	w.t.Helper()
	for _, e := range w.announced(ingest.MessageQueued) {
		var m ingest.Message
		w.must(e.DecodeData(&m))
		out = append(out, m)
	}
	return out
}

// notices returns those of them that the business sent of its own accord.
func (w *world) notices() (out []ingest.Message) {
	w.t.Helper()
	for _, m := range w.sent() {
		if m.Category == "utility" {
			out = append(out, m)
		}
	}
	return out
}

// only returns the one notice that was sent.
func (w *world) only() ingest.Message {
	w.t.Helper()
	list := w.notices()
	if len(list) != 1 {
		w.t.Fatalf("%d notices were sent, want one", len(list))
	}
	return list[0]
}

// button returns the id of the n-th button of m.
func button(t *testing.T, m ingest.Message, n int) string {
	t.Helper()
	if m.Content.Menu == nil || len(m.Content.Menu.Buttons) <= n {
		t.Fatalf("%q has no button %d", m.Content.Text, n)
	}
	return m.Content.Menu.Buttons[n].ID
}

func (w *world) has(text string, parts ...string) {
	w.t.Helper()
	for _, part := range parts {
		if !strings.Contains(text, part) {
			w.t.Errorf("%q does not say %q", text, part)
		}
	}
}
