package chdb

import (
	"fmt"
	"math"
	"net/url"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"
)

// statement is a request as the engine can run it.
type statement struct {
	text        string
	format      string // of the result where text names none
	inputFormat string // of an insert's data where text names none
	params      []parameter
	settings    []parameter
	database    string
	readOnly    bool
	revision    uint64 // that Native results are wanted in
}

// notSettings are the URL parameters that ClickHouse does not take for
// settings, besides param_….
var notSettings = []string{
	"query", "database", "default_format", "compress", "decompress", "user", "password", "quota_key", "query_id",
	"stacktrace", "role", "buffer_size", "wait_end_of_query", "client_protocol_version",
}

// unserved are the URL parameters of what is not served here, and would be
// wrong to pass over.
var unserved = []string{"session_id", "session_timeout", "session_check", "close_session"}

// parseStatement reads everything of a request but its text from the URL.
func parseStatement(q url.Values) (statement, error) {
	st := statement{format: q.Get("default_format"), database: q.Get("database")}
	st.inputFormat = st.format
	if st.format == "" {
		st.format, st.inputFormat = "TabSeparated", "Values"
	}
	if v := q.Get("client_protocol_version"); v != "" {
		revision, err := strconv.ParseUint(v, 10, 32)
		if err != nil {
			return st, &exception{code: codeBadArguments, text: "client_protocol_version is no number. (BAD_ARGUMENTS)"}
		}
		st.revision = revision
	}
	for name, values := range q {
		value := values[len(values)-1]
		switch param, isParam := strings.CutPrefix(name, "param_"); {
		case isParam:
			st.params = append(st.params, parameter{param, value})
		case slices.Contains(unserved, name):
			return st, &exception{code: codeNotImplemented, text: "HTTP sessions are not served by the embedded engine. (NOT_IMPLEMENTED)"}
		case slices.Contains(notSettings, name):
		case !settingName.MatchString(name):
			return st, &exception{code: codeUnknownSetting, text: "Unknown setting. (UNKNOWN_SETTING)"}
		default:
			st.settings = append(st.settings, parameter{name, value})
		}
	}
	return st, nil
}

var settingName = regexp.MustCompile(`^[A-Za-z_][A-Za-z0-9_]*$`)

// preludes are the statements that make a new connection what st asks for.
// limit bounds the time that st may ask for; tag names it in
// system.processes.
func (st statement) preludes(limit time.Duration, tag string) []string {
	seconds := limit.Seconds()
	set := map[string]string{
		"implicit_select":                        "0", // as in a server: "1 + 1" is no query
		"low_cardinality_allow_in_native_format": "0", // clickhouse-go cannot encode again what it decoded of it
	}
	for _, s := range st.settings {
		if s.name == "max_execution_time" {
			if v, err := strconv.ParseFloat(s.value, 64); err == nil && v > 0 {
				seconds = math.Min(seconds, v)
			}
			continue
		}
		set[s.name] = s.value
	}
	set["max_execution_time"] = strconv.FormatFloat(seconds, 'f', -1, 64)
	set["log_comment"] = tag
	names := make([]string, 0, len(set)+1)
	for name, value := range set {
		names = append(names, name+" = "+quote(value))
	}
	slices.Sort(names)
	if st.readOnly {
		names = append(names, "readonly = 2") // last: it forbids to set it
	}
	out := []string{"SET " + strings.Join(names, ", ")}
	if st.database != "" && st.database != "default" {
		out = slices.Insert(out, 0, "USE "+identifier(st.database))
	}
	return out
}

var (
	quoting     = strings.NewReplacer(`\`, `\\`, `'`, `\'`)
	identifying = strings.NewReplacer(`\`, `\\`, "`", "\\`")
)

func quote(s string) string      { return "'" + quoting.Replace(s) + "'" }
func identifier(s string) string { return "`" + identifying.Replace(s) + "`" }

// insertion matches an INSERT whose data is not in the query: what comes
// before the settings, the settings, the name of the format.
var insertion = regexp.MustCompile(`(?is)^\s*(INSERT\s+INTO\s.*?)(\s+SETTINGS\s+[^()]*?)?(?:\s+FORMAT\s+(\w+))?\s*;?\s*$`)

var insertKeyword = regexp.MustCompile(`(?is)^\s*INSERT\s+INTO\s`)

// intoFile turns an INSERT with its data beside it into one that reads the
// data from path. defaultFormat is that of data whose format query does not
// name.
func intoFile(query, path, defaultFormat string) (string, error) {
	m := insertion.FindStringSubmatch(query)
	if m == nil {
		return "", &exception{code: codeNotImplemented, text: "Data beside a query that is no INSERT. (NOT_IMPLEMENTED)"}
	}
	format := m[3]
	if format == "" {
		format = defaultFormat
	}
	return fmt.Sprintf("%s FROM INFILE %s%s FORMAT %s", m[1], quote(path), m[2], format), nil
}

// formatClause matches the FORMAT at the end of a query.
var formatClause = regexp.MustCompile(`(?is)\sFORMAT\s+(\w+)(?:\s+SETTINGS\s+[^()]*)?\s*;?\s*$`)

// resultFormat is the format that st's result comes in.
func (st statement) resultFormat() string {
	if m := formatClause.FindStringSubmatch(st.text); m != nil {
		return m[1]
	}
	return st.format
}
