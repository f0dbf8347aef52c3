package conversation

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/jackc/pgx/v5"

	"frontdesk/agent/outbox"
	"frontdesk/ingest"
)

// claim answers a call of Claim.
type claim struct {
	message Message
	claimed bool
	err     error
}

// Claim takes a queued message for sending: it is Sending when the call
// returns, committed, and claimed is true for one caller only. A message found
// Sending was claimed by a sender that died after it may have written the
// request: it becomes Unknown and claimed is false, as it is for every other
// status. ErrNotFound if there is no such message.
func (s *Store) Claim(ctx context.Context, tenant ingest.TenantID, id ingest.MessageID) (m Message, claimed bool, err error) {
	c, err := s.claims.Do(ctx, tenant, id)
	if err == nil {
		err = c.err
	}
	return c.message, c.claimed, err
}

func (s *Store) claimAll(ctx context.Context, tenant ingest.TenantID, ids []ingest.MessageID) ([]claim, error) {
	var found map[ingest.MessageID]claim
	err := s.db.InTenant(ctx, tenant, func(tx pgx.Tx) error {
		found = map[ingest.MessageID]claim{}
		taken, err := take(ctx, tx, tenant, ids)
		if err != nil {
			return err
		}
		var lost []*progress
		for _, m := range taken {
			found[m.ID] = claim{message: m, claimed: m.Status == ingest.Sending}
			if m.Status == ingest.Unknown {
				p := &progress{id: m.ID, conversation: m.Conversation, channel: m.Channel, contact: m.Contact, key: m.Key()}
				p.steps = []step{{status: ingest.Unknown, at: time.Now().UTC()}}
				lost = append(lost, p)
			}
		}
		if err := announceAll(ctx, tx, tenant, lost); err != nil {
			return err
		}
		return readUnclaimed(ctx, tx, tenant, ids, found)
	})
	if err != nil {
		return nil, fmt.Errorf("claim messages: %w", err)
	}
	out := make([]claim, len(ids))
	for i, id := range ids {
		c, ok := found[id]
		if !ok {
			c.err = fmt.Errorf("claim %s: %w", id, ErrNotFound)
		}
		out[i] = c
		c.claimed = false // the same message asked for twice at once is sent once
		found[id] = c
	}
	return out, nil
}

// take moves messages that are queued or sending on, in one order.
func take(ctx context.Context, tx pgx.Tx, tenant ingest.TenantID, ids []ingest.MessageID) ([]Message, error) {
	var taken []Message
	var batch pgx.Batch
	for _, id := range slices.Compact(slices.Sorted(slices.Values(ids))) {
		batch.Queue(`
			UPDATE messages m SET status = CASE m.status WHEN 'queued' THEN 'sending' ELSE 'unknown' END
			WHERE m.tenant_id = $1 AND m.id = $2 AND m.status IN ('queued', 'sending')
			RETURNING `+MessageColumns+`, `+itsContact, tenant, id).Query(func(rows pgx.Rows) error {
			list, err := pgx.CollectRows(rows, scanWithContact)
			taken = append(taken, list...)
			return err
		})
	}
	return taken, tx.SendBatch(ctx, &batch).Close()
}

func readUnclaimed(ctx context.Context, tx pgx.Tx, tenant ingest.TenantID, ids []ingest.MessageID, found map[ingest.MessageID]claim) error {
	var rest []string
	for _, id := range ids {
		if _, ok := found[id]; !ok {
			rest = append(rest, string(id))
		}
	}
	if len(rest) == 0 {
		return nil
	}
	rows, err := tx.Query(ctx, `SELECT `+MessageColumns+`, `+itsContact+byID, tenant, rest)
	if err != nil {
		return err
	}
	list, err := pgx.CollectRows(rows, scanWithContact)
	for _, m := range list {
		found[m.ID] = claim{message: m}
	}
	return err
}

// settle is one call of Settle.
type settle struct {
	id ingest.MessageID
	Settlement
}

// Settle stores what the provider said to the send of a claimed message, and
// what receipts for it came before. It may be called again: statuses only move
// forward. Queued puts a message that is still Sending back.
func (s *Store) Settle(ctx context.Context, tenant ingest.TenantID, id ingest.MessageID, to Settlement) error {
	if to.At.IsZero() {
		to.At = time.Now()
	}
	failed, err := s.settles.Do(ctx, tenant, settle{id, to})
	if err != nil {
		return err
	}
	return failed
}

// settleAll stores all of list, or each alone where together they fail, so that
// one that cannot be stored does not hold up the others.
func (s *Store) settleAll(ctx context.Context, tenant ingest.TenantID, list []settle) ([]error, error) {
	out := make([]error, len(list))
	err := s.deliver(ctx, tenant, func(tx pgx.Tx) error { return settleIn(ctx, tx, tenant, list) })
	switch {
	case err == nil:
		s.wake()
		return out, nil
	case len(list) == 1:
		return []error{fmt.Errorf("settle %s: %w", list[0].id, err)}, nil
	}
	for i := range list {
		alone, err := s.settleAll(ctx, tenant, list[i:i+1])
		if err != nil {
			return nil, err
		}
		out[i] = alone[0]
	}
	return out, nil
}

// errOvertaken is given where a message changed between reading and writing it.
var errOvertaken = errors.New("message changed meanwhile")

// deliver runs fn in a transaction, again while another one is overtaking it.
func (s *Store) deliver(ctx context.Context, tenant ingest.TenantID, fn func(pgx.Tx) error) error {
	var err error
	for range 8 {
		if err = s.db.InTenant(ctx, tenant, fn); !errors.Is(err, errOvertaken) {
			return err
		}
	}
	return err
}

func settleIn(ctx context.Context, tx pgx.Tx, tenant ingest.TenantID, list []settle) error {
	ids := make([]ingest.MessageID, len(list))
	var names []string
	for i, one := range list {
		ids[i] = one.id
		if one.ProviderID != "" {
			names = append(names, one.ProviderID)
		}
	}
	// A receipt for a message that is just getting its name is either stored by
	// now, and found here, or waits until the name is there.
	if err := lockNames(ctx, tx, tenant, names); err != nil {
		return err
	}
	known, err := read(ctx, tx, tenant, `unnest($2::text[]) AS d (id)`, ids)
	if err != nil {
		return err
	}
	named := map[receiptKey]*progress{}
	for _, one := range list {
		p := known.byID[one.id]
		if p == nil {
			return fmt.Errorf("settle %s: %w", one.id, ErrNotFound)
		}
		p.named(one.ProviderID)
		if one.Status == ingest.Queued {
			p.again()
		} else {
			p.hear(one.Status, one.At, one.Errors)
		}
		if one.ProviderID != "" {
			named[receiptKey{p.channel, one.ProviderID}] = p
		}
	}
	if err := takeEarly(ctx, tx, tenant, named); err != nil {
		return err
	}
	return known.write(ctx, tx, tenant)
}

type receiptKey struct {
	channel    ingest.ChannelID
	providerID string
}

// lockNames holds the provider's ids until tx ends, in one order.
func lockNames(ctx context.Context, tx pgx.Tx, tenant ingest.TenantID, names []string) error {
	if len(names) == 0 {
		return nil
	}
	_, err := tx.Exec(ctx, `
		SELECT pg_advisory_xact_lock(h) FROM (
			SELECT DISTINCT hashtextextended($1 || '/receipt/' || n, 0) AS h FROM unnest($2::text[]) AS n ORDER BY h) o`, tenant, names)
	return err
}

// takeEarly applies and removes receipts that were kept for the messages named.
func takeEarly(ctx context.Context, tx pgx.Tx, tenant ingest.TenantID, named map[receiptKey]*progress) error {
	if len(named) == 0 {
		return nil
	}
	var channels, names []string
	for key := range named {
		channels, names = append(channels, string(key.channel)), append(names, key.providerID)
	}
	rows, err := tx.Query(ctx, `
		DELETE FROM early_receipts e USING unnest($2::text[], $3::text[]) AS d (channel, name)
		WHERE (e.tenant_id, e.channel_id, e.provider_id) = ($1, d.channel, d.name)
		RETURNING e.channel_id, e.provider_id, e.status, e.at, e.errors`, tenant, channels, names)
	if err != nil {
		return err
	}
	var key receiptKey
	var status ingest.Status
	var at time.Time
	var raw []byte
	_, err = pgx.ForEachRow(rows, []any{&key.channel, &key.providerID, &status, &at, &raw}, func() error {
		var faults []ingest.ProviderError
		if raw != nil {
			if err := json.Unmarshal(raw, &faults); err != nil {
				return err
			}
		}
		named[key].hear(status, at, faults)
		return nil
	})
	return err
}

func announceAll(ctx context.Context, tx pgx.Tx, tenant ingest.TenantID, list []*progress) error {
	var events []ingest.Event
	for _, p := range list {
		more, err := p.events(tenant)
		if err != nil {
			return err
		}
		events = append(events, more...)
	}
	return outbox.Add(ctx, tx, ingest.TopicEvents, events...)
}
