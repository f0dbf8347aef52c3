package whatsapp

import (
	"slices"
	"strconv"
	"time"

	"frontdesk/gateway/provider"
	"frontdesk/ingest"
)

// identifiers returns the names that values give a person, each once: a phone
// in E.164, user ids by their form. Meta repeats a user id where a phone
// number should be, so nothing is taken for digits unless it is.
func identifiers(values ...scalar) []ingest.Identifier {
	ids := make([]ingest.Identifier, 0, len(values))
	for _, v := range values {
		if id, ok := identifier(string(v)); ok && !slices.Contains(ids, id) {
			ids = append(ids, id)
		}
	}
	if len(ids) == 0 {
		return nil
	}
	return ids
}

func identifier(v string) (ingest.Identifier, bool) {
	if provider.ID(v) == "" {
		return ingest.Identifier{}, false
	}
	if phone, ok := provider.Phone(v); ok {
		return ingest.Identifier{Kind: ingest.Phone, Value: phone}, true
	}
	switch ok, parent := provider.WhatsAppUserID(v); {
	case parent:
		return ingest.Identifier{Kind: ingest.WhatsAppParent, Value: v}, true
	case ok:
		return ingest.Identifier{Kind: ingest.WhatsAppUser, Value: v}, true
	}
	return ingest.Identifier{Kind: ingest.SenderID, Value: v}, true
}

// contacts finds the profile that belongs to an address. The two lists of a
// change are not in the same order.
type contacts struct {
	list []wireContact
	by   map[scalar]int // for long lists only
}

// searchable is the length up to which a list is searched from its start.
const searchable = 8

func newContacts(list []wireContact) contacts {
	c := contacts{list: list}
	if len(list) <= searchable {
		return c
	}
	c.by = make(map[scalar]int, 2*len(list))
	for i, contact := range slices.Backward(list) { // the first of equals wins
		c.by[contact.WaID], c.by[contact.UserID] = i, i
	}
	return c
}

// party describes the person that phone, user and parent name, with the
// profile that bears one of the names. A message that names nobody is from the
// only contact there is.
func (c contacts) party(phone, user, parent scalar) ingest.Party {
	contact := c.find(phone, user)
	if contact == nil {
		return ingest.Party{Identifiers: identifiers(phone, user, parent)}
	}
	return ingest.Party{
		Identifiers: identifiers(phone, contact.WaID, user, contact.UserID, parent, contact.ParentUserID),
		Name:        contact.Profile.Name,
		Username:    contact.Profile.Username,
	}
}

func (c contacts) find(phone, user scalar) *wireContact {
	if phone == "" && user == "" {
		if len(c.list) == 1 {
			return &c.list[0]
		}
		return nil
	}
	if c.by != nil {
		for _, name := range []scalar{user, phone} {
			if i, ok := c.by[name]; ok && name != "" {
				return &c.list[i]
			}
		}
		return nil
	}
	for i := range c.list {
		contact := &c.list[i]
		if (user != "" && contact.UserID == user) || (phone != "" && contact.WaID == phone) {
			return contact
		}
	}
	return nil
}

// Bounds of a time that is believed: after 1970, and short of the year 10000,
// beyond which RFC 3339 has no form.
const lastMillis = 253_402_300_799_999

// instant reads Unix seconds, or milliseconds from 13 digits on. It is zero
// for what is no such time.
func instant(s scalar) time.Time {
	n, err := strconv.ParseInt(string(s), 10, 64)
	if err != nil || n <= 0 || n > lastMillis {
		return time.Time{}
	}
	if len(s) >= 13 {
		return time.UnixMilli(n).UTC()
	}
	if n > lastMillis/1000 {
		return time.Time{}
	}
	return time.Unix(n, 0).UTC()
}
