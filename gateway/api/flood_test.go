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
// second, while another reads its services at its own pace, and reports the
// other's 99th percentile before, during, and the ratio of the two. Both clients
// run in this process, too.
func BenchmarkFlood(b *testing.B) {
	addr, keys := town(b)
	client := &fasthttp.Client{MaxConnsPerHost: 512, ReadTimeout: 10 * time.Second}
	ask := func(key string) int {
		req, resp := fasthttp.AcquireRequest(), fasthttp.AcquireResponse()
		defer fasthttp.ReleaseRequest(req)
		defer fasthttp.ReleaseResponse(resp)
		req.SetRequestURI("http://" + addr + "/v1/services")
		req.Header.Set("Authorization", "Bearer "+key)
		if err := client.Do(req, resp); err != nil {
			return 0
		}
		return resp.StatusCode()
	}
	pace := func(rate int, until time.Time, do func()) *sync.WaitGroup {
		var wg sync.WaitGroup
		wg.Go(func() {
			began := time.Now()
			for n := 0; time.Now().Before(until); n++ {
				if wait := time.Until(began.Add(time.Duration(n) * time.Second / time.Duration(rate))); wait > 0 {
					time.Sleep(wait) // the requests' own pace
				}
				wg.Go(do)
			}
		})
		return &wg
	}
	calm := func(until time.Time) time.Duration {
		var mu sync.Mutex
		var took []time.Duration
		pace(45, until, func() {
			began := time.Now()
			if status := ask(keys[1]); status != 200 {
				b.Errorf("the other business got %d", status)
			}
			mu.Lock()
			defer mu.Unlock()
			took = append(took, time.Since(began))
		}).Wait()
		slices.Sort(took)
		return took[len(took)*99/100]
	}
	for b.Loop() {
		calm(time.Now().Add(flooded / 4)) // warm
		before := calm(time.Now().Add(flooded))
		var passed, refused atomic.Int64
		flood := pace(5000, time.Now().Add(flooded), func() {
			switch ask(keys[0]) {
			case 200:
				passed.Add(1)
			case 429:
				refused.Add(1)
			}
		})
		during := calm(time.Now().Add(flooded))
		flood.Wait()
		b.ReportMetric(float64(before.Microseconds()), "before-p99-µs")
		b.ReportMetric(float64(during.Microseconds()), "during-p99-µs")
		b.ReportMetric(float64(during)/float64(before), "ratio")
		b.ReportMetric(float64(refused.Load())/flooded.Seconds(), "refused/s")
		if refused.Load() < passed.Load() {
			b.Errorf("%d passed and %d were refused: that is no flood", passed.Load(), refused.Load())
		}
	}
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
