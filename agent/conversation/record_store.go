package conversation

import (
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"time"

	"github.com/jackc/pgx/v5"

	"frontdesk/ingest"
	"frontdesk/ingest/tenantdb"
)

// Arrival is a message of a contact with the conversation that it belongs to.
type Arrival struct {
	Opening
	Message ingest.Message
	Raw     json.RawMessage // Message as it came
	Prompt  bool            // it asks for an answer
	New     bool            // the contact was made in this transaction: nobody else knows it
}

// Arrived is what [Store.Record] has made of an [Arrival].
type Arrived struct {
	Conversation        // as the transaction leaves it
	Fresh        bool   // false for a repeat, of which nothing was stored
	Opened       bool   // the transaction opens the conversation
	Number       *int64 // of the message, once last has been sent; 0 for what another transaction stored meanwhile
}

// Record stores messages in their order, opens the conversations that are not
// there, and announces those. Repeats change nothing: neither the conversation's
// version nor its window. What it writes is added to last as far as it can be,
// which the caller sends in the same transaction. ErrMoved calls for another try
// from the lookup of the contacts on.
func (s *Store) Record(ctx context.Context, tx pgx.Tx, last *pgx.Batch, tenant ingest.TenantID, list []Arrival) ([]Arrived, error) {
	out := make([]Arrived, len(list))
	unrepeated(list, out)
	found := map[place]Conversation{}
	if err := lockKnown(ctx, tx, tenant, list, out, found); err != nil {
		return nil, err
	}
	fresh, known := fold(list, out)
	was := maps.Clone(found)
	if err := s.ensure(ctx, tx, last, tenant, known, found); err != nil {
		return nil, err
	}
	if err := queueNew(last, tenant, fresh, found); err != nil {
		return nil, err
	}
	for i := range out {
		c := found[list[i].place()]
		_, old := was[list[i].place()]
		out[i].Conversation, out[i].Opened, out[i].Number = c, !old && c.ID != "", new(int64)
	}
	queueMessages(last, tenant, list, out)
	return out, queueGrowth(last, tenant, list, out)
}

// unrepeated marks the messages fresh that are in list for the first time, by
// our id and by the provider's.
func unrepeated(list []Arrival, out []Arrived) {
	ids := map[ingest.MessageID]bool{}
	names := map[receiptKey]bool{}
	for i, a := range list {
		name := receiptKey{a.Message.Channel, a.Message.ProviderID}
		out[i].Fresh = !ids[a.Message.ID] && (name.providerID == "" || !names[name])
		ids[a.Message.ID], names[name] = true, true
	}
}

// lockKnown locks the conversations of contacts that were there before, and then
// finds out which of their messages are stored already: nobody can be storing
// them now.
func lockKnown(ctx context.Context, tx pgx.Tx, tenant ingest.TenantID, list []Arrival, out []Arrived, found map[place]Conversation) error {
	var b pgx.Batch
	var openings []Opening
	var messages []ingest.Message
	var at []int
	for i, a := range list {
		if out[i].Fresh && !a.New {
			openings, messages, at = append(openings, a.Opening), append(messages, a.Message), append(at, i)
		}
	}
	if len(at) == 0 {
		return nil
	}
	queueLockOpen(&b, tenant, openings, found)
	stored := QueueStored(&b, tenant, messages)
	if err := tx.SendBatch(ctx, &b).Close(); err != nil {
		return fmt.Errorf("look up conversations: %w", err)
	}
	for k, i := range at {
		out[i].Fresh = !stored[k]
	}
	return nil
}

// fold returns the conversations that fresh messages need: of new contacts and
// of others, each with what its messages count it up by, should it be opened.
func fold(list []Arrival, out []Arrived) (fresh, known []Opening) {
	at := map[place]*Opening{}
	var order []*Opening
	isNew := map[*Opening]bool{}
	for i, a := range list {
		if !out[i].Fresh {
			continue
		}
		o := at[a.place()]
		if o == nil {
			copied := a.Opening
			o = &copied
			at[a.place()], isNew[o] = o, a.New
			order = append(order, o)
		}
		o.messages++
		if a.opensWindow() && a.Message.At.After(o.heard) {
			o.heard = a.Message.At
		}
	}
	for _, o := range order {
		if isNew[o] {
			fresh = append(fresh, *o)
		} else {
			known = append(known, *o)
		}
	}
	return fresh, known
}

// opensWindow reports whether a is a word of the contact: a provider's notice is
// none.
func (a Arrival) opensWindow() bool { return a.Message.Content.Type != ingest.System }

// queueNew opens the conversations of contacts that were just made.
func queueNew(last *pgx.Batch, tenant ingest.TenantID, openings []Opening, found map[place]Conversation) error {
	if len(openings) == 0 {
		return nil
	}
	now := time.Now().UTC().Truncate(time.Microsecond)
	list := make([]Conversation, len(openings))
	for i, o := range openings {
		list[i] = o.begin(now)
	}
	sql, args, err := opening(tenant, list, "")
	if err != nil {
		return err
	}
	last.Queue(sql, args...)
	return queueOpened(last, tenant, openings, list, found, func(Conversation) bool { return true })
}

func queueMessages(last *pgx.Batch, tenant ingest.TenantID, list []Arrival, out []Arrived) {
	var ids, conversations, channels, providers, raws []string
	var prompts []bool
	var at []time.Time
	numbers := map[ingest.MessageID]*int64{}
	for i, a := range list {
		if !out[i].Fresh {
			continue
		}
		m := a.Message
		ids, conversations, channels, providers = append(ids, string(m.ID)), append(conversations, string(out[i].ID)), append(channels, string(m.Channel)), append(providers, m.ProviderID)
		raws, prompts, at = append(raws, string(a.Raw)), append(prompts, a.Prompt), append(at, m.At)
		numbers[m.ID] = out[i].Number
	}
	if len(ids) == 0 {
		return
	}
	last.Queue(`
		INSERT INTO messages (tenant_id, id, number, conversation_id, channel_id, direction, provider_id, status, prompt, message, at)
		SELECT $1, d.id, n.base + d.ord, d.conversation, d.channel, 'inbound', nullif(d.provider, ''), 'received', d.prompt, d.raw::json, d.at
		FROM (SELECT frontdesk_next_number($1, 'message', $2) - $2 AS base OFFSET 0) n,
			unnest($3::text[], $4::text[], $5::text[], $6::text[], $7::text[], $8::boolean[], $9::timestamptz[])
				WITH ORDINALITY AS d (id, conversation, channel, provider, raw, prompt, at, ord)
		ORDER BY d.ord
		ON CONFLICT DO NOTHING RETURNING id, number`, tenant, len(ids), ids, conversations, channels, providers, raws, prompts, at).Query(func(rows pgx.Rows) error {
		var id ingest.MessageID
		var number int64
		_, err := pgx.ForEachRow(rows, []any{&id, &number}, func() error { *numbers[id] = number; return nil })
		return err
	})
}

// growth is what new messages change of a conversation that was there.
type growth struct {
	count int
	heard time.Time // latest word of the contact
	party *string
}

// queueGrowth counts the conversations of new messages up, also in out.
func queueGrowth(b *pgx.Batch, tenant ingest.TenantID, list []Arrival, out []Arrived) error {
	grown := map[ingest.ConversationID]*growth{}
	for i, a := range list {
		if !out[i].Fresh || out[i].Opened {
			continue
		}
		g := grown[out[i].ID]
		if g == nil {
			g = &growth{}
			grown[out[i].ID] = g
		}
		g.count++
		if a.opensWindow() && a.Message.At.After(g.heard) {
			g.heard = a.Message.At
		}
		if a.moved(out[i].Conversation) {
			party, err := json.Marshal(a.Message.Party)
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
	var heard []*time.Time
	var parties []*string
	for _, id := range slices.Sorted(maps.Keys(grown)) {
		g := grown[id]
		ids, counts, heard, parties = append(ids, string(id)), append(counts, int64(g.count)), append(heard, tenantdb.OrNull(g.heard)), append(parties, g.party)
	}
	b.Queue(`
		UPDATE conversations c SET version = c.version + d.count, last_message_at = now(),
			last_inbound_at = greatest(c.last_inbound_at, d.opened), party = coalesce(d.party::json, c.party)
		FROM unnest($2::text[], $3::bigint[], $4::timestamptz[], $5::text[]) AS d (id, count, opened, party)
		WHERE (c.tenant_id, c.id) = ($1, d.id)`, tenant, ids, counts, heard, parties)
	return nil
}

// moved reports whether a came from another address than c is known by. What a
// number change reports is where to write from now on.
func (a Arrival) moved(c Conversation) bool {
	m := a.Message
	if len(m.Party.Identifiers) == 0 || !a.opensWindow() || m.At.Before(c.LastInboundAt) {
		return false
	}
	return !slices.Equal(m.Party.Identifiers, c.Party.Identifiers)
}

// QueueStored adds looking up which of messages are there already, by our id or
// by the provider's, to a batch that runs as the tenant; their places are in the
// map when its results have been read.
func QueueStored(b *pgx.Batch, tenant ingest.TenantID, messages []ingest.Message) map[int]bool {
	n := len(messages)
	ids, channels, providers := make([]string, n), make([]string, n), make([]string, n)
	for i, m := range messages {
		ids[i], channels[i], providers[i] = string(m.ID), string(m.Channel), m.ProviderID
	}
	stored := map[int]bool{}
	b.Queue(`
		SELECT d.ord - 1 FROM unnest($2::text[], $3::text[], $4::text[]) WITH ORDINALITY AS d (id, channel, provider, ord)
		WHERE EXISTS (SELECT FROM messages WHERE (tenant_id, id) = ($1, d.id) OFFSET 0)
			OR EXISTS (SELECT FROM messages WHERE (tenant_id, channel_id, provider_id) = ($1, d.channel, nullif(d.provider, '')) OFFSET 0)`,
		tenant, ids, channels, providers).Query(func(rows pgx.Rows) error {
		var at int
		_, err := pgx.ForEachRow(rows, []any{&at}, func() error { stored[at] = true; return nil })
		return err
	})
	return stored
}
