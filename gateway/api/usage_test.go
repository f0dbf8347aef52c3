package api_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"frontdesk/deploy/schema/schematest"
	"frontdesk/gateway/api/apitest"
	"frontdesk/ingest"
)

func TestUsage(t *testing.T) {
	t.Parallel()
	w := apitest.New(t, schematest.Postgres(t), "unlimited")
	c, live := newClient(t, w, w.Maya.Keys["test"]), newClient(t, w, w.Maya.Keys["all"])
	sms, whatsapp := channelNamed(t, w, w.Maya, "sms"), channelNamed(t, w, w.Maya, "main")
	send := func(c client, channel ingest.ChannelID, text, category string) {
		t.Helper()
		c.do("POST", "/v1/messages", fmt.Sprintf(`{"to":"+15555550142","channel":%q,"text":%q,"category":%q}`, channel, text, category), 201)
	}
	w.Receive(t, w.Maya.ID, "main", "+15555550142", "Hello") // it opens the window, too
	send(c, sms, "short", "utility")
	send(c, sms, "short", "utility")
	send(c, sms, strings.Repeat("a", 161), "utility")
	send(c, sms, strings.Repeat("ж", 71), "service")
	send(live, channelNamed(t, w, w.Maya, "real"), "for real", "service")
	send(c, whatsapp, strings.Repeat("a", 500), "service")
	live.do("POST", "/v1/knowledge", `{"title":"Parking","content":"0123456789","questions":["abc"]}`, 201)
	replay(t, w) // what came already comes again

	got := data(live.do("GET", "/v1/usage", "", 200))
	days := got["days"].([]any)
	if len(days) != 30 || got["timezone"] != "America/Belize" || got["storage"].(map[string]any)["knowledge_bytes"] != 13.0 {
		t.Fatalf("usage has %d days, %v", len(days), got["storage"])
	}
	today := days[29].(map[string]any)
	counts := map[string]string{}
	for _, m := range today["messages"].([]any) {
		m := m.(map[string]any)
		counts[fmt.Sprint(m["provider"], " ", m["direction"], " ", m["category"], " test=", m["test"])] = fmt.Sprint(m["messages"], " in ", m["segments"])
	}
	want := map[string]string{
		"whatsapp inbound <nil> test=true": "2 in 0", "twilio outbound utility test=true": "3 in 4", "twilio outbound service test=true": "1 in 2",
		"twilio outbound service test=false": "1 in 1", "whatsapp outbound service test=true": "1 in 0",
	}
	for kind, n := range want {
		if counts[kind] != n {
			t.Errorf("%s: %q, want %q", kind, counts[kind], n)
		}
	}
	if len(counts) != len(want) {
		t.Errorf("usage = %v", counts)
	}
	zone, err := time.LoadLocation("America/Belize")
	if err != nil {
		t.Fatal(err)
	}
	now := time.Now().In(zone)
	if day := now.Format(time.DateOnly); len(data(live.do("GET", "/v1/usage?from="+day+"&to="+day, "", 200))["days"].([]any)) != 1 || today["date"] != day {
		t.Errorf("the last day is %v, want %s", today["date"], day)
	}
	for _, query := range []string{"from=2026-11-21&to=2026-11-20", "from=2026-01-01&to=2026-12-31", "from=yesterday", "to=2026-13-01", "day=2026-11-21"} {
		live.do("GET", "/v1/usage?"+query, "", 400)
	}
	for _, d := range data(newClient(t, w, w.Globex.Keys["all"]).do("GET", "/v1/usage", "", 200))["days"].([]any) {
		if used := d.(map[string]any)["messages"].([]any); len(used) > 0 {
			t.Errorf("another business used %v", used)
		}
	}
}

// replay records one message three times: from the log, and by two providers'
// repeats.
func replay(t *testing.T, w *apitest.World) {
	t.Helper()
	channel := channelNamed(t, w, w.Maya, "main")
	now := time.Now().UTC().Truncate(time.Millisecond)
	m := ingest.Message{
		ID: ingest.InboundID(w.Maya.ID, channel, now, "wamid.again"), Tenant: w.Maya.ID, Channel: channel, Provider: "whatsapp", Direction: ingest.Inbound, ProviderID: "wamid.again",
		Party:   ingest.Party{Identifiers: []ingest.Identifier{{Kind: ingest.Phone, Value: "+15555550142"}}},
		Content: ingest.Content{Type: ingest.Text, Text: "Again"}, At: now, Test: true,
	}
	for range 3 {
		e, err := ingest.NewEvent(ingest.MessageReceived, w.Maya.ID, m.Key(), now, "wamid.again", m)
		if err != nil {
			t.Fatal(err)
		}
		for _, err := range w.Recorder.Handle(t.Context(), []ingest.Event{e}) {
			if err != nil {
				t.Fatal(err)
			}
		}
	}
}

func channelNamed(t *testing.T, w *apitest.World, of apitest.Business, name string) ingest.ChannelID {
	t.Helper()
	channels, err := w.Directory.Channels(t.Context(), of.ID)
	if err != nil {
		t.Fatal(err)
	}
	for _, ch := range channels {
		if ch.Name == name {
			return ch.ID
		}
	}
	t.Fatalf("there is no channel %s", name)
	return ""
}
