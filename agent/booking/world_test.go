package booking_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"frontdesk/agent/booking"
	"frontdesk/deploy/schema/schematest"
	"frontdesk/ingest"
	"frontdesk/ingest/tenantdb"
)

// now is a Monday, 07:00 in Belize, whose clocks never change.
var now = time.Date(2026, 11, 23, 13, 0, 0, 0, time.UTC)

// world is a business with a dentist's catalogue, and another business beside
// it with the same.
type world struct {
	t     *testing.T
	db    *tenantdb.DB
	store *booking.Store
	now   time.Time

	ana, luis         booking.Staff
	chair, xray       booking.Resource
	clean, fill, pano booking.Service
	globexService     booking.Service
	globexStaff       booking.Staff
}

const (
	acme   = ingest.TenantID("acme")
	globex = ingest.TenantID("globex")
)

func newWorld(t *testing.T) *world {
	t.Helper()
	w := &world{t: t, db: schematest.Postgres(t), now: now}
	w.store = booking.NewStore(w.db, booking.Config{Now: func() time.Time { return w.now }})
	for _, tenant := range []ingest.TenantID{acme, globex} {
		w.tenant(tenant, "America/Belize")
		for i := range 8 {
			w.contact(tenant, fmt.Sprintf("con_%s_%d", tenant, i))
		}
	}
	w.ana = w.staff(acme, booking.Staff{Name: "Ana", Off: []booking.Off{{From: "2026-11-26"}}})
	w.luis = w.staff(acme, booking.Staff{Name: "Luis", Specialties: []string{"Filling", "Panorama"}, Hours: week("08:00-12:00")})
	w.chair = w.resource(acme, booking.Resource{Name: "Chair", Kind: "chair"})
	w.xray = w.resource(acme, booking.Resource{Name: "X-ray", Kind: "xray"})
	w.clean = w.service(acme, booking.Service{Name: "Cleaning", Duration: 30 * time.Minute, BufferAfter: 10 * time.Minute, Notice: 2 * time.Hour, Horizon: 30,
		Staff: []ingest.StaffID{w.ana.ID}})
	w.fill = w.service(acme, booking.Service{Name: "Filling", Duration: time.Hour})
	w.pano = w.service(acme, booking.Service{Name: "Panorama", Duration: 20 * time.Minute, Step: 20 * time.Minute, Needs: []string{"xray"}})
	w.globexStaff = w.staff(globex, booking.Staff{Name: "Ana"})
	w.globexService = w.service(globex, booking.Service{Name: "Cleaning", Duration: 30 * time.Minute})
	return w
}

func week(spans ...string) booking.Week {
	days := map[string][]string{}
	for _, d := range []string{"monday", "tuesday", "wednesday", "thursday", "friday"} {
		days[d] = spans
	}
	w, err := booking.ParseWeek(days)
	if err != nil {
		panic(err)
	}
	return w
}

func (w *world) exec(tenant ingest.TenantID, sql string, args ...any) {
	w.t.Helper()
	err := w.db.InTenant(w.t.Context(), tenant, func(tx pgx.Tx) error {
		_, err := tx.Exec(w.t.Context(), sql, args...)
		return err
	})
	if err != nil {
		w.t.Fatal(err)
	}
}

func (w *world) number(tenant ingest.TenantID, sql string, args ...any) (n int) {
	w.t.Helper()
	err := w.db.InTenant(w.t.Context(), tenant, func(tx pgx.Tx) error { return tx.QueryRow(w.t.Context(), sql, args...).Scan(&n) })
	if err != nil {
		w.t.Fatal(err)
	}
	return n
}

func (w *world) tenant(id ingest.TenantID, zone string) {
	w.exec(id, `INSERT INTO tenants (tenant_id, slug, name, timezone, plan, hours, closed) VALUES ($1, $1, $1, $2, 'pro', $3, $4)`,
		id, zone, week("08:00-12:00", "13:00-17:00"), []string{"2026-12-25"})
}

func (w *world) contact(tenant ingest.TenantID, id string) {
	w.exec(tenant, `INSERT INTO contacts (tenant_id, id, number) VALUES ($1, $2, frontdesk_next_number($1, 'contact'))`, tenant, id)
}

func (w *world) staff(tenant ingest.TenantID, v booking.Staff) booking.Staff {
	w.t.Helper()
	out, err := w.store.SaveStaff(w.t.Context(), tenant, v)
	if err != nil {
		w.t.Fatal(err)
	}
	return out
}

func (w *world) resource(tenant ingest.TenantID, v booking.Resource) booking.Resource {
	w.t.Helper()
	out, err := w.store.SaveResource(w.t.Context(), tenant, v)
	if err != nil {
		w.t.Fatal(err)
	}
	return out
}

func (w *world) service(tenant ingest.TenantID, v booking.Service) booking.Service {
	w.t.Helper()
	out, err := w.store.SaveService(w.t.Context(), tenant, v)
	if err != nil {
		w.t.Fatal(err)
	}
	return out
}

// contactOf is the i-th contact of the tenant.
func contactOf(tenant ingest.TenantID, i int) ingest.ContactID {
	return ingest.ContactID(fmt.Sprintf("con_%s_%d", tenant, i))
}

// at is a time in Belize, six hours behind UTC.
func at(text string) time.Time {
	t, err := time.Parse("2006-01-02 15:04", text)
	if err != nil {
		panic(err)
	}
	return t.Add(6 * time.Hour)
}

func (w *world) book(d booking.Draft) booking.Appointment {
	w.t.Helper()
	if d.Contact == "" {
		d.Contact = contactOf(acme, 0)
	}
	a, err := w.store.Book(w.t.Context(), acme, d)
	if err != nil {
		w.t.Fatalf("book: %v", err)
	}
	return a
}
