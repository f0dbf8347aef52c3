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
	Assignee      string     `json:"assignee,omitempty" doc:"Which person has it."`
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
		State: string(c.State), Owner: string(c.Owner), OwnerReason: c.OwnerReason, OwnerSince: c.OwnerSince.UTC(), Assignee: c.Assignee, Language: c.Language,
		OpenedAt: c.OpenedAt.UTC(), ClosedAt: orNil(c.ClosedAt), LastMessageAt: orNil(c.LastMessageAt),
		LastInboundAt: orNil(c.LastInboundAt), WindowUntil: orNil(c.WindowUntil), Test: c.Test,
	}
}

type conversationFilter struct {
	paging
	counting
	ChannelID string `json:"-" query:"channel_id" maxLength:"64"`
	ContactID string `json:"-" query:"contact_id" maxLength:"64"`
	AgentID   string `json:"-" query:"agent_id" maxLength:"64"`
	State     string `json:"-" query:"state" enum:"open,closed"`
	Owner     string `json:"-" query:"owner" enum:"bot,person"`
	Assignee  string `json:"-" query:"assignee" maxLength:"200" doc:"Whom they were given to."`

	UpdatedFrom time.Time `json:"-" query:"updated_from" doc:"Something was said then or later."`
	UpdatedTo   time.Time `json:"-" query:"updated_to" doc:"Nothing was said then or later."`
	Unanswered  bool      `json:"-" query:"unanswered" doc:"Those in which the contact said something last."`
}

// glanceResponse is a conversation with what was said last.
type glanceResponse struct {
	conversationResponse
	Unanswered  int64            `json:"unanswered" doc:"Messages of the contact since the last answer."`
	LastMessage *previewResponse `json:"last_message,omitempty"`
}

type previewResponse struct {
	ID        string    `json:"id" example:"msg_01KA2B3C4D5E6F7G8H9JKMNPQR"`
	Direction string    `json:"direction" enum:"inbound,outbound"`
	Type      string    `json:"type"`
	Text      string    `json:"text,omitempty" doc:"Its beginning."`
	At        time.Time `json:"at"`
}

func toGlance(c conversation.Conversation, g conversation.Glance) glanceResponse {
	out := glanceResponse{conversationResponse: toConversation(c), Unanswered: g.Unanswered}
	if g.Message != "" {
		out.LastMessage = &previewResponse{string(g.Message), string(g.Direction), string(g.Type), g.Text, g.At.UTC()}
	}
	return out
}

type conversationPage struct {
	paging
	ID       string `json:"-" path:"id" maxLength:"64"`
	Order    string `json:"-" query:"order" enum:"newest,oldest" doc:"newest, if left out."`
	AfterID  string `json:"-" query:"after_id" maxLength:"64" doc:"Only messages that are newer than this one."`
	BeforeID string `json:"-" query:"before_id" maxLength:"64" doc:"Only messages that are older than this one."`
}

type assignRequest struct {
	ID       string `json:"-" path:"id" maxLength:"64"`
	Assignee string `json:"assignee" required:"true" maxLength:"200" doc:"A name, an address or an id of your own." example:"ana@casa-maya.example"`
}

type handOffRequest struct {
	ID     string `json:"-" path:"id" maxLength:"64"`
	Reason string `json:"reason" maxLength:"200" doc:"Why a person is needed." example:"refund"`
}

func conversationRoutes(ops *operation.Operations) []Route {
	const read, write, tag = "conversations:read", "conversations:write", "Conversations"
	return []Route{
		BindList(Route{Method: "GET", Path: "/v1/conversations", ID: "listConversations", Tag: tag, Scope: read, Summary: "List conversations, newest first"},
			func(ctx context.Context, c tenant.Caller, in conversationFilter) (page[glanceResponse], error) {
				return listConversations(ctx, ops, c, in)
			}),
		Bind(Route{Method: "GET", Path: "/v1/conversations/{id}", ID: "getConversation", Tag: tag, Scope: read, Summary: "Get a conversation"},
			func(ctx context.Context, c tenant.Caller, in byID) (glanceResponse, error) {
				got, err := ops.Conversation(ctx, c, ingest.ConversationID(in.ID))
				if err != nil {
					return glanceResponse{}, err
				}
				last, err := ops.Glances(ctx, c, got)
				return toGlance(got, last[got.ID]), err
			}),
		BindList(Route{Method: "GET", Path: "/v1/conversations/{id}/messages", ID: "listConversationMessages", Tag: tag, Scope: read, Summary: "List a conversation's messages", Doc: "Newest first, unless ordered otherwise. With order=oldest and after_id one goes on from the last message that one has."},
			func(ctx context.Context, c tenant.Caller, in conversationPage) (page[messageResponse], error) {
				p, err := ops.Thread(ctx, c, conversation.MessageFilter{
					Conversation: ingest.ConversationID(in.ID), Oldest: in.Order == "oldest", NewerThan: ingest.MessageID(in.AfterID), OlderThan: ingest.MessageID(in.BeforeID),
					Limit: in.Limit, After: in.Cursor,
				})
				return pageOf(p, toMessage), err
			}),
		Bind(Route{Method: "POST", Path: "/v1/conversations/{id}/handoff", ID: "handOffConversation", Faults: []string{"conversation_closed"}, Tag: tag, Scope: write, Summary: "Give a conversation to a person",
			Doc: "The bot is silent until the conversation is resumed."},
			func(ctx context.Context, c tenant.Caller, in handOffRequest) (conversationResponse, error) {
				got, err := ops.HandOff(ctx, c, ingest.ConversationID(in.ID), in.Reason)
				return toConversation(got), err
			}),
		Bind(Route{Method: "POST", Path: "/v1/conversations/{id}/assign", ID: "assignConversation", Tag: tag, Scope: write, Faults: []string{"conversation_closed"}, Summary: "Give a conversation to a certain person",
			Doc: "The bot is silent until the conversation is resumed. Assigning again gives it to another."},
			func(ctx context.Context, c tenant.Caller, in assignRequest) (conversationResponse, error) {
				got, err := ops.Assign(ctx, c, ingest.ConversationID(in.ID), in.Assignee)
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

func listConversations(ctx context.Context, ops *operation.Operations, c tenant.Caller, in conversationFilter) (page[glanceResponse], error) {
	f := conversation.Filter{
		Channel: ingest.ChannelID(in.ChannelID), Contact: ingest.ContactID(in.ContactID), Agent: ingest.AgentID(in.AgentID),
		State: conversation.State(in.State), Owner: conversation.Owner(in.Owner), Assignee: in.Assignee,
		UpdatedFrom: in.UpdatedFrom, UpdatedTo: in.UpdatedTo, Unanswered: in.Unanswered, Limit: in.Limit, After: in.Cursor,
	}
	p, err := ops.Conversations(ctx, c, f)
	if err != nil {
		return page[glanceResponse]{}, err
	}
	last, err := ops.Glances(ctx, c, p.Items...)
	shown := pageOf(p, func(c conversation.Conversation) glanceResponse { return toGlance(c, last[c.ID]) })
	return counted(shown, err, in.counting, func() (int, error) { return ops.CountConversations(ctx, c, f) })
}
