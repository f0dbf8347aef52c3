package main

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestKBEval(t *testing.T) {
	dir := t.TempDir()
	write := func(name, text string) string {
		p := filepath.Join(dir, name)
		if err := os.WriteFile(p, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		return p
	}
	a := write("a.jsonl", `{"doc":"p","title":"Parking","answer":"Free parking behind the building."}`+"\n"+`{"doc":"h","title":"Opening hours","answer":"8:00 to 17:00"}`+"\n")
	q := write("q.jsonl", `{"q":"1","text":"is there parking","gold":["p"]}`+"\nbroken\n"+`{"q":"3","text":"who won the cup","gold":[]}`+"\n")
	tests := []struct {
		name string
		args []string
		want []string // parts of what is printed
		err  string
	}{
		{"a table for people", []string{"--articles", a, "--queries", q}, []string{"recall@1", "100.0 %", "overall accuracy"}, ""},
		{"one object", []string{"--articles", a, "--queries", q, "--json"}, []string{`"queries":2,"in_scope":1,"out_of_scope":1,"recall@1":1`, `"threshold":0.5`, `"overall_accuracy":1}`}, ""},
		{"a line a query, then the object", []string{"--articles", a, "--queries", q, "--json", "--per-query"},
			[]string{`{"id":"1","ranked":[{"doc":"p",`, `{"id":"line-2","error":`, `"declined":true`, `"recall@1":1`}, ""},
		{"threshold from dev questions", []string{"--articles", a, "--queries", q, "--dev-queries", q, "--json"}, []string{`"overall_accuracy":1}`}, ""},
		{"no queries", []string{"--articles", a}, nil, "--articles and --queries are needed"},
		{"a file that is not there", []string{"--articles", a, "--queries", a + "x"}, nil, "no such file"},
		{"an argument too many", []string{"--articles", a, "--queries", q, "x"}, nil, `unexpected argument "x"`},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			var out, log bytes.Buffer
			err := evalKB(t.Context(), append([]string{"eval"}, tt.args...), &out, &log)
			if tt.err != "" {
				if err == nil || !strings.Contains(err.Error(), tt.err) {
					t.Fatalf("error %v, want %q", err, tt.err)
				}
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			for _, w := range tt.want {
				if !strings.Contains(out.String(), w) {
					t.Errorf("printed\n%s\nwant %q in it", out.String(), w)
				}
			}
		})
	}
}
