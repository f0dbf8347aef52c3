package edge

import (
	"bytes"

	"github.com/valyala/fasthttp"
)

// framed refuses requests that a proxy in front could read otherwise than we
// do, and closes their connection: what follows on it could be a second request
// hidden in the first. fasthttp takes a length beside chunks, folded lines and
// lines that end in a bare LF.
func (s *Server) framed(next fasthttp.RequestHandler) fasthttp.RequestHandler {
	return func(req *fasthttp.RequestCtx) {
		if doubtful(&req.Request.Header) {
			req.SetConnectionClose()
			s.badRequest(req, faultFraming)
			return
		}
		next(req)
	}
}

var (
	lengthName = []byte("content-length:")
	codingName = []byte("transfer-encoding:")
)

// doubtful reports whether the lines of a header can be read in two ways.
func doubtful(h *fasthttp.RequestHeader) bool {
	rest := h.RawHeaders()
	if bytes.IndexByte(rest, 0) >= 0 {
		return true
	}
	length, coding := false, false
	for len(rest) > 0 {
		end := bytes.IndexByte(rest, '\n')
		if end < 0 {
			end = len(rest)
		} else if end == 0 || rest[end-1] != '\r' {
			return true // a bare LF
		}
		line := rest[:end]
		if len(line) > 0 && (line[0] == ' ' || line[0] == '\t') {
			return true // folded
		}
		if i := bytes.IndexByte(line, '\r'); i >= 0 && i < len(line)-1 {
			return true // a bare CR
		}
		length = length || hasPrefixFold(line, lengthName)
		coding = coding || hasPrefixFold(line, codingName)
		rest = rest[min(end+1, len(rest)):]
	}
	return length && coding
}

func hasPrefixFold(line, lower []byte) bool {
	return len(line) >= len(lower) && bytes.EqualFold(line[:len(lower)], lower)
}
