package agent

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"time"

	"github.com/jackc/pgx/v5"

	"frontdesk/agent/contact"
	"frontdesk/agent/conversation"
	"frontdesk/agent/dialogue"
	"frontdesk/agent/outbox"
	"frontdesk/ingest"
	"frontdesk/ingest/tenantdb"
	"frontdesk/kb"
)

// waiting is a conversation that was claimed for a turn.
type waiting struct {
	tenant       ingest.TenantID
	conversation ingest.ConversationID
	attempts     int
}

// claimSQL takes $1 turns for $2 ms. What is locked is chosen in a WITH, which
// runs once: as a table of FROM it might run once for each row, and lock others
// each time. The rows are then found by where they are: by their keys they would
// all be read for each that is taken, as long as Postgres remembers the time when
// there were none. One that was changed in between is left to the next claim.
const claimSQL = `
	WITH d AS (
		SELECT ctid AS at FROM turns_due
		WHERE due_at <= now() AND leased_until < now()
		ORDER BY due_at LIMIT $1 FOR UPDATE SKIP LOCKED)
	UPDATE turns_due t SET leased_until = now() + $2 * interval '1 millisecond'
	FROM d WHERE t.ctid = d.at
	RETURNING t.tenant_id, t.conversation_id, t.attempts`

// claim leases up to most conversations whose turn is due, of all tenants, for
// the length of lease, and returns the time until the next one is due, lease at
// most. Conversations that another worker holds are passed over.
func (t *Turns) claim(ctx context.Context, most int) (list []waiting, next time.Duration, err error) {
	err = t.db.StagedAcross(ctx, func(batch *pgx.Batch) {
		batch.Queue(claimSQL, most, t.cfg.Lease.Milliseconds()).Query(func(rows pgx.Rows) error {
			var err error
			list, err = pgx.CollectRows(rows, func(row pgx.CollectableRow) (waiting, error) {
				var w waiting
				err := row.Scan(&w.tenant, &w.conversation, &w.attempts)
				return w, err
			})
			return err
		})
		batch.Queue(`SELECT coalesce(extract(epoch FROM min(due_at) - now()) * 1000, 60000)::bigint FROM turns_due WHERE leased_until < now()`).QueryRow(func(row pgx.Row) error {
			var ms int64
			err := row.Scan(&ms)
			next = time.Duration(ms) * time.Millisecond
			return err
		})
	}, nil)
	if err != nil {
		return nil, 0, fmt.Errorf("claim turns: %w", err)
	}
	return list, next, nil
}

// release gives conversations back: to be decided again after delay.
func (t *Turns) release(ctx context.Context, list []waiting, delay time.Duration, counted bool) error {
	tenants, ids := make([]string, len(list)), make([]string, len(list))
	for i, w := range list {
		tenants[i], ids[i] = string(w.tenant), string(w.conversation)
	}
	more := 0
	if counted {
		more = 1
	}
	return t.db.AcrossTenants(ctx, func(tx pgx.Tx) error {
		_, err := tx.Exec(ctx, `
			UPDATE turns_due t SET leased_until = '-infinity', due_at = greatest(due_at, now() + $3 * interval '1 millisecond'), attempts = attempts + $4
			FROM unnest($1::text[], $2::text[]) AS d (tenant, id)
			WHERE (t.tenant_id, t.conversation_id) = (d.tenant, d.id)`, tenants, ids, delay.Milliseconds(), more)
		return err
	})
}

// job is a turn on its way.
type job struct {
	waiting
	conversation.Conversation
	state      State
	answered   int64 // number of the last of state.Messages
	generation int64 // of the knowledge that the turn is decided by
	more       bool  // there are more unanswered messages than a turn takes
	decision   Decision
	decided    time.Time
	err        error // why there is no decision
}

// atOnce is the most messages that a turn answers.
const atOnce = 50

// load reads what the conversations of one tenant need for a turn.
func (t *Turns) load(ctx context.Context, tenant ingest.TenantID, list []*job) error {
	if len(list) == 0 {
		return nil
	}
	ids := make([]string, len(list))
	jobs := make(map[ingest.ConversationID]*job, len(list))
	for i, j := range list {
		ids[i] = string(j.conversation)
		jobs[j.conversation] = j
	}
	var generation int64
	err := t.db.Staged(ctx, tenant, func(batch *pgx.Batch) {
		for _, j := range jobs {
			j.state.Messages, j.more = nil, false
		}
		// The conversations first: a message that comes in between is read, but
		// then the version is an old one and the turn will not be stored.
		batch.Queue(`
			SELECT `+conversation.Columns+`, c.draft, coalesce((
				SELECT NOT p.allowed FROM contact_preferences p
				WHERE (p.tenant_id, p.contact_id, p.channel_id, p.category) = ($1, c.contact_id, c.channel_id, 'all')), false)
			FROM unnest($2::text[]) AS d (id) CROSS JOIN LATERAL (SELECT * FROM conversations WHERE (tenant_id, id) = ($1, d.id) OFFSET 0) c`, tenant, ids).Query(func(rows pgx.Rows) error { return readConversations(rows, jobs) })
		batch.Queue(`
			SELECT m.conversation_id, m.number, m.message
			FROM unnest($2::text[]) AS d (id)
			CROSS JOIN LATERAL (SELECT answered FROM conversations WHERE (tenant_id, id) = ($1, d.id) OFFSET 0) c
			CROSS JOIN LATERAL (
				SELECT conversation_id, number, message FROM messages
				WHERE (tenant_id, conversation_id) = ($1, d.id) AND number > c.answered AND prompt ORDER BY number OFFSET 0) m
			ORDER BY m.number`, tenant, ids).Query(func(rows pgx.Rows) error { return readPrompts(rows, jobs) })
		kb.QueueGeneration(batch, tenant, &generation)
	}, nil)
	if err != nil {
		return fmt.Errorf("load turns: %w", err)
	}
	for _, j := range list {
		j.generation = generation
	}
	return nil
}

func readConversations(rows pgx.Rows, jobs map[ingest.ConversationID]*job) error {
	_, err := pgx.CollectRows(rows, func(row pgx.CollectableRow) (struct{}, error) {
		var out bool
		var draft *dialogue.Draft
		c, err := conversation.Scan(row, &draft, &out)
		if j := jobs[c.ID]; err == nil && j != nil {
			j.Conversation, j.state.OptedOut, j.state.Draft = c, out, dialogue.Draft{}
			if draft != nil {
				j.state.Draft = *draft
			}
		}
		return struct{}{}, err
	})
	return err
}

func readPrompts(rows pgx.Rows, jobs map[ingest.ConversationID]*job) error {
	var id ingest.ConversationID
	var number int64
	var raw []byte
	_, err := pgx.ForEachRow(rows, []any{&id, &number, &raw}, func() error {
		j := jobs[id]
		if len(j.state.Messages) == atOnce {
			j.more = true
			return nil
		}
		var m ingest.Message
		if err := json.Unmarshal(raw, &m); err != nil {
			return fmt.Errorf("message as stored: %w", err)
		}
		j.state.Messages = append(j.state.Messages, promptOf(m))
		j.answered = number
		return nil
	})
	return err
}

func promptOf(m ingest.Message) Prompt {
	p := Prompt{ID: m.ID, Type: m.Content.Type, Text: m.Content.Text, At: m.At, OptWord: m.OptWord, Medium: medium(m)}
	if m.Content.Selection != nil {
		p.Choice = m.Content.Selection.ID
	}
	return p
}

// store writes the decided turns of one tenant in one transaction and returns
// those whose conversation changed meanwhile, of which it wrote nothing.
func (t *Turns) store(ctx context.Context, tenant ingest.TenantID, jobs []*job) (changed []*job, err error) {
	won := make(map[ingest.ConversationID]bool, len(jobs))
	err = t.db.Staged(ctx, tenant, func(b *pgx.Batch) { queueAdvance(b, tenant, jobs, won) }, func(tx pgx.Tx, last *pgx.Batch) error {
		changed = nil
		var kept []*job
		for _, j := range jobs {
			if won[j.ID] {
				kept = append(kept, j)
				won[j.ID] = false // one of two of the same conversation
			} else {
				changed = append(changed, j)
			}
		}
		if len(kept) == 0 {
			return tenantdb.ErrNothing
		}
		return t.write(ctx, tx, last, tenant, kept)
	})
	if err != nil {
		return nil, fmt.Errorf("store %d turns: %w", len(jobs), err)
	}
	return changed, nil
}

// queueAdvance counts the conversations up whose version is what it was when
// their turn began, in one order, and notes them in won.
func queueAdvance(b *pgx.Batch, tenant ingest.TenantID, jobs []*job, won map[ingest.ConversationID]bool) {
	clear(won)
	n := len(jobs)
	ids, languages, owners, reasons, drafts := make([]string, n), make([]string, n), make([]string, n), make([]string, n), make([]string, n)
	versions, answered, failures, replied := make([]int64, n), make([]int64, n), make([]int32, n), make([]bool, n)
	for i, j := range slices.SortedFunc(slices.Values(jobs), func(a, b *job) int { return cmp.Compare(a.ID, b.ID) }) {
		if j.decision.Failed {
			failures[i] = int32(j.Failures + 1)
		}
		if j.decision.HandOff {
			failures[i], owners[i], reasons[i] = 0, string(conversation.Person), j.decision.Reason
		}
		drafts[i] = j.decision.draft()
		ids[i], versions[i], answered[i], languages[i], replied[i] = string(j.ID), j.Version, j.answered, j.decision.Language, j.decision.Reply != ""
	}
	b.Queue(`
		UPDATE conversations c SET version = c.version + 1, turns = c.turns + 1, answered = d.answered, failures = d.failures,
			language = coalesce(nullif(d.language, ''), c.language), owner = coalesce(nullif(d.owner, ''), c.owner),
			owner_reason = CASE d.owner WHEN '' THEN c.owner_reason ELSE d.reason END, owner_since = CASE d.owner WHEN '' THEN c.owner_since ELSE now() END,
			last_message_at = CASE WHEN d.replied THEN now() ELSE c.last_message_at END, draft = nullif(d.draft, '')::json
		FROM unnest($2::text[], $3::bigint[], $4::bigint[], $5::int[], $6::text[], $7::text[], $8::text[], $9::boolean[], $10::text[])
			AS d (id, version, answered, failures, language, owner, reason, replied, draft)
		WHERE (c.tenant_id, c.id) = ($1, d.id) AND c.version = d.version
		RETURNING c.id`, tenant, ids, versions, answered, failures, languages, owners, reasons, replied, drafts).Query(func(rows pgx.Rows) error {
		var id ingest.ConversationID
		_, err := pgx.ForEachRow(rows, []any{&id}, func() error { won[id] = true; return nil })
		return err
	})
}

// write stores turns whose conversations the transaction has counted up.
func (t *Turns) write(ctx context.Context, tx pgx.Tx, last *pgx.Batch, tenant ingest.TenantID, jobs []*job) error {
	var wishes []ingest.Preference
	var replies []conversation.Outbound
	var events []ingest.Event
	languages := map[ingest.ContactID]string{}
	for _, j := range jobs {
		more, err := j.events(tenant, t.brain.Name())
		if err != nil {
			return err
		}
		events = append(events, more...)
		if j.decision.Reply != "" {
			replies = append(replies, conversation.Outbound{Message: j.reply(tenant)})
		}
		if c := j.decision.Consent; c != nil {
			wishes = append(wishes, ingest.Preference{
				Channel: j.Channel, Party: j.Party, Contact: j.Contact, Category: "all", Allowed: c.Allowed, Source: c.Source, At: c.At,
			})
		}
		if lang := j.decision.Language; lang != "" && lang != j.Language {
			languages[j.Contact] = lang
		}
	}
	if err := t.contacts.SetPreferences(ctx, tx, tenant, wishes); err != nil {
		return err
	}
	contact.QueueLanguages(last, tenant, languages)
	queueGaps(last, tenant, jobs)
	queued, err := conversation.QueueBatch(last, tenant, replies)
	if err != nil {
		return err
	}
	if err := queueTurns(last, tenant, t.brain.Name(), jobs); err != nil {
		return err
	}
	return outbox.QueueAll(last, append(outbox.Entries(ingest.TopicOutbound, queued...), outbox.Entries(ingest.TopicEvents, events...)...)...)
}

// queueGaps notes the questions that the knowledge had no answer to.
func queueGaps(b *pgx.Batch, tenant ingest.TenantID, jobs []*job) {
	for _, j := range jobs {
		if n := len(j.decision.Searches); n > 0 && j.decision.Outcome == ingest.Declined {
			asked := j.decision.Searches[n-1] // of several, the whole burst
			kb.QueueGap(b, tenant, kb.Query{Text: asked.Query, Language: asked.Language, Agent: j.state.Agent})
		}
	}
}

func queueTurns(batch *pgx.Batch, tenant ingest.TenantID, brain string, jobs []*job) error {
	n := len(jobs)
	conversations, ids, outcomes := make([]string, n), make([]string, n), make([]string, n)
	inputs, decisions, replies := make([]string, n), make([]string, n), make([]string, n)
	numbers, received, decided := make([]int32, n), make([]time.Time, n), make([]time.Time, n)
	var done, left []string
	for i, j := range jobs {
		input, err := json.Marshal(j.input())
		if err != nil {
			return err
		}
		decision, err := json.Marshal(j.decision)
		if err != nil {
			return err
		}
		conversations[i], ids[i], outcomes[i] = string(j.ID), string(j.turn()), string(j.decision.Outcome)
		inputs[i], decisions[i] = string(input), string(decision)
		if j.decision.Reply != "" {
			replies[i] = string(j.replyID())
		}
		numbers[i], received[i], decided[i] = int32(j.state.Turn), j.state.Messages[0].At, j.decided
		if j.more {
			left = append(left, string(j.ID))
		} else {
			done = append(done, string(j.ID))
		}
	}
	batch.Queue(`
		INSERT INTO turns (tenant_id, conversation_id, number, id, brain, outcome, input, decision, reply_id, received_at, decided_at)
		SELECT $1, d.conversation, d.number, d.id, $2, d.outcome, d.input::json, d.decision::json, nullif(d.reply, ''), d.received, d.decided
		FROM unnest($3::text[], $4::int[], $5::text[], $6::text[], $7::text[], $8::text[], $9::text[], $10::timestamptz[], $11::timestamptz[])
			AS d (conversation, number, id, outcome, input, decision, reply, received, decided)`,
		tenant, brain, conversations, numbers, ids, outcomes, inputs, decisions, replies, received, decided)
	if len(done) > 0 {
		batch.Queue(`DELETE FROM turns_due WHERE tenant_id = $1 AND conversation_id = ANY($2)`, tenant, done)
	}
	if len(left) > 0 {
		batch.Queue(`UPDATE turns_due SET leased_until = '-infinity', first_at = now() WHERE tenant_id = $1 AND conversation_id = ANY($2)`, tenant, left)
	}
	return nil
}

// dismiss ends the wait of conversations that have nothing unanswered, if they
// are still as they were when that was found out.
func (t *Turns) dismiss(ctx context.Context, tenant ingest.TenantID, jobs []*job) error {
	ids, versions := make([]string, len(jobs)), make([]int64, len(jobs))
	for i, j := range jobs {
		ids[i], versions[i] = string(j.waiting.conversation), j.Version
	}
	return t.db.InTenant(ctx, tenant, func(tx pgx.Tx) error {
		_, err := tx.Exec(ctx, `
			WITH same AS (
				SELECT d.id FROM unnest($2::text[], $3::bigint[]) AS d (id, version)
				LEFT JOIN LATERAL (SELECT version FROM conversations WHERE (tenant_id, id) = ($1, d.id) FOR UPDATE) c ON true
				WHERE coalesce(c.version, 0) = d.version)
			DELETE FROM turns_due t USING same WHERE (t.tenant_id, t.conversation_id) = ($1, same.id)`, tenant, ids, versions)
		if err != nil {
			return fmt.Errorf("dismiss turns: %w", err)
		}
		return nil
	})
}

// Turns returns the turns of a conversation in their order.
func (s *Store) Turns(ctx context.Context, tenant ingest.TenantID, id ingest.ConversationID) ([]Turn, error) {
	var list []Turn
	err := s.db.InTenant(ctx, tenant, func(tx pgx.Tx) error {
		rows, err := tx.Query(ctx, `
			SELECT id, conversation_id, number, brain, input, decision, coalesce(reply_id, ''), received_at, decided_at
			FROM turns WHERE tenant_id = $1 AND conversation_id = $2 ORDER BY number`, tenant, id)
		if err != nil {
			return err
		}
		list, err = pgx.CollectRows(rows, func(row pgx.CollectableRow) (Turn, error) {
			var turn Turn
			err := row.Scan(&turn.ID, &turn.Conversation, &turn.Number, &turn.Brain, &turn.State, &turn.Decision, &turn.Reply, &turn.ReceivedAt, &turn.DecidedAt)
			return turn, err
		})
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("turns of %s: %w", id, err)
	}
	return list, nil
}
