package ingest

import "time"

// Events of contacts, on [TopicEvents].
const (
	ContactCreated EventType = "contact.created" // ContactChange
	ContactUpdated EventType = "contact.updated" // ContactChange
	ContactMerged  EventType = "contact.merged"  // ContactChange, of the survivor
	LeadQualified  EventType = "lead.qualified"  // Lead
)

// ContactChange tells that something is known of a contact. What it is stands
// in the contact.
type ContactChange struct {
	Tenant  TenantID  `json:"tenant_id"`
	Contact ContactID `json:"contact_id"`
	Number  int64     `json:"number,omitempty"`
	Party   Party     `json:"party,omitzero"` // as first seen
	Merged  ContactID `json:"merged,omitempty"`
	At      time.Time `json:"at"`
}

// Lead tells of a contact that became a lead worth calling, and what the
// business has of it since: its segment and the stage of its pipeline.
type Lead struct {
	Tenant  TenantID  `json:"tenant_id"`
	Contact ContactID `json:"contact_id"`
	Number  int64     `json:"number,omitempty"`
	Segment string    `json:"segment"`
	Stage   string    `json:"stage,omitempty"`
	At      time.Time `json:"at"`
}
