package usage

import (
	"errors"
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

// row is what the database counts: messages of one kind on one day, those sent
// by SMS apart by their text.
type row struct {
	date string
	kind
	text     string
	messages int
	failed   int
}

// daysOf gathers rows, which are in the order of date and kind, into each day
// from the first to the last.
func daysOf(rows []row, first, last time.Time) []Day {
	var out []Day
	for at := first; !at.After(last); at = at.AddDate(0, 0, 1) {
		d := Day{Date: at.Format(time.DateOnly)}
		var of kind
		for ; len(rows) > 0 && rows[0].date == d.Date; rows = rows[1:] {
			r := rows[0]
			if len(d.Messages) == 0 || r.kind != of {
				of = r.kind
				d.Messages = append(d.Messages, Messages{Channel: r.channel, Provider: r.provider, Direction: r.direction, Category: r.category, Test: r.test})
			}
			m := &d.Messages[len(d.Messages)-1]
			m.Messages += r.messages
			m.Failed += r.failed
			m.Segments += r.segments()
		}
		out = append(out, d)
	}
	return out
}

func (r row) segments() int {
	if r.provider != provider.Twilio || r.direction != ingest.Outbound || r.text == "" {
		return 0
	}
	return r.messages * len(segment.Split(r.text).Parts)
}
