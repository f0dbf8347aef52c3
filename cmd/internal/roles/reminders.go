package roles

import (
	"context"
	"errors"

	"frontdesk/agent/remind"
	"frontdesk/gateway/dispatch"
	"frontdesk/gateway/provider"
	"frontdesk/gateway/tenant"
	"frontdesk/ingest"
)

// reminders sends reminders of appointments, and offers of free times.
func (h *House) reminders() *remind.Worker {
	gate := dispatch.NewGate(h.Directory, h.standings(), dispatch.NewPolicies(h.Directory), h.held).At(h.Config.Now)
	return remind.New(remind.Parts{
		Bookings: h.bookings, Conversations: h.conversations, Contacts: h.contacts, Agents: h.agents,
		Directory: ways{h.Directory}, Gate: policyGate{gate},
	}, remind.Config{Now: h.Config.Now, Log: h.Log})
}

// policyGate is the gate of dispatch in the words of agent/remind.
type policyGate struct{ gate *dispatch.Gate }

// Check returns a *remind.Refusal in place of a *dispatch.Refusal, also for a
// channel that is no more.
func (g policyGate) Check(ctx context.Context, of ingest.TenantID, m ingest.Message) error {
	err := g.gate.Check(ctx, of, m)
	var r *dispatch.Refusal
	switch {
	case errors.As(err, &r):
		return &remind.Refusal{Code: string(r.Code), Until: r.Until}
	case errors.Is(err, tenant.ErrNotFound):
		return &remind.Refusal{Code: "channel_missing"}
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
