package contact

import (
	"context"
	"encoding/json"
	"errors"
	"maps"
	"time"

	"github.com/jackc/pgx/v5"

	"frontdesk/agent/outbox"
	"frontdesk/ingest"
)

// profileRow is a profile on its way into the table, many at once.
type profileRow struct {
	ID       ingest.ContactID           `json:"id"`
	Name     string                     `json:"name"`
	Email    string                     `json:"email"`
	Language string                     `json:"language"`
	Notes    string                     `json:"notes"`
	Tags     []string                   `json:"tags"`
	Fields   map[string]json.RawMessage `json:"fields"`
	Segment  Segment                    `json:"segment"`
	Stage    string                     `json:"stage"`
	Source   string                     `json:"source"`
}

// upsert makes the contacts of rows that nobody is yet and changes the others: a
// row is whom its phone belongs to, or without one whom its email does. A cell
// that is empty changes nothing.
func (s *Store) upsert(ctx context.Context, tx pgx.Tx, tenant ingest.TenantID, rows []tableRow) (written, error) {
	defs, err := fieldsOf(ctx, tx, tenant)
	if err != nil {
		return written{}, err
	}
	ids, created, err := s.whose(ctx, tx, tenant, rows)
	if err != nil {
		return written{}, err
	}
	profiles, err := profilesOf(ctx, tx, tenant, ids)
	if err != nil {
		return written{}, err
	}
	before := maps.Clone(profiles)
	var done written
	changed := map[ingest.ContactID]bool{}
	for i, row := range rows {
		p := row.patch.apply(profiles[ids[i]])
		if created[ids[i]] && p.Source == "" {
			p.Source = "import"
		}
		sound, err := p.sound(defs)
		var invalid *InvalidError
		if errors.As(err, &invalid) {
			done.wrong = append(done.wrong, RowError{row.line, invalid.Field, "together with what the contact has: " + invalid.Message})
			continue
		}
		profiles[ids[i]] = sound
		if created[ids[i]] && !changed[ids[i]] {
			done.created++
		} else {
			done.updated++
		}
		changed[ids[i]] = true
	}
	changes := map[ingest.ContactID]past{}
	for id := range changed {
		changes[id] = past{before[id], created[id]}
	}
	return done, putAll(ctx, tx, tenant, profiles, changes)
}

// whose returns who each row is, and which of them were made for it.
func (s *Store) whose(ctx context.Context, tx pgx.Tx, tenant ingest.TenantID, rows []tableRow) ([]ingest.ContactID, map[ingest.ContactID]bool, error) {
	ids, created := make([]ingest.ContactID, len(rows)), map[ingest.ContactID]bool{}
	now := time.Now()
	var seen []Seen
	var at []int
	for i, row := range rows {
		if row.phone.Value != "" {
			seen, at = append(seen, Seen{Party: ingest.Party{Identifiers: []ingest.Identifier{row.phone}}, At: now}), append(at, i)
		}
	}
	found, err := s.Resolve(ctx, tx, tenant, seen)
	if err != nil {
		return nil, nil, err
	}
	for k, i := range at {
		ids[i] = found[k].ID
		created[found[k].ID] = found[k].Created
	}
	mailed := map[string]ingest.ContactID{}
	for i, row := range rows {
		if ids[i] != "" {
			continue
		}
		key := foldEmail(*row.patch.Email)
		if ids[i] = mailed[key]; ids[i] == "" {
			var isNew bool
			if ids[i], isNew, err = s.byEmail(ctx, tx, tenant, *row.patch.Email); err != nil {
				return nil, nil, err
			}
			mailed[key], created[ids[i]] = ids[i], isNew
		}
	}
	return ids, created, nil
}

// byEmail returns the oldest contact of an address, or makes one.
func (s *Store) byEmail(ctx context.Context, tx pgx.Tx, tenant ingest.TenantID, email string) (id ingest.ContactID, isNew bool, err error) {
	err = tx.QueryRow(ctx, `SELECT contact_id FROM frontdesk_find_contacts($1, 1)`, wanted(Filter{Email: email, Sort: Oldest})).Scan(&id)
	if errors.Is(err, pgx.ErrNoRows) {
		id, err = s.born(ctx, tx, tenant, nil, "")
		return id, true, err
	}
	return id, false, err
}

// errGone is given where a contact that a row is was merged or erased before it
// was locked. Whose the rows are has to be looked up again.
var errGone = errors.New("a contact was merged or erased meanwhile")

// profilesOf locks contacts and returns their profiles, so that no change of
// somebody else is undone.
func profilesOf(ctx context.Context, tx pgx.Tx, tenant ingest.TenantID, ids []ingest.ContactID) (map[ingest.ContactID]Profile, error) {
	rows, err := tx.Query(ctx, `SELECT `+columns+` FROM contacts c
		WHERE c.tenant_id = $1 AND c.id = ANY($2) AND c.merged_into IS NULL AND c.erased_at IS NULL ORDER BY c.id FOR UPDATE OF c`, tenant, ids)
	if err != nil {
		return nil, err
	}
	list, err := pgx.CollectRows(rows, scan)
	out := make(map[ingest.ContactID]Profile, len(list))
	for _, c := range list {
		out[c.ID] = c.Profile
	}
	for _, id := range ids {
		if _, ok := out[id]; !ok && err == nil {
			err = errGone
		}
	}
	return out, err
}

// putAll writes and announces the profiles of whom changes names.
func putAll(ctx context.Context, tx pgx.Tx, tenant ingest.TenantID, profiles map[ingest.ContactID]Profile, changes map[ingest.ContactID]past) error {
	var list []profileRow
	for id := range changes {
		p := profiles[id]
		list = append(list, profileRow{id, p.Name, p.Email, p.Language, p.Notes, p.Tags, p.Fields, p.Segment, p.Stage, p.Source})
	}
	if len(list) == 0 {
		return nil
	}
	rows, err := tx.Query(ctx, `
		UPDATE contacts c SET name = d.name, name_at = CASE WHEN c.name = d.name THEN c.name_at WHEN d.name = '' THEN 'epoch' ELSE '9999-01-01' END, email = d.email,
			language = d.language, notes = d.notes, tags = d.tags, fields = d.fields, segment = d.segment, stage = d.stage, source = d.source, updated_at = now()
		FROM jsonb_to_recordset($2) d (id text, name text, email text, language text, notes text, tags text[], fields jsonb, segment text, stage text, source text)
		WHERE (c.tenant_id, c.id) = ($1, d.id) RETURNING c.id, c.number, c.updated_at`, tenant, list)
	if err != nil {
		return err
	}
	var events []ingest.Event
	var c Contact
	_, err = pgx.ForEachRow(rows, []any{&c.ID, &c.Number, &c.UpdatedAt}, func() error {
		c.Profile = profiles[c.ID]
		told, err := changes[c.ID].events(tenant, c)
		events = append(events, told...)
		return err
	})
	if err != nil {
		return err
	}
	return outbox.Add(ctx, tx, ingest.TopicEvents, events...)
}
