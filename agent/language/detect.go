package language

import (
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"
)

// Known are the languages whose acts are understood.
var Known = []string{"en", "es", "pt", "fr", "de", "it"}

// Detect returns the language of text among the given ones (ISO 639-1; none
// given: any it knows), and from 0 to 1 how sure that is. A text that tells
// nothing ("ok", "4pm", an emoji) gives "" and 0; the caller then keeps what it
// had.
func Detect(text string, among []string) (string, float64) {
	return detect(text, cut(text), among)
}

func detect(text string, w *words, among []string) (string, float64) {
	if lang := script(text); lang != "" {
		if len(among) == 0 || slices.Contains(among, lang) {
			return lang, 1
		}
		return "", 0
	}
	var scores [len(tongues)]float64
	for i := range w.len() {
		for _, hit := range theLexicon().stops[w.spans[i].id] {
			scores[hit.tongue] += hit.weight
		}
		endings(w.at(i), &scores)
	}
	letters(text, &scores)
	best, second, at := 0.0, 0.0, -1
	for i, s := range scores {
		if len(among) > 0 && !slices.Contains(among, tongues[i]) {
			continue
		}
		if s > best {
			best, second, at = s, best, i
		} else if s > second {
			second = s
		}
	}
	if at < 0 || best < 0.3 || best-second < 0.15*best {
		return "", 0
	}
	sure := (best - second) / best
	if best < 1 {
		sure *= best
	}
	return tongues[at], min(sure, 1)
}

// tongues are the languages told apart by words.
var tongues = [...]string{"en", "es", "pt", "fr", "de", "it", "nl"}

// script returns the language that most letters of text betray by their
// alphabet, or "" for Latin ones.
func script(text string) string {
	var latin, other, kana int
	lang := ""
	for _, r := range text {
		switch {
		case r < utf8.RuneSelf:
			if r|0x20 >= 'a' && r|0x20 <= 'z' {
				latin++
			}
		case unicode.In(r, unicode.Hiragana, unicode.Katakana):
			kana++
			other++
		case unicode.Is(unicode.Latin, r):
			latin++
		case unicode.IsLetter(r):
			other++
			if lang == "" {
				lang = alphabet(r)
			}
		}
	}
	switch {
	case other*2 <= latin || other == 0:
		return ""
	case kana > 0:
		return "ja"
	}
	return lang
}

func alphabet(r rune) string {
	for _, a := range alphabets {
		if unicode.Is(a.table, r) {
			return a.lang
		}
	}
	return ""
}

var alphabets = []struct {
	table *unicode.RangeTable
	lang  string
}{
	{unicode.Cyrillic, "ru"}, {unicode.Han, "zh"}, {unicode.Arabic, "ar"}, {unicode.Hangul, "ko"}, {unicode.Hebrew, "he"},
	{unicode.Greek, "el"}, {unicode.Thai, "th"}, {unicode.Devanagari, "hi"},
}

// endings adds what the ending of a longer word tells.
func endings(word []byte, scores *[len(tongues)]float64) {
	if len(word) < 5 {
		return
	}
	for i, list := range suffixes {
		for _, s := range list {
			if strings.HasSuffix(string(word), s) {
				scores[i] += 0.35
				break
			}
		}
	}
}

var suffixes = [len(tongues)][]string{
	{"ing", "tion", "ight", "ould", "ness", "ally", "ough", "ies", "ck", "ly", "ment"},
	{"cion", "iones", "dad", "ando", "iendo", "amos", "emos", "aron", "ieron", "illo", "aje", "ista", "ero"},
	{"cao", "coes", "dade", "ando", "endo", "amos", "ento", "eiro", "eira", "agem", "inho", "inha", "aram"},
	{"tion", "ment", "eux", "euse", "eau", "eaux", "ique", "aire", "ais", "ait", "ions", "elle", "ette", "ier"},
	{"ung", "ungen", "heit", "keit", "lich", "isch", "chen", "cht", "ten", "tag", "ige", "iert", "stelle"},
	{"zione", "zioni", "mente", "mento", "tta", "tto", "tti", "ggio", "are", "ere", "ire", "ano", "iamo", "ezza", "ino"},
	{"ijk", "heid", "aar", "oor", "eren", "sch", "tje", "aan", "ing"},
}

// letters adds what letters tell that only some languages have.
func letters(text string, scores *[len(tongues)]float64) {
	for _, r := range text {
		if r < utf8.RuneSelf {
			continue
		}
		for _, l := range telling {
			if strings.ContainsRune(l.letters, unicode.ToLower(r)) {
				for _, i := range l.tongues {
					scores[i] += l.weight
				}
			}
		}
	}
}

var telling = []struct {
	letters string
	weight  float64
	tongues []int
}{
	{"ñ¿¡", 1.2, []int{1}}, {"ãõ", 1.2, []int{2}}, {"ßäöü", 0.9, []int{4}}, {"œèêëùîû", 0.6, []int{3}}, {"èìò", 0.5, []int{5}}, {"à", 0.3, []int{3, 5, 2}},
	{"ç", 0.4, []int{2, 3}}, {"áíóú", 0.4, []int{1, 2}}, {"é", 0.2, []int{1, 2, 3}}, {"âêô", 0.3, []int{2, 3}}, {"ï", 0.3, []int{3, 6}},
}
