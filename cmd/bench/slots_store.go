package main

import (
	"context"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"frontdesk/agent/booking"
	"frontdesk/ingest/tenantdb"
)

// busyHouse makes a tenant whose staff all do everything and books its next
// five weeks nearly full, round by round of the staff.
func busyHouse(ctx context.Context, db *tenantdb.DB, store *booking.Store) ([]booking.Service, error) {
	err := db.InTenant(ctx, measured, func(tx pgx.Tx) error {
		if _, err := tx.Exec(ctx, `INSERT INTO tenants (tenant_id, slug, name, timezone, plan, hours)
			VALUES ($1, $1, $1, 'America/New_York', 'enterprise', $2)`, measured, everyDay("08:00-20:00")); err != nil {
			return err
		}
		_, err := tx.Exec(ctx, `INSERT INTO contacts (tenant_id, id, number)
			SELECT $1, 'con_' || i, frontdesk_next_number($1, 'contact') FROM generate_series(0, $2 - 1) i`, measured, slotBookings)
		return err
	})
	if err != nil {
		return nil, err
	}
	var services []booking.Service
	for i := range slotServices {
		v, err := store.SaveService(ctx, measured, booking.Service{
			Name: fmt.Sprintf("service %d", i), Duration: time.Duration(20+5*i) * time.Minute, BufferAfter: 5 * time.Minute,
		})
		if err != nil {
			return nil, err
		}
		services = append(services, v)
	}
	for i := range slotStaff {
		if _, err := store.SaveStaff(ctx, measured, booking.Staff{Name: fmt.Sprintf("staff %d", i)}); err != nil {
			return nil, err
		}
	}
	return services, fillHouse(ctx, store, services)
}

func everyDay(span string) map[string][]string {
	week := map[string][]string{}
	for _, day := range []string{"monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"} {
		week[day] = []string{span}
	}
	return week
}

// roundTrip asks the database for nothing, as a tenant.
func roundTrip(ctx context.Context, db *tenantdb.DB) error {
	return db.Batch(ctx, measured, func(b *pgx.Batch) { b.Queue(`SELECT 1`) })
}

// serverProcesses returns the processes that serve db now.
func serverProcesses(ctx context.Context, db *tenantdb.DB) (pids []int, err error) {
	err = db.InTenant(ctx, measured, func(tx pgx.Tx) error {
		rows, err := tx.Query(ctx, `SELECT pid FROM pg_stat_activity WHERE datname = current_database()`)
		if err != nil {
			return err
		}
		pids, err = pgx.CollectRows(rows, pgx.RowTo[int])
		return err
	})
	return pids, err
}
