package boot_test

import (
	"context"
	"errors"
	"io"
	"net/http"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"frontdesk/cmd/internal/boot"
)

func passes(context.Context) error { return nil }

func TestHealthNamesWhatFails(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := boot.NewHealth()
		if err := h.Ready(t.Context()); err != nil {
			t.Errorf("without checks: %v, want ready", err)
		}
		h.Add("kafka", passes)
		if err := h.Ready(t.Context()); err != nil {
			t.Errorf("all pass: %v, want ready", err)
		}
		h.Add("postgres", func(context.Context) error { return errors.New("connection refused") })
		h.Add("clickhouse", func(ctx context.Context) error { <-ctx.Done(); time.Sleep(time.Hour); return nil })
		began := time.Now()
		err := h.Ready(t.Context())
		if took := time.Since(began); took > 2*time.Second {
			t.Errorf("a check that hangs held the answer up for %s", took)
		}
		want := "clickhouse: no answer within 1.5s\npostgres: connection refused"
		if err == nil || err.Error() != want {
			t.Errorf("Ready() = %v, want %q", err, want)
		}
		h.Add("postgres", passes)
		h.Add("clickhouse", passes)
		if err := h.Ready(t.Context()); err != nil {
			t.Errorf("all pass again: %v, want ready", err)
		}
		h.Stop()
		if err := h.Ready(t.Context()); err == nil {
			t.Error("ready although stopping")
		}
		time.Sleep(2 * time.Hour) // the hanging check ends
	})
}

func TestHealthIsCheapToAsk(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var asked atomic.Int64
		h := boot.NewHealth()
		h.Add("postgres", func(context.Context) error { asked.Add(1); return nil })
		for range 100 {
			go h.Ready(t.Context())
		}
		synctest.Wait()
		if n := asked.Load(); n != 1 {
			t.Errorf("a hundred at once asked the database %d times, want once", n)
		}
		time.Sleep(time.Second)
		_ = h.Ready(t.Context())
		if n := asked.Load(); n != 2 {
			t.Errorf("a second later it was asked %d times in all, want twice", n)
		}
	})
}

func TestHealthOutlivesACallerThatHangsUp(t *testing.T) {
	h := boot.NewHealth()
	h.Add("postgres", func(ctx context.Context) error { return ctx.Err() })
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if err := h.Ready(ctx); err != nil {
		t.Errorf("Ready() = %v, want nil: the check passes", err)
	}
}

func TestInternalListener(t *testing.T) {
	health := boot.NewHealth()
	internal, err := boot.ListenInternal("127.0.0.1:0", health, boot.NewRegistry())
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan error, 1)
	go func() { done <- internal.Run(ctx) }()

	ask := func(path string, status int, contains string) {
		t.Helper()
		res, err := http.Get("http://" + internal.Addr() + path)
		if err != nil {
			t.Fatal(err)
		}
		defer res.Body.Close()
		body, err := io.ReadAll(res.Body)
		if err != nil || res.StatusCode != status || !strings.Contains(string(body), contains) {
			t.Errorf("%s: status %d, error %v, body %.80q; want %d with %q", path, res.StatusCode, err, body, status, contains)
		}
	}
	ask("/healthz", 200, "ok")
	ask("/readyz", 200, "ok")
	ask("/metrics", 200, "go_goroutines")
	ask("/debug/pprof/goroutine?debug=1", 200, "goroutine profile")
	ask("/debug/pprof/cmdline", 200, "boot.test")
	ask("/", 404, "")
	health.Add("postgres", func(context.Context) error { return errors.New("gone") })
	ask("/readyz", 503, "postgres: gone")
	ask("/healthz", 200, "ok")

	cancel()
	if err := <-done; err != nil {
		t.Errorf("Run() = %v, want nil", err)
	}
	if _, err := boot.ListenInternal("no address", health, boot.NewRegistry()); err == nil || !strings.Contains(err.Error(), "FRONTDESK_INTERNAL_LISTEN") {
		t.Errorf("error = %v, want the variable's name", err)
	}
}
