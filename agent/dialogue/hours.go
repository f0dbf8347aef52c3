package dialogue

import (
	"context"
	"slices"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"frontdesk/agent/booking"
	"frontdesk/agent/language"
	"frontdesk/agent/language/when"
	"frontdesk/agent/language/written"
)

// Hours are when a business is open, by its own clock. The zero Hours are not
// known: then the knowledge alone answers.
type Hours struct {
	Week   map[string][]string // lower-case weekday to spans, "08:00-12:00"
	Closed []string            // days, "2026-12-25"
}

// Known reports whether h says anything.
func (h Hours) Known() bool { return len(h.Week) > 0 }

// on returns the spans of a day, and whether h can be read.
func (h Hours) on(day time.Time) ([]booking.Span, bool) {
	week, err := booking.ParseWeek(h.Week)
	if err != nil || week.Empty() {
		return nil, false
	}
	if slices.Contains(h.Closed, day.Format(time.DateOnly)) {
		return nil, true
	}
	return week[day.Weekday()], true
}

// openings is a question about when the business is open: now, on some days,
// or altogether.
type openings struct {
	text string
	now  bool
	days []Days
}

// mostDays is how many days are told one by one; a longer run is a question for
// the knowledge.
const mostDays = 3

// takeOpening takes the questions about opening hours out of text, and returns
// what is left of it.
func (e *ear) takeOpening(text string, s Said) string {
	if !e.in.Hours.Known() {
		return text
	}
	var rest []string
	list := sentences(text)
	for _, one := range list {
		if !e.asksOpening(one, len(list) == 1) {
			rest = append(rest, one)
			continue
		}
		o := openings{text: one}
		for _, m := range when.Read(one, e.reference(s)) {
			o.now = o.now || isNow(m, e.in.when(s))
		}
		for _, p := range partsOf(when.Read(one, e.reference(s)), e.in.when(s), false) {
			if p.days != nil {
				o.days = append(o.days, *p.days)
			}
		}
		e.heard.openings, e.heard.any = append(e.heard.openings, o), true
		e.heard.greets = e.heard.greets || e.read(one).Has(language.Greet)
	}
	if len(rest) == len(list) {
		return text
	}
	return strings.Join(rest, " ")
}

// asksOpening reports whether text asks when the business is open. Just after
// such a question a day alone asks on.
func (e *ear) asksOpening(text string, alone bool) bool {
	w := words(text)
	if len(w) > manyWords {
		return false
	}
	if holds(w, hoursOnes) {
		return true
	}
	r := e.read(text)
	if len(r.Services) > 0 || len(r.Staff) > 0 || r.Has(language.Book) || r.Has(language.Move) || r.Has(language.Cancel) {
		return false
	}
	if holds(w, openOnes) && !holds(w, notOpenOnes) {
		return true
	}
	if e.draft.Open() || e.draft.Opening.IsZero() || !alone || len(w) > 2*fewWords {
		return false
	}
	return r.Has(language.Ask) && len(when.Read(text, e.reference(Said{At: e.in.Now}))) > 0 || hasPrefix(w, andOnes) && holds(w, andOnes) && len(w) <= fewWords
}

// opening answers what is asked about opening hours.
func (t *turn) opening(ctx context.Context) error {
	for i, o := range t.h.openings {
		if i == mostQuestions {
			break
		}
		text, err := t.openingOf(ctx, o)
		if err != nil {
			return err
		}
		if text == "" {
			t.res.Unanswered = true
			continue
		}
		t.d.Opening, t.d.At = t.in.Now, t.in.Now
		if t.useful = true; !slices.Contains(t.answers, text) {
			t.answers = append(t.answers, text)
		}
	}
	return nil
}

// openingOf returns the answer to one question, empty if there is none. What no
// day is named for is the knowledge's, or else all of the week.
func (t *turn) openingOf(ctx context.Context, o openings) (string, error) {
	days := t.listed(o.days)
	switch {
	case o.now:
		return t.openNow(), nil
	case len(days) > 0 && len(days) <= mostDays:
		return t.openOn(days), nil
	}
	text, ok, err := t.in.Ask(ctx, o.text)
	if err != nil || ok {
		return text, err
	}
	return t.openWeek(), nil
}

// listed returns the days of list one by one, one more than are told at most.
func (t *turn) listed(list []Days) []time.Time {
	var out []time.Time
	for _, d := range list {
		first, ok := civil(d.First, t.in.Zone)
		last, has := civil(d.Last, t.in.Zone)
		if !ok || !has {
			continue
		}
		for at := first; !at.After(last) && len(out) <= mostDays; at = at.AddDate(0, 0, 1) {
			out = append(out, at)
		}
	}
	return out
}

// openNow says whether the business is open at this moment, and until or from
// when.
func (t *turn) openNow() string {
	now := t.in.Now.In(t.in.Zone)
	spans, _ := t.in.Hours.on(now)
	for _, s := range spans {
		if from, until := onDay(now, s.From), onDay(now, s.Until); !now.Before(from) && now.Before(until) {
			return fill(t.say(sayOpenNow), "{until}", clockOn(s.Until))
		}
	}
	for i := range 60 {
		day := onDay(now, 0).AddDate(0, 0, i)
		spans, _ := t.in.Hours.on(day)
		for _, s := range spans {
			if from := onDay(day, s.From); from.After(now) {
				return fill(t.say(sayClosedNow), "{when}", written.Of(t.in.Language).At(from))
			}
		}
	}
	return ""
}

// openOn says when the business is open on days.
func (t *turn) openOn(days []time.Time) string {
	var out []string
	now := t.in.Now.In(t.in.Zone)
	for _, day := range days {
		spans, ok := t.in.Hours.on(day)
		if !ok {
			return ""
		}
		over := len(spans) > 0 && !onDay(day, spans[len(spans)-1].Until).After(now)
		name := written.Of(t.in.Language).Day(day)
		switch {
		case over && day.Format(time.DateOnly) == now.Format(time.DateOnly):
			out = append(out, t.openNow())
		case len(spans) == 0:
			out = append(out, capital(fill(t.say(sayClosedOn), "{day}", name)))
		default:
			out = append(out, capital(fill(t.say(sayOpenOn), "{day}", name, "{hours}", t.spans(spans))))
		}
	}
	return strings.Join(out, " ")
}

// openWeek says when the business is open on each weekday, from Monday on.
func (t *turn) openWeek() string {
	week, err := booking.ParseWeek(t.in.Hours.Week)
	if err != nil || week.Empty() {
		return ""
	}
	lines := []string{t.say(sayOpenWeek)}
	for i := range week {
		day := (i + 1) % len(week)
		if len(week[day]) > 0 {
			lines = append(lines, "• "+capital(written.Of(t.in.Language).Weekdays[day])+" "+t.spans(week[day]))
		}
	}
	return strings.Join(lines, "\n")
}

// outside reports whether the business is never open at the time of day that w
// wishes, on the days that it wishes. It is false where that is not known.
func (t *turn) outside(w Wish) bool {
	days := t.listed(w.Days)
	if len(w.Days) == 0 {
		days = t.listed([]Days{{day(t.in.Now.In(t.in.Zone)), day(t.in.Now.In(t.in.Zone).AddDate(0, 0, mostDays))}})
	}
	open := false
	for _, d := range days {
		spans, _ := t.in.Hours.on(d)
		for _, s := range spans {
			if open = true; w.Clock.within(s) {
				return false
			}
		}
	}
	return open && !w.Clock.none()
}

// over reports whether w wishes for today, and the business does not open again
// today.
func (t *turn) over(w Wish) bool {
	now := t.in.Now.In(t.in.Zone)
	if len(w.Days) != 1 || w.Days[0].First != w.Days[0].Last || w.Days[0].First != day(now) {
		return false
	}
	spans, ok := t.in.Hours.on(now)
	return ok && len(spans) > 0 && !onDay(now, spans[len(spans)-1].Until).After(now)
}

// within reports whether some time of c is within s.
func (c Clock) within(s booking.Span) bool {
	from, until := clockOn(s.From), clockOn(s.Until-time.Minute)
	switch {
	case c.At != "":
		return c.At >= from && c.At <= until || c.Other >= from && c.Other <= until
	case c.Until != "" && c.From > c.Until: // over midnight
		return until >= c.From || from < c.Until
	}
	return until >= c.From && (c.Until == "" || from < c.Until)
}

// spans returns "from 08:00 to 12:00 and from 13:00 to 17:00".
func (t *turn) spans(list []booking.Span) string {
	var parts []string
	for _, s := range list {
		parts = append(parts, fill(t.say(sayFromTo), "{from}", clockOn(s.From), "{until}", clockOn(s.Until)))
	}
	return strings.Join(parts, " "+t.word(wordAnd)+" ")
}

var wordAnd = map[string]string{"en": "and", "es": "y", "pt": "e", "fr": "et", "de": "und", "it": "e"}

// onDay returns the time of day clock on the day of at.
func onDay(at time.Time, clock time.Duration) time.Time {
	return time.Date(at.Year(), at.Month(), at.Day(), int(clock/time.Hour), int(clock%time.Hour/time.Minute), 0, 0, at.Location())
}

func clockOn(clock time.Duration) string {
	return onDay(time.Date(2000, time.January, 1, 0, 0, 0, 0, time.UTC), clock).Format("15:04")
}

func fill(text string, pairs ...string) string { return strings.NewReplacer(pairs...).Replace(text) }

// capital returns text with its first letter upper case.
func capital(text string) string {
	first, size := utf8.DecodeRuneInString(text)
	return string(unicode.ToUpper(first)) + text[size:]
}

// Words that ask when the business is open, folded, of all languages.
var (
	openOnes = phrasesOf("are you open, are u open, r u open, are you guys open, you guys open, you open, u open, you still open, do you open, do u open, do you close, do u close, you close, u close, are you closed, closing time",
		"abren, abris, abierto, abiertos, abierta, cierran, estan cerrados, esta cerrado, atienden el, atienden los, atienden hoy, atienden manana",
		"voces abrem, vcs abrem, abrem, estao abertos, estao aberto, ta aberto, esta aberto, tao abertos, fecham, que horas fecha, que horas abre, voces fecham, estao fechados, atendem no, atendem aos, atendem hoje, atendem amanha",
		"ouvert, ouverts, ouverte, ouvrez, fermez, vous fermez, etes fermes",
		"habt ihr offen, habt ihr jetzt offen, habt ihr heute offen, habt ihr noch offen, jetzt offen, heute offen, noch offen, sonntag offen, samstag offen, geoffnet, haben sie auf, habt ihr auf, habt ihr jetzt auf, jetzt auf, heute auf, sonntag auf, montag auf, dienstag auf, mittwoch auf, donnerstag auf, freitag auf, samstag auf, macht ihr auf, machen sie auf, macht ihr zu, machen sie zu, schliesen sie, schliest ihr, offnen sie, offnet ihr, haben sie geschlossen, habt ihr zu",
		"siete aperti, aperti, e aperto, aprite, chiudete, siete chiusi")
	// hoursOnes speak of nothing else.
	hoursOnes = phrasesOf("opening hours, opening times, business hours, working hours, office hours, what are your hours",
		"horario de atencion, horarios de atencion, cual es su horario", "horario de funcionamento, horario de atendimento",
		"horaires d ouverture, heures d ouverture", "offnungszeiten", "orari di apertura, orario di apertura")
	notOpenOnes = phrasesOf("you open to, open wound, an opening, termin offen, was offen, termine offen, etwas offen, abren agenda, abren cupo, abren cupos")
	andOnes     = phrasesOf("and on, and, what about, how about, y, y el, y los, e, e no, e na, et, et le, und, und am, und an, e il")
)

var (
	sayOpenOn = sentence{
		"en": "On {day} we are open {hours}.",
		"es": "El {day} abrimos {hours}.",
		"pt": "{day}: abrimos {hours}.",
		"fr": "Le {day}, nous sommes ouverts {hours}.",
		"de": "Am {day}, haben wir {hours} geöffnet.",
		"it": "{day} siamo aperti {hours}.",
	}
	sayClosedOn = sentence{
		"en": "On {day} we are closed.",
		"es": "El {day} está cerrado.",
		"pt": "{day}: estamos fechados.",
		"fr": "Le {day}, nous sommes fermés.",
		"de": "Am {day}, haben wir geschlossen.",
		"it": "{day} siamo chiusi.",
	}
	sayOpenNow = sentence{
		"en": "We are open now, until {until}.",
		"es": "Ahora está abierto, hasta las {until}.",
		"pt": "Estamos abertos agora, até as {until}.",
		"fr": "Nous sommes ouverts en ce moment, jusqu'à {until}.",
		"de": "Wir haben jetzt geöffnet, bis {until} Uhr.",
		"it": "Ora siamo aperti, fino alle {until}.",
	}
	sayClosedNow = sentence{
		"en": "We are closed right now; we open again on {when}.",
		"es": "Ahora está cerrado; abrimos de nuevo el {when}.",
		"pt": "Agora estamos fechados; abrimos de novo: {when}.",
		"fr": "Nous sommes fermés en ce moment ; nous rouvrons le {when}.",
		"de": "Gerade haben wir geschlossen; wir öffnen wieder am {when}.",
		"it": "In questo momento siamo chiusi; riapriamo {when}.",
	}
	sayOpenWeek = sentence{
		"en": "We are open:",
		"es": "Nuestro horario:",
		"pt": "O nosso horário:",
		"fr": "Nos horaires :",
		"de": "Wir haben geöffnet:",
		"it": "I nostri orari:",
	}
	sayFromTo = sentence{
		"en": "from {from} to {until}",
		"es": "de {from} a {until}",
		"pt": "das {from} às {until}",
		"fr": "de {from} à {until}",
		"de": "von {from} bis {until} Uhr",
		"it": "dalle {from} alle {until}",
	}
)
