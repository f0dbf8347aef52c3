package dispatch

import (
	"testing"
	"time"

	"frontdesk/ingest"
)

// TestAMessageIsNotSentOnceItIsWorthNothing holds back a reminder until what it
// reminds of has begun: it is given up, while one that is in time is sent.
func TestAMessageIsNotSentOnceItIsWorthNothing(t *testing.T) {
	t.Parallel()
	w := newWorld(t, Config{})
	now := time.Now().UTC()
	since := time.Duration(now.Hour())*time.Hour + time.Duration(now.Minute())*time.Minute
	w.people.policy = Policy{QuietFrom: (since + 23*time.Hour) % (24 * time.Hour), QuietUntil: (since + time.Hour) % (24 * time.Hour)}
	reminder := func(id ingest.MessageID, expires time.Time) ingest.Event {
		return w.event(ingest.Message{ID: id, Tenant: acme, Channel: "chn_a", Conversation: ingest.ConversationID("cnv_" + id), Direction: ingest.Outbound, Category: Utility, Expires: expires,
			Content: ingest.Content{Type: ingest.Templated}})
	}
	w.handle(reminder("late", now.Add(2*time.Hour)), reminder("early", now.Add(4*time.Hour)))
	w.wantStatus("late", ingest.Queued)
	w.people.policy = Policy{}
	w.d.now = func() time.Time { return now.Add(3 * time.Hour) }
	w.drain(5)
	w.wantStatus("late", ingest.Failed)
	w.wantStatus("early", ingest.Sent)
	if errs := w.ledger.errors["late"]; len(errs) != 1 || errs[0].Code != "expired" {
		t.Errorf("errors = %v, want expired", errs)
	}
}
