package template

import (
	"encoding/json"
	"errors"
	"time"
)

// Errors of this package that callers branch on.
var (
	// ErrNotFound is given for a template that the tenant does not have.
	ErrNotFound = errors.New("template not found")
	// ErrExists is given for a new template whose name and language are taken.
	ErrExists = errors.New("a template of this name and language is there already")
	// ErrNotApproved is given for a template that the provider would not send.
	ErrNotApproved = errors.New("the template is not approved")
)

// Prefix leads the ids of templates.
const Prefix = "tpl_"

// Statuses of a template, in the provider's words, lower case. There are others;
// only an approved one can be sent.
const (
	Pending  = "pending"
	Approved = "approved"
)

// Template is a message that a provider has been asked to approve.
type Template struct {
	ID              string
	Account         string // of the provider: the WABA id
	Test            bool   // of the sandbox: approved as it was made, unknown to the provider
	Name            string
	Language        string
	Category        string // marketing, utility, authentication
	Status          string
	Quality         string          // green, yellow, red; empty: not known
	Reason          string          // of a refusal
	ParameterFormat string          // positional or named; empty: not known
	Components      json.RawMessage // in the provider's form; empty: not known
	ProviderID      string
	CreatedAt       time.Time
	UpdatedAt       time.Time
}

// Filter narrows a list of templates. The zero value is all of the tenant's.
type Filter struct {
	Account, Name, Language, Status string
	Limit                           int    // 1 to 100; zero: 20
	After                           string // cursor from the last page; empty: the first page
}

// Key names a template to its provider.
type Key struct {
	Account  string
	Test     bool
	Name     string
	Language string
}
