package operation

import (
	"context"
	"fmt"
	"slices"
	"time"

	"frontdesk/gateway/provider"
	"frontdesk/gateway/tenant"
	"frontdesk/ingest"
)

// channelStore is what operations need of *tenant.Account for channels.
type channelStore interface {
	ListedChannels(ctx context.Context, tenant ingest.TenantID) ([]tenant.ListedChannel, error)
	CreateChannel(ctx context.Context, tenant ingest.TenantID, spec tenant.ChannelSpec) (ingest.ChannelID, error)
	UpdateChannel(ctx context.Context, tenant ingest.TenantID, id ingest.ChannelID, change func(map[string]any)) error
	RemoveChannel(ctx context.Context, tenant ingest.TenantID, id ingest.ChannelID) error
}

// twilioAccounts is what operations need of *twilio.Sender.
type twilioAccounts interface {
	AccountStatus(ctx context.Context, ch provider.Channel) (string, error)
}

// Channel is a channel with how it stands.
type Channel struct {
	tenant.ListedChannel
	DownSince time.Time // the provider refuses it since then; zero: it does not
	DownCode  string    // the provider's
}

// Channels lists the business's channels, oldest first. No secret is in them.
func (o *Operations) Channels(ctx context.Context, caller tenant.Caller) ([]Channel, error) {
	list, err := o.p.Channels.ListedChannels(ctx, caller.Tenant)
	if err != nil {
		return nil, err
	}
	out := make([]Channel, len(list))
	for i, c := range list {
		out[i] = Channel{ListedChannel: c}
		if out[i].DownSince, out[i].DownCode, err = o.p.Gate.Down(ctx, caller.Tenant, c.ID, c.Simulated); err != nil {
			return nil, err
		}
	}
	return out, nil
}

// Channel returns one of them.
func (o *Operations) Channel(ctx context.Context, caller tenant.Caller, id ingest.ChannelID) (Channel, error) {
	all, err := o.Channels(ctx, caller)
	if err != nil {
		return Channel{}, err
	}
	i := slices.IndexFunc(all, func(c Channel) bool { return c.ID == id })
	if i < 0 {
		return Channel{}, fmt.Errorf("channel %s: %w", id, ErrNotFound)
	}
	return all[i], nil
}

// CreateChannel makes a channel of fields as a business's file has them.
func (o *Operations) CreateChannel(ctx context.Context, caller tenant.Caller, fields map[string]any) (Channel, error) {
	spec, err := tenant.ReadChannel(fields)
	if err != nil {
		return Channel{}, err
	}
	id, err := o.p.Channels.CreateChannel(ctx, caller.Tenant, spec)
	if err != nil {
		return Channel{}, err
	}
	return o.Channel(ctx, caller, id)
}

// UpdateChannel changes fields of a channel; the others stay, credentials too.
func (o *Operations) UpdateChannel(ctx context.Context, caller tenant.Caller, id ingest.ChannelID, fields map[string]any) (Channel, error) {
	err := o.p.Channels.UpdateChannel(ctx, caller.Tenant, id, func(to map[string]any) {
		for name, value := range fields {
			to[name] = value
		}
	})
	if err != nil {
		return Channel{}, err
	}
	return o.Channel(ctx, caller, id)
}

// RemoveChannel takes a channel out of use. Its messages stay.
func (o *Operations) RemoveChannel(ctx context.Context, caller tenant.Caller, id ingest.ChannelID) error {
	return o.p.Channels.RemoveChannel(ctx, caller.Tenant, id)
}

// ChannelTest is what a provider says to a channel's credentials.
type ChannelTest struct {
	Simulated bool   // there is nobody to ask: the simulator serves it
	Status    string // in the provider's words
	Quality   string // of a WhatsApp number
	Name      string // that it shows
}

// TestChannel asks the provider about a channel with its credentials. It is
// *ProviderError where they are refused or nobody answers.
func (o *Operations) TestChannel(ctx context.Context, caller tenant.Caller, id ingest.ChannelID) (ChannelTest, error) {
	ch, err := o.p.Directory.Channel(ctx, caller.Tenant, id)
	if err != nil {
		return ChannelTest{}, err
	}
	simulated, err := o.p.Directory.Simulated(ctx, caller.Tenant, id)
	if err != nil || simulated {
		return ChannelTest{Simulated: simulated, Status: "simulated"}, err
	}
	if ch.Type == provider.WhatsApp {
		n, err := o.p.Meta.Number(ctx, ch)
		return ChannelTest{Status: n.Status, Quality: n.Quality, Name: n.Name}, providerError(err)
	}
	status, err := o.p.Twilio.AccountStatus(ctx, ch)
	return ChannelTest{Status: status}, providerError(err)
}
