package contact

import (
	"context"
	"fmt"

	"github.com/jackc/pgx/v5"

	"frontdesk/agent/gather"
	"frontdesk/ingest"
)

// owners finds whom identifiers belong to.
type owners = gather.Group[ingest.TenantID, ingest.Identifier, ingest.ContactID]

// Owner returns the id of the contact that an identifier belongs to now, or
// ErrNotFound. Calls at the same time share a transaction.
func (s *Store) Owner(ctx context.Context, tenant ingest.TenantID, ident ingest.Identifier) (ingest.ContactID, error) {
	id, err := s.owners.Do(ctx, tenant, ident)
	if err == nil && id == "" {
		err = ErrNotFound
	}
	return id, err
}

// ownersOf answers for many identifiers, in their order; nobody's is "".
func (s *Store) ownersOf(ctx context.Context, tenant ingest.TenantID, idents []ingest.Identifier) ([]ingest.ContactID, error) {
	kinds, values := make([]string, len(idents)), make([]string, len(idents))
	for i, ident := range idents {
		kinds[i], values[i] = string(ident.Kind), ident.Value
	}
	var out []ingest.ContactID
	err := s.db.Staged(ctx, tenant, func(b *pgx.Batch) {
		b.Queue(`
			SELECT coalesce(i.contact_id, '')
			FROM unnest($2::text[], $3::text[]) WITH ORDINALITY AS d (kind, value, ord)
			LEFT JOIN LATERAL (SELECT contact_id FROM contact_identifiers
				WHERE (tenant_id, kind, value) = ($1, d.kind, d.value) AND retired_at IS NULL OFFSET 0) i ON true
			ORDER BY d.ord`, tenant, kinds, values).Query(func(rows pgx.Rows) error {
			var err error
			out, err = pgx.CollectRows(rows, pgx.RowTo[ingest.ContactID])
			return err
		})
	}, nil)
	if err != nil {
		return nil, fmt.Errorf("look identifiers up: %w", err)
	}
	return out, nil
}
