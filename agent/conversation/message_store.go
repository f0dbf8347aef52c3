package conversation

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strconv"
	"time"

	"github.com/jackc/pgx/v5"

	"frontdesk/ingest"
	"frontdesk/ingest/tenantdb"
)

// MessageColumns is what [ScanMessage] reads of a row of messages named m.
const MessageColumns = `m.id, m.number, m.conversation_id, coalesce(m.provider_id, ''), m.status, m.message, m.errors,
	m.created_at, m.sent_at, m.delivered_at, m.read_at, m.failed_at`

// ScanMessage reads [MessageColumns] and, after them, more.
func ScanMessage(row pgx.CollectableRow, more ...any) (Message, error) {
	var m Message
	var id ingest.MessageID
	var conversation ingest.ConversationID
	var provider string
	var raw []byte
	var sent, delivered, read, failed *time.Time
	err := row.Scan(append([]any{&id, &m.Number, &conversation, &provider, &m.Status, &raw, &m.Errors,
		&m.CreatedAt, &sent, &delivered, &read, &failed}, more...)...)
	if err != nil {
		return m, err
	}
	if err := json.Unmarshal(raw, &m.Message); err != nil {
		return m, fmt.Errorf("message %s as stored: %w", id, err)
	}
	m.ID, m.Conversation, m.ProviderID = id, conversation, provider
	m.SentAt, m.DeliveredAt, m.ReadAt, m.FailedAt = tenantdb.Time(sent), tenantdb.Time(delivered), tenantdb.Time(read), tenantdb.Time(failed)
	return m, nil
}

// scanWithContact also reads the conversation's contact, the only place where
// it stands.
func scanWithContact(row pgx.CollectableRow) (Message, error) {
	var contact ingest.ContactID
	m, err := ScanMessage(row, &contact)
	m.Contact = contact
	return m, err
}

const withContact = MessageColumns + `, ` + itsContact + ` FROM messages m`

const itsContact = `(SELECT c.contact_id FROM conversations c WHERE (c.tenant_id, c.id) = (m.tenant_id, m.conversation_id))`

// byID is the messages of which $2 has the ids, each looked up for itself.
const byID = ` FROM unnest($2::text[]) AS d (id) CROSS JOIN LATERAL (SELECT * FROM messages WHERE (tenant_id, id) = ($1, d.id) OFFSET 0) m`

// Message returns a message or ErrNotFound. Calls at the same time share a
// transaction.
func (s *Store) Message(ctx context.Context, tenant ingest.TenantID, id ingest.MessageID) (Message, error) {
	m, err := s.reads.Do(ctx, tenant, id)
	if err == nil && m.ID == "" {
		err = ErrNotFound
	}
	return m, wrap(err, "message %s", id)
}

// readAll returns the messages, in the order of ids; one that is not there has
// no ID.
func (s *Store) readAll(ctx context.Context, tenant ingest.TenantID, ids []ingest.MessageID) ([]Message, error) {
	var list []Message
	err := s.db.Staged(ctx, tenant, func(b *pgx.Batch) {
		b.Queue(`SELECT `+MessageColumns+`, `+itsContact+byID, tenant, ids).Query(func(rows pgx.Rows) error {
			var err error
			list, err = pgx.CollectRows(rows, scanWithContact)
			return err
		})
	}, nil)
	out := make([]Message, len(ids))
	for i, id := range ids {
		if at := slices.IndexFunc(list, func(m Message) bool { return m.ID == id }); at >= 0 {
			out[i] = list[at]
		}
	}
	return out, err
}

// Messages returns the tenant's messages that f asks for, in its order, and the
// cursor of the next page, empty on the last. Within a conversation the order
// is that in which they were stored.
func (s *Store) Messages(ctx context.Context, tenant ingest.TenantID, f MessageFilter) ([]Message, string, error) {
	size := tenantdb.PageSize(f.Limit)
	w, order, err := messageFilter(tenant, f)
	if err != nil {
		return nil, "", err
	}
	list, err := tenantdb.List(ctx, s.db, tenant, scanWithContact,
		`SELECT `+withContact+` WHERE `+w.sql()+fmt.Sprintf(` ORDER BY %s LIMIT %d`, order, size+1), w.args...)
	if err != nil {
		return nil, "", fmt.Errorf("list messages: %w", err)
	}
	list, next := tenantdb.Page(list, size, func(m Message) string {
		if f.Conversation != "" {
			return strconv.FormatInt(m.Number, 10)
		}
		return string(m.ID)
	})
	return list, next, nil
}

// CountMessages returns how many messages f asks for, its pages aside, as
// [tenantdb.Count] counts.
func (s *Store) CountMessages(ctx context.Context, tenant ingest.TenantID, f MessageFilter) (int, error) {
	f.After = ""
	w, _, err := messageFilter(tenant, f)
	if err != nil {
		return 0, err
	}
	n, err := tenantdb.Count(ctx, s.db, tenant, `SELECT FROM messages m WHERE `+w.sql(), w.args...)
	if err != nil {
		return 0, fmt.Errorf("count messages: %w", err)
	}
	return n, nil
}
