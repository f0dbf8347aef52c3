package webhook

import (
	"context"
	"encoding/json"

	"github.com/jackc/pgx/v5"

	"frontdesk/ingest"
)

// Erase removes deliveries that tell of a person, with their requests and
// responses; those that were still to be sent are not. They name the contact or
// a conversation, or have an identifier in use as a whole value. What endpoints
// were told before is theirs. It is a contact.Part's.
func Erase(ctx context.Context, tx pgx.Tx, tenant ingest.TenantID, t *ingest.Traces) (map[string]int64, error) {
	var names []string
	for _, id := range t.Contacts {
		names = append(names, string(id))
	}
	for _, id := range t.Conversations {
		names = append(names, string(id))
	}
	for _, ident := range t.Present {
		if ident.Kind == ingest.SenderID { // a word that may be anybody's
			continue
		}
		quoted, err := json.Marshal(ident.Value)
		if err != nil {
			return nil, err
		}
		names = append(names, string(quoted))
	}
	// A body that the log holds is a string there, with its quotes escaped.
	tag, err := tx.Exec(ctx, `
		DELETE FROM webhook_deliveries d WHERE tenant_id = $1
			AND EXISTS (SELECT FROM unnest($2::text[]) n (name) WHERE position(convert_to(n.name, 'UTF8') IN d.body) > 0
				OR position(n.name IN replace(d.log::text, '\"', '"')) > 0)`, tenant, names)
	return map[string]int64{"webhook_deliveries": tag.RowsAffected()}, err
}
