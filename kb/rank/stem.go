package rank

import (
	"strings"

	"github.com/kljensen/snowball/english"
)

// stemmer returns the stem of a folded word.
type stemmer func(string) string

// stemmers by language. English is Snowball's. The others are light suffix
// tables over folded text: Snowball's rules for them rest on the accents that
// customers leave out, and cut the same word differently with and without.
var stemmers = map[string]stemmer{
	"en": func(w string) string { return english.Stem(w, true) },
	"es": plural("s", suffixes(3, "acione", "icione", "acion", "icion", "amiento", "imiento", "adore", "ador", "adora", "idade", "idad", "iendo", "ando", "mente",
		"aremo", "eremo", "iremo", "aron", "ieron", "abamo", "amo", "emo", "imo", "arse", "erse", "irse", "arlo", "arla", "erlo", "erla", "irlo", "irla", "arme", "erme", "irme",
		"ado", "ada", "ido", "ida", "aban", "aba", "ian", "ia", "io", "ar", "er", "ir", "an", "en", "a", "e", "i", "o")),
	"pt": plural("s", suffixes(3, "acoe", "acao", "icoe", "icao", "amento", "imento", "adore", "ador", "adora", "idade", "indo", "endo", "ando", "mente",
		"aremo", "eremo", "iremo", "aram", "eram", "iram", "avamo", "amo", "emo", "imo", "ado", "ada", "ido", "ida", "avam", "ava", "iam", "ia", "io", "oe", "ae", "ao", "ei", "ai", "al", "el",
		"ar", "er", "ir", "am", "em", "a", "e", "i", "o", "m")),
	"it": suffixes(3, "azioni", "azione", "izioni", "izione", "amento", "imento", "amenti", "imenti", "atore", "atori", "mente", "ando", "endo",
		"arsi", "ersi", "irsi", "arono", "irono", "iamo", "avano", "evano", "ano", "ono", "ato", "ata", "ati", "ate", "uto", "uta", "uti", "ute", "ito", "ita", "iti", "ite",
		"are", "ere", "ire", "avo", "eva", "io", "ia", "ie", "a", "e", "i", "o"),
	"fr": plural("sx", suffixes(3, "issement", "ement", "ation", "ition", "ateur", "atrice", "ite", "euse", "eur",
		"eraient", "erait", "eron", "eront", "erez", "aient", "ante", "ant", "ion", "iez", "ait", "ai", "ee", "er", "ez", "ir", "it", "ie", "au", "al", "ent", "on", "e", "i")),
	"de": suffixes(3, "heiten", "keiten", "ungen", "heit", "keit", "ung", "ischen", "ische", "lichen", "liche", "licher", "liches", "isch", "lich",
		"igen", "iger", "iges", "ige", "ern", "em", "er", "en", "es", "et", "est", "st", "ig", "e", "n", "s", "t"),
}

// stemOf returns the stem of w in language; of a language without rules, and of
// what holds a digit, the word itself.
func stemOf(language, w string) string {
	if len(w) < 4 || strings.ContainsAny(w, "0123456789") {
		return w
	}
	if f, ok := stemmers[language]; ok {
		return f(w)
	}
	return w
}

// plural returns a stemmer that takes off one of the letters in marks from the
// end of longer words first, so that both numbers come to the same stem.
func plural(marks string, rest stemmer) stemmer {
	return func(w string) string {
		if len(w) > 4 && strings.IndexByte(marks, w[len(w)-1]) >= 0 {
			w = w[:len(w)-1]
		}
		return rest(w)
	}
}

// suffixes returns a stemmer that takes off the longest of the endings that
// leaves at least keep letters.
func suffixes(keep int, endings ...string) stemmer {
	set := make(map[string]bool, len(endings))
	longest := 0
	for _, e := range endings {
		set[e] = true
		longest = max(longest, len(e))
	}
	return func(w string) string {
		for n := min(longest, len(w)-keep); n > 0; n-- {
			if set[w[len(w)-n:]] {
				return w[:len(w)-n]
			}
		}
		return w
	}
}
