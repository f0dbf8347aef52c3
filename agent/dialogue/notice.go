package dialogue

import (
	"strconv"
	"strings"
	"time"

	"frontdesk/agent/booking"
	"frontdesk/agent/language"
	"frontdesk/ingest"
)

// Notice is what the business wrote of its own accord and wants an answer to: a
// reminder of an appointment, or a time that became free for somebody who waits.
type Notice struct {
	Appointment ingest.AppointmentID `json:"appointment_id,omitempty"` // of a reminder
	Version     int64                `json:"version,omitempty"`        // of the appointment, as it was reminded of
	Wait        string               `json:"wait_id,omitempty"`        // of an offer
	Offer       int                  `json:"offer,omitempty"`          // its number among those of the wish, from 1
	Service     ingest.ServiceID     `json:"service_id,omitempty"`
	Staff       ingest.StaffID       `json:"staff_id,omitempty"`
	Start       time.Time            `json:"starts_at"`
	At          time.Time            `json:"at"`
}

// ReminderOf returns the notice that reminds of a.
func ReminderOf(a booking.Appointment, at time.Time) Notice {
	return Notice{Appointment: a.ID, Version: a.Version, Service: a.Slot.Service, Staff: a.Slot.Staff, Start: a.Slot.Start, At: at}
}

// OfferOf returns the notice that offers slot to who waits with w, as the next
// of its offers.
func OfferOf(w booking.Wait, slot booking.Slot, at time.Time) Notice {
	return Notice{Wait: w.ID, Offer: w.Offers + 1, Service: slot.Service, Staff: slot.Staff, Start: slot.Start, At: at}
}

// Noticed returns d after n was sent, which said text. The question that is open
// stays open; a bare yes or no answers n.
func (d Draft) Noticed(n Notice, text string) Draft {
	d = d.at(n.At)
	d.Notice = &n
	if d.Asked == "" {
		d.Said = text
		d.At = n.At
	}
	return d
}

// TakesYes reports whether a yes answers something that was asked.
func (d Draft) TakesYes() bool { return d.AwaitsYes() || d.Notice != nil }

// noticed reports whether a bare word is said to the notice: it came after the
// question that is open.
func (d Draft) noticed() bool {
	return d.Notice != nil && (d.Asked == "" || d.Notice.At.After(d.At))
}

// Ids of the buttons of a notice name what they are about, as a notice may be
// answered long after it was sent. They are no proof of anything: who answers
// must have the appointment or the wish.
const (
	idConfirm = "confirm."
	idMove    = "move."
	idCancel  = "cancel."
	idTake    = "take."
	idPass    = "pass."
)

// answer is a button of a notice.
type answer struct {
	kind    string // one of the ids above
	id      string // of the appointment or the wish
	version int64  // of the appointment, or the number of the offer: what was asked about
}

// subjects are what the buttons of each kind are about, by the prefix of its id.
var subjects = map[string]string{
	idConfirm: ingest.PrefixAppointment, idMove: ingest.PrefixAppointment, idCancel: ingest.PrefixAppointment,
	idTake: ingest.PrefixWait, idPass: ingest.PrefixWait,
}

// parseAnswer reads the id of a button of a notice.
func parseAnswer(id string) (answer, bool) {
	for kind, prefix := range subjects {
		if rest, ok := strings.CutPrefix(id, kind); ok {
			subject, version, _ := strings.Cut(rest, ".")
			n, err := strconv.ParseInt(version, 10, 64)
			return answer{kind, subject, n}, err == nil && n > 0 && strings.HasPrefix(subject, prefix)
		}
	}
	return answer{}, false
}

// SettlesNotice reports whether the button id answers a notice for good, so that
// nothing more is to be said: it may be taken although a person talks to the
// contact.
func SettlesNotice(id string) bool {
	a, ok := parseAnswer(id)
	return ok && (a.kind == idConfirm || a.kind == idTake || a.kind == idPass)
}

// answers is what a notice can be answered by, in the order of its buttons.
func (n Notice) answers() []answer {
	if n.Wait != "" {
		return []answer{{idTake, n.Wait, int64(n.Offer)}, {idPass, n.Wait, int64(n.Offer)}}
	}
	id := string(n.Appointment)
	return []answer{{idConfirm, id, n.Version}, {idMove, id, n.Version}, {idCancel, id, n.Version}}
}

// ID is how the answer comes back from a button.
func (a answer) ID() string {
	return a.kind + a.id + "." + strconv.FormatInt(a.version, 10)
}

// pressNotice takes the button of a notice.
func (e *ear) pressNotice(id string) bool {
	a, ok := parseAnswer(id)
	if ok {
		e.heard.answer, e.heard.any = &a, true
	}
	return ok
}

// answersNotice takes what is said to the notice in a word or a number.
func (e *ear) answersNotice(w []string, r language.Reading) bool {
	n := e.draft.Notice
	if !e.draft.noticed() || len(w) == 0 || len(w) > mostAnswerWords || r.Has(language.Ask) {
		return false
	}
	list := n.answers()
	if number, err := strconv.Atoi(w[0]); err == nil && len(w) == 1 {
		if number < 1 || number > len(list) || number > 1 && e.in.Medium != language.SMS {
			return false
		}
		e.heard.answer = &list[number-1]
		return true
	}
	switch {
	case holds(w, comingOnes) && !r.Has(language.Deny):
		e.heard.yes, e.heard.no = true, false
	default:
		return false
	}
	return true
}

// mostAnswerWords is how many words an answer to a notice has at most that is
// told by a phrase in it.
const mostAnswerWords = 6

// Voice is what texts are written with, outside of a turn.
type Voice struct {
	Language  string
	Zone      *time.Location
	Business  string
	Catalogue Catalogue // at least what the text names
}

func (v Voice) turn(n Notice) (*turn, Pick) {
	t := &turn{in: Input{Language: v.Language, Zone: v.Zone, Business: v.Business, Catalogue: v.Catalogue}}
	return t, Pick{Service: n.Service, Staff: n.Staff, Start: n.Start}
}

// Compose writes n, with buttons to answer it by. words, where they are not
// empty, take the place of the text of a reminder: {service}, {staff}, {when}
// and {business} in them are filled in.
func Compose(v Voice, n Notice, words string) (string, *ingest.Menu) {
	t, p := v.turn(n)
	what := sayReminder
	switch {
	case n.Wait != "":
		what = sayFreed
	case words != "":
		what = sentence{"en": words, v.Language: words}
	}
	text := t.sayf(what, p)
	if words != "" && n.Wait == "" {
		text = clip(text, longestBody)
	}
	return text, t.noticeMenu(n.answers())
}

// Fill returns what a template says of n: the service, with whom, and the full
// time; and the ids of its buttons, in their order.
func Fill(v Voice, n Notice) (service, when string, buttons []string) {
	t, p := v.turn(n)
	for _, a := range n.answers() {
		buttons = append(buttons, a.ID())
	}
	return v.Catalogue.service(n.Service) + t.with(n.Staff), t.full(p.Start), buttons
}

var noticeTitles = map[string]sentence{
	idConfirm: sayYesComing, idMove: sayOtherTime, idCancel: sayCancel, idTake: sayYesBook, idPass: sayNoThanks,
}

func (t *turn) noticeMenu(list []answer) *ingest.Menu {
	m := &ingest.Menu{}
	for _, a := range list {
		m.Buttons = append(m.Buttons, ingest.Choice{ID: a.ID(), Title: t.say(noticeTitles[a.kind])})
	}
	return m
}
