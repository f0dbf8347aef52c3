package dispatch

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

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
