package api

import (
	"reflect"
	"strings"

	"frontdesk/gateway/webhook"
	"frontdesk/ingest"
)

// eventsTag is what the document has the events under.
const eventsTag = "Events"

// eventData is what the data of events is, by name or family. Events of other
// families have data that is not described.
var eventData = map[string]reflect.Type{
	"message":          reflect.TypeFor[messageResponse](),
	"conversation":     reflect.TypeFor[ingest.ConversationChange](),
	"handoff":          reflect.TypeFor[ingest.ConversationChange](),
	"turn.completed":   reflect.TypeFor[ingest.Turn](),
	"contact":          reflect.TypeFor[ingest.ContactChange](),
	"lead.qualified":   reflect.TypeFor[ingest.Lead](),
	"consent.changed":  reflect.TypeFor[ingest.Preference](),
	"appointment":      reflect.TypeFor[ingest.Appointment](),
	"account.updated":  reflect.TypeFor[ingest.AccountUpdate](),
	"webhook.disabled": reflect.TypeFor[webhook.Disabled](),
}

// untold are fields of events that webhooks are not sent.
var untold = []string{"tenant_id", "party"}

// events describes what webhooks are sent.
func (s schemas) events() object {
	out := object{}
	for _, t := range webhook.Types {
		out[t.Name] = object{"post": object{
			"operationId": "on" + camel(t.Name), "tags": []string{eventsTag}, "summary": t.Name, "description": t.Summary,
			"security":   []object{},
			"parameters": webhookHeaders(),
			"requestBody": object{"required": true, "content": object{"application/json": object{"schema": object{
				"type": "object", "required": []string{"type", "timestamp", "data"}, "additionalProperties": false,
				"properties": object{
					"type":      object{"type": "string", "enum": []string{t.Name}},
					"timestamp": object{"type": "string", "format": "date-time", "description": "When it happened."},
					"data":      s.eventData(t.Name),
				},
			}}}},
			"responses": object{
				"2XX": object{"description": "Taken. Any other answer, a redirect too, is tried again after 5 s, 5 min, 30 min, 2 h, 5 h, 10 h and 10 h."},
				"410": object{"description": "The endpoint is gone: it is disabled."},
			},
		}}
	}
	return out
}

// eventData is the schema of an event's data. No field is required: data that
// is too large loses its largest fields, and says so.
func (s schemas) eventData(name string) object {
	family, _, _ := strings.Cut(name, ".")
	t, known := eventData[name]
	if !known {
		t, known = eventData[family]
	}
	if !known {
		return object{"type": "object"}
	}
	schema := s.structure(t, false)
	delete(schema, "required")
	properties, _ := schema["properties"].(object)
	for _, field := range untold {
		delete(properties, field)
	}
	properties["truncated"] = object{"type": "boolean", "description": "Fields were left out, as the whole is too large; the API has them."}
	return schema
}

func webhookHeaders() []object {
	header := func(name, doc string) object {
		return object{"name": name, "in": "header", "required": true, "description": doc, "schema": object{"type": "string"}}
	}
	return []object{
		header("webhook-id", "Names the event; the same on every attempt."),
		header("webhook-timestamp", "Of this attempt, in Unix seconds. Refuse what is more than five minutes off."),
		header("webhook-signature", "One or more, with spaces between: `v1,` and HMAC-SHA256 with the secret, `v1a,` and Ed25519 with the key pair, of id, timestamp and body with dots between, in base64."),
	}
}

// camel writes appointment.no_show as AppointmentNoShow.
func camel(name string) string {
	var b strings.Builder
	for _, word := range strings.FieldsFunc(name, func(r rune) bool { return r == '.' || r == '_' }) {
		b.WriteString(strings.ToUpper(word[:1]) + word[1:])
	}
	return b.String()
}
