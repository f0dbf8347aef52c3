package analytics_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"reflect"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"frontdesk/analytics"
	"frontdesk/ingest"
)

func TestRowsOfEachEvent(t *testing.T) {
	p := pseudonyms(t)
	in := received(t, "acme", 1, day0)
	out := queued(t, "acme", 1, day0)
	failed := status(t, "acme", 1, day0, ingest.Failed)
	asked := turn(t, "acme", "cnv_1", 1, day0, 2*time.Second, ingest.HandedOff)
	begun := opened(t, "acme", "cnv_1", day0)
	billable := true
	told := event(t, ingest.ReceiptReceived, "acme", day0, "r", ingest.Receipt{
		Tenant: "acme", Channel: "chn_a", Provider: "whatsapp", ProviderID: canaryWamid, Correlation: "msg_2", Status: ingest.Read, At: day0,
		Party: party(1), Pricing: &ingest.Pricing{Billable: &billable, Model: "PMP", Category: "service", Amount: "0.0125", Currency: "USD"},
		Raw: json.RawMessage(`{"recipient_id":"` + canaryPhone + `"}`),
	})
	rows, refused := analytics.RowsOf([]ingest.Event{in, out, failed, asked, begun, told}, p)
	if len(refused) > 0 {
		t.Fatal(refused)
	}
	person := p.Address("acme", party(1).Address())
	contact := p.Contact("acme", contactOf(1))
	cost := rows.Receipts[0].Amount.String()
	rows.Receipts[0].Amount = nil // compared by its value
	want := analytics.Rows{
		Messages: []analytics.MessageRow{{
			Key: analytics.Key{Tenant: "acme", Event: in.ID, At: day0}, Message: messageID(t, in), Direction: "inbound", Provider: "whatsapp",
			Channel: "chn_a", ContentType: "text", Party: person,
		}, {
			Key: analytics.Key{Tenant: "acme", Event: out.ID, At: day0}, Message: messageID(t, out), Direction: "outbound", Provider: "whatsapp",
			Channel: "chn_a", ContentType: "text", Party: person, Contact: contact, Author: "bot", Category: "service", Agent: "agt_a",
		}},
		Deliveries: []analytics.DeliveryRow{{
			Key: analytics.Key{Tenant: "acme", Event: failed.ID, At: day0.Add(time.Second)}, Message: messageID(t, out), Status: "failed", Error: "131026",
			Channel: "chn_a", Contact: contact,
		}},
		Receipts: []analytics.ReceiptRow{{
			Key: analytics.Key{Tenant: "acme", Event: told.ID, At: day0}, Message: "msg_2", Reference: rows.Receipts[0].Reference, Status: "read",
			Provider: "whatsapp", Channel: "chn_a", Party: person, Billable: &billable, PricingModel: "PMP", PricingCategory: "service", Currency: "USD",
		}},
		Turns: []analytics.TurnRow{{
			Key: analytics.Key{Tenant: "acme", Event: asked.ID, At: day0.Add(2 * time.Second)}, Turn: turnID(t, asked), ReceivedAt: day0, Number: 1,
			Conversation: "cnv_1", Channel: "chn_a", Contact: contact, Agent: "agt_a", Brain: "builtin", Language: "en", Outcome: "handed_off",
			Reason: "asked", Acts: []string{"ask"}, Articles: []string{}, Messages: []string{"msg_1"}, Reply: "msg_2", Confidence: 0.75,
		}},
		Changes: []analytics.ChangeRow{{
			Key: analytics.Key{Tenant: "acme", Event: begun.ID, At: day0}, Conversation: "cnv_1", Change: "opened", Channel: "chn_a", Contact: contact,
			Agent: "agt_a", Reason: "other", By: rows.Changes[0].By,
		}},
	}
	if diff := cmp.Diff(want, rows); diff != "" {
		t.Errorf("rows differ (-want +got):\n%s", diff)
	}
	if cost != "0.0125" {
		t.Errorf("amount is %s, want 0.0125", cost)
	}
	assertNobodyIn(t, rows)
}

func messageID(t *testing.T, e ingest.Event) string {
	t.Helper()
	var m ingest.Message
	if err := e.DecodeData(&m); err != nil {
		t.Fatal(err)
	}
	return string(m.ID)
}

func turnID(t *testing.T, e ingest.Event) string {
	t.Helper()
	var in ingest.Turn
	if err := e.DecodeData(&in); err != nil {
		t.Fatal(err)
	}
	return string(in.ID)
}

func TestRowsOfPassesOver(t *testing.T) {
	rows, refused := analytics.RowsOf([]ingest.Event{
		event(t, ingest.ConsentChanged, "acme", day0, "c", ingest.Preference{Tenant: "acme"}),
		event(t, ingest.AccountUpdated, "acme", day0, "a", ingest.AccountUpdate{Tenant: "acme"}),
		event(t, "something.new", "acme", day0, "n", map[string]string{"text": canaryText}),
	}, pseudonyms(t))
	if rows.Len() != 0 || len(refused) != 0 {
		t.Errorf("%d rows and %v of events that are of no interest", rows.Len(), refused)
	}
}

func TestRowsOfRefusesOneNotAll(t *testing.T) {
	good := received(t, "acme", 1, day0)
	broken := good
	broken.Data = json.RawMessage(`{"id": 7}`)
	foreign := event(t, ingest.MessageReceived, "globex", day0, "f", ingest.Message{ID: "msg_1", Tenant: "acme", At: day0})
	nameless := event(t, ingest.TurnCompleted, "acme", day0, "n", ingest.Turn{Tenant: "acme", DecidedAt: day0})
	timeless := event(t, ingest.MessageReceived, "acme", time.Time{}, "t", ingest.Message{ID: "msg_1"})
	rows, refused := analytics.RowsOf([]ingest.Event{good, broken, foreign, nameless, timeless, good}, pseudonyms(t))
	if len(rows.Messages) != 2 {
		t.Errorf("%d rows of two good events", len(rows.Messages))
	}
	for i, name := range []string{1: "broken data", 2: "another tenant's data", 3: "no id", 4: "no time"} {
		if name != "" && !errors.Is(refused[i], ingest.ErrMalformed) {
			t.Errorf("%s is refused with %v, want ErrMalformed", name, refused[i])
		}
	}
	if len(refused) != 4 {
		t.Errorf("%d events refused, want 4", len(refused))
	}
	_, refused = analytics.RowsOf([]ingest.Event{event(t, ingest.MessageReceived, "acme", day0, "o", ingest.Message{ID: "msg_1", At: day0.AddDate(-200, 0, 0)})}, pseudonyms(t))
	if len(refused) != 0 {
		t.Errorf("a provider's time from another century is refused (%v) although the envelope has a usable one", refused)
	}
}

func TestPseudonyms(t *testing.T) {
	p := pseudonyms(t)
	if _, err := analytics.NewPseudonyms([]byte("short")); err == nil {
		t.Error("a short secret is taken")
	}
	elsewhere, _ := analytics.NewPseudonyms([]byte(secret + "!"))
	acme := p.Address("acme", canaryPhone)
	for name, other := range map[string]string{
		"another tenant's":  p.Address("globex", canaryPhone),
		"another person's":  p.Address("acme", canaryPhone+"1"),
		"another secret's":  elsewhere.Address("acme", canaryPhone),
		"a contact's by id": p.Contact("acme", canaryPhone),
		"nobody's":          p.Address("acme", ""),
	} {
		if other == acme {
			t.Errorf("the pseudonym is %s too", name)
		}
	}
	if acme != p.Address("acme", canaryPhone) || len(acme) != 32 || p.Contact("acme", "") != "" {
		t.Errorf("pseudonym %q is not the same each time", acme)
	}
	if s := fmt.Sprintf("%v %+v %s", p, p, p); strings.Contains(s, "secret") || !strings.Contains(s, "***") {
		t.Errorf("printing pseudonyms tells %q", s)
	}
}

// digits is what may be a phone number.
var digits = regexp.MustCompile(`[0-9]([ .:-]*[0-9]){6}`)

// assertNobodyIn fails if a string anywhere in rows may be text or a phone
// number: that is, if it is neither an id, nor a pseudonym, nor a plain word.
func assertNobodyIn(t *testing.T, rows any) {
	t.Helper()
	for _, s := range stringsIn(reflect.ValueOf(rows)) {
		prefix, _, _ := strings.Cut(s, "_")
		switch {
		case ingest.ValidID(prefix+"_", s), hexName.MatchString(s):
		case digits.MatchString(s), strings.ContainsAny(s, " +@\n"), len(s) > 64:
			t.Errorf("a row holds %q", s)
		}
	}
}

var hexName = regexp.MustCompile(`^(x_)?[0-9a-f]{32}$`)

func stringsIn(v reflect.Value) []string {
	var out []string
	switch v.Kind() {
	case reflect.String:
		return []string{v.String()}
	case reflect.Slice:
		for i := range v.Len() {
			out = append(out, stringsIn(v.Index(i))...)
		}
	case reflect.Struct:
		if v.Type() == reflect.TypeFor[time.Time]() {
			return nil
		}
		for i := range v.NumField() {
			if v.Type().Field(i).IsExported() && v.Type().Field(i).Name != "Tenant" {
				out = append(out, stringsIn(v.Field(i))...)
			}
		}
	}
	return out
}

// FuzzRowsOf feeds data of every kind: nothing may break it, and nothing in it
// may come through that is no identifier.
func FuzzRowsOf(f *testing.F) {
	types := []ingest.EventType{
		ingest.MessageReceived, ingest.MessageQueued, ingest.MessageStatus, ingest.ReceiptReceived, ingest.TurnCompleted, ingest.ConversationOpened,
	}
	f.Add(uint8(0), []byte(`{"id":"msg_1","at":"2026-11-21T00:00:00Z","content":{"type":"+1 555 010 0987","text":"hello"},"provider":"call me at 15550100987"}`))
	f.Add(uint8(2), []byte(`{"message_id":"+15550100987","at":"9999-11-21T00:00:00Z","status":"555-0100-987","errors":[{"code":"to 15550100987"}]}`))
	f.Add(uint8(3), []byte(`{"at":"2026-11-21T00:00:00Z","pricing":{"amount":"1e999999999","currency":"1.5.5.5.0.1.0.0.9"}}`))
	f.Add(uint8(4), []byte(`{"id":"trn_1","decided_at":"2026-11-21T00:00:00Z","acts":["my tooth hurts"],"reason":"call +15550100987","number":-1,"confidence":1e308}`))
	p, err := analytics.NewPseudonyms([]byte(secret))
	if err != nil {
		f.Fatal(err)
	}
	f.Fuzz(func(t *testing.T, kind uint8, data []byte) {
		e := ingest.Event{Version: 1, ID: "evt_1", Type: types[int(kind)%len(types)], Tenant: "acme", OccurredAt: day0, Data: data}
		rows, refused := analytics.RowsOf([]ingest.Event{e}, p)
		if rows.Len()+len(refused) != 1 {
			t.Fatalf("%d rows and %d refused of one event", rows.Len(), len(refused))
		}
		assertNobodyIn(t, rows)
	})
}
