package edge_test

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/valyala/fasthttp"

	"frontdesk/gateway/edge"
	"frontdesk/gateway/edge/edgetest"
)

// handled are the requests that reached a handler.
type handled struct {
	mu   sync.Mutex
	list []string
}

func (h *handled) take() []string {
	h.mu.Lock()
	defer h.mu.Unlock()
	out := h.list
	h.list = nil
	return out
}

// listening serves POST /first, which reads its body, and /smuggled with any
// method, which must never be reached.
func listening(t *testing.T) (string, *handled) {
	t.Helper()
	seen := &handled{}
	note := func(name string) edge.Handler {
		return func(_ context.Context, req *fasthttp.RequestCtx) error {
			body, err := edge.Body(req)
			if err != nil {
				return err
			}
			seen.mu.Lock()
			defer seen.mu.Unlock()
			seen.list = append(seen.list, name)
			return edge.Reply(req, http.StatusOK, len(body))
		}
	}
	cfg := edgetest.Config()
	cfg.ReadTimeout, cfg.IdleTimeout = 250*time.Millisecond, 250*time.Millisecond
	var routes []edge.Route
	for _, method := range []string{"GET", "POST", "DELETE"} {
		routes = append(routes, edge.Route{Method: method, Path: "/first", Handler: note("first")}, edge.Route{Method: method, Path: "/smuggled", Handler: note("smuggled")})
	}
	addr, _ := edgetest.Serve(t, cfg, edge.Options{Routes: routes})
	return addr, seen
}

// talk sends bytes and returns the statuses of all answers until the server
// closes the connection.
func talk(t *testing.T, addr, bytes string) []int {
	t.Helper()
	c, err := net.Dial("tcp", addr)
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	_ = c.SetDeadline(time.Now().Add(10 * time.Second))
	if _, err := io.WriteString(c, bytes); err != nil {
		return nil // closed before all was read
	}
	var out []int
	for r := bufio.NewReader(c); ; {
		resp, err := http.ReadResponse(r, nil)
		if err != nil {
			return out
		}
		_, _ = io.Copy(io.Discard, resp.Body)
		resp.Body.Close()
		if resp.StatusCode != http.StatusContinue {
			out = append(out, resp.StatusCode)
		}
	}
}

// inner is the request that an attacker hides in another.
const inner = "GET /smuggled HTTP/1.1\r\nHost: h\r\n\r\n"

// smuggling are requests that a proxy in front could take for one, and a server
// behind it for two.
var smuggling = map[string]string{
	"CL.TE":                            "POST /first HTTP/1.1\r\nHost: h\r\nContent-Length: 40\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n" + inner,
	"CL.TE, the other way around":      "POST /first HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\nContent-Length: 40\r\n\r\n0\r\n\r\n" + inner,
	"TE.CL":                            "POST /first HTTP/1.1\r\nHost: h\r\nContent-Length: 4\r\nTransfer-Encoding: chunked\r\n\r\n23\r\n" + inner + "\r\n0\r\n\r\n",
	"TE.TE, one unknown":               "POST /first HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\nTransfer-Encoding: cow\r\n\r\n0\r\n\r\n" + inner,
	"TE.TE, the unknown first":         "POST /first HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: cow\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n" + inner,
	"TE twice":                         "POST /first HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n" + inner,
	"TE xchunked":                      "POST /first HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: xchunked\r\n\r\n" + inner,
	"TE identity, chunked":             "POST /first HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: identity, chunked\r\n\r\n0\r\n\r\n" + inner,
	"TE chunked, identity":             "POST /first HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked, identity\r\n\r\n0\r\n\r\n" + inner,
	"TE with a vertical tab":           "POST /first HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: \vchunked\r\n\r\n0\r\n\r\n" + inner,
	"TE with a NUL":                    "POST /first HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\x00\r\n\r\n0\r\n\r\n" + inner,
	"TE quoted":                        "POST /first HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: \"chunked\"\r\n\r\n0\r\n\r\n" + inner,
	"TE with a space before the colon": "POST /first HTTP/1.1\r\nHost: h\r\nTransfer-Encoding : chunked\r\nContent-Length: 40\r\n\r\n0\r\n\r\n" + inner,
	"TE with a leading space":          "POST /first HTTP/1.1\r\nHost: h\r\n Transfer-Encoding: chunked\r\n\r\n0\r\n\r\n" + inner,
	"TE behind a bare LF":              "POST /first HTTP/1.1\r\nHost: h\r\nX: x\nTransfer-Encoding: chunked\r\nContent-Length: 40\r\n\r\n0\r\n\r\n" + inner,
	"TE behind a bare CR":              "POST /first HTTP/1.1\r\nHost: h\r\nX: x\rTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n" + inner,
	"TE folded":                        "POST /first HTTP/1.1\r\nHost: h\r\nTransfer-Encoding:\r\n chunked\r\n\r\n0\r\n\r\n" + inner,
	"TE on HTTP/1.0":                   "POST /first HTTP/1.0\r\nHost: h\r\nConnection: keep-alive\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n" + inner,
	"CL twice, 0 first":                "POST /first HTTP/1.1\r\nHost: h\r\nContent-Length: 0\r\nContent-Length: 35\r\n\r\n" + inner,
	"CL twice, 0 last":                 "POST /first HTTP/1.1\r\nHost: h\r\nContent-Length: 35\r\nContent-Length: 0\r\n\r\n" + inner,
	"CL as a list":                     "POST /first HTTP/1.1\r\nHost: h\r\nContent-Length: 0, 35\r\n\r\n" + inner,
	"CL with a plus":                   "POST /first HTTP/1.1\r\nHost: h\r\nContent-Length: +0\r\n\r\n" + inner,
	"CL below zero":                    "POST /first HTTP/1.1\r\nHost: h\r\nContent-Length: -1\r\n\r\n" + inner,
	"CL in hexadecimal":                "POST /first HTTP/1.1\r\nHost: h\r\nContent-Length: 0x0\r\n\r\n" + inner,
	"CL of 2^64":                       "POST /first HTTP/1.1\r\nHost: h\r\nContent-Length: 18446744073709551616\r\n\r\n" + inner,
	"CL of 2^64 and 35":                "POST /first HTTP/1.1\r\nHost: h\r\nContent-Length: 18446744073709551651\r\n\r\n" + inner,
	"CL with letters":                  "POST /first HTTP/1.1\r\nHost: h\r\nContent-Length: 0abc\r\n\r\n" + inner,
	"CL with a space within":           "POST /first HTTP/1.1\r\nHost: h\r\nContent-Length: 0 35\r\n\r\n" + inner,
	"CL empty":                         "POST /first HTTP/1.1\r\nHost: h\r\nContent-Length:\r\n\r\n" + inner,
	"CL with a space before the colon": "POST /first HTTP/1.1\r\nHost: h\r\nContent-Length : 35\r\n\r\n" + inner,
	"CL folded":                        "POST /first HTTP/1.1\r\nHost: h\r\nContent-Length:\r\n 35\r\n\r\n" + inner,
	"CL behind a bare LF":              "POST /first HTTP/1.1\r\nHost: h\r\nX: x\nContent-Length: 35\r\n\r\n" + inner,
	"CL of a GET":                      "GET /first HTTP/1.1\r\nHost: h\r\nContent-Length: 35\r\n\r\n" + inner,
	"CL of a DELETE":                   "DELETE /first HTTP/1.1\r\nHost: h\r\nContent-Length: 35\r\n\r\n" + inner,
	"CL of what is not there":          "POST /nothing HTTP/1.1\r\nHost: h\r\nContent-Length: 35\r\n\r\n" + inner,
	"CL of a wrong method":             "PATCH /first HTTP/1.1\r\nHost: h\r\nContent-Length: 35\r\n\r\n" + inner,
	"chunks of a GET":                  "GET /first HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n23\r\n" + inner + "\r\n0\r\n\r\n",
	"chunks of what is not there":      "POST /nothing HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n23\r\n" + inner + "\r\n0\r\n\r\n",
	"a chunk's size with a plus":       "POST /first HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n+0\r\n\r\n" + inner,
	"a chunk's size with a minus":      "POST /first HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n-1\r\n\r\n" + inner,
	"a chunk's size in C's way":        "POST /first HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n0x0\r\n\r\n" + inner,
	"a chunk's size that wraps":        "POST /first HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n10000000000000000\r\n\r\n" + inner,
	"a chunk's size with a space":      "POST /first HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n0 24\r\n\r\n" + inner,
	"a chunk that is longer than said": "POST /first HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n1\r\naaaa\r\n0\r\n\r\n" + inner,
	"chunks with bare LFs":             "POST /first HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n0\n\n" + inner,
	"a chunk's extension with a bare LF": "POST /first HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n" +
		"2;\nxx\r\n24\r\n0\r\n\r\n" + inner,
	"a chunk's extension with a bare CR": "POST /first HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n2;\rxx\r\nab\r\n0\r\n\r\n" + inner,
	"a folded header":                    "POST /first HTTP/1.1\r\nHost: h\r\nX: a\r\n b\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n" + inner,
	"header lines with bare LFs":         "POST /first HTTP/1.1\nHost: h\nContent-Length: 35\n\n" + inner,
	"a header without a colon":           "POST /first HTTP/1.1\r\nHost: h\r\nContent-Length\r\n\r\n" + inner,
	"a NUL in a header":                  "POST /first HTTP/1.1\r\nHost: h\r\nX: \x00\r\nContent-Length: 35\r\n\r\n" + inner,
	"no version":                         "POST /first\r\nHost: h\r\nContent-Length: 0\r\n\r\n" + inner,
	"a version of its own":               "POST /first HTTP/1.9\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n" + inner,
	"no host":                            "POST /first HTTP/1.1\r\nContent-Length: 0\r\n\r\n" + inner,
	"two hosts":                          "POST /first HTTP/1.1\r\nHost: a\r\nHost: b\r\nContent-Length: 0\r\n\r\n" + inner,
	"an upgrade":                         "POST /first HTTP/1.1\r\nHost: h\r\nConnection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\nContent-Length: 35\r\n\r\n" + inner,
	"100-continue":                       "POST /first HTTP/1.1\r\nHost: h\r\nExpect: 100-continue\r\nContent-Length: 35\r\n\r\n" + inner,
	"another expectation":                "POST /first HTTP/1.1\r\nHost: h\r\nExpect: 200-ok\r\nContent-Length: 35\r\n\r\n" + inner,
	"the body is cut":                    "POST /first HTTP/1.1\r\nHost: h\r\nContent-Length: 9999\r\n\r\n" + inner,
	"space behind the request line":      "POST /first HTTP/1.1 \r\nHost: h\r\nContent-Length: 35\r\n\r\n" + inner,
}

// TestSmuggling sends each of the corpus over a connection of its own: never is
// the inner request taken for one, and what is doubtful ends the connection.
func TestSmuggling(t *testing.T) {
	t.Parallel()
	for name, request := range smuggling {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			addr, seen := listening(t)
			answers := talk(t, addr, request)
			got := seen.take()
			if slices.Contains(got, "smuggled") || len(got) > 1 || len(answers) > 1 {
				t.Errorf("%d answers %v, handled %v; want one request or none", len(answers), answers, got)
			}
			if slices.ContainsFunc(answers, func(status int) bool { return status >= 500 }) {
				t.Errorf("answers %v, want a refusal", answers)
			}
		})
	}
}

// TestPipelining sends requests without waiting: each is answered, in order.
func TestPipelining(t *testing.T) {
	t.Parallel()
	addr, seen := listening(t)
	body := inner
	post := fmt.Sprintf("POST /first HTTP/1.1\r\nHost: h\r\nContent-Length: %d\r\n\r\n%s", len(body), body)
	chunked := fmt.Sprintf("POST /first HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n%x\r\n%s\r\n0\r\n\r\n", len(body), body)
	answers := talk(t, addr, post+"GET /first HTTP/1.1\r\nHost: h\r\n\r\n"+chunked+"GET /nothing HTTP/1.1\r\nHost: h\r\n\r\n"+post)
	if want := []int{200, 200, 200, 404, 200}; !slices.Equal(answers, want) {
		t.Errorf("answers %v, want %v", answers, want)
	}
	if got := strings.Join(seen.take(), " "); got != "first first first first" {
		t.Errorf("handled %s", got)
	}
}
