package providertest

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"frontdesk/gateway/provider"
	"frontdesk/ingest"
)

// timeout is what a sender under test gives a request.
const timeout = 500 * time.Millisecond

// Loopback returns a transport that makes t fail on any request that would
// leave the machine, and makes the others.
func Loopback(t testing.TB) http.RoundTripper {
	tr := &http.Transport{Proxy: nil}
	t.Cleanup(tr.CloseIdleConnections)
	return loopback{t, tr}
}

type loopback struct {
	t    testing.TB
	next http.RoundTripper
}

func (l loopback) RoundTrip(req *http.Request) (*http.Response, error) {
	if ip := net.ParseIP(req.URL.Hostname()); ip == nil || !ip.IsLoopback() {
		l.t.Errorf("a request to %s would leave the machine", req.URL.Host)
		return nil, errors.New("only loopback addresses in tests")
	}
	return l.next.RoundTrip(req)
}

// reply is what a provider does with the request that it has read.
type reply func(c net.Conn)

func respond(status int, header, body string) reply {
	return func(c net.Conn) {
		_, _ = fmt.Fprintf(c, "HTTP/1.1 %d %s\r\n%sContent-Length: %d\r\nConnection: close\r\n\r\n%s", status, http.StatusText(status), header, len(body), body)
	}
}

func (a Adapter) send(t *testing.T) {
	hang := func(c net.Conn) { _, _ = io.Copy(io.Discard, c) }
	tests := []struct {
		name  string
		reply reply
		want  provider.Reason // empty: sent
		wait  time.Duration
	}{
		{"taken", respond(a.Status, "", a.Taken), "", 0},
		{"hangs after the request", hang, provider.Ambiguous, 0},
		{"cuts the connection after the request", func(net.Conn) {}, provider.Ambiguous, 0},
		{"answers no HTTP", func(c net.Conn) { _, _ = io.WriteString(c, "hello\r\n\r\n") }, provider.Ambiguous, 0},
		{"hangs within the answer", func(c net.Conn) {
			_, _ = fmt.Fprintf(c, "HTTP/1.1 %d OK\r\nContent-Length: 9999\r\n\r\n{", a.Status)
			hang(c)
		}, provider.Ambiguous, 0},
		{"too fast", respond(429, "Retry-After: 7\r\n", a.TooFast), provider.Throttled, 7 * time.Second},
		{"too fast, not in its own words", respond(429, "Retry-After: 7\r\n", ""), provider.Throttled, 7 * time.Second},
		{"bad credentials", respond(401, "", a.BadCredentials), provider.ChannelDown, 0},
		{"bad credentials, not in its own words", respond(401, "", "<html>"), provider.ChannelDown, 0},
		{"a fault of theirs", respond(500, "", a.Fault), provider.Unreachable, 0},
		{"a fault of theirs, not in its own words", respond(500, "", "oops"), provider.Unreachable, 0},
		{"unavailable", respond(503, "", ""), provider.Unreachable, 0},
		{"a gateway gave up waiting", respond(504, "", "<html>"), provider.Ambiguous, 0},
		{"refused for an unknown reason", respond(400, "", "{}"), provider.Rejected, 0},
		{"moved", respond(302, "Location: https://elsewhere.example.com/\r\n", ""), provider.Unreachable, 0},
		{"taken, but garbage", respond(a.Status, "", "<html>garbage"), provider.Ambiguous, 0},
		{"taken, but nothing", respond(a.Status, "", ""), provider.Ambiguous, 0},
		{"taken, but an empty object", respond(a.Status, "", "{}"), provider.Ambiguous, 0},
		{"taken, in 3 MB", respond(a.Status, "", `{"x":"`+strings.Repeat("x", 3<<20)+`"}`), provider.Ambiguous, 0},
		{"refused, in 3 MB", respond(400, "", strings.Repeat("x", 3<<20)), provider.Rejected, 0},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			p := start(t, tt.reply)
			sent, err := a.Sender(Loopback(t), timeout).Send(t.Context(), a.Channel(p.url), a.Message)
			if tt.want == "" {
				if err != nil || sent.ProviderID != a.TakenID || sent.Status != ingest.Sent {
					t.Errorf("Send() = %+v, %v, want id %s", sent, err, a.TakenID)
				}
			} else {
				a.failed(t, err, tt.want, tt.wait)
			}
			if n := p.requests.Load(); n != 1 {
				t.Errorf("asked %d times, want once: nothing is sent twice", n)
			}
		})
	}
	t.Run("nobody listens", a.unreachable)
	t.Run("given up", a.givenUp)
}

// failed checks that err is a *SendError that says so and shows nothing.
func (a Adapter) failed(t *testing.T, err error, want provider.Reason, wait time.Duration) {
	t.Helper()
	var se *provider.SendError
	if !errors.As(err, &se) {
		t.Fatalf("Send() = %v, want a *SendError", err)
	}
	if se.Reason != want || (wait > 0 && se.RetryAfter != wait) || (se.Reason == provider.Throttled) != (se.Scope != "") {
		t.Errorf("Send() = %v, scope %q, wait %v; want %s, %v", err, se.Scope, se.RetryAfter, want, wait)
	}
	shown := err.Error()
	for _, id := range a.Message.Party.Identifiers {
		if strings.Contains(shown, strings.TrimPrefix(id.Value, "+")) {
			t.Errorf("the error names the contact: %s", shown)
		}
	}
	if strings.Contains(shown, a.Message.Content.Text) {
		t.Errorf("the error shows the text: %s", shown)
	}
	if len(se.Errors()) == 0 {
		t.Error("nothing is left for the message's row")
	}
}

func (a Adapter) unreachable(t *testing.T) {
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	_ = ln.Close()
	_, err = a.Sender(Loopback(t), timeout).Send(t.Context(), a.Channel("http://"+ln.Addr().String()), a.Message)
	a.failed(t, err, provider.Unreachable, 0)
}

// givenUp: whoever ends the context before the request was made may send again.
func (a Adapter) givenUp(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	p := start(t, respond(200, "", ""))
	_, err := a.Sender(Loopback(t), timeout).Send(ctx, a.Channel(p.url), a.Message)
	a.failed(t, err, provider.Unreachable, 0)
	if n := p.requests.Load(); n != 0 {
		t.Errorf("asked %d times", n)
	}
}

// server is a provider that reads a request and then does as reply says.
type server struct {
	url      string
	requests atomic.Int32
}

func start(t *testing.T, reply reply) *server {
	t.Helper()
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	s := &server{url: "http://" + ln.Addr().String()}
	var serving sync.WaitGroup
	serving.Go(func() {
		for {
			c, err := ln.Accept()
			if err != nil {
				return
			}
			serving.Go(func() { s.serve(c, reply) })
		}
	})
	t.Cleanup(func() {
		_ = ln.Close()
		serving.Wait()
	})
	return s
}

func (s *server) serve(c net.Conn, reply reply) {
	defer c.Close()
	_ = c.SetDeadline(time.Now().Add(10 * timeout))
	req, err := http.ReadRequest(bufio.NewReader(c))
	if err != nil {
		return // a connection that was opened and not used
	}
	if _, err := io.Copy(io.Discard, req.Body); err != nil {
		return
	}
	s.requests.Add(1)
	reply(c)
}
