package dispatch

import (
	"context"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"frontdesk/ingest"
	"frontdesk/ingest/tenantdb"
)

// announce writes events to the outbox in the caller's transaction
// (outbox.Add).
type announce func(ctx context.Context, tx pgx.Tx, topic ingest.Topic, events ...ingest.Event) error

// Store keeps what must wait. It is safe for concurrent use.
type Store struct {
	db  *tenantdb.DB
	add announce
}

// NewStore returns a Store that announces channels going down and up by add.
func NewStore(db *tenantdb.DB, add func(context.Context, pgx.Tx, ingest.Topic, ...ingest.Event) error) *Store {
	return &Store{db: db, add: add}
}

// parked is a message that waits.
type parked struct {
	sender
	message  ingest.MessageID
	lane     string
	reason   string
	held     held
	spent    bool // counted against the tenant's budget
	attempts int
	at       time.Time // when it was first parked
	due      time.Time
	leased   time.Time // worked on until then; zero if nobody does
}

// lane names a tenant's lane.
type lane struct {
	tenant ingest.TenantID
	name   string
}

// queuer is a [standings] that answers as part of a batch; see
// [Standings.QueueAllowed].
type queuer interface {
	QueueAllowed(b *pgx.Batch, tenant ingest.TenantID, questions []Question) func() []bool
}

// look returns which of a tenant's lanes have parked messages and, if ask is
// given, what it says to questions, in one round trip: it is asked for every
// batch.
func (s *Store) look(ctx context.Context, of ingest.TenantID, lanes []string, ask queuer, questions []Question) (occupied map[string]bool, allowed []bool, err error) {
	answers := func() []bool { return nil }
	err = s.db.Staged(ctx, of, func(b *pgx.Batch) {
		occupied = map[string]bool{}
		b.Queue(`SELECT DISTINCT lane FROM dispatch_parked WHERE tenant_id = $1 AND lane = ANY($2)`, of, lanes).Query(func(rows pgx.Rows) error {
			var name string
			_, err := pgx.ForEachRow(rows, []any{&name}, func() error { occupied[name] = true; return nil })
			return err
		})
		if ask != nil {
			answers = ask.QueueAllowed(b, of, questions)
		}
	}, nil)
	if err != nil {
		return nil, nil, fmt.Errorf("look for parked messages: %w", err)
	}
	return occupied, answers(), nil
}

// park adds messages behind those of their lanes, in the order given. One that
// is parked already stays as it is.
func (s *Store) park(ctx context.Context, messages []parked) error {
	return s.write(ctx, "park", messages, `
		INSERT INTO dispatch_parked (tenant_id, message_id, lane, channel_id, sandbox, reason, held, spent, attempts, due_at, leased_until)
		SELECT v.tenant_id, v.message_id, v.lane, v.channel_id, v.sandbox, v.reason, v.held, v.spent, v.attempts, v.due_at, v.leased_until
		FROM unnest($1::text[], $2::text[], $3::text[], $4::text[], $5::bool[], $6::text[], $7::smallint[], $8::bool[], $9::int[], $10::timestamptz[], $11::timestamptz[])
			WITH ORDINALITY AS v (tenant_id, message_id, lane, channel_id, sandbox, reason, held, spent, attempts, due_at, leased_until, position)
		ORDER BY v.position
		ON CONFLICT (tenant_id, message_id) DO NOTHING`)
}

// repark gives parked messages their new due time and ends their lease. They
// keep their place in the lane.
func (s *Store) repark(ctx context.Context, messages []parked) error {
	return s.write(ctx, "repark", messages, `
		UPDATE dispatch_parked AS p
		SET reason = v.reason, held = v.held, spent = v.spent, attempts = v.attempts, due_at = v.due_at, leased_until = v.leased_until
		FROM unnest($1::text[], $2::text[], $3::text[], $4::text[], $5::bool[], $6::text[], $7::smallint[], $8::bool[], $9::int[], $10::timestamptz[], $11::timestamptz[])
			AS v (tenant_id, message_id, lane, channel_id, sandbox, reason, held, spent, attempts, due_at, leased_until)
		WHERE p.tenant_id = v.tenant_id AND p.message_id = v.message_id`)
}

func (s *Store) write(ctx context.Context, what string, messages []parked, statement string) error {
	var c struct {
		tenant, message, lane, channel, reason []string
		sandbox, spent                         []bool
		held                                   []int16
		attempts                               []int32
		due                                    []time.Time
		leased                                 []*time.Time
	}
	for _, m := range messages {
		c.tenant, c.message = append(c.tenant, string(m.tenant)), append(c.message, string(m.message))
		c.lane, c.channel = append(c.lane, m.lane), append(c.channel, string(m.channel))
		c.sandbox, c.reason = append(c.sandbox, m.sandbox), append(c.reason, m.reason)
		c.held, c.spent = append(c.held, int16(m.held)), append(c.spent, m.spent)
		c.attempts = append(c.attempts, int32(m.attempts))
		c.due, c.leased = append(c.due, m.due), append(c.leased, tenantdb.OrNull(m.leased))
	}
	err := s.db.AcrossTenants(ctx, func(tx pgx.Tx) error {
		_, err := tx.Exec(ctx, statement,
			c.tenant, c.message, c.lane, c.channel, c.sandbox, c.reason, c.held, c.spent, c.attempts, c.due, c.leased)
		return err
	})
	if err != nil {
		return fmt.Errorf("%s messages: %w", what, err)
	}
	return nil
}

// leaseSQL takes $1 messages for $2. The table is empty most of the time and long
// while a channel is blocked, so that no plan may rest on how long it was: what
// is blocked is read once, the first of a lane is looked up by its key (OFFSET 0
// keeps it from becoming a join), and rows are updated where they are. One that
// was changed in between is left to the next call.
const leaseSQL = `
	WITH due AS (
		SELECT p.ctid AS at FROM dispatch_parked p
		WHERE p.due_at <= now() AND (p.leased_until IS NULL OR p.leased_until < now())
		  AND (p.tenant_id, p.channel_id, p.sandbox) NOT IN (
			SELECT tenant_id, channel_id, sandbox FROM dispatch_channels WHERE blocked_until > now())
		  AND NOT EXISTS (SELECT FROM dispatch_parked q
			WHERE q.tenant_id = p.tenant_id AND q.lane = p.lane AND q.seq < p.seq OFFSET 0)
		ORDER BY p.due_at, p.seq LIMIT $1
		FOR UPDATE SKIP LOCKED)
	UPDATE dispatch_parked p SET leased_until = now() + $2::interval
	FROM due WHERE p.ctid = due.at
	RETURNING p.tenant_id, p.channel_id, p.sandbox, p.message_id, p.lane, p.reason, p.held, p.spent, p.attempts, p.parked_at, p.due_at, p.leased_until`

// lease takes up to limit due messages for as long as hold: the first of their
// lanes, that nobody works on, of channels that may send.
func (s *Store) lease(ctx context.Context, limit int, hold time.Duration) ([]parked, error) {
	var found []parked
	err := s.db.StagedAcross(ctx, func(b *pgx.Batch) {
		b.Queue(leaseSQL, limit, hold).Query(func(rows pgx.Rows) (err error) {
			found, err = pgx.CollectRows(rows, scanParked)
			return err
		})
	}, nil)
	if err != nil {
		return nil, fmt.Errorf("lease parked messages: %w", err)
	}
	return found, nil
}

func scanParked(row pgx.CollectableRow) (parked, error) {
	var p parked
	var leased *time.Time
	err := row.Scan(&p.tenant, &p.channel, &p.sandbox, &p.message, &p.lane, &p.reason, &p.held, &p.spent, &p.attempts, &p.at, &p.due, &leased)
	if leased != nil {
		p.leased = *leased
	}
	return p, err
}

// unpark removes messages that wait no longer.
func (s *Store) unpark(ctx context.Context, messages []parked) error {
	tenants, ids := make([]string, len(messages)), make([]string, len(messages))
	for i, m := range messages {
		tenants[i], ids[i] = string(m.tenant), string(m.message)
	}
	err := s.db.AcrossTenants(ctx, func(tx pgx.Tx) error {
		_, err := tx.Exec(ctx, `
			DELETE FROM dispatch_parked
			WHERE (tenant_id, message_id) IN (SELECT * FROM unnest($1::text[], $2::text[]))`, tenants, ids)
		return err
	})
	if err != nil {
		return fmt.Errorf("unpark messages: %w", err)
	}
	return nil
}
