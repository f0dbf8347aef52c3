package when

import "time"

// resolver turns what was said into days and clock times.
type resolver struct {
	ref   Reference
	table *table
	// last is what the agent's last words name, once it was looked for.
	looked bool
	last   Point
}

// stretch is a resolved day: one day, or the days from start up to end.
type stretch struct {
	start, end Date  // end is exclusive; zero for one day
	clock      Clock // of "in two hours"
	grain      Grain
	vague      bool
	ok         bool
	other      Date // another reading
	last       time.Time
	none       Date // what was named is no day: April 31
}

func one(t time.Time) stretch {
	return stretch{start: dateOf(t), grain: Day, ok: true}
}

func dateOf(t time.Time) Date {
	y, m, d := t.Date()
	return Date{y, m, d}
}

func (d Date) time() time.Time { return time.Date(d.Year, d.Month, d.Day, 0, 0, 0, 0, time.UTC) }

// today is midnight of the day of the reference, in UTC so that days are of
// one length.
func (r *resolver) today() time.Time { return dateOf(r.ref.Now).time() }

// isoWeekday counts from Monday, 1.
func isoWeekday(t time.Time) int { return (int(t.Weekday())+6)%7 + 1 }

func monday(t time.Time) time.Time { return t.AddDate(0, 0, 1-isoWeekday(t)) }

// day resolves what was said of a day.
func (r *resolver) day(s spec) stretch {
	today := r.today()
	switch s.day {
	case byOffset:
		return one(today.AddDate(0, 0, int(s.off)))
	case byWeekday:
		return r.weekday(s)
	case byDate:
		return r.date(s)
	case byDom:
		return r.dom(s)
	case byNth:
		return r.nth(s)
	case byHoliday:
		return r.holiday(s)
	case byUnit:
		return r.unit(s)
	case byWeekend:
		return r.weekend(s)
	case byNext:
		return r.next(s)
	case byWeekOf:
		return r.weekOf(s)
	case byWeekNo:
		return r.weekNumber(s)
	case byFirst:
		return r.first(s)
	case byYear:
		start := time.Date(int(s.year), 1, 1, 0, 0, 0, 0, time.UTC)
		return stretch{start: dateOf(start), end: dateOf(start.AddDate(1, 0, 0)), grain: Year, ok: true}
	case byMoment:
		return r.after(r.since(s), s)
	case bySame:
		return stretch{start: r.named(), grain: Day, ok: r.named() != Date{}}
	}
	return stretch{}
}

func (r *resolver) weekday(s spec) stretch {
	today := r.today()
	ahead := (int(s.weekday) - isoWeekday(today) + 7) % 7
	coming := today.AddDate(0, 0, ahead)
	if ahead == 0 && !s.today {
		coming = coming.AddDate(0, 0, 7)
	}
	day := coming
	this := monday(today).AddDate(0, 0, int(s.weekday)-1)
	switch which := max(s.which, s.inWhich); {
	case which == thisOne && s.inWhich == thisOne:
		day = this
	case which == thisOne:
		day = today.AddDate(0, 0, ahead)
	case which == nextOne && s.inWhich == anyOne && (r.table.coming || s.soon):
	case which == nextOne:
		day = this.AddDate(0, 0, 7)
	case which == afterNext && s.inWhich == anyOne:
		day = coming.AddDate(0, 0, 7)
	case which == afterNext:
		day = this.AddDate(0, 0, 14)
	case which == lastOne:
		if day = this; !day.Before(today) {
			day = day.AddDate(0, 0, -7)
		}
	}
	if from, to := r.ref.Around, r.ref.AroundTo; s.which == anyOne && s.inWhich == anyOne && s.n == 0 && !to.IsZero() {
		among := dateOf(from).time()
		among = among.AddDate(0, 0, (int(s.weekday)-isoWeekday(among)+7)%7)
		if !among.Before(today) && !among.After(dateOf(to).time()) {
			return one(among)
		}
	}
	st := one(day.AddDate(0, 0, 7*int(s.n)))
	switch {
	case s.which == nextOne && s.soon:
	case s.which == nextOne && !r.table.coming && this.After(today):
		st.other = dateOf(this)
	case s.which == nextOne && r.table.coming && day.Before(this.AddDate(0, 0, 7)):
		st.other = dateOf(this.AddDate(0, 0, 7))
	case s.which == anyOne && s.inWhich == anyOne && ahead == 0:
		st.other = dateOf(today)
	}
	return st
}
