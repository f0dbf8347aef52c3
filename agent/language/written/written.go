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
	Months                  [12]string
	day, month, at          string
}

// Of returns the calendar of a language, "es", and that of English where there
// is none.
func Of(language string) Calendar {
	if c, ok := calendars[language]; ok {
		return c
	}
	return calendars["en"]
}

// Day returns "Tuesday 3 March 2026", by the clock of t's zone.
func (c Calendar) Day(t time.Time) string { return c.fill(c.day, t) }

// Month returns "March 2026".
func (c Calendar) Month(t time.Time) string { return c.fill(c.month, t) }

// At returns "Tuesday 3 March 2026 at 14:30".
func (c Calendar) At(t time.Time) string { return c.fill(c.at, t) }

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
		"{weekday}", c.Weekdays[t.Weekday()], "{day}", strconv.Itoa(t.Day()), "{month}", c.Months[t.Month()-1],
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
		day:           "{weekday} {day} {month} {year}", month: "{month} {year}", at: "{on} at {clock}",
	},
	"es": {
		Weekdays:      [7]string{"domingo", "lunes", "martes", "miércoles", "jueves", "viernes", "sábado"},
		ShortWeekdays: [7]string{"dom", "lun", "mar", "mié", "jue", "vie", "sáb"},
		Months:        [12]string{"enero", "febrero", "marzo", "abril", "mayo", "junio", "julio", "agosto", "septiembre", "octubre", "noviembre", "diciembre"},
		day:           "{weekday} {day} de {month} de {year}", month: "{month} de {year}", at: "{on} a las {clock}",
	},
	"pt": {
		Weekdays:      [7]string{"domingo", "segunda-feira", "terça-feira", "quarta-feira", "quinta-feira", "sexta-feira", "sábado"},
		ShortWeekdays: [7]string{"dom", "seg", "ter", "qua", "qui", "sex", "sáb"},
		Months:        [12]string{"janeiro", "fevereiro", "março", "abril", "maio", "junho", "julho", "agosto", "setembro", "outubro", "novembro", "dezembro"},
		day:           "{weekday}, {day} de {month} de {year}", month: "{month} de {year}", at: "{on}, às {clock}",
	},
	"fr": {
		Weekdays:      [7]string{"dimanche", "lundi", "mardi", "mercredi", "jeudi", "vendredi", "samedi"},
		ShortWeekdays: [7]string{"dim", "lun", "mar", "mer", "jeu", "ven", "sam"},
		Months:        [12]string{"janvier", "février", "mars", "avril", "mai", "juin", "juillet", "août", "septembre", "octobre", "novembre", "décembre"},
		day:           "{weekday} {day} {month} {year}", month: "{month} {year}", at: "{on} à {clock}",
	},
	"de": {
		Weekdays:      [7]string{"Sonntag", "Montag", "Dienstag", "Mittwoch", "Donnerstag", "Freitag", "Samstag"},
		ShortWeekdays: [7]string{"So", "Mo", "Di", "Mi", "Do", "Fr", "Sa"},
		Months:        [12]string{"Januar", "Februar", "März", "April", "Mai", "Juni", "Juli", "August", "September", "Oktober", "November", "Dezember"},
		day:           "{weekday}, {day}. {month} {year}", month: "{month} {year}", at: "{on}, um {clock} Uhr",
	},
	"it": {
		Weekdays:      [7]string{"domenica", "lunedì", "martedì", "mercoledì", "giovedì", "venerdì", "sabato"},
		ShortWeekdays: [7]string{"dom", "lun", "mar", "mer", "gio", "ven", "sab"},
		Months:        [12]string{"gennaio", "febbraio", "marzo", "aprile", "maggio", "giugno", "luglio", "agosto", "settembre", "ottobre", "novembre", "dicembre"},
		day:           "{weekday} {day} {month} {year}", month: "{month} {year}", at: "{on} alle {clock}",
	},
}
