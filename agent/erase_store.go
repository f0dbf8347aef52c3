package agent

import (
	"context"

	"github.com/jackc/pgx/v5"

	"frontdesk/ingest"
)

// Erase removes the turns that were taken with a person, which bear all that was
// said. It is a contact.Part's.
func Erase(ctx context.Context, tx pgx.Tx, tenant ingest.TenantID, t *ingest.Traces) (map[string]int64, error) {
	counts := map[string]int64{}
	for name, sql := range map[string]string{
		"turns":     `DELETE FROM turns WHERE tenant_id = $1 AND conversation_id = ANY($2)`,
		"turns_due": `DELETE FROM turns_due WHERE tenant_id = $1 AND conversation_id = ANY($2)`,
	} {
		tag, err := tx.Exec(ctx, sql, tenant, t.Conversations)
		if err != nil {
			return nil, err
		}
		counts[name] = tag.RowsAffected()
	}
	return counts, nil
}
