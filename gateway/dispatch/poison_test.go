package dispatch

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"

	"frontdesk/agent/contact"
	"frontdesk/agent/conversation"
	"frontdesk/deploy/schema/schematest"
	"frontdesk/gateway/provider"
	"frontdesk/gateway/provider/whatsapp"
	"frontdesk/ingest"
	"frontdesk/ingest/tenantdb"
)

// incompressible returns n letters that an index cannot pack.
func incompressible(n int) string {
	random := rand.NewChaCha8([32]byte{1})
	out := make([]byte, n)
	for i := range out {
		out[i] = 'a' + byte(random.Uint64()%26)
	}
	return string(out)
}

// constant is a provider that gives each message the same id.
type constant struct{ id string }

func (c constant) Send(context.Context, provider.Channel, ingest.Message) (provider.Sent, error) {
	return provider.Sent{ProviderID: c.id, Status: ingest.Sent}, nil
}

func (constant) MarkRead(context.Context, provider.Channel, string, bool) error { return nil }

func TestAProviderOfOneIDHoldsUpNone(t *testing.T) {
	t.Parallel()
	w := newWorld(t, Config{})
	store := conversation.NewStore(w.db, contact.NewStore(w.db, conversation.Repoint), nil)
	w.d.Ledger = NewLedger(store)
	w.d.Senders = map[string]provider.Sender{provider.WhatsApp: constant{"1"}, provider.Twilio: constant{incompressible(8000)}}
	w.channels.of["chn_2"] = provider.Channel{Tenant: acme, ID: "chn_2", Type: provider.Twilio, RatePerSecond: 1000}
	for i, channel := range []ingest.ChannelID{"chn_1", "chn_1", "chn_2"} {
		m, err := store.Send(t.Context(), acme, conversation.Draft{
			Channel: channel, To: ingest.Identifier{Kind: ingest.Phone, Value: fmt.Sprint("+1555555014", i)}, Content: ingest.Content{Type: ingest.Text, Text: "x"},
		})
		if err != nil {
			t.Fatal(err)
		}
		ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
		for _, err := range w.d.Handle(ctx, []ingest.Event{w.event(m.Message)}) {
			if err != nil {
				t.Errorf("message %d: %.200v", i, err)
			}
		}
		cancel()
		if got, err := store.Message(t.Context(), acme, m.ID); err != nil || got.Status != ingest.Sent || (got.ProviderID != "") != (i == 0) {
			t.Errorf("message %d: %s %.20q, %v; want it sent, and named if it is the first", i, got.Status, got.ProviderID, err)
		}
	}
}

// refusing is a ledger that can never take an outcome.
type refusing struct{ *memoryLedger }

func (refusing) Settle(context.Context, ingest.TenantID, []Settlement) error {
	return fmt.Errorf("settle: %w", &pgconn.PgError{Code: "23505", ConstraintName: "messages_once"})
}

func TestWhatCannotBeWrittenDownIsNotWaitedFor(t *testing.T) {
	t.Parallel()
	w := newWorld(t, Config{})
	w.d.Ledger = refusing{w.ledger}
	event := w.queue("chn_1", "dana", 1)
	done := make(chan []error)
	go func() { done <- w.d.Handle(t.Context(), event) }()
	select {
	case errs := <-done:
		if !tenantdb.Poisonous(errs[0]) {
			t.Errorf("error = %v, want the one that stopped it", errs[0])
		}
	case <-time.After(20 * time.Second):
		t.Fatal("a settlement that can never be holds up all others")
	}
	w.handle(event...) // again, as the log brings it: nobody knows whether it was sent
	w.wantStatus("dana-1", ingest.Unknown)
	if w.provider.calls != 1 {
		t.Errorf("the provider was called %d times, want once", w.provider.calls)
	}
}

// countedStatuses counts how often receipts are to be applied.
type countedStatuses struct {
	statuses
	calls int
}

func (c *countedStatuses) ApplyReceipts(ctx context.Context, of ingest.TenantID, list []ingest.Receipt) error {
	c.calls++
	return c.statuses.ApplyReceipts(ctx, of, list)
}

func TestAReceiptThatCannotBeKeptHoldsUpNone(t *testing.T) {
	t.Parallel()
	db := schematest.Postgres(t)
	contacts := contact.NewStore(db, conversation.Repoint)
	counted := &countedStatuses{statuses: conversation.NewStore(db, contacts, nil)}
	receipts := NewReceipts(counted, contacts, map[string]provider.Classifier{provider.WhatsApp: whatsapp.Classify})
	event := func(of ingest.TenantID, id string, party ...ingest.Identifier) ingest.Event {
		r := ingest.Receipt{Tenant: of, Channel: "chn_1", Provider: provider.WhatsApp, ProviderID: id, Status: ingest.Failed, At: time.Now(),
			Party: ingest.Party{Identifiers: party}, Errors: []ingest.ProviderError{{Code: "131050"}}} // an opt-out
		e, err := ingest.NewEvent(ingest.ReceiptReceived, of, r.Key(), r.At, id[:5], r)
		if err != nil {
			t.Fatal(err)
		}
		return e
	}
	long := incompressible(8000)
	list := []ingest.Event{
		event(acme, "good 1", ingest.Identifier{Kind: ingest.Phone, Value: "+15555550142"}),
		event(acme, "bad 1"+long),
		event(acme, "bad 2", ingest.Identifier{Kind: ingest.WhatsAppUser, Value: long}),
		event(acme, "good 2"),
		event(globex, "good 3"),
	}
	for i, err := range receipts.Handle(t.Context(), list) {
		if bad := i == 1 || i == 2; bad != errors.Is(err, ingest.ErrMalformed) || !bad && err != nil {
			t.Errorf("receipt %d: %.200v", i, err)
		}
	}
	for of, want := range map[ingest.TenantID]string{acme: "[bad 2 good 1 good 2]", globex: "[good 3]"} {
		got, err := tenantdb.List(t.Context(), db, of, pgx.RowTo[string], `SELECT provider_id FROM early_receipts WHERE tenant_id = $1 ORDER BY provider_id`, of)
		if err != nil || fmt.Sprint(got) != want {
			t.Errorf("%s keeps %.200v, %v; want %s", of, got, err, want)
		}
	}
	refusing, err := tenantdb.List(t.Context(), db, acme, pgx.RowTo[string], `SELECT category FROM contact_preferences WHERE tenant_id = $1`, acme)
	if err != nil || len(refusing) != 1 {
		t.Errorf("%d opt-outs are kept, %v; want that of the receipt that can be", len(refusing), err)
	}
	if counted.calls > 6 {
		t.Errorf("applied %d times, want once a tenant and once a receipt of the batch with the bad ones", counted.calls)
	}
}
