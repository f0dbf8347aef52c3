package when

import "time"

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
