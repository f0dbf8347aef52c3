package contact

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"frontdesk/agent/gather"
	"frontdesk/ingest"
	"frontdesk/ingest/tenantdb"
)

// Part is what another package does with its own rows when contacts are merged,
// come apart and are erased. What refers to a contact by a foreign key is
// pointed from one to the other without one. Functions that are nil do nothing.
type Part struct {
	Name string // of what Merge did, in the journal
	// Merge runs before the rows are pointed to survivor, in the transaction that
	// merges. What it returns is given to Unmerge, after they were pointed back;
	// holder is who had them until then.
	Merge   func(ctx context.Context, tx pgx.Tx, tenant ingest.TenantID, survivor, merged ingest.ContactID) (json.RawMessage, error)
	Unmerge func(ctx context.Context, tx pgx.Tx, tenant ingest.TenantID, holder, merged ingest.ContactID, did json.RawMessage) error
	// Erase removes what is kept of a person, in the transaction that erases
	// them, and returns how many rows of what went. Parts are asked in their
	// order, conversations first.
	Erase func(ctx context.Context, tx pgx.Tx, tenant ingest.TenantID, t *ingest.Traces) (map[string]int64, error)
	// Ahead removes of a person what it takes long to find, before anything is
	// locked: Erase, which can tell by the traces that it was asked, finds what
	// came since. It is called with the place that it returned last, each time in
	// a transaction of its own, until that is empty, and returns how many rows of
	// what went, too.
	Ahead func(ctx context.Context, tx pgx.Tx, tenant ingest.TenantID, t *ingest.Traces, after string) (string, map[string]int64, error)
	// Hash returns keyed hashes of what parts tell together, that of the key in
	// use first. One part has it; without one the hash has no key.
	Hash func(parts ...string) [][]byte
}

// Store keeps contacts. It is safe for concurrent use.
type Store struct {
	db     *tenantdb.DB
	parts  []Part
	owners *owners
}

// NewStore returns a store on db with the parts of other packages.
func NewStore(db *tenantdb.DB, parts ...Part) *Store {
	s := &Store{db: db, parts: parts}
	s.owners = gather.New(0, s.ownersOf)
	return s
}

const columns = `c.id, c.number, c.name, c.username, c.language, c.email, c.notes, c.tags, c.fields, c.segment, c.stage, c.source, coalesce(c.merged_into, ''), c.created_at, c.updated_at,
	(SELECT max(last_inbound_at) FROM conversations v WHERE (v.tenant_id, v.contact_id) = (c.tenant_id, c.id)),
	(SELECT array_agg(kind ORDER BY kind, created_at, value) FROM contact_identifiers i WHERE (i.tenant_id, i.contact_id) = (c.tenant_id, c.id) AND retired_at IS NULL),
	(SELECT array_agg(value ORDER BY kind, created_at, value) FROM contact_identifiers i WHERE (i.tenant_id, i.contact_id) = (c.tenant_id, c.id) AND retired_at IS NULL)`

// Contact returns a contact, also one that was merged into another, or
// ErrNotFound. One that was erased is not found.
func (s *Store) Contact(ctx context.Context, tenant ingest.TenantID, id ingest.ContactID) (Contact, error) {
	var c Contact
	err := s.db.InTenant(ctx, tenant, func(tx pgx.Tx) error {
		rows, err := tx.Query(ctx, `SELECT `+columns+` FROM contacts c WHERE c.tenant_id = $1 AND c.id = $2 AND c.erased_at IS NULL`, tenant, id)
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
	err := row.Scan(&c.ID, &c.Number, &c.Name, &c.Username, &c.Language, &c.Email, &c.Notes, &c.Tags, &c.Fields, &c.Segment, &c.Stage, &c.Source, &c.MergedInto, &c.CreatedAt, &c.UpdatedAt, &seen, &kinds, &values)
	for i := range kinds {
		c.Identifiers = append(c.Identifiers, ingest.Identifier{Kind: ingest.IdentifierKind(kinds[i]), Value: values[i]})
	}
	if seen != nil {
		c.LastSeenAt = *seen
	}
	return c, err
}
