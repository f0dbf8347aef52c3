package simulator

import (
	"context"

	"github.com/jackc/pgx/v5"

	"frontdesk/ingest"
)

// Erase removes the made-up customers that a person is, with all that passed:
// who has a number that was theirs before is somebody else.
// It is a contact.Part's.
func Erase(ctx context.Context, tx pgx.Tx, tenant ingest.TenantID, t *ingest.Traces) (map[string]int64, error) {
	phones, users := []string{}, []string{}
	for _, ident := range t.Present {
		switch ident.Kind {
		case ingest.Phone:
			phones = append(phones, ident.Value)
		case ingest.WhatsAppUser:
			users = append(users, ident.Value)
		}
	}
	tag, err := tx.Exec(ctx, `DELETE FROM simulator_customers WHERE tenant_id = $1 AND (phone = ANY($2) OR user_id = ANY($3))`, tenant, phones, users)
	return map[string]int64{"simulator_customers": tag.RowsAffected()}, err
}
