package when

// clock puts the clock time of a into m.
func (r *resolver) clock(m *Mention, a *moment) {
	c, other := reading(a.clock, a.part)
	if a.part == NoPart && !a.clock.exact && a.clock.mer == 0 && m.Start.Date == dateOf(r.ref.Now) && other.Set {
		now := clockAt(r.ref.Now)
		if c.before(now) && now.before(other) {
			c, other = other, c
		}
	}
	m.Start.Clock = c
	m.Grain = Hour
	if c.Minute != 0 || a.clock.exact {
		m.Grain = Minute
	}
	if c.Second != 0 {
		m.Grain = Second
	}
	if c.Hour == 24 {
		m.Start.Clock.Hour = 0
		if m.Start.HasDay() {
			m.Start.Date = dateOf(m.Start.Date.time().AddDate(0, 0, 1))
		}
	}
	if m.Kind == Range {
		m.Kind, m.End, m.Vague = Moment, Point{}, false
	}
	if other.Set {
		m.Alternatives = append(m.Alternatives, Span{Start: Point{m.Start.Date, other}})
	}
}

func (c Clock) before(o Clock) bool { return c.Hour*60+c.Minute < o.Hour*60+o.Minute }

// reading returns the clock time that is meant, the likeliest for a business,
// and the other one if it could be another.
func reading(s spec, part Part) (c, other Clock) {
	c = Clock{Hour: int(s.hour), Minute: int(s.minute), Second: int(s.second), Set: true}
	switch {
	case s.mer == 1 && s.hour == 12:
		c.Hour = 0
	case s.mer == 2 && s.hour < 12 && s.hour > 0:
		c.Hour += 12
	case s.mer != 0:
	case part != NoPart && s.hour > 0 && s.hour <= 12:
		c.Hour = inPart(c.Hour, part)
	case part != NoPart || s.exact:
	case s.hour <= 6:
		other = c
		c.Hour += 12
	case s.hour < 12:
		other = c
		other.Hour += 12
	case s.hour == 12:
		other = c
		other.Hour = 0
	}
	return c, other
}

// inPart returns the hour of 24 that an hour of 12 is in a part of the day.
func inPart(h int, part Part) int {
	switch part {
	case Morning:
		return h
	case Midday:
		if h < 10 {
			return h + 12
		}
	case Afternoon:
		if h < 11 {
			return h + 12
		}
	case Evening:
		if h < 12 {
			return h + 12
		}
	case Night:
		switch {
		case h == 12:
			return 0
		case h > 4:
			return h + 12
		}
	}
	return h
}

// windows are the hours of the parts of the day.
var windows = map[Part][2]int{
	Morning: {8, 12}, Midday: {12, 14}, Afternoon: {12, 18}, Evening: {18, 22}, Night: {20, 24},
}

// Hours returns when a part of the day begins and ends, 24 for midnight.
func (p Part) Hours() (from, to int) { return windows[p][0], windows[p][1] }

// window returns when a part of the day begins and ends.
func window(part Part, edge int8, day Date) (Clock, Point) {
	from, to := windows[part][0], windows[part][1]
	switch edge {
	case 1:
		to = (from + to) / 2
	case 2:
		from, to = from+(to-from)/4, to-(to-from)/4
	case 3:
		from = (from + to) / 2
	}
	end := Point{day, Clock{Hour: to, Set: true}}
	if to == 24 {
		end.Clock.Hour = 0
		if day != (Date{}) {
			end.Date = dateOf(day.time().AddDate(0, 0, 1))
		}
	}
	return Clock{Hour: from, Set: true}, end
}
