package api

import (
	"context"
	"encoding/json"
	"time"

	"frontdesk/agent"
	"frontdesk/gateway/operation"
	"frontdesk/gateway/tenant"
	"frontdesk/ingest"
)

type agentResponse struct {
	ID           string          `json:"id" example:"agt_01KA2B3C4D5E6F7G8H9JKMNPQR"`
	Number       int64           `json:"number"`
	Name         string          `json:"name"`
	Status       string          `json:"status" enum:"active,paused"`
	Channels     []string        `json:"channels" doc:"Ids of the channels on which it answers."`
	DebounceMS   int             `json:"debounce_ms" doc:"Quiet time, in milliseconds, after which a burst of messages is answered."`
	Instructions string          `json:"instructions,omitempty"`
	Handoff      handoffResponse `json:"handoff"`
	CreatedAt    time.Time       `json:"created_at"`
	UpdatedAt    time.Time       `json:"updated_at"`
}

type handoffResponse struct {
	AfterFailures int      `json:"after_failures" doc:"Turns in a row that were not understood, after which a person is asked for."`
	Words         []string `json:"words" doc:"Ask for a person, beside those of the language."`
}

func toAgent(a agent.Agent) agentResponse {
	out := agentResponse{
		ID: string(a.ID), Number: a.Number, Name: a.Name, Status: string(a.Status), Channels: []string{},
		DebounceMS: int(a.Debounce / time.Millisecond), Instructions: a.Instructions,
		Handoff:   handoffResponse{AfterFailures: a.Handoff.AfterFailures, Words: []string{}},
		CreatedAt: a.CreatedAt.UTC(), UpdatedAt: a.UpdatedAt.UTC(),
	}
	if out.Handoff.AfterFailures == 0 {
		out.Handoff.AfterFailures = agent.DefaultFailures
	}
	out.Handoff.Words = append(out.Handoff.Words, a.Handoff.Words...)
	for _, ch := range a.Channels {
		out.Channels = append(out.Channels, string(ch))
	}
	return out
}

type agentFields struct {
	Status       *string       `json:"status" enum:"active,paused"`
	Channels     *[]string     `json:"channels" max:"100" maxLength:"100" doc:"Names or ids of the channels on which it answers." example:"main"`
	DebounceMS   *int          `json:"debounce_ms" min:"0" max:"60000"`
	Instructions *string       `json:"instructions" maxLength:"20000"`
	Handoff      *handoffInput `json:"handoff"`
}

type handoffInput struct {
	AfterFailures int      `json:"after_failures" min:"1" max:"100"`
	Words         []string `json:"words" max:"100" maxLength:"60"`
}

func (in agentFields) change() operation.AgentChange {
	out := operation.AgentChange{Channels: in.Channels, DebounceMS: in.DebounceMS, Instructions: in.Instructions}
	if in.Status != nil {
		status := agent.Status(*in.Status)
		out.Status = &status
	}
	if h := in.Handoff; h != nil {
		out.Handoff = &agent.Handoff{AfterFailures: h.AfterFailures, Words: h.Words}
	}
	return out
}

type createAgentRequest struct {
	Name string `json:"name" required:"true" maxLength:"100" example:"Front desk"`
	agentFields
}

type updateAgentRequest struct {
	ID string `json:"-" path:"id" maxLength:"64"`
	agentFields
}

// turnResponse is a turn with what it was decided from, for looking into.
type turnResponse struct {
	ID             string          `json:"id" example:"trn_01KA2B3C4D5E6F7G8H9JKMNPQR"`
	ConversationID string          `json:"conversation_id"`
	Number         int             `json:"number" doc:"1 for the conversation's first."`
	Brain          string          `json:"brain" doc:"What decided it, with its version."`
	Outcome        string          `json:"outcome"`
	Reason         string          `json:"reason,omitempty"`
	Confidence     float64         `json:"confidence"`
	ReplyID        string          `json:"reply_id,omitempty" doc:"The message sent."`
	State          json.RawMessage `json:"state" doc:"All that the decision was made from."`
	Decision       json.RawMessage `json:"decision" doc:"All that was decided, with what was looked up."`
	ReceivedAt     time.Time       `json:"received_at"`
	DecidedAt      time.Time       `json:"decided_at"`
}

func toTurns(turns []agent.Turn) ([]turnResponse, error) {
	out := []turnResponse{}
	for _, t := range turns {
		state, err := json.Marshal(t.State)
		if err != nil {
			return nil, err
		}
		decision, err := json.Marshal(t.Decision)
		if err != nil {
			return nil, err
		}
		out = append(out, turnResponse{
			ID: string(t.ID), ConversationID: string(t.Conversation), Number: t.Number, Brain: t.Brain,
			Outcome: string(t.Decision.Outcome), Reason: t.Decision.Reason, Confidence: t.Decision.Confidence, ReplyID: string(t.Reply),
			State: state, Decision: decision, ReceivedAt: t.ReceivedAt.UTC(), DecidedAt: t.DecidedAt.UTC(),
		})
	}
	return out, nil
}

func agentRoutes(ops *operation.Operations) []Route {
	const read, write, tag = "agents:read", "agents:write", "Agents"
	return []Route{
		BindList(Route{Method: "GET", Path: "/v1/agents", ID: "listAgents", Tag: tag, Scope: read, Summary: "List agents"},
			func(ctx context.Context, c tenant.Caller, in struct{ paging }) (page[agentResponse], error) {
				if in.Limit == 0 {
					in.Limit = 20
				}
				p, err := ops.Agents(ctx, c, in.Limit, in.Cursor)
				return pageOf(p, toAgent), err
			}),
		Bind(Route{Method: "POST", Path: "/v1/agents", ID: "createAgent", Faults: []string{"agent_exists"}, Tag: tag, Scope: write, Status: 201, Summary: "Create an agent"},
			func(ctx context.Context, c tenant.Caller, in createAgentRequest) (agentResponse, error) {
				change := in.change()
				change.Name = in.Name
				a, err := ops.CreateAgent(ctx, c, change)
				return toAgent(a), err
			}),
		Bind(Route{Method: "GET", Path: "/v1/agents/{id}", ID: "getAgent", Tag: tag, Scope: read, Summary: "Get an agent"},
			func(ctx context.Context, c tenant.Caller, in byID) (agentResponse, error) {
				a, err := ops.Agent(ctx, c, ingest.AgentID(in.ID))
				return toAgent(a), err
			}),
		Bind(Route{Method: "PATCH", Path: "/v1/agents/{id}", ID: "updateAgent", Tag: tag, Scope: write, Summary: "Change an agent", Doc: "What is left out stays as it is."},
			func(ctx context.Context, c tenant.Caller, in updateAgentRequest) (agentResponse, error) {
				a, err := ops.UpdateAgent(ctx, c, ingest.AgentID(in.ID), in.change())
				return toAgent(a), err
			}),
		Bind(Route{Method: "GET", Path: "/v1/conversations/{id}/turns", ID: "listTurns", Tag: "Conversations", Scope: "conversations:read",
			Summary: "Look into a conversation's turns", Doc: "Oldest first, with all that each was decided from."},
			func(ctx context.Context, c tenant.Caller, in byID) ([]turnResponse, error) {
				turns, err := ops.Turns(ctx, c, ingest.ConversationID(in.ID))
				if err != nil {
					return nil, err
				}
				return toTurns(turns)
			}),
	}
}
