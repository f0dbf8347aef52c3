package edge_test

import (
	"fmt"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"frontdesk/gateway/edge"
)

func TestLimiter(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := edge.NewLimiter(nil)
		rate := edge.Rate{Count: 30, Per: time.Minute}
		start := time.Now()
		for i := range 30 {
			v := l.Take("a", rate)
			if !v.Allowed || v.Limit != 30 || v.Remaining != 29-i {
				t.Fatalf("take %d = %+v", i, v)
			}
			if want := start.Add(time.Duration(i+1) * 2 * time.Second); !v.Reset.Equal(want) {
				t.Fatalf("take %d: reset %v, want %v", i, v.Reset, want)
			}
		}
		if v := l.Take("a", rate); v.Allowed || v.Remaining != 0 || v.RetryIn != 2*time.Second {
			t.Errorf("the 31st = %+v, want it refused for 2 s", v)
		}
		if v := l.Take("b", rate); !v.Allowed || v.Remaining != 29 {
			t.Errorf("another key = %+v", v)
		}
		time.Sleep(2 * time.Second)
		if v := l.Take("a", rate); !v.Allowed || v.Remaining != 0 {
			t.Errorf("after Retry-After = %+v, want one more", v)
		}
		if v := l.Take("a", rate); v.Allowed {
			t.Errorf("and then = %+v, want it refused", v)
		}
		time.Sleep(time.Minute)
		if v := l.Take("a", rate); !v.Allowed || v.Remaining != 29 {
			t.Errorf("a window later = %+v, want all of it", v)
		}
		if v := l.Take("a", edge.Rate{}); !v.Allowed || v.Limit != 0 {
			t.Errorf("without a limit = %+v", v)
		}
	})
}

func TestLimiterIsExactUnderContention(t *testing.T) {
	l := edge.NewLimiter(func() time.Time { return time.Unix(1_700_000_000, 0) })
	var allowed atomic.Int64
	var wg sync.WaitGroup
	for range 32 {
		wg.Go(func() {
			for range 100 {
				if l.Take("k", edge.Rate{Count: 1000, Per: time.Hour}).Allowed {
					allowed.Add(1)
				}
			}
		})
	}
	wg.Wait()
	if allowed.Load() != 1000 {
		t.Errorf("%d were allowed, want 1000", allowed.Load())
	}
}

func BenchmarkLimiter(b *testing.B) {
	for _, keys := range []int{1, 10_000} {
		b.Run(fmt.Sprint("keys=", keys), func(b *testing.B) {
			l := edge.NewLimiter(nil)
			names := make([]string, keys)
			for i := range names {
				names[i] = fmt.Sprint("requests|key_", i)
			}
			b.ReportAllocs()
			for i := 0; b.Loop(); i++ {
				l.Take(names[i%keys], edge.Rate{Count: 3000, Per: time.Minute})
			}
		})
	}
}

// TestLimiterTakesAllOrNone asks for many at once.
func TestLimiterTakesAllOrNone(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := edge.NewLimiter(nil)
		rate := edge.Rate{Count: 30, Per: time.Minute}
		if v := l.TakeN("a", rate, 31); v.Allowed || v.RetryIn != 0 || v.Limit != 30 {
			t.Errorf("31 of 30 = %+v, want it refused for good", v)
		}
		if v := l.TakeN("a", rate, 20); !v.Allowed || v.Remaining != 10 {
			t.Errorf("20 of 30 = %+v", v)
		}
		if v := l.TakeN("a", rate, 20); v.Allowed || v.RetryIn != 20*time.Second {
			t.Errorf("20 of 10 = %+v, want it refused for 20 s", v)
		}
		if v := l.TakeN("a", rate, 10); !v.Allowed || v.Remaining != 0 {
			t.Errorf("10 of 10 = %+v: what was refused took some", v)
		}
	})
}
