package booking

import (
	"strconv"
	"time"

	"github.com/jackc/pgx/v5"

	"frontdesk/agent/outbox"
	"frontdesk/ingest"
)

// facts are what an event and the reminders of an appointment need to know
// beside it.
type facts struct {
	zone, service, staff, price string
	reminders                   []Reminder
}

// queueFacts reads the facts of a service and a staff member.
func queueFacts(b *pgx.Batch, tenant ingest.TenantID, slot Slot, f *facts) {
	b.Queue(`SELECT t.timezone, v.name, v.price, v.reminders, coalesce((SELECT s.name FROM staff s WHERE (s.tenant_id, s.id) = ($1, $3)), '')
		FROM tenants t JOIN services v ON (v.tenant_id, v.id) = (t.tenant_id, $2) WHERE t.tenant_id = $1`,
		tenant, slot.Service, slot.Staff).QueryRow(func(row pgx.Row) error {
		return row.Scan(&f.zone, &f.service, &f.price, &f.reminders, &f.staff)
	})
}

// happening is what is to be written of a change beside the change.
type happening struct {
	kind     string
	by       string
	reason   string
	reminder string // id of the reminder sent
	previous *ingest.AppointmentPlace
	at       time.Time
}

// eventTypes are the kinds of history that are announced.
var eventTypes = map[string]ingest.EventType{
	"created": ingest.AppointmentCreated, "moved": ingest.AppointmentMoved, string(Cancelled): ingest.AppointmentCancelled,
	string(Completed): ingest.AppointmentCompleted, string(NoShow): ingest.AppointmentNoShow, "reminded": ingest.AppointmentReminded,
}

// queueHappening writes the history of a, as it is after the change, and its
// event.
func queueHappening(b *pgx.Batch, tenant ingest.TenantID, a Appointment, f facts, h happening) error {
	b.Queue(`INSERT INTO appointment_history (tenant_id, appointment_id, kind, actor, reason, version, at, service_id, staff_id, resource_ids, starts_at, ends_at)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)`,
		tenant, a.ID, h.kind, h.by, h.reason, a.Version, h.at, a.Slot.Service, orNil(a.Slot.Staff), strs(a.Slot.Resources), a.Slot.Start, a.Slot.End)
	kind, announced := eventTypes[h.kind]
	if !announced {
		return nil
	}
	source := string(a.ID) + ":" + strconv.FormatInt(a.Version, 10) + h.reminder
	event, err := ingest.NewEvent(kind, tenant, ingest.AppointmentKey(tenant, a.ID), h.at, source, ingest.Appointment{
		ID: a.ID, Number: a.Number, Tenant: tenant, Service: a.Slot.Service, ServiceName: f.service, Staff: a.Slot.Staff, StaffName: f.staff,
		Resources: a.Slot.Resources, Contact: a.Contact, Conversation: a.Conversation, Start: a.Slot.Start, End: a.Slot.End, Timezone: f.zone,
		Status: string(a.Status), Source: a.Source, Note: a.Note, Reason: h.reason, Price: f.price, Previous: h.previous, Reminder: h.reminder,
		By: h.by, Version: a.Version, At: h.at.UTC(), Test: a.Test,
	})
	if err != nil {
		return err
	}
	return outbox.Queue(b, ingest.TopicEvents, event)
}

// queueReminders sets the reminders of a anew: those of its service that are
// still to come. What was set before is gone, sent or not.
func queueReminders(b *pgx.Batch, tenant ingest.TenantID, a Appointment, list []Reminder, now time.Time) {
	b.Queue(`DELETE FROM reminders WHERE tenant_id = $1 AND appointment_id = $2`, tenant, a.ID)
	for _, r := range list {
		due := a.Slot.Start.Add(-r.Before)
		if !due.After(now) {
			continue
		}
		id := ingest.DerivedID(ingest.PrefixReminder, due, string(tenant), string(a.ID), strconv.FormatInt(a.Version, 10), r.Before.String())
		b.Queue(`INSERT INTO reminders (tenant_id, id, appointment_id, before_minutes, template, body, due_at) VALUES ($1, $2, $3, $4, $5, $6, $7)`,
			tenant, id, a.ID, minutes(r.Before), r.Template, r.Text, due)
	}
}
