package simulator_test

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/valyala/fasthttp"

	"frontdesk/deploy/schema/schematest"
	"frontdesk/gateway/provider"
	"frontdesk/gateway/provider/simulator"
	"frontdesk/gateway/provider/twilio"
	"frontdesk/gateway/provider/whatsapp"
	"frontdesk/ingest"
)

const acme, globex = ingest.TenantID("tnt_acme"), ingest.TenantID("tnt_globex")

var (
	whatsApp = provider.Channel{
		Tenant: acme, ID: "chn_wa", Type: provider.WhatsApp, Phone: "+15555550100", Ref: "106540352242922", Account: "102290129340398",
		AccessToken: "EAAtoken", AppSecret: "app secret", VerifyToken: "v",
	}
	sms = provider.Channel{
		Tenant: acme, ID: "chn_sms", Type: provider.Twilio, Phone: "+15555550101", Ref: "+15555550101",
		Account: "ACe6677f7afb9fa70f01173f0f27c8c80b", AuthToken: "auth token",
	}
	overTwilio = provider.Channel{
		Tenant: acme, ID: "chn_tw", Type: provider.Twilio, Phone: "+15555550102", Ref: "whatsapp:+15555550102",
		Account: "ACe6677f7afb9fa70f01173f0f27c8c80b", AuthToken: "auth token",
	}
)

type channels []provider.Channel

func (c channels) Channel(_ context.Context, tenant ingest.TenantID, id ingest.ChannelID) (provider.Channel, error) {
	for _, ch := range c {
		if ch.Tenant == tenant && ch.ID == id {
			return ch, nil
		}
	}
	return provider.Channel{}, errors.New("no such channel")
}

func (c channels) ByRef(_ context.Context, typ, ref string) (provider.Channel, bool, error) {
	for _, ch := range c {
		if ch.Type == typ && ch.Ref == ref {
			return ch, true, nil
		}
	}
	return provider.Channel{}, false, nil
}

func (c channels) ByAccount(_ context.Context, typ, account string) ([]provider.Channel, error) {
	var found []provider.Channel
	for _, ch := range c {
		if ch.Type == typ && ch.Account == account {
			found = append(found, ch)
		}
	}
	return found, nil
}

// rig is a simulator on HTTP, with a gateway that checks and keeps its
// callbacks.
type rig struct {
	t       *testing.T
	sim     *simulator.Simulator
	base    string
	rewrite func(provider.Channel) provider.Channel
	arrived chan provider.Update
	mu      sync.Mutex
	refuse  int // so many callbacks are answered 503
	denied  int // or 401
}

func newRig(t *testing.T) *rig {
	t.Helper()
	r := &rig{t: t, arrived: make(chan provider.Update, 100)}
	gateway := httptest.NewServer(http.HandlerFunc(r.callback))
	t.Cleanup(gateway.Close)
	r.sim = simulator.New(simulator.Config{
		CallbackURL: gateway.URL, PublicURL: "https://desk.example.com", Hang: 300 * time.Millisecond,
		Sent: time.Millisecond, Delivered: 2 * time.Millisecond, Read: 3 * time.Millisecond,
	}, channels{whatsApp, sms, overTwilio}, simulator.NewStore(schematest.Postgres(t)), slog.New(slog.NewTextHandler(io.Discard, nil)))
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	server := &fasthttp.Server{Handler: func(req *fasthttp.RequestCtx) {
		if strings.HasPrefix(string(req.Path()), simulator.GraphPath) {
			r.sim.ServeGraph(req)
		} else {
			r.sim.ServeTwilio(req)
		}
	}, StreamRequestBody: true, NoDefaultServerHeader: true}
	go func() { _ = server.Serve(ln) }()
	t.Cleanup(func() { _ = server.Shutdown() })
	r.base = "http://" + ln.Addr().String()
	r.rewrite = simulator.Rewriter(r.base)
	ctx, stop := context.WithCancel(t.Context())
	done := make(chan error)
	go func() { done <- r.sim.Run(ctx) }()
	t.Cleanup(func() {
		stop()
		if err := <-done; err != nil {
			t.Errorf("Run() = %v", err)
		}
	})
	return r
}

// callback takes a callback as the gateway does: the signature first.
func (r *rig) callback(w http.ResponseWriter, req *http.Request) {
	body, err := io.ReadAll(req.Body)
	if err != nil {
		r.t.Error(err)
	}
	r.mu.Lock()
	refuse, denied := r.refuse > 0, r.denied > 0
	r.refuse--
	r.denied--
	r.mu.Unlock()
	switch {
	case refuse:
		w.WriteHeader(http.StatusServiceUnavailable)
		return
	case denied:
		w.WriteHeader(http.StatusUnauthorized)
		return
	}
	for _, u := range r.parse(req, body) {
		r.arrived <- u
	}
}

func (r *rig) parse(req *http.Request, body []byte) []provider.Update {
	var updates []provider.Update
	var err error
	if req.URL.Path == "/callbacks/whatsapp" {
		signature, ok := whatsapp.ParseSignature(req.Header.Get("X-Hub-Signature-256"))
		if !ok || !signature.Signs(body, whatsApp.AppSecret) {
			r.t.Errorf("a callback with the signature %q", req.Header.Get("X-Hub-Signature-256"))
		}
		updates, err = whatsapp.Parse(body)
	} else {
		form, bad := twilio.ParseForm(body)
		signature, ok := twilio.ParseSignature(req.Header.Get(twilio.SignatureHeader))
		if bad != nil || !ok || !signature.Signs("https://desk.example.com"+req.URL.RequestURI(), form, body, sms.AuthToken) {
			r.t.Errorf("a callback with the signature %q", req.Header.Get(twilio.SignatureHeader))
		}
		if want := "/callbacks/twilio/status?message=msg_01JD0000000000000000000000"; form.Get("MessageStatus") != "" && req.URL.RequestURI() != want {
			r.t.Errorf("a status callback to %s, want %s as the sender asked", req.URL.RequestURI(), want)
		}
		updates, err = twilio.Parse(body)
	}
	if err != nil {
		r.t.Errorf("the gateway cannot read %s: %v", body, err)
	}
	return updates
}

func (r *rig) next() provider.Update {
	r.t.Helper()
	select {
	case u := <-r.arrived:
		return u
	case <-time.After(10 * time.Second):
		r.t.Fatal("no callback came")
		return provider.Update{}
	}
}

func (r *rig) sender(ch provider.Channel) provider.Sender {
	if ch.Type == provider.WhatsApp {
		return whatsapp.NewSender(whatsapp.Config{BaseURL: "http://127.0.0.1:1", APIVersion: "v25.0", Timeout: 200 * time.Millisecond})
	}
	return twilio.NewSender(twilio.Config{BaseURL: "http://127.0.0.1:1", StatusCallback: "https://desk.example.com/callbacks/twilio/status", Timeout: 200 * time.Millisecond})
}

func (r *rig) send(ch provider.Channel, phone string, c ingest.Content) (provider.Sent, error) {
	ch = r.rewrite(ch)
	return r.sender(ch).Send(r.t.Context(), ch, ingest.Message{
		ID: "msg_01JD0000000000000000000000", Tenant: ch.Tenant, Channel: ch.ID, Direction: ingest.Outbound, Content: c,
		Party: ingest.Party{Identifiers: []ingest.Identifier{{Kind: ingest.Phone, Value: phone}}},
	})
}

func (r *rig) customer(ch provider.Channel, phone string) simulator.Customer {
	r.t.Helper()
	c, err := r.sim.Join(r.t.Context(), ch.Tenant, ch.ID, phone, "Dana Whitfield")
	if err != nil {
		r.t.Fatal(err)
	}
	return c
}

func text(s string) ingest.Content { return ingest.Content{Type: ingest.Text, Text: s} }

func TestMagicNumbers(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	tests := []struct {
		name     string
		ch       provider.Channel
		last     string
		reason   provider.Reason // empty: taken
		code     string
		receipts []string
	}{
		{"an ordinary number", whatsApp, "4242", "", "", []string{"sent", "delivered", "read"}},
		{"undeliverable", whatsApp, "0001", "", "", []string{"failed 131026"}},
		{"throttled", whatsApp, "0002", provider.Throttled, "130429", nil},
		{"no answer", whatsApp, "0003", provider.Ambiguous, "", []string{"sent", "delivered", "read"}},
		{"opted out", whatsApp, "0004", provider.OptedOut, "131050", nil},
		{"their fault", whatsApp, "0005", provider.Unreachable, "131000", nil},
		{"window closed", whatsApp, "0006", provider.NeedsTemplate, "131047", nil},
		{"cut off", whatsApp, "0007", provider.Ambiguous, "", nil},
		{"garbage", whatsApp, "0008", provider.Ambiguous, "", []string{"sent", "delivered", "read"}},
		{"never delivered", whatsApp, "0009", "", "", []string{"sent"}},
		{"receipts out of order", whatsApp, "0010", "", "", []string{"delivered", "delivered", "read", "read", "sent", "sent"}},
		{"token expired", whatsApp, "0011", provider.ChannelDown, "190", nil},
		{"an ordinary number by SMS, where nobody tells of reading", sms, "4242", "", "", []string{"sent", "delivered"}},
		{"undeliverable by SMS", sms, "0001", "", "", []string{"failed 30005"}},
		{"throttled by SMS", sms, "0002", provider.Throttled, "20429", nil},
		{"no answer by SMS", sms, "0003", provider.Ambiguous, "", []string{"sent", "delivered"}},
		{"opted out of SMS", sms, "0004", provider.OptedOut, "21610", nil},
		{"SMS has no window", sms, "0006", "", "", []string{"sent", "delivered"}},
		{"SMS token expired", sms, "0011", provider.ChannelDown, "20003", nil},
		{"WhatsApp by way of Twilio", overTwilio, "4242", "", "", []string{"sent", "delivered", "read"}},
		{"blocked at Twilio's WhatsApp", overTwilio, "0004", provider.OptedOut, "63014", nil},
		{"window closed at Twilio's WhatsApp", overTwilio, "0006", provider.NeedsTemplate, "63016", nil},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			sent, err := r.send(tt.ch, "+1555555"+tt.last, text("Hello"))
			if tt.reason == "" {
				if err != nil || sent.ProviderID == "" {
					t.Fatalf("Send() = %+v, %v", sent, err)
				}
			} else if e := provider.AsSendError(err); err == nil || e.Reason != tt.reason || e.Code != tt.code {
				t.Fatalf("Send() = %v, want %s %s", err, tt.reason, tt.code)
			}
			var got []string
			for range tt.receipts {
				u := r.next()
				if u.Receipt == nil || !u.Receipt.Test {
					t.Fatalf("came %+v, want a receipt marked as a test", u)
				}
				word := string(u.Receipt.Status)
				for _, e := range u.Receipt.Errors {
					word += " " + e.Code
				}
				got = append(got, word)
				if tt.ch.Type == provider.WhatsApp && u.Receipt.Correlation != "msg_01JD0000000000000000000000" {
					t.Errorf("a receipt without what the sender wanted back: %+v", u.Receipt)
				}
			}
			if tt.last == "0010" {
				slices.Sort(got)
			}
			if diff := cmp.Diff(tt.receipts, got); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestThrottledMayTryAgainWhenTheyWereAskedTo(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	_, err := r.send(whatsApp, "+15555550002", text("Hello"))
	e := provider.AsSendError(err)
	if err == nil || e.RetryAfter != 2*time.Second {
		t.Fatalf("Send() = %v, want to wait 2 s", err)
	}
	if _, err := r.send(whatsApp, "+15555550002", text("Hello")); err == nil {
		t.Fatal("one that did not wait was taken")
	}
	deadline := time.Now().Add(10 * time.Second)
	for {
		if _, err = r.send(whatsApp, "+15555550002", text("Hello")); err == nil || time.Now().After(deadline) {
			break
		}
		time.Sleep(50 * time.Millisecond)
	}
	if err != nil {
		t.Errorf("one that waited: %v", err)
	}
}

func TestTheCustomerSeesWhatWasSent(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	menu := ingest.Content{Type: ingest.Interactive, Text: "Which slot?", Menu: &ingest.Menu{
		Header: "Friday", Footer: "Reply any time", Buttons: []ingest.Choice{{ID: "a", Title: "Friday 9:00"}, {ID: "b", Title: "Friday 14:00"}},
	}}
	list := ingest.Content{Type: ingest.Interactive, Text: "What do you need?", Menu: &ingest.Menu{
		ListTitle: "See options", Sections: []ingest.MenuSection{{Title: "Services", Rows: []ingest.Choice{{ID: "c", Title: "Cleaning", Description: "45 minutes"}}}},
	}}
	pin := ingest.Content{Type: ingest.LocationPin, Location: &ingest.Location{Latitude: 17.5, Longitude: -88.2, Name: "Casa Maya", Address: "1 Front St"}}
	image := ingest.Content{Type: ingest.Image, Text: "The door", Media: []ingest.Media{{URL: "https://example.com/door.png"}}}
	template := ingest.Content{Type: ingest.Templated, Template: &ingest.Template{Name: "visit_reminder", Language: "es", Components: json.RawMessage(`[{"type":"body"}]`)}}
	for _, c := range []ingest.Content{text("¡Hola! <b>\u202e"), menu, list, pin, image, template} {
		t.Run(string(c.Type), func(t *testing.T) {
			sent, err := r.send(whatsApp, "+15555554242", c)
			if err != nil {
				t.Fatal(err)
			}
			customer := r.customer(whatsApp, "+15555554242")
			thread, err := r.sim.Thread(t.Context(), acme, customer.ID, 0)
			if err != nil || len(thread.Messages) == 0 {
				t.Fatalf("Thread() = %+v, %v", thread, err)
			}
			got := thread.Messages[len(thread.Messages)-1]
			if got.ProviderID != sent.ProviderID || got.Inbound {
				t.Errorf("the last message is %+v, want %s", got, sent.ProviderID)
			}
			if diff := cmp.Diff(compact(t, c), compact(t, got.Content)); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func compact(t *testing.T, c ingest.Content) any {
	t.Helper()
	raw, err := json.Marshal(c)
	if err != nil {
		t.Fatal(err)
	}
	var v any
	if err := json.Unmarshal(raw, &v); err != nil {
		t.Fatal(err)
	}
	return v
}

func TestWhatTheCustomerWritesReachesTheGateway(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	pin := &ingest.Location{Latitude: 17.25, Longitude: -88.5, Name: "Home", Address: "2 Back St"}
	tests := []struct {
		name    string
		ch      provider.Channel
		content ingest.Content
		check   func(ingest.Message) bool
	}{
		{"text", whatsApp, text("¿Abren el sábado? 😀"), func(m ingest.Message) bool { return m.Content.Text == "¿Abren el sábado? 😀" }},
		{"button", whatsApp, ingest.Content{Type: ingest.Interactive, Text: "Yes", Selection: &ingest.Selection{Kind: "button", ID: "y", Title: "Yes"}},
			func(m ingest.Message) bool {
				return m.Content.Selection.ID == "y" && m.Content.Selection.Kind == "button"
			}},
		{"list", whatsApp, ingest.Content{Type: ingest.Interactive, Text: "Cleaning", Selection: &ingest.Selection{Kind: "list", ID: "c", Title: "Cleaning", Description: "45 minutes"}},
			func(m ingest.Message) bool {
				return m.Content.Selection.Description == "45 minutes" && m.Content.Selection.Kind == "list"
			}},
		{"image", whatsApp, ingest.Content{Type: ingest.Image, Text: "Look", Media: []ingest.Media{{ID: "1", MIME: "image/png", SHA256: "x"}}},
			func(m ingest.Message) bool { return m.Content.Media[0].ID == "1" && m.Content.Text == "Look" }},
		{"location", whatsApp, ingest.Content{Type: ingest.LocationPin, Location: pin}, func(m ingest.Message) bool { return m.Content.Location.Latitude == 17.25 }},
		{"reaction", whatsApp, ingest.Content{Type: ingest.Reacted, Reaction: &ingest.Reaction{ProviderID: "wamid.x", Emoji: "👍"}},
			func(m ingest.Message) bool { return m.Content.Reaction.ProviderID == "wamid.x" }},
		{"text by SMS", sms, text("STOP & go = 50%"), func(m ingest.Message) bool { return m.Content.Text == "STOP & go = 50%" }},
		{"image by MMS", sms, ingest.Content{Type: ingest.Image, Text: "Look", Media: []ingest.Media{{URL: "https://example.com/1", MIME: "image/png"}}},
			func(m ingest.Message) bool { return m.Content.Media[0].URL == "https://example.com/1" }},
		{"button at Twilio's WhatsApp", overTwilio, ingest.Content{Type: ingest.Interactive, Text: "Yes", Selection: &ingest.Selection{Kind: "button", ID: "y", Title: "Yes"}},
			func(m ingest.Message) bool { return m.Content.Selection.ID == "y" }},
		{"location at Twilio's WhatsApp", overTwilio, ingest.Content{Type: ingest.LocationPin, Location: pin}, func(m ingest.Message) bool { return m.Content.Location.Longitude == -88.5 }},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			c := r.customer(tt.ch, "+15555557777")
			written, err := r.sim.Write(t.Context(), acme, c.ID, tt.content, "")
			if err != nil {
				t.Fatal(err)
			}
			u := r.next()
			switch {
			case u.Message == nil || !u.Message.Test || u.Message.ProviderID != written.ProviderID:
				t.Fatalf("came %+v, want %s marked as a test", u, written.ProviderID)
			case u.Message.Party.Identifier(ingest.Phone) != "+15555557777" || u.Ref != tt.ch.Ref:
				t.Errorf("it comes from %+v to %s", u.Message.Party, u.Ref)
			case !tt.check(*u.Message):
				t.Errorf("the gateway reads %+v", u.Message.Content)
			}
		})
	}
}

func TestACallbackIsTriedUntilItIsTaken(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	r.refuse = 2
	c := r.customer(whatsApp, "+15555557777")
	written, err := r.sim.Write(t.Context(), acme, c.ID, text("Anyone there?"), "")
	if err != nil {
		t.Fatal(err)
	}
	if u := r.next(); u.Message == nil || u.Message.ProviderID != written.ProviderID {
		t.Errorf("came %+v", u)
	}
	r.wantStatus(c, ingest.Delivered, "")
}

func TestARefusedCallbackShows(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	r.denied = 1
	c := r.customer(whatsApp, "+15555557777")
	if _, err := r.sim.Write(t.Context(), acme, c.ID, text("Anyone there?"), ""); err != nil {
		t.Fatal(err)
	}
	r.wantStatus(c, ingest.Failed, "callback_401")
}

// wantStatus waits until the last message of c has the status.
func (r *rig) wantStatus(c simulator.Customer, status ingest.Status, code string) {
	r.t.Helper()
	var last simulator.Message
	for deadline := time.Now().Add(10 * time.Second); time.Now().Before(deadline); time.Sleep(5 * time.Millisecond) {
		thread, err := r.sim.Thread(r.t.Context(), acme, c.ID, 0)
		if err != nil {
			r.t.Fatal(err)
		}
		if last = thread.Messages[len(thread.Messages)-1]; last.Status == status && last.Code == code {
			return
		}
	}
	r.t.Errorf("the message is %s %s, want %s %s", last.Status, last.Code, status, code)
}

func TestReadingAndTypingShow(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	c := r.customer(whatsApp, "+15555557777")
	written, err := r.sim.Write(t.Context(), acme, c.ID, text("Hello?"), "")
	if err != nil {
		t.Fatal(err)
	}
	r.wantStatus(c, ingest.Delivered, "")
	ch := r.rewrite(whatsApp)
	if err := r.sender(ch).MarkRead(t.Context(), ch, written.ProviderID, true); err != nil {
		t.Fatal(err)
	}
	thread, err := r.sim.Thread(t.Context(), acme, c.ID, 0)
	if err != nil || !thread.Typing || thread.Messages[0].Status != ingest.Read {
		t.Errorf("Thread() = %+v, %v, want read and typing", thread, err)
	}
	if _, err := r.send(whatsApp, c.Phone, text("Hi!")); err != nil {
		t.Fatal(err)
	}
	if thread, err = r.sim.Thread(t.Context(), acme, c.ID, thread.Version); err != nil || thread.Typing || len(thread.Messages) != 1 {
		t.Errorf("Thread() = %+v, %v, want the answer alone and no typing", thread, err)
	}
	if err := r.sender(ch).MarkRead(t.Context(), ch, "wamid.nobody", false); err == nil {
		t.Error("a message there is not was marked as read")
	}
}

func TestOnlyTheChannelsOwnTokenSends(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	for _, ch := range []provider.Channel{whatsApp, sms} {
		ch.AccessToken, ch.AuthToken = "guess", "guess"
		_, err := r.send(ch, "+15555554242", text("Hello"))
		if e := provider.AsSendError(err); err == nil || e.Reason != provider.ChannelDown {
			t.Errorf("Send() with another token = %v, want channel_down", err)
		}
	}
}

func TestOneTenantSeesNothingOfAnother(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	c := r.customer(whatsApp, "+15555557777")
	if _, err := r.sim.Write(t.Context(), acme, c.ID, text("Hello?"), ""); err != nil {
		t.Fatal(err)
	}
	id, err := r.sim.PutMedia(t.Context(), acme, "image/png", []byte("png"))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := r.sim.Thread(t.Context(), globex, c.ID, 0); !errors.Is(err, simulator.ErrNotFound) {
		t.Errorf("Thread() = %v, want not found", err)
	}
	if _, err := r.sim.Write(t.Context(), globex, c.ID, text("Me too"), ""); !errors.Is(err, simulator.ErrNotFound) {
		t.Errorf("Write() = %v, want not found", err)
	}
	if err := r.sim.Forget(t.Context(), globex, c.ID); !errors.Is(err, simulator.ErrNotFound) {
		t.Errorf("Forget() = %v, want not found", err)
	}
	if _, _, err := r.sim.Media(t.Context(), globex, id); !errors.Is(err, simulator.ErrNotFound) {
		t.Errorf("Media() = %v, want not found", err)
	}
	if list, err := r.sim.Customers(t.Context(), globex, whatsApp.ID); err != nil || len(list) > 0 {
		t.Errorf("Customers() = %v, %v, want none", list, err)
	}
	if err := r.sim.Forget(t.Context(), acme, c.ID); err != nil {
		t.Errorf("Forget() = %v", err)
	}
}

func TestWhatCannotBeWritten(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	wa, sm := r.customer(whatsApp, "+15555557777"), r.customer(sms, "+15555557777")
	for name, tt := range map[string]struct {
		customer string
		content  ingest.Content
	}{
		"nothing":             {wa.ID, text("")},
		"NUL":                 {wa.ID, text("a\x00b")},
		"a novel":             {wa.ID, text(strings.Repeat("a", 65537))},
		"a template":          {wa.ID, ingest.Content{Type: ingest.Templated}},
		"a choice of none":    {wa.ID, ingest.Content{Type: ingest.Interactive}},
		"a location by SMS":   {sm.ID, ingest.Content{Type: ingest.LocationPin, Location: &ingest.Location{}}},
		"a reaction by SMS":   {sm.ID, ingest.Content{Type: ingest.Reacted, Reaction: &ingest.Reaction{}}},
		"an image of no file": {wa.ID, ingest.Content{Type: ingest.Image}},
	} {
		if _, err := r.sim.Write(t.Context(), acme, tt.customer, tt.content, ""); !errors.Is(err, simulator.ErrInvalid) {
			t.Errorf("%s: Write() = %v, want invalid", name, err)
		}
	}
	for _, phone := range []string{"", "5555", "+0123456789", "+1555555424x", "+12345678901234567"} {
		if _, err := r.sim.Join(t.Context(), acme, whatsApp.ID, phone, ""); !errors.Is(err, simulator.ErrInvalid) {
			t.Errorf("Join(%q) = %v, want invalid", phone, err)
		}
	}
}
