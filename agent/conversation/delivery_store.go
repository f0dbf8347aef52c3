package conversation

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"time"

	"github.com/jackc/pgx/v5"

	"frontdesk/agent/outbox"
	"frontdesk/ingest"
	"frontdesk/ingest/tenantdb"
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

// ClaimAll is [Store.Claim] for many messages at once, in one transaction that
// is committed when it returns. It returns those that were claimed; one that is
// not there is not among them.
func (s *Store) ClaimAll(ctx context.Context, tenant ingest.TenantID, ids []ingest.MessageID) (map[ingest.MessageID]bool, error) {
	claimed := make(map[ingest.MessageID]bool, len(ids))
	var id ingest.MessageID
	var contact ingest.ContactID
	var channel ingest.ChannelID
	var conversation ingest.ConversationID
	var status ingest.Status
	var party ingest.Party
	var lost []*progress
	err := s.db.Staged(ctx, tenant, func(b *pgx.Batch) {
		clear(claimed)
		lost = nil
		b.Queue(`
			UPDATE messages m SET status = CASE m.status WHEN 'queued' THEN 'sending' ELSE 'unknown' END
			FROM unnest($2::text[]) AS d (id)
			WHERE (m.tenant_id, m.id) = ($1, d.id) AND m.status IN ('queued', 'sending')
			RETURNING m.id, m.status, m.channel_id, m.conversation_id`, tenant, slices.Compact(slices.Sorted(slices.Values(ids)))).Query(func(rows pgx.Rows) error {
			_, err := pgx.ForEachRow(rows, []any{&id, &status, &channel, &conversation}, func() error {
				if status == ingest.Sending {
					claimed[id] = true
					return nil
				}
				p := &progress{id: id, conversation: conversation, channel: channel}
				p.steps = []step{{status: ingest.Unknown, at: time.Now().UTC()}}
				lost = append(lost, p)
				return nil
			})
			return err
		})
	}, func(tx pgx.Tx, _ *pgx.Batch) error {
		for _, p := range lost {
			err := tx.QueryRow(ctx, `SELECT contact_id, party FROM conversations WHERE (tenant_id, id) = ($1, $2)`, tenant, p.conversation).Scan(&contact, &party)
			if err != nil {
				return err
			}
			p.contact, p.key = contact, ingest.ConversationKey(tenant, p.channel, party.Address())
		}
		return announceAll(ctx, tx, tenant, lost)
	})
	if err != nil {
		return nil, fmt.Errorf("claim messages: %w", err)
	}
	return claimed, nil
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
// forward. Queued puts a message that is still Sending back. Of an id that
// another message of the channel has, only the first message bears it.
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

// SettleOne is one of those that [Store.SettleAll] settles.
type SettleOne struct {
	Message ingest.MessageID
	Settlement
}

// SettleAll is [Store.Settle] for many messages, in one transaction where none
// of them fails. It returns the errors of those that could not be settled,
// joined: the [tenantdb.Poisonous] ones only where there are no others.
func (s *Store) SettleAll(ctx context.Context, tenant ingest.TenantID, list []SettleOne) error {
	all := make([]settle, len(list))
	for i, one := range list {
		all[i] = settle{one.Message, one.Settlement}
		if all[i].At.IsZero() {
			all[i].At = time.Now()
		}
	}
	failed, err := s.settleAll(ctx, tenant, all)
	if err != nil {
		return err
	}
	var again []error // of no use where all that fails would fail again
	for i, err := range failed {
		switch {
		case errors.Is(err, ErrNotFound):
			failed[i] = nil // it was erased meanwhile
		case err != nil && !tenantdb.Poisonous(err):
			again = append(again, err)
		}
	}
	if len(again) > 0 {
		return errors.Join(again...)
	}
	return errors.Join(failed...)
}

// settleAll stores all of list, or each alone where together they fail, so that
// one that cannot be stored does not hold up the others.
func (s *Store) settleAll(ctx context.Context, tenant ingest.TenantID, list []settle) ([]error, error) {
	out := make([]error, len(list))
	err := s.settleIn(ctx, tenant, list)
	switch {
	case err == nil:
		return out, nil // what was announced is in no hurry: the relay takes it along
	case len(list) == 1:
		if tenantdb.Poisonous(err) {
			err = s.settleBare(ctx, tenant, list[0], err)
		}
		if err != nil {
			err = fmt.Errorf("settle %s: %w", list[0].id, err)
		}
		return []error{err}, nil
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

// settleBare settles one without what makes Postgres refuse it: the provider's
// id, where another message has it or no index takes it, else all that the
// provider said. What became of the message is more than what it is called.
func (s *Store) settleBare(ctx context.Context, tenant ingest.TenantID, one settle, refused error) error {
	one.ProviderID = ""
	if !unnameable(refused) {
		one.Errors = nil
	}
	if err := s.settleIn(ctx, tenant, []settle{one}); err != nil {
		return err
	}
	slog.WarnContext(ctx, "message settled without the provider's id", "tenant", tenant, "message", one.id, "error", refused)
	return nil
}

// unnameable reports whether a message cannot bear the provider's id that it was
// given: two of a channel never bear the same, nor one that is too long.
func unnameable(err error) bool { return tenantdb.Violates(err, "messages_once") }

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

// settleIn stores list in one transaction of two round trips.
func (s *Store) settleIn(ctx context.Context, tenant ingest.TenantID, list []settle) error {
	ids, named, names := make([]string, len(list)), []string{}, []string{}
	for i, one := range list {
		ids[i] = string(one.id)
		if one.ProviderID != "" {
			named, names = append(named, string(one.id)), append(names, one.ProviderID)
		}
	}
	var known *ledger
	var early []earlyReceipt
	return s.db.Staged(ctx, tenant, func(b *pgx.Batch) {
		// A receipt for a message that is just getting its name is either stored by
		// now, and found here, or waits until the name is there.
		if len(names) > 0 {
			b.Queue(lockNamesQuery, tenant, names)
		}
		queueRead(b, &known, lockedRead, tenant, slices.Sorted(slices.Values(ids)))
		if len(names) > 0 {
			queueEarly(b, &early, tenant, named, names)
		}
	}, func(_ pgx.Tx, last *pgx.Batch) error {
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
		}
		for _, e := range early {
			known.byID[e.message].hear(e.status, e.at, e.errors)
		}
		return known.queueAll(last, tenant)
	})
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
	_, err := tx.Exec(ctx, lockNamesQuery, tenant, names)
	return err
}

const lockNamesQuery = `
	SELECT pg_advisory_xact_lock(h) FROM (
		SELECT DISTINCT hashtextextended($1 || '/receipt/' || n, 0) AS h FROM unnest($2::text[]) AS n ORDER BY h) o`

// earlyReceipt is a receipt that came before its message had the name.
type earlyReceipt struct {
	message ingest.MessageID
	status  ingest.Status
	at      time.Time
	errors  []ingest.ProviderError
}

// queueEarly takes out the receipts that were kept for messages by their names.
func queueEarly(b *pgx.Batch, to *[]earlyReceipt, tenant ingest.TenantID, messages, names []string) {
	*to = nil
	b.Queue(`
		DELETE FROM early_receipts e
		USING unnest($2::text[], $3::text[]) AS d (message, name)
			CROSS JOIN LATERAL (SELECT channel_id FROM messages WHERE (tenant_id, id) = ($1, d.message) OFFSET 0) m
		WHERE (e.tenant_id, e.channel_id, e.provider_id) = ($1, m.channel_id, d.name)
		RETURNING d.message, e.status, e.at, e.errors`, tenant, messages, names).Query(func(rows pgx.Rows) error {
		var err error
		*to, err = pgx.CollectRows(rows, func(row pgx.CollectableRow) (earlyReceipt, error) {
			var e earlyReceipt
			err := row.Scan(&e.message, &e.status, &e.at, &e.errors)
			return e, err
		})
		return err
	})
}

func announceAll(ctx context.Context, tx pgx.Tx, tenant ingest.TenantID, list []*progress) error {
	events, err := eventsOf(tenant, list)
	if err != nil {
		return err
	}
	return outbox.Add(ctx, tx, ingest.TopicEvents, events...)
}

func eventsOf(tenant ingest.TenantID, list []*progress) ([]ingest.Event, error) {
	var events []ingest.Event
	for _, p := range list {
		more, err := p.events(tenant)
		if err != nil {
			return nil, err
		}
		events = append(events, more...)
	}
	return events, nil
}
