package layout

import (
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// root is the module's folder, seen from this one.
const root = "../../.."

func TestTheTreeKeepsTheRules(t *testing.T) {
	var all []source
	err := filepath.WalkDir(root, func(path string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if d.IsDir() && path != root && (strings.HasPrefix(d.Name(), ".") || d.Name() == "testdata" || d.Name() == "node_modules") {
			return filepath.SkipDir
		}
		if d.IsDir() || filepath.Ext(path) != ".go" {
			return nil
		}
		code, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		relative, err := filepath.Rel(root, path)
		if err != nil {
			return err
		}
		s, err := read(filepath.ToSlash(relative), code)
		all = append(all, s)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	if len(all) < 10 {
		t.Fatalf("read %d files; is %s the module's folder?", len(all), root)
	}
	for _, s := range all {
		for _, breach := range breaches(s) {
			t.Error(breach)
		}
	}
	for _, breach := range undocumented(all) {
		t.Error(breach)
	}
}

// TestTheRulesCanBeBroken states each rule as a file that keeps it and one that
// breaks it.
func TestTheRulesCanBeBroken(t *testing.T) {
	importing := func(path string) string { return "// Package x is.\npackage x\n\nimport _ \"" + path + "\"\n" }
	long := func(lines int) string {
		return "package x\n\nfunc f() {\n" + strings.Repeat("\tg()\n", lines-2) + "}\n"
	}
	tests := []struct {
		path, code string
		want       string // in the breach; empty: none
	}{
		{"ingest/a.go", importing("encoding/json"), ""},
		{"ingest/a.go", importing("golang.org/x/text/language"), "standard library alone"},
		{"ingest/a.go", importing("frontdesk/ingest/stream"), "which its part may not"},
		{"ingest/stream/a.go", importing("frontdesk/ingest"), ""},
		{"ingest/stream/a.go", importing("frontdesk/ingest/tenantdb"), "which its part may not"},
		{"ingest/stream/a.go", importing("github.com/segmentio/kafka-go"), ""},
		{"ingest/stream/streamtest/a.go", importing("frontdesk/ingest/stream"), ""},
		{"kb/a.go", importing("frontdesk/ingest"), ""},
		{"kb/a.go", importing("frontdesk/kb/passage"), ""},
		{"kb/a.go", importing("frontdesk/ingest/stream"), "which its part may not"},
		{"kb/a.go", importing("frontdesk/agent"), "which its part may not"},
		{"kb/a.go", importing("frontdesk/gateway"), "which its part may not"},
		{"kb/deep/down/a.go", importing("frontdesk/analytics"), "which its part may not"},
		{"kb/deep/down/a.go", importing("frontdesk/ingest/tenantdb"), ""},
		{"analytics/a.go", importing("frontdesk/kb"), "which its part may not"},
		{"analytics/a.go", importing("github.com/ClickHouse/clickhouse-go/v2"), ""},
		{"agent/a.go", importing("frontdesk/kb"), ""},
		{"agent/a.go", importing("frontdesk/agent/language"), ""},
		{"agent/a.go", importing("frontdesk/gateway/edge"), "which its part may not"},
		{"agent/a.go", importing("frontdesk/analytics"), "which its part may not"},
		{"gateway/api/a.go", importing("frontdesk/agent/conversation"), ""},
		{"gateway/api/a.go", importing("frontdesk/gateway/edge"), ""},
		{"gateway/api/a.go", importing("frontdesk/ingest/stream"), "which its part may not"},
		{"gateway/api/a.go", importing("frontdesk/cmd/internal/boot"), "which its part may not"},
		{"gateway/api/a.go", importing("frontdesk/deploy/schema"), "which its part may not"},
		{"gateway/api/a.go", importing("github.com/valyala/fasthttp"), ""},
		{"gateway/api/a.go", importing("github.com/segmentio/kafka-go"), "which is for ingest/stream alone"},
		{"agent/a.go", importing("github.com/valyala/fasthttp"), "which is for gateway"},
		{"cmd/frontdesk/a.go", importing("frontdesk/ingest/stream"), ""},
		{"cmd/frontdesk/a.go", importing("github.com/jackc/pgx/v5"), "which is for deploy/schema"},
		{"agent/contact/store.go", importing("github.com/jackc/pgx/v5"), ""},
		{"agent/contact/store_list.go", importing("github.com/jackc/pgx/v5/pgconn"), ""},
		{"agent/contact/preference_store.go", importing("github.com/jackc/pgx/v5"), ""},
		{"agent/contact/contact.go", importing("github.com/jackc/pgx/v5"), "which is for deploy/schema"},
		{"agent/contact/contact_test.go", importing("github.com/jackc/pgx/v5"), ""},
		{"agent/contact/contact_test.go", importing("frontdesk/deploy/schema/schematest"), ""},
		{"agent/contact/contact_test.go", importing("frontdesk/gateway/api"), "which its part may not"},
		{"gateway/a.go", "package x\n\nimport \"os\"\n\nvar v = os.Getenv(\"FRONTDESK_X\")\n", "calls os.Getenv"},
		{"gateway/a.go", "package x\n\nimport env \"os\"\n\nvar v, _ = env.LookupEnv(\"FRONTDESK_X\")\n", "calls os.LookupEnv"},
		{"gateway/a_test.go", "package x\n\nimport \"os\"\n\nvar v = os.Getenv(\"FRONTDESK_TEST_X\")\n", ""},
		{"cmd/internal/boot/a.go", "package x\n\nimport \"os\"\n\nvar v = os.Getenv(\"FRONTDESK_X\")\n", ""},
		{"kb/a.go", "package helpers\n", "is named for a kind of code"},
		{"kb/a.go", "package x\n\nfunc Bare() {}\n", "exported Bare has no comment"},
		{"kb/a.go", "package x\n\n// Said is.\nfunc Said() {}\n", ""},
		{"kb/a.go", "package x\n\ntype T struct{}\n", "exported T has no comment"},
		{"kb/a.go", "package x\n\n// T is.\ntype T struct{}\n\nfunc (*T) Bare() {}\n", "exported T.Bare has no comment"},
		{"kb/a.go", "package x\n\n// T is.\ntype T struct{}\n\nfunc (T) Error() string { return \"\" }\n", ""},
		{"kb/a.go", "package x\n\ntype t struct{}\n\nfunc (t) Bare() {}\n", ""},
		{"kb/a.go", "package x\n\nconst A = 1\n", "exported A has no comment"},
		{"kb/a.go", "package x\n\n// The letters.\nconst (\n\tA = 1\n\tB = 2\n)\n", ""},
		{"kb/a.go", "package x\n\nvar (\n\tA = 1 // is the first\n)\n", ""},
		{"kb/a.go", long(60), ""},
		{"kb/a.go", long(61), "f has 61 lines"},
		{"kb/a_test.go", long(61), ""},
		{"kb/a.go", "package x\n\nconst c = `UPDATE t SET a = 1 FROM (SELECT id FROM t WHERE f(b) LIMIT 1 FOR UPDATE SKIP LOCKED) d`\n", "outside of a WITH"},
		{"kb/a.go", "package x\n\nconst c = `DELETE FROM t WHERE id IN (SELECT id FROM t LIMIT 1 FOR UPDATE)`\n", "outside of a WITH"},
		{"kb/a.go", "package x\n\nconst c = `WITH d AS (SELECT id FROM t WHERE f(b) LIMIT 1 FOR UPDATE SKIP LOCKED) UPDATE t SET a = 1 FROM d`\n", ""},
		{"kb/a.go", "package x\n\nconst c = `WITH d AS (SELECT t.id FROM u CROSS JOIN LATERAL (SELECT id FROM t LIMIT u.room FOR UPDATE) t) DELETE FROM t USING d`\n", ""},
		{"kb/a.go", "package x\n\nconst c = `SELECT id FROM t LIMIT 1 FOR UPDATE`\n", ""},
		{"kb/a.go", "package x\n\nconst c = `UPDATE t SET a = 1 FROM (SELECT id FROM t WHERE b FOR UPDATE) d`\n", ""},
		{"kb/a.go", "package x\n\nfunc f() {\n\tv := []int{\n" + strings.Repeat("\t\t1,\n", 80) + "\t}\n\t_ = v\n}\n", ""},
		{"kb/a.go", "package x\n\nfunc f() {\n\tv := `" + strings.Repeat("SELECT\n", 80) + "`\n\t_ = v\n}\n", ""},
	}
	for _, tt := range tests {
		s, err := read(tt.path, []byte(tt.code))
		if err != nil {
			t.Fatalf("%s: %v", tt.path, err)
		}
		found := breaches(s)
		switch {
		case tt.want == "" && len(found) > 0:
			t.Errorf("%s\n%s\nbreaks a rule: %q; want none", tt.path, tt.code, found)
		case tt.want != "" && !slices.ContainsFunc(found, func(b string) bool { return strings.Contains(b, tt.want) }):
			t.Errorf("%s\n%s\nbreaches = %q, want one with %q", tt.path, tt.code, found, tt.want)
		}
	}
}

func TestUndocumentedPackagesAreFound(t *testing.T) {
	sources := []source{
		{path: "a/one.go"}, {path: "a/doc.go", doc: true},
		{path: "b/two.go"},
		{path: "c/only_test.go", test: true},
	}
	got := undocumented(sources)
	if want := []string{"the package in b has no comment"}; !slices.Equal(got, want) {
		t.Errorf("undocumented() = %q, want %q", got, want)
	}
}
