package whatsapp

import (
	"bytes"
	"slices"
	"strings"
	"sync"

	"frontdesk/gateway/provider"
)

// parseQuick reads what most callbacks are, texts and statuses, as parseStrict
// does and in a third of its time: by hand, into memory that is used again.
// It returns false for whatever it does not know, right or wrong.
func parseQuick(body []byte) ([]provider.Update, bool) {
	if bytes.Count(body, comma) > maxCommas {
		return nil, false
	}
	q := quicks.Get().(*quick)
	defer q.release()
	q.s, q.failed = string(body), false // all texts are parts of this one copy
	q.body()
	if q.space(); q.failed || q.at != len(q.s) {
		return nil, false
	}
	return q.updates, true
}

// quick is one reading. Its methods read a value each; after the first that
// fails nothing that they return counts.
type quick struct {
	parser
	s      string
	at     int
	failed bool
	value  wireValue // of the change in hand
}

var quicks = sync.Pool{New: func() any { return &quick{} }}

// keepWires is the longest list that is kept for the next callback.
const keepWires = 64

func (q *quick) release() {
	v := &q.value
	if max(cap(v.Contacts), cap(v.Messages), cap(v.Statuses)) > keepWires {
		*v = wireValue{}
	}
	q.clearValue()
	*q = quick{value: *v}
	quicks.Put(q)
}

func (q *quick) clearValue() {
	v := &q.value
	clear(v.Contacts)
	clear(v.Messages)
	clear(v.Statuses)
	*v = wireValue{Contacts: v.Contacts[:0], Messages: v.Messages[:0], Statuses: v.Statuses[:0]}
}

func (q *quick) body() {
	ours, entries := false, 0
	q.object(func(name string) {
		switch name {
		case "object":
			ours = q.text() == object
		case "entry":
			q.array(func() { entries++; q.entry() })
		default:
			q.failed = true
		}
	})
	q.failed = q.failed || !ours || entries == 0
}

func (q *quick) entry() {
	first, changes, account := len(q.updates), 0, ""
	q.object(func(name string) {
		switch name {
		case "id":
			account = q.text()
		case "changes":
			q.array(func() { changes++; q.change() })
		default:
			q.failed = true
		}
	})
	for i := range q.updates[first:] { // the id may stand behind the changes
		q.updates[first+i].Account = account
	}
	q.failed = q.failed || changes == 0
}

func (q *quick) change() {
	known, read := false, false
	q.object(func(name string) {
		switch name {
		case "field":
			known = q.text() == "messages"
		case "value":
			read = q.values()
		default:
			q.failed = true
		}
	})
	q.failed = q.failed || !known || !read
}

// values reads the value of a change and adds its updates.
func (q *quick) values() bool {
	q.clearValue()
	v := &q.value
	q.object(func(name string) {
		switch name {
		case "messaging_product":
			q.text()
		case "metadata":
			q.metadata(&v.Metadata)
		case "contacts":
			q.array(func() { v.Contacts = append(v.Contacts, wireContact{}); q.contact(&v.Contacts[len(v.Contacts)-1]) })
		case "messages":
			q.array(func() { v.Messages = append(v.Messages, wireMessage{}); q.textMessage(&v.Messages[len(v.Messages)-1]) })
		case "statuses":
			q.array(func() { v.Statuses = append(v.Statuses, wireStatus{}); q.report(&v.Statuses[len(v.Statuses)-1]) })
		default:
			q.failed = true
		}
	})
	if q.failed {
		return false
	}
	q.updates = slices.Grow(q.updates, len(v.Messages)+len(v.Statuses))
	return q.strictValue(v)
}

func (q *quick) metadata(m *wireMetadata) {
	q.object(func(name string) {
		switch name {
		case "phone_number_id":
			m.PhoneNumberID = q.scalar()
		case "display_phone_number":
			m.DisplayPhoneNumber = q.scalar()
		default:
			q.failed = true
		}
	})
}

func (q *quick) contact(c *wireContact) {
	q.object(func(name string) {
		switch name {
		case "profile":
			q.profile(c)
		case "wa_id":
			c.WaID = q.scalar()
		case "user_id":
			c.UserID = q.scalar()
		case "parent_user_id":
			c.ParentUserID = q.scalar()
		default:
			q.failed = true
		}
	})
}

func (q *quick) profile(c *wireContact) {
	q.object(func(name string) {
		switch name {
		case "name":
			c.Profile.Name = q.text()
		case "username":
			c.Profile.Username = q.text()
		default:
			q.failed = true
		}
	})
}

// textMessage reads a message, which must be a text.
func (q *quick) textMessage(w *wireMessage) {
	q.object(func(name string) {
		switch name {
		case "id":
			w.ID = q.scalar()
		case "from":
			w.From = q.scalar()
		case "from_user_id":
			w.FromUserID = q.scalar()
		case "from_parent_user_id":
			w.FromParentUserID = q.scalar()
		case "timestamp":
			w.Timestamp = q.scalar()
		case "type":
			w.Type = q.scalar()
		case "group_id":
			w.GroupID = q.scalar()
		case "frontdesk_test":
			w.Test = truth(q.truth())
		case "context":
			w.Context = &wireContext{}
			q.context(w.Context)
		case "text":
			w.Text = &wireText{}
			q.only("body", &w.Text.Body)
		default:
			q.failed = true
		}
	})
}

func (q *quick) context(c *wireContext) {
	q.object(func(name string) {
		switch name {
		case "id":
			c.ID = q.scalar()
		case "from":
			q.text()
		case "forwarded":
			c.Forwarded = truth(q.truth())
		case "frequently_forwarded":
			c.FrequentlyForwarded = truth(q.truth())
		default:
			q.failed = true
		}
	})
}

// only reads an object of one text.
func (q *quick) only(want string, into *string) {
	q.object(func(name string) {
		if *into = q.text(); name != want {
			q.failed = true
		}
	})
}

func (q *quick) report(w *wireStatus) {
	q.object(func(name string) {
		switch name {
		case "id":
			w.ID = q.scalar()
		case "status":
			w.Status = q.text()
		case "timestamp":
			w.Timestamp = q.scalar()
		case "recipient_id":
			w.RecipientID = q.scalar()
		case "recipient_user_id":
			w.RecipientUserID = q.scalar()
		case "recipient_parent_user_id":
			w.RecipientParentUserID = q.scalar()
		case "parent_recipient_user_id":
			w.ParentRecipientUserID = q.scalar()
		case "biz_opaque_callback_data":
			w.CallbackData = q.text()
		case "frontdesk_test":
			w.Test = truth(q.truth())
		case "conversation":
			q.pass()
		case "pricing":
			w.Pricing = &wirePricing{}
			q.pricing(w.Pricing)
		default:
			q.failed = true
		}
	})
}

func (q *quick) pricing(p *wirePricing) {
	q.object(func(name string) {
		switch name {
		case "billable":
			b := q.truth()
			p.Billable = &b
		case "pricing_model":
			p.Model = q.text()
		case "type":
			p.Type = q.text()
		case "category":
			p.Category = q.text()
		default:
			q.failed = true
		}
	})
}

// pass reads over an object of texts and of such objects.
func (q *quick) pass() {
	q.object(func(string) {
		if q.space(); strings.HasPrefix(q.s[q.at:], "{") {
			q.object(func(string) { q.text() })
			return
		}
		q.text()
	})
}
