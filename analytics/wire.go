package analytics

import (
	"errors"
	"fmt"
	"time"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"

	"frontdesk/ingest"
)

// The types here are those of ingest with only what becomes part of a row:
// most of a message is passed over unread, which makes reading it twice
// as fast, and its text is never in memory. A test holds their names to those
// of ingest.
type (
	wireMessage struct {
		ID           ingest.MessageID      `json:"id"`
		Tenant       ingest.TenantID       `json:"tenant_id"`
		Channel      ingest.ChannelID      `json:"channel_id"`
		Provider     string                `json:"provider"`
		Party        wireParty             `json:"party"`
		Content      wireContent           `json:"content"`
		At           time.Time             `json:"at"`
		Test         bool                  `json:"test"`
		Conversation ingest.ConversationID `json:"conversation_id"`
		Contact      ingest.ContactID      `json:"contact_id"`
		Agent        ingest.AgentID        `json:"agent_id"`
		Turn         ingest.TurnID         `json:"turn_id"`
		Author       string                `json:"author"`
		Category     string                `json:"category"`
	}
	wireParty struct {
		Identifiers []ingest.Identifier `json:"identifiers"`
	}
	wireContent struct {
		Type ingest.ContentType `json:"type"`
	}
	wireReceipt struct {
		Tenant      ingest.TenantID  `json:"tenant_id"`
		Channel     ingest.ChannelID `json:"channel_id"`
		Provider    string           `json:"provider"`
		ProviderID  string           `json:"provider_id"`
		Correlation ingest.MessageID `json:"correlation"`
		Status      ingest.Status    `json:"status"`
		At          time.Time        `json:"at"`
		Party       wireParty        `json:"party"`
		Errors      []wireError      `json:"errors"`
		Pricing     *ingest.Pricing  `json:"pricing"`
		Test        bool             `json:"test"`
	}
	wireStatus struct {
		Tenant       ingest.TenantID       `json:"tenant_id"`
		Message      ingest.MessageID      `json:"message_id"`
		Conversation ingest.ConversationID `json:"conversation_id"`
		Channel      ingest.ChannelID      `json:"channel_id"`
		Contact      ingest.ContactID      `json:"contact_id"`
		Status       ingest.Status         `json:"status"`
		At           time.Time             `json:"at"`
		Errors       []wireError           `json:"errors"`
	}
	wireError struct {
		Code string `json:"code"`
	}
)

func (p wireParty) address() string { return ingest.Party{Identifiers: p.Identifiers}.Address() }

// reading takes what encoding/json takes: an event may hold a provider's JSON
// as it came, with names that are there twice.
var reading = json.JoinOptions(jsontext.AllowDuplicateNames(true), jsontext.AllowInvalidUTF8(true))

// decode reads the data of e into v. Every error is [ingest.ErrMalformed], and
// tells the place but not what stands there.
func decode(e ingest.Event, v any) error {
	err := json.Unmarshal(e.Data, v, reading)
	if err == nil {
		return nil
	}
	var semantic *json.SemanticError
	var syntactic *jsontext.SyntacticError
	switch {
	case errors.As(err, &semantic):
		return fmt.Errorf("%w: data of %s at byte %d is no %v", ingest.ErrMalformed, e.Type, semantic.ByteOffset, semantic.GoType)
	case errors.As(err, &syntactic):
		return fmt.Errorf("%w: data of %s at byte %d is no JSON", ingest.ErrMalformed, e.Type, syntactic.ByteOffset)
	}
	return fmt.Errorf("%w: data of %s cannot be read", ingest.ErrMalformed, e.Type)
}
