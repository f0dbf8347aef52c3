package api_test

import (
	"fmt"
	"testing"

	"frontdesk/deploy/schema/schematest"
	"frontdesk/gateway/api/apitest"
)

func TestAppointmentsByNumber(t *testing.T) {
	t.Parallel()
	w := apitest.New(t, schematest.Postgres(t), "unlimited")
	c := newClinic(t, w, w.Maya.Keys["all"])
	other := newClinic(t, w, w.Globex.Keys["all"])
	var booked []map[string]any
	for i := range 2 {
		slot := c.slot(0, "service_id="+c.cleaning)
		booked = append(booked, data(c.book(text(slot, "start"), text(slot, "staff_id"), fmt.Sprintf("+501612345%d", i), 201)))
	}
	for _, a := range booked {
		number := fmt.Sprintf("%.0f", a["number"])
		if got := data(c.do("GET", "/v1/appointments/"+number, "", 200)); text(got, "id") != text(a, "id") {
			t.Errorf("number %s is %v", number, got)
		}
		if found := list(c.do("GET", "/v1/appointments?number="+number, "", 200)); len(found) != 1 || text(found[0].(map[string]any), "id") != text(a, "id") {
			t.Errorf("those of number %s are %v", number, found)
		}
		if e := other.do("GET", "/v1/appointments/"+number, "", 404); code(e) != "not_found" {
			t.Errorf("another business has number %s: %v", number, e)
		}
	}
	for _, none := range []string{"0", "-1", "3", "99999999999999999999"} {
		if e := c.do("GET", "/v1/appointments/"+none, "", 404); code(e) != "not_found" {
			t.Errorf("number %s: %v", none, e)
		}
	}
	if found := list(c.do("GET", "/v1/appointments?number=3", "", 200)); len(found) != 0 {
		t.Errorf("those of a number that there is not are %v", found)
	}
	c.do("GET", "/v1/appointments?number=0", "", 400)
}
