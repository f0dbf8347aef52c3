package providertest_test

import (
	"crypto/hmac"
	"crypto/sha1"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"io"
	"net/http"
	"net/url"
	"os"
	"slices"
	"testing"
	"time"

	"frontdesk/gateway/provider"
	"frontdesk/gateway/provider/providertest"
	"frontdesk/gateway/provider/twilio"
	"frontdesk/gateway/provider/whatsapp"
	"frontdesk/ingest"
)

func files(t *testing.T, names ...string) map[string][]byte {
	t.Helper()
	out := map[string][]byte{}
	for _, name := range names {
		b, err := os.ReadFile("../" + name)
		if err != nil {
			t.Fatal(err)
		}
		out[name] = b
	}
	return out
}

func text(phone string) ingest.Message {
	return ingest.Message{
		Party:   ingest.Party{Identifiers: []ingest.Identifier{{Kind: ingest.Phone, Value: phone}}},
		Content: ingest.Content{Type: ingest.Text, Text: "a text that no error may show"},
	}
}

func TestWhatsApp(t *testing.T) {
	providertest.Run(t, providertest.Adapter{
		Parse: whatsapp.Parse,
		Callbacks: files(t, "whatsapp/testdata/samples/inbound_text.json", "whatsapp/testdata/samples/batch_mixed_two_accounts.json",
			"whatsapp/testdata/samples/inbound_unsupported_poll.json", "whatsapp/testdata/samples/account_user_preferences_stop_marketing.json"),
		Sign: func(body []byte, secret provider.Secret) string {
			mac := hmac.New(sha256.New, []byte(secret))
			mac.Write(body)
			return "sha256=" + hex.EncodeToString(mac.Sum(nil))
		},
		Verify: func(header string, body []byte, secret provider.Secret) bool {
			s, ok := whatsapp.ParseSignature(header)
			return ok && s.Signs(body, secret)
		},
		Sender: func(transport http.RoundTripper, timeout time.Duration) provider.Sender {
			cfg := whatsapp.DefaultConfig()
			cfg.Transport, cfg.Timeout = transport, timeout
			return whatsapp.NewSender(cfg)
		},
		Channel: func(baseURL string) provider.Channel {
			return provider.Channel{Type: provider.WhatsApp, Ref: "310022334455661", AccessToken: "token", BaseURL: baseURL}
		},
		Message: text("+15555550142"),
		Taken:   `{"messages":[{"id":"wamid.1"}]}`, TakenID: "wamid.1", Status: 200,
		BadCredentials: `{"error":{"message":"expired","code":190}}`,
		TooFast:        `{"error":{"message":"(#130429) Rate limit hit","code":130429}}`,
		Fault:          `{"error":{"message":"(#131000) Something went wrong","code":131000}}`,
	})
}

func TestTwilio(t *testing.T) {
	const target = "https://desk.example.com/callbacks/twilio"
	providertest.Run(t, providertest.Adapter{
		Parse: twilio.Parse,
		Callbacks: files(t, "twilio/testdata/samples/inbound_sms_special_characters.form", "twilio/testdata/samples/inbound_mms_two_media.form",
			"twilio/testdata/samples/inbound_whatsapp_location.form", "twilio/testdata/samples/status_undelivered_30005.form"),
		Sign: func(body []byte, secret provider.Secret) string {
			form, err := url.ParseQuery(string(body))
			if err != nil {
				t.Fatal(err)
			}
			names := make([]string, 0, len(form))
			for name := range form {
				names = append(names, name)
			}
			slices.Sort(names)
			mac := hmac.New(sha1.New, []byte(secret))
			_, _ = io.WriteString(mac, target)
			for _, name := range names {
				_, _ = io.WriteString(mac, name+form.Get(name))
			}
			return base64.StdEncoding.EncodeToString(mac.Sum(nil))
		},
		Verify: func(header string, body []byte, secret provider.Secret) bool {
			s, ok := twilio.ParseSignature(header)
			form, err := twilio.ParseForm(body)
			return ok && err == nil && s.Signs(target, form, body, secret)
		},
		Sender: func(transport http.RoundTripper, timeout time.Duration) provider.Sender {
			cfg := twilio.DefaultConfig()
			cfg.Transport, cfg.Timeout = transport, timeout
			return twilio.NewSender(cfg)
		},
		Channel: func(baseURL string) provider.Channel {
			return provider.Channel{Type: provider.Twilio, Ref: "+15555550120", Account: "AC1", AuthToken: "token", BaseURL: baseURL}
		},
		Message: text("+15555550161"),
		Taken:   `{"sid":"SM1","status":"queued"}`, TakenID: "SM1", Status: 201,
		BadCredentials: `{"code":20003,"message":"Authenticate","status":401}`,
		TooFast:        `{"code":20429,"message":"Too Many Requests","status":429}`,
		Fault:          `{"code":20500,"message":"An internal server error has occurred","status":500}`,
	})
}
