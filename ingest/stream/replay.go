package stream

import (
	"context"
	"fmt"
	"time"

	"frontdesk/ingest"
)

// From is where a replay begins in each partition.
type From struct {
	// Time, unless zero: the first record sent to the log at or after it.
	Time time.Time
	// Offset, where Time is zero: this one, or the oldest that is left.
	Offset int64
}

// Replayed counts what a replay did.
type Replayed struct {
	Events  int // handed over and taken
	Skipped int // no events, or such as can never be accepted
}

// replayTries is how often a replay tries what fails before it gives up.
const replayTries = 5

// Replay reads topic again, from there to what is its end now, and hands the
// events to h, those of one key in their order. It reads beside all groups and
// commits nothing, so the live readers are neither moved nor disturbed; that
// nothing changes which is there already is h's part, which knows repeats. What
// h can never accept is skipped: it lies among the dead letters since it was
// first read. It ends with an error when an event keeps failing.
func Replay(ctx context.Context, cfg Config, topic ingest.Topic, from From, h Handler) (Replayed, error) {
	var done Replayed
	start := func(ctx context.Context, l *layout, places []place) (map[place]int64, error) {
		if !from.Time.IsZero() {
			return offsetsAt(ctx, cfg, l, places, from.Time.UnixMilli())
		}
		begin, err := offsetsAt(ctx, cfg, l, places, atStart)
		for pl := range begin {
			begin[pl] = max(begin[pl], from.Offset)
		}
		return begin, err
	}
	err := scan(ctx, cfg, topic, start, func(records []stored) error {
		var events []ingest.Event
		for _, r := range records {
			e, err := ingest.DecodeEvent(r.value)
			if err != nil {
				done.Skipped++
				continue
			}
			events = append(events, e)
		}
		return done.hand(ctx, h, events)
	})
	if err != nil {
		return done, fmt.Errorf("replay %s: %w", topic, err)
	}
	return done, nil
}

// hand gives events to h until all are taken or skipped.
func (done *Replayed) hand(ctx context.Context, h Handler, events []ingest.Event) error {
	pause := backoff{least: 50 * time.Millisecond, most: time.Second}
	for try := 1; len(events) > 0; try++ {
		var errs []error
		if err := ingest.Calm(func() error { errs = h.Handle(ctx, events); return nil }); err != nil {
			return err
		}
		var left []ingest.Event
		var last error
		for i, e := range events {
			switch {
			case errs == nil || errs[i] == nil:
				done.Events++
			case hopeless(errs[i]):
				done.Skipped++
			default:
				left, last = append(left, e), errs[i]
			}
		}
		if events = left; len(left) == 0 {
			return nil
		}
		if try == replayTries || !pause.wait(ctx) {
			return fmt.Errorf("event %s: %w", left[0].ID, last)
		}
	}
	return nil
}
