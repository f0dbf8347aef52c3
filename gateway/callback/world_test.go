package callback

import (
	"bytes"
	"context"
	"crypto/hmac"
	"crypto/sha1"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/url"
	"os"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/valyala/fasthttp"
	"github.com/valyala/fasthttp/fasthttputil"

	"frontdesk/gateway/provider"
	"frontdesk/ingest"
)

// fakeDirectory is the channels of a test.
type fakeDirectory struct {
	channels []provider.Channel
	err      error
	asked    int
	newest   provider.Secret // not among the secrets yet
}

func (d *fakeDirectory) ByRef(_ context.Context, typ, ref string) (provider.Channel, bool, error) {
	d.asked++
	for _, c := range d.channels {
		if c.Type == typ && c.Ref == ref {
			return c, true, nil
		}
	}
	return provider.Channel{}, false, d.err
}

func (d *fakeDirectory) ByAccount(_ context.Context, typ, account string) (out []provider.Channel, _ error) {
	for _, c := range d.channels {
		if c.Type == typ && c.Account == account {
			out = append(out, c)
		}
	}
	return out, d.err
}

func (d *fakeDirectory) VerifyTokenKnown(_ context.Context, typ, token string) (bool, error) {
	for _, c := range d.channels {
		if c.Type == typ && subtle.ConstantTimeCompare([]byte(c.VerifyToken), []byte(token)) == 1 {
			return true, nil
		}
	}
	return false, d.err
}

func (d *fakeDirectory) Secrets(_ context.Context, typ string) (out []provider.Secret, _ error) {
	for _, c := range d.channels {
		for _, s := range []provider.Secret{c.AppSecret, c.AuthToken} {
			if c.Type == typ && s != "" && s != d.newest && !slices.Contains(out, s) {
				out = append(out, s)
			}
		}
	}
	return out, d.err
}

// fakeLog is the log. It copies what it is given, as the real one does.
type fakeLog struct {
	mu    sync.Mutex
	recs  []ingest.Record
	calls int
	err   error
}

func (l *fakeLog) Publish(_ context.Context, recs ...ingest.Record) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.calls++; l.err != nil {
		return l.err
	}
	for _, r := range recs {
		l.recs = append(l.recs, ingest.Record{Topic: r.Topic, Key: bytes.Clone(r.Key), Value: bytes.Clone(r.Value)})
	}
	return nil
}

func (l *fakeLog) of(topic ingest.Topic) (out []ingest.Record) {
	l.mu.Lock()
	defer l.mu.Unlock()
	for _, r := range l.recs {
		if r.Topic == topic {
			out = append(out, r)
		}
	}
	return out
}

// fakeSpool is the spool in memory; the real one has tests of its own.
type fakeSpool struct {
	mu      sync.Mutex
	entries []Entry
	err     error
}

func (s *fakeSpool) Put(_ context.Context, e Entry) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.err == nil {
		s.entries = append(s.entries, e)
	}
	return s.err
}

func (s *fakeSpool) Drain(context.Context, int, func(context.Context, []Entry) []error) (int, int, error) {
	return 0, 0, s.err
}

const (
	mayaSecret = provider.Secret("0f1e2d3c4b5a69788796a5b4c3d2e1f0")
	tileSecret = provider.Secret("another app's secret")
	authToken  = provider.Secret("5f44cd401c902e5788ba348bb8613699")
	account    = "ACe6677f7afb9fa70f01173f0f27c8c80b"
)

// world is a handler behind a real server, with fakes around it.
type world struct {
	*Handler
	dir   *fakeDirectory
	kafka *fakeLog
	box   *fakeSpool
	logs  *bytes.Buffer
	http  *http.Client
}

// newWorld has two businesses, of the samples, and one that shares Maya's app.
func newWorld(t testing.TB) *world {
	t.Helper()
	w := &world{dir: &fakeDirectory{channels: []provider.Channel{
		{Tenant: "tnt_maya", ID: "chn_maya", Type: provider.WhatsApp, Ref: "310022334455661", Account: "420011223344550", Phone: "+15555550100", AppSecret: mayaSecret, VerifyToken: "vt-example-7c1d"},
		{Tenant: "tnt_maya", ID: "chn_maya2", Type: provider.WhatsApp, Ref: "310022334455672", Account: "420011223344550", Phone: "+15555550101", AppSecret: mayaSecret},
		{Tenant: "tnt_shop", ID: "chn_shop", Type: provider.WhatsApp, Ref: "777", Account: "420011223344777", AppSecret: mayaSecret},
		{Tenant: "tnt_tile", ID: "chn_tile", Type: provider.WhatsApp, Ref: "888", Account: "999", AppSecret: tileSecret, VerifyToken: "other"},
		{Tenant: "tnt_maya", ID: "chn_sms", Type: provider.Twilio, Ref: "+15555550120", Account: account, AuthToken: authToken},
		{Tenant: "tnt_maya", ID: "chn_wa", Type: provider.Twilio, Ref: "whatsapp:+15555550121", Account: account, AuthToken: authToken},
		{Tenant: "tnt_tile", ID: "chn_sms2", Type: provider.Twilio, Ref: "+15555550999", Account: "AC2", AuthToken: "tile's token"},
	}}, kafka: &fakeLog{}, box: &fakeSpool{}, logs: &bytes.Buffer{}}
	cfg := DefaultConfig()
	cfg.PublicURL = "https://desk.example.com/"
	cfg.Log = slog.New(slog.NewTextHandler(w.logs, nil))
	cfg.Now = func() time.Time { return some }
	w.Handler = New(cfg, w.dir, w.kafka, w.box)
	w.serve(t, time.Minute)
	return w
}

func (w *world) serve(t testing.TB, readTimeout time.Duration) {
	ln := fasthttputil.NewInmemoryListener()
	srv := &fasthttp.Server{StreamRequestBody: true, MaxRequestBodySize: 64 << 10, ReadTimeout: readTimeout, Logger: quiet{}, Handler: func(req *fasthttp.RequestCtx) {
		switch string(req.Path()) {
		case "/callbacks/whatsapp":
			w.ServeWhatsApp(req)
		case "/callbacks/twilio":
			w.ServeTwilio(req)
		case "/callbacks/twilio/status":
			w.ServeTwilioStatus(req)
		}
	}}
	done := make(chan error, 1)
	go func() { done <- srv.Serve(ln) }()
	w.http = &http.Client{Timeout: 30 * time.Second, Transport: &http.Transport{DialContext: func(context.Context, string, string) (net.Conn, error) { return ln.Dial() }}}
	t.Cleanup(func() {
		w.http.CloseIdleConnections()
		_ = ln.Close()
		<-done
	})
}

type quiet struct{}

func (quiet) Printf(string, ...any) {}

// answer is what a provider sees.
type answer struct {
	status int
	header http.Header
	body   string
}

func (w *world) do(t testing.TB, method, target string, body io.Reader, header map[string]string) answer {
	t.Helper()
	req, err := http.NewRequest(method, "http://test"+target, body)
	if err != nil {
		t.Fatal(err)
	}
	for k, v := range header {
		req.Header.Set(k, v)
	}
	res, err := w.http.Do(req)
	if err != nil {
		t.Fatalf("%s %s: %v", method, target, err)
	}
	defer res.Body.Close()
	b, err := io.ReadAll(res.Body)
	if err != nil {
		t.Fatal(err)
	}
	return answer{res.StatusCode, res.Header, string(b)}
}

func hubSignature(body []byte, secret provider.Secret) string {
	mac := hmac.New(sha256.New, []byte(secret))
	mac.Write(body)
	return "sha256=" + hex.EncodeToString(mac.Sum(nil))
}

// meta posts body as Meta, signed with secret.
func (w *world) meta(t testing.TB, body []byte, secret provider.Secret) answer {
	t.Helper()
	return w.do(t, "POST", "/callbacks/whatsapp", bytes.NewReader(body), map[string]string{"X-Hub-Signature-256": hubSignature(body, secret)})
}

// twilioSignature signs as Twilio does a form whose names are each there once.
func twilioSignature(target string, body []byte, token provider.Secret) string {
	form, _ := url.ParseQuery(string(body))
	mac := hmac.New(sha1.New, []byte(token))
	_, _ = io.WriteString(mac, target)
	var names []string
	for name := range form {
		names = append(names, name)
	}
	slices.Sort(names)
	for _, name := range names {
		_, _ = io.WriteString(mac, name+form.Get(name))
	}
	return base64.StdEncoding.EncodeToString(mac.Sum(nil))
}

// twilio posts body as Twilio, for the public URL.
func (w *world) twilio(t testing.TB, path string, body []byte, token provider.Secret) answer {
	t.Helper()
	return w.do(t, "POST", path, bytes.NewReader(body), map[string]string{
		"Content-Type": "application/x-www-form-urlencoded", "X-Twilio-Signature": twilioSignature("https://desk.example.com"+path, body, token)})
}

func whatsAppSample(t testing.TB, name string) []byte {
	t.Helper()
	return file(t, "../provider/whatsapp/testdata/samples/"+name+".json")
}

func twilioSample(t testing.TB, name string) []byte {
	t.Helper()
	return file(t, "../provider/twilio/testdata/samples/"+name+".form")
}

func file(t testing.TB, name string) []byte {
	t.Helper()
	b, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// silent checks that nothing of a contact or a secret is in the log.
func (w *world) silent(t *testing.T) {
	t.Helper()
	for _, secret := range []string{string(mayaSecret), string(authToken), "1555555", "Dana", "9 am slot", "310022334455661"} {
		if strings.Contains(w.logs.String(), secret) {
			t.Errorf("the log shows %q:\n%s", secret, w.logs)
		}
	}
}

var errAway = errors.New("kafka unavailable")
