package simulator

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"frontdesk/ingest"
	"frontdesk/ingest/tenantdb"
)

// Store keeps made-up customers, what they and the business said, and the
// callbacks under way. It is safe for concurrent use.
type Store struct{ db *tenantdb.DB }

// NewStore returns a Store on db.
func NewStore(db *tenantdb.DB) *Store { return &Store{db} }

const customerColumns = `id, channel_id, phone, name, user_id, created_at, seen_at`

func scanCustomer(row pgx.CollectableRow) (Customer, error) {
	var c Customer
	err := row.Scan(&c.ID, &c.Channel, &c.Phone, &c.Name, &c.UserID, &c.CreatedAt, &c.SeenAt)
	return c, err
}

const messageColumns = `id, provider_id, inbound, content, reply_to, status, code, at, version`

func scanMessage(row pgx.CollectableRow) (Message, error) {
	var m Message
	err := row.Scan(&m.ID, &m.ProviderID, &m.Inbound, &m.Content, &m.ReplyTo, &m.Status, &m.Code, &m.At, &m.Version)
	return m, err
}

func (s *Store) customers(ctx context.Context, tenant ingest.TenantID, channel ingest.ChannelID) ([]Customer, error) {
	var list []Customer
	err := s.db.InTenant(ctx, tenant, func(tx pgx.Tx) error {
		rows, err := tx.Query(ctx, `SELECT `+customerColumns+` FROM simulator_customers
			WHERE tenant_id = $1 AND channel_id = $2 ORDER BY seen_at DESC, id LIMIT 200`, tenant, channel)
		if err != nil {
			return err
		}
		list, err = pgx.CollectRows(rows, scanCustomer)
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("list customers: %w", err)
	}
	return list, nil
}

func (s *Store) customer(ctx context.Context, tenant ingest.TenantID, id string) (Customer, error) {
	var c Customer
	err := s.db.InTenant(ctx, tenant, func(tx pgx.Tx) (err error) {
		c, err = findCustomer(ctx, tx, tenant, id)
		return err
	})
	return c, err
}

func findCustomer(ctx context.Context, tx pgx.Tx, tenant ingest.TenantID, id string) (Customer, error) {
	rows, err := tx.Query(ctx, `SELECT `+customerColumns+` FROM simulator_customers WHERE tenant_id = $1 AND id = $2`, tenant, id)
	if err != nil {
		return Customer{}, fmt.Errorf("find a customer: %w", err)
	}
	c, err := pgx.CollectExactlyOneRow(rows, scanCustomer)
	return c, missing(err, "find a customer")
}

// byUserID returns the customer whom Meta would name id on the channel.
func (s *Store) byUserID(ctx context.Context, tenant ingest.TenantID, channel ingest.ChannelID, id string) (Customer, error) {
	var c Customer
	err := s.db.InTenant(ctx, tenant, func(tx pgx.Tx) error {
		rows, err := tx.Query(ctx, `SELECT `+customerColumns+` FROM simulator_customers
			WHERE tenant_id = $1 AND channel_id = $2 AND user_id = $3`, tenant, channel, id)
		if err != nil {
			return err
		}
		c, err = pgx.CollectExactlyOneRow(rows, scanCustomer)
		return err
	})
	return c, missing(err, "find a customer")
}

func (s *Store) join(ctx context.Context, tenant ingest.TenantID, channel ingest.ChannelID, phone, name string) (Customer, error) {
	var c Customer
	id := ingest.DerivedID("sim_", time.Time{}, string(tenant), string(channel), phone)
	err := s.db.InTenant(ctx, tenant, func(tx pgx.Tx) error {
		rows, err := tx.Query(ctx, `
			INSERT INTO simulator_customers AS c (tenant_id, id, channel_id, phone, name, user_id)
			VALUES ($1, $2, $3, $4, $5, $6)
			ON CONFLICT ON CONSTRAINT simulator_customers_once
				DO UPDATE SET name = CASE WHEN excluded.name = '' THEN c.name ELSE excluded.name END
			RETURNING `+customerColumns, tenant, id, channel, phone, name, userID(tenant, phone))
		if err != nil {
			return err
		}
		c, err = pgx.CollectExactlyOneRow(rows, scanCustomer)
		return err
	})
	if err != nil {
		return Customer{}, fmt.Errorf("make a customer: %w", err)
	}
	return c, nil
}

func (s *Store) forget(ctx context.Context, tenant ingest.TenantID, id string) error {
	err := s.db.InTenant(ctx, tenant, func(tx pgx.Tx) error {
		tag, err := tx.Exec(ctx, `DELETE FROM simulator_customers WHERE tenant_id = $1 AND id = $2`, tenant, id)
		if err == nil && tag.RowsAffected() == 0 {
			return ErrNotFound
		}
		return err
	})
	return missing(err, "forget a customer")
}

// threadLimit is how many of the last messages a thread shows.
const threadLimit = 500

func (s *Store) thread(ctx context.Context, tenant ingest.TenantID, customer string, since int64) (Thread, error) {
	var t Thread
	err := s.db.InTenant(ctx, tenant, func(tx pgx.Tx) error {
		var err error
		if t.Customer, err = findCustomer(ctx, tx, tenant, customer); err != nil {
			return err
		}
		err = tx.QueryRow(ctx, `SELECT COALESCE(typing_until > now(), false) FROM simulator_customers
			WHERE tenant_id = $1 AND id = $2`, tenant, customer).Scan(&t.Typing)
		if err != nil {
			return err
		}
		rows, err := tx.Query(ctx, `SELECT `+messageColumns+` FROM (
				SELECT * FROM simulator_messages WHERE tenant_id = $1 AND customer_id = $2 AND version > $3
				ORDER BY version DESC LIMIT $4) AS news
			ORDER BY at, id`, tenant, customer, since, threadLimit)
		if err != nil {
			return err
		}
		t.Messages, err = pgx.CollectRows(rows, scanMessage)
		return err
	})
	t.Version = since
	for _, m := range t.Messages {
		t.Version = max(t.Version, m.Version)
	}
	return t, missing(err, "read a thread")
}

// add stores m with the callbacks that tell of it, in one step. correlation is
// what the sender wants back with the receipts.
func (s *Store) add(ctx context.Context, tenant ingest.TenantID, c Customer, m Message, correlation string, calls []callback) (Message, error) {
	err := s.db.InTenant(ctx, tenant, func(tx pgx.Tx) error {
		err := tx.QueryRow(ctx, `
			INSERT INTO simulator_messages (tenant_id, id, channel_id, customer_id, provider_id, correlation, inbound, content, reply_to, status, code, at)
			VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12) RETURNING version`,
			tenant, m.ID, c.Channel, c.ID, m.ProviderID, correlation, m.Inbound, m.Content, m.ReplyTo, m.Status, m.Code, m.At).Scan(&m.Version)
		if err != nil {
			return err
		}
		for _, call := range calls {
			_, err := tx.Exec(ctx, `
				INSERT INTO simulator_callbacks (tenant_id, id, message_id, channel_id, path, content_type, body, status, due_at)
				VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)`,
				tenant, ingest.NewID("cbk_", m.At), m.ID, c.Channel, call.path, call.contentType, call.body, call.status, call.due)
			if err != nil {
				return err
			}
		}
		_, err = tx.Exec(ctx, `UPDATE simulator_customers SET seen_at = now(), typing_until = NULL
			WHERE tenant_id = $1 AND id = $2`, tenant, c.ID)
		return err
	})
	if err != nil {
		return Message{}, fmt.Errorf("keep a message: %w", err)
	}
	return m, nil
}

// markRead notes that the business has read the customer's message, and, with
// typing, that it is writing.
func (s *Store) markRead(ctx context.Context, tenant ingest.TenantID, providerID string, typing time.Duration) error {
	err := s.db.InTenant(ctx, tenant, func(tx pgx.Tx) error {
		var customer string
		err := tx.QueryRow(ctx, `
			UPDATE simulator_messages SET status = 'read', version = nextval('simulator_versions')
			WHERE tenant_id = $1 AND provider_id = $2 AND inbound RETURNING customer_id`, tenant, providerID).Scan(&customer)
		if err != nil || typing == 0 {
			return err
		}
		_, err = tx.Exec(ctx, `UPDATE simulator_customers SET typing_until = now() + $3::interval
			WHERE tenant_id = $1 AND id = $2`, tenant, customer, typing)
		return err
	})
	return missing(err, "mark as read")
}

func (s *Store) putMedia(ctx context.Context, tenant ingest.TenantID, id, mime string, body []byte) error {
	err := s.db.InTenant(ctx, tenant, func(tx pgx.Tx) error {
		_, err := tx.Exec(ctx, `INSERT INTO simulator_media (tenant_id, id, mime_type, body) VALUES ($1, $2, $3, $4)`, tenant, id, mime, body)
		return err
	})
	if err != nil {
		return fmt.Errorf("keep a file: %w", err)
	}
	return nil
}

func (s *Store) media(ctx context.Context, tenant ingest.TenantID, id string) (mime string, body []byte, err error) {
	err = s.db.InTenant(ctx, tenant, func(tx pgx.Tx) error {
		return tx.QueryRow(ctx, `SELECT mime_type, body FROM simulator_media WHERE tenant_id = $1 AND id = $2`, tenant, id).Scan(&mime, &body)
	})
	return mime, body, missing(err, "find a file")
}

// missing turns the absence of a row into ErrNotFound.
func missing(err error, what string) error {
	switch {
	case err == nil:
		return nil
	case errors.Is(err, pgx.ErrNoRows):
		return ErrNotFound
	case errors.Is(err, ErrNotFound):
		return err
	}
	return fmt.Errorf("%s: %w", what, err)
}
