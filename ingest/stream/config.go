package stream

import (
	"context"
	"errors"
	"fmt"
	"net"
	"time"

	"frontdesk/ingest"
)

// Config says where Kafka is. All of this package's parts start from it.
type Config struct {
	// Brokers are the host:port to begin with; the others are learned from
	// them. At least one.
	Brokers []string
	// ClientID names this program in the brokers' logs. Default frontdesk.
	ClientID string
	// DialTimeout bounds connecting to one broker. Default 2 s.
	DialTimeout time.Duration
	// Dial connects to a broker. Default nil, over TCP.
	Dial func(ctx context.Context, network, addr string) (net.Conn, error)
	// Partitions of each topic. Default [ingest.Partitions]; it must be what
	// the topics were made with, since a key's partition must never change:
	// [CountPartitions] tells.
	Partitions int
	// Tail, if set, is shared by the consumers of one process: what one of them
	// has fetched the others need not. It is for a broker whose log nobody cuts
	// off behind the reader's back: the embedded one. Default none.
	Tail *Tail
}

// DefaultConfig returns the defaults, which lack Brokers.
func DefaultConfig() Config {
	return Config{ClientID: "frontdesk", DialTimeout: 2 * time.Second, Partitions: ingest.Partitions}
}

// Validate reports what is missing or impossible.
func (c Config) Validate() error {
	switch {
	case len(c.Brokers) == 0:
		return errors.New("kafka brokers: none given, want host:port")
	case c.DialTimeout <= 0:
		return errors.New("kafka dial timeout: must be above zero")
	case c.Partitions <= 0:
		return errors.New("kafka partitions: must be above zero")
	}
	return nil
}

// dial connects to addr, which is host:port.
func (c Config) dial(ctx context.Context, addr string) (net.Conn, error) {
	if c.Dial != nil {
		return c.Dial(ctx, "tcp", addr)
	}
	return new(net.Dialer).DialContext(ctx, "tcp", addr)
}

// ProducerConfig bounds a [Producer].
type ProducerConfig struct {
	Config
	// Topics that may be published to. Default all of [ingest.Topics].
	Topics []ingest.Topic
	// Timeout bounds a Publish. Default 1.5 s.
	Timeout time.Duration
	// MaxBytesInFlight bounds what waits for an acknowledgement, in bytes of
	// records. Default 64 MiB.
	MaxBytesInFlight int
	// MaxRecordBytes bounds one record, key and value. Default 4 MiB less 64
	// KiB, which the topics' limit of [MaxMessageBytes] always takes.
	MaxRecordBytes int
	// MaxBatchBytes is how much of one partition goes into a request, unless
	// a single record is larger. Default 1 MiB.
	MaxBatchBytes int
	// MaxRequestBytes is how much goes into one request over all partitions.
	// Default 16 MiB.
	MaxRequestBytes int
	// Lanes is the number of requests in flight to one broker. Default 2: one
	// gathers more, but while it is under way nobody is answered.
	Lanes int
}

// MaxMessageBytes is the topics' limit for one batch of records. The dead
// letters' is twice that, since a dead letter holds the whole record it is for.
const MaxMessageBytes = 4 << 20

// limit returns how large a record of t may be.
func (c ProducerConfig) limit(t ingest.Topic) int {
	if t == ingest.TopicDead {
		return 2 * c.MaxRecordBytes
	}
	return c.MaxRecordBytes
}

// DefaultProducerConfig returns the defaults, which lack Brokers.
func DefaultProducerConfig() ProducerConfig {
	return ProducerConfig{
		Config: DefaultConfig(), Topics: ingest.Topics,
		Timeout: 1500 * time.Millisecond, MaxBytesInFlight: 64 << 20, MaxRecordBytes: MaxMessageBytes - 64<<10,
		MaxBatchBytes: 1 << 20, MaxRequestBytes: 16 << 20, Lanes: 2,
	}
}

// Validate reports what is missing or impossible.
func (c ProducerConfig) Validate() error {
	if err := c.Config.Validate(); err != nil {
		return err
	}
	switch {
	case len(c.Topics) == 0:
		return errors.New("producer: topics must be given")
	case c.Timeout <= 0:
		return errors.New("producer timeout: must be above zero")
	case c.MaxRecordBytes <= 0 || c.MaxRecordBytes > MaxMessageBytes-batchOverhead:
		return fmt.Errorf("producer record limit: %d bytes, want 1 to %d", c.MaxRecordBytes, MaxMessageBytes-batchOverhead)
	case c.MaxBatchBytes <= 0 || c.MaxBatchBytes > MaxMessageBytes:
		return fmt.Errorf("producer batch limit: %d bytes, want 1 to %d", c.MaxBatchBytes, MaxMessageBytes)
	case c.MaxRequestBytes < c.MaxBatchBytes || c.MaxBytesInFlight < 3*c.MaxRecordBytes:
		return errors.New("producer: a request must hold a batch, and the bytes in flight three of the largest records")
	case c.Lanes < 1 || c.Lanes > 4:
		return fmt.Errorf("producer lanes: %d, want 1 to 4", c.Lanes)
	}
	return nil
}
