package stream

import (
	"context"

	"github.com/twmb/franz-go/pkg/kfake"
	"github.com/twmb/franz-go/pkg/kmsg"

	"frontdesk/ingest"
)

// EnsureTopicsOf makes topics of a test's own.
func EnsureTopicsOf(ctx context.Context, cfg Config, partitions int, topics ...ingest.Topic) error {
	return ensureTopics(ctx, cfg, topics, partitions)
}

// Committed returns the group's offsets of topic by partition, -1 where it has
// none.
func Committed(ctx context.Context, cfg Config, group string, topic ingest.Topic, partitions int) ([]int64, error) {
	var places []place
	for i := range partitions {
		places = append(places, place{topic, i})
	}
	found, err := committed(ctx, cfg, group, places)
	out := make([]int64, partitions)
	for i, pl := range places {
		out[i] = found[pl]
	}
	return out, err
}

// watchAcks tells the acks that each produce request asks for.
func watchAcks(c *kfake.Cluster, acks chan<- int16) {
	c.ControlKey(int16(kmsg.Produce), func(req kmsg.Request) (kmsg.Response, error, bool) {
		acks <- req.(*kmsg.ProduceRequest).Acks
		return nil, nil, false
	})
}

// RecordBytes is what a record counts for while it waits.
var RecordBytes = recordBytes
