package whatsapp

import (
	"bytes"
	"fmt"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"

	"frontdesk/gateway/provider"
	"frontdesk/ingest"
)

// Fields of notices that are ours, not Meta's: what was in the callback and is
// not as documented.
const (
	fieldErrors    = "errors"           // of an account or a number
	fieldMalformed = "malformed_update" // an entry, a change or a list that is none
)

// parseLenient takes a body apart level by level, each update by itself.
func parseLenient(body []byte) ([]provider.Update, error) {
	fixed := jsontext.Value(provider.StorableJSON(body))
	if !fixed.IsValid(jsontext.AllowDuplicateNames(true)) {
		return nil, fmt.Errorf("%w: not JSON", provider.ErrMalformed)
	}
	fields, twice, ok := members(fixed)
	if !ok || fields.scalar("object") != object {
		return nil, nil
	}
	p := &parser{}
	entries, ok := elements(fields["entry"])
	if twice || !ok {
		p.malformed(fixed)
		return p.updates, nil
	}
	for _, entry := range entries {
		if len(p.updates) > maxUpdates {
			p.account, p.ref, p.phone = "", "", ""
			p.malformed(fixed)
			break
		}
		p.account, p.ref, p.phone, p.contacts = "", "", "", contacts{}
		p.entry(entry)
	}
	return p.updates, nil
}

func (p *parser) entry(raw []byte) {
	fields, twice, ok := members(raw)
	p.account = string(fields.scalar("id"))
	changes, list := elements(fields["changes"])
	if !ok || !list || twice {
		p.malformed(raw)
		return
	}
	at := fields.scalar("time")
	for _, change := range changes {
		if len(p.updates) > maxUpdates {
			p.malformed(raw)
			return
		}
		p.ref, p.phone, p.contacts = "", "", contacts{}
		p.change(change, at)
	}
}

func (p *parser) change(raw []byte, at scalar) {
	fields, twice, ok := members(raw)
	if !ok || twice {
		p.malformed(raw)
		return
	}
	field, value := string(fields.scalar("field")), fields["value"]
	parts, twice, _ := members(value)
	p.number(parts)
	switch {
	case twice: // two lists of messages, say: which of them counts is not for us to guess
		p.malformed(raw)
	case field == "messages" && (parts["messages"] != nil || parts["statuses"] != nil || parts["errors"] != nil):
		p.value(parts, at)
	case field == "user_preferences" && parts["user_preferences"] != nil:
		p.preferences(parts, at)
	default:
		p.notice(field, value, at)
	}
}

// number sets which of the account's numbers a value is about, if it says.
func (p *parser) number(parts jsonObject) {
	for _, holder := range []string{"metadata", "phone_number_settings"} {
		if m, _, ok := members(parts[holder]); ok {
			p.ref = string(m.scalar("phone_number_id"))
			break
		}
	}
	p.phone, _ = provider.Phone(string(parts.scalar("display_phone_number")))
	p.contacts = newContacts(contactsOf(parts["contacts"]))
}

func contactsOf(raw []byte) []wireContact {
	list, _ := elements(raw)
	out := make([]wireContact, 0, len(list))
	for _, element := range list {
		var c wireContact
		if json.Unmarshal(element, &c) == nil {
			out = append(out, c)
		}
	}
	return out
}

// value takes a change of the field messages.
func (p *parser) value(parts jsonObject, at scalar) {
	p.each(parts["messages"], func(raw []byte) {
		var w wireMessage
		if json.Unmarshal(raw, &w) != nil || string(raw) == "null" {
			p.unreadable(raw)
			return
		}
		p.message(&w, raw)
	})
	p.each(parts["statuses"], func(raw []byte) {
		var w wireStatus
		if json.Unmarshal(raw, &w) != nil || string(raw) == "null" {
			p.unreadableStatus(raw)
			return
		}
		p.status(&w, raw)
	})
	if list := parts["errors"]; list != nil {
		p.notice(fieldErrors, list, at)
	}
}

// each calls take for the elements of a list that may be absent.
func (p *parser) each(list []byte, take func(raw []byte)) {
	if list == nil || string(list) == "null" {
		return
	}
	raws, ok := elements(list)
	if !ok {
		p.malformed(list)
	}
	for _, raw := range raws {
		take(raw)
	}
}

// preferences takes what contacts told Meta that they want.
func (p *parser) preferences(parts jsonObject, at scalar) {
	p.each(parts["user_preferences"], func(raw []byte) {
		var w wirePreference
		if json.Unmarshal(raw, &w) != nil || (w.Value != "stop" && w.Value != "resume") {
			p.notice("user_preferences", raw, at)
			return
		}
		category := w.Category
		if category == "marketing_messages" {
			category = "marketing"
		}
		p.add(provider.Update{Source: digest(raw), Preference: &ingest.Preference{
			Party: p.contacts.party(w.WaID, w.UserID, w.ParentUserID), Category: category,
			Allowed: w.Value == "resume", Source: "user_preferences", At: instant(w.Timestamp),
		}})
	})
}

// notice adds what is about the account or one of its numbers.
func (p *parser) notice(field string, value []byte, at scalar) {
	p.add(provider.Update{
		Phone:  p.phone,
		Source: digest([]byte(field), []byte(at), value),
		Notice: &ingest.AccountUpdate{
			Provider: provider.WhatsApp, Account: p.account, Field: field, Value: provider.Carry(value), At: instant(at),
		},
	})
}

func (p *parser) malformed(raw []byte) { p.notice(fieldMalformed, raw, "") }

// jsonObject is the members of a JSON object.
type jsonObject map[string]jsontext.Value

// scalar returns the string or the number that name has, or nothing.
func (o jsonObject) scalar(name string) scalar {
	var s scalar
	if v := o[name]; v == nil || json.Unmarshal(v, &s) != nil {
		return ""
	}
	return s
}

// members returns the members of an object that is valid JSON, the last of
// those of one name, and whether there are such. ok is false for what is no
// object.
func members(raw []byte) (_ jsonObject, twice, ok bool) {
	dec := jsontext.NewDecoder(bytes.NewBuffer(raw), jsontext.AllowDuplicateNames(true))
	if dec.PeekKind() != jsontext.KindBeginObject {
		return nil, false, false
	}
	if _, err := dec.ReadToken(); err != nil {
		return nil, false, false
	}
	fields := jsonObject{}
	for dec.PeekKind() != jsontext.KindEndObject {
		name, err := dec.ReadToken()
		if err != nil {
			return nil, false, false
		}
		key := name.String()
		value, err := dec.ReadValue()
		if err != nil {
			return nil, false, false
		}
		_, again := fields[key]
		twice = twice || again
		fields[key] = value.Clone()
	}
	return fields, twice, true
}

// elements returns the elements of an array that is valid JSON. ok is false
// for what is no array, or one of more than maxElements.
func elements(raw []byte) (list []jsontext.Value, ok bool) {
	dec := jsontext.NewDecoder(bytes.NewBuffer(raw), jsontext.AllowDuplicateNames(true))
	if dec.PeekKind() != jsontext.KindBeginArray {
		return nil, false
	}
	if _, err := dec.ReadToken(); err != nil {
		return nil, false
	}
	for dec.PeekKind() != jsontext.KindEndArray {
		value, err := dec.ReadValue()
		if err != nil || len(list) == maxElements {
			return nil, false
		}
		list = append(list, value.Clone())
	}
	return list, true
}
