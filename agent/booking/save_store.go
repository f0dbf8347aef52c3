package booking

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"frontdesk/ingest"
	"frontdesk/ingest/tenantdb"
)

// SaveService makes the service with v's ID like v, or without an ID the one of
// its name, or creates it, and returns it as stored. ID, Number and times are
// given by the store. ErrInvalid says which field cannot be taken, ErrNotFound
// means the service, or somebody or something it names, ErrNameTaken that
// another service has the name.
func (s *Store) SaveService(ctx context.Context, tenant ingest.TenantID, v Service) (Service, error) {
	err := s.db.InTenant(ctx, tenant, func(tx pgx.Tx) error {
		var err error
		v.ID, err = saveService(ctx, tx, tenant, v)
		return err
	})
	if err != nil {
		return Service{}, fmt.Errorf("save service: %w", err)
	}
	return s.Service(ctx, tenant, v.ID)
}

// SaveStaff is [Store.SaveService] for somebody of the staff.
func (s *Store) SaveStaff(ctx context.Context, tenant ingest.TenantID, v Staff) (Staff, error) {
	err := s.db.InTenant(ctx, tenant, func(tx pgx.Tx) error {
		var err error
		v.ID, err = saveStaff(ctx, tx, tenant, v)
		return err
	})
	if err != nil {
		return Staff{}, fmt.Errorf("save staff: %w", err)
	}
	return s.StaffMember(ctx, tenant, v.ID)
}

// SaveResource is [Store.SaveService] for a resource.
func (s *Store) SaveResource(ctx context.Context, tenant ingest.TenantID, v Resource) (Resource, error) {
	err := s.db.InTenant(ctx, tenant, func(tx pgx.Tx) error {
		var err error
		v.ID, err = saveResource(ctx, tx, tenant, v)
		return err
	})
	if err != nil {
		return Resource{}, fmt.Errorf("save resource: %w", err)
	}
	return s.Resource(ctx, tenant, v.ID)
}

// RemoveService takes a service out of the catalogue. Its appointments stay as
// they are. ErrNotFound is given where the tenant has none such.
func (s *Store) RemoveService(ctx context.Context, tenant ingest.TenantID, id ingest.ServiceID) error {
	return s.remove(ctx, tenant, "services", string(id))
}

// RemoveStaff takes somebody out of the catalogue. Their appointments stay as
// they are, for the business to move.
func (s *Store) RemoveStaff(ctx context.Context, tenant ingest.TenantID, id ingest.StaffID) error {
	return s.remove(ctx, tenant, "staff", string(id))
}

// RemoveResource takes a resource out of the catalogue. A service that needs it
// by name has no slots until it is saved without.
func (s *Store) RemoveResource(ctx context.Context, tenant ingest.TenantID, id ingest.ResourceID) error {
	return s.remove(ctx, tenant, "resources", string(id))
}

func (s *Store) remove(ctx context.Context, tenant ingest.TenantID, table, id string) error {
	err := s.db.InTenant(ctx, tenant, func(tx pgx.Tx) error {
		tag, err := tx.Exec(ctx, `UPDATE `+table+` SET removed_at = now() WHERE tenant_id = $1 AND id = $2 AND removed_at IS NULL`, tenant, id)
		if err == nil && tag.RowsAffected() == 0 {
			err = ErrNotFound
		}
		return err
	})
	if err != nil {
		return fmt.Errorf("remove %s: %w", id, err)
	}
	return nil
}

// known returns the id of the row to be saved: id itself, or that of the row
// that bears name, or "" for a new one. It locks the row.
func known(ctx context.Context, tx pgx.Tx, tenant ingest.TenantID, table, id, name string) (string, error) {
	sql, key := `SELECT id FROM `+table+` WHERE tenant_id = $1 AND id = $2 AND removed_at IS NULL FOR UPDATE`, id
	if id == "" {
		sql, key = `SELECT id FROM `+table+` WHERE tenant_id = $1 AND lower(name) = lower($2) AND removed_at IS NULL FOR UPDATE`, name
	}
	var found string
	err := tx.QueryRow(ctx, sql, tenant, key).Scan(&found)
	switch {
	case errors.Is(err, pgx.ErrNoRows) && id != "":
		return "", ErrNotFound
	case errors.Is(err, pgx.ErrNoRows):
		return "", nil
	}
	return found, err
}

// nameTaken turns a second row of a name into ErrNameTaken.
func nameTaken(err error) error {
	for _, index := range []string{"services_name", "staff_name", "resources_name"} {
		if tenantdb.Violates(err, index) {
			return ErrNameTaken
		}
	}
	return named(err)
}

func saveService(ctx context.Context, tx pgx.Tx, tenant ingest.TenantID, v Service) (ingest.ServiceID, error) {
	if err := v.validate(); err != nil {
		return "", err
	}
	id, err := known(ctx, tx, tenant, "services", string(v.ID), v.Name)
	if err != nil {
		return "", err
	}
	reminders, err := json.Marshal(append([]Reminder{}, v.Reminders...))
	if err != nil {
		return "", err
	}
	args := []any{tenant, id, v.Name, v.Description, minutes(v.Duration), minutes(v.BufferBefore), minutes(v.BufferAfter), minutes(v.Notice),
		v.Horizon, minutes(v.Step), v.Price, v.PerDay, v.Unstaffed, append([]string{}, v.Needs...), reminders, v.Paused}
	sql := `UPDATE services SET name = $3, description = $4, duration_minutes = $5, before_minutes = $6, after_minutes = $7, notice_minutes = $8,
			horizon_days = $9, step_minutes = $10, price = $11, per_day = $12, unstaffed = $13, needs = $14, reminders = $15, paused = $16, updated_at = now()
		WHERE tenant_id = $1 AND id = $2`
	if id == "" {
		id = ingest.NewID(ingest.PrefixService, time.Now())
		args[1] = id
		sql = `INSERT INTO services (tenant_id, id, number, name, description, duration_minutes, before_minutes, after_minutes, notice_minutes,
				horizon_days, step_minutes, price, per_day, unstaffed, needs, reminders, paused)
			VALUES ($1, $2, frontdesk_next_number($1, 'service'), $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16)`
	}
	if _, err := tx.Exec(ctx, sql, args...); err != nil {
		return "", nameTaken(err)
	}
	return ingest.ServiceID(id), linkService(ctx, tx, tenant, id, v)
}

// linkService writes who performs a service and what it needs. What was
// removed may stay linked, but not be linked anew.
func linkService(ctx context.Context, tx pgx.Tx, tenant ingest.TenantID, id string, v Service) error {
	for _, link := range []struct {
		table, column, target string
		ids                   []string
	}{
		{"service_staff", "staff_id", "staff", strs(v.Staff)}, {"service_resources", "resource_id", "resources", strs(v.Resources)},
	} {
		if _, err := tx.Exec(ctx, `DELETE FROM `+link.table+` WHERE tenant_id = $1 AND service_id = $2 AND `+link.column+` <> ALL ($3)`, tenant, id, link.ids); err != nil {
			return err
		}
		_, err := tx.Exec(ctx, `INSERT INTO `+link.table+` (tenant_id, service_id, `+link.column+`) SELECT $1, $2, unnest($3::text[]) ON CONFLICT DO NOTHING`, tenant, id, link.ids)
		if err != nil {
			return nameTaken(err)
		}
	}
	return nil
}

func saveStaff(ctx context.Context, tx pgx.Tx, tenant ingest.TenantID, v Staff) (ingest.StaffID, error) {
	if err := v.validate(); err != nil {
		return "", err
	}
	id, err := known(ctx, tx, tenant, "staff", string(v.ID), v.Name)
	if err != nil {
		return "", err
	}
	hours, off, err := timesJSON(v.Hours, v.Off)
	if err != nil {
		return "", err
	}
	sql := `UPDATE staff SET name = $3, specialties = $4, hours = $5, off = $6, per_day = $7, paused = $8, updated_at = now() WHERE tenant_id = $1 AND id = $2`
	args := []any{tenant, id, v.Name, append([]string{}, v.Specialties...), hours, off, v.PerDay, v.Paused}
	if id == "" {
		id = ingest.NewID(ingest.PrefixStaff, time.Now())
		args[1] = id
		sql = `INSERT INTO staff (tenant_id, id, number, name, specialties, hours, off, per_day, paused) VALUES ($1, $2, frontdesk_next_number($1, 'staff'), $3, $4, $5, $6, $7, $8)`
	}
	if _, err := tx.Exec(ctx, sql, args...); err != nil {
		return "", nameTaken(err)
	}
	return ingest.StaffID(id), nil
}

func saveResource(ctx context.Context, tx pgx.Tx, tenant ingest.TenantID, v Resource) (ingest.ResourceID, error) {
	if err := v.validate(); err != nil {
		return "", err
	}
	id, err := known(ctx, tx, tenant, "resources", string(v.ID), v.Name)
	if err != nil {
		return "", err
	}
	hours, off, err := timesJSON(v.Hours, v.Off)
	if err != nil {
		return "", err
	}
	sql := `UPDATE resources SET name = $3, kind = $4, hours = $5, off = $6, paused = $7, updated_at = now() WHERE tenant_id = $1 AND id = $2`
	args := []any{tenant, id, v.Name, v.Kind, hours, off, v.Paused}
	if id == "" {
		id = ingest.NewID(ingest.PrefixResource, time.Now())
		args[1] = id
		sql = `INSERT INTO resources (tenant_id, id, number, name, kind, hours, off, paused) VALUES ($1, $2, frontdesk_next_number($1, 'resource'), $3, $4, $5, $6, $7)`
	}
	if _, err := tx.Exec(ctx, sql, args...); err != nil {
		return "", nameTaken(err)
	}
	return ingest.ResourceID(id), nil
}

func timesJSON(hours Week, off []Off) (h, o []byte, err error) {
	if h, err = json.Marshal(hours); err != nil {
		return nil, nil, err
	}
	o, err = json.Marshal(append([]Off{}, off...))
	return h, o, err
}
