package conversation

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/jackc/pgx/v5"

	"frontdesk/agent/outbox"
	"frontdesk/ingest"
	"frontdesk/ingest/tenantdb"
)

// ErrMoved is given where a contact was merged into another or erased between
// looking it up and writing for it. The transaction has to be run again from the
// lookup.
var ErrMoved = errors.New("contact was merged or erased meanwhile")

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

	messages int       // that it is opened with
	heard    time.Time // the latest of these that is a word of the contact
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
	var first, last pgx.Batch
	found := map[place]Conversation{}
	queueLockOpen(&first, tenant, openings, found)
	if err := tx.SendBatch(ctx, &first).Close(); err != nil {
		return nil, fmt.Errorf("look up conversations: %w", err)
	}
	err := s.ensure(ctx, tx, &last, tenant, openings, found)
	if err == nil && last.Len() > 0 {
		err = tx.SendBatch(ctx, &last).Close()
	}
	out := make([]Conversation, len(openings))
	for i, o := range openings {
		out[i] = found[o.place()]
	}
	return out, err
}

// ensure is [Store.Ensure] with the announcements added to last, which the caller
// sends in the same transaction, and with what was found already.
func (s *Store) ensure(ctx context.Context, tx pgx.Tx, last *pgx.Batch, tenant ingest.TenantID, openings []Opening, found map[place]Conversation) error {
	missing := absent(openings, found)
	if len(missing) > 0 {
		if err := s.open(ctx, tx, last, tenant, missing, found); err != nil {
			return fmt.Errorf("open conversations: %w", err)
		}
	}
	for _, o := range openings {
		if _, ok := found[o.place()]; !ok {
			return ErrMoved
		}
	}
	return nil
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

// queueLockOpen adds looking open conversations up, which are locked until the
// transaction ends, to a batch; they are in found when its results are read.
func queueLockOpen(b *pgx.Batch, tenant ingest.TenantID, openings []Opening, found map[place]Conversation) {
	var channels, contacts []string
	var tests []bool
	seen := map[place]bool{}
	for _, o := range openings {
		if !seen[o.place()] {
			seen[o.place()] = true
			channels, contacts, tests = append(channels, string(o.Channel)), append(contacts, string(o.Contact)), append(tests, o.Test)
		}
	}
	b.Queue(`
		SELECT `+Columns+`
		FROM (SELECT * FROM unnest($2::text[], $3::text[], $4::boolean[]) AS d (channel, contact, test) ORDER BY contact, channel, test) d
		CROSS JOIN LATERAL (
			SELECT * FROM conversations
			WHERE (tenant_id, channel_id, contact_id, test) = ($1, d.channel, d.contact, d.test) AND state = 'open' FOR UPDATE) c`, tenant, channels, contacts, tests).Query(func(rows pgx.Rows) error {
		list, err := pgx.CollectRows(rows, scan)
		for _, c := range list {
			found[place{c.Channel, c.Contact, c.Test}] = c
		}
		return err
	})
}

// begin returns the conversation that o opens, before it is stored.
func (o Opening) begin(now time.Time) Conversation {
	c := Conversation{
		ID: ingest.ConversationID(ingest.NewID(ingest.PrefixConversation, now)), Channel: o.Channel, Contact: o.Contact, Agent: o.Agent,
		State: Open, Owner: Bot, OwnerSince: now, Version: 1, Language: o.Language, Provider: o.Provider, Party: o.Party, OpenedAt: now, Test: o.Test,
		LastInboundAt: o.heard.UTC(), WindowUntil: window(o.heard.UTC()),
	}
	if o.messages > 0 {
		c.Version, c.LastMessageAt = c.Version+int64(o.messages), now
	}
	return c
}

// opening is the statement that stores conversations. Without a lookup of the
// contact there is nobody who could have merged it meanwhile: it was made in the
// same transaction.
func opening(tenant ingest.TenantID, list []Conversation, lookup string) (string, []any, error) {
	n := len(list)
	ids, channels, contacts, agents, providers := make([]string, n), make([]string, n), make([]string, n), make([]string, n), make([]string, n)
	parties, languages, tests := make([]string, n), make([]string, n), make([]bool, n)
	versions, opened, spoken, heard := make([]int64, n), make([]time.Time, n), make([]*time.Time, n), make([]*time.Time, n)
	for i, c := range list {
		party, err := json.Marshal(c.Party)
		if err != nil {
			return "", nil, err
		}
		ids[i], channels[i], contacts[i], agents[i], providers[i] = string(c.ID), string(c.Channel), string(c.Contact), string(c.Agent), c.Provider
		parties[i], languages[i], tests[i], versions[i], opened[i] = string(party), c.Language, c.Test, c.Version, c.OpenedAt
		spoken[i], heard[i] = tenantdb.OrNull(c.LastMessageAt), tenantdb.OrNull(c.LastInboundAt)
	}
	return `
		INSERT INTO conversations AS c (tenant_id, id, number, channel_id, contact_id, agent_id, provider, party, language, test,
			version, opened_at, owner_since, last_message_at, last_inbound_at)
		SELECT $1, d.id, n.base + d.ord, d.channel, d.contact, d.agent, d.provider, d.party::json, d.language, d.test, d.version, d.opened, d.opened, d.spoken, d.heard
		FROM (SELECT frontdesk_next_number($1, 'conversation', $2) - $2 AS base OFFSET 0) n,
			unnest($3::text[], $4::text[], $5::text[], $6::text[], $7::text[], $8::text[], $9::text[], $10::boolean[],
				$11::bigint[], $12::timestamptz[], $13::timestamptz[], $14::timestamptz[])
				WITH ORDINALITY AS d (id, channel, contact, agent, provider, party, language, test, version, opened, spoken, heard, ord)
			` + lookup,
		[]any{tenant, n, ids, channels, contacts, agents, providers, parties, languages, tests, versions, opened, spoken, heard}, nil
}

// open stores the conversations that are missing, or finds those that another
// transaction opened first, and puts them into found.
func (s *Store) open(ctx context.Context, tx pgx.Tx, last *pgx.Batch, tenant ingest.TenantID, missing []Opening, found map[place]Conversation) error {
	now := time.Now().UTC().Truncate(time.Microsecond)
	list := make([]Conversation, len(missing))
	for i, o := range missing {
		list[i] = o.begin(now)
	}
	// The lock on the contact makes a merge or an erasure and an opening wait for
	// each other: none is opened for a contact that is merged or erased already.
	sql, args, err := opening(tenant, list, `
			CROSS JOIN LATERAL (SELECT FROM contacts WHERE (tenant_id, id) = ($1, d.contact) AND merged_into IS NULL AND erased_at IS NULL FOR KEY SHARE) p
		ON CONFLICT (contact_id, channel_id, test, tenant_id) WHERE state = 'open' DO NOTHING
		RETURNING c.id`)
	if err != nil {
		return err
	}
	rows, err := tx.Query(ctx, sql, args...)
	if err != nil {
		return err
	}
	ids, err := pgx.CollectRows(rows, pgx.RowTo[ingest.ConversationID])
	if err != nil {
		return err
	}
	if err := queueOpened(last, tenant, missing, list, found, func(c Conversation) bool { return slices.Contains(ids, c.ID) }); err != nil {
		return err
	}
	if len(ids) == len(missing) {
		return nil
	}
	var again pgx.Batch // another transaction was first
	queueLockOpen(&again, tenant, absent(missing, found), found)
	return tx.SendBatch(ctx, &again).Close()
}

// queueOpened announces the conversations of list that were stored and puts them
// into found.
func queueOpened(last *pgx.Batch, tenant ingest.TenantID, openings []Opening, list []Conversation, found map[place]Conversation, stored func(Conversation) bool) error {
	var events []ingest.Event
	for i, c := range list {
		if !stored(c) {
			continue
		}
		found[openings[i].place()] = c
		e, err := ChangeEvent(tenant, c, ingest.ConversationOpened, "", openings[i].By, c.OpenedAt)
		if err != nil {
			return err
		}
		events = append(events, e)
	}
	return outbox.Queue(last, ingest.TopicEvents, events...)
}
