package whatsapp

import (
	"strconv"
	"time"

	"frontdesk/gateway/provider"
)

// Waits that Meta's documents name, or that courier practice has shown to
// serve where they name none.
const (
	pairWait    = 6 * time.Second // one message per six seconds, beyond a burst
	numberWait  = 2 * time.Second
	accountWait = time.Minute // calls per hour of app and account
	spamWait    = 15 * time.Minute
	dayWait     = 24 * time.Hour
)

// verdicts is what each error code calls for. The same codes come in an answer
// and in a failed status.
var verdicts = func() map[int]provider.Verdict {
	table := map[int]provider.Verdict{
		130429: {Reason: provider.Throttled, Scope: provider.ScopeChannel, RetryAfter: numberWait},
		131056: {Reason: provider.Throttled, Scope: provider.ScopePair, RetryAfter: pairWait},
		131048: {Reason: provider.Throttled, Scope: provider.ScopeChannel, RetryAfter: spamWait},
		4:      {Reason: provider.Throttled, Scope: provider.ScopeChannel, RetryAfter: accountWait},
		80007:  {Reason: provider.Throttled, Scope: provider.ScopeChannel, RetryAfter: accountWait},
		131064: {Reason: provider.Throttled, Scope: provider.ScopeChannel, RetryAfter: accountWait},
		133016: {Reason: provider.Throttled, Scope: provider.ScopeChannel, RetryAfter: dayWait},
		131047: {Reason: provider.NeedsTemplate},
		131050: {Reason: provider.OptedOut, Category: "marketing"},
		// Meta will not deliver this message to this person today. Holding the
		// pair for a day would hold its service messages too.
		131049: {Reason: provider.Rejected, RetryAfter: dayWait},
		132069: {Reason: provider.Rejected, RetryAfter: dayWait},
	}
	for reason, codes := range map[provider.Reason][]int{
		provider.Unreachable: {1, 2, 131000, 131016, 131057, 133004, 131053},
		provider.ChannelDown: {0, 190, 3, 10, 368, 131031, 131042, 131045, 133010, 133000, 133005, 133006, 133008, 133009, 133015},
		// 130497, a country that this business may not write to, says so of one
		// contact and must not stop the channel for the others.
		provider.Undeliverable: {131026, 131021, 131030, 130403, 130472, 131062, 130497},
		provider.Rejected: {
			33, 100, 131008, 131009, 131051, 131052, 131063, 135000, 137000, // the request
			132000, 132001, 132005, 132007, 132012, 132015, 132016, 132018, 132068, // the template
			130501, 131055, 134100, 134101, 134102, 139100, 139101, 139102, 139103, // groups and blocks
		},
	} {
		for _, code := range codes {
			table[code] = provider.Verdict{Reason: reason}
		}
	}
	for code := 200; code <= 299; code++ { // permissions
		table[code] = provider.Verdict{Reason: provider.ChannelDown}
	}
	return table
}()

// Classify returns what an error code calls for. It is a [provider.Classifier].
func Classify(code string) (provider.Verdict, bool) {
	n, err := strconv.Atoi(code)
	if err != nil {
		return provider.Verdict{}, false
	}
	v, ok := verdicts[n]
	return v, ok
}
