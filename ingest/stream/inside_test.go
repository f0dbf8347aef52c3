package stream

import (
	"bytes"
	"context"
	"errors"
	"io"
	"math/rand/v2"
	"strings"
	"testing"
	"time"

	"github.com/segmentio/kafka-go"
	"github.com/segmentio/kafka-go/protocol"
	"github.com/twmb/franz-go/pkg/kfake"
	"github.com/twmb/franz-go/pkg/kmsg"
	"go.uber.org/goleak"
	"pgregory.net/rapid"

	"frontdesk/ingest"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// What a batch writes, kafka-go reads, whatever the keys and values.
func TestBatchIsRead(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		type kv struct{ k, v []byte }
		bytesOf := rapid.SliceOfN(rapid.Byte(), 0, 300)
		var want []kv
		b := newBatch()
		for range rapid.IntRange(1, 200).Draw(t, "records") {
			r := kv{bytesOf.Draw(t, "key"), bytesOf.Draw(t, "value")}
			if rapid.Bool().Draw(t, "tombstone") {
				r.v = nil
			}
			want = append(want, r)
			b.add(r.k, r.v, &waiter{})
		}
		now := time.UnixMilli(1_763_716_800_123)
		for range rapid.IntRange(1, 2).Draw(t, "sendings") {
			b.seal(now)
		}
		var set protocol.RecordSet
		if _, err := set.ReadFrom(bytes.NewReader(b.buf)); err != nil {
			t.Fatal(err)
		}
		for i, w := range want {
			r, err := set.Records.ReadRecord()
			if err != nil {
				t.Fatalf("record %d: %v", i, err)
			}
			k, _ := protocol.ReadAll(r.Key)
			v, _ := protocol.ReadAll(r.Value)
			if !bytes.Equal(k, w.k) || !bytes.Equal(v, w.v) || (v == nil) != (w.v == nil) || r.Offset != int64(i) || !r.Time.Equal(now) {
				t.Fatalf("record %d is read as %q %q at %d, %s", i, k, v, r.Offset, r.Time)
			}
		}
		if _, err := set.Records.ReadRecord(); !errors.Is(err, io.EOF) {
			t.Fatalf("after the last record: %v, want EOF", err)
		}
		b.release()
	})
}

func TestVarintLen(t *testing.T) {
	for _, v := range []int64{0, 1, -1, 63, 64, -64, -65, 8191, 8192, 1 << 20, 1 << 40} {
		if got, want := varintLen(v), len(appendVarint(v)); got != want {
			t.Errorf("varintLen(%d) = %d, want %d", v, got, want)
		}
	}
}

func appendVarint(v int64) []byte {
	var out []byte
	u := uint64(v)<<1 ^ uint64(v>>63)
	for ; u >= 0x80; u >>= 7 {
		out = append(out, byte(u)|0x80)
	}
	return append(out, byte(u))
}

// However much of the log is known and however often the reader begins again at
// the last commit, the ranges are the same.
func TestCutIsTheSameEachTime(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		cut := CutConfig{
			MaxEvents: rapid.IntRange(1, 20).Draw(t, "events"), MaxBytes: rapid.IntRange(1, 400).Draw(t, "bytes"),
			Window: 100 * time.Millisecond, Slack: 50 * time.Millisecond,
		}
		// A log whose clock goes on, now and then by some windows, and in which
		// a slower clock writes too.
		var log []*item
		clock := time.UnixMilli(1_763_716_800_000)
		first := rapid.Int64Range(0, 50).Draw(t, "first")
		for i := range rapid.Int64Range(1, 80).Draw(t, "records") {
			clock = clock.Add(time.Duration(rapid.IntRange(0, 60).Draw(t, "gap")) * time.Millisecond)
			at := clock.Add(-time.Duration(rapid.IntRange(0, 40).Draw(t, "late")) * time.Millisecond)
			log = append(log, &item{read: &read{stored: stored{offset: first + i, time: at, value: make([]byte, rapid.IntRange(0, 60).Draw(t, "size"))}}})
		}
		seed := rapid.Uint64().Draw(t, "seed")
		all := func(rng *rand.Rand) (ends []int64) {
			for at := 0; at < len(log); {
				// The reader knows some of the log, by its time and by luck.
				known := at + rng.IntN(len(log)-at+1)
				n, ok, _ := cut.cut(log[at:known], time.Time{})
				if !ok {
					if known < len(log) {
						continue // reads on
					}
					n = len(log) - at // and at the end the time passes
				}
				at += n
				ends = append(ends, log[at-1].offset)
			}
			return ends
		}
		one, two := all(rand.New(rand.NewPCG(seed, 1))), all(rand.New(rand.NewPCG(seed, 2)))
		if len(one) != len(two) {
			t.Fatalf("cut at %v and at %v", one, two)
		}
		for i := range one {
			if one[i] != two[i] {
				t.Fatalf("cut at %v and at %v", one, two)
			}
		}
	})
}

func TestCut(t *testing.T) {
	start := time.UnixMilli(1_763_716_800_000)
	at := func(offset int64, ms int, size int) *item {
		return &item{read: &read{stored: stored{offset: offset, time: start.Add(time.Duration(ms) * time.Millisecond), value: make([]byte, size)}}}
	}
	cut := CutConfig{MaxEvents: 10, MaxBytes: 100, Window: time.Second, Slack: time.Second}
	tests := []struct {
		name    string
		records []*item
		seen    int // milliseconds after start
		n       int
		ok      bool
	}{
		{"nothing", nil, 9999, 0, false},
		{"still open", []*item{at(3, 0, 1), at(4, 900, 1)}, 1999, 2, false},
		{"window and slack have passed", []*item{at(3, 0, 1), at(4, 900, 1)}, 2000, 2, true},
		{"a record of the next window", []*item{at(3, 0, 1), at(4, 1000, 1)}, 0, 1, true},
		{"a late record stays where it lies", []*item{at(3, 1500, 1), at(4, 20, 1), at(5, 2000, 1)}, 0, 2, true},
		{"the range's last offset", []*item{at(8, 0, 1), at(9, 0, 1)}, 0, 2, true},
		{"beyond the range, its last offset missing", []*item{at(8, 0, 1), at(11, 0, 1)}, 0, 1, true},
		{"large enough", []*item{at(1, 0, 60), at(2, 0, 60), at(3, 0, 1)}, 0, 2, true},
		{"one record larger than a batch may be", []*item{at(1, 0, 600)}, 0, 1, true},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			n, ok, due := cut.cut(tt.records, start.Add(time.Duration(tt.seen)*time.Millisecond))
			if n != tt.n || ok != tt.ok {
				t.Errorf("cut() = %d, %v, want %d, %v", n, ok, tt.n, tt.ok)
			}
			if !ok && n > 0 && !due.Equal(start.Add(2*time.Second)) {
				t.Errorf("due = %s after the start, want 2s", due.Sub(start))
			}
		})
	}
}

// A batch at the log's end is complete only when what was in the log after its
// time is known.
func TestSeenUntil(t *testing.T) {
	o := &owned{next: 5, end: 5, asOf: time.Unix(9, 0)}
	if !o.seenUntil().Equal(time.Unix(9, 0)) {
		t.Errorf("at the end of the log: %s, want the time of the last fetch", o.seenUntil())
	}
	o.end = 6
	if !o.seenUntil().IsZero() {
		t.Error("with a record not fetched yet the log's end counts as known")
	}
}

// oneBroker starts a broker with one topic for tests of the inside.
func oneBroker(t *testing.T, n int) (*kfake.Cluster, Config) {
	t.Helper()
	c, err := kfake.NewCluster(kfake.NumBrokers(n))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(c.Close)
	cfg := DefaultConfig()
	cfg.Brokers = c.ListenAddrs()
	if err := ensureTopics(t.Context(), cfg, []ingest.Topic{"t"}, 4); err != nil {
		t.Fatal(err)
	}
	return c, cfg
}

func runProducer(t *testing.T, cfg Config) *Producer {
	t.Helper()
	pc := DefaultProducerConfig()
	pc.Config, pc.Topics, pc.Partitions, pc.Timeout = cfg, []ingest.Topic{"t"}, 4, 10*time.Second
	p, err := NewProducer(pc)
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan struct{})
	go func() { _ = p.Run(ctx); close(done) }()
	t.Cleanup(func() { cancel(); <-done })
	return p
}

// A partition that moves to another broker is followed within the call.
func TestProducerFollowsLeaders(t *testing.T) {
	c, cfg := oneBroker(t, 3)
	p := runProducer(t, cfg)
	for i := range 30 {
		for part := range int32(4) {
			if err := c.MoveTopicPartition("t", part, int32(i)%3); err != nil {
				t.Fatal(err)
			}
		}
		if err := p.Publish(t.Context(), ingest.Record{Topic: "t", Key: []byte{byte(i)}, Value: []byte("v")}); err != nil {
			t.Fatalf("publish after the partitions moved: %v", err)
		}
	}
	if p.Stats().Retries == 0 {
		t.Error("no batch was sent to a broker that had lost it: the test shows nothing")
	}
}

// A consumer follows too, and loses nothing.
func TestProducerRefusesOtherPartitions(t *testing.T) {
	_, cfg := oneBroker(t, 1)
	pc := DefaultProducerConfig()
	pc.Config, pc.Topics, pc.Partitions = cfg, []ingest.Topic{"t"}, 12 // it has 4
	p, err := NewProducer(pc)
	if err != nil {
		t.Fatal(err)
	}
	ran := make(chan error, 1)
	go func() { ran <- p.Run(t.Context()) }()
	if err := p.Publish(t.Context(), ingest.Record{Topic: "t", Key: []byte("k"), Value: []byte("v")}); !errors.Is(err, ErrUnavailable) {
		t.Errorf("published: %v", err)
	}
	if err := <-ran; !errors.Is(err, ErrPartitions) {
		t.Errorf("Run ended with %v", err)
	}
}

func TestConsumerFollowsLeaders(t *testing.T) {
	c, cfg := oneBroker(t, 3)
	p := runProducer(t, cfg)
	seen := make(chan string, 100)
	cc := DefaultConsumerConfig()
	cc.Config, cc.Group, cc.Topics = cfg, "g", []ingest.Topic{"t"}
	consumer, err := NewConsumer(cc, Each(1, func(_ context.Context, e ingest.Event) error { seen <- e.ID; return nil }), p)
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan struct{})
	go func() { _ = consumer.Run(ctx); close(done) }()
	defer func() { cancel(); <-done }()
	for i := range 12 {
		for part := range int32(4) {
			if err := c.MoveTopicPartition("t", part, int32(i)%3); err != nil {
				t.Fatal(err)
			}
		}
		e, _ := ingest.NewEvent("test", "tnt_t", "k", time.Unix(int64(i), 0), "s", i)
		r, _ := ingest.NewRecord("t", e)
		if err := p.Publish(t.Context(), r); err != nil {
			t.Fatal(err)
		}
		select {
		case id := <-seen:
			if id != e.ID {
				t.Fatalf("event %d: got another", i)
			}
		case <-time.After(20 * time.Second):
			t.Fatalf("event %d did not come after its partition moved", i)
		}
	}
}

// Nothing fetched although there is something: the membership is built anew.
func TestWatchdogRebuilds(t *testing.T) {
	_, cfg := oneBroker(t, 1)
	p := runProducer(t, cfg)
	handled := make(chan struct{}, 10)
	cc := DefaultConsumerConfig()
	cc.Config, cc.Group, cc.Topics, cc.Stall = cfg, "g", []ingest.Topic{"t"}, 300*time.Millisecond
	c, err := NewConsumer(cc, Each(1, func(context.Context, ingest.Event) error { handled <- struct{}{}; return nil }), p)
	if err != nil {
		t.Fatal(err)
	}
	read := c.read
	c.read = func(ctx context.Context, f *fetcher, from map[place]int64) ([]portion, error) {
		if c.Status().Rebuilds == 0 {
			<-ctx.Done() // a reader that hangs for good
			return nil, ctx.Err()
		}
		return read(ctx, f, from)
	}
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan struct{})
	go func() { _ = c.Run(ctx); close(done) }()
	defer func() { cancel(); <-done }()
	e, _ := ingest.NewEvent("test", "tnt_t", "k", time.Unix(1, 0), "s", 1)
	r, _ := ingest.NewRecord("t", e)
	if err := p.Publish(t.Context(), r); err != nil {
		t.Fatal(err)
	}
	select {
	case <-handled:
	case <-time.After(20 * time.Second):
		t.Fatal("the event was never handled")
	}
	if c.Status().Rebuilds == 0 {
		t.Error("the event came without a rebuild: the test shows nothing")
	}
}

// A member that is asked to stop while it waits for the others of its group
// stops at once: the slowest of them may take long.
func TestAMemberStopsWhileItJoins(t *testing.T) {
	cluster, cfg := oneBroker(t, 1)
	slow, err := kafka.NewConsumerGroup(kafka.ConsumerGroupConfig{ID: "g", Brokers: cfg.Brokers, Topics: []string{"t"}, RebalanceTimeout: 5 * time.Minute})
	if err != nil {
		t.Fatal(err)
	}
	gen, err := slow.Next(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	busy := make(chan struct{})
	gen.Start(func(context.Context) { <-busy }) // and does not mind that the group changes
	defer slow.Close()
	defer close(busy)
	joins := make(chan struct{}, 10)
	cluster.ControlKey(kmsg.NewPtrJoinGroupRequest().Key(), func(kmsg.Request) (kmsg.Response, error, bool) {
		cluster.KeepControl()
		joins <- struct{}{}
		return nil, nil, false
	})
	cc := DefaultConsumerConfig()
	cc.Config, cc.Group, cc.Topics = cfg, "g", []ingest.Topic{"t"}
	c, err := NewConsumer(cc, Each(1, func(context.Context, ingest.Event) error { return nil }), runProducer(t, cfg))
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan struct{})
	go func() { _ = c.Run(ctx); close(done) }()
	<-joins
	cancel()
	select {
	case <-done:
	case <-time.After(25 * time.Second): // it would wait 35
		t.Fatal("the member waits for one that does not come")
	}
}

// An idle long poll names nothing that the session knows already.
func TestFetchNamesOnlyNews(t *testing.T) {
	f := &fetcher{maxWait: time.Second, partBytes: 1, allBytes: 1, sent: map[place]int64{}}
	from := map[place]int64{{"t", 0}: 1, {"t", 1}: 7}
	count := func() (named, forgotten int) {
		req := f.request(from)
		for _, t := range req.Topics {
			named += len(t.Partitions)
		}
		return named, len(req.ForgottenTopics)
	}
	for _, step := range []struct {
		name             string
		do               func()
		named, forgotten int
	}{
		{"first", func() {}, 2, 0},
		{"idle", func() {}, 0, 0},
		{"one moved on", func() { from[place{"t", 0}] = 2 }, 1, 0},
		{"one waits", func() { delete(from, place{"t", 1}) }, 0, 1},
		{"and comes back", func() { from[place{"t", 1}] = 7 }, 1, 0},
	} {
		step.do()
		if named, forgotten := count(); named != step.named || forgotten != step.forgotten {
			t.Errorf("%s: %d named, %d forgotten, want %d and %d", step.name, named, forgotten, step.named, step.forgotten)
		}
	}
}

func TestEach(t *testing.T) {
	events := []ingest.Event{{ID: "a1", Key: "a"}, {ID: "b1", Key: "b"}, {ID: "a2", Key: "a"}, {ID: "b2", Key: "b"}, {ID: "a3", Key: "a"}, {ID: "c1", Key: "c"}}
	boom, never := errors.New("boom"), ErrPoison
	h := func(_ context.Context, e ingest.Event) error {
		switch e.ID {
		case "a2":
			return boom
		case "b1":
			return never
		case "c1":
			panic("x")
		}
		return nil
	}
	for _, n := range []int{1, 8} {
		errs := Each(n, h).Handle(t.Context(), events)
		want := []error{nil, never, boom, nil, ErrBehind, nil}
		for i := range 5 {
			if !errors.Is(errs[i], want[i]) {
				t.Errorf("%d at once, %s: error %v, want %v", n, events[i].ID, errs[i], want[i])
			}
		}
		var broke *ingest.PanicError
		if !errors.As(errs[5], &broke) {
			t.Errorf("%d at once: the panic is %v, want an error of its own", n, errs[5])
		}
	}
}

// A handler that panics over a batch, or answers a slot too few, loses nobody:
// each event is tried alone.
func TestHandlerBreaksOverBatch(t *testing.T) {
	for _, tt := range []struct {
		name string
		h    handlerFunc
		want string // the events done
		dead int
	}{
		{"panics over one", func(events []ingest.Event) []error {
			for _, e := range events {
				if e.ID == "2" {
					panic(e.ID)
				}
			}
			return nil
		}, "1 3", 1},
		{"answers too few slots", func(events []ingest.Event) []error {
			if len(events) > 1 {
				return []error{nil}
			}
			return nil
		}, "1 2 3", 0},
	} {
		t.Run(tt.name, func(t *testing.T) {
			cfg := DefaultConsumerConfig()
			cfg.Group = "g"
			dead := new(counter)
			m := newMember(cfg, dead)
			d := &handling{m: &m, h: tt.h}
			g := &generation{m: &m, late: t.Context()}
			var chunk []*item
			for _, id := range []string{"1", "2", "3"} {
				chunk = append(chunk, &item{read: &read{event: ingest.Event{ID: id, Key: id}}})
			}
			d.handle(t.Context(), g, chunk)
			var done []string
			for _, it := range chunk {
				if it.done && it.err == nil {
					done = append(done, it.event.ID)
				}
			}
			if got := strings.Join(done, " "); got != tt.want || int(*dead) != tt.dead {
				t.Errorf("done %q and %d dead letters, want %q and %d", got, *dead, tt.want, tt.dead)
			}
		})
	}
}

type handlerFunc func([]ingest.Event) []error

func (f handlerFunc) Handle(_ context.Context, events []ingest.Event) []error { return f(events) }

type counter int

func (c *counter) Publish(_ context.Context, recs ...ingest.Record) error {
	*c += counter(len(recs))
	return nil
}

func TestConfigs(t *testing.T) {
	withBroker := DefaultConfig()
	withBroker.Brokers = []string{"127.0.0.1:9092"}
	p := DefaultProducerConfig()
	if p.Validate() == nil {
		t.Error("a producer without brokers is taken")
	}
	if p.Config = withBroker; p.Validate() != nil {
		t.Errorf("the producer's defaults are refused: %v", p.Validate())
	}
	c := DefaultConsumerConfig()
	c.Config = withBroker
	if c.Validate() == nil {
		t.Error("a consumer without group is taken")
	}
	if c.Group, c.Topics = "g", ingest.Topics; c.Validate() != nil {
		t.Errorf("the consumer's defaults are refused: %v", c.Validate())
	}
	m := newMember(c, nil)
	if got := m.groupConfig(newDials(m.cfg.Config)); got.StartOffset != kafka.FirstOffset || !got.WatchPartitionChanges {
		t.Errorf("group config %+v: want the first offset to start from, and partitions watched", got)
	}
}

// Acks of all replicas are asked for; a test reads it back (K1).
func TestProducerAsksForAllReplicas(t *testing.T) {
	c, cfg := oneBroker(t, 1)
	acks := make(chan int16, 10)
	watchAcks(c, acks)
	p := runProducer(t, cfg)
	if err := p.Publish(t.Context(), ingest.Record{Topic: "t", Key: []byte("k"), Value: []byte("v")}); err != nil {
		t.Fatal(err)
	}
	if got := <-acks; got != -1 {
		t.Errorf("acks = %d, want -1: all replicas", got)
	}
}
