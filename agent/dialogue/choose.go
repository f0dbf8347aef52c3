package dialogue

import (
	"slices"
	"strconv"
	"strings"

	"frontdesk/agent/language"
)

// Ids of what is offered name the turn that offered it, so that a button of an
// earlier question is told from one of the open question. They name nothing
// else: what an id stands for is in the draft.
const (
	idOption = "option."
	idYes    = "yes."
	idNo     = "no."
)

func optionID(turn, i int) string { return idOption + strconv.Itoa(turn) + "." + strconv.Itoa(i+1) }
func yesID(turn int) string       { return idYes + strconv.Itoa(turn) }
func noID(turn int) string        { return idNo + strconv.Itoa(turn) }

// press takes the button or row id, and reports whether that was all of the
// message. A yes or no to an earlier question is dropped; what was offered
// earlier is read like words, by its title.
func (e *ear) press(id string) bool {
	h := &e.heard
	d := e.draft
	if e.pressNotice(id) {
		return true
	}
	if id == waitID(d.Turn) && d.Full != nil {
		h.wait, h.any = true, true
		return true
	}
	for i := range d.Offered {
		if id == optionID(d.Turn, i) {
			h.option, h.pressed, h.any = i+1, true, true
			return true
		}
	}
	switch {
	case id == yesID(d.Turn) && d.AwaitsYes():
		h.yes, h.no, h.pressed, h.any = true, false, true, true
		return true
	case id == noID(d.Turn) && d.AwaitsYes():
		h.yes, h.no, h.pressed, h.any = false, true, true, true
		return true
	case strings.HasPrefix(id, idYes), strings.HasPrefix(id, idNo):
		h.outdated, h.any = true, true
		return true
	case strings.HasPrefix(id, idOption):
		h.outdated, h.any = true, true
	}
	return false
}

// answersByNumber takes "1" and "2" for the yes and no that they number on a
// channel without buttons.
func (e *ear) answersByNumber(w []string, _ language.Reading) bool {
	if len(w) != 1 || !e.draft.AwaitsYes() || e.in.Medium != language.SMS {
		return false
	}
	switch w[0] {
	case "1":
		e.heard.yes, e.heard.no, e.heard.pressed = true, false, true
	case "2":
		e.heard.yes, e.heard.no, e.heard.pressed = false, true, true
	default:
		return false
	}
	return true
}

// choose takes one of what is offered, by its number, its place or its time,
// and reports whether one was meant.
func (e *ear) choose(w []string, r language.Reading, parts []part) bool {
	d := e.draft
	if len(d.Offered) == 0 || d.AwaitsYes() {
		return false
	}
	n, number := onlyNumber(w)
	one := number && n >= 1 && n <= len(d.Offered) // of what is offered
	if one && e.in.Medium == language.SMS {
		e.heard.option = n
		return true
	}
	timed := d.Asked == AskedTime && (number && e.in.Medium != language.SMS || !r.Has(language.Select) || named(parts))
	if timed {
		if only := e.fitting(parts); only > 0 {
			e.heard.option = only
			return true
		}
		if one && len(d.Offered) <= mostButtons {
			e.heard.option = n // of so few it is one
			return true
		}
		if number && len(parts) > 0 {
			return false // an hour, where nothing is numbered
		}
	}
	i := r.Pick
	switch {
	case !r.Has(language.Select):
		i = e.byPlace(w)
	case i == language.Last:
		i = len(d.Offered)
	case i == language.Any && d.Asked == AskedTime:
		i = 1
	}
	if i < 1 || i > len(d.Offered) {
		return false
	}
	e.heard.option = i
	return true
}

// named reports whether parts name a day, which "the second" may also be.
func named(parts []part) bool {
	return slices.ContainsFunc(parts, func(p part) bool { return p.days != nil })
}

// byPlace returns the option that "the later one" names, from 1, or 0.
func (e *ear) byPlace(w []string) int {
	if e.draft.Asked == AskedService {
		return 0
	}
	switch {
	case holds(w, soonestOnes):
		return 0
	case holds(w, latestOne):
		return len(e.draft.Offered)
	case holds(w, earliestOne):
		return 1
	}
	return 0
}

// fitting returns the only option whose time is what parts say, from 1; 0 where
// none is, or several are.
func (e *ear) fitting(parts []part) int {
	if len(parts) == 0 {
		return 0
	}
	days, clock := merge(parts)
	if !clock.exact() && e.draft.Asked == AskedTime && !e.draft.Wish.Clock.exact() {
		return 0 // all of the day is meant, or all of a part of it
	}
	wish := Wish{Days: days, Clock: clock}
	only := 0
	for i, o := range e.draft.Offered {
		if wish.fits(o.Start.In(e.in.Zone)) {
			if only > 0 {
				return 0
			}
			only = i + 1
		}
	}
	return only
}

// onlyNumber returns the number that is all of w.
func onlyNumber(w []string) (n int, ok bool) {
	if len(w) != 1 {
		return 0, false
	}
	n, err := strconv.Atoi(w[0])
	return n, err == nil
}
