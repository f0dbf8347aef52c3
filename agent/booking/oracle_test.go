package booking_test

import (
	"slices"
	"time"

	"frontdesk/agent/booking"
	"frontdesk/ingest"
)

// oracle answers what a calendar has free by looking at the clock on the wall
// minute by minute. It shares nothing with what it checks but the calendar.
type oracle struct {
	c       booking.Calendar
	minutes []wallMinute
}

// wallMinute is a minute and what the wall shows then.
type wallMinute struct {
	at    time.Time
	day   string
	clock time.Duration
}

// newOracle reads the clock from two days before from to two days after to.
func newOracle(c booking.Calendar, from, to time.Time) *oracle {
	o := &oracle{c: c}
	for t := from.Add(-48 * time.Hour).Truncate(time.Minute); t.Before(to.Add(48 * time.Hour)); t = t.Add(time.Minute) {
		l := t.In(c.Zone)
		o.minutes = append(o.minutes, wallMinute{t, l.Format(time.DateOnly), time.Duration(l.Hour())*time.Hour + time.Duration(l.Minute())*time.Minute})
	}
	return o
}

// reaches is the first minute at which the wall shows clock or more on a day,
// or a later day.
func (o *oracle) reaches(day string, clock time.Duration) time.Time {
	i := slices.IndexFunc(o.minutes, func(m wallMinute) bool { return m.day > day || m.day == day && m.clock >= clock })
	return o.minutes[i].at
}

func (o *oracle) dayOf(t time.Time) string { return t.In(o.c.Zone).Format(time.DateOnly) }

// spans are the hours of a day, those that touch made one.
func (o *oracle) spans(hours booking.Week, day string) (out []booking.Interval) {
	d, _ := time.Parse(time.DateOnly, day)
	last := time.Duration(-1)
	for _, s := range hours[d.Weekday()] {
		from, until := o.reaches(day, s.From), o.reaches(day, s.Until)
		if s.From == last {
			out[len(out)-1].Until = until
		} else {
			out = append(out, booking.Interval{From: from, Until: until})
		}
		last = s.Until
	}
	return out
}

func (o *oracle) off(list []booking.Off, day string, start, end time.Time) bool {
	return slices.ContainsFunc(list, func(f booking.Off) bool {
		until := f.Until
		if until == "" {
			until = f.From
		}
		if day < f.From || day > until {
			return false
		}
		return f.Span == nil || start.Before(o.reaches(day, f.Span.Until)) && o.reaches(day, f.Span.From).Before(end)
	})
}

func (o *oracle) busy(list []booking.Interval, start, end time.Time) bool {
	v := o.c.Service
	return slices.ContainsFunc(list, func(b booking.Interval) bool {
		return b.From.Before(end.Add(v.BufferAfter)) && start.Add(-v.BufferBefore).Before(b.Until) && b.From.Before(b.Until)
	})
}

func (o *oracle) begun(list []time.Time, day string) (n int) {
	for _, t := range list {
		if o.dayOf(t) == day {
			n++
		}
	}
	return n
}

// usable reports whether a room can be used.
func (o *oracle) usable(r booking.Room, start, end time.Time) bool {
	day := o.dayOf(start)
	open := r.Hours.Empty() || slices.ContainsFunc(o.spans(r.Hours, day), func(s booking.Interval) bool { return !start.Before(s.From) && !end.After(s.Until) })
	return open && !o.off(r.Off, day, start, end) && !o.busy(r.Busy, start, end)
}

// roomed reports whether there is all that the service needs. Each room is of
// one kind, so counting them is enough.
func (o *oracle) roomed(start, end time.Time) bool {
	free := map[string]int{}
	named := 0
	for _, r := range o.c.Rooms {
		switch {
		case r.Needed && !o.usable(r, start, end):
			return false
		case r.Needed:
			named++
		case o.usable(r, start, end):
			free[r.Kind]++
		}
	}
	for _, kind := range o.c.Service.Needs {
		if free[kind]--; free[kind] < 0 {
			return false
		}
	}
	return named == len(o.c.Service.Resources)
}

// fits reports whether somebody can begin at start, the step aside.
func (o *oracle) fits(who booking.Performer, start time.Time) bool {
	v, day := o.c.Service, o.dayOf(start)
	end := start.Add(v.Duration)
	hours := who.Hours
	if hours.Empty() {
		hours = o.c.Hours
	}
	lastDay, _ := time.Parse(time.DateOnly, o.dayOf(o.c.Now))
	switch {
	case slices.Contains(o.c.Closed, day), start.Before(o.c.Now.Add(v.Notice)), day > lastDay.AddDate(0, 0, v.Horizon).Format(time.DateOnly):
		return false
	case v.PerDay > 0 && o.begun(o.c.Booked, day) >= v.PerDay, who.PerDay > 0 && o.begun(who.Booked, day) >= who.PerDay:
		return false
	}
	inside := slices.ContainsFunc(o.spans(hours, day), func(s booking.Interval) bool { return !start.Before(s.From) && !end.After(s.Until) })
	return inside && !o.off(who.Off, day, start, end) && !o.busy(who.Busy, start, end) && o.roomed(start, end)
}

// offered is a slot as an oracle has it.
type offered struct {
	start time.Time
	staff ingest.StaffID
}

// slots are what is offered from from on and before to.
func (o *oracle) slots(from, to time.Time) (out []offered) {
	for _, who := range o.c.Performers {
		hours := who.Hours
		if hours.Empty() {
			hours = o.c.Hours
		}
		for day := o.dayOf(from); day <= o.dayOf(to); day = nextDay(day) {
			for _, span := range o.spans(hours, day) {
				for start := span.From; !start.Add(o.c.Service.Duration).After(span.Until); start = start.Add(o.c.Service.Step) {
					if !start.Before(from) && start.Before(to) && o.fits(who, start) {
						out = append(out, offered{start, who.ID})
					}
				}
			}
		}
	}
	rank := func(id ingest.StaffID) int {
		return slices.IndexFunc(o.c.Performers, func(p booking.Performer) bool { return p.ID == id })
	}
	slices.SortFunc(out, func(a, b offered) int {
		if c := a.start.Compare(b.start); c != 0 {
			return c
		}
		return rank(a.staff) - rank(b.staff)
	})
	return out
}

func nextDay(day string) string {
	d, _ := time.Parse(time.DateOnly, day)
	return d.AddDate(0, 0, 1).Format(time.DateOnly)
}
