package provider

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptrace"
	"strconv"
	"sync/atomic"
	"time"
)

// MaxAnswerBytes is how much of a provider's answer is read.
const MaxAnswerBytes = 1 << 20

// Client makes one request to a provider and says, where no answer came,
// whether the request can have been acted on. It follows no redirects, tries
// nothing twice, and is safe for concurrent use.
type Client struct {
	http    *http.Client
	timeout time.Duration
}

// Answer is what a provider answered. Body holds at most [MaxAnswerBytes];
// Cut says that there was more, or that the connection broke within it.
type Answer struct {
	Status int
	Header http.Header
	Body   []byte
	Cut    bool
}

// NewClient returns a client on transport (nil for [http.DefaultTransport])
// that gives a request timeout in all.
func NewClient(transport http.RoundTripper, timeout time.Duration) *Client {
	return &Client{timeout: timeout, http: &http.Client{
		Transport:     transport,
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}}
}

// Do makes the request. Its error is a *[SendError]: Unreachable if the request
// was surely not acted on, Ambiguous otherwise.
func (c *Client) Do(ctx context.Context, req *http.Request) (Answer, error) {
	ctx, cancel := context.WithTimeout(ctx, c.timeout)
	defer cancel()
	var way progress
	res, err := c.http.Do(req.WithContext(httptrace.WithClientTrace(ctx, way.trace())))
	if err != nil {
		return Answer{}, way.explain(err)
	}
	defer res.Body.Close()
	body, err := io.ReadAll(io.LimitReader(res.Body, MaxAnswerBytes+1))
	a := Answer{Status: res.StatusCode, Header: res.Header, Body: body, Cut: err != nil}
	if len(body) > MaxAnswerBytes {
		a.Body, a.Cut = body[:MaxAnswerBytes], true
	}
	return a, nil
}

// progress is how far a request has come. The transport calls its hooks from
// goroutines of its own, even after the request was given up.
type progress struct{ stage atomic.Int32 }

const (
	dialing  int32 = iota // also after the transport begins anew on another connection
	writing               // the head is written, maybe the body
	broken                // the body could not be written: they have no whole request
	complete              // they may have it all
)

func (p *progress) trace() *httptrace.ClientTrace {
	return &httptrace.ClientTrace{
		GetConn:      func(string) { p.stage.Store(dialing) },
		WroteHeaders: func() { p.stage.Store(writing) },
		WroteRequest: func(info httptrace.WroteRequestInfo) {
			if info.Err != nil {
				p.stage.Store(broken)
				return
			}
			p.stage.Store(complete)
		},
	}
}

// explain turns the transport's error into what is known of the request. While
// it is being written, nobody can tell how much of it has arrived.
func (p *progress) explain(err error) *SendError {
	cause := plain(err)
	switch p.stage.Load() {
	case dialing:
		return &SendError{Reason: Unreachable, Err: fmt.Errorf("connect: %w", cause)}
	case broken:
		return &SendError{Reason: Unreachable, Err: fmt.Errorf("write the request: %w", cause)}
	}
	return &SendError{Reason: Ambiguous, Err: fmt.Errorf("no answer to the request: %w", cause)}
}

// plain takes the URL off err: it may hold a number.
func plain(err error) error {
	var wrapped interface{ Unwrap() error }
	if errors.As(err, &wrapped) {
		if inner := wrapped.Unwrap(); inner != nil {
			return inner
		}
	}
	return err
}

// RetryAfter returns the wait that the answer asks for, at most an hour; zero
// if it asks for none.
func (a Answer) RetryAfter(now time.Time) time.Duration {
	v := a.Header.Get("Retry-After")
	if v == "" {
		return 0
	}
	wait := time.Duration(0)
	if seconds, err := strconv.ParseUint(v, 10, 32); err == nil {
		wait = time.Duration(seconds) * time.Second
	} else if at, err := http.ParseTime(v); err == nil {
		wait = at.Sub(now)
	}
	return min(max(wait, 0), time.Hour)
}

// Refusal returns what an answer outside 2xx calls for where the provider's own
// code does not say. known tells whether the provider itself wrote the answer,
// in its own form, rather than something on the way to it.
func (a Answer) Refusal(known bool) Verdict {
	switch s := a.Status; {
	case s == http.StatusTooManyRequests:
		return Verdict{Reason: Throttled, Scope: ScopeChannel}
	case s == http.StatusUnauthorized:
		return Verdict{Reason: ChannelDown}
	case !known && (s == http.StatusBadGateway || s == http.StatusGatewayTimeout):
		return Verdict{Reason: Ambiguous} // the gateway may have passed it on
	case s >= 500, s == http.StatusRequestTimeout, s >= 300 && s < 400:
		return Verdict{Reason: Unreachable}
	}
	return Verdict{Reason: Rejected}
}

// Rejectf returns the SendError of a message that is refused before it is sent.
func Rejectf(format string, args ...any) *SendError {
	return &SendError{Reason: Rejected, Err: fmt.Errorf(format, args...)}
}
