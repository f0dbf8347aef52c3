package booking_test

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"

	"frontdesk/agent/booking"
	"frontdesk/ingest"
)

// edges are zones with the day on which something is odd about their clocks.
var edges = []struct{ zone, day string }{
	{"America/New_York", "2026-03-08"},    // an hour is left out at two
	{"America/New_York", "2026-11-01"},    // an hour comes twice from one on
	{"Europe/Berlin", "2026-10-25"},       //
	{"America/Santiago", "2026-09-06"},    // there is no midnight
	{"America/Santiago", "2026-04-05"},    // the hour before midnight comes twice
	{"Australia/Lord_Howe", "2026-10-04"}, // half an hour is left out
	{"Asia/Beirut", "2026-03-29"},         // there is no midnight
	{"America/Belize", "2028-02-29"},      // never changes
}

func drawMinutes(t *rapid.T, label string, least, most, step int) time.Duration {
	return time.Duration(rapid.IntRange(least/step, most/step).Draw(t, label)*step) * time.Minute
}

// drawWeek draws hours, in quarters, most of them around the time at which
// clocks change.
func drawWeek(t *rapid.T, label string) (w booking.Week) {
	for i := range w {
		clock := time.Duration(0)
		for range rapid.IntRange(0, 3).Draw(t, label+" spans") {
			from := clock + drawMinutes(t, label+" from", 0, 240, 15)
			until := from + drawMinutes(t, label+" length", 15, 360, 15)
			if until > 24*time.Hour {
				break
			}
			w[i], clock = append(w[i], booking.Span{From: from, Until: until}), until
		}
	}
	return w
}

func drawOff(t *rapid.T, day string) (out []booking.Off) {
	for range rapid.IntRange(0, 1).Draw(t, "off") {
		o := booking.Off{From: day}
		if rapid.Bool().Draw(t, "off two days") {
			o.Until = nextDay(day)
		}
		if rapid.Bool().Draw(t, "off in part") {
			from := drawMinutes(t, "off from", 0, 300, 15)
			o.Span = &booking.Span{From: from, Until: from + drawMinutes(t, "off length", 15, 240, 15)}
		}
		out = append(out, o)
	}
	return out
}

func drawBusy(t *rapid.T, around time.Time) (out []booking.Interval) {
	for range rapid.IntRange(0, 4).Draw(t, "busy") {
		from := around.Add(drawMinutes(t, "busy from", -600, 3000, 5))
		out = append(out, booking.Interval{From: from, Until: from.Add(drawMinutes(t, "busy length", 0, 180, 5))})
	}
	return out
}

func drawBooked(t *rapid.T, around time.Time) (out []time.Time) {
	for range rapid.IntRange(0, 3).Draw(t, "booked") {
		out = append(out, around.Add(drawMinutes(t, "booked at", -600, 3000, 60)))
	}
	return out
}

// drawCalendar draws a calendar around an edge, and the days to ask about.
func drawCalendar(t *rapid.T) (c booking.Calendar, from, to time.Time) {
	edge := rapid.SampledFrom(edges).Draw(t, "edge")
	zone, err := time.LoadLocation(edge.zone)
	if err != nil {
		t.Fatal(err)
	}
	midnight, err := time.ParseInLocation(time.DateOnly, edge.day, zone)
	if err != nil {
		t.Fatal(err)
	}
	c = booking.Calendar{
		Zone: zone, Hours: drawWeek(t, "hours"), Booked: drawBooked(t, midnight),
		Now: midnight.Add(drawMinutes(t, "now", -3000, 300, 7)).Add(time.Duration(rapid.IntRange(0, 1).Draw(t, "seconds")) * time.Second),
		Service: booking.Service{
			ID: "svc_1", Duration: drawMinutes(t, "duration", 10, 120, 10), BufferBefore: drawMinutes(t, "before", 0, 30, 5), BufferAfter: drawMinutes(t, "after", 0, 30, 5),
			Notice: drawMinutes(t, "notice", 0, 2000, 50), Horizon: rapid.IntRange(1, 4).Draw(t, "horizon"), Step: drawMinutes(t, "step", 5, 60, 5), PerDay: rapid.IntRange(0, 2).Draw(t, "per day"),
		},
	}
	if rapid.IntRange(0, 5).Draw(t, "closed") == 0 {
		c.Closed = []string{edge.day}
	}
	for i := range rapid.IntRange(1, 3).Draw(t, "people") {
		who := booking.Performer{ID: ingest.StaffID(fmt.Sprintf("stf_%d", i)), Off: drawOff(t, edge.day), PerDay: rapid.IntRange(0, 2).Draw(t, "their day"), Booked: drawBooked(t, midnight), Busy: drawBusy(t, midnight)}
		if rapid.Bool().Draw(t, "own hours") {
			who.Hours = drawWeek(t, "their hours")
		}
		c.Performers = append(c.Performers, who)
	}
	drawRooms(t, &c, edge.day, midnight)
	from = midnight.Add(drawMinutes(t, "from", -1500, 300, 13))
	return c, from, from.Add(drawMinutes(t, "span", 1, 4000, 1))
}

// drawRooms gives the service needs, and the house rooms.
func drawRooms(t *rapid.T, c *booking.Calendar, day string, around time.Time) {
	if rapid.Bool().Draw(t, "no rooms") {
		return
	}
	c.Service.Needs = rapid.SampledFrom([][]string{nil, {"room"}, {"room", "room"}, {"room", "laser"}}).Draw(t, "needs")
	for i := range rapid.IntRange(0, 4).Draw(t, "rooms") {
		r := booking.Room{ID: ingest.ResourceID(fmt.Sprintf("res_%d", i)), Kind: rapid.SampledFrom([]string{"room", "laser"}).Draw(t, "kind"), Busy: drawBusy(t, around), Off: drawOff(t, day)}
		if rapid.IntRange(0, 3).Draw(t, "by name") == 0 {
			r.Needed = true
			c.Service.Resources = append(c.Service.Resources, r.ID)
		}
		if rapid.IntRange(0, 3).Draw(t, "room hours") == 0 {
			r.Hours = drawWeek(t, "its hours")
		}
		c.Rooms = append(c.Rooms, r)
	}
}

// TestComputeIsWhatTheWallSays: what is offered is what somebody would offer
// who looks at the clock on the wall, minute by minute.
func TestComputeIsWhatTheWallSays(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		c, from, to := drawCalendar(t)
		o := newOracle(c, from, to)
		want := o.slots(from, to)
		got := booking.Compute(c, from, to, 0)
		var have []offered
		for _, s := range got {
			have = append(have, offered{s.Start, s.Staff})
			if !s.End.Equal(s.Start.Add(c.Service.Duration)) || s.Service != c.Service.ID {
				t.Fatalf("slot %+v", s)
			}
			checkRooms(t, o, s)
		}
		if !slices.EqualFunc(have, want, func(a, b offered) bool { return a.start.Equal(b.start) && a.staff == b.staff }) {
			t.Fatalf("from %v to %v\noffered %v\nthe wall %v", from, to, have, want)
		}
		if limit := rapid.IntRange(1, 5).Draw(t, "limit"); len(got) > 0 {
			if first := booking.Compute(c, from, to, limit); len(first) != min(limit, len(got)) || !first[len(first)-1].Start.Equal(got[len(first)-1].Start) {
				t.Fatalf("the first %d of %v are %v", limit, got, first)
			}
		}
	})
}

// checkRooms checks that a slot has the rooms that it needs, each free.
func checkRooms(t *rapid.T, o *oracle, s booking.Slot) {
	kinds := map[string]int{}
	for i, id := range s.Resources {
		k := slices.IndexFunc(o.c.Rooms, func(r booking.Room) bool { return r.ID == id })
		if k < 0 || slices.Contains(s.Resources[:i], id) || !o.usable(o.c.Rooms[k], s.Start, s.End) {
			t.Fatalf("slot %v uses %v, which cannot be used", s, id)
		}
		if !o.c.Rooms[k].Needed {
			kinds[o.c.Rooms[k].Kind]++
		}
	}
	for _, kind := range o.c.Service.Needs {
		kinds[kind]--
	}
	if len(s.Resources) != len(o.c.Service.Resources)+len(o.c.Service.Needs) || kinds["room"] != 0 || kinds["laser"] != 0 {
		t.Fatalf("slot %v uses %v, the service needs %v and %v", s, s.Resources, o.c.Service.Resources, o.c.Service.Needs)
	}
}

// TestJudgeIsWhatTheWallSays: each slot that is offered can be booked, and a
// time is bookable by exactly those whom the wall lets begin then.
func TestJudgeIsWhatTheWallSays(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		c, from, to := drawCalendar(t)
		o := newOracle(c, from, to)
		slots := booking.Compute(c, from, to, 0)
		for _, s := range slots {
			found, err := booking.Judge(c, s.Start)
			if !slices.ContainsFunc(found, func(f booking.Slot) bool { return f.Staff == s.Staff }) {
				t.Fatalf("%v is offered, and judged %v, %v", s, found, err)
			}
		}
		start := from.Truncate(time.Minute).Add(drawMinutes(t, "start", 0, int(to.Sub(from)/time.Minute), 1))
		found, err := booking.Judge(c, start)
		for _, who := range c.Performers {
			judged := slices.ContainsFunc(found, func(f booking.Slot) bool { return f.Staff == who.ID })
			if wall := o.fits(who, start); wall != judged {
				t.Fatalf("%s at %v: the wall says %v, it was judged %v, %v", who.ID, start, wall, found, err)
			}
		}
		if (len(found) == 0) != (err != nil) {
			t.Fatalf("found %v, %v", found, err)
		}
	})
}
