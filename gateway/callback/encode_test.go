package callback

import (
	"encoding/json"
	"reflect"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"frontdesk/ingest"
)

var some = time.Date(2026, 9, 21, 14, 13, 20, 123e6, time.UTC)

// inbound is a message with every field that a parser can set.
func inbound() ingest.Message {
	return ingest.Message{
		ID: "msg_1", Tenant: "tnt_1", Channel: "chn_1", Provider: "whatsapp", Direction: ingest.Inbound, ProviderID: "wamid.1",
		Party: ingest.Party{Identifiers: []ingest.Identifier{{Kind: ingest.Phone, Value: "+15555550142"}, {Kind: ingest.WhatsAppUser, Value: "US.1"}}, Name: "Dä\"na\\ \x01\n</b>", Username: "dana.w"},
		Content: ingest.Content{
			Type: ingest.Text, Text: "¿Está? 🙂 \u2028 \t\r\x7f", Media: []ingest.Media{{ID: "1", URL: "u", MIME: "m", SHA256: "s", Filename: "f", Voice: true, Animated: true}},
			Location: &ingest.Location{Latitude: 1.5, Longitude: -2, Name: "n", Address: "a", URL: "u"}, Contacts: json.RawMessage(`[ 1 ]`),
			Reaction: &ingest.Reaction{ProviderID: "w", Emoji: "👍"}, Selection: &ingest.Selection{Kind: "k", ID: "i", Title: "t", Description: "d", Data: json.RawMessage(`{"a":1}`)},
			Order: json.RawMessage(`{"o": 1}`), System: &ingest.SystemChange{Kind: "k", Body: "b", Previous: []ingest.Identifier{{Kind: "p", Value: "v"}}, Current: []ingest.Identifier{{Kind: "c", Value: "w"}}},
			Errors: []ingest.ProviderError{{Code: "1", Title: "t", Detail: "d"}}, Raw: json.RawMessage(`{"r": "\u00e9"}`),
		},
		ReplyTo: "wamid.0", Forwarded: true, Group: "g", Referral: json.RawMessage(`{"f": 1}`), Product: json.RawMessage(`{"p": 1}`), At: some, OptWord: ingest.OptStop, Test: true,
	}
}

func receipt() ingest.Receipt {
	yes := true
	return ingest.Receipt{
		Tenant: "tnt_1", Channel: "chn_1", Provider: "whatsapp", ProviderID: "wamid.1", Correlation: "msg_1", Status: ingest.Read, Word: "played", At: some,
		Party: inbound().Party, Errors: []ingest.ProviderError{{Code: "1"}}, Pricing: &ingest.Pricing{Billable: &yes, Model: "m", Type: "t", Category: "c", Amount: "1", Currency: "USD"},
		Test: true, Raw: json.RawMessage(`{"r": 1}`),
	}
}

func decodeEvent[T any](t *testing.T, b []byte) (ingest.Event, T) {
	t.Helper()
	e, err := ingest.DecodeEvent(b)
	if err != nil {
		t.Fatalf("%s: %v", b, err)
	}
	var data T
	if err := e.DecodeData(&data); err != nil {
		t.Fatalf("%s: %v", b, err)
	}
	return e, data
}

// TestEventsAreWhatIngestReads holds the hand-written events to the values
// they were made of, whole and with nothing but what is always there.
func TestEventsAreWhatIngestReads(t *testing.T) {
	head := envelope{id: "evt_1", typ: ingest.MessageReceived, tenant: "tnt_1", at: some, key: "tnt_1|chn_1|\"x\""}
	bare := ingest.Message{Content: ingest.Content{Type: ingest.Text}, At: some}
	for name, m := range map[string]ingest.Message{"whole": inbound(), "bare": bare} {
		b, err := appendMessage(appendHead(nil, head), &m)
		if err != nil {
			t.Fatal(err)
		}
		e, got := decodeEvent[ingest.Message](t, appendTail(b))
		if diff := cmp.Diff(m, got); diff != "" {
			t.Errorf("%s message (-want +got):\n%s", name, diff)
		}
		e.Data = nil
		if diff := cmp.Diff(ingest.Event{Version: 1, ID: "evt_1", Type: ingest.MessageReceived, Tenant: "tnt_1", OccurredAt: some, Key: head.key}, e); diff != "" {
			t.Errorf("%s envelope (-want +got):\n%s", name, diff)
		}
	}
	for name, r := range map[string]ingest.Receipt{"whole": receipt(), "bare": {At: some}} {
		b, err := appendReceipt(appendHead(nil, head), &r)
		if err != nil {
			t.Fatal(err)
		}
		if _, got := decodeEvent[ingest.Receipt](t, appendTail(b)); !cmp.Equal(r, got) {
			t.Errorf("%s receipt (-want +got):\n%s", name, cmp.Diff(r, got))
		}
	}
}

// TestEncodersKnowAllFields fails when ingest gains a field that is written
// nowhere here, unless it is one that only outbound messages have.
func TestEncodersKnowAllFields(t *testing.T) {
	outbound := map[string]bool{"Conversation": true, "Contact": true, "Agent": true, "Turn": true, "Author": true, "Category": true, "WindowUntil": true, "Menu": true, "Template": true, "Expires": true}
	var check func(v reflect.Value, path string)
	check = func(v reflect.Value, path string) {
		for i := range v.NumField() {
			if name := v.Type().Field(i).Name; v.Field(i).IsZero() && !outbound[name] {
				t.Errorf("%s.%s is written by no test: add it to the encoder and here", path, name)
			}
		}
	}
	m := inbound()
	check(reflect.ValueOf(m), "Message")
	check(reflect.ValueOf(m.Content), "Content")
	check(reflect.ValueOf(m.Party), "Party")
	check(reflect.ValueOf(receipt()), "Receipt")
}

func FuzzAppendString(f *testing.F) {
	f.Add("a\"\\\n\x00\x1f\u2028🙂")
	f.Fuzz(func(t *testing.T, s string) {
		want, err := json.Marshal(s) // which makes it UTF-8
		if err != nil {
			t.Fatal(err)
		}
		var clean, got string
		if err := json.Unmarshal(want, &clean); err != nil {
			t.Fatal(err)
		}
		if err := json.Unmarshal(appendString(nil, clean), &got); err != nil || got != clean {
			t.Fatalf("%q became %q: %v", clean, got, err)
		}
	})
}
