package conversation

import (
	"context"
	"fmt"

	"github.com/jackc/pgx/v5"

	"frontdesk/ingest"
)

// SendWithin is [Store.Send] as a part of the caller's transaction: the message
// is there if and only if what else the transaction writes is. The caller wakes
// the relay once it has committed.
func (s *Store) SendWithin(ctx context.Context, tx pgx.Tx, tenant ingest.TenantID, d Draft) (Message, error) {
	m, err := s.sendWithin(ctx, tx, tenant, d)
	return m, wrap(err, "send")
}

func (s *Store) sendWithin(ctx context.Context, tx pgx.Tx, tenant ingest.TenantID, d Draft) (Message, error) {
	if err := d.validate(); err != nil {
		return Message{}, err
	}
	hash, err := d.hash()
	if err != nil {
		return Message{}, fmt.Errorf("hash of a draft: %w", err)
	}
	list := []sending{{draft: d, hash: hash}}
	var first, last pgx.Batch
	looked := queueAims(&first, tenant, list)
	if err := tx.SendBatch(ctx, &first).Close(); err != nil {
		return Message{}, err
	}
	settleAims(list)
	if err := s.admitAll(ctx, tx, tenant, looked, list); err != nil {
		return Message{}, err
	}
	if err := s.ensureAll(ctx, tx, &last, tenant, list); err != nil {
		return Message{}, err
	}
	if err := undoing(list); err != nil {
		return Message{}, err
	}
	if err := queueSends(&last, tenant, list); err != nil || last.Len() == 0 {
		return list[0].message, err
	}
	err = tx.SendBatch(ctx, &last).Close()
	return list[0].message, err
}
