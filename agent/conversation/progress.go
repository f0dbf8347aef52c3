package conversation

import (
	"time"

	"frontdesk/ingest"
)

// progress is how far an outbound message has come, and what was heard of it
// that is to be written.
type progress struct {
	id           ingest.MessageID
	conversation ingest.ConversationID
	channel      ingest.ChannelID
	contact      ingest.ContactID
	key          string // of its events
	was          ingest.Status
	status       ingest.Status
	providerID   string
	errors       []ingest.ProviderError
	sent         *time.Time
	delivered    *time.Time
	read         *time.Time
	failed       *time.Time
	dirty        bool
	steps        []step
}

// step is a status that the message reached, to be announced.
type step struct {
	status ingest.Status
	at     time.Time
	errors []ingest.ProviderError
}

// hear takes the word that the message reached status. Hearing it twice, or in
// another order, leaves the same progress.
func (p *progress) hear(status ingest.Status, at time.Time, errors []ingest.ProviderError) {
	at = at.UTC()
	switch status {
	case ingest.Sent:
		p.note(&p.sent, at)
	case ingest.Delivered:
		p.note(&p.delivered, at)
	case ingest.Read:
		p.note(&p.read, at)
	case ingest.Failed:
		p.note(&p.failed, at)
		if len(p.errors) == 0 && len(errors) > 0 {
			p.errors, p.dirty = errors, true
		}
	}
	if status.Supersedes(p.status) {
		p.status, p.dirty = status, true
		p.steps = append(p.steps, step{status, at, errors})
	}
}

// note keeps the earliest time of a stage.
func (p *progress) note(stage **time.Time, at time.Time) {
	if *stage == nil || at.Before(**stage) {
		*stage, p.dirty = &at, true
	}
}

// named takes the provider's id of the message, if it had none.
func (p *progress) named(providerID string) {
	if p.providerID == "" && providerID != "" {
		p.providerID, p.dirty = providerID, true
	}
}

// again puts a message that is being sent back into the queue.
func (p *progress) again() {
	if p.status == ingest.Sending {
		p.status, p.dirty = ingest.Queued, true
	}
}

// events returns what is to be announced of p.
func (p *progress) events(tenant ingest.TenantID) ([]ingest.Event, error) {
	var events []ingest.Event
	for _, s := range p.steps {
		e, err := ingest.NewEvent(ingest.MessageStatus, tenant, p.key, s.at, string(p.id)+":"+string(s.status), ingest.StatusChange{
			Tenant: tenant, Message: p.id, Conversation: p.conversation, Channel: p.channel, Contact: p.contact,
			Status: s.status, At: s.at, Errors: s.errors,
		})
		if err != nil {
			return nil, err
		}
		events = append(events, e)
	}
	return events, nil
}
