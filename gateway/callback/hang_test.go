package callback

import (
	"context"
	"log/slog"
	"testing"
	"testing/synctest"
)

// goneSpool is one whose Postgres is gone without a word.
type goneSpool struct {
	*fakeSpool
	asked chan struct{}
}

func (s goneSpool) Drain(ctx context.Context, _ int, _ func(context.Context, []Entry) []error) (int, int, error) {
	s.asked <- struct{}{}
	<-ctx.Done()
	return 0, 0, ctx.Err()
}

func TestASpoolThatHangsIsAskedAgain(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		spool := goneSpool{&fakeSpool{}, make(chan struct{})}
		config := DefaultConfig()
		config.Log = slog.New(slog.DiscardHandler)
		h := New(config, nil, nil, spool)
		ctx, stop := context.WithCancel(t.Context())
		ended := make(chan error)
		go func() { ended <- h.Run(ctx) }()
		for range 3 {
			<-spool.asked // all hangs where a round has no end, and the test with it
		}
		stop()
		if err := <-ended; err != nil {
			t.Error(err)
		}
	})
}
