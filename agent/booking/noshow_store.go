package booking

import (
	"context"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"frontdesk/ingest"
	"frontdesk/ingest/tenantdb"
)

// How no-shows are looked for: appointments that ended longer ago are left
// alone, so that a business that turns the marking on does not have its past
// rewritten; and so many are marked at a time.
const (
	noShowReach = 72 * time.Hour
	noShowBatch = 200
)

// MarkNoShows marks appointments that are still scheduled as missed, so long
// after their end as their business has set; businesses that have set nothing
// are left alone. It is safe to call anywhere, at once and again.
func (s *Store) MarkNoShows(ctx context.Context) error {
	type setting struct {
		tenant ingest.TenantID
		after  time.Duration
	}
	var settings []setting
	err := s.db.AcrossTenants(ctx, func(tx pgx.Tx) error {
		rows, err := tx.Query(ctx, `SELECT tenant_id, no_show_after_minutes FROM tenants WHERE no_show_after_minutes > 0`)
		if err != nil {
			return err
		}
		settings, err = pgx.CollectRows(rows, func(row pgx.CollectableRow) (setting, error) {
			var v setting
			var minutes int
			err := row.Scan(&v.tenant, &minutes)
			v.after = time.Duration(minutes) * time.Minute
			return v, err
		})
		return err
	})
	if err != nil {
		return fmt.Errorf("businesses that mark no-shows: %w", err)
	}
	for _, v := range settings {
		if err := s.markNoShows(ctx, v.tenant, v.after); err != nil {
			return err
		}
	}
	return nil
}

func (s *Store) markNoShows(ctx context.Context, tenant ingest.TenantID, after time.Duration) error {
	for {
		ids, err := tenantdb.List(ctx, s.db, tenant, pgx.RowTo[ingest.AppointmentID], `
			SELECT id FROM appointments WHERE tenant_id = $1 AND status = 'scheduled'
				AND starts_at > coalesce($2::timestamptz, clock_timestamp()) - $3::interval - $4::interval
				AND ends_at <= coalesce($2::timestamptz, clock_timestamp()) - $3::interval
			ORDER BY starts_at, id LIMIT $5`, tenant, s.clock(), after, noShowReach, noShowBatch)
		if err != nil {
			return fmt.Errorf("missed appointments: %w", err)
		}
		for _, id := range ids {
			if err := s.missed(ctx, tenant, id, after); err != nil {
				return err
			}
		}
		if len(ids) < noShowBatch {
			return nil
		}
	}
}

// missed marks an appointment as a no-show if, under its lock, it is still
// scheduled and over for long enough.
func (s *Store) missed(ctx context.Context, tenant ingest.TenantID, id ingest.AppointmentID, after time.Duration) error {
	_, err := s.alter(ctx, tenant, id, request{}, func(a *Appointment, now time.Time) (happening, error) {
		if a.Status != Scheduled || a.Slot.End.Add(after).After(now) {
			return happening{}, nil
		}
		a.Status = NoShow
		return happening{kind: string(NoShow), by: "bot"}, nil
	})
	return err
}
