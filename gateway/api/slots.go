package api

import (
	"context"
	"time"

	"frontdesk/agent/booking"
	"frontdesk/gateway/edge"
	"frontdesk/gateway/operation"
	"frontdesk/gateway/tenant"
	"frontdesk/ingest"
)

type slotFilter struct {
	ServiceID string    `json:"-" query:"service_id" maxLength:"64" doc:"Left out: the business's first service."`
	StaffID   string    `json:"-" query:"staff_id" maxLength:"64" doc:"Left out: anybody."`
	Date      string    `json:"-" query:"date" maxLength:"10" format:"date" doc:"A day by the business's clock, in place of from and to." example:"2026-12-01"`
	From      time.Time `json:"-" query:"from" doc:"Not before this time; left out: now."`
	To        time.Time `json:"-" query:"to" doc:"Before this time; left out: a week after from. At most 100 days after it."`
	Moving    string    `json:"-" query:"moving" maxLength:"64" doc:"An appointment that is to be moved: its own time counts as free."`
	Limit     int       `json:"-" query:"limit" min:"1" max:"1000" doc:"How many; left out: all."`
}

type slotResponse struct {
	Start       time.Time `json:"start"`
	End         time.Time `json:"end"`
	ServiceID   string    `json:"service_id"`
	StaffID     string    `json:"staff_id,omitempty"`
	StaffName   string    `json:"staff_name,omitempty"`
	ResourceIDs []string  `json:"resource_ids,omitempty"`
}

func toSlot(s operation.Slot) slotResponse {
	return slotResponse{s.Start.UTC(), s.End.UTC(), string(s.Service), string(s.Staff), s.StaffName, ids[string](s.Resources)}
}

// start is a time in a body, read when it is checked.
type start struct {
	Start  string `json:"start" maxLength:"40" doc:"With its offset from UTC; or without, by the business's clock." example:"2026-12-01T09:00:00-06:00"`
	moment operation.Moment
}

// Check reads the time.
func (s *start) Check() []edge.FieldError {
	if s.Start == "" {
		return nil
	}
	m, err := operation.ParseMoment(s.Start)
	if err != nil {
		return []edge.FieldError{{Field: "start", Message: err.Error()}}
	}
	s.moment = m
	return nil
}

type holdRequest struct {
	ServiceID      string `json:"service_id" required:"true" maxLength:"64"`
	StaffID        string `json:"staff_id" maxLength:"64" doc:"Left out: anybody who is free."`
	ContactID      string `json:"contact_id" maxLength:"64" doc:"Who it is for; a contact may hold three slots at once."`
	ConversationID string `json:"conversation_id" maxLength:"64"`
	Seconds        int    `json:"seconds" min:"1" max:"3600" doc:"How long; left out: 300." example:"300"`
	Replace        string `json:"replace" maxLength:"64" doc:"A hold to be released for it."`
	RequestKey     string `json:"-" request:"effect"`
	start
}

// Check holds time and fields together.
func (in *holdRequest) Check() []edge.FieldError {
	if in.Start == "" {
		return []edge.FieldError{{Field: "start", Message: "is missing"}}
	}
	return in.start.Check()
}

type holdResponse struct {
	ID             string    `json:"id" example:"hld_01KA2B3C4D5E6F7G8H9JKMNPQR"`
	ServiceID      string    `json:"service_id"`
	StaffID        string    `json:"staff_id,omitempty"`
	ResourceIDs    []string  `json:"resource_ids,omitempty"`
	Start          time.Time `json:"start"`
	End            time.Time `json:"end"`
	ContactID      string    `json:"contact_id,omitempty"`
	ConversationID string    `json:"conversation_id,omitempty"`
	ExpiresAt      time.Time `json:"expires_at"`
	CreatedAt      time.Time `json:"created_at"`
}

func toHold(h booking.Hold) holdResponse {
	return holdResponse{
		ID: string(h.ID), ServiceID: string(h.Slot.Service), StaffID: string(h.Slot.Staff), ResourceIDs: ids[string](h.Slot.Resources),
		Start: h.Slot.Start.UTC(), End: h.Slot.End.UTC(), ContactID: string(h.Contact), ConversationID: string(h.Conversation),
		ExpiresAt: h.ExpiresAt.UTC(), CreatedAt: h.CreatedAt.UTC(),
	}
}

// slotRoutes is what is free, and what is kept free for a moment.
func slotRoutes(ops *operation.Operations) []Route {
	const tag = "Slots"
	return []Route{
		BindAll(Route{Method: "GET", Path: "/v1/slots", ID: "listSlots", Tag: tag, Scope: "appointments:read", Summary: "List what is free", Faults: []string{"not_offered"},
			Doc: "By start, then staff. Hours, time off, buffers, notice, horizon, limits of a day, and what is booked or held are all taken into account."},
			func(ctx context.Context, c tenant.Caller, in slotFilter) ([]slotResponse, error) {
				all, err := ops.Slots(ctx, c, operation.SlotsQuery{
					Service: ingest.ServiceID(in.ServiceID), Staff: ingest.StaffID(in.StaffID), Date: in.Date, From: in.From, To: in.To,
					Limit: in.Limit, Except: ingest.AppointmentID(in.Moving),
				})
				out := []slotResponse{}
				for _, s := range all {
					out = append(out, toSlot(s))
				}
				return out, err
			}),
		Bind(Route{Method: "POST", Path: "/v1/holds", ID: "createHold", Tag: tag, Scope: "appointments:write", Status: 201, Summary: "Keep a slot for a moment", Faults: timeFaults,
			Doc: "Nobody else can book it until the hold is over, released or used. A taken slot is 409 slot_taken, with the nearest that are free in details."},
			func(ctx context.Context, c tenant.Caller, in holdRequest) (holdResponse, error) {
				h, err := ops.Hold(ctx, c, operation.HoldSlot{
					Service: ingest.ServiceID(in.ServiceID), Staff: ingest.StaffID(in.StaffID), Start: in.moment, Contact: ingest.ContactID(in.ContactID),
					Conversation: ingest.ConversationID(in.ConversationID), For: time.Duration(in.Seconds) * time.Second,
					Replace: ingest.HoldID(in.Replace), RequestKey: in.RequestKey,
				})
				return toHold(h), err
			}),
		Bind(Route{Method: "DELETE", Path: "/v1/holds/{id}", ID: "releaseHold", Tag: tag, Scope: "appointments:write", Status: 204, Summary: "Release a hold", Doc: "One that is over already is no error."},
			func(ctx context.Context, c tenant.Caller, in byID) (none, error) {
				return none{}, ops.Release(ctx, c, ingest.HoldID(in.ID))
			}),
	}
}
