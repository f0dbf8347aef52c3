package when

// The functions of this file say what the rules of the grammar mean.

func clock(s *spec) bool {
	s.kind = kClock
	if s.mer != 0 && s.hour > 12 {
		s.mer = 0
	}
	return true
}

func weakClock(s *spec) bool { s.kind, s.weak = kClock, true; return true }

func approximate(s *spec) bool { s.kind, s.approx, s.weak = kClock, true, true; return true }

func pair(s *spec) bool {
	s.kind, s.dom, s.month = kPair, s.hour, s.minute
	return true
}

func halfPast(s *spec) bool         { s.minute = 30; return clock(s) }
func quarterPast(s *spec) bool      { s.minute = 15; return clock(s) }
func threeQuarters(s *spec) bool    { s.minute = 45; return clock(s) }
func quarterTo(s *spec) bool        { s.minute = 15; return minutesTo(s) }
func halfTo(s *spec) bool           { s.minute = 30; return minutesTo(s) }
func quarterAfterLast(s *spec) bool { s.minute = 45; return minutesTo(s) }
func minutesPastHalf(s *spec) bool  { s.minute = 30 - s.minute; return minutesTo(s) }

func minutesToHalf(s *spec) bool {
	s.minute += 30
	return minutesTo(s)
}

// fewTo is "20 to 3". "5 to 7" is rather a range.
func fewTo(s *spec) bool { return s.minute >= min(s.hour, 13) && manyTo(s) }

func manyTo(s *spec) bool { s.few = true; return s.minute%5 == 0 && minutesTo(s) }

// andClock is "diez y veinte", which after "between" is two hours.
func andClock(s *spec) bool { s.and = true; return clock(s) }

func andWeak(s *spec) bool { s.and = true; return weakClock(s) }

// fourDigits is "0730".
func fourDigits(s *spec) bool { s.four = true; return weakClock(s) }

// minutesTo turns "20 to 3" into 2:40. Which half of the day is meant is told
// by the hour that was said.
func minutesTo(s *spec) bool {
	if s.minute < 0 || s.minute >= 60 {
		return false
	}
	if s.mer != 0 && s.hour == 12 {
		s.mer = 3 - s.mer
	}
	s.minute = (60 - s.minute) % 60
	switch {
	case s.minute == 0:
	case s.hour == 0:
		s.hour = 23
	case s.hour == 1 && !s.exact:
		s.hour = 12
	default:
		s.hour--
	}
	return clock(s)
}

func date(s *spec) bool {
	s.kind, s.day = kDay, byDate
	if s.month > 12 {
		s.dom, s.month = s.month, s.dom
	}
	return true
}

func weakDate(s *spec) bool { s.weak = true; return date(s) }

func monthFirst(s *spec) bool { return date(s) }

func monthFirstWeak(s *spec) bool { s.weak = true; return date(s) }

// unlessDayFirst takes 4/22 for April 22nd where the day is written first.
func unlessDayFirst(s *spec) bool { return s.dom > 12 && date(s) }

func unlessDayFirstWeak(s *spec) bool { s.weak = true; return unlessDayFirst(s) }

func monthDate(s *spec) bool { s.kind, s.day, s.dom = kDay, byDate, 0; return true }

func comingMonth(s *spec) bool { s.kind, s.day = kDay, byDate; return s.month > 0 }

func dom(s *spec) bool     { s.kind, s.day = kDay, byDom; return true }
func domThis(s *spec) bool { s.inWhich = thisOne; return dom(s) }
func domBare(s *spec) bool { return dom(s) }

// weekdayNumber is "Tuesday 19", or "Monday 8" o'clock.
func weekdayNumber(s *spec) bool { s.number = true; return dom(s) }

func weekday(s *spec) bool   { s.kind, s.day = kDay, byWeekday; return true }
func weekdayIn(s *spec) bool { s.unit = 0; return weekday(s) }

func weekdayAfterNext(s *spec) bool { s.which = afterNext; return weekday(s) }

// weekdayWeek is "Tuesday week": a week after the Tuesday that comes.
func weekdayWeek(s *spec) bool { s.n, s.today = 1, true; return weekday(s) }

// weekdayInEight is "mardi en huit".
func weekdayInEight(s *spec) bool {
	ok := s.n == 8 || s.n == 15
	s.n, s.today = (s.n-1)/7, true
	return ok && weekday(s)
}

// dayInEight is "aujourd'hui en huit": a week from the day that is named.
func dayInEight(s *spec) bool {
	ok := s.n == 8 || s.n == 15
	s.off += s.n - 1
	return ok && dayword(s)
}

// weekFrom is "a week tomorrow".
func weekFrom(s *spec) bool {
	ok := s.unit == Week
	s.off += 7 * s.n
	s.n = 0
	return ok && dayword(s)
}

// dayWeek is "tomorrow week".
func dayWeek(s *spec) bool { s.off, s.n = s.off+7, 0; return s.off >= 7 && dayword(s) }

// weekdayWeeks is "two weeks Friday".
func weekdayWeeks(s *spec) bool { s.today = true; return s.unit == Week && weekday(s) }

// weekdayBeside is "the Monday after" a day that follows.
func weekdayBeside(s *spec) bool { s.n, s.unit = max(s.n, 1), Day; return base(s) }

// weekdayBefore is "the Friday before" a day that follows.
func weekdayBefore(s *spec) bool { s.n, s.unit = -max(s.n, 1), Day; return base(s) }

// weekdaysOn is "two Sundays from now".
func weekdaysOn(s *spec) bool { s.n, s.each = s.n-1, false; return weekday(s) }

func nthWeekday(s *spec) bool { s.kind, s.day = kDay, byNth; return true }

// nthOfEach is "the first Monday of each month".
func nthOfEach(s *spec) bool { s.each = true; return nthWeekday(s) }

// nthDay is "the last day of May".
func nthDay(s *spec) bool { s.weekday = 0; return nthWeekday(s) }

func nthWeekend(s *spec) bool { return weekend(s) }

// weekendOf is "the weekend of the 14th".
func weekendOf(s *spec) bool { return s.dom > 0 && weekend(s) }

func dayword(s *spec) bool { s.kind, s.day = kDay, byOffset; return true }
func daypart(s *spec) bool { return dayword(s) }

func thisPart(s *spec) bool { s.off = 0; return dayword(s) }
func nextPart(s *spec) bool { s.off = 1; return dayword(s) }

func now(s *spec) bool { s.kind, s.day, s.n = kDay, byMoment, 0; return true }

func holiday(s *spec) bool { s.kind, s.day = kDay, byHoliday; return true }
func sameDay(s *spec) bool { s.kind, s.day = kDay, bySame; return true }

func thisUnit(s *spec) bool {
	s.kind, s.day = kDay, byUnit
	switch {
	case s.unit < Day:
		s.day = byNext
		return s.inWhich == nextOne && s.unit >= Minute
	case s.unit == Day:
		s.day, s.off = byOffset, int16(s.inWhich-thisOne)
		return s.inWhich != lastOne
	}
	return s.unit != businessDay
}

func oneUnit(s *spec) bool { s.inWhich, s.unit = thisOne, Week; return thisUnit(s) }

func unitAfterNext(s *spec) bool {
	ok := s.inWhich == nextOne && s.unit >= Week
	s.inWhich = afterNext
	return ok && thisUnit(s)
}

func unitAfterThis(s *spec) bool { s.inWhich = nextOne; return s.unit >= Week && thisUnit(s) }

func weekend(s *spec) bool { s.kind, s.day = kDay, byWeekend; return true }

func weekendAfterNext(s *spec) bool { s.inWhich = afterNext; return weekend(s) }

func weekendAfterThis(s *spec) bool { s.inWhich = nextOne; return weekend(s) }

func weekOf(s *spec) bool     { s.kind, s.day = kDay, byWeekOf; return true }
func weekNumber(s *spec) bool { s.kind, s.day = kDay, byWeekNo; return s.n >= 1 && s.n <= 53 }
func nthWeek(s *spec) bool    { s.kind, s.day = kDay, byWeekOf; return true }

func edgeOfUnit(s *spec) bool {
	if s.inWhich == anyOne {
		s.inWhich = thisOne
	}
	if s.unit == Day {
		return false
	}
	return thisUnit(s)
}

// monthOfYear is "May of next year".
func monthOfYear(s *spec) bool { s.unit = 0; return s.inWhich != anyOne && monthDate(s) }

// firstUnits is "the first three days of May".
func firstUnits(s *spec) bool {
	s.kind, s.day = kDay, byFirst
	return (s.nth == 1 || s.nth == 9) && (s.unit == Day || s.unit == Week)
}

func edgeOfMonth(s *spec) bool { return monthDate(s) }

func nextUnits(s *spec) bool { s.kind, s.day = kDay, byNext; return true }

func in(s *spec) bool { s.kind, s.day = kDay, byMoment; return true }

func inHalfUnit(s *spec) bool { s.n, s.tenths = 0, 5; return in(s) }
func inDecimal(s *spec) bool  { s.tenths, s.minute = s.minute, 0; return in(s) }
func inMinutes(s *spec) bool  { s.unit = Minute; return in(s) }

func inAndHalf(s *spec) bool { s.tenths = 5; return in(s) }

// inAndQuarter is "in an hour and a quarter".
func inAndQuarter(s *spec) bool { return andQuarter(s) && in(s) }

// andQuarterLength is "an hour and a quarter".
func andQuarterLength(s *spec) bool { return andQuarter(s) && length(s) }

func andQuarter(s *spec) bool {
	s.n2, s.unit2 = 15, Minute
	return s.unit == Hour
}

func inSpan(s *spec) bool { return in(s) }

// inOver is "in 2 1/2 hours".
func inOver(s *spec) bool {
	ok := s.minute == 2
	s.minute = 0
	return ok && inAndHalf(s)
}

// inHours is "in 1h30".
func inHours(s *spec) bool {
	s.n2, s.unit2, s.minute = int16(s.minute), Minute, 0
	return in(s)
}

func inQuarter(s *spec) bool {
	ok := s.unit == Hour
	s.n, s.unit = 15, Minute
	return ok && in(s)
}

func ago(s *spec) bool { s.n = -s.n; return in(s) }

// beforeClock is "three minutes to five thirty".
func beforeClock(s *spec) bool {
	minutes := int(s.hour)*60 + int(s.minute) - int(s.n)
	if minutes < 0 || s.n >= 60 {
		return false
	}
	s.hour, s.minute, s.exact = int8(minutes/60), int8(minutes%60), false
	return clock(s)
}

// baseFrom is "two weeks from" tomorrow. "3 nights from" is a stay.
func baseFrom(s *spec) bool { s.from = true; return !s.nights && base(s) }

// dayAfter is "the day after" Christmas.
func dayAfter(s *spec) bool { s.n, s.unit = 1, Day; return base(s) }

// dayBefore is "the day before" Christmas.
func dayBefore(s *spec) bool { s.n, s.unit = -1, Day; return base(s) }

// baseBefore is "two weeks before".
func baseBefore(s *spec) bool { s.n = -s.n; return base(s) }

// baseOn is "two weeks on" Friday.
func baseOn(s *spec) bool { return s.unit >= Week && base(s) }

// base is "two weeks after": the day that follows is reckoned from.
func base(s *spec) bool { s.base = true; return length(s) }

func length(s *spec) bool        { s.kind = kLength; return true }
func halfLength(s *spec) bool    { s.n, s.tenths = 0, 5; return length(s) }
func andHalfLength(s *spec) bool { s.tenths = 5; return length(s) }
func decimalLength(s *spec) bool { s.tenths, s.minute = s.minute, 0; return length(s) }
func minutesLength(s *spec) bool { s.unit = Minute; return length(s) }

func spanLength(s *spec) bool { return length(s) }

// hoursLength is "1 hr 30".
func hoursLength(s *spec) bool {
	s.n2, s.unit2, s.minute = int16(s.minute), Minute, 0
	return length(s)
}

// overLength is "2 1/2 hours".
func overLength(s *spec) bool {
	ok := s.minute == 2
	s.minute = 0
	return ok && andHalfLength(s)
}

func quarterLength(s *spec) bool {
	ok := s.unit == Hour
	s.n, s.unit = 15, Minute
	return ok && length(s)
}

func part(s *spec) bool { s.kind = kPart; return true }

// earlyDay is "early on Friday": early in its morning.
func earlyDay(s *spec) bool { s.part = Morning; return s.edge == 1 && weekday(s) }

// earlyDayword is "early tomorrow".
func earlyDayword(s *spec) bool { s.part = Morning; return s.edge == 1 && dayword(s) }

func bare(s *spec) bool { s.kind = kBare; return s.n <= 31 }

func bareOrdinal(s *spec) bool { s.kind, s.n = kBare, int16(s.dom); return true }

func daysIn(month int) int8 {
	switch month {
	case 2:
		return 29
	case 4, 6, 9, 11:
		return 30
	}
	return 31
}
