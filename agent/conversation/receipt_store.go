package conversation

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"

	"frontdesk/agent/outbox"
	"frontdesk/ingest"
)

// ApplyReceipts stores what a provider reported of outbound messages, found by
// Correlation or by ProviderID. Receipts whose message is not known yet are
// kept until it is. Repeats, and any order, leave the same state. Where the list
// as a whole is refused for what it holds, an error that is
// [tenantdb.Poisonous], each receipt must be tried alone.
func (s *Store) ApplyReceipts(ctx context.Context, tenant ingest.TenantID, list []ingest.Receipt) error {
	if len(list) == 0 {
		return nil
	}
	err := s.deliver(ctx, tenant, func(tx pgx.Tx) error { return receive(ctx, tx, tenant, list) })
	if unnameable(err) && len(list) == 1 { // of a message that it names by our own id too
		nameless := list[0]
		nameless.ProviderID = ""
		err = s.deliver(ctx, tenant, func(tx pgx.Tx) error { return receive(ctx, tx, tenant, []ingest.Receipt{nameless}) })
	}
	if err != nil {
		return fmt.Errorf("apply %d receipts: %w", len(list), err)
	}
	s.wake()
	return nil
}

func receive(ctx context.Context, tx pgx.Tx, tenant ingest.TenantID, list []ingest.Receipt) error {
	known, err := readFor(ctx, tx, tenant, list)
	if err != nil {
		return err
	}
	if early := known.unknown(list); len(early) > 0 {
		if known, err = keepEarly(ctx, tx, tenant, list, early); err != nil {
			return err
		}
	}
	for _, r := range list {
		if p := known.find(r); p != nil {
			p.named(r.ProviderID)
			p.hear(r.Status, r.At, r.Errors)
		}
	}
	return known.write(ctx, tx, tenant)
}

// keepEarly looks again, now that nobody can be giving the messages their
// names, and keeps the receipts that still have none.
func keepEarly(ctx context.Context, tx pgx.Tx, tenant ingest.TenantID, list, early []ingest.Receipt) (*ledger, error) {
	names := make([]string, len(early))
	for i, r := range early {
		names[i] = r.ProviderID
	}
	if err := lockNames(ctx, tx, tenant, names); err != nil {
		return nil, err
	}
	known, err := readFor(ctx, tx, tenant, list)
	if err != nil {
		return nil, err
	}
	var channels, ids, statuses []string
	var at []time.Time
	var faults []*string
	for _, r := range known.unknown(list) {
		if r.ProviderID == "" {
			continue // nothing it could ever be found by
		}
		raw, err := faultsJSON(r.Errors)
		if err != nil {
			return nil, err
		}
		channels, ids, statuses = append(channels, string(r.Channel)), append(ids, r.ProviderID), append(statuses, string(r.Status))
		at, faults = append(at, r.At), append(faults, raw)
	}
	if len(ids) == 0 {
		return known, nil
	}
	var batch pgx.Batch
	batch.Queue(`
		INSERT INTO early_receipts (tenant_id, channel_id, provider_id, status, at, errors)
		SELECT $1, d.channel, d.id, d.status, d.at, d.errors::json
		FROM unnest($2::text[], $3::text[], $4::text[], $5::timestamptz[], $6::text[]) AS d (channel, id, status, at, errors)
		ON CONFLICT DO NOTHING`, tenant, channels, ids, statuses, at, faults)
	// Receipts of messages that were never ours stay nobody's; a provider
	// reports for a few days at most.
	batch.Queue(`DELETE FROM early_receipts WHERE tenant_id = $1 AND created_at < now() - interval '30 days'`, tenant)
	return known, tx.SendBatch(ctx, &batch).Close()
}

func faultsJSON(list []ingest.ProviderError) (*string, error) {
	if len(list) == 0 {
		return nil, nil
	}
	raw, err := json.Marshal(list)
	text := string(raw)
	return &text, err
}

// ledger is the messages that a batch is about.
type ledger struct {
	byID   map[ingest.MessageID]*progress
	byName map[receiptKey]*progress
}

func (l *ledger) find(r ingest.Receipt) *progress {
	if p := l.byID[r.Correlation]; p != nil {
		return p
	}
	return l.byName[receiptKey{r.Channel, r.ProviderID}]
}

func (l *ledger) unknown(list []ingest.Receipt) []ingest.Receipt {
	return slices.DeleteFunc(slices.Clone(list), func(r ingest.Receipt) bool { return l.find(r) != nil })
}

func readFor(ctx context.Context, tx pgx.Tx, tenant ingest.TenantID, list []ingest.Receipt) (*ledger, error) {
	var ids, channels, names []string
	for _, r := range list {
		if r.Correlation != "" {
			ids = append(ids, string(r.Correlation))
		}
		if r.ProviderID != "" {
			channels, names = append(channels, string(r.Channel)), append(names, r.ProviderID)
		}
	}
	return read(ctx, tx, tenant, `(
		SELECT unnest($2::text[])
		UNION SELECT o.id FROM unnest($3::text[], $4::text[]) AS n (channel, name)
			CROSS JOIN LATERAL (SELECT id FROM messages WHERE (tenant_id, channel_id, provider_id) = ($1, n.channel, n.name) OFFSET 0) o) AS d (id)`, ids, channels, names)
}

// read returns the outbound messages whose ids the from item d has, unlocked:
// write finds out if they changed.
func read(ctx context.Context, tx pgx.Tx, tenant ingest.TenantID, d string, args ...any) (*ledger, error) {
	rows, err := tx.Query(ctx, readQuery(d, ""), append([]any{tenant}, args...)...)
	if err != nil {
		return nil, err
	}
	return scanLedger(rows, tenant)
}

func readQuery(d, lock string) string {
	return `
		SELECT m.id, m.conversation_id, m.channel_id, c.contact_id, c.party, m.status, coalesce(m.provider_id, ''), m.errors, m.sent_at, m.delivered_at, m.read_at, m.failed_at
		FROM ` + d + `
		CROSS JOIN LATERAL (SELECT * FROM messages WHERE (tenant_id, id) = ($1, d.id) AND direction = 'outbound' OFFSET 0 ` + lock + `) m
		CROSS JOIN LATERAL (SELECT contact_id, party FROM conversations WHERE (tenant_id, id) = ($1, m.conversation_id) OFFSET 0) c`
}

// lockedRead reads messages by their ids, locked in the order given until the
// transaction ends.
var lockedRead = readQuery(`unnest($2::text[]) AS d (id)`, `FOR UPDATE`)

func queueRead(b *pgx.Batch, to **ledger, query string, tenant ingest.TenantID, ids []string) {
	b.Queue(query, tenant, ids).Query(func(rows pgx.Rows) error {
		var err error
		*to, err = scanLedger(rows, tenant)
		return err
	})
}

func scanLedger(rows pgx.Rows, tenant ingest.TenantID) (*ledger, error) {
	list, err := pgx.CollectRows(rows, func(row pgx.CollectableRow) (*progress, error) {
		var p progress
		var party ingest.Party
		err := row.Scan(&p.id, &p.conversation, &p.channel, &p.contact, &party, &p.status, &p.providerID, &p.errors, &p.sent, &p.delivered, &p.read, &p.failed)
		p.was, p.key = p.status, ingest.ConversationKey(tenant, p.channel, party.Address())
		return &p, err
	})
	if err != nil {
		return nil, err
	}
	l := &ledger{byID: map[ingest.MessageID]*progress{}, byName: map[receiptKey]*progress{}}
	for _, p := range list {
		l.byID[p.id] = p
		if p.providerID != "" {
			l.byName[receiptKey{p.channel, p.providerID}] = p
		}
	}
	return l, nil
}

// write stores and announces what changed, or returns errOvertaken.
func (l *ledger) write(ctx context.Context, tx pgx.Tx, tenant ingest.TenantID) error {
	dirty := l.dirty()
	if len(dirty) == 0 {
		return nil
	}
	var batch pgx.Batch
	written, err := queueProgress(&batch, tenant, dirty)
	if err != nil {
		return err
	}
	if err := tx.SendBatch(ctx, &batch).Close(); err != nil {
		return err
	}
	if *written != int64(len(dirty)) {
		return errOvertaken
	}
	return announceAll(ctx, tx, tenant, dirty)
}

// queueAll is write for messages that are locked, which nobody overtakes.
func (l *ledger) queueAll(b *pgx.Batch, tenant ingest.TenantID) error {
	dirty := l.dirty()
	if len(dirty) == 0 {
		return nil
	}
	if _, err := queueProgress(b, tenant, dirty); err != nil {
		return err
	}
	events, err := eventsOf(tenant, dirty)
	if err != nil {
		return err
	}
	return outbox.Queue(b, ingest.TopicEvents, events...)
}

// dirty returns what changed, in one order.
func (l *ledger) dirty() []*progress {
	var dirty []*progress
	for _, p := range l.byID {
		if p.dirty {
			dirty = append(dirty, p)
		}
	}
	slices.SortFunc(dirty, func(a, b *progress) int { return cmp.Compare(a.id, b.id) })
	return dirty
}

// queueProgress writes what changed, where a message is still as it was read,
// and counts what it wrote.
func queueProgress(b *pgx.Batch, tenant ingest.TenantID, dirty []*progress) (written *int64, err error) {
	n := len(dirty)
	ids, was, status, names, faults := make([]string, n), make([]string, n), make([]string, n), make([]string, n), make([]*string, n)
	sent, delivered, seen, failed := make([]*time.Time, n), make([]*time.Time, n), make([]*time.Time, n), make([]*time.Time, n)
	for i, p := range dirty {
		if faults[i], err = faultsJSON(p.errors); err != nil {
			return nil, err
		}
		ids[i], was[i], status[i], names[i] = string(p.id), string(p.was), string(p.status), p.providerID
		sent[i], delivered[i], seen[i], failed[i] = p.sent, p.delivered, p.read, p.failed
	}
	written = new(int64)
	b.Queue(`
		UPDATE messages m SET status = d.status, provider_id = coalesce(m.provider_id, nullif(d.name, '')), errors = coalesce(m.errors, d.faults::json),
			sent_at = least(m.sent_at, d.sent), delivered_at = least(m.delivered_at, d.delivered), read_at = least(m.read_at, d.seen), failed_at = least(m.failed_at, d.failed)
		FROM unnest($2::text[], $3::text[], $4::text[], $5::text[], $6::text[], $7::timestamptz[], $8::timestamptz[], $9::timestamptz[], $10::timestamptz[])
			AS d (id, was, status, name, faults, sent, delivered, seen, failed)
		WHERE (m.tenant_id, m.id) = ($1, d.id) AND m.status = d.was`,
		tenant, ids, was, status, names, faults, sent, delivered, seen, failed).Exec(func(tag pgconn.CommandTag) error {
		*written = tag.RowsAffected()
		return nil
	})
	return written, nil
}
