package kb_test

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"

	"frontdesk/deploy/schema/schematest"
	"frontdesk/ingest"
	"frontdesk/kb"
)

// section is a passage's text of made-up words.
func section(rnd *rand.Rand, n int) string {
	const syllables = "babebibodadedidokakekikolalelilomamemimosasesiso"
	words := make([]string, n)
	for i := range words {
		for range 3 {
			at := 2 * rnd.IntN(len(syllables)/2)
			words[i] += syllables[at : at+2]
		}
	}
	return strings.Join(words, " ") + "."
}

func sections(rnd *rand.Rand, n int) string {
	var b strings.Builder
	for i := range n {
		fmt.Fprintf(&b, "# Section %d\n\n%s\n\n", i, section(rnd, 30))
	}
	return b.String()
}

// An index is exact: for words that no passage holds, what it finds is what the
// database's scan over all vectors finds, in the same order, through changes.
func TestAnIndexFindsWhatAScanFinds(t *testing.T) {
	t.Parallel()
	db := schematest.Postgres(t)
	rnd := rand.New(rand.NewPCG(1, 2))
	scan, indexed := open(t, db, kb.Config{IndexPassages: 1 << 30}), open(t, db, kb.Config{IndexPassages: 1})
	var articles []kb.Article
	for i := range 4 {
		articles = append(articles, put(t, scan, "acme", kb.Draft{Title: fmt.Sprint("Article ", i), Content: sections(rnd, 100), Type: kb.Markdown, Language: "en"}))
		put(t, scan, "globex", kb.Draft{Title: fmt.Sprint("Article ", i), Content: sections(rnd, 20), Type: kb.Markdown, Language: "en"})
	}
	put(t, scan, "acme", kb.Draft{Agent: "agt_1", Title: "Own", Content: sections(rnd, 50), Type: kb.Markdown, Language: "en"})
	compare := func(when string) {
		t.Helper()
		for i := range 30 {
			q := kb.Query{Text: "x" + strings.ReplaceAll(section(rnd, 5), " ", " x"), Language: "en", Agent: []ingest.AgentID{"", "agt_1", "agt_2"}[i%3], Limit: 20}
			want, err := scan.Hybrid(t.Context(), "acme", q)
			if err != nil {
				t.Fatal(err)
			}
			got, err := indexed.Hybrid(t.Context(), "acme", q)
			if err != nil {
				t.Fatal(err)
			}
			if fmt.Sprint(got) != fmt.Sprint(want) || len(got) != 20 {
				t.Fatalf("%s: %d hits by the index differ from the %d of the scan", when, len(got), len(want))
			}
			indexed.Settle()
		}
	}
	compare("at first")
	if !indexed.Indexed("acme") || scan.Indexed("acme") {
		t.Fatal("acme must be in the one store's index and not in the other's")
	}
	put(t, scan, "acme", kb.Draft{Title: "Article 1", Content: sections(rnd, 80), Type: kb.Markdown, Language: "en"})
	put(t, indexed, "acme", kb.Draft{Title: "Later", Content: sections(rnd, 30), Type: kb.Markdown, Language: "en"})
	compare("after a replacement and a new article")
	if err := scan.Delete(t.Context(), "acme", articles[0].ID); err != nil {
		t.Fatal(err)
	}
	compare("after a deletion")
	if !indexed.Indexed("acme") {
		t.Error("the changes were few, but the index was given up")
	}
}

// Words count by how rare they are, also those that very many passages hold.
func TestAnIndexWeighsWords(t *testing.T) {
	t.Parallel()
	s := open(t, schematest.Postgres(t), kb.Config{IndexPassages: 1})
	var b strings.Builder
	for i := range 1200 {
		fmt.Fprintf(&b, "# Room %d\n\nThis room has a balcony and a minibar.\n\n", i)
	}
	put(t, s, "acme", kb.Draft{Title: "Rooms", Content: b.String(), Type: kb.Markdown, Language: "en"})
	put(t, s, "acme", kb.Draft{Title: "House", Content: "# One\n\nThe terrace has a telescope.\n\n# Two\n\nThe cellar has a balcony, a telescope and a minibar.", Type: kb.Markdown, Language: "en"})
	for range 2 {
		indexed := s.Indexed("acme") // the first question goes to Postgres and has the index made
		hits, err := s.Hybrid(t.Context(), "acme", kb.Query{Text: "telescopes and balconies", Language: "en"})
		if s.Settle(); err != nil || len(hits) == 0 {
			t.Fatalf("Hybrid(): %v, %v", hits, err)
		}
		if indexed && hits[0].Heading != "Two" {
			t.Errorf("first is %q of %q, want the one with both words", hits[0].Heading, hits[0].Title)
		}
	}
	if !s.Indexed("acme") {
		t.Error("acme is in no index")
	}
}

// What does not fit is searched in the database, and takes no memory.
func TestAnIndexIsBounded(t *testing.T) {
	t.Parallel()
	db := schematest.Postgres(t)
	rnd := rand.New(rand.NewPCG(3, 4))
	s := open(t, db, kb.Config{IndexPassages: 1, IndexBytes: 500 << 10})
	for tenant, n := range map[ingest.TenantID]int{"small": 100, "large": 600} {
		put(t, s, tenant, kb.Draft{Title: "Sections", Content: sections(rnd, n), Type: kb.Markdown, Language: "en"})
		for range 3 {
			hits, err := s.Hybrid(t.Context(), tenant, kb.Query{Text: section(rnd, 5), Language: "en"})
			if s.Settle(); err != nil || len(hits) == 0 {
				t.Fatalf("Hybrid(): %v, %v", hits, err)
			}
		}
	}
	if !s.Indexed("small") || s.Indexed("large") {
		t.Errorf("in an index: small %v, large %v; want the small one alone", s.Indexed("small"), s.Indexed("large"))
	}
}
