package contact

import (
	"strings"
	"time"
	"unicode"
	"unicode/utf8"
)

// most is how many words of a query are looked for; more only narrow.
const most = 8

// patterns returns what query is among the words of a contact and, if it
// looks like a part of a phone number or an address, in an identifier.
func patterns(query string) (words []string, part string) {
	for _, word := range strings.Fields(clean(query)) {
		pattern := "%" + escape(word) + "%"
		first, _ := utf8.DecodeRuneInString(word)
		if utf8.RuneCountInString(word) < 3 && unicode.IsLetter(first) {
			pattern = "% " + pattern[1:] // short ones begin a word: an index knows these
		}
		if len(words) < most {
			words = append(words, pattern)
		}
	}
	if strings.Contains(query, "@") && len(words) == 1 {
		return words, "%" + escape(strings.ToLower(strings.TrimSpace(clean(query)))) + "%"
	}
	var b strings.Builder
	for _, r := range query {
		switch {
		case r >= '0' && r <= '9':
			b.WriteRune(r)
		case !strings.ContainsRune("+-()./ ", r):
			return words, ""
		}
	}
	if b.Len() < 3 {
		return words, ""
	}
	return words, "%" + b.String() + "%"
}

func escape(s string) string {
	return strings.NewReplacer(`\`, `\\`, `%`, `\%`, `_`, `\_`).Replace(s)
}

// wanted is f as frontdesk_find_contacts takes it.
func wanted(f Filter) map[string]any {
	w := map[string]any{"sort": string(f.Sort)}
	if f.Sort == "" {
		w["sort"] = string(Newest)
	}
	words, part := patterns(f.Query)
	if len(words) > 0 {
		w["words"] = words
	}
	for name, value := range map[string]string{
		"part": part, "identifier": clean(f.Identifier), "email": clean(f.Email), "segment": string(f.Segment), "stage": clean(f.Stage),
		"tag": clean(f.Tag), "channel": string(f.Channel),
	} {
		if value != "" {
			w[name] = value
		}
	}
	for name, at := range map[string]time.Time{"created_from": f.CreatedFrom, "created_to": f.CreatedTo, "seen_from": f.SeenFrom, "seen_to": f.SeenTo} {
		if !at.IsZero() {
			w[name] = at.UTC().Format(time.RFC3339Nano)
		}
	}
	if f.After != "" {
		id, name, _ := strings.Cut(f.After, "|")
		w["after"], w["after_name"] = id, name
	}
	return w
}

// cursor is the place of c in a list.
func cursor(c Contact, by Sort) string {
	if by == ByName {
		return string(c.ID) + "|" + c.Name
	}
	return string(c.ID)
}

// foldEmail is an address as two of them are compared.
func foldEmail(s string) string { return strings.ToLower(strings.TrimSpace(s)) }
