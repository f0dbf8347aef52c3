package contact

import (
	"context"
	"fmt"
	"maps"
	"slices"

	"github.com/jackc/pgx/v5"

	"frontdesk/ingest"
)

// Fields returns the tenant's definitions of custom fields, by name.
func (s *Store) Fields(ctx context.Context, tenant ingest.TenantID) ([]Field, error) {
	var defs map[string]Field
	err := s.db.InTenant(ctx, tenant, func(tx pgx.Tx) (err error) {
		defs, err = fieldsOf(ctx, tx, tenant)
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("list custom fields: %w", err)
	}
	var list []Field
	for _, name := range slices.Sorted(maps.Keys(defs)) {
		list = append(list, defs[name])
	}
	return list, nil
}

func fieldsOf(ctx context.Context, tx pgx.Tx, tenant ingest.TenantID) (map[string]Field, error) {
	rows, err := tx.Query(ctx, `SELECT name, type, options FROM contact_fields WHERE tenant_id = $1`, tenant)
	if err != nil {
		return nil, err
	}
	list, err := pgx.CollectRows(rows, pgx.RowToStructByPos[Field])
	defs := make(map[string]Field, len(list))
	for _, f := range list {
		defs[f.Name] = f
	}
	return defs, err
}

// SetFields replaces the tenant's definitions. What contacts have already stays
// as it is until it is written again; a field without a definition may hold any
// JSON.
func (s *Store) SetFields(ctx context.Context, tenant ingest.TenantID, list []Field) error {
	names := make([]string, len(list))
	for i, f := range list {
		if err := f.Check(); err != nil {
			return err
		}
		if slices.Contains(names, f.Name) {
			return &InvalidError{"name", f.Name + " stands twice"}
		}
		names[i] = f.Name
	}
	err := s.db.InTenant(ctx, tenant, func(tx pgx.Tx) error {
		var b pgx.Batch
		b.Queue(`DELETE FROM contact_fields WHERE tenant_id = $1`, tenant)
		for _, f := range list {
			b.Queue(`INSERT INTO contact_fields (tenant_id, name, type, options) VALUES ($1, $2, $3, $4)`, tenant, f.Name, f.Type, append([]string{}, f.Options...))
		}
		return tx.SendBatch(ctx, &b).Close()
	})
	return explain(err, "define fields")
}
