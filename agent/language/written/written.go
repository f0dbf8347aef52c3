// Package written writes days and times as people of a language do. It is pure.
package written

import (
	"strconv"
	"strings"
	"time"
)

// Calendar is how a language writes days. Months are counted from January,
// weekdays from Sunday.
type Calendar struct {
	Weekdays, ShortWeekdays [7]string
	Months, ShortMonths     [12]string
	day, month, at, short   string
}

// Of returns the calendar of a language, "es", and that of English where there
// is none.
func Of(language string) Calendar {
	if c, ok := calendars[language]; ok {
		return c
	}
	return calendars["en"]
}

// Known reports whether a language has a calendar of its own.
func Known(language string) bool {
	_, ok := calendars[language]
	return ok
}

// Day returns "Tuesday 3 March 2026", by the clock of t's zone.
func (c Calendar) Day(t time.Time) string { return c.fill(c.day, t) }

// Month returns "March 2026".
func (c Calendar) Month(t time.Time) string { return c.fill(c.month, t) }

// At returns "Tuesday 3 March 2026 at 14:30".
func (c Calendar) At(t time.Time) string { return c.fill(c.at, t) }

// Short returns "Tue 3 Mar, 14:30", at most 20 characters unless the time comes
// twice.
func (c Calendar) Short(t time.Time) string { return c.fill(c.short, t) }

// Clock returns "14:30". In the hour that comes twice when the clocks go back,
// it has the zone's name for which of the two it is.
func (c Calendar) Clock(t time.Time) string {
	if Twice(t) {
		return t.Format("15:04 MST")
	}
	return t.Format("15:04")
}

func (c Calendar) fill(form string, t time.Time) string {
	return strings.NewReplacer(
		"{weekday}", c.Weekdays[t.Weekday()], "{wd}", c.ShortWeekdays[t.Weekday()], "{mon}", c.ShortMonths[t.Month()-1], "{day}", strconv.Itoa(t.Day()), "{month}", c.Months[t.Month()-1],
		"{year}", strconv.Itoa(t.Year()), "{clock}", c.Clock(t),
	).Replace(strings.ReplaceAll(form, "{on}", c.day))
}

// Twice reports whether the clock of t's zone shows this time twice on its day.
func Twice(t time.Time) bool {
	const wall = "2006-01-02 15:04"
	for _, apart := range []time.Duration{-2 * time.Hour, -time.Hour, -30 * time.Minute, 30 * time.Minute, time.Hour, 2 * time.Hour} {
		if t.Add(apart).Format(wall) == t.Format(wall) {
			return true
		}
	}
	return false
}

var calendars = map[string]Calendar{
	"en": {
		Weekdays:      [7]string{"Sunday", "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday"},
		ShortWeekdays: [7]string{"Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"},
		Months:        [12]string{"January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November", "December"},
		ShortMonths:   [12]string{"Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"},
		day:           "{weekday} {day} {month} {year}", month: "{month} {year}", at: "{on} at {clock}", short: "{wd} {day} {mon}, {clock}",
	},
	"es": {
		Weekdays:      [7]string{"domingo", "lunes", "martes", "miércoles", "jueves", "viernes", "sábado"},
		ShortWeekdays: [7]string{"dom", "lun", "mar", "mié", "jue", "vie", "sáb"},
		Months:        [12]string{"enero", "febrero", "marzo", "abril", "mayo", "junio", "julio", "agosto", "septiembre", "octubre", "noviembre", "diciembre"},
		ShortMonths:   [12]string{"ene", "feb", "mar", "abr", "may", "jun", "jul", "ago", "sep", "oct", "nov", "dic"},
		day:           "{weekday} {day} de {month} de {year}", month: "{month} de {year}", at: "{on} a las {clock}", short: "{wd} {day} {mon}, {clock}",
	},
	"pt": {
		Weekdays:      [7]string{"domingo", "segunda-feira", "terça-feira", "quarta-feira", "quinta-feira", "sexta-feira", "sábado"},
		ShortWeekdays: [7]string{"dom", "seg", "ter", "qua", "qui", "sex", "sáb"},
		Months:        [12]string{"janeiro", "fevereiro", "março", "abril", "maio", "junho", "julho", "agosto", "setembro", "outubro", "novembro", "dezembro"},
		ShortMonths:   [12]string{"jan", "fev", "mar", "abr", "mai", "jun", "jul", "ago", "set", "out", "nov", "dez"},
		day:           "{weekday}, {day} de {month} de {year}", month: "{month} de {year}", at: "{on}, às {clock}", short: "{wd} {day} {mon}, {clock}",
	},
	"fr": {
		Weekdays:      [7]string{"dimanche", "lundi", "mardi", "mercredi", "jeudi", "vendredi", "samedi"},
		ShortWeekdays: [7]string{"dim", "lun", "mar", "mer", "jeu", "ven", "sam"},
		Months:        [12]string{"janvier", "février", "mars", "avril", "mai", "juin", "juillet", "août", "septembre", "octobre", "novembre", "décembre"},
		ShortMonths:   [12]string{"janv", "févr", "mars", "avril", "mai", "juin", "juil", "août", "sept", "oct", "nov", "déc"},
		day:           "{weekday} {day} {month} {year}", month: "{month} {year}", at: "{on} à {clock}", short: "{wd} {day} {mon}, {clock}",
	},
	"de": {
		Weekdays:      [7]string{"Sonntag", "Montag", "Dienstag", "Mittwoch", "Donnerstag", "Freitag", "Samstag"},
		ShortWeekdays: [7]string{"So", "Mo", "Di", "Mi", "Do", "Fr", "Sa"},
		Months:        [12]string{"Januar", "Februar", "März", "April", "Mai", "Juni", "Juli", "August", "September", "Oktober", "November", "Dezember"},
		ShortMonths:   [12]string{"Jan.", "Feb.", "März", "Apr.", "Mai", "Juni", "Juli", "Aug.", "Sept.", "Okt.", "Nov.", "Dez."},
		day:           "{weekday}, {day}. {month} {year}", month: "{month} {year}", at: "{on}, um {clock} Uhr", short: "{wd} {day}. {mon}, {clock}",
	},
	"it": {
		Weekdays:      [7]string{"domenica", "lunedì", "martedì", "mercoledì", "giovedì", "venerdì", "sabato"},
		ShortWeekdays: [7]string{"dom", "lun", "mar", "mer", "gio", "ven", "sab"},
		Months:        [12]string{"gennaio", "febbraio", "marzo", "aprile", "maggio", "giugno", "luglio", "agosto", "settembre", "ottobre", "novembre", "dicembre"},
		ShortMonths:   [12]string{"gen", "feb", "mar", "apr", "mag", "giu", "lug", "ago", "set", "ott", "nov", "dic"},
		day:           "{weekday} {day} {month} {year}", month: "{month} {year}", at: "{on} alle {clock}", short: "{wd} {day} {mon}, {clock}",
	},
}
