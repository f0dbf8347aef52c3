package rank

import (
	"slices"
	"strings"
)

// languagesOf returns the languages of the articles, the commonest first.
func languagesOf(articles []Article) (main string, all []string) {
	count := map[string]int{}
	for _, a := range articles {
		lang := a.Language
		if lang == "" {
			lang = Detect(sample(a), nil)
		}
		count[lang]++
	}
	for lang := range count {
		if lang != "" {
			all = append(all, lang)
		}
	}
	slices.SortFunc(all, func(a, b string) int {
		if count[a] != count[b] {
			return count[b] - count[a]
		}
		return strings.Compare(a, b)
	})
	if len(all) > 0 {
		main = all[0]
	}
	return main, all
}

// languageOf returns the language of an article: its own, else the likeliest of
// the tenant's.
func (m *Model) languageOf(a Article) string {
	if a.Language != "" {
		return a.Language
	}
	if lang := Detect(sample(a), m.languages); lang != "" {
		return lang
	}
	return m.main
}

// sample is enough of an article to tell its language.
func sample(a Article) string {
	parts := append(askedBy(a), a.Passages...)
	s := strings.Join(parts[:min(len(parts), 12)], " ")
	return s[:min(len(s), 2000)]
}

// Detect returns the language, among those given or else all that are known,
// most of whose small words text uses; "" where there is nothing to tell by.
func Detect(text string, among []string) string {
	if len(among) == 0 {
		among = []string{"en", "es", "pt", "fr", "de", "it"}
	}
	ws := words(fold(text))
	best, most := "", 0
	for _, lang := range among {
		n := 0
		lx := lexiconOf(lang)
		for _, w := range ws {
			switch lx.weights[w] {
			case weightFunction:
				n += 2
			case weightCommon:
				n++
			}
		}
		if n > most {
			best, most = lang, n
		}
	}
	return best
}
