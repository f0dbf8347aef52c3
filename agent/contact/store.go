package contact

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"

	"frontdesk/ingest"
	"frontdesk/ingest/tenantdb"
)

// Repoint moves what another package keeps of contact merged to survivor, in
// the transaction that merges them.
type Repoint func(ctx context.Context, tx pgx.Tx, tenant ingest.TenantID, survivor, merged ingest.ContactID) error

// Store keeps contacts. It is safe for concurrent use.
type Store struct {
	db      *tenantdb.DB
	repoint []Repoint
}

// NewStore returns a store on db. Each repoint is called when two contacts are
// merged.
func NewStore(db *tenantdb.DB, repoint ...Repoint) *Store {
	return &Store{db: db, repoint: repoint}
}

const columns = `c.id, c.number, c.name, c.username, c.language, coalesce(c.merged_into, ''), c.created_at, c.updated_at,
	(SELECT max(last_inbound_at) FROM conversations v WHERE (v.tenant_id, v.contact_id) = (c.tenant_id, c.id)),
	(SELECT array_agg(kind ORDER BY kind, created_at, value) FROM contact_identifiers i WHERE (i.tenant_id, i.contact_id) = (c.tenant_id, c.id) AND retired_at IS NULL),
	(SELECT array_agg(value ORDER BY kind, created_at, value) FROM contact_identifiers i WHERE (i.tenant_id, i.contact_id) = (c.tenant_id, c.id) AND retired_at IS NULL)`

// Contact returns a contact, also one that was merged into another, or
// ErrNotFound.
func (s *Store) Contact(ctx context.Context, tenant ingest.TenantID, id ingest.ContactID) (Contact, error) {
	var c Contact
	err := s.db.InTenant(ctx, tenant, func(tx pgx.Tx) error {
		rows, err := tx.Query(ctx, `SELECT `+columns+` FROM contacts c WHERE c.tenant_id = $1 AND c.id = $2`, tenant, id)
		if err != nil {
			return err
		}
		c, err = pgx.CollectExactlyOneRow(rows, scan)
		return err
	})
	if errors.Is(err, pgx.ErrNoRows) {
		return Contact{}, ErrNotFound
	}
	if err != nil {
		return Contact{}, fmt.Errorf("contact %s: %w", id, err)
	}
	return c, nil
}

// Contacts returns the tenant's contacts that f asks for, newest first, and the
// cursor of the next page, empty on the last. Merged ones are left out.
func (s *Store) Contacts(ctx context.Context, tenant ingest.TenantID, f Filter) ([]Contact, string, error) {
	limit := min(max(f.Limit, 0), 100)
	if limit == 0 {
		limit = 20
	}
	name, digits := patterns(f.Query)
	var list []Contact
	err := s.db.InTenant(ctx, tenant, func(tx pgx.Tx) error {
		rows, err := tx.Query(ctx, `SELECT `+columns+` FROM contacts c
			WHERE c.tenant_id = $1 AND c.merged_into IS NULL AND ($2 = '' OR c.id < $2)
				AND ($3 = '' OR c.name ILIKE $3 OR c.username ILIKE $3 OR ($4 <> '' AND EXISTS (
					SELECT FROM contact_identifiers i
					WHERE (i.tenant_id, i.contact_id) = (c.tenant_id, c.id) AND i.retired_at IS NULL AND i.value LIKE $4)))
			ORDER BY c.id DESC LIMIT $5`, tenant, f.After, name, digits, limit+1)
		if err != nil {
			return err
		}
		list, err = pgx.CollectRows(rows, scan)
		return err
	})
	if err != nil {
		return nil, "", fmt.Errorf("list contacts: %w", err)
	}
	if len(list) > limit {
		return list[:limit], string(list[limit-1].ID), nil
	}
	return list, "", nil
}

// patterns returns what query is in a name and, if it looks like a part of a
// phone number, in an identifier.
func patterns(query string) (name, digits string) {
	query = strings.TrimSpace(clean(query))
	if query == "" {
		return "", ""
	}
	name = "%" + strings.NewReplacer(`\`, `\\`, `%`, `\%`, `_`, `\_`).Replace(query) + "%"
	var b strings.Builder
	for _, r := range query {
		switch {
		case r >= '0' && r <= '9':
			b.WriteRune(r)
		case !strings.ContainsRune("+-()./ ", r):
			return name, ""
		}
	}
	if b.Len() < 3 {
		return name, ""
	}
	return name, "%" + b.String() + "%"
}

// History returns what was done to the identity of a contact, oldest first.
func (s *Store) History(ctx context.Context, tenant ingest.TenantID, id ingest.ContactID) ([]Change, error) {
	var list []Change
	err := s.db.InTenant(ctx, tenant, func(tx pgx.Tx) error {
		rows, err := tx.Query(ctx, `SELECT id, kind, detail, at FROM contact_history WHERE tenant_id = $1 AND contact_id = $2 ORDER BY id`, tenant, id)
		if err != nil {
			return err
		}
		list, err = pgx.CollectRows(rows, func(row pgx.CollectableRow) (Change, error) {
			var c Change
			err := row.Scan(&c.ID, &c.Kind, &c.Detail, &c.At)
			return c, err
		})
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("history of %s: %w", id, err)
	}
	return list, nil
}

func scan(row pgx.CollectableRow) (Contact, error) {
	var c Contact
	var seen *time.Time
	var kinds, values []string
	err := row.Scan(&c.ID, &c.Number, &c.Name, &c.Username, &c.Language, &c.MergedInto, &c.CreatedAt, &c.UpdatedAt, &seen, &kinds, &values)
	for i := range kinds {
		c.Identifiers = append(c.Identifiers, ingest.Identifier{Kind: ingest.IdentifierKind(kinds[i]), Value: values[i]})
	}
	if seen != nil {
		c.LastSeenAt = *seen
	}
	return c, err
}
