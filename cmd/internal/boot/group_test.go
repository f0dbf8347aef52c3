package boot_test

import (
	"bytes"
	"context"
	"errors"
	"log/slog"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"frontdesk/cmd/internal/boot"
)

var quiet = slog.New(slog.DiscardHandler)

// diary keeps what happened, in order.
type diary struct {
	mu    sync.Mutex
	lines []string
}

func (d *diary) add(line string) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.lines = append(d.lines, line)
}

// part returns a part that takes so long to stop, and writes when it did.
func (d *diary) part(name string, takes time.Duration) func(context.Context) error {
	return func(ctx context.Context) error {
		<-ctx.Done()
		time.Sleep(takes)
		d.add(name)
		return nil
	}
}

func TestGroupStopsStageByStage(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithCancel(t.Context())
		g := boot.NewGroup(ctx, quiet)
		var d diary
		// Started in no order, and the first to stop takes longest.
		g.Go(boot.Engines, "postgres", d.part("postgres", 0))
		g.Close(boot.Pools, "pool", func() { d.add("pool") })
		g.Close(boot.Pools, "later pool", func() { d.add("later pool") })
		g.Go(boot.Producers, "producer", d.part("producer", time.Second))
		g.Go(boot.Workers, "turns", d.part("turns", 2*time.Second))
		g.Go(boot.Pools, "internal listener", d.part("internal listener", time.Second))
		g.Go(boot.Intake, "http", d.part("http", 3*time.Second))
		cancel()
		if err := g.Wait(); err != nil {
			t.Errorf("Wait() = %v, want nil", err)
		}
		want := []string{"http", "turns", "producer", "internal listener", "later pool", "pool", "postgres"}
		if !slices.Equal(d.lines, want) {
			t.Errorf("stopped in the order %q, want %q", d.lines, want)
		}
	})
}

func TestGroupStopsWithin25Seconds(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithCancel(t.Context())
		g := boot.NewGroup(ctx, quiet)
		released := make(chan struct{})
		stuck := func(context.Context) error { <-released; return nil }
		stages := []boot.Stage{boot.Intake, boot.Workers, boot.Producers, boot.Pools, boot.Engines}
		for _, stage := range stages {
			g.Go(stage, "stuck "+stage.String(), stuck)
		}
		cancel()
		began := time.Now()
		err := g.Wait()
		if took := time.Since(began); took > 25*time.Second {
			t.Errorf("stopping took %s, want 25 s at most", took)
		}
		for _, stage := range stages {
			if want := "stuck " + stage.String() + " did not return within"; err == nil || !strings.Contains(err.Error(), want) {
				t.Errorf("Wait() = %v, want an error with %q", err, want)
			}
		}
		close(released)
	})
}

func TestGroupDoesNotWaitForACloserThatHangs(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithCancel(t.Context())
		g := boot.NewGroup(ctx, quiet)
		released := make(chan struct{})
		g.Close(boot.Pools, "pool", func() { <-released })
		var d diary
		g.Go(boot.Engines, "postgres", d.part("postgres", 0))
		cancel()
		if err := g.Wait(); err == nil || !strings.Contains(err.Error(), "pool did not close within 2s") {
			t.Errorf("Wait() = %v, want the pool's name", err)
		}
		if len(d.lines) != 1 {
			t.Error("the stage after it was not stopped")
		}
		close(released)
	})
}

func TestGroupStopsWhenAPartFails(t *testing.T) {
	broken := errors.New("broken")
	tests := []struct {
		name string
		run  func(context.Context) error
		want string
	}{
		{"with an error", func(context.Context) error { return broken }, "consumer: broken"},
		{"by ending unasked", func(context.Context) error { return nil }, "consumer: ended by itself"},
		{"while it stops", func(ctx context.Context) error { <-ctx.Done(); return broken }, "stop workers: consumer: broken"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				ctx, cancel := context.WithCancel(t.Context())
				g := boot.NewGroup(ctx, quiet)
				var d diary
				g.Go(boot.Intake, "http", d.part("http", 0))
				g.Go(boot.Workers, "consumer", tt.run)
				synctest.Wait()
				cancel() // too late for the first two: they have failed by now
				err := g.Wait()
				if err == nil || err.Error() != tt.want {
					t.Errorf("Wait() = %v, want %q", err, tt.want)
				}
				if len(d.lines) != 1 {
					t.Error("the other part was not stopped")
				}
			})
		})
	}
}

func TestGroupTakesAPartsCancellationForAStop(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithCancel(t.Context())
		g := boot.NewGroup(ctx, quiet)
		g.Go(boot.Workers, "consumer", func(ctx context.Context) error { <-ctx.Done(); return ctx.Err() })
		cancel()
		if err := g.Wait(); err != nil {
			t.Errorf("Wait() = %v, want nil", err)
		}
	})
}

func TestGroupStopsWhatCouldNotBeStarted(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		g := boot.NewGroup(t.Context(), quiet)
		var d diary
		g.Go(boot.Engines, "postgres", d.part("postgres", 0))
		g.Fail(errors.New("migrate: no"))
		if g.Context().Err() == nil {
			t.Error("the start goes on")
		}
		if err := g.Wait(); err == nil || err.Error() != "migrate: no" {
			t.Errorf("Wait() = %v, want the failure", err)
		}
		if len(d.lines) != 1 {
			t.Error("what was started was not stopped")
		}
		g.Go(boot.Intake, "late", func(context.Context) error { t.Error("started after the stop"); return nil })
		closed := false
		g.Close(boot.Pools, "late", func() { closed = true })
		if !closed {
			t.Error("a pool that was opened too late stays open")
		}
		synctest.Wait()
	})
}

func TestGroupLogsTheCause(t *testing.T) {
	var said bytes.Buffer
	g := boot.NewGroup(t.Context(), slog.New(slog.NewTextHandler(&said, nil)))
	g.Fail(errors.New("no luck"))
	_ = g.Wait()
	if !strings.Contains(said.String(), "no luck") {
		t.Errorf("the log does not say why: %s", said.String())
	}
}
