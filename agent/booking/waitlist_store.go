package booking

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"frontdesk/ingest"
)

// Wait is somebody's wish for a time that is not free now.
type Wait struct {
	ID           string // "wai_…"
	Service      ingest.ServiceID
	Staff        ingest.StaffID // empty: anybody
	Contact      ingest.ContactID
	Conversation ingest.ConversationID
	From         time.Time // a slot that begins in [From, To) would do
	To           time.Time
	Status       WaitStatus
	OfferedUntil time.Time // while Status is offered
	CreatedAt    time.Time
}

// WaitStatus says what became of a wish.
type WaitStatus string

// Statuses of a wish.
const (
	Waiting WaitStatus = "waiting"
	Offered WaitStatus = "offered" // until OfferedUntil, then it waits again
	Taken   WaitStatus = "booked"
	Left    WaitStatus = "left"
)

const waitColumns = `w.id, w.service_id, coalesce(w.staff_id, ''), coalesce((SELECT c.merged_into FROM contacts c WHERE (c.tenant_id, c.id) = (w.tenant_id, w.contact_id)), w.contact_id),
	coalesce(w.conversation_id, ''), lower(w.wanted), upper(w.wanted), w.status, w.offered_until, w.created_at`

func scanWait(row pgx.CollectableRow) (Wait, error) {
	var w Wait
	var until *time.Time
	err := row.Scan(&w.ID, &w.Service, &w.Staff, &w.Contact, &w.Conversation, &w.From, &w.To, &w.Status, &until, &w.CreatedAt)
	w.From, w.To, w.CreatedAt, w.OfferedUntil = w.From.UTC(), w.To.UTC(), w.CreatedAt.UTC(), deref(until)
	return w, err
}

// AddWait puts a wish on the waitlist. ID, Status and times of its own are
// given by the store.
func (s *Store) AddWait(ctx context.Context, tenant ingest.TenantID, w Wait) (Wait, error) {
	if !w.To.After(w.From) || w.Service == "" || w.Contact == "" {
		return Wait{}, invalid("a wish needs a contact, a service and a time that ends after it begins")
	}
	var saved Wait
	err := s.db.InTenant(ctx, tenant, func(tx pgx.Tx) error {
		rows, err := tx.Query(ctx, `INSERT INTO waitlist AS w (tenant_id, id, service_id, staff_id, contact_id, conversation_id, wanted, created_at)
			VALUES ($1, $2, $3, $4, $5, $6, tstzrange($7, $8), coalesce($9::timestamptz, clock_timestamp())) RETURNING `+waitColumns,
			tenant, ingest.NewID(ingest.PrefixWait, time.Now()), w.Service, orNil(w.Staff), w.Contact, orNil(w.Conversation), w.From, w.To, s.clock())
		if err != nil {
			return err
		}
		saved, err = pgx.CollectExactlyOneRow(rows, scanWait)
		return err
	})
	return saved, explain(err, "add to the waitlist")
}

// Waits returns who waits for a service, the first come first; for any service
// where it is empty.
func (s *Store) Waits(ctx context.Context, tenant ingest.TenantID, service ingest.ServiceID) ([]Wait, error) {
	all, err := list(ctx, s.db, tenant, scanWait, `SELECT `+waitColumns+` FROM waitlist w
		WHERE w.tenant_id = $1 AND ($2 = '' OR w.service_id = $2) AND w.status IN ('waiting', 'offered') ORDER BY w.created_at, w.id`, tenant, service)
	return all, missing(err, "list the waitlist")
}

// NextWait takes the first who would take a slot and has not been offered one,
// or whose offer has run out, and notes that they are offered it for that long.
// Nobody is ErrNotFound. Two who ask at once get two people.
func (s *Store) NextWait(ctx context.Context, tenant ingest.TenantID, slot Slot, offer time.Duration) (Wait, error) {
	var w Wait
	err := s.db.InTenant(ctx, tenant, func(tx pgx.Tx) error {
		rows, err := tx.Query(ctx, `
			UPDATE waitlist AS w SET status = 'offered', offered_until = coalesce($5::timestamptz, clock_timestamp()) + $6::interval
			WHERE w.tenant_id = $1 AND w.id = (SELECT o.id FROM waitlist o
				WHERE o.tenant_id = $1 AND o.service_id = $2 AND coalesce(o.staff_id, $3) = $3 AND o.wanted @> $4::timestamptz
					AND (o.status = 'waiting' OR o.status = 'offered' AND o.offered_until <= coalesce($5::timestamptz, clock_timestamp()))
				ORDER BY o.created_at, o.id LIMIT 1 FOR UPDATE SKIP LOCKED)
			RETURNING `+waitColumns, tenant, slot.Service, slot.Staff, slot.Start, s.clock(), offer)
		if err != nil {
			return err
		}
		w, err = pgx.CollectExactlyOneRow(rows, scanWait)
		return err
	})
	if errors.Is(err, pgx.ErrNoRows) {
		return Wait{}, ErrNotFound
	}
	if err != nil {
		return Wait{}, fmt.Errorf("next of the waitlist: %w", err)
	}
	return w, nil
}

// EndWait takes a wish off the waitlist: [Taken] or [Left]. One that the tenant
// does not have, or that is off it, is ErrNotFound.
func (s *Store) EndWait(ctx context.Context, tenant ingest.TenantID, id string, status WaitStatus) error {
	if status != Taken && status != Left {
		return invalid("a wish ends as booked or left")
	}
	err := s.db.InTenant(ctx, tenant, func(tx pgx.Tx) error {
		tag, err := tx.Exec(ctx, `UPDATE waitlist SET status = $3, offered_until = NULL WHERE tenant_id = $1 AND id = $2 AND status IN ('waiting', 'offered')`, tenant, id, status)
		if err == nil && tag.RowsAffected() == 0 {
			err = ErrNotFound
		}
		return err
	})
	if err != nil {
		return fmt.Errorf("end wish %s: %w", id, err)
	}
	return nil
}
