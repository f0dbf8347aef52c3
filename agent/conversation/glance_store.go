package conversation

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"frontdesk/ingest"
)

// Glance is what somebody who looks over conversations wants to see of one.
type Glance struct {
	Unanswered int64            // messages of the contact since the last answer
	Message    ingest.MessageID // the last one; empty: nothing was said, as are the next four
	Direction  ingest.Direction
	Type       ingest.ContentType
	Text       string // its beginning
	At         time.Time
}

// previewRunes is how much of a message a glance shows.
const previewRunes = 160

// Glances returns a glance at each of ids.
func (s *Store) Glances(ctx context.Context, tenant ingest.TenantID, ids []ingest.ConversationID) (map[ingest.ConversationID]Glance, error) {
	out := make(map[ingest.ConversationID]Glance, len(ids))
	if len(ids) == 0 {
		return out, nil
	}
	err := s.db.InTenant(ctx, tenant, func(tx pgx.Tx) error {
		rows, err := tx.Query(ctx, `
			SELECT d.id, m.id, m.direction, m.message, m.created_at, (
				SELECT count(*) FROM messages p WHERE (p.tenant_id, p.conversation_id) = ($1, d.id) AND p.prompt AND p.number > coalesce((
					SELECT o.number FROM messages o WHERE (o.tenant_id, o.conversation_id) = ($1, d.id) AND o.direction = 'outbound' ORDER BY o.number DESC LIMIT 1), 0))
			FROM unnest($2::text[]) AS d (id)
			CROSS JOIN LATERAL (SELECT * FROM messages WHERE (tenant_id, conversation_id) = ($1, d.id) ORDER BY number DESC LIMIT 1) m`, tenant, ids)
		if err != nil {
			return err
		}
		var id ingest.ConversationID
		var g Glance
		var raw []byte // whole: Postgres takes nothing out of one that holds a NUL
		_, err = pgx.ForEachRow(rows, []any{&id, &g.Message, &g.Direction, &raw, &g.At, &g.Unanswered}, func() error {
			var said struct{ Content ingest.Content }
			if err := json.Unmarshal(raw, &said); err != nil {
				return fmt.Errorf("message %s as stored: %w", g.Message, err)
			}
			g.Type, g.Text = said.Content.Type, said.Content.Text
			if runes := []rune(g.Text); len(runes) > previewRunes {
				g.Text = string(runes[:previewRunes])
			}
			out[id] = g
			return nil
		})
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("look over conversations: %w", err)
	}
	return out, nil
}
