package ingest

import "strings"

// IdentifierKind says what an identifier is.
type IdentifierKind string

const (
	// Phone is a number in E.164 with the leading plus.
	Phone IdentifierKind = "phone"
	// WhatsAppUser is Meta's business-scoped user id ("US.13491208655302741918").
	WhatsAppUser IdentifierKind = "whatsapp_user"
	// WhatsAppParent is the user id over linked business portfolios ("US.ENT.…").
	WhatsAppParent IdentifierKind = "whatsapp_parent"
	// SenderID is a short code or an alphanumeric sender, which is no phone.
	SenderID IdentifierKind = "sender_id"
	// Email is a mail address in lower case.
	Email IdentifierKind = "email"
)

// Identifier is one name under which a provider knows a person.
type Identifier struct {
	Kind  IdentifierKind `json:"kind"`
	Value string         `json:"value"`
}

// Party is the person at the other end of a message as the provider described
// them. Two identifiers in one Party are aliases of one contact.
type Party struct {
	Identifiers []Identifier `json:"identifiers"`
	Name        string       `json:"name,omitempty"`     // profile name, unverified
	Username    string       `json:"username,omitempty"` // WhatsApp username, if any
}

// Address returns the identifier that keys the person's messages: the
// WhatsApp user id, which every WhatsApp callback bears since April 2026, else
// the phone, else whatever is there. It is empty for a Party without
// identifiers.
func (p Party) Address() string {
	for _, kind := range []IdentifierKind{WhatsAppUser, Phone} {
		if v := p.Identifier(kind); v != "" {
			return v
		}
	}
	if len(p.Identifiers) > 0 {
		return p.Identifiers[0].Value
	}
	return ""
}

// Identifier returns the value of the first identifier of kind, or "".
func (p Party) Identifier(kind IdentifierKind) string {
	for _, id := range p.Identifiers {
		if id.Kind == kind {
			return id.Value
		}
	}
	return ""
}

// ConversationKey is the key of all that passes between one address and one
// channel: records with the same key lie in one partition, in order.
func ConversationKey(tenant TenantID, channel ChannelID, address string) string {
	return strings.Join([]string{string(tenant), string(channel), address}, "|")
}
