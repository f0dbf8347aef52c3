package kb

import (
	"context"

	"github.com/jackc/pgx/v5"

	"frontdesk/ingest"
)

// Erase removes what a person asked from the questions that nobody could answer.
// A question that others asked too stays in their words. It is a contact.Part's.
func Erase(ctx context.Context, tx pgx.Tx, tenant ingest.TenantID, t *ingest.Traces) (map[string]int64, error) {
	tag, err := tx.Exec(ctx, `
		UPDATE knowledge_gaps g SET examples = coalesce((
			SELECT array_agg(e ORDER BY place) FROM unnest(g.examples) WITH ORDINALITY x (e, place)
			WHERE NOT EXISTS (SELECT FROM unnest($2::text[]) s (said) WHERE position(x.e IN s.said) > 0)), '{}')
		WHERE tenant_id = $1 AND EXISTS (SELECT FROM unnest(g.examples || g.question) q (asked), unnest($2::text[]) s (said) WHERE position(q.asked IN s.said) > 0)`, tenant, t.Texts)
	if err != nil {
		return nil, err
	}
	touched := tag.RowsAffected()
	for _, sql := range []string{
		`DELETE FROM knowledge_gaps g WHERE tenant_id = $1 AND examples = '{}' AND EXISTS (SELECT FROM unnest($2::text[]) s (said) WHERE position(g.question IN s.said) > 0)`,
		`UPDATE knowledge_gaps g SET question = examples[1], examples = examples[2:] WHERE tenant_id = $1 AND examples <> '{}'
			AND EXISTS (SELECT FROM unnest($2::text[]) s (said) WHERE position(g.question IN s.said) > 0)`,
	} {
		if _, err := tx.Exec(ctx, sql, tenant, t.Texts); err != nil {
			return nil, err
		}
	}
	return map[string]int64{"knowledge_gaps": touched}, nil
}
