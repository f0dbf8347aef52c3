package api_test

import (
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/getkin/kin-openapi/openapi3"

	"frontdesk/deploy/schema/schematest"
	"frontdesk/gateway/api"
	"frontdesk/gateway/api/apitest"
	"frontdesk/gateway/operation"
	"frontdesk/gateway/tenant"
)

func TestDocumentHasEveryRoute(t *testing.T) {
	t.Parallel()
	doc := apitest.TheContract(t).Doc
	var want, got []string
	ids := map[string]bool{}
	for _, r := range api.Routes(operation.New(operation.Parts{})) {
		want = append(want, r.Method+" "+r.Path)
		if ids[r.ID] || r.ID == "" || r.Summary == "" || r.Tag == "" {
			t.Errorf("%s %s: its id is missing or taken, or it is not described", r.Method, r.Path)
		}
		ids[r.ID] = true
		if r.Scope != "" && !tenant.ValidScope(r.Scope) {
			t.Errorf("%s %s: no key can have scope %q", r.Method, r.Path, r.Scope)
		}
		if r.Scope == "" && r.Path != "/v1/me" {
			t.Errorf("%s %s has no scope", r.Method, r.Path)
		}
	}
	for path, item := range doc.Paths.Map() {
		for method, op := range item.Operations() {
			got = append(got, method+" "+path)
			named := 0
			for _, p := range op.Parameters {
				if p.Value.In != "path" {
					continue
				}
				if named++; !strings.Contains(path, "{"+p.Value.Name+"}") {
					t.Errorf("%s %s: parameter %s is not in the path", method, path, p.Value.Name)
				}
			}
			if strings.Count(path, "{") != named {
				t.Errorf("%s %s: its path parameters are not all described", method, path)
			}
		}
	}
	same(t, "the table", want, "the document", got)
}

// TestWhatIsMountedIsDocumented holds the table against what the server serves.
func TestWhatIsMountedIsDocumented(t *testing.T) {
	t.Parallel()
	w := apitest.New(t, schematest.Postgres(t), "unlimited")
	var mounted, documented []string
	for _, r := range w.Mounted {
		if strings.HasPrefix(r.Path, "/v1/") && r.Path != "/v1/openapi.json" {
			mounted = append(mounted, r.Method+" "+r.Path)
		}
	}
	for path, item := range apitest.TheContract(t).Doc.Paths.Map() {
		for method := range item.Operations() {
			documented = append(documented, method+" "+path)
		}
	}
	same(t, "the server", mounted, "the document", documented)
	served := w.Do(t, "", "GET", "/v1/openapi.json", "")
	if _, err := apitest.ReadContract(served.Text); err != nil || served.Header.Get("Content-Type") != "application/json" {
		t.Errorf("served: %v %s", err, served.Header.Get("Content-Type"))
	}
}

func same(t *testing.T, one string, a []string, other string, b []string) {
	t.Helper()
	slices.Sort(a)
	slices.Sort(b)
	for _, x := range a {
		if !slices.Contains(b, x) {
			t.Errorf("%s has %s, %s does not", one, x, other)
		}
	}
	for _, x := range b {
		if !slices.Contains(a, x) {
			t.Errorf("%s has %s, %s does not", other, x, one)
		}
	}
}

// TestDocumentIsComplete asks of every operation what a reader, or a program
// that makes clients, needs.
func TestDocumentIsComplete(t *testing.T) {
	t.Parallel()
	doc := apitest.TheContract(t).Doc
	for path, item := range doc.Paths.Map() {
		for method, op := range item.Operations() {
			at := method + " " + path
			for _, status := range []int{400, 401, 403, 429, 431, 500, 503} {
				if len(apitest.Codes(op, status)) == 0 {
					t.Errorf("%s: no code for %d", at, status)
				}
			}
			if h := op.Responses.Value("429").Value.Headers; h["Retry-After"] == nil || h["X-RateLimit-Limit"] == nil {
				t.Errorf("%s: its 429 has no Retry-After or X-RateLimit-Limit", at)
			}
			if (op.Parameters.GetByInAndName("header", "Idempotency-Key") != nil) != (method == http.MethodPost) {
				t.Errorf("%s: an Idempotency-Key belongs to each POST and to nothing else", at)
			}
			if op.Parameters.GetByInAndName("header", "X-Workspace-ID") == nil {
				t.Errorf("%s: X-Workspace-ID is not described", at)
			}
			if strings.Contains(path, "{") && !slices.Contains(apitest.Codes(op, 404), "not_found") {
				t.Errorf("%s: has no 404", at)
			}
		}
	}
	schemes := doc.Components.SecuritySchemes
	if len(schemes) != 3 || schemes["bearer"].Value.Scheme != "bearer" || schemes["header"].Value.Name != "X-API-Key" || schemes["query"].Value.In != "query" {
		t.Errorf("security schemes = %v, want bearer, X-API-Key and ?api_key=", schemes)
	}
}

// TestExamples holds the examples against the document: each operation has one,
// what was sent and what came back are as their schemas say.
func TestExamples(t *testing.T) {
	t.Parallel()
	contract := apitest.TheContract(t)
	examples, err := api.Examples()
	if err != nil {
		t.Fatal(err)
	}
	ids := map[string]bool{}
	for path, item := range contract.Doc.Paths.Map() {
		for method, op := range item.Operations() {
			ids[op.OperationID] = true
			e, ok := examples[op.OperationID]
			if !ok || e.Status == 0 {
				t.Errorf("%s %s has no example: its tests must get an answer below 300 through apitest, then make examples", method, path)
				continue
			}
			if op.RequestBody != nil && op.RequestBody.Value.Content["application/json"] == nil {
				continue // a file's bytes are not in the example
			}
			if err := contract.Breach(replayed(t, op, method, e), string(e.Request)); err != nil {
				t.Errorf("the example of %s %s, which make examples makes anew: %v", method, path, err)
			}
			for code, body := range e.Errors {
				for status := range op.Responses.Map() {
					var n int
					if _, err := fmt.Sscan(status, &n); err == nil && slices.Contains(apitest.Codes(op, n), code) {
						if err := contract.Breach(replayed(t, op, method, api.Example{Path: e.Path, Status: n, Response: body}), ""); err != nil {
							t.Errorf("the example of %s %s for %s: %v", method, path, code, err)
						}
					}
				}
			}
		}
	}
	for id := range examples {
		if !ids[id] {
			t.Errorf("examples/%s.json is of no route; remove it", id)
		}
	}
}

// replayed is the answer that an example tells of.
func replayed(t *testing.T, op *openapi3.Operation, method string, e api.Example) apitest.Answer {
	t.Helper()
	req, err := http.NewRequest(method, "http://desk.example.com"+e.Path, nil)
	if err != nil {
		t.Fatal(err)
	}
	header := http.Header{"X-Request-Id": {"req_1"}}
	if answer := op.Responses.Value(strconv.Itoa(e.Status)); answer != nil {
		for kind := range answer.Value.Content {
			header.Set("Content-Type", kind)
		}
	}
	req.Header.Set("Content-Type", "application/json")
	return apitest.Answer{Request: req, Response: &http.Response{StatusCode: e.Status, Header: header, Request: req}, Text: e.Response}
}
