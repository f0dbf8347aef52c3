package analytics

import (
	"fmt"
	"regexp"
	"time"

	"github.com/shopspring/decimal"

	"frontdesk/ingest"
)

// Rows are what a batch of events adds to each table.
type Rows struct {
	Messages   []MessageRow
	Deliveries []DeliveryRow
	Receipts   []ReceiptRow
	Turns      []TurnRow
	Changes    []ChangeRow
}

// Key is what every row begins with.
type Key struct {
	Tenant string
	Event  string    // the event's id: a row that came twice bears it twice
	At     time.Time // UTC; its day is part of the key
}

// MessageRow is a message in either direction. Contact and Conversation are
// empty inbound, where they are not known yet; Party is always there.
type MessageRow struct {
	Key
	Message, Direction, Provider, Channel, ContentType, Author, Category string
	Agent, Conversation, Turn, Contact, Party                            string
	Test                                                                 bool
}

// DeliveryRow is a status that a message of ours took.
type DeliveryRow struct {
	Key
	Message, Status, Error, Channel, Conversation, Contact string
}

// ReceiptRow is a provider's report of a message. Message is empty where the
// provider does not give our id back.
type ReceiptRow struct {
	Key
	Message, Reference, Status, Error, Provider, Channel, Party string
	Billable                                                    *bool
	PricingModel, PricingCategory                               string
	Amount                                                      *decimal.Decimal
	Currency                                                    string
	Test                                                        bool
}

// TurnRow is a turn of a conversation.
type TurnRow struct {
	Key
	Turn                                                                    string
	ReceivedAt                                                              time.Time
	Number                                                                  uint32
	Conversation, Channel, Contact, Agent, Brain, Language, Outcome, Reason string
	Acts, Articles, Messages                                                []string
	Reply                                                                   string
	Confidence                                                              float64
	Test                                                                    bool
}

// ChangeRow is a change of a conversation's state or owner.
type ChangeRow struct {
	Key
	Conversation, Change, Channel, Contact, Agent, Reason, By string
	Test                                                      bool
}

// Len is the number of rows.
func (r *Rows) Len() int {
	return len(r.Messages) + len(r.Deliveries) + len(r.Receipts) + len(r.Turns) + len(r.Changes)
}

// RowsOf returns the rows of events, and the events that can never become rows
// by their index. Events that are of no interest here have neither. It depends
// on nothing but its arguments.
func RowsOf(events []ingest.Event, pseudonyms Pseudonyms) (Rows, map[int]error) {
	var rows Rows
	var refused map[int]error
	names := map[ingest.TenantID]namer{}
	for i, e := range events {
		n, ok := names[e.Tenant]
		if !ok {
			n = pseudonyms.of(e.Tenant)
			names[e.Tenant] = n
		}
		if err := rows.add(e, n); err != nil {
			if refused == nil {
				refused = map[int]error{}
			}
			refused[i] = err
		}
	}
	return rows, refused
}

// changes are the events that change a conversation, in the words of the
// table.
var changes = map[ingest.EventType]string{
	ingest.ConversationOpened:  "opened",
	ingest.ConversationClosed:  "closed",
	ingest.HandoffRequested:    "handoff",
	ingest.ConversationResumed: "resumed",
}

// add appends the row of e, if it has one. Every error is
// [ingest.ErrMalformed].
func (r *Rows) add(e ingest.Event, n namer) error {
	switch e.Type {
	case ingest.MessageReceived, ingest.MessageQueued:
		return r.addMessage(e, n)
	case ingest.MessageStatus:
		return r.addDelivery(e, n)
	case ingest.ReceiptReceived:
		return r.addReceipt(e, n)
	case ingest.TurnCompleted:
		return r.addTurn(e, n)
	}
	if change, ok := changes[e.Type]; ok {
		return r.addChange(e, n, change)
	}
	return nil
}

func (r *Rows) addMessage(e ingest.Event, n namer) error {
	var m wireMessage
	if err := decode(e, &m); err != nil {
		return err
	}
	key, err := keyOf(e, n, m.Tenant, m.At)
	if err != nil || m.ID == "" {
		return malformed(e, err, "no message id")
	}
	direction := ingest.Inbound
	if e.Type == ingest.MessageQueued {
		direction = ingest.Outbound
	}
	r.Messages = append(r.Messages, MessageRow{
		Key: key, Message: n.id(string(m.ID)), Direction: string(direction), Provider: word(m.Provider), Channel: n.id(string(m.Channel)),
		ContentType: word(string(m.Content.Type)), Author: word(m.Author), Category: word(m.Category),
		Agent: n.id(string(m.Agent)), Conversation: n.id(string(m.Conversation)), Turn: n.id(string(m.Turn)),
		Contact: n.contact(m.Contact), Party: n.address(m.Party.address()), Test: m.Test,
	})
	return nil
}

func (r *Rows) addDelivery(e ingest.Event, n namer) error {
	var s wireStatus
	if err := decode(e, &s); err != nil {
		return err
	}
	key, err := keyOf(e, n, s.Tenant, s.At)
	if err != nil || s.Message == "" {
		return malformed(e, err, "no message id")
	}
	r.Deliveries = append(r.Deliveries, DeliveryRow{
		Key: key, Message: n.id(string(s.Message)), Status: word(string(s.Status)), Error: firstCode(s.Errors),
		Channel: n.id(string(s.Channel)), Conversation: n.id(string(s.Conversation)), Contact: n.contact(s.Contact),
	})
	return nil
}

func (r *Rows) addReceipt(e ingest.Event, n namer) error {
	var in wireReceipt
	if err := decode(e, &in); err != nil {
		return err
	}
	key, err := keyOf(e, n, in.Tenant, in.At)
	if err != nil {
		return malformed(e, err, "")
	}
	row := ReceiptRow{
		Key: key, Message: n.id(string(in.Correlation)), Reference: n.reference(in.ProviderID), Status: word(string(in.Status)),
		Error: firstCode(in.Errors), Provider: word(in.Provider), Channel: n.id(string(in.Channel)),
		Party: n.address(in.Party.address()), Test: in.Test,
	}
	if p := in.Pricing; p != nil {
		row.Billable, row.PricingModel, row.PricingCategory = p.Billable, word(p.Model), word(p.Category)
		row.Amount, row.Currency = amount(p.Amount), word(p.Currency)
	}
	r.Receipts = append(r.Receipts, row)
	return nil
}

func (r *Rows) addTurn(e ingest.Event, n namer) error {
	var t ingest.Turn
	if err := decode(e, &t); err != nil {
		return err
	}
	key, err := keyOf(e, n, t.Tenant, t.DecidedAt)
	if err != nil || t.ID == "" {
		return malformed(e, err, "no turn id")
	}
	received := t.ReceivedAt.UTC()
	if !inRange(received) {
		received = key.At
	}
	r.Turns = append(r.Turns, TurnRow{
		Key: key, Turn: n.id(string(t.ID)), ReceivedAt: received, Number: uint32(min(max(t.Number, 0), 1<<31)),
		Conversation: n.id(string(t.Conversation)), Channel: n.id(string(t.Channel)), Contact: n.contact(t.Contact), Agent: n.id(string(t.Agent)),
		Brain: word(t.Brain), Language: word(t.Language), Outcome: word(string(t.Outcome)), Reason: word(t.Reason),
		Acts: words(t.Acts), Articles: ids(n, t.Articles), Messages: ids(n, t.Messages),
		Reply: n.id(string(t.Reply)), Confidence: t.Confidence, Test: t.Test,
	})
	return nil
}

func (r *Rows) addChange(e ingest.Event, n namer, change string) error {
	var c ingest.ConversationChange
	if err := decode(e, &c); err != nil {
		return err
	}
	key, err := keyOf(e, n, c.Tenant, c.At)
	if err != nil || c.Conversation == "" {
		return malformed(e, err, "no conversation id")
	}
	r.Changes = append(r.Changes, ChangeRow{
		Key: key, Conversation: n.id(string(c.Conversation)), Change: change, Channel: n.id(string(c.Channel)), Contact: n.contact(c.Contact),
		Agent: n.id(string(c.Agent)), Reason: word(c.Reason), By: n.id(c.By), Test: c.Test,
	})
	return nil
}

// keyOf returns the key of e's row. inside is the tenant that its data names,
// which must be the envelope's: a row is never another tenant's.
func keyOf(e ingest.Event, n namer, inside ingest.TenantID, at time.Time) (Key, error) {
	if inside != "" && inside != e.Tenant {
		return Key{}, fmt.Errorf("%w: data of %s is another tenant's", ingest.ErrMalformed, e.Type)
	}
	if !inRange(at) {
		at = e.OccurredAt
	}
	if !inRange(at) {
		return Key{}, fmt.Errorf("%w: %s has no usable time", ingest.ErrMalformed, e.Type)
	}
	return Key{Tenant: string(e.Tenant), Event: n.id(e.ID), At: at.UTC().Truncate(time.Millisecond)}, nil
}

func malformed(e ingest.Event, err error, what string) error {
	if err != nil {
		return err
	}
	return fmt.Errorf("%w: data of %s has %s", ingest.ErrMalformed, e.Type, what)
}

var (
	earliest = time.Date(2000, 1, 1, 0, 0, 0, 0, time.UTC)
	latest   = time.Date(2100, 1, 1, 0, 0, 0, 0, time.UTC)
)

// inRange reports whether a row may lie at t: ClickHouse's dates wrap around
// beyond theirs, and a provider's timestamp may be anything.
func inRange(t time.Time) bool { return !t.Before(earliest) && t.Before(latest) }

func ids[T ~string](n namer, in []T) []string {
	out := make([]string, len(in))
	for i, s := range in {
		out[i] = n.id(string(s))
	}
	return out
}

// firstCode is the code of the first of errs, which is the one that counts.
func firstCode(errs []wireError) string {
	if len(errs) == 0 {
		return ""
	}
	return word(errs[0].Code)
}

// price is what the table's decimal takes; in particular no exponent, which
// would make a number of gigabytes out of a few letters.
var price = regexp.MustCompile(`^-?[0-9]{1,11}(\.[0-9]{1,9})?$`)

// amount reads a price; nil for none, and for what is no price.
func amount(s string) *decimal.Decimal {
	if !price.MatchString(s) {
		return nil
	}
	d, err := decimal.NewFromString(s)
	if err != nil {
		return nil
	}
	return &d
}
