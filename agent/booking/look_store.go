package booking

import (
	"context"
	"time"

	"github.com/jackc/pgx/v5"

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
}

// picture is what was found.
type picture struct {
	Calendar
	offered bool // the service is neither paused nor removed
	listed  bool // the business lists staff at all
	known   bool // the staff member asked for is the tenant's
	zone    string
	busy    map[string]*taken
}

// taken is what a subject has.
type taken struct {
	intervals []Interval
	starts    []time.Time
}

// The statements of a look. $1 is the tenant, $2 the service, $3 the staff
// member or ”. Beginnings are bounded by times that Postgres reckons from its
// own clock where none is given, so that one round trip does.
const (
	looksFrom = `coalesce($4::timestamptz, coalesce($5::timestamptz, clock_timestamp()))`
	looksTo   = `coalesce($6::timestamptz, ` + looksFrom + ` + $7::interval)`

	lookRules = `SELECT coalesce($3::timestamptz, clock_timestamp()), t.timezone, t.hours, t.closed,
			v.removed_at IS NULL AND NOT v.paused,
			EXISTS (SELECT FROM staff s WHERE s.tenant_id = $1 AND s.removed_at IS NULL),
			$4 = '' OR EXISTS (SELECT FROM staff s WHERE (s.tenant_id, s.id) = ($1, $4)), ` + serviceColumns + `
		FROM services v JOIN tenants t ON t.tenant_id = v.tenant_id WHERE (v.tenant_id, v.id) = ($1, $2)`

	lookPerformers = `SELECT p.id, p.hours, p.off, p.per_day FROM frontdesk_performers($1, $2) p WHERE $3 = '' OR p.id = $3 ORDER BY p.number`

	needed = `EXISTS (SELECT FROM service_resources l WHERE (l.tenant_id, l.service_id, l.resource_id) = ($1, $2, r.id))`
	usable = `FROM resources r JOIN services v ON (v.tenant_id, v.id) = ($1, $2)
		WHERE r.tenant_id = $1 AND r.removed_at IS NULL AND NOT r.paused AND (r.kind = ANY (v.needs) OR ` + needed + `)`

	lookRooms = `SELECT r.id, r.kind, ` + needed + `, r.hours, r.off ` + usable + ` ORDER BY r.number`

	lookClaims = `SELECT u.id, array_agg(lower(c.during)), array_agg(upper(c.during)), array_agg(c.starts_at)
		FROM (SELECT p.id FROM frontdesk_performers($1, $2) p WHERE $3 = '' OR p.id = $3
			UNION ALL SELECT r.id ` + usable + `
			UNION ALL VALUES ($1::text), ($2::text)) u
		JOIN LATERAL (SELECT c.during, c.starts_at FROM claims c
			WHERE c.subject = u.id AND c.tenant_id = $1 AND c.owner <> ALL ($9)
				AND c.starts_at > ` + looksFrom + ` - $8::interval AND c.starts_at < ` + looksTo + ` + $8::interval
				AND (c.expires_at IS NULL OR c.expires_at > coalesce($5::timestamptz, clock_timestamp()))
			ORDER BY c.starts_at) c ON true
		GROUP BY u.id`

	lookBusy = `SELECT b.staff_id, array_agg(lower(b.during)), array_agg(upper(b.during))
		FROM frontdesk_performers($1, $2) p JOIN staff_busy b ON (b.tenant_id, b.staff_id) = ($1, p.id)
		WHERE ($3 = '' OR p.id = $3) AND b.during && tstzrange(` + looksFrom + ` - $8::interval, ` + looksTo + ` + $8::interval)
		GROUP BY b.staff_id`

	lookBooked = `SELECT min(c.starts_at) FROM claims c
		WHERE c.service_id = $2 AND c.tenant_id = $1 AND c.owner <> ALL ($7)
			AND EXISTS (SELECT FROM services v WHERE (v.tenant_id, v.id) = ($1, $2) AND v.per_day > 0)
			AND c.starts_at > coalesce($3::timestamptz, coalesce($4::timestamptz, clock_timestamp())) - $8::interval
			AND c.starts_at < coalesce($5::timestamptz, coalesce($3::timestamptz, coalesce($4::timestamptz, clock_timestamp())) + $6::interval) + $8::interval
			AND (c.expires_at IS NULL OR c.expires_at > coalesce($4::timestamptz, clock_timestamp()))
		GROUP BY c.owner`
)

// look reads a picture in one round trip, or returns ErrNotFound where the
// tenant has no such service.
func (s *Store) look(ctx context.Context, tenant ingest.TenantID, v view) (*picture, error) {
	var p *picture
	err := s.db.Batch(ctx, tenant, func(b *pgx.Batch) {
		p = &picture{busy: map[string]*taken{}} // it may run again
		s.queueLook(b, tenant, v, p)
	})
	if err != nil {
		return nil, missing(err, "look at service %s", v.service)
	}
	p.finish(tenant, v)
	return p, nil
}

func (s *Store) queueLook(b *pgx.Batch, tenant ingest.TenantID, v view, p *picture) {
	from, to := given(v.from), given(v.to)
	except := append([]string{}, v.except...)
	now := s.clock()
	b.Queue(lookRules, tenant, v.service, now, v.staff).QueryRow(func(row pgx.Row) error { return s.readRules(row, p) })
	b.Queue(lookPerformers, tenant, v.service, v.staff).Query(p.readPerformers)
	b.Queue(lookRooms, tenant, v.service).Query(p.readRooms)
	b.Queue(lookClaims, tenant, v.service, v.staff, from, now, to, v.length, reach, except).Query(p.readClaims)
	b.Queue(lookBusy, tenant, v.service, v.staff, from, now, to, v.length, reach).Query(p.readBusy)
	b.Queue(lookBooked, tenant, v.service, from, now, to, v.length, except, reach).Query(p.readBooked)
}

func given(t time.Time) *time.Time {
	if t.IsZero() {
		return nil
	}
	return &t
}

func (s *Store) readRules(row pgx.Row, p *picture) error {
	var err error
	p.Service, err = scanService(row, &p.Now, &p.zone, &p.Hours, &p.Closed, &p.offered, &p.listed, &p.known)
	p.Zone = s.zone(p.zone)
	return err
}

func (p *picture) readPerformers(rows pgx.Rows) error {
	var err error
	p.Performers, err = pgx.CollectRows(rows, func(row pgx.CollectableRow) (Performer, error) {
		var w Performer
		err := row.Scan(&w.ID, &w.Hours, &w.Off, &w.PerDay)
		return w, err
	})
	return err
}

func (p *picture) readRooms(rows pgx.Rows) error {
	var err error
	p.Rooms, err = pgx.CollectRows(rows, func(row pgx.CollectableRow) (Room, error) {
		var r Room
		err := row.Scan(&r.ID, &r.Kind, &r.Needed, &r.Hours, &r.Off)
		return r, err
	})
	return err
}

func (p *picture) readClaims(rows pgx.Rows) error {
	var subject string
	var from, until, starts []time.Time
	_, err := pgx.ForEachRow(rows, []any{&subject, &from, &until, &starts}, func() error {
		t := p.of(subject)
		t.add(from, until)
		t.starts = starts
		starts = nil // the next row gets its own
		return nil
	})
	return err
}

func (p *picture) readBusy(rows pgx.Rows) error {
	var subject string
	var from, until []time.Time
	_, err := pgx.ForEachRow(rows, []any{&subject, &from, &until}, func() error {
		p.of(subject).add(from, until)
		return nil
	})
	return err
}

func (p *picture) readBooked(rows pgx.Rows) error {
	var err error
	p.Booked, err = pgx.CollectRows(rows, pgx.RowTo[time.Time])
	return err
}

func (p *picture) of(subject string) *taken {
	if p.busy[subject] == nil {
		p.busy[subject] = &taken{}
	}
	return p.busy[subject]
}

func (t *taken) add(from, until []time.Time) {
	for i := range from {
		t.intervals = append(t.intervals, Interval{from[i], until[i]})
	}
}

// finish hands what is taken to those who have it, and puts nobody in the place
// of the performers where nobody is needed or listed.
func (p *picture) finish(tenant ingest.TenantID, v view) {
	for i := range p.Performers {
		t := p.of(string(p.Performers[i].ID))
		p.Performers[i].Busy, p.Performers[i].Booked = t.intervals, t.starts
	}
	for i := range p.Rooms {
		p.Rooms[i].Busy = p.of(string(p.Rooms[i].ID)).intervals
	}
	switch {
	case v.staff != "":
	case p.Service.Unstaffed && (len(p.Service.Resources) > 0 || len(p.Service.Needs) > 0):
		p.Performers = []Performer{{}}
	case p.Service.Unstaffed:
		p.Performers = []Performer{{Busy: p.of(string(p.Service.ID)).intervals}}
	case !p.listed:
		p.Performers = []Performer{{Busy: p.of(string(tenant)).intervals}}
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
