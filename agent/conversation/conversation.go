package conversation

import (
	"errors"
	"time"

	"frontdesk/ingest"
)

// Errors of this package that callers branch on.
var (
	// ErrNotFound is given for a conversation, message or contact the tenant
	// does not have.
	ErrNotFound = errors.New("conversation or message not found")
	// ErrClosed is given for a change of a conversation that is closed.
	ErrClosed = errors.New("conversation is closed")
	// ErrKeyReused is given for a request key that another message was sent under.
	ErrKeyReused = errors.New("request key was used for another message")
	// ErrNotScheduled is given for a scheduled message that was handed over or
	// cancelled meanwhile.
	ErrNotScheduled = errors.New("message is not scheduled any more")
	// ErrInvalid is given for a draft or filter that cannot be taken; the text
	// around it says which field and what was expected.
	ErrInvalid = errors.New("invalid request")
)

// State is open or closed.
type State string

// States of a conversation.
const (
	Open   State = "open"
	Closed State = "closed"
)

// Owner is who answers.
type Owner string

// Owners of a conversation. While a person owns it the bot is silent.
const (
	Bot    Owner = "bot"
	Person Owner = "person"
)

// Window is how long after a contact's message free text may be sent to them
// where the provider has such a rule (WhatsApp).
const Window = 24 * time.Hour

// Conversation is all that passes between a contact and a tenant on a channel,
// from its opening to its closing. There is one open at a time for each
// channel, contact and Test.
type Conversation struct {
	ID            ingest.ConversationID
	Number        int64 // counts up within the tenant
	Channel       ingest.ChannelID
	Contact       ingest.ContactID
	Agent         ingest.AgentID // empty: no agent serves the channel
	State         State
	Owner         Owner
	OwnerReason   string // why the owner is who it is: asked, failures, unsupported, api …
	OwnerSince    time.Time
	Assignee      string // which person owns it, as the business calls them; empty: not said
	Version       int64  // counts up with each change
	Language      string
	Provider      string       // name of the adapter
	Party         ingest.Party // whom to send to, as last seen
	OpenedAt      time.Time
	ClosedAt      time.Time // zero: open
	ClosedReason  string
	LastMessageAt time.Time
	LastInboundAt time.Time // provider's time; zero: the contact never wrote in it
	WindowUntil   time.Time // LastInboundAt and a day; zero like it
	Turns         int       // decided so far
	Failures      int       // declined turns in a row
	Test          bool      // sandbox: nothing of it reaches a provider
}

// Key returns the key that orders all events of the conversation.
func (c Conversation) Key(tenant ingest.TenantID) string {
	return ingest.ConversationKey(tenant, c.Channel, c.Party.Address())
}

// Filter narrows a list of conversations. The zero value is all of the tenant's.
type Filter struct {
	Channel ingest.ChannelID
	Contact ingest.ContactID
	Agent   ingest.AgentID
	State   State
	Owner   Owner
	// Assignee is whom they were given to.
	Assignee string
	// UpdatedFrom and UpdatedTo bound the time of the last message, or of the
	// opening where there is none; UpdatedTo is not included.
	UpdatedFrom, UpdatedTo time.Time
	// Unanswered is those in which the contact said something last.
	Unanswered bool
	Limit      int    // 1 to 100; zero: 20
	After      string // cursor from the last page; empty: the first page
}

// Message is a message as stored, with what became of it.
type Message struct {
	ingest.Message
	Number      int64 // counts up within the tenant; orders a conversation
	Status      ingest.Status
	Errors      []ingest.ProviderError
	CreatedAt   time.Time
	SentAt      time.Time // zero: not yet, as are the next three
	DeliveredAt time.Time
	ReadAt      time.Time
	FailedAt    time.Time
}

// MessageFilter narrows a list of messages. The zero value is all of the tenant's.
type MessageFilter struct {
	Conversation ingest.ConversationID
	Contact      ingest.ContactID
	Channel      ingest.ChannelID
	Direction    ingest.Direction
	Status       ingest.Status
	// Oldest lists the oldest first; a cursor then goes on to newer ones.
	Oldest bool
	// NewerThan and OlderThan bound the list by messages of Conversation; neither
	// is included.
	NewerThan, OlderThan ingest.MessageID
	Since, Until         time.Time // provider's time for inbound, time of queueing for outbound; Until is not included
	Limit                int       // 1 to 100; zero: 20
	After                string    // cursor from the last page; empty: the first page
}

// Draft is a message to be sent. It goes to Conversation if set, else to
// Contact on Channel, else to To on Channel; without an open conversation there
// one is opened.
type Draft struct {
	// Scheduled is the message that was scheduled as this draft: it is sent under
	// the same id, once. Empty: a new one.
	Scheduled ingest.MessageID
	// ScheduledFor is when that was to be sent: one that got another time since
	// is ErrNotScheduled. Zero: whenever.
	ScheduledFor time.Time `json:"-"`
	Channel      ingest.ChannelID
	Conversation ingest.ConversationID
	Contact      ingest.ContactID
	To           ingest.Identifier
	Provider     string // name of the channel's adapter; empty: as in the conversation
	Agent        ingest.AgentID
	Content      ingest.Content
	Category     string // service, utility, marketing or authentication; empty: service
	Author       string // person, or api; empty: api
	ReplyTo      string // provider's id of the message answered
	RequestKey   string // the same key and content is the same message; empty: always a new one
	Test         bool
	Expires      time.Time `json:",omitzero"` // not sent if it waits longer; zero: never
}

// Settlement is what a provider said to a send.
type Settlement struct {
	Status     ingest.Status // Sent, Failed, Unknown, or Queued to try again
	ProviderID string
	Errors     []ingest.ProviderError
	At         time.Time // zero: now
}

// Standing is what may be sent to a contact on a channel as of their last
// message. Zero times: they never wrote.
type Standing struct {
	LastInboundAt time.Time
	WindowUntil   time.Time
	// The same for the sandbox, whose messages open no window in the world.
	TestLastInboundAt time.Time
	TestWindowUntil   time.Time
}
