package contact

import (
	"context"
	"fmt"

	"frontdesk/ingest"
	"frontdesk/ingest/tenantdb"
)

// Contacts returns the tenant's contacts that f asks for, in its order, and the
// cursor of the next page, empty on the last. Merged and erased ones are left
// out.
func (s *Store) Contacts(ctx context.Context, tenant ingest.TenantID, f Filter) ([]Contact, string, error) {
	size := tenantdb.PageSize(f.Limit)
	list, err := s.listed(ctx, tenant, f, size+1)
	if err != nil {
		return nil, "", fmt.Errorf("list contacts: %w", err)
	}
	list, next := tenantdb.Page(list, size, func(c Contact) string { return cursor(c, f.Sort) })
	return list, next, nil
}

// Count returns how many contacts f asks for, its pages aside, as
// [tenantdb.Count] counts.
func (s *Store) Count(ctx context.Context, tenant ingest.TenantID, f Filter) (int, error) {
	f.After = ""
	n, err := tenantdb.Count(ctx, s.db, tenant, `SELECT FROM frontdesk_find_contacts($1, $2)`, wanted(f), tenantdb.MostCounted+1)
	if err != nil {
		return 0, fmt.Errorf("count contacts: %w", err)
	}
	return n, nil
}

func (s *Store) listed(ctx context.Context, tenant ingest.TenantID, f Filter, limit int) ([]Contact, error) {
	return tenantdb.List(ctx, s.db, tenant, scan, `SELECT `+columns+`
		FROM frontdesk_find_contacts($2, $3) WITH ORDINALITY f (id, place)
		CROSS JOIN LATERAL (SELECT * FROM contacts WHERE (tenant_id, id) = ($1, f.id) OFFSET 0) c
		ORDER BY f.place`, tenant, wanted(f), limit)
}
