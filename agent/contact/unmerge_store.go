package contact

import (
	"context"
	"errors"
	"slices"

	"github.com/jackc/pgx/v5"

	"frontdesk/ingest"
)

// Unmerge takes a contact that was merged into another out again: both have what
// they had before. What happened since then stays the survivor's: conversations
// and appointments that began, and what was changed of its profile. It is
// ErrNotMerged for one that is not merged.
func (s *Store) Unmerge(ctx context.Context, tenant ingest.TenantID, id ingest.ContactID, by string) (Contact, error) {
	var c Contact
	err := s.db.InTenant(ctx, tenant, func(tx pgx.Tx) error {
		if _, err := tx.Exec(ctx, nextContact, tenant, 0); err != nil {
			return err
		}
		holder, err := head(ctx, tx, tenant, id)
		if err != nil {
			return err
		}
		if holder == id {
			return ErrNotMerged
		}
		if err := s.unmerge(ctx, tx, tenant, id, holder, by); err != nil {
			return err
		}
		c, err = find(ctx, tx, `c.id = $2`, tenant, id)
		return err
	})
	if errors.Is(err, ErrNotMerged) {
		return Contact{}, err
	}
	return c, explain(err, "unmerge %s", id)
}

// unmerge undoes the merge of id. holder has what was id's: the survivor, or
// whom that was merged into later.
func (s *Store) unmerge(ctx context.Context, tx pgx.Tx, tenant ingest.TenantID, id, holder ingest.ContactID, by string) error {
	if _, err := tx.Exec(ctx, `SELECT`+others, tenant, id, holder); err != nil {
		return err
	}
	var survivor ingest.ContactID
	var j journal
	err := tx.QueryRow(ctx, `UPDATE contact_merges SET undone_at = now() WHERE tenant_id = $1 AND merged_id = $2 AND undone_at IS NULL RETURNING survivor_id, journal`, tenant, id).Scan(&survivor, &j)
	if errors.Is(err, pgx.ErrNoRows) {
		return ErrNotMerged // from before there was a journal
	}
	if err != nil {
		return err
	}
	if err := giveBack(ctx, tx, tenant, id, holder, j); err != nil {
		return err
	}
	for _, part := range s.parts {
		if did := j.Parts[part.Name]; did != nil {
			if err := part.Unmerge(ctx, tx, tenant, holder, id, did); err != nil {
				return err
			}
		}
	}
	if err := unmergePreferences(ctx, tx, tenant, id, holder, survivor, j); err != nil {
		return err
	}
	if err := restoreProfile(ctx, tx, tenant, survivor, j); err != nil {
		return err
	}
	_, err = tx.Exec(ctx, `INSERT INTO contact_history (tenant_id, contact_id, kind, detail) VALUES ($1, $2, 'unmerged', $3)`, tenant, holder, map[string]any{"unmerged": id, "actor": by})
	return err
}

// giveBack points to id what the journal says was its own and holder still has.
func giveBack(ctx context.Context, tx pgx.Tx, tenant ingest.TenantID, id, holder ingest.ContactID, j journal) error {
	var b pgx.Batch
	b.Queue(`UPDATE contacts SET merged_into = NULL, updated_at = now() WHERE tenant_id = $1 AND id = $2`, tenant, id)
	b.Queue(`UPDATE contacts SET merged_into = $2, updated_at = now() WHERE tenant_id = $1 AND id = ANY($4) AND merged_into = $3`, tenant, id, holder, j.Children)
	for _, ident := range j.Identifiers {
		b.Queue(`UPDATE contact_identifiers SET contact_id = $2 WHERE (tenant_id, kind, value, contact_id) = ($1, $4, $5, $3)`, tenant, id, holder, ident.Kind, ident.Value)
	}
	for _, ident := range j.Formers {
		b.Queue(`UPDATE contact_identifiers SET former_contact_id = $2 WHERE (tenant_id, kind, value, former_contact_id) = ($1, $4, $5, $3)`, tenant, id, holder, ident.Kind, ident.Value)
	}
	if err := tx.SendBatch(ctx, &b).Close(); err != nil {
		return err
	}
	refs, err := references(ctx, tx)
	if err != nil {
		return err
	}
	for _, was := range j.References {
		for _, ref := range refs { // a table that is gone has nothing to give back
			if ref.Table != was.Table || ref.Column != was.Column {
				continue
			}
			_, err := tx.Exec(ctx, `UPDATE `+ref.Table+` r SET `+ref.Column+` = $2
				WHERE tenant_id = $1 AND `+ref.Column+` = $3 AND `+ref.key+` IN (SELECT jsonb_array_elements($4::jsonb))`, tenant, id, holder, was.Keys)
			if err != nil {
				return err
			}
		}
	}
	return nil
}

// unmergePreferences gives both what they allowed before. A wish that was made
// since then holds for both: nobody knows whose it was. If the survivor was
// merged into another meanwhile, that one keeps all it has, which is stricter.
func unmergePreferences(ctx context.Context, tx pgx.Tx, tenant ingest.TenantID, id, holder, survivor ingest.ContactID, j journal) error {
	now, err := preferences(ctx, tx, tenant, holder)
	if err != nil {
		return err
	}
	var since []Preference
	for _, p := range now {
		if holder == survivor && !has(j.Result, p) {
			since = append(since, p)
		}
	}
	if err := replacePreferences(ctx, tx, tenant, id, over(j.Merged, since)); err != nil || holder != survivor {
		return err
	}
	return replacePreferences(ctx, tx, tenant, holder, over(j.Survivors, since))
}

func has(list []Preference, p Preference) bool {
	return slices.ContainsFunc(list, func(o Preference) bool {
		return o.Channel == p.Channel && o.Category == p.Category && o.Allowed == p.Allowed && o.At.Equal(p.At)
	})
}

// over returns list with those of newer in place of the same channel's and
// category's.
func over(list, newer []Preference) []Preference {
	out := slices.Clone(newer)
	for _, p := range list {
		if !slices.ContainsFunc(newer, func(n Preference) bool { return n.Channel == p.Channel && n.Category == p.Category }) {
			out = append(out, p)
		}
	}
	return out
}

// restoreProfile gives the survivor back what the merge changed and nobody did
// since.
func restoreProfile(ctx context.Context, tx pgx.Tx, tenant ingest.TenantID, survivor ingest.ContactID, j journal) error {
	sql := `UPDATE contacts c SET updated_at = now()`
	for _, column := range []string{"name", "name_at", "username", "language", "email", "notes", "tags", "fields", "segment", "stage", "source"} {
		sql += `, ` + column + ` = CASE WHEN c.` + column + ` = a.` + column + ` THEN b.` + column + ` ELSE c.` + column + ` END`
	}
	_, err := tx.Exec(ctx, sql+`
		FROM jsonb_populate_record(NULL::contacts, $3) b, jsonb_populate_record(NULL::contacts, $4) a
		WHERE c.tenant_id = $1 AND c.id = $2 AND c.erased_at IS NULL`, tenant, survivor, []byte(j.Before), []byte(j.After))
	return err
}
