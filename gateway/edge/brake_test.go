package edge

import (
	"bufio"
	"context"
	"fmt"
	"net"
	"net/http"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/valyala/fasthttp"
)

// hammer has clients refused for a time, each anew as soon as it has heard.
func hammer(t *testing.T, b *Brake, key string, clients int, span time.Duration) (heard map[Pressure]int) {
	t.Helper()
	heard = map[Pressure]int{}
	var mu sync.Mutex
	var wg sync.WaitGroup
	began := time.Now()
	for range clients {
		wg.Go(func() {
			for time.Since(began) < span {
				p := b.Hold(t.Context(), key)
				mu.Lock()
				heard[p]++
				mu.Unlock()
				if p == Crowded {
					return // its connection is closed
				}
			}
		})
	}
	wg.Wait()
	return heard
}

// TestBrake has refused callers go on in every way: what they hear in a time is
// bounded by their number of connections, and nobody else waits.
func TestBrake(t *testing.T) {
	tests := []struct {
		name                     string
		clients                  int
		calm, flooding, crowdeds [2]int // from, to
	}{
		{"one connection", 1, [2]int{21, 21}, [2]int{180, 201}, [2]int{0, 0}},
		{"64 connections", 64, [2]int{21, 21}, [2]int{600, 704}, [2]int{0, 0}},
		{"2,000 connections", 2000, [2]int{21, 21}, [2]int{5000, 5700}, [2]int{1400, 1500}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				b := NewBrake()
				heard := hammer(t, b, "loud", tt.clients, 10*time.Second)
				for p, want := range map[Pressure][2]int{Calm: tt.calm, Flooding: tt.flooding, Crowded: tt.crowdeds} {
					if n := heard[p]; n < want[0] || n > want[1] {
						t.Errorf("%d refusals of the kind %d in ten seconds, want %v", n, p, want)
					}
				}
				if p := b.Hold(t.Context(), "another"); p != Calm {
					t.Errorf("another caller is told %d", p)
				}
				time.Sleep(4 * time.Second)
				if p := b.Hold(t.Context(), "loud"); p != Calm {
					t.Errorf("after four seconds of peace it is told %d", p)
				}
				time.Sleep(2 * time.Minute)
				b.Hold(t.Context(), "third")
				if b.waiting != 0 || len(b.callers) != 1 {
					t.Errorf("%d wait and %d callers are known after two minutes", b.waiting, len(b.callers))
				}
			})
		})
	}
}

// TestBrakeIsBounded has many callers flood at once.
func TestBrakeIsBounded(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := NewBrake()
		ctx, stop := context.WithCancel(t.Context())
		var crowded, most atomic.Int64
		var wg sync.WaitGroup
		for caller := range 10 {
			for range 600 {
				wg.Go(func() {
					for ctx.Err() == nil {
						if b.Hold(ctx, fmt.Sprint(caller)) == Crowded {
							crowded.Add(1)
							return
						}
						b.mu.Lock()
						most.Store(max(most.Load(), int64(b.waiting)))
						b.mu.Unlock()
					}
				})
			}
		}
		time.Sleep(5 * time.Second)
		if most.Load() > brakeAll || crowded.Load() < 6000-brakeAll {
			t.Errorf("%d waited at a time, %d were told to go, want %d and the rest", most.Load(), crowded.Load(), brakeAll)
		}
		began := time.Now()
		stop() // the server ends: nobody waits on
		wg.Wait()
		if took := time.Since(began); took > 0 {
			t.Errorf("they waited for %v after the end", took)
		}
	})
}

// TestShed sends a request whose body never comes, to a server that refuses it.
func TestShed(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name     string
		pressure Pressure
		body     string
		closed   bool
	}{
		{"now and then", Calm, "Content-Length: 2\r\n\r\n{}", false},
		{"a small body", Flooding, "Content-Length: 2\r\n\r\n{}", false},
		{"no body", Flooding, "\r\n", false},
		{"a large body", Flooding, "Content-Length: 60000\r\n\r\n" + strings.Repeat("a", readAhead), true},
		{"chunks", Flooding, "Transfer-Encoding: chunked\r\n\r\n2\r\n{}\r\n", true},
		{"too many connections", Crowded, "Content-Length: 2\r\n\r\n{}", true},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			cfg := DefaultConfig()
			cfg.DrainDelay, cfg.DrainTimeout = 0, time.Second
			s, err := New(cfg, Options{Routes: []Route{{Method: "POST", Path: "/", Handler: func(_ context.Context, req *fasthttp.RequestCtx) error {
				tt.pressure.Shed(req)
				return &Fault{Status: http.StatusTooManyRequests, Code: "rate_limited", Refused: true}
			}}}})
			if err != nil {
				t.Fatal(err)
			}
			ln, err := net.Listen("tcp", "127.0.0.1:0")
			if err != nil {
				t.Fatal(err)
			}
			ctx, stop := context.WithCancel(context.Background())
			var running sync.WaitGroup
			running.Go(func() { _ = s.Serve(ctx, ln) })
			t.Cleanup(func() { stop(); running.Wait() })
			conn, err := net.Dial("tcp", ln.Addr().String())
			if err != nil {
				t.Fatal(err)
			}
			t.Cleanup(func() { _ = conn.Close() })
			_ = conn.SetDeadline(time.Now().Add(5 * time.Second)) // before the server's own patience is over
			if _, err := fmt.Fprintf(conn, "POST / HTTP/1.1\r\nHost: h\r\n%s", tt.body); err != nil {
				t.Fatal(err)
			}
			resp, err := http.ReadResponse(bufio.NewReader(conn), nil)
			if err != nil {
				t.Fatal(err)
			}
			if resp.StatusCode != http.StatusTooManyRequests || resp.Close != tt.closed {
				t.Errorf("answered %d, closed: %t, want 429, %t", resp.StatusCode, resp.Close, tt.closed)
			}
		})
	}
}
