package agent

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/jackc/pgx/v5"

	"frontdesk/agent/contact"
	"frontdesk/agent/conversation"
	"frontdesk/ingest"
	"frontdesk/ingest/tenantdb"
	"frontdesk/kb"
)

// poisonous reports whether err may come of what an event holds.
func poisonous(err error) bool {
	return tenantdb.Poisonous(err) || errors.Is(err, contact.ErrNoIdentifier)
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
	stored map[int]bool // places in messages
	erased []time.Time  // of the preferences, in their order: when their person was erased
}

func (r *Recorder) recordOnce(ctx context.Context, tenant ingest.TenantID, agents []Agent, list []entry) error {
	var messages []ingest.Message
	var wishers []ingest.Party
	for _, e := range list {
		if e.message != nil {
			messages = append(messages, *e.message)
		} else {
			wishers = append(wishers, e.preference.Party)
		}
	}
	h := &handing{turns: r.cfg.Turns, tenant: tenant}
	defer h.reset()
	var known lookup
	err := r.db.Staged(ctx, tenant, func(b *pgx.Batch) {
		known = lookup{contact.QueueLook(b, tenant, seen(list)), conversation.QueueStored(b, tenant, messages), r.contacts.QueueErased(b, tenant, wishers)}
	}, func(tx pgx.Tx, last *pgx.Batch) error {
		h.reset()
		return r.recordIn(ctx, tx, last, tenant, agents, known, news(list, known), h)
	})
	if err == nil && !h.deliver(ctx) {
		r.cfg.Recorded()
	}
	return err
}

// news returns list without the messages that are stored already: a repeat has
// no effect, nor must it make a contact of an identifier that was left since. So
// it is with wishes of a person from before they were erased.
func news(list []entry, known lookup) []entry {
	var rest []entry
	message, wish := -1, -1
	for _, e := range list {
		var old bool
		if e.message != nil {
			message++
			old = known.stored[message]
		} else {
			wish++
			old = !known.erased[wish].IsZero() && !e.preference.At.After(known.erased[wish])
		}
		if !old {
			rest = append(rest, e)
		}
	}
	return rest
}

func (r *Recorder) recordIn(ctx context.Context, tx pgx.Tx, last *pgx.Batch, tenant ingest.TenantID, agents []Agent, known lookup, list []entry, h *handing) error {
	if len(list) == 0 {
		return tenantdb.ErrNothing
	}
	wishing := slices.ContainsFunc(list, func(e entry) bool { return e.preference != nil })
	writes := last
	if wishing { // preferences are written for contacts that are there
		writes = &pgx.Batch{}
	}
	people, made, err := r.contacts.ResolveLooked(ctx, tx, writes, tenant, known.people, seen(list))
	if err == nil && wishing && writes.Len() > 0 {
		err = tx.SendBatch(ctx, writes).Close()
	}
	if err != nil {
		return err
	}
	arrivals, wishes := sort(agents, list, people, made)
	if err := r.contacts.SetPreferences(ctx, tx, tenant, wishes); err != nil || len(arrivals) == 0 {
		return err
	}
	arrived, err := r.conversations.Record(ctx, tx, last, tenant, arrivals)
	if err != nil {
		return err
	}
	h.unsure = wishing
	queueDue(last, tenant, agents, arrivals, arrived, h)
	return nil
}

// sort returns the messages and the preferences of list, each with whose it is.
func sort(agents []Agent, list []entry, people []contact.Resolved, made []ingest.ContactID) ([]conversation.Arrival, []ingest.Preference) {
	var arrivals []conversation.Arrival
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
		arrivals = append(arrivals, conversation.Arrival{
			Opening: conversation.Opening{
				Channel: m.Channel, Contact: people[i].ID, Test: m.Test, Agent: a.ID, Provider: m.Provider, Party: m.Party, By: "contact", Language: people[i].Language,
			},
			Message: *m, Raw: e.event.Data, Prompt: prompts(*m), New: slices.Contains(made, people[i].ID),
		})
	}
	return arrivals, wishes
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

// mostDebounces bounds a burst: it is answered after this many debounces however
// fast its messages follow one another.
const mostDebounces = 10

// due is a conversation with new prompts.
type due struct {
	id   ingest.ConversationID
	wait int64 // milliseconds
}

// queueDue marks the conversations of new prompts as waiting for a turn. Those
// that need not wait are leased to h's turns at once, as far as there is room.
func queueDue(b *pgx.Batch, tenant ingest.TenantID, agents []Agent, list []conversation.Arrival, out []conversation.Arrived, h *handing) {
	at := map[ingest.ConversationID]*due{}
	var order []*due
	for i, in := range list {
		if !in.Prompt || !out[i].Fresh {
			continue
		}
		a, _ := answering(agents, out[i].Agent, out[i].Channel)
		ms := wait(in.Message, a.Debounce).Milliseconds()
		d := at[out[i].ID]
		if d == nil {
			d = &due{id: out[i].ID, wait: ms}
			at[d.id], order = d, append(order, d)
		}
		d.wait = min(d.wait, ms)
	}
	if len(order) == 0 {
		return
	}
	leases := h.lease(order, list, out)
	ids, waits := make([]string, len(order)), make([]int64, len(order))
	for i, d := range order {
		ids[i], waits[i] = string(d.id), d.wait
	}
	b.Queue(`
		INSERT INTO turns_due AS t (tenant_id, conversation_id, due_at, leased_until)
		SELECT $1, d.id, now() + d.wait * interval '1 millisecond', CASE WHEN d.lease > 0 THEN now() + d.lease * interval '1 millisecond' ELSE '-infinity' END
		FROM unnest($2::text[], $3::bigint[], $4::bigint[]) AS d (id, wait, lease)
		ON CONFLICT (tenant_id, conversation_id) DO UPDATE SET attempts = 0,
			due_at = least(excluded.due_at, t.first_at + `+fmt.Sprint(mostDebounces)+` * (excluded.due_at - now()))
		RETURNING conversation_id, xmax = 0`, tenant, ids, waits, leases).Query(func(rows pgx.Rows) error {
		var id ingest.ConversationID
		var inserted bool
		_, err := pgx.ForEachRow(rows, []any{&id, &inserted}, func() error {
			h.due++
			if inserted { // else it waits already, for somebody else maybe
				h.won = append(h.won, id)
			}
			return nil
		})
		return err
	})
	if h.whole() {
		kb.QueueGeneration(b, tenant, &h.generation)
	}
}
