package dialogue

import (
	"cmp"
	"context"
	"slices"
	"strconv"
	"strings"
	"time"

	"frontdesk/agent/language"
	"frontdesk/ingest"
)

// mostTogether is how many people are booked for in one dialogue, one after the
// other. More of them are for a person to place.
const mostTogether = 4

// another stands in [Draft.Then] for the service that was booked last, for
// somebody else.
const another ingest.ServiceID = ""

// company takes how many people come, and that one more shall come to what was
// just booked.
func (e *ear) company(w []string) {
	h, d := &e.heard, e.draft
	if !d.Open() || d.Asked == AskedService {
		h.party = max(h.party, party(w))
	}
	h.after = h.after || holds(w, afterOnes)
	if d.Done == nil || d.Open() || len(w) > manyWords {
		return
	}
	h.again = h.again || hasPrefix(w, forOthers) || holds(w, theOthers) && (h.after || h.sameTime)
}

// party returns how many people text speaks of, 0 where it does not say.
func party(text []string) int {
	for i, w := range text {
		n := numberOf(w)
		if n < 2 || n > 99 {
			continue
		}
		if i+1 < len(text) && people[text[i+1]] || i+2 < len(text) && text[i+1] == "of" && text[i+2] == "us" {
			return n
		}
		if i > 1 && (text[i-1] == "of" || text[i-1] == "de" || text[i-1] == "di") && families[text[i-2]] {
			return n
		}
	}
	if holds(text, twoOnes) {
		return 2
	}
	return 0
}

// copies returns how many of a service text wants, "two haircuts"; 0 where it
// does not say.
func (e *ear) copies(text string, r language.Reading) int {
	w := words(text[:r.Services[0].From])
	if e.draft.Open() && e.draft.Asked != AskedService || len(r.Services) != 1 || len(w) == 0 {
		return 0
	}
	if n := numberOf(w[len(w)-1]); n <= mostTogether {
		return n
	}
	return 0
}

func numberOf(w string) int {
	if n, err := strconv.Atoi(w); err == nil {
		return n
	}
	for i, list := range numbers {
		if slices.Contains(list, w) {
			return i + 2
		}
	}
	return 0
}

// queue keeps what shall be booked after what is under way.
func (t *turn) queue() {
	h, d := t.h, &t.d
	switch {
	case len(h.then) > 0:
		d.Then = h.then
		t.note(fill(t.sayf(sayFirstThen, Pick{Service: h.service}), "{other}", t.serviceNames(h.then)))
	case h.party > 1 && h.party <= mostTogether && len(d.Then) == 0:
		d.Then = slices.Repeat([]ingest.ServiceID{another}, h.party-1)
		t.note(t.say(sayOneByOne))
	case h.service != "":
		d.Then = slices.DeleteFunc(slices.Clone(d.Then), func(id ingest.ServiceID) bool { return id == h.service })
	}
}

// serviceNames returns the names of services, with commas between.
func (t *turn) serviceNames(list []ingest.ServiceID) string {
	var names []string
	for _, id := range list {
		names = append(names, t.in.Catalogue.service(id))
	}
	return strings.Join(names, ", ")
}

// goOn asks for what shall be booked next, once something is.
func (t *turn) goOn(ctx context.Context) error {
	if t.d.Task != "" || len(t.d.Then) == 0 || t.d.Done == nil {
		return nil
	}
	return t.next(ctx)
}

// next asks for the first of what shall be booked next: at the same time if it
// is for somebody else and there is room, else behind what was booked last, on
// that day if it has room.
func (t *turn) next(ctx context.Context) error {
	done, then := *t.d.Done, t.d.Then
	t.d = Draft{Task: Book, Then: then[1:], Done: &done, Wish: Wish{Service: cmp.Or(then[0], done.Service)}}
	w := &t.d.Wish
	if !t.in.Catalogue.offers(w.Service) {
		t.d = Draft{Done: &done}
		return nil
	}
	if then[0] == another {
		t.note(t.say(sayNextPerson))
	}
	start := done.Start.In(t.in.Zone)
	w.Days = []Days{{day(start), day(start)}}
	if then[0] == another && !t.h.after {
		list, err := t.slots(ctx, start, start.Add(time.Minute))
		if err != nil && !refusal(err) {
			return err
		}
		if len(list) > 0 {
			return t.take(ctx, Option{Start: start})
		}
	}
	return t.behind(ctx, done.End)
}

// behind offers what is free after a time on the day that is wished, or else
// what is nearest to it.
func (t *turn) behind(ctx context.Context, end time.Time) error {
	w := &t.d.Wish
	w.Clock = Clock{From: end.In(t.in.Zone).Format("15:04")}
	if found, err := t.free(ctx); err != nil && !refusal(err) || len(found) > 0 {
		return cmp.Or(err, t.offer(ctx))
	}
	w.Days, w.Clock = nil, Clock{}
	list, err := t.desk.Nearest(ctx, t.query(), end, mostButtons)
	if err != nil && !refusal(err) {
		return err
	}
	if len(list) == 0 {
		return t.offer(ctx)
	}
	t.offers(list)
	t.d.Near = true
	return nil
}

// Words of coming with others, and of what comes after, folded, of all
// languages.
var (
	people = map[string]bool{"people": true, "persons": true, "personas": true, "pessoas": true, "personnes": true, "personen": true, "leute": true, "persone": true}

	families = map[string]bool{"family": true, "familia": true, "famille": true, "famiglia": true, "group": true, "grupo": true, "groupe": true, "gruppo": true}

	numbers = [][]string{
		{"two", "dos", "dois", "duas", "deux", "zwei", "due"}, {"three", "tres", "trois", "drei", "tre"}, {"four", "cuatro", "quatro", "quatre", "vier", "quattro"},
		{"five", "cinco", "cinq", "funf", "cinque"}, {"six", "seis", "sechs", "sei"}, {"seven", "siete", "sete", "sept", "sieben", "sette"}, {"eight", "ocho", "oito", "huit", "acht", "otto"},
	}
	twoOnes = phrasesOf("me and my, my husband and i, my wife and i, my son and i, my daughter and i, my friend and i, my partner and i, my husband and me, my wife and me, both of us, two of us",
		"para mi y mi, para mi y para mi, y otro para mi, y otra para mi, mi esposo y yo, mi esposa y yo, mi marido y yo, mi mujer y yo, mi hijo y yo, mi hija y yo, mi pareja y yo",
		"para mim e, pra mim e, eu e meu, eu e minha, meu marido e eu, minha esposa e eu, nos dois",
		"pour moi et, mon mari et moi, ma femme et moi, mon fils et moi, ma fille et moi, nous deux",
		"fur mich und, mein mann und ich, meine frau und ich, mein sohn und ich, meine tochter und ich, uns beide",
		"per me e, mio marito e io, mia moglie e io, noi due")
	forOthers = phrasesOf("for my husband, for my wife, for my son, for my daughter, for my friend, for my partner, for my mom, for my mum, for my dad, and for my, and my husband, and my wife, and one for my, another one for my, also for my, one for my, and another for my",
		"para mi esposo, para mi esposa, para mi marido, para mi mujer, para mi hijo, para mi hija, para mi pareja, para mi mama, y para mi, y otra para mi, y otro para mi, otra para mi, otro para mi, tambien para mi",
		"para meu marido, para minha esposa, para meu filho, para minha filha, e para meu, e para minha, e pro meu, e pra minha, mais um para, mais uma para, outro para meu, outra para minha",
		"pour mon mari, pour ma femme, pour mon fils, pour ma fille, et pour mon, et pour ma, un autre pour, et un autre pour, aussi pour mon, aussi pour ma",
		"fur meinen mann, fur meine frau, fur meinen sohn, fur meine tochter, und fur meinen, und fur meine, noch einen fur, auch fur meinen, auch fur meine",
		"per mio marito, per mia moglie, per mio figlio, per mia figlia, e per mio, e per mia, un altro per, anche per mio, anche per mia")
	theOthers = phrasesOf("the other, the other one, el otro, la otra, o outro, a outra, l autre, der andere, den anderen, die andere, l altro, l altra, another one, one more, otra mas, otro mas, mais um, mais uma")
	afterOnes = phrasesOf("right after, just after, after that, after it, straight after, directly after, afterwards, justo despues, despues de eso, enseguida, a continuacion, seguido, logo depois, depois disso, em seguida, logo a seguir, juste apres, apres ca, tout de suite apres, direkt danach, gleich danach, direkt im anschluss, subito dopo")
)

var (
	sayFirstThen = sentence{
		"en": "First {service}, then {other}.",
		"es": "Primero {service}, después {other}.",
		"pt": "Primeiro {service}, depois {other}.",
		"fr": "D'abord {service}, ensuite {other}.",
		"de": "Zuerst {service}, danach {other}.",
		"it": "Prima {service}, poi {other}.",
	}
	sayOneByOne = sentence{
		"en": "I book one person at a time; let's begin with the first.",
		"es": "Reservo para una persona a la vez; empecemos por la primera.",
		"pt": "Marco uma pessoa de cada vez; vamos começar pela primeira.",
		"fr": "Je réserve pour une personne à la fois ; commençons par la première.",
		"de": "Ich buche eine Person nach der anderen; fangen wir mit der ersten an.",
		"it": "Prenoto per una persona alla volta; cominciamo dalla prima.",
	}
	sayNextPerson = sentence{
		"en": "And for the next person:",
		"es": "Y para la siguiente persona:",
		"pt": "E para a próxima pessoa:",
		"fr": "Et pour la personne suivante :",
		"de": "Und für die nächste Person:",
		"it": "E per la prossima persona:",
	}
	sayNothingMore = sentence{
		"en": "Alright, nothing more then.",
		"es": "De acuerdo, nada más entonces.",
		"pt": "Certo, nada mais então.",
		"fr": "D'accord, rien d'autre alors.",
		"de": "In Ordnung, dann nichts weiter.",
		"it": "Va bene, nient'altro allora.",
	}
)
