package stream_test

import (
	"context"
	"errors"
	"slices"
	"sync"
	"testing"
	"time"

	"frontdesk/ingest"
	"frontdesk/ingest/stream"
)

// ranges is a batch handler that keeps what it was given and refuses when told.
type ranges struct {
	mu     sync.Mutex
	seen   []stream.Batch
	refuse bool
}

func (r *ranges) HandleBatch(_ context.Context, b stream.Batch) error {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.seen = append(r.seen, b)
	if r.refuse {
		return errors.New("not now")
	}
	return nil
}

func (r *ranges) tokens() []string {
	r.mu.Lock()
	defer r.mu.Unlock()
	var ts []string
	for _, b := range r.seen {
		ts = append(ts, b.Token())
	}
	slices.Sort(ts)
	return slices.Compact(ts)
}

func (r *ranges) events() int {
	r.mu.Lock()
	defer r.mu.Unlock()
	n := 0
	for _, b := range r.seen {
		n += len(b.Events)
	}
	return n
}

func batchesRepeat(t *testing.T, b *broker) {
	topic := newTopic(t, b)
	p := newProducer(t, b, nil, topic)
	cfg := consumerConfig(b, topic)
	cut := stream.CutConfig{MaxEvents: 7, MaxBytes: 1 << 20, Window: 200 * time.Millisecond, Slack: 300 * time.Millisecond}
	run := func(h stream.BatchHandler, dead *letters) func() {
		c, err := stream.NewBatchConsumer(cfg, cut, h, dead)
		if err != nil {
			t.Fatal(err)
		}
		return running(t, c.Run)
	}
	// A store that takes the rows and dies before it says so.
	publishAll(t, p, topic, 5, 1, 20)
	crashed := &ranges{refuse: true}
	stop := run(crashed, &letters{})
	eventually(t, "every partition's first batch", func() bool { return len(crashed.tokens()) == partitionsOf(5) })
	stop()
	publishAll(t, p, topic, 5, 21, 40) // the log has grown since
	if err := p.Publish(t.Context(), ingest.Record{Topic: topic, Key: []byte(key(0)), Value: []byte("no event")}); err != nil {
		t.Fatal(err)
	}
	whole, dead := &ranges{}, &letters{}
	run(whole, dead)
	eventually(t, "all events", func() bool { return whole.events() == 200 })
	eventually(t, "the commits", func() bool {
		lag, err := stream.GroupLag(t.Context(), cfg.Config, cfg.Group, topic)
		return err == nil && lag.Total() == 0
	})
	for _, token := range crashed.tokens() {
		if !slices.Contains(whole.tokens(), token) {
			t.Errorf("the batch %s did not come again: %v", token, whole.tokens())
		}
	}
	for _, b := range whole.seen {
		if b.First/7 != b.Last/7 {
			t.Errorf("batch %s crosses a multiple of 7", b.Token())
		}
	}
	if len(dead.all()) != 1 {
		t.Errorf("%d dead letters, want 1: what is no event", len(dead.all()))
	}
}

// partitionsOf counts the partitions that the first n keys lie in.
func partitionsOf(n int) int {
	in := map[int]bool{}
	for k := range n {
		in[stream.Partition([]byte(key(k)), partitions)] = true
	}
	return len(in)
}

func TestCutConfig(t *testing.T) {
	if err := stream.DefaultCutConfig().Validate(); err != nil {
		t.Errorf("the defaults are refused: %v", err)
	}
	if err := (stream.CutConfig{}).Validate(); err == nil {
		t.Error("the zero value is taken")
	}
}
