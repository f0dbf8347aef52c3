package api

import (
	"context"
	"fmt"
	"io"
	"log/slog"
	"net"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/valyala/fasthttp"

	"frontdesk/agent"
	"frontdesk/deploy/schema/schematest"
	"frontdesk/gateway/edge"
	"frontdesk/gateway/limit"
	"frontdesk/gateway/operation"
	"frontdesk/gateway/tenant"
	"frontdesk/kb"
)

// TestAFloodIsHeldUp has one key go on after its limit on sixteen connections for
// two seconds: it hears of few refusals, and another key is answered at once all
// the while. What a flood costs the others is measured by bench flood.
func TestAFloodIsHeldUp(t *testing.T) {
	t.Parallel()
	const clients, span = 16, 2 * time.Second
	addr, keys := town(t)
	loud := asker(addr, keys[0], "/v1/me")
	for loud() == 200 { // what the plan allows at once
	}
	var refused, allowed atomic.Int64
	var storm sync.WaitGroup
	began := time.Now()
	for range clients {
		storm.Go(func() {
			for time.Since(began) < span {
				switch status := loud(); status {
				case 429:
					refused.Add(1)
				case 200:
					allowed.Add(1)
				default:
					t.Errorf("the flood is answered %d", status)
				}
			}
		})
	}
	calm := asker(addr, keys[1], "/v1/me")
	for range 40 {
		if status := calm(); status != 200 {
			t.Errorf("the other key is answered %d", status)
		}
	}
	storm.Wait()
	if n := refused.Load(); n < clients || n > 20+3*clients+int64(span/(50*time.Millisecond)) {
		t.Errorf("%d refusals in %v for %d clients, %d allowed; want each to hear of about one a second", n, span, clients, allowed.Load())
	}
}

// asker returns who reads a path with a key, on connections of their own.
func asker(addr, key, path string) func() int {
	client := &fasthttp.Client{MaxConnsPerHost: 128, ReadTimeout: 10 * time.Second}
	return func() int {
		req, resp := fasthttp.AcquireRequest(), fasthttp.AcquireResponse()
		defer fasthttp.ReleaseRequest(req)
		defer fasthttp.ReleaseResponse(resp)
		req.SetRequestURI("http://" + addr + path)
		req.Header.Set("Authorization", "Bearer "+key)
		if err := client.Do(req, resp); err != nil {
			return 0
		}
		return resp.StatusCode()
	}
}

// town serves two businesses on 60 requests a minute each.
func town(b testing.TB) (addr string, keys []string) {
	db, vault := schematest.Postgres(b), benchVault(b)
	store := tenant.NewStore(db, vault)
	directory := tenant.NewDirectory(store, nil)
	articles := kb.NewStore(db, kb.Config{})
	b.Cleanup(articles.Close)
	applier := tenant.NewApplier(store, directory, agent.NewStore(db), articles)
	for _, slug := range []string{"loud", "calm"} {
		file, err := tenant.Parse(fmt.Appendf(nil, `{"business": {"slug": %q, "name": "A", "plan": "starter"},
			"keys": [{"name": "all", "scopes": ["*"]}]}`, slug))
		if err != nil {
			b.Fatal(err)
		}
		done, err := applier.Apply(b.Context(), file, tenant.ApplyOptions{})
		if err != nil {
			b.Fatal(err)
		}
		keys = append(keys, done.Keys[0].Key)
	}
	limits := limit.New(limit.NewStore(db), limit.DefaultConfig())
	cfg := edge.DefaultConfig()
	cfg.DrainDelay = 0
	server, err := edge.New(cfg, edge.Options{
		Routes:  NewServer(directory, limits, nil, vault).Mount(Native(), Routes(operation.New(operation.Parts{}))),
		Explain: Explain, Log: slog.New(slog.NewJSONHandler(io.Discard, nil)),
	})
	if err != nil {
		b.Fatal(err)
	}
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		b.Fatal(err)
	}
	ctx, stop := context.WithCancel(context.Background())
	var running sync.WaitGroup
	running.Go(func() { _ = limits.Run(ctx) })
	running.Go(func() { _ = server.Serve(ctx, ln) })
	b.Cleanup(func() { stop(); running.Wait() })
	return ln.Addr().String(), keys
}
