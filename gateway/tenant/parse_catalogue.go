package tenant

import (
	"fmt"
	"strings"
	"time"

	"gopkg.in/yaml.v3"

	"frontdesk/agent/booking"
)

func (r *reader) service(n *yaml.Node, at string) ServiceSpec {
	o := r.object(n, at)
	before := len(r.problems)
	s := booking.Service{Name: o.need("name"), Description: o.text("description"), Price: o.text("price")}
	if o.values["duration"] == nil {
		r.fault(n, o.at("duration"), "is missing")
	}
	s.Duration = o.minutes("duration", booking.LongestDuration)
	s.BufferBefore, s.BufferAfter = o.minutes("buffer_before", booking.LongestBuffer), o.minutes("buffer_after", booking.LongestBuffer)
	s.Notice, s.Step = o.minutes("notice", booking.LongestNotice), o.minutes("step", booking.LongestDuration)
	s.Horizon, s.PerDay = o.number("horizon", 1, booking.LongestHorizon), o.number("per_day", 1, booking.MostPerDay)
	s.Unstaffed, s.Paused = o.flag("unstaffed"), o.flag("paused")
	if s.Price != "" && !booking.ValidPrice(s.Price) {
		r.fault(o.values["price"], o.at("price"), "a price such as 50.00 BZD is expected")
	}
	spec := ServiceSpec{booking.ListedService{StaffNames: o.texts("staff"), ResourceNames: o.texts("resources")}, n.Line}
	s.Needs = o.texts("needs")
	if s.Unstaffed && len(spec.StaffNames) > 0 {
		r.fault(o.values["staff"], o.at("staff"), "a service that is unstaffed names nobody")
	}
	o.each("reminders", func(n *yaml.Node, at string) { s.Reminders = append(s.Reminders, r.reminder(n, at)) })
	o.done()
	r.check(n, at, before, s.Check())
	spec.Service = s
	return spec
}

func (r *reader) reminder(n *yaml.Node, at string) booking.Reminder {
	o := r.object(n, at)
	if o.values["before"] == nil {
		r.fault(n, o.at("before"), "is missing")
	}
	out := booking.Reminder{Before: o.minutes("before", booking.LongestNotice), Template: o.text("template"), Text: o.text("text")}
	o.done()
	return out
}

func (r *reader) staff(n *yaml.Node, at string) StaffSpec {
	o := r.object(n, at)
	before := len(r.problems)
	s := booking.Staff{Name: o.need("name"), Specialties: o.texts("specialties"), PerDay: o.number("per_day", 1, booking.MostPerDay), Paused: o.flag("paused")}
	s.Hours, s.Off = r.week(o), r.off(o)
	o.done()
	r.check(n, at, before, s.Check())
	return StaffSpec{s, n.Line}
}

func (r *reader) resource(n *yaml.Node, at string) ResourceSpec {
	o := r.object(n, at)
	before := len(r.problems)
	s := booking.Resource{Name: o.need("name"), Kind: o.text("kind"), Paused: o.flag("paused")}
	s.Hours, s.Off = r.week(o), r.off(o)
	o.done()
	r.check(n, at, before, s.Check())
	return ResourceSpec{s, n.Line}
}

// check reports what is wrong with an item as a whole, unless something of it
// has been complained of already.
func (r *reader) check(n *yaml.Node, at string, before int, err error) {
	if err != nil && len(r.problems) == before {
		r.fault(n, at, "%s", strings.TrimPrefix(err.Error(), booking.ErrInvalid.Error()+": "))
	}
}

// minutes is a duration of whole minutes.
func (o *object) minutes(field string, high time.Duration) time.Duration {
	d, _ := o.duration(field, high)
	if d%time.Minute != 0 {
		o.r.fault(o.values[field], o.at(field), "whole minutes are expected, such as 30m or 2h")
	}
	return d
}

func (r *reader) week(o *object) booking.Week {
	n := o.take("hours")
	if n == nil {
		return booking.Week{}
	}
	before := len(r.problems)
	w, err := booking.ParseWeek(r.hours(n, o.at("hours")))
	r.check(n, o.at("hours"), before, err)
	return w
}

// off is a list of days, spans of days, and parts of days.
func (r *reader) off(o *object) []booking.Off {
	var out []booking.Off
	for i, text := range o.texts("off") {
		v, err := booking.ParseOff(text)
		if err != nil {
			r.fault(o.values["off"].Content[i], fmt.Sprintf("%s[%d]", o.at("off"), i),
				"a day such as 2026-12-24 is expected, or 2026-12-24..2026-12-31, and perhaps hours behind it such as 08:00-12:00")
		}
		out = append(out, v)
	}
	return out
}

// listing returns what the file has of the catalogue.
func (f *File) listing(prune bool) booking.Listing {
	var l booking.Listing
	for _, s := range f.Resources {
		l.Resources = append(l.Resources, s.Resource)
	}
	for _, s := range f.Staff {
		l.Staff = append(l.Staff, s.Staff)
	}
	for _, s := range f.Services {
		l.Services = append(l.Services, s.ListedService)
	}
	for section, kind := range map[string]booking.Kind{"services": booking.KindService, "staff": booking.KindStaff, "resources": booking.KindResource} {
		if prune && f.Has(section) {
			l.Prune = append(l.Prune, kind)
		}
	}
	return l
}

// unknownNames says where in the file the names are that stand for nothing.
func (f *File) unknownNames(e *booking.UnknownNamesError) error {
	var problems []Problem
	for _, u := range e.Names {
		p := Problem{Field: fmt.Sprintf("services[%d].%s[%d]", u.Index, u.Field, u.Item), Message: "the business has no resource of this name or kind"}
		if u.In == booking.KindStaff {
			p = Problem{f.Staff[u.Index].line, fmt.Sprintf("staff[%d].%s[%d]", u.Index, u.Field, u.Item), "the business has no service of this name"}
		} else {
			p.Line = f.Services[u.Index].line
		}
		problems = append(problems, p)
	}
	return &InvalidError{Problems: problems}
}
