package edge_test

import (
	"context"
	"errors"
	"log/slog"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/valyala/fasthttp"

	"frontdesk/gateway/edge"
)

// claimFor is how long a claim is good, as the store has it.
const claimFor = 10 * time.Second

// leased is a store of one claim, whose end it keeps as Postgres does.
type leased struct {
	until  atomic.Pointer[time.Time]
	away   atomic.Bool // Renew gets no answer
	taken  atomic.Bool // another has the claim
	renews atomic.Int64
}

func (l *leased) extend() { end := time.Now().Add(claimFor); l.until.Store(&end) }

func (l *leased) Begin(_ context.Context, _ edge.Scope, _ []byte, owner string) (edge.Standing, error) {
	l.extend()
	return edge.Standing{Claim: edge.Ours, Effect: owner}, nil
}

func (l *leased) Renew(ctx context.Context, _ edge.Scope, _ string) (bool, error) {
	l.renews.Add(1)
	if l.away.Load() {
		<-ctx.Done()
		return false, ctx.Err()
	}
	if l.taken.Load() {
		return false, nil
	}
	l.extend()
	return true, nil
}

func (l *leased) Finish(context.Context, edge.Scope, string, edge.Answer) error { return nil }
func (l *leased) Abandon(context.Context, edge.Scope, string) error             { return nil }
func (l *leased) Release(context.Context, edge.Scope, string) error             { return nil }

// TestASlowRequestKeepsItsClaim has requests of one to sixty seconds, while the
// store answers, is away, or has given the claim to another: nobody else may run
// while one does.
func TestASlowRequestKeepsItsClaim(t *testing.T) {
	tests := []struct {
		name  string
		takes time.Duration
		fails func(*leased) // after five seconds
		ends  time.Duration // at most
		whole bool          // it runs to its end
	}{
		{"quick", time.Second, nil, time.Second, true},
		{"a minute long", time.Minute, nil, time.Minute, true},
		{"the store goes away", time.Minute, func(l *leased) { l.away.Store(true) }, 13 * time.Second, false},
		{"the store goes away as it ends", 8 * time.Second, func(l *leased) { l.away.Store(true) }, 8 * time.Second, true},
		{"another took over", time.Minute, func(l *leased) { l.taken.Store(true) }, 6 * time.Second, false},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				store := &leased{}
				if tt.fails != nil {
					time.AfterFunc(5*time.Second, func() { tt.fails(store) })
				}
				req := &fasthttp.RequestCtx{}
				req.Init(&fasthttp.Request{}, nil, nil)
				began := time.Now()
				idem := edge.NewIdempotency(store, nil, slog.New(slog.DiscardHandler))
				err := idem.Do(t.Context(), req, edge.Scope{Tenant: "acme", Key: "k"}, edge.NativeFault, func(ctx context.Context) error {
					select {
					case <-ctx.Done():
						return ctx.Err()
					case <-time.After(tt.takes):
						return nil
					}
				})
				if errors.Is(err, context.Canceled) == tt.whole || time.Since(began) > tt.ends {
					t.Errorf("it ended after %v with %v", time.Since(began), err)
				}
				if end := *store.until.Load(); !store.taken.Load() && !time.Now().Before(end) {
					t.Errorf("it ended %v after its claim", time.Since(end))
				}
				synctest.Wait()
				done := store.renews.Load()
				time.Sleep(time.Minute)
				if store.renews.Load() != done || done > int64(tt.takes/(3*time.Second)) {
					t.Errorf("%d renewals, and %d after it had ended", done, store.renews.Load()-done)
				}
			})
		})
	}
}
