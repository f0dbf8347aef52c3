package booking

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/jackc/pgx/v5"

	"frontdesk/ingest"
	"frontdesk/ingest/tenantdb"
)

// Due is a reminder whose time has come, with the appointment as it stands and
// what a text needs to know of it.
type Due struct {
	ID          string // "rem_…": the key by which its message is sent once
	Tenant      ingest.TenantID
	Appointment Appointment
	Reminder    Reminder
	DueAt       time.Time
	Attempts    int // before this one
	Service     string
	Staff       string
	Zone        string // IANA name of the business's zone
}

// DueReminders takes up to limit reminders of any tenant whose time has come,
// the oldest first, for lease: until then no other worker gets them. Those of an
// appointment that has ended or been moved are gone, and those of one that has
// begun are dropped. One that cannot be read is left out until its lease ends,
// and told of by the error; the others are given along with it.
func (s *Store) DueReminders(ctx context.Context, limit int, lease time.Duration) ([]Due, error) {
	var taken []Due
	err := s.db.AcrossTenants(ctx, func(tx pgx.Tx) error {
		rows, err := tx.Query(ctx, `
			WITH d AS (
				SELECT tenant_id, id FROM reminders
				WHERE status = 'waiting' AND due_at <= coalesce($1::timestamptz, clock_timestamp())
					AND (leased_until IS NULL OR leased_until <= coalesce($1::timestamptz, clock_timestamp()))
				ORDER BY due_at LIMIT $2 FOR UPDATE SKIP LOCKED)
			UPDATE reminders r SET attempts = r.attempts + 1, leased_until = coalesce($1::timestamptz, clock_timestamp()) + $3::interval
			FROM d WHERE (r.tenant_id, r.id) = (d.tenant_id, d.id)
			RETURNING r.tenant_id, r.id, r.appointment_id, r.before_minutes, r.template, r.body, r.due_at, r.attempts - 1`, s.clock(), limit, lease)
		if err != nil {
			return err
		}
		taken, err = pgx.CollectRows(rows, func(row pgx.CollectableRow) (Due, error) {
			var d Due
			var before int
			err := row.Scan(&d.Tenant, &d.ID, &d.Appointment.ID, &before, &d.Reminder.Template, &d.Reminder.Text, &d.DueAt, &d.Attempts)
			d.Reminder.Before, d.DueAt = time.Duration(before)*time.Minute, d.DueAt.UTC()
			return d, err
		})
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("take due reminders: %w", err)
	}
	slices.SortFunc(taken, func(a, b Due) int { return a.DueAt.Compare(b.DueAt) })
	out := taken[:0]
	var failed []error
	for _, d := range taken {
		ok, err := s.fill(ctx, &d)
		if err != nil {
			failed = append(failed, err)
		}
		if ok && err == nil {
			out = append(out, d)
		}
	}
	return out, errors.Join(failed...)
}

// fill reads the appointment, as its tenant. It returns false, and drops the
// reminder, where there is nothing to remind of any more, or where the next
// reminder of the appointment is due as well: after quiet hours, or a standstill,
// one is enough.
func (s *Store) fill(ctx context.Context, d *Due) (bool, error) {
	id, still, next := d.Appointment.ID, false, false
	var now time.Time
	err := s.db.Batch(ctx, d.Tenant, func(b *pgx.Batch) {
		b.Queue(`SELECT `+appointmentColumns+`, v.name, coalesce(st.name, ''), t.timezone, coalesce($4::timestamptz, clock_timestamp()),
				EXISTS (SELECT FROM reminders r WHERE r.tenant_id = $1 AND r.id = $3 AND r.status = 'waiting'),
				EXISTS (SELECT FROM reminders r WHERE r.tenant_id = $1 AND r.appointment_id = $2 AND r.status IN ('waiting', 'sent')
					AND r.due_at > $5 AND r.due_at <= coalesce($4::timestamptz, clock_timestamp()))
			FROM appointments a JOIN tenants t ON t.tenant_id = a.tenant_id JOIN services v ON (v.tenant_id, v.id) = (a.tenant_id, a.service_id)
			LEFT JOIN staff st ON (st.tenant_id, st.id) = (a.tenant_id, a.staff_id)
			WHERE a.tenant_id = $1 AND a.id = $2`, d.Tenant, id, d.ID, s.clock(), d.DueAt).QueryRow(func(row pgx.Row) error {
			var err error
			d.Appointment, err = scanAppointment(row, &d.Service, &d.Staff, &d.Zone, &now, &still, &next)
			return err
		})
	})
	switch {
	case errors.Is(err, pgx.ErrNoRows):
		return false, nil // erased: its reminders went with it
	case err != nil:
		return false, fmt.Errorf("appointment of reminder %s: %w", d.ID, err)
	case !still || d.Appointment.Status != Scheduled:
		return false, nil // moved or ended since it was taken
	case !d.Appointment.Slot.Start.After(now):
		return false, s.DropReminder(ctx, d.Tenant, d.ID, "too late")
	case next:
		return false, s.DropReminder(ctx, d.Tenant, d.ID, "superseded")
	}
	return true, nil
}

// SendReminder has send hand over the message of a reminder, notes it and
// announces it, all in the one transaction that send is given: either all of it
// has happened or nothing. It returns false, without calling send, where the
// reminder has gone meanwhile: another worker sent it, or its appointment was
// moved or has ended. An error of send leaves the reminder as it was.
func (s *Store) SendReminder(ctx context.Context, d Due, send func(ctx context.Context, tx pgx.Tx) (ingest.MessageID, error)) (bool, error) {
	sent := false
	var a Appointment
	var f facts
	var now time.Time
	err := s.db.Staged(ctx, d.Tenant, func(b *pgx.Batch) {
		sent, f = false, facts{}
		b.Queue(`SELECT `+appointmentColumns+`, coalesce($3::timestamptz, clock_timestamp()) FROM appointments a WHERE a.tenant_id = $1 AND a.id = $2 FOR UPDATE OF a`,
			d.Tenant, d.Appointment.ID, s.clock()).QueryRow(func(row pgx.Row) error {
			var err error
			a, err = scanAppointment(row, &now)
			return err
		})
		b.Queue(`SELECT EXISTS (SELECT FROM reminders WHERE tenant_id = $1 AND id = $2 AND status = 'waiting')`, d.Tenant, d.ID).QueryRow(func(row pgx.Row) error { return row.Scan(&sent) })
		queueFacts(b, d.Tenant, d.Appointment.Slot, &f)
	}, func(tx pgx.Tx, last *pgx.Batch) error {
		if !sent {
			return tenantdb.ErrNothing
		}
		message, err := send(ctx, tx)
		if err != nil {
			return err
		}
		last.Queue(`UPDATE reminders SET status = 'sent', done_at = $3, detail = $4 WHERE tenant_id = $1 AND id = $2`, d.Tenant, d.ID, now, message)
		return queueHappening(last, d.Tenant, a, f, happening{kind: "reminded", reminder: d.ID, at: now.UTC()})
	})
	if errors.Is(err, pgx.ErrNoRows) {
		return false, nil
	}
	if err != nil {
		return false, fmt.Errorf("reminder %s: %w", d.ID, err)
	}
	s.cfg.Wake()
	return sent, nil
}

// DropReminder ends a reminder that is not to be sent, and keeps why, the reason
// code of the policy gate, say: with the reminder, and in its appointment's
// history.
func (s *Store) DropReminder(ctx context.Context, tenant ingest.TenantID, id, why string) error {
	return s.settle(ctx, tenant, `
		WITH dropped AS (
			UPDATE reminders SET status = 'dropped', done_at = coalesce($3::timestamptz, clock_timestamp()), detail = $4
			WHERE tenant_id = $1 AND id = $2 AND status = 'waiting' RETURNING appointment_id, done_at)
		INSERT INTO appointment_history (tenant_id, appointment_id, kind, actor, reason, version, at, service_id, staff_id, resource_ids, starts_at, ends_at)
		SELECT a.tenant_id, a.id, 'not_reminded', 'bot', $4, a.version, d.done_at, a.service_id, a.staff_id, a.resource_ids, a.starts_at, a.ends_at
		FROM dropped d JOIN appointments a ON (a.tenant_id, a.id) = ($1, d.appointment_id)`, tenant, id, s.clock(), why)
}

// DeferReminder gives a reminder back until a later time: quiet hours, or a
// fault of the moment.
func (s *Store) DeferReminder(ctx context.Context, tenant ingest.TenantID, id string, until time.Time) error {
	return s.settle(ctx, tenant, `UPDATE reminders SET leased_until = $3 WHERE tenant_id = $1 AND id = $2 AND status = 'waiting'`, tenant, id, until)
}

func (s *Store) settle(ctx context.Context, tenant ingest.TenantID, sql string, args ...any) error {
	err := s.db.InTenant(ctx, tenant, func(tx pgx.Tx) error {
		_, err := tx.Exec(ctx, sql, args...)
		return err
	})
	if err != nil {
		return fmt.Errorf("settle a reminder or an opening: %w", err)
	}
	return nil
}
