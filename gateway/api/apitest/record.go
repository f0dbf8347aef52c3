package apitest

import (
	"bytes"
	"encoding/json"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"

	"frontdesk/gateway/api"
)

// examplesFolder names the folder in which the answers of this run are kept as
// the document's examples; see make examples.
const examplesFolder = "FRONTDESK_TEST_EXAMPLES"

// mostExample bounds an example, so that the document stays readable.
const mostExample = 2500

var recording sync.Mutex

// secretsShown are keys and secrets in answers, which examples do not repeat.
var secretsShown = regexp.MustCompile(`\b(fd_live_|fd_test_|ck_live_|ck_test_|aivo_sk_|kv1_|whsec_|whpk_)[A-Za-z0-9+/=_]{16,}`)

// record keeps a as the example of its route where it says more than the one
// that is there.
func (w *World) record(t testing.TB, a Answer, body string) {
	folder := os.Getenv(examplesFolder)
	if folder == "" || a.StatusCode >= http.StatusInternalServerError {
		return
	}
	route, _ := w.contract.Find(a.Request.Method, a.Request.URL.EscapedPath())
	if route == nil || a.Request.URL.Query().Has("api_key") {
		return
	}
	recording.Lock()
	defer recording.Unlock()
	file := filepath.Join(folder, route.Operation.OperationID+".json")
	var e api.Example
	if raw, err := os.ReadFile(file); err == nil {
		if err := json.Unmarshal(raw, &e); err != nil {
			t.Fatalf("%s: %v", file, err)
		}
	}
	if !learn(&e, a, body, w.faultsOf(route.Operation.OperationID)) {
		return
	}
	raw, err := json.MarshalIndent(e, "", "  ")
	if err == nil {
		err = os.WriteFile(file, append(raw, '\n'), 0o644)
	}
	if err != nil {
		t.Fatal(err)
	}
}

func (w *World) faultsOf(id string) []string {
	for _, r := range w.Routes {
		if r.ID == id {
			return r.Faults
		}
	}
	return nil
}

// madeUp finds what tests write and no person would.
var madeUp = regexp.MustCompile(`globex|[^_"/.][0-9A-HJKMNP-TV-Z]{26}|"(a|b|c|x)"`)

// learn takes a into e and reports whether that changed it. faults are the
// codes that the route has of its own.
func learn(e *api.Example, a Answer, body string, faults []string) bool {
	text := secretsShown.ReplaceAll(a.Text, []byte("${1}EXAMPLE"))
	if a.StatusCode >= 300 {
		return learnError(e, text, faults)
	}
	path := a.Request.URL.EscapedPath()
	if q := a.Request.URL.RawQuery; q != "" {
		path += "?" + q
	}
	better := api.Example{Path: path, Status: a.StatusCode, Request: compact([]byte(body)), Response: tidied(text), Errors: e.Errors}
	size := len(better.Path) + len(better.Request) + len(better.Response)
	ours := strings.HasPrefix(a.Request.Header.Get("Content-Type"), "application/json") // a file's bytes are not shown
	if size > mostExample || (ours && body != "" && better.Request == nil) || worth(better) <= worth(*e) {
		return false
	}
	*e = better
	return true
}

// worth is how much an example shows: its parameters and the names in its
// bodies, much less where it is made up.
func worth(e api.Example) int {
	if e.Path == "" {
		return -1000
	}
	n := strings.Count(e.Path, "=") + 2*names(e.Request) + names(e.Response)
	if madeUp.Match(e.Request) || madeUp.Match(e.Response) {
		n -= 100
	}
	return n
}

// names counts the different names in JSON.
func names(raw []byte) int {
	seen := map[string]bool{}
	for _, m := range nameOfField.FindAllSubmatch(raw, -1) {
		seen[string(m[1])] = true
	}
	return len(seen)
}

var nameOfField = regexp.MustCompile(`"([a-z_]+)":`)

func learnError(e *api.Example, text []byte, faults []string) bool {
	var v struct {
		Error struct {
			Code string `json:"code"`
		} `json:"error"`
	}
	if json.Unmarshal(text, &v) != nil || !slices.Contains(faults, v.Error.Code) || len(text) > mostExample || e.Errors[v.Error.Code] != nil {
		return false
	}
	if e.Errors == nil {
		e.Errors = map[string]json.RawMessage{}
	}
	e.Errors[v.Error.Code] = compact(text)
	return true
}

// tidied cuts the list of an answer to two entries.
func tidied(text []byte) json.RawMessage {
	var v struct {
		Data []json.RawMessage `json:"data"`
		Meta json.RawMessage   `json:"meta"`
	}
	if json.Unmarshal(text, &v) != nil || len(v.Data) <= 2 {
		return compact(text)
	}
	v.Data = v.Data[:2]
	short, err := json.Marshal(v)
	if err != nil {
		return compact(text)
	}
	return short
}

func compact(b []byte) json.RawMessage {
	var out bytes.Buffer
	if strings.TrimSpace(string(b)) == "" || json.Compact(&out, b) != nil {
		return nil
	}
	return out.Bytes()
}
