package tenant

import (
	"time"
)

// Class is a kind of request that is limited on its own.
type Class string

// Classes of requests.
const (
	Requests  Class = "requests"  // every one
	Bulk      Class = "bulk"      // many things at once
	Messages  Class = "messages"  // sends
	Knowledge Class = "knowledge" // knowledge writes
	Workspace Class = "workspace" // every one, of all keys of the tenant together
)

// Limit is how much a plan allows; a zero Count is no limit.
type Limit struct {
	Count int
	Per   time.Duration
}

// within reports whether l allows no more than other, at once or in the long run.
func (l Limit) within(other Limit) bool {
	if other.Count == 0 || l.Count == 0 {
		return other.Count == 0
	}
	return l.Count <= other.Count && float64(l.Count)/float64(l.Per) <= float64(other.Count)/float64(other.Per)
}

// Plan is what a tenant may use by the API, as one dialect has it.
type Plan struct {
	Name   string // in the dialect's own words
	Limits map[Class]Limit
}

// tier is a plan's rank; each dialect has its own name and figures for it.
type tier int

const (
	starter tier = iota
	professional
	enterprise
	unlimited
)

var tiers = map[string]tier{
	"starter": starter, "free": starter,
	"professional": professional, "pro": professional,
	"enterprise": enterprise,
	"unlimited":  unlimited,
}

// DefaultPlan is the plan of a business whose file names none.
const DefaultPlan = "enterprise"

// lower returns the lesser of a business's plan and that of its key, where the
// key has one.
func lower(business, key string) string {
	if key == "" || rank(business) <= rank(key) {
		return business
	}
	return key
}

func rank(plan string) tier {
	if t, ok := tiers[plan]; ok {
		return t
	}
	return tiers[DefaultPlan]
}

// PlanOf returns the plan name as dialect has it: "professional" is AIVO's
// 100 requests a minute and ConvoAI's "pro" with 300.
func PlanOf(name string, dialect Dialect) Plan {
	t := rank(name)
	if t == unlimited {
		return Plan{Name: "unlimited", Limits: map[Class]Limit{Requests: {600_000, time.Minute}}}
	}
	switch dialect {
	case AIVO:
		return aivoPlans[t]
	case ConvoAI:
		return convoaiPlans[t]
	case Avoca:
		return Plan{Name: nativePlans[t].Name, Limits: map[Class]Limit{
			Requests: {1000, time.Minute}, Workspace: {10_000, time.Hour},
		}}
	case BuildVoiceAI:
		return Plan{Name: nativePlans[t].Name, Limits: map[Class]Limit{Requests: {100, time.Minute}}}
	default:
		return nativePlans[t]
	}
}

// The figures of the published documents. The native ones are, class by class,
// the most that any document grants in that rank.
var (
	aivoPlans = [...]Plan{
		starter:      {"starter", map[Class]Limit{Requests: {60, time.Minute}, Bulk: {10, time.Minute}}},
		professional: {"professional", map[Class]Limit{Requests: {100, time.Minute}, Bulk: {20, time.Minute}}},
		enterprise:   {"enterprise", map[Class]Limit{Requests: {500, time.Minute}, Bulk: {100, time.Minute}}},
	}
	convoaiPlans = [...]Plan{
		starter:      {"free", map[Class]Limit{Requests: {30, time.Minute}, Messages: {60, time.Hour}, Knowledge: {20, 24 * time.Hour}}},
		professional: {"pro", map[Class]Limit{Requests: {300, time.Minute}, Messages: {1000, time.Hour}, Knowledge: {500, 24 * time.Hour}}},
		enterprise:   {"enterprise", map[Class]Limit{Requests: {3000, time.Minute}}},
	}
	nativePlans = [...]Plan{
		starter: {"starter", map[Class]Limit{
			Requests: {60, time.Minute}, Bulk: {10, time.Minute}, Messages: {60, time.Hour}, Knowledge: {20, 24 * time.Hour},
		}},
		professional: {"professional", map[Class]Limit{
			Requests: {300, time.Minute}, Bulk: {20, time.Minute}, Messages: {1000, time.Hour}, Knowledge: {500, 24 * time.Hour},
		}},
		enterprise: {"enterprise", map[Class]Limit{Requests: {3000, time.Minute}, Bulk: {100, time.Minute}}},
	}
)
