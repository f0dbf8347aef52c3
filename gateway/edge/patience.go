package edge

import (
	"strings"
	"time"

	"github.com/valyala/fasthttp"
)

// slowRoute is a route whose requests may take longer to read and answers longer
// to write than others.
type slowRoute struct {
	method string
	parts  []string // of the path; one in braces is any
	limit  time.Duration
}

// slowRoutes are the routes whose Timeout is longer than the bounds of reading
// and writing: what takes a handler long, files and exports, takes its bytes
// long as well.
func (s *Server) slowRoutes() (list []slowRoute) {
	for _, route := range s.opt.Routes {
		if route.Timeout > min(s.cfg.ReadTimeout, s.cfg.WriteTimeout) {
			list = append(list, slowRoute{route.Method, strings.Split(strings.Trim(route.Path, "/"), "/"), route.Timeout})
		}
	}
	return list
}

// takes reports whether a request is for r.
func (r slowRoute) takes(method, path string) bool {
	if method != r.method {
		return false
	}
	path = strings.Trim(path, "/")
	for i, want := range r.parts {
		part, rest, more := strings.Cut(path, "/")
		if more != (i < len(r.parts)-1) || part != want && !strings.HasPrefix(want, "{") {
			return false
		}
		path = rest
	}
	return true
}

// patience returns the bounds of one request, by its route, once its header is
// there; to send a header everybody has the same time. Zero values leave the
// server's own.
func (s *Server) patience(h *fasthttp.RequestHeader) fasthttp.RequestConfig {
	method := string(h.Method())
	path, _, _ := strings.Cut(string(h.RequestURI()), "?")
	for _, r := range s.slow {
		if r.takes(method, path) {
			return fasthttp.RequestConfig{ReadTimeout: max(r.limit, s.cfg.ReadTimeout), WriteTimeout: max(r.limit, s.cfg.WriteTimeout)}
		}
	}
	return fasthttp.RequestConfig{}
}
