package webhook

import (
	"crypto/tls"
	"crypto/x509"
	"net"
	"net/http"
	"time"
)

// Transport returns what carries requests to addresses that developers gave:
// each connection is asked of g once its address is known, there is no proxy
// between, and nothing is decompressed. It follows no redirects by itself; what
// does is checked anew for each. A nil resolver and nil roots are the system's.
func (g *Guard) Transport(resolver *net.Resolver, roots *x509.CertPool) http.RoundTripper {
	of := func(secure bool) *http.Transport {
		return &http.Transport{
			DialContext: g.dialer(secure, resolver), Proxy: nil, DisableCompression: true,
			TLSClientConfig:     &tls.Config{MinVersion: tls.VersionTLS12, RootCAs: roots},
			TLSHandshakeTimeout: 10 * time.Second, MaxResponseHeaderBytes: maxHeaderBytes,
			MaxIdleConns: 1024, MaxIdleConnsPerHost: 64, IdleConnTimeout: 60 * time.Second,
		}
	}
	return &transport{secure: of(true), plain: of(false)}
}

// transport is two, since whether an address may be dialled depends on whether
// TLS follows.
type transport struct{ secure, plain *http.Transport }

// RoundTrip carries one request.
func (t *transport) RoundTrip(req *http.Request) (*http.Response, error) {
	if req.URL.Scheme == "https" {
		return t.secure.RoundTrip(req)
	}
	return t.plain.RoundTrip(req)
}

// CloseIdleConnections is for http.Client's method of that name.
func (t *transport) CloseIdleConnections() {
	t.secure.CloseIdleConnections()
	t.plain.CloseIdleConnections()
}
