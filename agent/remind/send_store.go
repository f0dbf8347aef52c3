package remind

import (
	"context"

	"github.com/jackc/pgx/v5"

	"frontdesk/agent"
	"frontdesk/agent/conversation"
	"frontdesk/ingest"
)

// message returns what stores draft, as the message that brings e, in a
// transaction, and notes in its conversation what it asks.
func (w *Worker) message(e errand, draft conversation.Draft) func(context.Context, pgx.Tx) (ingest.MessageID, error) {
	return func(ctx context.Context, tx pgx.Tx) (ingest.MessageID, error) {
		m, err := w.Conversations.SendWithin(ctx, tx, e.tenant, draft)
		if err != nil {
			return "", err
		}
		return m.ID, agent.Notice(ctx, tx, e.tenant, m.Conversation, e.notice, m.Content.Text)
	}
}

// offered is message for an offer, whose id nobody keeps.
func (w *Worker) offered(e errand, draft conversation.Draft) func(context.Context, pgx.Tx) error {
	send := w.message(e, draft)
	return func(ctx context.Context, tx pgx.Tx) error {
		_, err := send(ctx, tx)
		return err
	}
}
