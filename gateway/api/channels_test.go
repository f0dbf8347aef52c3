package api_test

import (
	"fmt"
	"net/http"
	"strings"
	"testing"

	"frontdesk/deploy/schema/schematest"
	"frontdesk/gateway/api/apitest"
)

const newNumber = `{"type":"whatsapp","name":"support","phone":"+15555550188","phone_number_id":"188188188188","waba_id":"424242424242","access_token":"EAA-secret","app_secret":"app-secret","verify_token":"verify-secret"}`

func TestChannels(t *testing.T) {
	t.Parallel()
	w := apitest.New(t, schematest.Postgres(t), "unlimited")
	c, other := newClient(t, w, w.Maya.Keys["all"]), newClient(t, w, w.Globex.Keys["all"])
	made := data(c.do("POST", "/v1/channels", newNumber, 201))
	id := text(made, "id")
	if made["simulated"] != false || text(made, "status") != "active" || text(made, "waba_id") != "424242424242" {
		t.Errorf("made %v", made)
	}
	for _, path := range []string{"/v1/channels", "/v1/channels/" + id} {
		if a := w.Do(t, c.key, "GET", path, ""); strings.Contains(string(a.Text), "secret") {
			t.Errorf("%s shows a secret: %s", path, a.Text)
		}
	}
	if got := ids(c.do("GET", "/v1/channels", "", 200)); len(got) != 4 {
		t.Errorf("listed %v", got)
	}
	if e := c.do("POST", "/v1/channels", newNumber, 409); code(e) != "channel_exists" {
		t.Errorf("the same again: %v", e)
	}
	if e := other.do("POST", "/v1/channels", newNumber, 409); code(e) != "address_taken" {
		t.Errorf("a number of another business: %v", e)
	}
	for name, tt := range map[string]struct{ body, want string }{
		"credentials in part": {`{"type":"whatsapp","name":"x","phone_number_id":"1881881","access_token":"EAA"}`, "field:app_secret message:is missing"},
		"somebody's number":   {`{"type":"twilio","name":"x","phone":"+14155552671"}`, "field:phone message:may be somebody's"},
		"... by WhatsApp":     {`{"type":"twilio","name":"x","phone":"+14155552671","network":"whatsapp"}`, "field:phone message:may be somebody's"},
		"somebody's service":  {`{"type":"twilio","name":"x","messaging_service_sid":"MG0123456789abcdef0123456789abcdef"}`, "field:messaging_service_sid message:may be somebody's"},
		"somebody's id":       {`{"type":"whatsapp","name":"x","phone_number_id":"106540352242922"}`, "field:phone_number_id message:may be somebody's"},
		"a bad number":        {`{"type":"twilio","name":"x","phone":"555"}`, "field:phone message"},
		"another's field":     {`{"type":"twilio","name":"x","phone":"+15555550190","waba_id":"424242424242"}`, "field:waba_id"},
		"an address":          {strings.Replace(newNumber, `"name"`, `"base_url":"http://169.254.169.254","name"`, 1), "base_url message:unknown field"},
		"an unknown type":     {`{"type":"fax","name":"x"}`, "field:type"},
	} {
		if e := c.do("POST", "/v1/channels", tt.body, 400); !strings.Contains(fmt.Sprint(e), tt.want) {
			t.Errorf("%s: %v, want %s", name, e, tt.want)
		}
	}
	if got := data(c.do("PATCH", "/v1/channels/"+id, `{"rate_per_second":20,"mark_read":true}`, 200)); got["rate_per_second"] != float64(20) || got["mark_read"] != true || text(got, "phone") != "+15555550188" {
		t.Errorf("changed %v", got)
	}
	w.Graph = func(out http.ResponseWriter, req *http.Request) {
		switch {
		case strings.HasPrefix(req.URL.Path, "/2010-04-01/Accounts/"):
			_, _ = fmt.Fprint(out, `{"sid":"AC","status":"active"}`)
		case req.Header.Get("Authorization") == "Bearer EAA-secret": // it outlived the change
			_, _ = fmt.Fprint(out, `{"id":"188","quality_rating":"GREEN","status":"CONNECTED","verified_name":"Maya"}`)
		default:
			http.Error(out, `{"error":{"code":190,"message":"expired"}}`, http.StatusUnauthorized)
		}
	}
	if got := data(c.do("POST", "/v1/channels/"+id+"/test", "", 200)); text(got, "status") != "connected" || text(got, "quality") != "green" {
		t.Errorf("tried: %v", got)
	}
	c.do("PATCH", "/v1/channels/"+id, `{"access_token":"EAA-wrong"}`, 200)
	if e := c.do("POST", "/v1/channels/"+id+"/test", "", 422); code(e) != "channel_down" {
		t.Errorf("with a wrong token: %v", e)
	}
	all := list(c.do("GET", "/v1/channels", "", 200))
	for name, want := range map[string]string{"main": "simulated", "real": "active"} {
		for _, ch := range all {
			if v := ch.(map[string]any); text(v, "name") == name {
				if got := data(c.do("POST", "/v1/channels/"+text(v, "id")+"/test", "", 200)); text(got, "status") != want {
					t.Errorf("%s: %v, want %s", name, got, want)
				}
			}
		}
	}
	for _, try := range []string{"GET ", "DELETE ", "PATCH ", "POST /test"} {
		method, tail, _ := strings.Cut(try, " ")
		body := map[string]string{"PATCH": `{"mark_read":false}`}[method]
		other.do(method, "/v1/channels/"+id+tail, body, 404)
	}
	c.do("DELETE", "/v1/channels/"+id, "", 204)
	c.do("GET", "/v1/channels/"+id, "", 404)
	other.do("POST", "/v1/channels", newNumber, 201) // the number is free again
}

// TestAChannelLeavesTheSimulatorWhole gives a simulated channel real credentials
// in part, which must not be filled up with what was made up for it.
func TestAChannelLeavesTheSimulatorWhole(t *testing.T) {
	t.Parallel()
	w := apitest.New(t, schematest.Postgres(t), "unlimited")
	c := newClient(t, w, w.Maya.Keys["all"])
	path := "/v1/channels/" + text(data(c.do("POST", "/v1/channels", `{"type":"whatsapp","name":"later"}`, 201)), "id")
	e := fmt.Sprint(c.do("PATCH", path, `{"access_token":"EAA"}`, 400))
	for _, field := range []string{"phone_number_id", "waba_id", "app_secret", "verify_token"} {
		if !strings.Contains(e, "field:"+field+" message:is missing") {
			t.Errorf("a token alone: %s, want %s to be missing", e, field)
		}
	}
	if got := data(c.do("PATCH", path, `{"mark_read":true}`, 200)); got["simulated"] != true {
		t.Errorf("changed without credentials: %v", got)
	}
	whole := `{"phone_number_id":"1881881881","waba_id":"424242424242","access_token":"EAA","app_secret":"s","verify_token":"v"}`
	if got := data(c.do("PATCH", path, whole, 200)); got["simulated"] != false || text(got, "phone_number_id") != "1881881881" {
		t.Errorf("with all credentials: %v", got)
	}
	sms := "/v1/channels/" + text(data(c.do("POST", "/v1/channels", `{"type":"twilio","name":"text","phone":"+15555550142"}`, 201)), "id")
	if e := fmt.Sprint(c.do("PATCH", sms, `{"auth_token":"x"}`, 400)); !strings.Contains(e, "field:account_sid message:is missing") {
		t.Errorf("a token alone by SMS: %s", e)
	}
}
