package media

import (
	"context"

	"github.com/jackc/pgx/v5"

	"frontdesk/ingest"
)

// Erase removes the files of a person's messages. It is a contact.Part's.
func Erase(ctx context.Context, tx pgx.Tx, tenant ingest.TenantID, t *ingest.Traces) (map[string]int64, error) {
	tag, err := tx.Exec(ctx, `DELETE FROM media WHERE tenant_id = $1 AND message_id = ANY($2)`, tenant, t.Messages)
	return map[string]int64{"media": tag.RowsAffected()}, err
}
