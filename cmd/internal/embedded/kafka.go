package embedded

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"time"

	"github.com/twmb/franz-go/pkg/kfake"

	"frontdesk/ingest"
	"frontdesk/ingest/stream"
)

// ErrKafkaInUse means another process has the broker's folder.
var ErrKafkaInUse = errors.New("in use by another process: stop it, or set FRONTDESK_KAFKA_BROKERS to a broker of your own")

// KafkaConfig says where the embedded broker keeps its log.
type KafkaConfig struct {
	// Dir is the folder of the log. It is made if missing, and belongs to one
	// process at a time.
	Dir string
	// Partitions of topics that are made anew; a folder keeps what it has.
	// Default [ingest.Partitions]; [AlonePartitions] where nobody else reads.
	Partitions int
	// SyncEvery is how often all that was written is forced to the disk.
	// Default 1 s; below zero only when the broker is closed.
	SyncEvery time.Duration
}

// AlonePartitions is enough where one process has all of a group's partitions:
// they share no work then, and each costs a write of its own in every request
// that touches it. Of several, one whose first event fails holds up its share of
// the contacts only.
const AlonePartitions = 4

// Kafka is a broker in this process: one node on loopback with the Kafka
// protocol, consumer groups and a log on disk. Readers and writers talk to it
// over TCP like to any other; those in this process may spare themselves the
// sockets with [Kafka.Dial].
//
// What survives:
//
//   - Close and open again: everything, with committed offsets.
//   - kill -9 of the process at any moment: every record that was
//     acknowledged and every offset whose commit was answered. Both are
//     written to their files before the answer, so the operating system has
//     them; a record cut off in the middle by the kill was not acknowledged
//     and is dropped when the log is opened.
//   - A crash of the machine or loss of power: all but at most the last
//     SyncEvery (a second), and what the disk itself keeps in its cache. This
//     is less than a Kafka of several nodes gives, which has the record on
//     other machines; it is what one machine gives without a disk flush per
//     acknowledgement, as one flush costs more than a hundred of them.
//
// Two copies of a process cannot open one folder: the second is told so.
type Kafka struct {
	cluster *kfake.Cluster
	door    *entrance
	addr    string
	count   int // of partitions
	lock    *os.File
	stop    chan struct{}
	synced  sync.WaitGroup
	close   sync.Once
}

// OpenKafka starts the broker on cfg.Dir with the topics of package ingest. The
// port is chosen free the first time and kept in the folder; it changes only
// when another program has taken it meanwhile.
func OpenKafka(ctx context.Context, cfg KafkaConfig) (*Kafka, error) {
	if cfg.SyncEvery == 0 {
		cfg.SyncEvery = time.Second
	}
	if err := os.MkdirAll(cfg.Dir, 0o700); err != nil {
		return nil, fmt.Errorf("kafka folder: %w", err)
	}
	lock, err := lockFolder(cfg.Dir)
	if err != nil {
		return nil, err
	}
	k := &Kafka{lock: lock, stop: make(chan struct{})}
	if err := k.listen(cfg.Dir); err != nil {
		_ = lock.Close()
		return nil, err
	}
	k.synced.Go(func() { k.syncEvery(cfg.SyncEvery) })
	if err := k.openTopics(ctx, cfg.Partitions); err != nil {
		return nil, errors.Join(fmt.Errorf("embedded kafka: %w", err), k.Close())
	}
	return k, nil
}

// openTopics makes the topics if there are none, and learns how many partitions
// they have.
func (k *Kafka) openTopics(ctx context.Context, partitions int) error {
	sc := stream.DefaultConfig()
	sc.Brokers, sc.Dial = []string{k.addr}, k.Dial
	n, err := stream.CountPartitions(ctx, sc)
	if err != nil {
		return err
	}
	sc.Partitions = cmp.Or(n, partitions, ingest.Partitions)
	k.count = sc.Partitions
	return stream.EnsureTopics(ctx, sc)
}

// KafkaDir returns where the broker's log lies in the data folder.
func KafkaDir(dataDir string) string { return filepath.Join(dataDir, "kafka") }

// ReachKafka returns the address of the broker on cfg.Dir: that of the process
// that has the folder, or else of one started here, which release ends. It is
// for tools that run beside the server or without it.
func ReachKafka(ctx context.Context, cfg KafkaConfig) (addr string, release func() error, err error) {
	k, err := OpenKafka(ctx, cfg)
	if err == nil {
		return k.Addr(), k.Close, nil
	}
	if !errors.Is(err, ErrKafkaInUse) {
		return "", nil, err
	}
	port, readErr := os.ReadFile(filepath.Join(cfg.Dir, portFile))
	if readErr != nil {
		return "", nil, errors.Join(err, readErr)
	}
	return net.JoinHostPort("127.0.0.1", strings.TrimSpace(string(port))), func() error { return nil }, nil
}

// Addr returns the broker's host:port.
func (k *Kafka) Addr() string { return k.addr }

// Partitions returns how many partitions each topic has.
func (k *Kafka) Partitions() int { return k.count }

// Dial connects to the broker in memory where addr is its own, else over TCP. It
// is for [stream.Config.Dial].
func (k *Kafka) Dial(ctx context.Context, network, addr string) (net.Conn, error) {
	if addr == k.addr {
		return k.door.dial(ctx)
	}
	return new(net.Dialer).DialContext(ctx, network, addr)
}

// Close writes everything to the disk and ends the broker. Those connected are
// cut off. Safe to call again.
func (k *Kafka) Close() error {
	var err error
	k.close.Do(func() {
		close(k.stop)
		k.synced.Wait()
		k.cluster.Close()
		err = errors.Join(syncFolder(k.lock), k.lock.Close())
	})
	return err
}

func lockFolder(dir string) (*os.File, error) {
	f, err := os.OpenFile(filepath.Join(dir, "lock"), os.O_CREATE|os.O_RDWR, 0o600)
	if err != nil {
		return nil, fmt.Errorf("kafka folder: %w", err)
	}
	if err := syscall.Flock(int(f.Fd()), syscall.LOCK_EX|syscall.LOCK_NB); err != nil {
		_ = f.Close()
		return nil, fmt.Errorf("kafka folder %s: %w", dir, ErrKafkaInUse)
	}
	return f, nil
}

// portFile keeps the port in the broker's folder.
const portFile = "port"

// listen starts the broker on the port of last time, or on a free one.
func (k *Kafka) listen(dir string) error {
	log, port := filepath.Join(dir, "log"), filepath.Join(dir, portFile)
	enter := func(network, address string) (net.Listener, error) {
		ln, err := net.Listen(network, address)
		if err != nil {
			return nil, err
		}
		k.door = openEntrance(ln)
		return k.door, nil
	}
	start := func(port int) error {
		c, err := kfake.NewCluster(kfake.NumBrokers(1), kfake.Ports(port), kfake.DataDir(log), kfake.ClusterID("frontdesk"), kfake.ListenFn(enter),
			kfake.BrokerConfigs(map[string]string{"message.max.bytes": strconv.Itoa(stream.MaxMessageBytes)}))
		if err != nil {
			return fmt.Errorf("embedded kafka: %w", err)
		}
		k.cluster, k.addr = c, c.ListenAddrs()[0]
		return nil
	}
	if b, err := os.ReadFile(port); err == nil {
		last, _ := strconv.Atoi(strings.TrimSpace(string(b)))
		err := start(last)
		if !errors.Is(err, syscall.EADDRINUSE) {
			return err
		}
	}
	if err := start(0); err != nil {
		return err
	}
	_, chosen, err := net.SplitHostPort(k.addr)
	if err != nil {
		return fmt.Errorf("embedded kafka: %w", err)
	}
	if err := os.WriteFile(port, []byte(chosen+"\n"), 0o600); err != nil {
		return fmt.Errorf("keep kafka's port: %w", err)
	}
	return nil
}

// syncEvery forces the log to the disk, all files with one call.
func (k *Kafka) syncEvery(d time.Duration) {
	if d < 0 {
		return
	}
	tick := time.NewTicker(d)
	defer tick.Stop()
	for {
		select {
		case <-k.stop:
			return
		case <-tick.C:
			_ = syncFolder(k.lock) // the next acknowledgement tells of the disk's trouble
		}
	}
}
