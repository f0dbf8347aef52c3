package layout

import (
	"path"
	"slices"
	"strings"
)

const module = "frontdesk"

// parts says, folder by folder, which parts of the tree it may import. The
// longest folder that matches counts, and a part may always import itself. A
// trailing "!" bounds the right to that very package. Arrows point down only:
//
//	cmd → gateway → agent, analytics → kb → ingest
var parts = map[string][]string{
	"ingest":          {},
	"ingest/stream":   {"ingest!"},
	"ingest/tenantdb": {"ingest!"},
	"kb":              {"ingest!", "ingest/tenantdb"},
	"analytics":       {"ingest!", "ingest/tenantdb"},
	"agent":           {"ingest!", "ingest/tenantdb", "kb"},
	"gateway":         {"ingest!", "ingest/tenantdb", "kb", "analytics", "agent"},
	"deploy":          {"ingest!", "ingest/tenantdb"},
	"cmd":             {"ingest", "kb", "analytics", "agent", "gateway", "deploy"},
}

// onlyStandard are packages that import nothing but the standard library.
var onlyStandard = []string{"ingest"}

// clients says where a module that speaks to the outside may be imported, by
// the beginning of its path: in these folders, and in files with these names.
var clients = []struct {
	module  string
	folders []string
	files   []string
}{
	// cmd/bench holds the bare handlers that the real one is measured against.
	{"github.com/valyala/fasthttp", []string{"gateway", "cmd/bench"}, nil},
	{"github.com/fasthttp/router", []string{"gateway"}, nil},
	{"github.com/segmentio/kafka-go", []string{"ingest/stream"}, nil},
	{"github.com/twmb/franz-go", []string{"cmd/internal/embedded"}, nil},
	{"github.com/ClickHouse/", []string{"analytics", "deploy/schema", "cmd/internal/embedded"}, nil},
	{"github.com/ebitengine/purego", []string{"cmd/internal/embedded"}, nil},
	{"github.com/jackc/pgx", []string{"deploy/schema", "ingest/tenantdb", "cmd/internal"}, []string{"store*.go", "*_store.go"}},
	{"github.com/pgvector/", []string{"deploy/schema", "cmd/internal"}, []string{"store*.go", "*_store.go"}},
	{"github.com/pressly/goose", []string{"deploy/schema"}, nil},
	{"github.com/caarlos0/env", []string{"cmd/internal/boot"}, nil},
}

// environment are the functions that read a variable, and where they may be
// called: in one package, and by what runs tests. To hand the environment on to
// a child is no reading.
var (
	environment  = []string{"os.Getenv", "os.LookupEnv", "os.ExpandEnv", "syscall.Getenv"}
	environments = []string{"cmd/internal/boot", "cmd/testbed", "deploy/schema/schematest", "gateway/browsertest", "gateway/api/apitest", "ingest/stream/streamtest"}
)

// drawers are package names that say what kind of code is inside and not what
// it is for.
var drawers = []string{"util", "utils", "common", "helper", "helpers", "model", "models", "type", "types", "base", "service",
	"services", "manager", "managers", "misc", "shared", "lib", "libs", "impl"}

// maxLines bounds a function. Lines of tables and of SQL within it do not count.
const maxLines = 60

// source is what the rules look at in a file.
type source struct {
	path    string // from the root of the module
	pkg     string // its package clause
	test    bool
	imports []string
	calls   []string // package-qualified functions and values that it names
	bare    []string // exported names without a comment
	long    []string // functions over maxLines, with their length
	claims  []string // statements that may lock more rows than their LIMIT
	doc     bool     // it has the package comment
}

func (s source) folder() string { return path.Dir(s.path) }

// within reports whether folder is one of folders or lies in it.
func within(folder string, folders []string) bool {
	return slices.ContainsFunc(folders, func(f string) bool { return folder == f || strings.HasPrefix(folder, f+"/") })
}

// breaches returns what is wrong with s itself, a sentence each. A test may
// import what it likes, but for parts above its own.
func breaches(s source) []string {
	var found []string
	for _, imported := range s.imports {
		if own, ours := strings.CutPrefix(imported, module+"/"); ours {
			if !mayImport(s, own) {
				found = append(found, s.path+" imports "+own+", which its part may not")
			}
			continue
		}
		if !s.test {
			found = append(found, foreignBreaches(s, imported)...)
		}
	}
	if s.test {
		return found
	}
	for _, call := range s.calls {
		if slices.Contains(environment, call) && !within(s.folder(), environments) {
			found = append(found, s.path+" calls "+call+"; the environment is read in cmd/internal/boot alone")
		}
	}
	for _, claim := range s.claims {
		found = append(found, s.path+": rows are locked up to a LIMIT outside of a WITH, which may run once for each row of another table: "+claim)
	}
	for _, name := range s.bare {
		found = append(found, s.path+": exported "+name+" has no comment")
	}
	for _, name := range s.long {
		found = append(found, s.path+": "+name)
	}
	if slices.Contains(drawers, s.pkg) {
		found = append(found, s.path+": package "+s.pkg+" is named for a kind of code, not for what it is for")
	}
	return found
}

// mayImport applies parts to an import of our own. Tests may use the databases
// and examples of deploy besides.
func mayImport(s source, own string) bool {
	if s.test && within(own, []string{"deploy"}) {
		return true
	}
	part := s.folder()
	for parts[part] == nil && part != "." {
		part = path.Dir(part)
	}
	if own == part || strings.HasPrefix(own, part+"/") && parts[own] == nil {
		return true
	}
	return slices.ContainsFunc(parts[part], func(allowed string) bool {
		exact, only := strings.CutSuffix(allowed, "!")
		return own == exact || !only && strings.HasPrefix(own, allowed+"/")
	})
}

func foreignBreaches(s source, imported string) []string {
	first, _, _ := strings.Cut(imported, "/")
	standard := !strings.Contains(first, ".")
	if !standard && slices.Contains(onlyStandard, s.folder()) {
		return []string{s.path + " imports " + imported + "; this package uses the standard library alone"}
	}
	for _, c := range clients {
		if strings.HasPrefix(imported, c.module) && !within(s.folder(), c.folders) && !named(s.path, c.files) {
			return []string{s.path + " imports " + imported + ", which is for " + strings.Join(append(c.folders, c.files...), ", ") + " alone"}
		}
	}
	return nil
}

func named(file string, patterns []string) bool {
	return slices.ContainsFunc(patterns, func(pattern string) bool {
		matched, err := path.Match(pattern, path.Base(file))
		return err == nil && matched
	})
}

// undocumented returns the folders whose package has no comment.
func undocumented(sources []source) []string {
	documented := map[string]bool{}
	for _, s := range sources {
		if !s.test {
			documented[s.folder()] = documented[s.folder()] || s.doc
		}
	}
	var missing []string
	for folder, has := range documented {
		if !has {
			missing = append(missing, "the package in "+folder+" has no comment")
		}
	}
	slices.Sort(missing)
	return missing
}
