package ingest

import (
	"encoding/json"
	"time"
)

// Status is how far an outbound message has come. Inbound messages are
// Received.
type Status string

// Statuses, in the order in which they may follow one another. Failed and
// Unknown stand beside the line: see [Status.Supersedes].
const (
	Received  Status = "received"
	Queued    Status = "queued"
	Sending   Status = "sending" // handed to the provider, no answer yet
	Sent      Status = "sent"
	Delivered Status = "delivered"
	Read      Status = "read"
	Failed    Status = "failed"
	// Unknown means the request was written and no answer came: it may or may
	// not have been sent, and is never sent again; a receipt settles it.
	Unknown Status = "unknown"
	// Scheduled and Cancelled are of messages that are to be sent later, or were:
	// they come before the line and no receipt speaks of them.
	Scheduled Status = "scheduled"
	Cancelled Status = "cancelled"
)

var rank = map[Status]int{Queued: 1, Sending: 2, Unknown: 3, Sent: 4, Failed: 5, Delivered: 6, Read: 7}

// Supersedes reports whether a message that is old becomes s on hearing of s.
// Statuses only move forward; a failure is final unless a proof of delivery
// comes later, and does not undo one.
func (s Status) Supersedes(old Status) bool {
	return rank[s] > rank[old]
}

// Receipt is what a provider reports of an outbound message.
type Receipt struct {
	Tenant      TenantID        `json:"tenant_id"`
	Channel     ChannelID       `json:"channel_id"`
	Provider    string          `json:"provider"`
	ProviderID  string          `json:"provider_id"`           // of the message
	Correlation MessageID       `json:"correlation,omitempty"` // our id, where the provider gives it back
	Status      Status          `json:"status"`
	Word        string          `json:"word"` // the provider's own word for it
	At          time.Time       `json:"at"`   // provider's time, UTC; time of receiving where it gives none
	Party       Party           `json:"party"`
	Errors      []ProviderError `json:"errors,omitempty"`
	Pricing     *Pricing        `json:"pricing,omitempty"`
	Test        bool            `json:"test,omitempty"`
	Raw         json.RawMessage `json:"raw,omitempty"` // a status that no table knows, whole
}

// Key returns the key that keeps a person's receipts in order.
func (r Receipt) Key() string { return ConversationKey(r.Tenant, r.Channel, r.Party.Address()) }

// Pricing is what the provider says a message costs.
type Pricing struct {
	Billable *bool  `json:"billable,omitempty"`
	Model    string `json:"model,omitempty"`
	Type     string `json:"type,omitempty"`
	Category string `json:"category,omitempty"`
	Amount   string `json:"amount,omitempty"` // decimal, in Currency
	Currency string `json:"currency,omitempty"`
}
