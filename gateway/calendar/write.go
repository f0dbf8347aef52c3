// Package calendar speaks iCalendar (RFC 5545): it writes appointments as feeds
// that calendar programs subscribe to, and reads from a calendar when somebody
// is busy. It is pure; what the times mean for booking is decided elsewhere.
package calendar

import (
	"bytes"
	"fmt"
	"strings"
	"time"
	"unicode/utf8"
)

// Event is an entry of a calendar.
type Event struct {
	UID         string // the same for the same thing, whenever it is written
	Summary     string
	Description string
	Location    string
	URL         string
	Start, End  time.Time
	Cancelled   bool
	Sequence    int       // counts up with each change
	Modified    time.Time // of the last change
}

// stamp is a time as iCalendar writes it in UTC.
const stamp = "20060102T150405Z"

// Write returns a calendar of that name. The same events give the same bytes.
func Write(name string, events []Event) []byte {
	var w writer
	w.line("BEGIN", "VCALENDAR")
	w.line("VERSION", "2.0")
	w.line("PRODID", "-//Frontdesk//Booking//EN")
	w.line("CALSCALE", "GREGORIAN")
	w.line("METHOD", "PUBLISH")
	w.text("X-WR-CALNAME", name)
	w.line("REFRESH-INTERVAL;VALUE=DURATION", "PT15M")
	w.line("X-PUBLISHED-TTL", "PT15M")
	for _, e := range events {
		w.event(e)
	}
	w.line("END", "VCALENDAR")
	return w.buf.Bytes()
}

type writer struct{ buf bytes.Buffer }

func (w *writer) event(e Event) {
	w.line("BEGIN", "VEVENT")
	w.text("UID", e.UID)
	w.line("DTSTAMP", e.Modified.UTC().Format(stamp))
	w.line("LAST-MODIFIED", e.Modified.UTC().Format(stamp))
	w.line("DTSTART", e.Start.UTC().Format(stamp))
	w.line("DTEND", e.End.UTC().Format(stamp))
	w.line("SEQUENCE", fmt.Sprint(e.Sequence))
	status := "CONFIRMED"
	if e.Cancelled {
		status = "CANCELLED"
	}
	w.line("STATUS", status)
	w.text("SUMMARY", e.Summary)
	w.text("DESCRIPTION", e.Description)
	w.text("LOCATION", e.Location)
	if e.URL != "" {
		w.line("URL", strings.Map(printable, e.URL))
	}
	w.line("END", "VEVENT")
}

// printable drops what would end a line.
func printable(r rune) rune {
	if r < ' ' || r == 0x7f {
		return -1
	}
	return r
}

var escapes = strings.NewReplacer(`\`, `\\`, ";", `\;`, ",", `\,`, "\r\n", `\n`, "\n", `\n`, "\r", `\n`)

// text writes a property of free text; none where it is empty.
func (w *writer) text(name, value string) {
	if value != "" {
		w.line(name, strings.Map(printable, escapes.Replace(strings.ToValidUTF8(value, "\uFFFD"))))
	}
}

// octets is how long a line may be; a longer one goes on after a space.
const octets = 75

func (w *writer) line(name, value string) {
	line := name + ":" + value
	for room := octets; len(line) > room; room = octets - 1 {
		cut := room
		for !utf8.RuneStart(line[cut]) {
			cut--
		}
		w.buf.WriteString(line[:cut] + "\r\n ")
		line = line[cut:]
	}
	w.buf.WriteString(line + "\r\n")
}
