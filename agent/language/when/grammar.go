package when

import "strings"

// kind is what a piece of an expression is.
type kind int8

const (
	kNone  kind = iota
	kClock      // a clock time
	kDay        // a day, a week, a month
	kPart       // a part of the day
	kLength
	kBare // a number that may be an hour or a day of the month
	kPair // 10.10: a day or a clock time
)

// dayKind is how a day is said.
type dayKind int8

const (
	noDay     dayKind = iota
	byOffset          // today, in three days
	byWeekday         // Friday, next Friday
	byDate            // March 3rd; without a day: the month
	byDom             // the 3rd, the 3rd of this month
	byNth             // the first Monday of May
	byHoliday         // Christmas
	byUnit            // this week, next month
	byWeekend         // this weekend
	byNext            // the next three days
	byWeekOf          // the week of the 18th
	byMoment          // now, in two hours
	bySame            // the same day
	byWeekNo          // week 31
	byYear            // after 2026
	byFirst           // the first three days of May
)

// which tells this Friday, next Friday and the one after.
type which int8

const (
	anyOne which = iota
	thisOne
	nextOne
	afterNext
	lastOne
)

// spec is what a piece of text says, before it is resolved against a
// Reference.
type spec struct {
	kind kind
	day  dayKind

	hour, minute, second int8
	mer                  int8 // 1 am, 2 pm
	exact                bool // a clock of 24 hours ("14:30", "03:30")
	few                  bool // "20 to 3", which may be a range
	and                  bool // "diez y veinte"
	four                 bool // "0730"
	number               bool // "Tuesday 19", or o'clock
	weak                 bool // may be no time at all ("ten forty")
	ordinal              bool // of a bare number: "10th"

	weekday, month, dom int8
	which               which
	inWhich             which // of "Tuesday next week", "the 5th of next month"
	nth                 int8  // 9 is the last
	year                int16
	n                   int16 // of units, of a bare number
	n2                  int16 // of smaller units: "two hours 30 minutes"
	unit2               Grain
	tenths              int8 // 2.5 hours
	unit                Grain
	edge                int8 // of a part, week or month: 1 begin, 2 mid, 3 end, 4 rest
	hol                 int16
	part                Part
	off                 int16
	base                bool // an offset from the day that follows
	approx              bool
	nights              bool // of a length in nights
	from                bool // of a base: "from", not "after"
	later               bool // than what was named before
	today               bool // counted from today on
	each                bool // "Mondays"
	soon                bool // the next to come, never that of next week
}

// rule is one line of the grammar: the classes a sequence of lexemes has, and
// what it then means. Only the languages named have it; none named: all.
type rule struct {
	elements []element
	first    class
	build    func(*spec) bool
	langs    string
}

// element is a place in a rule.
type element struct {
	class    class
	take     func(*lexeme, *spec) bool
	optional bool
	glued    bool
	ahead    bool // must not follow; takes nothing
}

// row is a rule as it is written: names of elements, "?" for one that may be
// absent, "+" for one glued to the lexeme before, "!" for one that must not
// follow.
type row struct {
	pattern string
	build   func(*spec) bool
	langs   string
}

func compile(rows []row) []rule {
	rules := make([]rule, 0, len(rows))
	for _, r := range rows {
		c := rule{build: r.build, langs: r.langs}
		open, optional := true, 0
		for name := range strings.FieldsSeq(r.pattern) {
			e := compileElement(name)
			if e.optional {
				optional++
			}
			if c.elements = append(c.elements, e); open && !e.ahead {
				c.first |= e.class
				open = e.optional
			}
		}
		if optional > deepest {
			panic("when: too many optional elements in " + r.pattern)
		}
		rules = append(rules, c)
	}
	return rules
}

func compileElement(name string) element {
	var e element
	if strings.HasPrefix(name, "!") {
		e.ahead, name = true, name[1:]
	}
	if strings.HasPrefix(name, "+") {
		e.glued, name = true, name[1:]
	}
	if strings.HasSuffix(name, "?") {
		e.optional, name = true, name[:len(name)-1]
	}
	if known, ok := elements[name]; ok {
		e.class, e.take = known.class, known.take
		return e
	}
	for part := range strings.SplitSeq(name, "|") {
		c, ok := plain[part]
		if !ok {
			c = elements[part].class
		}
		if c == 0 {
			panic("when: no element " + part)
		}
		e.class |= c
	}
	return e
}

// deepest is how many optional elements a rule may have.
const deepest = 16

// specs are what the rule in hand has taken so far: one for each optional
// element that was tried, so that a try that fails leaves no trace. They live
// in the parser, not on the heap.
type specs [deepest + 1]spec

// match matches the elements from the k-th on against the lexemes from i on,
// and returns where it ends, or -1, and which of specs holds what it took.
// Optional elements are taken if they can be.
func (r *rule) match(lex []lexeme, i, k int, all *specs, depth int) (end, at int) {
	s := &all[depth]
	for ; k < len(r.elements); k++ {
		e := &r.elements[k]
		fits := i < len(lex) && lex[i].class&e.class != 0 && (!e.glued || lex[i].glued)
		switch {
		case e.ahead:
			if fits {
				return -1, depth
			}
		case e.optional:
			if !fits {
				continue
			}
			all[depth+1] = *s
			if e.take == nil || e.take(&lex[i], &all[depth+1]) {
				if end, at := r.match(lex, i+1, k+1, all, depth+1); end >= 0 {
					return end, at
				}
			}
		case !fits || e.take != nil && !e.take(&lex[i], s):
			return -1, depth
		default:
			i++
		}
	}
	return i, depth
}
