package when_test

import (
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"frontdesk/agent/language/when"
)

// FuzzRead checks what holds for every text: nothing panics, the words stand
// where they are said to, in order and apart, and every value is one.
func FuzzRead(f *testing.F) {
	for _, c := range cases {
		f.Add(c.text, c.previous, c.lang)
	}
	f.Add("3-4-5-6-7:8:9.10.11/12/13h14", "99999999999999999999", "de")
	f.Add("\xff\x00º1.º2º - 3º", "", "pt")
	f.Fuzz(func(t *testing.T, text, previous, lang string) {
		now := time.Date(2024, 2, 29, 23, 59, 59, 0, time.UTC)
		mentions := when.Read(text, when.Reference{Now: now, Language: lang, Previous: previous})
		wellFormed(t, text, mentions)
	})
}

func wellFormed(t *testing.T, text string, mentions []when.Mention) {
	t.Helper()
	end := 0
	for _, m := range mentions {
		if m.From < end || m.To <= m.From || m.To > len(text) || text[m.From:m.To] != m.Text {
			t.Fatalf("%q stands at %d to %d of %q, the one before it ends at %d", m.Text, m.From, m.To, text, end)
		}
		if utf8.ValidString(text) && !utf8.ValidString(m.Text) {
			t.Fatalf("%q cuts a letter of %q", m.Text, text)
		}
		end = m.To
		spans := append([]when.Span{{Start: m.Start, End: m.End}}, m.Alternatives...)
		for _, s := range spans {
			realPoint(t, text, s.Start)
			realPoint(t, text, s.End)
		}
	}
	seen := map[string]bool{}
	for _, v := range when.Values(mentions) {
		if seen[v] {
			t.Fatalf("%q has the value %s twice", text, v)
		}
		seen[v] = true
		layout := "15:04"
		if strings.Contains(v, "-") {
			layout = time.DateOnly
		}
		if _, err := time.Parse(layout, v); err != nil {
			t.Fatalf("%q has the value %q", text, v)
		}
	}
}

func realPoint(t *testing.T, text string, p when.Point) {
	t.Helper()
	if p.HasDay() {
		if _, err := time.Parse(time.DateOnly, p.Date.String()); err != nil {
			t.Fatalf("%q names the day %s", text, p.Date)
		}
	}
	c := p.Clock
	if c.Hour < 0 || c.Hour > 23 || c.Minute < 0 || c.Minute > 59 || c.Second < 0 || c.Second > 59 {
		t.Fatalf("%q names the time %v", text, c)
	}
}

// TestLongTexts: a text of 100 kB takes no longer than the part of it that is
// read, and that part is read in time that grows with its length alone.
func TestLongTexts(t *testing.T) {
	ref := when.Reference{Now: time.Date(2026, 3, 2, 15, 15, 0, 0, time.UTC), Language: "en"}
	for _, piece := range []string{
		"1", "1 ", "1-", "1.", "12:", "4 to ", "at ", "from ", "monday from ", "the ", "second ", "next ", "5th of ", "not ", "or 3 ", "monday or ",
		"between 3 and ", "in the morning of the ", "no, ", "12 12 ", "tomorrow ", "half past ", "every ", "a week after ", "(", "'", "aaaaaaa",
	} {
		long := strings.Repeat(piece, 100_000/len(piece))
		start := time.Now()
		wellFormed(t, long, when.Read(long, ref))
		if took := time.Since(start); took > 250*time.Millisecond {
			t.Errorf("100 kB of %q took %v", piece, took)
		}
	}
}

// TestOnlyTheBeginningIsRead: what stands after 8 KiB is in no mention, and
// the cut is not within a letter.
func TestOnlyTheBeginningIsRead(t *testing.T) {
	text := "tomorrow " + strings.Repeat("é", 5000) + " on Friday"
	mentions := when.Read(text, when.Reference{Now: now, Language: "en"})
	wellFormed(t, text, mentions)
	if len(mentions) != 1 {
		t.Errorf("%d expressions are read, want the first alone", len(mentions))
	}
}
