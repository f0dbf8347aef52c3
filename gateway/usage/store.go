package usage

import (
	"context"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"frontdesk/ingest"
	"frontdesk/ingest/tenantdb"
)

// Store counts in Postgres.
type Store struct{ db *tenantdb.DB }

// NewStore returns a store on db.
func NewStore(db *tenantdb.DB) *Store { return &Store{db} }

// Report counts the tenant's usage from the first to the last day, both of
// which are midnights of the business's clock. More than MaxDays are ErrRange.
func (s *Store) Report(ctx context.Context, tenant ingest.TenantID, first, last time.Time) (Report, error) {
	end := last.AddDate(0, 0, 1)
	if end.Before(first) || first.AddDate(0, 0, MaxDays).Before(end) || !first.Before(end) {
		return Report{}, ErrRange
	}
	var out Report
	var rows []row
	err := s.db.InTenant(ctx, tenant, func(tx pgx.Tx) error {
		found, err := tx.Query(ctx, countMessages, tenant, first, end, first.Location().String())
		if err != nil {
			return err
		}
		if rows, err = pgx.CollectRows(found, scanRow); err != nil {
			return err
		}
		return tx.QueryRow(ctx, countBytes, tenant).Scan(&out.KnowledgeBytes, &out.MediaBytes)
	})
	if err != nil {
		return Report{}, fmt.Errorf("count usage: %w", err)
	}
	out.Days = daysOf(rows, first, last)
	return out, nil
}

// What goes by SMS is told apart by its text, which decides the segments; the
// same text, as reminders have it, is one row.
const countMessages = `
	SELECT to_char(created_at AT TIME ZONE $4, 'YYYY-MM-DD'), channel_id, message ->> 'provider', direction,
		CASE direction WHEN 'outbound' THEN COALESCE(message ->> 'category', '') ELSE '' END, COALESCE(message ->> 'test', 'false') = 'true',
		CASE WHEN direction = 'outbound' AND message ->> 'provider' = 'twilio' THEN COALESCE(message -> 'content' ->> 'text', '') ELSE '' END,
		count(*), count(*) FILTER (WHERE status = 'failed')
	FROM messages WHERE tenant_id = $1 AND created_at >= $2 AND created_at < $3
	GROUP BY 1, 2, 3, 4, 5, 6, 7 ORDER BY 1, 2, 3, 4, 5, 6`

const countBytes = `
	SELECT (SELECT COALESCE(sum(octet_length(content) + octet_length(array_to_string(questions, ' '))), 0) FROM articles WHERE tenant_id = $1),
		(SELECT COALESCE(sum(bytes), 0) FROM media WHERE tenant_id = $1)`

func scanRow(found pgx.CollectableRow) (row, error) {
	var r row
	err := found.Scan(&r.date, &r.channel, &r.provider, &r.direction, &r.category, &r.test, &r.text, &r.messages, &r.failed)
	return r, err
}
