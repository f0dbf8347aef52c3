package roles

import (
	"context"
	"errors"
	"fmt"
	"time"

	"frontdesk/analytics"
	"frontdesk/cmd/internal/boot"
	"frontdesk/ingest"
	"frontdesk/ingest/stream"
)

const analyticsGroup = "frontdesk.analytics"

// analyticsWindow is how much of time goes into one insert. An insert costs
// ClickHouse some milliseconds however small it is, and what a chart shows may be
// this old.
const analyticsWindow = 5 * time.Second

// Analytics streams what happens into ClickHouse.
func (h *House) Analytics() error {
	conn, err := analytics.Open(analytics.Config{URL: string(h.Config.ClickHouseURL)})
	if err != nil {
		return err
	}
	h.Group.Close(boot.Pools, "clickhouse connections", func() { _ = conn.Close() })
	key, err := h.Config.KeepMasterKey()
	if err != nil {
		return err
	}
	pseudonyms, err := analytics.NewPseudonyms(key.Bytes())
	if err != nil {
		return err
	}
	cfg := h.consumerConfig(analyticsGroup, ingest.TopicInbound, ingest.TopicOutbound, ingest.TopicReceipts, ingest.TopicEvents)
	into := &sink{analytics.NewSink(conn, pseudonyms), h.producer}
	cut := stream.DefaultCutConfig()
	cut.Window = analyticsWindow
	c, err := stream.NewBatchConsumer(cfg, cut, into, h.producer)
	if err != nil {
		return err
	}
	h.Group.Go(boot.Workers, analyticsGroup, c.Run)
	h.observe(analyticsGroup, c.Status)
	return nil
}

// sink adapts an analytics.Sink to the stream: what can never be stored goes to
// the dead letters, and the rest of its batch is done.
type sink struct {
	store *analytics.Sink
	dead  interface {
		Publish(ctx context.Context, records ...ingest.Record) error
	}
}

func (s *sink) HandleBatch(ctx context.Context, b stream.Batch) error {
	return s.settle(ctx, b, s.store.HandleBatch(ctx, analytics.Batch(b)))
}

func (s *sink) HandleBatches(ctx context.Context, batches []stream.Batch) []error {
	same := make([]analytics.Batch, len(batches))
	for i, b := range batches {
		same[i] = analytics.Batch(b)
	}
	errs := s.store.HandleBatches(ctx, same)
	for i, b := range batches {
		errs[i] = s.settle(ctx, b, errs[i])
	}
	return errs
}

// settle returns nil once everything of b is either stored or a dead letter.
func (s *sink) settle(ctx context.Context, b stream.Batch, err error) error {
	var refused *analytics.Refused
	if !errors.As(err, &refused) {
		return err
	}
	for i, why := range refused.Events {
		if err := s.bury(ctx, b, b.Events[i], why); err != nil {
			return fmt.Errorf("dead letter of %s: %w", b.Token(), err)
		}
	}
	return nil
}

// bury names the letter after the event, as its own offset is not known here:
// given up twice, it is still one letter.
func (s *sink) bury(ctx context.Context, b stream.Batch, e ingest.Event, why error) error {
	original, err := ingest.NewRecord(b.Topic, e)
	if err != nil {
		return err
	}
	letter := ingest.NewDeadLetter(analyticsGroup, b.Topic, b.Partition, b.First, original.Key, original.Value)
	letter.ID = ingest.DerivedID(ingest.PrefixDead, time.Time{}, analyticsGroup, e.ID)
	letter.Tenant, letter.Class, letter.Error, letter.At = e.Tenant, ingest.DeadMalformed, why.Error(), time.Now().UTC()
	record, err := letter.Record()
	if err != nil {
		return err
	}
	return s.dead.Publish(ctx, record)
}
