package edge

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/fasthttp/router"
	"github.com/prometheus/client_golang/prometheus"
	"github.com/valyala/fasthttp"
)

// Options is what a [Server] works with besides its Config.
type Options struct {
	// Routes is everything that is served, but for /healthz and /readyz.
	Routes []Route
	// Explain knows the faults of the packages below; nil knows none.
	Explain func(error) *Fault
	// Faults are the error envelopes of path prefixes ("/convoai/"), for
	// requests that no route takes.
	Faults map[string]FaultBody
	// Ready reports what keeps the process from working; nil is always ready.
	Ready func(context.Context) error
	// Log gets the access log and what went wrong; nil is slog.Default().
	Log *slog.Logger
	// Metrics gets the server's counters; nil keeps them to itself.
	Metrics prometheus.Registerer
}

// Server serves routes over HTTP/1.1. Make it with [New], start it with Run.
type Server struct {
	cfg     Config
	opt     Options
	log     *slog.Logger
	metrics *metrics
	http    *fasthttp.Server
	base    context.Context // of all handlers; ends when connections are cut
	cut     context.CancelFunc
	ready   atomic.Bool
	slow    []slowRoute
	room    *room
	mu      sync.Mutex
	conns   map[net.Conn]struct{}
}

// New returns a server that does not listen yet. Two routes with the same
// method and path are an error.
func New(cfg Config, opt Options) (*Server, error) {
	if err := cfg.Validate(); err != nil {
		return nil, fmt.Errorf("http server: %w", err)
	}
	s := &Server{cfg: cfg, opt: opt, log: opt.Log, room: newRoom(cfg), conns: map[net.Conn]struct{}{}}
	if s.log == nil {
		s.log = slog.Default()
	}
	s.metrics = newMetrics(opt.Metrics)
	s.base, s.cut = context.WithCancel(context.Background())
	s.ready.Store(true)
	handler, err := s.routes()
	if err != nil {
		return nil, err
	}
	s.slow = s.slowRoutes()
	s.http = &fasthttp.Server{
		Handler:      s.framed(handler),
		ErrorHandler: s.badRequest,
		// A declared length must not cost memory before the bytes are there:
		// with streaming, 8 kB are read ahead and handlers bound the rest.
		StreamRequestBody:            true,
		DisablePreParseMultipartForm: true,
		MaxRequestBodySize:           cfg.MaxBodyBytes,
		ReadBufferSize:               cfg.MaxHeaderBytes,
		ReadTimeout:                  cfg.ReadTimeout,
		WriteTimeout:                 cfg.WriteTimeout,
		IdleTimeout:                  cfg.IdleTimeout,
		MaxConnsPerIP:                cfg.MaxConnsPerIP,
		Concurrency:                  cfg.MaxConns,
		NoDefaultServerHeader:        true,
		NoDefaultContentType:         true,
		CloseOnShutdown:              true,
		SecureErrorLogMessage:        true, // header bytes hold keys
		Logger:                       quietLogger{s.log},
		ConnState:                    s.track,
		HeaderReceived:               s.patience,
	}
	return s, nil
}

// Run listens on Config.Listen and serves until ctx ends; see [Server.Serve].
func (s *Server) Run(ctx context.Context) error {
	ln, err := net.Listen("tcp", s.cfg.Listen)
	if err != nil {
		return fmt.Errorf("listen on %s: %w", s.cfg.Listen, err)
	}
	return s.Serve(ctx, ln)
}

// Serve serves ln until ctx ends. Then /readyz fails for DrainDelay while
// requests are still taken, the listener closes, requests in hand get
// DrainTimeout to finish, and what is left is cut. It returns nil after a stop
// that was asked for. A Server serves once.
func (s *Server) Serve(ctx context.Context, ln net.Listener) error {
	served := make(chan error, 1)
	go func() { served <- s.http.Serve(ln) }()
	select {
	case err := <-served:
		s.cut()
		return fmt.Errorf("serve %s: %w", ln.Addr(), err)
	case <-ctx.Done():
	}
	s.ready.Store(false)
	if s.cfg.DrainDelay > 0 {
		time.Sleep(s.cfg.DrainDelay)
	}
	drain, cancel := context.WithTimeout(context.Background(), s.cfg.DrainTimeout)
	defer cancel()
	err := s.http.ShutdownWithContext(drain)
	s.cut()
	if err != nil { // fasthttp leaves such connections serving: cut them
		s.log.Warn("requests were cut off at the end of the drain", "connections", s.closeAll())
	}
	<-served
	return nil
}

// routes builds the router's handler.
func (s *Server) routes() (fasthttp.RequestHandler, error) {
	r := router.New()
	r.RedirectTrailingSlash, r.RedirectFixedPath, r.HandleOPTIONS = false, false, false
	seen := map[string]bool{}
	for _, route := range append(s.health(), s.opt.Routes...) {
		path := route.Path
		if len(path) > 1 {
			path = strings.TrimSuffix(path, "/")
		}
		id := route.Method + " " + path
		if seen[id] || (route.Handler == nil) == (route.Raw == nil) {
			return nil, fmt.Errorf("route %s: declared twice, or without exactly one handler", id)
		}
		seen[id] = true
		r.Handle(route.Method, path, s.wrap(route))
	}
	r.NotFound = s.withoutSlash(r, s.unmatched(faultNotFound))
	r.MethodNotAllowed = s.unmatched(faultMethod)
	if len(s.cfg.CORSOrigins) > 0 {
		return s.withCORS(r.Handler), nil
	}
	return r.Handler, nil
}

// withoutSlash tries a path that nothing matched without its trailing slash.
func (s *Server) withoutSlash(r *router.Router, notFound fasthttp.RequestHandler) fasthttp.RequestHandler {
	return func(req *fasthttp.RequestCtx) {
		path := req.URI().PathOriginal()
		if len(path) < 2 || path[len(path)-1] != '/' || path[len(path)-2] == '/' {
			notFound(req)
			return
		}
		req.URI().SetPathBytes(path[:len(path)-1])
		r.Handler(req)
	}
}

// unmatched answers a request that no route takes, in the style of its prefix.
func (s *Server) unmatched(f *Fault) fasthttp.RequestHandler {
	fail := func(context.Context, *fasthttp.RequestCtx) error { return f }
	native := s.wrap(Route{Method: "other", Path: "unmatched", Handler: fail, Quiet: true})
	styled := map[string]fasthttp.RequestHandler{}
	for prefix, body := range s.opt.Faults {
		styled[prefix] = s.wrap(Route{Method: "other", Path: "unmatched", Handler: fail, Quiet: true, Faults: body})
	}
	return func(req *fasthttp.RequestCtx) {
		if allow := string(req.Response.Header.Peek("Allow")); allow != "" { // the router counts itself in
			req.Response.Header.Set("Allow", strings.ReplaceAll(allow, ", OPTIONS", ""))
		}
		for prefix, h := range styled {
			if strings.HasPrefix(string(req.URI().PathOriginal()), prefix) {
				h(req)
				return
			}
		}
		native(req)
	}
}

// health is the routes by which a load balancer knows the process.
func (s *Server) health() []Route {
	alive := func(_ context.Context, req *fasthttp.RequestCtx) error {
		return Reply(req, http.StatusOK, map[string]string{"status": "ok"})
	}
	ready := func(ctx context.Context, req *fasthttp.RequestCtx) error {
		if !s.ready.Load() {
			return &Fault{Status: http.StatusServiceUnavailable, Code: "stopping", Detail: "this process is stopping"}
		}
		if s.opt.Ready != nil {
			if err := s.opt.Ready(ctx); err != nil {
				return &Fault{Status: http.StatusServiceUnavailable, Code: "not_ready", Detail: err.Error()}
			}
		}
		return Reply(req, http.StatusOK, map[string]string{"status": "ready"})
	}
	return []Route{
		{Method: http.MethodGet, Path: "/healthz", Handler: alive, Quiet: true},
		{Method: http.MethodGet, Path: "/readyz", Handler: ready, Quiet: true, Timeout: 2 * time.Second},
	}
}

// badRequest answers what fasthttp could not read as a request.
func (s *Server) badRequest(req *fasthttp.RequestCtx, err error) {
	f := faultFraming
	var small *fasthttp.ErrSmallBuffer
	var netErr net.Error
	switch {
	case errors.As(err, &small):
		f = faultHeader
	case errors.As(err, &netErr) && netErr.Timeout():
		f = faultTimeout
	}
	s.wrap(Route{Method: "other", Path: "unreadable", Quiet: true,
		Handler: func(context.Context, *fasthttp.RequestCtx) error { return f }})(req)
}

func (s *Server) track(c net.Conn, state fasthttp.ConnState) {
	s.mu.Lock()
	defer s.mu.Unlock()
	switch state {
	case fasthttp.StateNew:
		s.conns[c] = struct{}{}
	case fasthttp.StateClosed, fasthttp.StateHijacked:
		delete(s.conns, c)
	default:
		return
	}
	s.metrics.connections.Set(float64(len(s.conns)))
}

func (s *Server) closeAll() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	for c := range s.conns {
		_ = c.Close()
	}
	return len(s.conns)
}
