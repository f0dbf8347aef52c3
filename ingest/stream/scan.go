package stream

import (
	"context"
	"fmt"
	"maps"
	"time"

	"github.com/segmentio/kafka-go"

	"frontdesk/ingest"
)

// Entry is a record of a topic with its place in the log.
type Entry struct {
	ingest.Record
	Partition int
	Offset    int64
	At        time.Time // when it was sent to the log
}

// Scan reads topic without a group, from its oldest record to what is its end
// when Scan begins, and calls f with each entry, those of one partition in
// their order. A nil Value is a tombstone. It ends with the first error of f,
// or with ctx's.
func Scan(ctx context.Context, cfg Config, topic ingest.Topic, f func(Entry) error) error {
	return scan(ctx, cfg, topic, func(ctx context.Context, l *layout, places []place) (map[place]int64, error) {
		return offsetsAt(ctx, cfg, l, places, atStart)
	}, func(records []stored) error {
		for _, r := range records {
			e := Entry{ingest.Record{Topic: r.topic, Key: r.key, Value: r.value}, r.partition, r.offset, r.time}
			if err := f(e); err != nil {
				return err
			}
		}
		return nil
	})
}

// scan reads topic from where start says to its present end and calls f with
// what each fetch of a partition brings.
func scan(ctx context.Context, cfg Config, topic ingest.Topic,
	start func(context.Context, *layout, []place) (map[place]int64, error), f func([]stored) error) error {
	l, err := learn(ctx, cfg, nil, []ingest.Topic{topic})
	if err != nil {
		return err
	}
	places := allPlaces(l, topic)
	if len(places) == 0 {
		return fmt.Errorf("scan %s: %w", topic, kafka.UnknownTopicOrPartition)
	}
	ends, err := offsetsAt(ctx, cfg, l, places, atEnd)
	if err != nil {
		return err
	}
	begin, err := start(ctx, l, places)
	if err != nil {
		return err
	}
	for id, led := range byLeader(l, places) {
		from := map[place]int64{}
		for _, pl := range led {
			if begin[pl] < ends[pl] {
				from[pl] = begin[pl]
			}
		}
		if err := scanBroker(ctx, cfg, l.brokers[id], from, ends, f); err != nil {
			return fmt.Errorf("scan %s: %w", topic, err)
		}
	}
	return nil
}

// scanBroker reads what one broker leads, until each partition is at its end.
// A fetch that fails is tried again a few times.
func scanBroker(ctx context.Context, cfg Config, addr string, from, ends map[place]int64, f func([]stored) error) error {
	r := &fetcher{cfg: cfg, addr: addr, maxWait: time.Second, partBytes: MaxMessageBytes, allBytes: 4 * MaxMessageBytes}
	defer r.close()
	pause := backoff{least: 50 * time.Millisecond, most: time.Second}
	failures := 0
	for len(from) > 0 {
		news, err := r.fetch(ctx, maps.Clone(from))
		if err != nil {
			if failures++; failures > 5 || !pause.wait(ctx) {
				return err
			}
			continue
		}
		failures = 0
		came := 0
		for _, n := range news {
			if n.err != nil {
				return fmt.Errorf("partition %d: %w", n.partition, n.err)
			}
			if err := f(n.until(ends[n.place])); err != nil {
				return err
			}
			came += len(n.records)
			if from[n.place] = n.next; n.next >= ends[n.place] {
				delete(from, n.place)
			}
		}
		if came == 0 {
			return nil // compaction has taken the last records before the end
		}
	}
	return nil
}

// until returns the records before end.
func (n *portion) until(end int64) []stored {
	for i, r := range n.records {
		if r.offset >= end {
			return n.records[:i]
		}
	}
	return n.records
}
