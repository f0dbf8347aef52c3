package webhook

import (
	"errors"
	"slices"
	"strings"
	"time"

	"frontdesk/ingest"
)

// Errors that callers branch on.
var (
	// ErrNotFound is given for an endpoint or delivery that the tenant does not have.
	ErrNotFound = errors.New("webhook: not found")
	// ErrURLTaken is given where the tenant has an endpoint of this URL.
	ErrURLTaken = errors.New("webhook: the tenant has an endpoint of this URL")
	// ErrTooMany is given to a tenant that has [MaxEndpoints].
	ErrTooMany = errors.New("webhook: the tenant has as many endpoints as it may")
	// ErrDisabled is given where something is to be sent to a disabled endpoint.
	ErrDisabled = errors.New("webhook: the endpoint is disabled")
)

// InvalidError is a specification that cannot be taken. Field is its name in
// the API and in files.
type InvalidError struct{ Field, Message string }

func (e *InvalidError) Error() string { return e.Field + ": " + e.Message }

// MaxEndpoints is how many endpoints a tenant may have.
const MaxEndpoints = 100

// Mode says which events of the sandbox an endpoint gets.
type Mode string

// Modes of an endpoint.
const (
	ModeAll  Mode = "all"
	ModeLive Mode = "live" // nothing of the sandbox
	ModeTest Mode = "test" // the sandbox alone
)

// Formats are the forms in which events can be sent.
var Formats = []string{"standard", "aivo", "kaivox", "convoai", "avoca", "buildvoiceai"}

// Defaults and bounds of what an endpoint may choose.
const (
	DefaultConcurrency = 8
	MaxConcurrency     = 64
	MaxRate            = 1000
	DefaultTimeout     = 15 * time.Second
	MinTimeout         = time.Second
	MaxTimeout         = 30 * time.Second
	MaxPatterns        = 50
	maxURL             = 2048
	maxPauses          = 20
	longestPause       = 48 * time.Hour
)

// Spec is what a developer says of an endpoint. The zero value of a field but
// URL and Events is its default.
type Spec struct {
	URL         string
	Agent       ingest.AgentID // only this agent's events; empty: all
	Description string
	Events      []string // names, "message.*", or "*"
	Format      string   // of [Formats]; empty: standard
	Secret      string   // empty: one is made
	Channels    []ingest.ChannelID
	Mode        Mode            // empty: all
	Rate        int             // attempts a second for each process of the role; 0: no limit
	Concurrency int             // attempts at a time for each process of the role; 0: [DefaultConcurrency]
	Timeout     time.Duration   // of an attempt; 0: [DefaultTimeout]
	Schedule    []time.Duration // pauses between attempts, whole seconds; empty: [DefaultSchedule]
}

// Endpoint is a developer's endpoint, without its secrets.
type Endpoint struct {
	ID string // "whk_…"
	Spec
	PublicKey      string    // Ed25519, "whpk_…"
	OlderUntil     time.Time // until when the replaced secret signs too; zero: there is none
	Enabled        bool
	DisabledReason string // gone, failing, or by the developer: manual
	DisabledAt     time.Time
	Failures       int       // attempts that failed in a row
	FailingSince   time.Time // the first of these
	CreatedAt      time.Time
	UpdatedAt      time.Time
}

// Change is what is to change of an endpoint; nil leaves a thing as it is.
type Change struct {
	URL, Description, Format *string
	Agent                    *ingest.AgentID
	Events                   *[]string
	Channels                 *[]ingest.ChannelID
	Mode                     *Mode
	Rate, Concurrency        *int
	Timeout                  *time.Duration
	Schedule                 *[]time.Duration
	Enabled                  *bool
}

// Reasons why an endpoint is disabled.
const (
	ReasonGone    = "gone"    // it answered 410
	ReasonFailing = "failing" // nothing but failures for five days
	ReasonManual  = "manual"  // the developer asked for it
)

// normal returns s with its defaults in place.
func (s Spec) normal() Spec {
	if s.Format == "" {
		s.Format = "standard"
	}
	if s.Mode == "" {
		s.Mode = ModeAll
	}
	if s.Concurrency == 0 {
		s.Concurrency = DefaultConcurrency
	}
	if s.Timeout == 0 {
		s.Timeout = DefaultTimeout
	}
	s.Events = slices.Compact(slices.Sorted(slices.Values(s.Events)))
	return s
}

// Check returns an *InvalidError for the first rule that s breaks. It does not
// look where the URL leads: see [Guard.CheckURL].
func (s Spec) Check() error {
	s = s.normal()
	bad := func(field, message string) error { return &InvalidError{field, message} }
	switch {
	case len(s.URL) > maxURL || !plainURL(s.URL):
		return bad("url", "a URL such as https://example.com/hooks is expected, without a name and password and without a #")
	case len(s.Events) == 0:
		return bad("events", `is missing; ["*"] sends all`)
	case len(s.Events) > MaxPatterns:
		return bad("events", "has more than 50 entries; \"message.*\" stands for all that begin so")
	case !slices.Contains(Formats, s.Format):
		return bad("format", "one of "+strings.Join(Formats, ", ")+" is expected")
	case !slices.Contains([]Mode{ModeAll, ModeLive, ModeTest}, s.Mode):
		return bad("mode", "one of all, live, test is expected")
	case s.Rate < 0 || s.Rate > MaxRate:
		return bad("rate", "a number from 0 to 1000 is expected")
	case s.Concurrency < 1 || s.Concurrency > MaxConcurrency:
		return bad("concurrency", "a number from 1 to 64 is expected")
	case s.Timeout < MinTimeout || s.Timeout > MaxTimeout:
		return bad("timeout_seconds", "a number from 1 to 30 is expected")
	case len(s.Schedule) > maxPauses:
		return bad("schedule", "has more than 20 pauses")
	}
	for _, pause := range s.Schedule {
		if pause < time.Second || pause > longestPause || pause%time.Second != 0 {
			return bad("schedule", "pauses of 1 to 172800 whole seconds are expected")
		}
	}
	if err := checkPatterns(s.Format, s.Events); err != nil {
		return err
	}
	return checkSecret(s.Format, s.Secret)
}

func checkPatterns(format string, patterns []string) error {
	for _, p := range patterns {
		if !patternForm(p) {
			return &InvalidError{"events", `an event such as message.received is expected, "message.*" or "*"`}
		}
		known := format != "standard" || slices.ContainsFunc(Types, func(t Type) bool { return matches(p, string(t.Name)) })
		if !known {
			return &InvalidError{"events", "there is no event " + p + "; GET /v1/webhooks/event-types lists them"}
		}
	}
	return nil
}

// patternForm reports whether p is "*", or words joined by dots of which the
// last may be "*".
func patternForm(p string) bool {
	words := strings.Split(p, ".")
	for i, w := range words {
		star := w == "*" && i == len(words)-1
		if !star && (w == "" || strings.Trim(w, "abcdefghijklmnopqrstuvwxyz0123456789_") != "") {
			return false
		}
	}
	return len(p) <= 100
}

// matches reports whether an event of a name is among those that pattern
// stands for.
func matches(pattern, name string) bool {
	if pattern == "*" || pattern == name {
		return true
	}
	head, wild := strings.CutSuffix(pattern, "*")
	return wild && strings.HasPrefix(name, head)
}

// wants reports whether the endpoint asked for an event of this name, as its
// format calls it.
func (s Spec) wants(name string) bool {
	return slices.ContainsFunc(s.Events, func(p string) bool { return matches(p, name) })
}

// admits applies the endpoint's filters to what an event is about.
func (s Spec) admits(about about, ofAgent func(ingest.AgentID, ingest.ChannelID) bool) bool {
	switch {
	case s.Mode == ModeLive && about.Test, s.Mode == ModeTest && !about.Test:
		return false
	case len(s.Channels) > 0 && !slices.Contains(s.Channels, about.Channel):
		return false
	case s.Agent == "" || s.Agent == about.Agent:
		return true
	}
	return about.Agent == "" && about.Channel != "" && ofAgent(s.Agent, about.Channel)
}
