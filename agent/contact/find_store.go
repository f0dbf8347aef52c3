package contact

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/jackc/pgx/v5"

	"frontdesk/ingest"
)

// ByIdentifier returns the contact that an identifier belongs to now, or
// ErrNotFound.
func (s *Store) ByIdentifier(ctx context.Context, tenant ingest.TenantID, ident ingest.Identifier) (Contact, error) {
	return s.one(ctx, tenant, "contact by identifier", `c.id = (SELECT contact_id FROM contact_identifiers WHERE (tenant_id, kind, value) = ($1, $2, $3) AND retired_at IS NULL)`,
		ident.Kind, ident.Value)
}

// Numbered returns the contact of a number, or ErrNotFound.
func (s *Store) Numbered(ctx context.Context, tenant ingest.TenantID, number int64) (Contact, error) {
	return s.one(ctx, tenant, "contact by number", `c.number = $2`, number)
}

func (s *Store) one(ctx context.Context, tenant ingest.TenantID, what, where string, args ...any) (Contact, error) {
	var c Contact
	err := s.db.InTenant(ctx, tenant, func(tx pgx.Tx) (err error) {
		c, err = find(ctx, tx, where, append([]any{tenant}, args...)...)
		return err
	})
	if err != nil && !errors.Is(err, ErrNotFound) {
		err = fmt.Errorf("%s: %w", what, err)
	}
	return c, err
}

func find(ctx context.Context, tx pgx.Tx, where string, args ...any) (Contact, error) {
	rows, err := tx.Query(ctx, `SELECT `+columns+` FROM contacts c WHERE c.tenant_id = $1 AND c.erased_at IS NULL AND `+where, args...)
	if err != nil {
		return Contact{}, err
	}
	c, err := pgx.CollectExactlyOneRow(rows, scan)
	if errors.Is(err, pgx.ErrNoRows) {
		return Contact{}, ErrNotFound
	}
	return c, err
}

// Admit returns the contact whom the first known identifier of p belongs to, or
// a new one. Identifiers that are nobody's become the contact's; those of
// others stay theirs, so that what somebody typed merges no two people. A name
// that is known already stays as it is. A p without identifiers is
// ErrNoIdentifier.
func (s *Store) Admit(ctx context.Context, tenant ingest.TenantID, p ingest.Party) (Contact, error) {
	if len(p.Identifiers) == 0 {
		return Contact{}, ErrNoIdentifier
	}
	var c Contact
	err := s.db.InTenant(ctx, tenant, func(tx pgx.Tx) error {
		idents, err := unclaimed(ctx, tx, tenant, p.Identifiers)
		if err != nil {
			return err
		}
		got, err := s.Resolve(ctx, tx, tenant, []Seen{{Party: ingest.Party{Identifiers: idents}, At: time.Now()}})
		if err != nil {
			return err
		}
		if name := clean(p.Name); name != "" {
			_, err = tx.Exec(ctx, `UPDATE contacts SET name = $3, updated_at = now() WHERE tenant_id = $1 AND id = $2 AND name = ''`, tenant, got[0].ID, name)
		}
		if err == nil {
			c, err = find(ctx, tx, `c.id = $2`, tenant, got[0].ID)
		}
		return err
	})
	if err != nil {
		return Contact{}, fmt.Errorf("admit a contact: %w", err)
	}
	return c, nil
}

// unclaimed returns those of idents that belong to nobody, or to whom the first
// known one belongs to.
func unclaimed(ctx context.Context, tx pgx.Tx, tenant ingest.TenantID, idents []ingest.Identifier) ([]ingest.Identifier, error) {
	var owner ingest.ContactID
	out := slices.Clone(idents[:0:0])
	for _, ident := range idents {
		var of ingest.ContactID
		err := tx.QueryRow(ctx, `SELECT contact_id FROM contact_identifiers WHERE (tenant_id, kind, value) = ($1, $2, $3) AND retired_at IS NULL`,
			tenant, ident.Kind, ident.Value).Scan(&of)
		if err != nil && !errors.Is(err, pgx.ErrNoRows) {
			return nil, err
		}
		if owner == "" {
			owner = of
		}
		if of == "" || of == owner {
			out = append(out, ident)
		}
	}
	return out, nil
}

// ByIDs returns those of ids that the tenant has, by id.
func (s *Store) ByIDs(ctx context.Context, tenant ingest.TenantID, ids []ingest.ContactID) (map[ingest.ContactID]Contact, error) {
	out := make(map[ingest.ContactID]Contact, len(ids))
	if len(ids) == 0 {
		return out, nil
	}
	err := s.db.InTenant(ctx, tenant, func(tx pgx.Tx) error {
		rows, err := tx.Query(ctx, `SELECT `+columns+` FROM contacts c WHERE c.tenant_id = $1 AND c.id = ANY($2)`, tenant, ids)
		if err != nil {
			return err
		}
		list, err := pgx.CollectRows(rows, scan)
		for _, c := range list {
			out[c.ID] = c
		}
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("contacts by id: %w", err)
	}
	return out, nil
}
