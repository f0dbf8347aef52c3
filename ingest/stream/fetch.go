package stream

import (
	"context"
	"errors"
	"fmt"
	"io"
	"time"

	"github.com/segmentio/kafka-go"
	"github.com/segmentio/kafka-go/protocol"
	"github.com/segmentio/kafka-go/protocol/fetch"

	"frontdesk/ingest"
)

// place is a partition of a topic.
type place struct {
	topic     ingest.Topic
	partition int
}

// stored is a record as it lies in the log.
type stored struct {
	place
	offset int64
	time   time.Time // when it was sent
	key    []byte
	value  []byte // nil for a tombstone
}

// portion is what one fetch says of one partition.
type portion struct {
	place
	records []stored
	next    int64 // where to go on
	end     int64 // of the log, as known now
	start   int64 // of the log
	err     error // of this partition
}

// fetcher reads partitions that one broker leads, over one connection. It uses
// a fetch session, so that a request names only what changed since the last and
// an answer only what is new: a long poll over hundreds of idle partitions
// costs a few dozen bytes.
type fetcher struct {
	cfg     Config
	addr    string
	maxWait time.Duration
	// partBytes and allBytes bound an answer, per partition and in all. One
	// batch of records always fits.
	partBytes, allBytes int

	conn    *wire
	session int32
	epoch   int32
	sent    map[place]int64 // what the session knows: the offset it will read
}

// fetch reads from the offsets in from, waiting up to maxWait for something to
// come. It returns only the partitions of which there is news. After an error
// the next call begins anew.
func (f *fetcher) fetch(ctx context.Context, from map[place]int64) ([]portion, error) {
	if f.conn == nil {
		conn, err := dial(ctx, f.addr, f.cfg)
		if err != nil {
			return nil, err
		}
		f.conn, f.session, f.epoch, f.sent = conn, 0, 0, map[place]int64{}
	}
	req := f.request(from)
	res, err := f.conn.roundTrip(ctx, req, time.Now().Add(f.maxWait+askTimeout))
	if err != nil {
		f.close()
		return nil, fmt.Errorf("fetch: %w", err)
	}
	answer := res.(*fetch.Response)
	if answer.ErrorCode != 0 {
		f.close()
		return nil, fmt.Errorf("fetch: %w", kafka.Error(answer.ErrorCode))
	}
	f.session = answer.SessionID
	if f.session != 0 {
		f.epoch++
	} else {
		clear(f.sent) // a broker without sessions: name everything each time
	}
	return f.read(answer, from)
}

func (f *fetcher) close() {
	if f.conn != nil {
		f.conn.close()
		f.conn = nil
	}
}

// request names what changed since the session's last request.
func (f *fetcher) request(from map[place]int64) *fetch.Request {
	req := &fetch.Request{
		ReplicaID: -1, MaxWaitTime: int32(f.maxWait.Milliseconds()), MinBytes: 1, MaxBytes: int32(f.allBytes),
		SessionID: f.session, SessionEpoch: f.epoch,
	}
	at := map[ingest.Topic]int{}
	for pl, offset := range from {
		if last, ok := f.sent[pl]; ok && last == offset {
			continue
		}
		f.sent[pl] = offset
		i, ok := at[pl.topic]
		if !ok {
			i = len(req.Topics)
			at[pl.topic] = i
			req.Topics = append(req.Topics, fetch.RequestTopic{Topic: string(pl.topic)})
		}
		req.Topics[i].Partitions = append(req.Topics[i].Partitions, fetch.RequestPartition{
			Partition: int32(pl.partition), CurrentLeaderEpoch: -1, FetchOffset: offset, LogStartOffset: -1, PartitionMaxBytes: int32(f.partBytes),
		})
	}
	for pl := range f.sent {
		if _, ok := from[pl]; !ok {
			delete(f.sent, pl)
			req.ForgottenTopics = append(req.ForgottenTopics, fetch.RequestForgottenTopic{
				Topic: string(pl.topic), Partitions: []int32{int32(pl.partition)},
			})
		}
	}
	return req
}

// read takes an answer apart.
func (f *fetcher) read(answer *fetch.Response, from map[place]int64) ([]portion, error) {
	var news []portion
	for _, t := range answer.Topics {
		for _, p := range t.Partitions {
			pl := place{ingest.Topic(t.Topic), int(p.Partition)}
			offset, asked := from[pl]
			if !asked {
				continue
			}
			n := portion{place: pl, next: offset, end: p.HighWatermark, start: p.LogStartOffset}
			if p.ErrorCode != 0 {
				n.err = kafka.Error(p.ErrorCode)
				delete(f.sent, pl) // name it again
			} else if err := n.readRecords(p.RecordSet, offset); err != nil {
				f.close()
				return nil, fmt.Errorf("read %s/%d at %d: %w", pl.topic, pl.partition, n.next, err)
			}
			news = append(news, n)
		}
	}
	return news, nil
}

// readRecords takes the records from offset on; a batch may begin before it.
func (n *portion) readRecords(set protocol.RecordSet, offset int64) error {
	if set.Records == nil {
		return nil
	}
	for {
		r, err := set.Records.ReadRecord()
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return err
		}
		key, err := readAll(r.Key)
		if err != nil {
			return err
		}
		value, err := readAll(r.Value)
		if err != nil {
			return err
		}
		if r.Offset >= offset {
			n.records = append(n.records, stored{place: n.place, offset: r.Offset, time: r.Time, key: key, value: value})
			n.next = r.Offset + 1
		}
	}
}

// readAll returns what b holds and gives its memory back, which is pages of 64
// KiB that would otherwise be made anew for each partition of each answer.
func readAll(b protocol.Bytes) ([]byte, error) {
	if b == nil {
		return nil, nil
	}
	defer b.Close()
	return protocol.ReadAll(b)
}
