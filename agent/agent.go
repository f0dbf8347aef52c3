package agent

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"frontdesk/ingest"
)

// Errors of this package that callers branch on.
var (
	// ErrNotFound is given for an agent the tenant does not have.
	ErrNotFound = errors.New("agent not found")
	// ErrInvalid is given for an agent that cannot be taken; the text around it
	// says which field and what was expected.
	ErrInvalid = errors.New("invalid agent")
)

// Status says whether an agent answers.
type Status string

// Statuses of an agent.
const (
	Active Status = "active"
	Paused Status = "paused" // its conversations are recorded and not answered
)

// Agent is a configured assistant of a tenant. Name is its identity.
type Agent struct {
	ID           ingest.AgentID
	Number       int64 // counts up within the tenant
	Name         string
	Status       Status
	Channels     []ingest.ChannelID // that it answers on; the agent with the lowest number has a channel
	Debounce     time.Duration      // quiet time after which a burst is answered, up to a minute; 0 answers at once
	Instructions string             // for a brain that reads them; the built-in one does not
	Handoff      Handoff
	CreatedAt    time.Time
	UpdatedAt    time.Time
}

// Handoff says when a person takes over.
type Handoff struct {
	AfterFailures int      `json:"after_failures"`  // turns in a row that were not understood; 0 is 2
	Words         []string `json:"words,omitempty"` // that ask for a person, beside those of the language
}

// DefaultFailures is how many turns in a row may fail before a person is asked
// for, where the agent does not say.
const DefaultFailures = 2

const longestDebounce = time.Minute

func invalid(field, format string, args ...any) error {
	return &ingest.FieldError{Err: ErrInvalid, Field: field, Message: fmt.Sprintf(format, args...)}
}

func (a Agent) validate() error {
	switch {
	case strings.TrimSpace(a.Name) == "":
		return invalid("name", "name is empty")
	case a.Status != Active && a.Status != Paused:
		return invalid("status", "status %q, want active or paused", a.Status)
	case a.Debounce < 0 || a.Debounce > longestDebounce:
		return invalid("debounce_ms", "debounce %v, want 0 to 1m", a.Debounce)
	case a.Handoff.AfterFailures < 0:
		return invalid("handoff.after_failures", "handoff after %d failures, want 0 or more", a.Handoff.AfterFailures)
	}
	return nil
}

func (a Agent) serves(channel ingest.ChannelID) bool { return slices.Contains(a.Channels, channel) }

// Business is what replies need to know of a tenant.
type Business struct {
	Name      string              `json:"name"`
	Timezone  string              `json:"timezone,omitempty"` // IANA name
	Phone     string              `json:"phone,omitempty"`
	Languages []string            `json:"languages,omitempty"` // ISO 639-1, the first is the default
	Hours     map[string][]string `json:"-"`                   // lower-case weekday to spans "08:00-12:00"
	Closed    []string            `json:"-"`                   // days, "2026-12-25"
}
