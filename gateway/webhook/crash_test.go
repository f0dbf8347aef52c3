package webhook_test

import (
	"bytes"
	"context"
	"log/slog"
	"net/http"
	"os"
	"os/exec"
	"strings"
	"testing"
	"time"

	"frontdesk/gateway/tenant"
	"frontdesk/gateway/webhook"
)

// signal is a log that rings a bell at a message.
type signal struct {
	slog.Handler
	message string
	bell    chan struct{}
}

func (s signal) Handle(_ context.Context, r slog.Record) error {
	if r.Message == s.message {
		select {
		case s.bell <- struct{}{}:
		default:
		}
	}
	return nil
}

func (s signal) Enabled(context.Context, slog.Level) bool { return true }

func tell(message string, bell chan struct{}) *slog.Logger {
	return slog.New(signal{slog.DiscardHandler, message, bell})
}

// childOf names the database that a test's child process is to send from.
const childOf = "FRONTDESK_TEST_WEBHOOK_SENDER"

// TestSenderProcess is not a test: it is the process that TestKilledSenders
// kills.
func TestSenderProcess(t *testing.T) {
	url := os.Getenv(childOf)
	if url == "" {
		t.Skip("runs as a child of TestKilledSenders")
	}
	db, _, err := openURL(url)
	if err != nil {
		t.Fatal(err)
	}
	vault, err := tenant.NewVault(bytes.Repeat([]byte{7}, tenant.MasterKeyBytes))
	if err != nil {
		t.Fatal(err)
	}
	cfg := webhook.DefaultConfig()
	cfg.Allow, cfg.Poll, cfg.Lease = loopback, 20*time.Millisecond, 200*time.Millisecond
	s, err := webhook.NewSender(webhook.NewStore(db, vault, nil), cfg)
	if err != nil {
		t.Fatal(err)
	}
	_ = s.Run(t.Context())
}

// TestKilledSenders is X3: senders are killed again and again while they send.
// Every event arrives, under one id.
func TestKilledSenders(t *testing.T) {
	t.Parallel()
	const events, kills = 300, 6
	w := newWorld(t)
	dev := listen(t, func(n int, rw http.ResponseWriter, _ *http.Request) {
		if n%7 == 0 {
			rw.WriteHeader(503)
		}
	})
	e, secret := w.endpoint(t, "acme", dev.URL, func(s *webhook.Spec) {
		s.Timeout, s.Schedule = time.Second, []time.Duration{time.Second, time.Second, time.Second}
	})
	w.take(t, many(t, "acme", 0, events)...)
	start := func() *exec.Cmd {
		t.Helper()
		cmd := exec.Command(os.Args[0], "-test.run=^TestSenderProcess$")
		cmd.Env = append(os.Environ(), childOf+"="+w.url)
		if err := cmd.Start(); err != nil {
			t.Fatal(err)
		}
		return cmd
	}
	for k := range kills {
		before := len(dev.all())
		child := start()
		dev.await(t, before+10+k*7) // in the middle of a batch, at another place each time
		_ = child.Process.Kill()
		_ = child.Wait()
		if len(dev.all()) >= events-20 {
			break
		}
	}
	child := start()
	defer func() { _ = child.Process.Kill(); _ = child.Wait() }()
	w.settled(t, "acme", e.ID, func(webhook.Delivery) bool {
		list, _, err := w.store.Deliveries(t.Context(), "acme", e.ID, webhook.Filter{Status: webhook.Pending, Limit: 1})
		return err == nil && len(list) == 0
	})
	seen := map[string]int{}
	for _, r := range dev.all() {
		seen[r.id()]++
		if err := verify(t, r, secret, e.PublicKey); err != nil {
			t.Fatal(err)
		}
	}
	repeats := len(dev.all()) - len(seen)
	if len(seen) != events {
		t.Errorf("%d of %d events arrived", len(seen), events)
	}
	page, after := 0, ""
	for {
		list, next, err := w.store.Deliveries(t.Context(), "acme", e.ID, webhook.Filter{Status: webhook.Delivered, Limit: 100, After: after})
		if err != nil {
			t.Fatal(err)
		}
		page += len(list)
		if after = next; next == "" {
			break
		}
	}
	if page != events {
		t.Errorf("%d of %d are settled as delivered", page, events)
	}
	t.Logf("%d kills, %d requests, %d of them repeats", kills, len(dev.all()), repeats)
}

// TestRotationUnderLoad is X24: a receiver that knows only the old secret, and
// one that knows only the new, both verify all that is sent meanwhile.
func TestRotationUnderLoad(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	dev := listen(t, nil)
	e, old := w.endpoint(t, "acme", dev.URL, func(s *webhook.Spec) { s.Concurrency = 4 })
	w.run(t, nil)
	w.take(t, many(t, "acme", 0, 300)...)
	dev.await(t, 50)
	rotated, fresh, err := w.store.Rotate(t.Context(), "acme", e.ID, "", time.Hour)
	if err != nil {
		t.Fatal(err)
	}
	sent := len(dev.all())
	w.take(t, many(t, "acme", 300, 200)...)
	got := dev.await(t, 500)
	for i, r := range got {
		if err := verify(t, r, old, e.PublicKey); err != nil {
			t.Fatalf("request %d with the old keys: %v", i, err)
		}
	}
	inFlight := sent + 2*webhook.DefaultConcurrency // leased before the rotation
	for i, r := range got[inFlight:] {
		if err := verify(t, r, fresh, rotated.PublicKey); err != nil {
			t.Fatalf("request %d with the new keys: %v", inFlight+i, err)
		}
	}
	if n := len(strings.Fields(got[len(got)-1].header.Get("Webhook-Signature"))); n != 4 {
		t.Errorf("%d signatures while rotating, want v1 and v1a of both", n)
	}
}
