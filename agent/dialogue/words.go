package dialogue

import (
	"strings"
	"unicode"
)

// words cuts text into its words: lower case, no diacritics, no signs.
func words(text string) []string {
	var b strings.Builder
	for _, c := range strings.ToLower(text) {
		if plain, ok := plainer[c]; ok {
			c = plain
		}
		if !unicode.IsLetter(c) && !unicode.IsDigit(c) && !unicode.IsMark(c) {
			c = ' '
		}
		b.WriteRune(c)
	}
	return strings.Fields(b.String())
}

var plainer = func() map[rune]rune {
	m := map[rune]rune{'ß': 's'}
	for plain, list := range map[rune]string{'a': "áàâãäå", 'c': "ç", 'e': "éèêë", 'i': "íìîï", 'n': "ñ", 'o': "óòôõö", 'u': "úùûü", 'y': "ýÿ"} {
		for _, c := range list {
			m[c] = plain
		}
	}
	return m
}()

// holds reports whether one of the phrases of list, each of words parted by a
// space, stands in text.
func holds(text []string, list phrases) bool {
	for i, w := range text {
		for _, p := range list[w] {
			if len(p) <= len(text)-i && equal(p, text[i:i+len(p)]) {
				return true
			}
		}
	}
	return false
}

// hasPrefix reports whether text begins with one of the phrases of list.
func hasPrefix(text []string, list phrases) bool {
	if len(text) == 0 {
		return false
	}
	for _, p := range list[text[0]] {
		if len(p) <= len(text) && equal(p, text[:len(p)]) {
			return true
		}
	}
	return false
}

// phrases are phrases by their first word.
type phrases map[string][][]string

func phrasesOf(lines ...string) phrases {
	m := phrases{}
	for _, line := range lines {
		for text := range strings.SplitSeq(line, ", ") {
			if p := strings.Fields(text); len(p) > 0 {
				m[p[0]] = append(m[p[0]], p)
			}
		}
	}
	return m
}

func equal(a, b []string) bool {
	for i := range a {
		if a[i] != b[i] {
			return false
		}
	}
	return true
}

// Phrases that speak of what was offered, folded, of all languages: which of
// them a text is in does not matter, as none means anything else in another.
var (
	laterOnes = phrasesOf("later, later than that, too early",
		"mas tarde, muy temprano, demasiado temprano",
		"mais tarde, muito cedo, cedo demais",
		"plus tard, trop tot", "spater, zu fruh", "piu tardi, troppo presto")
	earlierOnes = phrasesOf("earlier, sooner, too late",
		"mas temprano, mas pronto, antes, muy tarde, demasiado tarde",
		"mais cedo, muito tarde, tarde demais",
		"plus tot, trop tard", "fruher, zu spat", "piu presto, troppo tardi")
	latestOne = phrasesOf("later one, the later, the latest, latest one",
		"la mas tarde, el mas tarde, o mais tarde, a mais tarde, le plus tard, la plus tard, der spatere, die spatere, den spateren, das spatere, il piu tardi, quello piu tardi")
	earliestOne = phrasesOf("earlier one, the earlier, the earliest, earliest one",
		"la mas temprano, el mas temprano, la mas temprana, o mais cedo, a mais cedo, le plus tot, la plus tot, der fruhere, die fruhere, den fruheren, das fruhere, il piu presto, quello prima")
	otherOnes = phrasesOf("another day, another time, other day, other time, different day, different time, other times, other days, none of these, none of those, none of them, neither, none, something else, dont work, doesnt work, dont suit",
		"otro dia, otra hora, otro horario, otros horarios, otras horas, ninguno, ninguna, otra fecha, otra opcion",
		"outro dia, outra hora, outro horario, outros horarios, nenhum, nenhuma, outra data",
		"autre jour, autre heure, autre date, un autre moment, aucun, aucune, autres horaires, autre horaire",
		"anderer tag, anderen tag, andere zeit, andere uhrzeit, anderer termin, anderen termin, keiner, keine davon, keinen davon, andere zeiten",
		"altro giorno, un altra ora, altro orario, altra data, nessuno, nessuna, altri orari")
	otherDays   = phrasesOf("another day, other day, different day, other days, otro dia, otra fecha, outro dia, outra data, autre jour, autre date, anderer tag, anderen tag, anderes datum, altro giorno, altra data")
	soonestOnes = phrasesOf("asap, as soon as possible, soonest, earliest, next available, first available, as early as possible, soon as possible",
		"lo antes posible, cuanto antes, lo mas pronto posible, lo mas pronto, primera disponible, primer hueco",
		"o mais rapido possivel, o quanto antes, quanto antes, o mais cedo possivel, primeiro horario",
		"des que possible, le plus tot possible, au plus vite, au plus tot",
		"so bald wie moglich, so schnell wie moglich, schnellstmoglich, moglichst bald, so fruh wie moglich, nachster freier",
		"prima possibile, appena possibile, il prima possibile, al piu presto")
	leaveOnes = phrasesOf("never mind, nevermind, forget it, forget about it, leave it, leave it as it is, leave it then, keep it, keep it as it is, keep the appointment, dont bother, changed my mind, no need",
		"dejalo, dejala, dejelo, dejela, lo dejo, mejor lo dejo, dejalo asi, olvidalo, olvidelo, olvida, no importa, no hace falta, ya no hace falta, he cambiado de idea, cambie de opinion, ya no quiero",
		"deixa pra la, deixe pra la, deixa para la, deixe para la, pode deixar, deixa, deixe, esquece, esqueca, deixa quieto, nao precisa, nao precisa mais, mudei de ideia, desisto, deixa como esta",
		"laissez tomber, laisse tomber, laissez, oubliez, oublie, tant pis, pas la peine, j ai change d avis, ce n est plus la peine",
		"vergiss es, vergessen sie es, lassen wir es, lassen sie es, lass es, lass gut sein, doch nicht, schon gut, hat sich erledigt, erledigt, egal dann",
		"lascia stare, lasci stare, lascia perdere, lasci perdere, non importa, fa niente, non fa niente, ho cambiato idea, come non detto, lasciamo stare")
	alsoOnes  = phrasesOf("too, also, as well, another one, one more, the same, tambien, otra igual, otra mas, tambem, mais uma, mais um, outra igual, aussi, encore un, encore une, auch, noch einen, noch eine, anche, un altro, ancora uno")
	priceOnes = phrasesOf("how much, price, cost, costs, cuanto cuesta, cuanto es, cuanto sale, cuanto vale, que precio, precio, cuanto, quanto custa, quanto e, quanto fica, qual o preco, preco, quanto, combien, quel prix, prix, tarif, was kostet, wie viel kostet, wieviel kostet, wie teuer, preis, quanto costa, prezzo, che prezzo")
	sameTimes = phrasesOf("same time, same hour, the same time", "misma hora, mismo horario, a la misma hora", "mesma hora, mesmo horario", "meme heure, meme horaire", "gleichen zeit, gleiche zeit, selben zeit, gleichen uhrzeit, selben uhrzeit, gleiche uhrzeit", "stessa ora, stesso orario, medesima ora")
	// bookOnes are a wish for an appointment where they are all that is said.
	bookOnes = map[string]bool{
		"appointment": true, "appointments": true, "booking": true, "appt": true, "cita": true, "turno": true, "reserva": true, "agendar": true, "marcacao": true,
		"agendamento": true, "rdv": true, "termin": true, "buchung": true, "appuntamento": true, "prenotazione": true,
	}
	// thinkOnes ask for time to think it over.
	thinkOnes = phrasesOf("let me check, let me think, let me see, ill check, i ll check, ill think about it, i ll think about it, think about it, need to check, have to check, gotta check, give me a minute, give me a sec, give me a second, one moment, one sec, hold on, get back to you, let you know",
		"dejame ver, deje ver, dejame pensarlo, lo voy a pensar, lo pienso, dejeme ver, dejame consultar, deja consulto, deja reviso, dejame revisar, dame un minuto, dame un momento, deme un momento, un momento, un momentito, te aviso, le aviso, tengo que consultar",
		"deixa eu ver, deixe me ver, deixa ver, vou ver, vou pensar, vou verificar, um momento, um minuto, um instante, te aviso, ja te falo, preciso ver",
		"je vais voir, je vais reflechir, laissez moi voir, laissez moi reflechir, un instant, une minute, je vous redis, je reviens vers vous, je dois verifier",
		"ich schau mal, ich schaue mal, ich uberlege, muss ich uberlegen, ich muss schauen, ich muss nachsehen, muss erst, einen moment, moment mal, ich melde mich",
		"ci penso, devo pensarci, fammi vedere, mi faccia vedere, devo controllare, un attimo, un momento, le faccio sapere, ti faccio sapere")
	// farewells are said with a day that is no wish.
	farewells = phrasesOf("see you, see u, see ya, cu, until, nos vemos, hasta, ate, te vejo, a bientot, a lundi, a mardi, a mercredi, a jeudi, a vendredi, a samedi, a demain, bis, ci vediamo, a lunedi, a martedi, a mercoledi, a giovedi, a venerdi, a sabato, a domani, since, was, were, been, have, had")
	// mildOnes are words of agreement that also merely go on.
	mildOnes = phrasesOf("ok, okay, k, alright, all right, right, well, fine, good, great, cool, and, so, vale, bueno, bien, de acuerdo, y, perfecto, bom, bem, ta, ta bom, ta bem, certo, beleza, e, entao, tudo bem, d accord, bon, bien, tres bien, et, parfait, gut, na gut, also, und, schon, alles klar, allora, va bene, bene, perfetto")
	// firmOnes are those that nobody merely goes on with.
	firmOnes    = phrasesOf("yes, yep, yeah, book it, si, sim, oui, ja, confirm, confirmo")
	assents     = phrasesOf("perfect, great, excellent, wonderful, do it, book it, go for it, perfecto, genial, estupendo, excelente, hagalo, adelante, perfeito, otimo, pode, parfait, allez y, super, perfekt, gerne, prima, passt, perfetto, ottimo, benissimo")
	insteadOnes = phrasesOf("make it, instead, rather, actually, better, sorry, wait, change it, i meant, i mean",
		"mejor, en vez, en lugar, perdon, espera, cambialo, cambiala, quise decir",
		"melhor, em vez, desculpe, espera, na verdade, quis dizer", "plutot, au lieu, pardon, attendez, en fait",
		"lieber, besser, stattdessen, doch, moment, eigentlich, ich meinte", "meglio, invece, scusi, aspetti, anzi, piuttosto")
	anyOnes = phrasesOf("anyone, anybody, any of them, either, no preference, whoever, dont mind, doesnt matter, whichever, any",
		"cualquiera, da igual, me es igual, quien sea, sin preferencia",
		"qualquer, qualquer um, tanto faz, sem preferencia",
		"n importe, peu importe, n importe qui, sans preference",
		"egal, irgendwer, keine praferenz", "chiunque, qualsiasi, indifferente, nessuna preferenza, e uguale")
	mineOnes = phrasesOf("my appointment, my appointments, my booking, my bookings, my reservation, my visit",
		"mi cita, mis citas, mi reserva, mi turno, mi hora",
		"minha consulta, minhas consultas, minha marcacao, minha reserva, meu horario, meu agendamento",
		"mon rendez vous, mes rendez vous, ma reservation, mon rdv",
		"mein termin, meine termine, meinen termin, meine buchung",
		"il mio appuntamento, mio appuntamento, miei appuntamenti, mia prenotazione")
	// listOnes ask for the contact's own appointments without calling them theirs.
	listOnes = phrasesOf("what do i have booked, what have i got booked, what have i booked, what did i book, what appointments do i have, which appointments do i have, do i have an appointment, do i have any appointment, do i have any appointments, have i got an appointment, do i have anything booked, am i booked, when am i booked, when do i come in, when is it again, when was it again, what time is it again, confirm my appointment, confirm my booking, check my appointment",
		"que citas tengo, cuales citas tengo, cuando tengo cita, cuando tengo la cita, tengo cita, tengo alguna cita, tengo citas, que tengo reservado, que tengo agendado, cuando me toca, cuando era mi, cuando me tocaba, confirmar mi cita, confirmarme la cita, revisar mi cita",
		"que consultas tenho, quais consultas tenho, tenho consulta, tenho alguma consulta, tenho consultas, o que tenho marcado, quando tenho consulta, tenho horario, tenho algo marcado, que marcacoes tenho, tenho alguma marcacao, quando eu tenho, confirmar meu horario, confirmar minha consulta, confirmar a minha marcacao",
		"quels rendez vous, ai je un rendez vous, j ai un rendez vous, j ai rendez vous quand, quand est ce que j ai rendez vous, qu est ce que j ai reserve, j ai quoi comme, confirmer mon rendez vous, confirmer mon rdv",
		"welche termine habe ich, welche termine hab ich, habe ich einen termin, hab ich einen termin, hab ich nen termin, wann habe ich, wann hab ich, was habe ich gebucht, was hab ich gebucht, wann war das nochmal, meinen termin bestatigen",
		"che appuntamenti ho, quali appuntamenti ho, ho un appuntamento, ho appuntamenti, quando ho l appuntamento, cosa ho prenotato, quando ho appuntamento, confermare il mio appuntamento")
	// freeOnes ask when there is time.
	freeOnes  = phrasesOf("free, available, availability, openings, libre, disponible, disponibilidad, espacio, livre, disponivel, vaga, vagas, dispo, disponibilites, libero, libera, disponibile, posto, frei, verfugbar")
	whoOnes   = phrasesOf("with who, with whom, who with, who is it with, whos it with, who will see me, who am i seeing, who will do it, con quien, quien me atiende, quien me va a atender, com quem, quem vai me atender, quem me atende, avec qui, bei wem, mit wem, zu wem, con chi, da chi")
	whenWords = phrasesOf("when, what time, what day, which day, do i have, have i got",
		"cuando, a que hora, que dia, tengo", "quando, que horas, que dia, tenho", "quand, a quelle heure, quel jour, ai je, est ce que j ai",
		"wann, um wie viel uhr, welchen tag, habe ich", "quando, a che ora, che giorno, ho")
)
