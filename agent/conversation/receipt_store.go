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

	"frontdesk/ingest"
)

// ApplyReceipts stores what a provider reported of outbound messages, found by
// Correlation or by ProviderID. Receipts whose message is not known yet are
// kept until it is. Repeats, and any order, leave the same state.
func (s *Store) ApplyReceipts(ctx context.Context, tenant ingest.TenantID, list []ingest.Receipt) error {
	if len(list) == 0 {
		return nil
	}
	err := s.deliver(ctx, tenant, func(tx pgx.Tx) error { return receive(ctx, tx, tenant, list) })
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
	rows, err := tx.Query(ctx, `
		SELECT m.id, m.conversation_id, m.channel_id, c.contact_id, c.party, m.status, coalesce(m.provider_id, ''), m.errors, m.sent_at, m.delivered_at, m.read_at, m.failed_at
		FROM `+d+`
		CROSS JOIN LATERAL (SELECT * FROM messages WHERE (tenant_id, id) = ($1, d.id) AND direction = 'outbound' OFFSET 0) m
		CROSS JOIN LATERAL (SELECT contact_id, party FROM conversations WHERE (tenant_id, id) = ($1, m.conversation_id) OFFSET 0) c`, append([]any{tenant}, args...)...)
	if err != nil {
		return nil, err
	}
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
	var dirty []*progress
	for _, p := range l.byID {
		if p.dirty {
			dirty = append(dirty, p)
		}
	}
	if len(dirty) == 0 {
		return nil
	}
	slices.SortFunc(dirty, func(a, b *progress) int { return cmp.Compare(a.id, b.id) })
	var batch pgx.Batch
	overtaken := false
	for _, p := range dirty {
		raw, err := faultsJSON(p.errors)
		if err != nil {
			return err
		}
		batch.Queue(`
			UPDATE messages m SET status = $4, provider_id = coalesce(m.provider_id, nullif($5, '')), errors = coalesce(m.errors, $6::text::json),
				sent_at = least(m.sent_at, $7), delivered_at = least(m.delivered_at, $8), read_at = least(m.read_at, $9), failed_at = least(m.failed_at, $10)
			WHERE m.tenant_id = $1 AND m.id = $2 AND m.status = $3`,
			tenant, p.id, string(p.was), string(p.status), p.providerID, raw, p.sent, p.delivered, p.read, p.failed).Exec(func(tag pgconn.CommandTag) error {
			overtaken = overtaken || tag.RowsAffected() == 0
			return nil
		})
	}
	if err := tx.SendBatch(ctx, &batch).Close(); err != nil {
		return err
	}
	if overtaken {
		return errOvertaken
	}
	return announceAll(ctx, tx, tenant, dirty)
}
