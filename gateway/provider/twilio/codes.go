package twilio

import (
	"strconv"
	"time"

	"frontdesk/gateway/provider"
)

// Waits for what Twilio asks to slow down, where it names none itself.
const (
	burstWait = 2 * time.Second
	queueWait = 5 * time.Minute
	dayWait   = 24 * time.Hour
)

// verdicts is what each error code calls for, in an answer and in a status
// callback alike.
var verdicts = func() map[int]provider.Verdict {
	table := map[int]provider.Verdict{}
	set := func(v provider.Verdict, codes ...int) {
		for _, code := range codes {
			table[code] = v
		}
	}
	channel := func(wait time.Duration) provider.Verdict {
		return provider.Verdict{Reason: provider.Throttled, Scope: provider.ScopeChannel, RetryAfter: wait}
	}
	set(provider.Verdict{Reason: provider.Unreachable}, 20500, 20503, 30008, 30410, 63009, 63012)
	set(channel(burstWait), 20429, 14107, 63017, 63018)
	set(channel(queueWait), 30001, 30017, 21611)
	set(channel(dayWait), 30022, 30023, 30025, 30026, 30027, 63038)
	set(provider.Verdict{Reason: provider.ChannelDown},
		20003, 20404, 21601, 21603, 21606, 21701, 21703, 21705, 30002, 30018, 30024, 30032, 63007)
	set(provider.Verdict{Reason: provider.OptedOut, Category: "all"}, 21610, 63014, 63033)
	set(provider.Verdict{Reason: provider.Undeliverable},
		21211, 21214, 21217, 21401, 21407, 21614, 30003, 30005, 30006, 63003, 63024, // the number
		21408, 21219, 21608, 21612, 63015, 63032) // not permitted to it
	set(provider.Verdict{Reason: provider.NeedsTemplate}, 63016)
	set(provider.Verdict{Reason: provider.Rejected},
		21602, 21617, 21620, 21623, 30004, 30007, 30010, 30011, 30019, 63005, 63013, 63019, 63021, 63034, // the content
		63027, 63028, 63041, 21655, 21656) // the template
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
