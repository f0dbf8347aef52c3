package when_test

import (
	"embed"
	"strings"
	"testing"

	"frontdesk/agent/language/when"
)

//go:embed testdata/phrases*.txt
var phrases embed.FS

// phrase is a way to say a time, and what it is read as.
type phrase struct{ lang, text, want string }

// eachPhrase calls f with every phrase of the tables.
func eachPhrase(f func(phrase)) {
	for _, name := range []string{"phrases.txt", "phrases_said.txt"} {
		table, err := phrases.ReadFile("testdata/" + name)
		if err != nil {
			panic(err)
		}
		phrasesOf(string(table), f)
	}
}

func phrasesOf(table string, f func(phrase)) {
	lang := ""
	for line := range strings.Lines(table) {
		line = strings.TrimSpace(line)
		switch {
		case line == "" || line[0] == '#':
			continue
		case line[0] == '[':
			lang = line[1:3]
			continue
		}
		ways, want, _ := strings.Cut(line, " = ")
		for way := range strings.SplitSeq(ways, " | ") {
			f(phrase{lang, way, want})
		}
	}
}

func TestPhrases(t *testing.T) {
	eachPhrase(func(p phrase) {
		if got := say(when.Read(p.text, when.Reference{Now: now, Language: p.lang})); got != p.want {
			t.Errorf("%s %q is read as\n%s\nwant\n%s", p.lang, p.text, got, p.want)
		}
	})
}
