package kb

import (
	"strings"
	"unicode/utf8"

	"frontdesk/kb/passage"
	"frontdesk/kb/rank"
)

// maxQuote is the most characters of an article that are quoted to a customer.
const maxQuote = 600

// quote returns the words of text that answer question: all of a short text,
// else the run of whole sentences, or of rows and items, that holds most of
// what was asked.
func quote(question, language, text string) string {
	if utf8.RuneCountInString(text) <= maxQuote {
		return text
	}
	units := lines(text)
	cover := rank.Cover(question, language, units)
	from, to := widest(units, cover)
	return strings.TrimSpace(shorten(join(units[from:to])))
}

// lines cuts text into sentences; a line of a list or table stays whole. The
// last unit of a line ends with its line break.
func lines(text string) []string {
	var out []string
	for _, line := range strings.Split(text, "\n") {
		if strings.HasPrefix(line, "- ") || strings.Contains(line, " | ") {
			out = append(out, line+"\n")
			continue
		}
		sentences := passage.Sentences(line)
		for i, s := range sentences {
			if i == len(sentences)-1 {
				s += "\n"
			}
			out = append(out, s)
		}
	}
	return out
}

func join(units []string) string {
	var b strings.Builder
	for i, u := range units {
		b.WriteString(u)
		if i < len(units)-1 && !strings.HasSuffix(u, "\n") {
			b.WriteByte(' ')
		}
	}
	return b.String()
}

// widest returns the run of units within maxQuote that covers most; of equals
// the one that starts nearest before its best unit.
func widest(units []string, cover []float64) (from, to int) {
	best := -1.0
	for i := range units {
		n, sum := 0, 0.0
		for j := i; j < len(units); j++ {
			if n += utf8.RuneCountInString(units[j]) + 1; n > maxQuote && j > i {
				break
			}
			sum += cover[j] * cover[j] // one good sentence before many half-good ones
			if at := sum + cover[i]/8; at > best+1e-9 && (j == i || cover[j] > 0) {
				best, from, to = at, i, j+1
			}
		}
	}
	// What is said right after belongs to the answer as long as it fits.
	n := utf8.RuneCountInString(join(units[from:to]))
	for to < len(units) && n+utf8.RuneCountInString(units[to])+1 <= maxQuote {
		n += utf8.RuneCountInString(units[to]) + 1
		to++
	}
	return from, to
}

// shorten cuts a single sentence that is too long by itself, between words.
func shorten(s string) string {
	if utf8.RuneCountInString(s) <= maxQuote {
		return s
	}
	r := []rune(s)[:maxQuote-1]
	cut := string(r)
	if i := strings.LastIndexAny(cut, " \n"); i > len(cut)/2 {
		cut = cut[:i]
	}
	return cut + "…"
}
