package agent

import (
	"errors"
	"log/slog"
	"time"
)

// TurnsConfig says how turns are worked through.
type TurnsConfig struct {
	// Workers is how many turns are decided at the same time; zero means 8.
	Workers int
	// Batch is the most turns claimed or stored together; zero means 64.
	Batch int
	// Pace is the least time from one claim to the next, so that turns gather;
	// zero means 6 ms, negative none. A turn after a pause waits for nothing.
	Pace time.Duration
	// Poll is how often to look for turns that another process recorded; zero
	// means 100 ms.
	Poll time.Duration
	// Lease is how long a claimed turn is left alone if its worker dies; zero
	// means 30 s. It must be longer than Timeout.
	Lease time.Duration
	// Timeout bounds deciding a turn; zero means 10 s.
	Timeout time.Duration
	// Attempts is after how many failed decisions the brain is told to do
	// without its tools; zero means 3.
	Attempts int
	// Now is the time that "tomorrow" and what is past go by; nil means
	// time.Now.
	Now func() time.Time
	// Stored is called after a transaction that stored turns: wire the relay's
	// Wake to it. nil leaves that to its poll.
	Stored func()
	// Log gets turns that failed; nil means slog.Default().
	Log *slog.Logger
}

func (c TurnsConfig) withDefaults() TurnsConfig {
	set := func(d *time.Duration, value time.Duration) {
		if *d == 0 {
			*d = value
		}
	}
	set(&c.Pace, 6*time.Millisecond)
	set(&c.Poll, 100*time.Millisecond)
	set(&c.Lease, 30*time.Second)
	set(&c.Timeout, 10*time.Second)
	if c.Workers == 0 {
		c.Workers = 8
	}
	if c.Batch == 0 {
		c.Batch = 64
	}
	if c.Attempts == 0 {
		c.Attempts = 3
	}
	if c.Now == nil {
		c.Now = time.Now
	}
	if c.Stored == nil {
		c.Stored = func() {}
	}
	if c.Log == nil {
		c.Log = slog.Default()
	}
	return c
}

// Validate returns an error that names the first field out of range.
func (c TurnsConfig) Validate() error {
	d := c.withDefaults()
	switch {
	case d.Workers < 1 || d.Batch < 1 || d.Attempts < 1:
		return errors.New("turns: Workers, Batch and Attempts must not be negative")
	case d.Poll < time.Millisecond:
		return errors.New("turns: Poll must be 1 ms or more")
	case d.Lease <= d.Timeout:
		return errors.New("turns: Lease must be longer than Timeout")
	}
	return nil
}
