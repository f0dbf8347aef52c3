package api_test

import (
	"fmt"
	"strings"
	"testing"

	"frontdesk/deploy/schema/schematest"
	"frontdesk/gateway/api/apitest"
)

func TestBusySources(t *testing.T) {
	t.Parallel()
	w := apitest.New(t, schematest.Postgres(t), "unlimited")
	c := newClinic(t, w, w.Maya.Keys["all"])
	other := newClinic(t, w, w.Globex.Keys["all"])
	path := "/v1/staff/" + c.ana + "/busy-source"

	if e := c.do("GET", path, "", 404); code(e) != "not_found" {
		t.Errorf("before there is one: %v", e)
	}
	for name, url := range map[string]string{
		"no URL": "basic.ics", "without TLS": "http://calendar.example.com/a.ics", "a private address": "https://192.168.0.1/a.ics", "its own machine": "https://localhost/a.ics",
		"what holds secrets of the cloud": "https://169.254.169.254/latest", "with a password in it": "https://ana:pass@calendar.example.com/a.ics", "a file": "file:///etc/passwd",
	} {
		if e := c.do("PUT", path, `{"url":"`+url+`"}`, 400); code(e) != "invalid_request" {
			t.Errorf("%s: %v", name, e)
		}
	}
	got := data(c.do("PUT", path, `{"url":"webcal://calendar.example.com/ana/private-7f3a/basic.ics"}`, 200))
	if text(got, "host") != "https://calendar.example.com" || text(got, "next_at") == "" || got["failures"] != 0.0 {
		t.Errorf("the source is %v", got)
	}
	for _, v := range []map[string]any{got, data(c.do("GET", path, "", 200))} {
		for k, field := range v {
			if s, _ := field.(string); strings.Contains(s, "private-7f3a") {
				t.Errorf("%s tells the secret of the address", k)
			}
		}
	}
	if e := other.do("GET", path, "", 404); code(e) != "not_found" {
		t.Errorf("another business reads it: %v", e)
	}
	if e := other.do("PUT", path, `{"url":"https://calendar.example.com/a.ics"}`, 404); code(e) != "not_found" {
		t.Errorf("another business sets it: %v", e)
	}
	if e := other.do("DELETE", path, "", 404); code(e) != "not_found" {
		t.Errorf("another business ends it: %v", e)
	}
	c.do("GET", path, "", 200)
	c.do("DELETE", path, "", 204)
	c.do("DELETE", path, "", 204)
	c.do("GET", path, "", 404)
	rows := list(c.do("GET", "/v1/audit?object=staff&object_id="+c.ana, "", 200))
	told := 0
	for _, r := range rows {
		if row := r.(map[string]any); strings.Contains(fmt.Sprint(row["fields"]), "busy_sources") && row["change"] == "changed" {
			told++
		}
	}
	if told != 2 {
		t.Errorf("%d rows of the staff member tell that her calendar was set and left, want 2: %v", told, rows)
	}
}
