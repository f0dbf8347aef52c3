package console

import (
	"context"
	"slices"
	"strings"

	"frontdesk/agent"
	"frontdesk/agent/contact"
	"frontdesk/agent/conversation"
	"frontdesk/gateway/provider/simulator"
	"frontdesk/gateway/tenant"
	"frontdesk/ingest"
)

// contacts is what Insight needs of *contact.Store.
type contacts interface {
	Contacts(ctx context.Context, tenant ingest.TenantID, f contact.Filter) (list []contact.Contact, next string, err error)
}

// conversations is what Insight needs of *conversation.Store.
type conversations interface {
	Conversations(ctx context.Context, tenant ingest.TenantID, f conversation.Filter) (list []conversation.Conversation, next string, err error)
	Resume(ctx context.Context, tenant ingest.TenantID, id ingest.ConversationID, by string) (conversation.Conversation, error)
}

// turns is what Insight needs of *agent.Store.
type turns interface {
	Turns(ctx context.Context, tenant ingest.TenantID, id ingest.ConversationID) ([]agent.Turn, error)
}

// Insight tells what the agent saw of a made-up customer.
type Insight struct {
	contacts      contacts
	conversations conversations
	turns         turns
}

// NewInsight returns an Insight on the agent's stores.
func NewInsight(contacts contacts, conversations conversations, turns turns) *Insight {
	return &Insight{contacts, conversations, turns}
}

type conversationJSON struct {
	ID          ingest.ConversationID `json:"id"`
	Number      int64                 `json:"number"`
	State       conversation.State    `json:"state"`
	Owner       conversation.Owner    `json:"owner"`
	OwnerReason string                `json:"owner_reason"`
	Language    string                `json:"language"`
}

type turnJSON struct {
	Number     int              `json:"number"`
	Brain      string           `json:"brain"`
	Asked      []askedJSON      `json:"asked"`
	Outcome    ingest.Outcome   `json:"outcome"`
	Reason     string           `json:"reason"`
	Language   string           `json:"language"`
	Acts       []string         `json:"acts"`
	Flags      []string         `json:"flags"`
	Confidence float64          `json:"confidence"`
	Searches   []searchJSON     `json:"searches"`
	Reply      ingest.MessageID `json:"reply"`
	ReceivedAt string           `json:"received_at"`
	DecidedAt  string           `json:"decided_at"`
}

type askedJSON struct {
	Type ingest.ContentType `json:"type"`
	Text string             `json:"text"`
}

type searchJSON struct {
	Query      string           `json:"query"`
	Supported  bool             `json:"supported"`
	Confidence float64          `json:"confidence"`
	Article    ingest.ArticleID `json:"article"`
	Hits       []hitJSON        `json:"hits"`
}

type hitJSON struct {
	Article ingest.ArticleID `json:"article"`
	Title   string           `json:"title"`
	Score   float64          `json:"score"`
}

// seen is what a page has already.
type seen struct {
	conversation string
	turns        int
}

// of returns the customer's latest conversation and the turns of it that the
// page has not; nil and none before their first message was taken.
func (i *Insight) of(ctx context.Context, tenant ingest.TenantID, c simulator.Customer, has seen) (*conversationJSON, []turnJSON, error) {
	talk, ok, err := i.latest(ctx, tenant, c)
	if err != nil || !ok {
		return nil, []turnJSON{}, err
	}
	out := &conversationJSON{talk.ID, talk.Number, talk.State, talk.Owner, talk.OwnerReason, talk.Language}
	if has.conversation != string(talk.ID) {
		has.turns = 0
	}
	if talk.Turns <= has.turns {
		return out, []turnJSON{}, nil
	}
	list, err := i.turns.Turns(ctx, tenant, talk.ID)
	if err != nil {
		return nil, nil, err
	}
	news := []turnJSON{}
	for _, t := range list {
		news = append(news, turnOf(t))
	}
	return out, news, nil
}

// latest finds the customer's newest test conversation on the channel, open
// ones first.
func (i *Insight) latest(ctx context.Context, tenant ingest.TenantID, c simulator.Customer) (conversation.Conversation, bool, error) {
	people, _, err := i.contacts.Contacts(ctx, tenant, contact.Filter{Query: strings.TrimPrefix(c.Phone, "+")})
	if err != nil {
		return conversation.Conversation{}, false, err
	}
	for _, person := range people {
		if !slices.Contains(person.Identifiers, ingest.Identifier{Kind: ingest.Phone, Value: c.Phone}) {
			continue
		}
		for _, state := range []conversation.State{conversation.Open, conversation.Closed} {
			list, _, err := i.conversations.Conversations(ctx, tenant, conversation.Filter{Channel: c.Channel, Contact: person.ID, State: state})
			if err != nil {
				return conversation.Conversation{}, false, err
			}
			for _, talk := range list {
				if talk.Test {
					return talk, true, nil
				}
			}
		}
	}
	return conversation.Conversation{}, false, nil
}

func (i *Insight) resume(ctx context.Context, caller tenant.Caller, c simulator.Customer) error {
	talk, ok, err := i.latest(ctx, caller.Tenant, c)
	if err != nil {
		return err
	}
	if !ok {
		return simulator.ErrNotFound
	}
	_, err = i.conversations.Resume(ctx, caller.Tenant, talk.ID, caller.KeyID)
	return err
}

func turnOf(t agent.Turn) turnJSON {
	d := t.Decision
	out := turnJSON{
		Number: t.Number, Brain: t.Brain, Outcome: d.Outcome, Reason: d.Reason, Language: d.Language, Confidence: d.Confidence, Reply: t.Reply,
		Acts: append([]string{}, d.Acts...), Flags: append([]string{}, d.Flags...), Asked: []askedJSON{}, Searches: []searchJSON{},
		ReceivedAt: t.ReceivedAt.UTC().Format(timeForm), DecidedAt: t.DecidedAt.UTC().Format(timeForm),
	}
	for _, m := range t.State.Messages {
		out.Asked = append(out.Asked, askedJSON{m.Type, m.Text})
	}
	for _, s := range d.Searches {
		found := searchJSON{Query: s.Query, Supported: s.Supported, Confidence: s.Confidence, Article: s.Article, Hits: []hitJSON{}}
		for _, h := range s.Hits {
			found.Hits = append(found.Hits, hitJSON{h.Article, h.Title, h.Score})
		}
		out.Searches = append(out.Searches, found)
	}
	return out
}
