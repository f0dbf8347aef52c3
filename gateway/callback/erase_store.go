package callback

import (
	"context"
	"encoding/json"
	"fmt"
	"net/url"
	"strings"

	"github.com/jackc/pgx/v5"

	"frontdesk/gateway/provider"
	"frontdesk/ingest"
)

// Forget removes the parked callbacks of one tenant that name a person by a phone
// number or an id of WhatsApp, as a whole value. What is parked for several
// tenants, or for none that is known, stays: a part of it may be somebody else's.
// So do those that wait for the log, as the provider was told that we have them.
// It may be called again.
func (s *Spool) Forget(ctx context.Context, tenant ingest.TenantID, who []ingest.Identifier) (int64, error) {
	quoted, fields := [][]byte{}, [][]byte{}
	for _, ident := range who {
		q, f := written(ident)
		quoted, fields = append(quoted, q...), append(fields, f...)
	}
	if len(quoted) == 0 {
		return 0, nil
	}
	var gone int64
	err := s.db.AcrossTenants(ctx, func(tx pgx.Tx) error {
		tag, err := tx.Exec(ctx, `
			DELETE FROM callback_spool c WHERE parked IS NOT NULL
				AND (SELECT array_agg(DISTINCT g->>'tenant') FROM jsonb_path_query(c.routes, '$[*].targets[*]') g) = ARRAY[$1::text]
				AND EXISTS (SELECT FROM unnest(CASE WHEN c.provider = $2 THEN $4::bytea[] ELSE $3::bytea[] END) n (name)
					WHERE position(n.name IN CASE WHEN c.provider = $2 THEN c.body || '&'::bytea ELSE c.body END) > 0)`,
			tenant, provider.Twilio, quoted, fields)
		gone = tag.RowsAffected()
		return err
	})
	if err != nil {
		return 0, fmt.Errorf("forget parked callbacks: %w", err)
	}
	return gone, nil
}

// written returns how an identifier stands in a callback as a whole: as a value
// of JSON, and as one of a form that another or the end follows.
func written(ident ingest.Identifier) (quoted, fields [][]byte) {
	var names []string
	switch ident.Kind {
	case ingest.Phone:
		names = []string{ident.Value, strings.TrimPrefix(ident.Value, "+")}
	case ingest.WhatsAppUser, ingest.WhatsAppParent:
		names = []string{ident.Value}
	}
	for _, name := range names {
		q, err := json.Marshal(name)
		if err != nil { // no string is refused
			continue
		}
		quoted = append(quoted, q)
		for _, prefix := range []string{"", "whatsapp:"} {
			fields = append(fields, []byte("="+url.QueryEscape(prefix+name)+"&"))
		}
	}
	return quoted, fields
}
