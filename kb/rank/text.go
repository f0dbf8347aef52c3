package rank

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"
)

// token is a word of a text: as folded (lower case, no diacritics), and its
// stem. weight is how much the word tells in general, 1 for most.
type token struct {
	text   string
	stem   string
	weight float32
}

// maxTokens bounds what is read of one text. A question is a line or two, and
// a phrasing too; what is pasted below it tells nothing more.
const maxTokens = 400

// tokenize folds text and cuts it into words; contractions and chat spellings
// become the words they stand for, and what asks for or tells a price or an
// hour says so in the language's word for it.
func tokenize(text, language string) []token {
	lx := lexiconOf(language)
	return lx.priced(lx.spelled(text))
}

// asked is [tokenize] for a question, without the courtesies around it.
func asked(question, language string) []token {
	lx := lexiconOf(language)
	return lx.priced(lx.matter(lx.spelled(question)))
}

func (l *lexicon) spelled(text string) []token {
	words := words(fold(text))
	out := make([]token, 0, len(words)+4)
	for _, w := range words {
		full, ok := l.spellings[w]
		if !ok {
			out = append(out, l.token(w))
			continue
		}
		for _, f := range full {
			out = append(out, l.token(f))
		}
	}
	return out
}

func (l *lexicon) priced(tokens []token) []token {
	if l.asksPrice(tokens) {
		tokens = append(tokens, l.token(l.price))
	}
	return tokens
}

// fold lowers text and takes the diacritics off Latin letters. Customers leave
// them out, so both sides must.
func fold(text string) string {
	ascii := true
	for i := range len(text) {
		if text[i] >= utf8.RuneSelf {
			ascii = false
			break
		}
	}
	if ascii {
		return strings.ToLower(text)
	}
	var b strings.Builder
	b.Grow(len(text))
	latin := false
	for _, r := range norm.NFKD.String(strings.ToLower(text)) {
		switch {
		case unicode.Is(unicode.Mn, r):
			if latin {
				continue
			}
			b.WriteRune(r)
		case r == 'ß':
			b.WriteString("ss")
		case r == '’' || r == '`' || r == '´':
			b.WriteByte('\'')
		default:
			latin = r < unicode.MaxLatin1 || unicode.Is(unicode.Latin, r)
			b.WriteRune(r)
		}
	}
	return b.String()
}

// words cuts folded text. Letters and digits with an apostrophe inside are one
// word; of scripts written without spaces each sign is one.
func words(s string) []string {
	out := make([]string, 0, len(s)/5+1)
	start := -1
	flush := func(end int) {
		if start >= 0 && len(out) < maxTokens {
			out = append(out, number(plain(s[start:end])))
		}
		start = -1
	}
	for i, r := range s {
		switch {
		case spaceless(r):
			flush(i)
			start = i
			flush(i + utf8.RuneLen(r))
		case unicode.IsLetter(r) || unicode.IsDigit(r) || unicode.Is(unicode.M, r):
			if start < 0 {
				start = i
			}
		case r == '\'' && start >= 0:
		case r == '-' && start >= 0 && i-start <= shortPrefix && i+1 < len(s) && s[i+1] >= 'a' && s[i+1] <= 'z':
		default:
			flush(i)
		}
	}
	flush(len(s))
	return out
}

// shortPrefix is up to how many bytes before a hyphen are one word with what
// follows: wi-fi is wifi, x-ray xray, e-mail email.
const shortPrefix = 2

// plain takes the marks off a word.
func plain(w string) string {
	w = strings.Trim(w, "'-")
	if i := strings.IndexByte(w, '-'); i >= 0 {
		w = strings.ReplaceAll(w, "-", "")
	}
	return w
}

func spaceless(r rune) bool {
	return r >= 0x0E00 && unicode.In(r, unicode.Han, unicode.Hiragana, unicode.Katakana, unicode.Thai, unicode.Lao, unicode.Khmer)
}

// number makes all long numbers the same word: a telephone or an order number
// says nothing about what is asked but that one was given.
func number(w string) string {
	if len(w) < 5 {
		return w
	}
	for i := range len(w) {
		if w[i] < '0' || w[i] > '9' {
			return w
		}
	}
	return "00000"
}
