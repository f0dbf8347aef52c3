package edge

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strconv"
	"time"

	"github.com/valyala/fasthttp"
)

const contentTypeJSON = "application/json"

// Reply writes body as JSON with the given status. A nil body writes none.
// Nothing of the response is touched where body cannot be encoded.
func Reply(req *fasthttp.RequestCtx, status int, body any) error {
	if body == nil {
		req.SetStatusCode(status)
		req.Response.Header.SetContentType("")
		return nil
	}
	b, err := encode(body)
	if err != nil {
		return fmt.Errorf("encode the response: %w", err)
	}
	req.SetStatusCode(status)
	req.Response.Header.SetContentType(contentTypeJSON)
	req.Response.SetBodyRaw(b)
	return nil
}

func encode(v any) ([]byte, error) {
	var buf bytes.Buffer
	enc := json.NewEncoder(&buf)
	enc.SetEscapeHTML(false)
	if err := enc.Encode(v); err != nil {
		return nil, err
	}
	return buf.Bytes(), nil
}

// FaultBody builds the body that tells of f; it is the error envelope of an
// API style.
type FaultBody func(f *Fault, requestID string, now time.Time) any

// NativeFault is the error envelope of /v1, and of all paths that name no other.
func NativeFault(f *Fault, requestID string, _ time.Time) any {
	return nativeFault{
		Error: nativeFaultError{f.Code, f.Detail, f.Fields},
		Meta:  nativeFaultMeta{requestID},
	}
}

type nativeFault struct {
	Error nativeFaultError `json:"error"`
	Meta  nativeFaultMeta  `json:"meta"`
}

type nativeFaultError struct {
	Code    string       `json:"code"`
	Message string       `json:"message"`
	Details []FieldError `json:"details,omitempty"`
}

type nativeFaultMeta struct {
	RequestID string `json:"request_id"`
}

// writeFault replaces whatever the response holds, but for its headers.
func writeFault(req *fasthttp.RequestCtx, f *Fault, body FaultBody, requestID string, now time.Time) {
	req.Response.ResetBody()
	if f.RetryAfter > 0 {
		req.Response.Header.Set("Retry-After", strconv.FormatInt(int64((f.RetryAfter+time.Second-1)/time.Second), 10))
	}
	if err := Reply(req, f.Status, body(f, requestID, now)); err != nil {
		req.SetStatusCode(f.Status) // a style that cannot be encoded: the status still tells
	}
}

func isDeadline(err error) bool {
	return errors.Is(err, context.DeadlineExceeded) || errors.Is(err, context.Canceled)
}
