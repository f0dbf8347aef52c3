package operation

import (
	"context"
	"strconv"
	"strings"
	"time"

	"frontdesk/agent/booking"
	"frontdesk/gateway/tenant"
	"frontdesk/ingest"
)

// Appointment is an appointment with what a reader wants to know besides.
type Appointment struct {
	booking.Appointment
	ServiceName string
	StaffName   string
	Price       string // of the service, as it is now
	ManageURL   string // where the customer can see, move and cancel it
}

// BookAppointment is an appointment to be made, for Contact or for Person. With
// Hold, service, staff and time are the hold's.
type BookAppointment struct {
	Service      ingest.ServiceID
	Staff        ingest.StaffID // empty: anybody who is free
	Start        Moment
	Hold         ingest.HoldID
	Contact      ingest.ContactID
	Person       Person // in place of Contact: found by phone or email, or made
	Conversation ingest.ConversationID
	Note         string
	Source       string // empty: api
	// RequestKey names the request: the same again is the same appointment.
	RequestKey string
}

// Book makes an appointment, or is *booking.Refusal with what is free instead.
func (o *Operations) Book(ctx context.Context, caller tenant.Caller, in BookAppointment) (Appointment, error) {
	if in.Hold == "" && in.Service == "" {
		return Appointment{}, &InvalidError{"service_id", "is missing; give it with start, or hold_id"}
	}
	if in.Hold == "" && in.Start == (Moment{}) {
		return Appointment{}, &InvalidError{"start", "is missing; give it with service_id, or hold_id"}
	}
	if in.Conversation != "" {
		if _, err := o.Conversation(ctx, caller, in.Conversation); err != nil {
			return Appointment{}, err
		}
	}
	if in.Service != "" { // before a contact is made for it
		if _, err := o.Service(ctx, caller, in.Service); err != nil {
			return Appointment{}, err
		}
	}
	who, err := o.admit(ctx, caller, in.Contact, in.Person)
	if err != nil {
		return Appointment{}, err
	}
	if in.Source == "" {
		in.Source = "api"
	}
	a, err := o.p.Bookings.Book(ctx, caller.Tenant, booking.Draft{
		Service: in.Service, Staff: in.Staff, Start: in.Start.At, Local: in.Start.Local, Contact: who.ID, Conversation: in.Conversation,
		Hold: in.Hold, Note: in.Person.noted(who, in.Note), Source: in.Source, Key: in.RequestKey, By: caller.KeyID, Test: caller.Test(),
	})
	return o.told(ctx, caller, a, err)
}

// MoveAppointment says where an appointment goes; what is empty stays.
type MoveAppointment struct {
	Start      Moment
	Staff      ingest.StaffID
	Service    ingest.ServiceID
	Hold       ingest.HoldID
	RequestKey string
}

// Move changes when, with whom or for what an appointment is, or is
// *booking.Refusal with what is free instead.
func (o *Operations) Move(ctx context.Context, caller tenant.Caller, id ingest.AppointmentID, in MoveAppointment) (Appointment, error) {
	if in.Start == (Moment{}) && in.Staff == "" && in.Service == "" && in.Hold == "" {
		return Appointment{}, &InvalidError{"start", "is missing; give what is to change"}
	}
	a, err := o.p.Bookings.Move(ctx, caller.Tenant, id, booking.Change{
		Start: in.Start.At, Local: in.Start.Local, Staff: in.Staff, Service: in.Service, Hold: in.Hold, Key: in.RequestKey, By: caller.KeyID,
	})
	return o.told(ctx, caller, a, err)
}

// Cancel cancels an appointment; one that is cancelled already stays so.
func (o *Operations) Cancel(ctx context.Context, caller tenant.Caller, id ingest.AppointmentID, reason, requestKey string) (Appointment, error) {
	a, err := o.p.Bookings.Cancel(ctx, caller.Tenant, id, reason, requestKey, caller.KeyID)
	return o.told(ctx, caller, a, err)
}

// SetStatus says what became of an appointment.
func (o *Operations) SetStatus(ctx context.Context, caller tenant.Caller, id ingest.AppointmentID, status booking.Status) (Appointment, error) {
	if status == booking.Cancelled {
		return o.Cancel(ctx, caller, id, "", "")
	}
	a, err := o.p.Bookings.SetStatus(ctx, caller.Tenant, id, status, caller.KeyID)
	return o.told(ctx, caller, a, err)
}

// Confirm notes that the customer will come.
func (o *Operations) Confirm(ctx context.Context, caller tenant.Caller, id ingest.AppointmentID) (Appointment, error) {
	a, err := o.p.Bookings.Confirm(ctx, caller.Tenant, id, caller.KeyID)
	return o.told(ctx, caller, a, err)
}

// Appointment returns an appointment.
func (o *Operations) Appointment(ctx context.Context, caller tenant.Caller, id ingest.AppointmentID) (Appointment, error) {
	a, err := o.p.Bookings.Appointment(ctx, caller.Tenant, id)
	return o.told(ctx, caller, a, err)
}

// AppointmentCalled returns an appointment by its id or, if name is digits, its
// number.
func (o *Operations) AppointmentCalled(ctx context.Context, caller tenant.Caller, name string) (Appointment, error) {
	if n, err := strconv.ParseInt(name, 10, 64); err == nil {
		return o.AppointmentNumbered(ctx, caller, n)
	}
	return o.Appointment(ctx, caller, ingest.AppointmentID(name))
}

// AppointmentNumbered returns the appointment of a number.
func (o *Operations) AppointmentNumbered(ctx context.Context, caller tenant.Caller, number int64) (Appointment, error) {
	if number <= 0 {
		return Appointment{}, booking.ErrNotFound
	}
	found, _, err := o.p.Bookings.Appointments(ctx, caller.Tenant, booking.Filter{Number: number})
	a, err := one(found, err, func(booking.Appointment) bool { return true })
	return o.told(ctx, caller, a, err)
}

// AppointmentHistory returns what happened to an appointment, oldest first.
func (o *Operations) AppointmentHistory(ctx context.Context, caller tenant.Caller, id ingest.AppointmentID) ([]booking.Event, error) {
	if _, err := o.p.Bookings.Appointment(ctx, caller.Tenant, id); err != nil {
		return nil, err
	}
	return o.p.Bookings.History(ctx, caller.Tenant, id)
}

// AppointmentFilter narrows a list of appointments.
type AppointmentFilter struct {
	booking.Filter
	Date   string // a day by the business's clock, in place of From and To
	Person Person // in place of Contact
}

// Appointments lists appointments by start. Of a person whom the business does
// not know there are none.
func (o *Operations) Appointments(ctx context.Context, caller tenant.Caller, f AppointmentFilter) (Page[Appointment], error) {
	filter, someone, err := o.filter(ctx, caller, f)
	if err != nil || !someone {
		return Page[Appointment]{}, err
	}
	items, next, err := o.p.Bookings.Appointments(ctx, caller.Tenant, filter)
	if err != nil {
		return Page[Appointment]{}, err
	}
	all, err := o.tell(ctx, caller, items)
	return Page[Appointment]{all, next}, err
}

// CountAppointments counts what [Operations.Appointments] lists, on all pages.
func (o *Operations) CountAppointments(ctx context.Context, caller tenant.Caller, f AppointmentFilter) (int, error) {
	filter, someone, err := o.filter(ctx, caller, f)
	if err != nil || !someone {
		return 0, err
	}
	return o.p.Bookings.CountAppointments(ctx, caller.Tenant, filter)
}

// Visits sums up what a contact has booked. Spent is what the services that
// were kept cost now, by currency.
type Visits struct {
	Appointments int
	Last         time.Time // zero: none was kept
	Spent        map[string]float64
}

// Visits returns what a contact has booked so far.
func (o *Operations) Visits(ctx context.Context, caller tenant.Caller, id ingest.ContactID) (Visits, error) {
	if err := o.known(ctx, caller, id, ""); err != nil {
		return Visits{}, err
	}
	v, err := o.p.Bookings.Visits(ctx, caller.Tenant, id)
	if err != nil {
		return Visits{}, err
	}
	out := Visits{Appointments: v.Appointments, Last: v.Last, Spent: map[string]float64{}}
	for service, n := range v.Completed {
		s, err := o.Service(ctx, caller, service)
		if err != nil {
			return Visits{}, err
		}
		amount, currency, _ := strings.Cut(s.Price, " ")
		if price, err := strconv.ParseFloat(amount, 64); err == nil {
			out.Spent[currency] += price * float64(n)
		}
	}
	return out, nil
}

// filter returns what f means to the store; false where it asks for somebody
// whom the business does not know.
func (o *Operations) filter(ctx context.Context, caller tenant.Caller, f AppointmentFilter) (booking.Filter, bool, error) {
	if f.Date != "" {
		if !f.From.IsZero() || !f.To.IsZero() {
			return f.Filter, false, &InvalidError{"date", "stands beside from or to; give a day or a span"}
		}
		var err error
		if f.From, f.To, err = Day(caller.Business, f.Date); err != nil {
			return f.Filter, false, err
		}
	}
	if err := o.filtered(ctx, caller, f.Filter); err != nil {
		return f.Filter, false, err
	}
	if f.Person == (Person{}) {
		return f.Filter, true, nil
	}
	if f.Contact != "" {
		return f.Filter, false, &InvalidError{"contact_id", "stands beside phone or email; give one"}
	}
	who, err := o.find(ctx, caller, f.Person)
	f.Contact = who
	return f.Filter, who != "", err
}

// filtered reports what a filter names and the caller does not have.
func (o *Operations) filtered(ctx context.Context, caller tenant.Caller, f booking.Filter) error {
	if err := o.known(ctx, caller, f.Contact, ""); err != nil {
		return err
	}
	if f.Staff != "" {
		if _, err := o.StaffMember(ctx, caller, f.Staff); err != nil {
			return err
		}
	}
	if f.Service != "" {
		if _, err := o.Service(ctx, caller, f.Service); err != nil {
			return err
		}
	}
	return nil
}

// Upcoming returns the next scheduled appointments of a member of the staff,
// soonest first, without saying whose they are.
func (o *Operations) Upcoming(ctx context.Context, caller tenant.Caller, id ingest.StaffID, limit int) ([]booking.Slot, error) {
	list, _, err := o.p.Bookings.Appointments(ctx, caller.Tenant, booking.Filter{Staff: id, Status: booking.Scheduled, From: time.Now(), Limit: limit})
	var out []booking.Slot
	for _, a := range list {
		out = append(out, a.Slot)
	}
	return out, err
}

// told completes the result of a change.
func (o *Operations) told(ctx context.Context, caller tenant.Caller, a booking.Appointment, err error) (Appointment, error) {
	if err != nil {
		return Appointment{}, err
	}
	all, err := o.tell(ctx, caller, []booking.Appointment{a})
	if err != nil {
		return Appointment{}, err
	}
	return all[0], nil
}

// tell adds names and links.
func (o *Operations) tell(ctx context.Context, caller tenant.Caller, list []booking.Appointment) ([]Appointment, error) {
	services, staff := map[ingest.ServiceID]booking.Service{}, map[ingest.StaffID]booking.Staff{}
	out := make([]Appointment, len(list))
	for i, a := range list {
		var err error
		service, known := services[a.Slot.Service]
		if !known {
			if service, err = o.p.Bookings.Service(ctx, caller.Tenant, a.Slot.Service); err != nil {
				return nil, err
			}
			services[a.Slot.Service] = service
		}
		who, known := staff[a.Slot.Staff]
		if !known && a.Slot.Staff != "" {
			if who, err = o.p.Bookings.StaffMember(ctx, caller.Tenant, a.Slot.Staff); err != nil {
				return nil, err
			}
			staff[a.Slot.Staff] = who
		}
		out[i] = Appointment{Appointment: a, ServiceName: service.Name, StaffName: who.Name, Price: service.Price, ManageURL: o.p.Links.Manage(caller.Business, a.ID)}
	}
	return out, nil
}
