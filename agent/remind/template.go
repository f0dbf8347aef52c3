package remind

import (
	"encoding/json"
	"strconv"
	"strings"

	"frontdesk/agent/dialogue"
	"frontdesk/ingest"
)

// templated returns e as a template: its body has two variables, what is booked
// and when, and its quick replies are the answers in their order. text is what a
// person reads of it here.
//
// A template is named "name", in the contact's language, or "name/en_US".
func templated(v dialogue.Voice, e errand, provider, text string) ingest.Content {
	service, when, buttons := dialogue.Fill(v, e.notice)
	name, language, fixed := strings.Cut(e.template, "/")
	if !fixed {
		language = v.Language
	}
	components := whatsAppComponents(service, when, buttons)
	if provider == "twilio" {
		components = twilioVariables(service, when, buttons)
	}
	raw, _ := json.Marshal(components) // of types that always marshal
	return ingest.Content{Type: ingest.Templated, Text: text, Template: &ingest.Template{Name: name, Language: language, Category: "utility", Components: raw}}
}

type component struct {
	Type       string      `json:"type"`
	SubType    string      `json:"sub_type,omitempty"`
	Index      string      `json:"index,omitempty"`
	Parameters []parameter `json:"parameters"`
}

type parameter struct {
	Type    string `json:"type"`
	Text    string `json:"text,omitempty"`
	Payload string `json:"payload,omitempty"`
}

func whatsAppComponents(service, when string, buttons []string) any {
	out := []component{{Type: "body", Parameters: []parameter{{Type: "text", Text: service}, {Type: "text", Text: when}}}}
	for i, id := range buttons {
		out = append(out, component{Type: "button", SubType: "quick_reply", Index: strconv.Itoa(i), Parameters: []parameter{{Type: "payload", Payload: id}}})
	}
	return out
}

// twilioVariables numbers what fills a template of Twilio's: the ids of its quick
// replies are variables too.
func twilioVariables(service, when string, buttons []string) any {
	out := map[string]string{"1": service, "2": when}
	for i, id := range buttons {
		out[strconv.Itoa(3+i)] = id
	}
	return out
}
