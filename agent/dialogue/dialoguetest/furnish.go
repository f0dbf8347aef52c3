package dialoguetest

import (
	"testing"

	"frontdesk/agent/booking"
	"frontdesk/ingest"
)

// Furnish saves what b offers.
func Furnish(t testing.TB, store *booking.Store, tenant ingest.TenantID, b Business) (services []booking.Service, staff []booking.Staff) {
	t.Helper()
	for _, s := range b.Services {
		saved, err := store.SaveService(t.Context(), tenant, s)
		if err != nil {
			t.Fatal(err)
		}
		services = append(services, saved)
	}
	for _, p := range b.Staff {
		saved, err := store.SaveStaff(t.Context(), tenant, p)
		if err != nil {
			t.Fatal(err)
		}
		staff = append(staff, saved)
	}
	return services, staff
}
