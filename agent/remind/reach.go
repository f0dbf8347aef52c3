package remind

import (
	"cmp"
	"context"
	"errors"
	"slices"
	"time"

	"frontdesk/agent"
	"frontdesk/agent/booking"
	"frontdesk/agent/contact"
	"frontdesk/agent/conversation"
	"frontdesk/agent/dialogue"
	"frontdesk/ingest"
)

// errand is a notice that is to be brought to a contact.
type errand struct {
	tenant       ingest.TenantID
	contact      ingest.ContactID
	conversation ingest.ConversationID // where it was spoken of; empty: nowhere
	test         bool
	notice       dialogue.Notice
	words        string // in place of a reminder's own
	template     string // for where no text passes; empty: there is none
	catalogue    dialogue.Catalogue
}

// place is where a contact can be written to: an open conversation, or a channel
// on which one is opened.
type place struct {
	draft    conversation.Draft
	provider string
	language string
}

// reach returns the message of e, ready to be sent to the first place where it
// may go. A *[Refusal] says why it may go nowhere, now or at all.
func (w *Worker) reach(ctx context.Context, e errand) (conversation.Draft, error) {
	business, err := w.Directory.Business(ctx, e.tenant)
	if err != nil {
		return conversation.Draft{}, err
	}
	who, err := w.Contacts.Contact(ctx, e.tenant, e.contact)
	if err != nil {
		return conversation.Draft{}, err
	}
	places, err := w.places(ctx, e, who)
	if err != nil {
		return conversation.Draft{}, err
	}
	why := &Refusal{Code: unreachable}
	for _, p := range places {
		d, err := w.try(ctx, e, p, voiceOf(business, e, p.language, who.Language))
		var r *Refusal
		switch {
		case err == nil || !errors.As(err, &r):
			return d, err
		case r.Code == optedOut || r.Code == quietHours || r.Code == busy:
			return d, r
		case why.Code == unreachable || !r.Until.IsZero():
			why = r
		}
	}
	return conversation.Draft{}, why
}

// try returns the message of e as it may go to p: as text with buttons, or by a
// template where only that passes.
func (w *Worker) try(ctx context.Context, e errand, p place, v dialogue.Voice) (conversation.Draft, error) {
	if err := w.undisturbed(ctx, e, p); err != nil {
		return p.draft, err
	}
	d := p.draft
	text, menu := dialogue.Compose(v, e.notice, e.words)
	d.Content = ingest.Content{Type: ingest.Interactive, Text: text, Menu: menu}
	err := w.check(ctx, e, d)
	var r *Refusal
	if errors.As(err, &r) && r.Code == windowClosed && e.template != "" {
		d.Content = templated(v, e, p.provider, text)
		err = w.check(ctx, e, d)
	}
	return d, err
}

func (w *Worker) check(ctx context.Context, e errand, d conversation.Draft) error {
	return w.Gate.Check(ctx, e.tenant, ingest.Message{
		Tenant: e.tenant, Channel: d.Channel, Contact: e.contact, Conversation: d.Conversation, Direction: ingest.Outbound,
		Content: d.Content, Category: d.Category, Test: e.test,
	})
}

// pause is for how long after a question of a booking nothing else is asked.
const pause = 10 * time.Minute

// undisturbed refuses a place where a booking is being talked about, for a
// moment: a yes to it must not be taken for a yes to the notice. A notice that
// cannot wait is sent.
func (w *Worker) undisturbed(ctx context.Context, e errand, p place) error {
	if p.draft.Conversation == "" {
		return nil
	}
	draft, err := w.Agents.Draft(ctx, e.tenant, p.draft.Conversation)
	if err != nil {
		return err
	}
	until := draft.At.Add(pause)
	if draft.Open() && until.After(w.cfg.Now()) && until.Add(pause).Before(e.notice.Start) {
		return &Refusal{Code: busy, Until: until}
	}
	return nil
}

// places returns where the contact can be written to, the best first: where it
// was spoken of, other open conversations by their last word, and then channels
// on which one is to be opened.
func (w *Worker) places(ctx context.Context, e errand, who contact.Contact) ([]place, error) {
	list, _, err := w.Conversations.Conversations(ctx, e.tenant, conversation.Filter{Contact: who.ID, Limit: 100})
	if err != nil {
		return nil, err
	}
	list = slices.DeleteFunc(list, func(c conversation.Conversation) bool { return c.Test != e.test })
	strange := map[ingest.ChannelID]bool{} // where what is sent goes to somebody else
	for _, c := range list {
		strange[c.Channel] = strange[c.Channel] || stranger(c, who)
	}
	list = slices.DeleteFunc(list, func(c conversation.Conversation) bool { return strange[c.Channel] })
	slices.SortStableFunc(list, func(a, b conversation.Conversation) int {
		return cmp.Or(e.rank(b)-e.rank(a), b.LastInboundAt.Compare(a.LastInboundAt))
	})
	var out []place
	for _, c := range list {
		if !slices.ContainsFunc(out, func(p place) bool { return p.draft.Channel == c.Channel }) {
			out = append(out, e.placeIn(c))
		}
	}
	if !slices.ContainsFunc(who.Identifiers, func(i ingest.Identifier) bool { return i.Kind == ingest.Phone }) {
		return out, nil
	}
	channels, err := w.Directory.Channels(ctx, e.tenant)
	for _, ch := range channels {
		if !strange[ch.ID] && !slices.ContainsFunc(out, func(p place) bool { return p.draft.Channel == ch.ID }) {
			out = append(out, place{draft: e.draft(ch.ID, ch.Provider), provider: ch.Provider})
		}
	}
	return out, err
}

// stranger reports whether an open conversation goes to somebody other than who,
// whose it is.
func stranger(c conversation.Conversation, who contact.Contact) bool {
	return c.State == conversation.Open && len(c.Party.Identifiers) > 0 &&
		!slices.ContainsFunc(c.Party.Identifiers, func(i ingest.Identifier) bool { return slices.Contains(who.Identifiers, i) })
}

// rank orders conversations: where it was spoken of, open, closed.
func (e errand) rank(c conversation.Conversation) int {
	switch {
	case c.State == conversation.Closed:
		return 0
	case c.ID == e.conversation:
		return 2
	}
	return 1
}

func (e errand) placeIn(c conversation.Conversation) place {
	p := place{draft: e.draft(c.Channel, c.Provider), provider: c.Provider, language: c.Language}
	p.draft.Agent = c.Agent
	if c.State == conversation.Open {
		p.draft.Conversation = c.ID
	}
	return p
}

func (e errand) draft(channel ingest.ChannelID, provider string) conversation.Draft {
	return conversation.Draft{Channel: channel, Contact: e.contact, Provider: provider, Category: "utility", Author: "bot", Test: e.test}
}

// voiceOf returns how e is written: in the first of languages that the business
// has, or else in its own.
func voiceOf(b agent.Business, e errand, languages ...string) dialogue.Voice {
	v := dialogue.Voice{Language: "en", Business: b.Name, Catalogue: e.catalogue, Zone: time.UTC}
	if zone, err := time.LoadLocation(b.Timezone); err == nil && b.Timezone != "" {
		v.Zone = zone
	}
	for _, l := range append(languages, b.Languages...) {
		if dialogue.Speaks(l) && (len(b.Languages) == 0 || slices.Contains(b.Languages, l)) {
			v.Language = l
			break
		}
	}
	return v
}

// named is a catalogue of what a notice names.
func named(service ingest.ServiceID, what string, staff ingest.StaffID, who string) dialogue.Catalogue {
	out := dialogue.Catalogue{Services: []dialogue.Service{{ID: service, Name: what}}}
	if staff != "" {
		out.Staff = []dialogue.Person{{ID: staff, Name: who}}
	}
	return out
}

// gone reports that whom or what a notice is about is there no more.
func gone(err error) bool {
	return errors.Is(err, contact.ErrNotFound) || errors.Is(err, conversation.ErrNotFound) || errors.Is(err, booking.ErrNotFound)
}
