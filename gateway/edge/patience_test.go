package edge_test

import (
	"bufio"
	"context"
	"io"
	"net"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/valyala/fasthttp"

	"frontdesk/gateway/edge"
	"frontdesk/gateway/edge/edgetest"
)

// TestSlowClientsOfSlowRoutes sends a body and reads an answer in more time than
// the server gives: a route that says so has it, others cut the client off.
func TestSlowClientsOfSlowRoutes(t *testing.T) {
	t.Parallel()
	const bound = 400 * time.Millisecond
	cfg := edge.DefaultConfig()
	cfg.ReadTimeout, cfg.WriteTimeout = bound, bound
	large := strings.Repeat("a", 32<<20) // more than the kernel takes in
	read := func(_ context.Context, req *fasthttp.RequestCtx) error {
		_, err := edge.Body(req)
		if err == nil {
			req.SetStatusCode(http.StatusOK)
			req.SetBodyString(large)
		}
		return err
	}
	addr, _ := edgetest.Serve(t, cfg, edge.Options{Routes: []edge.Route{
		{Method: "POST", Path: "/slow/{id}/content", Timeout: 20 * time.Second, Handler: read},
		{Method: "POST", Path: "/quick/{id}/content", Handler: read},
		{Method: "GET", Path: "/slow/{id}", Handler: read},
	}})
	for path, want := range map[string]struct {
		status int
		whole  bool
	}{
		"/slow/1/content":     {http.StatusOK, true},
		"/slow/1/content?a=/": {http.StatusOK, true},
		"/quick/1/content":    {http.StatusRequestTimeout, false},
	} {
		t.Run(path, func(t *testing.T) {
			t.Parallel()
			if status, _ := slowly(t, addr, path, 2*bound, 0); status != want.status {
				t.Errorf("a slow body: %d, want %d", status, want.status)
			}
			if _, n := slowly(t, addr, path, 0, 3*bound); (n == len(large)) != want.whole {
				t.Errorf("a slow reader got %d bytes of %d", n, len(large))
			}
		})
	}
}

// slowly sends the second half of a body after a pause, and reads most of the
// answer after another; it returns how much of that came.
func slowly(t *testing.T, addr, path string, sending, reading time.Duration) (status, n int) {
	t.Helper()
	c, err := net.Dial("tcp", addr)
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	_ = c.SetDeadline(time.Now().Add(15 * time.Second))
	_, _ = io.WriteString(c, "POST "+path+" HTTP/1.1\r\nHost: h\r\nContent-Length: 40000\r\n\r\n"+strings.Repeat("b", 20000))
	<-time.After(sending) // the client's slowness is what is tested
	_, _ = io.WriteString(c, strings.Repeat("b", 20000))
	res, err := http.ReadResponse(bufio.NewReader(c), nil)
	if err != nil {
		return 0, 0
	}
	defer res.Body.Close()
	<-time.After(reading)
	got, _ := io.Copy(io.Discard, res.Body)
	return res.StatusCode, int(got)
}

// TestCrowdedRoutes has one request at a time: a second waits until the answer
// of the first is read, and one that failed holds nobody up.
func TestCrowdedRoutes(t *testing.T) {
	t.Parallel()
	cfg := edge.DefaultConfig()
	large := strings.Repeat("a", 32<<20)
	addr, _ := edgetest.Serve(t, cfg, edge.Options{Routes: []edge.Route{{
		Method: "GET", Path: "/file", Timeout: 20 * time.Second, AtOnce: 1,
		Handler: func(_ context.Context, req *fasthttp.RequestCtx) error {
			switch string(req.QueryArgs().Peek("is")) {
			case "gone":
				return &edge.Fault{Status: http.StatusNotFound, Code: "not_found"}
			case "small":
				req.SetBodyString("a")
			default:
				req.SetBodyString(large)
			}
			return nil
		},
	}}})
	get := func(query string) int {
		status, _, _ := raw(t, addr, "GET /file"+query+" HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n")
		return status
	}
	for _, query := range []string{"?is=gone", "?is=gone", "?is=small", "?is=small", "", "?is=small"} {
		if status := get(query); status == http.StatusServiceUnavailable || status == 0 {
			t.Fatalf("%q after others: %d", query, status)
		}
	}
	c, err := net.Dial("tcp", addr)
	if err != nil {
		t.Fatal(err)
	}
	_, _ = io.WriteString(c, "GET /file HTTP/1.1\r\nHost: h\r\n\r\n")
	if _, err := c.Read(make([]byte, 1)); err != nil {
		t.Fatal(err)
	}
	if status := get("?is=small"); status != http.StatusServiceUnavailable {
		t.Errorf("beside a large answer that nobody reads: %d, want 503", status)
	}
	c.Close()
	if status := get("?is=small"); status != http.StatusOK {
		t.Errorf("after its reader went away: %d, want 200", status)
	}
}
