package rank

import "strings"

// Compounds are cut only in languages that write them as one word, and only
// into words that the tenant's own texts hold.
const (
	minCompound = 8
	minPart     = 4
)

var compounding = map[string]bool{"de": true, "nl": true, "sv": true, "da": true, "no": true}

// linkers stand between the parts of a compound.
var linkers = []string{"", "s", "es", "n", "en", "er"}

// splitter knows the words of a tenant.
type splitter map[string]bool

// add takes up the words of a text.
func (s splitter) add(tokens []token) {
	for _, t := range tokens {
		if len(t.text) >= minPart && t.weight == 1 {
			s[t.text] = true
		}
	}
}

// split returns the stems of the tenant's words that w is made of: of both
// halves where both are known, else of the longer half that is.
func (s splitter) split(w, language string) []string {
	if len(w) < minCompound {
		return nil
	}
	var one string
	for i := minPart; i <= len(w)-minPart; i++ {
		head, tail := w[:i], w[i:]
		tailKnown := s[tail]
		if h := s.head(head); h != "" {
			if tailKnown {
				return []string{stemOf(language, h), stemOf(language, tail)}
			}
			if len(h) > len(one) && len(h) > minPart {
				one = h
			}
		}
		if tailKnown && len(tail) > len(one) && len(tail) > minPart {
			one = tail
		}
	}
	if one == "" {
		return nil
	}
	return []string{stemOf(language, one)}
}

// head returns the tenant's word that h is, without the linker at its end.
func (s splitter) head(h string) string {
	for _, l := range linkers {
		if stem, ok := strings.CutSuffix(h, l); ok && len(stem) >= minPart && s[stem] {
			return stem
		}
	}
	return ""
}
