package agent

import (
	"context"
	"fmt"

	"github.com/jackc/pgx/v5"

	"frontdesk/agent/dialogue"
	"frontdesk/ingest"
)

// Notice notes, in the transaction that queues the message text, that the
// conversation was sent n: what the contact says next may answer it. The
// conversation must be locked, and be counted up by the same transaction, so
// that a turn that began before is decided anew.
func Notice(ctx context.Context, tx pgx.Tx, tenant ingest.TenantID, id ingest.ConversationID, n dialogue.Notice, text string) error {
	var draft *dialogue.Draft
	err := tx.QueryRow(ctx, `SELECT draft FROM conversations WHERE tenant_id = $1 AND id = $2`, tenant, id).Scan(&draft)
	if err != nil {
		return fmt.Errorf("draft of %s: %w", id, err)
	}
	if draft == nil {
		draft = &dialogue.Draft{}
	}
	_, err = tx.Exec(ctx, `UPDATE conversations SET draft = $3 WHERE tenant_id = $1 AND id = $2`, tenant, id, draft.Noticed(n, text))
	if err != nil {
		return fmt.Errorf("notice in %s: %w", id, err)
	}
	return nil
}

// Draft returns what a conversation knows of a booking under way; the zero Draft
// is nothing.
func (s *Store) Draft(ctx context.Context, tenant ingest.TenantID, id ingest.ConversationID) (dialogue.Draft, error) {
	var draft *dialogue.Draft
	err := s.db.InTenant(ctx, tenant, func(tx pgx.Tx) error {
		return tx.QueryRow(ctx, `SELECT draft FROM conversations WHERE tenant_id = $1 AND id = $2`, tenant, id).Scan(&draft)
	})
	if err != nil {
		return dialogue.Draft{}, fmt.Errorf("draft of %s: %w", id, err)
	}
	if draft == nil {
		return dialogue.Draft{}, nil
	}
	return *draft, nil
}
