// Package edgetest serves routes over a real listener in tests.
package edgetest

import (
	"context"
	"log/slog"
	"net"
	"sync"
	"testing"

	"frontdesk/gateway/edge"
)

// Config is [edge.DefaultConfig] for a server that stops at once.
func Config() edge.Config {
	cfg := edge.DefaultConfig()
	cfg.DrainDelay = 0
	return cfg
}

// Serve serves opt on loopback until the test ends, where a stop that went wrong
// fails it, and returns the address, "127.0.0.1:80". stop ends it sooner, waits
// for it and returns its error, each time the same. Without opt.Log nothing is
// logged.
func Serve(t testing.TB, cfg edge.Config, opt edge.Options) (addr string, stop func() error) {
	t.Helper()
	if opt.Log == nil {
		opt.Log = slog.New(slog.DiscardHandler)
	}
	s, err := edge.New(cfg, opt)
	if err != nil {
		t.Fatalf("edge.New(): %v", err)
	}
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan error, 1)
	go func() { done <- s.Serve(ctx, ln) }()
	stop = sync.OnceValue(func() error { cancel(); return <-done })
	t.Cleanup(func() {
		if err := stop(); err != nil {
			t.Errorf("Serve() = %v", err)
		}
	})
	return ln.Addr().String(), stop
}
