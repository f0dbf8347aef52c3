package conversation

import (
	"time"

	"frontdesk/ingest"
)

// Plan is a message that is to be sent later, as it was asked for. Where it goes
// is decided when it is sent.
type Plan struct {
	Conversation ingest.ConversationID `json:"conversation,omitempty"`
	Contact      ingest.ContactID      `json:"contact"`
	To           ingest.Identifier     `json:"to,omitzero"`       // the one of Contact's to use; zero: whichever serves
	Channel      string                `json:"channel,omitempty"` // name or id; empty: the one that serves best then
	Agent        ingest.AgentID        `json:"agent,omitempty"`
	Content      ingest.Content        `json:"content"`
	Category     string                `json:"category,omitempty"`
	ReplyTo      ingest.MessageID      `json:"reply_to,omitempty"`
	Author       string                `json:"author,omitempty"`
	Test         bool                  `json:"test,omitempty"`
}

// Due is a plan whose time has come.
type Due struct {
	Tenant   ingest.TenantID
	ID       ingest.MessageID
	Plan     Plan
	SendAt   time.Time
	Attempts int // to hand it over, with this one
}

// message is the plan as a list of messages shows it.
func (p Plan) message(tenant ingest.TenantID, id ingest.MessageID, channel ingest.ChannelID, status ingest.Status, at, created time.Time) Message {
	party := ingest.Party{}
	if p.To.Value != "" {
		party.Identifiers = []ingest.Identifier{p.To}
	}
	return Message{
		Message: ingest.Message{
			ID: id, Tenant: tenant, Channel: channel, Direction: ingest.Outbound, Party: party, Content: p.Content, At: at.UTC(), Test: p.Test,
			Conversation: p.Conversation, Contact: p.Contact, Agent: p.Agent, Author: p.Author, Category: p.Category,
		},
		Status: status, CreatedAt: created.UTC(),
	}
}
