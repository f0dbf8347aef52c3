package outbox

import (
	"context"
	"fmt"

	"github.com/jackc/pgx/v5"

	"frontdesk/ingest"
	"frontdesk/ingest/tenantdb"
)

// Add writes events into tx, to be published to topic after it commits, in the
// order given. All events must be of the tenant that tx runs as. Events of one
// key keep their order over transactions too, as long as each transaction locks
// what the events are about before it calls Add.
func Add(ctx context.Context, tx pgx.Tx, topic ingest.Topic, events ...ingest.Event) error {
	if len(events) == 0 {
		return nil
	}
	sql, args, err := insert(Entries(topic, events...))
	if err != nil {
		return err
	}
	if _, err := tx.Exec(ctx, sql, args...); err != nil {
		return fmt.Errorf("add %d events to the outbox: %w", len(events), err)
	}
	return nil
}

// Queue is [Add] as part of a batch that the caller sends in its transaction.
func Queue(batch *pgx.Batch, topic ingest.Topic, events ...ingest.Event) error {
	return QueueAll(batch, Entries(topic, events...)...)
}

// Entry is an event with where it goes.
type Entry struct {
	Topic ingest.Topic
	Event ingest.Event
}

// Entries returns events as entries of one topic.
func Entries(topic ingest.Topic, events ...ingest.Event) []Entry {
	list := make([]Entry, len(events))
	for i, e := range events {
		list[i] = Entry{topic, e}
	}
	return list
}

// QueueAll is [Queue] for several topics by one statement.
func QueueAll(batch *pgx.Batch, list ...Entry) error {
	if len(list) == 0 {
		return nil
	}
	sql, args, err := insert(list)
	if err != nil {
		return err
	}
	batch.Queue(sql, args...)
	return nil
}

// insert writes list as few rows, those of one tenant in the order given.
func insert(list []Entry) (string, []any, error) {
	var tenants []string
	var rows [][]byte
	for first := 0; first < len(list); {
		last := first
		for last < len(list) && list[last].Event.Tenant == list[first].Event.Tenant {
			last++
		}
		packed, err := pack(list[first:last])
		if err != nil {
			return "", nil, err
		}
		for range packed {
			tenants = append(tenants, string(list[first].Event.Tenant))
		}
		rows, first = append(rows, packed...), last
	}
	return `
		INSERT INTO outbox (tenant_id, records)
		SELECT tenant_id, records FROM unnest($1::text[], $2::bytea[]) WITH ORDINALITY AS e (tenant_id, records, ord) ORDER BY ord`, []any{tenants, rows}, nil
}

// leader is the advisory lock that one relay at a time holds, for the length of
// one transaction.
const leader = 0x0f0b0c5

// relay publishes the oldest most rows and deletes them. It returns how many it
// took, and false if another relay is at work.
func relay(ctx context.Context, db *tenantdb.DB, most int, publish func([]ingest.Record) error) (int, bool, error) {
	led := false
	var seqs []int64
	var records []ingest.Record
	err := db.StagedAcross(ctx, func(b *pgx.Batch) {
		// A statement of its own: the rows are looked at only once the lock is
		// held, or those that the last leader just deleted would be seen again.
		b.Queue(`SELECT pg_try_advisory_xact_lock($1)`, leader).QueryRow(func(row pgx.Row) error { return row.Scan(&led) })
		b.Queue(`SELECT seq, records FROM outbox ORDER BY seq LIMIT $1`, most).Query(func(rows pgx.Rows) error {
			var err error
			seqs, records, err = collect(rows)
			return err
		})
	}, func(_ pgx.Tx, last *pgx.Batch) error {
		if !led || len(seqs) == 0 {
			return tenantdb.ErrNothing
		}
		if err := publish(records); err != nil {
			return fmt.Errorf("publish: %w", err)
		}
		last.Queue(`DELETE FROM outbox WHERE seq = ANY($1)`, seqs)
		return nil
	})
	if err != nil {
		return 0, led, fmt.Errorf("relay the outbox: %w", err)
	}
	if !led {
		return 0, false, nil
	}
	return len(seqs), true, nil
}

func collect(rows pgx.Rows) ([]int64, []ingest.Record, error) {
	var seqs []int64
	var records []ingest.Record
	var seq int64
	var row []byte
	_, err := pgx.ForEachRow(rows, []any{&seq, &row}, func() error {
		var err error
		seqs = append(seqs, seq)
		if records, err = unpack(records, row); err != nil {
			return fmt.Errorf("row %d: %w", seq, err)
		}
		return nil
	})
	return seqs, records, err
}
