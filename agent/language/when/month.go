package when

import "time"

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
