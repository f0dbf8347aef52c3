package conversation

import (
	"context"
	"encoding/json"
	"strings"

	"github.com/jackc/pgx/v5"

	"frontdesk/ingest"
)

// erase empties the conversations of a person and fills in what they were. The
// messages' rows stay, so that a replay of the log stores none of them again;
// what was not sent yet is not.
func erase(ctx context.Context, tx pgx.Tx, tenant ingest.TenantID, t *ingest.Traces) (map[string]int64, error) {
	if err := spoken(ctx, tx, tenant, t); err != nil {
		return nil, err
	}
	counts := map[string]int64{}
	for _, step := range []struct {
		name, sql string
		of        any
	}{
		{"early_receipts", `DELETE FROM early_receipts WHERE tenant_id = $1 AND provider_id = ANY($2)`, t.ProviderIDs},
		{"scheduled_messages", `DELETE FROM scheduled_messages WHERE tenant_id = $1 AND contact_id = ANY($2)`, t.Contacts},
		{"messages", `
			UPDATE messages m SET provider_id = NULL, errors = NULL, request_key = NULL, request_hash = NULL,
				status = CASE status WHEN 'queued' THEN 'failed' ELSE status END, failed_at = CASE status WHEN 'queued' THEN now() ELSE failed_at END,
				message = json_build_object('id', m.id, 'tenant_id', m.tenant_id, 'channel_id', m.channel_id, 'provider', c.provider, 'direction', direction,
					'party', json_build_object('identifiers', '[]'::json), 'content', json_build_object('type', 'unsupported'), 'at', at, 'test', c.test)
			FROM conversations c WHERE m.tenant_id = $1 AND m.conversation_id = ANY($2) AND (c.tenant_id, c.id) = (m.tenant_id, m.conversation_id)`, t.Conversations},
		{"conversations", `
			UPDATE conversations SET party = '{"identifiers": []}', draft = NULL, language = '', version = version + 1, state = 'closed',
				closed_at = coalesce(closed_at, now()), closed_reason = CASE state WHEN 'open' THEN 'erased' ELSE closed_reason END
			WHERE tenant_id = $1 AND id = ANY($2)`, t.Conversations},
	} {
		tag, err := tx.Exec(ctx, step.sql, tenant, step.of)
		if err != nil {
			return nil, err
		}
		counts[step.name] = tag.RowsAffected()
	}
	return counts, nil
}

// lookAhead fills in which conversations a person has.
func lookAhead(ctx context.Context, tx pgx.Tx, tenant ingest.TenantID, t *ingest.Traces, _ string) (string, map[string]int64, error) {
	return "", nil, conversations(ctx, tx, tenant, t, "")
}

// conversations fills in which conversations a person has. lock is "" or a
// locking clause.
func conversations(ctx context.Context, tx pgx.Tx, tenant ingest.TenantID, t *ingest.Traces, lock string) error {
	rows, err := tx.Query(ctx, `SELECT id FROM conversations WHERE tenant_id = $1 AND contact_id = ANY($2)`+lock, tenant, t.Contacts)
	if err != nil {
		return err
	}
	t.Conversations, err = pgx.CollectRows(rows, pgx.RowTo[ingest.ConversationID])
	return err
}

// spoken fills in what a person's conversations are and what they said in them.
// They are locked, so that no turn ends and no message comes meanwhile.
func spoken(ctx context.Context, tx pgx.Tx, tenant ingest.TenantID, t *ingest.Traces) error {
	if err := conversations(ctx, tx, tenant, t, " ORDER BY id FOR UPDATE"); err != nil {
		return err
	}
	rows, err := tx.Query(ctx, `
		SELECT id, coalesce(provider_id, ''), CASE direction WHEN 'inbound' THEN message ELSE '{}' END
		FROM messages WHERE tenant_id = $1 AND conversation_id = ANY($2)`, tenant, t.Conversations)
	if err != nil {
		return err
	}
	var id ingest.MessageID
	var provider string
	var raw []byte // whole: Postgres takes nothing out of one that holds a NUL
	_, err = pgx.ForEachRow(rows, []any{&id, &provider, &raw}, func() error {
		var said struct{ Content ingest.Content }
		if err := json.Unmarshal(raw, &said); err != nil {
			return err
		}
		t.Messages = append(t.Messages, id)
		if provider != "" {
			t.ProviderIDs = append(t.ProviderIDs, provider)
		}
		if text := strings.ReplaceAll(said.Content.Text, "\x00", ""); text != "" {
			t.Texts = append(t.Texts, text)
		}
		return nil
	})
	return err
}
