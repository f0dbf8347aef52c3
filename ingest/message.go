package ingest

import (
	"encoding/json"
	"time"
)

// Direction says who wrote a message.
type Direction string

const (
	// Inbound messages come from the contact.
	Inbound Direction = "inbound"
	// Outbound messages go to the contact.
	Outbound Direction = "outbound"
)

// ContentType says what a message is made of.
type ContentType string

// The types that frontdesk knows. What a provider sends beyond them is kept
// whole as Unsupported.
const (
	Text        ContentType = "text"
	Image       ContentType = "image"
	Audio       ContentType = "audio"
	Video       ContentType = "video"
	Document    ContentType = "document"
	Sticker     ContentType = "sticker"
	LocationPin ContentType = "location"
	ContactCard ContentType = "contacts"
	Reacted     ContentType = "reaction"
	Button      ContentType = "button"      // inbound: a template's quick reply
	Interactive ContentType = "interactive" // inbound: a choice made; outbound: buttons or a list
	Order       ContentType = "order"
	System      ContentType = "system" // inbound: the provider tells of a change
	Templated   ContentType = "template"
	Unsupported ContentType = "unsupported"
)

// Content is what a message says. Type tells which of the other fields are
// set; Text is always what a person would read of it (body, caption, the title
// of the button pressed) and may be empty.
type Content struct {
	Type      ContentType     `json:"type"`
	Text      string          `json:"text,omitempty"`
	Media     []Media         `json:"media,omitempty"` // more than one only for MMS
	Location  *Location       `json:"location,omitempty"`
	Contacts  json.RawMessage `json:"contacts,omitempty"` // as the provider has them
	Reaction  *Reaction       `json:"reaction,omitempty"`
	Selection *Selection      `json:"selection,omitempty"`
	Menu      *Menu           `json:"menu,omitempty"`
	Template  *Template       `json:"template,omitempty"`
	Order     json.RawMessage `json:"order,omitempty"` // as the provider has it
	System    *SystemChange   `json:"system,omitempty"`
	Errors    []ProviderError `json:"errors,omitempty"` // inbound: why the provider could not give it
	Raw       json.RawMessage `json:"raw,omitempty"`    // inbound, Unsupported: all of it
}

// Media is one file of a message. Inbound it has the provider's ID or URL,
// outbound one of the two.
type Media struct {
	ID       string `json:"id,omitempty"`
	URL      string `json:"url,omitempty"`
	MIME     string `json:"mime_type,omitempty"`
	SHA256   string `json:"sha256,omitempty"` // as given: base64 or hex
	Filename string `json:"filename,omitempty"`
	Voice    bool   `json:"voice,omitempty"`    // recorded as a voice note
	Animated bool   `json:"animated,omitempty"` // of a sticker
}

// Location is a point on the map, WGS 84 degrees.
type Location struct {
	Latitude  float64 `json:"latitude"`
	Longitude float64 `json:"longitude"`
	Name      string  `json:"name,omitempty"`
	Address   string  `json:"address,omitempty"`
	URL       string  `json:"url,omitempty"`
}

// Reaction is an emoji put on a message; an empty Emoji takes it back.
type Reaction struct {
	ProviderID string `json:"provider_id"` // of the message reacted to
	Emoji      string `json:"emoji,omitempty"`
}

// Selection is what a contact chose: a button, a row of a list, a form.
type Selection struct {
	Kind        string          `json:"kind"` // button, list, flow, call_permission or the provider's word
	ID          string          `json:"id,omitempty"`
	Title       string          `json:"title,omitempty"`
	Description string          `json:"description,omitempty"`
	Data        json.RawMessage `json:"data,omitempty"` // what a form or another kind bears
}

// Menu is what an outbound message offers to choose from: at most three
// Buttons, or Sections of at most ten rows in all under ListTitle.
type Menu struct {
	Header    string        `json:"header,omitempty"`
	Footer    string        `json:"footer,omitempty"`
	Buttons   []Choice      `json:"buttons,omitempty"`
	ListTitle string        `json:"list_title,omitempty"` // on the button that opens the list
	Sections  []MenuSection `json:"sections,omitempty"`
}

// MenuSection is a part of a list with its heading.
type MenuSection struct {
	Title string   `json:"title,omitempty"`
	Rows  []Choice `json:"rows"`
}

// Choice is one button or row; its ID comes back in [Selection.ID].
type Choice struct {
	ID          string `json:"id"`
	Title       string `json:"title"`
	Description string `json:"description,omitempty"`
}

// Template names a message that the provider has approved, with what fills it.
type Template struct {
	Name       string          `json:"name"`
	Language   string          `json:"language"`
	Category   string          `json:"category,omitempty"`   // marketing, utility or authentication
	Components json.RawMessage `json:"components,omitempty"` // in the provider's own form
}

// SystemChange is a provider's word that a contact is now someone else's name:
// Previous and Current identify the same person.
type SystemChange struct {
	Kind     string       `json:"kind"` // user_changed_number, user_changed_user_id, …
	Body     string       `json:"body,omitempty"`
	Previous []Identifier `json:"previous,omitempty"`
	Current  []Identifier `json:"current,omitempty"`
}

// ProviderError is an error in the provider's own words.
type ProviderError struct {
	Code   string `json:"code"`
	Title  string `json:"title,omitempty"`
	Detail string `json:"detail,omitempty"`
}

// OptWord is what a provider has already understood and answered itself.
type OptWord string

// Opt words that providers report (Twilio's OptOutType, Telnyx's
// autoresponse_type).
const (
	OptStop  OptWord = "stop"
	OptStart OptWord = "start"
	OptHelp  OptWord = "help"
)

// Message is one thing said, in either direction. Inbound it is what a parser
// made of a callback; outbound it is what dispatch hands to a provider, with
// ids of the rows behind it.
type Message struct {
	ID           MessageID       `json:"id"` // inbound: derived from ProviderID
	Tenant       TenantID        `json:"tenant_id"`
	Channel      ChannelID       `json:"channel_id"`
	Provider     string          `json:"provider"` // name of the adapter: whatsapp, twilio, …
	Direction    Direction       `json:"direction"`
	ProviderID   string          `json:"provider_id,omitempty"`
	Party        Party           `json:"party"`
	Content      Content         `json:"content"`
	ReplyTo      string          `json:"reply_to,omitempty"` // ProviderID of the message answered
	Forwarded    bool            `json:"forwarded,omitempty"`
	Group        string          `json:"group,omitempty"`    // provider's id of a group chat
	Referral     json.RawMessage `json:"referral,omitempty"` // the ad or post the contact came by
	Product      json.RawMessage `json:"product,omitempty"`  // the catalogue product asked about, as the provider has it
	At           time.Time       `json:"at"`                 // provider's time, UTC; outbound: when queued
	OptWord      OptWord         `json:"opt_word,omitempty"` // already answered by the provider
	Test         bool            `json:"test,omitempty"`     // sandbox: never reaches a real provider
	Conversation ConversationID  `json:"conversation_id,omitempty"`
	Contact      ContactID       `json:"contact_id,omitempty"`
	Agent        AgentID         `json:"agent_id,omitempty"`
	Turn         TurnID          `json:"turn_id,omitempty"`  // outbound: the turn that decided it
	Author       string          `json:"author,omitempty"`   // outbound: bot, person or api
	Category     string          `json:"category,omitempty"` // outbound: service, utility, marketing, authentication
	// WindowUntil is set on the answer of a turn: the end of the 24 hours that
	// the message answered has opened.
	WindowUntil time.Time `json:"window_until,omitzero"`
	// Expires is when an outbound message is worth nothing any more, and is not
	// sent if it still waits; zero is never.
	Expires time.Time `json:"expires_at,omitzero"`
}

// Key returns the message's conversation key.
func (m Message) Key() string { return ConversationKey(m.Tenant, m.Channel, m.Party.Address()) }

// InboundID derives the id of an inbound message from the provider's. at is
// the provider's own timestamp, or zero where it gives none.
func InboundID(tenant TenantID, channel ChannelID, at time.Time, providerID string) MessageID {
	return MessageID(DerivedID(PrefixMessage, at, string(tenant), string(channel), providerID))
}
