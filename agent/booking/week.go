package booking

import (
	"cmp"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"time"
)

// Span is a part of a day by the wall clock, [From, Until): "08:00-12:00".
// Until may be 24:00.
type Span struct{ From, Until time.Duration }

// Week is the hours of each weekday, in order, by the wall clock of the
// tenant's zone. Empty says nothing of its own; what that means stands where it
// is used.
type Week [7][]Span

// Off is a time at which somebody or something is not there: whole days, or a
// part of each of them. From and Until are days, "2026-12-24", both included;
// an empty Until is From.
type Off struct {
	From   string `json:"from"`
	Until  string `json:"until,omitempty"`
	Span   *Span  `json:"span,omitempty"` // nil: the whole day
	Reason string `json:"reason,omitempty"`
}

// mostOff bounds the entries of time off that one row holds, mostSpans those of
// a day.
const (
	mostOff   = 500
	mostSpans = 24
)

// weekdays are the names of the days of a [Week] in a file.
var weekdays = [7]string{"sunday", "monday", "tuesday", "wednesday", "thursday", "friday", "saturday"}

// Empty reports whether w has no hours on any day.
func (w Week) Empty() bool {
	for _, day := range w {
		if len(day) > 0 {
			return false
		}
	}
	return true
}

// ParseWeek reads {"monday": ["08:00-12:00", "13:00-17:00"]}. Its errors are
// ErrInvalid.
func ParseWeek(days map[string][]string) (Week, error) {
	var w Week
	for name, spans := range days {
		i := slices.Index(weekdays[:], strings.ToLower(name))
		if i < 0 {
			return Week{}, invalid("hours", "hours: %.20q is no weekday", name)
		}
		for _, text := range spans {
			s, err := ParseSpan(text)
			if err != nil {
				return Week{}, blame("hours", err)
			}
			w[i] = append(w[i], s)
		}
	}
	return w, w.validate()
}

// Days returns w as [ParseWeek] reads it, without the days that have no hours.
func (w Week) Days() map[string][]string {
	out := map[string][]string{}
	for i, spans := range w {
		for _, s := range spans {
			out[weekdays[i]] = append(out[weekdays[i]], s.String())
		}
	}
	return out
}

// MarshalJSON writes w as [Week.Days].
func (w Week) MarshalJSON() ([]byte, error) { return json.Marshal(w.Days()) }

// UnmarshalJSON reads what [Week.Days] gives.
func (w *Week) UnmarshalJSON(b []byte) error {
	var days map[string][]string
	if err := json.Unmarshal(b, &days); err != nil {
		return err
	}
	var err error
	*w, err = ParseWeek(days)
	return err
}

func (w Week) validate() error {
	for i, spans := range w {
		if len(spans) > mostSpans {
			return invalid("hours", "hours: %s has more than %d spans", weekdays[i], mostSpans)
		}
		last := time.Duration(-1)
		for _, s := range spans {
			if err := s.validate(); err != nil {
				return blame("hours", err)
			}
			if s.From < last {
				return invalid("hours", "hours: on %s %s begins before the one in front of it has ended", weekdays[i], s)
			}
			last = s.Until
		}
	}
	return nil
}

// ParseSpan reads "08:00-12:00".
func ParseSpan(text string) (Span, error) {
	a, b, ok := strings.Cut(text, "-")
	from, errA := ParseClock(a)
	until, errB := ParseClock(b)
	if !ok || errA != nil || errB != nil {
		return Span{}, invalid("", "hours: a span such as 08:00-12:00 is expected, not %.20q", text)
	}
	s := Span{from, until}
	return s, s.validate()
}

func (s Span) String() string { return clockText(s.From) + "-" + clockText(s.Until) }

// MarshalText writes s as [ParseSpan] reads it.
func (s Span) MarshalText() ([]byte, error) { return []byte(s.String()), nil }

// UnmarshalText reads what [ParseSpan] does.
func (s *Span) UnmarshalText(b []byte) error {
	var err error
	*s, err = ParseSpan(string(b))
	return err
}

func (s Span) validate() error {
	if s.From < 0 || s.Until > 24*time.Hour || s.Until <= s.From || s.From%time.Minute != 0 || s.Until%time.Minute != 0 {
		return invalid("", "hours: %s does not end after it begins, within a day", s)
	}
	return nil
}

// ParseClock reads a wall clock time, "08:00", as the time since midnight by
// the clock. "24:00" is the end of the day.
func ParseClock(text string) (time.Duration, error) {
	if text == "24:00" {
		return 24 * time.Hour, nil
	}
	t, err := time.Parse("15:04", text)
	if err != nil || len(text) != len("15:04") {
		return 0, invalid("", "a time of day such as 08:00 is expected, not %.20q", text)
	}
	return time.Duration(t.Hour())*time.Hour + time.Duration(t.Minute())*time.Minute, nil
}

func clockText(d time.Duration) string {
	return fmt.Sprintf("%02d:%02d", int(d/time.Hour), int(d%time.Hour/time.Minute))
}

// ParseOff reads "2026-12-24", "2026-12-24..2026-12-31", and either with a part
// of the day behind it, "2026-12-24 08:00-12:00".
func ParseOff(text string) (Off, error) {
	days, part, timed := strings.Cut(text, " ")
	from, until, _ := strings.Cut(days, "..")
	o := Off{From: from, Until: until}
	if timed {
		s, err := ParseSpan(part)
		if err != nil {
			return Off{}, err
		}
		o.Span = &s
	}
	return o, o.validate()
}

// String writes o as [ParseOff] reads it, without the reason.
func (o Off) String() string {
	text := o.From
	if o.Until != "" && o.Until != o.From {
		text += ".." + o.Until
	}
	if o.Span != nil {
		text += " " + o.Span.String()
	}
	return text
}

func (o Off) validate() error { return blame("off", o.check()) }

func (o Off) check() error {
	from, err := parseDay(o.From)
	if err != nil {
		return err
	}
	until := from
	if o.Until != "" {
		if until, err = parseDay(o.Until); err != nil {
			return err
		}
	}
	if cmp.Compare(until, from) < 0 {
		return invalid("", "time off: %s ends before it begins", o)
	}
	if badText(o.Reason) {
		return invalid("", "time off: the reason has at most %d characters", longestText)
	}
	if o.Span != nil {
		return o.Span.validate()
	}
	return nil
}
