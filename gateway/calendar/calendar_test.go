package calendar_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"frontdesk/gateway/calendar"
)

func at(text string) time.Time {
	t, err := time.Parse(time.RFC3339, text)
	if err != nil {
		panic(err)
	}
	return t
}

// window is March 2026, in which Belize's neighbours in the north change their
// clocks on the 8th and Europe on the 29th.
func window(zone string) calendar.Window {
	loc, err := time.LoadLocation(zone)
	if err != nil {
		panic(err)
	}
	return calendar.Window{From: at("2026-03-01T00:00:00Z"), To: at("2026-04-01T00:00:00Z"), Location: loc}
}

func calendarOf(lines ...string) []byte {
	return []byte("BEGIN:VCALENDAR\r\nVERSION:2.0\r\n" + strings.Join(lines, "\r\n") + "\r\nEND:VCALENDAR\r\n")
}

func eventOf(lines ...string) []byte {
	return calendarOf("BEGIN:VEVENT\r\nUID:1\r\n" + strings.Join(lines, "\r\n") + "\r\nEND:VEVENT")
}

func TestBusy(t *testing.T) {
	const custom = "BEGIN:VTIMEZONE\r\nTZID:Romance Standard Time\r\n" +
		"BEGIN:STANDARD\r\nDTSTART:16010101T030000\r\nTZOFFSETFROM:+0200\r\nTZOFFSETTO:+0100\r\nRRULE:FREQ=YEARLY;INTERVAL=1;BYDAY=-1SU;BYMONTH=10\r\nEND:STANDARD\r\n" +
		"BEGIN:DAYLIGHT\r\nDTSTART:16010101T020000\r\nTZOFFSETFROM:+0100\r\nTZOFFSETTO:+0200\r\nRRULE:FREQ=YEARLY;INTERVAL=1;BYDAY=-1SU;BYMONTH=3\r\nEND:DAYLIGHT\r\nEND:VTIMEZONE"
	for name, tt := range map[string]struct {
		body []byte
		zone string
		want string
	}{
		"a time in UTC":               {eventOf("DTSTART:20260302T090000Z", "DTEND:20260302T100000Z"), "UTC", "02T09:00-02T10:00"},
		"a time in a zone":            {eventOf("DTSTART;TZID=America/Belize:20260302T090000", "DTEND;TZID=America/Belize:20260302T100000"), "UTC", "02T15:00-02T16:00"},
		"a time in no zone":           {eventOf("DTSTART:20260302T090000", "DURATION:PT1H30M"), "America/Belize", "02T15:00-02T16:30"},
		"a whole day":                 {eventOf("DTSTART;VALUE=DATE:20260302", "DTEND;VALUE=DATE:20260304"), "America/Belize", "02T06:00-04T06:00"},
		"a whole day without an end":  {eventOf("DTSTART;VALUE=DATE:20260308"), "America/New_York", "08T05:00-09T04:00"}, // 23 hours
		"every week, over the change": {eventOf("DTSTART;TZID=America/New_York:20260305T090000", "DTEND;TZID=America/New_York:20260305T100000", "RRULE:FREQ=WEEKLY;COUNT=2"), "UTC", "05T14:00-05T15:00 12T13:00-12T14:00"},
		"a rule without an end":       {eventOf("DTSTART:20200101T230000Z", "DTEND:20200102T010000Z", "RRULE:FREQ=MONTHLY"), "UTC", "01T23:00-02T01:00"},
		"left out and added":          {eventOf("DTSTART:20260302T090000Z", "DTEND:20260302T100000Z", "RRULE:FREQ=DAILY;COUNT=3", "EXDATE:20260303T090000Z", "RDATE:20260310T090000Z"), "UTC", "02T09:00-02T10:00 04T09:00-04T10:00 10T09:00-10T10:00"},
		"one moved":                   {calendarOf("BEGIN:VEVENT\r\nUID:1\r\nDTSTART:20260302T090000Z\r\nDTEND:20260302T100000Z\r\nRRULE:FREQ=DAILY;COUNT=2\r\nEND:VEVENT\r\nBEGIN:VEVENT\r\nUID:1\r\nRECURRENCE-ID:20260303T090000Z\r\nDTSTART:20260303T120000Z\r\nDTEND:20260303T130000Z\r\nEND:VEVENT"), "UTC", "02T09:00-02T10:00 03T12:00-03T13:00"},
		"one of a series cancelled":   {calendarOf("BEGIN:VEVENT\r\nUID:1\r\nDTSTART:20260302T090000Z\r\nDTEND:20260302T100000Z\r\nRRULE:FREQ=DAILY;COUNT=2\r\nEND:VEVENT\r\nBEGIN:VEVENT\r\nUID:1\r\nSTATUS:CANCELLED\r\nRECURRENCE-ID:20260303T090000Z\r\nDTSTART:20260303T090000Z\r\nDTEND:20260303T130000Z\r\nEND:VEVENT"), "UTC", "02T09:00-02T10:00"},
		"cancelled":                   {eventOf("DTSTART:20260302T090000Z", "DTEND:20260302T100000Z", "STATUS:CANCELLED"), "UTC", ""},
		"shown as free":               {eventOf("DTSTART:20260302T090000Z", "DTEND:20260302T100000Z", "TRANSP:TRANSPARENT"), "UTC", ""},
		"an end before its beginning": {eventOf("DTSTART:20260302T090000Z", "DTEND:20260302T080000Z"), "UTC", ""},
		"a day that there is not":     {eventOf("DTSTART:20260230T090000Z", "DTEND:20260230T100000Z"), "UTC", ""},
		"another month":               {eventOf("DTSTART:20260502T090000Z", "DTEND:20260502T100000Z"), "UTC", ""},
		"into the month":              {eventOf("DTSTART:20260228T230000Z", "DTEND:20260301T010000Z"), "UTC", "01T00:00-01T01:00"},
		"two that touch":              {calendarOf("BEGIN:VEVENT\r\nDTSTART:20260302T100000Z\r\nDTEND:20260302T110000Z\r\nEND:VEVENT\r\nBEGIN:VEVENT\r\nDTSTART:20260302T090000Z\r\nDTEND:20260302T100000Z\r\nEND:VEVENT"), "UTC", "02T09:00-02T11:00"},
		"a zone that the file makes":  {calendarOf(custom, "BEGIN:VEVENT\r\nDTSTART;TZID=Romance Standard Time:20260328T090000\r\nDTEND;TZID=Romance Standard Time:20260328T100000\r\nRRULE:FREQ=DAILY;COUNT=1\r\nEND:VEVENT\r\nBEGIN:VEVENT\r\nDTSTART;TZID=\"Romance Standard Time\":20260330T090000\r\nDTEND;TZID=\"Romance Standard Time\":20260330T100000\r\nEND:VEVENT"), "UTC", "28T08:00-28T09:00 30T07:00-30T08:00"},
		"a folded line, a bare LF":    {[]byte("BEGIN:VCALENDAR\nBEGIN:VEVENT\nDTSTART;TZID=Ame\n rica/Belize:202603\n 02T090000\nDURATION:PT1H\nEND:VEVENT\nEND:VCALENDAR\n"), "UTC", "02T15:00-02T16:00"},
		"a free-busy block":           {calendarOf("BEGIN:VFREEBUSY\r\nFREEBUSY;FBTYPE=BUSY:20260302T090000Z/20260302T100000Z,20260303T090000Z/PT2H\r\nFREEBUSY;FBTYPE=FREE:20260304T090000Z/PT2H\r\nEND:VFREEBUSY"), "UTC", "02T09:00-02T10:00 03T09:00-03T11:00"},
	} {
		t.Run(name, func(t *testing.T) {
			spans, err := calendar.Busy(tt.body, window(tt.zone))
			if err != nil {
				t.Fatal(err)
			}
			var got []string
			for _, s := range spans {
				got = append(got, s.Start.Format("02T15:04")+"-"+s.End.Format("02T15:04"))
			}
			if strings.Join(got, " ") != tt.want {
				t.Errorf("busy %q, want %q", got, tt.want)
			}
		})
	}
}

func TestBusyRefuses(t *testing.T) {
	for name, body := range map[string][]byte{
		"nothing": nil, "a page": []byte("<!doctype html>"), "one that stops": []byte("BEGIN:VCALENDAR\r\nBEGIN:VEVENT\r\n"),
		"crossed": []byte("BEGIN:VCALENDAR\r\nBEGIN:VEVENT\r\nEND:VCALENDAR\r\nEND:VEVENT\r\n"),
	} {
		if _, err := calendar.Busy(body, window("UTC")); !errors.Is(err, calendar.ErrMalformed) {
			t.Errorf("%s: %v, want ErrMalformed", name, err)
		}
	}
	many := strings.Repeat("BEGIN:VEVENT\r\nDTSTART:20260302T090000Z\r\nDTEND:20260302T100000Z\r\nEND:VEVENT\r\n", 20_001)
	rules := strings.Repeat("BEGIN:VEVENT\r\nDTSTART:20260302T090000Z\r\nDTEND:20260302T100000Z\r\nRRULE:FREQ=YEARLY\r\nEND:VEVENT\r\n", 1001)
	never := strings.Repeat("BEGIN:VEVENT\r\nDTSTART:19910101T000000Z\r\nDURATION:PT1H\r\nRRULE:FREQ=DAILY;BYMONTH=2;BYMONTHDAY=31\r\nEND:VEVENT\r\n", 1000)
	for name, body := range map[string]string{"events": many, "rules": rules, "years": never} {
		if _, err := calendar.Busy(calendarOf(body), window("UTC")); !errors.Is(err, calendar.ErrTooLarge) {
			t.Errorf("too many %s: %v, want ErrTooLarge", name, err)
		}
	}
}

func TestWrite(t *testing.T) {
	start := at("2026-03-02T15:00:00Z")
	long := strings.Repeat("ä", 100)
	out := calendar.Write("Ana, Casa Maya", []calendar.Event{
		{UID: "apt_1@frontdesk", Summary: "Cleaning; Ann\r\nBEGIN:VALARM", Description: long, URL: "https://x.example/a\r\nb", Start: start, End: start.Add(45 * time.Minute), Modified: start.Add(-time.Hour), Sequence: 2},
		{UID: "apt_2@frontdesk", Summary: "Off", Start: start.Add(time.Hour), End: start.Add(2 * time.Hour), Cancelled: true},
	})
	for _, line := range strings.Split(strings.TrimSuffix(string(out), "\r\n"), "\r\n") {
		if len(line) > 75 || !utf8.ValidString(line) || strings.ContainsAny(line, "\r\n") {
			t.Errorf("line %q is longer than 75 octets, cut within a letter, or two", line)
		}
	}
	whole := strings.ReplaceAll(string(out), "\r\n ", "")
	for _, want := range []string{
		"X-WR-CALNAME:Ana\\, Casa Maya\r\n", "SUMMARY:Cleaning\\; Ann\\nBEGIN:VALARM\r\n", "DESCRIPTION:" + long + "\r\n", "DTSTART:20260302T150000Z\r\n",
		"DTEND:20260302T154500Z\r\n", "DTSTAMP:20260302T140000Z\r\n", "SEQUENCE:2\r\n", "STATUS:CANCELLED\r\n", "URL:https://x.example/ab\r\n",
	} {
		if !strings.Contains(whole, want) {
			t.Errorf("no %q in\n%s", want, whole)
		}
	}
	spans, err := calendar.Busy(out, window("UTC"))
	if err != nil || len(spans) != 1 || !spans[0].Start.Equal(start) || !spans[0].End.Equal(start.Add(45*time.Minute)) {
		t.Errorf("read back: %v, %v, want the first event alone", spans, err)
	}
}

func FuzzBusy(f *testing.F) {
	f.Add(string(eventOf("DTSTART;TZID=America/Belize:20260302T090000", "DURATION:PT1H", "RRULE:FREQ=MONTHLY;BYDAY=2MO;BYSETPOS=1", "EXDATE:20260303T090000Z")))
	f.Add(string(eventOf("DTSTART;VALUE=DATE:20260302", "RRULE:FREQ=YEARLY;BYWEEKNO=53;BYYEARDAY=-1")))
	f.Add(string(calendarOf("BEGIN:VFREEBUSY\r\nFREEBUSY:20260302T090000Z/PT2H,/\r\nEND:VFREEBUSY")))
	w := window("America/New_York")
	f.Fuzz(func(t *testing.T, body string) {
		spans, err := calendar.Busy([]byte(body), w)
		if err != nil {
			return
		}
		last := w.From.Add(-time.Nanosecond)
		for _, s := range spans {
			if !s.Start.After(last) || !s.Start.Before(s.End) || s.End.After(w.To) {
				t.Fatalf("%v: not in order, or outside of what was asked", spans)
			}
			last = s.End
		}
	})
}

func FuzzWrite(f *testing.F) {
	f.Add("a", "b\r\nEND:VEVENT", "https://x")
	start := at("2026-03-02T15:00:00Z")
	f.Fuzz(func(t *testing.T, name, text, url string) {
		out := calendar.Write(name, []calendar.Event{{UID: "1", Summary: text, Description: text, URL: url, Start: start, End: start.Add(time.Hour)}})
		spans, err := calendar.Busy(out, window("UTC"))
		if err != nil || len(spans) != 1 || !spans[0].Start.Equal(start) {
			t.Fatalf("read back: %v, %v", spans, err)
		}
		if n := strings.Count(string(out), "BEGIN:VEVENT\r\n"); n != 1 {
			t.Fatal(fmt.Sprint(n, " events"))
		}
	})
}
