package edge

import (
	"context"
	"time"

	"github.com/valyala/fasthttp"

	"frontdesk/ingest"
)

// Handler answers a request: decode, validate, call, reply. ctx ends at the
// route's deadline. An error becomes a [Fault]; what was written to the
// response before it is dropped, headers excepted.
type Handler func(ctx context.Context, req *fasthttp.RequestCtx) error

// Route binds a method and a path to a handler. A path may have parameters
// ("/v1/agents/{id}", read with [Param]); a trailing slash is optional.
type Route struct {
	Method string
	Path   string
	// MaxBodyBytes is the bound that Body and Decode keep; 0 means
	// Config.MaxBodyBytes.
	MaxBodyBytes int
	// Timeout is the deadline of the handler; 0 means Config.HandlerTimeout. One
	// beyond Config.ReadTimeout or WriteTimeout takes their place: the body, and
	// the answer, may take that long each.
	Timeout time.Duration
	// AtOnce bounds how many requests of the route are at work, until their
	// answers are written; others wait a moment and are answered 503. It is for
	// routes whose bodies are large. 0 means no bound.
	AtOnce  int
	Handler Handler
	// Raw, in place of Handler, answers all by itself: pages, callbacks. It
	// must bound the body that it reads (see ReadBody) and its own time.
	Raw fasthttp.RequestHandler
	// Faults is the error envelope; nil means NativeFault.
	Faults FaultBody
	// Quiet keeps answers below 500 out of the access log. Where a Raw route
	// is quiet, answers below 400 bear no request id.
	Quiet bool
}

// userKey keys what the edge keeps with a request.
type userKey int

const (
	requestIDKey userKey = iota
	limitKey
	bodyKey
	drainedKey // the body was read to its end
	callerKey
	placeKey
	effectKey
)

// RequestID returns the id that the server gave this request ("req_…"); it is
// in every log line, error and X-Request-ID header about it.
func RequestID(req *fasthttp.RequestCtx) string {
	id, ok := req.UserValue(requestIDKey).(string)
	if !ok {
		id = ingest.NewID(ingest.PrefixRequest, time.Now())
		req.SetUserValue(requestIDKey, id)
	}
	return id
}

// Param returns a parameter of the route's path, with percent escapes decoded,
// or "".
func Param(req *fasthttp.RequestCtx, name string) string {
	raw, _ := req.UserValue(name).(string)
	if raw == "" {
		return ""
	}
	return string(fasthttp.AppendUnquotedArg(nil, plusKept(raw)))
}

// plusKept protects a plus, which is a space in queries but itself in a path.
func plusKept(s string) []byte {
	out := make([]byte, 0, len(s)+2)
	for i := range len(s) {
		if s[i] == '+' {
			out = append(out, "%2B"...)
			continue
		}
		out = append(out, s[i])
	}
	return out
}

// caller is who a request turned out to come from, for the access log.
type caller struct {
	tenant ingest.TenantID
	key    string
}

// NoteCaller tells the access log whose request this is.
func NoteCaller(req *fasthttp.RequestCtx, tenant ingest.TenantID, keyID string) {
	req.SetUserValue(callerKey, caller{tenant, keyID})
}
