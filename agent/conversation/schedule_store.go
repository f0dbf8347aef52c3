package conversation

import (
	"context"
	"crypto/sha256"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"frontdesk/agent/outbox"
	"frontdesk/ingest"
	"frontdesk/ingest/tenantdb"
)

// Schedule keeps p until its time. channel is the one that p names, if it names
// one. With a key the same plan again returns what was made the first time, be it
// sent meanwhile; another one under it is ErrKeyReused.
func (s *Store) Schedule(ctx context.Context, tenant ingest.TenantID, p Plan, channel ingest.ChannelID, at time.Time, key string) (Message, error) {
	raw, err := json.Marshal(p)
	if err != nil {
		return Message{}, fmt.Errorf("schedule: %w", err)
	}
	sum := sha256.Sum256(fmt.Appendf(raw, "|%d", at.UnixMicro()))
	now := time.Now().UTC()
	id := ingest.MessageID(ingest.NewID(ingest.PrefixMessage, now))
	var m Message
	store := func(tx pgx.Tx) error {
		if key != "" {
			found, err := s.requested(ctx, tx, tenant, key, sum[:])
			if m = found; !errors.Is(err, ErrNotFound) {
				return err
			}
		}
		err := alive(ctx, tx, tenant, p)
		if err != nil {
			return err
		}
		rows, err := tx.Query(ctx, `
			INSERT INTO scheduled_messages (tenant_id, id, send_at, contact_id, channel_id, conversation_id, plan, request_key, request_hash)
			VALUES ($1, $2, $3, $4, $5, $6, $7, NULLIF($8, ''), $9)
			RETURNING `+scheduledColumns, tenant, id, at, p.Contact, channel, p.Conversation, raw, key, sum[:])
		if err != nil {
			return err
		}
		m, err = pgx.CollectExactlyOneRow(rows, scanScheduled)
		m.Tenant = tenant
		return err
	}
	for range 2 { // the second finds what another request with the key has stored
		if err = s.db.InTenant(ctx, tenant, store); !tenantdb.Violates(err, "scheduled_messages_request") {
			break
		}
	}
	return m, wrap(err, "schedule")
}

// alive locks whom p is for, so that no erasure passes it by. It is ErrNotFound
// for somebody who was erased.
func alive(ctx context.Context, tx pgx.Tx, tenant ingest.TenantID, p Plan) error {
	if p.Contact == "" {
		return nil
	}
	var found ingest.ContactID
	err := tx.QueryRow(ctx, `SELECT id FROM contacts WHERE (tenant_id, id) = ($1, $2) AND erased_at IS NULL FOR KEY SHARE`, tenant, p.Contact).Scan(&found)
	if errors.Is(err, pgx.ErrNoRows) {
		return ErrNotFound
	}
	return err
}

// requested returns what key was used for: a scheduled message, or one that was
// sent since.
func (s *Store) requested(ctx context.Context, tx pgx.Tx, tenant ingest.TenantID, key string, hash []byte) (Message, error) {
	var id ingest.MessageID
	var same bool
	err := tx.QueryRow(ctx, `
		SELECT id, request_hash = $3 FROM scheduled_messages WHERE tenant_id = $1 AND request_key = $2
		UNION ALL SELECT id, request_hash = $3 FROM messages WHERE tenant_id = $1 AND request_key = $2 LIMIT 1`, tenant, key, hash).Scan(&id, &same)
	switch {
	case errors.Is(err, pgx.ErrNoRows):
		return Message{}, ErrNotFound
	case err != nil:
		return Message{}, err
	case !same:
		return Message{}, ErrKeyReused
	}
	m, err := scheduledOne(ctx, tx, tenant, id, "")
	if !errors.Is(err, pgx.ErrNoRows) {
		return m, err
	}
	rows, err := tx.Query(ctx, `SELECT `+withContact+` WHERE m.tenant_id = $1 AND m.id = $2`, tenant, id)
	if err != nil {
		return Message{}, err
	}
	return pgx.CollectExactlyOneRow(rows, scanWithContact)
}

const scheduledColumns = `id, channel_id, status, plan, errors, send_at, created_at`

func scanScheduled(row pgx.CollectableRow) (Message, error) {
	var id ingest.MessageID
	var channel ingest.ChannelID
	var status ingest.Status
	var raw []byte
	var at, created time.Time
	var faults []ingest.ProviderError
	if err := row.Scan(&id, &channel, &status, &raw, &faults, &at, &created); err != nil {
		return Message{}, err
	}
	var p Plan
	if err := json.Unmarshal(raw, &p); err != nil {
		return Message{}, fmt.Errorf("plan of %s as stored: %w", id, err)
	}
	m := p.message("", id, channel, status, at, created)
	m.Errors = faults
	return m, nil
}

func scheduledOne(ctx context.Context, tx pgx.Tx, tenant ingest.TenantID, id ingest.MessageID, lock string) (Message, error) {
	rows, err := tx.Query(ctx, `SELECT `+scheduledColumns+` FROM scheduled_messages WHERE tenant_id = $1 AND id = $2 `+lock, tenant, id)
	if err != nil {
		return Message{}, err
	}
	m, err := pgx.CollectExactlyOneRow(rows, scanScheduled)
	m.Tenant = tenant
	return m, err
}

// Scheduled returns a message that is scheduled, was cancelled, or could not be
// handed over; ErrNotFound for any other.
func (s *Store) Scheduled(ctx context.Context, tenant ingest.TenantID, id ingest.MessageID) (Message, error) {
	var m Message
	err := s.db.InTenant(ctx, tenant, func(tx pgx.Tx) (err error) {
		m, err = scheduledOne(ctx, tx, tenant, id, "")
		return err
	})
	return m, wrap(err, "message %s", id)
}

// ScheduledMessages is [Store.Messages] for those: their time is the one they
// are to be sent at.
func (s *Store) ScheduledMessages(ctx context.Context, tenant ingest.TenantID, f MessageFilter) ([]Message, string, error) {
	size, w := tenantdb.PageSize(f.Limit), scheduledFilter(tenant, f)
	list, err := tenantdb.List(ctx, s.db, tenant, scanScheduled,
		`SELECT `+scheduledColumns+` FROM scheduled_messages m WHERE `+w.sql()+fmt.Sprintf(` ORDER BY id DESC LIMIT %d`, size+1), w.args...)
	if err != nil {
		return nil, "", fmt.Errorf("list scheduled messages: %w", err)
	}
	for i := range list {
		list[i].Tenant = tenant
	}
	list, next := tenantdb.Page(list, size, func(m Message) string { return string(m.ID) })
	return list, next, nil
}

// CountScheduledMessages is [Store.CountMessages] for those.
func (s *Store) CountScheduledMessages(ctx context.Context, tenant ingest.TenantID, f MessageFilter) (int, error) {
	f.After = ""
	w := scheduledFilter(tenant, f)
	n, err := tenantdb.Count(ctx, s.db, tenant, `SELECT FROM scheduled_messages m WHERE `+w.sql(), w.args...)
	if err != nil {
		return 0, fmt.Errorf("count scheduled messages: %w", err)
	}
	return n, nil
}

func scheduledFilter(tenant ingest.TenantID, f MessageFilter) *where {
	w := &where{}
	w.and("m.tenant_id = %s", string(tenant))
	set(w, "m.conversation_id = %s", f.Conversation)
	set(w, "m.contact_id = %s", f.Contact)
	set(w, "m.channel_id = %s", f.Channel)
	set(w, "m.status = %s", f.Status)
	set(w, "m.id < %s", f.After)
	f.between(w, "m.send_at")
	return w
}

// Reschedule gives a message that is scheduled another time. It is
// ErrNotScheduled for one that was handed over or cancelled, ErrNotFound for one
// there is not.
func (s *Store) Reschedule(ctx context.Context, tenant ingest.TenantID, id ingest.MessageID, at time.Time) (Message, error) {
	return s.alter(ctx, tenant, id, `send_at = $3, leased_until = NULL, attempts = 0`, at)
}

// CancelScheduled keeps a message from being sent. Its errors are those of
// Reschedule. Once it returns, the message will not be sent.
func (s *Store) CancelScheduled(ctx context.Context, tenant ingest.TenantID, id ingest.MessageID) (Message, error) {
	return s.alter(ctx, tenant, id, `status = $3`, ingest.Cancelled)
}

func (s *Store) alter(ctx context.Context, tenant ingest.TenantID, id ingest.MessageID, set string, value any) (Message, error) {
	var m Message
	err := s.db.InTenant(ctx, tenant, func(tx pgx.Tx) error {
		rows, err := tx.Query(ctx, `UPDATE scheduled_messages SET updated_at = now(), `+set+`
			WHERE tenant_id = $1 AND id = $2 AND status = 'scheduled' RETURNING `+scheduledColumns, tenant, id, value)
		if err != nil {
			return err
		}
		m, err = pgx.CollectExactlyOneRow(rows, scanScheduled)
		m.Tenant = tenant
		if !errors.Is(err, pgx.ErrNoRows) {
			return err
		}
		var known bool
		err = tx.QueryRow(ctx, `SELECT EXISTS (SELECT FROM scheduled_messages WHERE tenant_id = $1 AND id = $2)
			OR EXISTS (SELECT FROM messages WHERE tenant_id = $1 AND id = $2 AND direction = 'outbound')`, tenant, id).Scan(&known)
		if err == nil && known {
			return ErrNotScheduled
		}
		if err == nil {
			err = ErrNotFound
		}
		return err
	})
	return m, wrap(err, "message %s", id)
}

// DueMessages takes up to limit messages whose time has come, of all tenants, for
// as long as hold: until then no other call returns them.
func (s *Store) DueMessages(ctx context.Context, limit int, hold time.Duration) ([]Due, error) {
	var list []Due
	err := s.db.AcrossTenants(ctx, func(tx pgx.Tx) error {
		rows, err := tx.Query(ctx, `
			WITH d AS (
				SELECT tenant_id, id FROM scheduled_messages
				WHERE status = 'scheduled' AND send_at <= now() AND (leased_until IS NULL OR leased_until < now())
				ORDER BY send_at LIMIT $1 FOR UPDATE SKIP LOCKED)
			UPDATE scheduled_messages m SET leased_until = now() + $2::interval, attempts = m.attempts + 1
			FROM d WHERE (m.tenant_id, m.id) = (d.tenant_id, d.id)
			RETURNING m.tenant_id, m.id, m.plan, m.send_at, m.attempts`, limit, hold)
		if err != nil {
			return err
		}
		list, err = pgx.CollectRows(rows, func(row pgx.CollectableRow) (Due, error) {
			var d Due
			var raw []byte
			if err := row.Scan(&d.Tenant, &d.ID, &raw, &d.SendAt, &d.Attempts); err != nil {
				return d, err
			}
			return d, json.Unmarshal(raw, &d.Plan)
		})
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("take scheduled messages: %w", err)
	}
	return list, nil
}

// FailScheduled ends a scheduled message that cannot be sent, and announces it.
// One that is not scheduled any more, or for another time, stays as it is.
func (s *Store) FailScheduled(ctx context.Context, d Due, why ingest.ProviderError) error {
	err := s.db.InTenant(ctx, d.Tenant, func(tx pgx.Tx) error {
		raw, err := faultsJSON([]ingest.ProviderError{why})
		if err != nil {
			return err
		}
		rows, err := tx.Query(ctx, `UPDATE scheduled_messages SET status = 'failed', errors = $4::json, updated_at = now()
			WHERE tenant_id = $1 AND id = $2 AND status = 'scheduled' AND send_at = $3 RETURNING `+scheduledColumns, d.Tenant, d.ID, d.SendAt, raw)
		if err != nil {
			return err
		}
		m, err := pgx.CollectExactlyOneRow(rows, scanScheduled)
		if errors.Is(err, pgx.ErrNoRows) {
			return nil
		}
		if err != nil {
			return err
		}
		p := &progress{id: d.ID, conversation: m.Conversation, channel: m.Channel, contact: m.Contact, key: ingest.ConversationKey(d.Tenant, m.Channel, string(m.Contact))}
		p.steps = []step{{status: ingest.Failed, at: time.Now().UTC(), errors: m.Errors}}
		events, err := eventsOf(d.Tenant, []*progress{p})
		if err != nil {
			return err
		}
		return outbox.Add(ctx, tx, ingest.TopicEvents, events...)
	})
	s.wake()
	return wrap(err, "fail %s", d.ID)
}

// queueHandOver takes a scheduled message out, as part of the transaction that
// stores it: who finds it gone, or put off, comes too late.
func queueHandOver(b *pgx.Batch, tenant ingest.TenantID, one *sending) {
	var due *time.Time
	if at := one.draft.ScheduledFor; !at.IsZero() {
		due = &at
	}
	b.Queue(`DELETE FROM scheduled_messages WHERE (tenant_id, id) = ($1, $2) AND status = 'scheduled'
		AND ($3::timestamptz IS NULL OR send_at = $3) RETURNING coalesce(request_key, ''), request_hash`, tenant, one.draft.Scheduled, due).QueryRow(func(row pgx.Row) error {
		err := row.Scan(&one.draft.RequestKey, &one.hash)
		if errors.Is(err, pgx.ErrNoRows) {
			one.err = ErrNotScheduled
			return nil
		}
		return err
	})
}
