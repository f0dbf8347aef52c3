package api_test

import (
	"fmt"
	"testing"
	"time"

	"frontdesk/deploy/schema/schematest"
	"frontdesk/gateway/api/apitest"
)

// TestARefusalOffersWhatIsFree: whatever stands against a time, what is offered
// instead can be booked, to the last.
func TestARefusalOffersWhatIsFree(t *testing.T) {
	t.Parallel()
	w := apitest.New(t, schematest.Postgres(t), "unlimited")
	c := newClinic(t, w, w.Maya.Keys["all"])
	few := text(data(c.do("POST", "/v1/services", `{"name":"Whitening","duration_minutes":30,"per_day":1,"notice_minutes":2880,"horizon_days":30,"staff_ids":["`+c.luis+`"]}`, 201)), "id")
	day := time.Now().AddDate(0, 0, 7)
	for day.Weekday() != time.Wednesday {
		day = day.AddDate(0, 0, 1)
	}
	first := c.slot(0, "service_id="+few+"&date="+day.Format(time.DateOnly)) // in the morning
	start, err := time.Parse(time.RFC3339, text(first, "start"))
	if err != nil {
		t.Fatal(err)
	}
	book := func(start, person string, status int) map[string]any {
		t.Helper()
		return c.do("POST", "/v1/appointments", fmt.Sprintf(`{"service_id":%q,"start":%q,"contact":{"phone":%q}}`, few, start, person), status)
	}
	book(text(first, "start"), "+5016123450", 201)
	for i, tt := range []struct {
		name, start, code string
		status            int
	}{
		{"a day that is full", start.Add(time.Hour).Format(time.RFC3339), "day_full", 409},
		{"the time that is taken, on that day", text(first, "start"), "day_full", 409},
		{"within the notice", time.Now().Add(2 * time.Hour).Truncate(time.Minute).Format(time.RFC3339), "too_soon", 422},
		{"beyond the horizon", time.Now().AddDate(0, 2, 0).Truncate(time.Minute).Format(time.RFC3339), "too_far", 422},
		{"29 February", "2027-02-29T10:00", "no_such_time", 422},
	} {
		e := book(tt.start, fmt.Sprintf("+501612346%d", i), tt.status)
		free := details(e)
		if code(e) != tt.code || len(free) == 0 {
			t.Errorf("%s: %v, want %s with what is free", tt.name, e, tt.code)
			continue
		}
		instead := free[i%len(free)].(map[string]any)["instead"].(map[string]any)
		book(text(instead, "start"), fmt.Sprintf("+501612346%d", i), 201)
	}
}
