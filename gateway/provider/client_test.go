package provider_test

import (
	"bufio"
	"context"
	"errors"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"frontdesk/gateway/provider"
)

func post(t *testing.T, url, body string) *http.Request {
	t.Helper()
	req, err := http.NewRequest(http.MethodPost, url, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	return req
}

func reasonOf(t *testing.T, err error) provider.Reason {
	t.Helper()
	var se *provider.SendError
	if !errors.As(err, &se) {
		t.Fatalf("error = %v, want a *SendError", err)
	}
	return se.Reason
}

func TestClientTellsSentFromNotSent(t *testing.T) {
	given := make(chan struct{}) // closed once all clients have given up
	t.Cleanup(func() { close(given) })
	large := strings.Repeat("x", 1<<20)
	read := func(c net.Conn) { _, _ = http.ReadRequest(bufio.NewReader(c)) }
	tests := []struct {
		name  string
		serve func(net.Conn) // nil: nobody listens
		body  string
		want  provider.Reason
	}{
		{"nobody listens", nil, "x", provider.Unreachable},
		{"closed after the request", func(c net.Conn) { read(c) }, "x", provider.Ambiguous},
		{"half an answer's head", func(c net.Conn) { read(c); _, _ = io.WriteString(c, "HTTP/1.1 20") }, "x", provider.Ambiguous},
		{"no HTTP", func(c net.Conn) { read(c); _, _ = io.WriteString(c, "hello\r\n\r\n") }, "x", provider.Ambiguous},
		{"hangs after the request", func(c net.Conn) { read(c); _, _ = io.Copy(io.Discard, c) }, "x", provider.Ambiguous},
		{"hangs within the request", func(c net.Conn) { _, _ = c.Read(make([]byte, 10)); <-given }, large, provider.Ambiguous},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			ln, err := net.Listen("tcp", "127.0.0.1:0")
			if err != nil {
				t.Fatal(err)
			}
			if tt.serve == nil {
				_ = ln.Close()
			} else {
				t.Cleanup(func() { _ = ln.Close() })
				go func() {
					for {
						c, err := ln.Accept()
						if err != nil {
							return
						}
						tt.serve(c)
						_ = c.Close()
					}
				}()
			}
			client := provider.NewClient(&http.Transport{}, 300*time.Millisecond)
			_, err = client.Do(t.Context(), post(t, "http://"+ln.Addr().String()+"/v1/+15555550142", tt.body))
			if got := reasonOf(t, err); got != tt.want {
				t.Errorf("Do() = %v, want %s", err, tt.want)
			}
			if strings.Contains(err.Error(), "15555550142") {
				t.Errorf("%q names the number in the URL", err)
			}
		})
	}
}

func TestClientNotSentBeforeTLS(t *testing.T) {
	srv := httptest.NewTLSServer(http.NotFoundHandler()) // whose certificate nobody knows
	t.Cleanup(srv.Close)
	_, err := provider.NewClient(&http.Transport{}, time.Second).Do(t.Context(), post(t, srv.URL, "x"))
	if got := reasonOf(t, err); got != provider.Unreachable {
		t.Errorf("Do() = %v, want unreachable: nothing was written", err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err = provider.NewClient(&http.Transport{}, time.Second).Do(ctx, post(t, srv.URL, "x")); reasonOf(t, err) != provider.Unreachable {
		t.Errorf("Do() = %v, want unreachable: given up before it began", err)
	}
}

func TestClientReadsBoundedAnswersAndNoRedirects(t *testing.T) {
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		switch r.URL.Path {
		case "/large":
			_, _ = io.WriteString(w, strings.Repeat("x", 3<<20))
		case "/broken":
			w.Header().Set("Content-Length", "100")
			_, _ = io.WriteString(w, "{")
		case "/moved":
			http.Redirect(w, r, "/large", http.StatusTemporaryRedirect)
		default:
			_, _ = io.WriteString(w, "{}")
		}
	}))
	t.Cleanup(srv.Close)
	client := provider.NewClient(srv.Client().Transport, 5*time.Second)
	for path, want := range map[string]provider.Answer{
		"/":       {Status: 200, Body: []byte("{}")},
		"/large":  {Status: 200, Body: []byte(strings.Repeat("x", provider.MaxAnswerBytes)), Cut: true},
		"/broken": {Status: 200, Body: []byte("{"), Cut: true},
		"/moved":  {Status: 307},
	} {
		got, err := client.Do(t.Context(), post(t, srv.URL+path, "x"))
		if err != nil {
			t.Fatal(err)
		}
		if got.Status != want.Status || string(got.Body) != string(want.Body) || got.Cut != want.Cut {
			t.Errorf("%s: %d with %d bytes, cut %v; want %d with %d, %v", path, got.Status, len(got.Body), got.Cut, want.Status, len(want.Body), want.Cut)
		}
	}
}

func TestAnswerRetryAfter(t *testing.T) {
	now := time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)
	for value, want := range map[string]time.Duration{
		"": 0, "7": 7 * time.Second, "Sun, 01 Mar 2026 12:00:30 GMT": 30 * time.Second, "Sun, 01 Mar 2026 11:00:00 GMT": 0,
		"-1": 0, "soon": 0, "999999999": time.Hour,
	} {
		a := provider.Answer{Header: http.Header{"Retry-After": {value}}}
		if got := a.RetryAfter(now); got != want {
			t.Errorf("Retry-After %q = %v, want %v", value, got, want)
		}
	}
}

func TestAnswerRefusal(t *testing.T) {
	tests := []struct {
		status int
		known  bool
		want   provider.Reason
	}{
		{429, false, provider.Throttled}, {401, true, provider.ChannelDown}, {403, false, provider.Rejected},
		{400, true, provider.Rejected}, {404, false, provider.Rejected}, {408, false, provider.Unreachable},
		{301, false, provider.Unreachable}, {500, false, provider.Unreachable}, {503, false, provider.Unreachable},
		{502, true, provider.Unreachable}, {502, false, provider.Ambiguous}, {504, false, provider.Ambiguous},
	}
	for _, tt := range tests {
		if got := (provider.Answer{Status: tt.status}).Refusal(tt.known).Reason; got != tt.want {
			t.Errorf("Refusal of %d (known %v) = %s, want %s", tt.status, tt.known, got, tt.want)
		}
	}
}
