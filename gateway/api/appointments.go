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

type appointmentResponse struct {
	ID             string     `json:"id" example:"apt_01KA2B3C4D5E6F7G8H9JKMNPQR"`
	Number         int64      `json:"number" doc:"Counts up within the business."`
	Status         string     `json:"status" enum:"scheduled,completed,cancelled,no_show"`
	ServiceID      string     `json:"service_id"`
	ServiceName    string     `json:"service_name" example:"Cleaning"`
	StaffID        string     `json:"staff_id,omitempty"`
	StaffName      string     `json:"staff_name,omitempty" example:"Ana"`
	ResourceIDs    []string   `json:"resource_ids,omitempty"`
	Start          time.Time  `json:"start"`
	End            time.Time  `json:"end"`
	Timezone       string     `json:"timezone" doc:"Of the business, by whose clock it is." example:"America/Belize"`
	ContactID      string     `json:"contact_id,omitempty"`
	ConversationID string     `json:"conversation_id,omitempty"`
	Note           string     `json:"note,omitempty"`
	Source         string     `json:"source" doc:"Where it came from: chat, api, page …" example:"api"`
	Price          string     `json:"price,omitempty" doc:"Of the service, as it is now."`
	ManageURL      string     `json:"manage_url,omitempty" doc:"Where the customer can see, move and cancel it; whoever has the address may."`
	Version        int64      `json:"version" doc:"Counts up with each change."`
	Test           bool       `json:"test" doc:"Made with a test key, or in the sandbox."`
	CreatedAt      time.Time  `json:"created_at"`
	UpdatedAt      time.Time  `json:"updated_at"`
	ConfirmedAt    *time.Time `json:"confirmed_at,omitempty" doc:"When the customer said that they will come."`
	CancelledAt    *time.Time `json:"cancelled_at,omitempty"`
	CancelReason   string     `json:"cancel_reason,omitempty"`
}

func toAppointment(c tenant.Caller, a operation.Appointment) appointmentResponse {
	return appointmentResponse{
		ID: string(a.ID), Number: a.Number, Status: string(a.Status), ServiceID: string(a.Slot.Service), ServiceName: a.ServiceName,
		StaffID: string(a.Slot.Staff), StaffName: a.StaffName, ResourceIDs: ids[string](a.Slot.Resources), Start: a.Slot.Start.UTC(), End: a.Slot.End.UTC(),
		Timezone: c.Business.Timezone, ContactID: string(a.Contact), ConversationID: string(a.Conversation), Note: a.Note, Source: a.Source,
		Price: a.Price, ManageURL: a.ManageURL, Version: a.Version, Test: a.Test, CreatedAt: a.CreatedAt.UTC(), UpdatedAt: a.UpdatedAt.UTC(),
		ConfirmedAt: orNil(a.ConfirmedAt), CancelledAt: orNil(a.CancelledAt), CancelReason: a.CancelReason,
	}
}

// personInput is a customer as somebody who books describes them.
type personInput struct {
	Name  string `json:"name" maxLength:"200" example:"Maria Santos"`
	Phone string `json:"phone" maxLength:"40" example:"+5016123456"`
	Email string `json:"email" maxLength:"254" example:"maria@example.com"`
}

type bookRequest struct {
	ServiceID      string       `json:"service_id" maxLength:"64" doc:"Needed unless hold_id is given."`
	StaffID        string       `json:"staff_id" maxLength:"64" doc:"Left out: anybody who is free."`
	HoldID         string       `json:"hold_id" maxLength:"64" doc:"Service, staff and time are then the hold's."`
	ContactID      string       `json:"contact_id" maxLength:"64" doc:"Who it is for. Give this or contact."`
	Contact        *personInput `json:"contact" doc:"Found by phone, then email, or made a contact."`
	ConversationID string       `json:"conversation_id" maxLength:"64"`
	Note           string       `json:"note" maxLength:"2000" example:"First visit"`
	Source         string       `json:"source" maxLength:"50" doc:"Where it came from; api, if left out."`
	RequestKey     string       `json:"-" request:"effect"`
	start
}

// Check holds contact and time together with the rest.
func (in *bookRequest) Check() []edge.FieldError {
	if in.ContactID != "" && in.Contact != nil {
		return []edge.FieldError{{Field: "contact", Message: "stands beside contact_id; give one of the two"}}
	}
	return in.start.Check()
}

func (in bookRequest) operation() operation.BookAppointment {
	out := operation.BookAppointment{
		Service: ingest.ServiceID(in.ServiceID), Staff: ingest.StaffID(in.StaffID), Start: in.moment, Hold: ingest.HoldID(in.HoldID),
		Contact: ingest.ContactID(in.ContactID), Conversation: ingest.ConversationID(in.ConversationID), Note: in.Note, Source: in.Source,
		RequestKey: in.RequestKey,
	}
	if in.Contact != nil {
		out.Person = operation.Person(*in.Contact)
	}
	return out
}

type moveRequest struct {
	ID         string `json:"-" path:"id" maxLength:"64"`
	StaffID    string `json:"staff_id" maxLength:"64" doc:"Left out: as it is, or anybody where that one is not free."`
	ServiceID  string `json:"service_id" maxLength:"64" doc:"Left out: as it is."`
	HoldID     string `json:"hold_id" maxLength:"64" doc:"A hold to move to."`
	RequestKey string `json:"-" request:"effect"`
	start
}

// Check reads the time.
func (in *moveRequest) Check() []edge.FieldError { return in.start.Check() }

type cancelRequest struct {
	ID         string `json:"-" path:"id" maxLength:"64"`
	Reason     string `json:"reason" maxLength:"500" example:"The customer is ill"`
	RequestKey string `json:"-" request:"effect"`
}

type statusRequest struct {
	ID     string `json:"-" path:"id" maxLength:"64"`
	Status string `json:"status" required:"true" enum:"scheduled,completed,cancelled,no_show" example:"completed"`
}

type appointmentFilter struct {
	paging
	counting
	Number    int       `json:"-" query:"number" min:"1" doc:"The one of this number."`
	Status    string    `json:"-" query:"status" enum:"scheduled,completed,cancelled,no_show"`
	Date      string    `json:"-" query:"date" maxLength:"10" format:"date" doc:"A day by the business's clock, in place of from and to." example:"2026-12-01"`
	From      time.Time `json:"-" query:"from" doc:"Those that end after this time."`
	To        time.Time `json:"-" query:"to" doc:"Those that start before this time."`
	StaffID   string    `json:"-" query:"staff_id" maxLength:"64"`
	ServiceID string    `json:"-" query:"service_id" maxLength:"64"`
	ContactID string    `json:"-" query:"contact_id" maxLength:"64"`
	Phone     string    `json:"-" query:"phone" maxLength:"40" doc:"The customer's, in place of contact_id."`
	Email     string    `json:"-" query:"email" maxLength:"254" doc:"The customer's, in place of contact_id."`
}

func (f appointmentFilter) operation() operation.AppointmentFilter {
	return operation.AppointmentFilter{
		Filter: booking.Filter{
			Contact: ingest.ContactID(f.ContactID), Staff: ingest.StaffID(f.StaffID), Service: ingest.ServiceID(f.ServiceID),
			Status: booking.Status(f.Status), Number: int64(f.Number), From: f.From, To: f.To, Limit: f.Limit, After: f.Cursor,
		},
		Date: f.Date, Person: operation.Person{Phone: f.Phone, Email: f.Email},
	}
}

type appointmentEventResponse struct {
	Kind    string    `json:"kind" doc:"created, moved, confirmed, reminded, not_reminded with its reason, or the new status."`
	By      string    `json:"by,omitempty" doc:"contact, bot, or the id of a key."`
	Reason  string    `json:"reason,omitempty"`
	Version int64     `json:"version"`
	At      time.Time `json:"at"`
	Start   time.Time `json:"start" doc:"Where the appointment was after it."`
	End     time.Time `json:"end"`
	StaffID string    `json:"staff_id,omitempty"`
}

func toAppointmentEvent(e booking.Event) appointmentEventResponse {
	return appointmentEventResponse{e.Kind, e.By, e.Reason, e.Version, e.At.UTC(), e.Slot.Start.UTC(), e.Slot.End.UTC(), string(e.Slot.Staff)}
}

// appointmentRoutes is what is booked.
func appointmentRoutes(ops *operation.Operations) []Route {
	return append(appointmentReads(ops), appointmentWrites(ops)...)
}

func appointmentReads(ops *operation.Operations) []Route {
	const scope, tag = "appointments:read", "Appointments"
	return []Route{
		BindList(Route{Method: "GET", Path: "/v1/appointments", ID: "listAppointments", Tag: tag, Scope: scope, Summary: "List appointments, by start"},
			func(ctx context.Context, c tenant.Caller, in appointmentFilter) (page[appointmentResponse], error) {
				p, err := ops.Appointments(ctx, c, in.operation())
				shown := pageOf(p, func(a operation.Appointment) appointmentResponse { return toAppointment(c, a) })
				return counted(shown, err, in.counting, func() (int, error) { return ops.CountAppointments(ctx, c, in.operation()) })
			}),
		Bind(Route{Method: "GET", Path: "/v1/appointments/{id}", ID: "getAppointment", Tag: tag, Scope: scope, Summary: "Get an appointment", Doc: "By its id, or by its number."},
			func(ctx context.Context, c tenant.Caller, in byID) (appointmentResponse, error) {
				a, err := ops.AppointmentCalled(ctx, c, in.ID)
				return toAppointment(c, a), err
			}),
		BindAll(Route{Method: "GET", Path: "/v1/appointments/{id}/history", ID: "getAppointmentHistory", Tag: tag, Scope: scope, Summary: "What happened to an appointment, oldest first"},
			func(ctx context.Context, c tenant.Caller, in byID) ([]appointmentEventResponse, error) {
				events, err := ops.AppointmentHistory(ctx, c, ingest.AppointmentID(in.ID))
				out := []appointmentEventResponse{}
				for _, e := range events {
					out = append(out, toAppointmentEvent(e))
				}
				return out, err
			}),
	}
}

func appointmentWrites(ops *operation.Operations) []Route {
	const scope, tag = "appointments:write", "Appointments"
	return []Route{
		Bind(Route{Method: "POST", Path: "/v1/appointments", ID: "bookAppointment", Tag: tag, Scope: scope, Status: 201, Summary: "Book an appointment", Faults: timeFaults,
			Doc: "A taken slot is 409 slot_taken, with the nearest that are free in details; a time that cannot be booked is 422, its code says why."},
			func(ctx context.Context, c tenant.Caller, in bookRequest) (appointmentResponse, error) {
				a, err := ops.Book(ctx, c, in.operation())
				return toAppointment(c, a), err
			}),
		Bind(Route{Method: "POST", Path: "/v1/appointments/{id}/move", ID: "moveAppointment", Tag: tag, Scope: scope, Summary: "Move an appointment", Faults: timeFaults,
			Doc: "To another time, another member of the staff, another service. Its reminders move with it."},
			func(ctx context.Context, c tenant.Caller, in moveRequest) (appointmentResponse, error) {
				a, err := ops.Move(ctx, c, ingest.AppointmentID(in.ID), operation.MoveAppointment{
					Start: in.moment, Staff: ingest.StaffID(in.StaffID), Service: ingest.ServiceID(in.ServiceID), Hold: ingest.HoldID(in.HoldID), RequestKey: in.RequestKey,
				})
				return toAppointment(c, a), err
			}),
		Bind(Route{Method: "POST", Path: "/v1/appointments/{id}/cancel", ID: "cancelAppointment", Faults: []string{"appointment_final"}, Tag: tag, Scope: scope, Summary: "Cancel an appointment", Doc: "Its time is free again. One that is cancelled already stays as it is."},
			func(ctx context.Context, c tenant.Caller, in cancelRequest) (appointmentResponse, error) {
				a, err := ops.Cancel(ctx, c, ingest.AppointmentID(in.ID), in.Reason, in.RequestKey)
				return toAppointment(c, a), err
			}),
		Bind(Route{Method: "POST", Path: "/v1/appointments/{id}/confirm", ID: "confirmAppointment", Faults: []string{"appointment_final"}, Tag: tag, Scope: scope, Summary: "Note that the customer will come"},
			func(ctx context.Context, c tenant.Caller, in byID) (appointmentResponse, error) {
				a, err := ops.Confirm(ctx, c, ingest.AppointmentID(in.ID))
				return toAppointment(c, a), err
			}),
		Bind(Route{Method: "PATCH", Path: "/v1/appointments/{id}/status", ID: "setAppointmentStatus", Tag: tag, Scope: scope, Summary: "Say what became of an appointment", Faults: timeFaults},
			func(ctx context.Context, c tenant.Caller, in statusRequest) (appointmentResponse, error) {
				a, err := ops.SetStatus(ctx, c, ingest.AppointmentID(in.ID), booking.Status(in.Status))
				return toAppointment(c, a), err
			}),
	}
}

// bookingRoutes is all that can be done with appointments and what they need.
func bookingRoutes(ops *operation.Operations) []Route {
	var out []Route
	for _, part := range [][]Route{serviceRoutes(ops), staffRoutes(ops), resourceRoutes(ops), slotRoutes(ops), appointmentRoutes(ops), waitlistRoutes(ops), calendarRoutes(ops)} {
		out = append(out, part...)
	}
	return out
}
