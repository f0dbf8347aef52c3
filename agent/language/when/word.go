package when

// class says what a word can be in an expression of time; a word can be
// several things.
type class uint64

const (
	cNumber class = 1 << iota
	cOrdinal
	cWeekday
	cMonth
	cUnit
	cDayword  // today, tomorrow
	cDaypart  // tonight: a day and a part of it
	cPart     // morning
	cNow      // now
	cMeridiem // am, pm
	cOclock   // o'clock, Uhr, heures
	cHalf
	cQuarter
	cThreeQuarter
	cPast  // quarter past
	cTo    // quarter to
	cMinus // menos cuarto
	cNoon  // noon, midnight
	cThe
	cOne // a, an
	cOf
	cAt
	cAtWeak // what may introduce a clock time and much else
	cOn
	cIn
	cFrom
	cUntil
	cBetween
	cAnd
	cOr
	cAfter
	cBefore
	cThis
	cNext
	cLast
	cEvery
	cAround
	cFor
	cWithin
	cLater
	cAgo
	cEdge // beginning, middle, end
	cWeekend
	cHoliday
	cSame
	cNot
	cInstead
	cReject  // said after a time that does not suit
	cCorrect // no, sorry, I mean
	cChange  // move, change
	cCounted // people, dollars: the number before it is no time
	cWeekOf
	cOnward // "or later" after a time
	cFiller // words that may stand within an expression and say nothing
	cColon
	cDot
	cComma
	cSlash
	cDash
	cPunct  // ends a sentence
	cMark   // an apostrophe for minutes
	cSuffix // makes digits an ordinal
	cBasic  // 20260306
	cAside  // an ordinary word that is not what a number before it counts
)

// word is what a table knows of a word. Each class has its own value.
type word struct {
	class   class
	num     int16 // of a number
	ord     int8
	weekday int8 // Monday is 1
	month   int8
	unit    Grain
	off     int8 // days from today; of an opening to one side: its side; 1 of "every other"
	part    Part
	mer     int8 // 1 am, 2 pm
	hour    int8 // of noon and midnight
	edge    int8 // -1 beginning, 0 middle, 1 end, 2 what is left
	hol     int16
	weak    bool  // an everyday word as well
	step    int8  // of a unit: 2 for a fortnight
	joins   bool  // an "and" that joins numbers
	asks    Asked // what a question with it asks for
	bye     bool  // of a word that may take leave: "see you"
	each    bool  // a weekday that recurs: "Mondays"
	own     bool  // the s of "October's first Monday"
	early   bool  // of a part of the day: its beginning
	clock   bool  // an "until" that goes with clock times alone
	nights  bool  // a unit of days that counts nights
	which   which // of what means the one after the next
	soon    bool  // of what means the next to come, and never that of next week
}

// The moving holidays; a fixed one is 100*month+day.
const (
	easter       = -1
	easterMonday = -2
	goodFriday   = -3
	mothersDay   = -4 // the second Sunday of May
	thanksgiving = -5 // the fourth Thursday of November
	laborDay     = -6 // the first Monday of September
	blackFriday  = -7 // the day after Thanksgiving
	cyberMonday  = -8 // the Monday after it
	easterTide   = -100
	nthHoliday   = -1000 // less 100*month + 10*weekday + nth: an nth weekday of a month
)

// add joins what another line of the table says of the same word.
func (w *word) add(o word) {
	if w.class&o.class == 0 {
		w.weak = w.class == 0 && o.weak || w.class != 0 && w.weak
	}
	w.class |= o.class
	w.joins, w.clock = w.joins || o.joins, w.clock || o.clock
	w.own, w.bye = w.own || o.own, w.bye || o.bye
	w.asks = max(w.asks, o.asks)
	switch {
	case o.class&cNumber != 0:
		w.num = o.num
	case o.class&cOrdinal != 0:
		w.ord = o.ord
	case o.class&cWeekday != 0:
		w.weekday, w.each = o.weekday, o.each
	case o.class&cMonth != 0:
		w.month = o.month
	case o.class&cUnit != 0:
		w.unit, w.step, w.nights = o.unit, o.step, o.nights
	case o.class&cDayword != 0:
		w.off = o.off
	case o.class&cDaypart != 0:
		w.off, w.part = o.off, o.part
	case o.class&cPart != 0:
		w.part, w.early = o.part, o.early
	case o.class&cMeridiem != 0:
		w.mer = o.mer
	case o.class&cNoon != 0:
		w.hour = o.hour
	case o.class&cNext != 0:
		w.which, w.soon = o.which, o.soon
	case o.class&cEdge != 0:
		w.edge = o.edge
	case o.class&cOnward != 0:
		w.off = o.off
	case o.class&cEvery != 0:
		w.off, w.unit, w.step = o.off, o.unit, o.step
	case o.class&cHoliday != 0:
		w.hol = o.hol
	}
}
