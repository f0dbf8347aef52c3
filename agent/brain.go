package agent

import (
	"context"
	"time"

	"frontdesk/agent/conversation"
	"frontdesk/agent/dialogue"
	"frontdesk/agent/language"
	"frontdesk/ingest"
	"frontdesk/kb"
)

// Brain decides a turn. It must not act beyond tools, and must return the same
// for the same state and answers of tools, as far as it can: a turn whose
// conversation changed meanwhile is decided anew. An error leaves the turn to
// be tried again.
type Brain interface {
	// Name identifies the brain and its version in stored turns.
	Name() string
	Decide(ctx context.Context, state State, tools Tools) (Decision, error)
}

// Tools is what a brain can do in a turn, as the conversation's tenant, agent
// and contact: none can be chosen by it. What is done bears keys of the turn, so
// that another attempt at it does nothing twice.
type Tools interface {
	// Answer looks a question up in the tenant's knowledge.
	Answer(ctx context.Context, text, language string) (kb.Answer, error)
	// The desk finds, holds and books slots, where the catalogue has something
	// to book.
	dialogue.Desk
}

// State is what a turn starts from. It is stored with the turn.
type State struct {
	Conversation ingest.ConversationID `json:"conversation_id"`
	Version      int64                 `json:"version"` // of the conversation
	Turn         int                   `json:"turn"`    // 1 for the conversation's first
	Agent        ingest.AgentID        `json:"agent_id,omitempty"`
	Paused       bool                  `json:"paused,omitempty"` // no agent answers on the channel
	Instructions string                `json:"instructions,omitempty"`
	Handoff      Handoff               `json:"handoff"`
	Business     Business              `json:"business"`
	State        conversation.State    `json:"state"`
	ClosedReason string                `json:"closed_reason,omitempty"`
	Owner        conversation.Owner    `json:"owner"`
	OptedOut     bool                  `json:"opted_out,omitempty"`
	Language     string                `json:"language,omitempty"` // of the conversation so far
	Failures     int                   `json:"failures"`           // turns in a row that were not understood
	Troubled     bool                  `json:"troubled,omitempty"` // tools failed in several attempts; do without
	Now          time.Time             `json:"now,omitzero"`
	Draft        dialogue.Draft        `json:"draft,omitzero"`     // of a booking, as the turn before left it
	Catalogue    dialogue.Catalogue    `json:"catalogue,omitzero"` // what can be booked; stored with turns that concern a booking
	Messages     []Prompt              `json:"messages"`           // unanswered, in their order
}

// Prompt is a message that asks for an answer.
type Prompt struct {
	ID      ingest.MessageID   `json:"id"`
	Type    ingest.ContentType `json:"type"`
	Text    string             `json:"text,omitempty"`
	Choice  string             `json:"choice,omitempty"` // id of the button or row that was pressed
	At      time.Time          `json:"at"`
	OptWord ingest.OptWord     `json:"opt_word,omitempty"` // the provider has answered it
	Medium  language.Medium    `json:"medium"`
}

// Decision is what a turn comes to. The zero Reply sends nothing.
type Decision struct {
	Outcome    ingest.Outcome `json:"outcome"`
	Reason     string         `json:"reason,omitempty"` // of silence or handoff
	Reply      string         `json:"reply,omitempty"`
	Menu       *ingest.Menu   `json:"menu,omitempty"` // what the reply offers to choose from
	Language   string         `json:"language,omitempty"`
	Acts       []string       `json:"acts,omitempty"`
	Flags      []string       `json:"flags,omitempty"`
	Confidence float64        `json:"confidence"`
	// Consent is a change of what the contact allows on the channel.
	Consent *Consent `json:"consent,omitempty"`
	// HandOff makes a person the owner, for Reason.
	HandOff bool `json:"hand_off,omitempty"`
	// Failed counts the turn as not understood; otherwise the count starts anew.
	Failed bool `json:"failed,omitempty"`
	// Searches is what was looked up and found.
	Searches []Search `json:"searches,omitempty"`
	// Draft is what the conversation knows of a booking from now on.
	Draft dialogue.Draft `json:"draft,omitzero"`
	// Calls are the tools that were used for a booking. The turn fills it.
	Calls []Call `json:"calls,omitempty"`
}

// Consent is a contact's word on what may be sent to them.
type Consent struct {
	Allowed bool      `json:"allowed"`
	Source  string    `json:"source"` // keyword or provider
	At      time.Time `json:"at"`     // provider's time of the word
}

// Search is one look into the knowledge.
type Search struct {
	Query      string           `json:"query"`
	Language   string           `json:"language,omitempty"`
	Supported  bool             `json:"supported"`
	Confidence float64          `json:"confidence"`
	Article    ingest.ArticleID `json:"article_id,omitempty"` // quoted
	Generation int64            `json:"generation,omitempty"`
	Hits       []Hit            `json:"hits,omitempty"`
}

// Hit is a passage that was found, without its text.
type Hit struct {
	Article ingest.ArticleID `json:"article_id"`
	Passage ingest.PassageID `json:"passage_id"`
	Title   string           `json:"title,omitempty"`
	Score   float64          `json:"score"`
}

// articles returns the articles that the reply quotes, each once.
func (d Decision) articles() []ingest.ArticleID {
	var out []ingest.ArticleID
	for _, s := range d.Searches {
		if s.Supported && s.Article != "" {
			out = append(out, s.Article)
		}
	}
	return out
}

// Turn is a decided turn as stored.
type Turn struct {
	ID           ingest.TurnID
	Conversation ingest.ConversationID
	Number       int
	Brain        string
	State        State
	Decision     Decision
	Reply        ingest.MessageID // empty: nothing was sent
	ReceivedAt   time.Time        // provider's time of the first message
	DecidedAt    time.Time
}
