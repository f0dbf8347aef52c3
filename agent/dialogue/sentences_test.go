package dialogue

import (
	"go/ast"
	"go/parser"
	"go/token"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"frontdesk/agent/language"
)

// TestSentencesAreWholeInEveryLanguage: what is said is said in all languages,
// with the same places for names and times, and none of it is empty.
func TestSentencesAreWholeInEveryLanguage(t *testing.T) {
	paths, err := filepath.Glob("*.go")
	if err != nil {
		t.Fatal(err)
	}
	found := 0
	for _, path := range paths {
		file, err := parser.ParseFile(token.NewFileSet(), path, nil, 0)
		if err != nil {
			t.Fatal(err)
		}
		ast.Inspect(file, func(n ast.Node) bool {
			spec, ok := n.(*ast.ValueSpec)
			if !ok {
				return true
			}
			for i, value := range spec.Values {
				if lit, ok := value.(*ast.CompositeLit); ok && isSentence(lit) {
					found++
					wholeSentence(t, spec.Names[i].Name, lit)
				}
			}
			return true
		})
	}
	if found < 40 {
		t.Errorf("%d sentences are found, there are more", found)
	}
}

func isSentence(lit *ast.CompositeLit) bool {
	name, ok := lit.Type.(*ast.Ident)
	return ok && name.Name == "sentence"
}

var place = regexp.MustCompile(`\{\w+\}`)

func wholeSentence(t *testing.T, name string, lit *ast.CompositeLit) {
	var places []string
	seen := map[string]bool{}
	for _, e := range lit.Elts {
		pair := e.(*ast.KeyValueExpr)
		lang, _ := strconv.Unquote(pair.Key.(*ast.BasicLit).Value)
		text, _ := strconv.Unquote(pair.Value.(*ast.BasicLit).Value)
		here := place.FindAllString(text, -1)
		slices.Sort(here)
		if seen[lang] = true; len(seen) == 1 {
			places = here
		}
		if strings.TrimSpace(text) == "" || !slices.Equal(here, places) {
			t.Errorf("%s in %s is %q, elsewhere it has %v", name, lang, text, places)
		}
	}
	for _, lang := range language.Known {
		if !seen[lang] {
			t.Errorf("%s is not said in %s", name, lang)
		}
	}
}
