package operation

import (
	"context"
	"errors"
	"time"
	"unicode/utf8"

	"frontdesk/agent/conversation"
	"frontdesk/gateway/dispatch"
	"frontdesk/gateway/provider"
	"frontdesk/gateway/provider/segment"
	"frontdesk/gateway/tenant"
	"frontdesk/ingest"
)

// Estimate is what a message would take if it were sent now.
type Estimate struct {
	Channel provider.Channel
	Test    bool              // it would stay in the sandbox
	Refused *dispatch.Refusal // why it may not be sent; nil: it may
	SMS     *SMSEstimate      // of an SMS channel
	// Category and Charged are of WhatsApp: what a message is priced as, and
	// whether Meta charges it.
	Category    string
	Charged     bool
	WindowUntil time.Time // end of WhatsApp's 24 hours; zero: closed
}

// SMSEstimate is how a text travels as SMS, or as one MMS.
type SMSEstimate struct {
	Encoding segment.Encoding
	Units    int   // of the encoding, over all parts
	Parts    []int // characters in each
	MMS      bool  // with a file: one message, however long
}

// EstimateMessage tells what sending in would take, and sends nothing. in may
// leave out whom it is for.
func (o *Operations) EstimateMessage(ctx context.Context, caller tenant.Caller, in SendMessage) (Estimate, error) {
	if in.ReplyTo != "" {
		if _, err := o.Message(ctx, caller, in.ReplyTo); err != nil {
			return Estimate{}, err
		}
	}
	a, err := o.aimAnywhere(ctx, caller, in)
	if err != nil {
		return Estimate{}, err
	}
	e := Estimate{Channel: a.channel, Test: a.draft.Test}
	errors.As(a.refused, &e.Refused)
	if !onWhatsApp(a.channel) {
		text, _ := provider.PlainText(in.Content)
		e.SMS = estimateSMS(text, len(in.Content.Media) > 0)
		return e, nil
	}
	e.Category = categoryOf(in)
	if e.WindowUntil, err = o.window(ctx, caller, a); err != nil {
		return e, err
	}
	e.Charged = charged(e.Category, e.WindowUntil.After(time.Now()))
	return e, nil
}

// aimAnywhere is aim for a message that may be for nobody in particular: then
// the gate is not asked.
func (o *Operations) aimAnywhere(ctx context.Context, caller tenant.Caller, in SendMessage) (aimed, error) {
	if in.Conversation != "" || in.Contact != "" || in.To != "" {
		return o.aim(ctx, caller, in)
	}
	anybody := ingest.Party{Identifiers: []ingest.Identifier{{Kind: ingest.Phone, Value: "+10000000000"}}}
	candidates, err := o.candidates(ctx, caller.Tenant, in, "", anybody)
	if err != nil {
		return aimed{}, err
	}
	simulated, err := o.p.Directory.Simulated(ctx, caller.Tenant, candidates[0].ID)
	return aimed{draft: conversation.Draft{Test: caller.Test() || simulated}, channel: candidates[0]}, err
}

func estimateSMS(text string, mms bool) *SMSEstimate {
	s := segment.Split(text)
	e := &SMSEstimate{Encoding: s.Encoding, Units: s.Units, MMS: mms}
	for _, p := range s.Parts {
		e.Parts = append(e.Parts, utf8.RuneCountInString(p))
	}
	return e
}

// categoryOf is what Meta prices in as: a template as its own category, all else
// as service.
func categoryOf(in SendMessage) string {
	if in.Content.Type != ingest.Templated {
		return "service"
	}
	if t := in.Content.Template; t != nil && t.Category != "" {
		return t.Category
	}
	if in.Category != "" && in.Category != "service" {
		return in.Category
	}
	return "utility"
}

// charged reports whether Meta charges a message: free-form ones it does not, nor
// utility templates within the 24 hours. What was really charged is told with the
// status.
func charged(category string, open bool) bool {
	return category == "marketing" || category == "authentication" || category == "utility" && !open
}

// window returns until when a's contact can be sent anything.
func (o *Operations) window(ctx context.Context, caller tenant.Caller, a aimed) (time.Time, error) {
	d := a.draft
	if d.Conversation != "" {
		c, err := o.p.Conversations.Conversation(ctx, caller.Tenant, d.Conversation)
		return c.WindowUntil, err
	}
	who := d.Contact
	if who == "" && d.To.Value != "" {
		var err error
		if who, _, err = o.recipient(ctx, caller.Tenant, SendMessage{}, d.To); err != nil {
			return time.Time{}, err
		}
	}
	if who == "" {
		return time.Time{}, nil
	}
	st, err := o.p.Conversations.Standing(ctx, caller.Tenant, a.channel.ID, who)
	if d.Test {
		return st.TestWindowUntil, err
	}
	return st.WindowUntil, err
}
