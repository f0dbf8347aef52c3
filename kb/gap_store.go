package kb

import (
	"context"
	"math/rand/v2"

	"github.com/jackc/pgx/v5"

	"frontdesk/ingest"
)

// RecordGap notes a question that nobody could answer. Questions of the same
// telling words are one gap. One that holds no words is not noted.
func (s *Store) RecordGap(ctx context.Context, tenant ingest.TenantID, q Query) error {
	b := &pgx.Batch{}
	if QueueGap(b, tenant, q); b.Len() == 0 {
		return nil
	}
	return s.db.Batch(ctx, tenant, func(b *pgx.Batch) { QueueGap(b, tenant, q) })
}

// gapsTidied is after how many gaps, on average, those that were asked for once
// and long ago are removed.
const gapsTidied = 50

// QueueGap is [Store.RecordGap] as part of a batch that runs as the tenant.
func QueueGap(b *pgx.Batch, tenant ingest.TenantID, q Query) {
	text := clean(q.Text)
	if r := []rune(text); len(r) > maxQuestion {
		text = string(r[:maxQuestion])
	}
	key := gapKey(text, q.Language)
	if key == "" {
		return
	}
	b.Queue(`
		INSERT INTO knowledge_gaps AS g (tenant_id, id, key, question, language) VALUES ($1, $2, $3, $4, $5)
		ON CONFLICT (tenant_id, key) DO UPDATE SET count = g.count + 1, last_at = now(),
			examples = CASE WHEN excluded.question = g.question OR excluded.question = ANY(g.examples) THEN g.examples
				ELSE (ARRAY[excluded.question] || g.examples)[1:5] END`,
		tenant, newGapID(), key, text, q.Language)
	if rand.IntN(gapsTidied) == 0 {
		b.Queue(`DELETE FROM knowledge_gaps WHERE tenant_id = $1 AND count = 1 AND last_at < now() - interval '90 days'`, tenant)
	}
}
