package bookpage

import (
	"context"
	"errors"
	"net/http"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"frontdesk/agent/booking"
	"frontdesk/agent/language/written"
	"frontdesk/gateway/edge"
	"frontdesk/gateway/operation"
	"frontdesk/ingest"
)

// holdFor is how long a time is kept while the form is filled in.
const holdFor = 10 * time.Minute

// hold is POST /book/{slug}/hold: a time was chosen.
func (p *Pages) hold(ctx context.Context, v *visit) error {
	service, staff := ingest.ServiceID(v.field("service")), ingest.StaffID(v.field("staff"))
	start, err := time.Parse(time.RFC3339, v.field("start"))
	if err != nil || service == "" {
		return errNothing
	}
	h, err := p.desk.Hold(ctx, v.caller, operation.HoldSlot{Service: service, Staff: staff, Start: operation.Moment{At: start}, For: holdFor})
	if err != nil {
		return p.refused(ctx, v, service, staff, start, err)
	}
	token := p.links.hold(v.business.ID, held{h.ID, h.Slot.Service, h.Slot.Staff, staff, h.Slot.Start, h.Slot.End, h.ExpiresAt})
	return v.redirect(v.url("/hold/" + token))
}

// refused shows, after a time could not be had, what is free instead.
func (p *Pages) refused(ctx context.Context, v *visit, service ingest.ServiceID, staff ingest.StaffID, start time.Time, err error) error {
	var refusal *booking.Refusal
	if !errors.As(err, &refusal) {
		return err
	}
	w := wish{post: v.url("/hold"), day: start.In(v.zone)}
	all, err := p.offered(ctx, v)
	if err != nil {
		return err
	}
	i := slices.IndexFunc(all, func(s booking.Service) bool { return s.ID == service })
	if i < 0 {
		return errNothing
	}
	w.service = all[i]
	if staff != "" {
		if w.staff, err = p.desk.StaffMember(ctx, v.caller, staff); err != nil {
			return err
		}
	}
	return p.pick(ctx, v, w, http.StatusConflict, v.why(refusal), refusal.Nearest)
}

// why says what keeps a time from being booked.
func (v *visit) why(r *booking.Refusal) string {
	if errors.Is(r, booking.ErrSlotTaken) || errors.Is(r, booking.ErrDayFull) {
		return v.words.Taken
	}
	return v.words.Unavailable
}

// form is the page on which the visitor says who they are.
type form struct {
	view
	Service, With, When, About string
	Kept                       string
	Expired                    bool
	Until                      int64 // Unix seconds, for the script
	Post, Release              string
	Name, Phone, Note          string
	Problems                   []problem
}

// problem is what is wrong with a field.
type problem struct{ Field, Text string }

// Wrong returns what is wrong with a field, or nothing.
func (f form) Wrong(field string) string {
	for _, p := range f.Problems {
		if p.Field == field {
			return p.Text
		}
	}
	return ""
}

// details is GET /book/{slug}/hold/{token}.
func (p *Pages) details(ctx context.Context, v *visit) error {
	f, _, err := p.form(ctx, v)
	if err != nil {
		return err
	}
	return v.show(http.StatusOK, "form", f)
}

// form returns the form for the hold in the address.
func (p *Pages) form(ctx context.Context, v *visit) (*form, held, error) {
	token := edge.Param(v.req, "token")
	h, ok := p.links.openHold(v.business.ID, token)
	if !ok {
		return nil, held{}, errNothing
	}
	service, staff, err := p.names(ctx, v, h.service, h.staff)
	if err != nil {
		return nil, held{}, err
	}
	l := written.Of(v.words.Language)
	return &form{
		view: v.view(v.words.YourDetails), Service: service.Name, With: staff, When: v.full(h.start), About: service.Price,
		Kept:    strings.ReplaceAll(v.words.Kept, "{time}", l.Clock(h.until.In(v.zone))),
		Expired: !v.now.Before(h.until), Until: h.until.Unix(), Post: v.url("/hold/" + token), Release: v.url("/hold/" + token + "/release"),
	}, h, nil
}

func (p *Pages) names(ctx context.Context, v *visit, id ingest.ServiceID, who ingest.StaffID) (booking.Service, string, error) {
	all, err := p.desk.Services(ctx, v.caller)
	if err != nil {
		return booking.Service{}, "", err
	}
	i := slices.IndexFunc(all, func(s booking.Service) bool { return s.ID == id })
	if i < 0 {
		return booking.Service{}, "", errNothing
	}
	if who == "" {
		return all[i], "", nil
	}
	staff, err := p.desk.StaffMember(ctx, v.caller, who)
	return all[i], staff.Name, err
}

// full returns a time with its day and zone: "Tuesday 3 March 2026 at 14:30
// (America/Belize)".
func (v *visit) full(t time.Time) string {
	return written.Of(v.words.Language).At(t.In(v.zone)) + " (" + v.zone.String() + ")"
}

// release is POST /book/{slug}/hold/{token}/release: another time is wanted.
func (p *Pages) release(ctx context.Context, v *visit) error {
	h, ok := p.links.openHold(v.business.ID, edge.Param(v.req, "token"))
	if !ok {
		return errNothing
	}
	if err := p.desk.Release(ctx, v.caller, h.id); err != nil {
		return err
	}
	return v.redirect(v.url("", "service", string(h.service), "staff", string(h.asked), "day", h.start.In(v.zone).Format(time.DateOnly)))
}

const (
	maxName = 200
	maxNote = 2000
)

// read fills in what was typed and notes what is wrong with it.
func (f *form) read(v *visit) {
	f.Name, f.Phone = v.field("name"), v.field("phone")
	f.Note = strings.TrimSpace(strings.ReplaceAll(strings.ToValidUTF8(string(v.form.Peek("note")), ""), "\x00", ""))
	if f.Name == "" || utf8.RuneCountInString(f.Name) > maxName {
		f.Problems = append(f.Problems, problem{"name", v.words.NameMissing})
	}
	if _, err := operation.Phone(f.Phone, v.business.Phone); err != nil {
		example := v.business.Phone
		if example == "" {
			example = "+5016123456"
		}
		f.Problems = append(f.Problems, problem{"phone", strings.ReplaceAll(v.words.PhoneWrong, "{example}", example)})
	}
	if utf8.RuneCountInString(f.Note) > maxNote {
		f.Problems = append(f.Problems, problem{"note", v.words.NoteLong})
	}
}

// bait is a field that people do not see and programs fill in.
const bait = "website"

// book is POST /book/{slug}/hold/{token}: the form was sent. Sent twice, it
// books once. Where the hold is over the time is booked if it is still free.
func (p *Pages) book(ctx context.Context, v *visit) error {
	f, h, err := p.form(ctx, v)
	if err != nil {
		return err
	}
	if f.read(v); len(f.Problems) > 0 {
		return v.show(http.StatusBadRequest, "form", f)
	}
	if v.field(bait) != "" {
		return v.problem(http.StatusBadRequest, v.words.Unavailable, "")
	}
	in := operation.BookAppointment{
		Hold: h.id, Service: h.service, Staff: h.staff, Start: operation.Moment{At: h.start}, Person: operation.Person{Name: f.Name, Phone: f.Phone},
		Note: f.Note, Source: "page", RequestKey: "page:" + string(h.id),
	}
	a, err := p.desk.Book(ctx, v.caller, in)
	if errors.Is(err, booking.ErrHoldExpired) {
		in.Hold, in.Staff, in.RequestKey = "", h.asked, in.RequestKey+":late"
		a, err = p.desk.Book(ctx, v.caller, in)
	}
	if err != nil {
		return p.refused(ctx, v, h.service, h.asked, h.start, err)
	}
	return v.redirect(v.url("/a/"+p.links.appointment(v.business.ID, a.ID), "done", "booked"))
}
