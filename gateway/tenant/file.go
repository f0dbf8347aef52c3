package tenant

import (
	"fmt"
	"strings"
	"time"

	"frontdesk/agent/booking"
	"frontdesk/gateway/webhook"
)

// File is a business as a file describes it. What a section does not name is
// left as it is; Has tells an absent section from an empty one.
type File struct {
	Business  Tenant // ID and times are not set
	Channels  []ChannelSpec
	Agents    []AgentSpec
	Services  []ServiceSpec
	Staff     []StaffSpec
	Resources []ResourceSpec
	Knowledge []ArticleSpec
	Keys      []KeySpec
	Webhooks  []webhook.Spec
	sections  map[string]bool
}

// Has reports whether the file has the section ("channels", "keys" …).
func (f *File) Has(section string) bool { return f.sections[section] }

// ChannelSpec is a channel as a file has it. Credentials that it leaves out are
// kept as they are; for a new channel they are made up, and only the simulator
// serves it.
type ChannelSpec struct {
	Type, Name, Phone  string
	Account, Ref       string
	AccessToken        string
	AppSecret          string
	VerifyToken        string
	AuthToken          string
	BaseURL            string
	APIVersion         string
	RatePerSecond      int
	MarkRead           bool
	line               int
	accountKey, refKey string // the field's names in the file, for errors
}

// AgentSpec is an agent as a file has it.
type AgentSpec struct {
	Name          string
	Channels      []string // names
	Debounce      time.Duration
	HasDebounce   bool
	Instructions  string
	AfterFailures int
	HandoffWords  []string
}

// ServiceSpec is a service as a file has it.
type ServiceSpec struct {
	booking.ListedService
	line int
}

// StaffSpec is somebody of the staff as a file has them.
type StaffSpec struct {
	booking.Staff
	line int
}

// ResourceSpec is a resource as a file has it.
type ResourceSpec struct {
	booking.Resource
	line int
}

// ArticleSpec is an article as a file has it.
type ArticleSpec struct {
	Title, Content string
	Type           string // of kb.Type
	Agent          string // name; empty: all agents
	Questions      []string
	Language       string
	Source         string
	File           string // name of the file that Data is of
	Data           []byte
	line           int
}

// KeySpec is an API key to be made. A file says neither plan, time nor root.
type KeySpec struct {
	Name      string
	Scopes    []string
	Mode      Mode
	Dialect   Dialect
	Plan      string    // empty: the business's
	ExpiresAt time.Time // zero: never
	Root      string    // the key whose limits it shares; empty: its own
}

// Problem is one thing wrong with a file.
type Problem struct {
	Line    int    `json:"line"`  // of the file; 0 where it is not known
	Field   string `json:"field"` // "channels[0].phone"
	Message string `json:"message"`
}

func (p Problem) String() string {
	if p.Line == 0 {
		return p.Field + ": " + p.Message
	}
	return fmt.Sprintf("line %d: %s: %s", p.Line, p.Field, p.Message)
}

// InvalidError is everything wrong with a file. Nothing of it was applied,
// unless Partly is set: a document turned out unreadable when its turn came.
type InvalidError struct {
	Problems []Problem
	Partly   bool
}

func (e *InvalidError) Error() string {
	lines := make([]string, len(e.Problems))
	for i, p := range e.Problems {
		lines[i] = p.String()
	}
	return strings.Join(lines, "\n")
}
