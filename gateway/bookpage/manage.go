package bookpage

import (
	"context"
	"errors"
	"net/http"
	"slices"
	"time"

	"frontdesk/agent/booking"
	"frontdesk/gateway/calendar"
	"frontdesk/gateway/edge"
	"frontdesk/gateway/operation"
)

// own is a customer's page of one appointment.
type own struct {
	view
	Service, With, When, About, Note string
	Booked, Moved, Cancelled, Over   bool
	Asking                           bool // whether to cancel
	Calendar, Move, Cancel, Self     string
}

// appointment returns the appointment in the address, and the address.
func (p *Pages) appointment(ctx context.Context, v *visit) (operation.Appointment, string, error) {
	token := edge.Param(v.req, "token")
	id, ok := p.links.openAppointment(v.business.ID, token)
	if !ok {
		return operation.Appointment{}, "", errNothing
	}
	v.caller.KeyID = "contact" // who has the address is the customer
	a, err := p.desk.Appointment(ctx, v.caller, id)
	return a, "/a/" + token, err
}

// changeable reports whether the customer can still move or cancel a.
func (v *visit) changeable(a operation.Appointment) bool {
	return a.Status == booking.Scheduled && v.now.Before(a.Slot.Start)
}

// show is GET /book/{slug}/a/{token}.
func (p *Pages) show(ctx context.Context, v *visit) error {
	a, self, err := p.appointment(ctx, v)
	if err != nil {
		return err
	}
	return v.show(http.StatusOK, "own", p.own(v, a, self))
}

func (p *Pages) own(v *visit, a operation.Appointment, self string) *own {
	done := string(v.req.QueryArgs().Peek("done"))
	o := &own{
		view: v.view(v.words.Yours), Service: a.ServiceName, With: a.StaffName, When: v.full(a.Slot.Start), About: a.Price,
		Booked: done == "booked", Moved: done == "moved", Cancelled: a.Status == booking.Cancelled, Self: v.url(self),
	}
	switch {
	case o.Cancelled:
		o.Title = v.words.Cancelled
	case !v.changeable(a):
		o.Over = true
	case o.Moved:
		o.Title = v.words.Moved
	case o.Booked:
		o.Title = v.words.Booked
	}
	if v.changeable(a) {
		o.Calendar, o.Move, o.Cancel = v.url(self+"/calendar.ics"), v.url(self+"/move"), v.url(self+"/cancel")
	}
	return o
}

// calendar is GET /book/{slug}/a/{token}/calendar.ics.
func (p *Pages) calendar(ctx context.Context, v *visit) error {
	a, _, err := p.appointment(ctx, v)
	if err != nil {
		return err
	}
	body := calendar.Write(v.business.Name, []calendar.Event{{
		UID: string(a.ID) + "@frontdesk", Summary: a.ServiceName + " · " + v.business.Name, Description: p.links.Manage(v.business, a.ID),
		URL: p.links.Manage(v.business, a.ID), Start: a.Slot.Start, End: a.Slot.End, Cancelled: a.Status == booking.Cancelled,
		Sequence: int(a.Version), Modified: a.UpdatedAt,
	}})
	h := &v.req.Response.Header
	h.SetContentType("text/calendar; charset=utf-8")
	h.Set("Content-Disposition", `attachment; filename="appointment.ics"`)
	v.req.Response.SetBodyRaw(body)
	return nil
}

// chooseNew is GET /book/{slug}/a/{token}/move.
func (p *Pages) chooseNew(ctx context.Context, v *visit) error {
	a, self, err := p.appointment(ctx, v)
	if err != nil {
		return err
	}
	return p.pickNew(ctx, v, a, self, http.StatusOK, nil)
}

// pickNew shows the times to which a can be moved.
func (p *Pages) pickNew(ctx context.Context, v *visit, a operation.Appointment, self string, status int, refusal *booking.Refusal) error {
	if !v.changeable(a) {
		return booking.ErrFinal
	}
	services, err := p.desk.Services(ctx, v.caller)
	if err != nil {
		return err
	}
	i := slices.IndexFunc(services, func(s booking.Service) bool { return s.ID == a.Slot.Service })
	if i < 0 {
		return booking.ErrFinal // the service is no more: it can only be cancelled
	}
	w := wish{service: services[i], moving: a.ID, post: v.url(self + "/move"), here: self + "/move", until: v.full(a.Slot.Start), back: v.url(self)}
	alert, instead := "", []booking.Slot(nil)
	if refusal != nil {
		alert, instead = v.why(refusal), refusal.Nearest
	}
	return p.pick(ctx, v, w, status, alert, instead)
}

// move is POST /book/{slug}/a/{token}/move.
func (p *Pages) move(ctx context.Context, v *visit) error {
	a, self, err := p.appointment(ctx, v)
	if err != nil {
		return err
	}
	start, err := time.Parse(time.RFC3339, v.field("start"))
	if err != nil {
		return errNothing
	}
	if !v.changeable(a) {
		return booking.ErrFinal
	}
	_, err = p.desk.Move(ctx, v.caller, a.ID, operation.MoveAppointment{Start: operation.Moment{At: start}})
	var refusal *booking.Refusal
	if errors.As(err, &refusal) && !errors.Is(err, booking.ErrFinal) {
		return p.pickNew(ctx, v, a, self, http.StatusConflict, refusal)
	}
	if err != nil {
		return err
	}
	return v.redirect(v.url(self, "done", "moved"))
}

// askCancel is GET /book/{slug}/a/{token}/cancel: a page, so that no program
// that follows addresses cancels anything.
func (p *Pages) askCancel(ctx context.Context, v *visit) error {
	a, self, err := p.appointment(ctx, v)
	if err != nil {
		return err
	}
	o := p.own(v, a, self)
	if v.changeable(a) {
		o.Title, o.Asking = v.words.SureToCancel, true
	}
	return v.show(http.StatusOK, "own", o)
}

// cancel is POST /book/{slug}/a/{token}/cancel.
func (p *Pages) cancel(ctx context.Context, v *visit) error {
	a, self, err := p.appointment(ctx, v)
	if err != nil {
		return err
	}
	if a.Status != booking.Cancelled {
		if !v.changeable(a) {
			return booking.ErrFinal
		}
		if _, err := p.desk.Cancel(ctx, v.caller, a.ID, "", ""); err != nil {
			return err
		}
	}
	return v.redirect(v.url(self))
}
