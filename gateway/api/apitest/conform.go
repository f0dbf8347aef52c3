package apitest

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"

	"github.com/getkin/kin-openapi/openapi3"
	"github.com/getkin/kin-openapi/openapi3filter"
	"github.com/getkin/kin-openapi/routers"

	"frontdesk/gateway/api"
	"frontdesk/gateway/operation"
)

// Contract is the OpenAPI document of /v1, to hold requests and answers against.
type Contract struct{ Doc *openapi3.T }

// theContract is read once a process.
var theContract = sync.OnceValues(func() (*Contract, error) {
	raw, err := api.Document(api.Routes(operation.New(operation.Parts{})))
	if err != nil {
		return nil, err
	}
	return ReadContract(raw)
})

// ReadContract reads a document and checks that it is one.
func ReadContract(raw []byte) (*Contract, error) {
	doc, err := openapi3.NewLoader().LoadFromData(raw)
	if err != nil {
		return nil, fmt.Errorf("load the document: %w", err)
	}
	if err := doc.Validate(context.Background()); err != nil {
		return nil, fmt.Errorf("the document is not valid: %w", err)
	}
	return &Contract{doc}, nil
}

// TheContract is the document of /v1 as the program serves it.
func TheContract(t testing.TB) *Contract {
	t.Helper()
	c, err := theContract()
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// Find returns the operation of a request by the document, and the parameters
// of its path; nil where no path of the document is meant.
func (c *Contract) Find(method, path string) (*routers.Route, map[string]string) {
	parts := strings.Split(strings.TrimSuffix(path, "/"), "/")
	var best *routers.Route
	var params map[string]string
	fewest := len(parts) + 1
	for pattern, item := range c.Doc.Paths.Map() {
		got, ok := match(strings.Split(pattern, "/"), parts)
		op := item.Operations()[method]
		if !ok || op == nil || len(got) >= fewest {
			continue // what is written out goes before what is a parameter
		}
		best, params, fewest = &routers.Route{Spec: c.Doc, Path: pattern, PathItem: item, Method: method, Operation: op}, got, len(got)
	}
	return best, params
}

func match(pattern, parts []string) (map[string]string, bool) {
	if len(pattern) != len(parts) {
		return nil, false
	}
	params := map[string]string{}
	for i, p := range pattern {
		if strings.HasPrefix(p, "{") && parts[i] != "" {
			v, err := url.PathUnescape(parts[i])
			if err != nil {
				v = parts[i]
			}
			params[strings.Trim(p, "{}")] = v
		} else if p != parts[i] {
			return nil, false
		}
	}
	return params, true
}

// Breach says what of an answer, or of a request that was taken, is not as the
// document has it; nil is nothing. What is no part of the document is not
// looked at.
func (c *Contract) Breach(a Answer, body string) error {
	path := a.Request.URL.EscapedPath()
	if !strings.HasPrefix(path, "/v1/") || strings.HasPrefix(path, "/v1/openapi.json") {
		return nil
	}
	route, params := c.Find(a.Request.Method, path)
	if route == nil {
		if a.StatusCode != http.StatusNotFound && a.StatusCode != http.StatusMethodNotAllowed {
			return fmt.Errorf("the document has no such operation, yet it was answered")
		}
		return nil
	}
	req := a.Request.Clone(context.Background())
	req.Body = io.NopCloser(strings.NewReader(body))
	req.ContentLength = int64(len(body))
	in := &openapi3filter.RequestValidationInput{
		Request: req, PathParams: params, Route: route,
		Options: &openapi3filter.Options{AuthenticationFunc: openapi3filter.NoopAuthenticationFunc, MultiError: true},
	}
	if err := c.answerBreach(a, in); err != nil {
		return err
	}
	if a.StatusCode >= 300 {
		return nil
	}
	if err := openapi3filter.ValidateRequest(context.Background(), in); err != nil {
		return fmt.Errorf("the request was taken, but is not one of the document: %w", err)
	}
	return nil
}

func (c *Contract) answerBreach(a Answer, in *openapi3filter.RequestValidationInput) error {
	documented := in.Route.Operation.Responses.Value(strconv.Itoa(a.StatusCode))
	if documented == nil {
		return fmt.Errorf("the document has no answer %d here: %s", a.StatusCode, short(a.Text))
	}
	if len(documented.Value.Content) == 0 && len(a.Text) > 0 {
		return fmt.Errorf("the answer %d has a body, the document says it has none: %s", a.StatusCode, short(a.Text))
	}
	if err := codeBreach(a, in.Route.Operation); err != nil {
		return err
	}
	out := &openapi3filter.ResponseValidationInput{
		RequestValidationInput: in, Status: a.StatusCode, Header: a.Header,
		Options: &openapi3filter.Options{IncludeResponseStatus: true, MultiError: true},
	}
	out.SetBodyBytes(a.Text)
	if err := openapi3filter.ValidateResponse(context.Background(), out); err != nil {
		return fmt.Errorf("the answer %d is not what the document says: %w\n%s", a.StatusCode, err, short(a.Text))
	}
	return headerBreach(a, documented.Value)
}

// codeBreach reports a code that the operation does not have.
func codeBreach(a Answer, op *openapi3.Operation) error {
	var v struct {
		Error struct {
			Code string `json:"code"`
		} `json:"error"`
	}
	if a.StatusCode < 300 || json.Unmarshal(a.Text, &v) != nil {
		return nil
	}
	if codes := Codes(op, a.StatusCode); !slices.Contains(codes, v.Error.Code) {
		return fmt.Errorf("the answer %d has the code %q, the document only %v: name it in the Faults of the route %s, and its status in codes.go if that is not 409",
			a.StatusCode, v.Error.Code, codes, op.OperationID)
	}
	return nil
}

// Codes returns what an operation can be told with a status.
func Codes(op *openapi3.Operation, status int) []string {
	answer := op.Responses.Value(strconv.Itoa(status))
	if answer == nil || answer.Value.Content["application/json"] == nil {
		return nil
	}
	var out []string
	for _, part := range answer.Value.Content["application/json"].Schema.Value.AllOf {
		if e := part.Value.Properties["error"]; part.Ref == "" && e != nil {
			for _, code := range e.Value.Properties["code"].Value.Enum {
				out = append(out, fmt.Sprint(code))
			}
		}
	}
	return out
}

// headerBreach reports a header that tells something and is not documented, or
// is documented as always there and is not.
func headerBreach(a Answer, documented *openapi3.Response) error {
	var errs []error
	for _, name := range []string{"Retry-After", "X-RateLimit-Limit", "X-RateLimit-Remaining", "X-RateLimit-Reset", "Idempotency-Replayed"} {
		if a.Header.Get(name) != "" && documented.Headers[name] == nil {
			errs = append(errs, fmt.Errorf("the header %s of the answer %d is not documented", name, a.StatusCode))
		}
	}
	if a.Header.Get("X-Request-ID") == "" {
		errs = append(errs, errors.New("there is no X-Request-ID"))
	}
	return errors.Join(errs...)
}

func short(b []byte) []byte {
	const most = 600
	b = bytes.TrimSpace(b)
	return b[:min(len(b), most)]
}

// Conforms fails the test where an answer, or the request that got it, is not
// as the document has it.
func (w *World) Conforms(t testing.TB, a Answer, body string) {
	t.Helper()
	if err := w.contract.Breach(a, body); err != nil {
		t.Errorf("%s %s: %v", a.Request.Method, a.Request.URL.Path, err)
	}
}
