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

// date resolves a day of a named month, or the month. Without a year it is
// the next one to come.
func (r *resolver) date(s spec) stretch {
	today := r.today()
	if s.dom == 0 {
		return r.month(s)
	}
	year := int(s.year)
	if year == 0 {
		year = today.Year()
		for n := 0; n < 9; n++ {
			if t, ok := valid(year, s.month, s.dom); ok && !t.Before(today) {
				break
			}
			year++
		}
	}
	t, ok := valid(year, s.month, s.dom)
	if !ok {
		return r.noDay(s)
	}
	return one(t)
}

// noDay is a day that the calendar does not have, of the coming such month.
func (r *resolver) noDay(s spec) stretch {
	year, today := int(s.year), r.today()
	if year == 0 {
		year = today.Year()
		if time.Month(s.month) < today.Month() {
			year++
		}
	}
	return stretch{none: Date{year, time.Month(s.month), int(s.dom)}}
}

func valid(year int, month, dom int8) (time.Time, bool) {
	t := time.Date(year, time.Month(month), int(dom), 0, 0, 0, 0, time.UTC)
	return t, t.Day() == int(dom) && t.Month() == time.Month(month)
}

func (r *resolver) month(s spec) stretch {
	today := r.today()
	year := int(s.year)
	switch {
	case s.inWhich == lastOne:
		year = today.Year() - 1
	case s.inWhich != anyOne:
		year = today.Year() + int(s.inWhich-thisOne)
	case year == 0:
		year = today.Year()
		if time.Month(s.month) < today.Month() || time.Month(s.month) == today.Month() && s.which == nextOne {
			year++
		}
	}
	first := time.Date(year, time.Month(s.month), 1, 0, 0, 0, 0, time.UTC)
	return edged(first, first.AddDate(0, 1, 0), Month, s.edge, today)
}

// edged returns the days from start up to end, or the part of them that edge
// names: a third of a month or year, the first or last days of a week.
func edged(start, end time.Time, grain Grain, edge int8, today time.Time) stretch {
	st := stretch{grain: grain, ok: true, vague: edge != 0 && edge != 4}
	third := func(n int) time.Time {
		switch grain {
		case Week:
			return start.AddDate(0, 0, 2*n-1+n/2)
		case Month:
			return start.AddDate(0, 0, 10*n)
		}
		return start.AddDate(0, 4*n, 0)
	}
	switch edge {
	case 1:
		if end = third(1); grain == Week {
			end = start.AddDate(0, 0, 3)
		}
	case 2:
		start, end = third(1), third(2)
	case 3:
		if start = third(2); grain == Week {
			start = end.AddDate(0, 0, -4)
		}
	case 4:
		if today.After(start) {
			start = today
		}
	}
	st.start, st.end = dateOf(start), dateOf(end)
	return st
}

// dom resolves a day of the month: of this or next month if that was said, or
// the next such day to come; with a weekday, the next that falls on it.
func (r *resolver) dom(s spec) stretch {
	today := r.today()
	first := time.Date(today.Year(), today.Month(), 1, 0, 0, 0, 0, time.UTC)
	if s.inWhich != anyOne {
		month := first.AddDate(0, int(s.inWhich-thisOne), 0)
		if s.inWhich == lastOne {
			month = first.AddDate(0, -1, 0)
		}
		t, ok := valid(month.Year(), int8(month.Month()), s.dom)
		if !ok {
			return stretch{none: Date{month.Year(), month.Month(), int(s.dom)}}
		}
		return one(t)
	}
	if around := r.ref.Around; !around.IsZero() && s.weekday == 0 {
		if t, ok := valid(around.Year(), int8(around.Month()), s.dom); ok && !t.Before(today) {
			return one(t)
		}
	}
	var plain stretch
	for n := range 14 {
		month := first.AddDate(0, n, 0)
		t, ok := valid(month.Year(), int8(month.Month()), s.dom)
		if !ok || t.Before(today) {
			continue
		}
		if s.weekday == 0 || isoWeekday(t) == int(s.weekday) {
			return one(t)
		}
		if !plain.ok {
			plain = one(t)
		}
	}
	return plain
}

// nth resolves "the first Monday of May".
func (r *resolver) nth(s spec) stretch {
	today := r.today()
	find := func(year int, month time.Month) (time.Time, bool) {
		first := time.Date(year, month, 1, 0, 0, 0, 0, time.UTC)
		if s.nth == 9 {
			last := first.AddDate(0, 1, -1)
			if s.weekday == 0 {
				return last, true
			}
			return last.AddDate(0, 0, -((isoWeekday(last) - int(s.weekday) + 7) % 7)), true
		}
		if s.weekday == 0 {
			return first.AddDate(0, 0, int(s.nth-1)), true
		}
		t := first.AddDate(0, 0, (int(s.weekday)-isoWeekday(first)+7)%7+7*int(s.nth-1))
		return t, t.Month() == month
	}
	year, month := today.Year(), time.Month(s.month)
	if s.month == 0 {
		first := time.Date(year, today.Month(), 1, 0, 0, 0, 0, time.UTC)
		if s.inWhich >= nextOne && s.inWhich != lastOne {
			first = first.AddDate(0, 1, 0)
		}
		t, ok := find(first.Year(), first.Month())
		if s.inWhich == anyOne && t.Before(today) {
			first = first.AddDate(0, 1, 0)
			t, ok = find(first.Year(), first.Month())
		}
		return ifOK(t, ok)
	}
	if s.year != 0 {
		return ifOK(find(int(s.year), month))
	}
	t, ok := find(year, month)
	if t.Before(today) {
		t, ok = find(year+1, month)
	}
	return ifOK(t, ok)
}

func ifOK(t time.Time, ok bool) stretch {
	if !ok {
		return stretch{}
	}
	return one(t)
}

func (r *resolver) holiday(s spec) stretch {
	today := r.today()
	year := today.Year()
	if s.year != 0 {
		return one(holidayIn(int(s.year), s.hol))
	}
	t := holidayIn(year, s.hol)
	if t.Before(today) {
		t = holidayIn(year+1, s.hol)
	}
	return one(t)
}

// unit resolves this, the next or last week, month or year.
func (r *resolver) unit(s spec) stretch {
	today := r.today()
	steps := int(s.inWhich - thisOne)
	if s.inWhich == lastOne {
		steps = -1
	}
	switch s.unit {
	case Week:
		start := monday(today).AddDate(0, 0, 7*steps)
		return edged(start, start.AddDate(0, 0, 7), Week, s.edge, today)
	case Month:
		start := time.Date(today.Year(), today.Month()+time.Month(steps), 1, 0, 0, 0, 0, time.UTC)
		return edged(start, start.AddDate(0, 1, 0), Month, s.edge, today)
	case Year:
		start := time.Date(today.Year()+steps, 1, 1, 0, 0, 0, 0, time.UTC)
		return edged(start, start.AddDate(1, 0, 0), Year, s.edge, today)
	}
	return stretch{}
}

func (r *resolver) weekend(s spec) stretch {
	start := monday(r.today()).AddDate(0, 0, 5)
	switch {
	case s.nth != 0:
		s.weekday = 6
		of := r.nth(s)
		if !of.ok {
			return stretch{}
		}
		start = of.start.time()
	case s.dom != 0:
		of := r.dom(s)
		if s.month != 0 {
			of = r.date(s)
		}
		if !of.ok {
			return stretch{}
		}
		start = monday(of.start.time()).AddDate(0, 0, 5)
	case s.inWhich == nextOne && !s.soon:
		start = start.AddDate(0, 0, 7)
	case s.inWhich == afterNext:
		start = start.AddDate(0, 0, 14)
	case s.inWhich == lastOne:
		start = start.AddDate(0, 0, -7)
	}
	return stretch{start: dateOf(start), end: dateOf(start.AddDate(0, 0, 2)), grain: Day, vague: true, ok: true}
}

// next resolves "the next three days", which begin tomorrow, and "the next two
// hours", which begin now.
func (r *resolver) next(s spec) stretch {
	tomorrow, n := r.today().AddDate(0, 0, 1), max(int(s.n), 1)
	st := stretch{start: dateOf(tomorrow), grain: s.unit, ok: true}
	switch s.unit {
	case Day:
		st.end = dateOf(tomorrow.AddDate(0, 0, n))
	case businessDay:
		start := workday(tomorrow)
		end := start
		for ; n > 0; n-- {
			end = workday(end).AddDate(0, 0, 1)
		}
		st.start, st.end, st.grain = dateOf(start), dateOf(end), Day
	case Week:
		st.end = dateOf(tomorrow.AddDate(0, 0, 7*n))
	case Month:
		st.end = dateOf(tomorrow.AddDate(0, n, 0))
	case Year:
		st.end = dateOf(tomorrow.AddDate(n, 0, 0))
	default:
		st.start, st.clock = dateOf(r.ref.Now), clockAt(r.ref.Now)
		st.last = r.ref.Now.Add(time.Duration(n) * step(s.unit))
	}
	return st
}

func workday(t time.Time) time.Time {
	for isoWeekday(t) > 5 {
		t = t.AddDate(0, 0, 1)
	}
	return t
}

// weekOf resolves the week of a day, and the third week of a month.
func (r *resolver) weekOf(s spec) stretch {
	var start time.Time
	if s.nth != 0 {
		first := r.today().AddDate(0, 0, 1-r.today().Day())
		switch {
		case s.unit == Year:
			first = time.Date(first.Year()+int(s.inWhich-thisOne), 1, 1, 0, 0, 0, 0, time.UTC)
		case s.inWhich == nextOne:
			first = first.AddDate(0, 1, 0)
		}
		if s.month != 0 {
			first = r.month(spec{month: s.month, year: s.year}).start.time()
		}
		start = nthWeekOf(first, s.nth)
		if s.month != 0 && s.year == 0 && start.AddDate(0, 0, 7).Before(r.today()) {
			start = nthWeekOf(first.AddDate(1, 0, 0), s.nth)
		}
	} else {
		of := r.dom(s)
		if s.month != 0 {
			of = r.date(s)
		}
		if !of.ok {
			return stretch{}
		}
		start = monday(of.start.time())
	}
	return stretch{start: dateOf(start), end: dateOf(start.AddDate(0, 0, 7)), grain: Week, ok: true}
}

// first resolves the first or last days or weeks of a month.
func (r *resolver) first(s spec) stretch {
	of := r.unit(spec{unit: Month, inWhich: max(s.inWhich, thisOne)})
	if s.month != 0 {
		of = r.month(spec{month: s.month, year: s.year})
	}
	start, end := of.start.time(), of.end.time()
	days := int(s.n)
	if s.unit == Week {
		days *= 7
	}
	if s.nth == 9 {
		start = end.AddDate(0, 0, -days)
	} else {
		end = start.AddDate(0, 0, days)
	}
	return stretch{start: dateOf(start), end: dateOf(end), grain: Day, ok: of.ok && days < 62}
}

// nthWeekOf returns the Monday of the nth week of the month that begins at
// first.
func nthWeekOf(first time.Time, nth int8) time.Time {
	if nth == 9 {
		return monday(first.AddDate(0, 1, -1))
	}
	return monday(first.AddDate(0, 0, 3)).AddDate(0, 0, 7*int(nth-1))
}

// weekNumber resolves a week by its number in the year, as ISO counts them.
func (r *resolver) weekNumber(s spec) stretch {
	year := r.today().Year()
	start := func(year int) time.Time {
		return monday(time.Date(year, 1, 4, 0, 0, 0, 0, time.UTC)).AddDate(0, 0, 7*int(s.n-1))
	}
	week := start(year)
	if week.AddDate(0, 0, 7).Before(r.today()) {
		week = start(year + 1)
	}
	return stretch{start: dateOf(week), end: dateOf(week.AddDate(0, 0, 7)), grain: Week, ok: true}
}

// after resolves a length of time from t on.
func (r *resolver) after(t time.Time, s spec) stretch {
	if s.n2 > 0 {
		return r.afterBoth(t, s)
	}
	n := int(s.n)
	switch s.unit {
	case Day, Week, Month, Year, businessDay:
		return one(addDays(dateOf(t).time(), s))
	case 0:
		return stretch{start: dateOf(t), clock: clockAt(t), grain: Second, vague: true, ok: true}
	}
	d := time.Duration(n)*step(s.unit) + time.Duration(s.tenths)*step(s.unit)/10
	t = wall(t).Add(d)
	grain := Minute
	if s.unit == Second {
		grain = Second
	}
	return stretch{start: dateOf(t), clock: clockAt(t), grain: grain, ok: true}
}

// afterBoth resolves "in two weeks and three days".
func (r *resolver) afterBoth(t time.Time, s spec) stretch {
	small := spec{day: byMoment, n: s.n2, unit: s.unit2}
	s.n2 = 0
	if s.unit >= Day {
		days := addDays(dateOf(t).time(), s)
		y, m, d := days.Date()
		t = time.Date(y, m, d, t.Hour(), t.Minute(), t.Second(), 0, time.UTC)
	} else {
		t = wall(t).Add(lengthOf(s))
	}
	return r.after(t, small)
}

// addDays adds whole units; a month has at least the same day, or its last.
func addDays(t time.Time, s spec) time.Time {
	n := int(s.n)
	switch s.unit {
	case Day:
		return t.AddDate(0, 0, n)
	case businessDay:
		for ; n > 0; n-- {
			t = workday(t.AddDate(0, 0, 1))
		}
		return t
	case Week:
		return t.AddDate(0, 0, 7*n+7*int(s.tenths)/10)
	case Month:
		return addMonths(t, n).AddDate(0, 0, 3*int(s.tenths))
	case Year:
		return addMonths(t, 12*n+12*int(s.tenths)/10)
	}
	return t
}

func addMonths(t time.Time, n int) time.Time {
	first := time.Date(t.Year(), t.Month()+time.Month(n), 1, 0, 0, 0, 0, time.UTC)
	last := first.AddDate(0, 1, -1).Day()
	return first.AddDate(0, 0, min(t.Day(), last)-1)
}

// wall returns the wall clock of t, for reckoning with it.
func wall(t time.Time) time.Time {
	return time.Date(t.Year(), t.Month(), t.Day(), t.Hour(), t.Minute(), t.Second(), 0, time.UTC)
}

func clockAt(t time.Time) Clock {
	return Clock{Hour: t.Hour(), Minute: t.Minute(), Second: t.Second(), Set: true}
}

func step(unit Grain) time.Duration {
	switch unit {
	case 0:
		return 0
	case Second:
		return time.Second
	case Minute:
		return time.Minute
	case Hour:
		return time.Hour
	case Day, businessDay:
		return 24 * time.Hour
	case Week:
		return 7 * 24 * time.Hour
	case Month:
		return 30 * 24 * time.Hour
	}
	return 365 * 24 * time.Hour
}

// holidayIn returns when a holiday is in a year.
func holidayIn(year int, hol int16) time.Time {
	day := func(month time.Month, weekday, nth int) time.Time {
		first := time.Date(year, month, 1, 0, 0, 0, 0, time.UTC)
		return first.AddDate(0, 0, (weekday-isoWeekday(first)+7)%7+7*(nth-1))
	}
	switch {
	case hol <= nthHoliday:
		code := int(nthHoliday - hol)
		month, weekday, nth := time.Month(code/100), code/10%10, code%10
		if nth == 9 {
			return day(month+1, weekday, 1).AddDate(0, 0, -7)
		}
		return day(month, weekday, nth)
	case hol > 0:
		return time.Date(year, time.Month(hol/100), int(hol%100), 0, 0, 0, 0, time.UTC)
	case hol <= easterTide+60:
		return easterSunday(year).AddDate(0, 0, int(hol)-easterTide)
	}
	switch hol {
	case easterMonday:
		return easterSunday(year).AddDate(0, 0, 1)
	case goodFriday:
		return easterSunday(year).AddDate(0, 0, -2)
	case mothersDay:
		return day(time.May, 7, 2)
	case thanksgiving:
		return day(time.November, 4, 4)
	case blackFriday:
		return day(time.November, 4, 4).AddDate(0, 0, 1)
	case cyberMonday:
		return day(time.November, 4, 4).AddDate(0, 0, 4)
	case laborDay:
		return day(time.September, 1, 1)
	}
	return easterSunday(year)
}

// easterSunday is the Gregorian computus of Meeus, Jones and Butcher.
func easterSunday(year int) time.Time {
	a, b, c := year%19, year/100, year%100
	d, e := b/4, b%4
	g := (8*b + 13) / 25
	h := (19*a + b - d - g + 15) % 30
	i, k := c/4, c%4
	l := (32 + 2*e + 2*i - h - k) % 7
	m := (a + 11*h + 22*l) / 451
	month, day := (h+l-7*m+114)/31, (h+l-7*m+114)%31+1
	return time.Date(year, time.Month(month), day, 0, 0, 0, 0, time.UTC)
}
