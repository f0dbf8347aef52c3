package dialogue

import (
	"context"
	"time"

	"frontdesk/agent/language"
	"frontdesk/ingest"
)

// Input is what a turn of a dialogue starts from.
type Input struct {
	Conversation ingest.ConversationID
	Turn         int // number of the turn in the conversation
	Now          time.Time
	Zone         *time.Location // the business's
	Business     string         // its name
	Language     string         // to answer in
	Medium       language.Medium
	Catalogue    Catalogue
	Hours        Hours // the business's
	Draft        Draft
	Said         []Said // at least one
	// Ask looks a question up in the business's knowledge; ok is false where
	// nothing supports an answer.
	Ask func(ctx context.Context, question string) (answer string, ok bool, err error)
}

// Said is a message of the contact.
type Said struct {
	Text   string
	Choice string // id of the button or row that was pressed; empty: it was written
	At     time.Time
}

// Result is what a turn of a dialogue comes to.
type Result struct {
	// Taken is false where the messages do not concern a booking. The draft is
	// then as it was but for what it is good to remember; nothing else is set.
	Taken bool
	Text  string
	Menu  *ingest.Menu // what is offered to choose from; nil: nothing
	Draft Draft
	// Failed: nothing of it was understood.
	Failed bool
	// Unanswered: it held a question that the knowledge has no answer to.
	Unanswered bool
	// Answered: all that was asked is answered, and nothing else was said.
	Answered bool
	// DeadEnd: nothing is free at all, so that a person has to look.
	DeadEnd bool
}

// when is the time that relative words in s speak from: when it was written.
func (in Input) when(s Said) time.Time {
	if s.At.IsZero() || s.At.After(in.Now) {
		return in.Now.In(in.Zone)
	}
	return s.At.In(in.Zone)
}
