package when

import (
	"fmt"
	"strconv"
	"strings"
	"sync"
)

// table is the words of one language.
type table struct {
	words map[string]word
	// phrases are the expressions of several words, by their first word, the
	// longest first.
	phrases map[string][]phrase
	// near are the words whose misspellings are understood, by first letter.
	near [26][]string
	// monthFirst: 3/4 is March 4th.
	monthFirst bool
	// dotted: 3.4. is a day, not a clock time.
	dotted bool
	// articleDays: a number after an article is a day of the month.
	articleDays bool
	// coming: "next Friday" is the Friday that comes, not that of next week.
	coming bool
}

type phrase struct {
	rest []string
	word word
}

// tables are the languages, each built when it is first read.
var tables = map[string]func() *table{
	"en": sync.OnceValue(func() *table { return build(english, table{monthFirst: true}, nil) }),
	"es": sync.OnceValue(func() *table { return build(spanish, table{articleDays: true, coming: true}, nil) }),
	"pt": sync.OnceValue(func() *table { return build(portuguese, table{articleDays: true, coming: true}, nil) }),
	"fr": sync.OnceValue(func() *table { return build(french, table{articleDays: true, coming: true}, nil) }),
	"de": sync.OnceValue(func() *table { return build(german, table{dotted: true, articleDays: true}, germanNumbers) }),
	"it": sync.OnceValue(func() *table { return build(italian, table{articleDays: true, coming: true}, italianNumbers) }),
}

// tableFor returns the table of a language code, the English one for others.
func tableFor(language string) *table {
	if len(language) >= 2 {
		if t, ok := tables[strings.ToLower(language[:2])]; ok {
			return t()
		}
	}
	return tables["en"]()
}

// build reads a table: one line for each meaning, "class value: word, word".
// A word in brackets is one of everyday language too.
func build(text string, t table, more func(*table)) *table {
	t.words, t.phrases = map[string]word{}, map[string][]phrase{}
	for _, source := range [2]string{common, text} {
		for line := range strings.Lines(source) {
			head, list, ok := strings.Cut(strings.TrimSpace(line), ":")
			if !ok {
				continue
			}
			w := meaning(strings.Fields(head))
			for _, entry := range strings.Split(list, ",") {
				t.enter(strings.TrimSpace(entry), w)
			}
		}
	}
	if more != nil {
		more(&t)
	}
	t.index()
	return &t
}

// enter adds an entry to the table.
func (t *table) enter(entry string, w word) {
	if inner, ok := strings.CutPrefix(entry, "("); ok {
		entry, w.weak = strings.TrimSuffix(inner, ")"), true
	}
	parts := pieces(entry)
	switch len(parts) {
	case 0:
	case 1:
		have := t.words[parts[0]]
		have.add(w)
		t.words[parts[0]] = have
	default:
		t.phrase(parts, w)
	}
}

func (t *table) phrase(parts []string, w word) {
	list := t.phrases[parts[0]]
	for i := range list {
		if strings.Join(list[i].rest, " ") == strings.Join(parts[1:], " ") {
			list[i].word.add(w)
			return
		}
	}
	at := 0
	for at < len(list) && len(list[at].rest) >= len(parts)-1 {
		at++
	}
	list = append(list[:at:at], append([]phrase{{parts[1:], w}}, list[at:]...)...)
	t.phrases[parts[0]] = list
}

// index collects the words whose misspellings are understood: long ones that
// name a day, a month or a part of the day.
func (t *table) index() {
	for text, w := range t.words {
		if len(text) >= 6 && w.class&(cWeekday|cMonth|cDayword|cPart) != 0 && text[0] >= 'a' && text[0] <= 'z' {
			t.near[text[0]-'a'] = append(t.near[text[0]-'a'], text)
		}
	}
}

// meaning reads the head of a line. A mistake in it is one in this package.
func meaning(head []string) word {
	value := func() int {
		n, err := strconv.Atoi(head[1])
		if err != nil {
			panic(fmt.Sprintf("when: %q is no number", head))
		}
		return n
	}
	if c, ok := plain[head[0]]; ok {
		return word{class: c}
	}
	if w, ok := fixed[head[0]]; ok {
		return w
	}
	switch head[0] {
	case "number":
		return word{class: cNumber, num: int16(value())}
	case "ordinal":
		return word{class: cOrdinal, ord: int8(value())}
	case "weekday":
		return word{class: cWeekday, weekday: int8(value())}
	case "weekdays":
		return word{class: cWeekday, weekday: int8(value()), each: true}
	case "month":
		return word{class: cMonth, month: int8(value())}
	case "unit":
		step := 1
		if len(head) > 2 {
			step, _ = strconv.Atoi(head[2])
		}
		return word{class: cUnit, unit: units[head[1]], step: int8(step), nights: head[1] == "night"}
	case "dayword":
		return word{class: cDayword, off: int8(value())}
	case "daypart":
		return word{class: cDaypart, off: int8(value()), part: dayParts[head[2]]}
	case "part":
		return word{class: cPart, part: dayParts[head[1]]}
	case "early":
		return word{class: cPart, part: dayParts[head[1]], early: true}
	case "meridiem":
		return word{class: cMeridiem, mer: int8(value())}
	case "noon":
		return word{class: cNoon, hour: int8(value())}
	case "onward":
		return word{class: cOnward, off: int8(value())}
	case "often":
		return word{class: cEvery, step: int8(value()), unit: units[head[2]]}
	case "edge":
		return word{class: cEdge, edge: int8(value())}
	case "nthday":
		return word{class: cHoliday, hol: nthHoliday - int16(value())}
	case "holiday":
		return word{class: cHoliday, hol: int16(value())}
	}
	panic(fmt.Sprintf("when: no class %q", head[0]))
}

// businessDay is the unit of "in four business days".
const businessDay Grain = 100

var units = map[string]Grain{
	"night": Day, "second": Second, "minute": Minute, "hour": Hour, "day": Day, "week": Week,
	"month": Month, "year": Year, "business": businessDay,
}

var dayParts = map[string]Part{
	"morning": Morning, "midday": Midday, "afternoon": Afternoon, "evening": Evening, "night": Night,
}

// fixed are the heads that stand for one meaning.
var fixed = map[string]word{
	"afternext":  {class: cNext, which: afterNext},
	"coming":     {class: cNext, which: nextOne, soon: true},
	"begin":      {class: cFrom, joins: true},
	"join":       {class: cAnd, joins: true},
	"own":        {class: cSuffix, own: true},
	"bye":        {bye: true},
	"untilclock": {class: cUntil, clock: true},
	"everyother": {class: cEvery, off: 1},
	"askclock":   {asks: AskedClock},
	"askday":     {asks: AskedDay},
	"askboth":    {asks: AskedBoth},
}

// plain are the classes without a value.
var plain = map[string]class{
	"nothing": 0, "now": cNow, "oclock": cOclock, "half": cHalf, "quarter": cQuarter, "threequarter": cThreeQuarter,
	"past": cPast, "to": cTo, "minus": cMinus, "the": cThe, "one": cOne, "of": cOf, "at": cAt, "atweak": cAtWeak, "on": cOn, "in": cIn,
	"from": cFrom, "until": cUntil, "between": cBetween, "and": cAnd, "or": cOr, "after": cAfter, "before": cBefore,
	"this": cThis, "next": cNext, "last": cLast, "every": cEvery, "around": cAround, "for": cFor, "within": cWithin,
	"later": cLater, "ago": cAgo, "weekend": cWeekend, "same": cSame, "not": cNot, "instead": cInstead, "reject": cReject,
	"correct": cCorrect, "change": cChange, "counted": cCounted, "weekof": cWeekOf, "filler": cFiller, "aside": cAside,
	"colon": cColon, "slash": cSlash, "dash": cDash, "dot": cDot, "suffix": cSuffix,
}

// common is what all languages share.
const common = `
oclock: h
filler: t
unit hour: h
holiday 214: valentine's day, valentines day, san valentin, saint valentin, san valentino, valentinstag
holiday 1031: halloween
`
