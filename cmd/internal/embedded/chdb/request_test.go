package chdb

import (
	"errors"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"
)

func TestIntoFile(t *testing.T) {
	tests := []struct{ name, query, format, want string }{
		{"as clickhouse-go sends it", "INSERT INTO t (a, b) FORMAT Native", "Native", "INSERT INTO t (a, b) FROM INFILE '/x' FORMAT Native"},
		{"no format", "INSERT INTO t", "Values", "INSERT INTO t FROM INFILE '/x' FORMAT Values"},
		{"settings", "insert into t settings max_threads = 1, a = 'b' format CSV", "Native", "insert into t FROM INFILE '/x' settings max_threads = 1, a = 'b' FORMAT CSV"},
		{"semicolon and spaces", "  INSERT INTO t FORMAT TSV ; ", "Native", "INSERT INTO t FROM INFILE '/x' FORMAT TSV"},
		{"over lines", "INSERT INTO t\n(a,\n\tb)\nFORMAT Native", "", "INSERT INTO t\n(a,\n\tb) FROM INFILE '/x' FORMAT Native"},
		{"a column called format", "INSERT INTO t (`format`, b) FORMAT Native", "", "INSERT INTO t (`format`, b) FROM INFILE '/x' FORMAT Native"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if got, err := intoFile(tt.query, "/x", tt.format); err != nil || got != tt.want {
				t.Errorf("got %q, %v\nwant %q", got, err, tt.want)
			}
		})
	}
	if _, err := intoFile("SELECT 1", "/x", "CSV"); err == nil {
		t.Error("a query that is no INSERT takes data")
	}
}

func TestResultFormat(t *testing.T) {
	for query, want := range map[string]string{
		"SELECT 1":                                "Native",
		"SELECT 1 FORMAT CSV":                     "CSV",
		"SELECT 1\nformat JSONEachRow ;":          "JSONEachRow",
		"SELECT 1 FORMAT CSV SETTINGS a = 1":      "CSV",
		"SELECT ' FORMAT CSV' AS x":               "Native",
		"SELECT format('{}', 1)":                  "Native",
		"SELECT name FROM formats WHERE x = 'y' ": "Native",
	} {
		if got := (statement{text: query, format: "Native"}).resultFormat(); got != want {
			t.Errorf("%q comes as %s, want %s", query, got, want)
		}
	}
}

func TestParseException(t *testing.T) {
	tests := []struct {
		text string
		code int
		rest string
	}{
		{"Code: 60. DB::Exception: Unknown table. (UNKNOWN_TABLE)", 60, "Unknown table. (UNKNOWN_TABLE)"},
		{"Code: 27. DB::ParsingException: Cannot parse", 27, "Cannot parse"},
		{"something else", codeLogicalError, "something else"},
	}
	for _, tt := range tests {
		if got := parseException(tt.text); got.code != tt.code || got.text != tt.rest {
			t.Errorf("%q is %d %q, want %d %q", tt.text, got.code, got.text, tt.code, tt.rest)
		}
	}
}

func TestPreludes(t *testing.T) {
	st, err := parseStatement(url.Values{
		"database": {"a`b"}, "max_threads": {"3"}, "insert_deduplication_token": {"t'; DROP"}, "query": {"SELECT 1"}, "query_id": {"x"},
		"default_format": {"Native"}, "client_protocol_version": {"54460"}, "compress": {"1"}, "param_p": {"v"}, "max_execution_time": {"5"},
	})
	if err != nil {
		t.Fatal(err)
	}
	st.readOnly = true
	want := []string{
		"USE `a\\`b`",
		`SET implicit_select = '0', insert_deduplication_token = 't\'; DROP', log_comment = 'tag', low_cardinality_allow_in_native_format = '0', ` +
			`max_execution_time = '5', max_threads = '3', readonly = 2`,
	}
	if got := st.preludes(time.Minute, "tag"); !slices.Equal(got, want) {
		t.Errorf("preludes are\n%q\nwant\n%q", got, want)
	}
	if st.revision != 54460 || !slices.Equal(st.params, []parameter{{"p", "v"}}) {
		t.Errorf("revision %d and parameters %v", st.revision, st.params)
	}
	st.settings = []parameter{{"max_execution_time", "600"}}
	if got := st.preludes(time.Minute, "tag")[1]; !strings.Contains(got, "max_execution_time = '60'") {
		t.Errorf("a request may ask for more than the limit: %s", got)
	}
}

// FuzzParseStatement: whatever a URL holds, it is refused with an exception or
// becomes a SET whose values are closed literals.
func FuzzParseStatement(f *testing.F) {
	f.Add("max_threads=3&param_x=y&database=d")
	f.Add("a'b=1")
	f.Add(`s=\&t=\'&u='`)
	f.Add("client_protocol_version=-1&session_id=1")
	f.Fuzz(func(t *testing.T, raw string) {
		q, err := url.ParseQuery(raw)
		if err != nil {
			return
		}
		st, err := parseStatement(q)
		var ex *exception
		if err != nil {
			if !errors.As(err, &ex) {
				t.Fatalf("error %v is no exception", err)
			}
			return
		}
		for _, prelude := range st.preludes(time.Minute, "tag") {
			if left := literals(prelude); strings.ContainsAny(left, "'`;\\") || (strings.HasPrefix(prelude, "SET ") && strings.Count(left, "=") != strings.Count(left, ",")+1) {
				t.Errorf("outside of its literals %q is %q", prelude, left)
			}
		}
		_, _ = intoFile(raw, "/x", "Native")
		_ = statement{text: raw}.resultFormat()
	})
}

// literals returns s without its literals, read as ClickHouse reads them.
func literals(s string) string {
	var out strings.Builder
	for i := 0; i < len(s); i++ {
		open := s[i]
		if open != '\'' && open != '`' {
			out.WriteByte(open)
			continue
		}
		for i++; i < len(s) && s[i] != open; i++ {
			if s[i] == '\\' {
				i++
			}
		}
		if i >= len(s) {
			out.WriteByte(open) // never closed
		}
	}
	return out.String()
}
