package e2e

import (
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"sync"
	"testing"
	"time"

	standardwebhooks "github.com/standard-webhooks/standard-webhooks/libraries/go"

	"frontdesk/cmd/internal/ledger"
)

// hooks is a developer's endpoint: it keeps the data of verified events by
// type, the first of each webhook-id.
type hooks struct {
	mu     sync.Mutex
	secret string
	seen   map[string]bool
	told   map[string][]map[string]any
	forged int
}

func (h *hooks) ServeHTTP(_ http.ResponseWriter, r *http.Request) {
	body, _ := io.ReadAll(r.Body)
	h.mu.Lock()
	defer h.mu.Unlock()
	verifier, err := standardwebhooks.NewWebhook(h.secret)
	if err != nil || verifier.Verify(body, r.Header) != nil {
		h.forged++
		return
	}
	var e struct {
		Type string
		Data map[string]any
	}
	if err := json.Unmarshal(body, &e); err != nil || h.seen[r.Header.Get("webhook-id")] {
		return
	}
	h.seen[r.Header.Get("webhook-id")] = true
	h.told[e.Type] = append(h.told[e.Type], e.Data)
}

func (h *hooks) of(typ string) []map[string]any {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.told[typ]
}

// TestDevelopersAreTold follows a customer's message to a developer's endpoint,
// through a kill of the whole system.
func TestDevelopersAreTold(t *testing.T) {
	s := start(t, "FRONTDESK_WEBHOOK_ALLOW=127.0.0.0/8")
	h := &hooks{seen: map[string]bool{}, told: map[string][]map[string]any{}}
	server := httptest.NewServer(h)
	defer server.Close()
	var made struct {
		Data struct{ ID, Secret string }
	}
	h.mu.Lock()
	s.call(t, http.MethodPost, "/v1/webhooks", map[string]any{"url": server.URL + "/hooks", "events": []string{"message.*", "conversation.*", "handoff.*", "turn.*"}}, &made)
	h.secret = made.Data.Secret
	h.mu.Unlock()

	s.say(t, ledger.Text{From: "15555550401", ID: "wamid.told1", Body: "Do you have parking?", At: time.Now()})
	eventually(t, "the message, the conversation, the answer", func() bool {
		return len(h.of("message.received")) == 1 && len(h.of("conversation.opened")) == 1 && len(h.of("message.sent")) == 1 && len(h.of("turn.completed")) == 1
	})
	got := h.of("message.received")[0]
	id, _ := got["id"].(string)
	_, known := s.try(t, http.MethodGet, "/v1/messages/"+id, nil)
	if got["text"] != "Do you have parking?" || got["conversation_id"] == nil || got["conversation_id"] != known["conversation_id"] || got["contact_id"] != known["contact_id"] || got["from"] != known["from"] {
		t.Errorf("told %v, the API has %v", got, known)
	}
	if sent := h.of("message.sent")[0]; sent["direction"] != "outbound" || sent["conversation_id"] != got["conversation_id"] {
		t.Errorf("of the answer: %v", sent)
	}
	s.say(t, ledger.Text{From: "15555550402", ID: "wamid.told2", Body: "Which of your elephants sings opera?", At: time.Now()})
	if err := s.Kill(); err != nil {
		t.Fatal(err)
	}
	if err := s.Start(t.Context()); err != nil {
		t.Fatal(err)
	}
	eventually(t, "what was said before the kill", func() bool { return len(h.of("message.received")) == 2 && len(h.of("handoff.requested")) == 1 })
	if h.forged > 0 {
		t.Errorf("%d requests did not verify", h.forged)
	}
}
