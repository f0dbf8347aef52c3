package schema

import (
	"context"
	"errors"
	"fmt"

	"github.com/jackc/pgx/v5"
)

// querier is a pool, or a connection under test.
type querier interface {
	Query(ctx context.Context, sql string, args ...any) (pgx.Rows, error)
	QueryRow(ctx context.Context, sql string, args ...any) pgx.Row
}

// checkRole returns an error if db does not run as role, or if row-level
// security does not bind it: superusers, roles with BYPASSRLS and owners can
// get around it.
func checkRole(ctx context.Context, db querier, role string) error {
	var current string
	var super, bypass bool
	var owned *string
	err := db.QueryRow(ctx, `
		SELECT r.rolname, r.rolsuper, r.rolbypassrls,
			(SELECT min(c.oid::regclass::text) FROM pg_class c WHERE c.relowner = r.oid AND c.relkind IN ('r', 'p', 'v', 'm', 'f'))
		FROM pg_roles r WHERE r.rolname = current_user`).Scan(&current, &super, &bypass, &owned)
	switch {
	case err != nil:
		return fmt.Errorf("look at role %s: %w", role, err)
	case current != role:
		return fmt.Errorf("connections run as role %s instead of %s", current, role)
	case super:
		return fmt.Errorf("role %s is a superuser: ALTER ROLE %s NOSUPERUSER", role, role)
	case bypass:
		return fmt.Errorf("role %s bypasses row-level security: ALTER ROLE %s NOBYPASSRLS", role, role)
	case owned != nil:
		return fmt.Errorf("role %s owns %s, and an owner can switch its row-level security off", role, *owned)
	}
	return nil
}

// checkIsolation returns an error that names every table with a tenant_id which
// lacks forced row-level security or a policy for frontdesk_tenant, or has a
// policy that lets that role see rows without looking at the tenant; and every
// view over a tenant_id that reads with its owner's rights.
func checkIsolation(ctx context.Context, db querier) error {
	rows, err := db.Query(ctx, `
		WITH held AS (
			SELECT c.oid, c.oid::regclass::text AS name, c.relkind, c.relrowsecurity, c.relforcerowsecurity, c.reloptions
			FROM pg_class c
			JOIN pg_namespace n ON n.oid = c.relnamespace AND n.nspname NOT LIKE 'pg\_%' AND n.nspname <> 'information_schema'
			JOIN pg_attribute a ON a.attrelid = c.oid AND a.attname = 'tenant_id' AND NOT a.attisdropped
			WHERE c.relkind IN ('r', 'p', 'v', 'm', 'f')
		), seen AS (
			SELECT p.polrelid,
				bool_and(concat(pg_get_expr(p.polqual, p.polrelid), pg_get_expr(p.polwithcheck, p.polrelid)) LIKE '%app.tenant_id%') AS by_tenant
			FROM pg_policy p
			WHERE p.polpermissive AND p.polroles && ARRAY[0, 'frontdesk_tenant'::regrole]::oid[]
			GROUP BY p.polrelid
		)
		SELECT name, CASE
			WHEN relkind IN ('m', 'f') THEN 'has a tenant_id but can have no row-level security'
			WHEN relkind = 'v' THEN 'is a view over a tenant_id without security_invoker'
			WHEN NOT relrowsecurity THEN 'has row-level security off'
			WHEN NOT relforcerowsecurity THEN 'does not force row-level security on its owner'
			WHEN by_tenant IS NULL THEN 'has no policy for frontdesk_tenant'
			ELSE 'has a policy that does not look at app.tenant_id'
			END
		FROM held LEFT JOIN seen ON seen.polrelid = held.oid
		WHERE CASE relkind
			WHEN 'v' THEN NOT coalesce(reloptions && ARRAY['security_invoker=true', 'security_invoker=on'], false)
			WHEN 'm' THEN true
			WHEN 'f' THEN true
			ELSE NOT (relrowsecurity AND relforcerowsecurity AND coalesce(by_tenant, false))
			END
		ORDER BY name`)
	if err != nil {
		return fmt.Errorf("look at row-level security: %w", err)
	}
	var faults []error
	var table, fault string
	_, err = pgx.ForEachRow(rows, []any{&table, &fault}, func() error {
		faults = append(faults, fmt.Errorf("table %s %s", table, fault))
		return nil
	})
	if err != nil {
		return fmt.Errorf("look at row-level security: %w", err)
	}
	return errors.Join(faults...)
}
