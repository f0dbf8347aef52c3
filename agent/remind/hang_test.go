package remind

import (
	"context"
	"log/slog"
	"testing"
	"testing/synctest"
)

func TestARoundThatHangsIsFollowedByAnother(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := New(Parts{}, Config{Log: slog.New(slog.DiscardHandler)})
		ctx, stop := context.WithCancel(t.Context())
		rounds := 0
		w.every(ctx, "reminders", func(ctx context.Context) error {
			if rounds++; rounds == 3 {
				stop()
			}
			<-ctx.Done() // a Postgres that is gone without a word
			return ctx.Err()
		})
		if rounds != 3 {
			t.Errorf("%d rounds, want each to end", rounds)
		}
	})
}
