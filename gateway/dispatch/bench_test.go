package dispatch

import (
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"syscall"
	"testing"
	"time"

	"frontdesk/agent/contact"
	"frontdesk/agent/conversation"
	"frontdesk/gateway/provider"
	"frontdesk/gateway/provider/whatsapp"
	"frontdesk/ingest"
)

// BenchmarkHandle takes queued messages to a provider over HTTP, with real
// conversations behind. cpu-µs/msg is this process's, the provider's handler
// included, Postgres's not.
func BenchmarkHandle(b *testing.B) {
	for _, size := range []int{1, 8, 64} {
		b.Run(fmt.Sprintf("batch=%d", size), func(b *testing.B) { benchmarkHandle(b, size) })
	}
}

func benchmarkHandle(b *testing.B, size int) {
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		fmt.Fprintf(w, `{"messages":[{"id":"wamid.%d"}]}`, time.Now().UnixNano())
	}))
	defer server.Close()
	w := newWorld(b, Config{})
	contacts := contact.NewStore(w.db)
	store := conversation.NewStore(w.db, contacts, func() {})
	w.d.Ledger, w.d.Standings = NewLedger(store), NewStandings(contacts, openWindow{store})
	w.d.Senders[provider.WhatsApp] = whatsapp.NewSender(whatsapp.Config{APIVersion: "v25.0", Timeout: 5 * time.Second, Transport: NewTransport()})
	w.channels.of["chn_wa"] = provider.Channel{Tenant: acme, ID: "chn_wa", Type: provider.WhatsApp, Ref: "1", AccessToken: "t", BaseURL: server.URL, RatePerSecond: 100_000}
	var events []ingest.Event
	for i := range b.N {
		m, err := store.Send(b.Context(), acme, conversation.Draft{
			Channel: "chn_wa", Provider: provider.WhatsApp, To: ingest.Identifier{Kind: ingest.Phone, Value: fmt.Sprintf("+1555%07d", 1000+i)},
			Content: ingest.Content{Type: ingest.Text, Text: "We are open on Saturday from eight to twelve."},
		})
		if err != nil {
			b.Fatal(err)
		}
		e, err := ingest.NewEvent(ingest.MessageQueued, acme, m.Key(), m.At, string(m.ID), m.Message)
		if err != nil {
			b.Fatal(err)
		}
		events = append(events, e)
	}
	b.ReportAllocs()
	b.ResetTimer()
	before := processorTime(b)
	for at := 0; at < len(events); at += size {
		w.handle(events[at:min(at+size, len(events))]...)
	}
	b.ReportMetric(float64((processorTime(b)-before).Microseconds())/float64(b.N), "cpu-µs/msg")
	if sent := w.d.Counts().Sent; sent != int64(b.N) {
		b.Errorf("%d of %d messages were sent: %+v", sent, b.N, w.d.Counts())
	}
}

// openWindow asks as usual and answers that the window is open.
type openWindow struct{ standing }

func (o openWindow) Standing(ctx context.Context, tenant ingest.TenantID, channel ingest.ChannelID, id ingest.ContactID) (conversation.Standing, error) {
	st, err := o.standing.Standing(ctx, tenant, channel, id)
	st.WindowUntil = time.Now().Add(time.Hour)
	return st, err
}

func processorTime(b *testing.B) time.Duration {
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		b.Fatal(err)
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}
