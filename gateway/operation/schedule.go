package operation

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"time"

	"golang.org/x/sync/errgroup"

	"frontdesk/agent/contact"
	"frontdesk/agent/conversation"
	"frontdesk/gateway/media"
	"frontdesk/gateway/tenant"
	"frontdesk/ingest"
)

// schedules is what operations need of *conversation.Store for messages that are
// to be sent later.
type schedules interface {
	Schedule(ctx context.Context, tenant ingest.TenantID, p conversation.Plan, channel ingest.ChannelID, at time.Time, key string) (conversation.Message, error)
	Scheduled(ctx context.Context, tenant ingest.TenantID, id ingest.MessageID) (conversation.Message, error)
	ScheduledMessages(ctx context.Context, tenant ingest.TenantID, f conversation.MessageFilter) ([]conversation.Message, string, error)
	Reschedule(ctx context.Context, tenant ingest.TenantID, id ingest.MessageID, at time.Time) (conversation.Message, error)
	CancelScheduled(ctx context.Context, tenant ingest.TenantID, id ingest.MessageID) (conversation.Message, error)
}

// MaxAhead is how far ahead a message may be scheduled.
const MaxAhead = 366 * 24 * time.Hour

func futureTime(at time.Time) error {
	switch now := time.Now(); {
	case !at.After(now):
		return &InvalidError{"send_at", "is not in the future; leave it out to send now"}
	case at.After(now.Add(MaxAhead)):
		return &InvalidError{"send_at", "is more than a year ahead"}
	}
	return nil
}

// schedule keeps in until its time. What can be told now is refused now; the
// policy gate is asked when it is sent.
func (o *Operations) schedule(ctx context.Context, caller tenant.Caller, in SendMessage) (conversation.Message, error) {
	if err := futureTime(in.SendAt); err != nil {
		return conversation.Message{}, err
	}
	a, err := o.aim(ctx, caller, in)
	if err != nil {
		return conversation.Message{}, err
	}
	checked := a
	if err := o.compose(ctx, caller, in, &checked); err != nil {
		return conversation.Message{}, err
	}
	p := conversation.Plan{
		Conversation: in.Conversation, Contact: in.Contact, To: a.draft.To, Channel: in.Channel, Agent: in.Agent,
		Content: in.Content, Category: in.Category, ReplyTo: in.ReplyTo, Author: a.draft.Author, Test: caller.Test(),
	}
	if p.Contact, err = o.planned(ctx, caller, in, a); err != nil {
		return conversation.Message{}, err
	}
	channel := ingest.ChannelID("")
	if in.Channel != "" || in.Conversation != "" {
		channel = a.channel.ID
	}
	return o.p.Conversations.Schedule(ctx, caller.Tenant, p, channel, in.SendAt.UTC(), in.RequestKey)
}

// planned returns the contact whom in is for; a number that nobody has yet
// becomes one.
func (o *Operations) planned(ctx context.Context, caller tenant.Caller, in SendMessage, a aimed) (ingest.ContactID, error) {
	switch {
	case in.Contact != "":
		return in.Contact, nil
	case in.Conversation != "":
		c, err := o.p.Conversations.Conversation(ctx, caller.Tenant, in.Conversation)
		return c.Contact, err
	}
	c, err := o.p.Contacts.Admit(ctx, caller.Tenant, ingest.Party{Identifiers: []ingest.Identifier{a.draft.To}})
	return c.ID, err
}

// RescheduleMessage gives a scheduled message another time. It is
// conversation.ErrNotScheduled for one that was handed over or cancelled.
func (o *Operations) RescheduleMessage(ctx context.Context, caller tenant.Caller, id ingest.MessageID, at time.Time) (conversation.Message, error) {
	if err := o.mayAlter(ctx, caller, id); err != nil {
		return conversation.Message{}, err // before what is wrong with the time
	}
	if err := futureTime(at); err != nil {
		return conversation.Message{}, err
	}
	return o.p.Conversations.Reschedule(ctx, caller.Tenant, id, at.UTC())
}

// mayAlter refuses a test key what becomes a message to a real person.
func (o *Operations) mayAlter(ctx context.Context, caller tenant.Caller, id ingest.MessageID) error {
	m, err := o.Message(ctx, caller, id)
	if err == nil && caller.Test() && !m.Test {
		err = &ConflictError{"live_message", "this message is for a real person; a test key cannot change it"}
	}
	return err
}

// CancelMessage keeps a scheduled message from being sent: once it returns, the
// message will not be. Its errors are those of [Operations.RescheduleMessage].
func (o *Operations) CancelMessage(ctx context.Context, caller tenant.Caller, id ingest.MessageID) (conversation.Message, error) {
	if err := o.mayAlter(ctx, caller, id); err != nil {
		return conversation.Message{}, err
	}
	return o.p.Conversations.CancelScheduled(ctx, caller.Tenant, id)
}

// due is what a Scheduler needs of *conversation.Store.
type due interface {
	DueMessages(ctx context.Context, limit int, hold time.Duration) ([]conversation.Due, error)
	FailScheduled(ctx context.Context, d conversation.Due, why ingest.ProviderError) error
}

// businesses is what a Scheduler needs of *tenant.Directory.
type businesses interface {
	Tenant(ctx context.Context, tenant ingest.TenantID) (tenant.Tenant, error)
}

// Scheduler sends scheduled messages when their time has come. Any number of
// them may run.
type Scheduler struct {
	ops        *Operations
	due        due
	businesses businesses
	log        *slog.Logger
}

// NewScheduler returns an inert Scheduler.
func NewScheduler(ops *Operations, due due, businesses businesses, log *slog.Logger) *Scheduler {
	return &Scheduler{ops, due, businesses, log}
}

const (
	dueEvery  = 500 * time.Millisecond // how late a message is at most, while nothing is in the way
	dueAtOnce = 128
	dueHold   = 30 * time.Second // after that another may try what one has failed to do
	dueLanes  = 16
	dueTries  = 120 // an hour of them
)

// Run works until ctx ends.
func (s *Scheduler) Run(ctx context.Context) error {
	tick := time.NewTicker(dueEvery)
	defer tick.Stop()
	for {
		step, cancel := context.WithTimeout(ctx, dueHold) // Postgres may be gone without a word
		n, err := s.Step(step)
		cancel()
		if err != nil && ctx.Err() == nil {
			s.log.Error("scheduled messages wait", "error", err)
		}
		if n == dueAtOnce && err == nil {
			continue
		}
		select {
		case <-ctx.Done():
			return nil
		case <-tick.C:
		}
	}
}

// Step sends what is due now, at most so many at once, and returns how many it
// took.
func (s *Scheduler) Step(ctx context.Context) (int, error) {
	list, err := s.due.DueMessages(ctx, dueAtOnce, dueHold)
	if err != nil {
		return 0, err
	}
	var g errgroup.Group
	g.SetLimit(dueLanes)
	for _, d := range list {
		g.Go(func() error {
			if err := s.deliver(ctx, d); err != nil {
				return fmt.Errorf("scheduled message %s: %w", d.ID, err)
			}
			return nil
		})
	}
	return len(list), g.Wait()
}

// deliver hands one over, or ends it where it never can be. Any other error is
// left for the next attempt, once the lease is over, until there were too many.
func (s *Scheduler) deliver(ctx context.Context, d conversation.Due) error {
	err := ingest.Calm(func() error { return s.send(ctx, d) })
	if err == nil || errors.Is(err, conversation.ErrNotScheduled) || ctx.Err() != nil {
		return nil
	}
	if why, never := hopeless(err); never {
		return s.due.FailScheduled(ctx, d, why)
	}
	if d.Attempts >= dueTries {
		s.log.Error("a scheduled message is given up", "tenant", d.Tenant, "message", d.ID, "attempts", d.Attempts, "error", err)
		return s.due.FailScheduled(ctx, d, ingest.ProviderError{Code: "internal_error", Title: "it could not be handed over for an hour; send it anew"})
	}
	return err
}

func (s *Scheduler) send(ctx context.Context, d conversation.Due) error {
	business, err := s.businesses.Tenant(ctx, d.Tenant)
	if err != nil {
		return err
	}
	caller := tenant.Caller{Tenant: d.Tenant, Business: business, Mode: tenant.ModeLive}
	if d.Plan.Test {
		caller.Mode = tenant.ModeTest
	}
	in, err := s.ops.asPlanned(ctx, d)
	if err != nil {
		return err
	}
	a, err := s.ops.aim(ctx, caller, in)
	if err == nil {
		err = s.ops.compose(ctx, caller, in, &a)
	}
	if err != nil {
		return err
	}
	// One that the gate refuses goes its way all the same: dispatch refuses it, or
	// holds it for as long as the reason lasts, and the message tells.
	a.draft.Scheduled, a.draft.ScheduledFor = d.ID, d.SendAt
	a.draft.Author = cmp.Or(d.Plan.Author, a.draft.Author)
	_, err = s.ops.p.Conversations.Send(ctx, d.Tenant, a.draft)
	return err
}

// asPlanned is the message to be sent now. A conversation that was closed since
// is taken up again with the same person on the same channel.
func (o *Operations) asPlanned(ctx context.Context, d conversation.Due) (SendMessage, error) {
	p := d.Plan
	in := SendMessage{Channel: p.Channel, Agent: p.Agent, Content: p.Content, Category: p.Category, ReplyTo: p.ReplyTo}
	switch {
	case p.Conversation != "":
		c, err := o.p.Conversations.Conversation(ctx, d.Tenant, p.Conversation)
		if err != nil {
			return in, err
		}
		if in.Conversation = c.ID; c.State == conversation.Closed {
			in.Conversation, in.Contact, in.Channel = "", c.Contact, string(c.Channel)
		}
	case p.To.Kind == ingest.Phone:
		in.To = p.To.Value
	default:
		in.Contact = p.Contact
	}
	return in, nil
}

// hopeless reports an error that will be the same the next time, and how it is
// told.
func hopeless(err error) (ingest.ProviderError, bool) {
	var invalid *InvalidError
	var conflict *ConflictError
	var mismatch *TemplateError
	switch {
	case errors.As(err, &mismatch):
		return ingest.ProviderError{Code: mismatch.Code, Title: mismatch.Message, Detail: mismatch.Field}, true
	case errors.As(err, &invalid):
		return ingest.ProviderError{Code: "invalid_request", Title: invalid.Error()}, true
	case errors.As(err, &conflict):
		return ingest.ProviderError{Code: conflict.Code, Title: conflict.Message}, true
	case errors.Is(err, conversation.ErrClosed):
		return ingest.ProviderError{Code: "conversation_closed", Title: err.Error()}, true
	case errors.Is(err, conversation.ErrKeyReused):
		return ingest.ProviderError{Code: "idempotency_key_reused", Title: "another message was sent under the Idempotency-Key of this one"}, true
	case errors.Is(err, ErrNotFound), errors.Is(err, media.ErrNotFound), errors.Is(err, tenant.ErrNotFound), errors.Is(err, conversation.ErrNotFound), errors.Is(err, contact.ErrNotFound):
		return ingest.ProviderError{Code: "not_found", Title: "what it was for is no more"}, true
	}
	return ingest.ProviderError{}, false
}
