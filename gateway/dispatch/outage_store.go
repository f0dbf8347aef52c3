package dispatch

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"frontdesk/ingest"
	"frontdesk/ingest/tenantdb"
)

// outage is why a channel may not send for a while.
type outage struct {
	sender
	until       time.Time
	since       time.Time // when it went down; zero if the provider only asked to wait
	code        string    // the provider's
	credentials string    // fingerprint of those that were refused
	probes      int
	provider    string // of the channel, for the notice
	account     string
}

// down reports whether the channel is stopped rather than asked to wait.
func (o outage) down() bool { return !o.since.IsZero() }

// outages returns all channels that may not send, and up to when the slots of
// each channel's pace are given to parked messages.
func (s *Store) outages(ctx context.Context) (map[sender]outage, map[sender]time.Time, error) {
	stopped, taken := map[sender]outage{}, map[sender]time.Time{}
	err := s.db.AcrossTenants(ctx, func(tx pgx.Tx) error {
		clear(stopped)
		clear(taken)
		rows, err := tx.Query(ctx, `
			SELECT tenant_id, channel_id, sandbox, blocked_until, down_since, code, credentials, probes FROM dispatch_channels`)
		if err != nil {
			return err
		}
		var o outage
		var since *time.Time
		_, err = pgx.ForEachRow(rows, []any{&o.tenant, &o.channel, &o.sandbox, &o.until, &since, &o.code, &o.credentials, &o.probes}, func() error {
			o.since = time.Time{}
			if since != nil {
				o.since = *since
			}
			stopped[o.sender] = o
			return nil
		})
		if err != nil {
			return err
		}
		rows, err = tx.Query(ctx, `
			SELECT tenant_id, channel_id, sandbox, max(due_at) FROM dispatch_parked WHERE held = $1
			GROUP BY tenant_id, channel_id, sandbox`, int16(heldAll))
		if err != nil {
			return err
		}
		var k sender
		var until time.Time
		_, err = pgx.ForEachRow(rows, []any{&k.tenant, &k.channel, &k.sandbox, &until}, func() error { taken[k] = until; return nil })
		return err
	})
	if err != nil {
		return nil, nil, fmt.Errorf("read stopped channels: %w", err)
	}
	return stopped, taken, nil
}

// stop keeps o's channel from sending until o.until. A channel that newly goes
// down is announced; a wait does not end an outage.
func (s *Store) stop(ctx context.Context, o outage) error {
	err := s.db.AcrossTenants(ctx, func(tx pgx.Tx) error {
		var wasDown bool
		err := tx.QueryRow(ctx, `
			SELECT down_since IS NOT NULL FROM dispatch_channels
			WHERE tenant_id = $1 AND channel_id = $2 AND sandbox = $3 FOR UPDATE`, o.tenant, o.channel, o.sandbox).Scan(&wasDown)
		if err != nil && !errors.Is(err, pgx.ErrNoRows) {
			return err
		}
		_, err = tx.Exec(ctx, `
			INSERT INTO dispatch_channels AS c (tenant_id, channel_id, sandbox, blocked_until, down_since, code, credentials, probes)
			VALUES ($1, $2, $3, $4, $5, $6, $7, $8)
			ON CONFLICT (tenant_id, channel_id, sandbox) DO UPDATE SET
				blocked_until = GREATEST(c.blocked_until, excluded.blocked_until),
				down_since = COALESCE(c.down_since, excluded.down_since),
				code = excluded.code, credentials = excluded.credentials, probes = excluded.probes`,
			o.tenant, o.channel, o.sandbox, o.until, tenantdb.OrNull(o.since), o.code, o.credentials, o.probes)
		if err != nil || !o.down() || wasDown {
			return err
		}
		return s.announce(ctx, tx, o, "channel_down", o.since)
	})
	if err != nil {
		return fmt.Errorf("stop channel %s: %w", o.channel, err)
	}
	return nil
}

// probe lets one caller of all try a channel that is down, and keeps the others
// waiting until next. It reports whether the caller is that one.
func (s *Store) probe(ctx context.Context, o outage, next time.Time) (bool, error) {
	var won bool
	err := s.db.AcrossTenants(ctx, func(tx pgx.Tx) error {
		tag, err := tx.Exec(ctx, `
			UPDATE dispatch_channels SET blocked_until = $4, probes = probes + 1
			WHERE tenant_id = $1 AND channel_id = $2 AND sandbox = $3 AND probes = $5`,
			o.tenant, o.channel, o.sandbox, next, o.probes)
		won = tag.RowsAffected() == 1
		return err
	})
	if err != nil {
		return false, fmt.Errorf("probe channel %s: %w", o.channel, err)
	}
	return won, nil
}

// clear forgets the waits that are over.
func (s *Store) clear(ctx context.Context) error {
	err := s.db.AcrossTenants(ctx, func(tx pgx.Tx) error {
		_, err := tx.Exec(ctx, `DELETE FROM dispatch_channels WHERE down_since IS NULL AND blocked_until < now()`)
		return err
	})
	if err != nil {
		return fmt.Errorf("forget waits: %w", err)
	}
	return nil
}

// resume lets o's channel send again, and announces it if it was down.
func (s *Store) resume(ctx context.Context, o outage, now time.Time) error {
	err := s.db.AcrossTenants(ctx, func(tx pgx.Tx) error {
		tag, err := tx.Exec(ctx, `
			DELETE FROM dispatch_channels
			WHERE tenant_id = $1 AND channel_id = $2 AND sandbox = $3 AND (down_since IS NOT NULL) = $4`,
			o.tenant, o.channel, o.sandbox, o.down())
		if err != nil || tag.RowsAffected() == 0 || !o.down() {
			return err
		}
		return s.announce(ctx, tx, o, "channel_up", now)
	})
	if err != nil {
		return fmt.Errorf("resume channel %s: %w", o.channel, err)
	}
	return nil
}

// announce tells of a channel that went down or up. Test traffic is nobody's
// news.
func (s *Store) announce(ctx context.Context, tx pgx.Tx, o outage, field string, at time.Time) error {
	if o.sandbox {
		return nil
	}
	value, err := json.Marshal(map[string]string{"code": o.code})
	if err != nil {
		return err
	}
	notice := ingest.AccountUpdate{
		Tenant: o.tenant, Channel: o.channel, Provider: o.provider, Account: o.account, Field: field, Value: value, At: at.UTC(),
	}
	source := fmt.Sprintf("%s:%s:%d", o.channel, field, at.UnixNano())
	event, err := ingest.NewEvent(ingest.AccountUpdated, o.tenant, string(o.tenant)+"|"+string(o.channel), at, source, notice)
	if err != nil {
		return err
	}
	return s.add(ctx, tx, ingest.TopicEvents, event)
}

// spent returns how many messages tenant has sent of its own accord on day.
func (s *Store) spent(ctx context.Context, tenant ingest.TenantID, day string) (int, error) {
	var n int
	err := s.db.InTenant(ctx, tenant, func(tx pgx.Tx) error {
		err := tx.QueryRow(ctx, `SELECT messages FROM dispatch_usage WHERE day = $1`, day).Scan(&n)
		if errors.Is(err, pgx.ErrNoRows) {
			return nil
		}
		return err
	})
	if err != nil {
		return 0, fmt.Errorf("read the day's messages: %w", err)
	}
	return n, nil
}

// spend takes one message from tenant's budget on day, and reports whether it
// was still to be had.
func (s *Store) spend(ctx context.Context, tenant ingest.TenantID, day string, budget int) (bool, error) {
	var had bool
	err := s.db.InTenant(ctx, tenant, func(tx pgx.Tx) error {
		tag, err := tx.Exec(ctx, `
			INSERT INTO dispatch_usage AS u (tenant_id, day, messages) VALUES ($1, $2, 1)
			ON CONFLICT (tenant_id, day) DO UPDATE SET messages = u.messages + 1 WHERE u.messages < $3`,
			tenant, day, budget)
		had = tag.RowsAffected() == 1
		return err
	})
	if err != nil {
		return false, fmt.Errorf("count a message against the budget: %w", err)
	}
	return had, nil
}
