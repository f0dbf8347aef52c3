package agent

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"

	"frontdesk/agent/contact"
	"frontdesk/agent/conversation"
	"frontdesk/ingest"
)

// poisonous reports whether err may come of what an event holds: a value that
// Postgres cannot store (class 22), a broken constraint (23), a limit (54).
func poisonous(err error) bool {
	var pg *pgconn.PgError
	if !errors.As(err, &pg) {
		return errors.Is(err, contact.ErrNoIdentifier)
	}
	class := pg.Code[:min(2, len(pg.Code))]
	return class == "22" || class == "23" || class == "54"
}

// record stores list in one transaction.
func (r *Recorder) record(ctx context.Context, tenant ingest.TenantID, list []entry) error {
	agents, err := r.agents.roster(ctx, tenant)
	if err != nil {
		return err
	}
	for range 3 {
		err = r.recordOnce(ctx, tenant, agents, list)
		if !errors.Is(err, conversation.ErrMoved) {
			return err
		}
	}
	return errAgain
}

// lookup is what is known of a batch before anything is written for it.
type lookup struct {
	people *contact.Looked
	stored map[ingest.MessageID]bool
}

func (r *Recorder) recordOnce(ctx context.Context, tenant ingest.TenantID, agents []Agent, list []entry) error {
	var ids []ingest.MessageID
	for _, e := range list {
		if e.message != nil {
			ids = append(ids, e.message.ID)
		}
	}
	var known lookup
	return r.db.Staged(ctx, tenant, func(b *pgx.Batch) {
		known = lookup{contact.QueueLook(b, tenant, seen(list)), conversation.QueueStored(b, tenant, ids)}
	}, func(tx pgx.Tx, last *pgx.Batch) error { return r.recordIn(ctx, tx, last, tenant, agents, known, list) })
}

func (r *Recorder) recordIn(ctx context.Context, tx pgx.Tx, last *pgx.Batch, tenant ingest.TenantID, agents []Agent, known lookup, list []entry) error {
	list, people, made, err := r.resolve(ctx, tx, tenant, known, list)
	if err != nil {
		return err
	}
	var messages []conversation.Inbound
	var openings []conversation.Opening
	var wishes []ingest.Preference
	for i, e := range list {
		if e.preference != nil {
			wish := *e.preference
			wish.Contact = people[i].ID
			wishes = append(wishes, wish)
			continue
		}
		m := e.message
		a, _ := answering(agents, m.Agent, m.Channel)
		messages = append(messages, conversation.Inbound{Message: *m, Raw: e.event.Data, Prompt: prompts(*m)})
		openings = append(openings, conversation.Opening{
			Channel: m.Channel, Contact: people[i].ID, Test: m.Test, Agent: a.ID, Provider: m.Provider, Party: m.Party, By: "contact", Language: people[i].Language,
		})
	}
	if err := r.contacts.SetPreferences(ctx, tx, tenant, wishes); err != nil || len(messages) == 0 {
		return err
	}
	found, err := r.conversations.EnsureQueued(ctx, tx, last, tenant, openings, made)
	if err != nil {
		return err
	}
	for i := range messages {
		messages[i].Conversation = found[i].ID
		messages[i].Moved = moved(messages[i].Message, found[i])
	}
	fresh, err := r.conversations.Record(ctx, tx, last, tenant, messages)
	if err != nil {
		return err
	}
	queueDue(last, tenant, agents, messages, found, fresh)
	return nil
}

// resolve returns who wrote each of list, without the messages that are stored
// already: a repeat must not make a contact of an identifier that was left since.
func (r *Recorder) resolve(ctx context.Context, tx pgx.Tx, tenant ingest.TenantID, known lookup, list []entry) ([]entry, []contact.Resolved, []ingest.ContactID, error) {
	people := known.people.Known(seen(list))
	strangers := slices.ContainsFunc(people, func(p contact.Resolved) bool { return p.ID == "" })
	if !strangers {
		return list, people, nil, nil
	}
	var rest []entry
	for i, e := range list {
		if e.message == nil || people[i].ID != "" || !known.stored[e.message.ID] {
			rest = append(rest, e)
		}
	}
	if len(rest) == 0 {
		return nil, nil, nil, nil
	}
	people, made, err := r.contacts.ResolveLooked(ctx, tx, tenant, known.people, seen(rest))
	return rest, people, made, err
}

func seen(list []entry) []contact.Seen {
	out := make([]contact.Seen, len(list))
	for i, e := range list {
		if e.preference != nil {
			out[i] = contact.Seen{Party: e.preference.Party, At: e.preference.At}
			continue
		}
		out[i] = contact.Seen{Party: e.message.Party, At: e.message.At}
		if c := e.message.Content.System; c != nil && len(c.Current) > 0 {
			out[i].Change = c
		}
	}
	return out
}

// moved reports whether m came from another address than c is known by. What a
// number change reports is where to write from now on.
func moved(m ingest.Message, c conversation.Conversation) bool {
	if len(m.Party.Identifiers) == 0 || m.Content.Type == ingest.System || m.At.Before(c.LastInboundAt) {
		return false
	}
	if len(m.Party.Identifiers) != len(c.Party.Identifiers) {
		return true
	}
	for i, ident := range m.Party.Identifiers {
		if ident != c.Party.Identifiers[i] {
			return true
		}
	}
	return false
}

// mostDebounces bounds a burst: it is answered after this many debounces however
// fast its messages follow one another.
const mostDebounces = 10

// queueDue marks the conversations of new prompts as waiting for a turn.
func queueDue(b *pgx.Batch, tenant ingest.TenantID, agents []Agent, list []conversation.Inbound, found []conversation.Conversation, fresh map[ingest.MessageID]bool) {
	at := map[ingest.ConversationID]int{}
	var ids []string
	var waits []int64
	for i, in := range list {
		if !in.Prompt || !fresh[in.Message.ID] {
			continue
		}
		a, _ := answering(agents, found[i].Agent, found[i].Channel)
		ms := wait(in.Message, a.Debounce).Milliseconds()
		k, ok := at[in.Conversation]
		if !ok {
			at[in.Conversation] = len(ids)
			ids, waits = append(ids, string(in.Conversation)), append(waits, ms)
		} else if ms == 0 {
			waits[k] = 0
		}
	}
	if len(ids) == 0 {
		return
	}
	b.Queue(`
		INSERT INTO turns_due AS t (tenant_id, conversation_id, due_at)
		SELECT $1, d.id, now() + d.wait * interval '1 millisecond' FROM unnest($2::text[], $3::bigint[]) AS d (id, wait)
		ON CONFLICT (tenant_id, conversation_id) DO UPDATE SET attempts = 0,
			due_at = least(excluded.due_at, t.first_at + `+fmt.Sprint(mostDebounces)+` * (excluded.due_at - now()))`, tenant, ids, waits)
}
