package dispatch

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"hash/fnv"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync"
	"testing"
	"time"

	"frontdesk/agent/contact"
	"frontdesk/agent/conversation"
	"frontdesk/gateway/provider"
	"frontdesk/gateway/provider/twilio"
	"frontdesk/gateway/provider/whatsapp"
	"frontdesk/ingest"
)

// fault is what a provider does with a request.
type fault int

const (
	takes     fault = iota // and says so
	throttles              // 429
	breaks                 // 500 in its own form
	hangs                  // takes it and does not answer
	babbles                // takes it and answers 200 with garbage
	drops                  // cuts the connection without taking it
	takesAndDrops
)

// deck is how often each comes.
var deck = []fault{takes, takes, takes, throttles, throttles, throttles, breaks, breaks, hangs, babbles, drops, takesAndDrops}

// faultyProvider speaks Graph and Twilio over HTTP, goes wrong in every way
// that providers do, and keeps the books.
type faultyProvider struct {
	server *httptest.Server
	stop   chan struct{}
	closed sync.Once

	mu    sync.Mutex
	leave map[string]context.CancelFunc // ends the wait for an answer, by our message id
	asked map[string]int                // requests by our message id
	took  map[string]int
	did   map[string][]fault
}

func newFaultyProvider(t *testing.T) *faultyProvider {
	t.Helper()
	p := &faultyProvider{stop: make(chan struct{}), leave: map[string]context.CancelFunc{}, asked: map[string]int{}, took: map[string]int{}, did: map[string][]fault{}}
	p.server = httptest.NewServer(p)
	t.Cleanup(p.close)
	return p
}

// close ends all requests; then the books can be read.
func (p *faultyProvider) close() {
	p.closed.Do(func() { close(p.stop); p.server.Close() })
}

func (p *faultyProvider) ServeHTTP(w http.ResponseWriter, req *http.Request) {
	body, err := io.ReadAll(req.Body)
	if err != nil {
		return
	}
	id, graph := messageIn(body)
	what := p.next(id)
	switch what {
	case throttles:
		w.Header().Set("Retry-After", "1")
		refuse(w, graph, http.StatusTooManyRequests, 130429, 20429)
	case breaks:
		refuse(w, graph, http.StatusInternalServerError, 131000, 20500)
	case hangs:
		p.abandon(id)
		select {
		case <-p.stop:
		case <-req.Context().Done():
		}
	case babbles:
		_, _ = io.WriteString(w, "<html>")
	case drops, takesAndDrops:
		if conn, _, err := w.(http.Hijacker).Hijack(); err == nil {
			_ = conn.(*net.TCPConn).SetLinger(0) // a reset, not an end
			_ = conn.Close()
		}
	case takes:
		if graph {
			fmt.Fprintf(w, `{"messaging_product":"whatsapp","messages":[{"id":"wamid.%s"}]}`, id)
		} else {
			w.WriteHeader(http.StatusCreated)
			fmt.Fprintf(w, `{"sid":"SM%s","status":"queued"}`, id)
		}
	}
}

// next decides by the message and the attempt, the same in every run, what
// becomes of a request; from the fourth on it is taken.
func (p *faultyProvider) next(id string) fault {
	p.mu.Lock()
	defer p.mu.Unlock()
	n := p.asked[id]
	p.asked[id]++
	h := fnv.New32()
	fmt.Fprintf(h, "%d of message %d", n, len(p.asked))
	what := deck[h.Sum32()%uint32(len(deck))]
	if n >= 3 {
		what = takes
	}
	p.did[id] = append(p.did[id], what)
	switch what {
	case takes, hangs, babbles, takesAndDrops:
		p.took[id]++
	}
	return what
}

// RoundTrip makes p the transport of its callers, who wait for an answer as long
// as it takes and give up at once where there will be none: how fast the machine
// is decides nothing.
func (p *faultyProvider) RoundTrip(req *http.Request) (*http.Response, error) {
	body, err := io.ReadAll(req.Body)
	if err != nil {
		return nil, err
	}
	id, _ := messageIn(body)
	ctx, cancel := context.WithCancel(req.Context())
	p.mu.Lock()
	p.leave[id] = cancel
	p.mu.Unlock()
	req = req.Clone(ctx)
	req.Body = io.NopCloser(bytes.NewReader(body))
	return http.DefaultTransport.RoundTrip(req)
}

func (p *faultyProvider) abandon(id string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.leave[id]()
}

// messageIn returns our id of the message that a request sends.
func messageIn(body []byte) (id string, graph bool) {
	var in struct {
		Callback string `json:"biz_opaque_callback_data"`
	}
	if json.Unmarshal(body, &in) == nil {
		return in.Callback, true
	}
	form, _ := url.ParseQuery(string(body))
	_, id, _ = strings.Cut(form.Get("StatusCallback"), "message=")
	return id, false
}

func refuse(w http.ResponseWriter, graph bool, status, meta, twilio int) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	if graph {
		fmt.Fprintf(w, `{"error":{"message":"no","type":"OAuthException","code":%d}}`, meta)
		return
	}
	fmt.Fprintf(w, `{"code":%d,"message":"no","status":%d}`, twilio, status)
}

// serve puts w on the real adapters, conversations and contacts, with p behind
// a channel of each type.
func (p *faultyProvider) serve(w *world) (*conversation.Store, *contact.Store) {
	contacts := contact.NewStore(w.db)
	store := conversation.NewStore(w.db, contacts, func() {})
	w.d.Ledger, w.d.Preferences = NewLedger(store), contacts
	w.d.Senders = map[string]provider.Sender{
		provider.WhatsApp: whatsapp.NewSender(whatsapp.Config{APIVersion: "v25.0", Timeout: time.Minute, Transport: p}),
		provider.Twilio:   twilio.NewSender(twilio.Config{StatusCallback: "https://desk.example.com/callbacks/twilio/status", Timeout: time.Minute, Transport: p}),
	}
	w.channels.of["chn_wa"] = provider.Channel{Tenant: acme, ID: "chn_wa", Type: provider.WhatsApp, Ref: "1", AccessToken: "t", BaseURL: p.server.URL, RatePerSecond: 1000}
	w.channels.of["chn_sms"] = provider.Channel{Tenant: acme, ID: "chn_sms", Type: provider.Twilio, Ref: "+15555550101", Account: "AC1", AuthToken: "t", BaseURL: p.server.URL, RatePerSecond: 1000}
	return store, contacts
}

// TestProviderFaults sends by the real adapters over HTTP, with the real
// conversations behind, to a provider that goes wrong all the time.
func TestProviderFaults(t *testing.T) {
	t.Parallel()
	p := newFaultyProvider(t)
	w := newWorld(t, Config{})
	store, contacts := p.serve(w)
	var ids []ingest.MessageID
	var events []ingest.Event
	for i := range 80 {
		channel := []ingest.ChannelID{"chn_wa", "chn_sms"}[i%2]
		m, err := store.Send(t.Context(), acme, conversation.Draft{
			Channel: channel, Provider: w.channels.of[channel].Type, To: ingest.Identifier{Kind: ingest.Phone, Value: fmt.Sprintf("+1555555%04d", 1000+i%40)},
			Content: ingest.Content{Type: ingest.Text, Text: "Hello"},
		})
		if err != nil {
			t.Fatal(err)
		}
		e, err := ingest.NewEvent(ingest.MessageQueued, acme, m.Key(), m.At, string(m.ID), m.Message)
		if err != nil {
			t.Fatal(err)
		}
		ids, events = append(ids, m.ID), append(events, e)
	}
	w.handle(events[:50]...)
	w.handle(append(events[:50], events[50:]...)...) // the first ones again
	w.d.background.Wait()
	w.drain(60)
	w.handle(events...) // and all once more
	w.drain(5)
	if left := w.parked(); len(left) > 0 {
		t.Errorf("%d messages are still parked", len(left))
	}

	p.close()
	seen := map[ingest.Status]int{}
	for _, id := range ids {
		m, err := store.Message(t.Context(), acme, id)
		if err != nil {
			t.Fatal(err)
		}
		seen[m.Status]++
		took, did := p.took[string(id)], p.did[string(id)]
		last := did[len(did)-1]
		switch m.Status {
		case ingest.Sent:
			if took != 1 || last != takes {
				t.Errorf("%s is sent, and the provider took it %d times: %v", id, took, did)
			}
		case ingest.Unknown:
			if took > 1 || last == takes || last == throttles || last == breaks {
				t.Errorf("%s is unknown, and the provider took it %d times: %v", id, took, did)
			}
		default:
			t.Errorf("%s is %s after %v, want sent or unknown", id, m.Status, did)
		}
	}
	t.Logf("statuses: %v, requests: %d", seen, sum(p.asked))
	if seen[ingest.Unknown] == 0 || seen[ingest.Sent] == 0 || sum(p.asked) <= len(ids) {
		t.Error("the provider has not gone wrong enough to show anything")
	}
	settleByReceipts(t, w, p, store, contacts, ids)
}

// settleByReceipts reports all that the provider took, and wants what was
// unknown to be settled by that and nothing else.
func settleByReceipts(t *testing.T, w *world, p *faultyProvider, store *conversation.Store, contacts *contact.Store, ids []ingest.MessageID) {
	t.Helper()
	receipts := NewReceipts(store, contacts, map[string]provider.Classifier{provider.WhatsApp: whatsapp.Classify, provider.Twilio: twilio.Classify})
	var events []ingest.Event
	for id := range p.took {
		r := ingest.Receipt{
			Tenant: acme, Channel: w.channelOf(store, id), Provider: provider.WhatsApp, ProviderID: "late." + id, Correlation: ingest.MessageID(id),
			Status: ingest.Delivered, At: time.Now().UTC(),
		}
		e, err := ingest.NewEvent(ingest.ReceiptReceived, acme, r.Key(), r.At, id, r)
		if err != nil {
			t.Fatal(err)
		}
		events = append(events, e)
	}
	for range 2 {
		for i, err := range receipts.Handle(t.Context(), events) {
			if err != nil {
				t.Fatalf("receipt %d: %v", i, err)
			}
		}
	}
	for _, id := range ids {
		m, err := store.Message(t.Context(), acme, id)
		if err != nil {
			t.Fatal(err)
		}
		want := ingest.Unknown
		if p.took[string(id)] == 1 {
			want = ingest.Delivered
		}
		if m.Status != want {
			t.Errorf("%s is %s, want %s: the provider took it %d times", id, m.Status, want, p.took[string(id)])
		}
	}
}

func (w *world) channelOf(store *conversation.Store, id string) ingest.ChannelID {
	w.t.Helper()
	m, err := store.Message(w.t.Context(), acme, ingest.MessageID(id))
	if err != nil {
		w.t.Fatal(err)
	}
	return m.Channel
}

func sum(m map[string]int) (n int) {
	for _, v := range m {
		n += v
	}
	return n
}

func TestAFailedReceiptIsAnOptOut(t *testing.T) {
	t.Parallel()
	w := newWorld(t, Config{})
	classify := map[string]provider.Classifier{provider.WhatsApp: whatsapp.Classify, provider.Twilio: twilio.Classify}
	receipts := NewReceipts(noStatuses{}, w.people, classify)
	party := ingest.Party{Identifiers: []ingest.Identifier{{Kind: ingest.Phone, Value: "+15555550142"}}}
	tests := []struct {
		name, provider, code string
		status               ingest.Status
		want                 string
	}{
		{"Meta's marketing opt-out", provider.WhatsApp, "131050", ingest.Failed, "marketing"},
		{"a carrier's STOP", provider.Twilio, "21610", ingest.Failed, "all"},
		{"a block at Twilio's WhatsApp", provider.Twilio, "63014", ingest.Failed, "all"},
		{"undeliverable is none", provider.WhatsApp, "131026", ingest.Failed, ""},
		{"a delivered one is none", provider.WhatsApp, "131050", ingest.Delivered, ""},
		{"a provider nobody knows has none", "pigeon", "21610", ingest.Failed, ""},
	}
	for _, tt := range tests {
		r := ingest.Receipt{Tenant: acme, Channel: "chn_a", Provider: tt.provider, ProviderID: "1", Party: party, Status: tt.status, Errors: []ingest.ProviderError{{Code: tt.code}}}
		e, err := ingest.NewEvent(ingest.ReceiptReceived, acme, r.Key(), time.Now(), tt.name, r)
		if err != nil {
			t.Fatal(err)
		}
		w.people.preferences = nil
		if errs := receipts.Handle(t.Context(), []ingest.Event{e}); errs[0] != nil {
			t.Fatal(errs[0])
		}
		got := ""
		for _, p := range w.people.preferences {
			got = p.Category
		}
		if got != tt.want {
			t.Errorf("%s: the contact refuses %q, want %q", tt.name, got, tt.want)
		}
	}
}
