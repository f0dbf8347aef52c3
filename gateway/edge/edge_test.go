package edge_test

import (
	"bufio"
	"bytes"
	"compress/gzip"
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/valyala/fasthttp"

	"frontdesk/gateway/edge"
	"frontdesk/gateway/edge/edgetest"
)

// syncBuffer is a log that a test reads while the server writes it.
type syncBuffer struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (s *syncBuffer) Write(p []byte) (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.b.Write(p)
}

func (s *syncBuffer) String() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.b.String()
}

type thing struct {
	Name  string  `json:"name"`
	Count int     `json:"count"`
	Parts []thing `json:"parts"`
}

func echo(_ context.Context, req *fasthttp.RequestCtx) error {
	var in thing
	if err := edge.Decode(req, &in); err != nil {
		return err
	}
	return edge.Reply(req, http.StatusCreated, in)
}

// raw sends bytes and returns the first response, "" if the connection closes
// without one.
func raw(t testing.TB, addr, request string) (status int, header http.Header, body string) {
	t.Helper()
	c, err := net.Dial("tcp", addr)
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	_ = c.SetDeadline(time.Now().Add(10 * time.Second))
	if _, err := io.WriteString(c, request); err != nil {
		t.Fatal(err)
	}
	resp, err := http.ReadResponse(bufio.NewReader(c), nil)
	if err != nil {
		return 0, nil, ""
	}
	defer resp.Body.Close()
	b, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Fatalf("read the response: %v", err)
	}
	return resp.StatusCode, resp.Header, string(b)
}

func post(path, contentType, body string) string {
	return fmt.Sprintf("POST %s HTTP/1.1\r\nHost: h\r\nContent-Type: %s\r\nContent-Length: %d\r\n\r\n%s", path, contentType, len(body), body)
}

func TestDecode(t *testing.T) {
	addr, _ := edgetest.Serve(t, edgetest.Config(), edge.Options{Routes: []edge.Route{{Method: "POST", Path: "/things", Handler: echo}}})
	deep := strings.Repeat(`{"parts":[`, 40) + strings.Repeat(`]}`, 40)
	tests := []struct {
		name, contentType, body string
		status                  int
		want                    string // in the body
	}{
		{"a good one", "application/json", `{"name":"a","count":2,"parts":[{"name":"b"}]}`, 201, `"count":2`},
		{"with a charset", "application/json; charset=UTF-8", `{"name":"a"}`, 201, `"a"`},
		{"an emoji", "application/json", `{"name":"\ud83e\uddb7"}`, 201, "\U0001F9B7"},
		{"an unknown field", "application/json", `{"nmae":"a"}`, 400, `{"field":"nmae","message":"unknown field"}`},
		{"an unknown field within", "application/json", `{"parts":[{"x":1}]}`, 400, `{"field":"parts[0].x","message":"unknown field"}`},
		{"another case", "application/json", `{"Name":"a"}`, 400, `{"field":"Name","message":"unknown field"}`},
		{"a name twice", "application/json", `{"name":"a","name":"b"}`, 400, `{"field":"name","message":"this name occurs twice in its object"}`},
		{"a wrong type", "application/json", `{"count":"2"}`, 400, `{"field":"count","message":"a number is expected, not a string"}`},
		{"a fraction", "application/json", `{"count":1.5}`, 400, `"field":"count"`},
		{"a number too big", "application/json", `{"count":1e400}`, 400, `"field":"count"`},
		{"invalid UTF-8", "application/json", "{\"name\":\"a\xff\"}", 400, `"field":"name"`},
		{"a lone surrogate", "application/json", `{"name":"\ud83e"}`, 400, `"field":"name"`},
		{"trailing data", "application/json", `{"name":"a"}{}`, 400, `not valid JSON at byte`},
		{"a list", "application/json", `[]`, 400, `an object is expected, not an array`},
		{"nothing", "application/json", ``, 400, `the body is empty`},
		{"too deep", "application/json", deep, 400, `nested deeper than 64`},
		{"a form", "application/x-www-form-urlencoded", `name=a`, 415, `unsupported_media_type`},
		{"another charset", "application/json; charset=utf-16", `{}`, 415, `unsupported_media_type`},
		{"null", "application/json", ` null `, 400, `an object is expected, not null`},
		{"a byte order mark", "application/json", "\ufeff{}", 400, `byte order mark`},
		{"NaN", "application/json", `{"count":NaN}`, 400, `not valid JSON at byte`},
		{"infinity", "application/json", `{"count":-Infinity}`, 400, `not valid JSON at byte`},
		{"a number of 10,000 digits", "application/json", `{"count":1` + strings.Repeat("0", 10_000) + `}`, 400, `"field":"count"`},
		{"a comment", "application/json", `{"count":1 /* one */}`, 400, `not valid JSON at byte`},
		{"a comma too many", "application/json", `{"count":1,}`, 400, `not valid JSON at byte`},
		{"single quotes", "application/json", `{'count':1}`, 400, `not valid JSON at byte`},
		{"a name twice within", "application/json", `{"parts":[{"name":"a","name":"b"}]}`, 400, `parts[0].name`},
		{"a name twice, escaped", "application/json", `{"name":"a","n\u0061me":"b"}`, 400, `occurs twice`},
		{"a very deep list", "application/json", strings.Repeat("[", 30_000), 400, `nested deeper than 64`},
		{"a proto", "application/json", `{"__proto__":{"a":1}}`, 400, `unknown field`},
		{"no type", "", `{"name":"a"}`, 201, `"a"`},
		{"plain text", "text/plain", `{}`, 415, `unsupported_media_type`},
		{"a multipart", "multipart/form-data; boundary=x", `{}`, 415, `unsupported_media_type`},
		{"a type that is none", "json", `{}`, 415, `unsupported_media_type`},
		{"Latin-1", "application/json; charset=iso-8859-1", `{}`, 415, `unsupported_media_type`},
		{"too large", "application/json", `{"name":"` + strings.Repeat("a", 64<<10) + `"}`, 413, `body_too_large`},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			status, header, body := raw(t, addr, post("/things", tt.contentType, tt.body))
			if status != tt.status || !strings.Contains(body, tt.want) {
				t.Errorf("%d %s, want %d with %s", status, body, tt.status, tt.want)
			}
			if header.Get("Content-Type") != "application/json" || !strings.HasPrefix(header.Get("X-Request-ID"), "req_") {
				t.Errorf("headers = %v", header)
			}
		})
	}
}

// TestCompressedBodies sends bodies with a coding, a bomb among them: they are
// not unpacked.
func TestCompressedBodies(t *testing.T) {
	addr, _ := edgetest.Serve(t, edgetest.Config(), edge.Options{Routes: []edge.Route{{Method: "POST", Path: "/things", Handler: echo}}})
	var bomb bytes.Buffer
	w := gzip.NewWriter(&bomb)
	if _, err := w.Write([]byte(`{"name":"` + strings.Repeat("a", 30<<20) + `"}`)); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	for coding, body := range map[string]string{"gzip": bomb.String(), "GZIP": "{}", "br": "{}", "deflate": "{}", "gzip, gzip": "{}", "x": "{}"} {
		request := fmt.Sprintf("POST /things HTTP/1.1\r\nHost: h\r\nContent-Type: application/json\r\nContent-Encoding: %s\r\nContent-Length: %d\r\n\r\n%s", coding, len(body), body)
		if status, _, answer := raw(t, addr, request); status != 415 || !strings.Contains(answer, "without a Content-Encoding") {
			t.Errorf("%s: %d %s, want 415", coding, status, answer)
		}
	}
	if status, _, _ := raw(t, addr, "POST /things HTTP/1.1\r\nHost: h\r\nContent-Encoding: identity\r\nContent-Length: 2\r\n\r\n{}"); status != 201 {
		t.Errorf("identity: %d, want it taken", status)
	}
}

func TestRouting(t *testing.T) {
	name := func(_ context.Context, req *fasthttp.RequestCtx) error {
		return edge.Reply(req, 200, edge.Param(req, "id"))
	}
	styled := func(f *edge.Fault, _ string, _ time.Time) any { return map[string]string{"oops": f.Code} }
	addr, _ := edgetest.Serve(t, edgetest.Config(), edge.Options{
		Routes: []edge.Route{
			{Method: "GET", Path: "/v1/things/{id}", Handler: name},
			{Method: "GET", Path: "/v1/things/search", Handler: func(_ context.Context, req *fasthttp.RequestCtx) error { return edge.Reply(req, 200, "the search") }},
			{Method: "GET", Path: "/other/api/things/", Handler: name},
		},
		Faults: map[string]edge.FaultBody{"/other/": styled},
	})
	tests := []struct {
		method, path string
		status       int
		want         string
	}{
		{"GET", "/v1/things/a", 200, `"a"`},
		{"GET", "/v1/things/a/", 200, `"a"`},
		{"GET", "/v1/things/a%2Fb+c", 200, `"a/b+c"`},
		{"GET", "/v1/things/search", 200, `"the search"`},
		{"GET", "/v1/things/search/", 200, `"the search"`},
		{"GET", "/other/api/things", 200, `""`},
		{"GET", "/v1/THINGS/a", 404, `"not_found"`},
		{"GET", "//v1/things/a", 404, `"not_found"`},
		{"GET", "/v1/x/..;/things/a", 404, `"not_found"`},
		{"GET", "/v1/x/../things/a", 404, `"not_found"`},
		{"GET", "/v1/things/", 404, `"not_found"`},
		{"DELETE", "/v1/things/a", 405, `"method_not_allowed"`},
		{"PURGE", "/v1/things/a", 405, `"method_not_allowed"`},
		{"GET", "/other/nothing", 404, `{"oops":"not_found"}`},
		{"GET", "/healthz", 200, `"ok"`},
		{"GET", "/readyz", 200, `"ready"`},
	}
	for _, tt := range tests {
		status, header, body := raw(t, addr, tt.method+" "+tt.path+" HTTP/1.1\r\nHost: h\r\n\r\n")
		if status != tt.status || !strings.Contains(body, tt.want) || header.Get("Location") != "" {
			t.Errorf("%s %s: %d %s, want %d with %s and no redirect", tt.method, tt.path, status, body, tt.status, tt.want)
		}
	}
	if _, header, _ := raw(t, addr, "DELETE /v1/things/a HTTP/1.1\r\nHost: h\r\n\r\n"); header.Get("Allow") != "GET" {
		t.Errorf("Allow = %q, want GET", header.Get("Allow"))
	}
}

func TestFaults(t *testing.T) {
	errKnown := errors.New("known below")
	log := &syncBuffer{}
	handlers := map[string]edge.Handler{
		"/panic":   func(context.Context, *fasthttp.RequestCtx) error { panic("boom") },
		"/unknown": func(context.Context, *fasthttp.RequestCtx) error { return errors.New("the inside of things") },
		"/known":   func(context.Context, *fasthttp.RequestCtx) error { return fmt.Errorf("wrapped: %w", errKnown) },
		"/late": func(ctx context.Context, _ *fasthttp.RequestCtx) error {
			<-ctx.Done()
			return ctx.Err()
		},
		"/halfway": func(_ context.Context, req *fasthttp.RequestCtx) error {
			req.SetBodyString("half an answer")
			return edge.Reply(req, 200, make(chan int))
		},
	}
	var routes []edge.Route
	for path, h := range handlers {
		routes = append(routes, edge.Route{Method: "GET", Path: path, Handler: h, Timeout: 50 * time.Millisecond})
	}
	addr, _ := edgetest.Serve(t, edgetest.Config(), edge.Options{
		Routes: routes, Log: slog.New(slog.NewTextHandler(log, nil)),
		Explain: func(err error) *edge.Fault {
			if errors.Is(err, errKnown) {
				return &edge.Fault{Status: 409, Code: "taken", Detail: "it is taken"}
			}
			return nil
		},
	})
	tests := []struct {
		path   string
		status int
		code   string
		logged string
	}{
		{"/panic", 500, "internal", "boom"},
		{"/unknown", 500, "internal", "the inside of things"},
		{"/known", 409, "taken", ""},
		{"/late", 503, "unavailable", "deadline exceeded"},
		{"/halfway", 500, "internal", "encode the response"},
	}
	for _, tt := range tests {
		status, _, body := raw(t, addr, "GET "+tt.path+" HTTP/1.1\r\nHost: h\r\n\r\n")
		if status != tt.status || !strings.Contains(body, `"code":"`+tt.code+`"`) || strings.Contains(body, "half an answer") {
			t.Errorf("%s: %d %s, want %d %s", tt.path, status, body, tt.status, tt.code)
		}
		if strings.Contains(body, "inside") || strings.Contains(body, "boom") {
			t.Errorf("%s tells the caller what went wrong inside: %s", tt.path, body)
		}
		if tt.logged != "" && !strings.Contains(log.String(), tt.logged) {
			t.Errorf("%s: the log has nothing of %q", tt.path, tt.logged)
		}
	}
	if status, _, _ := raw(t, addr, "GET /healthz HTTP/1.1\r\nHost: h\r\n\r\n"); status != 200 {
		t.Errorf("after a panic: %d", status)
	}
}

func TestKeysAreInNoLog(t *testing.T) {
	const key = "fd_live_abcdefgh0123456789ABCDEFGHIJ"
	log := &syncBuffer{}
	addr, _ := edgetest.Serve(t, edgetest.Config(), edge.Options{
		Routes: []edge.Route{{Method: "GET", Path: "/fails", Handler: func(_ context.Context, req *fasthttp.RequestCtx) error {
			return fmt.Errorf("could not serve %s with %s", req.RequestURI(), req.Request.Header.Peek("X-API-Key"))
		}}},
		Log: slog.New(slog.NewTextHandler(log, &slog.HandlerOptions{Level: slog.LevelDebug})),
	})
	for _, request := range []string{
		"GET /fails?api_key=" + key + " HTTP/1.1\r\nHost: h\r\nX-API-Key: " + key + "\r\n\r\n",
		"GET /nothing?api_key=" + key + " HTTP/1.1\r\nHost: h\r\n\r\n",
		"GET /fails?api_key=" + key + " HTTP/1.1\r\nHost: h\r\nAuthorization: Bearer " + key + "\r\nbroken header\r\n\r\n",
		"GET /" + strings.Repeat("a", 20_000) + "?api_key=" + key + " HTTP/1.1\r\n\r\n",
	} {
		raw(t, addr, request)
	}
	if strings.Contains(log.String(), "abcdefgh0123") {
		t.Errorf("a key is in the log:\n%s", log)
	}
	if !strings.Contains(log.String(), "route=/fails") {
		t.Errorf("the access log is missing:\n%s", log)
	}
}

func TestLimitsOfAHeader(t *testing.T) {
	addr, _ := edgetest.Serve(t, edgetest.Config(), edge.Options{})
	for size, want := range map[int]int{8 << 10: 404, 15 << 10: 404, 20 << 10: 431, 60 << 10: 431} {
		status, _, body := raw(t, addr, "GET /x HTTP/1.1\r\nHost: h\r\nX-Long: "+strings.Repeat("a", size)+"\r\n\r\n")
		if status != want {
			t.Errorf("a header of %d bytes: %d %s, want %d", size, status, body, want)
		}
	}
}

// TestFraming sends what a proxy in front could read otherwise than we do: the
// answer is an error and the connection closes, or it is one clean request.
func TestFraming(t *testing.T) {
	cfg := edgetest.Config()
	cfg.ReadTimeout = 300 * time.Millisecond
	addr, _ := edgetest.Serve(t, cfg, edge.Options{Routes: []edge.Route{{Method: "POST", Path: "/things", Handler: echo}}})
	const smuggled = "GET /healthz HTTP/1.1\r\nHost: h\r\n\r\n"
	for name, request := range map[string]string{
		"length and chunks":         "POST /things HTTP/1.1\r\nHost: h\r\nContent-Length: 4\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n" + smuggled,
		"two lengths":               "POST /things HTTP/1.1\r\nHost: h\r\nContent-Length: 0\r\nContent-Length: 34\r\n\r\n" + smuggled,
		"a signed length":           "POST /things HTTP/1.1\r\nHost: h\r\nContent-Length: +5\r\n\r\n" + smuggled,
		"a negative length":         "POST /things HTTP/1.1\r\nHost: h\r\nContent-Length: -1\r\n\r\n" + smuggled,
		"a length of 2^64":          "POST /things HTTP/1.1\r\nHost: h\r\nContent-Length: 18446744073709551616\r\n\r\n" + smuggled,
		"chunks on HTTP/1.0":        "POST /things HTTP/1.0\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n" + smuggled,
		"space before the colon":    "POST /things HTTP/1.1\r\nHost: h\r\nContent-Length : 34\r\n\r\n" + smuggled,
		"an unknown coding":         "POST /things HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: xchunked\r\n\r\n" + smuggled,
		"a folded header":           "POST /things HTTP/1.1\r\nHost: h\r\nX: a\r\n b\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n" + smuggled,
		"no host":                   "POST /things HTTP/1.1\r\nContent-Length: 0\r\n\r\n",
		"two hosts":                 "POST /things HTTP/1.1\r\nHost: a\r\nHost: b\r\nContent-Length: 0\r\n\r\n",
		"no version":                "GET /healthz\r\n\r\n",
		"a body that never arrives": "POST /things HTTP/1.1\r\nHost: h\r\nContent-Length: 99999999\r\nContent-Type: application/json\r\n\r\n{",
	} {
		status, _, body := raw(t, addr, request)
		if status >= 500 || (status >= 200 && status < 300) {
			t.Errorf("%s: %d %s, want it refused", name, status, body)
		}
	}
}

func TestACutBodyKeepsTheConnectionClean(t *testing.T) {
	var seen []string
	var mu sync.Mutex
	addr, _ := edgetest.Serve(t, edgetest.Config(), edge.Options{Routes: []edge.Route{{Method: "POST", Path: "/lazy", Handler: func(_ context.Context, req *fasthttp.RequestCtx) error {
		mu.Lock()
		defer mu.Unlock()
		seen = append(seen, string(req.Request.Header.Peek("X-N")))
		return edge.Reply(req, 200, "ok") // the body is left unread
	}}}})
	c, err := net.Dial("tcp", addr)
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	_ = c.SetDeadline(time.Now().Add(10 * time.Second))
	r := bufio.NewReader(c)
	for i := range 3 {
		body := strings.Repeat("POST /lazy HTTP/1.1\r\nHost: h\r\nX-N: smuggled\r\n\r\n", 400)
		fmt.Fprintf(c, "POST /lazy HTTP/1.1\r\nHost: h\r\nX-N: %d\r\nContent-Length: %d\r\n\r\n%s", i, len(body), body)
		resp, err := http.ReadResponse(r, nil)
		if err != nil {
			t.Fatalf("response %d: %v", i, err)
		}
		_, _ = io.Copy(io.Discard, resp.Body)
	}
	mu.Lock()
	defer mu.Unlock()
	if got := strings.Join(seen, " "); got != "0 1 2" {
		t.Errorf("handled requests %s, want 0 1 2", got)
	}
}

func TestGracefulStop(t *testing.T) {
	entered, release := make(chan struct{}), make(chan struct{})
	addr, stop := edgetest.Serve(t, edgetest.Config(), edge.Options{Routes: []edge.Route{{Method: "GET", Path: "/slow", Handler: func(ctx context.Context, req *fasthttp.RequestCtx) error {
		close(entered)
		select {
		case <-release:
		case <-ctx.Done():
		}
		return edge.Reply(req, 200, ctx.Err() == nil)
	}}}})
	answered := make(chan string, 1)
	go func() {
		_, _, body := raw(t, addr, "GET /slow HTTP/1.1\r\nHost: h\r\n\r\n")
		answered <- body
	}()
	<-entered
	stopped := make(chan error, 1)
	go func() { stopped <- stop() }()
	for { // the listener closes while the request goes on
		c, err := net.Dial("tcp", addr)
		if err != nil {
			break
		}
		c.Close()
	}
	close(release)
	if body := <-answered; body != "true\n" {
		t.Errorf("the request in hand was answered %q, want it to finish", body)
	}
	if err := <-stopped; err != nil {
		t.Errorf("Serve() = %v", err)
	}
}

func TestStopCutsWhatHangs(t *testing.T) {
	cfg := edgetest.Config()
	cfg.DrainTimeout = 100 * time.Millisecond
	entered := make(chan struct{})
	addr, stop := edgetest.Serve(t, cfg, edge.Options{Routes: []edge.Route{{Method: "GET", Path: "/hangs", Timeout: time.Hour, Handler: func(ctx context.Context, _ *fasthttp.RequestCtx) error {
		close(entered)
		<-ctx.Done()
		return ctx.Err()
	}}}})
	c, err := net.Dial("tcp", addr)
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	if _, err := io.WriteString(c, "GET /hangs HTTP/1.1\r\nHost: h\r\n\r\n"); err != nil {
		t.Fatal(err)
	}
	<-entered
	began := time.Now()
	if err := stop(); err != nil || time.Since(began) > 3*time.Second {
		t.Errorf("Serve() = %v after %v, want it cut", err, time.Since(began))
	}
}

func TestCORS(t *testing.T) {
	routes := []edge.Route{{Method: "GET", Path: "/v1/me", Handler: func(_ context.Context, req *fasthttp.RequestCtx) error { return edge.Reply(req, 200, "me") }}}
	const preflight = "OPTIONS /v1/me HTTP/1.1\r\nHost: h\r\nOrigin: https://app.example.com\r\nAccess-Control-Request-Method: GET\r\n\r\n"
	off, _ := edgetest.Serve(t, edgetest.Config(), edge.Options{Routes: routes})
	if status, header, _ := raw(t, off, preflight); status != 405 || header.Get("Access-Control-Allow-Origin") != "" {
		t.Errorf("off: %d %v, want no CORS", status, header)
	}
	cfg := edgetest.Config()
	cfg.CORSOrigins = []string{"https://app.example.com"}
	on, _ := edgetest.Serve(t, cfg, edge.Options{Routes: routes})
	if status, header, _ := raw(t, on, preflight); status != 204 || header.Get("Access-Control-Allow-Origin") != "https://app.example.com" {
		t.Errorf("on: %d %v", status, header)
	}
	if status, header, _ := raw(t, on, "GET /v1/me HTTP/1.1\r\nHost: h\r\nOrigin: https://evil.example\r\n\r\n"); status != 200 || header.Get("Access-Control-Allow-Origin") != "" {
		t.Errorf("another origin: %d %v", status, header)
	}
}

func TestNewRefuses(t *testing.T) {
	h := func(context.Context, *fasthttp.RequestCtx) error { return nil }
	if _, err := edge.New(edgetest.Config(), edge.Options{Routes: []edge.Route{{Method: "GET", Path: "/a", Handler: h}, {Method: "GET", Path: "/a", Handler: h}}}); err == nil {
		t.Error("two routes on one path were taken")
	}
	bad := edgetest.Config()
	bad.MaxBodyBytes, bad.ReadTimeout = 0, -1
	if err := bad.Validate(); err == nil || !strings.Contains(err.Error(), "MaxBodyBytes") || !strings.Contains(err.Error(), "ReadTimeout") {
		t.Errorf("Validate() = %v, want both values named", err)
	}
}

func FuzzDecodeBytes(f *testing.F) {
	f.Add([]byte(`{"name":"a","count":2,"parts":[{"name":"b"}]}`))
	f.Add([]byte(`{"name":"a","name":"b"}`))
	f.Add([]byte(strings.Repeat(`[`, 200)))
	f.Fuzz(func(t *testing.T, b []byte) {
		var in thing
		err := edge.DecodeBytes(b, &in)
		var fault *edge.Fault
		if err != nil && (!errors.As(err, &fault) || fault.Status != 400 || !fault.Refused) {
			t.Errorf("DecodeBytes(%q) = %v, want a refusal 400", b, err)
		}
	})
}
