package tenantdb

import (
	"context"
	"fmt"
	"math/rand/v2"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"frontdesk/ingest"
)

// TestTurnsAreShared has some tenants work in many places at once for ten
// milliseconds each, and one more in one place, and looks how long that waits.
func TestTurnsAreShared(t *testing.T) {
	tests := []struct {
		name   string
		heavy  int // tenants, in a hundred places each
		longer time.Duration
	}{
		{"nobody else", 0, 0},
		{"one heavy tenant: a connection is always left", 1, 0},
		{"three heavy tenants: the next connection but two", 3, 10 * time.Millisecond},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				turns := newTurns(16)
				ctx, stop := context.WithCancel(t.Context())
				work := func(tenant ingest.TenantID) {
					if turns.take(ctx, tenant) == nil {
						time.Sleep(10 * time.Millisecond)
						turns.leave(tenant)
					}
				}
				var wg sync.WaitGroup
				for i := range 100 * tt.heavy {
					wg.Go(func() {
						for ctx.Err() == nil {
							work(ingest.TenantID(fmt.Sprint("heavy", i%tt.heavy)))
						}
					})
				}
				time.Sleep(25 * time.Millisecond)
				for range 100 {
					began := time.Now()
					work("calm")
					if waited := time.Since(began) - 10*time.Millisecond; waited > tt.longer {
						t.Fatalf("waited %v, want at most %v", waited, tt.longer)
					}
				}
				stop()
				wg.Wait()
				if turns.free != 16 || len(turns.tenants) != 0 || len(turns.line) != 0 {
					t.Errorf("in the end %d are free, %d tenants known, %d in line", turns.free, len(turns.tenants), len(turns.line))
				}
			})
		})
	}
}

// TestTurnsAreBounded has many come and give up at random: never more than there
// are connections, never more than its part for one tenant, and none is lost.
func TestTurnsAreBounded(t *testing.T) {
	for _, size := range []int{1, 2, 8, 16} {
		t.Run(fmt.Sprint(size), func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				turns := newTurns(size)
				var mu sync.Mutex
				held, all, had := map[ingest.TenantID]int{}, 0, 0
				enter := func(tenant ingest.TenantID, n int) {
					mu.Lock()
					defer mu.Unlock()
					held[tenant] += n
					all += n
					had += max(n, 0)
					if held[tenant] > turns.each || all > size {
						t.Errorf("%s has %d of %d, all have %d of %d", tenant, held[tenant], turns.each, all, size)
					}
				}
				var wg sync.WaitGroup
				for i := range 60 {
					random := rand.New(rand.NewPCG(1, uint64(i)))
					tenant := ingest.TenantID(fmt.Sprint(i % 3))
					wg.Go(func() {
						for range 50 {
							ctx, cancel := context.WithTimeout(t.Context(), time.Duration(random.IntN(100))*time.Millisecond)
							if turns.take(ctx, tenant) == nil {
								enter(tenant, 1)
								time.Sleep(time.Duration(random.IntN(10)) * time.Millisecond)
								enter(tenant, -1)
								turns.leave(tenant)
							}
							cancel()
						}
					})
				}
				wg.Wait()
				if had < 50 || turns.free != size || len(turns.tenants) != 0 || len(turns.line) != 0 {
					t.Errorf("%d had a turn; in the end %d are free, %d tenants known, %d in line", had, turns.free, len(turns.tenants), len(turns.line))
				}
			})
		})
	}
}
