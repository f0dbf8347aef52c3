package calendar

import (
	"slices"
	"strings"
	"time"
)

func (c component) recurs() bool {
	return c.value("RRULE") != "" || c.value("RDATE") != ""
}

// expand notes when c keeps its owner busy within the window.
func (r *reader) expand(c component) {
	if c.kind == "VFREEBUSY" {
		r.freeBusy(c)
		return
	}
	if c.value("STATUS") == "CANCELLED" || strings.EqualFold(c.value("TRANSP"), "TRANSPARENT") {
		return
	}
	p, _ := c.find("DTSTART")
	start, whole, ok := r.time(p)
	if !ok {
		return
	}
	length, ok := r.length(c, start, whole)
	if !ok {
		return
	}
	// A day may have 23 or 25 hours: what is given in days ends at midnight.
	end := func(s time.Time) time.Time { return s.Add(length) }
	if days := int(length.Round(24*time.Hour) / (24 * time.Hour)); whole {
		end = func(s time.Time) time.Time { return s.AddDate(0, 0, days) }
	}
	for _, s := range r.starts(c, start, length) {
		r.add(Span{s, end(s)})
	}
}

// length is how long c is: from its end, its duration, or what a day has.
func (r *reader) length(c component, start time.Time, whole bool) (time.Duration, bool) {
	if p, ok := c.find("DTEND"); ok {
		end, _, ok := r.time(p)
		length := end.Sub(start)
		return length, ok && length > 0 && length <= maxSpan
	}
	if p, ok := c.find("DURATION"); ok {
		return parseDuration(p.value)
	}
	return 24 * time.Hour, whole // a moment keeps nobody busy
}

// starts returns when c occurs, as far as it may reach into the window.
func (r *reader) starts(c component, start time.Time, length time.Duration) []time.Time {
	out := []time.Time{start}
	from := r.window.From.Add(-length - 25*time.Hour)
	if rule, ok := newRule(c.value("RRULE"), start, r.window.To); ok {
		out = append(out, rule.Between(from, r.window.To, true)...) // the start counts even if its rule does not fit it
	}
	for _, p := range c.props {
		if p.name == "RDATE" {
			out = append(out, r.times(p)...)
		}
	}
	var not []time.Time
	for _, p := range c.props {
		if p.name == "EXDATE" {
			not = append(not, r.times(p)...)
		}
	}
	if _, own := c.find("RECURRENCE-ID"); !own {
		not = append(not, r.moved[c.value("UID")]...)
	}
	if len(not) == 0 {
		return out
	}
	left := map[int64]bool{}
	for _, t := range not {
		left[t.Unix()] = true
	}
	return slices.DeleteFunc(out, func(t time.Time) bool { return left[t.Unix()] })
}

// times reads a list of times.
func (r *reader) times(p property) []time.Time {
	var out []time.Time
	for value := range strings.SplitSeq(p.value, ",") {
		if len(out) > maxSpans {
			break
		}
		value, _, _ = strings.Cut(value, "/") // a period: its start
		if at, _, ok := r.time(property{params: p.params, value: value}); ok {
			out = append(out, at)
		}
	}
	return out
}

// freeBusy reads the periods of a free-busy block.
func (r *reader) freeBusy(c component) {
	for _, p := range c.props {
		if p.name != "FREEBUSY" || strings.EqualFold(p.params["FBTYPE"], "FREE") {
			continue
		}
		for period := range strings.SplitSeq(p.value, ",") {
			from, to, _ := strings.Cut(period, "/")
			start, _, ok := r.time(property{value: from})
			if !ok {
				continue
			}
			if length, ok := parseDuration(to); ok {
				r.add(Span{start, start.Add(length)})
			} else if end, _, ok := r.time(property{value: to}); ok && end.Sub(start) <= maxSpan {
				r.add(Span{start, end})
			}
		}
	}
}

// add keeps the part of s that lies in the window.
func (r *reader) add(s Span) {
	if s.Start.Before(r.window.From) {
		s.Start = r.window.From
	}
	if s.End.After(r.window.To) {
		s.End = r.window.To
	}
	if s.Start.Before(s.End) && len(r.spans) <= maxSpans {
		r.spans = append(r.spans, Span{s.Start.UTC(), s.End.UTC()})
	}
}
