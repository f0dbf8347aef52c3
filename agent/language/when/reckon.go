package when

import "time"

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

func workday(t time.Time) time.Time {
	for isoWeekday(t) > 5 {
		t = t.AddDate(0, 0, 1)
	}
	return t
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
