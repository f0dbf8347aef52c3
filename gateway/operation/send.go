package operation

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"frontdesk/agent/contact"
	"frontdesk/agent/conversation"
	"frontdesk/gateway/dispatch"
	"frontdesk/gateway/provider"
	"frontdesk/gateway/tenant"
	"frontdesk/ingest"
)

// SendMessage is a message to be sent. It goes to exactly one of Conversation,
// Contact and To.
type SendMessage struct {
	Conversation ingest.ConversationID
	Contact      ingest.ContactID
	To           string // a phone number as people write it
	// Channel is a name or id. Empty: of the channels that can carry the
	// message (of Agent's, if set) the one the contact last used, else the first
	// on which the policy gate lets it pass.
	Channel  string
	Agent    ingest.AgentID
	Content  ingest.Content
	Category string // service, utility, marketing, authentication; empty: service
	// ReplyTo is the message that this one answers, or reacts to.
	ReplyTo ingest.MessageID
	// SendAt is when it is to be sent; zero: now.
	SendAt time.Time
	// RequestKey names the request: the same again is the same message.
	RequestKey string
	// AcceptClosedWindow queues a message although WhatsApp's 24 hours are over,
	// for APIs whose answer is always "queued": it then ends as failed.
	AcceptClosedWindow bool
}

// aimed is a draft that knows where it goes, and whether it may go now.
type aimed struct {
	draft   conversation.Draft
	channel provider.Channel
	refused error // by the policy gate, on every channel; draft is then for the first
}

// SendMessage queues a message, or schedules it where it has a time to be sent
// at. It is *dispatch.Refusal where the policy gate lets it pass on no channel,
// *TemplateError where it does not fill its template, *InvalidError,
// *ConflictError, or not found.
func (o *Operations) SendMessage(ctx context.Context, caller tenant.Caller, in SendMessage) (conversation.Message, error) {
	if !in.SendAt.IsZero() {
		return o.schedule(ctx, caller, in)
	}
	a, err := o.aim(ctx, caller, in)
	if err == nil {
		err = a.refused
	}
	if err == nil {
		err = o.compose(ctx, caller, in, &a)
	}
	if err != nil {
		return conversation.Message{}, err
	}
	m, err := o.p.Conversations.Send(ctx, caller.Tenant, a.draft)
	if err != nil {
		return conversation.Message{}, fmt.Errorf("send message: %w", err)
	}
	return m, nil
}

// aim finds out where in goes.
func (o *Operations) aim(ctx context.Context, caller tenant.Caller, in SendMessage) (aimed, error) {
	if err := oneAim(in); err != nil {
		return aimed{}, err
	}
	d := conversation.Draft{
		Conversation: in.Conversation, Contact: in.Contact, Agent: in.Agent, Content: in.Content, Category: in.Category,
		Author: "api", RequestKey: in.RequestKey, Test: caller.Test(),
	}
	if in.Conversation != "" {
		return o.intoConversation(ctx, caller, in, d)
	}
	if in.To != "" {
		phone, err := Phone(in.To, caller.Business.Phone)
		if err != nil {
			return aimed{}, err
		}
		d.To = ingest.Identifier{Kind: ingest.Phone, Value: phone}
	}
	return o.toContact(ctx, caller, in, d)
}

// compose fills in what the channel's provider needs to be told.
func (o *Operations) compose(ctx context.Context, caller tenant.Caller, in SendMessage, a *aimed) error {
	if err := o.fitTemplate(ctx, caller, a); err != nil {
		return err
	}
	if err := o.linkMedia(ctx, caller, a); err != nil {
		return err
	}
	return o.quote(ctx, caller, in, &a.draft)
}

func oneAim(in SendMessage) error {
	set := 0
	for _, s := range []string{string(in.Conversation), string(in.Contact), in.To} {
		if s != "" {
			set++
		}
	}
	switch {
	case set == 0:
		return &InvalidError{"to", "is missing; give to, contact_id or conversation_id"}
	case set > 1:
		return &InvalidError{"to", "give only one of to, contact_id and conversation_id"}
	}
	return nil
}

// intoConversation aims d at the conversation that in names.
func (o *Operations) intoConversation(ctx context.Context, caller tenant.Caller, in SendMessage, d conversation.Draft) (aimed, error) {
	c, err := o.p.Conversations.Conversation(ctx, caller.Tenant, in.Conversation)
	if err != nil {
		return aimed{}, err
	}
	if c.State == conversation.Closed {
		return aimed{}, conversation.ErrClosed
	}
	if caller.Test() && !c.Test {
		return aimed{}, &ConflictError{"live_conversation", "this conversation is with a real person; a test key cannot send in it"}
	}
	ch, err := o.p.Directory.Channel(ctx, caller.Tenant, c.Channel)
	if err != nil {
		return aimed{}, err
	}
	if in.Channel != "" && in.Channel != ch.Name && in.Channel != string(ch.ID) {
		return aimed{}, &InvalidError{"channel", "is another one than the conversation's; leave it out"}
	}
	if err := carries(ch, in.Content); err != nil {
		return aimed{}, err
	}
	d.Channel, d.Provider, d.Test = c.Channel, ch.Type, c.Test
	refused, err := o.refusal(ctx, caller, in, d, c.Contact, c.Party, c.ID)
	return aimed{d, ch, refused}, err
}

// toContact aims d at a contact or number, on the channel that serves best.
func (o *Operations) toContact(ctx context.Context, caller tenant.Caller, in SendMessage, d conversation.Draft) (aimed, error) {
	who, party, err := o.recipient(ctx, caller.Tenant, in, d.To)
	if err != nil {
		return aimed{}, err
	}
	candidates, err := o.candidates(ctx, caller.Tenant, in, who, party)
	if err != nil {
		return aimed{}, err
	}
	var first aimed
	for i, ch := range candidates {
		try := aimed{draft: d, channel: ch}
		try.draft.Channel, try.draft.Provider = ch.ID, ch.Type
		simulated, err := o.p.Directory.Simulated(ctx, caller.Tenant, ch.ID)
		if err != nil {
			return aimed{}, err
		}
		try.draft.Test = caller.Test() || simulated
		if try.refused, err = o.refusal(ctx, caller, in, try.draft, who, party, ""); err != nil || try.refused == nil {
			return try, err
		}
		if i == 0 {
			first = try
		}
	}
	return first, nil
}

// refusal returns why the policy gate refuses d, apart from an error of asking.
func (o *Operations) refusal(ctx context.Context, caller tenant.Caller, in SendMessage, d conversation.Draft, who ingest.ContactID, party ingest.Party, c ingest.ConversationID) (refused, err error) {
	if err = o.pass(ctx, caller, in, d, who, party, c); errors.As(err, new(*dispatch.Refusal)) {
		return err, nil
	}
	return nil, err
}

// pass asks the policy gate about d.
func (o *Operations) pass(ctx context.Context, caller tenant.Caller, in SendMessage, d conversation.Draft, who ingest.ContactID, party ingest.Party, c ingest.ConversationID) error {
	err := o.p.Gate.Check(ctx, caller.Tenant, ingest.Message{
		Tenant: caller.Tenant, Channel: d.Channel, Provider: d.Provider, Direction: ingest.Outbound, Party: party,
		Content: d.Content, Test: d.Test, Conversation: c, Contact: who, Author: d.Author, Category: d.Category,
	})
	var refusal *dispatch.Refusal
	if in.AcceptClosedWindow && errors.As(err, &refusal) && refusal.Code == dispatch.WindowClosed {
		return nil
	}
	return err
}

// recipient returns who in is for, as far as known: a number that never wrote
// has no contact yet.
func (o *Operations) recipient(ctx context.Context, t ingest.TenantID, in SendMessage, to ingest.Identifier) (ingest.ContactID, ingest.Party, error) {
	if in.Contact != "" {
		c, err := o.p.Contacts.Contact(ctx, t, in.Contact)
		return c.ID, ingest.Party{Identifiers: c.Identifiers, Name: c.Name}, err
	}
	party := ingest.Party{Identifiers: []ingest.Identifier{to}}
	id, err := o.p.Contacts.Owner(ctx, t, to)
	if errors.Is(err, contact.ErrNotFound) {
		return "", party, nil
	}
	return id, party, err
}

// candidates returns the channels that can carry the message, best first.
func (o *Operations) candidates(ctx context.Context, t ingest.TenantID, in SendMessage, who ingest.ContactID, party ingest.Party) ([]provider.Channel, error) {
	all, err := o.p.Directory.Channels(ctx, t)
	if err != nil {
		return nil, err
	}
	if in.Channel != "" {
		ch, err := named(all, in.Channel)
		if err != nil {
			return nil, err
		}
		return []provider.Channel{ch}, carries(ch, in.Content)
	}
	if in.Agent != "" {
		if all, err = o.channelsOf(ctx, t, in.Agent, all); err != nil {
			return nil, err
		}
	}
	var out []provider.Channel
	last := error(&InvalidError{"channel", "the business has no channel that can carry this message"})
	for _, ch := range all {
		if err := carries(ch, in.Content); err != nil {
			last = err
		} else if reaches(ch, party) {
			out = append(out, ch)
		}
	}
	if len(out) == 0 {
		return nil, last
	}
	return out, o.preferLast(ctx, t, who, out)
}

func named(all []provider.Channel, want string) (provider.Channel, error) {
	var names []string
	for _, ch := range all {
		if ch.Name == want || string(ch.ID) == want {
			return ch, nil
		}
		names = append(names, ch.Name)
	}
	if strings.HasPrefix(want, ingest.PrefixChannel) {
		return provider.Channel{}, fmt.Errorf("channel: %w", ErrNotFound)
	}
	slices.Sort(names) // channels made in one moment come in no certain order
	return provider.Channel{}, &InvalidError{"channel", "the business has no channel of this name; it has " + strings.Join(names, ", ")}
}

// preferLast puts the channel of the contact's open conversation first.
func (o *Operations) preferLast(ctx context.Context, t ingest.TenantID, who ingest.ContactID, out []provider.Channel) error {
	if who == "" || len(out) == 1 {
		return nil
	}
	open, _, err := o.p.Conversations.Conversations(ctx, t, conversation.Filter{Contact: who, State: conversation.Open, Limit: 1})
	if err != nil || len(open) == 0 {
		return err
	}
	slices.SortStableFunc(out, func(a, b provider.Channel) int {
		return rank(b, open[0].Channel) - rank(a, open[0].Channel)
	})
	return nil
}

func rank(ch provider.Channel, last ingest.ChannelID) int {
	if ch.ID == last {
		return 1
	}
	return 0
}

// onWhatsApp reports whether ch speaks WhatsApp, by whichever provider.
func onWhatsApp(ch provider.Channel) bool {
	return ch.Type == provider.WhatsApp || strings.HasPrefix(ch.Ref, "whatsapp:")
}

// maxSMS is the longest text that Twilio takes.
const maxSMS = 1600

// carries returns why ch cannot carry content, or nil.
func carries(ch provider.Channel, content ingest.Content) error {
	switch content.Type {
	case ingest.Text:
		if !onWhatsApp(ch) && len([]rune(content.Text)) > maxSMS {
			return &InvalidError{"text", fmt.Sprintf("has more than the %d characters that an SMS can have", maxSMS)}
		}
		return nil
	case ingest.Image, ingest.Audio, ingest.Video, ingest.Document:
		if ch.Type == provider.Twilio && (len(content.Media) == 0 || content.Media[0].URL == "" && !uploaded(content.Media[0])) {
			return &InvalidError{"media", "this channel takes media by URL, or the id of a file uploaded here"}
		}
		return nil
	case ingest.Templated:
		if onWhatsApp(ch) {
			return nil
		}
	default:
		if ch.Type == provider.WhatsApp {
			return nil
		}
	}
	return &InvalidError{"type", fmt.Sprintf("channel %s cannot carry messages of type %s", ch.Name, content.Type)}
}

// reaches reports whether party can be reached on ch.
func reaches(ch provider.Channel, party ingest.Party) bool {
	return ch.Type == provider.WhatsApp || party.Identifier(ingest.Phone) != ""
}

// quote fills in which message is answered or reacted to.
func (o *Operations) quote(ctx context.Context, caller tenant.Caller, in SendMessage, d *conversation.Draft) error {
	if in.ReplyTo == "" {
		if in.Content.Type == ingest.Reacted {
			return &InvalidError{"reaction.message_id", "is missing"}
		}
		return nil
	}
	m, err := o.p.Conversations.Message(ctx, caller.Tenant, in.ReplyTo)
	if err != nil {
		return err
	}
	if m.ProviderID == "" || m.Channel != d.Channel {
		return &InvalidError{"reply_to", "this message was not on the channel, or has not reached the provider yet"}
	}
	if in.Content.Type == ingest.Reacted && d.Content.Reaction != nil {
		reaction := *d.Content.Reaction
		reaction.ProviderID = m.ProviderID
		d.Content.Reaction = &reaction
		return nil
	}
	d.ReplyTo = m.ProviderID
	return nil
}
