package api

import (
	"errors"
	"net/http"
	"time"

	"frontdesk/agent/booking"
	"frontdesk/gateway/calendar"
	"frontdesk/gateway/edge"
)

// bookingFaults is what can be told of a time that cannot be booked. Whatever
// comes with alternatives has them in its details.
var bookingFaults = []explained{
	{booking.ErrSlotTaken, edge.Fault{Status: http.StatusConflict, Code: "slot_taken", Detail: "this time is taken; details has the nearest that are free"}},
	{booking.ErrDayFull, edge.Fault{Status: http.StatusConflict, Code: "day_full", Detail: "no more appointments are taken on this day"}},
	{booking.ErrHoldExpired, edge.Fault{Status: http.StatusConflict, Code: "hold_expired", Detail: "this hold is over; take another"}},
	{booking.ErrHoldLimit, edge.Fault{Status: http.StatusConflict, Code: "too_many_holds", Detail: "this contact holds as many slots as one may; release one"}},
	{booking.ErrWaitLimit, edge.Fault{Status: http.StatusConflict, Code: "too_many_waits", Detail: "this contact is on the waitlist as often as one may be"}},
	{booking.ErrFinal, edge.Fault{Status: http.StatusConflict, Code: "appointment_final", Detail: "this appointment is over and can no longer be changed so"}},
	{booking.ErrKeyReused, edge.Fault{Status: http.StatusConflict, Code: "idempotency_key_reused", Detail: "this Idempotency-Key was used for another request; use a new one"}},
	{booking.ErrNameTaken, edge.Fault{Status: http.StatusConflict, Code: "name_taken", Detail: "the business has another one of this name"}},
	{booking.ErrPast, edge.Fault{Status: http.StatusUnprocessableEntity, Code: "in_the_past", Detail: "this time is over"}},
	{booking.ErrTooSoon, edge.Fault{Status: http.StatusUnprocessableEntity, Code: "too_soon", Detail: "the service must be booked longer before"}},
	{booking.ErrTooFar, edge.Fault{Status: http.StatusUnprocessableEntity, Code: "too_far", Detail: "the service cannot be booked so far ahead yet"}},
	{booking.ErrClosed, edge.Fault{Status: http.StatusUnprocessableEntity, Code: "closed", Detail: "closed on this day"}},
	{booking.ErrOutsideHours, edge.Fault{Status: http.StatusUnprocessableEntity, Code: "outside_hours", Detail: "outside of the working hours of this day"}},
	{booking.ErrStaffOff, edge.Fault{Status: http.StatusUnprocessableEntity, Code: "staff_off", Detail: "the member of the staff is away at this time"}},
	{booking.ErrNotOffered, edge.Fault{Status: http.StatusUnprocessableEntity, Code: "not_offered", Detail: "the service is not offered now, or not by this member of the staff"}},
	{booking.ErrNoSuchTime, edge.Fault{Status: http.StatusUnprocessableEntity, Code: "no_such_time", Detail: "the business's clock does not show this time on this day; it goes forward then"}},
	{booking.ErrTwoTimes, edge.Fault{Status: http.StatusUnprocessableEntity, Code: "ambiguous_time", Detail: "the business's clock shows this time twice on this day; give it with its offset from UTC"}},
}

// explainCalendar returns what can be told of a calendar that cannot be read, or
// nil.
func explainCalendar(err error) *edge.Fault {
	switch {
	case errors.Is(err, calendar.ErrMalformed):
		return &edge.Fault{Status: http.StatusUnprocessableEntity, Code: "unreadable_calendar", Detail: "this is no iCalendar text; it begins with BEGIN:VCALENDAR"}
	case errors.Is(err, calendar.ErrTooLarge):
		return &edge.Fault{Status: http.StatusUnprocessableEntity, Code: "unreadable_calendar", Detail: "the calendar has more events than are taken; export a shorter time"}
	}
	return nil
}

// timeFaults are the codes of a time that cannot be booked, for the table.
var timeFaults = []string{
	"slot_taken", "day_full", "hold_expired", "too_many_holds", "appointment_final",
	"in_the_past", "too_soon", "too_far", "closed", "outside_hours", "staff_off", "not_offered", "no_such_time", "ambiguous_time",
}

// explainBooking returns what a caller is told of a refusal to book, or nil.
func explainBooking(err error) *edge.Fault {
	for _, f := range bookingFaults {
		if errors.Is(err, f.err) {
			fault := f.fault
			for _, s := range booking.Nearest(err) {
				instead := toAlternative(s)
				fault.Fields = append(fault.Fields, edge.FieldError{Field: "start", Message: "free: " + instead.Start.Format(time.RFC3339), Instead: instead})
			}
			return &fault
		}
	}
	return explainCalendar(err)
}

// alternativeResponse is a slot that is free in place of one that is not.
type alternativeResponse struct {
	Start     time.Time `json:"start"`
	End       time.Time `json:"end"`
	ServiceID string    `json:"service_id"`
	StaffID   string    `json:"staff_id,omitempty"`
}

func toAlternative(s booking.Slot) alternativeResponse {
	return alternativeResponse{s.Start.UTC(), s.End.UTC(), string(s.Service), string(s.Staff)}
}

// minutes and its like turn whole units of the API into durations, and back.
func minutes(n int) time.Duration { return time.Duration(n) * time.Minute }

func inMinutes(d time.Duration) int { return int(d / time.Minute) }

// ids turns a list of one kind of text into another.
func ids[To, From ~string](in []From) []To {
	out := make([]To, len(in))
	for i, id := range in {
		out[i] = To(id)
	}
	return out
}

// set copies what was given onto what it changes.
func set[T any](to *T, from *T) {
	if from != nil {
		*to = *from
	}
}
