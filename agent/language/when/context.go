package when

import "time"

// asked returns what the agent's last words ask for.
func (r *resolver) asked(p *parser) Asked {
	if r.ref.Asked != AskedUnknown || r.ref.Previous == "" {
		return r.ref.Asked
	}
	p.start(tail(r.ref.Previous), r.ref.Language)
	day, clock := false, false
	for i := range p.lex {
		asks := p.lex[i].asks
		day = day || asks == AskedDay || asks == AskedBoth
		clock = clock || asks == AskedClock || asks == AskedBoth
	}
	switch {
	case day && clock:
		return AskedBoth
	case day:
		return AskedDay
	case clock:
		return AskedClock
	}
	return AskedUnknown
}

// tail returns the end of a text: a question stands last.
func tail(text string) string {
	const most = 400
	if len(text) <= most {
		return text
	}
	i := len(text) - most
	for i < len(text) && text[i]&0xc0 == 0x80 {
		i++
	}
	return text[i:]
}

// since returns from when a length of time is reckoned: now, or the time that
// the agent's last words name ("an hour later").
func (r *resolver) since(s spec) time.Time {
	if !s.later {
		return r.ref.Now
	}
	r.look()
	if s.unit < Day && r.last.HasClock() {
		at := r.last
		if !at.HasDay() {
			at.Date = dateOf(r.ref.Now)
		}
		return at.In(time.UTC)
	}
	if s.unit >= Day && r.last.HasDay() {
		return r.last.Date.time()
	}
	return r.ref.Now
}

// named returns the last day that the agent's last words name.
func (r *resolver) named() Date {
	r.look()
	return r.last.Date
}

// look reads the agent's last words.
func (r *resolver) look() {
	if !r.looked {
		r.looked = true
		ref := Reference{Now: r.ref.Now, Language: r.ref.Language}
		for _, m := range Read(r.ref.Previous, ref) {
			if m.Start.HasDay() && m.Grain <= Day {
				r.last.Date = m.Start.Date
			}
			if m.Start.HasClock() && m.HasClock() {
				r.last.Clock = m.Start.Clock
			}
		}
	}
}
