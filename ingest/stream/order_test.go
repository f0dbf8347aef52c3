package stream

import (
	"context"
	"errors"
	"fmt"
	"runtime"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/twmb/franz-go/pkg/kerr"
	"github.com/twmb/franz-go/pkg/kfake"
	"github.com/twmb/franz-go/pkg/kmsg"

	"frontdesk/ingest"
)

// Records of one key lie in the order in which their calls began, although many
// wait at once, over two requests in flight, and every other request is refused
// and sent again.
func TestProducerKeepsOrderOverRetries(t *testing.T) {
	c, cfg := oneBroker(t, 1)
	var refused atomic.Int64
	refuseEveryOther(c, &refused)
	pc := DefaultProducerConfig()
	pc.Config, pc.Topics, pc.Partitions, pc.Timeout, pc.Lanes, pc.MaxBatchBytes = cfg, []ingest.Topic{"t"}, 4, 10*time.Second, 2, 300
	p, err := NewProducer(pc)
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan struct{})
	go func() { _ = p.Run(ctx); close(done) }()
	defer func() { cancel(); <-done }()

	const keys, each = 8, 60
	var all sync.WaitGroup
	for n := range each {
		for k := range keys {
			key := []byte{byte('a' + k)}
			before := calls(p)
			all.Go(func() {
				if err := p.Publish(t.Context(), ingest.Record{Topic: "t", Key: key, Value: fmt.Appendf(nil, "%d", n)}); err != nil {
					t.Errorf("publish: %v", err)
				}
			})
			for calls(p) == before { // the next call begins after this one
				runtime.Gosched()
			}
		}
	}
	all.Wait()
	last := map[string]int{}
	if err := Scan(t.Context(), cfg, "t", func(e Entry) error {
		var n int
		if _, err := fmt.Sscan(string(e.Value), &n); err != nil {
			return err
		}
		if n != last[string(e.Key)] {
			return fmt.Errorf("key %s: %d after %d", e.Key, n, last[string(e.Key)]-1)
		}
		last[string(e.Key)]++
		return nil
	}); err != nil {
		t.Error(err)
	}
	if refused.Load() == 0 {
		t.Error("nothing was refused: the test shows nothing")
	}
}

// calls counts the records that have been queued.
func calls(p *Producer) int64 {
	p.mu.Lock()
	defer p.mu.Unlock()
	n := p.stats.Records
	for _, pt := range p.parts["t"] {
		for _, b := range pt.queue {
			n += int64(b.count)
		}
		if pt.flying != nil {
			n += int64(pt.flying.count)
		}
	}
	return n
}

// refuseEveryOther answers every other produce request with an error that asks
// for another try, partition by partition in turn.
func refuseEveryOther(c *kfake.Cluster, refused *atomic.Int64) {
	var n atomic.Int64
	c.ControlKey(int16(kmsg.Produce), func(kreq kmsg.Request) (kmsg.Response, error, bool) {
		c.KeepControl()
		if n.Add(1)%2 == 0 {
			return nil, nil, false
		}
		refused.Add(1)
		req := kreq.(*kmsg.ProduceRequest)
		res := req.ResponseKind().(*kmsg.ProduceResponse)
		for _, t := range req.Topics {
			rt := kmsg.NewProduceResponseTopic()
			rt.Topic = t.Topic
			for _, p := range t.Partitions {
				rp := kmsg.NewProduceResponseTopicPartition()
				rp.Partition, rp.ErrorCode = p.Partition, kerr.NotEnoughReplicas.Code
				rt.Partitions = append(rt.Partitions, rp)
			}
			res.Topics = append(res.Topics, rt)
		}
		return res, nil, true
	})
}

// What a broker cannot write (its disk is full, or read-only) is unavailable
// for the caller, within the deadline, and nothing hangs (X8).
func TestProducerOnFullDisk(t *testing.T) {
	c, cfg := oneBroker(t, 1)
	c.ControlKey(int16(kmsg.Produce), func(kreq kmsg.Request) (kmsg.Response, error, bool) {
		c.KeepControl()
		req := kreq.(*kmsg.ProduceRequest)
		res := req.ResponseKind().(*kmsg.ProduceResponse)
		rt, rp := kmsg.NewProduceResponseTopic(), kmsg.NewProduceResponseTopicPartition()
		rt.Topic, rp.Partition, rp.ErrorCode = "t", req.Topics[0].Partitions[0].Partition, kerr.KafkaStorageError.Code
		rt.Partitions = append(rt.Partitions, rp)
		res.Topics = append(res.Topics, rt)
		return res, nil, true
	})
	p := runProducer(t, cfg)
	p.cfg.Timeout = 300 * time.Millisecond
	begin := time.Now()
	err := p.Publish(t.Context(), ingest.Record{Topic: "t", Value: []byte("v")})
	if !errors.Is(err, ErrUnavailable) || time.Since(begin) > 3*time.Second {
		t.Errorf("Publish() = %v after %s, want ErrUnavailable after 300ms", err, time.Since(begin))
	}
}

// A call that has waited for too long is given up, and its neighbours in the
// batch are not; what its batch learns later is not taken for another call's.
func TestALateCallIsGivenUpAlone(t *testing.T) {
	pc := DefaultProducerConfig()
	pc.Brokers, pc.Topics, pc.Partitions = []string{"127.0.0.1:1"}, []ingest.Topic{"t"}, 1
	p, err := NewProducer(pc)
	if err != nil {
		t.Fatal(err)
	}
	record := []ingest.Record{{Topic: "t", Key: []byte("k"), Value: []byte("v")}}
	call := func(deadline time.Time) *waiter {
		w := &waiter{left: 1, deadline: deadline, done: make(chan struct{}, 1)}
		if err := p.enqueue(record, w); err != nil {
			t.Fatal(err)
		}
		return w
	}
	late, early := call(time.Now().Add(-time.Second)), call(time.Now().Add(time.Hour))
	p.hurry()
	if len(late.done) != 1 || len(early.done) != 0 {
		t.Fatalf("given up: the late call %v, the early one %v; want the late one alone", len(late.done) == 1, len(early.done) == 1)
	}
	if err := p.await(t.Context(), late); !errors.Is(err, ErrUnavailable) {
		t.Errorf("the late call ended in %v, want ErrUnavailable", err)
	}
	p.mu.Lock()
	b := p.parts["t"][0].queue[0]
	p.finish(b, nil)
	p.mu.Unlock()
	if err := p.await(t.Context(), early); err != nil || len(late.done) != 0 {
		t.Errorf("the early call ended in %v, want success; told the late one again: %v", err, len(late.done) != 0)
	}
}

// Who is patient waits on for a log that answers late, and whose calls end
// sooner are refused meanwhile, as ever.
func TestPatience(t *testing.T) {
	pc := DefaultProducerConfig()
	pc.Brokers, pc.Topics, pc.Partitions, pc.Timeout = []string{"127.0.0.1:1"}, []ingest.Topic{"t"}, 1, 50*time.Millisecond
	p, err := NewProducer(pc)
	if err != nil {
		t.Fatal(err)
	}
	p.layout = &layout{brokers: map[int32]string{1: pc.Brokers[0]}, leaders: map[ingest.Topic][]int32{"t": {1}}}
	record := ingest.Record{Topic: "t", Key: []byte("k"), Value: []byte("v")}
	patient := make(chan error, 1)
	go func() { patient <- p.Patient(time.Hour).Publish(t.Context(), record) }()
	for p.Stats().BytesInFlight == 0 {
		runtime.Gosched()
	}
	if err := p.Publish(t.Context(), record); !errors.Is(err, ErrUnavailable) {
		t.Errorf("a call of its own time ended in %v, want ErrUnavailable", err)
	}
	p.mu.Lock()
	l := p.lane(p.parts["t"][0])
	if !l.failing {
		t.Error("the broker is taken to answer")
	}
	b := p.parts["t"][0].queue[0]
	p.finish(b, nil)
	p.mu.Unlock()
	if err := <-patient; err != nil {
		t.Errorf("the patient call ended in %v, want success", err)
	}
}

// Without a broker, and without Run, a call ends by itself.
func TestACallEndsByItself(t *testing.T) {
	pc := DefaultProducerConfig()
	pc.Brokers, pc.Timeout = []string{"127.0.0.1:1"}, 50*time.Millisecond
	p, err := NewProducer(pc)
	if err != nil {
		t.Fatal(err)
	}
	start := time.Now()
	err = p.Publish(context.Background(), ingest.Record{Topic: ingest.TopicInbound, Key: []byte("k")})
	if took := time.Since(start); !errors.Is(err, ErrUnavailable) || took < pc.Timeout {
		t.Errorf("Publish() = %v after %s, want ErrUnavailable after %s", err, took, pc.Timeout)
	}
}
