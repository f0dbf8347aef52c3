package api

import (
	"context"
	"fmt"
	"io"
	"log/slog"
	"net"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/valyala/fasthttp"

	"frontdesk/agent"
	"frontdesk/agent/booking"
	"frontdesk/deploy/schema/schematest"
	"frontdesk/gateway/edge"
	"frontdesk/gateway/limit"
	"frontdesk/gateway/operation"
	"frontdesk/gateway/tenant"
	"frontdesk/kb"
)

// flooded is how long each phase of the benchmark lasts.
const flooded = 4 * time.Second

// BenchmarkFlood has one business send a hundred times its plan, 5,000 requests a
// second, while another reads at its own pace, and reports the
// other's 99th percentile before, during, and the ratio of the two. Both clients
// run in this process, too.
func BenchmarkFlood(b *testing.B) {
	for _, path := range []string{"/v1/me", "/v1/services"} { // from memory, and from the database
		b.Run(path, func(b *testing.B) {
			addr, keys := town(b)
			flood(b, asker(addr, keys[0], path), asker(addr, keys[1], path))
		})
	}
}

func flood(b *testing.B, loud, quiet func() int) {
	calm := func(until time.Time) time.Duration {
		var mu sync.Mutex
		var took []time.Duration
		pace(45, 8, until, func() {
			began := time.Now()
			if status := quiet(); status != 200 {
				b.Errorf("the other business got %d", status)
			}
			mu.Lock()
			defer mu.Unlock()
			took = append(took, time.Since(began))
		})
		slices.Sort(took)
		return took[len(took)*99/100]
	}
	for b.Loop() {
		calm(time.Now().Add(flooded / 4)) // warm
		before := calm(time.Now().Add(flooded))
		for loud() == 200 { // what the plan allows at once
		}
		var passed, refused atomic.Int64
		var storm sync.WaitGroup
		storm.Go(func() {
			pace(5000, 64, time.Now().Add(flooded), func() {
				if loud() == 429 {
					refused.Add(1)
				} else {
					passed.Add(1)
				}
			})
		})
		during := calm(time.Now().Add(flooded))
		storm.Wait()
		b.ReportMetric(float64(before.Microseconds()), "before-p99-µs")
		b.ReportMetric(float64(during.Microseconds()), "during-p99-µs")
		b.ReportMetric(float64(during)/float64(before), "ratio")
		b.ReportMetric(float64(refused.Load())/flooded.Seconds(), "refused/s")
		if refused.Load() < passed.Load() {
			b.Errorf("%d passed and %d were refused: that is no flood", passed.Load(), refused.Load())
		}
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

// pace has workers do something at a rate a second, together, until a time.
func pace(rate, workers int, until time.Time, do func()) {
	var wg sync.WaitGroup
	var next atomic.Int64
	began := time.Now()
	for range workers {
		wg.Go(func() {
			for {
				at := began.Add(time.Duration(next.Add(1)) * time.Second / time.Duration(rate))
				if at.After(until) {
					return
				}
				time.Sleep(time.Until(at)) // the requests' own pace
				do()
			}
		})
	}
	wg.Wait()
}

// town serves the services of two businesses on 3,000 requests a minute each.
func town(b *testing.B) (addr string, keys []string) {
	db, vault := schematest.Postgres(b), benchVault(b)
	store := tenant.NewStore(db, vault)
	directory := tenant.NewDirectory(store, nil)
	articles := kb.NewStore(db, kb.Config{})
	b.Cleanup(articles.Close)
	applier := tenant.NewApplier(store, directory, agent.NewStore(db), articles)
	for _, slug := range []string{"loud", "calm"} {
		file, err := tenant.Parse(fmt.Appendf(nil, `{"business": {"slug": %q, "name": "A", "plan": "enterprise"}, "services": [{"name": "Cleaning", "duration": "30m"}],
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
		Routes:  NewServer(directory, limits, nil, vault).Mount(Native(), Routes(operation.New(operation.Parts{Bookings: booking.NewStore(db, booking.Config{})}))),
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
