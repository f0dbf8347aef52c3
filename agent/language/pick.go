package language

import (
	"strconv"
	"strings"
	"sync"
)

// Question is what the agent's last words ask for.
type Question string

// Questions.
const (
	Nothing      Question = ""              // they ask nothing
	AnythingElse Question = "anything_else" // whether more is wanted
	WhichOne     Question = "which"         // which of several
	WhatTime     Question = "when"          // a day or a clock time
	WhoIsIt      Question = "who"           // a name
	Whether      Question = "whether"       // something to agree to
)

// Asked returns what an agent's words ask for; the last question counts.
func Asked(text string) Question { return asked(cut(text)) }

func asked(w *words) Question {
	q := Nothing
	for i := range w.len() {
		if p, n := inquiries().longest(w, i); n > 0 {
			q = Question(kinds[p.act])
		}
	}
	if q == Nothing && w.mark {
		return Whether
	}
	return q
}

var inquiries = sync.OnceValue(func() book { return compile(asking) })

const asking = `
anything_else: anything|something else|more|other, what else, else i can, algo mas, alguna otra|cosa mas, otra cosa, mais alguma|algo coisa, algo|alguma coisa mais, mais alguma coisa, autre chose, sonst noch, noch etwas|was, altro, qualcos altro, serve altro
which: which|choose|pick, which of, what option|one, reply with|by, cual, cuales, elija|elige|escoge|escoja|responda|responde, qual, quais, escolha|escolhe|responda, lequel|laquelle|lesquels, quel|quelle creneau|option|horaire, choisissez|choisis|repondez, welche|welcher|welchen|welches, wahlen|waehlen|antworten, quale|quali, scelga|scegli|scegliere|risponda
when: what|which * day|date|time|hour, when, how soon, que|cual * dia|fecha|hora, cuando, para cuando, qual|que * dia|data|hora|horario, quando, quel|quelle * jour|date|heure, quand, welchen|welcher|welches|welche * tag|datum|uhrzeit|zeit, wann, um wie viel uhr, che|quale * giorno|data|ora|orario
who: your|what name, who * am|is|with, full name, name please, su nombre, como se llama, con quien, seu nome, qual * nome, votre nom, quel * nom, ihr|ihren name|namen, wie heissen, suo nome, come si chiama
`

// sign returns what a text of nothing but signs says: a thumb up or down.
func sign(text string) acts {
	switch {
	case strings.ContainsAny(text, "👍👌✅✔🆗"):
		return bit(Confirm)
	case strings.ContainsAny(text, "👎❌✖🚫"):
		return bit(Deny)
	case strings.ContainsAny(text, "🙏"):
		return bit(Thank)
	}
	return 0
}

// Picks besides a number from 1.
const (
	Last = -1 // the last of those offered
	Any  = -2 // whichever
)

// pick returns which of the options offered w takes, or 0. "The second one"
// takes one by itself; "2" or "the second" only as the whole answer to an offer.
func pick(w *words, f *findings, offered int, which bool) int {
	strong, weak, covered := 0, 0, 0
	for i := 0; i < w.len(); {
		p, n := picks().longest(w, i)
		if n == 0 {
			i++
			continue
		}
		switch at := int(p.pick); {
		case !p.alone:
			strong = at
		case weak != 0 && weak != at:
			return strong
		default:
			weak = at
			covered += n
		}
		i += n
	}
	if strong != 0 {
		return within(strong, offered)
	}
	if weak == 0 || offered == 0 && !which || f.covered+covered < w.len() {
		return 0
	}
	return within(weak, offered)
}

// within returns at if so many were offered; it trusts a number if nothing is
// known of the offer.
func within(at, offered int) int {
	if offered > 0 && at > offered {
		return 0
	}
	return at
}

// numbered returns how many options an agent's words number: the highest number
// that starts a line and is followed by a full stop, a bracket, a colon or a sign.
func numbered(text string) int {
	n := 0
	for line := range strings.Lines(text) {
		line = strings.TrimLeft(line, " \t*_([#")
		digits := 0
		for digits < len(line) && digits < 2 && line[digits] >= '0' && line[digits] <= '9' {
			digits++
		}
		if digits == 0 || digits == len(line) || !strings.ContainsRune(".):]- *", rune(line[digits])) {
			continue
		}
		if at, err := strconv.Atoi(line[:digits]); err == nil && at == n+1 {
			n = at
		}
	}
	return n
}

var picks = sync.OnceValue(func() book {
	b := make(book, len(theLexicon().ids))
	for line := range strings.Lines(picking) {
		head, list, ok := strings.Cut(strings.TrimSpace(line), ": ")
		if !ok {
			continue
		}
		at, _ := strconv.Atoi(head)
		for text := range strings.SplitSeq(list, ", ") {
			b.pick(at, text)
		}
	}
	return b
})

// pick adds the ways to take the option at, which text names.
func (b book) pick(at int, text string) {
	forms := []string{text + " " + optionWords, articles + " " + text + " " + optionWords}
	alone := []string{text, articles + " " + text}
	if at > 0 {
		forms = append(forms, optionWords+" "+text, optionWords+" number|numero|nummer|no "+text)
	}
	if at < 0 {
		forms, alone = append(forms, articles+" "+text), alone[:1]
	}
	for i, form := range append(forms, alone...) {
		b.add(string(Select), form)
		for _, first := range strings.Split(strings.Fields(form)[0], "|") {
			list := b[theLexicon().ids[first]]
			list[len(list)-1].pick, list[len(list)-1].alone = int8(at), i >= len(forms)
		}
	}
}

const (
	articles    = "the|that|this|la|el|lo|las|los|a|o|le|l|die|der|das|den|il|i"
	optionWords = "one|option|opcion|opcao|opzione|number|numero|nummer|slot|choice|horario|creneau|hueco|alternative"
)

// picking is the words for the places of a list.
const picking = `
1: 1|one|first|1st|1ra|1er|1ere|1a|1o|primera|primero|primer|primeira|primeiro|premier|premiere|erste|ersten|erster|erstes|eins|prima|primo|earliest|soonest
2: 2|two|second|2nd|2da|2do|2eme|2e|2a|2o|segunda|segundo|dos|dois|duas|deux|deuxieme|seconde|zweite|zweiten|zweiter|zweites|zwei|seconda|secondo|due
3: 3|three|third|3rd|3ra|3ro|3er|3eme|3e|3a|3o|tercera|tercero|tercer|tres|terceira|terceiro|trois|troisieme|dritte|dritten|dritter|drittes|drei|terza|terzo|tre
4: 4|four|fourth|4th|4ta|4to|4eme|4e|4a|4o|cuarta|cuarto|cuatro|quarta|quarto|quatro|quatre|quatrieme|vierte|vierten|vierter|viertes|vier|quattro
5: 5|five|fifth|5th|5ta|5to|5eme|5e|5a|5o|quinta|quinto|cinco|cinq|cinquieme|funfte|funften|funf|fuenf|cinque
6: 6|six|sixth|6th|6ta|6to|6eme|6e|6a|6o|sexta|sexto|seis|sixieme|sechste|sechsten|sechs|sei|sesta|sesto
7: 7|seven|seventh|7th|septima|septimo|siete|setima|setimo|sete|sept|septieme|siebte|siebten|sieben|sette|settima|settimo
8: 8|eight|eighth|8th|octava|octavo|ocho|oitava|oitavo|oito|huit|huitieme|achte|achten|acht|otto|ottava|ottavo
9: 9|nine|ninth|9th|novena|noveno|nueve|nona|nono|nove|neuf|neuvieme|neunte|neunten|neun
10: 10|ten|tenth|10th|decima|decimo|diez|dez|dix|dixieme|zehnte|zehnten|zehn|dieci
-1: last|latest|final|ultima|ultimo|derniere|dernier|letzte|letzten|letzter|letztes
-2: any|either|whichever|whatever|cualquiera|qualquer|n importe|egal|qualsiasi|qualunque, any of them|those|these, anyone is fine, either is fine, cualquiera de ellas|ellos|las|los, qualquer uma|um, n importe lequel|laquelle, ganz egal, ist mir egal, una qualsiasi, no preference, i dont mind, me da igual, tanto faz, peu importe, e lo stesso
`
