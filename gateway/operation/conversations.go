package operation

import (
	"cmp"
	"context"

	"frontdesk/agent/conversation"
	"frontdesk/gateway/tenant"
	"frontdesk/ingest"
)

// Page is a part of a list; Next is the cursor of the part after it, empty on
// the last.
type Page[T any] struct {
	Items []T
	Next  string
}

// known reports what a filter names and the caller does not have.
func (o *Operations) known(ctx context.Context, caller tenant.Caller, who ingest.ContactID, ch ingest.ChannelID) error {
	if who != "" {
		if _, err := o.p.Contacts.Contact(ctx, caller.Tenant, who); err != nil {
			return err
		}
	}
	if ch != "" {
		if _, err := o.p.Directory.Channel(ctx, caller.Tenant, ch); err != nil {
			return err
		}
	}
	return nil
}

// Conversation returns a conversation.
func (o *Operations) Conversation(ctx context.Context, caller tenant.Caller, id ingest.ConversationID) (conversation.Conversation, error) {
	return o.p.Conversations.Conversation(ctx, caller.Tenant, id)
}

// Conversations lists conversations, newest first.
func (o *Operations) Conversations(ctx context.Context, caller tenant.Caller, f conversation.Filter) (Page[conversation.Conversation], error) {
	if err := o.known(ctx, caller, f.Contact, f.Channel); err != nil {
		return Page[conversation.Conversation]{}, err
	}
	if f.Agent != "" {
		if _, err := o.Agent(ctx, caller, f.Agent); err != nil {
			return Page[conversation.Conversation]{}, err
		}
	}
	items, next, err := o.p.Conversations.Conversations(ctx, caller.Tenant, f)
	return Page[conversation.Conversation]{items, next}, err
}

// HandOff gives a conversation to a person; the bot is silent until it is
// resumed.
func (o *Operations) HandOff(ctx context.Context, caller tenant.Caller, id ingest.ConversationID, reason string) (conversation.Conversation, error) {
	if reason == "" {
		reason = "api"
	}
	return o.p.Conversations.HandOff(ctx, caller.Tenant, id, reason, caller.KeyID)
}

// Assign gives a conversation to a person, as the business calls them.
func (o *Operations) Assign(ctx context.Context, caller tenant.Caller, id ingest.ConversationID, assignee string) (conversation.Conversation, error) {
	return o.p.Conversations.Assign(ctx, caller.Tenant, id, assignee, caller.KeyID)
}

// Glances returns what was said last in conversations, and what waits there.
func (o *Operations) Glances(ctx context.Context, caller tenant.Caller, list ...conversation.Conversation) (map[ingest.ConversationID]conversation.Glance, error) {
	ids := make([]ingest.ConversationID, len(list))
	for i, c := range list {
		ids[i] = c.ID
	}
	return o.p.Conversations.Glances(ctx, caller.Tenant, ids)
}

// Thread lists the messages of a conversation in either direction, from or up to
// one of them. Messages that are to be sent later are in the list of the newest
// alone.
func (o *Operations) Thread(ctx context.Context, caller tenant.Caller, f conversation.MessageFilter) (Page[conversation.Message], error) {
	if !f.Oldest && f.NewerThan == "" && f.OlderThan == "" {
		return o.Messages(ctx, caller, f)
	}
	var none Page[conversation.Message]
	if _, err := o.p.Conversations.Conversation(ctx, caller.Tenant, f.Conversation); err != nil {
		return none, err
	}
	for _, id := range []ingest.MessageID{f.NewerThan, f.OlderThan} {
		if id == "" {
			continue
		}
		if m, err := o.p.Conversations.Message(ctx, caller.Tenant, id); err != nil || m.Conversation != f.Conversation {
			return none, cmp.Or(err, ErrNotFound)
		}
	}
	items, next, err := o.p.Conversations.Messages(ctx, caller.Tenant, f)
	return Page[conversation.Message]{items, next}, err
}

// Resume gives a conversation back to the bot.
func (o *Operations) Resume(ctx context.Context, caller tenant.Caller, id ingest.ConversationID) (conversation.Conversation, error) {
	return o.p.Conversations.Resume(ctx, caller.Tenant, id, caller.KeyID)
}

// Close ends a conversation; what the contact writes next opens another.
func (o *Operations) Close(ctx context.Context, caller tenant.Caller, id ingest.ConversationID) (conversation.Conversation, error) {
	return o.p.Conversations.Close(ctx, caller.Tenant, id, caller.KeyID)
}
