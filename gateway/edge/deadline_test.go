package edge

import (
	"context"
	"errors"
	"testing"
	"testing/synctest"
	"time"
)

// TestDeadline holds the context of a request against one that the package
// context makes: whoever asks it, and how, hears the same.
func TestDeadline(t *testing.T) {
	type name struct{}
	ways := map[string]func(parent context.Context) context.Context{
		"itself": func(ctx context.Context) context.Context { return ctx },
		"waited for": func(ctx context.Context) context.Context {
			ctx.Done()
			return ctx
		},
		"with a value": func(ctx context.Context) context.Context { return context.WithValue(ctx, name{}, 2) },
		"with a child": func(ctx context.Context) context.Context {
			child, cancel := context.WithCancel(ctx)
			context.AfterFunc(child, cancel)
			return child
		},
	}
	ends := map[string]struct {
		do   func(stop, end func())
		want error
	}{
		"not yet":         {func(_, _ func()) {}, nil},
		"the time is up":  {func(_, _ func()) { time.Sleep(time.Minute) }, context.DeadlineExceeded},
		"it is answered":  {func(_, end func()) { end() }, context.Canceled},
		"the server ends": {func(stop, _ func()) { stop() }, context.Canceled},
	}
	for way, wrap := range ways {
		for how, ending := range ends {
			t.Run(way+", "+how, func(t *testing.T) {
				synctest.Test(t, func(t *testing.T) {
					base, stop := context.WithCancel(context.WithValue(t.Context(), name{}, 1))
					defer stop()
					d := &deadline{base: base, at: time.Now().Add(time.Minute)}
					defer d.end()
					ctx := wrap(d)
					ending.do(stop, d.end)
					synctest.Wait()
					if at, ok := ctx.Deadline(); !ok || !at.Equal(d.at) {
						t.Errorf("Deadline() = %v, %t", at, ok)
					}
					if err := ctx.Err(); !errors.Is(err, ending.want) {
						t.Errorf("Err() = %v, want %v", err, ending.want)
					}
					select {
					case <-ctx.Done():
						if ending.want == nil {
							t.Error("done before its time")
						}
					default:
						if ending.want != nil {
							t.Error("not done")
						}
					}
					if err := ctx.Err(); !errors.Is(err, ending.want) || !errors.Is(context.Cause(ctx), ending.want) {
						t.Errorf("after Done, Err() = %v, Cause() = %v, want %v", err, context.Cause(ctx), ending.want)
					}
					if d.Value(name{}) != 1 {
						t.Errorf("Value() = %v", d.Value(name{}))
					}
				})
			})
		}
	}
}

// TestDeadlineOfMemory counts what a request costs that nobody waits for.
func TestDeadlineOfMemory(t *testing.T) {
	n := testing.AllocsPerRun(100, func() {
		d := &deadline{base: context.Background(), at: time.Now().Add(time.Minute)}
		if context.Context(d).Err() != nil {
			t.Error("over at once")
		}
		d.end()
	})
	if n > 1 {
		t.Errorf("%v allocations, want none but its own", n)
	}
}
