package analytics

import (
	"context"
	"crypto/sha256"
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

// Batch is a range of one partition of a topic, offsets First to Last, both in
// it. Batches should be cut at the same offsets each time, as the range is what
// ClickHouse tells a repeat by.
type Batch struct {
	Topic       ingest.Topic
	Partition   int
	First, Last int64
	Events      []ingest.Event
}

// Token names b: the same batch always has the same, another batch another.
func (b Batch) Token() string {
	return fmt.Sprintf("%s:%d:%d-%d", b.Topic, b.Partition, b.First, b.Last)
}

// HandleBatch stores what b says. It returns nil, or [*Refused], when the batch
// is done. Any other error means that none, some or all of it is stored: the
// same batch, or another that covers its events, must come again, and does no
// harm.
func (s *Sink) HandleBatch(ctx context.Context, b Batch) error {
	return s.HandleBatches(ctx, []Batch{b})[0]
}

// insertEvents is how many events go into one insert per table, at least, while
// there are more: an insert costs ClickHouse some milliseconds and a part on
// disk however small it is, so batches of many partitions go in together.
const insertEvents = 20_000

// HandleBatches stores many batches at less than the cost of each. It returns
// what [Sink.HandleBatch] would for each of them.
func (s *Sink) HandleBatches(ctx context.Context, batches []Batch) []error {
	errs := make([]error, len(batches))
	for first := 0; first < len(batches); {
		last, events := first, 0
		for ; last < len(batches) && events < insertEvents; last++ {
			events += len(batches[last].Events)
		}
		s.together(ctx, batches[first:last], errs[first:last])
		first = last
	}
	return errs
}

// together stores batches in one insert per table and sets errs.
func (s *Sink) together(ctx context.Context, batches []Batch, errs []error) {
	var events []ingest.Event
	for _, b := range batches {
		events = append(events, b.Events...)
	}
	rows, refused := RowsOf(events, s.pseudonyms)
	token := tokenOf(batches)
	if err := s.store(ctx, rows, token); err != nil {
		for i := range errs {
			errs[i] = fmt.Errorf("store %s: %w", token, err)
		}
		return
	}
	begin := 0
	for i, b := range batches {
		for at := range b.Events {
			why, no := refused[begin+at]
			if !no {
				continue
			}
			r, ok := errs[i].(*Refused)
			if !ok {
				r = &Refused{Events: map[int]error{}}
				errs[i] = r
			}
			r.Events[at] = why
		}
		begin += len(b.Events)
	}
}

// tokenOf names batches that are stored together: by their ranges alone, so the
// same ones have the same name. After a crash others may come together; then
// ClickHouse holds rows twice until it merges, and no read counts them twice.
func tokenOf(batches []Batch) string {
	if len(batches) == 1 {
		return batches[0].Token()
	}
	h := sha256.New()
	for _, b := range batches {
		h.Write([]byte(b.Token() + "\n"))
	}
	return fmt.Sprintf("%d batches %x", len(batches), h.Sum(nil))
}

// store inserts rows, one statement per table that has any.
func (s *Sink) store(ctx context.Context, rows Rows, token string) error {
	ctx = clickhouse.Context(ctx, clickhouse.WithSettings(clickhouse.Settings{
		"insert_deduplication_token":      token,
		"insert_deduplicate":              1,
		"optimize_on_insert":              0, // dropping repeats within a batch costs half of the insert, and reads do not need it
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
