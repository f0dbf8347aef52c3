package roles

import (
	"context"
	"errors"

	"frontdesk/agent/remind"
	"frontdesk/gateway/dispatch"
	"frontdesk/gateway/provider"
	"frontdesk/gateway/template"
	"frontdesk/gateway/tenant"
	"frontdesk/ingest"
)

// reminders sends reminders of appointments, and offers of free times.
func (h *House) reminders() *remind.Worker {
	gate := dispatch.NewGate(h.Directory, h.standings(), dispatch.NewPolicies(h.Directory), h.held).At(h.Config.Now)
	return remind.New(remind.Parts{
		Bookings: h.bookings, Conversations: h.conversations, Contacts: h.contacts, Agents: h.agents,
		Directory: ways{h.Directory}, Gate: policyGate{gate, h.Directory, template.NewStore(h.db)},
	}, remind.Config{Now: h.Config.Now, Log: h.Log})
}

// policyGate is the gate of dispatch in the words of agent/remind. It looks at
// templates too: one that the provider would refuse is told of, not sent.
type policyGate struct {
	gate     *dispatch.Gate
	channels interface {
		Channel(ctx context.Context, of ingest.TenantID, id ingest.ChannelID) (provider.Channel, error)
	}
	templates *template.Store
}

// Check returns a *remind.Refusal in place of a *dispatch.Refusal, also for a
// channel that is no more, and for a template that is not approved or does not
// take what a notice fills in.
func (g policyGate) Check(ctx context.Context, of ingest.TenantID, m ingest.Message) error {
	err := g.gate.Check(ctx, of, m)
	var r *dispatch.Refusal
	switch {
	case errors.As(err, &r):
		return &remind.Refusal{Code: string(r.Code), Until: r.Until}
	case errors.Is(err, tenant.ErrNotFound):
		return &remind.Refusal{Code: "channel_missing"}
	case err == nil && m.Content.Template != nil:
		return g.fits(ctx, of, m)
	}
	return err
}

// fits judges the template of m.
func (g policyGate) fits(ctx context.Context, of ingest.TenantID, m ingest.Message) error {
	ch, err := g.channels.Channel(ctx, of, m.Channel)
	if err != nil || ch.Type != provider.WhatsApp {
		return err
	}
	want := m.Content.Template
	_, err = g.templates.Check(ctx, of, template.Key{Account: ch.Account, Name: want.Name, Language: want.Language}, want.Components)
	var wrong *template.Mismatch
	switch {
	case errors.Is(err, template.ErrNotApproved):
		return &remind.Refusal{Code: "template_not_approved"}
	case errors.As(err, &wrong):
		return &remind.Refusal{Code: "template_mismatch"}
	}
	return err
}

// ways is the directory with the channels by which a phone is reached.
type ways struct{ *tenant.Directory }

// Channels returns the tenant's channels, the oldest first.
func (w ways) Channels(ctx context.Context, of ingest.TenantID) ([]remind.Channel, error) {
	list, err := w.Directory.Channels(ctx, of)
	var out []remind.Channel
	for _, ch := range list {
		if ch.Type == provider.WhatsApp || ch.Type == provider.Twilio {
			out = append(out, remind.Channel{ID: ch.ID, Provider: ch.Type})
		}
	}
	return out, err
}
