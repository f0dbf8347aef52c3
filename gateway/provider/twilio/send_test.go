package twilio

import (
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"frontdesk/gateway/provider"
	"frontdesk/ingest"
)

type api struct {
	*httptest.Server
	status int
	header http.Header
	answer []byte

	path, user, token, body string
}

func newAPI(t *testing.T) *api {
	t.Helper()
	a := &api{status: 201, answer: sample(t, "samples/send_response_201_number_queued.json")}
	a.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		a.user, a.token, _ = r.BasicAuth()
		a.path = r.Method + " " + r.URL.Path
		b, _ := io.ReadAll(r.Body)
		a.body = string(b)
		for k, v := range a.header {
			w.Header()[k] = v
		}
		w.WriteHeader(a.status)
		_, _ = w.Write(a.answer)
	}))
	t.Cleanup(a.Close)
	return a
}

func (a *api) channel(ref string) provider.Channel {
	return provider.Channel{Type: provider.Twilio, Ref: ref, Account: "ACe6677f7afb9fa70f01173f0f27c8c80b", AuthToken: "tok", BaseURL: a.URL}
}

func (a *api) sender(change ...func(*Config)) *Sender {
	cfg := DefaultConfig()
	cfg.Transport = a.Client().Transport
	for _, c := range change {
		c(&cfg)
	}
	return NewSender(cfg)
}

func to(phone string, c ingest.Content) ingest.Message {
	return ingest.Message{Party: ingest.Party{Identifiers: []ingest.Identifier{{Kind: ingest.Phone, Value: phone}}}, Content: c}
}

func TestSendSamples(t *testing.T) {
	tests := []struct {
		file, ref string
		cfg       func(*Config)
		m         ingest.Message
	}{
		{"send_sms_request.form", "MG6dcd3b162e521c14824fec8daaa3ee07", func(c *Config) {
			c.StatusCallback, c.Validity = "https://gateway.example.com/hooks/twilio/status?job=88213", 4*time.Hour
		}, to("+15555550161", ingest.Content{Type: ingest.Text, Text: "You are booked for Friday 3 pm."})},
		{"send_mms_request.form", "+15555550120", func(*Config) {}, to("+15555550161", ingest.Content{Type: ingest.Image, Text: "Map",
			Media: []ingest.Media{{URL: "https://files.example.com/map.png"}, {URL: "https://files.example.com/map2.png"}}})},
		{"send_whatsapp_template_request.form", "whatsapp:+15555550121", func(*Config) {}, to("+15555550142", ingest.Content{Type: ingest.Templated,
			Template: &ingest.Template{Name: "HX91a7c37525bf216fef658ef48b926b73", Components: json.RawMessage(`{"1": "Dana", "2": "Friday 3 pm"}`)}})},
	}
	for _, tt := range tests {
		t.Run(tt.file, func(t *testing.T) {
			a := newAPI(t)
			sent, err := a.sender(tt.cfg).Send(t.Context(), a.channel(tt.ref), tt.m)
			if err != nil || sent.ProviderID != "SM34d3a44db1c26fdae6278bf2e48854fd" || sent.Status != ingest.Sent {
				t.Fatalf("Send() = %+v, %v", sent, err)
			}
			want, err := url.ParseQuery(string(sample(t, "samples/"+tt.file)))
			if err != nil {
				t.Fatal(err)
			}
			got, err := url.ParseQuery(a.body)
			if diff := cmp.Diff(want, got); diff != "" || err != nil {
				t.Errorf("sent (-want +got): %v\n%s", err, diff)
			}
			if a.path != "POST /2010-04-01/Accounts/ACe6677f7afb9fa70f01173f0f27c8c80b/Messages.json" || a.user != "ACe6677f7afb9fa70f01173f0f27c8c80b" || a.token != "tok" {
				t.Errorf("asked %s as %s:%s", a.path, a.user, a.token)
			}
		})
	}
}

func TestSendForms(t *testing.T) {
	menu := ingest.Content{Type: ingest.Interactive, Text: "Which?", Menu: &ingest.Menu{Buttons: []ingest.Choice{{ID: "a", Title: "9:00"}}}}
	place := ingest.Content{Type: ingest.LocationPin, Location: &ingest.Location{Latitude: 17.25, Longitude: -88.75, Name: "Casa Maya", Address: "1 Main St"}}
	user := ingest.Message{Party: ingest.Party{Identifiers: []ingest.Identifier{{Kind: ingest.WhatsAppUser, Value: "US.1"}}}, Content: ingest.Content{Type: ingest.Text, Text: "x"}}
	withID := to("+15555550161", ingest.Content{Type: ingest.Text, Text: "x"})
	withID.ID = "msg_01ARZ3NDEKTSV4RRFFQ69G5FAV"
	tests := []struct {
		name, ref string
		m         ingest.Message
		want      string
	}{
		{"buttons in words", "+15555550120", to("+15555550161", menu), "Body=Which%3F%0A1.+9%3A00&From=%2B15555550120&StatusCallback=https%3A%2F%2Fx%2Fs&To=%2B15555550161"},
		{"a place in words", "+15555550120", to("+15555550161", place), "Body=Casa+Maya%0A1+Main+St%0Ahttps%3A%2F%2Fmaps.google.com%2F%3Fq%3D17.25%2C-88.75&From=%2B15555550120&StatusCallback=https%3A%2F%2Fx%2Fs&To=%2B15555550161"},
		{"a place on WhatsApp", "whatsapp:+15555550121", to("+15555550142", place), "Body=Casa+Maya&From=whatsapp%3A%2B15555550121&PersistentAction=geo%3A17.25%2C-88.75%7C1+Main+St&StatusCallback=https%3A%2F%2Fx%2Fs&To=whatsapp%3A%2B15555550142"},
		{"a user id", "whatsapp:+15555550121", user, "Body=x&From=whatsapp%3A%2B15555550121&StatusCallback=https%3A%2F%2Fx%2Fs&To=whatsapp%3AUS.1"},
		{"our id comes back", "+15555550120", withID, "Body=x&From=%2B15555550120&StatusCallback=https%3A%2F%2Fx%2Fs%3Fmessage%3Dmsg_01ARZ3NDEKTSV4RRFFQ69G5FAV&To=%2B15555550161"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			a := newAPI(t)
			if _, err := a.sender(func(c *Config) { c.StatusCallback = "https://x/s" }).Send(t.Context(), a.channel(tt.ref), tt.m); err != nil {
				t.Fatal(err)
			}
			if a.body != tt.want {
				t.Errorf("sent %s\nwant %s", a.body, tt.want)
			}
		})
	}
}

func TestSendRejects(t *testing.T) {
	a := newAPI(t)
	text := ingest.Content{Type: ingest.Text, Text: "x"}
	tests := map[string]ingest.Message{
		"1,601 characters":     to("+15555550161", ingest.Content{Type: ingest.Text, Text: strings.Repeat("ä", 1601)}),
		"nothing":              to("+15555550161", ingest.Content{Type: ingest.Text}),
		"eleven files":         to("+15555550161", ingest.Content{Type: ingest.Image, Media: make([]ingest.Media, 11)}),
		"a file without url":   to("+15555550161", ingest.Content{Type: ingest.Image, Media: []ingest.Media{{ID: "1"}}}),
		"a reaction":           to("+15555550161", ingest.Content{Type: ingest.Reacted, Reaction: &ingest.Reaction{}}),
		"a template of Meta":   to("+15555550161", ingest.Content{Type: ingest.Templated, Template: &ingest.Template{Name: "hello"}}),
		"a user id, not on WA": {Party: ingest.Party{Identifiers: []ingest.Identifier{{Kind: ingest.WhatsAppUser, Value: "US.1"}}}, Content: text},
	}
	for name, m := range tests {
		if _, err := a.sender().Send(t.Context(), a.channel("+15555550120"), m); err == nil || provider.AsSendError(err).Reason != provider.Rejected {
			t.Errorf("%s: Send() = %v, want rejected", name, err)
		}
	}
	ch := a.channel("+15555550120")
	ch.AuthToken = ""
	if _, err := a.sender().Send(t.Context(), ch, to("+15555550161", text)); err == nil || provider.AsSendError(err).Reason != provider.ChannelDown {
		t.Errorf("no token: Send() = %v, want channel_down", err)
	}
	if a.path != "" {
		t.Errorf("Twilio was asked %s", a.path)
	}
}

func TestSendRefusals(t *testing.T) {
	text := to("+15555550161", ingest.Content{Type: ingest.Text, Text: "x"})
	for file, want := range map[string]provider.SendError{
		"error_400_21211_invalid_to.json":   {Reason: provider.Undeliverable, Code: "21211"},
		"error_400_21610_unsubscribed.json": {Reason: provider.OptedOut, Code: "21610", Category: "all"},
		"error_401_20003.json":              {Reason: provider.ChannelDown, Code: "20003"},
		"error_429_20429.json":              {Reason: provider.Throttled, Code: "20429", Scope: provider.ScopeChannel, RetryAfter: 9 * time.Second},
		"error_500_20500.json":              {Reason: provider.Unreachable, Code: "20500", RetryAfter: 9 * time.Second},
	} {
		a := newAPI(t)
		a.answer, a.header = sample(t, "samples/"+file), http.Header{"Retry-After": {"9"}}
		a.status = map[byte]int{'4': 400, '5': 500}[file[6]]
		_, err := a.sender().Send(t.Context(), a.channel("+15555550120"), text)
		got := provider.AsSendError(err)
		if got.Reason != want.Reason || got.Code != want.Code || got.Scope != want.Scope || got.Category != want.Category || got.RetryAfter != want.RetryAfter {
			t.Errorf("%s: %+v, want %+v", file, got, want)
		}
		if got.Said.Title == "" || strings.Contains(err.Error(), "1555") {
			t.Errorf("%s: kept %q, shows %q", file, got.Said.Title, err)
		}
	}
}

func TestClassify(t *testing.T) {
	for code, want := range map[string]provider.Reason{
		"63016": provider.NeedsTemplate, "30005": provider.Undeliverable, "63038": provider.Throttled, "30007": provider.Rejected, "21408": provider.Undeliverable, "30032": provider.ChannelDown, "63033": provider.OptedOut,
	} {
		if v, ok := Classify(code); !ok || v.Reason != want {
			t.Errorf("Classify(%s) = %+v, %v, want %s", code, v, ok, want)
		}
	}
	if _, ok := Classify("30034"); ok {
		t.Error("Classify() knows a code that the table does not")
	}
}

func TestMarkRead(t *testing.T) {
	a := newAPI(t)
	if err := a.sender().MarkRead(t.Context(), a.channel("+15555550120"), "SM1", true); err != nil || a.path != "" {
		t.Errorf("on SMS: %v, asked %q, want nothing", err, a.path)
	}
	if err := a.sender().MarkRead(t.Context(), a.channel("whatsapp:+15555550121"), "SM1", true); err != nil || a.path != "POST /v3/Indicators/Typing.json" || a.body != `{"channel":"WHATSAPP","messageId":"SM1"}` {
		t.Errorf("on WhatsApp: %v, asked %q %s", err, a.path, a.body)
	}
	s := NewSender(DefaultConfig())
	if got := s.base(provider.Channel{}, messagingBaseURL); got != messagingBaseURL {
		t.Errorf("typing goes to %s", got)
	}
}

func TestConfigValidate(t *testing.T) {
	if err := DefaultConfig().Validate(); err != nil {
		t.Error(err)
	}
	for name, change := range map[string]func(*Config){
		"no host": func(c *Config) { c.BaseURL = "twilio" }, "no timeout": func(c *Config) { c.Timeout = 0 }, "too long": func(c *Config) { c.Validity = 11 * time.Hour },
	} {
		c := DefaultConfig()
		if change(&c); c.Validate() == nil {
			t.Errorf("%s: Validate() = nil", name)
		}
	}
}
