package operation

import (
	"context"

	"frontdesk/agent/contact"
	"frontdesk/agent/conversation"
	"frontdesk/gateway/tenant"
	"frontdesk/ingest"
)

// counts is what operations need of *conversation.Store to say how long lists
// are.
type counts interface {
	CountConversations(ctx context.Context, tenant ingest.TenantID, f conversation.Filter) (int, error)
	CountMessages(ctx context.Context, tenant ingest.TenantID, f conversation.MessageFilter) (int, error)
	CountScheduledMessages(ctx context.Context, tenant ingest.TenantID, f conversation.MessageFilter) (int, error)
}

// CountContacts counts what [Operations.Contacts] lists, on all pages, and no
// further than 10,001, which stands for more. So do those below.
func (o *Operations) CountContacts(ctx context.Context, caller tenant.Caller, f contact.Filter) (int, error) {
	return o.p.Contacts.Count(ctx, caller.Tenant, called(caller, f))
}

// called is f with the number that it names as it is kept.
func called(caller tenant.Caller, f contact.Filter) contact.Filter {
	if phone, err := Phone(f.Identifier, caller.Business.Phone); err == nil {
		f.Identifier = phone
	}
	return f
}

// CountConversations counts what [Operations.Conversations] lists.
func (o *Operations) CountConversations(ctx context.Context, caller tenant.Caller, f conversation.Filter) (int, error) {
	return o.p.Conversations.CountConversations(ctx, caller.Tenant, f)
}

// CountMessages counts what [Operations.Messages] lists.
func (o *Operations) CountMessages(ctx context.Context, caller tenant.Caller, f conversation.MessageFilter) (int, error) {
	later := 0
	if mayBeScheduled(f) {
		var err error
		later, err = o.p.Conversations.CountScheduledMessages(ctx, caller.Tenant, f)
		if err != nil || f.Status == ingest.Scheduled || f.Status == ingest.Cancelled {
			return later, err
		}
	}
	n, err := o.p.Conversations.CountMessages(ctx, caller.Tenant, f)
	return n + later, err
}
