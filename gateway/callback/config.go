package callback

import (
	"errors"
	"fmt"
	"log/slog"
	"net/url"
	"time"

	"github.com/prometheus/client_golang/prometheus"
)

// Config is what a [Handler] can be told. Start from [DefaultConfig].
type Config struct {
	// PublicURL is the scheme, host and path prefix under which providers
	// reach this server ("https://desk.example.com"). Twilio signs it. It is
	// never taken from a request.
	PublicURL string
	// MaxBodyBytes bounds a body; more is 413. Default 3 MiB, Meta's own limit.
	MaxBodyBytes int
	// MaxRecordBytes bounds what is published as one record; an update that
	// is larger is kept in the spool for people to look at. Default 3.5 MiB,
	// which is less than the topics take.
	MaxRecordBytes int
	// LookupTimeout bounds the look-up of a handshake's token. Default 2 s.
	LookupTimeout time.Duration
	// SpoolTimeout bounds writing to the spool. Default 2 s.
	SpoolTimeout time.Duration
	// RetryAfter is what a provider is asked to wait when neither log nor
	// spool can be written. Default 5 s.
	RetryAfter time.Duration
	// DrainEvery is how often the spool is looked at while it is empty, or
	// while what is in it cannot be published. Default 1 s.
	DrainEvery time.Duration
	// Patient publishes what was spooled: it may wait longer than a callback can,
	// so that a slow log gets each entry once. nil publishes it like callbacks.
	Patient publisher
	// NeverPublishable is the publisher's error for records that it will never
	// take. nil means that it has none.
	NeverPublishable error
	// Log receives what went wrong, without texts, numbers and secrets. nil is
	// [slog.Default].
	Log *slog.Logger
	// Metrics registers the counters. nil registers them nowhere.
	Metrics prometheus.Registerer
	// Now is the clock. nil is [time.Now].
	Now func() time.Time
}

// DefaultConfig returns the defaults, which lack PublicURL.
func DefaultConfig() Config {
	return Config{
		MaxBodyBytes: 3 << 20, MaxRecordBytes: 7 << 19,
		LookupTimeout: 2 * time.Second, SpoolTimeout: 2 * time.Second,
		RetryAfter: 5 * time.Second, DrainEvery: time.Second,
	}
}

// Validate reports what is missing or impossible.
func (c Config) Validate() error {
	u, err := url.Parse(c.PublicURL)
	switch {
	case err != nil || u.Host == "" || (u.Scheme != "https" && u.Scheme != "http") || u.RawQuery != "" || u.Fragment != "":
		return fmt.Errorf("public url: %q, want https://host", c.PublicURL)
	case c.MaxBodyBytes <= 0 || c.MaxRecordBytes <= 0:
		return errors.New("callbacks: the bounds of bodies and records must be above zero")
	case c.LookupTimeout <= 0 || c.SpoolTimeout <= 0 || c.RetryAfter <= 0 || c.DrainEvery <= 0:
		return errors.New("callbacks: timeouts and intervals must be above zero")
	}
	return nil
}
