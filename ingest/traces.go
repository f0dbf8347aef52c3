package ingest

import "time"

// Traces is by what a person who is erased is found in the tables of each part.
// What keeps the conversations fills the last four first.
type Traces struct {
	Contacts      []ContactID  // the contact and those that were merged into it
	Identifiers   []Identifier // in use, retired and former
	Present       []Identifier // of Identifiers, those in use
	Conversations []ConversationID
	Messages      []MessageID
	ProviderIDs   []string // of Messages: those of some providers hold the phone number
	Texts         []string // what the person wrote

	// Ahead is what was known of the person when the parts removed ahead of the
	// erasure what they could; nil if they did not. At is when that was known.
	Ahead *Traces
	At    time.Time
}
