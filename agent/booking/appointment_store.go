package booking

import (
	"context"
	"encoding/base64"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"

	"frontdesk/ingest"
	"frontdesk/ingest/tenantdb"
)

// appointmentColumns is what scanAppointment reads of appointments a; a contact
// that was merged into another is that other.
const appointmentColumns = `a.id, a.number, a.service_id, coalesce(a.staff_id, ''), a.resource_ids, a.starts_at, a.ends_at,
	coalesce((SELECT c.merged_into FROM contacts c WHERE (c.tenant_id, c.id) = (a.tenant_id, a.contact_id)), a.contact_id),
	coalesce(a.conversation_id, ''), a.status, a.note, a.source, a.test, a.version, a.created_at, a.updated_at,
	a.confirmed_at, a.cancelled_at, a.cancel_reason`

// scanAppointment reads appointmentColumns and, after them, more.
func scanAppointment(row pgx.Row, more ...any) (Appointment, error) {
	var a Appointment
	var confirmed, cancelled *time.Time
	err := row.Scan(append([]any{&a.ID, &a.Number, &a.Slot.Service, &a.Slot.Staff, &a.Slot.Resources, &a.Slot.Start, &a.Slot.End,
		&a.Contact, &a.Conversation, &a.Status, &a.Note, &a.Source, &a.Test, &a.Version, &a.CreatedAt, &a.UpdatedAt,
		&confirmed, &cancelled, &a.CancelReason}, more...)...)
	a.ConfirmedAt, a.CancelledAt = tenantdb.Time(confirmed), tenantdb.Time(cancelled)
	a.CreatedAt, a.UpdatedAt = a.CreatedAt.UTC(), a.UpdatedAt.UTC()
	a.Slot.utc()
	return a, err
}

func (s *Slot) utc() {
	s.Start, s.End = s.Start.UTC(), s.End.UTC()
	if len(s.Resources) == 0 {
		s.Resources = nil
	}
}

// Appointment returns an appointment or ErrNotFound.
func (s *Store) Appointment(ctx context.Context, tenant ingest.TenantID, id ingest.AppointmentID) (Appointment, error) {
	a, _, err := s.appointment(ctx, tenant, id)
	return a, err
}

// appointment returns an appointment and what it claims.
func (s *Store) appointment(ctx context.Context, tenant ingest.TenantID, id ingest.AppointmentID) (a Appointment, subjects []string, err error) {
	err = s.db.Batch(ctx, tenant, func(b *pgx.Batch) {
		b.Queue(`SELECT `+appointmentColumns+`, ARRAY(SELECT c.subject FROM claims c WHERE c.tenant_id = $1 AND c.owner = $2)
			FROM appointments a WHERE a.tenant_id = $1 AND a.id = $2`, tenant, id).QueryRow(func(row pgx.Row) error {
			var err error
			a, err = scanAppointment(row, &subjects)
			return err
		})
	})
	return a, subjects, missing(err, "appointment %s", id)
}

// Appointments returns what f asks for, by start, and the cursor of the next
// page, empty on the last. ErrInvalid is given for a cursor that no page gave.
func (s *Store) Appointments(ctx context.Context, tenant ingest.TenantID, f Filter) ([]Appointment, string, error) {
	where, args, err := f.where(tenant)
	if err != nil {
		return nil, "", err
	}
	size := tenantdb.PageSize(f.Limit)
	if f.After != "" {
		f.Skip = 0 // what was skipped lies before the cursor
	}
	all, err := tenantdb.List(ctx, s.db, tenant, func(row pgx.CollectableRow) (Appointment, error) { return scanAppointment(row) },
		`SELECT `+appointmentColumns+` FROM appointments a WHERE `+where+fmt.Sprintf(` ORDER BY a.starts_at, a.id LIMIT %d OFFSET %d`, size+1, max(f.Skip, 0)), args...)
	if err != nil {
		return nil, "", fmt.Errorf("list appointments: %w", err)
	}
	all, next := tenantdb.Page(all, size, cursor)
	return all, next, nil
}

// CountAppointments returns how many appointments f asks for, its pages aside.
func (s *Store) CountAppointments(ctx context.Context, tenant ingest.TenantID, f Filter) (int, error) {
	f.After = ""
	where, args, err := f.where(tenant)
	if err != nil {
		return 0, err
	}
	n, err := tenantdb.One(ctx, s.db, tenant, pgx.RowTo[int], `SELECT count(*) FROM appointments a WHERE `+where, args...)
	if err != nil {
		return 0, fmt.Errorf("count appointments: %w", err)
	}
	return n, nil
}

// Visits sums up what a contact, with those merged into it, has booked.
type Visits struct {
	Appointments int       // whatever became of them
	Last         time.Time // beginning of the last one that was kept; zero: none was
	Completed    map[ingest.ServiceID]int
}

// Visits returns what a contact has booked so far.
func (s *Store) Visits(ctx context.Context, tenant ingest.TenantID, contact ingest.ContactID) (Visits, error) {
	where, args, err := Filter{Contact: contact}.where(tenant)
	if err != nil {
		return Visits{}, err
	}
	v := Visits{Completed: map[ingest.ServiceID]int{}}
	_, err = tenantdb.List(ctx, s.db, tenant, func(row pgx.CollectableRow) (none struct{}, err error) {
		var service ingest.ServiceID
		var all, kept int
		var last *time.Time
		if err := row.Scan(&service, &all, &kept, &last); err != nil {
			return none, err
		}
		v.Appointments += all
		if kept > 0 {
			v.Completed[service], v.Last = kept, later(v.Last, tenantdb.Time(last))
		}
		return none, nil
	}, `SELECT a.service_id, count(*), count(*) FILTER (WHERE a.status = 'completed'), max(a.starts_at) FILTER (WHERE a.status = 'completed')
		FROM appointments a WHERE `+where+` GROUP BY a.service_id`, args...)
	if err != nil {
		return Visits{}, fmt.Errorf("visits of %s: %w", contact, err)
	}
	return v, nil
}

// where returns the condition and arguments of f.
func (f Filter) where(tenant ingest.TenantID) (string, []any, error) {
	parts, args := []string{"a.tenant_id = $1"}, []any{tenant}
	add := func(condition string, values ...any) {
		for _, v := range values {
			args = append(args, v)
			condition = strings.Replace(condition, "?", "$"+strconv.Itoa(len(args)), 1)
		}
		parts = append(parts, condition)
	}
	if f.Contact != "" {
		add(`a.contact_id IN (SELECT c.id FROM contacts c WHERE c.tenant_id = $1 AND (c.id = ? OR c.merged_into = ?))`, f.Contact, f.Contact)
	}
	if f.Staff != "" {
		add(`a.staff_id = ?`, f.Staff)
	}
	if f.Service != "" {
		add(`a.service_id = ?`, f.Service)
	}
	if f.Status != "" {
		add(`a.status = ?`, f.Status)
	}
	if f.Number != 0 {
		add(`a.number = ?`, f.Number)
	}
	if !f.From.IsZero() {
		add(`a.ends_at > ?`, f.From)
		add(`a.starts_at > ?`, f.From.Add(-longestDuration)) // what the index knows of it
	}
	if !f.To.IsZero() {
		add(`a.starts_at < ?`, f.To)
	}
	if f.After != "" {
		start, id, err := parseCursor(f.After)
		if err != nil {
			return "", nil, err
		}
		add(`(a.starts_at, a.id) > (?, ?)`, start, id)
	}
	return strings.Join(parts, " AND "), args, nil
}

func cursor(a Appointment) string {
	return base64.RawURLEncoding.EncodeToString([]byte(strconv.FormatInt(a.Slot.Start.UnixMicro(), 10) + " " + string(a.ID)))
}

func parseCursor(text string) (time.Time, string, error) {
	raw, err := base64.RawURLEncoding.DecodeString(text)
	at, id, ok := strings.Cut(string(raw), " ")
	micros, errN := strconv.ParseInt(at, 10, 64)
	const far = 250_000 * 365 * 24 * 3600 * 1_000_000 // beyond what Postgres takes
	if errors.Join(err, errN) != nil || !ok || micros > far || micros < -far/250_000*4000 || !ingest.ValidID(ingest.PrefixAppointment, id) {
		return time.Time{}, "", invalid("cursor", "the cursor is not one that a page gave")
	}
	return time.UnixMicro(micros), id, nil
}

// History returns what happened to an appointment, oldest first, or ErrNotFound.
func (s *Store) History(ctx context.Context, tenant ingest.TenantID, id ingest.AppointmentID) ([]Event, error) {
	events, err := tenantdb.List(ctx, s.db, tenant, func(row pgx.CollectableRow) (Event, error) {
		var e Event
		err := row.Scan(&e.Kind, &e.By, &e.Reason, &e.Version, &e.At, &e.Slot.Service, &e.Slot.Staff, &e.Slot.Resources, &e.Slot.Start, &e.Slot.End)
		e.At = e.At.UTC()
		e.Slot.utc()
		return e, err
	}, `SELECT kind, actor, reason, version, at, service_id, coalesce(staff_id, ''), resource_ids, starts_at, ends_at
		FROM appointment_history WHERE tenant_id = $1 AND appointment_id = $2 ORDER BY id`, tenant, id)
	if err == nil && len(events) == 0 {
		err = ErrNotFound // each has one from its first moment
	}
	if err != nil {
		return nil, fmt.Errorf("history of %s: %w", id, err)
	}
	return events, nil
}
