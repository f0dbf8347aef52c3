package ingest

import (
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"time"
)

// EventVersion is the version of the envelope that this program writes.
// Readers take any version up to it.
const EventVersion = 1

// EventType says what happened and so what an event's data is.
type EventType string

// Events on [TopicInbound], [TopicReceipts] and [TopicOutbound].
const (
	MessageReceived   EventType = "message.received"   // Message
	PreferenceChanged EventType = "preference.changed" // Preference
	ReceiptReceived   EventType = "receipt.received"   // Receipt
	MessageQueued     EventType = "message.queued"     // Message, outbound
)

// Events on [TopicEvents].
const (
	TurnCompleted        EventType = "turn.completed"        // Turn
	MessageStatus        EventType = "message.status"        // StatusChange
	ConversationOpened   EventType = "conversation.opened"   // ConversationChange
	ConversationClosed   EventType = "conversation.closed"   // ConversationChange
	HandoffRequested     EventType = "handoff.requested"     // ConversationChange
	ConversationResumed  EventType = "conversation.resumed"  // ConversationChange
	ConversationAssigned EventType = "conversation.assigned" // ConversationChange; the reason is to whom
	ConsentChanged       EventType = "consent.changed"       // Preference
	AccountUpdated       EventType = "account.updated"       // AccountUpdate
	TemplateUpdated      EventType = "template.updated"      // an object of the template: template_id, name, status …

	AppointmentCreated   EventType = "appointment.created"   // Appointment
	AppointmentMoved     EventType = "appointment.moved"     // Appointment, with what it was before
	AppointmentCancelled EventType = "appointment.cancelled" // Appointment
	AppointmentCompleted EventType = "appointment.completed" // Appointment
	AppointmentNoShow    EventType = "appointment.no_show"   // Appointment
	AppointmentReminded  EventType = "appointment.reminded"  // Appointment
)

// ErrMalformed is what a record that is no event, or one of a later version,
// is refused with. It can never be accepted, so it belongs to the dead letters.
var ErrMalformed = errors.New("malformed event")

// Event is the envelope of everything on Kafka. ID is the same for the same
// thing each time it is published.
type Event struct {
	Version    int             `json:"v"`
	ID         string          `json:"id"`
	Type       EventType       `json:"type"`
	Tenant     TenantID        `json:"tenant_id"`
	OccurredAt time.Time       `json:"occurred_at"`
	Key        string          `json:"conversation_key"`
	Trace      string          `json:"trace,omitempty"` // W3C traceparent of the request behind it
	Data       json.RawMessage `json:"data"`
}

// NewEvent wraps data. The id is derived from type, tenant and source, which
// must name the occurrence (a provider's message id, "msg_…:delivered", …).
// It returns an error only where data cannot be written as JSON.
func NewEvent(typ EventType, tenant TenantID, key string, at time.Time, source string, data any) (Event, error) {
	raw, err := json.Marshal(data)
	if err != nil {
		return Event{}, fmt.Errorf("encode %s: %w", typ, err)
	}
	return Event{
		Version: EventVersion, Type: typ, Tenant: tenant, Key: key, OccurredAt: at.UTC(), Data: raw,
		ID: DerivedID(PrefixEvent, at, string(typ), string(tenant), key, source),
	}, nil
}

// DecodeEvent reads an envelope. The event's data is a part of b, which must not
// be changed from then on. Every error is [ErrMalformed].
func DecodeEvent(b []byte) (Event, error) {
	e, quick := quickEvent(b)
	if !quick {
		if err := json.Unmarshal(b, &e); err != nil {
			return Event{}, errors.Join(ErrMalformed, err)
		}
	}
	switch {
	case e.Version < 1 || e.Version > EventVersion:
		return Event{}, fmt.Errorf("%w: version %d, want 1 to %d", ErrMalformed, e.Version, EventVersion)
	case e.Type == "" || e.Tenant == "" || !strings.HasPrefix(e.ID, PrefixEvent):
		return Event{}, fmt.Errorf("%w: type, tenant_id or id is missing", ErrMalformed)
	}
	return e, nil
}

// DecodeData reads the data of e into v. Every error is [ErrMalformed].
func (e Event) DecodeData(v any) error {
	if err := json.Unmarshal(e.Data, v); err != nil {
		return errors.Join(ErrMalformed, fmt.Errorf("data of %s: %w", e.Type, err))
	}
	return nil
}

// Preference is a contact's wish about what may be sent to them.
type Preference struct {
	Tenant   TenantID  `json:"tenant_id"`
	Channel  ChannelID `json:"channel_id"`
	Party    Party     `json:"party"`
	Contact  ContactID `json:"contact_id,omitempty"`
	Category string    `json:"category"` // "marketing", or "all"
	Allowed  bool      `json:"allowed"`
	Source   string    `json:"source"` // keyword, provider, user_preferences, api
	At       time.Time `json:"at"`
}

// AccountUpdate is a provider's notice about the tenant's own account: a
// template, a number's quality, a restriction.
type AccountUpdate struct {
	Tenant   TenantID        `json:"tenant_id"`
	Channel  ChannelID       `json:"channel_id,omitempty"` // where the notice names a number
	Provider string          `json:"provider"`
	Account  string          `json:"account"` // the provider's id of it (WABA id)
	Field    string          `json:"field"`   // the provider's name of the notice
	Value    json.RawMessage `json:"value"`   // as the provider has it
	At       time.Time       `json:"at"`
}

// Outcome says how a turn ended.
type Outcome string

// Outcomes of a turn.
const (
	Answered   Outcome = "answered"   // from knowledge, with support
	Declined   Outcome = "declined"   // nothing supports an answer
	HandedOff  Outcome = "handed_off" // a person was asked for or is needed
	Greeted    Outcome = "greeted"    // greeting, thanks and the like
	Assisted   Outcome = "assisted"   // a booking was made, moved or cancelled, or is under way
	OptedOut   Outcome = "opted_out"
	OptedIn    Outcome = "opted_in"
	Silent     Outcome = "silent"     // nothing was to be said
	Superseded Outcome = "superseded" // the conversation changed meanwhile
)

// Turn is what analytics learns of a turn: no text.
type Turn struct {
	ID           TurnID         `json:"id"`
	Tenant       TenantID       `json:"tenant_id"`
	Conversation ConversationID `json:"conversation_id"`
	Channel      ChannelID      `json:"channel_id"`
	Contact      ContactID      `json:"contact_id"`
	Agent        AgentID        `json:"agent_id"`
	Brain        string         `json:"brain"`
	Language     string         `json:"language,omitempty"`
	Acts         []string       `json:"acts,omitempty"`
	Outcome      Outcome        `json:"outcome"`
	Reason       string         `json:"reason,omitempty"` // of a handoff
	Confidence   float64        `json:"confidence"`
	Articles     []ArticleID    `json:"articles,omitempty"` // that the reply quotes
	Messages     []MessageID    `json:"messages"`           // inbound, that the turn answered
	Reply        MessageID      `json:"reply,omitempty"`
	Number       int            `json:"number"`      // 1 for the conversation's first turn
	ReceivedAt   time.Time      `json:"received_at"` // provider's time of the first of Messages
	DecidedAt    time.Time      `json:"decided_at"`
	Test         bool           `json:"test,omitempty"`
}

// StatusChange tells of an outbound message's new status.
type StatusChange struct {
	Tenant       TenantID        `json:"tenant_id"`
	Message      MessageID       `json:"message_id"`
	Conversation ConversationID  `json:"conversation_id"`
	Channel      ChannelID       `json:"channel_id"`
	Contact      ContactID       `json:"contact_id"`
	Status       Status          `json:"status"`
	At           time.Time       `json:"at"`
	Errors       []ProviderError `json:"errors,omitempty"`
}

// ConversationChange tells of a conversation's new owner or state.
type ConversationChange struct {
	Tenant       TenantID       `json:"tenant_id"`
	Conversation ConversationID `json:"conversation_id"`
	Channel      ChannelID      `json:"channel_id"`
	Contact      ContactID      `json:"contact_id"`
	Agent        AgentID        `json:"agent_id,omitempty"`
	Reason       string         `json:"reason,omitempty"`
	By           string         `json:"by,omitempty"` // contact, bot, or the id of a key
	At           time.Time      `json:"at"`
	Test         bool           `json:"test,omitempty"`
}
