package bookpage

import (
	"context"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"frontdesk/agent/booking"
	"frontdesk/agent/language/written"
	"frontdesk/gateway/operation"
	"frontdesk/ingest"
)

// wish is what a visitor has chosen so far.
type wish struct {
	service booking.Service
	staff   booking.Staff // zero: anybody
	month   time.Time     // its first day
	day     time.Time     // zero: none
	moving  ingest.AppointmentID
	post    string // where a time is sent to
	here    string // where the choosing goes on
	until   string // where the appointment is that is to be moved
	back    string // the address of its page
}

// choosing is the page on which service, staff, day and time are chosen.
type choosing struct {
	view
	Services  []option // to choose one of; empty: it is chosen
	Service   string
	About     string // minutes and price
	Restart   string // address of the list of services; empty: there is one
	Staff     []option
	StaffID   string
	ServiceID string
	Month     string
	MonthFree string
	Previous  string
	Next      string
	Weekdays  []weekday
	Weeks     [][]cell
	Day       string
	Times     []moment
	Post      string
	Alert     string
	Instead   []moment
	Clock     string
	Until     string // where an appointment is that is to be moved
	Back      string
}

type option struct {
	Name, About, Detail, URL string
	Current                  bool
}

type weekday struct{ Short, Name string }

// cell is a day of the month; Number is 0 before its first and after its last.
type cell struct {
	Number  int
	ID      string
	URL     string // empty: nothing is free
	Label   string
	Current bool
}

type moment struct{ Value, Label string }

// choose is GET /book/{slug}.
func (p *Pages) choose(ctx context.Context, v *visit) error {
	services, err := p.offered(ctx, v)
	if err != nil {
		return err
	}
	if len(services) == 0 {
		return v.problem(http.StatusNotFound, v.words.Closed, v.words.ClosedHint)
	}
	q := v.req.QueryArgs()
	w := wish{post: v.url("/hold"), here: ""}
	i := slices.IndexFunc(services, func(s booking.Service) bool { return named(string(q.Peek("service")), s.Number, string(s.ID), s.Name) })
	switch {
	case i >= 0:
		w.service = services[i]
	case len(services) == 1:
		w.service = services[0]
	default:
		return v.show(http.StatusOK, "choose", p.services(v, services))
	}
	return p.pick(ctx, v, w, http.StatusOK, "", nil)
}

// named reports whether text is a row's number, id or name.
func named(text string, number int64, id, name string) bool {
	return text != "" && (text == strconv.FormatInt(number, 10) || text == id || strings.EqualFold(text, name))
}

// offered returns the services that can be booked now.
func (p *Pages) offered(ctx context.Context, v *visit) ([]booking.Service, error) {
	all, err := p.desk.Services(ctx, v.caller)
	return slices.DeleteFunc(all, func(s booking.Service) bool { return s.Paused }), err
}

func (p *Pages) services(v *visit, services []booking.Service) *choosing {
	c := &choosing{view: v.view(v.words.Title)}
	for _, s := range services {
		c.Services = append(c.Services, option{Name: s.Name, About: v.about(s), Detail: s.Description, URL: v.url("", "service", strconv.FormatInt(s.Number, 10))})
	}
	return c
}

// about returns "45 min · 120.00 BZD".
func (v *visit) about(s booking.Service) string {
	about := v.words.minutes(int(s.Duration / time.Minute))
	if s.Price != "" {
		about += " · " + s.Price
	}
	return about
}

// pick shows the month and the times of a day, with what went wrong, if
// anything did, and what is free instead.
func (p *Pages) pick(ctx context.Context, v *visit, w wish, status int, alert string, instead []booking.Slot) error {
	staff, err := p.desk.Performers(ctx, v.caller, w.service.ID)
	if err != nil {
		return err
	}
	if w.staff.ID == "" {
		asked := string(v.req.QueryArgs().Peek("staff"))
		if i := slices.IndexFunc(staff, func(s booking.Staff) bool { return named(asked, s.Number, string(s.ID), s.Name) }); i >= 0 {
			w.staff = staff[i]
		}
	}
	if err := p.when(ctx, v, &w); err != nil {
		return err
	}
	slots, err := p.month(ctx, v, w)
	if err != nil {
		return err
	}
	c := &choosing{
		view: v.view(v.words.Title), Service: w.service.Name, About: v.about(w.service), ServiceID: string(w.service.ID), StaffID: string(w.staff.ID),
		Post: w.post, Alert: alert, Until: w.until, Back: w.back, Clock: strings.ReplaceAll(v.words.Clock, "{zone}", place(v.business.Timezone)),
	}
	if w.moving == "" {
		c.Restart = v.url("")
		c.Staff = p.staffOptions(v, w, staff)
	}
	v.fillMonth(c, w, slots)
	for _, s := range instead {
		c.Instead = append(c.Instead, moment{s.Start.UTC().Format(time.RFC3339), written.Of(v.words.Language).At(s.Start.In(v.zone))})
	}
	return v.show(status, "choose", c)
}

func (p *Pages) staffOptions(v *visit, w wish, staff []booking.Staff) []option {
	if len(staff) < 2 {
		return nil
	}
	out := []option{{Name: v.words.Anyone, URL: v.at(w, "staff", ""), Current: w.staff.ID == ""}}
	for _, s := range staff {
		out = append(out, option{Name: s.Name, URL: v.at(w, "staff", strconv.FormatInt(s.Number, 10)), Current: s.ID == w.staff.ID})
	}
	return out
}

// when reads month and day, and without either takes the first day on which
// anything is free.
func (p *Pages) when(ctx context.Context, v *visit, w *wish) error {
	q := v.req.QueryArgs()
	if day, err := time.ParseInLocation(time.DateOnly, string(q.Peek("day")), v.zone); err == nil && w.day.IsZero() {
		w.day = day
	}
	if month, err := time.ParseInLocation("2006-01", string(q.Peek("month")), v.zone); err == nil && w.day.IsZero() {
		w.month = month
	}
	if w.day.IsZero() && w.month.IsZero() {
		first, err := p.desk.Slots(ctx, v.caller, operation.SlotsQuery{
			Service: w.service.ID, Staff: w.staff.ID, From: v.now, To: v.now.Add(booking.LongestQuery), Limit: 1, Except: w.moving,
		})
		if err != nil {
			return err
		}
		w.month = v.now.In(v.zone)
		if len(first) > 0 {
			w.day = first[0].Start.In(v.zone)
		}
	}
	if !w.day.IsZero() {
		w.month = w.day
	}
	thisMonth := firstOf(v.now.In(v.zone))
	if w.month = firstOf(w.month); w.month.Before(thisMonth) {
		w.month = thisMonth
	}
	if last := thisMonth.AddDate(2, 0, 0); w.month.After(last) {
		w.month = last
	}
	return nil
}

func firstOf(t time.Time) time.Time {
	return time.Date(t.Year(), t.Month(), 1, 0, 0, 0, 0, t.Location())
}

// month returns what is free in the month, each time once.
func (p *Pages) month(ctx context.Context, v *visit, w wish) ([]time.Time, error) {
	from, to := w.month, w.month.AddDate(0, 1, 0)
	if from.Before(v.now) {
		from = v.now
	}
	slots, err := p.desk.Slots(ctx, v.caller, operation.SlotsQuery{Service: w.service.ID, Staff: w.staff.ID, From: from, To: to, Except: w.moving})
	var out []time.Time
	for _, s := range slots {
		if start := s.Start.In(v.zone); len(out) == 0 || !start.Equal(out[len(out)-1]) {
			out = append(out, start)
		}
	}
	return out, err
}

// fillMonth draws the month and the times of the chosen day.
func (v *visit) fillMonth(c *choosing, w wish, slots []time.Time) {
	l := written.Of(v.words.Language)
	free := map[int]int{}
	for _, s := range slots {
		free[s.Day()]++
		if !w.day.IsZero() && s.YearDay() == w.day.YearDay() {
			c.Times = append(c.Times, moment{s.UTC().Format(time.RFC3339), l.Clock(s)})
		}
	}
	c.Month, c.MonthFree = l.Month(w.month), v.words.free(len(slots))
	if w.month.After(v.now) {
		c.Previous = v.at(w, "month", w.month.AddDate(0, -1, 0).Format("2006-01"))
	}
	if next := w.month.AddDate(0, 1, 0); next.Before(v.now.AddDate(0, 0, horizon(w.service))) {
		c.Next = v.at(w, "month", next.Format("2006-01"))
	}
	if !w.day.IsZero() {
		c.Day = l.Day(w.day)
	}
	for i := range 7 {
		d := (i + 1) % 7 // from Monday
		c.Weekdays = append(c.Weekdays, weekday{l.ShortWeekdays[d], l.Weekdays[d]})
	}
	row := make([]cell, (int(w.month.Weekday())+6)%7, 7)
	for d := w.month; d.Month() == w.month.Month(); d = d.AddDate(0, 0, 1) {
		row = append(row, v.cell(w, d, free[d.Day()]))
		if len(row) == 7 {
			c.Weeks, row = append(c.Weeks, row), nil
		}
	}
	if len(row) > 0 {
		c.Weeks = append(c.Weeks, append(row, make([]cell, 7-len(row))...))
	}
}

func (v *visit) cell(w wish, d time.Time, free int) cell {
	date := d.Format(time.DateOnly)
	out := cell{Number: d.Day(), ID: "d" + date, Label: written.Of(v.words.Language).Day(d) + ", " + v.words.free(free)}
	if free > 0 {
		out.URL = v.at(w, "day", date)
		out.Current = !w.day.IsZero() && date == w.day.Format(time.DateOnly)
	}
	return out
}

func horizon(s booking.Service) int {
	if s.Horizon > 0 {
		return s.Horizon
	}
	return booking.DefaultHorizon
}

// at returns the address of the same choice with one thing changed.
func (v *visit) at(w wish, name, value string) string {
	params := []string{}
	if w.moving == "" {
		params = append(params, "service", strconv.FormatInt(w.service.Number, 10))
		if w.staff.ID != "" && name != "staff" {
			params = append(params, "staff", strconv.FormatInt(w.staff.Number, 10))
		}
	}
	return v.url(w.here, append(params, name, value)...)
}

// place returns the name by which people know a time zone: "Belize".
func place(zone string) string {
	return strings.ReplaceAll(zone[strings.LastIndexByte(zone, '/')+1:], "_", " ")
}
