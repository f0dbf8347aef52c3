package agent

import (
	"cmp"
	"slices"
	"strings"

	"frontdesk/agent/language"
	"frontdesk/ingest"
)

// reading is what is seen in a burst.
type reading struct {
	lang     string             // to answer in
	text     string             // of all messages
	each     []language.Reading // one a message
	messages []Prompt
}

// certain is how sure the language of a burst must be to change the language of
// a conversation.
const certain = 0.6

func read(s State) reading {
	r := reading{messages: s.Messages, each: make([]language.Reading, len(s.Messages))}
	var texts, written []string
	for _, m := range s.Messages {
		if text := strings.TrimSpace(m.Text); text != "" {
			texts = append(texts, text)
			if m.Choice == "" {
				written = append(written, text) // a button's title is not the contact's words
			}
		}
	}
	r.text = strings.Join(texts, "\n")
	lang, sure := language.Detect(strings.Join(written, "\n"), s.Business.Languages)
	if r.lang = lang; s.Language != "" && sure < certain {
		r.lang = s.Language
	}
	if r.lang == "" && len(s.Business.Languages) > 0 {
		r.lang = s.Business.Languages[0]
	}
	r.lang = cmp.Or(r.lang, "en")
	for i, m := range s.Messages {
		r.each[i] = language.Read(m.Text, language.Hints{Language: r.lang, Medium: m.Medium})
	}
	return r
}

func (r reading) has(act language.Act) bool {
	return slices.ContainsFunc(r.each, func(one language.Reading) bool { return one.Has(act) })
}

func (r reading) acts() []string {
	var out []string
	for _, one := range r.each {
		for _, act := range one.Acts {
			if !slices.Contains(out, string(act)) {
				out = append(out, string(act))
			}
		}
	}
	return out
}

func (r reading) flags() []string {
	for _, one := range r.each {
		if len(one.Flags) > 0 {
			return one.Flags
		}
	}
	return nil
}

// polite reports whether nothing of the burst needs an answer of substance.
func (r reading) polite() bool {
	for i, one := range r.each {
		if !one.Only && strings.TrimSpace(r.messages[i].Text) != "" && strings.ContainsFunc(r.messages[i].Text, lettered) {
			return false
		}
	}
	return true
}

// lettered tells letters and digits from signs and emoji.
func lettered(c rune) bool {
	return c >= '0' && c <= '9' || c|0x20 >= 'a' && c|0x20 <= 'z' || c >= 0xc0 && c < 0x2000 || c >= 0x2e80 && c < 0xfb00 || c >= 0x10000 && c < 0x1f000 || c >= 0x20000
}

// handoff reports whether a person is asked for, in the language's words or in
// the agent's own. An agent's word counts as a message of at most three words
// that holds it: "persona por favor", not a long sentence that happens to.
func (r reading) handoff(words []string) bool {
	if r.has(language.Handoff) {
		return true
	}
	for _, m := range r.messages {
		parts := strings.FieldsFunc(strings.ToLower(m.Text), func(c rune) bool { return !lettered(c) })
		if len(parts) > 3 {
			continue
		}
		text := " " + strings.Join(parts, " ") + " "
		for _, word := range words {
			if word = strings.ToLower(strings.TrimSpace(word)); word != "" && strings.Contains(text, " "+word+" ") {
				return true
			}
		}
	}
	return false
}

// help reports whether a message is the word for help.
func (r reading) help() bool {
	return slices.ContainsFunc(r.messages, func(m Prompt) bool { return language.Keyword(m.Text, m.Medium) == ingest.OptHelp })
}

// queries returns the texts to be looked up: those of messages that hold more
// than politeness.
func (r reading) queries() []string {
	var out []string
	for i, m := range r.messages {
		if text := strings.TrimSpace(m.Text); text != "" && !r.each[i].Only {
			out = append(out, text)
		}
	}
	return out
}
