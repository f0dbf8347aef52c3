package dispatch

import (
	"context"
	"errors"
	"fmt"
	"sync"

	"frontdesk/agent/contact"
	"frontdesk/agent/conversation"
	"frontdesk/gateway/tenant"
	"frontdesk/ingest"
)

// conversations is what Ledger needs of *conversation.Store, whose calls made
// at the same time share a transaction.
type conversations interface {
	Message(ctx context.Context, tenant ingest.TenantID, id ingest.MessageID) (conversation.Message, error)
	ClaimAll(ctx context.Context, tenant ingest.TenantID, ids []ingest.MessageID) (map[ingest.MessageID]bool, error)
	SettleAll(ctx context.Context, tenant ingest.TenantID, list []conversation.SettleOne) error
}

// Ledger keeps messages and their statuses in conversations.
type Ledger struct {
	conversations conversations
}

// NewLedger returns a Ledger on a *conversation.Store.
func NewLedger(store conversations) *Ledger { return &Ledger{store} }

// Load returns the messages that are there, in no certain order.
func (l *Ledger) Load(ctx context.Context, tenant ingest.TenantID, ids []ingest.MessageID) ([]ingest.Message, error) {
	messages := make([]ingest.Message, len(ids))
	err := together(len(ids), func(i int) error {
		m, err := l.conversations.Message(ctx, tenant, ids[i])
		if errors.Is(err, conversation.ErrNotFound) {
			return nil
		}
		messages[i] = m.Message
		return err
	})
	if err != nil {
		return nil, err
	}
	found := messages[:0]
	for _, m := range messages {
		if m.ID != "" {
			found = append(found, m)
		}
	}
	return found, nil
}

// Claim claims messages that are queued. A message that is no more is not
// claimed.
func (l *Ledger) Claim(ctx context.Context, tenant ingest.TenantID, ids []ingest.MessageID) (map[ingest.MessageID]bool, error) {
	return l.conversations.ClaimAll(ctx, tenant, ids)
}

// Settle writes down what became of claimed messages.
func (l *Ledger) Settle(ctx context.Context, tenant ingest.TenantID, settlements []Settlement) error {
	list := make([]conversation.SettleOne, len(settlements))
	for i, s := range settlements {
		list[i] = conversation.SettleOne{Message: s.Message, Settlement: conversation.Settlement{
			Status: s.Status, ProviderID: s.ProviderID, Errors: s.Errors, At: s.At,
		}}
	}
	return l.conversations.SettleAll(ctx, tenant, list)
}

// standing is what Standings needs of *conversation.Store.
type standing interface {
	Standing(ctx context.Context, tenant ingest.TenantID, channel ingest.ChannelID, id ingest.ContactID) (conversation.Standing, error)
}

// consent is what Standings needs of *contact.Store.
type consent interface {
	AllowedAll(ctx context.Context, tenant ingest.TenantID, questions []contact.Question) ([]bool, error)
}

// Standings asks contacts and conversations for what the gate must know.
type Standings struct {
	contacts      consent
	conversations standing
}

// NewStandings returns Standings on a *contact.Store and a *conversation.Store.
func NewStandings(contacts consent, conversations standing) *Standings {
	return &Standings{contacts, conversations}
}

// Standings answers the questions in their order. Somebody who is no contact
// yet has refused nothing and never wrote.
func (s *Standings) Standings(ctx context.Context, tenant ingest.TenantID, questions []Question) ([]Standing, error) {
	answers := make([]Standing, len(questions))
	var windows []int
	for i, q := range questions {
		if q.Contact != "" && q.Window {
			windows = append(windows, i)
		}
	}
	asked, at := consents(questions)
	var allowed []bool
	if len(asked) > 0 {
		var err error
		if allowed, err = s.contacts.AllowedAll(ctx, tenant, asked); err != nil {
			return nil, err
		}
	}
	for i, ok := range answersTo(questions, at, allowed) {
		answers[i].Allowed = ok
	}
	err := together(len(windows), func(i int) error {
		q, a := questions[windows[i]], &answers[windows[i]]
		st, err := s.conversations.Standing(ctx, tenant, q.Channel, q.Contact)
		a.WindowUntil = st.WindowUntil
		if q.Test {
			a.WindowUntil = st.TestWindowUntil
		}
		return err
	})
	return answers, err
}

// consents returns what must be asked of contacts, and of which questions: nobody
// refuses who is no contact yet, nor the confirmation of having refused.
func consents(questions []Question) (asked []contact.Question, at []int) {
	for i, q := range questions {
		if q.Contact != "" && q.Category != Confirmation {
			asked, at = append(asked, contact.Question{Contact: q.Contact, Channel: q.Channel, Category: q.Category}), append(at, i)
		}
	}
	return asked, at
}

// answersTo returns whether each of questions is allowed. One without an answer
// that should have one is not.
func answersTo(questions []Question, at []int, allowed []bool) []bool {
	out := make([]bool, len(questions))
	for i := range out {
		out[i] = true
	}
	for k, i := range at {
		out[i] = k < len(allowed) && allowed[k]
	}
	return out
}

// together calls do for 0 to n-1 at once, so that a store can answer them with
// one statement, and returns their errors.
func together(n int, do func(i int) error) error {
	if n == 1 {
		return do(0)
	}
	errs := make([]error, n)
	var all sync.WaitGroup
	for i := range n {
		all.Go(func() { errs[i] = do(i) })
	}
	all.Wait()
	return errors.Join(errs...)
}

// businesses is what Policies needs of *tenant.Directory.
type businesses interface {
	Tenant(ctx context.Context, of ingest.TenantID) (tenant.Tenant, error)
}

// Policies tells what businesses have set, from memory.
type Policies struct {
	businesses businesses
}

// NewPolicies returns Policies on a *tenant.Directory.
func NewPolicies(businesses businesses) *Policies { return &Policies{businesses} }

// SendPolicy returns the business's quiet hours and budget.
func (p *Policies) SendPolicy(ctx context.Context, of ingest.TenantID) (Policy, error) {
	b, err := p.businesses.Tenant(ctx, of)
	if err != nil {
		return Policy{}, fmt.Errorf("policy of a business: %w", err)
	}
	from, until := b.Quiet()
	return Policy{Location: b.Location(), QuietFrom: from, QuietUntil: until, DailyBudget: b.DailyBudget}, nil
}
