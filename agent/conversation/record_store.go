package conversation

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"
	"time"

	"github.com/jackc/pgx/v5"

	"frontdesk/agent/outbox"
	"frontdesk/ingest"
)

// ErrMoved is given where a contact was merged into another between looking it
// up and writing for it. The transaction has to be run again from the lookup.
var ErrMoved = errors.New("contact was merged meanwhile")

// Opening says which open conversation is wanted, and what it is to be if it
// must be opened.
type Opening struct {
	Channel  ingest.ChannelID
	Contact  ingest.ContactID
	Test     bool
	Agent    ingest.AgentID
	Provider string
	Party    ingest.Party
	Language string
	By       string // contact, bot, or the id of a key
}

type place struct {
	channel ingest.ChannelID
	contact ingest.ContactID
	test    bool
}

func (o Opening) place() place { return place{o.Channel, o.Contact, o.Test} }

// Ensure returns, for each of openings, the open conversation, locked until tx
// ends; it opens and announces those that are not there.
func (s *Store) Ensure(ctx context.Context, tx pgx.Tx, tenant ingest.TenantID, openings []Opening) ([]Conversation, error) {
	var last pgx.Batch
	out, err := s.EnsureQueued(ctx, tx, &last, tenant, openings, nil)
	if err == nil && last.Len() > 0 {
		err = tx.SendBatch(ctx, &last).Close()
	}
	return out, err
}

// EnsureQueued is [Store.Ensure], with the announcements added to last, which
// the caller sends in the same transaction. Contacts that it made in this
// transaction have no conversations to look for.
func (s *Store) EnsureQueued(ctx context.Context, tx pgx.Tx, last *pgx.Batch, tenant ingest.TenantID, openings []Opening, made []ingest.ContactID) ([]Conversation, error) {
	found := map[place]Conversation{}
	known := slices.DeleteFunc(slices.Clone(openings), func(o Opening) bool { return slices.Contains(made, o.Contact) })
	if len(known) > 0 {
		if err := lockOpen(ctx, tx, tenant, known, found); err != nil {
			return nil, fmt.Errorf("look up conversations: %w", err)
		}
	}
	missing := absent(openings, found)
	if len(missing) > 0 {
		if err := s.open(ctx, tx, last, tenant, missing, found); err != nil {
			return nil, fmt.Errorf("open conversations: %w", err)
		}
	}
	out := make([]Conversation, len(openings))
	for i, o := range openings {
		c, ok := found[o.place()]
		if !ok {
			return nil, ErrMoved
		}
		out[i] = c
	}
	return out, nil
}

// absent returns openings that are not found, each place once.
func absent(openings []Opening, found map[place]Conversation) []Opening {
	var missing []Opening
	seen := map[place]bool{}
	for _, o := range openings {
		if _, ok := found[o.place()]; !ok && !seen[o.place()] {
			seen[o.place()] = true
			missing = append(missing, o)
		}
	}
	return missing
}

func lockOpen(ctx context.Context, tx pgx.Tx, tenant ingest.TenantID, openings []Opening, found map[place]Conversation) error {
	var channels, contacts []string
	var tests []bool
	seen := map[place]bool{}
	for _, o := range openings {
		if !seen[o.place()] {
			seen[o.place()] = true
			channels, contacts, tests = append(channels, string(o.Channel)), append(contacts, string(o.Contact)), append(tests, o.Test)
		}
	}
	rows, err := tx.Query(ctx, `
		SELECT `+Columns+`
		FROM (SELECT * FROM unnest($2::text[], $3::text[], $4::boolean[]) AS d (channel, contact, test) ORDER BY contact, channel, test) d
		CROSS JOIN LATERAL (
			SELECT * FROM conversations
			WHERE (tenant_id, channel_id, contact_id, test) = ($1, d.channel, d.contact, d.test) AND state = 'open' FOR UPDATE) c`, tenant, channels, contacts, tests)
	if err != nil {
		return err
	}
	list, err := pgx.CollectRows(rows, scan)
	for _, c := range list {
		found[place{c.Channel, c.Contact, c.Test}] = c
	}
	return err
}

func (s *Store) open(ctx context.Context, tx pgx.Tx, last *pgx.Batch, tenant ingest.TenantID, missing []Opening, found map[place]Conversation) error {
	now := time.Now()
	var ids, channels, contacts, agents, providers, parties, languages []string
	var tests []bool
	by := map[place]string{}
	for _, o := range missing {
		party, err := json.Marshal(o.Party)
		if err != nil {
			return err
		}
		ids, channels, contacts = append(ids, ingest.NewID(ingest.PrefixConversation, now)), append(channels, string(o.Channel)), append(contacts, string(o.Contact))
		agents, providers, parties = append(agents, string(o.Agent)), append(providers, o.Provider), append(parties, string(party))
		languages, tests = append(languages, o.Language), append(tests, o.Test)
		by[o.place()] = o.By
	}
	// The lock on the contact makes a merge and an opening wait for each other:
	// none is opened for a contact that is merged already.
	rows, err := tx.Query(ctx, `
		INSERT INTO conversations AS c (tenant_id, id, number, channel_id, contact_id, agent_id, provider, party, language, test)
		SELECT $1, d.id, n.base + d.ord, d.channel, d.contact, d.agent, d.provider, d.party::json, d.language, d.test
		FROM (SELECT frontdesk_next_number($1, 'conversation', $2) - $2 AS base OFFSET 0) n,
			unnest($3::text[], $4::text[], $5::text[], $6::text[], $7::text[], $8::text[], $9::text[], $10::boolean[])
				WITH ORDINALITY AS d (id, channel, contact, agent, provider, party, language, test, ord)
			CROSS JOIN LATERAL (SELECT FROM contacts WHERE (tenant_id, id) = ($1, d.contact) AND merged_into IS NULL FOR KEY SHARE) p
		ON CONFLICT (contact_id, channel_id, test, tenant_id) WHERE state = 'open' DO NOTHING
		RETURNING `+Columns, tenant, len(missing), ids, channels, contacts, agents, providers, parties, languages, tests)
	if err != nil {
		return err
	}
	opened, err := pgx.CollectRows(rows, scan)
	if err != nil {
		return err
	}
	var events []ingest.Event
	for _, c := range opened {
		at := place{c.Channel, c.Contact, c.Test}
		found[at] = c
		e, err := ChangeEvent(tenant, c, ingest.ConversationOpened, "", by[at], c.OpenedAt)
		if err != nil {
			return err
		}
		events = append(events, e)
	}
	if len(opened) < len(missing) { // another transaction was first
		if err := lockOpen(ctx, tx, tenant, missing, found); err != nil {
			return err
		}
	}
	return outbox.Queue(last, ingest.TopicEvents, events...)
}

// Inbound is a message of a contact, to be stored in a conversation that the
// transaction has locked.
type Inbound struct {
	Conversation ingest.ConversationID
	Message      ingest.Message
	Raw          json.RawMessage // Message as it came
	Prompt       bool            // it asks for an answer
	Moved        bool            // Message.Party is not the conversation's any more
}

// Record stores messages in their order and returns the ids of those that were
// not there yet. Repeats change nothing: neither the conversation's version nor
// its window. What the new ones change of their conversations is added to last,
// which the caller sends in the same transaction.
func (s *Store) Record(ctx context.Context, tx pgx.Tx, last *pgx.Batch, tenant ingest.TenantID, list []Inbound) (map[ingest.MessageID]bool, error) {
	n := len(list)
	ids, conversations, channels := make([]string, n), make([]string, n), make([]string, n)
	providers, raws, prompts, at := make([]string, n), make([]string, n), make([]bool, n), make([]time.Time, n)
	for i, in := range list {
		m := in.Message
		ids[i], conversations[i], channels[i], providers[i] = string(m.ID), string(in.Conversation), string(m.Channel), m.ProviderID
		raws[i], prompts[i], at[i] = string(in.Raw), in.Prompt, m.At
	}
	rows, err := tx.Query(ctx, `
		INSERT INTO messages (tenant_id, id, number, conversation_id, channel_id, direction, provider_id, status, prompt, message, at)
		SELECT $1, d.id, n.base + d.ord, d.conversation, d.channel, 'inbound', nullif(d.provider, ''), 'received', d.prompt, d.raw::json, d.at
		FROM (SELECT frontdesk_next_number($1, 'message', $2) - $2 AS base OFFSET 0) n,
			unnest($3::text[], $4::text[], $5::text[], $6::text[], $7::text[], $8::boolean[], $9::timestamptz[])
				WITH ORDINALITY AS d (id, conversation, channel, provider, raw, prompt, at, ord)
		ORDER BY d.ord
		ON CONFLICT DO NOTHING RETURNING id`, tenant, n, ids, conversations, channels, providers, raws, prompts, at)
	if err != nil {
		return nil, fmt.Errorf("store %d messages: %w", n, err)
	}
	stored, err := pgx.CollectRows(rows, pgx.RowTo[ingest.MessageID])
	if err != nil {
		return nil, fmt.Errorf("store %d messages: %w", n, err)
	}
	fresh := make(map[ingest.MessageID]bool, n)
	for _, id := range stored {
		fresh[id] = true
	}
	if err := queueGrowth(last, tenant, list, fresh); err != nil {
		return nil, fmt.Errorf("count %d messages: %w", n, err)
	}
	return fresh, nil
}

// growth is what new messages change of a conversation.
type growth struct {
	count  int
	opened *time.Time // latest word of the contact
	party  *string
}

// queueGrowth counts the conversations of new messages up.
func queueGrowth(b *pgx.Batch, tenant ingest.TenantID, list []Inbound, fresh map[ingest.MessageID]bool) error {
	grown := map[ingest.ConversationID]*growth{}
	counted := map[ingest.MessageID]bool{}
	for _, in := range list {
		m := in.Message
		if !fresh[m.ID] || counted[m.ID] {
			continue
		}
		counted[m.ID] = true
		g := grown[in.Conversation]
		if g == nil {
			g = &growth{}
			grown[in.Conversation] = g
		}
		g.count++
		// A provider's notice is not a word of the contact and opens no window.
		if m.Content.Type != ingest.System && (g.opened == nil || m.At.After(*g.opened)) {
			g.opened = &m.At
		}
		if in.Moved {
			party, err := json.Marshal(m.Party)
			if err != nil {
				return err
			}
			text := string(party)
			g.party = &text
		}
	}
	if len(grown) == 0 {
		return nil
	}
	var ids []string
	var counts []int64
	var opened []*time.Time
	var parties []*string
	for _, id := range slices.Sorted(maps.Keys(grown)) {
		g := grown[id]
		ids, counts, opened, parties = append(ids, string(id)), append(counts, int64(g.count)), append(opened, g.opened), append(parties, g.party)
	}
	b.Queue(`
		UPDATE conversations c SET version = c.version + d.count, last_message_at = now(),
			last_inbound_at = greatest(c.last_inbound_at, d.opened), party = coalesce(d.party::json, c.party)
		FROM unnest($2::text[], $3::bigint[], $4::timestamptz[], $5::text[]) AS d (id, count, opened, party)
		WHERE (c.tenant_id, c.id) = ($1, d.id)`, tenant, ids, counts, opened, parties)
	return nil
}

// QueueStored adds looking up which of ids are there already to a batch that
// runs as the tenant; they are in the map when its results have been read.
func QueueStored(b *pgx.Batch, tenant ingest.TenantID, ids []ingest.MessageID) map[ingest.MessageID]bool {
	stored := map[ingest.MessageID]bool{}
	b.Queue(`SELECT m.id`+byID, tenant, ids).Query(func(rows pgx.Rows) error {
		var id ingest.MessageID
		_, err := pgx.ForEachRow(rows, []any{&id}, func() error { stored[id] = true; return nil })
		return err
	})
	return stored
}
