package booking

import (
	"cmp"
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
}

// Room is a resource that the service may use.
type Room struct {
	ID     ingest.ResourceID
	Kind   string
	Needed bool // by name: this very one
	Hours  Week // empty: always
	Off    []Off
	Busy   []Interval
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
	var out []Slot
	last := dayOf(to.Add(-time.Nanosecond), c.Zone)
	for d := dayOf(from, c.Zone); d <= last && (limit <= 0 || len(out) < limit); d++ {
		out = p.slotsOf(out, d, from.Unix(), to.Unix())
	}
	if limit > 0 && len(out) > limit {
		out = out[:limit]
	}
	return out
}

// plan is a calendar made ready for a sweep: times are seconds, busy times
// sorted and joined, days counted.
type plan struct {
	Calendar
	service  needs
	closed   map[day]bool
	booked   map[day]int
	people   []person
	rooms    []room
	reached  []candidate // scratch
	assigned []ingest.ResourceID
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

// candidate is a beginning that a person could take.
type candidate struct {
	start  int64
	person int
}

func newPlan(c Calendar) *plan {
	p := &plan{Calendar: c, closed: map[day]bool{}}
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
		p.people = append(p.people, person{who, joinedWeek(hours), newTimeOff(who.Off), newSweep(who.Busy), count(who.Booked, c.Zone)})
	}
	for _, r := range c.Rooms {
		r.Hours = joinedWeek(r.Hours)
		p.rooms = append(p.rooms, room{r, newTimeOff(r.Off), newSweep(r.Busy)})
	}
	return p
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

// slotsOf appends the slots of d that begin in [from, to).
func (p *plan) slotsOf(out []Slot, d day, from, to int64) []Slot {
	if p.closed[d] || p.Service.PerDay > 0 && p.booked[d] >= p.Service.PerDay {
		return out
	}
	p.reached = p.reached[:0]
	for i := range p.people {
		p.reach(i, d, from, to)
	}
	slices.SortFunc(p.reached, func(a, b candidate) int {
		return cmp.Or(cmp.Compare(a.start, b.start), cmp.Compare(a.person, b.person))
	})
	last, fits := int64(-1), false
	for _, c := range p.reached {
		if c.start != last {
			last = c.start
			p.assigned, fits = p.assign(d, c.start)
		}
		if fits {
			out = append(out, p.slot(c, p.assigned))
		}
	}
	return out
}

func (p *plan) slot(c candidate, rooms []ingest.ResourceID) Slot {
	return Slot{Service: p.Service.ID, Staff: p.people[c.person].ID, Resources: rooms, Start: time.Unix(c.start, 0).UTC(), End: time.Unix(c.start+p.service.length, 0).UTC()}
}

// reach adds the beginnings on d at which person i is free.
func (p *plan) reach(i int, d day, from, to int64) {
	who := &p.people[i]
	if who.PerDay > 0 && who.booked[d] >= who.PerDay || who.off.all(d) {
		return
	}
	for _, span := range who.hours[d.weekday()] {
		opens, closes := d.at(p.Zone, span.From).Unix(), d.at(p.Zone, span.Until).Unix()
		for start := opens; start+p.service.length <= closes && start < to; start += p.service.step {
			if start >= from && p.free(&who.busy, start) && who.off.free(d, p.Zone, start, start+p.service.length) {
				p.reached = append(p.reached, candidate{start, i})
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
func (p *plan) assign(d day, start int64) ([]ingest.ResourceID, bool) {
	if len(p.rooms) == 0 && len(p.Service.Needs) == 0 && len(p.Service.Resources) == 0 {
		return nil, true
	}
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
	return !r.off.all(d) && r.off.free(d, p.Zone, start, end) && p.free(&r.busy, start) && (r.Hours.Empty() || within(r.Hours, d, p.Zone, start, end))
}

// within reports whether [start, end) lies in one span of d.
func within(hours Week, d day, zone *time.Location, start, end int64) bool {
	return slices.ContainsFunc(hours[d.weekday()], func(s Span) bool {
		return d.at(zone, s.From).Unix() <= start && end <= d.at(zone, s.Until).Unix()
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
