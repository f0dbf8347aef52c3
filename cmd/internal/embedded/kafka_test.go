package embedded_test

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"frontdesk/cmd/internal/embedded"
	"frontdesk/ingest"
	"frontdesk/ingest/stream"
)

// kafkaChild, if set, makes this test binary a process that opens the broker on
// the folder it names, publishes and commits until it is killed, and prints
// each number that was acknowledged.
const kafkaChild = "FRONTDESK_TEST_KAFKA_CHILD"

func TestKafkaKeepsAllWhenClosed(t *testing.T) {
	dir := t.TempDir()
	k := openKafka(t, dir)
	addr := k.Addr()
	publishKafka(t, k, 1, 100)
	consumeKafka(t, k, 100)
	closeKafka(t, k)

	k = openKafka(t, dir)
	defer closeKafka(t, k)
	if k.Addr() != addr {
		t.Errorf("the broker came back on %s, was on %s", k.Addr(), addr)
	}
	if got := storedKafka(t, k); len(got) != 100 || got[0] != 1 || got[99] != 100 {
		t.Errorf("%d records came back, want 1 to 100", len(got))
	}
	if lag := lagKafka(t, k); lag != 0 {
		t.Errorf("lag %d after a restart, want 0: committed offsets are kept", lag)
	}
	publishKafka(t, k, 101, 120)
	if lag := lagKafka(t, k); lag != 20 {
		t.Errorf("lag %d, want the 20 published since", lag)
	}
}

// Killed at any moment, three times over, it has all that was acknowledged, and
// no committed offset is lost.
func TestKafkaKeepsAllWhenKilled(t *testing.T) {
	dir := t.TempDir()
	acked, committed := 0, 0
	for round := range 3 {
		acked, committed = killedKafka(t, dir, acked, 300+200*round)
		k := openKafka(t, dir)
		got := storedKafka(t, k)
		for n := 1; n <= acked; n++ {
			if _, ok := slices.BinarySearch(got, n); !ok {
				t.Fatalf("round %d: %d was acknowledged and is gone; %d stored, %d acknowledged", round, n, len(got), acked)
			}
		}
		lag := lagKafka(t, k)
		if want := int64(len(got) - committed); lag > want {
			t.Errorf("round %d: lag %d, want at most %d: a committed offset is gone", round, lag, want)
		}
		acked = got[len(got)-1] // what was written without acknowledgement is there too
		closeKafka(t, k)
	}
}

// A key's partition never changes, so neither does their number, whatever a
// later version would make anew.
func TestKafkaFolderKeepsItsPartitions(t *testing.T) {
	dir := t.TempDir()
	for _, wanted := range []int{3, 5, 0} {
		k, err := embedded.OpenKafka(t.Context(), embedded.KafkaConfig{Dir: dir, Partitions: wanted})
		if err != nil {
			t.Fatal(err)
		}
		cfg := stream.DefaultConfig()
		cfg.Brokers = []string{k.Addr()}
		n, err := stream.CountPartitions(t.Context(), cfg)
		if err != nil || n != 3 || k.Partitions() != 3 {
			t.Errorf("opened with %d there are %d partitions, said to be %d, %v; want the 3 of the first time", wanted, n, k.Partitions(), err)
		}
		closeKafka(t, k)
	}
}

func TestKafkaFolderBelongsToOne(t *testing.T) {
	dir := t.TempDir()
	k := openKafka(t, dir)
	defer closeKafka(t, k)
	if _, err := embedded.OpenKafka(t.Context(), embedded.KafkaConfig{Dir: dir}); !errors.Is(err, embedded.ErrKafkaInUse) {
		t.Errorf("a second OpenKafka() error = %v, want ErrKafkaInUse", err)
	}
	addr, release, err := embedded.ReachKafka(t.Context(), embedded.KafkaConfig{Dir: dir})
	if err != nil || addr != k.Addr() {
		t.Fatalf("ReachKafka() = %s, %v, want the open one's %s", addr, err, k.Addr())
	}
	if err := release(); err != nil {
		t.Error(err)
	}
	publishKafka(t, k, 1, 1) // release has not ended it
}

// killedKafka runs the child until it has acknowledged enough and kills it. It
// returns the last number acknowledged and how many were committed.
func killedKafka(t *testing.T, dir string, from, enough int) (acked, committed int) {
	t.Helper()
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command(self, "-test.run=^TestKafkaChild$")
	cmd.Env = append(os.Environ(), kafkaChild+"="+dir+","+strconv.Itoa(from))
	cmd.Stderr = os.Stderr
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	acked = from
	lines := bufio.NewScanner(out)
	for lines.Scan() {
		switch what, n, _ := strings.Cut(lines.Text(), " "); what {
		case "acked":
			acked, _ = strconv.Atoi(n)
		case "committed":
			committed, _ = strconv.Atoi(n)
		}
		if acked >= from+enough && committed > from {
			_ = cmd.Process.Kill()
		}
	}
	_ = cmd.Wait()
	if acked < from+enough {
		t.Fatalf("the child ended after %d", acked)
	}
	return acked, committed
}

// TestKafkaChild is the process that is killed.
func TestKafkaChild(t *testing.T) {
	dir, first, ok := strings.Cut(os.Getenv(kafkaChild), ",")
	if !ok {
		t.Skip("a child of the kill test")
	}
	from, _ := strconv.Atoi(first)
	k := openKafka(t, dir)
	p := producerKafka(t, k)
	go consumeKafkaLoud(k)
	for n := from + 1; ; n++ {
		if err := p.Publish(t.Context(), numbered(n)); err != nil {
			t.Fatal(err)
		}
		fmt.Println("acked", n)
	}
}

// consumeKafkaLoud prints how many events are committed for sure: those before
// the batch that it is handed.
func consumeKafkaLoud(k *embedded.Kafka) {
	total := 0
	c, err := stream.NewConsumer(consumerKafka(k), batchFunc(func(events []ingest.Event) {
		fmt.Println("committed", total)
		total += len(events)
	}), nil)
	if err == nil {
		_ = c.Run(context.Background())
	}
}

type batchFunc func([]ingest.Event)

func (f batchFunc) Handle(_ context.Context, events []ingest.Event) []error { f(events); return nil }

func openKafka(t *testing.T, dir string) *embedded.Kafka {
	t.Helper()
	k, err := embedded.OpenKafka(t.Context(), embedded.KafkaConfig{Dir: dir})
	if err != nil {
		t.Fatal(err)
	}
	return k
}

func closeKafka(t *testing.T, k *embedded.Kafka) {
	t.Helper()
	if err := k.Close(); err != nil {
		t.Error(err)
	}
}

func configKafka(k *embedded.Kafka) stream.Config {
	c := stream.DefaultConfig()
	c.Brokers, c.Dial = []string{k.Addr()}, k.Dial
	return c
}

func producerKafka(t *testing.T, k *embedded.Kafka) *stream.Producer {
	t.Helper()
	cfg := stream.DefaultProducerConfig()
	cfg.Config, cfg.Timeout = configKafka(k), 10*time.Second
	p, err := stream.NewProducer(cfg)
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan struct{})
	go func() { _ = p.Run(ctx); close(done) }()
	t.Cleanup(func() { cancel(); <-done })
	return p
}

func numbered(n int) ingest.Record {
	e, err := ingest.NewEvent("test", "tnt_test", strconv.Itoa(n%97), time.UnixMilli(int64(n)), strconv.Itoa(n), n)
	if err != nil {
		panic(err)
	}
	r, err := ingest.NewRecord(ingest.TopicInbound, e)
	if err != nil {
		panic(err)
	}
	return r
}

func publishKafka(t *testing.T, k *embedded.Kafka, from, to int) {
	t.Helper()
	p := producerKafka(t, k)
	for n := from; n <= to; n++ {
		if err := p.Publish(t.Context(), numbered(n)); err != nil {
			t.Fatal(err)
		}
	}
}

func consumerKafka(k *embedded.Kafka) stream.ConsumerConfig {
	cfg := stream.DefaultConsumerConfig()
	cfg.Config, cfg.Group, cfg.Topics = configKafka(k), "test", []ingest.Topic{ingest.TopicInbound}
	cfg.CommitEvery = 0 // what a batch is handed over after is committed
	return cfg
}

// consumeKafka reads n events and leaves when they are committed.
func consumeKafka(t *testing.T, k *embedded.Kafka, n int) {
	t.Helper()
	seen := make(chan int, n)
	c, err := stream.NewConsumer(consumerKafka(k), batchFunc(func(events []ingest.Event) { seen <- len(events) }), nil)
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan struct{})
	go func() { _ = c.Run(ctx); close(done) }()
	for n > 0 {
		select {
		case some := <-seen:
			n -= some
		case <-time.After(30 * time.Second):
			t.Fatalf("%d events are missing", n)
		}
	}
	cancel()
	<-done
}

func lagKafka(t *testing.T, k *embedded.Kafka) int64 {
	t.Helper()
	lag, err := stream.GroupLag(t.Context(), configKafka(k), "test", ingest.TopicInbound)
	if err != nil {
		t.Fatal(err)
	}
	return lag.Total()
}

// storedKafka returns the numbers in the log, sorted.
func storedKafka(t *testing.T, k *embedded.Kafka) []int {
	t.Helper()
	var found []int
	err := stream.Scan(t.Context(), configKafka(k), ingest.TopicInbound, func(e stream.Entry) error {
		ev, err := ingest.DecodeEvent(e.Value)
		if err != nil {
			return err
		}
		var n int
		found = append(found, 0)
		err = ev.DecodeData(&n)
		found[len(found)-1] = n
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	slices.Sort(found)
	return slices.Compact(found)
}
