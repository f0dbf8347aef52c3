package webhook

import (
	"time"

	"frontdesk/ingest"
)

// PrefixDelivery starts the id of a delivery.
const PrefixDelivery = "whd_"

// Status is how far a delivery has come.
type Status string

// Statuses of a delivery.
const (
	Pending   Status = "pending"
	Delivered Status = "delivered"
	Failed    Status = "failed" // all attempts failed, or the endpoint was disabled
)

// Delivery is an event for an endpoint, with what became of it.
type Delivery struct {
	ID             string // "whd_…"
	Endpoint       string
	EventID        string // the webhook-id of every attempt
	EventType      string
	Status         Status
	DueAt          time.Time // of the next attempt, while it is pending
	Attempts       int
	ResponseStatus int    // of the last attempt; 0: there was no answer
	Error          string // of the last attempt
	CreatedAt      time.Time
	SettledAt      time.Time // zero while pending

	// These two are only in [Store.Delivery].
	Body []byte
	Log  []Attempt // the last twenty, oldest first
}

// Attempt is one request and what came back.
type Attempt struct {
	Number          int               `json:"n"`
	At              time.Time         `json:"at"`
	Millis          int64             `json:"ms"`
	URL             string            `json:"url"`
	RequestHeaders  map[string]string `json:"request"`
	Status          int               `json:"status,omitempty"`
	ResponseHeaders map[string]string `json:"headers,omitempty"`
	ResponseBody    string            `json:"body,omitempty"` // at most [MaxAnswerBytes]
	Cut             bool              `json:"cut,omitempty"`  // there was more of it
	Error           string            `json:"error,omitempty"`
}

// keptAttempts is how many attempts the log of a delivery holds.
const keptAttempts = 20

// Filter narrows a list of an endpoint's deliveries. The zero value is all.
type Filter struct {
	Status       Status
	Type         string    // of the event
	Since, Until time.Time // of storing; Until is not included
	Limit        int       // 1 to 100; zero: 20
	After        string    // cursor from the last page; empty: the first page
}

// Window is which of an endpoint's deliveries are to be sent again.
type Window struct {
	Since, Until time.Time // of storing; Until is not included
	Status       Status    // empty: failed
	Type         string    // of the event; empty: all
}

// draft is a delivery to be stored.
type draft struct {
	tenant   ingest.TenantID
	id       string
	endpoint string
	event    string
	typ      string
	body     []byte
}

// newDraft derives the delivery's id from event and endpoint, so that the same
// event is stored once.
func newDraft(tenant ingest.TenantID, endpoint, event string, at time.Time, typ string, body []byte) draft {
	return draft{tenant, ingest.DerivedID(PrefixDelivery, at, string(tenant), endpoint, event), endpoint, event, typ, body}
}
