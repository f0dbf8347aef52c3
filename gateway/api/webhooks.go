package api

import (
	"encoding/json"
	"time"

	"frontdesk/agent/conversation"
	"frontdesk/gateway/edge"
	"frontdesk/gateway/webhook"
	"frontdesk/ingest"
)

// RenderMessage returns a message as /v1 has it, for events that tell of one.
func RenderMessage(m conversation.Message) any { return toMessage(m) }

type webhookResponse struct {
	ID             string     `json:"id" example:"whk_01KA2B3C4D5E6F7G8H9JKMNPQR"`
	URL            string     `json:"url" example:"https://example.com/hooks"`
	Description    string     `json:"description,omitempty"`
	Events         []string   `json:"events" example:"message.*"`
	Format         string     `json:"format" enum:"standard,aivo,kaivox,convoai,avoca,buildvoiceai"`
	AgentID        string     `json:"agent_id,omitempty" doc:"Only events of this agent are sent."`
	Channels       []string   `json:"channels" doc:"Ids of the channels whose events are sent; empty is all."`
	Mode           string     `json:"mode" enum:"all,live,test" doc:"Whether events of the sandbox are sent."`
	Rate           int        `json:"rate" doc:"Attempts a second at most; 0 is no limit."`
	Concurrency    int        `json:"concurrency" doc:"Attempts at a time."`
	TimeoutSeconds int        `json:"timeout_seconds"`
	Schedule       []int      `json:"schedule" doc:"Pauses between the attempts, in seconds."`
	PublicKey      string     `json:"public_key" doc:"Ed25519, for signatures v1a." example:"whpk_MCowBQYDK2VwAyEA"`
	OlderUntil     *time.Time `json:"previous_secret_until,omitempty" doc:"Until when the secret before this one signs too."`
	Enabled        bool       `json:"enabled"`
	DisabledReason string     `json:"disabled_reason,omitempty" doc:"gone: it answered 410. failing: it did nothing but fail for five days. manual: by the API."`
	DisabledAt     *time.Time `json:"disabled_at,omitempty"`
	Failures       int        `json:"failures" doc:"Attempts that failed in a row."`
	FailingSince   *time.Time `json:"failing_since,omitempty"`
	CreatedAt      time.Time  `json:"created_at"`
	UpdatedAt      time.Time  `json:"updated_at"`
}

// newWebhook is an endpoint with the secret that is told this once.
type webhookSecretResponse struct {
	webhookResponse
	Secret string `json:"secret" doc:"For signatures v1. It is shown this once." example:"whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"`
}

func toWebhook(e webhook.Endpoint) webhookResponse {
	out := webhookResponse{
		ID: e.ID, URL: e.URL, Description: e.Description, Events: append([]string{}, e.Events...), Format: e.Format, AgentID: string(e.Agent),
		Channels: []string{}, Mode: string(e.Mode), Rate: e.Rate, Concurrency: e.Concurrency, TimeoutSeconds: int(e.Timeout / time.Second),
		Schedule: []int{}, PublicKey: e.PublicKey, OlderUntil: orNil(e.OlderUntil), Enabled: e.Enabled, DisabledReason: e.DisabledReason,
		DisabledAt: orNil(e.DisabledAt), Failures: e.Failures, FailingSince: orNil(e.FailingSince), CreatedAt: e.CreatedAt.UTC(), UpdatedAt: e.UpdatedAt.UTC(),
	}
	for _, c := range e.Channels {
		out.Channels = append(out.Channels, string(c))
	}
	schedule := e.Schedule
	if len(schedule) == 0 {
		schedule = webhook.DefaultSchedule
	}
	for _, p := range schedule {
		out.Schedule = append(out.Schedule, int(p/time.Second))
	}
	return out
}

// webhookFields are what may be left out of a new endpoint or a change.
type webhookFields struct {
	Description    *string   `json:"description" maxLength:"200"`
	Format         *string   `json:"format" enum:"standard,aivo,kaivox,convoai,avoca,buildvoiceai" doc:"What a delivery looks like; standard, if left out."`
	AgentID        *string   `json:"agent_id" maxLength:"64" doc:"Send only events of this agent."`
	Channels       *[]string `json:"channels" max:"100" maxLength:"100" doc:"Send only events of these channels, by name or id." example:"main"`
	Mode           *string   `json:"mode" enum:"all,live,test" doc:"live: nothing of the sandbox. test: the sandbox alone. All, if left out."`
	Rate           *int      `json:"rate" min:"0" max:"1000" doc:"Attempts a second at most; 0 is no limit."`
	Concurrency    *int      `json:"concurrency" min:"1" max:"64" doc:"Attempts at a time; 8, if left out."`
	TimeoutSeconds *int      `json:"timeout_seconds" min:"1" max:"30" doc:"Of an attempt; 15, if left out."`
	Schedule       *[]int    `json:"schedule" max:"20" doc:"Pauses between the attempts, in seconds. Left out: 5 s, 5 min, 30 min, 2 h, 5 h, 10 h, 10 h."`
}

func (in webhookFields) change() webhook.Change {
	c := webhook.Change{Description: in.Description, Format: in.Format, Rate: in.Rate, Concurrency: in.Concurrency}
	if in.AgentID != nil {
		agent := ingest.AgentID(*in.AgentID)
		c.Agent = &agent
	}
	if in.Channels != nil {
		list := []ingest.ChannelID{}
		for _, ch := range *in.Channels {
			list = append(list, ingest.ChannelID(ch))
		}
		c.Channels = &list
	}
	if in.Mode != nil {
		mode := webhook.Mode(*in.Mode)
		c.Mode = &mode
	}
	if in.TimeoutSeconds != nil {
		timeout := time.Duration(*in.TimeoutSeconds) * time.Second
		c.Timeout = &timeout
	}
	if in.Schedule != nil {
		pauses := []time.Duration{}
		for _, s := range *in.Schedule {
			pauses = append(pauses, time.Duration(s)*time.Second)
		}
		c.Schedule = &pauses
	}
	return c
}

type createWebhookRequest struct {
	URL    string   `json:"url" required:"true" maxLength:"2048" format:"uri" example:"https://example.com/hooks"`
	Events []string `json:"events" required:"true" max:"50" maxLength:"100" doc:"Names, message.* or *." example:"message.received"`
	Secret string   `json:"secret" maxLength:"500" doc:"Your own; one is made, if left out."`
	webhookFields
}

func (in createWebhookRequest) spec() webhook.Spec {
	var e webhook.Endpoint
	in.change().Apply(&e)
	e.URL, e.Events, e.Secret = in.URL, in.Events, in.Secret
	return e.Spec
}

type updateWebhookRequest struct {
	ID      string    `json:"-" path:"id" maxLength:"64"`
	URL     *string   `json:"url" maxLength:"2048" format:"uri"`
	Events  *[]string `json:"events" max:"50" maxLength:"100"`
	Enabled *bool     `json:"enabled" doc:"Disabling gives up what waits, which can be replayed; what happens while it is disabled is not sent, not even later. Enabling forgets the failures."`
	webhookFields
}

func (in updateWebhookRequest) change() webhook.Change {
	c := in.webhookFields.change()
	c.URL, c.Events, c.Enabled = in.URL, in.Events, in.Enabled
	return c
}

type rotateWebhookRequest struct {
	ID             string `json:"-" path:"id" maxLength:"64"`
	Secret         string `json:"secret" maxLength:"500" doc:"Your own; one is made, if left out."`
	OverlapSeconds *int   `json:"overlap_seconds" min:"0" max:"604800" zero:"true" doc:"How long the secret before signs beside it; a day, if left out."`
}

func (in rotateWebhookRequest) overlap() time.Duration {
	if in.OverlapSeconds == nil {
		return 24 * time.Hour
	}
	return time.Duration(*in.OverlapSeconds) * time.Second
}

type deliveryResponse struct {
	ID             string     `json:"id" example:"whd_01KA2B3C4D5E6F7G8H9JKMNPQR"`
	WebhookID      string     `json:"webhook_id"`
	EventID        string     `json:"event_id" doc:"The webhook-id of every attempt."`
	EventType      string     `json:"event_type" example:"message.received"`
	Status         string     `json:"status" enum:"pending,delivered,failed"`
	Attempts       int        `json:"attempts"`
	NextAttemptAt  *time.Time `json:"next_attempt_at,omitempty"`
	ResponseStatus int        `json:"response_status,omitempty" doc:"Of the last attempt; left out where there was no answer."`
	Error          string     `json:"error,omitempty" doc:"Of the last attempt."`
	CreatedAt      time.Time  `json:"created_at"`
	SettledAt      *time.Time `json:"settled_at,omitempty"`
}

func toDelivery(d webhook.Delivery) deliveryResponse {
	out := deliveryResponse{
		ID: d.ID, WebhookID: d.Endpoint, EventID: d.EventID, EventType: d.EventType, Status: string(d.Status), Attempts: d.Attempts,
		ResponseStatus: d.ResponseStatus, Error: d.Error, CreatedAt: d.CreatedAt.UTC(), SettledAt: orNil(d.SettledAt),
	}
	if d.Status == webhook.Pending {
		out.NextAttemptAt = orNil(d.DueAt)
	}
	return out
}

type deliveryDetailResponse struct {
	deliveryResponse
	Body json.RawMessage   `json:"body" doc:"What is sent."`
	Log  []attemptResponse `json:"log" doc:"The last twenty attempts, oldest first."`
}

type attemptResponse struct {
	Number          int               `json:"number"`
	At              time.Time         `json:"at"`
	DurationMS      int64             `json:"duration_ms"`
	URL             string            `json:"url"`
	RequestHeaders  map[string]string `json:"request_headers"`
	Status          int               `json:"status,omitempty" doc:"Left out where there was no answer."`
	ResponseHeaders map[string]string `json:"response_headers,omitempty"`
	ResponseBody    string            `json:"response_body,omitempty" doc:"At most 20,000 bytes."`
	Cut             bool              `json:"response_cut" doc:"There was more of the body."`
	Error           string            `json:"error,omitempty"`
}

func toDeliveryDetail(d webhook.Delivery) deliveryDetailResponse {
	out := deliveryDetailResponse{deliveryResponse: toDelivery(d), Body: d.Body, Log: []attemptResponse{}}
	if !json.Valid(out.Body) { // a dialect's form that is no JSON
		out.Body, _ = json.Marshal(string(d.Body)) // a string can always be written
	}
	for _, a := range d.Log {
		out.Log = append(out.Log, attemptResponse{a.Number, a.At.UTC(), a.Millis, a.URL, orEmptyMap(a.RequestHeaders), a.Status, a.ResponseHeaders, a.ResponseBody, a.Cut, a.Error})
	}
	return out
}

func orEmptyMap(m map[string]string) map[string]string {
	if m == nil {
		return map[string]string{}
	}
	return m
}

type deliveryFilter struct {
	paging
	ID     string    `json:"-" path:"id" maxLength:"64"`
	Status string    `json:"-" query:"status" enum:"pending,delivered,failed"`
	Type   string    `json:"-" query:"event_type" maxLength:"100"`
	Since  time.Time `json:"-" query:"since" doc:"Stored at or after this time."`
	Until  time.Time `json:"-" query:"until" doc:"Stored before this time."`
}

func (in deliveryFilter) filter() webhook.Filter {
	return webhook.Filter{Status: webhook.Status(in.Status), Type: in.Type, Since: in.Since, Until: in.Until, Limit: in.Limit, After: in.Cursor}
}

type deliveryID struct {
	ID       string `json:"-" path:"id" maxLength:"64"`
	Delivery string `json:"-" path:"delivery" maxLength:"64"`
}

type replayRequest struct {
	ID     string    `json:"-" path:"id" maxLength:"64"`
	Since  time.Time `json:"since" required:"true" doc:"Stored at or after this time." example:"2026-11-21T09:30:00Z"`
	Until  time.Time `json:"until" doc:"Stored before this time; now, if left out."`
	Status string    `json:"status" enum:"pending,delivered,failed" doc:"Failed, if left out."`
	Type   string    `json:"event_type" maxLength:"100" doc:"Only events of this name."`
}

// Check holds the two ends together.
func (in *replayRequest) Check() []edge.FieldError {
	if !in.Until.IsZero() && !in.Since.Before(in.Until) {
		return []edge.FieldError{{Field: "until", Message: "is not after since"}}
	}
	return nil
}

type replayResponse struct {
	Replayed int `json:"replayed" doc:"How many deliveries are sent again."`
}

type eventTypeResponse struct {
	Name        string `json:"name" example:"message.received"`
	Description string `json:"description"`
}

func eventTypes() []eventTypeResponse {
	out := []eventTypeResponse{}
	for _, t := range webhook.Types {
		out = append(out, eventTypeResponse{t.Name, t.Summary})
	}
	return out
}
