package booking

import (
	"context"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"frontdesk/ingest"
	"frontdesk/ingest/tenantdb"
)

// Busy is a time at which somebody is busy elsewhere, as a calendar of theirs
// says. UID is the calendar's name of it, and may be empty.
type Busy struct {
	UID   string
	Start time.Time
	End   time.Time
}

// mostBusy bounds what one source may say of one staff member.
const mostBusy = 20_000

// ReplaceBusy makes busy all that source says of a staff member: what it said
// before is gone. Nothing is booked in such times; what is booked already
// stays. It returns ErrNotFound for a staff member that the tenant does not
// have and ErrInvalid for a time that ends before it begins.
func (s *Store) ReplaceBusy(ctx context.Context, tenant ingest.TenantID, staff ingest.StaffID, source string, busy []Busy) error {
	if source == "" || badText(source) || len(busy) > mostBusy {
		return invalid("calendar", "busy times need a source, and are at most %d", mostBusy)
	}
	uids, starts, ends := make([]string, len(busy)), make([]time.Time, len(busy)), make([]time.Time, len(busy))
	for i, b := range busy {
		if !b.End.After(b.Start) || badText(b.UID) {
			return invalid("calendar", "busy time %d does not end after it begins", i)
		}
		uids[i], starts[i], ends[i] = b.UID, b.Start, b.End
	}
	err := s.db.Batch(ctx, tenant, func(b *pgx.Batch) {
		s.lock(b, tenant, []string{string(staff)}) // nobody books between the look and the claim
		b.Queue(`DELETE FROM staff_busy WHERE tenant_id = $1 AND staff_id = $2 AND source = $3`, tenant, staff, source)
		b.Queue(`INSERT INTO staff_busy (tenant_id, staff_id, source, uid, starts_at, ends_at)
			SELECT s.tenant_id, s.id, $3, u.uid, u.from_at, u.until_at
			FROM staff s, unnest($4::text[], $5::timestamptz[], $6::timestamptz[]) AS u (uid, from_at, until_at)
			WHERE s.tenant_id = $1 AND s.id = $2`, tenant, staff, source, uids, starts, ends)
		// A staff member who is not there breaks the key, and says so.
		b.Queue(`INSERT INTO staff_busy (tenant_id, staff_id, source, starts_at, ends_at)
			SELECT $1, $2, $3, now(), now() + interval '1 second' WHERE NOT EXISTS (SELECT FROM staff WHERE (tenant_id, id) = ($1, $2))`, tenant, staff, source)
	})
	if err != nil {
		return fmt.Errorf("replace busy times: %w", named(err))
	}
	return nil
}

// BusyTimes returns when a staff member is busy elsewhere between from and to,
// in order, whatever the source.
func (s *Store) BusyTimes(ctx context.Context, tenant ingest.TenantID, staff ingest.StaffID, from, to time.Time) ([]Busy, error) {
	found, err := tenantdb.List(ctx, s.db, tenant, func(row pgx.CollectableRow) (Busy, error) {
		var b Busy
		err := row.Scan(&b.UID, &b.Start, &b.End)
		b.Start, b.End = b.Start.UTC(), b.End.UTC()
		return b, err
	}, `SELECT uid, starts_at, ends_at FROM staff_busy WHERE tenant_id = $1 AND staff_id = $2 AND starts_at < $4 AND ends_at > $3 ORDER BY starts_at, id`, tenant, staff, from, to)
	return found, missing(err, "busy times of %s", staff)
}
