package booking

import (
	"slices"
	"time"

	"frontdesk/ingest"
)

// Interval is a time from From up to, but not including, Until.
type Interval struct{ From, Until time.Time }

// Calendar is all that slots of one service depend on: the rules, and what is
// taken around the time that is asked about.
type Calendar struct {
	Now        time.Time
	Zone       *time.Location
	Hours      Week     // of the business
	Closed     []string // its closed days, "2026-12-25"
	Service    Service
	Booked     []time.Time // beginnings of what is booked or held of the service; read where it has a limit a day
	Performers []Performer // in the order in which they are offered
	Rooms      []Room      // resources that the service needs, or of a kind that it needs
}

// Performer is somebody who performs the service. The zero ID is nobody: the
// calendar then needs one such performer, whose hours are the business's.
type Performer struct {
	ID     ingest.StaffID
	Hours  Week // empty: the business's
	Off    []Off
	PerDay int         // zero: no limit
	Booked []time.Time // beginnings of what they have, whatever the service
	Busy   []Interval  // claims with their buffers, and times busy elsewhere; in any order
	busy   []stretch   // or the same as a store reads them, apart and in order
}

// Room is a resource that the service may use.
type Room struct {
	ID     ingest.ResourceID
	Kind   string
	Needed bool // by name: this very one
	Hours  Week // empty: always
	Off    []Off
	Busy   []Interval
	busy   []stretch // as in Performer
}

// Compute returns the slots of c that begin in [from, to), by start, then in
// the order of the performers; at most limit of them where it is over zero. It
// does no I/O, and takes time linear in days, slots and busy times.
func Compute(c Calendar, from, to time.Time, limit int) []Slot {
	p := newPlan(c)
	p.narrow(&from, &to)
	if !from.Before(to) {
		return nil
	}
	first, last := wholeSeconds(from), wholeSeconds(to)
	p.base = first
	var out []Slot
	end := dayOf(to.Add(-time.Nanosecond), c.Zone)
	for d := dayOf(from, c.Zone); d <= end && (limit <= 0 || len(out) < limit); d++ {
		p.reachAll(d, first, last)
		if limit > 0 {
			out = p.slots(out)
		}
	}
	out = p.slots(out)
	if limit > 0 && len(out) > limit {
		out = out[:limit]
	}
	return out
}

// plan is a calendar made ready for a sweep: times are seconds, busy times
// sorted and joined, days counted.
type plan struct {
	Calendar
	service needs
	closed  map[day]bool
	booked  map[day]int
	people  []person
	rooms   []room
	clocks  clocks
	base    int64 // seconds; what a candidate begins after
	reached []candidate
}

// needs are the service's figures in seconds.
type needs struct{ length, before, after, step int64 }

// person is a performer in the plan.
type person struct {
	Performer
	hours  Week
	off    timeOff
	busy   sweep
	booked map[day]int
}

type room struct {
	Room
	off  timeOff
	busy sweep
}

// candidate is a beginning that a person could take: the seconds after the
// plan's base, then the person. So their order is that of slots.
type candidate uint64

func (p *plan) candidate(start int64, person int) candidate {
	return candidate(start-p.base)<<32 | candidate(person)
}

func (c candidate) person() int { return int(uint32(c)) }

func (c candidate) start(p *plan) int64 { return p.base + int64(c>>32) }

func newPlan(c Calendar) *plan {
	p := &plan{Calendar: c, closed: map[day]bool{}, clocks: clocks{zone: c.Zone}}
	p.service = needs{seconds(c.Service.Duration), seconds(c.Service.BufferBefore), seconds(c.Service.BufferAfter), seconds(c.Service.step())}
	for _, text := range c.Closed {
		if d, err := parseDay(text); err == nil {
			p.closed[d] = true
		}
	}
	p.booked = count(c.Booked, c.Zone)
	for _, who := range c.Performers {
		hours := who.Hours
		if hours.Empty() {
			hours = c.Hours
		}
		p.people = append(p.people, person{who, joinedWeek(hours), newTimeOff(who.Off), busyOf(who.Busy, who.busy), count(who.Booked, c.Zone)})
	}
	for _, r := range c.Rooms {
		r.Hours = joinedWeek(r.Hours)
		p.rooms = append(p.rooms, room{r, newTimeOff(r.Off), busyOf(r.Busy, r.busy)})
	}
	return p
}

func busyOf(told []Interval, read []stretch) sweep {
	if read != nil {
		return sweep{busy: read}
	}
	return newSweep(told)
}

// wholeSeconds is the first whole second that is not before t.
func wholeSeconds(t time.Time) int64 {
	if t.Nanosecond() > 0 {
		return t.Unix() + 1
	}
	return t.Unix()
}

func seconds(d time.Duration) int64 { return int64(d / time.Second) }

func count(starts []time.Time, zone *time.Location) map[day]int {
	out := make(map[day]int, len(starts))
	for _, t := range starts {
		out[dayOf(t, zone)]++
	}
	return out
}

// earliest is the first beginning that notice allows, in whole minutes.
func (p *plan) earliest() time.Time {
	t := p.Now.Add(p.Service.Notice)
	if cut := t.Truncate(time.Minute); cut.Before(t) {
		return cut.Add(time.Minute)
	}
	return t
}

// end is the end of the last day that the horizon allows.
func (p *plan) end() time.Time {
	return (dayOf(p.Now, p.Zone) + day(p.Service.horizon()) + 1).at(p.Zone, 0)
}

// bounds are the first beginning that the rules allow, and the end of the last.
func (p *plan) bounds() (earliest, end time.Time) { return p.earliest(), p.end() }

// narrow keeps [from, to) within notice and horizon.
func (p *plan) narrow(from, to *time.Time) {
	earliest, end := p.bounds()
	*from, *to = later(*from, earliest), earlier(*to, end)
}

// reachAll notes the beginnings on d, from from on and before to, at which
// somebody is free, in order.
func (p *plan) reachAll(d day, from, to int64) {
	if p.closed[d] || p.Service.PerDay > 0 && p.booked[d] >= p.Service.PerDay {
		return
	}
	first := len(p.reached)
	for i := range p.people {
		p.reach(i, d, from, to)
	}
	slices.Sort(p.reached[first:])
}

// slots appends those of the beginnings noted for which there are resources.
func (p *plan) slots(out []Slot) []Slot {
	out = slices.Grow(out, len(p.reached))
	var at Slot
	last, fits := int64(-1), false
	for _, c := range p.reached {
		if start := c.start(p); start != last {
			last = start
			if at.Resources, fits = p.assign(start); fits {
				at = p.slot(start, at.Resources)
			}
		}
		if fits {
			at.Staff = p.people[c.person()].ID
			out = append(out, at)
		}
	}
	p.reached = p.reached[:0]
	return out
}

// slot is what begins at start, of nobody yet.
func (p *plan) slot(start int64, rooms []ingest.ResourceID) Slot {
	return Slot{Service: p.Service.ID, Resources: rooms, Start: time.Unix(start, 0).UTC(), End: time.Unix(start+p.service.length, 0).UTC()}
}

// reach notes the beginnings on d at which person i is free.
func (p *plan) reach(i int, d day, from, to int64) {
	who := &p.people[i]
	if who.PerDay > 0 && who.booked[d] >= who.PerDay || who.off.all(d) {
		return
	}
	for _, span := range who.hours[d.weekday()] {
		opens, closes := p.clocks.at(d, span.From), p.clocks.at(d, span.Until)
		for start := opens; start+p.service.length <= closes && start < to; start += p.service.step {
			if start >= from && p.free(&who.busy, start) && who.off.free(d, &p.clocks, start, start+p.service.length) {
				p.reached = append(p.reached, p.candidate(start, i))
			}
		}
	}
}

// free reports whether nothing busy touches a slot at start with its buffers.
func (p *plan) free(busy *sweep, start int64) bool {
	return busy.free(start-p.service.before, start+p.service.length+p.service.after)
}

// assign returns the resources that a slot at start would use: those needed by
// name, and for each kind the first that is free.
func (p *plan) assign(start int64) ([]ingest.ResourceID, bool) {
	if len(p.rooms) == 0 && len(p.Service.Needs) == 0 && len(p.Service.Resources) == 0 {
		return nil, true
	}
	d := dayOf(time.Unix(start, 0), p.Zone)
	var used []ingest.ResourceID
	for i := range p.rooms {
		if r := &p.rooms[i]; r.Needed {
			if !p.open(r, d, start) {
				return nil, false
			}
			used = append(used, r.ID)
		}
	}
	if len(used) < len(p.Service.Resources) {
		return nil, false // one that is needed is paused or gone
	}
	for _, kind := range p.Service.Needs {
		r := p.anyOf(kind, used, d, start)
		if r == nil {
			return nil, false
		}
		used = append(used, r.ID)
	}
	return used, true
}

// anyOf returns the first room of kind that is open and not used, or nil.
func (p *plan) anyOf(kind string, used []ingest.ResourceID, d day, start int64) *room {
	for i := range p.rooms {
		if r := &p.rooms[i]; r.Kind == kind && !slices.Contains(used, r.ID) && p.open(r, d, start) {
			return r
		}
	}
	return nil
}

// open reports whether r can be used from start on d.
func (p *plan) open(r *room, d day, start int64) bool {
	end := start + p.service.length
	return !r.off.all(d) && r.off.free(d, &p.clocks, start, end) && p.free(&r.busy, start) && (r.Hours.Empty() || within(r.Hours, d, &p.clocks, start, end))
}

// within reports whether [start, end) lies in one span of d.
func within(hours Week, d day, clocks *clocks, start, end int64) bool {
	return slices.ContainsFunc(hours[d.weekday()], func(s Span) bool {
		return clocks.at(d, s.From) <= start && end <= clocks.at(d, s.Until)
	})
}

// joinedWeek makes one of spans that touch.
func joinedWeek(w Week) Week {
	var out Week
	for i, spans := range w {
		for _, s := range spans {
			if n := len(out[i]); n > 0 && out[i][n-1].Until == s.From {
				out[i][n-1].Until = s.Until
			} else {
				out[i] = append(out[i], s)
			}
		}
	}
	return out
}

func earlier(a, b time.Time) time.Time {
	if b.Before(a) {
		return b
	}
	return a
}

func later(a, b time.Time) time.Time {
	if b.After(a) {
		return b
	}
	return a
}
