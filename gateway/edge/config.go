package edge

import (
	"errors"
	"fmt"
	"net/netip"
	"time"
)

// Config is what a [Server] can be told. Start from [DefaultConfig].
type Config struct {
	// Listen is the address to listen on, "host:port".
	Listen string
	// MaxBodyBytes bounds the body of routes that set no bound of their own.
	MaxBodyBytes int
	// LargeBodiesBytes bounds the bodies larger than MaxBodyBytes that are worked
	// on at a time, together: others wait a moment and are answered 503. What is
	// made of a body takes up to three times as much.
	LargeBodiesBytes int
	// MaxHeaderBytes bounds request line and headers together; more is 431.
	MaxHeaderBytes int
	// ReadTimeout bounds the reading of one request, header and body; the body of
	// a route with a longer Timeout has that.
	ReadTimeout time.Duration
	// WriteTimeout bounds the writing of one response; that of a route with a
	// longer Timeout has that.
	WriteTimeout time.Duration
	// IdleTimeout is how long a connection may wait for its next request.
	IdleTimeout time.Duration
	// HandlerTimeout is the deadline of routes that set none of their own.
	HandlerTimeout time.Duration
	// MaxConns bounds open connections; beyond it new ones are refused.
	MaxConns int
	// MaxConnsPerIP bounds open connections per address; 0 means no bound,
	// which is right only behind a proxy.
	MaxConnsPerIP int
	// DrainDelay is the time between "not ready" and closing the listener, in
	// which load balancers look elsewhere. 0 closes it at once.
	DrainDelay time.Duration
	// DrainTimeout bounds the time that requests in hand get to finish once the
	// listener is closed; then their connections are cut.
	DrainTimeout time.Duration
	// TrustedProxies are the networks whose X-Forwarded-For is believed. Empty,
	// the default, believes nobody.
	TrustedProxies []netip.Prefix
	// CORSOrigins are the origins whose pages may call the API, "*" for any.
	// Empty, the default, allows none.
	CORSOrigins []string
}

// DefaultConfig returns the configuration for a server on the open internet.
func DefaultConfig() Config {
	return Config{
		Listen:           ":8080",
		MaxBodyBytes:     64 << 10,
		LargeBodiesBytes: 128 << 20,
		MaxHeaderBytes:   16 << 10,
		ReadTimeout:      10 * time.Second,
		WriteTimeout:     10 * time.Second,
		IdleTimeout:      60 * time.Second,
		HandlerTimeout:   15 * time.Second,
		MaxConns:         8192,
		DrainDelay:       5 * time.Second,
		DrainTimeout:     10 * time.Second,
	}
}

// Validate reports every value that cannot work.
func (c Config) Validate() error {
	var errs []error
	positive := func(name string, v int64) {
		if v <= 0 {
			errs = append(errs, fmt.Errorf("%s is %d, want more than 0", name, v))
		}
	}
	positive("MaxBodyBytes", int64(c.MaxBodyBytes))
	positive("LargeBodiesBytes", int64(c.LargeBodiesBytes))
	positive("MaxHeaderBytes", int64(c.MaxHeaderBytes))
	positive("ReadTimeout", int64(c.ReadTimeout))
	positive("WriteTimeout", int64(c.WriteTimeout))
	positive("IdleTimeout", int64(c.IdleTimeout))
	positive("HandlerTimeout", int64(c.HandlerTimeout))
	positive("MaxConns", int64(c.MaxConns))
	positive("DrainTimeout", int64(c.DrainTimeout))
	if c.DrainDelay < 0 || c.MaxConnsPerIP < 0 {
		errs = append(errs, errors.New("DrainDelay and MaxConnsPerIP cannot be negative"))
	}
	return errors.Join(errs...)
}
