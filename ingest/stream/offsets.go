package stream

import (
	"context"
	"fmt"
	"time"

	"github.com/segmentio/kafka-go"
	"github.com/segmentio/kafka-go/protocol/listoffsets"

	"frontdesk/ingest"
)

// What [offsetsAt] finds besides the first record sent at or after a time.
const (
	atEnd   int64 = -1 // where the next record will lie
	atStart int64 = -2 // the oldest record still there
)

// offsetsAt returns an offset of each of places: of the first record whose
// time in milliseconds is at or after ms, or of the end where there is none, or
// what atEnd and atStart say. It asks each leader once.
func offsetsAt(ctx context.Context, cfg Config, l *layout, places []place, ms int64) (map[place]int64, error) {
	found := make(map[place]int64, len(places))
	for id, led := range byLeader(l, places) {
		if id == noLeader {
			return nil, fmt.Errorf("%s/%d has no leader", led[0].topic, led[0].partition)
		}
		if err := askOffsets(ctx, cfg, l.brokers[id], led, ms, found); err != nil {
			return nil, fmt.Errorf("ask for offsets: %w", err)
		}
	}
	var late []place // nothing as new as that: the end
	for pl, offset := range found {
		if offset < 0 && ms >= 0 {
			late = append(late, pl)
		}
	}
	if len(late) == 0 {
		return found, nil
	}
	ends, err := offsetsAt(ctx, cfg, l, late, atEnd)
	for pl, offset := range ends {
		found[pl] = offset
	}
	return found, err
}

func byLeader(l *layout, places []place) map[int32][]place {
	led := map[int32][]place{}
	for _, pl := range places {
		id := l.leader(pl.topic, pl.partition)
		led[id] = append(led[id], pl)
	}
	return led
}

func askOffsets(ctx context.Context, cfg Config, addr string, places []place, ms int64, found map[place]int64) error {
	w, err := dial(ctx, addr, cfg)
	if err != nil {
		return err
	}
	defer w.close()
	req := &listoffsets.Request{ReplicaID: -1}
	at := map[ingest.Topic]int{}
	for _, pl := range places {
		i, ok := at[pl.topic]
		if !ok {
			i = len(req.Topics)
			at[pl.topic] = i
			req.Topics = append(req.Topics, listoffsets.RequestTopic{Topic: string(pl.topic)})
		}
		req.Topics[i].Partitions = append(req.Topics[i].Partitions,
			listoffsets.RequestPartition{Partition: int32(pl.partition), CurrentLeaderEpoch: -1, Timestamp: ms})
	}
	res, err := w.roundTrip(ctx, req, time.Now().Add(askTimeout))
	if err != nil {
		return err
	}
	for _, t := range res.(*listoffsets.Response).Topics {
		for _, p := range t.Partitions {
			if p.ErrorCode != 0 {
				return fmt.Errorf("%s/%d: %w", t.Topic, p.Partition, kafka.Error(p.ErrorCode))
			}
			found[place{ingest.Topic(t.Topic), int(p.Partition)}] = p.Offset
		}
	}
	return nil
}

// allPlaces lists the partitions of topics that l knows.
func allPlaces(l *layout, topics ...ingest.Topic) []place {
	var places []place
	for _, t := range topics {
		for i := range l.leaders[t] {
			places = append(places, place{t, i})
		}
	}
	return places
}
