package webhook

import (
	"bytes"
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"io"
	"net"
	"net/http"
	"strings"
	"syscall"
	"time"
)

// Bounds of what is read of an answer.
const (
	// MaxAnswerBytes is how much of an answer's body is read and kept.
	MaxAnswerBytes = 20_000
	maxHeaderBytes = 16 << 10
	// bodyPatience is how long the body of an answer may take after its head,
	// which decides.
	bodyPatience = 2 * time.Second
)

// poster makes requests. It follows no redirects and uses no proxy.
type poster struct{ client *http.Client }

func newPoster(guard *Guard, resolver *net.Resolver, roots *x509.CertPool) *poster {
	return &poster{&http.Client{
		Transport:     guard.Transport(resolver, roots),
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}}
}

func (p *poster) close() { p.client.CloseIdleConnections() }

// answer is what came back, or why nothing did.
type answer struct {
	status int
	header http.Header
	body   []byte
	cut    bool // there was more of the body
	err    error
}

// post makes one request and waits for the answer's head until ctx ends.
func (p *poster) post(ctx context.Context, url string, header http.Header, body []byte) answer {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, url, bytes.NewReader(body))
	if err != nil {
		return answer{err: errors.New("the URL cannot be called")}
	}
	req.Header = header
	req.Header["Idempotency-Key"] = nil // not sent; a kept connection that turns out closed is replaced by a new one
	res, err := p.client.Do(req)
	if err != nil {
		return answer{err: err}
	}
	defer res.Body.Close()
	impatient := time.AfterFunc(bodyPatience, cancel)
	defer impatient.Stop()
	text, err := io.ReadAll(io.LimitReader(res.Body, MaxAnswerBytes+1))
	a := answer{status: res.StatusCode, header: res.Header, body: text, cut: err != nil}
	if len(text) > MaxAnswerBytes {
		a.body, a.cut = text[:MaxAnswerBytes], true
	}
	return a
}

// Explain says in a developer's words why there was no answer. It names no
// address, which may be of a network that is not theirs.
func Explain(err error) string {
	var dns *net.DNSError
	var certificate *tls.CertificateVerificationError
	var record tls.RecordHeaderError
	var timeout net.Error
	switch {
	case err == nil:
		return ""
	case errors.Is(err, ErrForbidden):
		return ErrForbidden.Error()
	case errors.As(err, &dns):
		return "the host's name does not resolve"
	case errors.As(err, &certificate):
		return "the TLS certificate is not valid for the host"
	case errors.As(err, &record), strings.Contains(err.Error(), "tls: "):
		return "TLS could not be agreed on"
	case errors.Is(err, context.DeadlineExceeded), errors.As(err, &timeout) && timeout.Timeout():
		return "no answer within the timeout"
	case errors.Is(err, syscall.ECONNREFUSED):
		return "the connection was refused"
	case errors.Is(err, syscall.ECONNRESET), errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF), errors.Is(err, syscall.EPIPE):
		return "the connection was closed before an answer came"
	case errors.Is(err, syscall.EHOSTUNREACH), errors.Is(err, syscall.ENETUNREACH):
		return "the host cannot be reached"
	}
	return "there was no answer that HTTP allows"
}
