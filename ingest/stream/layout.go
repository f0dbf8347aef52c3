package stream

import (
	"context"
	"fmt"
	"net"
	"slices"
	"strconv"
	"time"

	"github.com/segmentio/kafka-go"
	"github.com/segmentio/kafka-go/protocol/metadata"

	"frontdesk/ingest"
)

// layout is who leads what, as one broker told it. It is never changed.
type layout struct {
	brokers map[int32]string         // id → host:port
	leaders map[ingest.Topic][]int32 // by partition; noLeader where there is none
}

const noLeader int32 = -1

// partitions returns how many the topics have; 0 where there are none.
func (l *layout) partitions() int {
	n := 0
	if l != nil {
		for _, leaders := range l.leaders {
			n = max(n, len(leaders))
		}
	}
	return n
}

// leader returns the broker that leads a partition, or noLeader.
func (l *layout) leader(t ingest.Topic, partition int) int32 {
	if l == nil || partition >= len(l.leaders[t]) {
		return noLeader
	}
	id := l.leaders[t][partition]
	if _, known := l.brokers[id]; !known {
		return noLeader
	}
	return id
}

// askTimeout bounds a question to one broker about the cluster.
const askTimeout = 2 * time.Second

// learn asks the brokers that known names, then those of c, who leads topics.
func learn(ctx context.Context, c Config, known *layout, topics []ingest.Topic) (*layout, error) {
	addrs := slices.Clone(c.Brokers)
	if known != nil {
		for _, a := range known.brokers {
			if !slices.Contains(addrs, a) {
				addrs = append(addrs, a)
			}
		}
	}
	var last error
	for _, addr := range addrs {
		l, err := ask(ctx, c, addr, topics)
		if err == nil {
			return l, nil
		}
		last = err
	}
	return nil, fmt.Errorf("learn the cluster: %w", last)
}

func ask(ctx context.Context, c Config, addr string, topics []ingest.Topic) (*layout, error) {
	w, err := dial(ctx, addr, c)
	if err != nil {
		return nil, err
	}
	defer w.close()
	req := &metadata.Request{}
	for _, t := range topics {
		req.TopicNames = append(req.TopicNames, string(t))
	}
	res, err := w.roundTrip(ctx, req, time.Now().Add(askTimeout))
	if err != nil {
		return nil, err
	}
	return readLayout(res.(*metadata.Response))
}

func readLayout(res *metadata.Response) (*layout, error) {
	l := &layout{brokers: map[int32]string{}, leaders: map[ingest.Topic][]int32{}}
	for _, b := range res.Brokers {
		l.brokers[b.NodeID] = net.JoinHostPort(b.Host, strconv.Itoa(int(b.Port)))
	}
	for _, t := range res.Topics {
		if t.ErrorCode != 0 && !retriable(t.ErrorCode) {
			return nil, fmt.Errorf("topic %s: %w", t.Name, kafka.Error(t.ErrorCode))
		}
		leaders := make([]int32, len(t.Partitions))
		for i := range leaders {
			leaders[i] = noLeader
		}
		for _, p := range t.Partitions {
			if int(p.PartitionIndex) < len(leaders) {
				leaders[p.PartitionIndex] = p.LeaderID
			}
		}
		l.leaders[ingest.Topic(t.Name)] = leaders
	}
	return l, nil
}
