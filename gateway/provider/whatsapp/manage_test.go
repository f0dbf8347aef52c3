package whatsapp

import (
	"encoding/json"
	"errors"
	"net/http"
	"net/http/httptest"
	"testing"

	"frontdesk/gateway/provider"
)

// graphOf answers requests of the Graph API from a table of "METHOD path?query".
func graphOf(t *testing.T, answers map[string]string) (*Sender, provider.Channel) {
	t.Helper()
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, req *http.Request) {
		body, ok := answers[req.Method+" "+req.URL.RequestURI()]
		if !ok || req.Header.Get("Authorization") != "Bearer EAA" {
			w.WriteHeader(http.StatusBadRequest)
			body = `{"error":{"code":100,"message":"unexpected","error_data":{"details":"` + req.Method + `"}}}`
		}
		_, _ = w.Write([]byte(body))
	}))
	t.Cleanup(server.Close)
	cfg := DefaultConfig()
	cfg.BaseURL = server.URL
	return NewSender(cfg), provider.Channel{Type: provider.WhatsApp, Account: "42", Ref: "106", AccessToken: "EAA"}
}

func TestTemplatesAtMeta(t *testing.T) {
	const list = "/v25.0/42/message_templates?fields=id%2Cname%2Clanguage%2Ccategory%2Cstatus%2Crejected_reason%2Cquality_score%2Cparameter_format%2Ccomponents&limit=100"
	s, ch := graphOf(t, map[string]string{
		"POST /v25.0/42/message_templates": `{"id":"1689556908129832","status":"PENDING","category":"UTILITY"}`,
		"GET " + list:                      `{"data":[{"id":"1","name":"a","language":"en","status":"APPROVED","category":"MARKETING","quality_score":{"score":"GREEN"},"components":[]},{"id":"2"}],"paging":{"next":"https://x","cursors":{"after":"c"}}}`,
		"GET /v25.0/42/message_templates?after=c&" + list[len("/v25.0/42/message_templates?"):]: `{"data":[{"id":"3","name":"b","language":"es","status":"REJECTED","rejected_reason":"INVALID_FORMAT"}]}`,
		"DELETE /v25.0/42/message_templates?hsm_id=1&name=a":                                    `{"success":true}`,
		"GET /v25.0/106?fields=display_phone_number,verified_name,quality_rating,status":        `{"id":"106","display_phone_number":"+1 555","verified_name":"Maya","quality_rating":"GREEN","status":"CONNECTED"}`,
	})
	made, err := s.CreateTemplate(t.Context(), ch, Template{Name: "a", Language: "en", Category: "utility", Components: json.RawMessage(`[]`)})
	if err != nil || made.ID != "1689556908129832" || made.Status != "pending" || made.Category != "utility" {
		t.Errorf("created %+v, %v", made, err)
	}
	all, err := s.Templates(t.Context(), ch)
	if err != nil || len(all) != 2 || all[0].Quality != "green" || all[1].Reason != "INVALID_FORMAT" {
		t.Errorf("listed %+v, %v", all, err)
	}
	if err := s.DeleteTemplate(t.Context(), ch, Template{ID: "1", Name: "a"}); err != nil {
		t.Error(err)
	}
	n, err := s.Number(t.Context(), ch)
	if err != nil || n != (Number{"+1 555", "Maya", "green", "connected"}) {
		t.Errorf("number %+v, %v", n, err)
	}
	ch.AccessToken = "wrong"
	var refused *provider.SendError
	if _, err := s.Number(t.Context(), ch); !errors.As(err, &refused) || refused.Reason != provider.Rejected || refused.Said.Title != "unexpected" {
		t.Errorf("with a wrong token: %v", err)
	}
}

func FuzzManage(f *testing.F) {
	f.Add([]byte(`{"id":"1689556908129832","status":"PENDING","category":"UTILITY"}`))
	f.Add([]byte(`{"data":[{"id":"1","name":"a","language":"en","quality_score":{"score":"GREEN"}}],"paging":{"next":"x","cursors":{"after":"c"}}}`))
	f.Fuzz(func(t *testing.T, body []byte) {
		if got, err := readCreated(body); err == nil && got.ID == "" {
			t.Error("a template without an id")
		}
		list, _, _ := readTemplates(body)
		for _, l := range list {
			if l.Name == "" {
				t.Error("a template without a name")
			}
		}
		_, _ = readNumber(body)
		if at, err := readMediaURL(body); err == nil && at == "" {
			t.Error("a file without an address")
		}
	})
}
