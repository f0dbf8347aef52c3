package when_test

import (
	"embed"
	"fmt"
	"strings"
	"testing"

	"frontdesk/agent/language/when"
)

//go:embed testdata/compositions
var compositions embed.FS

// TestCompositions puts every way to say a day together with every way to say
// a clock time, in the sentences that people say them in: at least 99 of 100
// are read as both at once. What is left is read in two ways by people too ("2 to
// 4 March 5").
func TestCompositions(t *testing.T) {
	for _, lang := range []string{"en", "es", "pt", "fr", "de", "it"} {
		t.Run(lang, func(t *testing.T) {
			var wrong []string
			all := 0
			compose(t, lang, func(text, want string) {
				all++
				if got := say(when.Read(text, when.Reference{Now: now, Language: lang})); got != want {
					wrong = append(wrong, fmt.Sprintf("%q is read as %s, want %s", text, got, want))
				}
			})
			if all < 5000 || len(wrong)*100 > all {
				t.Errorf("%d of %d are read wrongly, such as\n%s", len(wrong), all, strings.Join(wrong[:min(len(wrong), 20)], "\n"))
			}
		})
	}
}

// compose calls f with each sentence of a language and what it says.
func compose(t *testing.T, lang string, f func(text, want string)) {
	file, err := compositions.ReadFile("testdata/compositions/" + lang + ".txt")
	if err != nil {
		t.Fatal(err)
	}
	sections := map[string][][2]string{}
	name := ""
	for line := range strings.Lines(string(file)) {
		line = strings.TrimSpace(line)
		switch {
		case line == "" || line[0] == '#':
		case line[0] == '[':
			name = strings.Trim(line, "[]")
		default:
			ways, want, _ := strings.Cut(line, " = ")
			for way := range strings.SplitSeq(ways, " | ") {
				sections[name] = append(sections[name], [2]string{way, want})
			}
		}
	}
	for _, pair := range [][2]string{{"point", "clocks"}, {"range", "ranges"}} {
		for _, sentence := range sections[pair[0]] {
			for _, day := range sections["days"] {
				for _, clock := range sections[pair[1]] {
					put(sentence[0], day, clock, f)
				}
			}
		}
	}
}

// put puts a day and a time into a sentence that both may stand in.
func put(sentence string, day, clock [2]string, f func(text, want string)) {
	if strings.Contains(sentence, "on {D}") && day[0][0] != '+' || clock[0][0] == '!' && !strings.Contains(sentence, "at {C}") {
		return
	}
	from, to, ranged := strings.Cut(clock[1], "..")
	want := at(day[1], from)
	if ranged {
		want += ".." + at(day[1], to)
	}
	f(strings.NewReplacer("{D}", strings.TrimPrefix(day[0], "+"), "{C}", strings.TrimPrefix(clock[0], "!")).Replace(sentence), want)
}

func at(day, clock string) string {
	if clock == "" {
		return ""
	}
	return day + "T" + clock
}
