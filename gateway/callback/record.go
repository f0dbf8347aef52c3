package callback

import (
	"encoding/json"
	"fmt"
	"slices"
	"sync"
	"time"

	"frontdesk/gateway/provider"
	"frontdesk/ingest"
)

// Target is a channel that an update is for.
type Target struct {
	Tenant  ingest.TenantID  `json:"tenant"`
	Channel ingest.ChannelID `json:"channel"` // empty: a notice about the account as a whole
}

// Address is how a callback names the channel that an update is about.
type Address struct {
	Ref     string `json:"ref,omitempty"`
	Service string `json:"service,omitempty"`
	Account string `json:"account,omitempty"`
	Phone   string `json:"phone,omitempty"`
	Notice  bool   `json:"notice,omitempty"`
}

func addressOf(u *provider.Update) Address {
	return Address{Ref: u.Ref, Service: u.Service, Account: u.Account, Phone: u.Phone, Notice: u.Notice != nil}
}

// Route says for which channels the updates of one address are. No targets
// mean that nobody has set the channel up, or that the signature is not of its
// secret.
type Route struct {
	Address
	Targets []Target `json:"targets,omitempty"`
}

// scratch is the memory of one callback's records, used again once they are
// published.
type scratch struct {
	buf  []byte
	recs []ingest.Record
	last int // route of the update before, which is mostly the same
}

var scratches = sync.Pool{New: func() any { return &scratch{} }}

// maxKept is the largest scratch that is kept for the next callback.
const maxKept = 256 << 10

// eventBytes is about what an event has beyond what its callback says.
const eventBytes = 600

// grow makes room for the records of a callback.
func (s *scratch) grow(bodyBytes, updates int) {
	s.buf = slices.Grow(s.buf, bodyBytes+updates*eventBytes)
	s.recs = slices.Grow(s.recs, updates+1)
}

func (s *scratch) release() {
	if cap(s.buf) > maxKept {
		return
	}
	clear(s.recs)
	s.buf, s.recs, s.last = s.buf[:0], s.recs[:0], 0
	scratches.Put(s)
}

// outcome counts what became of a callback's updates.
type outcome struct {
	taken   int
	unknown int // without a target
	large   int // beyond MaxRecordBytes
}

// fill makes the records of updates. received stands in where the provider
// gave no time.
func (s *scratch) fill(updates []provider.Update, routes []Route, received time.Time, maxBytes int) (outcome, error) {
	var out outcome
	for i := range updates {
		u := &updates[i]
		targets := s.targets(u, routes)
		if len(targets) == 0 {
			out.unknown++
		}
		for _, t := range targets {
			ok, err := s.add(u, t, received, maxBytes)
			switch {
			case err != nil:
				return out, err
			case ok:
				out.taken++
			default:
				out.large++
			}
		}
	}
	return out, nil
}

func (s *scratch) targets(u *provider.Update, routes []Route) []Target {
	a := addressOf(u)
	if s.last < len(routes) && routes[s.last].Address == a {
		return routes[s.last].Targets
	}
	for i := range routes {
		if routes[i].Address == a {
			s.last = i
			return routes[i].Targets
		}
	}
	return nil
}

// add appends the record of u for t, or returns false where it is too large.
func (s *scratch) add(u *provider.Update, t Target, received time.Time, maxBytes int) (bool, error) {
	start := len(s.buf)
	var topic ingest.Topic
	var key string
	var err error
	switch {
	case u.Message != nil:
		topic = ingest.TopicInbound
		key, err = s.message(u, t, received)
	case u.Receipt != nil:
		topic = ingest.TopicReceipts
		key, err = s.receipt(u, t, received)
	case u.Preference != nil:
		topic = ingest.TopicInbound
		key, err = s.preference(u, t, received)
	default:
		topic = ingest.TopicEvents
		key, err = s.notice(u, t, received)
	}
	if err != nil {
		return false, fmt.Errorf("encode an update: %w", err)
	}
	if len(s.buf)-start+len(key) > maxBytes {
		s.buf = s.buf[:start]
		return false, nil
	}
	end := len(s.buf)
	s.buf = append(s.buf, key...)
	s.recs = append(s.recs, ingest.Record{Topic: topic, Key: s.buf[end:len(s.buf):len(s.buf)], Value: s.buf[start:end:end]})
	return true, nil
}

func (s *scratch) message(u *provider.Update, t Target, received time.Time) (string, error) {
	m := *u.Message // the same update may go to several
	m.Tenant, m.Channel = t.Tenant, t.Channel
	m.ID = ingest.InboundID(t.Tenant, t.Channel, m.At, u.Source)
	key := m.Key()
	e := envelope{id: eventID(m.At, ingest.MessageReceived, t.Tenant, key, u.Source), typ: ingest.MessageReceived, tenant: t.Tenant, key: key}
	if m.At.IsZero() {
		m.At = received
	}
	e.at = m.At
	var err error
	s.buf, err = appendMessage(appendHead(s.buf, e), &m)
	s.buf = appendTail(s.buf)
	return key, err
}

func (s *scratch) receipt(u *provider.Update, t Target, received time.Time) (string, error) {
	r := *u.Receipt
	r.Tenant, r.Channel = t.Tenant, t.Channel
	key := r.Key()
	e := envelope{id: eventID(r.At, ingest.ReceiptReceived, t.Tenant, key, u.Source), typ: ingest.ReceiptReceived, tenant: t.Tenant, key: key}
	if r.At.IsZero() {
		r.At = received
	}
	e.at = r.At
	var err error
	s.buf, err = appendReceipt(appendHead(s.buf, e), &r)
	s.buf = appendTail(s.buf)
	return key, err
}

func (s *scratch) preference(u *provider.Update, t Target, received time.Time) (string, error) {
	p := *u.Preference
	p.Tenant, p.Channel = t.Tenant, t.Channel
	key := ingest.ConversationKey(t.Tenant, t.Channel, p.Party.Address())
	at := p.At
	if p.At.IsZero() {
		p.At = received
	}
	return key, s.rare(ingest.PreferenceChanged, t, key, at, p.At, u.Source, p)
}

func (s *scratch) notice(u *provider.Update, t Target, received time.Time) (string, error) {
	n := *u.Notice
	n.Tenant, n.Channel = t.Tenant, t.Channel
	key := ingest.ConversationKey(t.Tenant, t.Channel, n.Account)
	at := n.At
	if n.At.IsZero() {
		n.At = received
	}
	return key, s.rare(ingest.AccountUpdated, t, key, at, n.At, u.Source, n)
}

// rare appends an event whose data encoding/json writes.
func (s *scratch) rare(typ ingest.EventType, t Target, key string, idAt, at time.Time, source string, data any) error {
	raw, err := json.Marshal(data)
	if err != nil {
		return err
	}
	s.buf = appendHead(s.buf, envelope{id: eventID(idAt, typ, t.Tenant, key, source), typ: typ, tenant: t.Tenant, at: at, key: key})
	s.buf = appendTail(append(s.buf, raw...))
	return nil
}

// eventID derives an event's id as ingest.NewEvent does. at is the provider's
// time or zero, never ours: the same callback a second time is the same event.
func eventID(at time.Time, typ ingest.EventType, tenant ingest.TenantID, key, source string) string {
	return ingest.DerivedID(ingest.PrefixEvent, at, string(typ), string(tenant), key, source)
}
