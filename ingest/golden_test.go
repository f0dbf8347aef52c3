package ingest_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"flag"
	"os"
	"path/filepath"
	"reflect"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"frontdesk/ingest"
)

var update = flag.Bool("update", false, "rewrite the goldens under testdata")

var at = time.Date(2026, 11, 21, 9, 30, 0, 123e6, time.UTC)

func message(change func(*ingest.Message)) ingest.Message {
	m := ingest.Message{
		Tenant: "tnt_01JDAAAAAAAAAAAAAAAAAAAAAA", Channel: "chn_01JDAAAAAAAAAAAAAAAAAAAAAA", Provider: "whatsapp",
		Direction: ingest.Inbound, ProviderID: "wamid.HBgLMTY1MDM4Nzk0MzkVAgASGBQ", At: at,
		Party: ingest.Party{
			Identifiers: []ingest.Identifier{{Kind: ingest.Phone, Value: "+16505550100"}, {Kind: ingest.WhatsAppUser, Value: "US.13491208655302741918"}},
			Name:        "Sheena Nelson",
		},
		Content: ingest.Content{Type: ingest.Text, Text: "Does it come in another colour?"},
	}
	m.ID = ingest.InboundID(m.Tenant, m.Channel, m.At, m.ProviderID)
	if change != nil {
		change(&m)
	}
	return m
}

// goldens has an event of every type, and of every kind of content.
func goldens(t *testing.T) map[string]ingest.Event {
	t.Helper()
	raw := func(s string) json.RawMessage { return json.RawMessage(s) }
	tenant := ingest.TenantID("tnt_01JDAAAAAAAAAAAAAAAAAAAAAA")
	key := message(nil).Key()
	change := ingest.ConversationChange{
		Tenant: tenant, Conversation: "cnv_01JDAAAAAAAAAAAAAAAAAAAAAA", Channel: "chn_01JDAAAAAAAAAAAAAAAAAAAAAA",
		Contact: "con_01JDAAAAAAAAAAAAAAAAAAAAAA", Agent: "agt_01JDAAAAAAAAAAAAAAAAAAAAAA", Reason: "asked", By: "contact", At: at,
	}
	preference := ingest.Preference{
		Tenant: tenant, Channel: change.Channel, Party: message(nil).Party, Contact: change.Contact,
		Category: "marketing", Source: "user_preferences", At: at,
	}
	receipt := ingest.Receipt{
		Tenant: tenant, Channel: change.Channel, Provider: "whatsapp", ProviderID: "wamid.OUT", Correlation: "msg_01JDAAAAAAAAAAAAAAAAAAAAAA",
		Status: ingest.Failed, Word: "failed", At: at, Party: message(nil).Party,
		Errors:  []ingest.ProviderError{{Code: "131047", Title: "Re-engagement message", Detail: "more than 24 hours"}},
		Pricing: &ingest.Pricing{Billable: new(bool), Model: "PMP", Type: "regular", Category: "service"},
	}
	data := map[string]struct {
		typ    ingest.EventType
		source string
		data   any
	}{
		"preference.changed":   {ingest.PreferenceChanged, "p", preference},
		"consent.changed":      {ingest.ConsentChanged, "c", preference},
		"receipt.received":     {ingest.ReceiptReceived, "wamid.OUT:failed", receipt},
		"turn.completed":       {ingest.TurnCompleted, "trn_01JDAAAAAAAAAAAAAAAAAAAAAA", ingest.Turn{ID: "trn_01JDAAAAAAAAAAAAAAAAAAAAAA", Tenant: tenant, Conversation: change.Conversation, Channel: change.Channel, Contact: change.Contact, Agent: change.Agent, Brain: "builtin", Language: "en", Acts: []string{"ask"}, Outcome: ingest.Answered, Confidence: 0.83, Articles: []ingest.ArticleID{"art_01JDAAAAAAAAAAAAAAAAAAAAAA"}, Messages: []ingest.MessageID{message(nil).ID}, Reply: "msg_01JDAAAAAAAAAAAAAAAAAAAAAA", Number: 1, ReceivedAt: at, DecidedAt: at.Add(20 * time.Millisecond)}},
		"message.status":       {ingest.MessageStatus, "msg:read", ingest.StatusChange{Tenant: tenant, Message: "msg_01JDAAAAAAAAAAAAAAAAAAAAAA", Conversation: change.Conversation, Channel: change.Channel, Contact: change.Contact, Status: ingest.Read, At: at}},
		"lead.qualified":       {ingest.LeadQualified, "l", ingest.Lead{Tenant: tenant, Contact: change.Contact, Number: 3, Segment: "lead", Stage: "qualified", At: at}},
		"conversation.opened":  {ingest.ConversationOpened, "o", change},
		"conversation.closed":  {ingest.ConversationClosed, "x", change},
		"handoff.requested":    {ingest.HandoffRequested, "h", change},
		"conversation.resumed": {ingest.ConversationResumed, "r", change},
		"account.updated":      {ingest.AccountUpdated, "a", ingest.AccountUpdate{Tenant: tenant, Provider: "whatsapp", Account: "102290129340398", Field: "message_template_status_update", Value: raw(`{"event":"APPROVED"}`), At: at}},
		"appointment.moved": {ingest.AppointmentMoved, "apt:2", ingest.Appointment{ID: "apt_01JDAAAAAAAAAAAAAAAAAAAAAA", Number: 7, Tenant: tenant,
			Service: "svc_01JDAAAAAAAAAAAAAAAAAAAAAA", ServiceName: "Cleaning", Staff: "stf_01JDAAAAAAAAAAAAAAAAAAAAAA", StaffName: "Ana",
			Resources: []ingest.ResourceID{"res_01JDAAAAAAAAAAAAAAAAAAAAAA"}, Contact: change.Contact, Conversation: change.Conversation,
			Start: at.Add(24 * time.Hour), End: at.Add(24*time.Hour + 45*time.Minute), Timezone: "America/Belize", Status: "scheduled", Source: "chat", Price: "120.00 BZD",
			Previous: &ingest.AppointmentPlace{Service: "svc_01JDAAAAAAAAAAAAAAAAAAAAAA", Staff: "stf_01JDAAAAAAAAAAAAAAAAAAAAAA", Start: at, End: at.Add(45 * time.Minute)},
			By:       "contact", Version: 2, At: at}},
		"message.queued": {ingest.MessageQueued, "q", message(func(m *ingest.Message) {
			m.Direction, m.ProviderID, m.ID = ingest.Outbound, "", "msg_01JDAAAAAAAAAAAAAAAAAAAAAA"
			m.Conversation, m.Contact, m.Agent, m.Turn, m.Author, m.Category = change.Conversation, change.Contact, change.Agent, "trn_01JDAAAAAAAAAAAAAAAAAAAAAA", "bot", "service"
			m.Content = ingest.Content{Type: ingest.Interactive, Text: "When?", Menu: &ingest.Menu{
				Header: "Slots", Footer: "Casa Maya", ListTitle: "Times", Buttons: []ingest.Choice{{ID: "b1", Title: "Yes"}},
				Sections: []ingest.MenuSection{{Title: "Monday", Rows: []ingest.Choice{{ID: "s1", Title: "09:00", Description: "with Ana"}}}},
			}}
		})},
	}
	contents := map[string]ingest.Content{
		"text":             {Type: ingest.Text, Text: "¿Qué horario tienen? 😀"},
		"image":            {Type: ingest.Image, Text: "this one", Media: []ingest.Media{{ID: "1003383421387256", MIME: "image/jpeg", SHA256: "SfInY0gGKTsJlUWbwxC1k+FAD0FZHvzwfpvO0zX0GUI="}}},
		"audio":            {Type: ingest.Audio, Media: []ingest.Media{{ID: "1", MIME: "audio/ogg; codecs=opus", Voice: true}}},
		"video":            {Type: ingest.Video, Media: []ingest.Media{{ID: "1", MIME: "video/mp4"}}},
		"document":         {Type: ingest.Document, Media: []ingest.Media{{ID: "1", MIME: "application/pdf", Filename: "x ray.pdf"}}},
		"sticker":          {Type: ingest.Sticker, Media: []ingest.Media{{ID: "1", MIME: "image/webp", Animated: true}}},
		"mms":              {Type: ingest.Image, Text: "two", Media: []ingest.Media{{URL: "https://api.example/1", MIME: "image/png"}, {URL: "https://api.example/2", MIME: "image/png"}}},
		"location":         {Type: ingest.LocationPin, Location: &ingest.Location{Latitude: 17.4987, Longitude: -88.1884, Name: "Casa Maya", Address: "Belize City", URL: "https://example.com"}},
		"contacts":         {Type: ingest.ContactCard, Contacts: raw(`[{"name":{"formatted_name":"Ana"}}]`)},
		"reaction":         {Type: ingest.Reacted, Reaction: &ingest.Reaction{ProviderID: "wamid.X", Emoji: "👍"}},
		"reaction.removed": {Type: ingest.Reacted, Reaction: &ingest.Reaction{ProviderID: "wamid.X"}},
		"button":           {Type: ingest.Button, Text: "Unsubscribe", Selection: &ingest.Selection{Kind: "button", ID: "stop", Title: "Unsubscribe"}},
		"interactive":      {Type: ingest.Interactive, Text: "09:00", Selection: &ingest.Selection{Kind: "list", ID: "s1", Title: "09:00", Description: "with Ana"}},
		"flow":             {Type: ingest.Interactive, Selection: &ingest.Selection{Kind: "flow", Data: raw(`{"flow_token":"t"}`)}},
		"order":            {Type: ingest.Order, Order: raw(`{"catalog_id":"1"}`)},
		"system":           {Type: ingest.System, System: &ingest.SystemChange{Kind: "user_changed_number", Body: "changed", Previous: []ingest.Identifier{{Kind: ingest.Phone, Value: "+16505550100"}}, Current: []ingest.Identifier{{Kind: ingest.Phone, Value: "+16505550101"}}}},
		"template":         {Type: ingest.Templated, Text: "See you", Template: &ingest.Template{Name: "reminder", Language: "en_US", Category: "utility", Components: raw(`[]`)}},
		"unsupported":      {Type: ingest.Unsupported, Errors: []ingest.ProviderError{{Code: "131051", Title: "Message type unknown"}}, Raw: raw(`{"type":"future"}`)},
	}
	for name, c := range contents {
		data["message.received/"+name] = struct {
			typ    ingest.EventType
			source string
			data   any
		}{ingest.MessageReceived, name, message(func(m *ingest.Message) { m.Content = c })}
	}
	events := map[string]ingest.Event{}
	for name, d := range data {
		e, err := ingest.NewEvent(d.typ, tenant, key, at, d.source, d.data)
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		e.Trace = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"
		events[name] = e
	}
	return events
}

// dataTypes says what the data of an event is read into.
func dataTypes() map[ingest.EventType]any {
	return map[ingest.EventType]any{
		ingest.MessageReceived: new(ingest.Message), ingest.MessageQueued: new(ingest.Message),
		ingest.PreferenceChanged: new(ingest.Preference), ingest.ConsentChanged: new(ingest.Preference),
		ingest.ReceiptReceived: new(ingest.Receipt), ingest.TurnCompleted: new(ingest.Turn), ingest.MessageStatus: new(ingest.StatusChange),
		ingest.ConversationOpened: new(ingest.ConversationChange), ingest.ConversationClosed: new(ingest.ConversationChange),
		ingest.HandoffRequested: new(ingest.ConversationChange), ingest.ConversationResumed: new(ingest.ConversationChange),
		ingest.AccountUpdated: new(ingest.AccountUpdate), ingest.AppointmentMoved: new(ingest.Appointment), ingest.LeadQualified: new(ingest.Lead),
	}
}

// The envelope and all data keep their form: another program, or this one a
// year on, reads what lies in the log. A change here is a new EventVersion.
func TestEventGoldens(t *testing.T) {
	types := dataTypes()
	for name, e := range goldens(t) {
		t.Run(name, func(t *testing.T) {
			rec, err := ingest.NewRecord(ingest.TopicInbound, e)
			if err != nil {
				t.Fatal(err)
			}
			var pretty bytes.Buffer
			if err := json.Indent(&pretty, rec.Value, "", "  "); err != nil {
				t.Fatal(err)
			}
			pretty.WriteByte('\n')
			path := filepath.Join("testdata", "events", filepath.FromSlash(name)+".json")
			want := golden(t, path, pretty.Bytes())
			if diff := cmp.Diff(string(want), pretty.String()); diff != "" {
				t.Errorf("the form of %s changed (-want +got):\n%s", name, diff)
			}
			back, err := ingest.DecodeEvent(want)
			if err != nil {
				t.Fatalf("the golden is not read: %v", err)
			}
			v := reflect.New(reflect.TypeOf(types[e.Type]).Elem()).Interface()
			if err := back.DecodeData(v); err != nil {
				t.Fatal(err)
			}
			again, err := json.Marshal(v)
			if err != nil {
				t.Fatal(err)
			}
			if !sameJSON(t, again, e.Data) {
				t.Errorf("data read and written again is\n%s\nwas\n%s", again, e.Data)
			}
		})
	}
	for typ := range types {
		found := false
		for _, e := range goldens(t) {
			found = found || e.Type == typ
		}
		if !found {
			t.Errorf("no golden of %s", typ)
		}
	}
}

func golden(t *testing.T, path string, got []byte) []byte {
	t.Helper()
	if *update {
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, got, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatalf("%v (run with -update to write it)", err)
	}
	return want
}

func sameJSON(t *testing.T, a, b []byte) bool {
	t.Helper()
	var x, y any
	if err := errors.Join(json.Unmarshal(a, &x), json.Unmarshal(b, &y)); err != nil {
		t.Fatal(err)
	}
	return reflect.DeepEqual(x, y)
}

func TestDecodeEvent(t *testing.T) {
	tests := []struct {
		name string
		in   string
		ok   bool
	}{
		{"this version", `{"v":1,"id":"evt_01JDAAAAAAAAAAAAAAAAAAAAAA","type":"x","tenant_id":"t"}`, true},
		{"an unknown field is for later programs", `{"v":1,"id":"evt_1","type":"x","tenant_id":"t","new":1}`, true},
		{"an unknown type is the reader's to refuse", `{"v":1,"id":"evt_1","type":"new.thing","tenant_id":"t"}`, true},
		{"a later version", `{"v":2,"id":"evt_1","type":"x","tenant_id":"t"}`, false},
		{"no version", `{"id":"evt_1","type":"x","tenant_id":"t"}`, false},
		{"no tenant", `{"v":1,"id":"evt_1","type":"x"}`, false},
		{"no type", `{"v":1,"id":"evt_1","tenant_id":"t"}`, false},
		{"another id", `{"v":1,"id":"msg_1","type":"x","tenant_id":"t"}`, false},
		{"empty", ``, false},
		{"null", `null`, false},
		{"two values", `{"v":1,"id":"evt_1","type":"x","tenant_id":"t"}{}`, false},
		{"NUL", "\x00", false},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			_, err := ingest.DecodeEvent([]byte(tt.in))
			if (err == nil) != tt.ok || (err != nil && !errors.Is(err, ingest.ErrMalformed)) {
				t.Errorf("DecodeEvent() error = %v, want one %v", err, !tt.ok)
			}
		})
	}
}

// FuzzDecodeEvent: whatever lies in the log gives an event that can be written
// and read again as the same, or ErrMalformed.
func FuzzDecodeEvent(f *testing.F) {
	paths, err := filepath.Glob("testdata/events/*.json")
	if err != nil {
		f.Fatal(err)
	}
	more, err := filepath.Glob("testdata/events/*/*.json")
	if err != nil {
		f.Fatal(err)
	}
	for _, p := range append(paths, more...) {
		b, err := os.ReadFile(p)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(b)
	}
	f.Add([]byte(`{"v":1,"id":"evt_` + "\xff" + `","type":"x","tenant_id":"t","data":{"a":1e400}}`))
	f.Fuzz(func(t *testing.T, b []byte) {
		e, err := ingest.DecodeEvent(b)
		if err != nil {
			if !errors.Is(err, ingest.ErrMalformed) {
				t.Fatalf("error %v is no ErrMalformed", err)
			}
			return
		}
		for _, v := range dataTypes() {
			if err := e.DecodeData(v); err != nil && !errors.Is(err, ingest.ErrMalformed) {
				t.Fatalf("data: error %v is no ErrMalformed", err)
			}
		}
		rec, err := ingest.NewRecord(ingest.TopicInbound, e)
		if err != nil {
			return // a time outside of what JSON can say
		}
		again, err := ingest.DecodeEvent(rec.Value)
		if err != nil {
			t.Fatalf("written again it is not read: %v", err)
		}
		if again.ID != e.ID || again.Key != e.Key || again.Tenant != e.Tenant || !again.OccurredAt.Equal(e.OccurredAt) {
			t.Fatalf("written again it is %+v, was %+v", again, e)
		}
	})
}
