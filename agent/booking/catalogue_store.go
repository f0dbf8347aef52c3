package booking

import (
	"context"
	"time"

	"github.com/jackc/pgx/v5"

	"frontdesk/ingest"
	"frontdesk/ingest/tenantdb"
)

const serviceColumns = `v.id, v.number, v.name, v.description, v.duration_minutes, v.before_minutes, v.after_minutes, v.notice_minutes,
	v.horizon_days, v.step_minutes, v.price, v.per_day, v.unstaffed, v.needs, v.reminders, v.paused, v.created_at, v.updated_at,
	ARRAY(SELECT staff_id FROM service_staff l WHERE (l.tenant_id, l.service_id) = (v.tenant_id, v.id) ORDER BY staff_id),
	ARRAY(SELECT resource_id FROM service_resources l WHERE (l.tenant_id, l.service_id) = (v.tenant_id, v.id) ORDER BY resource_id)`

// scanService reads more and then serviceColumns.
func scanService(row pgx.Row, more ...any) (Service, error) {
	var v Service
	var length, before, after, notice, step int
	err := row.Scan(append(more, &v.ID, &v.Number, &v.Name, &v.Description, &length, &before, &after, &notice,
		&v.Horizon, &step, &v.Price, &v.PerDay, &v.Unstaffed, &v.Needs, &v.Reminders, &v.Paused, &v.CreatedAt, &v.UpdatedAt,
		&v.Staff, &v.Resources)...)
	v.Duration, v.BufferBefore, v.BufferAfter = time.Duration(length)*time.Minute, time.Duration(before)*time.Minute, time.Duration(after)*time.Minute
	v.Notice, v.Step = time.Duration(notice)*time.Minute, time.Duration(step)*time.Minute
	v.CreatedAt, v.UpdatedAt = v.CreatedAt.UTC(), v.UpdatedAt.UTC()
	return v, err
}

const staffColumns = `s.id, s.number, s.name, s.specialties, s.hours, s.off, s.per_day, s.paused, s.created_at, s.updated_at`

func scanStaff(row pgx.CollectableRow) (Staff, error) {
	var v Staff
	err := row.Scan(&v.ID, &v.Number, &v.Name, &v.Specialties, &v.Hours, &v.Off, &v.PerDay, &v.Paused, &v.CreatedAt, &v.UpdatedAt)
	v.CreatedAt, v.UpdatedAt = v.CreatedAt.UTC(), v.UpdatedAt.UTC()
	return v, err
}

const resourceColumns = `r.id, r.number, r.name, r.kind, r.hours, r.off, r.paused, r.created_at, r.updated_at`

func scanResource(row pgx.CollectableRow) (Resource, error) {
	var v Resource
	err := row.Scan(&v.ID, &v.Number, &v.Name, &v.Kind, &v.Hours, &v.Off, &v.Paused, &v.CreatedAt, &v.UpdatedAt)
	v.CreatedAt, v.UpdatedAt = v.CreatedAt.UTC(), v.UpdatedAt.UTC()
	return v, err
}

// Services returns the tenant's services in the order of their numbers. Those
// that were removed are not among them, those that are paused are.
func (s *Store) Services(ctx context.Context, tenant ingest.TenantID) ([]Service, error) {
	all, err := tenantdb.List(ctx, s.db, tenant, func(row pgx.CollectableRow) (Service, error) { return scanService(row) },
		`SELECT `+serviceColumns+` FROM services v WHERE v.tenant_id = $1 AND v.removed_at IS NULL ORDER BY v.number`, tenant)
	return all, missing(err, "list services")
}

// Service returns a service or ErrNotFound. One that was removed is found, as
// appointments may name it.
func (s *Store) Service(ctx context.Context, tenant ingest.TenantID, id ingest.ServiceID) (Service, error) {
	v, err := tenantdb.One(ctx, s.db, tenant, func(row pgx.CollectableRow) (Service, error) { return scanService(row) },
		`SELECT `+serviceColumns+` FROM services v WHERE v.tenant_id = $1 AND v.id = $2`, tenant, id)
	return v, missing(err, "service %s", id)
}

// Staff returns the tenant's staff in the order of their numbers, without those
// that were removed.
func (s *Store) Staff(ctx context.Context, tenant ingest.TenantID) ([]Staff, error) {
	all, err := tenantdb.List(ctx, s.db, tenant, scanStaff,
		`SELECT `+staffColumns+` FROM staff s WHERE s.tenant_id = $1 AND s.removed_at IS NULL ORDER BY s.number`, tenant)
	return all, missing(err, "list staff")
}

// StaffMember returns somebody of the staff, removed or not, or ErrNotFound.
func (s *Store) StaffMember(ctx context.Context, tenant ingest.TenantID, id ingest.StaffID) (Staff, error) {
	found, err := tenantdb.One(ctx, s.db, tenant, scanStaff, `SELECT `+staffColumns+` FROM staff s WHERE s.tenant_id = $1 AND s.id = $2`, tenant, id)
	return found, missing(err, "staff member %s", id)
}

// Performers returns who performs a service, by number: those who are neither
// paused nor removed. It is empty for a service that needs nobody.
func (s *Store) Performers(ctx context.Context, tenant ingest.TenantID, id ingest.ServiceID) ([]Staff, error) {
	all, err := tenantdb.List(ctx, s.db, tenant, scanStaff, `SELECT `+staffColumns+` FROM frontdesk_performers($1, $2) s ORDER BY s.number`, tenant, id)
	return all, missing(err, "who performs %s", id)
}

// Resources returns the tenant's resources in the order of their numbers,
// without those that were removed.
func (s *Store) Resources(ctx context.Context, tenant ingest.TenantID) ([]Resource, error) {
	all, err := tenantdb.List(ctx, s.db, tenant, scanResource,
		`SELECT `+resourceColumns+` FROM resources r WHERE r.tenant_id = $1 AND r.removed_at IS NULL ORDER BY r.number`, tenant)
	return all, missing(err, "list resources")
}

// Resource returns a resource, removed or not, or ErrNotFound.
func (s *Store) Resource(ctx context.Context, tenant ingest.TenantID, id ingest.ResourceID) (Resource, error) {
	found, err := tenantdb.One(ctx, s.db, tenant, scanResource, `SELECT `+resourceColumns+` FROM resources r WHERE r.tenant_id = $1 AND r.id = $2`, tenant, id)
	return found, missing(err, "resource %s", id)
}
