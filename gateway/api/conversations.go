package api

import (
	"context"
	"time"

	"frontdesk/agent/contact"
	"frontdesk/agent/conversation"
	"frontdesk/gateway/operation"
	"frontdesk/gateway/tenant"
	"frontdesk/ingest"
)

type conversationResponse struct {
	ID            string     `json:"id" example:"cnv_01KA2B3C4D5E6F7G8H9JKMNPQR"`
	Number        int64      `json:"number"`
	ChannelID     string     `json:"channel_id"`
	ContactID     string     `json:"contact_id"`
	AgentID       string     `json:"agent_id,omitempty"`
	State         string     `json:"state" enum:"open,closed"`
	Owner         string     `json:"owner" enum:"bot,person" doc:"While a person owns it the bot is silent."`
	OwnerReason   string     `json:"owner_reason,omitempty"`
	OwnerSince    time.Time  `json:"owner_since"`
	Language      string     `json:"language,omitempty"`
	OpenedAt      time.Time  `json:"opened_at"`
	ClosedAt      *time.Time `json:"closed_at,omitempty"`
	LastMessageAt *time.Time `json:"last_message_at,omitempty"`
	LastInboundAt *time.Time `json:"last_inbound_at,omitempty"`
	WindowUntil   *time.Time `json:"window_until,omitempty" doc:"Until when WhatsApp takes more than templates."`
	Test          bool       `json:"test"`
}

func toConversation(c conversation.Conversation) conversationResponse {
	return conversationResponse{
		ID: string(c.ID), Number: c.Number, ChannelID: string(c.Channel), ContactID: string(c.Contact), AgentID: string(c.Agent),
		State: string(c.State), Owner: string(c.Owner), OwnerReason: c.OwnerReason, OwnerSince: c.OwnerSince.UTC(), Language: c.Language,
		OpenedAt: c.OpenedAt.UTC(), ClosedAt: orNil(c.ClosedAt), LastMessageAt: orNil(c.LastMessageAt),
		LastInboundAt: orNil(c.LastInboundAt), WindowUntil: orNil(c.WindowUntil), Test: c.Test,
	}
}

type conversationFilter struct {
	paging
	ChannelID string `json:"-" query:"channel_id" maxLength:"64"`
	ContactID string `json:"-" query:"contact_id" maxLength:"64"`
	AgentID   string `json:"-" query:"agent_id" maxLength:"64"`
	State     string `json:"-" query:"state" enum:"open,closed"`
	Owner     string `json:"-" query:"owner" enum:"bot,person"`
}

type conversationPage struct {
	paging
	ID string `json:"-" path:"id" maxLength:"64"`
}

type handOffRequest struct {
	ID     string `json:"-" path:"id" maxLength:"64"`
	Reason string `json:"reason" maxLength:"200" doc:"Why a person is needed." example:"refund"`
}

func conversationRoutes(ops *operation.Operations) []Route {
	const read, write, tag = "conversations:read", "conversations:write", "Conversations"
	return []Route{
		BindList(Route{Method: "GET", Path: "/v1/conversations", ID: "listConversations", Tag: tag, Scope: read, Summary: "List conversations, newest first"},
			func(ctx context.Context, c tenant.Caller, in conversationFilter) (page[conversationResponse], error) {
				p, err := ops.Conversations(ctx, c, conversation.Filter{
					Channel: ingest.ChannelID(in.ChannelID), Contact: ingest.ContactID(in.ContactID), Agent: ingest.AgentID(in.AgentID),
					State: conversation.State(in.State), Owner: conversation.Owner(in.Owner), Limit: in.Limit, After: in.Cursor,
				})
				return pageOf(p, toConversation), err
			}),
		Bind(Route{Method: "GET", Path: "/v1/conversations/{id}", ID: "getConversation", Tag: tag, Scope: read, Summary: "Get a conversation"},
			func(ctx context.Context, c tenant.Caller, in byID) (conversationResponse, error) {
				got, err := ops.Conversation(ctx, c, ingest.ConversationID(in.ID))
				return toConversation(got), err
			}),
		BindList(Route{Method: "GET", Path: "/v1/conversations/{id}/messages", ID: "listConversationMessages", Tag: tag, Scope: read, Summary: "List a conversation's messages, newest first"},
			func(ctx context.Context, c tenant.Caller, in conversationPage) (page[messageResponse], error) {
				p, err := ops.Messages(ctx, c, conversation.MessageFilter{Conversation: ingest.ConversationID(in.ID), Limit: in.Limit, After: in.Cursor})
				return pageOf(p, toMessage), err
			}),
		Bind(Route{Method: "POST", Path: "/v1/conversations/{id}/handoff", ID: "handOffConversation", Faults: []string{"conversation_closed"}, Tag: tag, Scope: write, Summary: "Give a conversation to a person",
			Doc: "The bot is silent until the conversation is resumed."},
			func(ctx context.Context, c tenant.Caller, in handOffRequest) (conversationResponse, error) {
				got, err := ops.HandOff(ctx, c, ingest.ConversationID(in.ID), in.Reason)
				return toConversation(got), err
			}),
		Bind(Route{Method: "POST", Path: "/v1/conversations/{id}/resume", ID: "resumeConversation", Faults: []string{"conversation_closed"}, Tag: tag, Scope: write, Summary: "Give a conversation back to the bot"},
			func(ctx context.Context, c tenant.Caller, in byID) (conversationResponse, error) {
				got, err := ops.Resume(ctx, c, ingest.ConversationID(in.ID))
				return toConversation(got), err
			}),
		Bind(Route{Method: "POST", Path: "/v1/conversations/{id}/close", ID: "closeConversation", Faults: []string{"conversation_closed"}, Tag: tag, Scope: write, Summary: "Close a conversation",
			Doc: "What the contact writes next opens another."},
			func(ctx context.Context, c tenant.Caller, in byID) (conversationResponse, error) {
				got, err := ops.Close(ctx, c, ingest.ConversationID(in.ID))
				return toConversation(got), err
			}),
	}
}

type contactResponse struct {
	ID          string               `json:"id" example:"con_01KA2B3C4D5E6F7G8H9JKMNPQR"`
	Number      int64                `json:"number"`
	Name        string               `json:"name,omitempty"`
	Username    string               `json:"username,omitempty"`
	Phone       string               `json:"phone,omitempty"`
	Language    string               `json:"language,omitempty"`
	Identifiers []identifierResponse `json:"identifiers" doc:"The names under which providers know the person."`
	CreatedAt   time.Time            `json:"created_at"`
	UpdatedAt   time.Time            `json:"updated_at"`
	LastSeenAt  *time.Time           `json:"last_seen_at,omitempty"`
}

type identifierResponse struct {
	Kind  string `json:"kind"`
	Value string `json:"value"`
}

func toContact(c contact.Contact) contactResponse {
	out := contactResponse{
		ID: string(c.ID), Number: c.Number, Name: c.Name, Username: c.Username, Language: c.Language, Identifiers: []identifierResponse{},
		CreatedAt: c.CreatedAt.UTC(), UpdatedAt: c.UpdatedAt.UTC(), LastSeenAt: orNil(c.LastSeenAt),
	}
	for _, id := range c.Identifiers {
		out.Identifiers = append(out.Identifiers, identifierResponse{string(id.Kind), id.Value})
		if id.Kind == ingest.Phone && out.Phone == "" {
			out.Phone = id.Value
		}
	}
	return out
}

type contactFilter struct {
	paging
	Query string `json:"-" query:"query" maxLength:"200" doc:"Part of a name or of a phone number."`
}

func contactRoutes(ops *operation.Operations) []Route {
	return []Route{
		BindList(Route{Method: "GET", Path: "/v1/contacts", ID: "listContacts", Tag: "Contacts", Scope: "contacts:read", Summary: "List contacts, newest first"},
			func(ctx context.Context, c tenant.Caller, in contactFilter) (page[contactResponse], error) {
				p, err := ops.Contacts(ctx, c, contact.Filter{Query: in.Query, Limit: in.Limit, After: in.Cursor})
				return pageOf(p, toContact), err
			}),
		Bind(Route{Method: "GET", Path: "/v1/contacts/{id}", ID: "getContact", Tag: "Contacts", Scope: "contacts:read", Summary: "Get a contact"},
			func(ctx context.Context, c tenant.Caller, in byID) (contactResponse, error) {
				got, err := ops.Contact(ctx, c, ingest.ContactID(in.ID))
				return toContact(got), err
			}),
	}
}
