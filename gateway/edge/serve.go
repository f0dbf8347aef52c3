package edge

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"runtime/debug"
	"strconv"
	"time"

	"github.com/valyala/fasthttp"
)

// drainBytes is how much of a body that a handler left unread is read away to
// keep the connection; more closes it.
const drainBytes = 256 << 10

// wrap makes a fasthttp handler of route: request id, deadline, recovery,
// faults, metrics, access log.
func (s *Server) wrap(route Route) fasthttp.RequestHandler {
	if route.Faults == nil {
		route.Faults = NativeFault
	}
	if route.MaxBodyBytes == 0 {
		route.MaxBodyBytes = s.cfg.MaxBodyBytes
	}
	if route.Timeout == 0 {
		route.Timeout = s.cfg.HandlerTimeout
	}
	counters := s.metrics.route(route.Method, route.Path)
	limit := any(route.MaxBodyBytes) // boxed once
	work := s.run
	if route.AtOnce > 0 {
		work = s.crowded(make(chan struct{}, route.AtOnce))
	}
	if route.MaxBodyBytes > s.cfg.MaxBodyBytes {
		work = s.roomy(work)
	}
	return func(req *fasthttp.RequestCtx) {
		start := time.Now()
		req.SetUserValue(limitKey, limit)
		if err := work(&route, req); err != nil {
			s.fail(&route, req, RequestID(req), err, start)
		}
		status := req.Response.StatusCode()
		if route.Raw == nil || !route.Quiet || status >= http.StatusBadRequest {
			var memory [40]byte
			req.Response.Header.SetCanonical(headerRequest, append(memory[:0], RequestID(req)...))
		}
		discard(req)
		counters.done(status, time.Since(start))
		s.access(&route, req, status, start)
	}
}

// run calls the handler and turns a panic into an error.
func (s *Server) run(route *Route, req *fasthttp.RequestCtx) (err error) {
	defer func() {
		if p := recover(); p != nil {
			s.metrics.panics.Inc()
			err = panicked{fmt.Sprint(p), debug.Stack()}
		}
	}()
	if route.Raw != nil {
		route.Raw(req)
		return nil
	}
	req.Response.Header.SetCanonical(headerCache, valueNoStore)
	req.Response.Header.SetCanonical(headerSniff, valueNoSniff)
	ctx := &deadline{base: s.base, at: time.Now().Add(route.Timeout)}
	defer ctx.end()
	return route.Handler(ctx, req)
}

// Headers that every answer has, as they are written.
var (
	headerCache, valueNoStore = []byte("Cache-Control"), []byte("no-store")
	headerSniff, valueNoSniff = []byte("X-Content-Type-Options"), []byte("nosniff")
	headerRequest             = []byte("X-Request-Id")
)

type panicked struct {
	value string
	stack []byte
}

func (p panicked) Error() string { return "panic: " + p.value }

func (s *Server) fail(route *Route, req *fasthttp.RequestCtx, id string, err error, now time.Time) {
	f, hidden := explain(err, s.opt.Explain)
	if hidden {
		attrs := []any{"request_id", id, "method", route.Method, "route", route.Path, "error", redact(err.Error())}
		var p panicked
		if errors.As(err, &p) {
			attrs = append(attrs, "stack", string(p.stack))
		}
		s.log.Error("request ended in an error", attrs...)
	}
	if !errors.As(err, new(written)) {
		writeFault(req, f, route.Faults, id, now)
	}
}

// discard leaves the connection ready for its next request: what is left of
// the body is read away, or the connection closed where that is much.
func discard(req *fasthttp.RequestCtx) {
	stream := req.RequestBodyStream()
	if stream == nil || req.UserValue(drainedKey) != nil {
		return
	}
	n, err := io.Copy(io.Discard, io.LimitReader(stream, drainBytes))
	if err != nil || n == drainBytes {
		req.SetConnectionClose()
	}
}

// access writes a line of the access log: never the path or query as sent,
// which may hold keys and numbers.
func (s *Server) access(route *Route, req *fasthttp.RequestCtx, status int, start time.Time) {
	if route.Quiet && status < http.StatusInternalServerError || !s.log.Enabled(context.Background(), slog.LevelInfo) {
		return
	}
	who, _ := req.UserValue(callerKey).(caller)
	s.log.LogAttrs(context.Background(), slog.LevelInfo, "request",
		slog.String("request_id", RequestID(req)),
		slog.String("method", route.Method),
		slog.String("route", route.Path),
		slog.Int("status", status),
		slog.Duration("took", time.Since(start)),
		slog.String("tenant", string(who.tenant)),
		slog.String("key", who.key),
		slog.String("addr", clientAddr(req, s.cfg.TrustedProxies).String()))
}

// withCORS lets pages of the configured origins call the API.
func (s *Server) withCORS(next fasthttp.RequestHandler) fasthttp.RequestHandler {
	return func(req *fasthttp.RequestCtx) {
		origin := string(req.Request.Header.Peek("Origin"))
		if origin == "" || !s.allowedOrigin(origin) {
			next(req)
			return
		}
		h := &req.Response.Header
		if req.IsOptions() && len(req.Request.Header.Peek("Access-Control-Request-Method")) > 0 {
			h.Set("Access-Control-Allow-Methods", "GET, POST, PUT, PATCH, DELETE")
			h.Set("Access-Control-Allow-Headers", "Authorization, Content-Type, Idempotency-Key, X-API-Key, X-Workspace-ID")
			h.Set("Access-Control-Max-Age", strconv.Itoa(int(time.Hour/time.Second)))
			req.SetStatusCode(http.StatusNoContent)
		} else {
			next(req)
		}
		h.Set("Access-Control-Allow-Origin", origin)
		h.Set("Access-Control-Expose-Headers", "X-Request-ID, X-RateLimit-Limit, X-RateLimit-Remaining, X-RateLimit-Reset, Retry-After, Idempotency-Replayed")
		h.Add("Vary", "Origin")
	}
}

func (s *Server) allowedOrigin(origin string) bool {
	for _, o := range s.cfg.CORSOrigins {
		if o == "*" || o == origin {
			return true
		}
	}
	return false
}
