package operation

import (
	"context"
	"errors"
	"slices"
	"strconv"
	"strings"
	"time"

	"golang.org/x/sync/errgroup"

	"frontdesk/agent/conversation"
	"frontdesk/gateway/tenant"
	"frontdesk/ingest"
)

// Message returns a message, one that is scheduled too.
func (o *Operations) Message(ctx context.Context, caller tenant.Caller, id ingest.MessageID) (conversation.Message, error) {
	m, err := o.p.Conversations.Message(ctx, caller.Tenant, id)
	if !errors.Is(err, conversation.ErrNotFound) {
		return m, err
	}
	if m, err = o.p.Conversations.Scheduled(ctx, caller.Tenant, id); !errors.Is(err, conversation.ErrNotFound) {
		return m, err
	}
	return o.p.Conversations.Message(ctx, caller.Tenant, id) // handed over between the two
}

// Messages lists messages, newest first, scheduled ones by when they were
// scheduled. Those of one conversation can be listed only if it is the caller's,
// and are the ones that were said in it.
func (o *Operations) Messages(ctx context.Context, caller tenant.Caller, f conversation.MessageFilter) (Page[conversation.Message], error) {
	var none Page[conversation.Message]
	if f.Conversation != "" {
		if _, err := o.p.Conversations.Conversation(ctx, caller.Tenant, f.Conversation); err != nil {
			return none, err
		}
	}
	if err := o.known(ctx, caller, f.Contact, f.Channel); err != nil {
		return none, err
	}
	if !mayBeScheduled(f) {
		items, next, err := o.p.Conversations.Messages(ctx, caller.Tenant, f)
		return Page[conversation.Message]{items, next}, err
	}
	later, after, err := o.p.Conversations.ScheduledMessages(ctx, caller.Tenant, f)
	if err != nil || f.Status == ingest.Scheduled || f.Status == ingest.Cancelled {
		return Page[conversation.Message]{later, after}, err
	}
	items, next, err := o.p.Conversations.Messages(ctx, caller.Tenant, f)
	if err != nil || len(later) == 0 {
		return Page[conversation.Message]{items, next}, err
	}
	return merged(items, later, next != "" || after != "", f.Limit), nil
}

// mayBeScheduled reports whether f asks for messages that are not sent yet, too.
func mayBeScheduled(f conversation.MessageFilter) bool {
	return f.Conversation == "" && f.Direction != ingest.Inbound &&
		slices.Contains([]ingest.Status{"", ingest.Scheduled, ingest.Cancelled, ingest.Failed}, f.Status)
}

// merged is the first page of two lists, both newest first by id.
func merged(a, b []conversation.Message, more bool, limit int) Page[conversation.Message] {
	if limit == 0 {
		limit = 20
	}
	all := slices.Concat(a, b)
	slices.SortFunc(all, func(x, y conversation.Message) int { return strings.Compare(string(y.ID), string(x.ID)) })
	all = slices.CompactFunc(all, func(x, y conversation.Message) bool { return x.ID == y.ID }) // handed over between the two
	if len(all) <= limit && !more {
		return Page[conversation.Message]{Items: all}
	}
	all = all[:min(limit, len(all))]
	return Page[conversation.Message]{all, string(all[len(all)-1].ID)}
}

// Step is a status that a message reached.
type Step struct {
	Status ingest.Status
	At     time.Time // zero: not known
	Errors []ingest.ProviderError
}

// MessageHistory returns what a message went through, in order.
func (o *Operations) MessageHistory(ctx context.Context, caller tenant.Caller, id ingest.MessageID) ([]Step, error) {
	m, err := o.Message(ctx, caller, id)
	if err != nil {
		return nil, err
	}
	return history(m), nil
}

func history(m conversation.Message) []Step {
	first := ingest.Queued
	if m.Direction == ingest.Inbound {
		first = ingest.Received
	}
	steps := []Step{{Status: first, At: m.CreatedAt}}
	for _, s := range []Step{{ingest.Sent, m.SentAt, nil}, {ingest.Delivered, m.DeliveredAt, nil}, {ingest.Read, m.ReadAt, nil}, {ingest.Failed, m.FailedAt, m.Errors}} {
		if !s.At.IsZero() {
			steps = append(steps, s)
		}
	}
	slices.SortStableFunc(steps[1:], func(a, b Step) int { return a.At.Compare(b.At) })
	switch m.Status {
	case ingest.Scheduled:
		return []Step{{Status: ingest.Scheduled, At: m.CreatedAt}}
	case ingest.Cancelled, ingest.Failed:
		if m.Number == 0 { // it never was in the queue
			return []Step{{Status: ingest.Scheduled, At: m.CreatedAt}, {Status: m.Status, Errors: m.Errors}}
		}
	case ingest.Sending, ingest.Unknown:
		steps = append(steps, Step{Status: m.Status})
	}
	return steps
}

// MaxBulk is how many messages may be sent at once.
const MaxBulk = 500

// bulkAtOnce is how many of a bulk are worked on at a time; they share
// transactions.
const bulkAtOnce = 32

// BulkMessage is what became of one message of many.
type BulkMessage struct {
	Message conversation.Message
	Err     error // it was not accepted, for this reason
}

// SendMessages sends each of list as [Operations.SendMessage] does and tells of
// each what became of it: what has no error is stored. key names the request: the
// same again is the same messages, those that were refused are tried again.
func (o *Operations) SendMessages(ctx context.Context, caller tenant.Caller, list []SendMessage, key string) []BulkMessage {
	out := make([]BulkMessage, len(list))
	var g errgroup.Group
	g.SetLimit(bulkAtOnce)
	for i, in := range list {
		if key != "" {
			in.RequestKey = key + "/" + strconv.Itoa(i)
		}
		g.Go(func() error {
			if out[i].Err = ctx.Err(); out[i].Err == nil {
				out[i].Message, out[i].Err = o.SendMessage(ctx, caller, in)
			}
			return nil
		})
	}
	_ = g.Wait() // none returns an error: each item has its own
	return out
}
