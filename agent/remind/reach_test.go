package remind_test

import (
	"testing"

	"frontdesk/agent/conversation"
	"frontdesk/ingest"
)

// TestAReminderGoesToNobodyElse has another person write under the name of a
// contact whom they were merged into and come apart again, and once more with
// the conversation left as it is.
func TestAReminderGoesToNobodyElse(t *testing.T) {
	t.Parallel()
	w, p, a := reminded(t, whatsapp)
	first := p.thread()
	other := w.person(2, whatsapp)
	other.say("hello")
	second := other.thread()
	if _, err := w.contacts.Merge(t.Context(), acme, first.Contact, second.Contact, "key_1"); err != nil {
		t.Fatal(err)
	}
	other.say("hello again") // in the conversation that stayed open
	if c, err := w.conversations.Conversation(t.Context(), acme, first.ID); err != nil || c.Party.Address() != other.phone {
		t.Fatalf("the conversation's party is %s, %v", c.Party.Address(), err)
	}
	if _, err := w.contacts.Unmerge(t.Context(), acme, second.Contact, "key_1"); err != nil {
		t.Fatal(err)
	}
	if c, err := w.conversations.Conversation(t.Context(), acme, first.ID); err != nil || c.State != conversation.Closed || c.ClosedReason != "unmerged" {
		t.Errorf("the conversation is %s (%s), %v", c.State, c.ClosedReason, err)
	}
	if c, err := w.conversations.Conversation(t.Context(), acme, second.ID); err != nil || c.State != conversation.Open {
		t.Errorf("the other's is %s, %v", c.State, err)
	}
	w.exec(acme, `UPDATE conversations SET state = 'open', closed_at = NULL, closed_reason = '' WHERE tenant_id = 'acme' AND id = $1`, first.ID)
	w.round()
	for _, m := range w.notices() {
		if m.Party.Address() != p.phone || m.Conversation == first.ID || m.Channel != ingest.ChannelID(sms) {
			t.Errorf("reminded %s in %s on %s", m.Party.Address(), m.Conversation, m.Channel)
		}
	}
	if n := len(w.notices()); n != 1 {
		t.Errorf("%d reminders of %s, want one on the other channel", n, a.ID)
	}
}
