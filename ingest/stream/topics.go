package stream

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"time"

	"github.com/segmentio/kafka-go"

	"frontdesk/ingest"
)

// retention is how long a record stays in the log: long enough for a replay of
// a week, short enough that what must be forgotten is.
const retention = 7 * 24 * time.Hour

// EnsureTopics makes the topics that are missing, each with cfg's number of
// partitions, and returns when each partition has a leader.
// Replication is the brokers' default. A topic that is there with another
// number of partitions is an error, since keys would lose their order. Safe to
// call again and by many at once.
func EnsureTopics(ctx context.Context, cfg Config) error {
	return ensureTopics(ctx, cfg, ingest.Topics, cfg.Partitions)
}

// CountPartitions returns how many partitions the topics have, 0 before they
// are made.
func CountPartitions(ctx context.Context, cfg Config) (int, error) {
	if err := cfg.Validate(); err != nil {
		return 0, err
	}
	l, err := learn(ctx, cfg, nil, ingest.Topics)
	if err != nil {
		return 0, err
	}
	return l.partitions(), nil
}

func ensureTopics(ctx context.Context, cfg Config, topics []ingest.Topic, partitions int) error {
	if err := cfg.Validate(); err != nil {
		return err
	}
	l, err := learn(ctx, cfg, nil, topics)
	if err != nil {
		return err
	}
	req := &kafka.CreateTopicsRequest{}
	for _, t := range topics {
		if len(l.leaders[t]) == 0 {
			req.Topics = append(req.Topics, topicConfig(t, partitions))
		}
	}
	if len(req.Topics) > 0 {
		if err := createTopics(ctx, cfg, req); err != nil {
			return err
		}
	}
	return awaitTopics(ctx, cfg, topics, partitions)
}

func topicConfig(t ingest.Topic, partitions int) kafka.TopicConfig {
	c := kafka.TopicConfig{Topic: string(t), NumPartitions: partitions, ReplicationFactor: -1}
	set := func(name, value string) {
		c.ConfigEntries = append(c.ConfigEntries, kafka.ConfigEntry{ConfigName: name, ConfigValue: value})
	}
	if t == ingest.TopicDead {
		// A dead letter stays until a record without value under its id takes
		// it away, see [Dead].
		set("cleanup.policy", "compact")
		set("max.message.bytes", strconv.Itoa(2*MaxMessageBytes))
		return c
	}
	set("retention.ms", strconv.FormatInt(retention.Milliseconds(), 10))
	set("max.message.bytes", strconv.Itoa(MaxMessageBytes))
	return c
}

func createTopics(ctx context.Context, cfg Config, req *kafka.CreateTopicsRequest) error {
	return withClient(cfg, func(c *kafka.Client) error {
		res, err := c.CreateTopics(ctx, req)
		if err != nil {
			return fmt.Errorf("create topics: %w", err)
		}
		for topic, err := range res.Errors {
			if err != nil && !errors.Is(err, kafka.TopicAlreadyExists) {
				return fmt.Errorf("create topic %s: %w", topic, err)
			}
		}
		return nil
	})
}

// withClient calls f with kafka-go's client for administration.
func withClient(cfg Config, f func(*kafka.Client) error) error {
	t := &kafka.Transport{ClientID: cfg.ClientID, DialTimeout: cfg.DialTimeout, Dial: cfg.Dial}
	defer t.CloseIdleConnections()
	return f(&kafka.Client{Addr: kafka.TCP(cfg.Brokers...), Timeout: 10 * time.Second, Transport: t})
}

// awaitTopics waits until each partition has a leader.
func awaitTopics(ctx context.Context, cfg Config, topics []ingest.Topic, partitions int) error {
	pause := backoff{least: 10 * time.Millisecond, most: 250 * time.Millisecond}
	for {
		l, err := learn(ctx, cfg, nil, topics)
		if err == nil {
			var missing bool
			if missing, err = l.lacks(topics, partitions); err != nil || !missing {
				return err
			}
		}
		if !pause.wait(ctx) {
			return fmt.Errorf("wait for topics: %w", errors.Join(ctx.Err(), err))
		}
	}
}

// lacks reports whether a partition is missing or without leader. A topic with
// another number of partitions is an error.
func (l *layout) lacks(topics []ingest.Topic, partitions int) (bool, error) {
	missing := false
	for _, t := range topics {
		n := len(l.leaders[t])
		if n != 0 && n != partitions {
			return false, fmt.Errorf("topic %s has %d partitions, want %d: make it anew under this number", t, n, partitions)
		}
		for i := range partitions {
			missing = missing || l.leader(t, i) == noLeader
		}
	}
	return missing, nil
}
