package conversation

import (
	"cmp"
	"context"
	"errors"
	"slices"
	"time"

	"github.com/jackc/pgx/v5"

	"frontdesk/agent/contact"
	"frontdesk/agent/outbox"
	"frontdesk/ingest"
	"frontdesk/ingest/tenantdb"
)

// sender is whose sends share a transaction: the audit log has one actor for all
// that a transaction writes.
type sender struct {
	tenant ingest.TenantID
	actor  tenantdb.Actor // without the request
}

// sending is a draft on its way to becoming a message.
type sending struct {
	draft   Draft
	hash    []byte
	request string // of the API; empty: of nobody's

	contact      ingest.ContactID // whom it is for, and how they are reached
	party        ingest.Party
	conversation Conversation
	message      Message
	done         bool // it is a message already
	err          error
}

// sent answers a call of Send.
type sent struct {
	message Message
	err     error
}

// sendAll stores all of list, or each alone where together they fail, so that
// one that cannot be stored does not hold up the others.
func (s *Store) sendAll(ctx context.Context, tenant ingest.TenantID, list []sending) ([]sent, error) {
	out := make([]sent, len(list))
	var done []sending
	var err error
	for range 3 {
		done, err = s.sendIn(ctx, tenant, list)
		if !errors.Is(err, ErrMoved) && !tenantdb.Violates(err, "messages_request") {
			break
		}
	}
	switch {
	case err == nil:
		return s.answers(ctx, tenant, list, done)
	case len(list) == 1:
		if tenantdb.Violates(err, "messages_request") { // a scheduled one, whose key another message has taken
			err = ErrKeyReused
		}
		out[0].err = err
		return out, nil
	}
	for i := range list {
		alone, err := s.sendAll(ctx, tenant, list[i:i+1])
		if err != nil {
			return nil, err
		}
		out[i] = alone[0]
	}
	return out, nil
}

// answers returns what became of list. A request key that stood twice in it is
// looked up again.
func (s *Store) answers(ctx context.Context, tenant ingest.TenantID, list, done []sending) ([]sent, error) {
	out := make([]sent, len(done))
	for i, one := range done {
		if out[i] = (sent{one.message, one.err}); !errors.Is(one.err, errTwice) {
			continue
		}
		alone, err := s.sendAll(ctx, tenant, list[i:i+1])
		if err != nil {
			return nil, err
		}
		out[i] = alone[0]
	}
	return out, nil
}

// sendIn stores list in one transaction: what the drafts name is looked up, the
// conversations that are missing are opened, the messages are stored and
// announced. A draft that cannot be sent has its err, and nothing is written for
// it; alone, it undoes the transaction.
func (s *Store) sendIn(ctx context.Context, tenant ingest.TenantID, drafts []sending) ([]sending, error) {
	var list []sending
	var looked *contact.Looked
	err := s.db.Staged(ctx, tenant, func(b *pgx.Batch) {
		list = slices.Clone(drafts) // may run again
		looked = queueAims(b, tenant, list)
	}, func(tx pgx.Tx, last *pgx.Batch) error {
		settleAims(list)
		if err := s.admitAll(ctx, tx, tenant, looked, list); err != nil {
			return err
		}
		if err := s.ensureAll(ctx, tx, last, tenant, list); err != nil {
			return err
		}
		if err := undoing(list); err != nil {
			return err
		}
		return queueSends(last, tenant, list)
	})
	return list, err
}

// undoing returns the error that must undo the transaction: that of a draft alone,
// or of a scheduled one, which was taken out and must stay.
func undoing(list []sending) error {
	for _, one := range list {
		if one.err != nil && (len(list) == 1 || one.draft.Scheduled != "") {
			return one.err
		}
	}
	return nil
}

// errTwice is given for a request key that stands twice in a batch.
var errTwice = errors.New("the request is being worked on")

// waits reports whether one still needs something.
func (one *sending) waits() bool { return !one.done && one.err == nil }

// admitAll finds out who is behind the identifiers that drafts are for; who is
// nobody yet becomes a contact.
func (s *Store) admitAll(ctx context.Context, tx pgx.Tx, tenant ingest.TenantID, looked *contact.Looked, list []sending) error {
	if looked == nil {
		return nil
	}
	var seen []contact.Seen
	var who []*sending
	for i := range list {
		if d := list[i].draft; list[i].waits() && d.Conversation == "" && d.Contact == "" {
			seen, who = append(seen, contact.Seen{Party: list[i].party, At: time.Now()}), append(who, &list[i])
		}
	}
	if len(seen) == 0 {
		return nil
	}
	var made pgx.Batch
	found, _, err := s.contacts.ResolveLooked(ctx, tx, &made, tenant, looked, seen)
	if err != nil {
		return err
	}
	for i, r := range found {
		who[i].contact = r.ID
	}
	if made.Len() == 0 {
		return nil
	}
	return tx.SendBatch(ctx, &made).Close()
}

// ensureAll opens the conversations that drafts need and that are not there.
func (s *Store) ensureAll(ctx context.Context, tx pgx.Tx, last *pgx.Batch, tenant ingest.TenantID, list []sending) error {
	var openings []Opening
	var who []*sending
	for i := range list {
		one := &list[i]
		if d := one.draft; one.waits() && d.Conversation == "" {
			who = append(who, one)
			openings = append(openings, Opening{
				Channel: d.Channel, Contact: one.contact, Test: d.Test, Agent: d.Agent, Provider: d.Provider, Party: one.party, By: cmp.Or(d.Author, "api"),
			})
		}
	}
	if len(openings) == 0 {
		return nil
	}
	found := map[place]Conversation{}
	var first pgx.Batch
	queueLockOpen(&first, tenant, openings, found)
	if err := tx.SendBatch(ctx, &first).Close(); err != nil {
		return err
	}
	if err := s.ensure(ctx, tx, last, tenant, openings, found); err != nil {
		return err
	}
	for i, one := range who {
		one.conversation = found[openings[i].place()]
		if one.draft.To.Value != "" {
			one.conversation.Party = ingest.Party{Identifiers: []ingest.Identifier{one.draft.To}, Name: one.conversation.Party.Name}
		}
	}
	return nil
}

// queueSends stores the messages and announces them; the conversations that they
// go to are locked.
func queueSends(b *pgx.Batch, tenant ingest.TenantID, list []sending) error {
	now := time.Now().UTC().Truncate(time.Microsecond)
	var out []Outbound
	var who []*sending
	counted := map[ingest.ConversationID]int{}
	for i := range list {
		if one := &list[i]; one.waits() {
			one.message = Message{Message: one.outbound(tenant, now), Status: ingest.Queued}
			out, who = append(out, Outbound{Message: one.message.Message, RequestKey: one.draft.RequestKey, RequestHash: one.hash}), append(who, one)
			counted[one.conversation.ID]++
		}
	}
	if len(out) == 0 {
		return nil
	}
	queueCount(b, tenant, counted)
	queueRequests(b, list)
	sql, args, events, err := queueing(tenant, out)
	if err != nil {
		return err
	}
	b.Queue(sql, args...).Query(func(rows pgx.Rows) error {
		var m Message
		n := 0
		_, err := pgx.ForEachRow(rows, []any{&m.ID, &m.Number, &m.CreatedAt}, func() error {
			who[n].message.Number, who[n].message.CreatedAt = m.Number, m.CreatedAt
			n++
			return nil
		})
		return err
	})
	return outbox.Queue(b, ingest.TopicOutbound, events...)
}

// queueRequests tells the audit log which message is of which request.
func queueRequests(b *pgx.Batch, list []sending) {
	if len(list) == 1 {
		return // of the request that opened the transaction
	}
	by := map[string]string{}
	for _, one := range list {
		if one.request != "" {
			by[string(one.message.ID)] = one.request
		}
	}
	tenantdb.QueueRequests(b, by)
}

// queueCount counts conversations up by the messages that they get.
func queueCount(b *pgx.Batch, tenant ingest.TenantID, counted map[ingest.ConversationID]int) {
	var ids []string
	var counts []int64
	for id, n := range counted {
		ids, counts = append(ids, string(id)), append(counts, int64(n))
	}
	b.Queue(`
		UPDATE conversations c SET version = version + d.n, last_message_at = now()
		FROM unnest($2::text[], $3::bigint[]) AS d (id, n) WHERE (c.tenant_id, c.id) = ($1, d.id)`, tenant, ids, counts)
}

// outbound is the message that a draft becomes in its conversation.
func (one *sending) outbound(tenant ingest.TenantID, now time.Time) ingest.Message {
	d, c := one.draft, one.conversation
	id := d.Scheduled
	if id == "" {
		id = ingest.MessageID(ingest.NewID(ingest.PrefixMessage, now))
	}
	return ingest.Message{
		ID: id, Tenant: tenant, Channel: c.Channel, Provider: cmp.Or(d.Provider, c.Provider),
		Direction: ingest.Outbound, Party: c.Party, Content: d.Content, ReplyTo: d.ReplyTo, At: now, Test: c.Test,
		Conversation: c.ID, Contact: c.Contact, Agent: cmp.Or(d.Agent, c.Agent), Author: cmp.Or(d.Author, "api"), Category: cmp.Or(d.Category, "service"),
		Expires: d.Expires,
	}
}
