package roles

import "time"

// lingers is the least time between two fetches of a group, so that what comes
// meanwhile shares the transactions of a batch; an event after a pause waits
// for nothing. Inbound sets the beat: turns, relay and sends follow it batch by
// batch, so that together they wait once and not at each stage. Half of it is
// what an answer waits on average under load. Nobody waits for the others to
// the millisecond.
var lingers = map[string]time.Duration{
	"frontdesk.agent":    50 * time.Millisecond,
	"frontdesk.dispatch": 8 * time.Millisecond,
	"frontdesk.receipts": 100 * time.Millisecond,
	"frontdesk.webhooks": 250 * time.Millisecond,
	templatesGroup:       time.Second,
	readMarksGroup:       150 * time.Millisecond,
}
