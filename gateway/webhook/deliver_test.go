package webhook_test

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"strings"
	"testing"
	"time"

	"frontdesk/agent/outbox"
	"frontdesk/gateway/webhook"
	"frontdesk/ingest"
)

func TestAnEventIsDeliveredSigned(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	dev, other := listen(t, nil), listen(t, nil)
	e, secret := w.endpoint(t, "acme", dev.URL+"/hooks", nil)
	w.endpoint(t, "globex", other.URL, nil)
	w.run(t, nil)
	ev := opened(t, "acme", "1")
	w.take(t, ev, ev) // twice: at least once on the log
	w.take(t, ev)
	got := dev.await(t, 1)[0]
	if err := verify(t, got, secret, e.PublicKey); err != nil {
		t.Error(err)
	}
	forged := got
	forged.body = bytes.Replace(got.body, []byte("cnv_1"), []byte("cnv_2"), 1)
	if verify(t, forged, secret, e.PublicKey) == nil {
		t.Error("a changed body verifies")
	}
	body := decode(t, got.body)
	data, _ := body["data"].(map[string]any)
	if body["type"] != "conversation.opened" || body["timestamp"] != "2026-11-21T09:30:00Z" || data["conversation_id"] != "cnv_1" || data["tenant_id"] != nil || len(body) != 3 {
		t.Errorf("body = %s", got.body)
	}
	if got.id() != ev.ID || got.header.Get("Content-Type") != "application/json" || got.header.Get("User-Agent") == "" {
		t.Errorf("headers = %v", got.header)
	}
	d := w.settled(t, "acme", e.ID, is(webhook.Delivered))
	if d.Attempts != 1 || d.ResponseStatus != 200 || len(d.Log) != 1 || !bytes.Equal(d.Body, got.body) || d.Log[0].RequestHeaders["webhook-id"] != ev.ID {
		t.Errorf("delivery = %+v", d)
	}
	if n := len(dev.all()); n != 1 {
		t.Errorf("%d requests for one event, want 1", n)
	}
	if n := len(other.all()); n != 0 {
		t.Errorf("another tenant's endpoint got %d requests", n)
	}
	if log := fmt.Sprintf("%+v", d); strings.Contains(log, secret) || strings.Contains(log, strings.TrimPrefix(secret, "whsec_")) {
		t.Error("the secret is in the delivery's log")
	}
}

// due makes all that is pending due now.
func (w *world) due(t testing.TB) {
	w.change(t, `UPDATE webhook_deliveries SET due_at = now() WHERE status = 'pending' AND leased_until IS NULL`)
	w.change(t, `UPDATE webhook_endpoints SET open_until = NULL`)
}

// TestTheSchedule follows one delivery through all its attempts, by moving what
// is due.
func TestTheSchedule(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	dev := listen(t, func(_ int, rw http.ResponseWriter, _ *http.Request) {
		rw.WriteHeader(500)
		_, _ = io.WriteString(rw, "sorry \x00\xff")
	})
	e, secret := w.endpoint(t, "acme", dev.URL, nil)
	w.run(t, nil)
	w.take(t, opened(t, "acme", "1"))
	want := []time.Duration{5 * time.Second, 5 * time.Minute, 30 * time.Minute, 2 * time.Hour, 5 * time.Hour, 10 * time.Hour, 10 * time.Hour}
	for i, pause := range want {
		d := w.settled(t, "acme", e.ID, attempts(i+1))
		wait := time.Until(d.DueAt)
		if d.Status != webhook.Pending || wait < pause*79/100-time.Second || wait > pause*121/100 {
			t.Fatalf("after attempt %d the delivery is %s and due in %v, want in %v give or take a fifth", i+1, d.Status, wait, pause)
		}
		w.due(t)
	}
	d := w.settled(t, "acme", e.ID, is(webhook.Failed))
	if d.Attempts != 8 || len(d.Log) != 8 || d.ResponseStatus != 500 || d.Error == "" || !strings.HasPrefix(d.Log[7].ResponseBody, "sorry ") {
		t.Errorf("in the end: %+v", d)
	}
	for i, r := range dev.all() {
		if r.id() != d.EventID {
			t.Errorf("attempt %d has webhook-id %s, want %s each time", i+1, r.id(), d.EventID)
		}
		if err := verify(t, r, secret, e.PublicKey); err != nil {
			t.Errorf("attempt %d: %v", i+1, err)
		}
	}
}

func TestAnEndpointHasItsOwnSchedule(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	dev := listen(t, func(_ int, rw http.ResponseWriter, _ *http.Request) { rw.WriteHeader(500) })
	e, _ := w.endpoint(t, "acme", dev.URL, func(s *webhook.Spec) { s.Schedule = []time.Duration{time.Second, time.Second} })
	w.run(t, nil)
	w.take(t, opened(t, "acme", "1"))
	d := w.settled(t, "acme", e.ID, is(webhook.Failed))
	got := dev.all()
	if d.Attempts != 3 || len(got) != 3 || got[2].at.Sub(got[1].at) < 700*time.Millisecond {
		t.Errorf("%d attempts, %d requests; want three a second apart", d.Attempts, len(got))
	}
	if got[0].header.Get("Webhook-Timestamp") == got[2].header.Get("Webhook-Timestamp") {
		t.Error("the timestamp is not fresh")
	}
}

// TestAnswers is X18: what an endpoint may answer, and what comes of it.
func TestAnswers(t *testing.T) {
	tests := []struct {
		name   string
		answer func(rw http.ResponseWriter, r *http.Request)
		status webhook.Status
		code   int
		least  time.Duration // until the next attempt
		most   time.Duration
		error  string
	}{
		{"200", func(rw http.ResponseWriter, _ *http.Request) {}, webhook.Delivered, 200, 0, 0, ""},
		{"204", func(rw http.ResponseWriter, _ *http.Request) { rw.WriteHeader(204) }, webhook.Delivered, 204, 0, 0, ""},
		{"404 is tried again", func(rw http.ResponseWriter, _ *http.Request) { rw.WriteHeader(404) }, webhook.Pending, 404, 3 * time.Second, 6 * time.Second, "Not Found"},
		{"a redirect is a failure and not followed", func(rw http.ResponseWriter, r *http.Request) {
			http.Redirect(rw, r, "/elsewhere", http.StatusTemporaryRedirect)
		}, webhook.Pending, 307, 3 * time.Second, 6 * time.Second, "Temporary Redirect"},
		{"429 with Retry-After", func(rw http.ResponseWriter, _ *http.Request) {
			rw.Header().Set("Retry-After", "120")
			rw.WriteHeader(429)
		}, webhook.Pending, 429, 115 * time.Second, 121 * time.Second, "Too Many"},
		{"Retry-After is capped at an hour", func(rw http.ResponseWriter, _ *http.Request) {
			rw.Header().Set("Retry-After", "99999999")
			rw.WriteHeader(503)
		}, webhook.Pending, 503, 59 * time.Minute, time.Hour, ""},
		{"a body without end is cut", func(rw http.ResponseWriter, r *http.Request) {
			chunk := bytes.Repeat([]byte("x"), 1<<16)
			for range 16 << 10 { // a gigabyte
				if _, err := rw.Write(chunk); err != nil {
					return
				}
			}
		}, webhook.Delivered, 200, 0, 0, ""},
		{"a body that drips is cut", func(rw http.ResponseWriter, r *http.Request) {
			rw.WriteHeader(200)
			_ = http.NewResponseController(rw).Flush()
			<-r.Context().Done()
		}, webhook.Delivered, 200, 0, 0, ""},
		{"no answer within the timeout", func(_ http.ResponseWriter, r *http.Request) { <-r.Context().Done() },
			webhook.Pending, 0, 3 * time.Second, 6 * time.Second, "no answer within the timeout"},
		{"the connection breaks", func(rw http.ResponseWriter, _ *http.Request) { panic(http.ErrAbortHandler) },
			webhook.Pending, 0, 3 * time.Second, 6 * time.Second, "closed before an answer"},
		{"what is no HTTP", func(rw http.ResponseWriter, _ *http.Request) {
			conn, _, err := http.NewResponseController(rw).Hijack()
			if err == nil {
				_, _ = io.WriteString(conn, "220 smtp.example.com ESMTP\r\n")
				_ = conn.Close()
			}
		}, webhook.Pending, 0, 3 * time.Second, 6 * time.Second, "no answer that HTTP allows"},
		{"headers without end", func(rw http.ResponseWriter, _ *http.Request) {
			for i := range 100 {
				rw.Header().Set(fmt.Sprintf("X-%d", i), strings.Repeat("x", 1000))
			}
		}, webhook.Pending, 0, 3 * time.Second, 6 * time.Second, "no answer that HTTP allows"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			dev := listen(t, func(_ int, rw http.ResponseWriter, r *http.Request) { tt.answer(rw, r) })
			e, _ := w.endpoint(t, "acme", dev.URL, func(s *webhook.Spec) { s.Timeout = time.Second })
			w.run(t, nil)
			w.take(t, opened(t, "acme", "1"))
			d := w.settled(t, "acme", e.ID, attempts(1))
			if d.Status != tt.status || d.ResponseStatus != tt.code || !strings.Contains(d.Error, tt.error) || len(d.Log[0].ResponseBody) > webhook.MaxAnswerBytes {
				t.Errorf("delivery: %s %d %q, want %s %d %q", d.Status, d.ResponseStatus, d.Error, tt.status, tt.code, tt.error)
			}
			if wait := time.Until(d.DueAt); tt.status == webhook.Pending && (wait < tt.least || wait > tt.most) {
				t.Errorf("due in %v, want %v to %v", wait, tt.least, tt.most)
			}
			if n := len(dev.all()); n != 1 {
				t.Errorf("%d requests, want 1", n)
			}
		})
	}
}

func TestAnEndpointThatIsGone(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	dev := listen(t, func(_ int, rw http.ResponseWriter, _ *http.Request) { rw.WriteHeader(410) })
	e, secret := w.endpoint(t, "acme", dev.URL+"/path?token=hidden", func(s *webhook.Spec) { s.Concurrency = 1 })
	var out bytes.Buffer
	_, stop := w.run(t, func(c *webhook.Config) {
		c.Log = slog.New(slog.NewTextHandler(&out, &slog.HandlerOptions{Level: slog.LevelDebug}))
	})
	w.take(t, opened(t, "acme", "1"), opened(t, "acme", "2"), opened(t, "acme", "3"))
	notice := w.notice(t)
	if notice.Webhook != e.ID || notice.Reason != webhook.ReasonGone || notice.Tenant != "acme" {
		t.Errorf("notice = %+v", notice)
	}
	got, err := w.store.Endpoint(t.Context(), "acme", e.ID)
	if err != nil || got.Enabled || got.DisabledReason != webhook.ReasonGone || got.DisabledAt.IsZero() {
		t.Errorf("endpoint = %+v, %v", got, err)
	}
	list, _, err := w.store.Deliveries(t.Context(), "acme", e.ID, webhook.Filter{Status: webhook.Failed})
	if err != nil || len(list) != 3 {
		t.Errorf("%d deliveries failed, %v; want all three", len(list), err)
	}
	w.take(t, opened(t, "acme", "4"))
	if list, _, _ := w.store.Deliveries(t.Context(), "acme", e.ID, webhook.Filter{}); len(list) != 3 {
		t.Errorf("%d deliveries after it was disabled, want none more", len(list))
	}
	stop()
	if text := out.String(); !strings.Contains(text, e.ID) || strings.Contains(text, "hidden") || strings.Contains(text, secret) || strings.Contains(text, "cnv_1") {
		t.Errorf("the log tells too little or too much: %s", text)
	}
}

func TestAnEndpointThatFailsForFiveDays(t *testing.T) {
	const days = 24 * time.Hour
	tests := []struct {
		name     string
		since    time.Duration // since the first failure
		last     time.Duration // and the last
		failures int
		status   int
		enabled  bool
	}{
		{"nothing but failures for five days", 5*days + time.Minute, 10 * time.Hour, 20, 500, false},
		{"not quite five days", 5*days - time.Hour, 10 * time.Hour, 20, 500, true},
		{"two failures that have nothing to do with each other", 6 * days, 6 * days, 1, 500, true},
		{"a success after five days ends the row", 6 * days, 10 * time.Hour, 20, 200, true},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			dev := listen(t, func(_ int, rw http.ResponseWriter, _ *http.Request) { rw.WriteHeader(tt.status) })
			e, _ := w.endpoint(t, "acme", dev.URL, nil)
			w.change(t, `UPDATE webhook_endpoints SET failures = $1, failing_since = now() - make_interval(secs => $2), failed_at = now() - make_interval(secs => $3)`,
				tt.failures, tt.since.Seconds(), tt.last.Seconds())
			_, stop := w.run(t, nil)
			w.take(t, opened(t, "acme", "1"))
			w.settled(t, "acme", e.ID, attempts(1))
			stop() // waits until all is settled
			got, err := w.store.Endpoint(t.Context(), "acme", e.ID)
			if err != nil || got.Enabled != tt.enabled {
				t.Fatalf("enabled = %t, %v; want %t", got.Enabled, err, tt.enabled)
			}
			if tt.status == 200 && (got.Failures != 0 || !got.FailingSince.IsZero()) {
				t.Errorf("after a success: %d failures since %v", got.Failures, got.FailingSince)
			}
			if !tt.enabled {
				if n := w.notice(t); n.Reason != webhook.ReasonFailing || n.FailingSince == "" {
					t.Errorf("notice = %+v", n)
				}
				enabled := true
				again, err := w.store.Update(t.Context(), "acme", e.ID, webhook.Change{Enabled: &enabled})
				if err != nil || !again.Enabled || again.Failures != 0 || again.DisabledReason != "" {
					t.Errorf("enabled again: %+v, %v", again, err)
				}
			}
		})
	}
}

func TestRotationHasNoGap(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	dev := listen(t, nil)
	e, first := w.endpoint(t, "acme", dev.URL, nil)
	w.run(t, nil)
	rotated, second, err := w.store.Rotate(t.Context(), "acme", e.ID, "", time.Hour)
	if err != nil || second == first || rotated.PublicKey == e.PublicKey || time.Until(rotated.OlderUntil) < 59*time.Minute {
		t.Fatalf("rotate: %+v, %v", rotated, err)
	}
	w.take(t, opened(t, "acme", "1"))
	both := dev.await(t, 1)[0]
	for name, k := range map[string][2]string{"the old": {first, e.PublicKey}, "the new": {second, rotated.PublicKey}} {
		if err := verify(t, both, k[0], k[1]); err != nil {
			t.Errorf("with %s keys: %v", name, err)
		}
	}
	third, _, err := w.store.Rotate(t.Context(), "acme", e.ID, "", 0)
	if err != nil || !third.OlderUntil.IsZero() {
		t.Fatalf("rotate without overlap: %+v, %v", third, err)
	}
	w.take(t, opened(t, "acme", "2"))
	last := dev.await(t, 2)[1]
	for _, old := range []string{first, second} {
		if verify(t, last, old, third.PublicKey) == nil {
			t.Error("a replaced secret still signs")
		}
	}
	if _, _, err := w.store.Rotate(t.Context(), "globex", e.ID, "", 0); err == nil {
		t.Error("another tenant can rotate it")
	}
}

func TestReplay(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	dev := listen(t, func(n int, rw http.ResponseWriter, _ *http.Request) {
		if n <= 3 {
			rw.WriteHeader(500)
		}
	})
	e, _ := w.endpoint(t, "acme", dev.URL, func(s *webhook.Spec) { s.Schedule = []time.Duration{time.Hour} })
	_, stop := w.run(t, nil)
	w.take(t, opened(t, "acme", "1"), opened(t, "acme", "2"), opened(t, "acme", "3"))
	dev.await(t, 3)
	stop()
	w.change(t, `UPDATE webhook_deliveries SET status = 'failed'`)
	w.run(t, nil)
	list, _, err := w.store.Deliveries(t.Context(), "acme", e.ID, webhook.Filter{})
	if err != nil || len(list) != 3 {
		t.Fatal(err)
	}
	if _, err := w.store.Replay(t.Context(), "globex", e.ID, list[0].ID); err == nil {
		t.Error("another tenant can replay it")
	}
	if _, err := w.store.Replay(t.Context(), "acme", e.ID, list[0].ID); err != nil {
		t.Fatal(err)
	}
	again := dev.await(t, 4)[3]
	if again.id() != list[0].EventID {
		t.Errorf("replayed %s, want %s", again.id(), list[0].EventID)
	}
	d := w.settled(t, "acme", e.ID, is(webhook.Delivered))
	if d.ID != list[0].ID || d.Attempts != 2 || len(d.Log) != 2 {
		t.Errorf("after the replay: %+v", d)
	}
	past := webhook.Window{Until: time.Now().Add(-time.Hour)}
	if n, err := w.store.ReplayAll(t.Context(), "acme", e.ID, past); err != nil || n != 0 {
		t.Errorf("a window before all: %d, %v", n, err)
	}
	if n, err := w.store.ReplayAll(t.Context(), "acme", e.ID, webhook.Window{Since: time.Now().Add(-time.Hour), Type: "conversation.opened"}); err != nil || n != 2 {
		t.Errorf("the failed of the hour: %d, %v; want 2", n, err)
	}
	dev.await(t, 6)
}

func TestATestEvent(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	dev := listen(t, nil)
	e, secret := w.endpoint(t, "acme", dev.URL, func(s *webhook.Spec) { s.Events = []string{"call.missed"} })
	w.run(t, nil)
	d, err := w.store.Test(t.Context(), "acme", e.ID)
	if err != nil || d.Status != webhook.Pending || d.EventType != "webhook.test" {
		t.Fatalf("Test() = %+v, %v", d, err)
	}
	got := dev.await(t, 1)[0]
	if err := verify(t, got, secret, e.PublicKey); err != nil || decode(t, got.body)["type"] != "webhook.test" {
		t.Errorf("%v in %s", err, got.body)
	}
	off := false
	if _, err := w.store.Update(t.Context(), "acme", e.ID, webhook.Change{Enabled: &off}); err != nil {
		t.Fatal(err)
	}
	if _, err := w.store.Test(t.Context(), "acme", e.ID); err == nil {
		t.Error("a disabled endpoint is sent a test")
	}
}

// notice waits until the outbox announces that an endpoint was disabled.
func (w *world) notice(t testing.TB) webhook.Disabled {
	t.Helper()
	var out log
	relay := outbox.NewRelay(w.db, &out, outbox.Config{})
	for deadline := time.Now().Add(20 * time.Second); time.Now().Before(deadline); {
		if _, err := relay.Drain(t.Context()); err != nil {
			t.Fatal(err)
		}
		for _, r := range out.records {
			e, err := ingest.DecodeEvent(r.Value)
			if err != nil || r.Topic != ingest.TopicEvents || e.Type != webhook.EventDisabled {
				t.Fatalf("the outbox holds %s on %s, %v", e.Type, r.Topic, err)
			}
			var d webhook.Disabled
			if err := e.DecodeData(&d); err != nil {
				t.Fatal(err)
			}
			return d
		}
	}
	t.Fatal("nothing was announced")
	return webhook.Disabled{}
}

// log keeps what is published.
type log struct{ records []ingest.Record }

func (l *log) Publish(_ context.Context, records ...ingest.Record) error {
	l.records = append(l.records, records...)
	return nil
}
