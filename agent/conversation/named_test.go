package conversation_test

import (
	"fmt"
	"math/rand/v2"
	"testing"
	"time"

	"frontdesk/agent/conversation"
	"frontdesk/ingest"
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

// A provider may give two messages one id, or one that no index takes. What
// became of them is kept all the same.
func TestAMessageIsSettledWithoutAnIDThatItCannotBear(t *testing.T) {
	t.Parallel()
	db, s := open(t)
	var messages []conversation.Message
	for i := range 5 {
		m := send(t, s, draft(fmt.Sprint(i)))
		if _, _, err := s.Claim(t.Context(), acme, m.ID); err != nil {
			t.Fatal(err)
		}
		messages = append(messages, m)
	}
	published(t, db)
	names := []string{"SM1", "SM1", incompressible(8000), "SM2", "SM2"}
	list := make([]conversation.SettleOne, len(names))
	for i, name := range names {
		list[i] = conversation.SettleOne{Message: messages[i].ID, Settlement: conversation.Settlement{Status: ingest.Failed, ProviderID: name, Errors: []ingest.ProviderError{{Code: "1"}}}}
	}
	if err := s.SettleAll(t.Context(), acme, list[:4]); err != nil {
		t.Fatal(err)
	}
	if err := s.Settle(t.Context(), acme, messages[4].ID, list[4].Settlement); err != nil {
		t.Fatal(err)
	}
	for i, want := range []string{"SM1", "", "", "SM2", ""} {
		got, err := s.Message(t.Context(), acme, messages[i].ID)
		if err != nil || got.Status != ingest.Failed || got.ProviderID != want || len(got.Errors) != 1 {
			t.Errorf("message %d: %s, id %.20q, %d errors, %v; want failed and id %q", i, got.Status, got.ProviderID, len(got.Errors), err, want)
		}
	}
	if told := types(published(t, db)); len(told) != len(names) {
		t.Errorf("announced %v, want each message once", told)
	}
}

func TestAReceiptOfOurOwnIDNeedsNoOther(t *testing.T) {
	t.Parallel()
	_, s := open(t)
	for i, name := range []string{"SM1", "SM1", incompressible(8000)} {
		m := send(t, s, draft(fmt.Sprint(i)))
		if _, _, err := s.Claim(t.Context(), acme, m.ID); err != nil {
			t.Fatal(err)
		}
		r := receipt(m, name, ingest.Delivered, 1)
		r.Correlation, r.At = m.ID, time.Now()
		if err := s.ApplyReceipts(t.Context(), acme, []ingest.Receipt{r}); err != nil {
			t.Fatal(err)
		}
		if got, err := s.Message(t.Context(), acme, m.ID); err != nil || got.Status != ingest.Delivered || (got.ProviderID != "") != (i == 0) {
			t.Errorf("message %d: %s %.20q, %v; want it delivered, and named if it is the first", i, got.Status, got.ProviderID, err)
		}
	}
}
