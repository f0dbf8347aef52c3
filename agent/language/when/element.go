package when

// elements are the places of a rule that keep a value.
var elements = map[string]element{
	"hour":      {class: cNumber, take: takeHour},
	"hourish":   {class: cNumber, take: func(l *lexeme, s *spec) bool { return l.is(cAround) && takeHour(l, s) }},
	"own":       {class: cSuffix, take: func(l *lexeme, _ *spec) bool { return l.own }},
	"hourword":  {class: cUnit, take: func(l *lexeme, s *spec) bool { s.unit = Hour; return l.unit == Hour && l.step == 1 && !l.is(cOclock) }},
	"each":      {class: cEvery, take: func(l *lexeme, _ *spec) bool { return l.unit == 0 && l.off == 0 }},
	"minute":    {class: cNumber, take: takeMinute},
	"dmin":      {class: cNumber, take: func(l *lexeme, s *spec) bool { return !l.is(cOne) && takeMinute(l, s) }},
	"more":      {class: cNumber, take: takeMoreMinutes},
	"mm":        {class: cNumber, take: takeFewMinutes},
	"wmin":      {class: cNumber, take: takeWordMinute},
	"seconds":   {class: cNumber, take: takeSeconds},
	"hhmm":      {class: cNumber, take: takeFourDigits},
	"zero":      {class: cNumber, take: func(l *lexeme, _ *spec) bool { return l.num == 0 }},
	"digit":     {class: cNumber, take: func(l *lexeme, s *spec) bool { s.minute = int8(l.num); return l.num > 0 && l.num < 10 }},
	"meridiem":  {class: cMeridiem, take: func(l *lexeme, s *spec) bool { s.mer = l.mer; return true }},
	"noon":      {class: cNoon, take: func(l *lexeme, s *spec) bool { s.hour, s.exact, s.approx = l.hour, true, l.is(cAround); return true }},
	"weekday":   {class: cWeekday, take: func(l *lexeme, s *spec) bool { s.weekday, s.each = l.weekday, l.each; return true }},
	"month":     {class: cMonth, take: func(l *lexeme, s *spec) bool { s.month = l.month; return true }},
	"dom":       {class: cNumber | cOrdinal, take: takeDom},
	"the":       {class: cThe, take: func(l *lexeme, _ *spec) bool { return !l.is(cAt) }},
	"yearly":    {class: cUnit, take: takeYearly},
	"basic":     {class: cBasic, take: func(l *lexeme, s *spec) bool { s.year, s.month, s.dom = l.num, l.month, l.ord; return true }},
	"later":     {class: cLater, take: func(l *lexeme, s *spec) bool { s.later = l.weak; return true }},
	"ago":       {class: cAgo, take: func(l *lexeme, s *spec) bool { s.later = l.weak; return true }},
	"monthword": {class: cMonth, take: func(l *lexeme, s *spec) bool { s.month = l.month; return !l.is(cNumber) }},
	"ord":       {class: cOrdinal, take: takeDom},
	"mon":       {class: cNumber, take: takeMonthNumber},
	"ordmon":    {class: cOrdinal | cNumber, take: takeOrdinalMonth},
	"year":      {class: cNumber, take: takeYear},
	"anyyear":   {class: cNumber, take: takeAnyYear},
	"yy":        {class: cNumber, take: func(l *lexeme, s *spec) bool { s.year = 2000 + l.num; return l.digits == 2 }},
	"nth":       {class: cOrdinal | cLast, take: takeNth},
	"n":         {class: cNumber | cOne, take: takeCount},
	"num":       {class: cNumber, take: takeCount},
	"behind":    {class: cAfter, take: func(l *lexeme, _ *spec) bool { return !l.is(cUntil) }},
	"ahead":     {class: cBefore, take: func(l *lexeme, _ *spec) bool { return !l.is(cUntil) }},
	"fromon":    {class: cFrom, take: func(l *lexeme, _ *spec) bool { return !l.joins }},
	"hhmm4":     {class: cNumber, take: func(l *lexeme, s *spec) bool { return l.digits == 4 && takeFourDigits(l, s) }},
	"nthnum":    {class: cNumber, take: takeNthNumber},
	"span":      {class: cUnit, take: func(l *lexeme, s *spec) bool { s.n, s.unit = int16(l.step), l.unit; return l.step > 2 }},
	"over":      {class: cNumber, take: func(l *lexeme, _ *spec) bool { return l.num == 1 && l.digits == 1 }},
	"anhour":    {class: cUnit, take: func(l *lexeme, s *spec) bool { s.unit = Hour; return l.unit == Hour }},
	"ordn":      {class: cOrdinal, take: func(l *lexeme, s *spec) bool { s.n = int16(l.ord); return true }},
	"n2":        {class: cNumber, take: func(l *lexeme, s *spec) bool { s.n2 = l.num; return l.num > 0 && l.num < 1000 }},
	"unit2": {class: cUnit, take: func(l *lexeme, s *spec) bool {
		s.unit2 = l.unit
		return l.unit < s.unit && s.unit != businessDay && !(l.end == l.at+1 && l.is(cOclock) && s.unit >= Day)
	}},
	"unit":      {class: cUnit, take: takeUnit},
	"dayunit":   {class: cUnit, take: func(l *lexeme, s *spec) bool { return l.unit == Day }},
	"week":      {class: cUnit, take: func(l *lexeme, s *spec) bool { s.unit = Week; return l.unit == Week && l.step == 1 }},
	"monthly":   {class: cUnit, take: func(l *lexeme, s *spec) bool { return l.unit == Month }},
	"minutes":   {class: cUnit, take: func(l *lexeme, s *spec) bool { return l.unit == Minute }},
	"hours":     {class: cUnit, take: func(l *lexeme, s *spec) bool { return l.unit == Hour }},
	"dayword":   {class: cDayword, take: func(l *lexeme, s *spec) bool { s.off = int16(l.off); return true }},
	"daypart":   {class: cDaypart, take: func(l *lexeme, s *spec) bool { s.off, s.part = int16(l.off), l.part; return true }},
	"part":      {class: cPart, take: takePart},
	"holiday":   {class: cHoliday, take: func(l *lexeme, s *spec) bool { s.hol = l.hol; return true }},
	"edge":      {class: cEdge, take: func(l *lexeme, s *spec) bool { s.edge = l.edge + 2; return true }},
	"nextwhich": {class: cNext | cLast, take: takeInWhich},
	"thiswhich": {class: cThis, take: takeInWhich},
	"which":     {class: cThis | cNext | cLast, take: takeWhich},
	"inwhich":   {class: cThis | cNext | cLast, take: takeInWhich},
	":":         {class: cColon},
	".":         {class: cDot},
	",":         {class: cComma},
	"/":         {class: cSlash},
	"-":         {class: cDash},
	"'":         {class: cMark},
	"sep":       {class: cComma | cDot | cDash},
	"T":         {class: cFiller},
}

func takeYearly(l *lexeme, s *spec) bool { s.unit = Year; return l.unit == Year }

func takeHour(l *lexeme, s *spec) bool {
	s.hour = int8(l.num)
	s.exact = l.num > 12 || l.num == 0 || l.digits == 2 && l.num < 10
	return l.num >= 0 && l.num <= 24 && l.digits <= 2
}

// takeMinute takes what stands after "14:": two digits, or a number in words.
func takeMinute(l *lexeme, s *spec) bool {
	s.minute = int8(l.num)
	return l.num >= 0 && l.num <= 59 && l.digits != 1 && l.digits <= 2
}

// takeMoreMinutes takes the minutes of "neun Uhr fünf". A smaller number in
// words counts what follows: "at 9 o'clock one haircut".
func takeMoreMinutes(l *lexeme, s *spec) bool {
	return takeMinute(l, s) && (l.digits > 0 || l.num >= 5)
}

// takeFewMinutes takes what stands in "20 past".
func takeFewMinutes(l *lexeme, s *spec) bool {
	s.minute = int8(l.num)
	return l.num >= 1 && l.num <= 59 && l.digits <= 2
}

// takeWordMinute takes the minutes of "ten forty".
func takeWordMinute(l *lexeme, s *spec) bool {
	s.minute = int8(l.num)
	return l.digits == 0 && l.num >= 10 && l.num <= 59
}

func takeSeconds(l *lexeme, s *spec) bool {
	s.second = int8(l.num)
	return l.num >= 0 && l.num <= 59 && l.digits == 2
}

func takeFourDigits(l *lexeme, s *spec) bool {
	h, m := l.num/100, l.num%100
	s.hour, s.minute = int8(h), int8(m)
	s.exact = h > 12 || h == 0 || l.digits == 4 && h < 10
	return l.digits >= 3 && l.digits <= 4 && h <= 24 && m <= 59
}

func takeDom(l *lexeme, s *spec) bool {
	n := l.num
	if l.is(cOrdinal) {
		n = int16(l.ord)
		s.ordinal = true
	}
	s.dom = int8(n)
	return n >= 1 && n <= 31 && l.digits <= 2
}

func takeMonthNumber(l *lexeme, s *spec) bool {
	s.month = int8(l.num)
	return l.num >= 1 && l.num <= 12 && l.digits <= 2 && l.digits > 0
}

func takeOrdinalMonth(l *lexeme, s *spec) bool {
	n := l.num
	if l.is(cOrdinal) {
		n = int16(l.ord)
	}
	s.month = int8(n)
	return n >= 1 && n <= 12 && l.digits <= 2
}

func takeYear(l *lexeme, s *spec) bool {
	s.year = l.num
	return (l.digits == 4 || l.digits == 0 && l.num > 2000) && l.num >= 1900 && l.num < 2200
}

func takePart(l *lexeme, s *spec) bool {
	if s.part = l.part; l.early {
		s.edge = 1
	}
	return true
}

// takeAnyYear takes "2026" and "26".
func takeAnyYear(l *lexeme, s *spec) bool {
	if l.digits == 2 {
		s.year = 2000 + l.num
		return true
	}
	return takeYear(l, s)
}

func takeNth(l *lexeme, s *spec) bool {
	if l.is(cLast) {
		s.nth = 9
		return true
	}
	s.nth = l.ord
	return l.ord >= 1 && l.ord <= 5
}

// takeCount takes a number of units; an article ("a week") is one.
func takeCount(l *lexeme, s *spec) bool {
	if l.is(cNumber) {
		s.n = l.num
		return l.num > 0 && l.num < 1000
	}
	s.n = 1
	return true
}

func takeUnit(l *lexeme, s *spec) bool {
	s.nights = l.nights
	s.unit = l.unit
	s.n = max(s.n, 1) * int16(max(l.step, 1))
	return l.step <= 2 || s.n > 0 && s.n <= 99*int16(l.step)
}

// takeNthNumber takes the number of "1. Montag".
func takeNthNumber(l *lexeme, s *spec) bool {
	s.nth = int8(l.num)
	return l.digits == 1 && l.num >= 1 && l.num <= 5
}

func takeWhich(l *lexeme, s *spec) bool {
	s.which, s.soon = whichOf(l), l.is(cNext) && l.soon
	return true
}

func takeInWhich(l *lexeme, s *spec) bool {
	s.inWhich, s.soon = whichOf(l), l.is(cNext) && l.soon
	return true
}

func whichOf(l *lexeme) which {
	switch {
	case l.is(cNext):
		return max(l.which, nextOne)
	case l.is(cThis):
		return thisOne
	}
	return lastOne
}
