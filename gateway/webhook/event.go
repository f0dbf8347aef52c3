package webhook

import (
	"encoding/json"
	"fmt"
	"slices"

	"frontdesk/agent/conversation"
	"frontdesk/ingest"
)

// Events of this package, on [ingest.TopicEvents].
const (
	// EventDisabled tells that an endpoint gets nothing any more; its data is [Disabled].
	EventDisabled ingest.EventType = "webhook.disabled"
	// eventTest is what a test sends. It is on no topic.
	eventTest = "webhook.test"
)

// Disabled is the data of [EventDisabled].
type Disabled struct {
	Tenant       ingest.TenantID `json:"tenant_id"`
	Webhook      string          `json:"webhook_id"`
	URL          string          `json:"url"`
	Reason       string          `json:"reason"` // gone or failing
	FailingSince string          `json:"failing_since,omitempty"`
}

// Type is an event that a developer can be told of.
type Type struct {
	Name    string
	Summary string
}

// Types are the events by their native names. What is on [ingest.TopicEvents]
// under another name goes out under that, to endpoints of "*" and of its
// family.
var Types = []Type{
	{"message.received", "A contact wrote. Data: the message."},
	{"message.sent", "The provider took an outbound message. Data: the message."},
	{"message.delivered", "An outbound message reached the contact. Data: the message."},
	{"message.read", "The contact read an outbound message. Data: the message."},
	{"message.failed", "An outbound message cannot be delivered; errors say why. Data: the message."},
	{"message.unknown", "The provider gave no answer: the message may or may not have been sent. Data: the message."},
	{"conversation.opened", "A conversation began."},
	{"conversation.closed", "A conversation ended."},
	{"conversation.resumed", "The bot answers again after a person did."},
	{"conversation.assigned", "A conversation was given to somebody; reason says to whom."},
	{"handoff.requested", "A person is needed; reason says why."},
	{"turn.completed", "The agent took a turn; outcome says what it did."},
	{"contact.created", "A person became known."},
	{"contact.updated", "What is known of a contact changed."},
	{"contact.merged", "Two contacts turned out to be one person."},
	{"consent.changed", "A contact opted out of messages, or in."},
	{"lead.qualified", "A contact became a lead worth calling: its stage became `qualified`, or its segment went from `lead` to `active` or `vip`. Once for each such change, by API or import."},
	{"appointment.created", "An appointment was booked."},
	{"appointment.moved", "An appointment has another time, service or person."},
	{"appointment.cancelled", "An appointment was cancelled."},
	{"appointment.completed", "An appointment took place."},
	{"appointment.no_show", "The contact did not come."},
	{"appointment.reminded", "A reminder of an appointment went out."},
	{"call.started", "A phone call began."},
	{"call.completed", "A phone call ended."},
	{"call.missed", "A phone call was not answered."},
	{"call.failed", "A phone call could not be made."},
	{"score.ready", "A conversation or call has been scored."},
	{"campaign.completed", "A campaign has reached all that it could."},
	{"account.updated", "The provider changed something of the account: a template, a number's quality, a restriction."},
	{"template.updated", "A message template was approved, refused or paused."},
	{"webhook.disabled", "An endpoint gets no more events: it failed for five days, or answered 410."},
	{"webhook.test", "Sent on request."},
}

// private are events on the topics that are no developer's business.
var private = []ingest.EventType{ingest.PreferenceChanged, ingest.ReceiptReceived, ingest.MessageQueued}

// statuses are the steps of an outbound message that are told.
var statuses = map[ingest.Status]string{
	ingest.Sent: "message.sent", ingest.Delivered: "message.delivered", ingest.Read: "message.read",
	ingest.Failed: "message.failed", ingest.Unknown: "message.unknown",
}

// about is what filters look at.
type about struct {
	Channel ingest.ChannelID
	Agent   ingest.AgentID
	Test    bool
}

// story is an event on its way to becoming notices.
type story struct {
	event   ingest.Event
	name    string           // native
	message ingest.MessageID // whose data is the message's, as the API has it; empty: the event's own
	status  ingest.Status    // of message, as of the event
	errors  []ingest.ProviderError
	early   about // what the event itself tells
}

// read tells what a developer would be told of e. ok is false for what is no
// developer's business. Every error is [ingest.ErrMalformed].
func read(e ingest.Event) (s story, ok bool, err error) {
	s = story{event: e, name: string(e.Type)}
	switch {
	case slices.Contains(private, e.Type):
		return s, false, nil
	case e.Type == ingest.MessageReceived:
		var m ingest.Message
		if err := e.DecodeData(&m); err != nil {
			return s, false, err
		}
		s.message, s.status, s.early = m.ID, ingest.Received, about{m.Channel, m.Agent, m.Test}
		return s, true, nil
	case e.Type == ingest.MessageStatus:
		var c ingest.StatusChange
		if err := e.DecodeData(&c); err != nil {
			return s, false, err
		}
		s.message, s.status, s.errors, s.early = c.Message, c.Status, c.Errors, about{Channel: c.Channel}
		s.name, ok = statuses[c.Status]
		return s, ok, nil
	}
	var d struct {
		Channel ingest.ChannelID `json:"channel_id"`
		Agent   ingest.AgentID   `json:"agent_id"`
		Test    bool             `json:"test"`
	}
	if err := e.DecodeData(&d); err != nil {
		return s, false, err
	}
	s.early = about(d)
	return s, true, nil
}

// notice makes what a developer is told of an event that is no message's.
func (s story) notice() (Notice, error) {
	fields := map[string]json.RawMessage{}
	if err := s.event.DecodeData(&fields); err != nil {
		return Notice{}, err
	}
	delete(fields, "tenant_id")
	delete(fields, "party") // identifiers are in the contact, which is named
	return s.told(fields)
}

// messageNotice makes what a developer is told of a message, in the fields that
// render gives it, with the status as of the event.
func (s story) messageNotice(m conversation.Message, render func(conversation.Message) any) (Notice, error) {
	m.Status = s.status
	if len(s.errors) > 0 {
		m.Errors = s.errors
	}
	raw, err := json.Marshal(render(m))
	if err != nil {
		return Notice{}, fmt.Errorf("message of event %s: %w", s.event.ID, err)
	}
	var fields map[string]json.RawMessage
	if err := json.Unmarshal(raw, &fields); err != nil {
		return Notice{}, fmt.Errorf("message of event %s: %w", s.event.ID, err)
	}
	if m.Conversation == "" { // it could not be recorded in time
		for _, unknown := range []string{"number", "conversation_id", "created_at"} {
			delete(fields, unknown)
		}
	}
	return s.told(fields)
}

// maxData bounds a payload's data; the rest is for the envelope.
const maxData = MaxBodyBytes - 1000

// told makes the notice. Data that is too large loses its largest fields and
// says so: the whole is at the API under its id.
func (s story) told(fields map[string]json.RawMessage) (Notice, error) {
	for _, most := range []int{maxData, 1000, 100, 0} {
		for k, v := range fields {
			if len(v) > most || most == 0 {
				delete(fields, k)
				fields["truncated"] = json.RawMessage("true")
			}
		}
		data, err := json.Marshal(fields)
		if err != nil {
			return Notice{}, fmt.Errorf("data of event %s: %w", s.event.ID, err)
		}
		if len(data) <= maxData {
			return Notice{ID: s.event.ID, Type: s.name, At: s.event.OccurredAt, Data: data}, nil
		}
	}
	return Notice{}, fmt.Errorf("data of event %s is too large", s.event.ID) // never: an empty object fits
}
