package booking

import (
	"context"
	"errors"
	"time"

	"github.com/jackc/pgx/v5"

	"frontdesk/ingest"
)

// A contact's own holds are never in its way: an attempt that broke off between
// the hold and the booking leaves one behind of which nobody knows the id, and
// the next attempt must not be told that somebody has the time. Where holds of
// the contact are all that stands against a wish, they are released for it, in
// the transaction that fulfils it.

// ownReach is how far from a wish the contact's holds count as in its way: they
// overlap it, or count for the limit of its day.
const ownReach = 24 * time.Hour

// own are holds of the contact who asks.
type own struct {
	ids      []string
	subjects []string // what they claim, to be locked
}

// ownHolds returns the holds that the contact of w has about its time, but for
// those that count as free already.
func (s *Store) ownHolds(ctx context.Context, tenant ingest.TenantID, w wish) (own, error) {
	var o own
	err := s.db.Batch(ctx, tenant, func(b *pgx.Batch) {
		b.Queue(`SELECT coalesce(array_agg(DISTINCT h.id), '{}'), coalesce(array_agg(DISTINCT c.subject), '{}')
			FROM holds h JOIN claims c ON (c.tenant_id, c.owner) = (h.tenant_id, h.id)
			WHERE h.tenant_id = $1 AND h.contact_id IN (SELECT k.id FROM contacts k WHERE k.tenant_id = $1 AND (k.id = $2 OR k.merged_into = $2))
				AND h.expires_at > coalesce($3::timestamptz, clock_timestamp()) AND h.id <> ALL ($4) AND h.starts_at < $6 AND h.ends_at > $5`,
			tenant, w.contact, s.clock(), append([]string{}, w.except...), w.start.Add(-ownReach), w.start.Add(ownReach)).
			QueryRow(func(row pgx.Row) error { return row.Scan(&o.ids, &o.subjects) })
	})
	return o, err
}

// yields reports whether own holds of the contact may be all that stands behind
// the refusal.
func (w wish) yields(why error) bool {
	return w.contact != "" && len(w.own.ids) == 0 && (errors.Is(why, ErrSlotTaken) || errors.Is(why, ErrDayFull))
}

// queueOwn releases the own holds for which a place was judged free, in favour
// of the hold or appointment whose id is instead. A wish of the waitlist that
// one of them was offered to goes with it.
func queueOwn(b *pgx.Batch, tenant ingest.TenantID, o own, instead string, hold bool) {
	if len(o.ids) == 0 {
		return
	}
	b.Queue(`UPDATE waitlist SET hold_id = CASE WHEN $4 THEN $3 ELSE hold_id END, status = CASE WHEN $4 THEN status ELSE 'booked' END,
			offered_until = CASE WHEN $4 THEN offered_until END
		WHERE tenant_id = $1 AND hold_id = ANY ($2) AND status = 'offered'`, tenant, o.ids, instead, hold)
	b.Queue(`DELETE FROM holds WHERE tenant_id = $1 AND id = ANY ($2)`, tenant, o.ids)
}
