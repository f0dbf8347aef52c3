package main

import (
	"context"

	"github.com/jackc/pgx/v5"

	"frontdesk/ingest/tenantdb"
)

// addTenants makes the tenants that endpoints belong to.
func addTenants(ctx context.Context, db *tenantdb.DB, n int) error {
	return db.AcrossTenants(ctx, func(tx pgx.Tx) error {
		for i := range n {
			id := string(hookTenant(i))
			if _, err := tx.Exec(ctx, `INSERT INTO tenants (tenant_id, slug, name, plan) VALUES ($1, $1, $1, 'pro')`, id); err != nil {
				return err
			}
		}
		return nil
	})
}
