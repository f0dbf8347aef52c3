package callback

import (
	"bytes"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"frontdesk/gateway/provider"
	"frontdesk/ingest"
)

func TestTwilioSamplesArePublished(t *testing.T) {
	for name, want := range map[string]struct {
		path    string
		topic   ingest.Topic
		channel string
	}{
		"inbound_sms":                       {"/callbacks/twilio", ingest.TopicInbound, "chn_sms"},
		"inbound_mms_two_media":             {"/callbacks/twilio", ingest.TopicInbound, "chn_sms"},
		"inbound_whatsapp_user_id_only":     {"/callbacks/twilio", ingest.TopicInbound, "chn_wa"},
		"inbound_optout_stop":               {"/callbacks/twilio?channel=main", ingest.TopicInbound, "chn_sms"},
		"status_delivered":                  {"/callbacks/twilio/status", ingest.TopicReceipts, "chn_sms"},
		"status_whatsapp_undelivered_63016": {"/callbacks/twilio/status", ingest.TopicReceipts, "chn_wa"},
		"status_sent":                       {"/callbacks/twilio", ingest.TopicReceipts, "chn_sms"}, // at the other URL
	} {
		w := newWorld(t)
		body := twilioSample(t, name)
		got := w.twilio(t, want.path, body, authToken)
		if got.status != 200 || got.body != emptyTwiML || !strings.HasPrefix(got.header.Get("Content-Type"), "text/xml") {
			t.Errorf("%s: answered %d %s %q", name, got.status, got.header.Get("Content-Type"), got.body)
		}
		if len(w.kafka.recs) != 1 || w.kafka.recs[0].Topic != want.topic {
			t.Fatalf("%s: %d records", name, len(w.kafka.recs))
		}
		e, data := decodeEvent[map[string]any](t, w.kafka.recs[0].Value)
		if e.Tenant != "tnt_maya" || data["channel_id"] != want.channel || !e.OccurredAt.Equal(some) || data["at"] != "2026-09-21T14:13:20.123Z" {
			t.Errorf("%s: %+v of channel %v at %v", name, e, data["channel_id"], data["at"])
		}
		w.silent(t)
	}
}

func TestTwilioRepeatIsTheSameEvent(t *testing.T) {
	w := newWorld(t)
	body := twilioSample(t, "inbound_sms")
	w.twilio(t, "/callbacks/twilio", body, authToken)
	later := newWorld(t)
	later.cfg.Now = func() time.Time { return some.AddDate(0, 0, 3) }
	later.twilio(t, "/callbacks/twilio", body, authToken)
	a, first := decodeEvent[ingest.Message](t, w.kafka.recs[0].Value)
	b, second := decodeEvent[ingest.Message](t, later.kafka.recs[0].Value)
	if a.ID != b.ID || first.ID != second.ID || a.Key != b.Key {
		t.Errorf("three days later it is %s %s, was %s %s", b.ID, second.ID, a.ID, first.ID)
	}
}

func TestTwilioSignature(t *testing.T) {
	body := twilioSample(t, "inbound_sms")
	const path = "/callbacks/twilio"
	tests := []struct {
		name, signed string
		token        provider.Secret
		header       string
		body         []byte
		want         int
	}{
		{"good", "https://desk.example.com" + path, authToken, "", body, 200},
		{"with the port", "https://desk.example.com:443" + path, authToken, "", body, 200},
		{"for the address that the request came to", "http://test" + path, authToken, "", body, 401},
		{"without TLS, as behind a proxy", "http://desk.example.com" + path, authToken, "", body, 401},
		{"for the status URL", "https://desk.example.com" + path + "/status", authToken, "", body, 401},
		{"another account's token", "https://desk.example.com" + path, "tile's token", "", body, 401},
		{"no token", "https://desk.example.com" + path, "", "", body, 401},
		{"not base64", "", "", "!", body, 401},
		{"of another text", "https://desk.example.com" + path, authToken, "", bytes.Replace(body, []byte("3+pm"), []byte("4+pm"), 1), 401},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			w := newWorld(t)
			header := tt.header
			if header == "" {
				header = twilioSignature(tt.signed, body, tt.token)
			}
			got := w.do(t, "POST", path, bytes.NewReader(tt.body), map[string]string{"X-Twilio-Signature": header})
			if got.status != tt.want || (tt.want != 200 && w.kafka.calls != 0) {
				t.Errorf("answered %d after %d publishes, want %d", got.status, w.kafka.calls, tt.want)
			}
			w.silent(t)
		})
	}
}

func TestTwilioChannels(t *testing.T) {
	base := string(twilioSample(t, "inbound_sms"))
	const number = "To=%2B15555550120"
	tests := []struct {
		name, body string
		token      provider.Secret
		change     func(*fakeDirectory)
		status     int
		want       string
		dead       string
	}{
		{"a number of ours", base, authToken, nil, 200, "[tnt_maya]", ""},
		{"a Messaging Service of ours", strings.Replace(base, number, "To=%2B15555550777", 1), authToken,
			func(d *fakeDirectory) { d.channels[4].Ref = "MG6dcd3b162e521c14824fec8daaa3ee07" }, 200, "[tnt_maya]", ""},
		{"a number that nobody set up, of an account of ours", strings.Replace(base, number, "To=%2B15555550777", 1), authToken, nil, 200, "[]", "1 of 1"},
		{"a number that nobody set up, not signed", strings.Replace(base, number, "To=%2B15555550777", 1), "guess", nil, 401, "[]", ""},
		{"an account that nobody knows", strings.Replace(base, account, "AC404", 1), authToken, nil, 401, "[]", ""},
		// whose own token is good: the number is another account's
		{"another account names our number", strings.Replace(base, account, "AC2", 1), "tile's token", nil, 200, "[]", "1 of 1"},
		{"no message in it", "AccountSid=" + account, authToken, nil, 400, "[]", "a MessageSid of 0 bytes"},
		{"nothing in it", "a=b", authToken, nil, 400, "[]", "a MessageSid of 0 bytes"},
		{"nothing in it, not signed", "a=b", "guess", nil, 401, "[]", ""},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			w := newWorld(t)
			if tt.change != nil {
				tt.change(w.dir)
			}
			if got := w.twilio(t, "/callbacks/twilio", []byte(tt.body), tt.token); got.status != tt.status {
				t.Errorf("answered %d, want %d", got.status, tt.status)
			}
			if got := fmt.Sprint(tenants(t, w.kafka.of(ingest.TopicInbound))); got != tt.want {
				t.Errorf("published for %s, want %s", got, tt.want)
			}
			w.dead(t, []byte(tt.body), "callback/twilio", tt.dead)
		})
	}
}

func TestTwilioStatusBearsOurID(t *testing.T) {
	const id = "msg_01ARZ3NDEKTSV4RRFFQ69G5FAV"
	w := newWorld(t)
	body := twilioSample(t, "status_delivered")
	for query, want := range map[string]ingest.MessageID{"?message=" + id: id, "?message=x": "", "": ""} {
		w.kafka.recs = nil
		if got := w.twilio(t, "/callbacks/twilio/status"+query, body, authToken); got.status != 200 {
			t.Fatalf("%q: answered %d", query, got.status)
		}
		if _, r := decodeEvent[ingest.Receipt](t, w.kafka.recs[0].Value); r.Correlation != want {
			t.Errorf("%q: correlation %q, want %q", query, r.Correlation, want)
		}
	}
	w.kafka.err = errAway
	w.twilio(t, "/callbacks/twilio/status?message="+id, body, authToken)
	w.kafka.err, w.kafka.recs = nil, nil
	if errs := w.drain(t.Context(), w.box.entries); errs[0] != nil {
		t.Fatal(errs[0])
	}
	if _, r := decodeEvent[ingest.Receipt](t, w.kafka.recs[0].Value); r.Correlation != id || !r.At.Equal(some) {
		t.Errorf("from the spool: %+v", r)
	}
}

func TestTwilioRefusals(t *testing.T) {
	w := newWorld(t)
	if got := w.do(t, "GET", "/callbacks/twilio", nil, nil); got.status != http.StatusMethodNotAllowed {
		t.Errorf("GET: %d", got.status)
	}
	if got := w.do(t, "POST", "/callbacks/twilio", bytes.NewReader(make([]byte, 3<<20+1)), nil); got.status != 413 {
		t.Errorf("a large form: %d, want 413", got.status)
	}
	many := bytes.Repeat([]byte("a=b&"), 1000)
	if got := w.twilio(t, "/callbacks/twilio", many, authToken); got.status != 400 {
		t.Errorf("a thousand parameters: %d, want 400", got.status)
	}
	w.kafka.err, w.box.err = errAway, errAway
	if got := w.twilio(t, "/callbacks/twilio", twilioSample(t, "inbound_sms"), authToken); got.status != 503 || got.header.Get("Retry-After") == "" {
		t.Errorf("with neither log nor spool: %d", got.status)
	}
	w.dir.err = errAway
	if got := w.twilio(t, "/callbacks/twilio", []byte("MessageSid=SM1&To=%2B1&AccountSid=AC404"), authToken); got.status != 503 {
		t.Errorf("with the directory away: %d, want 503", got.status)
	}
}

func TestPublicURLMayHaveAPath(t *testing.T) {
	w := newWorld(t)
	w.public = "https://desk.example.com/desk"
	body := twilioSample(t, "inbound_sms")
	got := w.do(t, "POST", "/callbacks/twilio?a=1", bytes.NewReader(body), map[string]string{
		"X-Twilio-Signature": twilioSignature("https://desk.example.com/desk/callbacks/twilio?a=1", body, authToken)})
	if got.status != 200 {
		t.Errorf("answered %d", got.status)
	}
}

func TestConfigValidate(t *testing.T) {
	good := DefaultConfig()
	good.PublicURL = "https://desk.example.com"
	if err := good.Validate(); err != nil {
		t.Error(err)
	}
	for name, change := range map[string]func(*Config){
		"no public url": func(c *Config) { c.PublicURL = "" }, "no host": func(c *Config) { c.PublicURL = "desk" },
		"a query": func(c *Config) { c.PublicURL += "?a" }, "no bound": func(c *Config) { c.MaxBodyBytes = 0 }, "no timeout": func(c *Config) { c.SpoolTimeout = 0 },
	} {
		c := good
		if change(&c); c.Validate() == nil {
			t.Errorf("%s: Validate() = nil", name)
		}
	}
}
