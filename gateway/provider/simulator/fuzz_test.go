package simulator

import (
	"encoding/json"
	"errors"
	"net/url"
	"strings"
	"testing"

	"frontdesk/ingest"
)

// storable fails t for content that Postgres would not take.
func storable(t *testing.T, c ingest.Content) {
	t.Helper()
	raw, err := json.Marshal(c)
	if err != nil {
		t.Fatalf("%+v cannot be written: %v", c, err)
	}
	if strings.Contains(string(raw), `\u0000`) {
		t.Fatalf("a NUL is left in %s", raw)
	}
}

func FuzzGraph(f *testing.F) {
	for _, seed := range []string{
		`{"messaging_product":"whatsapp","to":"+15555550142","type":"text","text":{"body":"Hi\u0000"}}`,
		`{"messaging_product":"whatsapp","to":"1","type":"location","location":{"latitude":"38.89","longitude":-77}}`,
		`{"messaging_product":"whatsapp","to":"1","type":"location","location":{"latitude":"NaN","longitude":"+Inf"}}`,
		`{"messaging_product":"whatsapp","to":"1","type":"interactive","interactive":{"type":"list","body":{"text":"x"},"action":{"button":"b","sections":[{"rows":[{"id":"a","title":"t"}]}]}}}`,
		`{"messaging_product":"whatsapp","to":"1","type":"template","template":{"name":"n","language":{"code":"es"},"components":[{"type":"body"}]}}`,
		`{"messaging_product":"whatsapp","to":"1","type":"image","image":{"link":"https://example.com/a.png"}}`, `{`, ``,
	} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, body []byte) {
		in, err := parseGraph(body)
		if err == nil {
			var c ingest.Content
			if c, err = in.content(); err == nil {
				storable(t, c)
			}
		}
		var refused *graphError
		if err != nil && !errors.As(err, &refused) {
			t.Errorf("refused with %v, want Meta's form", err)
		}
	})
}

func FuzzTwilio(f *testing.F) {
	for _, seed := range []string{
		"To=%2B15555550161&Body=Hi%00", "MediaUrl=a&MediaUrl=b", "ContentSid=HX1&ContentVariables=%7B%221%22%3A%22x%22%7D",
		"PersistentAction=geo%3A17.5%2C-88.2%7CHome&Body=x", "PersistentAction=geo:1e999,NaN", "Body=",
	} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, body string) {
		form, err := url.ParseQuery(body)
		if err != nil {
			return
		}
		c, err := twilioContent(form)
		var refused *twilioError
		switch {
		case err == nil:
			storable(t, c)
		case !errors.As(err, &refused):
			t.Errorf("refused with %v, want Twilio's form", err)
		}
	})
}
