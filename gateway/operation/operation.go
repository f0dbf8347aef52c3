package operation

import (
	"context"
	"errors"
	"time"

	"frontdesk/agent/contact"
	"frontdesk/agent/conversation"
	"frontdesk/gateway/provider"
	"frontdesk/ingest"
	"frontdesk/kb"
)

// ErrNotFound is given for what the caller's tenant does not have, where no
// store of another package says so.
var ErrNotFound = errors.New("not found")

// InvalidError is an input that cannot be taken. Field is the operation's name
// of it, which a binding may call otherwise.
type InvalidError struct{ Field, Message string }

func (e *InvalidError) Error() string { return e.Field + ": " + e.Message }

// ConflictError is a request that the state of things does not allow. Code is
// for programs.
type ConflictError struct{ Code, Message string }

func (e *ConflictError) Error() string { return e.Code + ": " + e.Message }

// directory is what operations need of *tenant.Directory.
type directory interface {
	Channel(ctx context.Context, tenant ingest.TenantID, id ingest.ChannelID) (provider.Channel, error)
	Channels(ctx context.Context, tenant ingest.TenantID) ([]provider.Channel, error)
	Simulated(ctx context.Context, tenant ingest.TenantID, id ingest.ChannelID) (bool, error)
}

// conversations is what operations need of *conversation.Store.
type conversations interface {
	Conversation(ctx context.Context, tenant ingest.TenantID, id ingest.ConversationID) (conversation.Conversation, error)
	Conversations(ctx context.Context, tenant ingest.TenantID, f conversation.Filter) ([]conversation.Conversation, string, error)
	Message(ctx context.Context, tenant ingest.TenantID, id ingest.MessageID) (conversation.Message, error)
	Messages(ctx context.Context, tenant ingest.TenantID, f conversation.MessageFilter) ([]conversation.Message, string, error)
	Send(ctx context.Context, tenant ingest.TenantID, d conversation.Draft) (conversation.Message, error)
	HandOff(ctx context.Context, tenant ingest.TenantID, id ingest.ConversationID, reason, by string) (conversation.Conversation, error)
	Resume(ctx context.Context, tenant ingest.TenantID, id ingest.ConversationID, by string) (conversation.Conversation, error)
	Close(ctx context.Context, tenant ingest.TenantID, id ingest.ConversationID, by string) (conversation.Conversation, error)
	Assign(ctx context.Context, tenant ingest.TenantID, id ingest.ConversationID, assignee, by string) (conversation.Conversation, error)
	Glances(ctx context.Context, tenant ingest.TenantID, ids []ingest.ConversationID) (map[ingest.ConversationID]conversation.Glance, error)
	Standing(ctx context.Context, tenant ingest.TenantID, channel ingest.ChannelID, id ingest.ContactID) (conversation.Standing, error)
	schedules
	counts
}

// contacts is what operations need of *contact.Store.
type contacts interface {
	Contact(ctx context.Context, tenant ingest.TenantID, id ingest.ContactID) (contact.Contact, error)
	Contacts(ctx context.Context, tenant ingest.TenantID, f contact.Filter) ([]contact.Contact, string, error)
	ByIdentifier(ctx context.Context, tenant ingest.TenantID, ident ingest.Identifier) (contact.Contact, error)
	Owner(ctx context.Context, tenant ingest.TenantID, ident ingest.Identifier) (ingest.ContactID, error)
	Numbered(ctx context.Context, tenant ingest.TenantID, number int64) (contact.Contact, error)
	Admit(ctx context.Context, tenant ingest.TenantID, p ingest.Party) (contact.Contact, error)
	ByIDs(ctx context.Context, tenant ingest.TenantID, ids []ingest.ContactID) (map[ingest.ContactID]contact.Contact, error)
	roll
	eraser
	transfers
}

// knowledge is what operations need of *kb.Store.
type knowledge interface {
	Put(ctx context.Context, tenant ingest.TenantID, d kb.Draft) (kb.Article, bool, error)
	Article(ctx context.Context, tenant ingest.TenantID, id ingest.ArticleID) (kb.Article, error)
	Articles(ctx context.Context, tenant ingest.TenantID, f kb.Filter) ([]kb.Article, string, error)
	Delete(ctx context.Context, tenant ingest.TenantID, id ingest.ArticleID) error
	Search(ctx context.Context, tenant ingest.TenantID, q kb.Query) ([]kb.Hit, error)
	Gaps(ctx context.Context, tenant ingest.TenantID, f kb.GapFilter) ([]kb.Gap, string, error)
	Versions(ctx context.Context, tenant ingest.TenantID, id ingest.ArticleID) ([]kb.Version, error)
	Restore(ctx context.Context, tenant ingest.TenantID, id ingest.ArticleID, version int) (kb.Article, error)
}

// gate is what operations need of *dispatch.Gate: why a message may not be
// sent, or nil.
type gate interface {
	Check(ctx context.Context, tenant ingest.TenantID, m ingest.Message) error
	Down(ctx context.Context, tenant ingest.TenantID, channel ingest.ChannelID, sandbox bool) (since time.Time, code string, err error)
}

// Parts is what the operations work with. All must be set.
type Parts struct {
	Directory     directory
	Conversations conversations
	Contacts      contacts
	Spool         spool
	Knowledge     knowledge
	Gate          gate
	Webhooks      webhooks
	Reach         reach // where webhooks may lead; *webhook.Guard is one
	Agents        agents
	Analytics     reports
	Bookings      bookings
	Links         links
	BusySources   busySources
	Templates     templates
	Meta          meta // *whatsapp.Sender
	Media         files
	Fetch         fetcher
	MediaLinks    mediaLinks
	Channels      channelStore
	Twilio        twilioAccounts // *twilio.Sender
	Account       account
	Audit         auditLog
	Usage         meter
}

// Operations is what the API can do. It is safe for concurrent use.
type Operations struct{ p Parts }

// New returns the operations over p.
func New(p Parts) *Operations { return &Operations{p} }
