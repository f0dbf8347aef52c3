package operation

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"time"

	"frontdesk/agent"
	"frontdesk/gateway/provider"
	"frontdesk/gateway/tenant"
	"frontdesk/ingest"
)

// agents is what operations need of *agent.Store.
type agents interface {
	Agents(ctx context.Context, tenant ingest.TenantID) ([]agent.Agent, error)
	Agent(ctx context.Context, tenant ingest.TenantID, id ingest.AgentID) (agent.Agent, error)
	SaveAgent(ctx context.Context, tenant ingest.TenantID, a agent.Agent) (agent.Agent, error)
	Turns(ctx context.Context, tenant ingest.TenantID, id ingest.ConversationID) ([]agent.Turn, error)
}

// Agent returns an agent.
func (o *Operations) Agent(ctx context.Context, caller tenant.Caller, id ingest.AgentID) (agent.Agent, error) {
	return o.p.Agents.Agent(ctx, caller.Tenant, id)
}

// Agents lists agents by their number, from the one after the cursor on. A
// limit of zero is all of them.
func (o *Operations) Agents(ctx context.Context, caller tenant.Caller, limit int, after string) (Page[agent.Agent], error) {
	all, err := o.p.Agents.Agents(ctx, caller.Tenant)
	if err != nil {
		return Page[agent.Agent]{}, err
	}
	slices.SortFunc(all, func(a, b agent.Agent) int { return cmp.Compare(a.Number, b.Number) })
	if i := slices.IndexFunc(all, func(a agent.Agent) bool { return string(a.ID) == after }); i >= 0 {
		all = all[i+1:]
	}
	if limit == 0 || len(all) <= limit {
		return Page[agent.Agent]{Items: all}, nil
	}
	return Page[agent.Agent]{all[:limit], string(all[limit-1].ID)}, nil
}

// AgentChange is what is to change of an agent; nil leaves a thing as it is.
type AgentChange struct {
	Name         string // of a new one; an agent's name stays
	Status       *agent.Status
	Channels     *[]string // names or ids
	DebounceMS   *int
	Instructions *string
	Handoff      *agent.Handoff
}

// CreateAgent makes an agent. A name that is taken is a conflict.
func (o *Operations) CreateAgent(ctx context.Context, caller tenant.Caller, in AgentChange) (agent.Agent, error) {
	all, err := o.p.Agents.Agents(ctx, caller.Tenant)
	if err != nil {
		return agent.Agent{}, err
	}
	if slices.ContainsFunc(all, func(a agent.Agent) bool { return a.Name == in.Name }) {
		return agent.Agent{}, &ConflictError{"agent_exists", "the business has an agent of this name"}
	}
	return o.saveAgent(ctx, caller, agent.Agent{Name: in.Name, Status: agent.Active}, in)
}

// UpdateAgent changes an agent.
func (o *Operations) UpdateAgent(ctx context.Context, caller tenant.Caller, id ingest.AgentID, in AgentChange) (agent.Agent, error) {
	a, err := o.p.Agents.Agent(ctx, caller.Tenant, id)
	if err != nil {
		return agent.Agent{}, err
	}
	return o.saveAgent(ctx, caller, a, in)
}

func (o *Operations) saveAgent(ctx context.Context, caller tenant.Caller, a agent.Agent, in AgentChange) (agent.Agent, error) {
	if in.Channels != nil {
		ids, err := o.channelIDs(ctx, caller.Tenant, *in.Channels)
		if err != nil {
			return agent.Agent{}, err
		}
		a.Channels = ids
	}
	if in.Status != nil {
		a.Status = *in.Status
	}
	if in.DebounceMS != nil {
		a.Debounce = milliseconds(*in.DebounceMS)
	}
	if in.Instructions != nil {
		a.Instructions = *in.Instructions
	}
	if in.Handoff != nil {
		a.Handoff = *in.Handoff
	}
	return o.p.Agents.SaveAgent(ctx, caller.Tenant, a)
}

func (o *Operations) channelIDs(ctx context.Context, t ingest.TenantID, names []string) ([]ingest.ChannelID, error) {
	all, err := o.p.Directory.Channels(ctx, t)
	if err != nil {
		return nil, err
	}
	out := []ingest.ChannelID{}
	for i, name := range names {
		ch, err := named(all, name)
		if err != nil {
			return nil, fmt.Errorf("channels[%d]: %w", i, err)
		}
		if !slices.Contains(out, ch.ID) {
			out = append(out, ch.ID)
		}
	}
	return out, nil
}

// channelsOf returns those of all on which an agent answers, in its order.
func (o *Operations) channelsOf(ctx context.Context, t ingest.TenantID, id ingest.AgentID, all []provider.Channel) ([]provider.Channel, error) {
	a, err := o.p.Agents.Agent(ctx, t, id)
	if err != nil {
		return nil, err
	}
	var out []provider.Channel
	for _, want := range a.Channels {
		for _, ch := range all {
			if ch.ID == want {
				out = append(out, ch)
			}
		}
	}
	return out, nil
}

// AgentPhone returns the number by which customers reach an agent: that of the
// first of its channels that has one, else the business's.
func (o *Operations) AgentPhone(ctx context.Context, caller tenant.Caller, a agent.Agent) (string, error) {
	all, err := o.p.Directory.Channels(ctx, caller.Tenant)
	if err != nil {
		return "", err
	}
	for _, want := range a.Channels {
		for _, ch := range all {
			if ch.ID == want && ch.Phone != "" {
				return ch.Phone, nil
			}
		}
	}
	return caller.Business.Phone, nil
}

// Turns returns a conversation's turns, oldest first, with what each was
// decided from.
func (o *Operations) Turns(ctx context.Context, caller tenant.Caller, id ingest.ConversationID) ([]agent.Turn, error) {
	if _, err := o.p.Conversations.Conversation(ctx, caller.Tenant, id); err != nil {
		return nil, err
	}
	return o.p.Agents.Turns(ctx, caller.Tenant, id)
}

func milliseconds(n int) time.Duration { return time.Duration(n) * time.Millisecond }
