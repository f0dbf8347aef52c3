package stream_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"frontdesk/ingest"
	"frontdesk/ingest/stream"
)

// conformance is what must hold on any broker.
var conformance = []struct {
	name string
	run  func(t *testing.T, b *broker)
}{
	{"one key keeps its order, nothing is lost", keepsOrder},
	{"what comes during a request goes with the next", gathers},
	{"what is too large is refused and nothing of its call written", refusesTooLarge},
	{"more waiting bytes than may be are refused at once", refusesOverload},
	{"a silent broker gives unavailable in time and at once afterwards", givesUp},
	{"the caller's bytes are its own again after any return", keepsNoBytes},
	{"an acknowledgement after the deadline leaves repeats of one id", repeatsBearOneID},
	{"stopping a producer refuses what is new and finishes what waits", producerDrains},
	{"an event that keeps failing holds up its partition and no other", retriesInPlace},
	{"what can never be accepted goes to the dead letters and the rest goes on", buriesPoison},
	{"dead letters are listed, replayed and discarded for good", deadLettersAreDealtWith},
	{"stopping a consumer finishes the batch in hand and commits it", consumerStopsSoftly},
	{"a batch not committed comes again as the same range", batchesRepeat},
	{"a replay hands over from a time or an offset and moves no group", replays},
	{"members coming and going lose nothing, keep the order and never fall back", survivesRebalances},
	{"a member that was thrown out cannot commit", fencesZombies},
	{"a broker that is killed and started again loses nothing", survivesRestart},
}

func TestConformanceOnKfake(t *testing.T) {
	for _, tt := range conformance {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			tt.run(t, startKfake(t))
		})
	}
}

// One Apache Kafka serves all tests: it takes seconds to start. The last test
// kills it.
func TestConformanceOnApacheKafka(t *testing.T) {
	if testing.Short() {
		t.Skip("starts a Java process")
	}
	b := startApache(t)
	for _, tt := range conformance {
		t.Run(tt.name, func(t *testing.T) { tt.run(t, b) })
	}
}

// publishAll publishes the events 1 to n of each of keys, each key's one after
// the other, all keys at once. A failed one is published again, as the edge's
// spool does.
func publishAll(t *testing.T, p *stream.Producer, topic ingest.Topic, keys, from, to int) {
	t.Helper()
	var all sync.WaitGroup
	for k := range keys {
		all.Go(func() {
			for n := from; n <= to; n++ {
				r := record(t, topic, event(key(k), n))
				for p.Publish(t.Context(), r) != nil && t.Context().Err() == nil {
				}
			}
		})
	}
	all.Wait()
}

func keepsOrder(t *testing.T, b *broker) {
	const keys, each = 40, 25
	topic := newTopic(t, b)
	p := newProducer(t, b, nil, topic)
	got := newBook()
	cfg := consumerConfig(b, topic)
	_, stop := consume(t, cfg, stream.Each(4, got.take), nil)
	publishAll(t, p, topic, keys, 1, each)
	eventually(t, "all events", func() bool { return got.complete(keys, each) })
	stop()
	got.checkOrder(t)
	lag, err := stream.GroupLag(t.Context(), cfg.Config, cfg.Group, topic)
	if err != nil || lag.Total() != 0 {
		t.Errorf("lag after all was handled = %v, %v, want 0", lag, err)
	}
}

func gathers(t *testing.T, b *broker) {
	topic := newTopic(t, b)
	p := newProducer(t, b, nil, topic)
	publishAll(t, p, topic, 1, 1, 1) // connects
	b.hold()
	const n = 200
	before, weight := p.Stats(), 0
	var all sync.WaitGroup
	for i := range n {
		r := record(t, topic, event(key(i), 1))
		weight += stream.RecordBytes(r)
		all.Go(func() {
			if err := p.Publish(t.Context(), r); err != nil {
				t.Errorf("publish: %v", err)
			}
		})
	}
	eventually(t, "all waiting", func() bool { return p.Stats().BytesInFlight == weight })
	b.release()
	all.Wait()
	after := p.Stats()
	// How many go with the first few is the scheduler's; one request a record,
	// or ten records, would be no gathering.
	if sent := after.Requests - before.Requests; sent > n/10 {
		t.Errorf("%d records took %d requests, want at most %d", n, sent, n/10)
	}
	if after.Records-before.Records != n || after.BytesInFlight != 0 {
		t.Errorf("stats = %+v, want %d records and nothing in flight", after, n)
	}
}

func refusesTooLarge(t *testing.T, b *broker) {
	topic := newTopic(t, b)
	p := newProducer(t, b, nil, topic)
	limit := stream.DefaultProducerConfig().MaxRecordBytes
	small := ingest.Record{Topic: topic, Key: []byte("k"), Value: []byte("small")}
	large := ingest.Record{Topic: topic, Key: []byte("k"), Value: bytes.Repeat([]byte("x"), limit)}
	if err := p.Publish(t.Context(), small, large); !errors.Is(err, stream.ErrTooLarge) {
		t.Fatalf("Publish() error = %v, want ErrTooLarge", err)
	}
	large.Value = large.Value[:limit-1]
	if err := p.Publish(t.Context(), large); err != nil {
		t.Fatalf("publish the largest record: %v", err)
	}
	var sizes []int
	if err := stream.Scan(t.Context(), config(b), topic, func(e stream.Entry) error {
		sizes = append(sizes, len(e.Value))
		return nil
	}); err != nil || !slices.Equal(sizes, []int{limit - 1}) {
		t.Errorf("stored sizes %v, %v, want [%d]", sizes, err, limit-1)
	}
}

func refusesOverload(t *testing.T, b *broker) {
	topic := newTopic(t, b)
	p := newProducer(t, b, func(c *stream.ProducerConfig) { c.MaxRecordBytes, c.MaxBytesInFlight = 1000, 10_000 }, topic)
	publishAll(t, p, topic, 1, 1, 1)
	b.hold()
	defer b.release()
	rec := ingest.Record{Topic: topic, Value: make([]byte, 900)}
	ctx, cancel := context.WithCancel(t.Context())
	var all sync.WaitGroup
	for range 10 {
		all.Go(func() { _ = p.Publish(ctx, rec) })
	}
	eventually(t, "ten waiting", func() bool { return p.Stats().BytesInFlight > 9000 })
	if err := p.Publish(t.Context(), rec); !errors.Is(err, stream.ErrOverloaded) {
		t.Errorf("Publish() error = %v, want ErrOverloaded", err)
	}
	cancel()
	all.Wait()
}

func givesUp(t *testing.T, b *broker) {
	topic := newTopic(t, b)
	p := newProducer(t, b, func(c *stream.ProducerConfig) { c.Timeout = 300 * time.Millisecond }, topic)
	for p.Publish(t.Context(), record(t, topic, event(key(0), 1))) != nil {
	}
	b.hold()
	defer b.release()
	rec := record(t, topic, event(key(0), 2))
	begin := time.Now()
	if err := p.Publish(t.Context(), rec); !errors.Is(err, stream.ErrUnavailable) {
		t.Fatalf("Publish() error = %v, want ErrUnavailable", err)
	}
	if took := time.Since(begin); took > 2*time.Second {
		t.Errorf("giving up took %s, want about 300ms", took)
	}
	// One call tries the broker again; all others are told at once.
	eventually(t, "refusal at once", func() bool {
		go func() { _ = p.Publish(t.Context(), rec) }()
		before := p.Stats().Refused
		err := p.Publish(t.Context(), rec)
		return errors.Is(err, stream.ErrUnavailable) && p.Stats().Refused > before
	})
	b.release()
	eventually(t, "recovery", func() bool { return p.Publish(t.Context(), rec) == nil })
}

func keepsNoBytes(t *testing.T, b *broker) {
	topic := newTopic(t, b)
	p := newProducer(t, b, nil, topic)
	publishAll(t, p, topic, 1, 1, 1)
	b.hold()
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	var all sync.WaitGroup
	for i := range 3 { // the first is sent, the others wait for it
		rec := ingest.Record{Topic: topic, Key: []byte(key(i)), Value: bytes.Repeat([]byte{'0' + byte(i)}, 100)}
		before := p.Stats().BytesInFlight
		all.Go(func() {
			_ = p.Publish(ctx, rec)
			clear(rec.Key)
			clear(rec.Value)
		})
		eventually(t, "it waits", func() bool { return p.Stats().BytesInFlight > before })
	}
	cancel()
	all.Wait()
	b.release()
	eventually(t, "nothing waits", func() bool { return p.Stats().BytesInFlight == 0 })
	stored := 0
	if err := stream.Scan(t.Context(), config(b), topic, func(e stream.Entry) error {
		if len(e.Value) == 100 && (bytes.IndexByte(e.Value, 0) >= 0 || bytes.IndexByte(e.Key, 0) >= 0) {
			t.Errorf("the log has bytes that the caller wrote later")
		}
		stored++
		return nil
	}); err != nil || stored != 4 {
		t.Errorf("%d records stored, %v, want 4", stored, err)
	}
}

func repeatsBearOneID(t *testing.T, b *broker) {
	topic := newTopic(t, b)
	p := newProducer(t, b, func(c *stream.ProducerConfig) { c.Timeout = 300 * time.Millisecond }, topic)
	for p.Publish(t.Context(), record(t, topic, event(key(0), 1))) != nil {
	}
	got := newBook()
	consume(t, consumerConfig(b, topic), stream.Each(1, got.take), nil)
	repeated := func(id string) bool {
		got.mu.Lock()
		defer got.mu.Unlock()
		return got.ids[id] >= 2
	}
	for n := 2; n < 8; n++ { // a busy broker may find the caller gone before it reads the first
		b.hold() // requests arrive, answers do not
		e := event(key(0), n)
		if err := p.Publish(t.Context(), record(t, topic, e)); !errors.Is(err, stream.ErrUnavailable) {
			t.Fatalf("Publish() error = %v, want ErrUnavailable", err)
		}
		b.release()
		eventually(t, "publishing again", func() bool { return p.Publish(t.Context(), record(t, topic, e)) == nil })
		eventually(t, "the event", func() bool { return got.complete(1, n) })
		ctx, cancel := context.WithTimeout(t.Context(), 3*time.Second)
		err := await(ctx, func() bool { return repeated(e.ID) })
		cancel()
		if err == nil {
			got.checkOrder(t)
			return
		}
	}
	t.Error("no event came twice, although the log had each before it was published again")
}

func producerDrains(t *testing.T, b *broker) {
	topic := newTopic(t, b)
	cfg := stream.DefaultProducerConfig()
	cfg.Config, cfg.Topics, cfg.Partitions, cfg.Timeout = config(b), []ingest.Topic{topic}, partitions, 10*time.Second
	p, err := stream.NewProducer(cfg)
	if err != nil {
		t.Fatal(err)
	}
	stop := running(t, p.Run)
	publishAll(t, p, topic, 1, 1, 1)
	b.hold()
	waiting := make(chan error, 2)
	for n := range 2 { // one is sent, the other waits for it
		before := p.Stats().BytesInFlight
		go func() { waiting <- p.Publish(context.Background(), record(t, topic, event(key(0), 2+n))) }()
		eventually(t, "it waits", func() bool { return p.Stats().BytesInFlight > before })
	}
	stopped := make(chan struct{})
	go func() { stop(); close(stopped) }()
	eventually(t, "refusal", func() bool {
		ctx, cancel := context.WithTimeout(t.Context(), 20*time.Millisecond)
		defer cancel()
		err := p.Publish(ctx, record(t, topic, event(key(0), 4)))
		return errors.Is(err, stream.ErrUnavailable) && p.Stats().Refused > 0
	})
	b.release()
	for range 2 {
		if err := <-waiting; err != nil {
			t.Errorf("a call under way = %v, want nil", err)
		}
	}
	<-stopped
}

func retriesInPlace(t *testing.T, b *broker) {
	topic := newTopic(t, b)
	p := newProducer(t, b, nil, topic)
	stuck := key(0)
	other := 1
	for stream.Partition([]byte(key(other)), partitions) == stream.Partition([]byte(stuck), partitions) {
		other++
	}
	var healed atomic.Bool
	var tries atomic.Int64
	got := newBook()
	h := stream.Each(4, func(ctx context.Context, e ingest.Event) error {
		if e.Key == stuck && string(e.Data) == "2" && !healed.Load() {
			tries.Add(1)
			return errors.New("not now")
		}
		return got.take(ctx, e)
	})
	cfg := consumerConfig(b, topic)
	c, _ := consume(t, cfg, h, &letters{})
	publishAll(t, p, topic, other+1, 1, 20)
	last := func(k string) int {
		got.mu.Lock()
		defer got.mu.Unlock()
		return got.last[k]
	}
	eventually(t, "the other partition", func() bool { return last(key(other)) == 20 })
	eventually(t, "slow tries", func() bool { return tries.Load() > int64(cfg.Tries)+1 && c.Status().Waiting == 1 })
	if got := last(stuck); got != 1 {
		t.Errorf("the failing key came to %d, want 1: the one before the failure", got)
	}
	at := stream.Partition([]byte(stuck), partitions)
	if offsets, err := stream.Committed(t.Context(), cfg.Config, cfg.Group, topic, partitions); err != nil || offsets[at] >= 20 {
		t.Errorf("committed %v, %v: beyond an event that failed", offsets, err)
	}
	healed.Store(true)
	eventually(t, "all", func() bool { return got.complete(other+1, 20) })
	got.checkOrder(t)
}

func buriesPoison(t *testing.T, b *broker) {
	topic := newTopic(t, b)
	p := newProducer(t, b, nil, topic)
	got := newBook()
	h := stream.Each(4, func(ctx context.Context, e ingest.Event) error {
		switch string(e.Data) {
		case `"refuse"`:
			return fmt.Errorf("no such kind: %w", stream.ErrPoison)
		case `"panic"`:
			panic("text of a message")
		}
		return got.take(ctx, e)
	})
	special := func(data string) []byte {
		e := event(key(0), 1)
		e.Data = []byte(data)
		return record(t, topic, e).Value
	}
	later := event(key(0), 1)
	later.Version = 99
	poison := map[string][]byte{
		"malformed: no json":       []byte("\x00\xff{"),
		"malformed: empty":         {},
		"malformed: later version": record(t, topic, later).Value,
		"malformed: large":         bytes.Repeat([]byte("["), 3<<20),
		"refused":                  special(`"refuse"`),
		"panic":                    special(`"panic"`),
	}
	for _, v := range poison {
		if err := p.Publish(t.Context(), ingest.Record{Topic: topic, Key: []byte(key(0)), Value: v}); err != nil {
			t.Fatal(err)
		}
	}
	publishAll(t, p, topic, 1, 1, 3)
	dead := &letters{}
	cfg := consumerConfig(b, topic)
	begin := time.Now()
	consume(t, cfg, h, dead)
	eventually(t, "what is behind the poison", func() bool { return got.complete(1, 3) })
	eventually(t, "the commit", func() bool {
		lag, err := stream.GroupLag(t.Context(), cfg.Config, cfg.Group, topic)
		return err == nil && lag.Total() == 0
	})
	t.Logf("poison was passed after %s", time.Since(begin))
	found := map[string]int{}
	for _, d := range dead.all() {
		found[d.Class]++
		if !slices.ContainsFunc(mapValues(poison), func(v []byte) bool { return bytes.Equal(v, d.Value) }) {
			t.Errorf("dead letter %s has other bytes than the record", d.ID)
		}
		if d.Topic != topic || d.Source != cfg.Group || string(d.Key) != key(0) || d.Error == "" || d.At.IsZero() {
			t.Errorf("dead letter %+v lacks where it is from or why", d)
		}
		if bytes.Contains([]byte(d.Error), []byte("text of a message")) {
			t.Errorf("dead letter's error quotes the message: %s", d.Error)
		}
	}
	if found[ingest.DeadMalformed] != 4 || found[ingest.DeadRefused] != 1 || found[ingest.DeadPanic] != 1 {
		t.Errorf("dead letters by class = %v, want 4 malformed, 1 refused, 1 panic", found)
	}
}

func mapValues(m map[string][]byte) (vs [][]byte) {
	for _, v := range m {
		vs = append(vs, v)
	}
	return vs
}

func deadLettersAreDealtWith(t *testing.T, b *broker) {
	topic := newTopic(t, b)
	if err := stream.EnsureTopicsOf(t.Context(), config(b), partitions, ingest.TopicDead); err != nil {
		t.Fatal(err)
	}
	p := newProducer(t, b, nil, topic, ingest.TopicDead)
	var fixed atomic.Bool
	got := newBook()
	h := stream.Each(1, func(ctx context.Context, e ingest.Event) error {
		if !fixed.Load() {
			return stream.ErrPoison
		}
		return got.take(ctx, e)
	})
	cfg := consumerConfig(b, topic)
	c, err := stream.NewConsumer(cfg, h, p)
	if err != nil {
		t.Fatal(err)
	}
	running(t, c.Run)
	publishAll(t, p, topic, 3, 1, 1)
	eventually(t, "three dead letters", func() bool { return c.Status().DeadLetters == 3 })
	body := ingest.NewDeadBody("callback/whatsapp", bytes.Repeat([]byte("{"), 3<<20), ingest.DeadMalformed, "no json", time.Now())
	edge, err := body.Record()
	if err != nil {
		t.Fatal(err)
	}
	if err := p.Publish(t.Context(), edge); err != nil {
		t.Fatalf("publish the largest callback's dead letter: %v", err)
	}

	dead := stream.NewDead(config(b), p)
	all, err := dead.List(t.Context())
	if err != nil || len(all) != 4 {
		t.Fatalf("List() = %d letters, %v, want 4", len(all), err)
	}
	fixed.Store(true)
	mine := slices.DeleteFunc(slices.Clone(all), func(l ingest.DeadLetter) bool { return l.Topic == "" })
	if err := dead.Replay(t.Context(), mine[0]); err != nil {
		t.Fatal(err)
	}
	if err := dead.Discard(t.Context(), mine[1]); err != nil {
		t.Fatal(err)
	}
	if err := dead.Replay(t.Context(), body); !errors.Is(err, stream.ErrNoTopic) {
		t.Errorf("replay of a body refused at the edge = %v, want ErrNoTopic", err)
	}
	eventually(t, "the replayed event", func() bool { got.mu.Lock(); defer got.mu.Unlock(); return got.last[string(mine[0].Key)] == 1 })
	left, err := stream.NewDead(config(b), p).List(t.Context())
	if err != nil || len(left) != 2 {
		t.Errorf("List() afterwards = %d letters, %v, want 2", len(left), err)
	}
	if _, err := dead.Find(t.Context(), mine[1].ID); !errors.Is(err, stream.ErrNoDeadLetter) {
		t.Errorf("Find(discarded) = %v, want ErrNoDeadLetter", err)
	}
}

func consumerStopsSoftly(t *testing.T, b *broker) {
	topic := newTopic(t, b)
	p := newProducer(t, b, nil, topic)
	publishAll(t, p, topic, 1, 1, 1)
	entered, leave := make(chan struct{}), make(chan struct{})
	h := stream.Each(1, func(ctx context.Context, e ingest.Event) error {
		close(entered)
		<-leave
		return ctx.Err() // still alive although Run's has ended
	})
	cfg := consumerConfig(b, topic)
	_, stop := consume(t, cfg, h, nil)
	<-entered
	stopped := make(chan struct{})
	go func() { stop(); close(stopped) }()
	select {
	case <-stopped:
		t.Fatal("Run ended with a batch in hand")
	case <-time.After(50 * time.Millisecond):
	}
	close(leave)
	<-stopped
	if lag, err := stream.GroupLag(t.Context(), cfg.Config, cfg.Group, topic); err != nil || lag.Total() != 0 {
		t.Errorf("lag = %v, %v, want 0: the batch in hand is committed", lag, err)
	}
}

func replays(t *testing.T, b *broker) {
	topic := newTopic(t, b)
	p := newProducer(t, b, nil, topic)
	got := newBook()
	cfg := consumerConfig(b, topic)
	consume(t, cfg, stream.Each(1, got.take), nil)
	publishAll(t, p, topic, 2, 1, 5)
	eventually(t, "the first half", func() bool { return got.complete(2, 5) })
	if err := p.Publish(t.Context(), ingest.Record{Topic: topic, Key: []byte(key(0)), Value: []byte("no event")}); err != nil {
		t.Fatal(err)
	}
	<-time.After(5 * time.Millisecond) // the log's times are in milliseconds
	half := time.Now()
	<-time.After(5 * time.Millisecond)
	publishAll(t, p, topic, 2, 6, 10)
	before, err := stream.Committed(t.Context(), cfg.Config, cfg.Group, topic, partitions)
	if err != nil {
		t.Fatal(err)
	}
	all := newBook()
	done, err := stream.Replay(t.Context(), config(b), topic, stream.From{}, stream.Each(2, all.take))
	if err != nil || done.Events != 20 || done.Skipped != 1 || !all.complete(2, 10) {
		t.Errorf("Replay(from the start) = %+v, %v, want 20 events and 1 skipped", done, err)
	}
	all.checkOrder(t)
	done, err = stream.Replay(t.Context(), config(b), topic, stream.From{Time: half}, stream.Each(2, newBook().take))
	if err != nil || done.Events != 10 {
		t.Errorf("Replay(from half time) = %+v, %v, want 10 events", done, err)
	}
	_, err = stream.Replay(t.Context(), config(b), topic, stream.From{}, stream.Each(1, func(context.Context, ingest.Event) error { return errors.New("never") }))
	if err == nil {
		t.Error("Replay() with a handler that always fails = nil, want its error")
	}
	after, err := stream.Committed(t.Context(), cfg.Config, cfg.Group, topic, partitions)
	if err != nil {
		t.Fatal(err)
	}
	for i := range after {
		if after[i] < before[i] {
			t.Errorf("partition %d of the live group fell from %d to %d", i, before[i], after[i])
		}
	}
}

// watchOffsets asks for the group's offsets until stopped, and fails where one
// of them falls (K9).
func watchOffsets(t *testing.T, cfg stream.ConsumerConfig) (stop func()) {
	return running(t, func(ctx context.Context) error {
		highest := make([]int64, partitions)
		for i := range highest {
			highest[i] = -1 // nothing committed
		}
		for ctx.Err() == nil {
			now, err := stream.Committed(ctx, cfg.Config, cfg.Group, cfg.Topics[0], partitions)
			if err != nil {
				continue
			}
			for i := range now {
				if now[i] < highest[i] {
					return fmt.Errorf("partition %d fell from %d to %d", i, highest[i], now[i])
				}
				highest[i] = now[i]
			}
		}
		return nil
	})
}

func survivesRebalances(t *testing.T, b *broker) {
	const keys, members, changes = 24, 4, 12
	topic := newTopic(t, b)
	p := newProducer(t, b, nil, topic)
	cfg := consumerConfig(b, topic)
	cfg.MaxEvents = 8
	got := newBook()
	stopWatching := watchOffsets(t, cfg)
	consume(t, cfg, stream.Each(4, got.take), nil)
	var changed atomic.Int64
	storm := running(t, func(ctx context.Context) error {
		rng := rand.New(rand.NewPCG(1, 2))
		stops := make([]func(), members)
		for ctx.Err() == nil {
			i := rng.IntN(members)
			if stops[i] == nil {
				c, err := stream.NewConsumer(cfg, stream.Each(4, got.take), &letters{})
				if err != nil {
					return err
				}
				one, cancel := context.WithCancel(context.Background())
				ended := make(chan struct{})
				go func() { _ = c.Run(one); close(ended) }()
				stops[i] = func() { cancel(); <-ended }
			} else {
				stops[i]()
				stops[i] = nil
			}
			changed.Add(1)
			select {
			case <-ctx.Done():
			case <-time.After(time.Duration(rng.IntN(200)) * time.Millisecond):
			}
		}
		for _, stop := range stops {
			if stop != nil {
				stop()
			}
		}
		return nil
	})
	last := 0
	for changed.Load() < changes || last < 60 {
		publishAll(t, p, topic, keys, last+1, last+10)
		last += 10
	}
	storm()
	t.Logf("%d events of each key over %d changes", last, changed.Load())
	eventually(t, "all events", func() bool { return got.complete(keys, last) })
	stopWatching()
	got.checkOrder(t)
}

func fencesZombies(t *testing.T, b *broker) {
	topic := newTopic(t, b)
	p := newProducer(t, b, nil, topic)
	cfg := consumerConfig(b, topic)
	cfg.RebalanceTimeout = time.Second // and then it is thrown out
	cfg.MaxEvents = 5
	publishAll(t, p, topic, 1, 1, 50)
	entered, leave, again, end := make(chan struct{}), make(chan struct{}), make(chan struct{}), make(chan struct{})
	zombie := newBook()
	var first, sixth sync.Once
	zombie.block = func(e ingest.Event) {
		first.Do(func() { close(entered); <-leave })
		if string(e.Data) == "6" {
			sixth.Do(func() { close(again); <-end })
		}
	}
	z, stopZombie := consume(t, cfg, stream.Each(1, zombie.take), nil)
	<-entered
	heir := newBook()
	consume(t, cfg, stream.Each(1, heir.take), nil)
	at := stream.Partition([]byte(key(0)), partitions)
	eventually(t, "the heir at the end", func() bool { return heir.complete(1, 50) })
	eventually(t, "its commit", func() bool {
		offsets, err := stream.Committed(t.Context(), cfg.Config, cfg.Group, topic, partitions)
		return err == nil && offsets[at] == 50
	})
	stopWatching := watchOffsets(t, cfg)
	close(leave) // the zombie goes on, and commits 5
	eventually(t, "the zombie's commit", func() bool {
		select {
		case <-again:
			t.Error("the zombie goes on with the next batch")
			return true
		default:
			return z.Status().Generation > 1 // it has joined again
		}
	})
	offsets, err := stream.Committed(t.Context(), cfg.Config, cfg.Group, topic, partitions)
	if err != nil || offsets[at] != 50 {
		t.Errorf("committed %v, %v after the zombie came back, want 50 at partition %d", offsets, err, at)
	}
	close(end)
	stopZombie()
	stopWatching()
}

func survivesRestart(t *testing.T, b *broker) {
	const keys, each = 12, 40
	topic := newTopic(t, b)
	p := newProducer(t, b, func(c *stream.ProducerConfig) { c.Timeout = 1500 * time.Millisecond }, topic)
	got := newBook()
	consume(t, consumerConfig(b, topic), stream.Each(4, got.take), nil)
	publishing := make(chan struct{})
	go func() {
		defer close(publishing)
		publishAll(t, p, topic, keys, 1, each)
	}()
	eventually(t, "some events", func() bool { return got.complete(keys, 5) })
	b.kill(t)
	b.start(t)
	<-publishing
	publishAll(t, p, topic, keys, each+1, each+5)
	eventually(t, "all events", func() bool { return got.complete(keys, each+5) })
	got.checkOrder(t)
}
