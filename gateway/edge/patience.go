package edge

import (
	"bytes"
	"strings"
	"time"

	"github.com/valyala/fasthttp"
)

// slowRoute is a route whose requests may take longer to read and answers longer
// to write than others.
type slowRoute struct {
	method string
	parts  []string // of the path; one in braces is any, and empty
	limit  time.Duration
}

// slowRoutes are the routes whose Timeout is longer than the bounds of reading
// and writing: what takes a handler long, files and exports, takes its bytes
// long as well.
func (s *Server) slowRoutes() (list []slowRoute) {
	for _, route := range s.opt.Routes {
		if route.Timeout > min(s.cfg.ReadTimeout, s.cfg.WriteTimeout) {
			parts := strings.Split(strings.Trim(route.Path, "/"), "/")
			for i, part := range parts {
				if strings.HasPrefix(part, "{") {
					parts[i] = ""
				}
			}
			list = append(list, slowRoute{route.Method, parts, route.Timeout})
		}
	}
	return list
}

// takes reports whether a request is for r. It is asked of every request, and
// allocates nothing.
func (r *slowRoute) takes(method, path []byte) bool {
	if string(method) != r.method {
		return false
	}
	path = bytes.Trim(path, "/")
	for i, want := range r.parts {
		part, rest, more := bytes.Cut(path, slash)
		if more != (i < len(r.parts)-1) || want != "" && string(part) != want {
			return false
		}
		path = rest
	}
	return true
}

var slash = []byte("/")

// patience returns the bounds of one request, by its route, once its header is
// there; to send a header everybody has the same time. Zero values leave the
// server's own.
func (s *Server) patience(h *fasthttp.RequestHeader) fasthttp.RequestConfig {
	path := h.RequestURI()
	if i := bytes.IndexByte(path, '?'); i >= 0 {
		path = path[:i]
	}
	for i := range s.slow {
		if r := &s.slow[i]; r.takes(h.Method(), path) {
			return fasthttp.RequestConfig{ReadTimeout: max(r.limit, s.cfg.ReadTimeout), WriteTimeout: max(r.limit, s.cfg.WriteTimeout)}
		}
	}
	return fasthttp.RequestConfig{}
}
