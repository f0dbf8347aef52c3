package api_test

import (
	"fmt"
	"testing"
	"time"

	"frontdesk/deploy/schema/schematest"
	"frontdesk/gateway/api/apitest"
)

func TestWaitlist(t *testing.T) {
	t.Parallel()
	w := apitest.New(t, schematest.Postgres(t), "unlimited")
	c := newClinic(t, w, w.Maya.Keys["all"])
	day := time.Now().AddDate(0, 0, 20).Format(time.DateOnly)
	join := func(body string, status int) map[string]any {
		t.Helper()
		return c.do("POST", "/v1/waitlist", body, status)
	}
	first := data(join(fmt.Sprintf(`{"service_id":%q,"date":%q,"contact":{"name":"Maria Santos","phone":"+5016123456"}}`, c.cleaning, day), 201))
	from, err := time.Parse(time.RFC3339, text(first, "from"))
	if err != nil || from.Format("2006-01-02 15:04") != day+" 06:00" || text(first, "status") != "waiting" || first["offers"] != 0.0 || first["test"] != false {
		t.Errorf("joined as %v, want the day by the clock of Belize", first)
	}
	again := data(join(fmt.Sprintf(`{"service_id":%q,"date":%q,"contact_id":%q}`, c.cleaning, day, text(first, "contact_id")), 201))
	if text(again, "id") != text(first, "id") {
		t.Error("the same wish is on the list twice")
	}
	to := time.Now().AddDate(0, 0, 30).UTC().Format(time.RFC3339)
	second := data(join(fmt.Sprintf(`{"service_id":%q,"staff_id":%q,"to":%q,"contact":{"phone":"+5016123457"}}`, c.filling, c.luis, to), 201))
	for query, want := range map[string]int{
		"": 2, "service_id=" + c.cleaning: 1, "contact_id=" + text(second, "contact_id"): 1, "status=waiting": 2, "status=offered": 0, "limit=1": 1,
	} {
		if got := list(c.do("GET", "/v1/waitlist?"+query, "", 200)); len(got) != want {
			t.Errorf("%q lists %d, want %d", query, len(got), want)
		}
	}
	page := c.do("GET", "/v1/waitlist?limit=1", "", 200)
	cursor := text(page["meta"].(map[string]any), "cursor")
	if rest := list(c.do("GET", "/v1/waitlist?limit=1&cursor="+cursor, "", 200)); len(rest) != 1 || text(rest[0].(map[string]any), "id") != text(second, "id") {
		t.Errorf("the second page is %v", rest)
	}
	for name, body := range map[string]string{
		"no time":          `{"service_id":%q,"contact":{"phone":"+5016123456"}}`,
		"a day and a span": `{"service_id":%q,"date":"2027-01-01","to":"2027-01-02T00:00:00Z","contact":{"phone":"+5016123456"}}`,
		"no contact":       `{"service_id":%q,"date":"2027-01-01"}`,
		"two contacts":     `{"service_id":%q,"date":"2027-01-01","contact_id":"con_1","contact":{"phone":"+5016123456"}}`,
		"a year":           `{"service_id":%q,"from":"2027-01-01T00:00:00Z","to":"2028-01-01T00:00:00Z","contact":{"phone":"+5016123456"}}`,
		"backwards":        `{"service_id":%q,"from":"2027-01-02T00:00:00Z","to":"2027-01-01T00:00:00Z","contact":{"phone":"+5016123456"}}`,
		"no such day":      `{"service_id":%q,"date":"2027-02-30","contact":{"phone":"+5016123456"}}`,
	} {
		if e := join(fmt.Sprintf(body, c.cleaning), 400); code(e) != "invalid_request" {
			t.Errorf("%s: %v", name, e)
		}
	}
	if e := join(fmt.Sprintf(`{"service_id":%q,"date":"2020-01-01","contact":{"phone":"+5016123456"}}`, c.cleaning), 422); code(e) != "in_the_past" {
		t.Errorf("a day that is over: %v", e)
	}
	join(`{"service_id":"svc_none","date":"2027-01-01","contact":{"phone":"+5016123456"}}`, 404)
	for i := range 9 {
		join(fmt.Sprintf(`{"service_id":%q,"date":"2027-01-0%d","contact":{"phone":"+5016123456"}}`, c.cleaning, i+1), 201)
	}
	if e := join(fmt.Sprintf(`{"service_id":%q,"date":"2027-01-10","contact":{"phone":"+5016123456"}}`, c.cleaning), 409); code(e) != "too_many_waits" {
		t.Errorf("an eleventh wish: %v", e)
	}
	other := newClient(t, w, w.Globex.Keys["all"])
	other.do("DELETE", "/v1/waitlist/"+text(first, "id"), "", 404)
	if got := list(other.do("GET", "/v1/waitlist", "", 200)); len(got) != 0 {
		t.Errorf("another business sees %v", got)
	}
	c.do("DELETE", "/v1/waitlist/"+text(first, "id"), "", 204)
	c.do("DELETE", "/v1/waitlist/"+text(first, "id"), "", 404)
	sandbox := newClient(t, w, w.Maya.Keys["test"])
	if tested := data(sandbox.do("POST", "/v1/waitlist", fmt.Sprintf(`{"service_id":%q,"date":"2027-02-01","contact":{"phone":"+5016123459"}}`, c.cleaning), 201)); tested["test"] != true {
		t.Errorf("joined with a test key as %v", tested)
	}
	set := data(c.do("PATCH", "/v1/business", `{"no_show_after_minutes":120,"waitlist_template":"slot_free"}`, 200))
	if set["no_show_after_minutes"] != 120.0 || set["waitlist_template"] != "slot_free" {
		t.Errorf("set to %v", set)
	}
	if off := data(c.do("PATCH", "/v1/business", `{"no_show_after_minutes":0,"waitlist_template":""}`, 200)); off["no_show_after_minutes"] != 0.0 || off["waitlist_template"] != nil {
		t.Errorf("set back to %v", off)
	}
	c.do("PATCH", "/v1/business", `{"no_show_after_minutes":20000}`, 400)
	c.do("PATCH", "/v1/business", `{"waitlist_template":"two words"}`, 400)
	newClient(t, w, w.Maya.Keys["reader"]).do("POST", "/v1/waitlist", `{}`, 403)
}
