package api_test

import (
	"context"
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/getkin/kin-openapi/openapi3"
	"github.com/getkin/kin-openapi/openapi3filter"
	"github.com/getkin/kin-openapi/routers"
	"github.com/getkin/kin-openapi/routers/legacy"

	"frontdesk/gateway/api"
	"frontdesk/gateway/operation"
	"frontdesk/gateway/tenant"
)

// document is the OpenAPI document of /v1, read and checked by kin-openapi.
func document(t testing.TB) (*openapi3.T, routers.Router) {
	t.Helper()
	raw, err := api.Document(api.Routes(operation.New(operation.Parts{})))
	if err != nil {
		t.Fatalf("Document(): %v", err)
	}
	doc, err := openapi3.NewLoader().LoadFromData(raw)
	if err != nil {
		t.Fatalf("load the document: %v", err)
	}
	if err := doc.Validate(context.Background()); err != nil {
		t.Fatalf("the document is not valid: %v", err)
	}
	doc.Servers = nil // the tests' server is at another address each time
	router, err := legacy.NewRouter(doc)
	if err != nil {
		t.Fatalf("route by the document: %v", err)
	}
	return doc, router
}

func TestDocumentHasEveryRoute(t *testing.T) {
	doc, _ := document(t)
	routes := api.Routes(operation.New(operation.Parts{}))
	var want, got []string
	ids := map[string]bool{}
	for _, r := range routes {
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
	slices.Sort(want)
	slices.Sort(got)
	if !slices.Equal(want, got) {
		t.Errorf("the document has %v, the table %v", got, want)
	}
}

// conforms checks a response against the document.
func conforms(t testing.TB, router routers.Router, req *http.Request, resp *http.Response, body []byte) {
	t.Helper()
	req = req.Clone(req.Context())
	req.URL.Path = strings.TrimSuffix(req.URL.Path, "/")
	route, params, err := router.FindRoute(req)
	if err != nil {
		t.Errorf("%s %s is not in the document: %v", req.Method, req.URL.Path, err)
		return
	}
	in := &openapi3filter.ResponseValidationInput{
		RequestValidationInput: &openapi3filter.RequestValidationInput{Request: req, PathParams: params, Route: route},
		Status:                 resp.StatusCode, Header: resp.Header,
		Options: &openapi3filter.Options{IncludeResponseStatus: true, MultiError: true},
	}
	in.SetBodyBytes(body)
	if err := openapi3filter.ValidateResponse(context.Background(), in); err != nil {
		t.Errorf("%s %s: the answer %d is not what the document says: %v\n%s", req.Method, req.URL.Path, resp.StatusCode, err, body)
	}
}
