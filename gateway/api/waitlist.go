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

type waitResponse struct {
	ID           string     `json:"id" example:"wai_01KA2B3C4D5E6F7G8H9JKMNPQR"`
	Status       string     `json:"status" enum:"waiting,offered,booked,left"`
	ServiceID    string     `json:"service_id"`
	StaffID      string     `json:"staff_id,omitempty"`
	ContactID    string     `json:"contact_id"`
	From         time.Time  `json:"from" doc:"A slot that begins from here on would do,"`
	To           time.Time  `json:"to" doc:"and before this time."`
	Offers       int        `json:"offers" doc:"How many slots they were offered so far; after three that are not taken the wish is over."`
	OfferedStart *time.Time `json:"offered_start,omitempty" doc:"When the slot begins that they were offered last."`
	OfferedUntil *time.Time `json:"offered_until,omitempty" doc:"While the offer stands."`
	Detail       string     `json:"detail,omitempty" doc:"Why the last offer came to nothing, or was not made: declined, no answer, window_closed, opted_out …"`
	Test         bool       `json:"test"`
	CreatedAt    time.Time  `json:"created_at"`
}

func toWait(w booking.Wait) waitResponse {
	return waitResponse{
		ID: w.ID, Status: string(w.Status), ServiceID: string(w.Service), StaffID: string(w.Staff), ContactID: string(w.Contact), From: w.From.UTC(), To: w.To.UTC(),
		Offers: w.Offers, OfferedStart: orNil(w.Offer.Start), OfferedUntil: orNil(w.Offer.Until), Detail: w.Detail, Test: w.Test, CreatedAt: w.CreatedAt.UTC(),
	}
}

type waitRequest struct {
	ServiceID  string       `json:"service_id" required:"true" maxLength:"64"`
	StaffID    string       `json:"staff_id" maxLength:"64" doc:"Left out: anybody."`
	ContactID  string       `json:"contact_id" maxLength:"64" doc:"Who waits. Give this or contact."`
	Contact    *personInput `json:"contact" doc:"Found by phone, then email, or made a contact."`
	Date       string       `json:"date" maxLength:"10" format:"date" doc:"A day by the business's clock, in place of from and to." example:"2026-12-01"`
	From       time.Time    `json:"from" doc:"Left out: now."`
	To         time.Time    `json:"to" doc:"At most 100 days after from."`
	RequestKey string       `json:"-" request:"effect"`
}

// Check holds what names the contact together.
func (in *waitRequest) Check() []edge.FieldError {
	if in.ContactID != "" && in.Contact != nil {
		return []edge.FieldError{{Field: "contact", Message: "stands beside contact_id; give one of the two"}}
	}
	return nil
}

func (in waitRequest) operation() operation.JoinWaitlist {
	out := operation.JoinWaitlist{
		Service: ingest.ServiceID(in.ServiceID), Staff: ingest.StaffID(in.StaffID), Date: in.Date, From: in.From, To: in.To,
		Contact: ingest.ContactID(in.ContactID), RequestKey: in.RequestKey,
	}
	if in.Contact != nil {
		out.Person = operation.Person(*in.Contact)
	}
	return out
}

type waitFilter struct {
	paging
	ServiceID string `json:"-" query:"service_id" maxLength:"64"`
	ContactID string `json:"-" query:"contact_id" maxLength:"64"`
	Status    string `json:"-" query:"status" enum:"waiting,offered,booked,left" doc:"Left out: those who wait or are offered something."`
}

// waitlistRoutes is who waits for a time that is not free.
func waitlistRoutes(ops *operation.Operations) []Route {
	const tag = "Waitlist"
	return []Route{
		BindList(Route{Method: "GET", Path: "/v1/waitlist", ID: "listWaitlist", Tag: tag, Scope: "appointments:read", Summary: "List who waits, the first come first"},
			func(ctx context.Context, c tenant.Caller, in waitFilter) (page[waitResponse], error) {
				p, err := ops.Waitlist(ctx, c, booking.WaitFilter{
					Service: ingest.ServiceID(in.ServiceID), Contact: ingest.ContactID(in.ContactID), Status: booking.WaitStatus(in.Status), Limit: in.Limit, After: in.Cursor,
				})
				return pageOf(p, toWait), err
			}),
		Bind(Route{Method: "POST", Path: "/v1/waitlist", ID: "joinWaitlist", Tag: tag, Scope: "appointments:write", Status: 201, Summary: "Put a customer on the waitlist",
			Faults: []string{"in_the_past", "too_many_waits"},
			Doc:    "A time that becomes free is held for the first whom it fits, who is asked in chat whether to book it; a no, or no answer, passes it on. A wish that the customer has already is returned as it is."},
			func(ctx context.Context, c tenant.Caller, in waitRequest) (waitResponse, error) {
				w, err := ops.JoinWaitlist(ctx, c, in.operation())
				return toWait(w), err
			}),
		Bind(Route{Method: "DELETE", Path: "/v1/waitlist/{id}", ID: "leaveWaitlist", Tag: tag, Scope: "appointments:write", Status: 204, Summary: "Take a customer off the waitlist",
			Doc: "What they are offered is given back. One that is off it already is not found."},
			func(ctx context.Context, c tenant.Caller, in byID) (none, error) {
				return none{}, ops.LeaveWaitlist(ctx, c, in.ID)
			}),
	}
}
