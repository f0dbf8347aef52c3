// Package when reads dates, clock times, ranges, lengths of time and
// recurrences as people write them in a chat, in English, Spanish, Portuguese,
// French, German and Italian.
//
//	text ──▶ lexemes ──▶ grammar ──▶ specs ──▶ resolve against Reference ──▶ []Mention
//
// There is one grammar. A language is a table of words and a few switches.
// Everything here is wall clock: whether a time exists on a day when the
// clocks change is the booking part's matter.
//
// The package is pure: no I/O, no state, the same answer each time, in time
// linear in the length of the text. It imports only the standard library.
package when

import "time"

// Asked says what the agent's last words asked for. It decides what a bare
// number in the answer means.
type Asked uint8

const (
	// AskedUnknown leaves it to [Reference.Previous].
	AskedUnknown Asked = iota
	// AskedNothing: a bare number is not a time.
	AskedNothing
	// AskedDay: a bare number is a day of the month.
	AskedDay
	// AskedClock: a bare number is a clock time.
	AskedClock
	// AskedBoth: the agent asked for day and time.
	AskedBoth
)

// Reference is what a text is read against.
type Reference struct {
	// Now is when the text was written, in the tenant's zone.
	Now time.Time
	// Language is a code such as "es" or "es-MX". Empty or unknown: English,
	// with the words of the other languages that mean nothing in English.
	Language string
	// Previous is the agent's last message, or empty. It says what "4",
	// "the same day" or "an hour later" refer to. What only Previous says is
	// in no Mention.
	Previous string
	// Around is a day that is spoken of, or zero: a bare day of the month is then
	// that of its month. AroundTo is the last of several such days, or zero: a
	// bare weekday is then the one among them.
	Around, AroundTo time.Time
	// Asked overrides what is found in Previous.
	Asked Asked
}

// Grain is how finely a time is given.
type Grain uint8

const (
	Second Grain = iota + 1 // to the second
	Minute                  // to the minute
	Hour                    // to the hour
	Day                     // to the day
	Week                    // a week
	Month                   // a month
	Year                    // a year
)

// String returns the name in the output of `frontdesk understand`.
func (g Grain) String() string {
	switch g {
	case Second:
		return "second"
	case Minute:
		return "minute"
	case Hour:
		return "hour"
	case Day:
		return "day"
	case Week:
		return "week"
	case Month:
		return "month"
	case Year:
		return "year"
	}
	return ""
}

// Part is a part of the day that was named, with or without a clock time.
type Part uint8

const (
	NoPart    Part = iota // none was named
	Morning               // 08:00 to 12:00
	Midday                // 12:00 to 14:00
	Afternoon             // 12:00 to 18:00
	Evening               // 18:00 to 22:00
	Night                 // 20:00 to midnight
)

// Kind is what a Mention is.
type Kind uint8

const (
	// Moment is a day, a clock time or both. Only Start is set.
	Moment Kind = iota
	// Range has a Start, an End or both: "3 to 5", "after 5", "next week",
	// "in the afternoon".
	Range
	// Length is a length of time, "for two hours". Start and End are empty.
	Length
)

// Mention is one expression of time in a text.
type Mention struct {
	Kind Kind
	// Start and End bound a Range. A Range open to the left ("before 5") has
	// no Start, one open to the right ("after 5") no End. End is exclusive
	// for clock times and for whole weeks and months, and the last day named
	// for days ("from Monday to Wednesday").
	Start, End Point
	Grain      Grain
	// Text is the words, text[From:To].
	Text     string
	From, To int
	// Alternatives are other readings of the same words, the likeliest first:
	// "at 4" may be 04:00, "the 10th" last month's.
	Alternatives []Span
	// Part is the part of the day that was named, also where a clock time
	// says it more exactly.
	Part Part
	// Or marks one more choice next to the mention before: "Tues or Wed".
	Or bool
	// Past: what was said lies before Reference.Now and there is no later
	// reading ("yesterday", "March 3, 2019").
	Past bool
	// Vague: the bounds are a convention, not what was said ("in the
	// afternoon", "this weekend", "end of the month").
	Vague bool
	// Approximate: "around 4", "3ish".
	Approximate bool
	// Negated: taken back, refused or replaced ("not the 5th", "instead of 3").
	Negated bool
	// Farewell: the writer takes leave until then and wishes nothing ("see you
	// tomorrow!").
	Farewell bool
	// NoDay is the day that was named where the calendar has none such, "April
	// 31"; Start then has no day.
	NoDay Date
	// Every is set for a recurrence; Start is then its first occurrence.
	Every Every
	// Length is how long, for Kind Length, and for a Range whose end was said
	// as a length ("at 4 for two hours").
	Length time.Duration
}

// Span is a pair of bounds, as in Mention.
type Span struct{ Start, End Point }

// Every is the step of a recurrence: every N units. The zero Every is none.
type Every struct {
	N    int
	Unit Grain
}

// HasDay reports whether a day was named, at either end.
func (m Mention) HasDay() bool { return m.Start.HasDay() || m.End.HasDay() }

// HasClock reports whether a clock time was named, at either end. A part of
// the day alone is none.
func (m Mention) HasClock() bool {
	return (m.Start.HasClock() || m.End.HasClock()) && !(m.Vague && m.Part != NoPart)
}

// Definite reports whether m names a day or a clock time that a booking can
// be made for, and does not take it back.
func (m Mention) Definite() bool {
	return m.Kind != Length && !m.Negated && !m.Farewell && len(m.values()) > 0
}
