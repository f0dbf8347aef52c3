package webhook_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"frontdesk/ingest"
)

// TestSettlingReadsWhatItSettles asks for the plan that is made while nothing
// waits, which is most of the time, and kept until Postgres counts anew.
func TestSettlingReadsWhatItSettles(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	e, _ := w.endpoint(t, "acme", "https://example.com/a", nil)
	w.take(t, many(t, "acme", 0, 300)...)
	w.change(t, `UPDATE webhook_deliveries SET status = 'delivered' WHERE endpoint_id = $1`, e.ID)
	w.change(t, `DO $$ BEGIN SET LOCAL ROLE NONE; ANALYZE webhook_deliveries; END $$`)
	plan, err := w.store.SettlePlanForTest(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if strings.Contains(plan, "webhook_deliveries_due") || !strings.Contains(plan, "webhook_deliveries_pkey") {
		t.Errorf("all that waits is read for each that is settled:\n%s", plan)
	}
}

// TestWhatIsDueIsClaimedBesideWhatIsNot has many endpoints that wait for their
// next attempt, and one that needs not.
func TestWhatIsDueIsClaimedBesideWhatIsNot(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	for _, of := range []ingest.TenantID{"acme", "globex"} {
		for i := range 20 {
			w.endpoint(t, of, fmt.Sprint("https://example.com/", i), nil)
		}
		w.take(t, many(t, of, 0, 1)...)
	}
	w.change(t, `UPDATE webhook_deliveries SET due_at = now() + interval '1 hour'`)
	w.change(t, `UPDATE webhook_deliveries SET due_at = now() WHERE id = (SELECT max(id) FROM webhook_deliveries)`)
	got, err := w.store.ClaimForTest(t.Context(), 1)
	if err != nil || len(got) != 1 {
		t.Fatalf("claimed for %d endpoints, want the one that has something due (%v)", len(got), err)
	}
	if again, err := w.store.ClaimForTest(t.Context(), 1); err != nil || slices.Equal(got, again) {
		t.Errorf("claimed twice: %v, %v", again, err)
	}
}
