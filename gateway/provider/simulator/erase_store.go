package simulator

import (
	"context"

	"github.com/jackc/pgx/v5"

	"frontdesk/ingest"
)

// Erase removes the made-up customers that a person was, with all that passed.
// It is a contact.Part's.
func Erase(ctx context.Context, tx pgx.Tx, tenant ingest.TenantID, t *ingest.Traces) (map[string]int64, error) {
	tag, err := tx.Exec(ctx, `DELETE FROM simulator_customers WHERE tenant_id = $1 AND (phone = ANY($2) OR user_id = ANY($2))`, tenant, t.Values())
	return map[string]int64{"simulator_customers": tag.RowsAffected()}, err
}
