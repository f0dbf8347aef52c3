package dialogue

import (
	"fmt"
	"strings"
	"time"

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
		old = t.full(t.d.Target.Start)
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
	at = at.In(t.in.Zone)
	l, ok := calendars[t.in.Language]
	if !ok {
		l = calendars["en"]
	}
	zone := t.in.Zone.String()
	if twice(at) {
		zone = at.Format("MST") + ", " + zone
	}
	return strings.NewReplacer("{weekday}", l.weekdays[at.Weekday()], "{day}", fmt.Sprint(at.Day()), "{month}", l.months[at.Month()-1],
		"{year}", fmt.Sprint(at.Year()), "{clock}", at.Format("15:04")).Replace(l.full) + " (" + zone + ")"
}

// short returns "Tue 3 Mar, 14:30", for a button.
func (t *turn) short(at time.Time) string {
	at = at.In(t.in.Zone)
	l, ok := calendars[t.in.Language]
	if !ok {
		l = calendars["en"]
	}
	return strings.NewReplacer("{weekday}", l.short[at.Weekday()], "{day}", fmt.Sprint(at.Day()), "{month}", l.shortMonths[at.Month()-1],
		"{clock}", at.Format("15:04")).Replace(l.button)
}

// twice reports whether the wall clock shows the time of at twice on its day.
func twice(at time.Time) bool {
	for _, hour := range []time.Duration{-2 * time.Hour, -time.Hour, -30 * time.Minute, 30 * time.Minute, time.Hour, 2 * time.Hour} {
		if at.Add(hour).Format("2006-01-02 15:04") == at.Format("2006-01-02 15:04") {
			return true
		}
	}
	return false
}

// calendar is how a language writes days. Month names are counted from January,
// weekdays from Sunday.
type calendar struct {
	weekdays, short     [7]string
	months, shortMonths [12]string
	full, button        string
}

var calendars = map[string]calendar{
	"en": {
		weekdays:    [7]string{"Sunday", "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday"},
		short:       [7]string{"Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"},
		months:      [12]string{"January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November", "December"},
		shortMonths: [12]string{"Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"},
		full:        "{weekday} {day} {month} {year} at {clock}", button: "{weekday} {day} {month}, {clock}",
	},
	"es": {
		weekdays:    [7]string{"domingo", "lunes", "martes", "miércoles", "jueves", "viernes", "sábado"},
		short:       [7]string{"dom", "lun", "mar", "mié", "jue", "vie", "sáb"},
		months:      [12]string{"enero", "febrero", "marzo", "abril", "mayo", "junio", "julio", "agosto", "septiembre", "octubre", "noviembre", "diciembre"},
		shortMonths: [12]string{"ene", "feb", "mar", "abr", "may", "jun", "jul", "ago", "sep", "oct", "nov", "dic"},
		full:        "{weekday} {day} de {month} de {year} a las {clock}", button: "{weekday} {day} {month}, {clock}",
	},
	"pt": {
		weekdays:    [7]string{"domingo", "segunda-feira", "terça-feira", "quarta-feira", "quinta-feira", "sexta-feira", "sábado"},
		short:       [7]string{"dom", "seg", "ter", "qua", "qui", "sex", "sáb"},
		months:      [12]string{"janeiro", "fevereiro", "março", "abril", "maio", "junho", "julho", "agosto", "setembro", "outubro", "novembro", "dezembro"},
		shortMonths: [12]string{"jan", "fev", "mar", "abr", "mai", "jun", "jul", "ago", "set", "out", "nov", "dez"},
		full:        "{weekday}, {day} de {month} de {year}, às {clock}", button: "{weekday} {day} {month}, {clock}",
	},
	"fr": {
		weekdays:    [7]string{"dimanche", "lundi", "mardi", "mercredi", "jeudi", "vendredi", "samedi"},
		short:       [7]string{"dim", "lun", "mar", "mer", "jeu", "ven", "sam"},
		months:      [12]string{"janvier", "février", "mars", "avril", "mai", "juin", "juillet", "août", "septembre", "octobre", "novembre", "décembre"},
		shortMonths: [12]string{"janv", "févr", "mars", "avril", "mai", "juin", "juil", "août", "sept", "oct", "nov", "déc"},
		full:        "{weekday} {day} {month} {year} à {clock}", button: "{weekday} {day} {month}, {clock}",
	},
	"de": {
		weekdays:    [7]string{"Sonntag", "Montag", "Dienstag", "Mittwoch", "Donnerstag", "Freitag", "Samstag"},
		short:       [7]string{"So", "Mo", "Di", "Mi", "Do", "Fr", "Sa"},
		months:      [12]string{"Januar", "Februar", "März", "April", "Mai", "Juni", "Juli", "August", "September", "Oktober", "November", "Dezember"},
		shortMonths: [12]string{"Jan.", "Feb.", "März", "Apr.", "Mai", "Juni", "Juli", "Aug.", "Sept.", "Okt.", "Nov.", "Dez."},
		full:        "{weekday}, {day}. {month} {year}, um {clock} Uhr", button: "{weekday} {day}. {month}, {clock}",
	},
	"it": {
		weekdays:    [7]string{"domenica", "lunedì", "martedì", "mercoledì", "giovedì", "venerdì", "sabato"},
		short:       [7]string{"dom", "lun", "mar", "mer", "gio", "ven", "sab"},
		months:      [12]string{"gennaio", "febbraio", "marzo", "aprile", "maggio", "giugno", "luglio", "agosto", "settembre", "ottobre", "novembre", "dicembre"},
		shortMonths: [12]string{"gen", "feb", "mar", "apr", "mag", "giu", "lug", "ago", "set", "ott", "nov", "dic"},
		full:        "{weekday} {day} {month} {year} alle {clock}", button: "{weekday} {day} {month}, {clock}",
	},
}

var wordWith = map[string]string{"en": "with", "es": "con", "pt": "com", "fr": "avec", "de": "bei", "it": "con"}

// Speaks reports whether dialogues can be held in a language.
func Speaks(lang string) bool {
	_, ok := calendars[lang]
	return ok
}
