package webhook

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

const deliveryColumns = `id, endpoint_id, event_id, event_type, status, due_at, attempt, response_status, error, created_at, settled_at`

func scanDelivery(row pgx.CollectableRow, more ...any) (Delivery, error) {
	var d Delivery
	var settled *time.Time
	err := row.Scan(append([]any{&d.ID, &d.Endpoint, &d.EventID, &d.EventType, &d.Status, &d.DueAt, &d.Attempts, &d.ResponseStatus, &d.Error,
		&d.CreatedAt, &settled}, more...)...)
	d.SettledAt = tenantdb.Time(settled)
	return d, err
}

// Deliveries lists what an endpoint was sent or is to be sent, newest event
// first, and returns the next page's cursor. It is ErrNotFound for an endpoint
// that the tenant does not have.
func (s *Store) Deliveries(ctx context.Context, tenant ingest.TenantID, endpoint string, f Filter) ([]Delivery, string, error) {
	limit := tenantdb.PageSize(f.Limit)
	var list []Delivery
	err := s.db.InTenant(ctx, tenant, func(tx pgx.Tx) error {
		if _, err := one(ctx, tx, tenant, endpoint, ""); err != nil {
			return err
		}
		rows, err := tx.Query(ctx, `SELECT `+deliveryColumns+` FROM webhook_deliveries
			WHERE tenant_id = $1 AND endpoint_id = $2 AND ($3 = '' OR status = $3) AND ($4 = '' OR event_type = $4)
				AND ($5::timestamptz IS NULL OR created_at >= $5) AND ($6::timestamptz IS NULL OR created_at < $6) AND ($7 = '' OR id < $7)
			ORDER BY id DESC LIMIT $8`,
			tenant, endpoint, f.Status, f.Type, tenantdb.OrNull(f.Since), tenantdb.OrNull(f.Until), f.After, limit+1)
		if err != nil {
			return fmt.Errorf("list deliveries: %w", err)
		}
		list, err = pgx.CollectRows(rows, func(row pgx.CollectableRow) (Delivery, error) { return scanDelivery(row) })
		return err
	})
	list, next := tenantdb.Page(list, limit, func(d Delivery) string { return d.ID })
	return list, next, err
}

// Delivery returns a delivery with its body and its attempts, or ErrNotFound.
func (s *Store) Delivery(ctx context.Context, tenant ingest.TenantID, endpoint, id string) (Delivery, error) {
	var d Delivery
	err := s.db.InTenant(ctx, tenant, func(tx pgx.Tx) (err error) {
		d, err = oneDelivery(ctx, tx, tenant, endpoint, id)
		return err
	})
	return d, err
}

func oneDelivery(ctx context.Context, tx pgx.Tx, tenant ingest.TenantID, endpoint, id string) (Delivery, error) {
	rows, err := tx.Query(ctx, `SELECT `+deliveryColumns+`, body, log FROM webhook_deliveries
		WHERE tenant_id = $1 AND id = $2 AND endpoint_id = $3`, tenant, id, endpoint)
	if err != nil {
		return Delivery{}, fmt.Errorf("read delivery: %w", err)
	}
	d, err := pgx.CollectExactlyOneRow(rows, func(row pgx.CollectableRow) (Delivery, error) {
		var body, log []byte
		d, err := scanDelivery(row, &body, &log)
		if err != nil {
			return d, err
		}
		d.Body = body
		return d, json.Unmarshal(log, &d.Log)
	})
	if errors.Is(err, pgx.ErrNoRows) {
		return Delivery{}, fmt.Errorf("delivery %s: %w", id, ErrNotFound)
	}
	return d, err
}

// Test stores a delivery of a webhook.test event for an endpoint, whatever it
// subscribed to.
func (s *Store) Test(ctx context.Context, tenant ingest.TenantID, endpoint string) (Delivery, error) {
	var d Delivery
	err := s.db.InTenant(ctx, tenant, func(tx pgx.Tx) error {
		e, err := enabled(ctx, tx, tenant, endpoint)
		if err != nil {
			return err
		}
		now := s.now().UTC()
		n := Notice{ID: ingest.NewID(ingest.PrefixEvent, now), Type: eventTest, At: now}
		if n.Data, err = json.Marshal(map[string]any{"webhook_id": e.ID, "url": e.URL, "test": true}); err != nil {
			return err
		}
		name, body, ok := s.forms.of(e.Format).Compose(n)
		if !ok { // the form has no such event
			name, body, _ = Standard{}.Compose(n)
		}
		one := newDraft(tenant, e.ID, n.ID, now, name, body)
		if _, err := tx.Exec(ctx, insertDrafts, []string{string(tenant)}, []string{one.id}, []string{one.endpoint}, []string{one.event}, []string{one.typ}, [][]byte{one.body}); err != nil {
			return fmt.Errorf("store a test of webhook %s: %w", endpoint, err)
		}
		d, err = oneDelivery(ctx, tx, tenant, e.ID, one.id)
		return err
	})
	return d, err
}

// enabled returns an endpoint, or ErrNotFound or ErrDisabled.
func enabled(ctx context.Context, tx pgx.Tx, tenant ingest.TenantID, id string) (Endpoint, error) {
	e, err := one(ctx, tx, tenant, id, "")
	if err == nil && !e.Enabled {
		err = fmt.Errorf("webhook %s: %w", id, ErrDisabled)
	}
	return e, err
}

// again sets rows to be sent once more, with all their attempts before them.
// What is being sent at this moment stays as it is.
const again = `UPDATE webhook_deliveries SET status = 'pending', due_at = now(), tries = 0, settled_at = NULL, leased_until = NULL
	WHERE tenant_id = $1 AND endpoint_id = $2 AND (leased_until IS NULL OR leased_until <= now())`

// Replay sends a delivery again, now, with the same webhook-id and body.
func (s *Store) Replay(ctx context.Context, tenant ingest.TenantID, endpoint, id string) (Delivery, error) {
	var d Delivery
	err := s.db.InTenant(ctx, tenant, func(tx pgx.Tx) error {
		if _, err := oneDelivery(ctx, tx, tenant, endpoint, id); err != nil {
			return err
		}
		if _, err := enabled(ctx, tx, tenant, endpoint); err != nil {
			return err
		}
		_, err := tx.Exec(ctx, again+` AND id = $3`, tenant, endpoint, id)
		if err != nil {
			return fmt.Errorf("replay delivery %s: %w", id, err)
		}
		d, err = oneDelivery(ctx, tx, tenant, endpoint, id)
		return err
	})
	return d, err
}

// ReplayAll sends the deliveries of a window again, at the endpoint's pace, and
// returns how many they are.
func (s *Store) ReplayAll(ctx context.Context, tenant ingest.TenantID, endpoint string, w Window) (int, error) {
	if w.Status == "" {
		w.Status = Failed
	}
	var n int64
	err := s.db.InTenant(ctx, tenant, func(tx pgx.Tx) error {
		if _, err := enabled(ctx, tx, tenant, endpoint); err != nil {
			return err
		}
		tag, err := tx.Exec(ctx, again+` AND status = $3 AND ($4 = '' OR event_type = $4)
			AND ($5::timestamptz IS NULL OR created_at >= $5) AND ($6::timestamptz IS NULL OR created_at < $6)`,
			tenant, endpoint, w.Status, w.Type, tenantdb.OrNull(w.Since), tenantdb.OrNull(w.Until))
		n = tag.RowsAffected()
		return err
	})
	if err != nil {
		return 0, fmt.Errorf("replay deliveries of webhook %s: %w", endpoint, err)
	}
	return int(n), nil
}

// forget removes up to most settled deliveries that are older than age and
// returns how many there were. Pending ones stay, however old.
func (s *Store) forget(ctx context.Context, age time.Duration, most int) (int, error) {
	var n int64
	err := s.db.AcrossTenants(ctx, func(tx pgx.Tx) error {
		tag, err := tx.Exec(ctx, `
			DELETE FROM webhook_deliveries WHERE ctid = ANY (ARRAY(
				SELECT ctid FROM webhook_deliveries WHERE created_at < now() - make_interval(secs => $1) AND status <> 'pending' LIMIT $2))`,
			age.Seconds(), most)
		n = tag.RowsAffected()
		return err
	})
	if err != nil {
		return 0, fmt.Errorf("forget old deliveries: %w", err)
	}
	return int(n), nil
}
