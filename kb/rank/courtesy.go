package rank

import "strings"

// courtesies are what people say before and after a question and mean nothing
// by, folded, apart by commas; "a|b" stands for either word.
var courtesies = map[string][][]string{
	"en": phrases(`hi, hello, hey, hiya, howdy, greetings, hi|hello|hey there, hi|hello|hey again, good morning|afternoon|evening|day, dear sir|madam|team|all, dear sir or madam, how are you,
how are you doing, how are you today, i hope you are well, hope you are well, i hope you are doing well, hope you are doing well, excuse me, please, thanks, thank you, thanks|thank so much, thank you so|very much, thanks a lot|bunch|million, many thanks,
thanks in advance, thank you in advance, thank you very|so much in advance, cheers, regards, best|kind|warm regards, have a good|nice|great day|evening|weekend, good day to you`),
	"es": phrases(`hola, buenas, buenos dias, buen dia, buenas tardes|noches, hola buenas, hola buenas tardes|noches, que tal, como estas|esta|estan, hola que tal, disculpe, disculpa, perdon, perdone, por favor, gracias, muchas|mil gracias, muchisimas gracias, gracias de antemano,
muchas gracias de antemano, saludos, un saludo, un cordial saludo, saludos cordiales, buen|feliz dia, que tenga|tengan un buen|lindo dia`),
	"pt": phrases(`oi, ola, bom dia, boa tarde|noite, oi|ola tudo bem, tudo bem, tudo bom, como vai, como esta, com licenca, desculpe, por favor, obrigado, obrigada, muito obrigado|obrigada, obrigado|obrigada desde ja, desde ja obrigado|obrigada, abracos, um abraco, tenha um bom dia`),
	"fr": phrases(`bonjour, bonsoir, salut, coucou, bonjour madame|monsieur, madame monsieur, ca va, comment allez vous, comment ca va, excusez moi, pardon, s il vous|te plait, svp, stp, merci, merci beaucoup, un grand merci, merci d avance, merci par avance,
merci beaucoup d avance, cordialement, bien cordialement, bonne journee|soiree`),
	"de": phrases(`hallo, hi, hey, moin, servus, guten tag|morgen|abend, gruss gott, gruezi, sehr geehrte damen und herren, hallo zusammen, liebes team, wie geht es ihnen|dir, entschuldigung, entschuldigen sie, bitte, danke, vielen|besten|herzlichen dank,
danke schon, dankeschon, danke im voraus, vielen dank im voraus, danke sehr, liebe|viele|beste|schone|freundliche grusse, mit freundlichen grussen, schonen tag noch, einen schonen tag|abend`),
	"it": phrases(`ciao, salve, buongiorno, buonasera, buon giorno|pomeriggio, buona sera|giornata|serata, come va|stai|sta, scusi, scusa, mi scusi, per favore, per piacere, per cortesia, grazie, grazie mille, molte|mille|tante grazie, grazie in anticipo,
cordiali|distinti saluti, saluti`),
}

// phrases reads a list of courtesies.
func phrases(list string) [][]string {
	var out [][]string
	for _, p := range strings.Split(list, ",") {
		all := [][]string{nil}
		for _, word := range strings.Fields(p) {
			var longer [][]string
			for _, one := range strings.Split(word, "|") {
				for _, begun := range all {
					longer = append(longer, append(begun[:len(begun):len(begun)], one))
				}
			}
			all = longer
		}
		out = append(out, all...)
	}
	return out
}

// matter returns a question's tokens without the courtesies before and after
// it: those of its own language, and of no other. A text that says nothing else
// is left as it is.
func (l *lexicon) matter(tokens []token) []token {
	list, rest := courtesies[l.language], tokens
	for {
		n := longest(list, func(p []string) bool { return len(p) <= len(rest) && says(rest[:len(p)], p) })
		m := longest(list, func(p []string) bool { return n+len(p) <= len(rest) && says(rest[len(rest)-len(p):], p) })
		if n+m == 0 {
			break
		}
		rest = rest[n : len(rest)-m]
	}
	for _, t := range rest {
		if t.weight >= 1 {
			return rest
		}
	}
	return tokens
}

// longest returns the number of words of the longest phrase that fits.
func longest(list [][]string, fits func([]string) bool) int {
	n := 0
	for _, p := range list {
		if len(p) > n && fits(p) {
			n = len(p)
		}
	}
	return n
}

func says(tokens []token, phrase []string) bool {
	for i, w := range phrase {
		if tokens[i].text != w {
			return false
		}
	}
	return true
}
