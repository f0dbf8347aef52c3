package webhook_test

import (
	"fmt"
	"net/http"
	"sync/atomic"
	"testing"
	"time"

	"frontdesk/gateway/webhook"
	"frontdesk/ingest"
)

func many(t testing.TB, of ingest.TenantID, from, n int) []ingest.Event {
	t.Helper()
	var out []ingest.Event
	for i := range n {
		out = append(out, opened(t, of, fmt.Sprint(from+i)))
	}
	return out
}

// TestHangingEndpointsHoldUpNobody has endpoints that never answer beside one
// that does.
func TestHangingEndpointsHoldUpNobody(t *testing.T) {
	for _, tt := range []struct {
		name     string
		slow     time.Duration
		reached  bool
		patience time.Duration
	}{
		{"isolated", 50 * time.Millisecond, true, 5 * time.Second},
		{"with the isolation off it waits", time.Hour, false, 700 * time.Millisecond},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			hang := listen(t, func(_ int, _ http.ResponseWriter, r *http.Request) { <-r.Context().Done() })
			good := listen(t, nil)
			for i := range 4 {
				w.endpoint(t, "acme", fmt.Sprintf("%s/%d", hang.URL, i), func(s *webhook.Spec) { s.Timeout = 4 * time.Second })
			}
			w.endpoint(t, "globex", good.URL, nil)
			w.run(t, func(c *webhook.Config) { c.MaxInFlight, c.SlowAfter = 8, tt.slow })
			w.take(t, many(t, "acme", 0, 20)...)
			hang.await(t, 8) // they have all the places
			w.take(t, many(t, "globex", 0, 5)...)
			reached := make(chan struct{})
			go func() {
				defer close(reached)
				for len(good.all()) < 5 {
					<-good.news
				}
			}()
			select {
			case <-reached:
				if !tt.reached {
					t.Error("it was reached although all places were taken: the test proves nothing")
				}
			case <-time.After(tt.patience):
				if tt.reached {
					t.Errorf("%d of 5 requests came within %v", len(good.all()), tt.patience)
				}
				good.news <- struct{}{}
			}
		})
	}
}

// TestAFloodDelaysNobody is X28: one tenant has thousands of events waiting
// when another gets one.
func TestAFloodDelaysNobody(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	slowly := listen(t, func(_ int, _ http.ResponseWriter, r *http.Request) {
		select {
		case <-time.After(20 * time.Millisecond):
		case <-r.Context().Done():
		}
	})
	quick := listen(t, nil)
	w.endpoint(t, "acme", slowly.URL, nil)
	w.endpoint(t, "globex", quick.URL, nil)
	w.take(t, many(t, "acme", 0, 3000)...)
	w.run(t, nil)
	slowly.await(t, 20)
	began := time.Now()
	w.take(t, opened(t, "globex", "1"))
	quick.await(t, 1)
	if took := time.Since(began); took > 2*time.Second || len(slowly.all()) > 2000 {
		t.Errorf("behind the flood it took %v, %d of the flood came before", took, len(slowly.all()))
	}
}

func TestPlacesOfAnEndpoint(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	var now, most atomic.Int64
	release := make(chan struct{})
	dev := listen(t, func(int, http.ResponseWriter, *http.Request) {
		n := now.Add(1)
		for old := most.Load(); n > old && !most.CompareAndSwap(old, n); old = most.Load() {
		}
		<-release
		now.Add(-1)
	})
	e, _ := w.endpoint(t, "acme", dev.URL, func(s *webhook.Spec) { s.Concurrency = 3 })
	w.take(t, many(t, "acme", 0, 12)...)
	w.run(t, nil)
	dev.await(t, 3)
	w.settled(t, "acme", e.ID, is(webhook.Pending)) // a look at the table, so that the sender has had time for more
	close(release)
	dev.await(t, 12)
	if most.Load() != 3 {
		t.Errorf("%d requests at a time, want 3", most.Load())
	}
}

// TestRateOfAnEndpoint has three senders, as of three processes, share a rate.
func TestRateOfAnEndpoint(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	dev := listen(t, nil)
	w.endpoint(t, "acme", dev.URL, func(s *webhook.Spec) { s.Rate = 10 })
	w.take(t, many(t, "acme", 0, 30)...)
	began := time.Now()
	for range 3 {
		w.run(t, nil)
	}
	got := dev.await(t, 30)
	for i, r := range got {
		if after := r.at.Sub(began); i >= 10 && after < time.Duration(i-10)*100*time.Millisecond-50*time.Millisecond {
			t.Fatalf("request %d came after %v: more than 10 a second", i+1, after)
		}
	}
	if took := time.Since(began); took > 10*time.Second {
		t.Errorf("30 requests at 10 a second took %v", took)
	}
}

// TestTheCircuitBreaker has an endpoint fail ten times in a row: the rest is
// kept from it until it is tried again, with one.
func TestTheCircuitBreaker(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	var well atomic.Bool
	dev := listen(t, func(_ int, rw http.ResponseWriter, _ *http.Request) {
		if !well.Load() {
			rw.WriteHeader(500)
		}
	})
	e, _ := w.endpoint(t, "acme", dev.URL, func(s *webhook.Spec) { s.Concurrency, s.Schedule = 1, []time.Duration{time.Hour, time.Hour} })
	w.run(t, nil)
	w.take(t, many(t, "acme", 0, 30)...)
	dev.await(t, 10)
	open := w.health(t, e.ID, func(h webhook.Endpoint) bool { return h.Failures == 10 })
	if open.FailingSince.IsZero() {
		t.Error("since when it fails is not known")
	}
	if n := len(dev.all()); n != 10 {
		t.Fatalf("%d requests, want 10 before the circuit opens", n)
	}
	w.change(t, `UPDATE webhook_endpoints SET open_until = now()`)
	dev.await(t, 11) // the probe, which fails
	w.health(t, e.ID, func(h webhook.Endpoint) bool { return h.Failures == 11 })
	well.Store(true)
	w.change(t, `UPDATE webhook_endpoints SET open_until = now()`)
	dev.await(t, 11+19) // the next probe succeeds, and all others follow
	h := w.health(t, e.ID, func(h webhook.Endpoint) bool { return h.Failures == 0 })
	if !h.FailingSince.IsZero() || !h.Enabled {
		t.Errorf("after a success: %+v", h)
	}
}

// health waits until ok is true of an endpoint.
func (w *world) health(t testing.TB, id string, ok func(webhook.Endpoint) bool) webhook.Endpoint {
	t.Helper()
	tick := time.NewTicker(10 * time.Millisecond)
	defer tick.Stop()
	for deadline := time.Now().Add(20 * time.Second); ; {
		e, err := w.store.Endpoint(t.Context(), "acme", id)
		if err != nil {
			t.Fatal(err)
		}
		if ok(e) {
			return e
		}
		if time.Now().After(deadline) {
			t.Fatalf("endpoint = %+v", e)
		}
		<-tick.C
	}
}
