package stream_test

import (
	"context"
	"fmt"
	"log/slog"
	"net"
	"os"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/twmb/franz-go/pkg/kfake"

	"frontdesk/ingest"
	"frontdesk/ingest/stream"
	"frontdesk/ingest/stream/streamtest"
)

// broker is a Kafka of one node behind a proxy. It may be killed and started
// again on what it wrote.
type broker struct {
	*proxy
	start func(t *testing.T) // on the same data
	kill  func(t *testing.T) // at once, as if by kill -9 where it is a process
}

// startKfake starts the broker that the embedded default is, in this process.
func startKfake(t *testing.T) *broker {
	t.Helper()
	b := &broker{proxy: newProxy(t)}
	dir := t.TempDir()
	var cluster *kfake.Cluster
	b.start = func(t *testing.T) {
		t.Helper()
		var err error
		cluster, err = kfake.NewCluster(kfake.NumBrokers(1), kfake.DataDir(dir), kfake.ListenFn(func(network, _ string) (net.Listener, error) {
			ln, err := net.Listen(network, "127.0.0.1:0")
			if err != nil {
				return nil, err
			}
			b.behind(ln.Addr().String())
			return advertised{ln, b.ln.Addr()}, nil
		}))
		if err != nil {
			t.Fatalf("start kfake: %v", err)
		}
	}
	b.kill = func(*testing.T) {
		cluster.Close()
		b.cut()
	}
	b.start(t)
	t.Cleanup(func() { b.kill(t) })
	return b
}

// advertised is a listener that gives itself out as the proxy.
type advertised struct {
	net.Listener
	addr net.Addr
}

func (a advertised) Addr() net.Addr { return a.addr }

// startApache starts Apache Kafka in a process of its own. It skips the test on
// a machine without Java or Maven.
func startApache(t *testing.T) *broker {
	t.Helper()
	b := &broker{proxy: newProxy(t)}
	_, seen, _ := net.SplitHostPort(b.addr())
	k := streamtest.Apache(t, seen)
	b.behind(k.Addr())
	b.start = func(t *testing.T) { k.Start(t) }
	b.kill = func(*testing.T) { k.Kill() }
	b.start(t)
	return b
}

// await asks until ok, or ctx ends.
func await(ctx context.Context, ok func() bool) error {
	tick := time.NewTicker(5 * time.Millisecond)
	defer tick.Stop()
	for !ok() {
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-tick.C:
		}
	}
	return nil
}

func eventually(t *testing.T, what string, ok func() bool) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 40*time.Second)
	defer cancel()
	if err := await(ctx, ok); err != nil {
		t.Fatalf("%s: %v", what, err)
	}
}

func config(b *broker) stream.Config {
	c := stream.DefaultConfig()
	c.Brokers = []string{b.addr()}
	return c
}

var topicNumber atomic.Int64

// partitions of the tests' own topics.
const partitions = 6

// newTopic makes a topic of the test's own.
func newTopic(t *testing.T, b *broker) ingest.Topic {
	t.Helper()
	topic := ingest.Topic("test." + strconv.FormatInt(topicNumber.Add(1), 10))
	if err := stream.EnsureTopicsOf(t.Context(), config(b), partitions, topic); err != nil {
		t.Fatal(err)
	}
	return topic
}

// running runs f until the test ends, or the function returned is called.
func running(t *testing.T, f func(context.Context) error) (stop func()) {
	t.Helper()
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan error, 1)
	go func() { done <- f(ctx) }()
	stop = sync.OnceFunc(func() {
		cancel()
		select {
		case err := <-done:
			if err != nil {
				t.Errorf("Run() = %v", err)
			}
		case <-time.After(30 * time.Second):
			t.Error("Run does not end")
		}
	})
	t.Cleanup(stop)
	return stop
}

func newProducer(t *testing.T, b *broker, change func(*stream.ProducerConfig), topics ...ingest.Topic) *stream.Producer {
	t.Helper()
	cfg := stream.DefaultProducerConfig()
	cfg.Config, cfg.Topics, cfg.Partitions = config(b), topics, partitions
	cfg.Timeout = 10 * time.Second // the machine may be busy
	if change != nil {
		change(&cfg)
	}
	p, err := stream.NewProducer(cfg)
	if err != nil {
		t.Fatal(err)
	}
	running(t, p.Run)
	return p
}

func consumerConfig(b *broker, topic ingest.Topic) stream.ConsumerConfig {
	cfg := stream.DefaultConsumerConfig()
	cfg.Config, cfg.Group, cfg.Topics = config(b), "group."+string(topic), []ingest.Topic{topic}
	cfg.SessionTimeout, cfg.RebalanceTimeout = 6*time.Second, 6*time.Second
	cfg.RetryLeast, cfg.RetryMost = 20*time.Millisecond, 200*time.Millisecond
	if os.Getenv("FRONTDESK_TEST_LOG") != "" {
		cfg.Log = slog.New(slog.NewTextHandler(os.Stderr, nil))
	}
	return cfg
}

func consume(t *testing.T, cfg stream.ConsumerConfig, h stream.Handler, dead *letters) (*stream.Consumer, func()) {
	t.Helper()
	if dead == nil {
		dead = &letters{}
	}
	c, err := stream.NewConsumer(cfg, h, dead)
	if err != nil {
		t.Fatal(err)
	}
	return c, running(t, c.Run)
}

// letters keeps dead letters.
type letters struct {
	mu   sync.Mutex
	kept []ingest.DeadLetter
}

func (l *letters) Publish(_ context.Context, recs ...ingest.Record) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	for _, r := range recs {
		d, err := ingest.DecodeDeadLetter(r.Value)
		if err != nil {
			return err
		}
		l.kept = append(l.kept, d)
	}
	return nil
}

func (l *letters) all() []ingest.DeadLetter {
	l.mu.Lock()
	defer l.mu.Unlock()
	return append([]ingest.DeadLetter(nil), l.kept...)
}

// event returns the n-th event of key.
func event(key string, n int) ingest.Event {
	at := time.Date(2026, 11, 21, 9, 0, 0, 0, time.UTC)
	e, err := ingest.NewEvent(ingest.MessageReceived, "tnt_test", key, at, fmt.Sprintf("%s/%d", key, n), n)
	if err != nil {
		panic(err)
	}
	return e
}

func record(t *testing.T, topic ingest.Topic, e ingest.Event) ingest.Record {
	t.Helper()
	r, err := ingest.NewRecord(topic, e)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// book is a handler that keeps, by key, the numbers it saw. It knows repeats,
// and notes where a key's numbers skip one.
type book struct {
	mu    sync.Mutex
	last  map[string]int // the highest number seen without a gap
	ids   map[string]int // event id → times seen
	gaps  []string
	seen  int
	block func(ingest.Event) // called first, unless nil
}

func newBook() *book { return &book{last: map[string]int{}, ids: map[string]int{}} }

func (b *book) take(_ context.Context, e ingest.Event) error {
	if b.block != nil {
		b.block(e)
	}
	n, err := strconv.Atoi(strings.TrimSpace(string(e.Data)))
	if err != nil {
		return err
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	b.seen++
	b.ids[e.ID]++
	switch last := b.last[e.Key]; {
	case n == last+1:
		b.last[e.Key] = n
	case n > last+1:
		b.gaps = append(b.gaps, fmt.Sprintf("%s: %d after %d", e.Key, n, last))
	}
	return nil
}

// complete reports whether each of keys was seen up to n.
func (b *book) complete(keys, n int) bool {
	b.mu.Lock()
	defer b.mu.Unlock()
	for k := range keys {
		if b.last[key(k)] < n {
			return false
		}
	}
	return true
}

func (b *book) checkOrder(t *testing.T) {
	t.Helper()
	b.mu.Lock()
	defer b.mu.Unlock()
	if len(b.gaps) > 0 {
		t.Errorf("order or loss: %v", b.gaps[:min(len(b.gaps), 5)])
	}
}

func key(n int) string { return "tnt_test|chn_test|+5012279" + strconv.Itoa(100+n) }
