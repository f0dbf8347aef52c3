package webhook

import (
	"context"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"frontdesk/ingest"
	"frontdesk/ingest/tenantdb"
)

// target is what is known of an endpoint when deliveries are made.
type target struct {
	id string
	Spec
}

// targets returns the enabled endpoints of tenants. It reads them each time, so
// that an endpoint gets every event from the moment on that it was made.
func (s *Store) targets(ctx context.Context, tenants map[ingest.TenantID]bool) (map[ingest.TenantID][]target, error) {
	wanted := make([]string, 0, len(tenants))
	for t := range tenants {
		wanted = append(wanted, string(t))
	}
	out := map[ingest.TenantID][]target{}
	err := s.db.StagedAcross(ctx, func(b *pgx.Batch) {
		clear(out)
		b.Queue(`SELECT `+columns+`, tenant_id FROM webhook_endpoints WHERE tenant_id = ANY ($1) AND enabled ORDER BY id`, wanted).Query(func(rows pgx.Rows) error {
			_, err := pgx.CollectRows(rows, func(row pgx.CollectableRow) (struct{}, error) {
				var tenant ingest.TenantID
				e, err := scan(row, &tenant)
				out[tenant] = append(out[tenant], target{e.ID, e.Spec})
				return struct{}{}, err
			})
			return err
		})
	}, nil)
	if err != nil {
		return nil, fmt.Errorf("read webhooks: %w", err)
	}
	return out, nil
}

// insertDrafts stores deliveries once. An endpoint that was removed meanwhile
// is left out.
const insertDrafts = `
	INSERT INTO webhook_deliveries (tenant_id, id, endpoint_id, event_id, event_type, body)
	SELECT d.tenant_id, d.id, d.endpoint_id, d.event_id, d.event_type, d.body
	FROM unnest($1::text[], $2::text[], $3::text[], $4::text[], $5::text[], $6::bytea[]) AS d (tenant_id, id, endpoint_id, event_id, event_type, body)
	JOIN webhook_endpoints e ON e.tenant_id = d.tenant_id AND e.id = d.endpoint_id
	ON CONFLICT ON CONSTRAINT webhook_deliveries_pkey DO NOTHING`

// insert stores list; what is there already stays as it is.
func (s *Store) insert(ctx context.Context, list []draft) error {
	var tenants, ids, endpoints, events, types []string
	var bodies [][]byte
	for _, d := range list {
		tenants, ids, endpoints = append(tenants, string(d.tenant)), append(ids, d.id), append(endpoints, d.endpoint)
		events, types, bodies = append(events, d.event), append(types, d.typ), append(bodies, d.body)
	}
	err := s.db.AcrossTenants(ctx, func(tx pgx.Tx) error {
		_, err := tx.Exec(ctx, insertDrafts, tenants, ids, endpoints, events, types, bodies)
		return err
	})
	if tenantdb.Violates(err, "webhook_deliveries_endpoint") {
		return fmt.Errorf("an endpoint was removed this moment: %w", err) // the next try leaves it out
	}
	if err != nil {
		return fmt.Errorf("store %d deliveries: %w", len(list), err)
	}
	return nil
}

// letter is a delivery leased to this process.
type letter struct {
	tenant   ingest.TenantID
	id       string
	endpoint string
	event    string
	format   string
	url      string
	body     []byte
	sealed   []byte
	timeout  time.Duration
	schedule []time.Duration
	rate     int
	attempt  int // this one's number; it fences the settlement
	tries    int // before this one, since stored or replayed
	failures int // of the endpoint in a row, when it was leased
}

// room is what this process may take for an endpoint that it is at work on:
// at most free, and no more than the endpoint's concurrency less busy.
type room struct {
	endpoint string
	free     int
	busy     int
}

// claims says what to lease.
type claims struct {
	rooms []room
	each  int           // most for one endpoint
	total int           // most endpoints
	lease time.Duration // beyond the timeout of an attempt
	probe int           // failures in a row from which on an endpoint gets one at a time
}

// claim leases due deliveries, some for each endpoint that has any: endpoints
// with much to get do not hold up those with little. It returns them and how
// many endpoints have deliveries waiting, due or not.
func (s *Store) claim(ctx context.Context, c claims) (letters []letter, waiting int, err error) {
	var endpoints []string
	var free, busy []int
	for _, r := range c.rooms {
		endpoints, free, busy = append(endpoints, r.endpoint), append(free, r.free), append(busy, r.busy)
	}
	err = s.db.StagedAcross(ctx, func(b *pgx.Batch) {
		b.Queue(claimSQL, orEmpty(endpoints), orEmpty(free), orEmpty(busy), c.each, c.total, c.lease.Seconds(), c.probe).Query(func(rows pgx.Rows) error {
			letters, err = pgx.CollectRows(rows, func(row pgx.CollectableRow) (letter, error) {
				var l letter
				var timeout int
				var schedule []int
				err := row.Scan(&l.tenant, &l.id, &l.endpoint, &l.event, &l.format, &l.url, &l.body, &l.sealed, &timeout, &schedule, &l.rate,
					&l.attempt, &l.tries, &l.failures, &waiting)
				l.timeout, l.schedule = time.Duration(timeout)*time.Millisecond, pauses(schedule)
				return l, err
			})
			return err
		})
	}, nil)
	if err != nil {
		return nil, 0, fmt.Errorf("lease deliveries: %w", err)
	}
	return letters, waiting, nil
}

// claimSQL walks the index of pending rows from endpoint to endpoint, so an
// endpoint costs the same with one row waiting and with a million. Of those that
// have a row due some are drawn. An endpoint
// with a rate is taken from by one process at a time, from what all of them
// have left.
const claimSQL = `
	WITH RECURSIVE waiting (tenant_id, endpoint_id, first_at) AS (
		(SELECT tenant_id, endpoint_id, due_at FROM webhook_deliveries WHERE status = 'pending' ORDER BY tenant_id, endpoint_id, due_at LIMIT 1)
		UNION ALL
		SELECT n.tenant_id, n.endpoint_id, n.due_at FROM waiting w CROSS JOIN LATERAL (
			SELECT d.tenant_id, d.endpoint_id, d.due_at FROM webhook_deliveries d
			WHERE d.status = 'pending' AND (d.tenant_id, d.endpoint_id) > (w.tenant_id, w.endpoint_id)
			ORDER BY d.tenant_id, d.endpoint_id, d.due_at LIMIT 1) n
	), paced AS (
		SELECT e.tenant_id, e.id, floor(LEAST(e.rate, e.tokens + e.rate * extract(epoch FROM now() - e.tokens_at)))::int AS allowed
		FROM waiting w
		JOIN webhook_endpoints e ON e.tenant_id = w.tenant_id AND e.id = w.endpoint_id
		WHERE w.first_at <= now() AND e.rate > 0 FOR UPDATE OF e SKIP LOCKED
	), opened AS (
		SELECT e.tenant_id, e.id, e.timeout_ms, LEAST($4::int, e.concurrency - coalesce(b.busy, 0), b.free,
			CASE WHEN e.rate > 0 THEN coalesce((SELECT p.allowed FROM paced p WHERE p.tenant_id = e.tenant_id AND p.id = e.id), 0) END,
			CASE WHEN e.failures >= $7::int THEN 1 - coalesce(b.busy, 0) END) AS room
		FROM waiting w
		JOIN webhook_endpoints e ON e.tenant_id = w.tenant_id AND e.id = w.endpoint_id
		LEFT JOIN unnest($1::text[], $2::int[], $3::int[]) AS b (endpoint_id, free, busy) ON b.endpoint_id = e.id
		WHERE w.first_at <= now() AND e.enabled AND (e.open_until IS NULL OR e.open_until <= now())
		ORDER BY random() LIMIT $5::int
	), picked AS (
		SELECT d.at, o.timeout_ms FROM opened o CROSS JOIN LATERAL (
			SELECT d.ctid AS at FROM webhook_deliveries d
			WHERE d.status = 'pending' AND d.tenant_id = o.tenant_id AND d.endpoint_id = o.id AND d.due_at <= now()
				AND (d.leased_until IS NULL OR d.leased_until <= now())
			ORDER BY d.due_at LIMIT GREATEST(o.room, 0) FOR UPDATE SKIP LOCKED) d
	), leased AS (
		UPDATE webhook_deliveries d SET leased_until = now() + make_interval(secs => $6::float8 + p.timeout_ms / 1000.0), attempt = d.attempt + 1
		FROM picked p WHERE d.ctid = p.at
		RETURNING d.tenant_id, d.id, d.endpoint_id, d.event_id, d.body, d.attempt, d.tries, d.due_at
	), spent AS (
		UPDATE webhook_endpoints e SET tokens_at = now(),
			tokens = LEAST(e.rate, e.tokens + e.rate * extract(epoch FROM now() - e.tokens_at)) - s.n
		FROM (SELECT tenant_id, endpoint_id, count(*) AS n FROM leased GROUP BY tenant_id, endpoint_id) s
		WHERE e.tenant_id = s.tenant_id AND e.id = s.endpoint_id AND e.rate > 0
	)
	SELECT l.tenant_id, l.id, l.endpoint_id, l.event_id, e.format, e.url, l.body, e.secrets, e.timeout_ms, e.schedule, e.rate,
		l.attempt, l.tries, e.failures, (SELECT count(*) FROM waiting)::int
	FROM leased l JOIN webhook_endpoints e ON e.tenant_id = l.tenant_id AND e.id = l.endpoint_id
	ORDER BY l.due_at`

// settlement is what became of a letter.
type settlement struct {
	letter
	status   Status
	wait     time.Duration // until the next attempt, while pending
	tried    bool          // it counts as an attempt of the schedule
	response int
	err      string
	log      []byte // the Attempt, as JSON
}

// health is what attempts taught of an endpoint.
type health struct {
	tenant   ingest.TenantID
	endpoint string
	well     bool // one succeeded
	failures int
	hold     time.Duration // how long it asked to be left alone
}

// settle writes what became of letters and what was learned of their endpoints,
// in one round trip, and returns the endpoints that have failed for longer than
// patience. A letter that was leased anew meanwhile is left to that lease.
func (s *Store) settle(ctx context.Context, list []settlement, healths []health, breaker int, patience time.Duration) (failing []health, err error) {
	err = s.db.StagedAcross(ctx, func(b *pgx.Batch) {
		queueSettlements(b, list)
		if len(healths) == 0 {
			return
		}
		var tenants, ids []string
		var well []bool
		var failures []int
		var holds []float64
		for _, h := range healths {
			tenants, ids, well = append(tenants, string(h.tenant)), append(ids, h.endpoint), append(well, h.well)
			failures, holds = append(failures, h.failures), append(holds, h.hold.Seconds())
		}
		b.Queue(healthSQL, tenants, ids, well, failures, holds, breaker, patience.Seconds()).Query(func(rows pgx.Rows) error {
			failing = nil
			var h health
			var long bool
			_, err := pgx.ForEachRow(rows, []any{&h.tenant, &h.endpoint, &long}, func() error {
				if long {
					failing = append(failing, h)
				}
				return nil
			})
			return err
		})
	}, nil)
	if err != nil {
		return nil, fmt.Errorf("settle %d deliveries: %w", len(list), err)
	}
	return failing, nil
}

// settleSQL names each row by its key. With "status = 'pending'" Postgres would
// read the index of pending rows instead, of all tenants, as long as it remembers
// the time when nothing was pending.
const settleSQL = `
	UPDATE webhook_deliveries d SET status = r.status, leased_until = NULL, tries = d.tries + r.tried::int,
		due_at = now() + make_interval(secs => r.wait), response_status = r.response, error = r.error,
		log = (CASE WHEN jsonb_array_length(d.log) >= $10::int THEN d.log - 0 ELSE d.log END) || r.log::jsonb,
		settled_at = CASE WHEN r.status <> 'pending' THEN now() END
	FROM unnest($1::text[], $2::text[], $3::text[], $4::text[], $5::int[], $6::int[], $7::bool[], $8::float8[], $9::text[])
		AS r (tenant_id, id, status, error, attempt, response, tried, wait, log)
	WHERE d.tenant_id = r.tenant_id AND d.id = r.id AND d.attempt = r.attempt AND d.status IS NOT DISTINCT FROM 'pending'`

func queueSettlements(b *pgx.Batch, list []settlement) {
	n := len(list)
	tenants, ids, statuses, errs := make([]string, n), make([]string, n), make([]string, n), make([]string, n)
	attempts, responses, tried := make([]int, n), make([]int, n), make([]bool, n)
	waits, logs := make([]float64, n), make([]string, n)
	for i, r := range list {
		tenants[i], ids[i], statuses[i], errs[i] = string(r.tenant), r.id, string(r.status), r.err
		attempts[i], responses[i], tried[i] = r.attempt, r.response, r.tried
		waits[i], logs[i] = r.wait.Seconds(), string(r.log)
	}
	b.Queue(settleSQL, tenants, ids, statuses, errs, attempts, responses, tried, waits, logs, keptAttempts)
}

// healthSQL counts failures in a row. A success ends the row, and so does a day
// without any attempt: failures that have nothing to do with each other do not
// add up to five days. From breaker failures on the circuit opens, longer each
// time, up to five minutes.
const healthSQL = `
	UPDATE webhook_endpoints e SET
		failures = CASE WHEN h.well THEN 0 ELSE e.failures + h.failures END,
		failing_since = CASE WHEN h.well THEN NULL WHEN e.failed_at > now() - interval '1 day' THEN coalesce(e.failing_since, now()) ELSE now() END,
		failed_at = CASE WHEN h.failures > 0 THEN now() ELSE e.failed_at END,
		open_until = CASE WHEN h.well AND h.hold = 0 THEN NULL ELSE GREATEST(e.open_until, now() + make_interval(secs => GREATEST(h.hold,
			CASE WHEN NOT h.well AND e.failures + h.failures >= $6::int
				THEN LEAST(300, 5 * 2 ^ LEAST(e.failures + h.failures - $6::int, 6)) * (0.8 + 0.4 * random()) ELSE 0 END))) END
	FROM unnest($1::text[], $2::text[], $3::bool[], $4::int[], $5::float8[]) AS h (tenant_id, endpoint_id, well, failures, hold)
	WHERE e.tenant_id = h.tenant_id AND e.id = h.endpoint_id
	RETURNING e.tenant_id, e.id, e.failing_since IS NOT NULL AND e.failures > 1 AND e.failing_since <= now() - make_interval(secs => $7::float8)`
