package stream

import (
	"context"
	"fmt"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/twmb/franz-go/pkg/kfake"
	"github.com/twmb/franz-go/pkg/kmsg"

	"frontdesk/ingest"
)

// itemsOf returns one item for each offset.
func itemsOf(pl place, offsets ...int64) []*read {
	var list []*read
	for _, o := range offsets {
		list = append(list, &read{stored: stored{place: pl, offset: o, value: make([]byte, 100)}})
	}
	return list
}

func TestTailKeepsRunsWithoutGaps(t *testing.T) {
	const weight = readBytes + 100 // of one
	pl, other := place{"t", 0}, place{"t", 1}
	tests := []struct {
		name string
		most int
		add  func(*Tail)
		from int64
		want string // offsets and where to go on; empty: to be fetched
	}{
		{"nothing was read", 1e6, func(*Tail) {}, 0, ""},
		{"from the first", 1e6, func(t *Tail) { t.add(pl, 0, 3, 3, itemsOf(pl, 0, 1, 2)) }, 0, "[0 1 2] 3"},
		{"from the middle", 1e6, func(t *Tail) { t.add(pl, 0, 3, 3, itemsOf(pl, 0, 1, 2)) }, 2, "[2] 3"},
		{"at the end there is nothing new", 1e6, func(t *Tail) { t.add(pl, 0, 3, 3, itemsOf(pl, 0, 1, 2)) }, 3, ""},
		{"before the first", 1e6, func(t *Tail) { t.add(pl, 5, 6, 6, itemsOf(pl, 5)) }, 4, ""},
		{"another partition", 1e6, func(t *Tail) { t.add(other, 0, 1, 1, itemsOf(other, 0)) }, 0, ""},
		{"what follows", 1e6, func(t *Tail) { t.add(pl, 0, 2, 2, itemsOf(pl, 0, 1)); t.add(pl, 2, 3, 3, itemsOf(pl, 2)) }, 0, "[0 1 2] 3"},
		{"what overlaps", 1e6, func(t *Tail) { t.add(pl, 0, 2, 2, itemsOf(pl, 0, 1)); t.add(pl, 1, 3, 3, itemsOf(pl, 1, 2)) }, 0, "[0 1 2] 3"},
		{"what is known", 1e6, func(t *Tail) { t.add(pl, 0, 2, 2, itemsOf(pl, 0, 1)); t.add(pl, 0, 1, 2, itemsOf(pl, 0)) }, 0, "[0 1] 2"},
		{"an offset without a record", 1e6, func(t *Tail) { t.add(pl, 0, 5, 5, itemsOf(pl, 0, 3)) }, 1, "[3] 5"},
		{"a gap begins anew", 1e6, func(t *Tail) { t.add(pl, 0, 2, 2, itemsOf(pl, 0, 1)); t.add(pl, 5, 6, 6, itemsOf(pl, 5)) }, 1, ""},
		{"behind the gap", 1e6, func(t *Tail) { t.add(pl, 0, 2, 2, itemsOf(pl, 0, 1)); t.add(pl, 5, 6, 6, itemsOf(pl, 5)) }, 5, "[5] 6"},
		{"the oldest is forgotten", weight * 3 / 2, func(t *Tail) { t.add(pl, 0, 1, 1, itemsOf(pl, 0)); t.add(pl, 1, 2, 2, itemsOf(pl, 1)) }, 0, ""},
		{"the newest is not", weight * 3 / 2, func(t *Tail) { t.add(pl, 0, 1, 1, itemsOf(pl, 0)); t.add(pl, 1, 2, 2, itemsOf(pl, 1)) }, 1, "[1] 2"},
		{"a chunk from before a gap takes nothing along", 3 * weight, func(t *Tail) {
			t.add(pl, 0, 2, 2, itemsOf(pl, 0, 1))
			t.add(pl, 5, 6, 6, itemsOf(pl, 5))
			t.add(pl, 6, 7, 7, itemsOf(pl, 6))
		}, 5, "[5 6] 7"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			tail := NewTail(tt.most)
			tt.add(tail)
			items, next, _, ok := tail.after(pl, tt.from)
			got := ""
			if ok {
				var offsets []int64
				for _, it := range items {
					offsets = append(offsets, it.offset)
				}
				got = fmt.Sprint(offsets, next)
			}
			if got != tt.want {
				t.Errorf("from %d there is %q, want %q", tt.from, got, tt.want)
			}
		})
	}
}

// What a reader has got stays its own when the tail drops it.
func TestTailDropsNothingOfAReaders(t *testing.T) {
	pl := place{"t", 0}
	tail := NewTail(3 * (readBytes + 100))
	tail.add(pl, 0, 3, 3, itemsOf(pl, 0, 1, 2))
	got, _, _, _ := tail.after(pl, 0)
	tail.add(pl, 3, 4, 4, itemsOf(pl, 3)) // where there is room behind the three
	if _, _, _, ok := tail.after(pl, 0); ok {
		t.Fatal("nothing was dropped")
	}
	if len(got) != 3 || slices.Contains(got, nil) {
		t.Errorf("a reader is left with %v, want records 0 to 2", got)
	}
}

// Two groups that share a tail get everything, each in order, and the log is
// read little more than once.
func TestGroupsShareATail(t *testing.T) {
	const events, keys = 2000, 7
	cluster := kfake.MustCluster(kfake.NumBrokers(1))
	defer cluster.Close()
	cfg := DefaultConfig()
	cfg.Brokers, cfg.Tail = cluster.ListenAddrs(), NewTail(16<<20)
	if err := EnsureTopicsOf(t.Context(), cfg, 4, "t"); err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	var wg sync.WaitGroup
	defer wg.Wait()
	defer cancel()
	producer := producerOf(t, cfg)
	wg.Go(func() { _ = producer.Run(ctx) })
	follow := func(group string, linger time.Duration) *seen {
		cc := DefaultConsumerConfig()
		cc.Config, cc.Group, cc.Topics, cc.Linger = cfg, group, []ingest.Topic{"t"}, linger
		s := &seen{byKey: map[string][]string{}, done: make(chan struct{}), want: events}
		c, err := NewConsumer(cc, s, producer)
		if err != nil {
			t.Fatal(err)
		}
		wg.Go(func() { _ = c.Run(ctx) })
		return s
	}
	first, second := follow("first", 5*time.Millisecond), follow("second", 40*time.Millisecond)
	for i := range events {
		e, err := ingest.NewEvent("test", "tnt_test", fmt.Sprint(i%keys), time.UnixMilli(int64(i)), fmt.Sprint(i), i)
		if err != nil {
			t.Fatal(err)
		}
		r, _ := ingest.NewRecord("t", e)
		if err := producer.Publish(ctx, r); err != nil {
			t.Fatal(err)
		}
	}
	for name, s := range map[string]*seen{"first": first, "second": second} {
		select {
		case <-s.done:
		case <-time.After(30 * time.Second):
			t.Fatalf("%s has not got all", name)
		}
		for k := range keys {
			var want []string
			for i := k; i < events; i += keys {
				want = append(want, fmt.Sprint(i))
			}
			if got := s.of(fmt.Sprint(k)); !slices.Equal(got, want) {
				t.Errorf("%s got %d events of key %d, want %d in their order, once", name, len(got), k, len(want))
			}
		}
	}
}

// Who follows an offset that the tail has asks the broker for what is behind it
// alone.
func TestAFollowerFetchesWhatIsNew(t *testing.T) {
	cluster := kfake.MustCluster(kfake.NumBrokers(1))
	defer cluster.Close()
	cfg := DefaultConfig()
	cfg.Brokers, cfg.Tail = cluster.ListenAddrs(), NewTail(16<<20)
	if err := EnsureTopicsOf(t.Context(), cfg, 1, "t"); err != nil {
		t.Fatal(err)
	}
	pl := place{"t", 0}
	e, _ := ingest.NewEvent("test", "tnt_test", "k", time.UnixMilli(1), "1", 1)
	value, _ := ingest.AppendEvent(nil, e)
	cfg.Tail.add(pl, 0, 7, 7, decode([]stored{{place: pl, offset: 6, value: value}}))
	asked := make(chan int64, 64)
	cluster.ControlKey(int16(kmsg.Fetch), func(req kmsg.Request) (kmsg.Response, error, bool) {
		cluster.KeepControl()
		for _, topic := range req.(*kmsg.FetchRequest).Topics {
			for _, p := range topic.Partitions {
				select {
				case asked <- p.FetchOffset:
				default:
				}
			}
		}
		return nil, nil, false
	})
	cc := DefaultConsumerConfig()
	cc.Config, cc.Group, cc.Topics = cfg, "g", []ingest.Topic{"t"}
	s := &seen{byKey: map[string][]string{}, done: make(chan struct{}), want: 1}
	c, err := NewConsumer(cc, s, nil)
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	var wg sync.WaitGroup
	wg.Go(func() { _ = c.Run(ctx) })
	defer wg.Wait()
	defer cancel()
	select {
	case <-s.done:
	case <-time.After(20 * time.Second):
		t.Fatal("what the tail has was not handed over")
	}
	if from := <-asked; from != 7 {
		t.Errorf("the broker was asked from %d on, want 7: what is before is in the tail", from)
	}
}

// seen is a handler that writes down what it gets.
type seen struct {
	mu    sync.Mutex
	byKey map[string][]string
	n     int
	want  int
	done  chan struct{}
}

func (s *seen) Handle(_ context.Context, events []ingest.Event) []error {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, e := range events {
		s.byKey[e.Key] = append(s.byKey[e.Key], string(e.Data))
		if s.n++; s.n == s.want {
			close(s.done)
		}
	}
	return nil
}

func (s *seen) of(key string) []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.byKey[key]
}

func producerOf(t *testing.T, cfg Config) *Producer {
	t.Helper()
	pc := DefaultProducerConfig()
	pc.Config, pc.Topics, pc.Partitions, pc.Timeout = cfg, []ingest.Topic{"t"}, 4, 10*time.Second
	p, err := NewProducer(pc)
	if err != nil {
		t.Fatal(err)
	}
	return p
}
