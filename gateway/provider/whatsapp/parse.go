package whatsapp

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"

	"github.com/go-json-experiment/json"

	"frontdesk/gateway/provider"
)

// object is what the callbacks of WhatsApp accounts are of.
const object = "whatsapp_business_account"

// Parse returns what a callback tells, in the order of the body. It knows no
// tenant and does no I/O.
//
// Every error is [provider.ErrMalformed]: the body is no JSON. JSON that is no
// callback of ours has no updates. Nothing returned shares memory with body.
func Parse(body []byte) ([]provider.Update, error) {
	if updates, ok := parseQuick(body); ok {
		return updates, nil
	}
	if updates, ok := parseStrict(body); ok {
		return updates, nil
	}
	return parseLenient(body)
}

var (
	nul   = []byte(`\u0000`)
	comma = []byte{','}
)

// Bounds against bodies that are made to fill memory: three MB of "null," are
// 600,000 messages. Meta puts at most 1,000 updates into one.
const (
	maxCommas   = 50_000 // beyond, a body is not read in one pass
	maxElements = 20_000 // of one list; a longer one is kept whole
	maxUpdates  = 20_000 // then what is left is kept whole
)

// parseStrict reads the bodies that nearly all are: each value of its
// documented type, no name twice, no broken text, no type of message that
// would have to be kept raw.
func parseStrict(body []byte) ([]provider.Update, bool) {
	var in wireBody
	if bytes.Contains(body, nul) || bytes.Count(body, comma) > maxCommas || json.Unmarshal(body, &in) != nil || in.Object != object || len(in.Entry) == 0 {
		return nil, false
	}
	p := parser{updates: make([]provider.Update, 0, in.size())}
	for i := range in.Entry {
		entry := &in.Entry[i]
		p.account = string(entry.ID)
		if len(entry.Changes) == 0 {
			return nil, false
		}
		for j := range entry.Changes {
			if change := &entry.Changes[j]; change.Field != "messages" || !p.strictValue(&change.Value) {
				return nil, false
			}
		}
	}
	return p.updates, true
}

func (b *wireBody) size() int {
	n := 0
	for i := range b.Entry {
		for j := range b.Entry[i].Changes {
			v := &b.Entry[i].Changes[j].Value
			n += len(v.Messages) + len(v.Statuses)
		}
	}
	return n
}

// parser gathers the updates of one body.
type parser struct {
	updates  []provider.Update
	account  string // WABA id of the entry in hand
	ref      string // phone_number_id of the change in hand
	phone    string // of the change in hand, for notices that name no ref
	contacts contacts
}

// strictValue takes a change of the field messages, and reports whether all of
// it was understood.
func (p *parser) strictValue(v *wireValue) bool {
	if len(v.Errors) > 0 || len(v.Messages)+len(v.Statuses) == 0 {
		return false
	}
	p.ref, p.contacts = string(v.Metadata.PhoneNumberID), newContacts(v.Contacts)
	for i := range v.Messages {
		if !p.message(&v.Messages[i], nil) {
			return false
		}
	}
	for i := range v.Statuses {
		if !p.status(&v.Statuses[i], nil) {
			return false
		}
	}
	return true
}

// add appends u as belonging to the entry and change in hand.
func (p *parser) add(u provider.Update) {
	u.Account, u.Ref = p.account, p.ref
	p.updates = append(p.updates, u)
}

// digest names an occurrence that has no id of its own.
func digest(parts ...[]byte) string {
	h := sha256.New()
	for _, part := range parts {
		h.Write(part)
		h.Write([]byte{0})
	}
	return "sha256:" + hex.EncodeToString(h.Sum(nil))
}
