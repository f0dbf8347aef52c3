package dispatch

import (
	"context"

	"github.com/jackc/pgx/v5"

	"frontdesk/ingest"
)

// Erase removes what waits to be sent to a person, and with it the lanes that
// bear their address. It is a contact.Part's.
func Erase(ctx context.Context, tx pgx.Tx, tenant ingest.TenantID, t *ingest.Traces) (map[string]int64, error) {
	tag, err := tx.Exec(ctx, `DELETE FROM dispatch_parked WHERE tenant_id = $1 AND message_id = ANY($2)`, tenant, t.Messages)
	return map[string]int64{"parked_messages": tag.RowsAffected()}, err
}
