package when

// Values returns the definite days ("2006-01-02") and clock times ("15:04") in
// the mentions, in their order, each once. What is negated, a length, or only
// a vague part of a day, week or month is not among them.
func Values(mentions []Mention) []string {
	values := []string{}
	for _, m := range mentions {
		if m.Negated || m.Farewell || m.Kind == Length {
			continue
		}
		for _, v := range m.values() {
			values = appendNew(values, v)
		}
	}
	return values
}

// values returns what m says definitely. Of "Friday afternoon" that is Friday.
func (m Mention) values() []string {
	var values []string
	for i, p := range [2]Point{m.Start, m.End} {
		if i == 1 && m.Length > 0 {
			break // reckoned, not said
		}
		if i == 1 && m.Vague && m.Part != NoPart && m.Start.HasDay() {
			break
		}
		if p.HasDay() && m.dayIsDefinite() {
			values = appendNew(values, p.Date.String())
		}
		if p.HasClock() && !m.Vague {
			values = appendNew(values, p.Clock.String())
		}
	}
	return values
}

func (m Mention) dayIsDefinite() bool {
	if m.Vague && m.Part == NoPart {
		return false
	}
	return m.Grain <= Day
}

func appendNew(values []string, v string) []string {
	for _, have := range values {
		if have == v {
			return values
		}
	}
	return append(values, v)
}
