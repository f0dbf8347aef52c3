package console_test

import (
	"context"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/valyala/fasthttp"

	"frontdesk/agent"
	"frontdesk/agent/contact"
	"frontdesk/agent/conversation"
	"frontdesk/deploy/schema/schematest"
	"frontdesk/gateway/console"
	"frontdesk/gateway/edge"
	"frontdesk/gateway/provider"
	"frontdesk/gateway/provider/simulator"
	"frontdesk/gateway/provider/whatsapp"
	"frontdesk/gateway/tenant"
	"frontdesk/ingest"
)

const acme, globex = ingest.TenantID("tnt_acme"), ingest.TenantID("tnt_globex")

var main = provider.Channel{
	Tenant: acme, ID: "chn_wa", Type: provider.WhatsApp, Name: "main", Phone: "+15555550100", Ref: "106540352242922", Account: "102290129340398",
	AccessToken: "EAAtoken", AppSecret: "app secret",
}

var sms = provider.Channel{
	Tenant: acme, ID: "chn_sms", Type: provider.Twilio, Name: "sms", Phone: "+15555550101", Ref: "+15555550101",
	Account: "ACe6677f7afb9fa70f01173f0f27c8c80b", AuthToken: "auth token",
}

// desk is a server with the console, the simulator, and a business that
// answers what it is asked.
type desk struct {
	t    *testing.T
	base string
	sim  *simulator.Simulator

	mu      sync.Mutex
	taken   map[string]bool
	turns   []agent.Turn
	owner   conversation.Owner
	person  contact.Contact
	resumed string
	answers sync.WaitGroup
}

func newDesk(t *testing.T) *desk {
	t.Helper()
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	quiet := slog.New(slog.NewTextHandler(io.Discard, nil))
	d := &desk{t: t, base: "http://" + ln.Addr().String(), taken: map[string]bool{}, owner: conversation.Bot}
	d.sim = simulator.New(simulator.Config{CallbackURL: d.base}, d, simulator.NewStore(schematest.Postgres(t)), quiet)
	routes := append(console.New(d, d.sim, console.NewInsight(d, d, d)).Routes(),
		edge.Route{Method: http.MethodPost, Path: "/callbacks/whatsapp", Raw: d.callback})
	cfg := edge.DefaultConfig()
	cfg.DrainDelay = 0
	server, err := edge.New(cfg, edge.Options{Routes: routes, Log: quiet})
	if err != nil {
		t.Fatal(err)
	}
	ctx, stop := context.WithCancel(context.Background())
	var running sync.WaitGroup
	running.Go(func() { _ = d.sim.Run(ctx) })
	running.Go(func() { _ = server.Serve(ctx, ln) })
	t.Cleanup(func() { d.answers.Wait(); stop(); running.Wait() })
	return d
}

// callback takes what the customer wrote and answers it.
func (d *desk) callback(req *fasthttp.RequestCtx) {
	body, err := edge.ReadBody(req, 1<<20)
	if err != nil {
		req.SetStatusCode(http.StatusBadRequest)
		return
	}
	signature, ok := whatsapp.ParseSignature(string(req.Request.Header.Peek("X-Hub-Signature-256")))
	if !ok || !signature.Signs(body, main.AppSecret) {
		req.SetStatusCode(http.StatusUnauthorized)
		return
	}
	updates, err := whatsapp.Parse(body)
	if err != nil {
		d.t.Errorf("parse: %v", err)
	}
	for _, u := range updates {
		if u.Message == nil || u.Message.Content.Type == ingest.Reacted {
			continue
		}
		d.mu.Lock()
		again := d.taken[u.Message.ProviderID]
		d.taken[u.Message.ProviderID] = true
		d.mu.Unlock()
		if !again {
			d.answers.Go(func() { d.answer(*u.Message) })
		}
	}
}

// answer replies as the words ask for; everything else is given back.
func (d *desk) answer(m ingest.Message) {
	ch := simulator.Rewriter(d.base)(main)
	sender := whatsapp.NewSender(whatsapp.Config{APIVersion: "v25.0", Timeout: 5 * time.Second})
	ctx := context.Background()
	_ = sender.MarkRead(ctx, ch, m.ProviderID, true)
	time.Sleep(120 * time.Millisecond) // so that the typing shows
	reply, decision := d.decide(m)
	d.mu.Lock()
	d.person = contact.Contact{ID: "con_1", Identifiers: m.Party.Identifiers}
	if decision.HandOff {
		d.owner = conversation.Person
	}
	d.turns = append(d.turns, agent.Turn{
		Number: len(d.turns) + 1, Brain: "builtin/1", Decision: decision, ReceivedAt: m.At, DecidedAt: m.At.Add(23 * time.Millisecond),
		State: agent.State{Messages: []agent.Prompt{{Type: m.Content.Type, Text: m.Content.Text}}},
	})
	d.mu.Unlock()
	_, err := sender.Send(ctx, ch, ingest.Message{ID: "msg_1", Party: m.Party, Content: reply})
	if err != nil {
		d.t.Errorf("send: %v", err)
	}
}

func (d *desk) decide(m ingest.Message) (ingest.Content, agent.Decision) {
	said := strings.ToLower(m.Content.Text)
	switch {
	case m.Content.Location != nil:
		return ingest.Content{Type: ingest.Text, Text: "Thank you, I see where you are."}, agent.Decision{Outcome: ingest.Declined, Language: "en"}
	case strings.Contains(said, "hours"):
		return ingest.Content{Type: ingest.Text, Text: "We are open Monday to Friday, 8:00–12:00 and 13:00–17:00, and on Saturday 8:00–12:00."},
			agent.Decision{Outcome: ingest.Answered, Language: "en", Acts: []string{"greet", "ask"}, Confidence: .91, Searches: []agent.Search{{
				Query: "what are your opening hours", Supported: true, Confidence: .91, Article: "art_hours", Hits: []agent.Hit{
					{Article: "art_hours", Title: "Opening hours", Score: .87}, {Article: "art_emergency", Title: "Emergencies out of hours", Score: .55}, {Article: "art_park", Title: "Parking", Score: .21},
				}}}}
	case strings.Contains(said, "cleaning"):
		return ingest.Content{Type: ingest.Interactive, Text: "A cleaning takes 30 minutes and costs 50 BZD. Which time suits you?", Menu: &ingest.Menu{
				Header: "Cleaning", Footer: "You can also write another time", Buttons: []ingest.Choice{{ID: "fri-9", Title: "Friday 9:00"}, {ID: "fri-14", Title: "Friday 14:00"}}}},
			agent.Decision{Outcome: ingest.Answered, Language: "en", Acts: []string{"ask"}, Confidence: .74, Searches: []agent.Search{{
				Query: "cleaning", Supported: true, Confidence: .74, Article: "art_price", Hits: []agent.Hit{{Article: "art_price", Title: "Price list", Score: .71}}}}}
	case strings.Contains(said, "services"):
		return ingest.Content{Type: ingest.Interactive, Text: "This is what we do.", Menu: &ingest.Menu{ListTitle: "See services",
				Sections: []ingest.MenuSection{{Title: "Care", Rows: []ingest.Choice{{ID: "cleaning", Title: "Cleaning", Description: "30 minutes"}, {ID: "checkup", Title: "Check-up"}}}}}},
			agent.Decision{Outcome: ingest.Answered, Language: "en", Acts: []string{"ask"}, Confidence: .66}
	case strings.Contains(said, "person"):
		return ingest.Content{Type: ingest.Text, Text: "I'll get someone. Please give us a moment."},
			agent.Decision{Outcome: ingest.HandedOff, Reason: "asked", Language: "en", Acts: []string{"handoff"}, HandOff: true}
	}
	return ingest.Content{Type: ingest.Text, Text: m.Content.Text}, agent.Decision{Outcome: ingest.Declined, Language: "en", Acts: []string{"ask"}, Confidence: .12,
		Searches: []agent.Search{{Query: m.Content.Text, Confidence: .12, Hits: []agent.Hit{{Article: "art_x", Title: m.Content.Text, Score: .1}}}}}
}

// The directory.

func (d *desk) Authenticate(_ context.Context, key string) (tenant.Caller, error) {
	switch key {
	case "fd_test_acme":
		return tenant.Caller{Tenant: acme, KeyID: "key_1", Mode: tenant.ModeTest, Business: tenant.Tenant{Name: "Casa Maya Dental"}}, nil
	case "fd_test_globex":
		return tenant.Caller{Tenant: globex, KeyID: "key_2", Mode: tenant.ModeTest}, nil
	case "fd_live_acme":
		return tenant.Caller{Tenant: acme, KeyID: "key_3", Mode: tenant.ModeLive}, nil
	}
	return tenant.Caller{}, tenant.ErrUnauthenticated
}

func (d *desk) Channels(_ context.Context, of ingest.TenantID) ([]provider.Channel, error) {
	if of != acme {
		return nil, nil
	}
	return []provider.Channel{main, sms}, nil
}

func (d *desk) Channel(_ context.Context, of ingest.TenantID, id ingest.ChannelID) (provider.Channel, error) {
	for _, ch := range []provider.Channel{main, sms} {
		if ch.Tenant == of && ch.ID == id {
			return ch, nil
		}
	}
	return provider.Channel{}, fmt.Errorf("channel: %w", tenant.ErrNotFound)
}

func (d *desk) ByRef(_ context.Context, typ, ref string) (provider.Channel, bool, error) {
	for _, ch := range []provider.Channel{main, sms} {
		if ch.Type == typ && ch.Ref == ref {
			return ch, true, nil
		}
	}
	return provider.Channel{}, false, nil
}

func (d *desk) ByAccount(context.Context, string, string) ([]provider.Channel, error) {
	return []provider.Channel{sms}, nil
}

// The agent's stores.

func (d *desk) Contacts(_ context.Context, of ingest.TenantID, _ contact.Filter) ([]contact.Contact, string, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if of != acme || d.person.ID == "" {
		return nil, "", nil
	}
	return []contact.Contact{d.person}, "", nil
}

func (d *desk) Conversations(_ context.Context, _ ingest.TenantID, f conversation.Filter) ([]conversation.Conversation, string, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if f.State != conversation.Open {
		return nil, "", nil
	}
	reason := ""
	if d.owner == conversation.Person {
		reason = "asked"
	}
	return []conversation.Conversation{{ID: "cnv_1", Number: 7, State: conversation.Open, Owner: d.owner, OwnerReason: reason, Language: "en", Turns: len(d.turns), Test: true}}, "", nil
}

func (d *desk) Resume(_ context.Context, _ ingest.TenantID, id ingest.ConversationID, by string) (conversation.Conversation, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.owner, d.resumed = conversation.Bot, by
	return conversation.Conversation{ID: id}, nil
}

func (d *desk) Turns(context.Context, ingest.TenantID, ingest.ConversationID) ([]agent.Turn, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	return append([]agent.Turn(nil), d.turns...), nil
}
