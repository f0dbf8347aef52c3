package booking

import (
	"context"
	"errors"
	"time"

	"github.com/jackc/pgx/v5"

	"frontdesk/ingest"
)

// Cancel cancels an appointment and frees its time. One that is cancelled
// already is returned as it is; one that was kept or missed is ErrFinal.
func (s *Store) Cancel(ctx context.Context, tenant ingest.TenantID, id ingest.AppointmentID, reason, key, by string) (Appointment, error) {
	if badText(reason) || badText(by) {
		return Appointment{}, invalid("reason", "reason and by have at most %d characters", longestText)
	}
	req, err := newRequest(key, "cancel "+string(id), reason)
	if err != nil {
		return Appointment{}, err
	}
	return s.alter(ctx, tenant, id, req, func(a *Appointment, now time.Time) (happening, error) {
		switch a.Status {
		case Cancelled:
			return happening{}, nil
		case Completed, NoShow:
			return happening{}, ErrFinal
		}
		a.Status, a.CancelledAt, a.CancelReason = Cancelled, now, reason
		return happening{kind: string(Cancelled), by: by, reason: reason}, nil
	})
}

// SetStatus says what became of an appointment: completed or no_show, or
// scheduled again where that was a mistake. Cancelled is [Store.Cancel] without
// a reason. A cancelled one is ErrFinal.
func (s *Store) SetStatus(ctx context.Context, tenant ingest.TenantID, id ingest.AppointmentID, status Status, by string) (Appointment, error) {
	switch status {
	case Cancelled:
		return s.Cancel(ctx, tenant, id, "", "", by)
	case Scheduled, Completed, NoShow:
	default:
		return Appointment{}, invalid("status", "status must be scheduled, completed, cancelled or no_show")
	}
	return s.alter(ctx, tenant, id, request{}, func(a *Appointment, _ time.Time) (happening, error) {
		switch a.Status {
		case status:
			return happening{}, nil
		case Cancelled:
			return happening{}, ErrFinal
		}
		a.Status = status
		return happening{kind: string(status), by: by}, nil
	})
}

// Confirm notes that the contact will come. It is no change of the appointment:
// its version stays. One that is not scheduled is ErrFinal.
func (s *Store) Confirm(ctx context.Context, tenant ingest.TenantID, id ingest.AppointmentID, by string) (Appointment, error) {
	return s.alter(ctx, tenant, id, request{}, func(a *Appointment, now time.Time) (happening, error) {
		if a.Status != Scheduled {
			return happening{}, ErrFinal
		}
		if !a.ConfirmedAt.IsZero() {
			return happening{}, nil
		}
		a.ConfirmedAt = now
		return happening{kind: confirmed, by: by}, nil
	})
}

const confirmed = "confirmed"

// alter changes an appointment in place. A happening without a kind changes
// nothing.
func (s *Store) alter(ctx context.Context, tenant ingest.TenantID, id ingest.AppointmentID, req request, change func(*Appointment, time.Time) (happening, error)) (Appointment, error) {
	for range tries {
		var a Appointment
		if done, err := s.answered(ctx, tenant, req, &a); done || err != nil {
			return a, err
		}
		a, err := s.alterOnce(ctx, tenant, id, req, change)
		if !repeated(err) {
			return a, explain(err, "appointment "+string(id))
		}
	}
	return Appointment{}, ErrKeyReused
}

func (s *Store) alterOnce(ctx context.Context, tenant ingest.TenantID, id ingest.AppointmentID, req request, change func(*Appointment, time.Time) (happening, error)) (Appointment, error) {
	var a Appointment
	var f facts
	var now time.Time
	err := s.db.Staged(ctx, tenant, func(b *pgx.Batch) {
		b.Queue(`SELECT `+appointmentColumns+`, coalesce($3::timestamptz, clock_timestamp()), t.timezone, v.name, v.price, coalesce(st.name, '')
			FROM appointments a JOIN tenants t ON t.tenant_id = a.tenant_id JOIN services v ON (v.tenant_id, v.id) = (a.tenant_id, a.service_id)
			LEFT JOIN staff st ON (st.tenant_id, st.id) = (a.tenant_id, a.staff_id)
			WHERE a.tenant_id = $1 AND a.id = $2 FOR UPDATE OF a`, tenant, id, s.clock()).QueryRow(func(row pgx.Row) error {
			var err error
			a, err = scanAppointment(row, &now, &f.zone, &f.service, &f.price, &f.staff)
			return err
		})
	}, func(_ pgx.Tx, last *pgx.Batch) error {
		now = now.UTC()
		h, err := change(&a, now)
		if err != nil {
			return err
		}
		if h.kind == "" {
			return req.keep(last, tenant, a)
		}
		h.at = now
		return queueAltered(last, tenant, &a, f, h, req)
	})
	if errors.Is(err, pgx.ErrNoRows) {
		err = ErrNotFound
	}
	if err != nil {
		return Appointment{}, err
	}
	s.cfg.Wake()
	return a, nil
}

func queueAltered(b *pgx.Batch, tenant ingest.TenantID, a *Appointment, f facts, h happening, req request) error {
	if h.kind != confirmed {
		a.Version++
		a.UpdatedAt = h.at
	}
	b.Queue(`UPDATE appointments SET status = $3, version = $4, updated_at = $5, confirmed_at = $6, cancelled_at = $7, cancel_reason = $8
		WHERE tenant_id = $1 AND id = $2`,
		tenant, a.ID, a.Status, a.Version, a.UpdatedAt, given(a.ConfirmedAt), given(a.CancelledAt), a.CancelReason)
	if a.Status == Cancelled {
		b.Queue(`DELETE FROM claims WHERE tenant_id = $1 AND owner = $2`, tenant, a.ID)
		queueOpening(b, tenant, opened(*a), a.Slot, h.at)
	}
	if a.Status != Scheduled {
		b.Queue(`UPDATE reminders SET status = 'dropped', done_at = $3, detail = $4 WHERE tenant_id = $1 AND appointment_id = $2 AND status = 'waiting'`,
			tenant, a.ID, h.at, string(a.Status))
	}
	if err := queueHappening(b, tenant, *a, f, h); err != nil {
		return err
	}
	return req.keep(b, tenant, *a)
}
