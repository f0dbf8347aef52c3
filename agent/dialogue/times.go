package dialogue

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"frontdesk/agent/language"
	"frontdesk/agent/language/when"
	"frontdesk/agent/language/written"
)

// part is one expression of time in a text, as a wish.
type part struct {
	days  *Days // nil: no day
	clock Clock
}

// partsOf returns what mentions, of a text written at now, wish for. What is
// taken back wishes nothing, nor does a length of time, "now", or a farewell.
func partsOf(mentions []when.Mention, now time.Time, moving bool) []part {
	var out []part
	for _, m := range mentions {
		if m.Negated || m.Farewell || m.Kind == when.Length || isNow(m, now) {
			continue
		}
		for _, one := range aims(m, moving) {
			out = appendPart(out, one, now)
		}
	}
	return out
}

// givenUp returns the times in mentions that are taken back: of an appointment
// that is moved, "from Tuesday", when it was.
func givenUp(mentions []when.Mention, now time.Time) []part {
	var out []part
	for _, m := range mentions {
		if m.Negated && m.Kind == when.Moment {
			out = appendPart(out, m, now)
		}
	}
	return out
}

func appendPart(out []part, m when.Mention, now time.Time) []part {
	p := part{days: daysOf(m), clock: clockOf(m)}
	if p.days != nil {
		p.days.leap(now)
	}
	if p.days != nil || !p.clock.none() {
		out = append(out, p)
	}
	return out
}

// isNow reports whether m is the very minute in which it was written, as "as
// soon as possible" is.
func isNow(m when.Mention, now time.Time) bool {
	return m.Kind == when.Moment && m.Start.HasDay() && m.Start.HasClock() && m.Start.In(now.Location()).Format(wallClock) == now.Format(wallClock)
}

// aims takes what reads like the end of a range for the time it is: "to Friday
// at 9" is where something shall be, and of an appointment that is moved "from
// Tuesday at 3 to Friday at 9" is two times.
func aims(m when.Mention, moving bool) []when.Mention {
	start, end := m, m
	start.Kind, start.End = when.Moment, when.Point{}
	end.Kind, end.Start, end.End = when.Moment, m.End, when.Point{}
	switch {
	case m.Kind != when.Range:
	case m.Start.IsZero() && !m.End.IsZero() && towards[firstWord(m.Text)]:
		if from, to := m.Part.Hours(); m.Vague && to > 0 { // "to Wednesday afternoon"
			end.Kind, end.Start.Clock = when.Range, when.Clock{Hour: from, Set: true}
			end.End = when.Point{Date: m.End.Date, Clock: when.Clock{Hour: to % 24, Set: true}}
		}
		return []when.Mention{end}
	case moving && m.Start.HasDay() && m.End.HasDay() && m.Start.Date != m.End.Date && m.Start.HasClock() && m.End.HasClock():
		return []when.Mention{start, end}
	}
	return []when.Mention{m}
}

var towards = map[string]bool{"to": true, "a": true, "al": true, "para": true, "pra": true, "as": true, "au": true, "auf": true, "alle": true}

func firstWord(text string) string {
	if w := words(text); len(w) > 0 {
		return w[0]
	}
	return ""
}

// leap names the 29 February of the year at hand where that year has none: it
// was not meant to wait for the next leap year.
func (d *Days) leap(now time.Time) {
	if first, ok := civil(d.First, now.Location()); ok && d.First == d.Last && first.Month() == time.February && first.Day() == 29 && first.After(now.AddDate(1, 0, 0)) {
		year := now.Year()
		if now.Month() > time.February {
			year++
		}
		d.First = fmt.Sprintf("%04d-02-29", year)
		d.Last = d.First
	}
}

// civil returns the beginning of a day, "2006-01-02". ok is false for one that
// the calendar does not have, whose place the day after it takes.
func civil(day string, zone *time.Location) (at time.Time, ok bool) {
	var y, m, d int
	if n, err := fmt.Sscanf(day, "%d-%d-%d", &y, &m, &d); n != 3 || err != nil {
		return time.Time{}, false
	}
	at = time.Date(y, time.Month(m), d, 0, 0, 0, 0, zone)
	return at, at.Format(time.DateOnly) == day
}

// wallClock is how Pick.Local is written.
const wallClock = "2006-01-02T15:04"

func daysOf(m when.Mention) *Days {
	first, last := m.Start.Date, m.End.Date
	none := when.Date{}
	switch {
	case m.NoDay != none:
		return &Days{m.NoDay.String(), m.NoDay.String()}
	case first == none && last == none:
		return nil
	case m.Kind == when.Moment || first == last:
		return &Days{first.String(), first.String()}
	case last == none && m.Start.HasClock(): // "Friday after 5"
		return &Days{first.String(), first.String()}
	case first == none && m.End.HasClock(): // "Friday before 5"
		return &Days{last.String(), last.String()}
	case last != none && (m.Grain == when.Week || m.Grain == when.Month || m.Grain == when.Year || m.End.HasClock() && m.End.Clock.Hour == 0 && m.End.Clock.Minute == 0):
		return &Days{first.String(), dayBefore(last)} // the end of whole weeks is not included
	}
	return &Days{first.String(), last.String()}
}

func dayBefore(d when.Date) string {
	return time.Date(d.Year, d.Month, d.Day-1, 0, 0, 0, 0, time.UTC).Format(time.DateOnly)
}

func clockOf(m when.Mention) Clock {
	if m.Kind == when.Moment {
		return Clock{At: m.Start.Clock.String(), Other: otherClock(m)}
	}
	if several := m.Start.HasDay() && m.End.HasDay() && m.Start.Date != m.End.Date; several {
		return Clock{}
	}
	return Clock{From: m.Start.Clock.String(), Until: m.End.Clock.String()}
}

// otherClock returns the other half of the day that "at 8" may mean.
func otherClock(m when.Mention) string {
	for _, a := range m.Alternatives {
		c := a.Start.Clock
		if c.Set && m.Start.Clock.Set && c.Minute == m.Start.Clock.Minute && (c.Hour+12)%24 == m.Start.Clock.Hour {
			return c.String()
		}
	}
	return ""
}

func (c Clock) none() bool { return c == Clock{} }

// exact reports whether c is a time and not a part of the day.
func (c Clock) exact() bool { return c.At != "" }

// has reports whether the wall clock "15:04" is within c.
func (c Clock) has(clock string) bool {
	switch {
	case c.At != "":
		return clock == c.At || clock == c.Other
	case c.Until != "" && c.From > c.Until: // over midnight
		return clock >= c.From || clock < c.Until
	}
	return clock >= c.From && (c.Until == "" || clock < c.Until)
}

// has reports whether day "2006-01-02" is within d.
func (d Days) has(day string) bool {
	return (d.First == "" || day >= d.First) && (d.Last == "" || day <= d.Last)
}

func hasDay(list []Days, day string) bool {
	return len(list) == 0 || slices.ContainsFunc(list, func(d Days) bool { return d.has(day) })
}

// fits reports whether t, in the business's zone, is what w wishes.
func (w Wish) fits(t time.Time) bool {
	return hasDay(w.Days, t.Format(time.DateOnly)) && w.Clock.has(t.Format("15:04")) &&
		!slices.ContainsFunc(w.Not, func(d Without) bool { return d.has(t) })
}

// has reports whether d is the day of t.
func (d Without) has(t time.Time) bool {
	day, err := time.Parse(time.DateOnly, d.Day)
	return err == nil && (d.Day == t.Format(time.DateOnly) || d.Weekly && day.Weekday() == t.Weekday())
}

// withouts returns the days in mentions that are taken back: "any day but
// Monday".
func withouts(mentions []when.Mention) (out []Without) {
	for _, m := range mentions {
		if !m.Negated || m.Kind != when.Moment || !m.Start.HasDay() || m.Start.HasClock() || len(out) == mostWithout {
			continue
		}
		weekly := slices.ContainsFunc(words(m.Text), func(w string) bool {
			return slices.ContainsFunc(weekdays, func(d string) bool { return strings.HasPrefix(w, d) })
		})
		out = append(out, Without{Day: m.Start.Date.String(), Weekly: weekly && !strings.ContainsAny(m.Text, "0123456789")})
	}
	return out
}

// mostWithout is how many days a wish can be without.
const mostWithout = 7

// weekdays are the names of the days of the week, folded, of all languages.
var weekdays = func() (out []string) {
	for _, lang := range language.Known {
		for _, name := range written.Of(lang).Weekdays {
			out = append(out, words(name)[0])
		}
	}
	return out
}()

// merge returns the wish of parts: their days together, and the last time of
// day among them.
func merge(parts []part) (days []Days, clock Clock) {
	for _, p := range parts {
		if p.days != nil && !slices.Contains(days, *p.days) {
			days = append(days, *p.days)
		}
		switch {
		case p.clock.none():
		case clock.exact() && p.clock.exact() && clock.At != p.clock.At: // "at 3 or 4"
			clock.Other = p.clock.At
		default:
			clock = p.clock
		}
	}
	return days, clock
}
