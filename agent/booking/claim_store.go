package booking

import (
	"context"
	"slices"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"

	"frontdesk/ingest"
	"frontdesk/ingest/tenantdb"
)

// tries bounds how often a change is tried anew after somebody else was
// faster. Each time the calendar is read again, so that a slot lost is seen as
// taken; more than a few mean holds that come and go.
const tries = 12

// place is a slot to be claimed, and what its claim must meet.
type place struct {
	slot     Slot
	subjects []string // what it claims
	locks    []string // what is locked beside them
	during   Interval // with buffers
	day      Interval // of the tenant's zone, on which it begins
	perDay   int      // of the service
	staffDay int      // of the staff member
	except   []string // owners that count as free
	own      own      // holds of the same contact that are released for it
}

func (p *picture) place(tenant ingest.TenantID, slot Slot, w wish) place {
	d := dayOf(slot.Start, p.Zone)
	out := place{
		slot: slot, subjects: p.subjects(tenant, slot), perDay: p.Service.PerDay, except: append([]string{}, w.except...), own: w.own, locks: slices.Clone(w.own.subjects),
		during: Interval{slot.Start.Add(-p.Service.BufferBefore), slot.End.Add(p.Service.BufferAfter)},
		day:    Interval{d.at(p.Zone, 0), (d + 1).at(p.Zone, 0)},
	}
	for _, who := range p.Performers {
		if who.ID == slot.Staff {
			out.staffDay = who.PerDay
		}
	}
	if out.perDay > 0 {
		out.locks = append(out.locks, string(slot.Service))
	}
	return out
}

// standing is what a transaction sees under the locks of a place.
type standing struct {
	now                time.Time
	ofService, ofStaff int // begin on the day
	busy               bool
}

// queueStanding locks what the place needs and reads what no constraint knows:
// limits a day, and times busy elsewhere. That the subjects are free is not
// read: the constraint says so when they are claimed.
func (s *Store) queueStanding(b *pgx.Batch, tenant ingest.TenantID, p place, st *standing) {
	s.lock(b, tenant, append(append([]string{}, p.subjects...), p.locks...))
	b.Queue(`SELECT coalesce($2::timestamptz, clock_timestamp()),
			CASE WHEN $9 > 0 THEN (SELECT count(DISTINCT c.owner) FROM claims c WHERE c.service_id = $3 AND c.tenant_id = $1 AND c.starts_at >= $5 AND c.starts_at < $6
				AND c.owner <> ALL ($11) AND (c.expires_at IS NULL OR c.expires_at > coalesce($2::timestamptz, clock_timestamp()))) ELSE 0 END,
			CASE WHEN $10 > 0 THEN (SELECT count(*) FROM claims c WHERE c.subject = $4 AND c.tenant_id = $1 AND c.starts_at >= $5 AND c.starts_at < $6
				AND c.owner <> ALL ($11) AND (c.expires_at IS NULL OR c.expires_at > coalesce($2::timestamptz, clock_timestamp()))) ELSE 0 END,
			EXISTS (SELECT FROM staff_busy b WHERE b.staff_id = $4 AND b.tenant_id = $1 AND b.starts_at < $8 AND b.ends_at > $7)`,
		tenant, s.clock(), p.slot.Service, p.slot.Staff, p.day.From, p.day.Until, p.during.From, p.during.Until, p.perDay, p.staffDay, p.except).
		QueryRow(func(row pgx.Row) error { return row.Scan(&st.now, &st.ofService, &st.ofStaff, &st.busy) })
}

// refusal returns why the place cannot be claimed for all that no constraint
// knows, or nil.
func (p place) refusal(st standing) error {
	switch {
	case p.perDay > 0 && st.ofService >= p.perDay, p.staffDay > 0 && st.ofStaff >= p.staffDay:
		return ErrDayFull
	case st.busy:
		return ErrSlotTaken
	}
	return nil
}

// queueClaims claims the place for an appointment or a hold, whose id is owner.
// Expired claims that stand in its way go first: under the subjects' locks
// nobody else deletes or makes any. Where one that has not expired is there, the
// statement breaks claims_apart. It comes before all that others may wait for,
// such as the tenant's next number.
func (s *Store) queueClaims(b *pgx.Batch, tenant ingest.TenantID, p place, owner string) {
	b.Queue(`DELETE FROM claims c WHERE c.tenant_id = $1 AND c.subject = ANY ($2) AND c.expires_at <= coalesce($3::timestamptz, clock_timestamp())
			AND c.starts_at > $4::timestamptz - $6::interval AND c.starts_at < $5::timestamptz + $6::interval AND c.during && tstzrange($4, $5)`,
		tenant, p.subjects, s.clock(), p.during.From, p.during.Until, reach)
	var appointment, hold *string
	if strings.HasPrefix(owner, ingest.PrefixHold) {
		hold = &owner
	} else {
		appointment = &owner
	}
	b.Queue(`INSERT INTO claims (tenant_id, subject, during, starts_at, service_id, appointment_id, hold_id, expires_at)
		SELECT $1, subject, tstzrange($3, $4), $5, $6, $7, $8, (SELECT h.expires_at FROM holds h WHERE (h.tenant_id, h.id) = ($1, $8)) FROM unnest($2::text[]) AS subject`,
		tenant, p.subjects, p.during.From, p.during.Until, p.slot.Start, p.slot.Service, appointment, hold)
}

// outrun reports that somebody else was faster: the claim was theirs, or the
// request was made twice at once. What to do is to look again.
func outrun(err error) bool { return tenantdb.Violates(err, "claims_apart") || repeated(err) }

// contactID returns the contact that id stands for: itself, or the one it was
// merged into. The zero is for nobody; one who was erased is ErrNotFound.
func (s *Store) contactID(ctx context.Context, tenant ingest.TenantID, id ingest.ContactID) (ingest.ContactID, error) {
	if id == "" {
		return "", nil
	}
	var found ingest.ContactID
	err := s.db.Batch(ctx, tenant, func(b *pgx.Batch) {
		b.Queue(`SELECT coalesce(merged_into, id) FROM contacts WHERE tenant_id = $1 AND id = $2 AND erased_at IS NULL`, tenant, id).QueryRow(func(row pgx.Row) error { return row.Scan(&found) })
	})
	return found, missing(err, "contact %s", id)
}

// queueAlive locks the contact that something is written for, before all that an
// erasure removes, so that none passes it by. Where known is left false, they
// were erased.
func queueAlive(b *pgx.Batch, tenant ingest.TenantID, id ingest.ContactID, known *bool) {
	if *known = id == ""; *known {
		return
	}
	b.Queue(`SELECT FROM contacts WHERE tenant_id = $1 AND id = $2 AND erased_at IS NULL FOR KEY SHARE`, tenant, id).Query(func(rows pgx.Rows) error {
		*known = rows.Next()
		rows.Close()
		return rows.Err()
	})
}
