package analytics

import (
	"strings"

	"frontdesk/ingest"
)

const (
	maxWord = 64
	// phoneDigits is how many digits in a row may be a phone number.
	phoneDigits = 7
	// other stands for a word that is none.
	other = "other"
)

// word returns s if it looks like a word of a closed list (a status, a reason,
// a language, an error code) and else "other": what an event calls a reason
// may be a sentence or a number.
func word(s string) string {
	if s == "" || plain(s) {
		return s
	}
	return other
}

func words(in []string) []string {
	out := make([]string, len(in))
	for i, s := range in {
		out[i] = word(s)
	}
	return out
}

// plain reports whether s is made of letters, digits and "_-.:", is short and
// has no run of digits that may be a phone number.
func plain(s string) bool {
	if len(s) > maxWord {
		return false
	}
	run := 0
	for i := range len(s) {
		switch c := s[i]; {
		case '0' <= c && c <= '9':
			if run++; run >= phoneDigits {
				return false
			}
			continue
		case 'a' <= c && c <= 'z', 'A' <= c && c <= 'Z', c == '_':
			run = 0
		case c == '-', c == '.', c == ':': // may stand between the digits of one number
		default:
			return false
		}
	}
	return true
}

// id returns s if it is an id or a plain word, and else a pseudonym of it, so
// that whatever it names is still counted once.
func (n namer) id(s string) string {
	if s == "" || plain(s) {
		return s
	}
	if prefix, _, ok := strings.Cut(s, "_"); ok && plain(prefix) && ingest.ValidID(prefix+"_", s) {
		return s
	}
	return "x_" + n.name("id", s)
}
