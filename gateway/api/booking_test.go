package api_test

import (
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"testing"
	"time"

	"frontdesk/deploy/schema/schematest"
	"frontdesk/gateway/api/apitest"
)

// clinic is a business with two people who do one thing each and share a room.
type clinic struct {
	client
	cleaning, filling, ana, luis, room string
}

func newClinic(t *testing.T, w *apitest.World, key string) clinic {
	t.Helper()
	c := clinic{client: newClient(t, w, key)}
	const hours = `"hours":{"monday":["08:00-12:00","13:00-17:00"],"tuesday":["08:00-17:00"],"wednesday":["08:00-17:00"],"thursday":["08:00-17:00"],"friday":["08:00-17:00"]}`
	c.ana = text(data(c.do("POST", "/v1/staff", `{"name":"Ana","specialties":["Cleaning"],`+hours+`}`, 201)), "id")
	c.luis = text(data(c.do("POST", "/v1/staff", `{"name":"Luis","specialties":["Cleaning","Filling"],`+hours+`}`, 201)), "id")
	c.room = text(data(c.do("POST", "/v1/resources", `{"name":"Chair 1","kind":"chair"}`, 201)), "id")
	c.cleaning = text(data(c.do("POST", "/v1/services", `{"name":"Cleaning","duration_minutes":30,"price":"120.00 BZD","reminders":[{"minutes_before":1440}]}`, 201)), "id")
	c.filling = text(data(c.do("POST", "/v1/services", `{"name":"Filling","duration_minutes":60,"resource_ids":["`+c.room+`"]}`, 201)), "id")
	return c
}

// slot returns the n-th free time of a service.
func (c clinic) slot(n int, query string) map[string]any {
	c.t.Helper()
	all := list(c.do("GET", "/v1/slots?"+query, "", 200))
	if len(all) <= n {
		c.t.Fatalf("%d slots for %s", len(all), query)
	}
	return all[n].(map[string]any)
}

func (c clinic) book(start, staff, phone string, status int, headers ...string) map[string]any {
	c.t.Helper()
	return c.do("POST", "/v1/appointments", fmt.Sprintf(`{"service_id":%q,"staff_id":%q,"start":%q,"contact":{"name":"Maria Santos","phone":%q}}`, c.cleaning, staff, start, phone), status, headers...)
}

func details(v map[string]any) []any {
	e, _ := v["error"].(map[string]any)
	d, _ := e["details"].([]any)
	return d
}

func TestCatalogue(t *testing.T) {
	t.Parallel()
	w := apitest.New(t, schematest.Postgres(t), "unlimited")
	c := newClinic(t, w, w.Maya.Keys["all"])

	if all := list(c.do("GET", "/v1/services", "", 200)); len(all) != 2 || text(all[0].(map[string]any), "name") != "Cleaning" {
		t.Errorf("services = %v", all)
	}
	patched := data(c.do("PATCH", "/v1/services/"+c.cleaning, `{"notice_minutes":60,"active":false,"needs":["chair"]}`, 200))
	if patched["active"] != false || patched["notice_minutes"] != 60.0 || patched["price"] != "120.00 BZD" || len(patched["reminders"].([]any)) != 1 {
		t.Errorf("patched = %v, want notice and pause changed and else as it was", patched)
	}
	if all := list(c.do("GET", "/v1/services?active=true", "", 200)); len(all) != 1 {
		t.Errorf("%d active services, want 1", len(all))
	}
	if e := c.do("POST", "/v1/services", `{"name":"Cleaning","duration_minutes":30}`, 409); code(e) != "service_exists" {
		t.Errorf("a second service of the name: %v", e)
	}
	for name, body := range map[string]string{
		"no duration": `{"name":"A"}`, "three days": `{"name":"A","duration_minutes":4320}`, "a price without currency": `{"name":"A","duration_minutes":30,"price":"5"}`,
		"a service that is none": `{"name":"  ","duration_minutes":30}`, "two reminders at one time": `{"name":"A","duration_minutes":30,"reminders":[{"minutes_before":60},{"minutes_before":60}]}`,
		"a negative buffer": `{"name":"A","duration_minutes":30,"buffer_after_minutes":-5}`,
	} {
		if e := c.do("POST", "/v1/services", body, 400); code(e) != "invalid_request" {
			t.Errorf("%s: %v", name, e)
		}
	}
	staff := data(c.do("PATCH", "/v1/staff/"+c.ana, `{"off":[{"from":"2026-12-24","until":"2026-12-26","reason":"Christmas"},{"from":"2026-12-31","hours":"13:00-17:00"}]}`, 200))
	if off, _ := staff["off"].([]any); len(off) != 2 || len(staff["hours"].(map[string]any)) != 5 {
		t.Errorf("staff = %v, want two times off and the hours as they were", staff)
	}
	for name, body := range map[string]string{
		"a day that there is not": `{"off":[{"from":"2027-02-29"}]}`, "hours of no weekday": `{"hours":{"moonday":["08:00-12:00"]}}`,
		"hours backwards": `{"hours":{"monday":["12:00-08:00"]}}`, "overlapping hours": `{"hours":{"monday":["08:00-12:00","11:00-13:00"]}}`,
	} {
		if e := c.do("PATCH", "/v1/staff/"+c.ana, body, 400); code(e) != "invalid_request" {
			t.Errorf("%s: %v", name, e)
		}
	}
	next := list(c.do("GET", "/v1/staff?next_slot=true", "", 200))
	if who := next[1].(map[string]any); who["next_slot"] == nil {
		t.Errorf("Luis = %v, want his next slot", who)
	}
	c.do("GET", "/v1/resources", "", 200)
	c.do("PATCH", "/v1/resources/"+c.room, `{"name":"Chair","hours":{"monday":["08:00-12:00"]}}`, 200)
	c.do("GET", "/v1/resources/"+c.room, "", 200)
	c.do("DELETE", "/v1/services/"+c.filling, "", 204)
	c.do("DELETE", "/v1/staff/"+c.luis, "", 204)
	c.do("DELETE", "/v1/resources/"+c.room, "", 204)
	if all := list(c.do("GET", "/v1/staff", "", 200)); len(all) != 1 {
		t.Errorf("%d left of the staff, want 1", len(all))
	}
}

func TestBooking(t *testing.T) {
	t.Parallel()
	w := apitest.New(t, schematest.Postgres(t), "unlimited")
	c := newClinic(t, w, w.Maya.Keys["all"])
	ofCleaning := "service_id=" + c.cleaning + "&staff_id=" + c.ana
	first, second := c.slot(0, ofCleaning), c.slot(1, ofCleaning)
	start := text(first, "start")

	booked := data(c.book(start, c.ana, "+501 612 3456", 201))
	id := text(booked, "id")
	if text(booked, "status") != "scheduled" || text(booked, "staff_name") != "Ana" || text(booked, "service_name") != "Cleaning" || text(booked, "start") != start ||
		text(booked, "timezone") != "America/Belize" || booked["number"] != 1.0 || booked["test"] != false {
		t.Errorf("booked = %v", booked)
	}
	if url := text(booked, "manage_url"); !strings.HasPrefix(url, apitest.PublicURL+"/book/casa-maya/a/") {
		t.Errorf("manage_url = %s", url)
	}
	if people := list(c.do("GET", "/v1/contacts?query=6123456", "", 200)); len(people) != 1 || text(people[0].(map[string]any), "name") != "Maria Santos" {
		t.Errorf("contacts = %v, want who the appointment is for", people)
	}
	taken := c.book(start, c.ana, "+5016123457", 409)
	if free := details(taken); code(taken) != "slot_taken" || len(free) == 0 {
		t.Fatalf("a taken slot: %v, want the nearest that are free", taken)
	}
	instead, _ := details(taken)[0].(map[string]any)["instead"].(map[string]any)
	ofAna := 2
	if text(instead, "staff_id") == c.ana {
		ofAna++
	}
	if again := data(c.book(text(instead, "start"), text(instead, "staff_id"), "+5016123457", 201)); text(again, "status") != "scheduled" {
		t.Errorf("the alternative: %v", again)
	}

	local, err := time.Parse(time.RFC3339, text(second, "start"))
	if err != nil {
		t.Fatal(err)
	}
	belize, _ := time.LoadLocation("America/Belize")
	moved := data(c.do("POST", "/v1/appointments/"+id+"/move", fmt.Sprintf(`{"start":%q,"staff_id":%q}`, c.slot(4, ofCleaning)["start"], c.ana), 200))
	if moved["version"] != 2.0 || text(moved, "start") == start {
		t.Errorf("moved = %v", moved)
	}
	if again := data(c.book(start, c.ana, "+5016123458", 201)); text(again, "start") != start || text(again, "note") != "" {
		t.Errorf("the time that it left: %v", again)
	}
	if confirmed := data(c.do("POST", "/v1/appointments/"+id+"/confirm", "", 200)); confirmed["confirmed_at"] == nil {
		t.Errorf("confirmed = %v", confirmed)
	}
	cancelled := data(c.do("POST", "/v1/appointments/"+id+"/cancel", `{"reason":"ill"}`, 200))
	if text(cancelled, "status") != "cancelled" || text(cancelled, "cancel_reason") != "ill" || cancelled["cancelled_at"] == nil {
		t.Errorf("cancelled = %v", cancelled)
	}
	c.do("POST", "/v1/appointments/"+id+"/cancel", "", 200)
	if e := c.do("POST", "/v1/appointments/"+id+"/move", fmt.Sprintf(`{"start":%q}`, start), 409); code(e) != "appointment_final" {
		t.Errorf("moving a cancelled one: %v", e)
	}
	events := list(c.do("GET", "/v1/appointments/"+id+"/history", "", 200))
	var kinds []string
	for _, e := range events {
		kinds = append(kinds, text(e.(map[string]any), "kind"))
	}
	if fmt.Sprint(kinds) != "[created moved confirmed cancelled]" {
		t.Errorf("history = %v", kinds)
	}

	for query, want := range map[string]int{
		"": 3, "status=cancelled": 1, "staff_id=" + c.ana: ofAna, "service_id=" + c.filling: 0, "phone=%2B5016123458": 1, "phone=612-3458": 1, "phone=%2B5019999999": 0,
		"date=" + local.In(belize).Format(time.DateOnly) + "&status=scheduled": 2, "date=2020-01-01": 0, "from=2020-01-01T00:00:00Z&to=2020-02-01T00:00:00Z": 0, "email=nobody@example.com": 0,
	} {
		if got := list(c.do("GET", "/v1/appointments?"+query, "", 200)); len(got) != want {
			t.Errorf("%q lists %d, want %d", query, len(got), want)
		}
	}
	for _, query := range []string{"date=2026-02-30", "date=today", "date=2026-12-01&from=2026-12-01T00:00:00Z", "status=open", "phone=x", "email=x", "phone=%2B5016123458&contact_id=" + text(booked, "contact_id")} {
		c.do("GET", "/v1/appointments?"+query, "", 400)
	}
}

func TestTimesThatCannotBeBooked(t *testing.T) {
	t.Parallel()
	w := apitest.New(t, schematest.Postgres(t), "unlimited")
	c := newClinic(t, w, w.Maya.Keys["all"])
	next := func(day time.Weekday) string { // a day in two to three weeks, by the business's clock
		d := time.Now().UTC().AddDate(0, 0, 14)
		for d.Weekday() != day {
			d = d.AddDate(0, 0, 1)
		}
		return d.Format(time.DateOnly)
	}
	monday, sunday := next(time.Monday), next(time.Sunday)
	c.do("PATCH", "/v1/staff/"+c.ana, fmt.Sprintf(`{"off":[{"from":%q}]}`, next(time.Tuesday)), 200)
	for name, tt := range map[string]struct {
		start, staff string
		status       int
		code         string
	}{
		"in the past":          {"2020-03-02T09:00:00-06:00", c.ana, 422, "in_the_past"},
		"in ten years":         {"2036-03-03T09:00", c.ana, 422, "too_far"},
		"on a closed day":      {sunday + "T09:00", c.ana, 422, "closed"},
		"at night":             {monday + "T23:00", c.ana, 422, "outside_hours"},
		"over lunch":           {monday + "T12:00", c.ana, 422, "outside_hours"},
		"on a day off":         {next(time.Tuesday) + "T09:00", c.ana, 422, "staff_off"},
		"29 February":          {"2027-02-29T09:00", c.ana, 422, "no_such_time"},
		"30 February, in UTC":  {"2028-02-30T09:00:00Z", c.ana, 422, "no_such_time"},
		"31 November":          {"2026-11-31 09:00", c.ana, 422, "no_such_time"},
		"32 November":          {"2026-11-32T09:00", c.ana, 400, "invalid_request"},
		"25 o'clock then":      {"2027-02-29T25:00", c.ana, 400, "invalid_request"},
		"no time":              {"soon", c.ana, 400, "invalid_request"},
		"a time without day":   {"09:00", c.ana, 400, "invalid_request"},
		"a leap second":        {"2026-12-01T09:00:60", c.ana, 400, "invalid_request"},
		"a staff member of no": {monday + "T09:00", "stf_01KA2B3C4D5E6F7G8H9JKMNPQR", 404, "not_found"},
	} {
		if e := c.book(tt.start, tt.staff, "+5016123456", tt.status); code(e) != tt.code {
			t.Errorf("%s: %v, want %s", name, e, tt.code)
		} else if tt.status == 422 && len(details(e)) == 0 {
			t.Errorf("%s comes without alternatives: %v", name, e)
		}
	}
	if e := c.do("POST", "/v1/appointments", fmt.Sprintf(`{"service_id":%q,"staff_id":%q,"start":"%sT09:00","contact":{"phone":"+5016123456"}}`, c.filling, c.ana, monday), 422); code(e) != "not_offered" {
		t.Errorf("with somebody who does not do it: %v", e)
	}
	for name, body := range map[string]string{
		"nobody": `{"service_id":"S","start":"2030-01-01T09:00"}`, "nothing": `{"contact":{"phone":"+5016123456"}}`, "no time": `{"service_id":"S","contact":{"phone":"+5016123456"}}`,
		"two contacts": `{"service_id":"S","start":"2030-01-01T09:00","contact_id":"con_1","contact":{"phone":"+5016123456"}}`, "no number": `{"service_id":"S","start":"2030-01-01T09:00","contact":{"phone":"12"}}`,
		"no address": `{"service_id":"S","start":"2030-01-01T09:00","contact":{"email":"Ann <a@b.c>"}}`, "an empty contact": `{"service_id":"S","start":"2030-01-01T09:00","contact":{"name":"Ann"}}`,
	} {
		c.do("POST", "/v1/appointments", strings.ReplaceAll(body, `"S"`, `"`+c.cleaning+`"`), 400)
		_ = name
	}
	if people := list(c.do("GET", "/v1/contacts", "", 200)); len(people) > 1 {
		t.Errorf("refused bookings made %d contacts", len(people))
	}
	gap := newClinic(t, w, apply(t, w, "berlin", "Europe/Berlin"))
	for start, want := range map[string]string{"2027-03-28T02:30": "no_such_time", "2027-10-31T02:30": "ambiguous_time"} {
		if e := gap.book(start, gap.ana, "+493012345678", 422); code(e) != want {
			t.Errorf("%s in Berlin: %v, want %s", start, e, want)
		}
	}
}

// apply makes a business in a zone and returns its key.
func apply(t *testing.T, w *apitest.World, slug, zone string) string {
	t.Helper()
	a := w.Do(t, apitest.AdminToken, "PUT", "/admin/v1/apply", fmt.Sprintf(`{"business":{"slug":%q,"name":%q,"timezone":%q,"plan":"unlimited"},"keys":[{"name":"all","scopes":["*"]}]}`, slug, slug, zone))
	keys, _ := data(a.JSON(t))["keys"].([]any)
	if len(keys) != 1 {
		t.Fatalf("apply: %s", a.Text)
	}
	return text(keys[0].(map[string]any), "key")
}

func TestHolds(t *testing.T) {
	t.Parallel()
	w := apitest.New(t, schematest.Postgres(t), "unlimited")
	c := newClinic(t, w, w.Maya.Keys["all"])
	start := text(c.slot(0, "service_id="+c.cleaning+"&staff_id="+c.ana), "start")
	body := fmt.Sprintf(`{"service_id":%q,"staff_id":%q,"start":%q,"seconds":600}`, c.cleaning, c.ana, start)
	hold := data(c.do("POST", "/v1/holds", body, 201))
	until, _ := time.Parse(time.RFC3339, text(hold, "expires_at"))
	if left := time.Until(until); left < 9*time.Minute || left > 10*time.Minute+time.Second {
		t.Errorf("held for %v, want ten minutes", left)
	}
	if e := c.book(start, c.ana, "+5016123456", 409); code(e) != "slot_taken" || len(details(e)) == 0 {
		t.Errorf("a held slot: %v", e)
	}
	for _, s := range list(c.do("GET", "/v1/slots?service_id="+c.cleaning+"&staff_id="+c.ana, "", 200)) {
		if text(s.(map[string]any), "start") == start {
			t.Error("a held slot is listed as free")
		}
	}
	withHold := fmt.Sprintf(`{"hold_id":%q,"contact":{"phone":"+5016123456"}}`, text(hold, "id"))
	if booked := data(c.do("POST", "/v1/appointments", withHold, 201)); text(booked, "start") != start || text(booked, "staff_id") != c.ana {
		t.Errorf("booked from the hold: %v", booked)
	}
	if e := c.do("POST", "/v1/appointments", withHold, 409); code(e) != "hold_expired" {
		t.Errorf("the hold again: %v", e)
	}
	other := data(c.do("POST", "/v1/holds", strings.Replace(body, start, text(c.slot(0, "service_id="+c.cleaning+"&staff_id="+c.ana), "start"), 1), 201))
	c.do("DELETE", "/v1/holds/"+text(other, "id"), "", 204)
	c.do("DELETE", "/v1/holds/"+text(other, "id"), "", 204)
	c.book(text(other, "start"), c.ana, "+5016123456", 201)
	for name, bad := range map[string]string{
		"no time": fmt.Sprintf(`{"service_id":%q}`, c.cleaning), "two hours": strings.Replace(body, "600", "7200", 1), "no service": `{"start":"2030-01-01T09:00"}`,
	} {
		c.do("POST", "/v1/holds", bad, 400)
		_ = name
	}
}

func TestBookingTwiceByKeyBooksOnce(t *testing.T) {
	t.Parallel()
	w := apitest.New(t, schematest.Postgres(t), "unlimited")
	c := newClinic(t, w, w.Maya.Keys["all"])
	start := text(c.slot(0, "service_id="+c.cleaning+"&staff_id="+c.ana), "start")
	first := c.book(start, c.ana, "+5016123456", 201, "Idempotency-Key", "k")
	again := c.book(start, c.ana, "+5016123456", 201, "Idempotency-Key", "k")
	if fmt.Sprint(first) != fmt.Sprint(again) {
		t.Errorf("again: %v, want %v", again, first)
	}
	if e := c.book(start, c.ana, "+5016123457", 409, "Idempotency-Key", "k"); code(e) != "idempotency_key_reused" {
		t.Errorf("another request under the key: %v", e)
	}
	var wg sync.WaitGroup
	var mu sync.Mutex
	got := map[int]int{}
	want := text(c.slot(0, "service_id="+c.cleaning+"&staff_id="+c.luis), "start")
	for i := range 12 {
		wg.Go(func() {
			a := w.Do(t, c.key, "POST", "/v1/appointments", fmt.Sprintf(`{"service_id":%q,"staff_id":%q,"start":%q,"contact":{"phone":"+50161234%02d"}}`, c.cleaning, c.luis, want, i))
			mu.Lock()
			defer mu.Unlock()
			got[a.StatusCode]++
		})
	}
	wg.Wait()
	if got[http.StatusCreated] != 1 || got[http.StatusConflict] != 11 {
		t.Errorf("twelve at once: %v, want one booked and eleven told so", got)
	}
}

func TestStatusAndTestKeys(t *testing.T) {
	t.Parallel()
	w := apitest.New(t, schematest.Postgres(t), "unlimited")
	c := newClinic(t, w, w.Maya.Keys["all"])
	start := text(c.slot(0, "service_id="+c.cleaning+"&staff_id="+c.ana), "start")
	id := text(data(c.book(start, c.ana, "+5016123456", 201)), "id")
	for _, status := range []string{"completed", "no_show", "scheduled", "cancelled"} {
		if got := data(c.do("PATCH", "/v1/appointments/"+id+"/status", fmt.Sprintf(`{"status":%q}`, status), 200)); text(got, "status") != status {
			t.Errorf("set to %s: %v", status, got)
		}
	}
	wife := data(c.do("POST", "/v1/appointments", fmt.Sprintf(`{"service_id":%q,"start":%q,"contact":{"name":"Rosa","phone":"+5016123456"},"note":"First visit"}`, c.cleaning, start), 201))
	if person := data(c.do("GET", "/v1/contacts/"+text(wife, "contact_id"), "", 200)); text(person, "name") != "Maria Santos" || text(wife, "note") != "For Rosa. First visit" {
		t.Errorf("a second name under one number: %v for %v, want the first kept and the second noted", wife, person)
	}
	c.do("PATCH", "/v1/appointments/"+id+"/status", `{"status":"lost"}`, 400)
	if e := c.do("PATCH", "/v1/appointments/"+id+"/status", `{"status":"completed"}`, 409); code(e) != "appointment_final" {
		t.Errorf("completing a cancelled one: %v", e)
	}
	sandbox := newClient(t, w, w.Maya.Keys["test"])
	made := data(sandbox.do("POST", "/v1/appointments", fmt.Sprintf(`{"service_id":%q,"start":%q,"contact":{"email":"Ann@Example.com"},"note":"n","source":"crm"}`, c.cleaning, start), 201))
	if made["test"] != true || text(made, "source") != "crm" || text(made, "note") != "n" {
		t.Errorf("made with a test key: %v", made)
	}
	if got := list(c.do("GET", "/v1/appointments?email="+url.QueryEscape("ann@example.com"), "", 200)); len(got) != 1 {
		t.Errorf("by mail: %d, want 1", len(got))
	}
}

// TestForeignIDsInABooking gives another tenant's ids beside one's own.
func TestForeignIDsInABooking(t *testing.T) {
	t.Parallel()
	w := apitest.New(t, schematest.Postgres(t), "unlimited")
	maya, globex := newClinic(t, w, w.Maya.Keys["all"]), newClinic(t, w, w.Globex.Keys["all"])
	start := text(maya.slot(0, "service_id="+maya.cleaning), "start")
	theirs := data(globex.book(text(globex.slot(0, "service_id="+globex.cleaning), "start"), globex.ana, "+5016123456", 201))
	hold := data(globex.do("POST", "/v1/holds", fmt.Sprintf(`{"service_id":%q,"staff_id":%q,"start":%q}`, globex.cleaning, globex.luis, text(globex.slot(3, "service_id="+globex.cleaning+"&staff_id="+globex.luis), "start")), 201))
	received := w.Receive(t, w.Globex.ID, "main", "+14155557777", "Hi")
	conversation := text(data(globex.do("GET", "/v1/messages/"+string(received), "", 200)), "conversation_id")
	for name, extra := range map[string]string{
		"staff": fmt.Sprintf(`"staff_id":%q,"contact":{"phone":"+5016123456"}`, globex.ana), "contact": fmt.Sprintf(`"contact_id":%q`, text(theirs, "contact_id")),
		"conversation": fmt.Sprintf(`"conversation_id":%q,"contact":{"phone":"+5016123456"}`, conversation),
	} {
		body := fmt.Sprintf(`{"service_id":%q,"start":%q,%s}`, maya.cleaning, start, extra)
		if e := maya.do("POST", "/v1/appointments", body, 404); code(e) != "not_found" {
			t.Errorf("booking with another tenant's %s: %v", name, e)
		}
		if name != "contact" && strings.Contains(extra, "phone") {
			body = strings.Replace(body, `,"contact":{"phone":"+5016123456"}`, "", 1)
		}
		if e := maya.do("POST", "/v1/holds", body, 404); code(e) != "not_found" {
			t.Errorf("holding with another tenant's %s: %v", name, e)
		}
	}
	if e := maya.do("POST", "/v1/appointments", fmt.Sprintf(`{"hold_id":%q,"contact":{"phone":"+5016123456"}}`, text(hold, "id")), 409); code(e) != "hold_expired" {
		t.Errorf("with another tenant's hold: %v, want it as good as gone", e)
	}
	if a := w.Send(t, maya.key, "DELETE", "/v1/holds/"+text(hold, "id"), ""); a.StatusCode != 204 { // it changes nothing, and leaves no row in the audit log
		t.Errorf("release another's hold: %d %s", a.StatusCode, a.Text)
	}
	if got := data(globex.do("POST", "/v1/appointments", fmt.Sprintf(`{"hold_id":%q,"contact":{"phone":"+5016123456"}}`, text(hold, "id")), 201)); text(got, "status") != "scheduled" {
		t.Errorf("their own hold: %v, want it still there", got)
	}
}

func TestCalendars(t *testing.T) {
	t.Parallel()
	w := apitest.New(t, schematest.Postgres(t), "unlimited")
	c := newClinic(t, w, w.Maya.Keys["all"])
	ofAna := "service_id=" + c.cleaning + "&staff_id=" + c.ana
	first := text(c.slot(0, ofAna), "start")
	c.book(first, c.ana, "+5016123456", 201)
	cancelled := data(c.book(text(c.slot(0, ofAna), "start"), c.ana, "+5016123457", 201))
	c.do("POST", "/v1/appointments/"+text(cancelled, "id")+"/cancel", "", 200)
	c.book(text(c.slot(0, "service_id="+c.cleaning+"&staff_id="+c.luis), "start"), c.luis, "+5016123458", 201)

	url := func(path string) string {
		link := text(data(c.do("POST", path, "", 201)), "url")
		if !strings.HasPrefix(link, apitest.PublicURL+"/calendar/") || !strings.HasSuffix(link, ".ics") {
			t.Fatalf("the calendar is at %s", link)
		}
		return strings.TrimPrefix(link, apitest.PublicURL)
	}
	anas, all := url("/v1/staff/"+c.ana+"/calendar"), url("/v1/calendar")
	at, _ := time.Parse(time.RFC3339, first)
	a := w.Do(t, "", "GET", anas, "")
	whole := strings.ReplaceAll(string(a.Text), "\r\n ", "")
	for _, want := range []string{"X-WR-CALNAME:Ana · casa-maya Ltd\r\n", "DTSTART:" + at.UTC().Format("20060102T150405Z"), "SUMMARY:Cleaning · Maria Santos\r\n", "+5016123456"} {
		if !strings.Contains(whole, want) {
			t.Errorf("no %q in Ana's calendar:\n%s", want, whole)
		}
	}
	if n := strings.Count(whole, "BEGIN:VEVENT"); n != 1 || a.StatusCode != 200 || !strings.HasPrefix(a.Header.Get("Content-Type"), "text/calendar") {
		t.Errorf("Ana's calendar: %d, %s, %d entries, want the one that is neither cancelled nor Luis's", a.StatusCode, a.Header.Get("Content-Type"), n)
	}
	if again := w.Do(t, "", "GET", anas, "", "If-None-Match", a.Header.Get("ETag")); again.StatusCode != http.StatusNotModified || len(again.Text) != 0 {
		t.Errorf("unchanged: %d", again.StatusCode)
	}
	if n := strings.Count(string(w.Do(t, "", "GET", all, "").Text), "BEGIN:VEVENT"); n != 2 {
		t.Errorf("the business's calendar has %d entries, want 2", n)
	}
	if fresh := url("/v1/staff/" + c.ana + "/calendar"); w.Do(t, "", "GET", anas, "").StatusCode != 404 || w.Do(t, "", "GET", fresh, "").StatusCode != 200 {
		t.Error("after a rotation the old address still leads somewhere, or the new one does not")
	}
	c.do("DELETE", "/v1/calendar", "", 204)
	if got := w.Do(t, "", "GET", all, ""); got.StatusCode != 404 {
		t.Errorf("an ended calendar: %d", got.StatusCode)
	}
	c.do("DELETE", "/v1/staff/"+c.ana+"/calendar", "", 204)
	c.do("DELETE", "/v1/calendar", "", 204)
}

func TestBusyElsewhere(t *testing.T) {
	t.Parallel()
	w := apitest.New(t, schematest.Postgres(t), "unlimited")
	c := newClinic(t, w, w.Maya.Keys["all"])
	ofAna := "service_id=" + c.cleaning + "&staff_id=" + c.ana
	first := text(c.slot(0, ofAna), "start")
	at, _ := time.Parse(time.RFC3339, first)
	ics := fmt.Sprintf("BEGIN:VCALENDAR\\r\\nBEGIN:VEVENT\\r\\nDTSTART:%s\\r\\nDURATION:PT10M\\r\\nEND:VEVENT\\r\\nEND:VCALENDAR\\r\\n", at.UTC().Format("20060102T150405Z"))
	busy := list(c.do("POST", "/v1/staff/"+c.ana+"/busy", `{"calendar":"`+ics+`"}`, 200))
	if len(busy) != 1 || text(busy[0].(map[string]any), "start") != first {
		t.Errorf("busy = %v, want the ten minutes from %s", busy, first)
	}
	if got := text(c.slot(0, ofAna), "start"); got == first {
		t.Error("a time at which she is busy is free")
	}
	if e := c.book(first, c.ana, "+5016123456", 409); code(e) != "slot_taken" || len(details(e)) == 0 {
		t.Errorf("booking while she is busy: %v", e)
	}
	for name, text := range map[string]string{"a page": "<!doctype html>", "a calendar that stops": "BEGIN:VCALENDAR\\r\\n"} {
		if e := c.do("POST", "/v1/staff/"+c.ana+"/busy", `{"calendar":"`+text+`"}`, 422); code(e) != "unreadable_calendar" {
			t.Errorf("%s: %v", name, e)
		}
	}
	if busy := list(c.do("GET", "/v1/staff/"+c.ana+"/busy", "", 200)); len(busy) != 1 {
		t.Errorf("after what could not be read: %v, want it as it was", busy)
	}
	c.do("DELETE", "/v1/staff/"+c.ana+"/busy", "", 204)
	if got := text(c.slot(0, ofAna), "start"); got != first {
		t.Errorf("after it was dropped %s is the first that is free, want %s", got, first)
	}
}
