package api

import (
	"context"
	"time"

	"frontdesk/agent/conversation"
	"frontdesk/gateway/operation"
	"frontdesk/gateway/tenant"
	"frontdesk/ingest"
)

type messageFilter struct {
	paging
	counting
	ConversationID string    `json:"-" query:"conversation_id" maxLength:"64"`
	ContactID      string    `json:"-" query:"contact_id" maxLength:"64"`
	ChannelID      string    `json:"-" query:"channel_id" maxLength:"64"`
	Direction      string    `json:"-" query:"direction" enum:"inbound,outbound"`
	Status         string    `json:"-" query:"status" enum:"received,scheduled,cancelled,queued,sending,sent,delivered,read,failed,unknown"`
	Since          time.Time `json:"-" query:"since" doc:"Its at is not before this time."`
	Until          time.Time `json:"-" query:"until" doc:"Its at is before this time."`
}

func (f messageFilter) store() conversation.MessageFilter {
	return conversation.MessageFilter{
		Conversation: ingest.ConversationID(f.ConversationID), Contact: ingest.ContactID(f.ContactID),
		Channel: ingest.ChannelID(f.ChannelID), Direction: ingest.Direction(f.Direction), Status: ingest.Status(f.Status),
		Since: f.Since, Until: f.Until, Limit: f.Limit, After: f.Cursor,
	}
}

// sendFaults are the codes of a message that is not taken.
var sendFaults = []string{
	"opted_out", "window_closed", "quiet_hours", "budget_exceeded", "channel_down", "conversation_closed", "contact_unreachable", "live_conversation", "template_mismatch", "template_not_approved",
}

func messageRoutes(ops *operation.Operations) []Route {
	return []Route{
		Bind(Route{Method: "POST", Path: "/v1/messages", ID: "sendMessage", Tag: "Messages", Summary: "Send a message", Status: 201,
			Scope: "messages:write", Class: tenant.Messages, Faults: sendFaults,
			Doc: "The message is queued; its status tells what became of it. A test key's messages stay in the sandbox."},
			func(ctx context.Context, c tenant.Caller, in sendMessageRequest) (messageResponse, error) {
				m, err := ops.SendMessage(ctx, c, in.operation())
				return toMessage(m), err
			}),
		BindList(Route{Method: "GET", Path: "/v1/messages", ID: "listMessages", Tag: "Messages", Summary: "List messages, newest first", Scope: "messages:read"},
			func(ctx context.Context, c tenant.Caller, in messageFilter) (page[messageResponse], error) {
				p, err := ops.Messages(ctx, c, in.store())
				return counted(pageOf(p, toMessage), err, in.counting, func() (int, error) { return ops.CountMessages(ctx, c, in.store()) })
			}),
		Bind(Route{Method: "GET", Path: "/v1/messages/{id}", ID: "getMessage", Tag: "Messages", Summary: "Get a message", Scope: "messages:read"},
			func(ctx context.Context, c tenant.Caller, in byID) (messageResponse, error) {
				m, err := ops.Message(ctx, c, ingest.MessageID(in.ID))
				return toMessage(m), err
			}),
	}
}
