package analytics

import (
	"context"
	"fmt"
	"maps"
	"slices"

	"github.com/ClickHouse/clickhouse-go/v2"
	"github.com/ClickHouse/clickhouse-go/v2/lib/driver"

	"frontdesk/ingest"
)

// inserter is what a Sink needs of ClickHouse.
type inserter interface {
	PrepareBatch(ctx context.Context, query string, opts ...driver.PrepareBatchOption) (driver.Batch, error)
}

// Sink writes batches of events to ClickHouse. It is safe for concurrent use.
type Sink struct {
	db         inserter
	pseudonyms Pseudonyms
}

// NewSink returns a sink that writes to db, which [Open] returns.
func NewSink(db inserter, pseudonyms Pseudonyms) *Sink {
	return &Sink{db: db, pseudonyms: pseudonyms}
}

// Refused is what [Sink.HandleBatch] returns when it has stored all of a batch
// but events that can never be stored. They belong to the dead letters; the
// batch is done. Its errors are [ingest.ErrMalformed].
type Refused struct {
	// Events is why, by the event's index in the batch.
	Events map[int]error
}

func (r *Refused) Error() string {
	first := slices.Min(slices.Collect(maps.Keys(r.Events)))
	return fmt.Sprintf("%d events of the batch can never be stored; the first, at %d: %v", len(r.Events), first, r.Events[first])
}

// Unwrap returns the errors in the order of the events.
func (r *Refused) Unwrap() []error {
	var errs []error
	for _, i := range slices.Sorted(maps.Keys(r.Events)) {
		errs = append(errs, r.Events[i])
	}
	return errs
}

// HandleBatch stores what events say. events are those of one partition with
// offsets from first to last, both included; batches should be cut at the same
// offsets each time, as the range is what ClickHouse tells a repeat by.
//
// It returns nil, or [*Refused], when the batch is done. Any other error means
// that none, some or all of it is stored: the same batch, or another that
// covers its events, must come again, and does no harm.
func (s *Sink) HandleBatch(ctx context.Context, topic ingest.Topic, partition int, first, last int64, events []ingest.Event) error {
	rows, refused := RowsOf(events, s.pseudonyms)
	token := fmt.Sprintf("%s:%d:%d-%d", topic, partition, first, last)
	if err := s.store(ctx, rows, token); err != nil {
		return fmt.Errorf("store %s: %w", token, err)
	}
	if len(refused) > 0 {
		return &Refused{Events: refused}
	}
	return nil
}

// store inserts rows, one statement per table that has any.
func (s *Sink) store(ctx context.Context, rows Rows, token string) error {
	ctx = clickhouse.Context(ctx, clickhouse.WithSettings(clickhouse.Settings{
		"insert_deduplication_token":      token,
		"insert_deduplicate":              1,
		"async_insert":                    0, // a repeat is told by its token only when it is inserted at once
		"max_partitions_per_insert_block": 0, // a replay may bring months at once
	}))
	// In the order in which things happen, so that a reader between two
	// inserts sees no status of a message that is not there.
	if err := insert(ctx, s.db, messageInsert, rows.Messages, MessageRow.values); err != nil {
		return err
	}
	if err := insert(ctx, s.db, deliveryInsert, rows.Deliveries, DeliveryRow.values); err != nil {
		return err
	}
	if err := insert(ctx, s.db, receiptInsert, rows.Receipts, ReceiptRow.values); err != nil {
		return err
	}
	if err := insert(ctx, s.db, turnInsert, rows.Turns, TurnRow.values); err != nil {
		return err
	}
	return insert(ctx, s.db, changeInsert, rows.Changes, ChangeRow.values)
}

// insert sends rows in one block, in a fixed order: the same rows make the same
// block.
func insert[R any](ctx context.Context, db inserter, query string, rows []R, values func(R) []any) error {
	if len(rows) == 0 {
		return nil
	}
	batch, err := db.PrepareBatch(ctx, query)
	if err != nil {
		return err
	}
	defer batch.Close() // or an abandoned batch keeps its connection
	for _, row := range rows {
		if err := batch.Append(values(row)...); err != nil {
			return err
		}
	}
	return batch.Send()
}

const (
	messageInsert = `INSERT INTO messages (tenant_id, day, event_id, at, message_id, direction, provider, channel,
		content_type, author, category, agent, conversation, turn, contact, party, test)`
	deliveryInsert = `INSERT INTO deliveries (tenant_id, day, event_id, at, message_id, status, error, channel, conversation, contact)`
	receiptInsert  = `INSERT INTO receipts (tenant_id, day, event_id, at, message_id, reference, status, error, provider, channel, party,
		billable, pricing_model, pricing_category, amount, currency, test)`
	turnInsert = `INSERT INTO turns (tenant_id, day, event_id, at, turn_id, received_at, number, conversation, channel, contact, agent,
		brain, language, outcome, reason, acts, articles, messages, reply, confidence, test)`
	changeInsert = `INSERT INTO conversation_changes (tenant_id, day, event_id, at, conversation, change, channel, contact, agent, reason, changed_by, test)`
)

func (k Key) values(more ...any) []any {
	return append([]any{k.Tenant, k.At, k.Event, k.At}, more...) // a Date takes the day of a time
}

func (r MessageRow) values() []any {
	return r.Key.values(r.Message, r.Direction, r.Provider, r.Channel, r.ContentType, r.Author, r.Category,
		r.Agent, r.Conversation, r.Turn, r.Contact, r.Party, r.Test)
}

func (r DeliveryRow) values() []any {
	return r.Key.values(r.Message, r.Status, r.Error, r.Channel, r.Conversation, r.Contact)
}

func (r ReceiptRow) values() []any {
	return r.Key.values(r.Message, r.Reference, r.Status, r.Error, r.Provider, r.Channel, r.Party,
		r.Billable, r.PricingModel, r.PricingCategory, r.Amount, r.Currency, r.Test)
}

func (r TurnRow) values() []any {
	return r.Key.values(r.Turn, r.ReceivedAt, r.Number, r.Conversation, r.Channel, r.Contact, r.Agent,
		r.Brain, r.Language, r.Outcome, r.Reason, r.Acts, r.Articles, r.Messages, r.Reply, r.Confidence, r.Test)
}

func (r ChangeRow) values() []any {
	return r.Key.values(r.Conversation, r.Change, r.Channel, r.Contact, r.Agent, r.Reason, r.By, r.Test)
}
