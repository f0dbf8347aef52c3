package contact

import (
	"encoding/json"
	"errors"
	"time"

	"frontdesk/ingest"
)

// ErrNotFound is given for a contact the tenant does not have.
var ErrNotFound = errors.New("contact not found")

// ErrNoIdentifier is given for a person of whom nothing is known to send to.
var ErrNoIdentifier = errors.New("a contact needs an identifier")

// Errors of merging.
var (
	// ErrSame is given where two contacts are one already.
	ErrSame = errors.New("the two are one contact already")
	// ErrNotMerged is given for a contact that is not merged into another.
	ErrNotMerged = errors.New("the contact is not merged into another")
)

// Categories of preference that have a meaning here. Others are a provider's
// own and compared as they are.
const (
	// CategoryAll is everything on the channel.
	CategoryAll = "all"
	// CategoryConfirmation is the one message that confirms an opt-out or
	// opt-in. It is always allowed and only turns send it.
	CategoryConfirmation = "confirmation"
)

// Contact is a person known to a tenant.
type Contact struct {
	ID     ingest.ContactID
	Number int64 // counts up within the tenant
	// Profile has the business's name for them, else what a provider last said,
	// and the language of what they last wrote.
	Profile
	Username    string
	Identifiers []ingest.Identifier // those in use
	MergedInto  ingest.ContactID    // who they turned out to be; empty: themselves
	CreatedAt   time.Time
	UpdatedAt   time.Time
	LastSeenAt  time.Time // of their last message; zero: never wrote
}

// Sort is the order of a list.
type Sort string

// Orders of a list.
const (
	Newest Sort = "newest"
	Oldest Sort = "oldest"
	ByName Sort = "name" // any case; those without a name first
)

// Filter narrows a list of contacts. The zero value is all of the tenant's.
type Filter struct {
	// Query is words, each of which must be in the name, username or email, any
	// case and accents; or a part of a phone number. Words of one or two letters
	// must begin one. Empty: all.
	Query                  string
	Identifier             string // exactly a phone number, or what else a provider calls them
	Email                  string // exactly, any case
	Segment                Segment
	Stage                  string
	Tag                    string
	Channel                ingest.ChannelID // they have a conversation there
	CreatedFrom, CreatedTo time.Time        // To is not included
	SeenFrom, SeenTo       time.Time        // their last message; those who never wrote are left out
	Sort                   Sort             // empty: newest
	Limit                  int              // 1 to 100; zero: 20
	After                  string           // cursor from the last page; empty: the first page
}

// Change is something done to a contact's identity.
type Change struct {
	ID     int64
	Kind   string // merged, unmerged, rekeyed, reassigned
	Detail json.RawMessage
	At     time.Time
}

// Preference is a contact's wish as stored.
type Preference struct {
	Channel  ingest.ChannelID
	Category string
	Allowed  bool
	Source   string
	At       time.Time
}

// Seen is a person as a message showed them.
type Seen struct {
	Party ingest.Party
	At    time.Time // provider's time of the message
	// Change is set for a provider's notice that the person is known by
	// another name now.
	Change *ingest.SystemChange
}

// Resolved is who a [Seen] is.
type Resolved struct {
	ID       ingest.ContactID
	Language string
	Created  bool
}
