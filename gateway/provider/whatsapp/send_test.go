package whatsapp

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"frontdesk/gateway/provider"
	"frontdesk/ingest"
)

// graph is a Graph API that remembers what it was asked and answers as told.
type graph struct {
	*httptest.Server
	status int
	header http.Header
	answer []byte

	path, auth string
	body       []byte
}

func newGraph(t *testing.T) *graph {
	t.Helper()
	g := &graph{status: 200, answer: sample(t, "send/response_ok.json")}
	g.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		g.path, g.auth = r.Method+" "+r.URL.Path, r.Header.Get("Authorization")
		g.body, _ = io.ReadAll(r.Body)
		for k, v := range g.header {
			w.Header()[k] = v
		}
		w.WriteHeader(g.status)
		_, _ = w.Write(g.answer)
	}))
	t.Cleanup(g.Close)
	return g
}

func (g *graph) channel() provider.Channel {
	return provider.Channel{Type: provider.WhatsApp, Ref: "310022334455661", AccessToken: "EAAG", BaseURL: g.URL + "/"}
}

func (g *graph) sender() *Sender {
	cfg := DefaultConfig()
	cfg.BaseURL = "http://127.0.0.1:1" // the channel's counts
	cfg.Transport = g.Client().Transport
	return NewSender(cfg)
}

func sample(t testing.TB, name string) []byte {
	t.Helper()
	b, err := os.ReadFile("testdata/" + name)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

var dana = ingest.Party{Identifiers: []ingest.Identifier{{Kind: ingest.Phone, Value: "+15555550142"}, {Kind: ingest.WhatsAppUser, Value: "US.48213097715520641873"}}}

// raw returns the part of a sample that path leads to: what the provider's own
// form is in the message sent.
func raw(t *testing.T, name string, path ...string) json.RawMessage {
	t.Helper()
	value := json.RawMessage(sample(t, "send/"+name))
	for _, p := range path {
		var fields map[string]json.RawMessage
		if err := json.Unmarshal(value, &fields); err != nil {
			t.Fatal(err)
		}
		value = fields[p]
	}
	return value
}

// sends is the message behind every request form of the samples.
func sends(t *testing.T) map[string]ingest.Message {
	to := func(c ingest.Content) ingest.Message { return ingest.Message{Party: dana, Content: c} }
	file := func(typ ingest.ContentType, text string, m ingest.Media) ingest.Message {
		return to(ingest.Content{Type: typ, Text: text, Media: []ingest.Media{m}})
	}
	react := func(id, emoji string) ingest.Message {
		m := to(ingest.Content{Type: ingest.Reacted, Reaction: &ingest.Reaction{ProviderID: id, Emoji: emoji}})
		m.ReplyTo = "wamid.ignored" // a reaction has its target already
		return m
	}
	own := func(name string) ingest.Message {
		return to(ingest.Content{Type: ingest.Interactive, Raw: raw(t, name, "interactive")})
	}
	templated := func(name, language, file string) ingest.Message {
		return to(ingest.Content{Type: ingest.Templated, Template: &ingest.Template{Name: name, Language: language, Components: raw(t, file, "template", "components")}})
	}
	text := to(ingest.Content{Type: ingest.Text, Text: "You are booked for Friday 9:00."})
	text.ID = "job=88213;attempt=1"
	reply := to(ingest.Content{Type: ingest.Text, Text: "Yes, still free."})
	reply.ReplyTo = "wamid.HBgLMTU1NTU1NTAxNDIVAgASGBQ4MjlFRENENDQ5NzFCODUxQ0I2NQA="
	bsuid := to(ingest.Content{Type: ingest.Text, Text: "Hello"})
	bsuid.Party.Identifiers = dana.Identifiers[1:]
	return map[string]ingest.Message{
		"text.json": text, "text_reply.json": reply, "text_to_bsuid.json": bsuid,
		"audio_voice.json":      file(ingest.Audio, "", ingest.Media{ID: "5971723864039914", Voice: true}),
		"image_by_id.json":      file(ingest.Image, "Front door", ingest.Media{ID: "6976261046771842"}),
		"document_by_link.json": file(ingest.Document, "Please sign", ingest.Media{URL: "https://files.example.com/intake-form.pdf", Filename: "intake-form.pdf"}),
		"contacts.json":         to(ingest.Content{Type: ingest.ContactCard, Contacts: raw(t, "contacts.json", "contacts")}),
		"location.json": to(ingest.Content{Type: ingest.LocationPin, Location: &ingest.Location{
			Latitude: 38.8976763, Longitude: -77.0365298, Name: "Main Street Dental", Address: "100 Main St, Springfield"}}),
		"reaction.json":        react("wamid.HBgLMTU1NTU1NTAxNDIVAgASGBQxNjczMzQzQ0UxRkM3N0RBODgxQgA=", "👍"),
		"reaction_remove.json": react("wamid.HBgLMTU1NTU1NTAxNDIVAgASGBRFODkxQzA2Q0ZGNkIyRkZBNURDRgA=", ""),
		"interactive_buttons.json": to(ingest.Content{Type: ingest.Interactive, Text: "Which slot?", Menu: &ingest.Menu{
			Header: "Friday", Footer: "Reply any time",
			Buttons: []ingest.Choice{{ID: "slot-fri-0900", Title: "Friday 9:00"}, {ID: "slot-fri-1400", Title: "Friday 14:00"}}}}),
		"interactive_list.json": to(ingest.Content{Type: ingest.Interactive, Text: "What do you need?", Menu: &ingest.Menu{
			ListTitle: "See options", Sections: []ingest.MenuSection{{Title: "Services", Rows: []ingest.Choice{
				{ID: "svc-cleaning", Title: "Cleaning", Description: "45 minutes"}, {ID: "svc-checkup", Title: "Check-up"}}}}}}),
		"interactive_cta_url.json": own("interactive_cta_url.json"), "interactive_flow.json": own("interactive_flow.json"),
		"interactive_location_request.json": own("interactive_location_request.json"),
		"template_named.json":               templated("visit_reminder_named", "es", "template_named.json"),
		"template_positional.json":          templated("visit_reminder", "en_US", "template_positional.json"),
	}
}

func TestSendSamples(t *testing.T) {
	g := newGraph(t)
	forms := sends(t)
	files, err := filepath.Glob("testdata/send/*.json")
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range files {
		name := filepath.Base(f)
		if strings.HasPrefix(name, "response_") || strings.HasPrefix(name, "mark_read") {
			continue
		}
		m, ok := forms[name]
		if !ok {
			t.Errorf("no message for %s", name)
			continue
		}
		sent, err := g.sender().Send(t.Context(), g.channel(), m)
		if err != nil || sent.ProviderID != "wamid.HBgLMTU1NTU1NTAxNDIVAgARGBQ1OEIyQTIwNTVCQjU1QkNCQjM3RAA=" || sent.Status != ingest.Sent {
			t.Errorf("%s: Send() = %+v, %v", name, sent, err)
		}
		// preview_url false is what its absence means.
		want := strings.Replace(string(sample(t, "send/"+name)), `"preview_url": false,`, "", 1)
		if diff := cmp.Diff(decoded(t, []byte(want)), decoded(t, g.body)); diff != "" {
			t.Errorf("%s: sent (-want +got):\n%s", name, diff)
		}
		if g.path != "POST /v25.0/310022334455661/messages" || g.auth != "Bearer EAAG" {
			t.Errorf("%s: asked %s as %q", name, g.path, g.auth)
		}
	}
}

func decoded(t *testing.T, b []byte) any {
	t.Helper()
	var v any
	if err := json.Unmarshal(b, &v); err != nil {
		t.Fatalf("%s: %v", b, err)
	}
	return v
}

func TestMarkRead(t *testing.T) {
	for name, typing := range map[string]bool{"mark_read.json": false, "mark_read_with_typing.json": true} {
		g := newGraph(t)
		g.answer = sample(t, "send/response_success_true.json")
		var want struct {
			ID string `json:"message_id"`
		}
		if err := json.Unmarshal(sample(t, "send/"+name), &want); err != nil {
			t.Fatal(err)
		}
		if err := g.sender().MarkRead(t.Context(), g.channel(), want.ID, typing); err != nil {
			t.Errorf("%s: %v", name, err)
		}
		if diff := cmp.Diff(decoded(t, sample(t, "send/"+name)), decoded(t, g.body)); diff != "" {
			t.Errorf("%s: sent (-want +got):\n%s", name, diff)
		}
	}
}

func TestSendAnswers(t *testing.T) {
	for name, want := range map[string]provider.Reason{
		"response_ok.json": "", "response_ok_bsuid.json": "", "response_ok_template.json": "", "response_ok_template_held.json": "",
		"response_success_true.json": provider.Ambiguous, // taken, but as what?
	} {
		g := newGraph(t)
		g.answer = sample(t, "send/"+name)
		sent, err := g.sender().Send(t.Context(), g.channel(), sends(t)["text.json"])
		if want == "" && (err != nil || sent.ProviderID == "") || want != "" && (err == nil || provider.AsSendError(err).Reason != want) {
			t.Errorf("%s: Send() = %+v, %v, want %q", name, sent, err, want)
		}
	}
}

func TestSendRefusals(t *testing.T) {
	wants := map[string]provider.SendError{
		"130429_rate_limit.json":           {Reason: provider.Throttled, Scope: provider.ScopeChannel, RetryAfter: numberWait},
		"131000_generic.json":              {Reason: provider.Unreachable},
		"131009_parameter_invalid.json":    {Reason: provider.Rejected},
		"131030_not_in_allowed_list.json":  {Reason: provider.Undeliverable},
		"131048_spam_rate_limit.json":      {Reason: provider.Throttled, Scope: provider.ScopeChannel, RetryAfter: spamWait},
		"131056_pair_rate_limit.json":      {Reason: provider.Throttled, Scope: provider.ScopePair, RetryAfter: pairWait},
		"132000_template_param_count.json": {Reason: provider.Rejected},
		"132001_template_missing.json":     {Reason: provider.Rejected},
		"133010_phone_not_registered.json": {Reason: provider.ChannelDown},
		"190_access_token_expired.json":    {Reason: provider.ChannelDown},
		"80007_waba_rate_limit.json":       {Reason: provider.Throttled, Scope: provider.ScopeChannel, RetryAfter: accountWait},
	}
	files, err := filepath.Glob("testdata/send/errors/*.json")
	if err != nil || len(files) != len(wants) {
		t.Fatalf("%d error samples, %v", len(files), err)
	}
	for _, f := range files {
		name := filepath.Base(f)
		for _, status := range []int{400, 500} { // which is no part of the meaning
			g := newGraph(t)
			g.status, g.answer = status, sample(t, "send/errors/"+name)
			_, err := g.sender().Send(t.Context(), g.channel(), sends(t)["text.json"])
			got := provider.AsSendError(err)
			want := wants[name]
			code, _, _ := strings.Cut(name, "_")
			if got.Reason != want.Reason || got.Scope != want.Scope || got.RetryAfter != want.RetryAfter || got.Code != code {
				t.Errorf("%s as %d: %+v, want %+v", name, status, got, want)
			}
			if got.Said.Code != code || got.Said.Title == "" {
				t.Errorf("%s: kept %+v of what Meta said", name, got.Said)
			}
		}
	}
}

func TestClassify(t *testing.T) {
	tests := map[string]provider.Verdict{
		"131047": {Reason: provider.NeedsTemplate},
		"131050": {Reason: provider.OptedOut, Category: "marketing"},
		"131026": {Reason: provider.Undeliverable},
		"131049": {Reason: provider.Rejected, RetryAfter: 24 * time.Hour},
		"0":      {Reason: provider.ChannelDown}, "200": {Reason: provider.ChannelDown}, "299": {Reason: provider.ChannelDown},
		"130497": {Reason: provider.Undeliverable},
		"133016": {Reason: provider.Throttled, Scope: provider.ScopeChannel, RetryAfter: 24 * time.Hour},
	}
	for code, want := range tests {
		if got, ok := Classify(code); !ok || got != want {
			t.Errorf("Classify(%s) = %+v, %v, want %+v", code, got, ok, want)
		}
	}
	for _, code := range []string{"", "999999", "x"} {
		if v, ok := Classify(code); ok {
			t.Errorf("Classify(%q) = %+v, want none", code, v)
		}
	}
}

func TestSendWithoutSending(t *testing.T) {
	g := newGraph(t)
	text := sends(t)["text.json"]
	nobody := text
	nobody.Party = ingest.Party{Identifiers: []ingest.Identifier{{Kind: ingest.SenderID, Value: "BANK"}}}
	broken := text
	broken.Content = ingest.Content{Type: ingest.ContactCard, Contacts: json.RawMessage(`{`)}
	noToken := g.channel()
	noToken.AccessToken = ""
	noURL := g.channel()
	noURL.BaseURL = "http://\x7f"
	for name, tt := range map[string]struct {
		ch   provider.Channel
		m    ingest.Message
		want provider.Reason
	}{
		"nobody to send to": {g.channel(), nobody, provider.Rejected},
		"broken JSON":       {g.channel(), broken, provider.Rejected},
		"no access token":   {noToken, text, provider.ChannelDown},
		"no url":            {noURL, text, provider.ChannelDown},
	} {
		_, err := g.sender().Send(t.Context(), tt.ch, tt.m)
		if err == nil || provider.AsSendError(err).Reason != tt.want {
			t.Errorf("%s: Send() = %v, want %s", name, err, tt.want)
		}
	}
	if g.path != "" {
		t.Errorf("the Graph API was asked %s", g.path)
	}
}

func TestSendToGroup(t *testing.T) {
	g := newGraph(t)
	m := sends(t)["text_reply.json"]
	m.Group = "Y2FwaV9ncm91cDo3"
	if _, err := g.sender().Send(t.Context(), g.channel(), m); err != nil {
		t.Fatal(err)
	}
	if !bytes.Contains(g.body, []byte(`"recipient_type":"group","to":"Y2FwaV9ncm91cDo3"`)) {
		t.Errorf("sent %s", g.body)
	}
}

func TestCheck(t *testing.T) {
	long := strings.Repeat("ä", 5000)
	menu := func(m ingest.Menu) ingest.Content {
		return ingest.Content{Type: ingest.Interactive, Text: "Which?", Menu: &m}
	}
	button := func(n int) (out []ingest.Choice) {
		for range n {
			out = append(out, ingest.Choice{ID: "x", Title: "X"})
		}
		return out
	}
	row := func(c ingest.Choice) ingest.Content {
		return menu(ingest.Menu{ListTitle: "See", Sections: []ingest.MenuSection{{Rows: []ingest.Choice{c}}}})
	}
	tests := []struct {
		name string
		c    ingest.Content
		want string // part of the error; empty: may be sent
	}{
		{"text at its limit", ingest.Content{Type: ingest.Text, Text: long[:2*MaxText]}, ""},
		{"text beyond", ingest.Content{Type: ingest.Text, Text: long}, "at most 4096"},
		{"empty text", ingest.Content{Type: ingest.Text}, "empty"},
		{"caption", ingest.Content{Type: ingest.Image, Text: long[:2*MaxCaption+2], Media: []ingest.Media{{ID: "1"}}}, "at most 1024"},
		{"no file", ingest.Content{Type: ingest.Image}, "one file"},
		{"two files", ingest.Content{Type: ingest.Image, Media: []ingest.Media{{ID: "1"}, {ID: "2"}}}, "one file"},
		{"three buttons", menu(ingest.Menu{Buttons: button(3)}), ""},
		{"four buttons", menu(ingest.Menu{Buttons: button(4)}), "at most 3"},
		{"no buttons", menu(ingest.Menu{}), "without choices"},
		{"button's title", menu(ingest.Menu{Buttons: []ingest.Choice{{ID: "x", Title: long[:42]}}}), "a button's title"},
		{"button's id", menu(ingest.Menu{Buttons: []ingest.Choice{{ID: long[:600], Title: "x"}}}), "a button's id"},
		{"header", menu(ingest.Menu{Header: long[:122], Buttons: button(1)}), "the header"},
		{"footer", menu(ingest.Menu{Footer: long[:122], Buttons: button(1)}), "the footer"},
		{"body", ingest.Content{Type: ingest.Interactive, Text: long[:2050], Menu: &ingest.Menu{Buttons: button(1)}}, "at most 1024"},
		{"ten rows", menu(ingest.Menu{ListTitle: "See", Sections: []ingest.MenuSection{{Title: "A", Rows: button(5)}, {Title: "B", Rows: button(5)}}}), ""},
		{"eleven rows", menu(ingest.Menu{ListTitle: "See", Sections: []ingest.MenuSection{{Title: "A", Rows: button(5)}, {Title: "B", Rows: button(6)}}}), "11 rows"},
		{"eleven sections", menu(ingest.Menu{ListTitle: "See", Sections: make([]ingest.MenuSection, 11)}), "11 sections"},
		{"list without a title", menu(ingest.Menu{Sections: []ingest.MenuSection{{Rows: button(1)}}}), "the list's title"},
		{"list and buttons", menu(ingest.Menu{ListTitle: "See", Buttons: button(1), Sections: []ingest.MenuSection{{Rows: button(1)}}}), "not both"},
		{"row's title", row(ingest.Choice{ID: "x", Title: long[:50]}), "a row's title"},
		{"row's description", row(ingest.Choice{ID: "x", Title: "x", Description: long[:146]}), "description"},
		{"row's id", row(ingest.Choice{ID: long[:402], Title: "x"}), "a row's id"},
		{"interactive of nothing", ingest.Content{Type: ingest.Interactive}, "needs buttons"},
		{"template without language", ingest.Content{Type: ingest.Templated, Template: &ingest.Template{Name: "x"}}, "language"},
		{"template of nothing", ingest.Content{Type: ingest.Templated}, "no template"},
		{"place of nothing", ingest.Content{Type: ingest.LocationPin}, "without one"},
		{"card of nothing", ingest.Content{Type: ingest.ContactCard, Location: &ingest.Location{}}, "without one"},
		{"reaction of nothing", ingest.Content{Type: ingest.Reacted, Location: &ingest.Location{}}, "without one"},
		{"what is never sent", ingest.Content{Type: ingest.System}, "cannot be sent"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			err := Check(tt.c)
			if tt.want == "" {
				if err != nil {
					t.Errorf("Check() = %v, want nil", err)
				}
				return
			}
			var se *provider.SendError
			if !errors.As(err, &se) || se.Reason != provider.Rejected || !strings.Contains(err.Error(), tt.want) {
				t.Errorf("Check() = %v, want rejected for %q", err, tt.want)
			}
		})
	}
}

func TestConfigValidate(t *testing.T) {
	if err := DefaultConfig().Validate(); err != nil {
		t.Error(err)
	}
	for name, change := range map[string]func(*Config){
		"no host": func(c *Config) { c.BaseURL = "graph" }, "no version": func(c *Config) { c.APIVersion = "" }, "no timeout": func(c *Config) { c.Timeout = 0 },
	} {
		c := DefaultConfig()
		if change(&c); c.Validate() == nil {
			t.Errorf("%s: Validate() = nil", name)
		}
	}
}
