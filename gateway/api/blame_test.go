package api_test

import (
	"fmt"
	"testing"
	"time"

	"frontdesk/deploy/schema/schematest"
	"frontdesk/gateway/api/apitest"
)

// TestWhatIsToBlameIsNamed sends what the schema lets pass and the parts refuse.
func TestWhatIsToBlameIsNamed(t *testing.T) {
	t.Parallel()
	w := apitest.New(t, schematest.Postgres(t), "unlimited")
	c := newClient(t, w, w.Maya.Keys["all"])
	service := text(data(c.do("POST", "/v1/services", `{"name":"Polish","duration_minutes":30}`, 201)), "id")
	staff := text(data(c.do("POST", "/v1/staff", `{"name":"Eva"}`, 201)), "id")
	c.do("POST", "/v1/knowledge", `{"title":"Parking","content":"Behind the building."}`, 201)
	at := time.Now().Add(48 * time.Hour).UTC().Truncate(time.Hour).Add(30 * time.Second).Format(time.RFC3339)
	for _, tt := range []struct{ method, path, body, field string }{
		{"POST", "/v1/services", `{"name":"  ","duration_minutes":30}`, "name"},
		{"POST", "/v1/services", `{"name":"A","duration_minutes":30,"price":"5"}`, "price"},
		{"POST", "/v1/services", `{"name":"A","duration_minutes":30,"reminders":[{"minutes_before":60},{"minutes_before":60}]}`, "reminders"},
		{"PATCH", "/v1/staff/" + staff, `{"hours":{"moonday":["08:00-12:00"]}}`, "hours"},
		{"PATCH", "/v1/staff/" + staff, `{"hours":{"monday":["12:00-08:00"]}}`, "hours"},
		{"PATCH", "/v1/staff/" + staff, `{"hours":{"monday":["early"]}}`, "hours"},
		{"PATCH", "/v1/staff/" + staff, `{"off":[{"from":"2027-02-29"}]}`, "off"},
		{"PATCH", "/v1/staff/" + staff, `{"off":[{"from":"2027-02-28","hours":"noon"}]}`, "off"},
		{"POST", "/v1/holds", fmt.Sprintf(`{"service_id":%q,"start":"2026-11-32T09:00"}`, service), "start"},
		{"POST", "/v1/holds", fmt.Sprintf(`{"service_id":%q,"start":"2027-11-30T25:00"}`, service), "start"},
		{"POST", "/v1/holds", fmt.Sprintf(`{"service_id":%q,"staff_id":%q,"start":%q}`, service, staff, at), "start"},
		{"POST", "/v1/knowledge", `{"title":"Hours","content":"   "}`, "content"},
		{"POST", "/v1/knowledge", `{"content":"We open at eight.","type":"faq"}`, "title"},
		{"POST", "/v1/agents", `{"name":"  "}`, "name"},
	} {
		e := c.do(tt.method, tt.path, tt.body, 400)
		details, _ := e["error"].(map[string]any)["details"].([]any)
		if len(details) != 1 || details[0].(map[string]any)["field"] != tt.field {
			t.Errorf("%s %s %s: %v, want the field %s named", tt.method, tt.path, tt.body, e["error"], tt.field)
		}
	}
}
