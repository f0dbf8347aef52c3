package edge

import (
	"errors"
	"fmt"
	"net/http"
	"strings"
	"time"
)

// FieldError says what is wrong with one field of a request. Field is a path
// as the caller wrote it ("media[0].url"); empty means the whole body.
type FieldError struct {
	Field   string `json:"field"`
	Message string `json:"message"`
	Line    int    `json:"line,omitempty"` // of a file; 0 is none
	// Instead is what would be taken in its place.
	Instead any `json:"instead,omitempty"`
}

// Fault is what a caller is told of a request that did not succeed.
type Fault struct {
	Status int
	Code   string // for programs, snake_case
	Detail string // for people: what is wrong and what to do
	Fields []FieldError
	// RetryAfter, if above zero, is told in the Retry-After header, in whole
	// seconds, rounded up.
	RetryAfter time.Duration
	// Refused means that nothing was begun: the request itself was at fault, or
	// the moment. Such an answer is never kept for an Idempotency-Key.
	Refused bool
}

// Error returns code and detail.
func (f *Fault) Error() string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s: %s", f.Code, f.Detail)
	for _, e := range f.Fields {
		fmt.Fprintf(&b, "; %s: %s", e.Field, e.Message)
	}
	return b.String()
}

// Invalid returns the fault for a request whose fields are wrong, or nil where
// none is.
func Invalid(fields ...FieldError) error {
	if len(fields) == 0 {
		return nil
	}
	detail := "the request has wrong fields; see details"
	if len(fields) == 1 && fields[0].Field != "" {
		detail = fields[0].Field + ": " + fields[0].Message
	} else if len(fields) == 1 {
		detail = fields[0].Message
	}
	return &Fault{Status: http.StatusBadRequest, Code: "invalid_request", Detail: detail, Fields: fields, Refused: true}
}

// The faults that the edge itself finds.
var (
	faultNotFound = &Fault{Status: http.StatusNotFound, Code: "not_found", Detail: "there is no such path; the paths are in /v1/openapi.json", Refused: true}
	faultMethod   = &Fault{Status: http.StatusMethodNotAllowed, Code: "method_not_allowed", Detail: "this path does not take this method; the Allow header says which it takes", Refused: true}
	faultInternal = &Fault{Status: http.StatusInternalServerError, Code: "internal", Detail: "something went wrong here; give the request id when you report it"}
	faultDeadline = &Fault{Status: http.StatusServiceUnavailable, Code: "unavailable", Detail: "this took too long; try again", RetryAfter: time.Second}
	faultHeader   = &Fault{Status: http.StatusRequestHeaderFieldsTooLarge, Code: "header_too_large", Detail: "the request line and headers are too long", Refused: true}
	faultTimeout  = &Fault{Status: http.StatusRequestTimeout, Code: "request_timeout", Detail: "the request did not arrive in time", Refused: true}
	faultFraming  = &Fault{Status: http.StatusBadRequest, Code: "bad_request", Detail: "this is not a valid HTTP request", Refused: true}
)

// explain returns the fault for err, and whether err should be logged because
// the fault does not tell all of it.
func explain(err error, known func(error) *Fault) (f *Fault, hidden bool) {
	if errors.As(err, &f) {
		return f, f.Status >= http.StatusInternalServerError
	}
	if known != nil {
		if f = known(err); f != nil {
			return f, f.Status >= http.StatusInternalServerError
		}
	}
	if isDeadline(err) {
		return faultDeadline, true
	}
	return faultInternal, true
}
