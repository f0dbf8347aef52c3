package callback

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"frontdesk/gateway/provider"
	"frontdesk/ingest"
)

func TestHandshake(t *testing.T) {
	w := newWorld(t)
	var cases map[string]json.RawMessage
	if err := json.Unmarshal(file(t, "../provider/whatsapp/testdata/verify_handshake.json"), &cases); err != nil {
		t.Fatal(err)
	}
	delete(cases, "note")
	if len(cases) != 4 {
		t.Fatalf("%d cases", len(cases))
	}
	for name, raw := range cases {
		var c struct {
			Query  string
			Status int
			Body   string
		}
		if err := json.Unmarshal(raw, &c); err != nil {
			t.Fatal(err)
		}
		got := w.do(t, "GET", "/callbacks/whatsapp?"+c.Query, nil, nil)
		if got.status != c.Status || (c.Body != "" && got.body != c.Body) {
			t.Errorf("%s: %d %q, want %d %q", name, got.status, got.body, c.Status, c.Body)
		}
	}
	if got := w.do(t, "GET", "/callbacks/whatsapp?hub.mode=subscribe&hub.verify_token=&hub.challenge=1", nil, nil); got.status != 403 {
		t.Errorf("an empty token: %d, want 403: some channels have none", got.status)
	}
	if got := w.do(t, "PUT", "/callbacks/whatsapp", nil, nil); got.status != 405 {
		t.Errorf("PUT: %d, want 405", got.status)
	}
	w.dir.err = errAway
	if got := w.do(t, "GET", "/callbacks/whatsapp?hub.mode=subscribe&hub.verify_token=wrong&hub.challenge=1", nil, nil); got.status != 503 {
		t.Errorf("with the directory away: %d, want 503", got.status)
	}
}

func TestWhatsAppSamplesArePublished(t *testing.T) {
	for name, want := range map[string]ingest.Topic{
		"inbound_text": ingest.TopicInbound, "inbound_future_unknown_type": ingest.TopicInbound, "inbound_system_user_changed_number": ingest.TopicInbound,
		"status_read": ingest.TopicReceipts, "account_user_preferences_stop_marketing": ingest.TopicInbound,
		"account_account_update_disabled": ingest.TopicEvents, "value_level_errors": ingest.TopicEvents, "account_phone_number_name_update": ingest.TopicEvents,
	} {
		w := newWorld(t)
		body := whatsAppSample(t, name)
		if got := w.meta(t, body, mayaSecret); got.status != 200 {
			t.Fatalf("%s: %d", name, got.status)
		}
		if len(w.kafka.recs) != 1 || w.kafka.recs[0].Topic != want {
			t.Fatalf("%s: published %d records, want one on %s", name, len(w.kafka.recs), want)
		}
		rec := w.kafka.recs[0]
		e, data := decodeEvent[map[string]any](t, rec.Value)
		if e.Tenant != "tnt_maya" || data["tenant_id"] != "tnt_maya" || string(rec.Key) != e.Key || !strings.HasPrefix(e.Key, "tnt_maya|") {
			t.Errorf("%s: event %+v under key %s", name, e, rec.Key)
		}
		wantChannel := any("chn_maya")
		if name == "account_account_update_disabled" {
			wantChannel = nil
		}
		if data["channel_id"] != wantChannel {
			t.Errorf("%s: channel %v, want %v", name, data["channel_id"], wantChannel)
		}
		if again := w.meta(t, body, mayaSecret); again.status != 200 || !bytes.Equal(w.kafka.recs[1].Value, rec.Value) {
			t.Errorf("%s: delivered twice, it is another event:\n%s\n%s", name, rec.Value, w.kafka.recs[1].Value)
		}
	}
}

func TestWhatsAppMessageIsToTheField(t *testing.T) {
	w := newWorld(t)
	w.meta(t, whatsAppSample(t, "inbound_text"), mayaSecret)
	e, m := decodeEvent[ingest.Message](t, w.kafka.recs[0].Value)
	at := time.Unix(1790000000, 0).UTC()
	if m.ID != ingest.InboundID("tnt_maya", "chn_maya", at, m.ProviderID) || m.Content.Text != "Hi, is the 9 am slot on Friday still free?" || !m.At.Equal(at) {
		t.Errorf("message %+v", m)
	}
	want, err := ingest.NewEvent(ingest.MessageReceived, "tnt_maya", m.Key(), at, m.ProviderID, m)
	if err != nil || e.ID != want.ID || e.Key != want.Key || !e.OccurredAt.Equal(at) {
		t.Errorf("event %+v, want %+v", e, want)
	}
}

// TestWhatsAppSignature: without a good signature nothing is published.
func TestWhatsAppSignature(t *testing.T) {
	body := whatsAppSample(t, "inbound_text")
	good := hubSignature(body, mayaSecret)
	tests := []struct {
		name, header string
		body         []byte
		want         int
	}{
		{"good", good, body, 200},
		{"none", "", body, 401},
		{"another app's", hubSignature(body, tileSecret), body, 401},
		{"nobody's", hubSignature(body, "guess"), body, 401},
		{"with an empty secret", hubSignature(body, ""), body, 401},
		{"of another body", good, bytes.Replace(body, []byte("9 am"), []byte("8 am"), 1), 401},
		{"upper case", strings.ToUpper(good), body, 401},
		{"sha1", "sha1=" + good[7:47], body, 401},
		{"cut", good[:70], body, 401},
		{"body with a space more", good, append(bytes.Clone(body), ' '), 401},
		{"no JSON, unsigned", "sha256=" + strings.Repeat("0", 64), []byte("{"), 401},
		{"nothing in it, unsigned", "sha256=" + strings.Repeat("0", 64), []byte("{}"), 401},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			w := newWorld(t)
			got := w.do(t, "POST", "/callbacks/whatsapp", bytes.NewReader(tt.body), map[string]string{"X-Hub-Signature-256": tt.header})
			if got.status != tt.want {
				t.Errorf("answered %d, want %d", got.status, tt.want)
			}
			if tt.want != 200 && (w.kafka.calls != 0 || len(w.box.entries) != 0) {
				t.Errorf("published %d times, spooled %d", w.kafka.calls, len(w.box.entries))
			}
			w.silent(t)
		})
	}
}

// messagesTo returns a body with one message to each number, each of an
// account of its own.
func messagesTo(refs ...string) []byte {
	var entries []string
	for i, ref := range refs {
		entries = append(entries, fmt.Sprintf(`{"id":"acc%d","changes":[{"field":"messages","value":{"metadata":{"phone_number_id":%q},`+
			`"messages":[{"from":"15555550142","id":"wamid.%d","timestamp":"1790000000","type":"text","text":{"body":"x"}}]}}]}`, i, ref, i))
	}
	return []byte(`{"object":"whatsapp_business_account","entry":[` + strings.Join(entries, ",") + `]}`)
}

func tenants(t *testing.T, recs []ingest.Record) (out []string) {
	t.Helper()
	for _, r := range recs {
		e, err := ingest.DecodeEvent(r.Value)
		if err != nil {
			t.Fatal(err)
		}
		out = append(out, string(e.Tenant))
	}
	return out
}

func TestWhatsAppSeveralBusinessesInOnePost(t *testing.T) {
	tests := []struct {
		name   string
		refs   []string
		secret provider.Secret
		status int
		want   string
		dead   string // part of the reason; empty: no dead letter
	}{
		{"one app, two businesses", []string{"310022334455661", "777"}, mayaSecret, 200, "[tnt_maya tnt_shop]", ""},
		{"another app's number is not taken", []string{"310022334455661", "888"}, mayaSecret, 200, "[tnt_maya]", "1 of 2"},
		{"nor the other way round", []string{"310022334455661", "888"}, tileSecret, 200, "[tnt_tile]", "1 of 2"},
		{"an unknown number beside a known one", []string{"404", "777"}, mayaSecret, 200, "[tnt_shop]", "1 of 2"},
		{"an unknown number, signed by an app of ours", []string{"404"}, tileSecret, 200, "[]", "1 of 1"},
		{"an unknown number, signed by nobody", []string{"404"}, "guess", 401, "[]", ""},
		{"known numbers, signed by an app that is not theirs", []string{"310022334455661", "777"}, tileSecret, 401, "[]", ""},
		{"known and unknown, signed by nobody", []string{"404", "777"}, "guess", 401, "[]", ""},
	}
	for _, tt := range tests {
		for _, apps := range []int{0, 3 * fewSecrets} {
			t.Run(fmt.Sprintf("%s, %d apps more", tt.name, apps), func(t *testing.T) {
				w := newWorld(t)
				for i := range apps {
					w.dir.channels = append(w.dir.channels, provider.Channel{Tenant: "tnt_x", Type: provider.WhatsApp, Ref: fmt.Sprint("x", i), AppSecret: provider.Secret(fmt.Sprint("secret ", i))})
				}
				body := messagesTo(tt.refs...)
				if got := w.meta(t, body, tt.secret); got.status != tt.status {
					t.Errorf("answered %d, want %d", got.status, tt.status)
				}
				if got := fmt.Sprint(tenants(t, w.kafka.of(ingest.TopicInbound))); got != tt.want {
					t.Errorf("published for %s, want %s", got, tt.want)
				}
				w.dead(t, body, "callback/whatsapp", tt.dead)
				w.silent(t)
			})
		}
	}
}

// TestStrangersAreCheap: a body that nobody signed looks up few channels,
// however many it names, and none where it is large.
func TestStrangersAreCheap(t *testing.T) {
	refs := make([]string, 500)
	for i := range refs {
		refs[i] = fmt.Sprint("stranger", i)
	}
	small := messagesTo(refs...)
	large := append(bytes.Clone(small), bytes.Repeat([]byte(" "), strangerBytes)...)
	for _, apps := range []int{0, 3 * fewSecrets} {
		w := newWorld(t)
		for i := range apps {
			w.dir.channels = append(w.dir.channels, provider.Channel{Type: provider.WhatsApp, AppSecret: provider.Secret(fmt.Sprint("secret ", i))})
		}
		if got := w.meta(t, small, "guess"); got.status != 401 || w.dir.asked > fewAddresses {
			t.Errorf("%d apps more: answered %d after %d look-ups, want at most %d", apps, got.status, w.dir.asked, fewAddresses)
		}
		w.dir.asked = 0
		if got := w.meta(t, large, "guess"); got.status != 401 || w.dir.asked != 0 {
			t.Errorf("%d apps more, large: answered %d after %d look-ups, want none", apps, got.status, w.dir.asked)
		}
	}
}

// TestNewChannel: the directory learns of a channel when it is asked for it,
// before its secret is among those that are known.
func TestNewChannel(t *testing.T) {
	w := newWorld(t)
	w.dir.newest = "brand new"
	w.dir.channels = append(w.dir.channels, provider.Channel{Tenant: "tnt_new", ID: "chn_new", Type: provider.WhatsApp, Ref: "new", AppSecret: "brand new"})
	if got := w.meta(t, messagesTo("new"), "brand new"); got.status != 200 || fmt.Sprint(tenants(t, w.kafka.recs)) != "[tnt_new]" {
		t.Errorf("answered %d", got.status)
	}
}

// dead checks that the only dead letter holds body for this reason, or that
// there is none.
func (w *world) dead(t *testing.T, body []byte, source, reason string) {
	t.Helper()
	letters := w.kafka.of(ingest.TopicDead)
	if reason == "" {
		if len(letters) != 0 {
			t.Errorf("%d dead letters, want none: %s", len(letters), letters[0].Value)
		}
		return
	}
	if len(letters) != 1 {
		t.Fatalf("%d dead letters, want one", len(letters))
	}
	l, err := ingest.DecodeDeadLetter(letters[0].Value)
	if err != nil || !bytes.Equal(l.Value, body) || l.Source != source || !strings.Contains(l.Error, reason) || string(letters[0].Key) != l.ID {
		t.Errorf("dead letter %+v, %v, want one for %q", l, err, reason)
	}
}

func TestWhatsAppNoticesGoToTheirBusinesses(t *testing.T) {
	w := newWorld(t)
	body := whatsAppSample(t, "batch_mixed_two_accounts")
	if got := w.meta(t, body, mayaSecret); got.status != 200 || w.kafka.calls != 1 {
		t.Fatalf("answered %d after %d publishes, want 200 after one", got.status, w.kafka.calls)
	}
	if got := fmt.Sprint(tenants(t, w.kafka.of(ingest.TopicEvents)), len(w.kafka.of(ingest.TopicInbound)), len(w.kafka.of(ingest.TopicReceipts))); got != "[tnt_shop] 3 2" {
		t.Errorf("published %s, want the notice for tnt_shop, 3 messages, 2 receipts", got)
	}
	for _, r := range w.kafka.of(ingest.TopicReceipts) {
		if _, receipt := decodeEvent[ingest.Receipt](t, r.Value); receipt.Channel != "chn_maya2" {
			t.Errorf("a receipt of the second number went to %s", receipt.Channel)
		}
	}
	// An account that two businesses share tells both, once.
	w = newWorld(t)
	w.dir.channels[2].Account = "420011223344550"
	w.meta(t, whatsAppSample(t, "account_account_update_disabled"), mayaSecret)
	if got := fmt.Sprint(tenants(t, w.kafka.of(ingest.TopicEvents))); got != "[tnt_maya tnt_shop]" {
		t.Errorf("published for %s, want both once", got)
	}
}

func TestWhatsAppMessageThatNamesNoNumber(t *testing.T) {
	body := []byte(`{"object":"whatsapp_business_account","entry":[{"id":"999","changes":[{"field":"messages","value":{"messages":[{"id":"w","from":"15555550142","type":"text","text":{"body":"x"}}]}}]}]}`)
	w := newWorld(t)
	if got := w.meta(t, body, tileSecret); got.status != 200 || fmt.Sprint(tenants(t, w.kafka.of(ingest.TopicInbound))) != "[tnt_tile]" {
		t.Errorf("an account with one number: %d", got.status)
	}
	several := bytes.Replace(body, []byte("999"), []byte("420011223344550"), 1)
	if got := w.meta(t, several, mayaSecret); got.status != 200 || len(w.kafka.of(ingest.TopicInbound)) != 1 {
		t.Errorf("an account with two numbers: %d, taken for one of them", got.status)
	}
	w.dead(t, several, "callback/whatsapp", "1 of 1")
}

func TestWhatsAppMalformed(t *testing.T) {
	tests := []struct {
		name, body string
		status     int
		reason     string
	}{
		{"no JSON", `{"object":`, 400, "not JSON"},
		{"empty", ``, 400, "not JSON"},
		{"another object", `{"object":"page","entry":[]}`, 200, "no update"},
		{"JSON of nothing", `[]`, 200, "no update"},
		{"deep", strings.Repeat("[", 20000), 400, "not JSON"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			w := newWorld(t)
			if got := w.meta(t, []byte(tt.body), mayaSecret); got.status != tt.status {
				t.Errorf("signed: %d, want %d", got.status, tt.status)
			}
			w.dead(t, []byte(tt.body), "callback/whatsapp", tt.reason)
			w = newWorld(t)
			if got := w.meta(t, []byte(tt.body), "guess"); got.status != 401 || w.kafka.calls != 0 {
				t.Errorf("not signed: %d after %d publishes, want 401", got.status, w.kafka.calls)
			}
		})
	}
}

func TestBodyBounds(t *testing.T) {
	w := newWorld(t)
	pad := func(n int) []byte {
		body := whatsAppSample(t, "inbound_text")
		return append(body, bytes.Repeat([]byte(" "), n-len(body))...)
	}
	if got := w.meta(t, pad(3<<20), mayaSecret); got.status != 200 || len(w.kafka.recs) != 1 {
		t.Errorf("3 MiB: %d, %d records", got.status, len(w.kafka.recs))
	}
	if got := w.meta(t, pad(3<<20+1), mayaSecret); got.status != 413 {
		t.Errorf("one byte more: %d, want 413", got.status)
	}
	chunked := io.MultiReader(bytes.NewReader(pad(3<<20)), strings.NewReader(" ")) // no Content-Length
	if got := w.do(t, "POST", "/callbacks/whatsapp", chunked, nil); got.status != 413 {
		t.Errorf("one byte more in chunks: %d, want 413", got.status)
	}
	if len(w.kafka.recs) != 1 {
		t.Errorf("%d records, want one", len(w.kafka.recs))
	}
}

func TestSlowBodyIsGivenUp(t *testing.T) {
	w := newWorld(t)
	w.serve(t, 200*time.Millisecond)
	reader, writer := io.Pipe()
	defer writer.Close()
	go func() { _, _ = io.WriteString(writer, `{"object":`) }() // and no more
	req, err := http.NewRequest("POST", "http://test/callbacks/whatsapp", reader)
	if err != nil {
		t.Fatal(err)
	}
	res, err := w.http.Do(req)
	if err != nil {
		return // the connection was cut: as good
	}
	defer res.Body.Close()
	if res.StatusCode != 408 && res.StatusCode != 400 {
		t.Errorf("answered %d, want 408", res.StatusCode)
	}
}

func TestThousandUpdates(t *testing.T) {
	messages := make([]string, 1000)
	for i := range messages {
		messages[i] = fmt.Sprintf(`{"from":"1555555%04d","id":"wamid.%d","timestamp":"1790000000","type":"text","text":{"body":"n%d"}}`, i%100, i, i)
	}
	w := newWorld(t)
	body := `{"object":"whatsapp_business_account","entry":[{"id":"1","changes":[{"field":"messages","value":{"metadata":{"phone_number_id":"310022334455661"},"messages":[` + strings.Join(messages, ",") + `]}}]}]}`
	if got := w.meta(t, []byte(body), mayaSecret); got.status != 200 || w.kafka.calls != 1 || len(w.kafka.recs) != 1000 {
		t.Fatalf("answered %d after %d publishes of %d records", got.status, w.kafka.calls, len(w.kafka.recs))
	}
	for i, r := range w.kafka.recs {
		if _, m := decodeEvent[ingest.Message](t, r.Value); m.Content.Text != fmt.Sprintf("n%d", i) || string(r.Key) != m.Key() {
			t.Fatalf("record %d is %q under %s", i, m.Content.Text, r.Key)
		}
	}
}

func TestLogAway(t *testing.T) {
	w := newWorld(t)
	w.kafka.err = errAway
	body := whatsAppSample(t, "inbound_text")
	if got := w.meta(t, body, mayaSecret); got.status != 200 {
		t.Errorf("with the spool: %d, want 200", got.status)
	}
	if len(w.box.entries) != 1 || !bytes.Equal(w.box.entries[0].Body, body) || w.box.entries[0].Parked != "" || !w.box.entries[0].ReceivedAt.Equal(some) {
		t.Fatalf("spooled %+v", w.box.entries)
	}
	// What was spooled is published later as it would have been, without the directory.
	w.kafka.err, w.dir.channels = nil, nil
	if errs := w.drain(t.Context(), w.box.entries); errs[0] != nil {
		t.Fatal(errs[0])
	}
	direct := newWorld(t)
	direct.meta(t, body, mayaSecret)
	if !bytes.Equal(w.kafka.recs[0].Value, direct.kafka.recs[0].Value) || !bytes.Equal(w.kafka.recs[0].Key, direct.kafka.recs[0].Key) {
		t.Errorf("from the spool %s\ndirectly %s", w.kafka.recs[0].Value, direct.kafka.recs[0].Value)
	}
	w = newWorld(t)
	w.kafka.err, w.box.err = errAway, errors.New("postgres away")
	if got := w.meta(t, body, mayaSecret); got.status != 503 || got.header.Get("Retry-After") != "5" {
		t.Errorf("with neither: %d, Retry-After %q, want 503 and 5", got.status, got.header.Get("Retry-After"))
	}
	w.silent(t)
	w = newWorld(t)
	w.dir.err = errAway
	if got := w.meta(t, messagesTo("404"), mayaSecret); got.status != 503 {
		t.Errorf("with the directory away and an unknown number: %d, want 503", got.status)
	}
}

// TestSpoolKeepsWhoWasVerified: what the signature did not cover when the
// callback came is not taken from the spool either.
func TestSpoolKeepsWhoWasVerified(t *testing.T) {
	w := newWorld(t)
	w.kafka.err = errAway
	w.meta(t, messagesTo("310022334455661", "888"), mayaSecret)
	w.kafka.err = nil
	if errs := w.drain(t.Context(), w.box.entries); errs[0] != nil {
		t.Fatal(errs[0])
	}
	if got := fmt.Sprint(tenants(t, w.kafka.of(ingest.TopicInbound))); got != "[tnt_maya]" {
		t.Errorf("published for %s, want [tnt_maya]", got)
	}
	w.dead(t, messagesTo("310022334455661", "888"), "callback/whatsapp", "1 of 2")
}

func TestWhatCanNeverBePublishedIsParked(t *testing.T) {
	tooLarge := errors.New("record too large")
	w := newWorld(t)
	w.cfg.NeverPublishable, w.kafka.err = tooLarge, fmt.Errorf("publish: %w", tooLarge)
	if got := w.meta(t, whatsAppSample(t, "inbound_text"), mayaSecret); got.status != 200 || len(w.box.entries) != 1 || w.box.entries[0].Parked == "" {
		t.Errorf("refused by the log: %d, spooled %d", got.status, len(w.box.entries))
	}
	w = newWorld(t)
	w.cfg.MaxRecordBytes = 300
	if got := w.meta(t, whatsAppSample(t, "inbound_text"), mayaSecret); got.status != 200 || w.kafka.calls != 0 || len(w.box.entries) != 1 || !strings.Contains(w.box.entries[0].Parked, "larger") {
		t.Errorf("a record beyond the bound: %d, spooled %+v", got.status, w.box.entries)
	}
	w = newWorld(t)
	w.cfg.MaxRecordBytes = 2000
	if got := w.meta(t, bytes.Repeat([]byte(" "), 2500), mayaSecret); got.status != 400 || len(w.box.entries) != 1 {
		t.Errorf("a dead letter beyond the bound: %d, spooled %d", got.status, len(w.box.entries))
	}
}

func TestDrainPublishesAroundWhatNeverCan(t *testing.T) {
	w := newWorld(t)
	good := Entry{Provider: provider.WhatsApp, Body: whatsAppSample(t, "inbound_text"), Routes: []Route{{Address{Ref: "310022334455661", Account: "420011223344550"}, []Target{{"tnt_maya", "chn_maya"}}}}}
	large := good
	large.Body = bytes.Replace(good.Body, []byte("9 am"), bytes.Repeat([]byte("9"), 5000), 1)
	w.cfg.MaxRecordBytes = 3000
	errs := w.drain(t.Context(), []Entry{good, large, good})
	if errs[0] != nil || !errors.Is(errs[1], errNever) || errs[2] != nil || len(w.kafka.recs) != 2 {
		t.Errorf("drained with %v, %d records", errs, len(w.kafka.recs))
	}
	w.kafka.err = errAway
	errs = w.drain(t.Context(), []Entry{large, good, good})
	if !errors.Is(errs[0], errNever) || !errors.Is(errs[1], errAway) || !errors.Is(errs[2], errAway) {
		t.Errorf("with the log away: %v", errs)
	}
}

// TestJSONSuite posts each case of the public JSON test suite, signed, as a
// body and as a message beside another.
func TestJSONSuite(t *testing.T) {
	w := newWorld(t)
	n := 0
	for line := range bytes.Lines(file(t, "../provider/whatsapp/testdata/json_suite.jsonl")) {
		var c struct {
			ID, Expect, Base64 string
			Generate           *struct {
				Repeat, Suffix string
				Times          int
			}
		}
		if err := json.Unmarshal(line, &c); err != nil {
			t.Fatal(err)
		}
		body, err := base64.StdEncoding.DecodeString(c.Base64)
		if err != nil {
			t.Fatal(err)
		}
		if g := c.Generate; g != nil {
			body = []byte(strings.Repeat(g.Repeat, g.Times) + g.Suffix)
		}
		n++
		want := map[string]int{"accept": 200, "reject": 400}[c.Expect]
		if got := w.meta(t, body, mayaSecret); got.status != 200 && got.status != 400 || want != 0 && got.status != want {
			t.Errorf("%s: answered %d, want %d", c.ID, got.status, want)
		}
		w.kafka.recs = nil
		beside := bytes.Replace(messagesTo("310022334455661"), []byte(`"messages":[{`), append(append([]byte(`"messages":[`), body...), `,{`...), 1)
		got := w.meta(t, beside, mayaSecret)
		if c.Expect == "accept" && (got.status != 200 || len(w.kafka.of(ingest.TopicInbound)) != 2) || got.status >= 500 {
			t.Errorf("%s beside a message: answered %d, published %d", c.ID, got.status, len(w.kafka.of(ingest.TopicInbound)))
		}
	}
	if n < 100 || len(w.box.entries) != 0 {
		t.Fatalf("%d cases, %d spooled", n, len(w.box.entries))
	}
}

func TestNaughtyStrings(t *testing.T) {
	w := newWorld(t)
	for line := range bytes.Lines(file(t, "../provider/whatsapp/testdata/naughty_strings.jsonl")) {
		var s struct{ ID, Text string }
		if err := json.Unmarshal(line, &s); err != nil {
			t.Fatal(err)
		}
		quoted, err := json.Marshal(s.Text)
		if err != nil {
			t.Fatal(err)
		}
		body := fmt.Appendf(nil, `{"object":"whatsapp_business_account","entry":[{"id":"1","changes":[{"field":"messages","value":{"metadata":{"phone_number_id":"310022334455661"},`+
			`"contacts":[{"profile":{"name":%s},"wa_id":"15555550142"}],"messages":[{"from":"15555550142","id":"w","timestamp":"1","type":"text","text":{"body":%s}}]}}]}]}`, quoted, quoted)
		w.kafka.recs = nil
		if got := w.meta(t, body, mayaSecret); got.status != 200 {
			t.Fatalf("%s: answered %d", s.ID, got.status)
		}
		if _, m := decodeEvent[ingest.Message](t, w.kafka.recs[0].Value); m.Content.Text != s.Text || m.Party.Name != s.Text {
			t.Errorf("%s came through as %q from %q", s.ID, m.Content.Text, m.Party.Name)
		}
	}
}
