package webhook_test

import (
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"frontdesk/agent/conversation"
	"frontdesk/gateway/webhook"
	"frontdesk/ingest"
)

// types returns the events of the endpoint's deliveries, sorted.
func (w *world) types(t testing.TB, endpoint string) []string {
	t.Helper()
	list, _, err := w.store.Deliveries(t.Context(), "acme", endpoint, webhook.Filter{Limit: 100})
	if err != nil {
		t.Fatal(err)
	}
	var out []string
	for _, d := range list {
		out = append(out, d.EventType)
	}
	slices.Sort(out)
	return out
}

func inbound(id ingest.MessageID, channel ingest.ChannelID, text string, test bool) ingest.Message {
	return ingest.Message{
		ID: id, Tenant: "acme", Channel: channel, Provider: "whatsapp", Direction: ingest.Inbound, ProviderID: "wamid." + string(id), Test: test,
		Party:   ingest.Party{Identifiers: []ingest.Identifier{{Kind: ingest.Phone, Value: "+14155557777"}}},
		Content: ingest.Content{Type: ingest.Text, Text: text}, At: time.Date(2026, 11, 21, 9, 30, 0, 0, time.UTC),
	}
}

// record has the recorder know a message.
func (w *world) record(m ingest.Message) conversation.Message {
	m.Conversation, m.Contact = "cnv_1", "con_1"
	stored := conversation.Message{Message: m, Number: 7, Status: ingest.Received, CreatedAt: m.At}
	w.known.all[m.ID] = stored
	return stored
}

// TestWhatIsDelivered holds events against what endpoints ask for.
func TestWhatIsDelivered(t *testing.T) {
	main, sandbox := inbound("msg_main", "chn_main", "hi", false), inbound("msg_test", "chn_other", "hi", true)
	events := func(t *testing.T) []ingest.Event {
		return []ingest.Event{
			event(t, ingest.MessageReceived, "acme", "m1", main),
			event(t, ingest.MessageReceived, "acme", "m2", sandbox),
			opened(t, "acme", "1"),
			event(t, ingest.HandoffRequested, "acme", "h", ingest.ConversationChange{Tenant: "acme", Channel: "chn_other", Agent: "agt_other"}),
			event(t, ingest.MessageStatus, "acme", "s1", ingest.StatusChange{Tenant: "acme", Message: "msg_out", Channel: "chn_main", Status: ingest.Delivered}),
			event(t, ingest.MessageStatus, "acme", "s2", ingest.StatusChange{Tenant: "acme", Message: "msg_out", Channel: "chn_main", Status: ingest.Sending}),
			event(t, ingest.PreferenceChanged, "acme", "p", ingest.Preference{Tenant: "acme"}),
			event(t, ingest.LeadQualified, "acme", "l", ingest.Lead{Tenant: "acme", Contact: "con_1", Segment: "lead", Stage: "qualified"}),
			event(t, "appointment.waitlisted", "acme", "w", map[string]any{"tenant_id": "acme", "id": "apt_1", "channel_id": "chn_main"}),
		}
	}
	tests := []struct {
		name string
		spec webhook.Spec
		want []string
	}{
		{"all", webhook.Spec{Events: []string{"*"}}, []string{"appointment.waitlisted", "conversation.opened", "handoff.requested", "lead.qualified", "message.delivered", "message.received", "message.received"}},
		{"a family", webhook.Spec{Events: []string{"message.*"}}, []string{"message.delivered", "message.received", "message.received"}},
		{"a family that this program does not list yet", webhook.Spec{Events: []string{"appointment.*"}}, []string{"appointment.waitlisted"}},
		{"by name", webhook.Spec{Events: []string{"handoff.requested", "call.missed"}}, []string{"handoff.requested"}},
		{"a lead's", webhook.Spec{Events: []string{"lead.qualified"}}, []string{"lead.qualified"}},
		{"nothing that happened", webhook.Spec{Events: []string{"call.missed"}}, nil},
		{"one channel", webhook.Spec{Events: []string{"*"}, Channels: []ingest.ChannelID{"chn_other"}}, []string{"handoff.requested", "message.received"}},
		{"the sandbox alone", webhook.Spec{Events: []string{"*"}, Mode: webhook.ModeTest}, []string{"message.received"}},
		{"nothing of the sandbox", webhook.Spec{Events: []string{"message.received", "handoff.*"}, Mode: webhook.ModeLive}, []string{"handoff.requested", "message.received"}},
		{"one agent: its own events, and those of its channels", webhook.Spec{Events: []string{"*"}, Agent: "agt_main"}, []string{"appointment.waitlisted", "conversation.opened", "message.delivered", "message.received"}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			w.record(main)
			w.record(sandbox)
			out := inbound("msg_out", "chn_main", "answer", false)
			out.Direction = ingest.Outbound
			w.record(out)
			e, _ := w.endpoint(t, "acme", "https://example.com/hooks", func(s *webhook.Spec) { url := s.URL; *s = tt.spec; s.URL = url })
			foreign, _ := w.endpoint(t, "globex", "https://example.com/hooks", nil)
			w.take(t, events(t)...)
			if got := w.types(t, e.ID); !slices.Equal(got, tt.want) {
				t.Errorf("delivered %v, want %v", got, tt.want)
			}
			if list, _, err := w.store.Deliveries(t.Context(), "globex", foreign.ID, webhook.Filter{}); err != nil || len(list) != 0 {
				t.Errorf("%d deliveries for another tenant, %v", len(list), err)
			}
			if _, _, err := w.store.Deliveries(t.Context(), "globex", e.ID, webhook.Filter{}); !errors.Is(err, webhook.ErrNotFound) {
				t.Errorf("another tenant sees the deliveries: %v", err)
			}
		})
	}
}

// TestWhileAnEndpointIsDisabled: what happens then is not kept for it. What
// waited when it was disabled can be replayed.
func TestWhileAnEndpointIsDisabled(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	e, _ := w.endpoint(t, "acme", "https://example.com/hooks", nil)
	set := func(enabled bool) {
		t.Helper()
		if _, err := w.store.Update(t.Context(), "acme", e.ID, webhook.Change{Enabled: &enabled}); err != nil {
			t.Fatal(err)
		}
	}
	w.take(t, opened(t, "acme", "before"))
	set(false)
	w.take(t, opened(t, "acme", "meanwhile"))
	set(true)
	w.take(t, opened(t, "acme", "after"))
	list, _, err := w.store.Deliveries(t.Context(), "acme", e.ID, webhook.Filter{})
	by := map[webhook.Status]int{}
	for _, d := range list {
		by[d.Status]++
	}
	if err != nil || by[webhook.Pending] != 1 || by[webhook.Failed] != 1 || len(list) != 2 {
		t.Fatalf("deliveries = %v, %v; want the one before, given up, and the one after", by, err)
	}
	n, err := w.store.ReplayAll(t.Context(), "acme", e.ID, webhook.Window{Since: time.Now().Add(-time.Hour)})
	if err != nil || n != 1 {
		t.Errorf("replayed %d, %v; want what was given up", n, err)
	}
}

// body returns the data of the one delivery of a type.
func (w *world) body(t testing.TB, endpoint, typ string) (whole []byte, data map[string]any) {
	t.Helper()
	list, _, err := w.store.Deliveries(t.Context(), "acme", endpoint, webhook.Filter{Type: typ})
	if err != nil || len(list) != 1 {
		t.Fatalf("%d deliveries of %s, %v", len(list), typ, err)
	}
	d, err := w.store.Delivery(t.Context(), "acme", endpoint, list[0].ID)
	if err != nil {
		t.Fatal(err)
	}
	data, _ = decode(t, d.Body)["data"].(map[string]any)
	return d.Body, data
}

func TestAMessageIsToldAsTheAPIHasIt(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	e, _ := w.endpoint(t, "acme", "https://example.com/hooks", nil)
	m := inbound("msg_1", "chn_main", "hi", false)
	w.record(m)
	w.known.after = 3 // the recorder is a little behind
	w.take(t, event(t, ingest.MessageReceived, "acme", "m1", m))
	_, data := w.body(t, e.ID, "message.received")
	if data["id"] != "msg_1" || data["number"] != 7.0 || data["conversation_id"] != "cnv_1" || data["text"] != "hi" || data["status"] != "received" {
		t.Errorf("data = %v", data)
	}
	w.known.all["msg_1"] = func() conversation.Message { m := w.known.all["msg_1"]; m.Status = ingest.Read; return m }()
	w.take(t, event(t, ingest.MessageStatus, "acme", "s", ingest.StatusChange{Tenant: "acme", Message: "msg_1", Channel: "chn_main", Status: ingest.Delivered}))
	if _, data := w.body(t, e.ID, "message.delivered"); data["status"] != "delivered" {
		t.Errorf("told that it was delivered when it is read already: %v, want the status of the event", data)
	}
	late := inbound("msg_never", "chn_main", "hello", false)
	w.take(t, event(t, ingest.MessageReceived, "acme", "m2", late))
	list, _, err := w.store.Deliveries(t.Context(), "acme", e.ID, webhook.Filter{Type: "message.received"})
	if err != nil || len(list) != 2 {
		t.Errorf("a message that nobody recorded: %d deliveries, %v; want it told all the same", len(list), err)
	}
}

func TestPayloadsAreBounded(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	e, _ := w.endpoint(t, "acme", "https://example.com/hooks", nil)
	m := inbound("msg_1", "chn_main", strings.Repeat("😀\x01<&>", 30_000), false)
	w.record(m)
	w.take(t, event(t, ingest.MessageReceived, "acme", "m1", m))
	whole, data := w.body(t, e.ID, "message.received")
	if len(whole) > webhook.MaxBodyBytes || data["truncated"] != true || data["id"] != "msg_1" || data["text"] != nil {
		t.Errorf("%d bytes, %v", len(whole), data)
	}
	w.take(t, event(t, "contact.created", "acme", "c", map[string]any{"id": "con_1", "name": "a\x00b", "tenant_id": "acme"}))
	if _, data := w.body(t, e.ID, "contact.created"); data["id"] != "con_1" || data["tenant_id"] != nil {
		t.Errorf("data = %v", data)
	}
}

func TestEventsThatCannotBeRead(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	e, _ := w.endpoint(t, "acme", "https://example.com/hooks", nil)
	bad := opened(t, "acme", "bad")
	bad.Data = []byte(`["no object"]`)
	worse := event(t, ingest.MessageReceived, "acme", "worse", 7)
	errs := w.handler(nil).Handle(t.Context(), []ingest.Event{bad, opened(t, "acme", "good"), worse})
	if len(errs) != 3 || !errors.Is(errs[0], ingest.ErrMalformed) || errs[1] != nil || !errors.Is(errs[2], ingest.ErrMalformed) {
		t.Errorf("errors = %v", errs)
	}
	if got := w.types(t, e.ID); len(got) != 1 {
		t.Errorf("delivered %v, want the good one", got)
	}
}

// TestPostgresIsAway takes the table away: nothing is lost on either side of
// it.
func TestPostgresIsAway(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	dev := listen(t, nil)
	e, _ := w.endpoint(t, "acme", dev.URL, nil)
	w.take(t, many(t, "acme", 0, 20)...)
	away := func(from, to string) {
		t.Helper()
		conn, err := pgx.Connect(t.Context(), w.url)
		if err != nil {
			t.Fatal(err)
		}
		defer conn.Close(t.Context())
		if _, err := conn.Exec(t.Context(), `ALTER TABLE `+from+` RENAME TO `+to); err != nil {
			t.Fatal(err)
		}
	}
	away("webhook_deliveries", "elsewhere")
	errs := w.handler(nil).Handle(t.Context(), many(t, "acme", 20, 5))
	if len(errs) != 5 || slices.Contains(errs, nil) {
		t.Fatalf("errors = %v, want all five to come again", errs)
	}
	failed := make(chan struct{}, 1)
	_, stop := w.run(t, func(c *webhook.Config) { c.Log = tell("webhooks wait", failed) })
	<-failed
	away("elsewhere", "webhook_deliveries")
	w.take(t, many(t, "acme", 20, 5)...)
	dev.await(t, 25)
	stop()
	list, _, err := w.store.Deliveries(t.Context(), "acme", e.ID, webhook.Filter{Status: webhook.Delivered, Limit: 100})
	if err != nil || len(list) != 25 {
		t.Errorf("%d delivered, %v; want 25", len(list), err)
	}
}
