package booking

import (
	"time"
)

// day is a day of the calendar: the number of days since 1970-01-01.
type day int

// parseDay reads "2026-12-24". A day that the calendar does not have, such as
// 2027-02-29, is ErrInvalid.
func parseDay(text string) (day, error) {
	t, err := time.Parse(time.DateOnly, text)
	if err != nil || len(text) != len(time.DateOnly) {
		return 0, invalid("", "a day such as 2026-12-24 is expected, not %.20q", text)
	}
	return day(t.Unix() / 86400), nil
}

func (d day) weekday() time.Weekday { return time.Weekday((int(d)%7 + 7 + 4) % 7) } // day 0 was a Thursday

// dayOf returns the day that t is on in zone.
func dayOf(t time.Time, zone *time.Location) day {
	_, offset := t.In(zone).Zone()
	return day(floorDiv(t.Unix()+int64(offset), 86400))
}

func floorDiv(a, b int64) int64 {
	q := a / b
	if a%b < 0 {
		q--
	}
	return q
}

// Instants returns the moments at which a clock on the wall in zone shows clock
// on the day: one as a rule, none in the hour that is left out when the clocks
// go forward, two in the hour that comes twice when they go back.
func Instants(zone *time.Location, year int, month time.Month, dayOfMonth int, clock time.Duration) []time.Time {
	d := day(time.Date(year, month, dayOfMonth, 0, 0, 0, 0, time.UTC).Unix() / 86400)
	return d.instants(zone, clock)
}

func (d day) instants(zone *time.Location, clock time.Duration) []time.Time {
	wall := int64(d)*86400 + int64(clock/time.Second)
	var out []time.Time
	last := int64(0)
	// A zone's offsets around this time are those of a day before and a day after.
	for i, near := range [2]int64{wall - 86400, wall + 86400} {
		_, offset := time.Unix(near, 0).In(zone).Zone()
		t := time.Unix(wall-int64(offset), 0).In(zone)
		if _, real := t.Zone(); real != offset || i > 0 && t.Unix() == last {
			continue
		}
		last = t.Unix()
		out = append(out, t)
	}
	if len(out) == 2 && out[1].Before(out[0]) {
		out[0], out[1] = out[1], out[0]
	}
	return out
}

// at returns the moment from which on the clock shows at least clock on the
// day: the first of two, and the end of the gap for a time left out.
func (d day) at(zone *time.Location, clock time.Duration) time.Time {
	if found := d.instants(zone, clock); len(found) > 0 {
		return found[0]
	}
	wall := int64(d)*86400 + int64(clock/time.Second)
	_, before := time.Unix(wall-86400, 0).In(zone).Zone()
	after := time.Unix(wall-int64(before), 0).In(zone) // behind the gap, by as much as clock is inside of it
	start, _ := after.ZoneBounds()
	return start
}

// clocks is [day.at] in one zone, in seconds, kept for the day asked about last:
// most people begin and end at the same times.
type clocks struct {
	zone *time.Location
	day  day
	seen []clockAt
}

type clockAt struct {
	clock time.Duration
	at    int64
}

func (c *clocks) at(d day, clock time.Duration) int64 {
	if c.day != d {
		c.day, c.seen = d, c.seen[:0]
	}
	for _, s := range c.seen {
		if s.clock == clock {
			return s.at
		}
	}
	at := d.at(c.zone, clock).Unix()
	c.seen = append(c.seen, clockAt{clock, at})
	return at
}
