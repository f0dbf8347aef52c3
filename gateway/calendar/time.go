package calendar

import (
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/teambition/rrule-go"
)

// zone is what a TZID of a calendar means: a place of the zone database, or the
// offsets that the calendar itself gives.
type zone struct {
	location *time.Location
	offsets  []offset
}

// offset is one of a zone's clocks.
type offset struct {
	onsets []time.Time // wall clocks, as UTC, at which it begins, in order
	east   time.Duration
}

func newZone(c component) zone {
	for _, name := range []string{c.value("TZID"), c.value("X-LIC-LOCATION")} {
		if loc, err := time.LoadLocation(strings.TrimPrefix(name, "/")); err == nil && name != "" && name != "Local" {
			return zone{location: loc}
		}
	}
	var z zone
	for _, part := range c.parts[:min(len(c.parts), maxOffsets)] {
		if o, ok := newOffset(part); ok {
			z.offsets = append(z.offsets, o)
		}
	}
	return z
}

// Bounds of the zones that a calendar makes itself.
const (
	maxZones   = 8
	maxOffsets = 8
)

func newOffset(c component) (offset, bool) {
	east, ok := parseOffset(c.value("TZOFFSETTO"))
	from, err := time.Parse("20060102T150405", c.value("DTSTART"))
	if !ok || err != nil {
		return offset{}, false
	}
	o := offset{onsets: []time.Time{from}, east: east}
	if rule, ok := newRule(c.value("RRULE"), from, latest); ok && rule.OrigOptions.Freq == rrule.YEARLY {
		o.onsets = append(o.onsets, rule.Between(from, latest, false)...)
	}
	return o, true
}

// parseOffset reads "-0600".
func parseOffset(s string) (time.Duration, bool) {
	if len(s) < 5 || (s[0] != '+' && s[0] != '-') {
		return 0, false
	}
	hours, err := strconv.ParseUint(s[1:3], 10, 8)
	minutes, err2 := strconv.ParseUint(s[3:5], 10, 8)
	if err != nil || err2 != nil || hours > 15 || minutes > 59 {
		return 0, false
	}
	east := time.Duration(hours)*time.Hour + time.Duration(minutes)*time.Minute
	if s[0] == '-' {
		east = -east
	}
	return east, true
}

// at returns the moment of a wall clock, given as UTC, in z.
func (z zone) at(wall time.Time) time.Time {
	var began time.Time
	var east time.Duration
	for i, o := range z.offsets {
		if start := o.onset(wall); i == 0 || (!start.IsZero() && start.After(began)) {
			began, east = start, o.east
		}
	}
	return wall.Add(-east)
}

// onset returns when o last began before wall, zero if it had not.
func (o offset) onset(wall time.Time) time.Time {
	i, found := slices.BinarySearchFunc(o.onsets, wall, time.Time.Compare)
	if found {
		return wall
	}
	if i == 0 {
		return time.Time{}
	}
	return o.onsets[i-1]
}

// time reads a time or, as midnight, a day. whole says that it was a day.
func (r *reader) time(p property) (at time.Time, whole, ok bool) {
	if strings.HasSuffix(p.value, "Z") {
		at, err := time.Parse(stamp, p.value)
		return at, false, err == nil && sane(at)
	}
	loc := r.window.Location
	form := "20060102T150405"
	if len(p.value) == len("20060102") {
		form, whole = "20060102", true
	}
	if name := p.params["TZID"]; name != "" && !whole {
		if z, known := r.zones[name]; known && z.location == nil && len(z.offsets) > 0 {
			wall, err := time.Parse(form, p.value)
			return z.at(wall), false, err == nil && sane(wall)
		} else if known && z.location != nil {
			loc = z.location
		} else if known, err := time.LoadLocation(name); err == nil && name != "Local" {
			loc = known
		}
	}
	at, err := time.ParseInLocation(form, p.value, loc)
	return at, whole, err == nil && sane(at)
}

// earliest and latest bound the years that are taken, and so the work that a
// rule without end can cause.
var (
	earliest = time.Date(1990, 1, 1, 0, 0, 0, 0, time.UTC)
	latest   = time.Date(2100, 1, 1, 0, 0, 0, 0, time.UTC)
)

func sane(t time.Time) bool { return t.Year() >= 1601 && t.Before(latest) }

// newRule reads a recurrence rule that begins at start and is not followed
// beyond until.
func newRule(s string, start, until time.Time) (*rrule.RRule, bool) {
	if s == "" || len(s) > 500 || start.Before(earliest.AddDate(-400, 0, 0)) {
		return nil, false
	}
	opt, err := rrule.StrToROptionInLocation(s, start.Location())
	if err != nil || opt.Freq > rrule.DAILY {
		return nil, false
	}
	if start.Before(earliest) && opt.Freq == rrule.DAILY {
		return nil, false
	}
	opt.Dtstart = start
	opt.Byhour, opt.Byminute, opt.Bysecond = nil, nil, nil
	if opt.Until.IsZero() || opt.Until.After(until) {
		opt.Until = until
	}
	rule, err := rrule.NewRRule(*opt)
	return rule, err == nil
}

// parseDuration reads "PT1H30M", "P1D", "P2W".
func parseDuration(s string) (time.Duration, bool) {
	s, ok := strings.CutPrefix(strings.TrimPrefix(s, "+"), "P")
	if !ok || s == "" {
		return 0, false
	}
	units := map[byte]time.Duration{'W': 7 * 24 * time.Hour, 'D': 24 * time.Hour, 'H': time.Hour, 'M': time.Minute, 'S': time.Second}
	var total time.Duration
	digits := 0
	for i := range len(s) {
		switch c := s[i]; {
		case c == 'T':
		case c >= '0' && c <= '9':
			digits++
		default:
			n, err := strconv.ParseUint(s[i-digits:i], 10, 16)
			if units[c] == 0 || err != nil {
				return 0, false
			}
			total += time.Duration(n) * units[c]
			digits = 0
		}
	}
	return total, digits == 0 && total > 0 && total <= maxSpan
}

// maxSpan bounds one event: longer ones are taken as a mistake.
const maxSpan = 400 * 24 * time.Hour
