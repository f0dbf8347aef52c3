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
	days := tally{}
	err := s.db.InTenant(ctx, tenant, func(tx pgx.Tx) error {
		found, err := tx.Query(ctx, countMessages, tenant, first, end, first.Location().String())
		if err != nil {
			return err
		}
		var r row
		_, err = pgx.ForEachRow(found, []any{&r.date, &r.channel, &r.provider, &r.direction, &r.category, &r.test, &r.text, &r.messages, &r.failed}, func() error {
			days.add(r)
			return nil
		})
		if err != nil {
			return err
		}
		return tx.QueryRow(ctx, countBytes, tenant).Scan(&out.KnowledgeBytes, &out.MediaBytes)
	})
	if err != nil {
		return Report{}, fmt.Errorf("count usage: %w", err)
	}
	out.Days = days.between(first, last)
	return out, nil
}

// What goes by SMS comes one by one with its text, which decides the segments:
// it is counted as it comes and kept by nobody, however much it is. All else is
// counted where it lies. Postgres takes nothing out of JSON that holds a NUL.
const countMessages = `
	WITH m AS NOT MATERIALIZED (
		SELECT to_char(created_at AT TIME ZONE $4, 'YYYY-MM-DD') AS day, channel_id, direction, status, d.provider,
			CASE direction WHEN 'outbound' THEN COALESCE(d.category, '') ELSE '' END AS category, COALESCE(d.test, false) AS test,
			direction = 'outbound' AND d.provider = 'twilio' AS sms, d.content
		FROM messages, json_to_record(replace(message::text, '\u0000', '\ufffd')::json) AS d (provider text, category text, test boolean, content json)
		WHERE tenant_id = $1 AND created_at >= $2 AND created_at < $3)
	SELECT day, channel_id, provider, direction, category, test, '', count(*), count(*) FILTER (WHERE status = 'failed')
	FROM m WHERE NOT sms GROUP BY 1, 2, 3, 4, 5, 6
	UNION ALL
	SELECT day, channel_id, provider, direction, category, test, COALESCE(content ->> 'text', ''), 1, CASE status WHEN 'failed' THEN 1 ELSE 0 END
	FROM m WHERE sms`

const countBytes = `
	SELECT (SELECT COALESCE(sum(octet_length(content) + octet_length(array_to_string(questions, ' '))), 0) FROM articles WHERE tenant_id = $1),
		(SELECT COALESCE(sum(bytes), 0) FROM media WHERE tenant_id = $1)`
