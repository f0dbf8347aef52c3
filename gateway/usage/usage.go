package usage

import (
	"cmp"
	"errors"
	"maps"
	"slices"
	"time"

	"frontdesk/gateway/provider"
	"frontdesk/gateway/provider/segment"
	"frontdesk/ingest"
)

// MaxDays is how many days can be asked for at once.
const MaxDays = 92

// ErrRange is given for days that end before they begin, or are too many.
var ErrRange = errors.New("the last day lies before the first, or they are more than 92")

// Messages is a number of messages of one kind.
type Messages struct {
	Channel   ingest.ChannelID
	Provider  string
	Direction ingest.Direction
	Category  string // of outbound ones; empty for inbound
	Test      bool   // of the sandbox
	Messages  int
	Failed    int // of these
	Segments  int // that the outbound ones were sent in, by SMS; else 0
}

// kind is what Messages are told apart by.
type kind struct {
	channel   ingest.ChannelID
	provider  string
	direction ingest.Direction
	category  string
	test      bool
}

// Day is a day of usage, by the business's clock.
type Day struct {
	Date     string // 2026-11-21
	Messages []Messages
	// LLM tokens, as the model's provider counts them; 0 without a model.
	TokensIn, TokensOut int
}

// Report is a tenant's usage of some days.
type Report struct {
	Days []Day // each, those without use too
	// Bytes stored at this moment.
	KnowledgeBytes, MediaBytes int64
}

// row is what the database counts: messages of one kind on one day, or one that
// went by SMS with its text.
type row struct {
	date string
	kind
	text     string
	messages int
	failed   int
}

// tally is what rows come to, by day and kind.
type tally map[string]map[kind]*Messages

// add counts r.
func (t tally) add(r row) {
	kinds := t[r.date]
	if kinds == nil {
		kinds = map[kind]*Messages{}
		t[r.date] = kinds
	}
	m := kinds[r.kind]
	if m == nil {
		m = &Messages{Channel: r.channel, Provider: r.provider, Direction: r.direction, Category: r.category, Test: r.test}
		kinds[r.kind] = m
	}
	m.Messages += r.messages
	m.Failed += r.failed
	m.Segments += r.segments()
}

func (r row) segments() int {
	if r.provider != provider.Twilio || r.direction != ingest.Outbound || r.text == "" {
		return 0
	}
	return r.messages * len(segment.Split(r.text).Parts)
}

// between returns each day from the first to the last, with what was used on it
// in the order of its kinds.
func (t tally) between(first, last time.Time) []Day {
	var out []Day
	for at := first; !at.After(last); at = at.AddDate(0, 0, 1) {
		d := Day{Date: at.Format(time.DateOnly)}
		for _, k := range slices.SortedFunc(maps.Keys(t[d.Date]), kind.compare) {
			d.Messages = append(d.Messages, *t[d.Date][k])
		}
		out = append(out, d)
	}
	return out
}

func (k kind) compare(o kind) int {
	sandbox := map[bool]int{true: 1}
	return cmp.Or(cmp.Compare(k.channel, o.channel), cmp.Compare(k.provider, o.provider), cmp.Compare(k.direction, o.direction),
		cmp.Compare(k.category, o.category), sandbox[k.test]-sandbox[o.test])
}
