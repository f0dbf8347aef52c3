package booking

import (
	"context"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgtype"

	"frontdesk/ingest"
)

// reach is how far the claims that matter to a slot may begin from it: the
// longest appointment with two buffers, and days counted whole.
const reach = 48 * time.Hour

// view is what is asked of the tables to judge or list slots.
type view struct {
	service  ingest.ServiceID
	staff    ingest.StaffID // empty: all who perform the service
	from, to time.Time      // beginnings of slots; zero from is now
	length   time.Duration  // in place of to, where that is zero
	except   []string       // ids of the appointment or holds that count as free
	counted  bool           // tells what all performers have, for the one with the least to go first
}

// picture is what was found.
type picture struct {
	Calendar
	offered bool // the service is neither paused nor removed
	listed  bool // the business lists staff at all
	known   bool // the staff member asked for is the tenant's
	zone    string
	shared  []stretch // taken of the service, or of the business, where nobody performs it by name
}

// The statements of a look. $1 is the tenant, $2 the service, $3 the time, $4
// and $5 bound the claims that matter, $6 has who counts as free. The bounds
// are plain times: under row-level security nothing that might fail, such as
// an addition, bounds an index.
//
// Ranges come as range_send writes them, all of a subject in one value: arrays
// of times cost more to make and to read than all the rest.
const (
	standingClaim = `c.tenant_id = $1 AND c.owner <> ALL ($6) AND c.starts_at > $4 AND c.starts_at < $5
				AND (c.expires_at IS NULL OR c.expires_at > coalesce($3::timestamptz, now()))`

	lookRules = `SELECT coalesce($3::timestamptz, now()), t.timezone, t.hours, t.closed, v.removed_at IS NULL AND NOT v.paused, staff.listed,
			$7 = '' OR EXISTS (SELECT FROM staff s WHERE (s.tenant_id, s.id) = ($1, $7)),
			CASE WHEN v.unstaffed OR NOT staff.listed THEN (SELECT string_agg(range_send(c.during), '') FROM claims c
				WHERE c.subject = CASE WHEN v.unstaffed THEN v.id ELSE v.tenant_id END AND ` + standingClaim + `) END,
			CASE WHEN v.per_day > 0 THEN ARRAY(SELECT min(c.starts_at) FROM claims c WHERE c.service_id = v.id AND ` + standingClaim + ` GROUP BY c.owner) END,
			` + serviceColumns + `
		FROM services v JOIN tenants t ON t.tenant_id = v.tenant_id
			CROSS JOIN (SELECT EXISTS (SELECT FROM staff s WHERE s.tenant_id = $1 AND s.removed_at IS NULL) AS listed) staff
		WHERE (v.tenant_id, v.id) = ($1, $2)`

	// Where nobody counts them, beginnings are read of those who have a limit.
	lookPerformers = `SELECT p.id, p.hours, p.off, p.per_day, c.during, c.starts,
			(SELECT string_agg(range_send(tstzrange(b.starts_at, b.ends_at)), '') FROM staff_busy b WHERE (b.tenant_id, b.staff_id) = ($1, p.id) AND b.starts_at < $5 AND b.ends_at > $4)
		FROM frontdesk_performers($1, $2) p CROSS JOIN LATERAL (
			SELECT string_agg(range_send(c.during), '') AS during, array_agg(c.starts_at) FILTER (WHERE $8 OR p.per_day > 0) AS starts
			FROM claims c WHERE c.subject = p.id AND ` + standingClaim + `) c
		WHERE $7 = '' OR p.id = $7 ORDER BY p.number`

	lookRooms = `SELECT r.id, r.kind, r.needed, r.hours, r.off, (SELECT string_agg(range_send(c.during), '') FROM claims c WHERE c.subject = r.id AND ` + standingClaim + `)
		FROM (SELECT r.*, EXISTS (SELECT FROM service_resources l WHERE (l.tenant_id, l.service_id, l.resource_id) = ($1, $2, r.id)) AS needed FROM resources r
			WHERE r.tenant_id = $1 AND r.removed_at IS NULL AND NOT r.paused) r
		JOIN services v ON (v.tenant_id, v.id) = ($1, $2) WHERE r.needed OR r.kind = ANY (v.needs) ORDER BY r.number`
)

// look reads a picture in one round trip, or returns ErrNotFound where the
// tenant has no such service.
func (s *Store) look(ctx context.Context, tenant ingest.TenantID, v view) (*picture, error) {
	var p *picture
	err := s.db.Staged(ctx, tenant, func(b *pgx.Batch) {
		p = &picture{} // it may run again
		s.queueLook(b, tenant, v, p)
	}, nil)
	if err != nil {
		return nil, missing(err, "look at service %s", v.service)
	}
	p.finish(v)
	return p, nil
}

func (s *Store) queueLook(b *pgx.Batch, tenant ingest.TenantID, v view, p *picture) {
	after, until := s.around(v)
	args := []any{tenant, v.service, s.clock(), after, until, append([]string{}, v.except...)}
	b.Queue(lookRules, append(args, v.staff)...).QueryRow(func(row pgx.Row) error { return s.readRules(row, p) })
	b.Queue(lookPerformers, append(args, v.staff, v.counted)...).Query(p.readPerformers)
	b.Queue(lookRooms, args...).Query(p.readRooms)
}

// around bounds the claims that matter to v. By whose clock now is makes no
// difference here: reach has hours to spare.
func (s *Store) around(v view) (after, until time.Time) {
	from, to := v.from, v.to
	if from.IsZero() {
		if from = time.Now(); s.cfg.Now != nil {
			from = s.cfg.Now()
		}
	}
	if to.IsZero() {
		to = from.Add(v.length)
	}
	return from.Add(-reach), to.Add(reach)
}

func (s *Store) readRules(row pgx.Row, p *picture) error {
	var shared []byte
	var err error
	if p.Service, err = scanService(row, &p.Now, &p.zone, &p.Hours, &p.Closed, &p.offered, &p.listed, &p.known, &shared, &p.Booked); err != nil {
		return err
	}
	p.Zone = s.zone(p.zone)
	p.shared, err = ranges(shared)
	return err
}

func (p *picture) readPerformers(rows pgx.Rows) error {
	var err error
	p.Performers, err = pgx.CollectRows(rows, func(row pgx.CollectableRow) (Performer, error) {
		var w Performer
		var claimed, elsewhere pgtype.DriverBytes
		if err := row.Scan(&w.ID, &w.Hours, &w.Off, &w.PerDay, &claimed, &w.Booked, &elsewhere); err != nil {
			return w, err
		}
		var err error
		w.busy, err = ranges(claimed, elsewhere)
		return w, err
	})
	return err
}

func (p *picture) readRooms(rows pgx.Rows) error {
	var err error
	p.Rooms, err = pgx.CollectRows(rows, func(row pgx.CollectableRow) (Room, error) {
		var r Room
		var claimed pgtype.DriverBytes
		if err := row.Scan(&r.ID, &r.Kind, &r.Needed, &r.Hours, &r.Off, &claimed); err != nil {
			return r, err
		}
		var err error
		r.busy, err = ranges(claimed)
		return r, err
	})
	return err
}

// finish puts nobody in the place of the performers where nobody is needed or
// listed.
func (p *picture) finish(v view) {
	switch {
	case v.staff != "":
	case p.Service.Unstaffed && (len(p.Service.Resources) > 0 || len(p.Service.Needs) > 0):
		p.Performers = []Performer{{}}
	case p.Service.Unstaffed || !p.listed:
		p.Performers = []Performer{{busy: p.shared}}
	}
}

// bookable returns why nothing of the service can be booked by its very nature,
// or nil.
func (p *picture) bookable() error {
	switch {
	case !p.known:
		return ErrNotFound
	case !p.offered || len(p.Performers) == 0:
		return ErrNotOffered
	}
	return nil
}

// subjects are what a slot of the service claims.
func (p *picture) subjects(tenant ingest.TenantID, slot Slot) []string {
	out := strs(slot.Resources)
	switch {
	case slot.Staff != "":
		out = append(out, string(slot.Staff))
	case !p.Service.Unstaffed:
		out = append(out, string(tenant))
	case len(out) == 0:
		out = append(out, string(p.Service.ID))
	}
	return out
}
