package conversation

import (
	"bytes"
	"cmp"
	"context"
	"crypto/sha256"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"frontdesk/agent/contact"
	"frontdesk/agent/outbox"
	"frontdesk/ingest"
	"frontdesk/ingest/tenantdb"
)

// Send stores d as a queued message and announces it to dispatch in the same
// transaction. With a RequestKey the same draft again returns the message made
// the first time; another draft under it is ErrKeyReused. Other errors:
// ErrNotFound, ErrClosed, ErrInvalid.
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
	var m Message
	for range 3 {
		err = s.db.InTenant(ctx, tenant, func(tx pgx.Tx) error {
			var err error
			m, err = s.send(ctx, tx, tenant, d, hash)
			return err
		})
		if !errors.Is(err, ErrMoved) && !tenantdb.Violates(err, "messages_request") {
			break
		}
	}
	if err != nil {
		return Message{}, wrap(err, "send")
	}
	s.wake()
	return m, nil
}

func (d Draft) validate() error {
	switch {
	case d.Conversation == "" && d.Channel == "":
		return fmt.Errorf("%w: name a conversation or a channel", ErrInvalid)
	case d.Conversation == "" && d.Contact == "" && (d.To.Kind == "" || d.To.Value == ""):
		return fmt.Errorf("%w: name a conversation, a contact or an identifier to send to", ErrInvalid)
	case d.Content.Type == "":
		return fmt.Errorf("%w: content has no type", ErrInvalid)
	case d.Category == contact.CategoryConfirmation:
		return fmt.Errorf("%w: category confirmation is for opt-out confirmations alone", ErrInvalid)
	}
	return nil
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

func (s *Store) send(ctx context.Context, tx pgx.Tx, tenant ingest.TenantID, d Draft, hash []byte) (Message, error) {
	if d.RequestKey != "" {
		m, err := requested(ctx, tx, tenant, d.RequestKey, hash)
		if !errors.Is(err, pgx.ErrNoRows) {
			return m, err
		}
	}
	c, err := s.target(ctx, tx, tenant, d)
	if err != nil {
		return Message{}, err
	}
	now := time.Now().UTC().Truncate(time.Microsecond)
	m := ingest.Message{
		ID: ingest.MessageID(ingest.NewID(ingest.PrefixMessage, now)), Tenant: tenant, Channel: c.Channel, Provider: cmp.Or(d.Provider, c.Provider),
		Direction: ingest.Outbound, Party: c.Party, Content: d.Content, ReplyTo: d.ReplyTo, At: now, Test: c.Test,
		Conversation: c.ID, Contact: c.Contact, Agent: cmp.Or(d.Agent, c.Agent), Author: cmp.Or(d.Author, "api"), Category: cmp.Or(d.Category, "service"),
	}
	_, err = tx.Exec(ctx, `UPDATE conversations SET version = version + 1, last_message_at = now() WHERE tenant_id = $1 AND id = $2`, tenant, c.ID)
	if err != nil {
		return Message{}, err
	}
	stored, err := Queue(ctx, tx, tenant, []Outbound{{Message: m, RequestKey: d.RequestKey, RequestHash: hash}})
	if err != nil {
		return Message{}, err
	}
	return stored[0], nil
}

// requested returns the message that key was used for, ErrKeyReused if it was
// another draft, or pgx.ErrNoRows.
func requested(ctx context.Context, tx pgx.Tx, tenant ingest.TenantID, key string, hash []byte) (Message, error) {
	rows, err := tx.Query(ctx, `
		SELECT `+MessageColumns+`, c.contact_id, m.request_hash
		FROM messages m JOIN conversations c ON (c.tenant_id, c.id) = (m.tenant_id, m.conversation_id)
		WHERE m.tenant_id = $1 AND m.request_key = $2`, tenant, key)
	if err != nil {
		return Message{}, err
	}
	var was []byte
	m, err := pgx.CollectExactlyOneRow(rows, func(row pgx.CollectableRow) (Message, error) {
		var id ingest.ContactID
		m, err := ScanMessage(row, &id, &was)
		m.Contact = id
		return m, err
	})
	if err == nil && !bytes.Equal(was, hash) {
		return Message{}, ErrKeyReused
	}
	return m, err
}

// target returns the conversation that d goes to, locked.
func (s *Store) target(ctx context.Context, tx pgx.Tx, tenant ingest.TenantID, d Draft) (Conversation, error) {
	if d.Conversation != "" {
		c, err := one(ctx, tx, tenant, d.Conversation, "FOR UPDATE")
		if err == nil && c.State == Closed {
			return c, ErrClosed
		}
		return c, err
	}
	id, party, err := s.recipient(ctx, tx, tenant, d)
	if err != nil {
		return Conversation{}, err
	}
	found, err := s.Ensure(ctx, tx, tenant, []Opening{{
		Channel: d.Channel, Contact: id, Test: d.Test, Agent: d.Agent, Provider: d.Provider, Party: party, By: cmp.Or(d.Author, "api"),
	}})
	if err != nil {
		return Conversation{}, err
	}
	c := found[0]
	if d.To.Value != "" {
		c.Party = ingest.Party{Identifiers: []ingest.Identifier{d.To}, Name: c.Party.Name}
	}
	return c, nil
}

// recipient returns the contact that d names, made if an identifier names
// nobody yet, and how to reach them.
func (s *Store) recipient(ctx context.Context, tx pgx.Tx, tenant ingest.TenantID, d Draft) (ingest.ContactID, ingest.Party, error) {
	if d.Contact == "" {
		party := ingest.Party{Identifiers: []ingest.Identifier{d.To}}
		found, err := s.contacts.Resolve(ctx, tx, tenant, []contact.Seen{{Party: party, At: time.Now()}})
		if err != nil {
			return "", party, err
		}
		return found[0].ID, party, nil
	}
	rows, err := tx.Query(ctx, `
		SELECT c.id, i.kind, i.value
		FROM contacts o JOIN contacts c ON (c.tenant_id, c.id) = (o.tenant_id, coalesce(o.merged_into, o.id))
		JOIN contact_identifiers i ON (i.tenant_id, i.contact_id) = (c.tenant_id, c.id) AND i.retired_at IS NULL
		WHERE o.tenant_id = $1 AND o.id = $2 ORDER BY i.kind, i.created_at DESC`, tenant, d.Contact)
	if err != nil {
		return "", ingest.Party{}, err
	}
	var id ingest.ContactID
	var party ingest.Party
	var ident ingest.Identifier
	_, err = pgx.ForEachRow(rows, []any{&id, &ident.Kind, &ident.Value}, func() error {
		party.Identifiers = append(party.Identifiers, ident)
		return nil
	})
	if err == nil && id == "" {
		err = ErrNotFound
	}
	return id, party, err
}

// Outbound is a message to be queued in a conversation that the transaction has
// locked and counted up.
type Outbound struct {
	Message     ingest.Message
	RequestKey  string
	RequestHash []byte
}

// Queue stores messages as queued and announces them to dispatch.
func Queue(ctx context.Context, tx pgx.Tx, tenant ingest.TenantID, list []Outbound) ([]Message, error) {
	if len(list) == 0 {
		return nil, nil
	}
	sql, args, events, err := queueing(tenant, list)
	if err != nil {
		return nil, err
	}
	n := len(list)
	rows, err := tx.Query(ctx, sql, args...)
	if err != nil {
		return nil, fmt.Errorf("queue %d messages: %w", n, err)
	}
	out := make([]Message, 0, n)
	var m Message
	_, err = pgx.ForEachRow(rows, []any{&m.ID, &m.Number, &m.CreatedAt}, func() error {
		out = append(out, Message{Message: list[len(out)].Message, Number: m.Number, CreatedAt: m.CreatedAt, Status: ingest.Queued})
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("queue %d messages: %w", n, err)
	}
	return out, outbox.Add(ctx, tx, ingest.TopicOutbound, events...)
}

// QueueBatch is [Queue] as part of a batch, but for the outbox: it returns what
// the caller is to add there.
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
