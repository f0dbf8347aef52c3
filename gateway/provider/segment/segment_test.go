package segment

import (
	"encoding/json"
	"os"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"
)

func decode(t *testing.T, file string, into any) {
	t.Helper()
	b, err := os.ReadFile("testdata/" + file)
	if err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(b, into); err != nil {
		t.Fatal(err)
	}
}

func TestSplitVectors(t *testing.T) {
	var in struct {
		Vectors []struct {
			Name, Text string
			Encoding   Encoding
			Units      int
			Segments   int
			Characters []int `json:"characters_per_segment"`
		}
	}
	decode(t, "segmentation_vectors.json", &in)
	if len(in.Vectors) != 36 {
		t.Fatalf("%d vectors", len(in.Vectors))
	}
	for _, v := range in.Vectors {
		got := Split(v.Text)
		var characters []int
		for _, p := range got.Parts {
			characters = append(characters, utf8.RuneCountInString(p))
		}
		if got.Encoding != v.Encoding || got.Units != v.Units || len(got.Parts) != v.Segments || !cmp.Equal(characters, v.Characters) {
			t.Errorf("%s: %s, %d units, parts of %v; want %s, %d, %v", v.Name, got.Encoding, got.Units, characters, v.Encoding, v.Units, v.Characters)
		}
	}
}

func TestAlphabet(t *testing.T) {
	var in struct {
		Basic, Extension []struct{ Char string }
	}
	decode(t, "gsm7_tables.json", &in)
	if len(in.Basic) != 128 || len(in.Extension) != 10 {
		t.Fatalf("%d basic and %d extended characters", len(in.Basic), len(in.Extension))
	}
	known := 0
	for r := range rune(0x10000) {
		if septets(r) > 0 {
			known++
		}
	}
	if known != 137 {
		t.Errorf("the alphabet has %d characters, want 137", known)
	}
	for n, list := range map[int][]struct{ Char string }{1: in.Basic, 2: in.Extension} {
		for _, c := range list {
			if c.Char == "" {
				continue // 0x1B, the escape
			}
			if r, _ := utf8.DecodeRuneInString(c.Char); septets(r) != n {
				t.Errorf("%q takes %d septets, want %d", r, septets(r), n)
			}
		}
	}
}

func FuzzSplit(f *testing.F) {
	f.Add(strings.Repeat("a", 152) + "€bbb")
	f.Add(strings.Repeat("ж", 66) + "🙂жжжжж")
	f.Add("\xff\xed\xa0\x80")
	f.Fuzz(func(t *testing.T, text string) {
		s := Split(text)
		if strings.Join(s.Parts, "") != text || len(s.Parts) == 0 {
			t.Fatalf("the parts are not the text")
		}
		room, sum := capacity[s.Encoding], 0
		for _, p := range s.Parts {
			n := 0
			for _, r := range p {
				n += units(s.Encoding, r)
			}
			if n > room.part && (len(s.Parts) > 1 || n > room.alone) || (n == 0 && text != "") {
				t.Fatalf("a part of %d units in %s", n, s.Encoding)
			}
			if utf8.ValidString(text) && !utf8.ValidString(p) {
				t.Fatal("a character was cut")
			}
			sum += n
		}
		if sum != s.Units {
			t.Fatalf("%d units in parts, %d in all", sum, s.Units)
		}
	})
}
