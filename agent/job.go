package agent

import (
	"encoding/json"
	"strconv"
	"time"

	"frontdesk/agent/contact"
	"frontdesk/agent/conversation"
	"frontdesk/agent/dialogue"
	"frontdesk/ingest"
)

// turn returns the id of the turn: the same for whoever decides it.
func (j *job) turn() ingest.TurnID {
	return ingest.TurnID(ingest.DerivedID(ingest.PrefixTurn, j.lastAt(), string(j.tenant), string(j.ID), strconv.Itoa(j.state.Turn)))
}

func (j *job) replyID() ingest.MessageID {
	return ingest.MessageID(ingest.DerivedID(ingest.PrefixMessage, j.lastAt(), string(j.tenant), string(j.turn())))
}

func (j *job) lastAt() time.Time { return j.state.Messages[len(j.state.Messages)-1].At }

func (j *job) reply(tenant ingest.TenantID) ingest.Message {
	m := ingest.Message{
		ID: j.replyID(), Tenant: tenant, Channel: j.Channel, Provider: j.Provider, Direction: ingest.Outbound, Party: j.Party,
		Content: ingest.Content{Type: ingest.Text, Text: j.decision.Reply, Menu: j.decision.Menu}, At: j.decided, Test: j.Test,
		Conversation: j.ID, Contact: j.Contact, Agent: j.state.Agent, Turn: j.turn(), Author: "bot", Category: "service",
		WindowUntil: j.lastAt().Add(conversation.Window),
	}
	if m.Content.Menu != nil {
		m.Content.Type = ingest.Interactive
	}
	if j.decision.Consent != nil {
		m.Category = contact.CategoryConfirmation
	}
	return m
}

// events returns what is to be announced of a stored turn.
func (j *job) events(tenant ingest.TenantID, brain string) ([]ingest.Event, error) {
	d := j.decision
	turn := ingest.Turn{
		ID: j.turn(), Tenant: tenant, Conversation: j.ID, Channel: j.Channel, Contact: j.Contact, Agent: j.state.Agent, Brain: brain,
		Language: d.Language, Acts: d.Acts, Outcome: d.Outcome, Confidence: d.Confidence, Articles: d.articles(),
		Number: j.state.Turn, ReceivedAt: j.state.Messages[0].At, DecidedAt: j.decided, Test: j.Test,
	}
	if d.HandOff {
		turn.Reason = d.Reason
	}
	if d.Reply != "" {
		turn.Reply = j.replyID()
	}
	for _, m := range j.state.Messages {
		turn.Messages = append(turn.Messages, m.ID)
	}
	completed, err := ingest.NewEvent(ingest.TurnCompleted, tenant, j.Key(tenant), j.decided, string(turn.ID), turn)
	if err != nil || !d.HandOff {
		return []ingest.Event{completed}, err
	}
	c := j.Conversation
	c.Version, c.Owner, c.Agent = c.Version+1, conversation.Person, j.state.Agent
	handoff, err := conversation.ChangeEvent(tenant, c, ingest.HandoffRequested, d.Reason, "bot", j.decided)
	return []ingest.Event{completed, handoff}, err
}

// input returns the state as it is stored: without the catalogue, which most
// turns do not look into.
func (j *job) input() State {
	s := j.state
	if !s.Draft.Open() && j.decision.Draft.At.IsZero() && len(j.decision.Calls) == 0 {
		s.Catalogue = dialogue.Catalogue{}
	}
	return s
}

// draft returns the draft of d as it is stored, or nothing.
func (d Decision) draft() string {
	if d.Draft.At.IsZero() {
		return ""
	}
	b, _ := json.Marshal(d.Draft) // its fields always marshal
	return string(b)
}
