package passage_test

import (
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"

	"frontdesk/kb/passage"
)

func TestFromMarkdown(t *testing.T) {
	got := passage.FromMarkdown("# Spa\n\nWelcome to **our** [spa](https://spa.example).\n\n## Prices\n\n| What | USD |\n|---|--:|\n| Massage | 50 |\n| Sauna | 20 |\n\nHours\n-----\n- Mon: 9-5\n  only by phone\n* Tue\n\n```\ncode # stays\n```\n# Last #\nx_y_z stays\n")
	want := []passage.Block{
		{Headings: []string{"Spa"}, Text: "Welcome to our spa (https://spa.example)."},
		{Headings: []string{"Spa", "Prices"}, Text: "What | USD\nMassage | 50\nSauna | 20", Kind: passage.Table},
		{Headings: []string{"Spa", "Hours"}, Text: "- Mon: 9-5 only by phone\n- Tue", Kind: passage.List},
		{Headings: []string{"Spa", "Hours"}, Text: "code # stays"},
		{Headings: []string{"Last"}, Text: "x_y_z stays"},
	}
	if d := cmp.Diff(want, got); d != "" {
		t.Error(d)
	}
}

func TestFromHTML(t *testing.T) {
	got := passage.FromHTML(`<html><head><title>no</title><style>p{}</style></head><body><nav>menu</nav>
		<h1>Spa &amp; Salon</h1><p>Open<br>daily <b>9</b>–5</p><script>alert("x")</script>
		<h2>Prices</h2><table><tr><th>What<th>USD</tr><tr><td>Massage</td><td><p>50</p></td></tr></table>
		<ul><li>One <i>two</i><li>Three<ul><li>deep</ul></ul>tail</body>`)
	want := []passage.Block{
		{Headings: []string{"Spa & Salon"}, Text: "Open\ndaily 9–5"},
		{Headings: []string{"Spa & Salon", "Prices"}, Text: "What | USD\nMassage | 50", Kind: passage.Table},
		{Headings: []string{"Spa & Salon", "Prices"}, Text: "- One two\n- Three\n- deep", Kind: passage.List},
		{Headings: []string{"Spa & Salon", "Prices"}, Text: "tail"},
	}
	if d := cmp.Diff(want, got); d != "" {
		t.Error(d)
	}
}

func TestSplitKeepsSectionsApartAndPassagesInBounds(t *testing.T) {
	sentence := "Our masseurs have all been trained for three years in two countries. "
	blocks := []passage.Block{
		{Headings: []string{"A"}, Text: strings.Repeat(sentence, 60)},
		{Headings: []string{"A", "B"}, Text: "Short."},
		{Headings: []string{"T"}, Kind: passage.Table, Text: "Name | Price\n" + strings.Repeat("Deep tissue massage | 50 dollars\n", 100)},
		{Text: strings.Repeat("無", 2000)},
		{Text: strings.Repeat("x", 20000)},
	}
	got := passage.Split(blocks)
	var last passage.Passage
	for _, p := range got {
		if n := passage.Tokens(p.Text); n > 420 {
			t.Errorf("a passage of %d tokens under %q", n, p.Heading)
		}
		if p.Heading == "T" && !strings.HasPrefix(p.Text, "Name | Price\n") && !strings.Contains(p.Text, "\nName | Price\n") {
			t.Errorf("a part of the table without its head: %.60q", p.Text)
		}
		if p.Heading == "A" && last.Heading == "A" && !strings.HasPrefix(p.Text, strings.TrimSpace(sentence)) {
			t.Error("the second passage of a section does not start with the end of the first")
		}
		last = p
	}
	if len(got) < 10 || got[len(got)-1].Heading != "" {
		t.Errorf("%d passages", len(got))
	}
	var b int
	for _, p := range got {
		if p.Heading == "A › B" && p.Text == "Short." {
			b++
		}
	}
	if b != 1 {
		t.Errorf("the short section is %d passages of its own, want 1", b)
	}
}

// Every word of the text is in some passage, whatever the text.
func FuzzSplit(f *testing.F) {
	f.Add("# a\n\nb c d\n\n- x\n- y\n\n|a|b|\n|-|-|\n|1|2|")
	f.Add("<h1>x</h1><p>y<ul><li>z</table></td>")
	f.Add(strings.Repeat("word ", 3000))
	f.Add("\xff\xfe\x00`*_[](")
	f.Fuzz(func(t *testing.T, s string) {
		for _, blocks := range [][]passage.Block{passage.FromText(s), passage.FromMarkdown(s), passage.FromHTML(s)} {
			all := ""
			for _, p := range passage.Split(blocks) {
				if strings.TrimSpace(p.Text) == "" || utf8.ValidString(s) && !utf8.ValidString(p.Text) {
					t.Errorf("passage %q", p.Text)
				}
				all += " " + p.Text
			}
			for _, b := range blocks {
				for _, w := range strings.Fields(b.Text) {
					if len(w) < 100 && !strings.Contains(all, w) {
						t.Errorf("%q is in no passage", w)
					}
				}
			}
		}
	})
}

func TestALongLineIsCutInTime(t *testing.T) {
	for _, unit := range []string{"x", "word ", "無", "é"} {
		for _, p := range passage.Split(passage.FromText(strings.Repeat(unit, 2<<20/len(unit)))) {
			if n := passage.Tokens(p.Text); n > 420 {
				t.Fatalf("a passage of %d tokens of %q", n, unit)
			}
		}
	}
}
