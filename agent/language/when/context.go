package when

// asked returns what the agent's last words ask for.
func (r *resolver) asked(p *parser) Asked {
	if r.ref.Asked != AskedUnknown || r.ref.Previous == "" {
		return r.ref.Asked
	}
	p.start(tail(r.ref.Previous), r.ref.Language)
	day, clock := false, false
	for i := range p.lex {
		switch l := &p.lex[i]; {
		case l.is(cAskDay) && l.is(cAskClock):
			day, clock = true, true
		case l.is(cAskDay):
			day = true
		case l.is(cAskClock):
			clock = true
		}
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

// named returns the last day that the agent's last words name.
func (r *resolver) named() Date {
	if !r.looked {
		r.looked = true
		ref := Reference{Now: r.ref.Now, Language: r.ref.Language}
		for _, m := range Read(r.ref.Previous, ref) {
			if m.Start.HasDay() && m.Grain <= Day {
				r.previous = m.Start.Date
			}
		}
	}
	return r.previous
}
