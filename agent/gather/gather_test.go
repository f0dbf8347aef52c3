package gather_test

import (
	"context"
	"errors"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"frontdesk/agent/gather"
	"frontdesk/ingest"
)

// double answers twice the question after a millisecond and notes how many
// came together.
func double(sizes *[]int) gather.Run[string, int, int] {
	var mu sync.Mutex
	return func(_ context.Context, _ string, questions []int) ([]int, error) {
		mu.Lock()
		*sizes = append(*sizes, len(questions))
		mu.Unlock()
		time.Sleep(time.Millisecond)
		answers := make([]int, len(questions))
		for i, q := range questions {
			answers[i] = 2 * q
		}
		return answers, nil
	}
}

func TestCallsDuringARunShareTheNext(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var sizes []int
		group := gather.New(4, double(&sizes))
		var wg sync.WaitGroup
		for i := range 10 {
			wg.Go(func() {
				got, err := group.Do(t.Context(), "acme", i)
				if err != nil || got != 2*i {
					t.Errorf("Do(%d) = %d, %v", i, got, err)
				}
			})
			synctest.Wait()
		}
		wg.Wait()
		want := []int{1, 4, 4, 1}
		if len(sizes) != len(want) {
			t.Fatalf("runs of %v, want %v", sizes, want)
		}
		for i := range want {
			if sizes[i] != want[i] {
				t.Fatalf("runs of %v, want %v", sizes, want)
			}
		}
	})
}

func TestKeysDoNotWaitForEachOther(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var sizes []int
		group := gather.New(0, double(&sizes))
		start := time.Now()
		var wg sync.WaitGroup
		for _, key := range []string{"acme", "globex"} {
			wg.Go(func() { _, _ = group.Do(t.Context(), key, 1) })
		}
		wg.Wait()
		if took := time.Since(start); took != time.Millisecond {
			t.Errorf("two keys took %v, want both at once", took)
		}
	})
}

func TestAWithdrawnCallIsNotRun(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var sizes []int
		group := gather.New(0, double(&sizes))
		var wg sync.WaitGroup
		wg.Go(func() { _, _ = group.Do(t.Context(), "acme", 1) })
		synctest.Wait()
		ctx, cancel := context.WithCancel(t.Context())
		wg.Go(func() {
			if _, err := group.Do(ctx, "acme", 2); !errors.Is(err, context.Canceled) {
				t.Errorf("withdrawn call: %v, want canceled", err)
			}
		})
		synctest.Wait()
		cancel()
		wg.Wait()
		if len(sizes) != 1 || sizes[0] != 1 {
			t.Errorf("runs of %v, want one of 1", sizes)
		}
	})
}

func TestACallTakenUpLearnsItsAnswer(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var sizes []int
		group := gather.New(0, double(&sizes))
		ctx, cancel := context.WithCancel(t.Context())
		var wg sync.WaitGroup
		wg.Go(func() {
			if got, err := group.Do(ctx, "acme", 3); got != 6 || err != nil {
				t.Errorf("Do = %d, %v; want its answer though the context ended", got, err)
			}
		})
		synctest.Wait()
		cancel()
		wg.Wait()
	})
}

func TestAnErrorGoesToAll(t *testing.T) {
	fault := errors.New("down")
	group := gather.New(0, func(context.Context, string, []int) ([]int, error) { return nil, fault })
	if _, err := group.Do(t.Context(), "acme", 1); !errors.Is(err, fault) {
		t.Errorf("error = %v", err)
	}
	short := gather.New(0, func(context.Context, string, []int) ([]int, error) { return nil, nil })
	if _, err := short.Do(t.Context(), "acme", 1); err == nil {
		t.Error("a missing answer went unnoticed")
	}
}

func TestAPanicIsAnErrorForAllThatAsked(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		group := gather.New(4, func(context.Context, string, []int) ([]int, error) {
			time.Sleep(time.Millisecond)
			panic("broken")
		})
		var wg sync.WaitGroup
		for i := range 3 {
			wg.Go(func() {
				var broke *ingest.PanicError
				if _, err := group.Do(t.Context(), "acme", i); !errors.As(err, &broke) {
					t.Errorf("Do(%d): %v, want the panic", i, err)
				}
			})
			synctest.Wait()
		}
		wg.Wait()
	})
}
