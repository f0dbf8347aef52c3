package callback

import (
	"encoding/json"
	"strconv"
	"time"

	"frontdesk/ingest"
)

// Events are written by hand: encoding/json walks each message twice, once for
// the data and once to check it inside the envelope, which is a good part of
// what a callback costs. The tests hold the result to what ingest decodes.

// envelope is an event but for its data.
type envelope struct {
	id     string
	typ    ingest.EventType
	tenant ingest.TenantID
	at     time.Time
	key    string
}

// appendHead appends the event up to its data; appendTail closes it.
func appendHead(b []byte, e envelope) []byte {
	b = append(b, `{"v":`...)
	b = strconv.AppendInt(b, ingest.EventVersion, 10)
	b = appendField(b, "id", e.id)
	b = appendField(b, "type", string(e.typ))
	b = appendField(b, "tenant_id", string(e.tenant))
	b = appendTime(b, "occurred_at", e.at)
	b = appendField(b, "conversation_key", e.key)
	return append(b, `,"data":`...)
}

func appendTail(b []byte) []byte { return append(b, '}') }

func appendMessage(b []byte, m *ingest.Message) ([]byte, error) {
	b = append(b, `{"id":`...)
	b = appendString(b, string(m.ID))
	b = appendField(b, "tenant_id", string(m.Tenant))
	b = appendField(b, "channel_id", string(m.Channel))
	b = appendField(b, "provider", m.Provider)
	b = appendField(b, "direction", string(m.Direction))
	b = appendOptional(b, "provider_id", m.ProviderID)
	b = appendParty(b, m.Party)
	b, err := appendContent(b, &m.Content)
	if err != nil {
		return b, err
	}
	b = appendOptional(b, "reply_to", m.ReplyTo)
	b = appendTrue(b, "forwarded", m.Forwarded)
	b = appendOptional(b, "group", m.Group)
	b = appendRaw(b, "referral", m.Referral)
	b = appendRaw(b, "product", m.Product)
	b = appendTime(b, "at", m.At)
	b = appendOptional(b, "opt_word", string(m.OptWord))
	b = appendTrue(b, "test", m.Test)
	return append(b, '}'), nil
}

func appendContent(b []byte, c *ingest.Content) ([]byte, error) {
	b = append(b, `,"content":{"type":`...)
	b = appendString(b, string(c.Type))
	b = appendOptional(b, "text", c.Text)
	b = appendRaw(b, "contacts", c.Contacts)
	b = appendRaw(b, "order", c.Order)
	b = appendRaw(b, "raw", c.Raw)
	var err error
	add := func(name string, there bool, v any) {
		if there && err == nil {
			b, err = appendJSON(b, name, v)
		}
	}
	add("media", len(c.Media) > 0, c.Media)
	add("location", c.Location != nil, c.Location)
	add("reaction", c.Reaction != nil, c.Reaction)
	add("selection", c.Selection != nil, c.Selection)
	add("system", c.System != nil, c.System)
	add("errors", len(c.Errors) > 0, c.Errors)
	return append(b, '}'), err
}

func appendReceipt(b []byte, r *ingest.Receipt) ([]byte, error) {
	b = append(b, `{"tenant_id":`...)
	b = appendString(b, string(r.Tenant))
	b = appendField(b, "channel_id", string(r.Channel))
	b = appendField(b, "provider", r.Provider)
	b = appendField(b, "provider_id", r.ProviderID)
	b = appendOptional(b, "correlation", string(r.Correlation))
	b = appendField(b, "status", string(r.Status))
	b = appendField(b, "word", r.Word)
	b = appendTime(b, "at", r.At)
	b = appendParty(b, r.Party)
	var err error
	if len(r.Errors) > 0 {
		b, err = appendJSON(b, "errors", r.Errors)
	}
	if r.Pricing != nil && err == nil {
		b, err = appendJSON(b, "pricing", r.Pricing)
	}
	b = appendTrue(b, "test", r.Test)
	b = appendRaw(b, "raw", r.Raw)
	return append(b, '}'), err
}

func appendParty(b []byte, p ingest.Party) []byte {
	b = append(b, `,"party":{"identifiers":`...)
	if p.Identifiers == nil {
		b = append(b, "null"...)
	} else {
		b = append(b, '[')
		for i, id := range p.Identifiers {
			if i > 0 {
				b = append(b, ',')
			}
			b = append(b, `{"kind":`...)
			b = appendString(b, string(id.Kind))
			b = appendField(b, "value", id.Value)
			b = append(b, '}')
		}
		b = append(b, ']')
	}
	b = appendOptional(b, "name", p.Name)
	b = appendOptional(b, "username", p.Username)
	return append(b, '}')
}

// appendName appends ,"name": where name needs no escapes.
func appendName(b []byte, name string) []byte {
	b = append(b, ',', '"')
	b = append(b, name...)
	return append(b, '"', ':')
}

func appendField(b []byte, name, value string) []byte {
	return appendString(appendName(b, name), value)
}

func appendOptional(b []byte, name, value string) []byte {
	if value == "" {
		return b
	}
	return appendField(b, name, value)
}

func appendTrue(b []byte, name string, value bool) []byte {
	if !value {
		return b
	}
	return append(appendName(b, name), "true"...)
}

func appendRaw(b []byte, name string, value json.RawMessage) []byte {
	if len(value) == 0 {
		return b
	}
	return append(appendName(b, name), value...)
}

func appendTime(b []byte, name string, t time.Time) []byte {
	b = append(appendName(b, name), '"')
	b = t.AppendFormat(b, time.RFC3339Nano)
	return append(b, '"')
}

func appendJSON(b []byte, name string, v any) ([]byte, error) {
	value, err := json.Marshal(v)
	return append(appendName(b, name), value...), err
}

const hexDigits = "0123456789abcdef"

// appendString appends s, which is UTF-8, as a JSON string.
func appendString(b []byte, s string) []byte {
	b = append(b, '"')
	start := 0
	for i := range len(s) {
		c := s[i]
		if c >= 0x20 && c != '"' && c != '\\' {
			continue
		}
		b = append(b, s[start:i]...)
		start = i + 1
		switch c {
		case '"', '\\':
			b = append(b, '\\', c)
		case '\n':
			b = append(b, '\\', 'n')
		default:
			b = append(b, '\\', 'u', '0', '0', hexDigits[c>>4], hexDigits[c&15])
		}
	}
	b = append(b, s[start:]...)
	return append(b, '"')
}
