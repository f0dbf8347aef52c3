package dispatch

import (
	"context"
	"fmt"
	"time"

	gathering "frontdesk/agent/gather"
	"frontdesk/gateway/provider"
	"frontdesk/ingest"
)

// Question is a message whose contact's standing is asked for.
type Question struct {
	Channel  ingest.ChannelID
	Contact  ingest.ContactID
	Category string
	Test     bool
	Window   bool // whether WindowUntil is asked for
}

// ask returns what must be known of m's contact.
func ask(m ingest.Message, ch provider.Channel) Question {
	return Question{m.Channel, m.Contact, m.Category, m.Test, windowed(m, ch)}
}

// windowed reports whether m needs an open window.
func windowed(m ingest.Message, ch provider.Channel) bool {
	return isWhatsApp(ch) && m.Content.Type != ingest.Templated
}

// opened reports whether m answers a message that has opened the window, by
// that message's own time: then there is nothing to look up.
func opened(m ingest.Message, now time.Time) bool {
	return now.Before(m.WindowUntil)
}

// Standing is what is known of a contact on a channel.
type Standing struct {
	Allowed     bool      // as [Facts.Allowed]
	WindowUntil time.Time // as [Facts.Window]
}

// standings tells what contacts allow and when they last wrote, in the order
// of the questions.
type standings interface {
	Standings(ctx context.Context, tenant ingest.TenantID, questions []Question) ([]Standing, error)
}

// policies tells what a tenant has set.
type policies interface {
	SendPolicy(ctx context.Context, tenant ingest.TenantID) (Policy, error)
}

// Gate tells whether a message may be sent, before it is accepted. Dispatch
// decides by the same rules again when its turn comes.
type Gate struct {
	directory directory
	policies  policies
	store     *Store
	board     *board
	now       func() time.Time
	asked     *gathering.Group[ingest.TenantID, Question, Standing]
}

// NewGate returns a Gate. It is safe for concurrent use; checks at the same time
// share what they ask.
func NewGate(directory directory, standings standings, policies policies, store *Store) *Gate {
	return &Gate{directory, policies, store, newBoard(store), time.Now, gathering.New(0, standings.Standings)}
}

// At returns g going by another clock, for a system whose time a test sets; nil
// leaves it as it is.
func (g *Gate) At(now func() time.Time) *Gate {
	if now != nil {
		g.now = now
	}
	return g
}

// Check returns nil if m may be sent now, a *[Refusal] if not, tenant.ErrNotFound
// for a channel there is not, and any other error where it cannot be told. m needs its channel, its contact if there is
// one yet, content type, category and Test.
func (g *Gate) Check(ctx context.Context, tenant ingest.TenantID, m ingest.Message) error {
	f, err := g.facts(ctx, tenant, m)
	if err != nil {
		return fmt.Errorf("check a message: %w", err)
	}
	if r := Decide(m, f); r != nil {
		return r
	}
	return nil
}

func (g *Gate) facts(ctx context.Context, of ingest.TenantID, m ingest.Message) (Facts, error) {
	ch, err := g.directory.Channel(ctx, of, m.Channel)
	if err != nil {
		return Facts{}, err
	}
	made, err := g.directory.Simulated(ctx, of, m.Channel)
	if err != nil {
		return Facts{}, err
	}
	f := Facts{Now: g.now(), Windowed: windowed(m, ch)}
	o, stopped, _, err := g.board.of(ctx, sender{of, m.Channel, m.Test || made})
	if err != nil {
		return Facts{}, err
	}
	if stopped && o.down() {
		f.DownUntil = o.until
	}
	answer, err := g.asked.Do(ctx, of, ask(m, ch))
	if err != nil {
		return Facts{}, fmt.Errorf("standing of a contact: %w", err)
	}
	f.Allowed, f.Window = answer.Allowed, answer.WindowUntil
	if !unasked(m) {
		return f, nil
	}
	if f.Policy, err = g.policies.SendPolicy(ctx, of); err != nil || f.Policy.DailyBudget == 0 {
		return f, err
	}
	f.SentToday, err = g.store.spent(ctx, of, f.Policy.today(f.Now))
	return f, err
}

// Down returns since when the provider refuses a channel, and by which of its
// codes; a zero time for a channel in order.
func (g *Gate) Down(ctx context.Context, of ingest.TenantID, channel ingest.ChannelID, sandbox bool) (since time.Time, code string, err error) {
	o, stopped, _, err := g.board.of(ctx, sender{of, channel, sandbox})
	if err != nil || !stopped {
		return time.Time{}, "", err
	}
	return o.since, o.code, nil
}
