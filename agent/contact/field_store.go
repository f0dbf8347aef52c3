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

// DefineField makes or replaces a definition. What contacts have already stays
// as it is until it is written again.
func (s *Store) DefineField(ctx context.Context, tenant ingest.TenantID, f Field) error {
	if err := f.Check(); err != nil {
		return err
	}
	if f.Options == nil {
		f.Options = []string{}
	}
	err := s.db.InTenant(ctx, tenant, func(tx pgx.Tx) error {
		_, err := tx.Exec(ctx, `
			INSERT INTO contact_fields (tenant_id, name, type, options) VALUES ($1, $2, $3, $4)
			ON CONFLICT (tenant_id, name) DO UPDATE SET type = excluded.type, options = excluded.options`, tenant, f.Name, f.Type, f.Options)
		return err
	})
	return explain(err, "define field %s", f.Name)
}

// ForgetField removes a definition; values stay and may be any JSON from then
// on. It is ErrNotFound where there is none.
func (s *Store) ForgetField(ctx context.Context, tenant ingest.TenantID, name string) error {
	err := s.db.InTenant(ctx, tenant, func(tx pgx.Tx) error {
		tag, err := tx.Exec(ctx, `DELETE FROM contact_fields WHERE tenant_id = $1 AND name = $2`, tenant, name)
		if err == nil && tag.RowsAffected() == 0 {
			err = ErrNotFound
		}
		return err
	})
	return explain(err, "forget field %s", name)
}
