package language

import (
	"strings"
	"sync"
)

// lexicon is every word of the package's tables with a number, so that a word
// of a text is looked up once and compared by its number afterwards.
type lexicon struct {
	ids     map[string]int32
	stops   [][]stop // by number: the tongues whose stop word it is
	visits  []bool   // by number: a word for an appointment
	negates []bool   // by number: a word that takes back what follows
	person  []bool   // by number: an ordinary word that is also somebody's name
	times   []uint8  // by number: what it is of a day or a clock time
	book    int32    // the number of "book"
}

// theLexicon returns the lexicon; it is built on first use and never changes.
var theLexicon = sync.OnceValue(func() *lexicon {
	l := &lexicon{ids: map[string]int32{"": 0}}
	for _, table := range []string{english, spanish, portuguese, french, german, italian, questions, injections, asking, timely, timeNumbers, clockBefore, clockAfter, picking, articles, optionWords, everyday} {
		for _, word := range strings.FieldsFunc(table, func(c rune) bool { return (c < 'a' || c > 'z') && (c < '0' || c > '9') }) {
			l.add(word)
		}
	}
	table := stopTable()
	for word := range table {
		l.add(word)
	}
	for word := range set(firstNames) {
		l.add(word)
	}
	l.stops, l.person = make([][]stop, len(l.ids)), make([]bool, len(l.ids))
	for word, list := range table {
		l.stops[l.ids[word]] = list
	}
	l.book = l.ids["book"]
	l.visits, l.negates = make([]bool, len(l.ids)), make([]bool, len(l.ids))
	for line := range strings.Lines(english + spanish + portuguese + french + german + italian) {
		if list, ok := strings.CutPrefix(line, "$visit: "); ok {
			l.mark(l.visits, list)
		} else if list, ok := strings.CutPrefix(line, "$place: "); ok {
			l.mark(l.visits, list)
		} else if list, ok := strings.CutPrefix(line, "$not: "); ok {
			l.mark(l.negates, list)
		}
	}
	l.times = make([]uint8, len(l.ids))
	for flag, list := range map[uint8]string{ofTime: timely, ofNumber: timeNumbers, beforeClock: clockBefore, afterClock: clockAfter} {
		for _, word := range strings.Fields(list) {
			l.times[l.ids[word]] |= flag
		}
	}
	for word := range set(firstNames) {
		l.person[l.ids[word]] = true
	}
	return l
})

func (l *lexicon) add(word string) {
	if _, ok := l.ids[word]; !ok {
		l.ids[word] = int32(len(l.ids))
	}
}

// mark sets the flags of the words of a class.
func (l *lexicon) mark(flags []bool, class string) {
	for word := range strings.SplitSeq(strings.TrimSpace(class), "|") {
		flags[l.ids[word]] = true
	}
}

// noun reports whether word i of w, "book", is one to read: it follows an article
// or an adjective.
func (l *lexicon) noun(w *words, i int) bool {
	return i > 0 && w.spans[i].id == l.book && articlesOfBooks[string(w.at(i-1))]
}

var articlesOfBooks = set(`a an the this that these my your his her our their good great best new old nice favorite favourite any which what of audio`)

// What a word is of a day or a clock time, in any language.
const (
	ofTime      = 1 << iota // it says one alone
	ofNumber                // it is a number in words
	beforeClock             // after it a number is a clock time
	afterClock              // before it, too
)

const (
	timely = `monday tuesday wednesday thursday friday saturday sunday mondays tuesdays wednesdays thursdays fridays saturdays sundays mon tue tues wed thu thur thurs fri sat sun
	today tomorrow tmrw tomorow tommorow tonight morning afternoon evening noon midday weekend weekends week asap fortnight lunchtime
	january february april june july august september october november december
	lunes martes miercoles jueves viernes sabado domingo hoy manana tarde noche semana mediodia finde urgente urgentemente
	enero febrero marzo abril mayo junio julio agosto septiembre octubre noviembre diciembre`
	timeNumbers = `one two three four five six seven eight nine ten eleven twelve half quarter una dos tres cuatro cinco seis siete ocho nueve diez once doce`
	clockBefore = `at around about by till until las la`
	clockAfter  = `am pm oclock hrs horas`
)
