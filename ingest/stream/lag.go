package stream

import (
	"context"
	"fmt"

	"github.com/segmentio/kafka-go"

	"frontdesk/ingest"
)

// Lag is how far a group is behind, in records of each topic.
type Lag map[ingest.Topic]int64

// Total returns the sum over the topics.
func (l Lag) Total() int64 {
	var sum int64
	for _, n := range l {
		sum += n
	}
	return sum
}

// GroupLag asks Kafka how many records of topics the group has not committed.
// What a group never committed counts from the oldest record still there.
func GroupLag(ctx context.Context, cfg Config, group string, topics ...ingest.Topic) (Lag, error) {
	l, err := learn(ctx, cfg, nil, topics)
	if err != nil {
		return nil, err
	}
	places := allPlaces(l, topics...)
	ends, err := offsetsAt(ctx, cfg, l, places, atEnd)
	if err != nil {
		return nil, err
	}
	starts, err := offsetsAt(ctx, cfg, l, places, atStart)
	if err != nil {
		return nil, err
	}
	done, err := committed(ctx, cfg, group, places)
	if err != nil {
		return nil, err
	}
	lag := Lag{}
	for _, pl := range places {
		lag[pl.topic] += ends[pl] - min(max(done[pl], starts[pl]), ends[pl])
	}
	return lag, nil
}

// committed returns the group's offsets; -1 where it has none.
func committed(ctx context.Context, cfg Config, group string, places []place) (map[place]int64, error) {
	req := &kafka.OffsetFetchRequest{GroupID: group, Topics: map[string][]int{}}
	for _, pl := range places {
		req.Topics[string(pl.topic)] = append(req.Topics[string(pl.topic)], pl.partition)
	}
	found := map[place]int64{}
	err := withClient(cfg, func(c *kafka.Client) error {
		res, err := c.OffsetFetch(ctx, req)
		if err == nil {
			err = res.Error
		}
		if err != nil {
			return fmt.Errorf("offsets of group %s: %w", group, err)
		}
		for topic, partitions := range res.Topics {
			for _, p := range partitions {
				if p.Error != nil {
					return fmt.Errorf("offsets of group %s: %s/%d: %w", group, topic, p.Partition, p.Error)
				}
				found[place{ingest.Topic(topic), p.Partition}] = p.CommittedOffset
			}
		}
		return nil
	})
	return found, err
}
