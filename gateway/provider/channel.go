package provider

import (
	"log/slog"

	"frontdesk/ingest"
)

// Types of channels, which are the names of the adapters.
const (
	WhatsApp = "whatsapp"
	Twilio   = "twilio"
)

// Channel is one address of a tenant at one provider, with what is needed to
// speak for it.
type Channel struct {
	Tenant        ingest.TenantID
	ID            ingest.ChannelID
	Type          string // WhatsApp or Twilio
	Name          string
	Phone         string // in E.164
	Account       string // WABA id, or AccountSid
	Ref           string // phone_number_id; or the number in E.164, "whatsapp:+E164", or a Messaging Service ("MG…")
	AccessToken   Secret // WhatsApp
	AppSecret     Secret // WhatsApp: signs the callbacks
	VerifyToken   Secret // WhatsApp: of the handshake
	AuthToken     Secret // Twilio: sends, and signs the callbacks
	BaseURL       string // instead of the provider's host; empty for that
	APIVersion    string // of the Graph API ("v25.0"); empty for the adapter's default
	RatePerSecond int    // messages; zero for the adapter's default
	MarkRead      bool   // WhatsApp: inbound messages are shown as read, with typing
}

// Secret is a credential. However it is printed, logged or encoded, it shows
// as ***; string(s) is its value.
type Secret string

const hidden = "***"

// String returns ***, or nothing for an empty secret.
func (s Secret) String() string {
	if s == "" {
		return ""
	}
	return hidden
}

// GoString keeps %#v from showing the value.
func (s Secret) GoString() string { return s.String() }

// LogValue keeps slog from showing the value.
func (s Secret) LogValue() slog.Value { return slog.StringValue(s.String()) }

// MarshalText keeps encoders from showing the value.
func (s Secret) MarshalText() ([]byte, error) { return []byte(s.String()), nil }
