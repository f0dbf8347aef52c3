package dialogue

import (
	"strings"
	"time"

	"frontdesk/agent/language/written"
	"frontdesk/ingest"
)

// sentence is something that is said, by language. {service}, {staff} and
// {when} stand for the service, " with Ana" and the full time of a slot; {old}
// for the time that an appointment is moved from.
type sentence map[string]string

// say returns what in the language of the turn, or in English.
func (t *turn) say(what sentence) string {
	text, ok := what[t.in.Language]
	if !ok {
		text = what["en"]
	}
	return strings.ReplaceAll(text, "{business}", t.in.Business)
}

// sayf is say with the words of a slot filled in.
func (t *turn) sayf(what sentence, p Pick) string {
	old := ""
	if t.d.Target != nil {
		old = written.Of(t.in.Language).At(t.d.Target.Start.In(t.in.Zone))
	}
	when := ""
	if !p.Start.IsZero() {
		when = t.full(p.Start)
	}
	return strings.NewReplacer("{service}", t.in.Catalogue.service(p.Service), "{staff}", t.with(p.Staff), "{name}", t.in.Catalogue.person(p.Staff),
		"{when}", when, "{old}", old).Replace(t.say(what))
}

// phrase names a slot: service, person, time.
func (t *turn) phrase(p Pick) string { return t.sayf(saySlot, p) }

// with returns " with Ana", or nothing where there is nobody to name.
func (t *turn) with(id ingest.StaffID) string {
	name := t.in.Catalogue.person(id)
	if name == "" {
		return ""
	}
	return " " + t.word(wordWith) + " " + name
}

func (t *turn) word(list map[string]string) string {
	if w, ok := list[t.in.Language]; ok {
		return w
	}
	return list["en"]
}

// full returns "Tuesday 3 March 2026 at 14:30 (America/Belize)". In the hour
// that comes twice it says which one.
func (t *turn) full(at time.Time) string {
	return written.Of(t.in.Language).At(at.In(t.in.Zone)) + " (" + t.in.Zone.String() + ")"
}

// short returns "Tue 3 Mar, 14:30", for a button.
func (t *turn) short(at time.Time) string { return written.Of(t.in.Language).Short(at.In(t.in.Zone)) }

var wordWith = map[string]string{"en": "with", "es": "con", "pt": "com", "fr": "avec", "de": "bei", "it": "con"}

// Speaks reports whether dialogues can be held in a language.
func Speaks(lang string) bool {
	return written.Known(lang)
}
