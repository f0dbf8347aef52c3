package ingest

// Traces is by what a person who is erased is found in the tables of each part.
// What keeps the conversations fills the last four first.
type Traces struct {
	Contacts      []ContactID  // the contact and those that were merged into it
	Identifiers   []Identifier // in use, retired and former
	Conversations []ConversationID
	Messages      []MessageID
	ProviderIDs   []string // of Messages: those of some providers hold the phone number
	Texts         []string // what the person wrote
}

// Values returns the values of the identifiers.
func (t *Traces) Values() []string {
	out := make([]string, len(t.Identifiers))
	for i, ident := range t.Identifiers {
		out[i] = ident.Value
	}
	return out
}
