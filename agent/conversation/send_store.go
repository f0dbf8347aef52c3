package conversation

import (
	"context"
	"crypto/sha256"
	"encoding/json"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"frontdesk/agent/contact"
	"frontdesk/ingest"
	"frontdesk/ingest/tenantdb"
)

// Send stores d as a queued message and announces it to dispatch in the same
// transaction. With a RequestKey the same draft again returns the message made
// the first time; another draft under it is ErrKeyReused. Other errors:
// ErrNotFound, ErrClosed, ErrInvalid, ErrNotScheduled. Calls at the same time
// with one key share a transaction.
//
// It counts the conversation's version up: a turn that is being decided
// meanwhile is decided anew.
func (s *Store) Send(ctx context.Context, tenant ingest.TenantID, d Draft) (Message, error) {
	if err := d.validate(); err != nil {
		return Message{}, err
	}
	hash, err := d.hash()
	if err != nil {
		return Message{}, fmt.Errorf("send: %w", err)
	}
	actor := tenantdb.ActorOf(ctx)
	request := actor.Request
	actor.Request = ""
	got, err := s.sends.Do(ctx, sender{tenant, actor}, sending{draft: d, hash: hash, request: request})
	if err == nil {
		err = got.err
	}
	if err != nil {
		return Message{}, wrap(err, "send")
	}
	s.wake()
	return got.message, nil
}

func (d Draft) validate() error {
	switch {
	case d.Conversation == "" && d.Channel == "":
		return invalid("channel", "name a conversation or a channel")
	case d.Conversation == "" && d.Contact == "" && (d.To.Kind == "" || d.To.Value == ""):
		return invalid("to", "name a conversation, a contact or an identifier to send to")
	case d.Content.Type == "":
		return invalid("type", "content has no type")
	case d.Category == contact.CategoryConfirmation:
		return invalid("category", "category confirmation is for opt-out confirmations alone")
	}
	return nil
}

func invalid(field, message string) error {
	return &ingest.FieldError{Err: ErrInvalid, Field: field, Message: message}
}

// hash tells one draft from another under the same key.
func (d Draft) hash() ([]byte, error) {
	if d.RequestKey == "" {
		return nil, nil
	}
	d.RequestKey = ""
	raw, err := json.Marshal(d)
	sum := sha256.Sum256(raw)
	return sum[:], err
}

// Outbound is a message to be queued in a conversation that the transaction has
// locked and counted up.
type Outbound struct {
	Message     ingest.Message
	RequestKey  string
	RequestHash []byte
}

// QueueBatch queues messages as a part of a batch, and returns the events that
// announce them to dispatch: the caller adds them to the outbox.
func QueueBatch(b *pgx.Batch, tenant ingest.TenantID, list []Outbound) ([]ingest.Event, error) {
	if len(list) == 0 {
		return nil, nil
	}
	sql, args, events, err := queueing(tenant, list)
	if err == nil {
		b.Queue(sql, args...)
	}
	return events, err
}

func queueing(tenant ingest.TenantID, list []Outbound) (sql string, args []any, events []ingest.Event, err error) {
	n := len(list)
	ids, conversations, channels, raws := make([]string, n), make([]string, n), make([]string, n), make([]string, n)
	keys, hashes, at := make([]*string, n), make([][]byte, n), make([]time.Time, n)
	events = make([]ingest.Event, n)
	for i, o := range list {
		m := o.Message
		e, err := ingest.NewEvent(ingest.MessageQueued, tenant, m.Key(), m.At, string(m.ID), m)
		if err != nil {
			return "", nil, nil, err
		}
		ids[i], conversations[i], channels[i], raws[i], at[i] = string(m.ID), string(m.Conversation), string(m.Channel), string(e.Data), m.At
		hashes[i], events[i] = o.RequestHash, e
		if o.RequestKey != "" {
			keys[i] = &list[i].RequestKey
		}
	}
	return `
		INSERT INTO messages (tenant_id, id, number, conversation_id, channel_id, direction, status, message, request_key, request_hash, at)
		SELECT $1, d.id, n.base + d.ord, d.conversation, d.channel, 'outbound', 'queued', d.raw::json, d.key, d.hash, d.at
		FROM (SELECT frontdesk_next_number($1, 'message', $2) - $2 AS base OFFSET 0) n,
			unnest($3::text[], $4::text[], $5::text[], $6::text[], $7::text[], $8::bytea[], $9::timestamptz[])
				WITH ORDINALITY AS d (id, conversation, channel, raw, key, hash, at, ord)
		ORDER BY d.ord RETURNING id, number, created_at`,
		[]any{tenant, n, ids, conversations, channels, raws, keys, hashes, at}, events, nil
}
