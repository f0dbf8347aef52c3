package when

import "time"

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
