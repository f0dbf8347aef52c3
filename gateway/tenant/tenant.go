package tenant

import (
	"errors"
	"slices"
	"strconv"
	"strings"
	"time"

	"frontdesk/agent"
	"frontdesk/ingest"
)

// Errors that callers branch on.
var (
	// ErrNotFound is given for what the tenant does not have.
	ErrNotFound = errors.New("not found")
	// ErrUnauthenticated is given for a key that is unknown, malformed, revoked
	// or expired. It never says which.
	ErrUnauthenticated = errors.New("missing or invalid API key")
	// ErrAddressTaken is given for a channel whose number another business has.
	ErrAddressTaken = errors.New("this number belongs to another channel")
)

// Tenant is a business.
type Tenant struct {
	ID          ingest.TenantID
	Slug        string
	Name        string
	Timezone    string // IANA name
	Phone       string
	Email       string
	Languages   []string // ISO 639-1, the first is the default
	Plan        string   // as in the file; see PlanOf
	Hours       Hours
	Closed      []string // dates, "2026-12-25"
	QuietHours  string   // "21:00-08:00" in Timezone; empty is none
	DailyBudget int      // messages of its own accord a day; 0 is no limit
	// NoShowAfter is how long after its end an appointment that is still
	// scheduled is marked as a no-show, in whole minutes; zero is never.
	NoShowAfter time.Duration
	// WaitlistTemplate is the approved template that offers a free time to who
	// waits where WhatsApp takes nothing else; empty is none.
	WaitlistTemplate string
	CreatedAt        time.Time
	UpdatedAt        time.Time
}

// Location returns the tenant's timezone, UTC where it has none that is known.
func (t Tenant) Location() *time.Location {
	loc, err := time.LoadLocation(t.Timezone)
	if err != nil {
		return time.UTC
	}
	return loc
}

// Quiet returns the quiet hours as times since midnight, equal where there are
// none; until before from means the next day.
func (t Tenant) Quiet() (from, until time.Duration) {
	from, until, err := parseSpan(t.QuietHours)
	if err != nil {
		return 0, 0
	}
	return from, until
}

// Hours is a week of opening times: lower-case weekday to spans "08:00-12:00".
type Hours map[string][]string

// Caller is who a request comes from: a key and its tenant.
type Caller struct {
	Tenant   ingest.TenantID
	KeyID    string // "key_…"
	KeyName  string
	Scopes   []string
	Mode     Mode
	Dialect  Dialect
	Business Tenant
	Plan     Plan

	root     string    // as of a Key
	counted  []counted // of the directory's making
	planName string    // as in a file
	expires  time.Time // of the key; zero: never
}

// May reports whether the caller's key has scope. A "write" scope does not
// include "read". An empty scope is everybody's.
func (c Caller) May(scope string) bool {
	return scope == "" || slices.Contains(c.Scopes, AllScopes) || slices.Contains(c.Scopes, scope)
}

// Covers reports whether the caller may do all that k may, and as much of it:
// then it may make such a key and change it. Else it says what k has beyond it.
func (c Caller) Covers(k Key) (beyond string, ok bool) {
	if beyond, ok := c.Outranks(k); !ok {
		return beyond, false
	}
	limits := PlanOf(lower(c.Business.Plan, k.Plan), k.Dialect).Limits
	for class, own := range c.Plan.Limits {
		if other, limited := limits[class]; !limited || !other.within(own) {
			return "its limit of " + string(class), false
		}
	}
	return "", true
}

// Outranks is [Caller.Covers] but for how much the dialects of both allow: it
// is enough to end k.
func (c Caller) Outranks(k Key) (beyond string, ok bool) {
	for _, scope := range k.Scopes {
		if !c.May(scope) || (scope == AllScopes && !slices.Contains(c.Scopes, AllScopes)) {
			return "the scope " + scope, false
		}
	}
	switch {
	case c.Mode == ModeTest && k.Mode != ModeTest:
		return "the mode live", false
	case rank(lower(c.Business.Plan, k.Plan)) > rank(c.planName):
		return "its plan", false
	case !c.expires.IsZero() && (k.ExpiresAt.IsZero() || k.ExpiresAt.After(c.expires)):
		return "its time, which is longer than that of the key that asks", false
	}
	return "", true
}

// Bucket names what of class the caller is counted in: that of the workspace, or
// the key's own. Keys that were made with one another by the API are counted
// together where their limits are the same, so that one who may make keys has
// no more by having many.
func (c Caller) Bucket(class Class) string {
	if class == Workspace {
		return string(class) + "|" + string(c.Tenant)
	}
	return string(class) + "|" + c.Root() + "|" + strconv.Itoa(c.Plan.Limits[class].Count)
}

// counted is one limit of a caller, and what it is counted in.
type counted struct {
	class  Class
	bucket string
	limit  Limit
}

// Limit returns what of class the plan allows and the [Caller.Bucket] that it is
// counted in, or false where it does not limit that.
func (c *Caller) Limit(class Class) (bucket string, limit Limit, limited bool) {
	if c.counted == nil {
		limit, limited = c.Plan.Limits[class]
		return c.Bucket(class), limit, limited
	}
	for i := range c.counted {
		if k := &c.counted[i]; k.class == class {
			return k.bucket, k.limit, true
		}
	}
	return "", Limit{}, false
}

// Root is the key whose limits those share that the caller makes.
func (c Caller) Root() string {
	if c.root != "" {
		return c.root
	}
	return c.KeyID
}

// KeyPlan returns the plan that a key made by the caller has unless told: the
// caller's own, "" where that is the business's.
func (c Caller) KeyPlan() string {
	if rank(c.planName) == rank(c.Business.Plan) {
		return ""
	}
	return c.planName
}

// Expires returns when the caller's key ends, zero for never.
func (c Caller) Expires() time.Time { return c.expires }

// Test reports whether what the caller sends stays in the simulator.
func (c Caller) Test() bool { return c.Mode == ModeTest }

// AllScopes is the scope of a key that may do all.
const AllScopes = "*"

// resources are what scopes are made of.
var resources = []string{
	"agents", "analytics", "appointments", "audit", "business", "calls", "campaigns", "channels", "contacts", "conversations",
	"keys", "knowledge", "media", "messages", "scores", "services", "staff", "templates", "usage", "webhooks",
}

// ValidScope reports whether s is a scope: "*", or a resource with read or
// write ("contacts:read").
func ValidScope(s string) bool {
	if s == AllScopes {
		return true
	}
	resource, verb, ok := strings.Cut(s, ":")
	return ok && (verb == "read" || verb == "write") && slices.Contains(resources, resource)
}

// Business returns what replies need to know of t.
func (t Tenant) Business() agent.Business {
	return agent.Business{Name: t.Name, Timezone: t.Timezone, Phone: t.Phone, Languages: t.Languages, Hours: t.Hours, Closed: t.Closed}
}
