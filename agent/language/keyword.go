package language

import (
	"strings"

	"frontdesk/ingest"
)

// Medium is what a text came by. It decides which single words count as an
// opt-out.
type Medium string

// Media.
const (
	SMS      Medium = "sms"
	WhatsApp Medium = "whatsapp"
)

// Keyword returns the opt word that text is as a whole: trimmed, without a
// final full stop or exclamation mark, in any case. Free text is never one.
//
// On SMS every word that carriers and providers act on counts, CANCEL and END
// included: the carrier has opted the number out whatever we think of it. On
// WhatsApp nobody does that for us and the same words are ordinary replies
// ("cancel" to an offered appointment, "yes" to a question), so only
// unambiguous ones count there.
func Keyword(text string, medium Medium) ingest.OptWord {
	if len(text) > 64 {
		return ""
	}
	text = strings.Join(strings.Fields(text), " ")
	if trimmed := strings.TrimRight(text, ".!"); trimmed != "" {
		text = trimmed
	}
	if strings.ContainsAny(text, ".!?,;:") {
		return ""
	}
	w := cut(text)
	folded := make([]string, w.len())
	for i := range folded {
		folded[i] = w.word(i)
	}
	word, ok := keywords[strings.Join(folded, " ")]
	if !ok || (medium != SMS && word.smsOnly) {
		return ""
	}
	return word.means
}

type keyword struct {
	means   ingest.OptWord
	smsOnly bool
}

// keywords are the words of the providers and carriers, and of their customers'
// languages. YES and INFO count on SMS alone, and the caller takes YES for an
// opt-in only from someone who is opted out.
var keywords = map[string]keyword{
	"stop": {ingest.OptStop, false}, "stopall": {ingest.OptStop, false}, "stop all": {ingest.OptStop, false},
	"unsubscribe": {ingest.OptStop, false}, "optout": {ingest.OptStop, false}, "opt out": {ingest.OptStop, false},
	"quit": {ingest.OptStop, true}, "end": {ingest.OptStop, true}, "cancel": {ingest.OptStop, true},
	"revoke": {ingest.OptStop, true}, "remove": {ingest.OptStop, true}, "td": {ingest.OptStop, true},
	"arret": {ingest.OptStop, false}, "arrett": {ingest.OptStop, false}, "arrete": {ingest.OptStop, false},
	"arreter": {ingest.OptStop, false}, "desabonner": {ingest.OptStop, false}, "desinscription": {ingest.OptStop, false},
	"alto": {ingest.OptStop, false}, "parar": {ingest.OptStop, false}, "baja": {ingest.OptStop, false},
	"detener": {ingest.OptStop, false}, "darse de baja": {ingest.OptStop, false}, "darme de baja": {ingest.OptStop, false},
	"cancelar": {ingest.OptStop, true}, "sair": {ingest.OptStop, true}, "pare": {ingest.OptStop, false},
	"descadastrar": {ingest.OptStop, false}, "stopp": {ingest.OptStop, false}, "abmelden": {ingest.OptStop, false},
	"abbestellen": {ingest.OptStop, false}, "disiscriviti": {ingest.OptStop, false}, "annulla iscrizione": {ingest.OptStop, false},
	"basta": {ingest.OptStop, true}, "ferma": {ingest.OptStop, true}, "fin": {ingest.OptStop, true},

	"start": {ingest.OptStart, false}, "unstop": {ingest.OptStart, false}, "subscribe": {ingest.OptStart, false},
	"optin": {ingest.OptStart, false}, "opt in": {ingest.OptStart, false}, "join": {ingest.OptStart, true}, "yes": {ingest.OptStart, true},
	"inicio": {ingest.OptStart, true}, "alta": {ingest.OptStart, false}, "iniciar": {ingest.OptStart, false},
	"anmelden": {ingest.OptStart, true}, "iscriviti": {ingest.OptStart, true}, "reprendre": {ingest.OptStart, true},

	"help": {ingest.OptHelp, false}, "aide": {ingest.OptHelp, false}, "ayuda": {ingest.OptHelp, false}, "ajuda": {ingest.OptHelp, false},
	"hilfe": {ingest.OptHelp, false}, "aiuto": {ingest.OptHelp, false}, "info": {ingest.OptHelp, true},
}
