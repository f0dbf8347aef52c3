package webhook

import (
	"context"
	"encoding/json"
	"slices"
	"time"

	"github.com/jackc/pgx/v5"

	"frontdesk/ingest"
)

const (
	// eraseBatch is how many deliveries are read in one transaction of EraseAhead.
	eraseBatch = 2000
	// eraseMargin is how long before EraseAhead began a transaction may have begun
	// that it saw nothing of.
	eraseMargin = time.Minute
)

// Erase removes deliveries that tell of a person, with their requests and
// responses; those that were still to be sent are not. They name the contact or
// a conversation, or have an identifier in use as a whole value. What endpoints
// were told before is theirs. After [EraseAhead] it reads only what was made
// since. It is a contact.Part's.
func Erase(ctx context.Context, tx pgx.Tx, tenant ingest.TenantID, t *ingest.Traces) (map[string]int64, error) {
	names, err := namesOf(t)
	if err != nil {
		return nil, err
	}
	var since time.Time
	if t.Ahead != nil {
		known, err := namesOf(t.Ahead)
		if err != nil {
			return nil, err
		}
		isNew := func(name string) bool { return !slices.Contains(known, name) }
		if !slices.ContainsFunc(names, isNew) { // whoever was merged meanwhile has names of their own
			since = t.Ahead.At.Add(-eraseMargin)
		}
	}
	tag, err := tx.Exec(ctx, `DELETE FROM webhook_deliveries d WHERE tenant_id = $1 AND created_at >= $3 AND `+tells, tenant, names, since)
	return map[string]int64{"webhook_deliveries": tag.RowsAffected()}, err
}

// EraseAhead removes the same of some deliveries, which are those after one of
// an id, and returns the last one's id; empty: there are no more.
func EraseAhead(ctx context.Context, tx pgx.Tx, tenant ingest.TenantID, t *ingest.Traces, after string) (string, map[string]int64, error) {
	names, err := namesOf(t)
	if err != nil {
		return "", nil, err
	}
	var last string
	var many int
	var gone int64
	err = tx.QueryRow(ctx, `
		WITH d AS MATERIALIZED (SELECT id, body, log FROM webhook_deliveries WHERE tenant_id = $1 AND id > $3 ORDER BY id LIMIT $4),
			gone AS (DELETE FROM webhook_deliveries w USING d WHERE (w.tenant_id, w.id) = ($1, d.id) AND `+tells+` RETURNING w.id)
		SELECT coalesce(max(id), ''), count(*), (SELECT count(*) FROM gone) FROM d`, tenant, names, after, eraseBatch).Scan(&last, &many, &gone)
	if many < eraseBatch {
		last = ""
	}
	return last, map[string]int64{"webhook_deliveries": gone}, err
}

// tells says that a delivery d names one of $2. A body that the log holds is a
// string there, with its quotes escaped.
const tells = `EXISTS (SELECT FROM unnest($2::text[]) n (name) WHERE position(convert_to(n.name, 'UTF8') IN d.body) > 0
	OR position(n.name IN replace(d.log::text, '\"', '"')) > 0)`

// namesOf is what a delivery has in it that tells of a person.
func namesOf(t *ingest.Traces) ([]string, error) {
	var names []string
	for _, id := range t.Contacts {
		names = append(names, string(id))
	}
	for _, id := range t.Conversations {
		names = append(names, string(id))
	}
	for _, ident := range t.Present {
		if ident.Kind == ingest.SenderID { // a word that may be anybody's
			continue
		}
		quoted, err := json.Marshal(ident.Value)
		if err != nil {
			return nil, err
		}
		names = append(names, string(quoted))
	}
	return names, nil
}
