package contact

import (
	"context"
	"fmt"

	"github.com/jackc/pgx/v5"

	"frontdesk/ingest"
)

// Contacts returns the tenant's contacts that f asks for, in its order, and the
// cursor of the next page, empty on the last. Merged and erased ones are left
// out.
func (s *Store) Contacts(ctx context.Context, tenant ingest.TenantID, f Filter) ([]Contact, string, error) {
	limit := min(max(f.Limit, 0), 100)
	if limit == 0 {
		limit = 20
	}
	list, err := s.listed(ctx, tenant, f, limit+1)
	if err != nil {
		return nil, "", fmt.Errorf("list contacts: %w", err)
	}
	if len(list) > limit {
		return list[:limit], cursor(list[limit-1], f.Sort), nil
	}
	return list, "", nil
}

func (s *Store) listed(ctx context.Context, tenant ingest.TenantID, f Filter, limit int) ([]Contact, error) {
	var list []Contact
	err := s.db.InTenant(ctx, tenant, func(tx pgx.Tx) error {
		rows, err := tx.Query(ctx, `SELECT `+columns+`
			FROM frontdesk_find_contacts($2, $3) WITH ORDINALITY f (id, place)
			CROSS JOIN LATERAL (SELECT * FROM contacts WHERE (tenant_id, id) = ($1, f.id) OFFSET 0) c
			ORDER BY f.place`, tenant, wanted(f), limit)
		if err != nil {
			return err
		}
		list, err = pgx.CollectRows(rows, scan)
		return err
	})
	return list, err
}
