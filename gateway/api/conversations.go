package api

import (
	"context"
	"time"

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
