package api

import (
	"context"
	"time"

	"frontdesk/gateway/edge"
	"frontdesk/gateway/operation"
	"frontdesk/gateway/tenant"
	"frontdesk/ingest"
)

type rescheduleRequest struct {
	ID     string    `json:"-" path:"id" maxLength:"64"`
	SendAt time.Time `json:"send_at" required:"true" doc:"In the future, within a year." example:"2026-12-24T08:00:00Z"`
}

type stepResponse struct {
	Status string          `json:"status" enum:"received,scheduled,cancelled,queued,sending,sent,delivered,read,failed,unknown"`
	At     *time.Time      `json:"at,omitempty" doc:"Left out where only the order is known."`
	Errors []errorResponse `json:"errors,omitempty" doc:"In the provider's words."`
}

func toStep(s operation.Step) stepResponse {
	out := stepResponse{Status: string(s.Status), At: orNil(s.At)}
	for _, e := range s.Errors {
		out.Errors = append(out.Errors, errorResponse{e.Code, e.Title, e.Detail})
	}
	return out
}

// maxBulkBytes bounds a bulk: 500 messages of two kilobytes.
const maxBulkBytes = 1 << 20

type bulkMessagesRequest struct {
	Messages   []sendMessageRequest `json:"messages" required:"true" max:"500"`
	RequestKey string               `json:"-" request:"effect"`
}

// Check applies the rules of one message to each.
func (in *bulkMessagesRequest) Check() []edge.FieldError {
	var out []edge.FieldError
	for i := range in.Messages {
		out = append(out, within("messages", i, in.Messages[i].Check())...)
	}
	return out
}

// Weights counts each message against the plan as if it was sent alone.
func (in *bulkMessagesRequest) Weights() map[tenant.Class]int {
	return map[tenant.Class]int{tenant.Messages: len(in.Messages)}
}

type bulkMessageResponse struct {
	Index   int              `json:"index" doc:"Of the message in the request, from 0."`
	Status  string           `json:"status" enum:"accepted,refused" doc:"accepted: stored, and will be sent. refused: not stored, and error says why."`
	Message *messageResponse `json:"message,omitempty"`
	Error   *itemResponse    `json:"error,omitempty"`
}

func toBulk(i int, b operation.BulkMessage) bulkMessageResponse {
	if b.Err != nil {
		return bulkMessageResponse{Index: i, Status: "refused", Error: toItem(b.Err)}
	}
	m := toMessage(b.Message)
	return bulkMessageResponse{Index: i, Status: "accepted", Message: &m}
}

type estimateResponse struct {
	ChannelID string            `json:"channel_id" doc:"The one that it would be sent on."`
	Channel   string            `json:"channel" doc:"Its name." example:"main"`
	Provider  string            `json:"provider"`
	Test      bool              `json:"test" doc:"It would stay in the sandbox and cost nothing."`
	Allowed   bool              `json:"allowed" doc:"It may be sent now; if not, refusal says why."`
	Refusal   *itemResponse     `json:"refusal,omitempty"`
	SMS       *smsEstimate      `json:"sms,omitempty"`
	WhatsApp  *whatsappEstimate `json:"whatsapp,omitempty"`
}

type smsEstimate struct {
	Kind     string `json:"kind" enum:"sms,mms" doc:"mms: with a file. It counts as one message, however long its text."`
	Encoding string `json:"encoding" enum:"GSM-7,UCS-2" doc:"One character that GSM-7 lacks makes the whole text UCS-2."`
	Units    int    `json:"units" doc:"Septets of GSM-7, 16-bit units of UCS-2." example:"161"`
	Segments int    `json:"segments" doc:"What carriers charge for." example:"2"`
	Parts    []int  `json:"parts" doc:"Characters in each segment."`
}

type whatsappEstimate struct {
	Category    string     `json:"category" enum:"service,utility,marketing,authentication" doc:"What Meta prices it as."`
	Charged     bool       `json:"charged" doc:"By Meta's rules; what was charged is told with the status."`
	WindowUntil *time.Time `json:"window_until,omitempty" doc:"Until when the contact takes more than templates; left out where they do not now."`
}

func toEstimate(e operation.Estimate) estimateResponse {
	out := estimateResponse{
		ChannelID: string(e.Channel.ID), Channel: e.Channel.Name, Provider: e.Channel.Type, Test: e.Test, Allowed: e.Refused == nil,
	}
	if e.Refused != nil {
		out.Refusal = toItem(e.Refused)
	}
	if s := e.SMS; s != nil {
		out.SMS = &smsEstimate{Kind: "sms", Encoding: string(s.Encoding), Units: s.Units, Segments: len(s.Parts), Parts: s.Parts}
		if s.MMS {
			out.SMS.Kind, out.SMS.Segments = "mms", 1
		}
		return out
	}
	out.WhatsApp = &whatsappEstimate{Category: e.Category, Charged: e.Charged}
	if e.WindowUntil.After(time.Now()) {
		out.WhatsApp.WindowUntil = orNil(e.WindowUntil)
	}
	return out
}

func messageBulkRoutes(ops *operation.Operations) []Route {
	const read, write, tag = "messages:read", "messages:write", "Messages"
	moved := []string{"not_scheduled", "live_message"}
	return []Route{
		BindAll(Route{Method: "POST", Path: "/v1/messages/bulk", ID: "sendMessages", Tag: tag, Scope: write, Class: tenant.Bulk,
			MaxBodyBytes: maxBulkBytes, Timeout: time.Minute, Summary: "Send many messages",
			Doc: "At most 500. Each is sent as by sendMessage and has its own result, in the order of the request: what is accepted is stored. With an Idempotency-Key the same request again sends nothing twice. A field that is wrong refuses the whole request."},
			func(ctx context.Context, c tenant.Caller, in bulkMessagesRequest) ([]bulkMessageResponse, error) {
				list := make([]operation.SendMessage, len(in.Messages))
				for i := range in.Messages {
					list[i] = in.Messages[i].operation()
				}
				out := []bulkMessageResponse{}
				for i, b := range ops.SendMessages(ctx, c, list, in.RequestKey) {
					out = append(out, toBulk(i, b))
				}
				return out, nil
			}),
		Bind(Route{Method: "POST", Path: "/v1/messages/estimate", ID: "estimateMessage", Tag: tag, Scope: read, Summary: "Estimate what a message would take",
			Doc: "Takes what sendMessage takes, and whom it is for may be left out. Nothing is sent."},
			func(ctx context.Context, c tenant.Caller, in sendMessageRequest) (estimateResponse, error) {
				e, err := ops.EstimateMessage(ctx, c, in.operation())
				return toEstimate(e), err
			}),
		BindAll(Route{Method: "GET", Path: "/v1/messages/{id}/history", ID: "getMessageHistory", Tag: tag, Scope: read, Summary: "List the statuses of a message, oldest first"},
			func(ctx context.Context, c tenant.Caller, in byID) ([]stepResponse, error) {
				steps, err := ops.MessageHistory(ctx, c, ingest.MessageID(in.ID))
				return each(steps, toStep), err
			}),
		Bind(Route{Method: "PATCH", Path: "/v1/messages/{id}", ID: "rescheduleMessage", Tag: tag, Scope: write, Faults: moved, Summary: "Give a scheduled message another time"},
			func(ctx context.Context, c tenant.Caller, in rescheduleRequest) (messageResponse, error) {
				m, err := ops.RescheduleMessage(ctx, c, ingest.MessageID(in.ID), in.SendAt)
				return toMessage(m), err
			}),
		Bind(Route{Method: "POST", Path: "/v1/messages/{id}/cancel", ID: "cancelMessage", Tag: tag, Scope: write, Faults: moved, Summary: "Cancel a scheduled message",
			Doc: "Once this returns it will not be sent."},
			func(ctx context.Context, c tenant.Caller, in byID) (messageResponse, error) {
				m, err := ops.CancelMessage(ctx, c, ingest.MessageID(in.ID))
				return toMessage(m), err
			}),
	}
}
