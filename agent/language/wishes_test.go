package language_test

import (
	_ "embed"
	"slices"
	"strings"
	"testing"

	"frontdesk/agent/language"
)

//go:embed testdata/wishes.txt
var wishes string

//go:embed testdata/said.txt
var said string

// TestWishes: what people write is read as the one act of book, move and cancel
// that it is, or as none of them.
func TestWishes(t *testing.T) { eachSaid(wishes, func(s saying) { s.check(t) }) }

// TestSaid: likewise, and the other acts are among those that are read.
func TestSaid(t *testing.T) { eachSaid(said, func(s saying) { s.check(t) }) }

// saying is a text and the act that it is.
type saying struct {
	lang, text string
	act        language.Act
}

// eachSaid calls f with each line of a table.
func eachSaid(table string, f func(saying)) {
	lang, act := "", language.Act("")
	for line := range strings.Lines(table) {
		line = strings.TrimSpace(line)
		switch {
		case line == "" || line[0] == '#':
		case line[0] == '[':
			lang, act = line[1:3], language.Act(line[4:len(line)-1])
		default:
			f(saying{lang, line, act})
		}
	}
}

// asks are questions that a yes or no answers.
var asks = map[string]string{"en": "Would Tuesday at 3 pm suit you?", "es": "¿Le viene bien el martes a las 15:00?"}

func (s saying) check(t *testing.T) {
	t.Helper()
	hints := language.Hints{Language: s.lang}
	if s.act == language.Confirm || s.act == language.Deny {
		hints.Previous = asks[s.lang]
	}
	got := language.Read(s.text, hints)
	var changes []language.Act
	for _, act := range []language.Act{language.Book, language.Move, language.Cancel} {
		if got.Has(act) {
			changes = append(changes, act)
		}
	}
	right := got.Has(s.act)
	switch s.act {
	case "none":
		right = len(changes) == 0
	case language.Book, language.Move, language.Cancel:
		right = slices.Equal(changes, []language.Act{s.act})
	}
	if !right {
		t.Errorf("%s %q is read as %v, want %s", s.lang, s.text, got.Acts, s.act)
	}
}
