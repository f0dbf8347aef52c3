package ingest

import "time"

// Appointment is what an event tells of a booking, as it is after what
// happened. Names are those of the moment.
type Appointment struct {
	ID           AppointmentID     `json:"id"`
	Number       int64             `json:"number"`
	Tenant       TenantID          `json:"tenant_id"`
	Service      ServiceID         `json:"service_id"`
	ServiceName  string            `json:"service_name"`
	Staff        StaffID           `json:"staff_id,omitempty"`
	StaffName    string            `json:"staff_name,omitempty"`
	Resources    []ResourceID      `json:"resource_ids,omitempty"`
	Contact      ContactID         `json:"contact_id"`
	Conversation ConversationID    `json:"conversation_id,omitempty"`
	Start        time.Time         `json:"starts_at"`
	End          time.Time         `json:"ends_at"`
	Timezone     string            `json:"timezone"` // IANA name of the business's zone
	Status       string            `json:"status"`   // scheduled, completed, cancelled, no_show
	Source       string            `json:"source,omitempty"`
	Note         string            `json:"note,omitempty"`
	Reason       string            `json:"reason,omitempty"`   // of a cancellation
	Price        string            `json:"price,omitempty"`    // "50.00 BZD"
	Previous     *AppointmentPlace `json:"previous,omitempty"` // of appointment.moved: where it was
	Reminder     string            `json:"reminder_id,omitempty"`
	By           string            `json:"by,omitempty"` // contact, bot, or the id of a key
	Version      int64             `json:"version"`
	At           time.Time         `json:"at"`
	Test         bool              `json:"test,omitempty"`
}

// AppointmentPlace is where an appointment stood before it was moved.
type AppointmentPlace struct {
	Service ServiceID `json:"service_id"`
	Staff   StaffID   `json:"staff_id,omitempty"`
	Start   time.Time `json:"starts_at"`
	End     time.Time `json:"ends_at"`
}

// AppointmentKey is the key of all events of one appointment, so that they
// keep their order.
func AppointmentKey(tenant TenantID, id AppointmentID) string {
	return string(tenant) + "|" + string(id)
}
