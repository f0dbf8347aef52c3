package calendar

import (
	"bytes"
	"cmp"
	"errors"
	"slices"
	"strings"
	"time"
)

// Span is a time from Start up to, but not including, End.
type Span struct{ Start, End time.Time }

// Window is the time that is asked about.
type Window struct {
	From, To time.Time
	// Location is where times without a zone and whole days are meant; nil is
	// UTC.
	Location *time.Location
}

// Errors of [Busy].
var (
	// ErrMalformed is given for what is no calendar.
	ErrMalformed = errors.New("this is no iCalendar text")
	// ErrTooLarge is given for a calendar with more in it than is taken.
	ErrTooLarge = errors.New("the calendar has too many events")
)

// Bounds of a calendar.
const (
	maxEvents = 20_000
	maxRules  = 1000
	maxSpans  = 20_000
	// maxWork is how long rules may be followed: one that never comes true is
	// followed for 8,000 years, which takes a tenth of a second.
	maxWork = 2 * time.Second
)

// Busy returns when the owner of a calendar is busy within w, sorted, with what
// touches or overlaps made one. Events that are cancelled or shown as free do
// not count; an event that cannot be understood is left out. Recurring events
// count each time they occur.
func Busy(body []byte, w Window) ([]Span, error) {
	if w.Location == nil {
		w.Location = time.UTC
	}
	r := reader{window: w, zones: map[string]zone{}, moved: map[string][]time.Time{}}
	events, err := r.parse(body)
	if err != nil {
		return nil, err
	}
	begun := time.Now()
	for _, e := range events {
		if e.recurs() {
			r.rules++
		}
		r.expand(e)
		if r.rules > maxRules || len(r.spans) > maxSpans || time.Since(begun) > maxWork {
			return nil, ErrTooLarge
		}
	}
	return join(r.spans), nil
}

// join sorts spans and makes those that touch one.
func join(spans []Span) []Span {
	slices.SortFunc(spans, func(a, b Span) int {
		return cmp.Or(a.Start.Compare(b.Start), a.End.Compare(b.End))
	})
	var out []Span
	for _, s := range spans {
		if n := len(out); n > 0 && !s.Start.After(out[n-1].End) {
			if s.End.After(out[n-1].End) {
				out[n-1].End = s.End
			}
			continue
		}
		out = append(out, s)
	}
	return out
}

type reader struct {
	window Window
	zones  map[string]zone
	moved  map[string][]time.Time // by UID: occurrences that an event of their own replaces
	spans  []Span
	rules  int
}

// property is a line of a calendar: NAME;PARAM=value:value.
type property struct {
	name   string
	params map[string]string
	value  string
}

// component is what stands between BEGIN and END.
type component struct {
	kind  string
	props []property
	parts []component
}

func (c component) find(name string) (property, bool) {
	i := slices.IndexFunc(c.props, func(p property) bool { return p.name == name })
	if i < 0 {
		return property{}, false
	}
	return c.props[i], true
}

func (c component) value(name string) string {
	p, _ := c.find(name)
	return p.value
}

// parse returns the calendar's events and free-busy blocks, and notes its zones
// and which occurrences were moved.
func (r *reader) parse(body []byte) ([]component, error) {
	if !bytes.Contains(body[:min(len(body), 1024)], []byte("BEGIN:VCALENDAR")) {
		return nil, ErrMalformed
	}
	root, ok := tree(unfold(body))
	if !ok {
		return nil, ErrMalformed
	}
	var events []component
	for _, cal := range root.parts {
		for _, c := range cal.parts {
			switch c.kind {
			case "VTIMEZONE":
				if len(r.zones) < maxZones {
					r.zones[c.value("TZID")] = newZone(c)
				}
			case "VEVENT", "VFREEBUSY":
				events = append(events, c)
			}
		}
	}
	if len(events) > maxEvents {
		return nil, ErrTooLarge
	}
	for _, e := range events {
		if p, ok := e.find("RECURRENCE-ID"); ok {
			if at, _, ok := r.time(p); ok {
				r.moved[e.value("UID")] = append(r.moved[e.value("UID")], at)
			}
		}
	}
	return events, nil
}

// unfold returns the lines of a calendar, each whole.
func unfold(body []byte) []string {
	var out []string
	for line := range strings.SplitSeq(strings.ToValidUTF8(string(body), "\uFFFD"), "\n") {
		line = strings.TrimSuffix(line, "\r")
		if n := len(out); n > 0 && line != "" && (line[0] == ' ' || line[0] == '\t') {
			if len(out[n-1]) < maxLine {
				out[n-1] += line[1:]
			}
			continue
		}
		out = append(out, line)
	}
	return out
}

// maxLine bounds a line that is folded over many: descriptions may be long, and
// nothing here needs them.
const maxLine = 16 << 10

// maxNesting is how deep components may lie in each other.
const maxNesting = 8

// tree reads components; false where BEGIN and END do not match.
func tree(lines []string) (component, bool) {
	stack := []component{{}}
	for _, line := range lines {
		p, ok := parseLine(line)
		if !ok {
			continue
		}
		top := len(stack) - 1
		switch p.name {
		case "BEGIN":
			if len(stack) > maxNesting {
				return component{}, false
			}
			stack = append(stack, component{kind: strings.ToUpper(p.value)})
		case "END":
			if top == 0 || stack[top].kind != strings.ToUpper(p.value) {
				return component{}, false
			}
			stack[top-1].parts = append(stack[top-1].parts, stack[top])
			stack = stack[:top]
		default:
			stack[top].props = append(stack[top].props, p)
		}
	}
	return stack[0], len(stack) == 1
}

// parseLine reads a property. Parameters may be quoted.
func parseLine(line string) (property, bool) {
	end := strings.IndexAny(line, ";:")
	if end <= 0 {
		return property{}, false
	}
	p := property{name: strings.ToUpper(line[:end]), params: map[string]string{}}
	for line[end] == ';' {
		line = line[end+1:]
		name, rest, ok := strings.Cut(line, "=")
		if !ok {
			return property{}, false
		}
		if strings.HasPrefix(rest, `"`) {
			quoted, after, closed := strings.Cut(rest[1:], `"`)
			if !closed || after == "" || (after[0] != ';' && after[0] != ':') {
				return property{}, false
			}
			p.params[strings.ToUpper(name)] = quoted
			line, end = after, 0
			continue
		}
		if end = strings.IndexAny(rest, ";:"); end < 0 {
			return property{}, false
		}
		p.params[strings.ToUpper(name)] = rest[:end]
		line = rest
	}
	p.value = line[end+1:]
	return p, true
}
