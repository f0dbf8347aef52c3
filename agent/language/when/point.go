package when

import (
	"fmt"
	"time"
)

// Point is a day, a clock time, or both. The zero Point is neither.
type Point struct {
	Date  Date
	Clock Clock
}

// Date is a day of the proleptic Gregorian calendar. The zero Date is none.
type Date struct {
	Year  int
	Month time.Month
	Day   int
}

// Clock is a time on the wall clock. Set tells midnight from none.
type Clock struct {
	Hour, Minute, Second int
	Set                  bool
}

// HasDay reports whether p names a day.
func (p Point) HasDay() bool { return p.Date != Date{} }

// HasClock reports whether p names a clock time.
func (p Point) HasClock() bool { return p.Clock.Set }

// IsZero reports whether p names nothing.
func (p Point) IsZero() bool { return p == Point{} }

// In returns p as a time in loc: the start of the day without a clock time,
// the zero time without a day. A wall clock that loc skips or repeats is
// resolved as time.Date does.
func (p Point) In(loc *time.Location) time.Time {
	if !p.HasDay() {
		return time.Time{}
	}
	return time.Date(p.Date.Year, p.Date.Month, p.Date.Day, p.Clock.Hour, p.Clock.Minute, p.Clock.Second, 0, loc)
}

// String returns "2026-03-06T16:30:00", "2026-03-06", "16:30:00" or "".
func (p Point) String() string {
	switch {
	case p.HasDay() && p.HasClock():
		return p.Date.String() + "T" + p.clock()
	case p.HasDay():
		return p.Date.String()
	case p.HasClock():
		return p.clock()
	}
	return ""
}

func (p Point) clock() string {
	return fmt.Sprintf("%s:%02d", p.Clock, p.Clock.Second)
}

// String returns "2026-03-06", or "" for the zero Date.
func (d Date) String() string {
	if d == (Date{}) {
		return ""
	}
	return fmt.Sprintf("%04d-%02d-%02d", d.Year, d.Month, d.Day)
}

// String returns "16:30", or "" if it is not set.
func (c Clock) String() string {
	if !c.Set {
		return ""
	}
	return fmt.Sprintf("%02d:%02d", c.Hour, c.Minute)
}
