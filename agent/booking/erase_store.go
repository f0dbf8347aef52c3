package booking

import (
	"context"

	"github.com/jackc/pgx/v5"

	"frontdesk/ingest"
)

// Erase removes what a person has booked, holds and waits for, with reminders,
// claims and history: their times are free again. It is a contact.Part's.
func Erase(ctx context.Context, tx pgx.Tx, tenant ingest.TenantID, t *ingest.Traces) (map[string]int64, error) {
	counts := map[string]int64{}
	for _, step := range []struct{ name, sql string }{
		{"booking_requests", `DELETE FROM booking_requests b WHERE tenant_id = $1 AND EXISTS (SELECT FROM unnest($2::text[]) c (id) WHERE position(c.id IN b.answer::text) > 0)`},
		{"waitlist", `DELETE FROM waitlist WHERE tenant_id = $1 AND contact_id = ANY($2)`},
		{"holds", `DELETE FROM holds WHERE tenant_id = $1 AND contact_id = ANY($2)`},
		{"appointments", `DELETE FROM appointments WHERE tenant_id = $1 AND contact_id = ANY($2)`},
	} {
		tag, err := tx.Exec(ctx, step.sql, tenant, t.Contacts)
		if err != nil {
			return nil, err
		}
		counts[step.name] = tag.RowsAffected()
	}
	return counts, nil
}
