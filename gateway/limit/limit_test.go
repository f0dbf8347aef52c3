package limit_test

import (
	"context"
	"errors"
	"fmt"
	"math"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"frontdesk/deploy/schema/schematest"
	"frontdesk/gateway/edge"
	"frontdesk/gateway/limit"
	"frontdesk/ingest/tenantdb"
)

// line is a gateway's way to Postgres, which a test can cut or slow down.
type line struct {
	*limit.Store
	cut    atomic.Bool
	hangs  atomic.Bool
	delay  atomic.Int64
	leased atomic.Int64 // granted
}

var errCut = errors.New("the line is cut")

func (l *line) Lease(ctx context.Context, asks []limit.Ask) ([]limit.Grant, error) {
	if l.cut.Load() {
		return nil, errCut
	}
	if l.hangs.Load() {
		<-ctx.Done()
		return nil, ctx.Err()
	}
	if d := time.Duration(l.delay.Load()); d > 0 {
		select {
		case <-time.After(d):
		case <-ctx.Done():
			return nil, ctx.Err()
		}
	}
	grants, err := l.Store.Lease(ctx, asks)
	for _, g := range grants {
		l.leased.Add(int64(g.Granted))
	}
	return grants, err
}

func (l *line) Beat(ctx context.Context, node string) (int, error) {
	if l.cut.Load() || l.hangs.Load() {
		return 0, errCut
	}
	return l.Store.Beat(ctx, node)
}

// gateway is a limiter that runs. stop ends it as a process ends.
type gateway struct {
	*limit.Limiter
	line *line
	stop func()
}

func start(t testing.TB, db *tenantdb.DB, cfg limit.Config) *gateway {
	t.Helper()
	g := &gateway{line: &line{Store: limit.NewStore(db)}}
	g.Limiter = limit.New(g.line, cfg)
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan struct{})
	go func() { _ = g.Run(ctx); close(done) }()
	var once sync.Once
	g.stop = func() { once.Do(func() { cancel(); <-done }) }
	t.Cleanup(g.stop)
	return g
}

func fleet(t testing.TB, n int) []*gateway {
	t.Helper()
	db, cfg := schematest.Postgres(t), limit.DefaultConfig()
	cfg.Wait, cfg.Timeout = 5*time.Second, 10*time.Second // this machine may be busy; one test is of the wait
	out := make([]*gateway, n)
	for i := range out {
		out[i] = start(t, db, cfg)
	}
	return out
}

// ideal is what one bucket allows in took when it is asked all the time.
func ideal(rate edge.Rate, took time.Duration) float64 {
	return float64(rate.Count) * (1 + float64(took)/float64(rate.Per))
}

// TestThreeGatewaysAreOne has three gateways flooded with one key, unevenly. One
// dies with its lease in the middle, and one stops.
func TestThreeGatewaysAreOne(t *testing.T) {
	t.Parallel()
	for _, rate := range []edge.Rate{{Count: 2000, Per: 10 * time.Second}, {Count: 300, Per: 10 * time.Second}, {Count: 20, Per: 2 * time.Second}} {
		t.Run(fmt.Sprint(rate.Count), func(t *testing.T) {
			nodes := fleet(t, 3)
			var allowed, refused atomic.Int64
			if nodes[0].Take("requests|key_1", rate).Allowed { // from here on the bucket is not full
				allowed.Add(1)
			}
			began := time.Now()
			var wg sync.WaitGroup
			for i, lives := range []time.Duration{3 * time.Second, 2 * time.Second, 1500 * time.Millisecond} {
				var clients sync.WaitGroup
				for range []int{12, 3, 1}[i] { // the load is uneven
					clients.Go(func() {
						for time.Since(began) < lives {
							if nodes[i].Take("requests|key_1", rate).Allowed {
								allowed.Add(1)
							} else {
								refused.Add(1)
							}
							time.Sleep(500 * time.Microsecond) // a client's own work
						}
					})
				}
				wg.Go(func() {
					clients.Wait()
					switch i {
					case 1:
						nodes[i].stop()
					case 2:
						nodes[i].line.cut.Store(true) // it dies: nothing of it is heard again
					}
				})
			}
			wg.Wait()
			last := nodes[0].Take("requests|key_1", rate)
			for ; last.Allowed && float64(allowed.Load()) < 2*ideal(rate, time.Since(began)); last = nodes[0].Take("requests|key_1", rate) {
				allowed.Add(1)
			}
			want, got := ideal(rate, time.Since(began)), float64(allowed.Load())
			slack := math.Max(want/100, 1.5) // the lease of the one that died, and what is not a whole one yet
			t.Logf("allowed %.0f of %.1f (%+.2f %%), refused %d, trips %d", got, want, 100*(got-want)/want, refused.Load(), nodes[0].Trips()+nodes[1].Trips()+nodes[2].Trips())
			if got > want+slack || got < want-slack-1 {
				t.Errorf("allowed %.0f, want %.1f within 1 %%", got, want)
			}
			if refused.Load() == 0 {
				t.Error("nothing was refused: there was no flood")
			}
		})
	}
}

// TestAllOrNone asks for many at once, with and without what is in hand.
func TestAllOrNone(t *testing.T) {
	t.Parallel()
	node := fleet(t, 1)[0]
	rate := edge.Rate{Count: 60, Per: time.Hour}
	if v := node.TakeN("k", rate, 61); v.Allowed || v.RetryIn != 0 || v.Limit != 60 {
		t.Errorf("61 of 60 = %+v, want it refused for good", v)
	}
	if v := node.TakeN("k", rate, 40); !v.Allowed {
		t.Errorf("40 of 60 = %+v", v)
	}
	for range 2 {
		if v := node.TakeN("k", rate, 40); v.Allowed || v.RetryIn < 15*time.Minute || v.RetryIn > 21*time.Minute {
			t.Errorf("40 of 20 = %+v, want it refused for 20 minutes", v)
		}
	}
	if v := node.TakeN("k", rate, 20); !v.Allowed {
		t.Errorf("20 of 20 = %+v: what was refused took some", v)
	}
	if v := node.Take("k", rate); v.Allowed {
		t.Errorf("one more = %+v", v)
	}
}

// TestABurstIsAllowedWhereverItComes has the whole of a small window come at
// once at one gateway, after another has been asked.
func TestABurstIsAllowedWhereverItComes(t *testing.T) {
	t.Parallel()
	nodes := fleet(t, 2)
	rate := edge.Rate{Count: 60, Per: time.Hour}
	if v := nodes[0].Take("k", rate); !v.Allowed || v.Limit != 60 || v.Remaining < 58 || v.Remaining > 59 {
		t.Fatalf("the first = %+v", v)
	}
	nodes[0].stop() // its lease comes back
	var allowed atomic.Int64
	var wg sync.WaitGroup
	for range 100 {
		wg.Go(func() {
			if v := nodes[1].Take("k", rate); v.Allowed {
				allowed.Add(1)
			} else if v.Remaining != 0 || v.RetryIn <= 0 || v.RetryIn > time.Minute || v.Reset.Before(time.Now()) {
				t.Errorf("refused with %+v", v)
			}
		})
	}
	wg.Wait()
	if allowed.Load() != 59 {
		t.Errorf("%d of a hundred at once were allowed, want the 59 that were left", allowed.Load())
	}
	if v := nodes[1].Take("other", rate); !v.Allowed {
		t.Errorf("another key = %+v", v)
	}
	if v := nodes[1].Take("k", edge.Rate{}); !v.Allowed || v.Limit != 0 {
		t.Errorf("without a limit = %+v", v)
	}
}

// TestIdleLeasesComeBack has one gateway hold a lease that it does not use.
func TestIdleLeasesComeBack(t *testing.T) {
	t.Parallel()
	nodes := fleet(t, 2)
	rate := edge.Rate{Count: 512, Per: 24 * time.Hour}
	took := 0
	for range 10 {
		if nodes[0].Take("k", rate).Allowed {
			took++
		}
	}
	deadline := time.Now().Add(10 * time.Second)
	for took < rate.Count && time.Now().Before(deadline) {
		if nodes[1].Take("k", rate).Allowed {
			took++
		}
	}
	if took != rate.Count {
		t.Errorf("%d were allowed, want all %d: the first gateway keeps what it does not use", took, rate.Count)
	}
}

// TestAWarmKeyDoesNotWait has Postgres take 100 ms for each answer, and looks at
// the slowest of all requests but the first.
func TestAWarmKeyDoesNotWait(t *testing.T) {
	t.Parallel()
	node := fleet(t, 1)[0]
	rate := edge.Rate{Count: 512_000, Per: time.Minute}
	node.Take("k", rate)
	node.line.delay.Store(int64(100 * time.Millisecond))
	var slowest time.Duration
	for range 5000 { // more than two leases
		began := time.Now()
		if !node.Take("k", rate).Allowed {
			t.Fatal("refused")
		}
		slowest = max(slowest, time.Since(began))
		for time.Since(began) < 100*time.Microsecond { // 10,000 a second: a lease lasts 200 ms
		}
	}
	if slowest > 90*time.Millisecond {
		t.Errorf("a request took %v: it waited for Postgres", slowest)
	}
	if trips := node.Trips(); trips < 3 || trips > 40 {
		t.Errorf("%d trips for 5,000 requests", trips)
	}
}

// TestEachHasItsShareWithoutPostgres cuts all lines: together the gateways allow
// the limit and no more, and what they allowed is taken from the bucket later.
func TestEachHasItsShareWithoutPostgres(t *testing.T) {
	t.Parallel()
	nodes := fleet(t, 3)
	rate := edge.Rate{Count: 300, Per: time.Hour}
	knows := func() bool { // that there are three
		for _, n := range nodes {
			if n.Nodes() != 3 {
				return false
			}
		}
		return true
	}
	eventually(t, "the gateways know of each other", knows)
	for _, n := range nodes {
		n.line.cut.Store(true)
	}
	for i, n := range nodes {
		allowed := 0
		for n.Take("k", rate).Allowed {
			allowed++
		}
		if allowed < 99 || allowed > 101 {
			t.Errorf("gateway %d allowed %d, want its third of 300", i, allowed)
		}
	}
	for _, n := range nodes {
		n.line.cut.Store(false)
	}
	eventually(t, "what was spent is told", func() bool {
		grants, err := nodes[0].line.Store.Lease(t.Context(), []limit.Ask{{Bucket: "k", Rate: rate}})
		return err == nil && grants[0].FullIn > 59*time.Minute
	})
	eventually(t, "limits are shared again", func() bool { return nodes[0].Take("fresh", rate).Remaining > 200 })
	eventually(t, "the bucket is known to be empty", func() bool { return !nodes[0].Take("k", rate).Allowed })
}

func eventually(t *testing.T, what string, is func() bool) {
	t.Helper()
	for deadline := time.Now().Add(10 * time.Second); !is(); {
		if time.Now().After(deadline) {
			t.Fatalf("not within ten seconds: %s", what)
		}
		time.Sleep(10 * time.Millisecond) // it comes by a poll: there is no signal to wait on
	}
}

// TestAHangingPostgresIsNotWaitedFor bounds what a request waits.
func TestAHangingPostgresIsNotWaitedFor(t *testing.T) {
	t.Parallel()
	cfg := limit.DefaultConfig()
	node := start(t, schematest.Postgres(t), cfg)
	node.line.hangs.Store(true)
	rate := edge.Rate{Count: 100, Per: time.Hour}
	began := time.Now()
	var allowed atomic.Int64
	var wg sync.WaitGroup
	for range 200 {
		wg.Go(func() {
			if node.Take("k", rate).Allowed {
				allowed.Add(1)
			}
		})
	}
	wg.Wait()
	if took := time.Since(began); took > cfg.Timeout {
		t.Errorf("200 requests at once took %v, want them to wait %v at most", took, cfg.Wait)
	}
	if allowed.Load() != 100 {
		t.Errorf("%d were allowed, want the whole limit of the one gateway there is", allowed.Load())
	}
	began = time.Now()
	node.Take("another", rate)
	if took := time.Since(began); took > cfg.Wait {
		t.Errorf("the next took %v: nobody waits once it is known", took)
	}
}

// TestAPlanMayChange gives a key more and then less.
func TestAPlanMayChange(t *testing.T) {
	t.Parallel()
	node := fleet(t, 1)[0]
	small, large := edge.Rate{Count: 10, Per: time.Hour}, edge.Rate{Count: 100, Per: time.Hour}
	count := func(rate edge.Rate) (n int) {
		for node.Take("k", rate).Allowed {
			n++
		}
		return n
	}
	if n := count(small); n != 10 {
		t.Errorf("small: %d", n)
	}
	if v := node.Take("k", large); v.Limit != 100 {
		t.Errorf("with the larger plan = %+v", v)
	}
	if v := node.Take("k", small); v.Limit != 10 || v.Allowed {
		t.Errorf("with the smaller again = %+v", v)
	}
}

func TestPrune(t *testing.T) {
	t.Parallel()
	node := fleet(t, 1)[0]
	node.Take("k", edge.Rate{Count: 10, Per: time.Hour})
	if err := node.line.Prune(t.Context()); err != nil {
		t.Fatal(err)
	}
	grants, err := node.line.Store.Lease(t.Context(), []limit.Ask{{Bucket: "k", Rate: edge.Rate{Count: 10, Per: time.Hour}}})
	if err != nil || grants[0].FullIn == 0 {
		t.Errorf("%v, %v: a bucket in use was pruned", grants, err)
	}
}

func TestConfigIsChecked(t *testing.T) {
	if err := limit.DefaultConfig().Validate(); err != nil {
		t.Errorf("the default: %v", err)
	}
	if err := (limit.Config{}).Validate(); err == nil {
		t.Error("nothing set, and no error")
	}
}

// BenchmarkTake is the limit of a request with a warm key.
func BenchmarkTake(b *testing.B) {
	node := fleet(b, 1)[0]
	rate := edge.Rate{Count: 600_000_000, Per: time.Minute}
	node.Take("requests|key_1", rate)
	b.ReportAllocs()
	b.RunParallel(func(pb *testing.PB) {
		for pb.Next() {
			node.Take("requests|key_1", rate)
		}
	})
}
