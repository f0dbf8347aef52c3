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

// TestWishes: what people write is read as the one act of book, move and cancel
// that it is, or as none of them.
func TestWishes(t *testing.T) {
	lang, want := "", language.Act("")
	right, all := 0, 0
	for line := range strings.Lines(wishes) {
		line = strings.TrimSpace(line)
		switch {
		case line == "" || line[0] == '#':
			continue
		case line[0] == '[':
			lang, want = line[1:3], language.Act(line[4:len(line)-1])
			continue
		}
		var got []language.Act
		for _, act := range []language.Act{language.Book, language.Move, language.Cancel} {
			if language.Read(line, language.Hints{Language: lang}).Has(act) {
				got = append(got, act)
			}
		}
		all++
		if want == "none" && len(got) == 0 || slices.Equal(got, []language.Act{want}) {
			right++
		} else {
			t.Errorf("%s %q is read as %v, want %s", lang, line, got, want)
		}
	}
	t.Logf("%d of %d", right, all)
}
