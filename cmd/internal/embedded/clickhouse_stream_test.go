package embedded_test

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"testing"
	"time"

	"frontdesk/analytics"
	"frontdesk/cmd/internal/embedded"
	"frontdesk/deploy/schema/schematest"
	"frontdesk/ingest"
	"frontdesk/ingest/stream"
)

// dying is an analytics.Sink that stores and then, now and again, fails as if
// it had been killed before its offsets were committed.
type dying struct {
	sink *analytics.Sink
	want int
	done chan struct{} // closed when all events were stored and said so

	mu    sync.Mutex
	calls int
	taken map[string]bool
}

var errDied = errors.New("killed between insert and commit")

func (d *dying) HandleBatch(ctx context.Context, b stream.Batch) error {
	return d.HandleBatches(ctx, []stream.Batch{b})[0]
}

func (d *dying) HandleBatches(ctx context.Context, batches []stream.Batch) []error {
	same := make([]analytics.Batch, len(batches))
	for i, b := range batches {
		same[i] = analytics.Batch(b)
	}
	errs := d.sink.HandleBatches(ctx, same)
	d.mu.Lock()
	defer d.mu.Unlock()
	for i, b := range batches {
		if d.calls++; errs[i] == nil && d.calls%3 == 0 {
			errs[i] = errDied
		}
		for _, e := range b.Events {
			if errs[i] == nil && !d.taken[e.ID] {
				if d.taken[e.ID] = true; len(d.taken) == d.want {
					close(d.done)
				}
			}
		}
	}
	return errs
}

// TestAnalyticsAreExactOverTheStream: events go through the broker; the reader
// dies after inserts, is stopped in the middle and goes on as another member.
// A second group that reads everything from the beginning into an empty
// database gets the same answers.
func TestAnalyticsAreExactOverTheStream(t *testing.T) {
	const events = 3000
	ctx, cancel := context.WithTimeout(context.Background(), 90*time.Second)
	defer cancel()
	conn, _ := schematest.ClickHouse(t)
	replayed, _ := schematest.ClickHouse(t)
	broker, err := embedded.OpenKafka(ctx, embedded.KafkaConfig{Dir: t.TempDir()})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = broker.Close() })
	publish(t, ctx, broker.Addr(), events)
	secret, err := analytics.NewPseudonyms([]byte("a secret of the test"))
	if err != nil {
		t.Fatal(err)
	}

	first := &dying{sink: analytics.NewSink(conn, secret), want: events / 3, done: make(chan struct{}), taken: map[string]bool{}}
	consume(t, ctx, broker.Addr(), "analytics", first)
	second := &dying{sink: first.sink, want: events, done: make(chan struct{}), taken: first.taken}
	consume(t, ctx, broker.Addr(), "analytics", second)
	again := &dying{sink: analytics.NewSink(replayed, secret), want: events, done: make(chan struct{}), taken: map[string]bool{}}
	consume(t, ctx, broker.Addr(), "rebuild", again)

	q := analytics.Query{Metrics: []string{"messages", "contacts"}, From: noon.Add(-time.Hour), To: noon.AddDate(0, 0, 2)}
	for name, store := range map[string]*analytics.Store{"as it came": analytics.NewStore(conn), "rebuilt": analytics.NewStore(replayed)} {
		res, err := store.Query(ctx, "acme", q)
		if err != nil || fmt.Sprint(res.Rows) != fmt.Sprintf("[[%d 17]]", events) {
			t.Errorf("%s: messages and contacts are %v, %v; want %d and 17", name, res.Rows, err, events)
		}
	}
}

func publish(t *testing.T, ctx context.Context, broker string, events int) {
	t.Helper()
	cfg := stream.DefaultProducerConfig()
	cfg.Brokers = []string{broker}
	p, err := stream.NewProducer(cfg)
	if err != nil {
		t.Fatal(err)
	}
	running, stop := context.WithCancel(ctx)
	ended := make(chan error, 1)
	go func() { ended <- p.Run(running) }()
	defer func() {
		stop()
		if err := <-ended; err != nil {
			t.Error(err)
		}
	}()
	for begin := 0; begin < events; begin += 100 {
		var records []ingest.Record
		for i := begin; i < begin+100; i++ {
			r, err := ingest.NewRecord(ingest.TopicInbound, messageEvent(t, i))
			if err != nil {
				t.Fatal(err)
			}
			records = append(records, r)
		}
		if err := p.Publish(ctx, records...); err != nil {
			t.Fatal(err)
		}
	}
}

// consume runs a member of group until h is done.
func consume(t *testing.T, ctx context.Context, broker, group string, h *dying) {
	t.Helper()
	cfg := stream.DefaultConsumerConfig()
	cfg.Brokers, cfg.Group, cfg.Topics, cfg.RetryLeast = []string{broker}, group, []ingest.Topic{ingest.TopicInbound}, 10*time.Millisecond
	cut := stream.CutConfig{MaxEvents: 20, MaxBytes: 1 << 20, Window: 100 * time.Millisecond, Slack: 100 * time.Millisecond}
	c, err := stream.NewBatchConsumer(cfg, cut, h, nobody{})
	if err != nil {
		t.Fatal(err)
	}
	running, stop := context.WithCancel(ctx)
	ended := make(chan error, 1)
	go func() { ended <- c.Run(running) }()
	select {
	case <-h.done:
	case <-ctx.Done():
		t.Errorf("group %s took %d of %d events in time", group, len(h.taken), h.want)
	}
	stop()
	if err := <-ended; err != nil {
		t.Errorf("group %s ended with %v", group, err)
	}
}

// nobody takes no dead letters: there are none.
type nobody struct{}

func (nobody) Publish(context.Context, ...ingest.Record) error { return errors.New("a dead letter") }
