// Package busy fetches, again and again, the calendars in which staff keep what
// they do elsewhere, so that nothing is booked then. A source is the address of
// an iCalendar file, one a staff member:
//
//	Put ─▶ busy_sources ─▶ Worker: fetch, parse ─▶ staff_busy (booking) ─▶ slots
//
// What was fetched last holds until something newer is: an address that does
// not answer, or answers with what is no calendar, frees nobody. The address is
// a secret, kept sealed, and fetched only where webhooks may lead, too.
package busy

import (
	"errors"
	"math/rand/v2"
	"net/url"
	"time"

	"frontdesk/ingest"
)

// ErrNotFound is given where a staff member has no source, or the tenant no
// such staff member.
var ErrNotFound = errors.New("not found")

// Origin is the name under which booking keeps what was fetched.
const Origin = "fetch"

// Source is where a staff member's calendar is fetched from, and how that goes.
type Source struct {
	Staff     ingest.StaffID
	Host      string // of the address, with its scheme; the rest is secret
	NextAt    time.Time
	CheckedAt time.Time // the last attempt; zero: none yet
	FetchedAt time.Time // the last that went well; zero: none yet
	Spans     int       // busy times that it found
	Failures  int       // since then
	Error     string    // why the last attempt failed; empty: it did not
	CreatedAt time.Time
}

// longestURL bounds an address.
const longestURL = 2000

// hostOf is what may be shown of an address.
func hostOf(address string) string {
	u, err := url.Parse(address)
	if err != nil {
		return ""
	}
	return u.Scheme + "://" + u.Host
}

// pause is how long after the n-th failure in a row the next attempt is made,
// or after a success where n is zero: every, doubled with each failure after
// the first up to most, and a tenth more or less, so that they spread.
func pause(every, most time.Duration, n int) time.Duration {
	d := every
	for ; n > 1 && d < most; n-- {
		d *= 2
	}
	d = min(d, max(most, every))
	return d - d/10 + rand.N(d/5+1)
}
