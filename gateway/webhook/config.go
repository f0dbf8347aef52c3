package webhook

import (
	"crypto/x509"
	"errors"
	"log/slog"
	"net"
	"net/netip"
	"time"
)

// Config says how a [Sender] works.
type Config struct {
	// Allow are the ranges that may be called although they are not public.
	// Default none.
	Allow []netip.Prefix
	// Poll is how often to look for what is due. Default 100 ms. What this
	// process stores is announced by [Sender.Wake].
	Poll time.Duration
	// Pace is the least time between two looks, so that places which become
	// free gather. Default 4 ms.
	Pace time.Duration
	// MaxInFlight bounds the attempts under way that are younger than
	// SlowAfter. Default 256.
	MaxInFlight int
	// SlowAfter is the age from which on an attempt takes no place of the
	// others. Default 1 s.
	SlowAfter time.Duration
	// MaxSlow bounds the attempts that are older. Where there are so many, an
	// endpoint that has one gets nothing more until it ends. Default 1024.
	MaxSlow int
	// Lease is how long after its timeout an attempt that nobody heard of is
	// made again by whoever looks. Default 15 s.
	Lease time.Duration
	// Breaker is how many failures in a row open an endpoint's circuit: it is
	// left alone for 5 s, then longer, up to 5 minutes, and tried with one
	// delivery each time. Default 10.
	Breaker int
	// GiveUp is how long an endpoint may do nothing but fail. Default five days.
	GiveUp time.Duration
	// Keep is how long settled deliveries are kept. Default 30 days.
	Keep time.Duration
	// StopGrace is how long attempts under way may go on when Run's context has
	// ended. Default 3 s.
	StopGrace time.Duration
	// Resolver finds the addresses of hosts; nil is the system's.
	Resolver *net.Resolver
	// Roots are the authorities whose certificates are believed; nil is the
	// system's.
	Roots *x509.CertPool
	// Log gets what goes wrong here; nil is slog.Default(). It holds no URL and
	// no payload.
	Log *slog.Logger
}

// DefaultConfig returns the defaults.
func DefaultConfig() Config {
	return Config{
		Poll: 100 * time.Millisecond, Pace: 4 * time.Millisecond, MaxInFlight: 256, SlowAfter: time.Second, MaxSlow: 1024, Lease: 15 * time.Second,
		Breaker: 10, GiveUp: 5 * 24 * time.Hour, Keep: 30 * 24 * time.Hour, StopGrace: 3 * time.Second,
	}
}

// Validate reports what is impossible.
func (c Config) Validate() error {
	switch {
	case c.Poll <= 0 || c.Pace < 0 || c.SlowAfter <= 0 || c.Lease <= 0 || c.StopGrace < 0:
		return errors.New("webhooks: poll, the age of a slow attempt and the lease must be above zero, pace and grace not below")
	case c.MaxInFlight < 1 || c.MaxSlow < 1 || c.Breaker < 1:
		return errors.New("webhooks: places and the breaker must be above zero")
	case c.GiveUp <= 0 || c.Keep <= 0:
		return errors.New("webhooks: how long an endpoint may fail, and how long deliveries are kept, must be above zero")
	}
	return nil
}
