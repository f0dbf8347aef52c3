package conversation

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"frontdesk/agent/contact"
	"frontdesk/agent/gather"
	"frontdesk/ingest"
	"frontdesk/ingest/tenantdb"
)

// Store keeps conversations and messages. It is safe for concurrent use.
type Store struct {
	db       *tenantdb.DB
	contacts *contact.Store
	wake     func()
	reads    *gather.Group[ingest.TenantID, ingest.MessageID, Message]
	claims   *gather.Group[ingest.TenantID, ingest.MessageID, claim]
	settles  *gather.Group[ingest.TenantID, settle, error]
	standing *gather.Group[ingest.TenantID, standingQuestion, Standing]
	sends    *gather.Group[sender, sending, sent]
}

// NewStore returns a store on db. wake is called after each transaction that
// wrote to the outbox; nil leaves that to the relay's poll.
func NewStore(db *tenantdb.DB, contacts *contact.Store, wake func()) *Store {
	if wake == nil {
		wake = func() {}
	}
	s := &Store{db: db, contacts: contacts, wake: wake}
	s.reads = gather.New(0, s.readAll)
	s.claims = gather.New(0, s.claimAll)
	s.settles = gather.New(0, s.settleAll)
	s.standing = gather.New(0, s.standingAll)
	s.sends = gather.New(0, func(ctx context.Context, by sender, list []sending) ([]sent, error) {
		return s.sendAll(ctx, by.tenant, list)
	})
	return s
}

// Columns is what [Scan] reads of a row of conversations named c.
const Columns = `c.id, c.number, c.channel_id, c.contact_id, c.agent_id, c.state, c.owner, c.owner_reason, c.owner_since, c.version,
	c.language, c.provider, c.party, c.opened_at, c.closed_at, c.closed_reason, c.last_message_at, c.last_inbound_at, c.turns, c.failures, c.test, c.assignee`

// Scan reads [Columns] and, after them, more.
func Scan(row pgx.CollectableRow, more ...any) (Conversation, error) {
	var c Conversation
	var closed, last, inbound *time.Time
	err := row.Scan(append([]any{&c.ID, &c.Number, &c.Channel, &c.Contact, &c.Agent, &c.State, &c.Owner, &c.OwnerReason, &c.OwnerSince, &c.Version,
		&c.Language, &c.Provider, &c.Party, &c.OpenedAt, &closed, &c.ClosedReason, &last, &inbound, &c.Turns, &c.Failures, &c.Test, &c.Assignee}, more...)...)
	c.ClosedAt, c.LastMessageAt, c.LastInboundAt = tenantdb.Time(closed), tenantdb.Time(last), tenantdb.Time(inbound)
	c.WindowUntil = window(c.LastInboundAt)
	return c, err
}

func scan(row pgx.CollectableRow) (Conversation, error) { return Scan(row) }

func window(inbound time.Time) time.Time {
	if inbound.IsZero() {
		return time.Time{}
	}
	return inbound.Add(Window)
}

// Conversation returns a conversation or ErrNotFound.
func (s *Store) Conversation(ctx context.Context, tenant ingest.TenantID, id ingest.ConversationID) (Conversation, error) {
	var c Conversation
	err := s.db.InTenant(ctx, tenant, func(tx pgx.Tx) error {
		var err error
		c, err = one(ctx, tx, tenant, id, "")
		return err
	})
	return c, wrap(err, "conversation %s", id)
}

// one reads a conversation; lock is "" or a locking clause.
func one(ctx context.Context, tx pgx.Tx, tenant ingest.TenantID, id ingest.ConversationID, lock string) (Conversation, error) {
	rows, err := tx.Query(ctx, `SELECT `+Columns+` FROM conversations c WHERE c.tenant_id = $1 AND c.id = $2 `+lock, tenant, id)
	if err != nil {
		return Conversation{}, err
	}
	return pgx.CollectExactlyOneRow(rows, scan)
}

// wrap says what was attempted, and turns a missing row into ErrNotFound.
func wrap(err error, format string, args ...any) error {
	switch {
	case err == nil:
		return nil
	case errors.Is(err, pgx.ErrNoRows):
		err = ErrNotFound
	}
	return fmt.Errorf(format+": %w", append(args, err)...)
}

// Conversations returns the tenant's conversations that f asks for, newest
// first, and the cursor of the next page, empty on the last.
func (s *Store) Conversations(ctx context.Context, tenant ingest.TenantID, f Filter) ([]Conversation, string, error) {
	size, w := tenantdb.PageSize(f.Limit), filter(tenant, f)
	list, err := tenantdb.List(ctx, s.db, tenant, scan,
		`SELECT `+Columns+` FROM conversations c WHERE `+w.sql()+fmt.Sprintf(` ORDER BY c.id DESC LIMIT %d`, size+1), w.args...)
	if err != nil {
		return nil, "", fmt.Errorf("list conversations: %w", err)
	}
	list, next := tenantdb.Page(list, size, func(c Conversation) string { return string(c.ID) })
	return list, next, nil
}

// CountConversations returns how many conversations f asks for, its pages aside,
// as [tenantdb.Count] counts.
func (s *Store) CountConversations(ctx context.Context, tenant ingest.TenantID, f Filter) (int, error) {
	f.After = ""
	w := filter(tenant, f)
	n, err := tenantdb.Count(ctx, s.db, tenant, `SELECT FROM conversations c WHERE `+w.sql(), w.args...)
	if err != nil {
		return 0, fmt.Errorf("count conversations: %w", err)
	}
	return n, nil
}

type standingQuestion struct {
	channel ingest.ChannelID
	contact ingest.ContactID
}

// Standing returns when the contact last wrote on the channel and until when
// the window of 24 hours is open.
func (s *Store) Standing(ctx context.Context, tenant ingest.TenantID, channel ingest.ChannelID, id ingest.ContactID) (Standing, error) {
	return s.standing.Do(ctx, tenant, standingQuestion{channel, id})
}

func (s *Store) standingAll(ctx context.Context, tenant ingest.TenantID, questions []standingQuestion) ([]Standing, error) {
	channels, contacts := make([]string, len(questions)), make([]string, len(questions))
	for i, q := range questions {
		channels[i], contacts[i] = string(q.channel), string(q.contact)
	}
	var out []Standing
	err := s.db.InTenant(ctx, tenant, func(tx pgx.Tx) error {
		rows, err := tx.Query(ctx, `
			SELECT c.live, c.test
			FROM unnest($2::text[], $3::text[]) WITH ORDINALITY AS d (channel, contact, ord)
			LEFT JOIN LATERAL (SELECT merged_into FROM contacts WHERE (tenant_id, id) = ($1, d.contact) OFFSET 0) p ON true
			CROSS JOIN LATERAL (
				SELECT max(last_inbound_at) FILTER (WHERE NOT test) AS live, max(last_inbound_at) FILTER (WHERE test) AS test
				FROM conversations WHERE (tenant_id, contact_id, channel_id) = ($1, coalesce(p.merged_into, d.contact), d.channel)) c
			ORDER BY d.ord`, tenant, channels, contacts)
		if err != nil {
			return err
		}
		out, err = pgx.CollectRows(rows, func(row pgx.CollectableRow) (Standing, error) {
			var live, test *time.Time
			err := row.Scan(&live, &test)
			st := Standing{LastInboundAt: tenantdb.Time(live), TestLastInboundAt: tenantdb.Time(test)}
			st.WindowUntil, st.TestWindowUntil = window(st.LastInboundAt), window(st.TestLastInboundAt)
			return st, err
		})
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("look up the window: %w", err)
	}
	return out, nil
}
