package provider

import (
	"errors"

	"frontdesk/ingest"
)

// ErrMalformed is what a parser refuses a body with that is not in the
// provider's encoding at all. Whatever is well-formed is taken.
var ErrMalformed = errors.New("malformed callback")

// MaxID is the most bytes of a provider's id, of a message or of a person. None
// of the providers comes near it, and an index of Postgres takes no more than
// five times as much.
const MaxID = 512

// ID returns id, or nothing where it has more than [MaxID] bytes: what bears it
// is then as one without an id.
func ID(id string) string {
	if len(id) > MaxID {
		return ""
	}
	return id
}

// Update is one thing that a callback tells, and which channel it tells it of.
// Exactly one of Message, Receipt, Preference and Notice is set. The parser
// knows no tenant and no channel and leaves those fields of the four empty; a
// zero At means that the provider gave no time.
type Update struct {
	Ref     string // of the channel; empty where only the account is named
	Service string // another Ref the channel may have (Twilio's MessagingServiceSid); mostly empty
	Account string // of the provider; empty where the callback does not say
	Phone   string // in E.164, of the channel that a Notice without Ref is about, if it names one

	// Source names the occurrence within the channel: the same each time the
	// provider tells of it. Ids are derived from it.
	Source string

	Message    *ingest.Message
	Receipt    *ingest.Receipt
	Preference *ingest.Preference
	Notice     *ingest.AccountUpdate
}
