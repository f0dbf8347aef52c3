package booking

import (
	"context"
	"fmt"
	"strconv"
	"time"

	"github.com/jackc/pgx/v5"

	"frontdesk/ingest"
)

// Opening is a time that became free while somebody waits for one about then.
type Opening struct {
	Tenant   ingest.TenantID
	Source   string // what made it free: an appointment's change, or a hold
	Service  ingest.ServiceID
	Start    time.Time
	End      time.Time
	Attempts int    // before this one
	Template string // by which the business offers it where it needs one; empty: none
}

// somebodyWaits is the condition under which a time that becomes free is kept
// as an opening: cheap where nobody waits, as is usual. The parameters are the
// tenant and when the time begins and ends.
const somebodyWaits = `EXISTS (SELECT FROM waitlist w WHERE w.tenant_id = $1 AND w.status IN ('waiting', 'offered')
	AND w.wanted && tstzrange(%s::timestamptz - interval '24 hours', %s::timestamptz))`

// opened names the change of a that frees a time.
func opened(a Appointment) string { return string(a.ID) + ":" + strconv.FormatInt(a.Version, 10) }

// queueOpening keeps slot as an opening, if somebody waits, in the transaction
// that frees it.
func queueOpening(b *pgx.Batch, tenant ingest.TenantID, source string, slot Slot, now time.Time) {
	if !slot.End.After(now) {
		return
	}
	b.Queue(`INSERT INTO openings (tenant_id, source, service_id, starts_at, ends_at, due_at) SELECT $1, $2, $3, $4, $5, $6
		WHERE `+fmt.Sprintf(somebodyWaits, "$4", "$5")+` ON CONFLICT DO NOTHING`, tenant, source, slot.Service, slot.Start, slot.End, now)
}

// queueGivenBack keeps the slot of a hold that is given back before its time as
// an opening, if somebody waits. It comes before the hold is deleted.
func (s *Store) queueGivenBack(b *pgx.Batch, tenant ingest.TenantID, id ingest.HoldID) {
	b.Queue(`INSERT INTO openings (tenant_id, source, service_id, starts_at, ends_at, due_at)
		SELECT h.tenant_id, h.id, h.service_id, h.starts_at, h.ends_at, coalesce($3::timestamptz, clock_timestamp())
		FROM holds h WHERE h.tenant_id = $1 AND h.id = $2 AND `+fmt.Sprintf(somebodyWaits, "h.starts_at", "h.ends_at")+`
		ON CONFLICT DO NOTHING`, tenant, id, s.clock())
}

// thinking is how long somebody may take to say that they will wait, after they
// were told that nothing is free: a hold that runs out meanwhile is theirs.
const thinking = 10 * time.Minute

// Reopen ends, for all tenants, offers of the waitlist that ran out and wishes
// whose time is over, and keeps the slots of holds that ran out as openings
// where somebody waits. An offer that was not taken is not made again; after
// [MostOffers] of them the wish is over.
//
// The first call looks at the holds that ran out within the last hour, the next
// ones at those since the call before, and [thinking] before it.
func (s *Store) Reopen(ctx context.Context) error {
	var now time.Time
	since := s.reopened.Load()
	err := s.db.AcrossTenants(ctx, func(tx pgx.Tx) error {
		err := tx.QueryRow(ctx, `SELECT coalesce($1::timestamptz, clock_timestamp())`, s.clock()).Scan(&now)
		if err != nil {
			return err
		}
		_, err = tx.Exec(ctx, `UPDATE waitlist SET status = CASE WHEN offers >= $2 THEN 'left' ELSE 'waiting' END,
				passed = array_append(passed, offered_start), offered_until = NULL, detail = 'no answer'
			WHERE status = 'offered' AND offered_until <= coalesce($1::timestamptz, clock_timestamp())`, s.clock(), MostOffers)
		if err != nil {
			return err
		}
		_, err = tx.Exec(ctx, `UPDATE waitlist SET status = 'left', detail = 'over'
			WHERE status = 'waiting' AND upper(wanted) <= coalesce($1::timestamptz, clock_timestamp())`, s.clock())
		if err != nil {
			return err
		}
		_, err = tx.Exec(ctx, `INSERT INTO openings (tenant_id, source, service_id, starts_at, ends_at, due_at)
			SELECT h.tenant_id, h.id, h.service_id, h.starts_at, h.ends_at, h.expires_at FROM holds h
			WHERE h.expires_at <= coalesce($1::timestamptz, clock_timestamp()) AND h.expires_at > greatest($2::timestamptz, coalesce($1::timestamptz, clock_timestamp()) - interval '1 hour')
				AND h.starts_at > coalesce($1::timestamptz, clock_timestamp())
				AND EXISTS (SELECT FROM waitlist w WHERE w.tenant_id = h.tenant_id AND w.status IN ('waiting', 'offered')
					AND w.wanted && tstzrange(h.starts_at - interval '24 hours', h.ends_at))
			ON CONFLICT DO NOTHING`, s.clock(), since)
		return err
	})
	if err != nil {
		return fmt.Errorf("look for openings: %w", err)
	}
	now = now.Add(-thinking)
	s.reopened.Store(&now)
	return nil
}

// DueOpenings takes up to limit openings of any tenant, the oldest first, for
// lease: until then no other worker gets them. One that has passed is ended.
func (s *Store) DueOpenings(ctx context.Context, limit int, lease time.Duration) ([]Opening, error) {
	var taken []Opening
	err := s.db.AcrossTenants(ctx, func(tx pgx.Tx) error {
		if _, err := tx.Exec(ctx, `UPDATE openings SET done_at = coalesce($1::timestamptz, clock_timestamp())
			WHERE done_at IS NULL AND ends_at <= coalesce($1::timestamptz, clock_timestamp())`, s.clock()); err != nil {
			return err
		}
		rows, err := tx.Query(ctx, `
			WITH d AS (
				SELECT tenant_id, source FROM openings WHERE done_at IS NULL AND due_at <= coalesce($1::timestamptz, clock_timestamp())
				ORDER BY due_at LIMIT $2 FOR UPDATE SKIP LOCKED)
			UPDATE openings o SET attempts = o.attempts + 1, due_at = coalesce($1::timestamptz, clock_timestamp()) + $3::interval
			FROM d JOIN tenants t ON t.tenant_id = d.tenant_id
			WHERE (o.tenant_id, o.source) = (d.tenant_id, d.source)
			RETURNING o.tenant_id, o.source, o.service_id, o.starts_at, o.ends_at, o.attempts - 1, t.waitlist_template`, s.clock(), limit, lease)
		if err != nil {
			return err
		}
		taken, err = pgx.CollectRows(rows, func(row pgx.CollectableRow) (Opening, error) {
			var o Opening
			err := row.Scan(&o.Tenant, &o.Source, &o.Service, &o.Start, &o.End, &o.Attempts, &o.Template)
			o.Start, o.End = o.Start.UTC(), o.End.UTC()
			return o, err
		})
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("take openings: %w", err)
	}
	return taken, nil
}

// EndOpening ends an opening that nobody more is to be offered.
func (s *Store) EndOpening(ctx context.Context, o Opening) error {
	return s.settle(ctx, o.Tenant, `UPDATE openings SET done_at = coalesce($3::timestamptz, clock_timestamp()) WHERE tenant_id = $1 AND source = $2`, o.Tenant, o.Source, s.clock())
}

// DeferOpening gives an opening back until a later time: quiet hours, or a fault
// of the moment.
func (s *Store) DeferOpening(ctx context.Context, o Opening, until time.Time) error {
	return s.settle(ctx, o.Tenant, `UPDATE openings SET due_at = $3 WHERE tenant_id = $1 AND source = $2 AND done_at IS NULL`, o.Tenant, o.Source, until)
}
