package contact

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"

	"frontdesk/agent/outbox"
	"frontdesk/ingest"
)

// Merge makes two contacts one: everything of merged becomes survivor's, and
// whoever writes from one of its identifiers is survivor from then on. What
// survivor has keeps its value and gets merged's where it is empty; tags are
// those of both, notes stand one below the other, a segment other than lead
// outweighs lead, and of consents a no outweighs a yes. by is the key that asks.
//
// Either may be one that was merged before: it is whom it was merged into. Two
// that are one already are ErrSame, so nothing is ever merged into itself.
func (s *Store) Merge(ctx context.Context, tenant ingest.TenantID, survivor, merged ingest.ContactID, by string) (Contact, error) {
	var c Contact
	err := s.db.InTenant(ctx, tenant, func(tx pgx.Tx) error {
		// One transaction at a time merges a tenant's contacts; see Resolve.
		if _, err := tx.Exec(ctx, nextContact, tenant, 0); err != nil {
			return err
		}
		into, err := head(ctx, tx, tenant, survivor)
		if err != nil {
			return err
		}
		from, err := head(ctx, tx, tenant, merged)
		if err != nil {
			return err
		}
		if into == from {
			return ErrSame
		}
		if err := s.merge(ctx, tx, tenant, merge{survivor: into, merged: from}, by); err != nil {
			return err
		}
		c, err = find(ctx, tx, `c.id = $2`, tenant, into)
		return err
	})
	if errors.Is(err, ErrSame) {
		return Contact{}, err
	}
	return c, explain(err, "merge %s into %s", merged, survivor)
}

// head returns whom id is now.
func head(ctx context.Context, tx pgx.Tx, tenant ingest.TenantID, id ingest.ContactID) (ingest.ContactID, error) {
	var now ingest.ContactID
	err := tx.QueryRow(ctx, `SELECT coalesce(merged_into, id) FROM contacts WHERE tenant_id = $1 AND id = $2 AND erased_at IS NULL`, tenant, id).Scan(&now)
	return now, err
}

const others = ` FROM contacts WHERE tenant_id = $1 AND id IN ($2, $3) ORDER BY id FOR UPDATE`

// merge points all that m.merged has to m.survivor and writes what it did into
// the journal. Its caller has the tenant's counter of contacts locked.
func (s *Store) merge(ctx context.Context, tx pgx.Tx, tenant ingest.TenantID, m merge, by string) error {
	// The rows are locked first, in one order: whoever is opening a conversation
	// for one of the two waits and then sees that it was merged.
	if _, err := tx.Exec(ctx, `SELECT`+others, tenant, m.survivor, m.merged); err != nil {
		return fmt.Errorf("merge %s into %s: %w", m.merged, m.survivor, err)
	}
	j := journal{By: m.by, Parts: map[string]json.RawMessage{}}
	for _, step := range []func(context.Context, pgx.Tx, ingest.TenantID, merge, *journal) error{s.mergeParts, mergeRows, mergePreferences, mergeProfile} {
		if err := step(ctx, tx, tenant, m, &j); err != nil {
			return fmt.Errorf("merge %s into %s: %w", m.merged, m.survivor, err)
		}
	}
	if err := note(ctx, tx, tenant, m, &j, by); err != nil {
		return fmt.Errorf("merge %s into %s: %w", m.merged, m.survivor, err)
	}
	return nil
}

// note writes the journal and announces the merge.
func note(ctx context.Context, tx pgx.Tx, tenant ingest.TenantID, m merge, j *journal, by string) error {
	var id int64
	var at time.Time
	err := tx.QueryRow(ctx, `INSERT INTO contact_merges (tenant_id, survivor_id, merged_id, actor, journal) VALUES ($1, $2, $3, $4, $5) RETURNING id, at`,
		tenant, m.survivor, m.merged, by, j).Scan(&id, &at)
	if err != nil {
		return err
	}
	detail := map[string]any{"merged": m.merged, "by": m.by, "actor": by, "identifiers": j.Identifiers}
	if _, err := tx.Exec(ctx, `INSERT INTO contact_history (tenant_id, contact_id, kind, detail) VALUES ($1, $2, 'merged', $3)`, tenant, m.survivor, detail); err != nil {
		return err
	}
	e, err := ingest.NewEvent(ingest.ContactMerged, tenant, string(tenant)+"|"+string(m.survivor), at, fmt.Sprintf("%s:%d", m.merged, id), ingest.ContactChange{
		Tenant: tenant, Contact: m.survivor, Merged: m.merged, At: at.UTC(),
	})
	if err != nil {
		return err
	}
	return outbox.Add(ctx, tx, ingest.TopicEvents, e)
}

// mergeParts takes down what refers to the merged contact, lets the other
// packages have their rules, and points the rest to the survivor.
func (s *Store) mergeParts(ctx context.Context, tx pgx.Tx, tenant ingest.TenantID, m merge, j *journal) error {
	refs, err := references(ctx, tx)
	if err != nil {
		return err
	}
	for _, ref := range refs {
		err := tx.QueryRow(ctx, `SELECT coalesce(jsonb_agg(`+ref.key+`), '[]') FROM `+ref.Table+` r WHERE tenant_id = $1 AND `+ref.Column+` = $2`, tenant, m.merged).Scan(&ref.Keys)
		if err != nil {
			return err
		}
		if len(ref.Keys) > 0 {
			j.References = append(j.References, ref.reference)
		}
	}
	for _, part := range s.parts {
		if part.Merge == nil {
			continue
		}
		did, err := part.Merge(ctx, tx, tenant, m.survivor, m.merged)
		if err != nil {
			return err
		}
		j.Parts[part.Name] = did
	}
	for _, ref := range refs {
		if _, err := tx.Exec(ctx, `UPDATE `+ref.Table+` SET `+ref.Column+` = $2 WHERE tenant_id = $1 AND `+ref.Column+` = $3`, tenant, m.survivor, m.merged); err != nil {
			return err
		}
	}
	return nil
}

// referring is a column that refers to a contact, of another package's table.
type referring struct {
	reference
	key string // an expression for the rest of the primary key
}

// references asks the catalogue, so that a table that is added is not forgotten.
func references(ctx context.Context, tx pgx.Tx) ([]referring, error) {
	rows, err := tx.Query(ctx, `
		SELECT quote_ident(t.relname), quote_ident(a.attname),
			(SELECT array_agg(quote_ident(k.attname) ORDER BY k.attnum) FROM pg_index x JOIN pg_attribute k ON k.attrelid = x.indrelid AND k.attnum = ANY (x.indkey)
				WHERE x.indrelid = t.oid AND x.indisprimary AND k.attname <> 'tenant_id')
		FROM pg_constraint c JOIN pg_class t ON t.oid = c.conrelid
		CROSS JOIN LATERAL unnest(c.conkey, c.confkey) AS u (here, there)
		JOIN pg_attribute f ON f.attrelid = c.confrelid AND f.attnum = u.there AND f.attname = 'id'
		JOIN pg_attribute a ON a.attrelid = c.conrelid AND a.attnum = u.here
		WHERE c.contype = 'f' AND c.confrelid = 'contacts'::regclass AND t.relname <> 'contacts' AND t.relname NOT LIKE 'contact\_%'
		ORDER BY 1, 2`)
	if err != nil {
		return nil, err
	}
	return pgx.CollectRows(rows, func(row pgx.CollectableRow) (referring, error) {
		var r referring
		var key []string
		err := row.Scan(&r.Table, &r.Column, &key)
		for i, column := range key {
			key[i] = `'` + strings.ReplaceAll(column, `'`, `''`) + `', r.` + column
		}
		r.key = `jsonb_build_object(` + strings.Join(key, ", ") + `)`
		return r, err
	})
}

// mergeRows points the rows of this package to the survivor.
func mergeRows(ctx context.Context, tx pgx.Tx, tenant ingest.TenantID, m merge, j *journal) error {
	var err error
	if j.Identifiers, err = identified(ctx, tx, `UPDATE contact_identifiers SET contact_id = $2 WHERE tenant_id = $1 AND contact_id = $3 RETURNING kind, value`, tenant, m.survivor, m.merged); err != nil {
		return err
	}
	if j.Formers, err = identified(ctx, tx, `UPDATE contact_identifiers SET former_contact_id = $2 WHERE tenant_id = $1 AND former_contact_id = $3 RETURNING kind, value`, tenant, m.survivor, m.merged); err != nil {
		return err
	}
	rows, err := tx.Query(ctx, `UPDATE contacts SET merged_into = $2, updated_at = now() WHERE tenant_id = $1 AND merged_into = $3 RETURNING id`, tenant, m.survivor, m.merged)
	if err != nil {
		return err
	}
	if j.Children, err = pgx.CollectRows(rows, pgx.RowTo[ingest.ContactID]); err != nil {
		return err
	}
	_, err = tx.Exec(ctx, `UPDATE contacts SET merged_into = $2, updated_at = now() WHERE tenant_id = $1 AND id = $3`, tenant, m.survivor, m.merged)
	return err
}

func identified(ctx context.Context, tx pgx.Tx, sql string, args ...any) ([]ingest.Identifier, error) {
	rows, err := tx.Query(ctx, sql, args...)
	if err != nil {
		return nil, err
	}
	return pgx.CollectRows(rows, pgx.RowToStructByPos[ingest.Identifier])
}

func mergePreferences(ctx context.Context, tx pgx.Tx, tenant ingest.TenantID, m merge, j *journal) error {
	var err error
	if j.Survivors, err = preferences(ctx, tx, tenant, m.survivor); err != nil {
		return err
	}
	if j.Merged, err = preferences(ctx, tx, tenant, m.merged); err != nil || len(j.Merged) == 0 {
		j.Result = j.Survivors
		return err
	}
	j.Result = strictest(j.Survivors, j.Merged)
	if err := replacePreferences(ctx, tx, tenant, m.merged, nil); err != nil {
		return err
	}
	return replacePreferences(ctx, tx, tenant, m.survivor, j.Result)
}

func preferences(ctx context.Context, tx pgx.Tx, tenant ingest.TenantID, id ingest.ContactID) ([]Preference, error) {
	rows, err := tx.Query(ctx, `SELECT channel_id, category, allowed, source, at FROM contact_preferences
		WHERE tenant_id = $1 AND contact_id = $2 ORDER BY channel_id, category`, tenant, id)
	if err != nil {
		return nil, err
	}
	return pgx.CollectRows(rows, pgx.RowToStructByPos[Preference])
}

func replacePreferences(ctx context.Context, tx pgx.Tx, tenant ingest.TenantID, id ingest.ContactID, list []Preference) error {
	var b pgx.Batch
	b.Queue(`DELETE FROM contact_preferences WHERE tenant_id = $1 AND contact_id = $2`, tenant, id)
	for _, p := range list {
		b.Queue(`INSERT INTO contact_preferences (tenant_id, contact_id, channel_id, category, allowed, source, at) VALUES ($1, $2, $3, $4, $5, $6, $7)`,
			tenant, id, p.Channel, p.Category, p.Allowed, p.Source, p.At)
	}
	return tx.SendBatch(ctx, &b).Close()
}

// mergeProfile gives the survivor what the merged one knows better. A name goes
// by its time, as always.
func mergeProfile(ctx context.Context, tx pgx.Tx, tenant ingest.TenantID, m merge, j *journal) error {
	const row = `SELECT to_jsonb(c) - 'words' FROM contacts c WHERE tenant_id = $1 AND id = $2`
	if err := tx.QueryRow(ctx, row, tenant, m.survivor).Scan(&j.Before); err != nil {
		return err
	}
	_, err := tx.Exec(ctx, `
		UPDATE contacts s SET updated_at = now(),
			name = CASE WHEN m.name_at > s.name_at AND m.name <> '' OR s.name = '' THEN m.name ELSE s.name END,
			username = CASE WHEN m.name_at > s.name_at AND m.username <> '' OR s.username = '' THEN m.username ELSE s.username END,
			name_at = CASE WHEN m.name <> '' THEN greatest(m.name_at, s.name_at) ELSE s.name_at END,
			language = coalesce(nullif(s.language, ''), m.language), email = coalesce(nullif(s.email, ''), m.email),
			notes = left(concat_ws(E'\n', nullif(s.notes, ''), nullif(m.notes, '')), $4),
			tags = ARRAY(SELECT DISTINCT t FROM unnest(s.tags || m.tags) t ORDER BY t LIMIT $5),
			fields = m.fields || s.fields, stage = coalesce(nullif(s.stage, ''), m.stage), source = coalesce(nullif(s.source, ''), m.source),
			segment = CASE s.segment WHEN 'lead' THEN m.segment ELSE s.segment END
		FROM contacts m WHERE s.tenant_id = $1 AND s.id = $2 AND m.tenant_id = $1 AND m.id = $3`, tenant, m.survivor, m.merged, MaxNotesRunes, MaxTags)
	if err != nil {
		return err
	}
	return tx.QueryRow(ctx, row, tenant, m.survivor).Scan(&j.After)
}
