package tenant_test

import (
	"encoding/json"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"frontdesk/gateway/tenant"
)

// sample is the file of the design, as printed but for one `file:`.
const sample = `business: {slug: casa-maya, name: Casa Maya Dental, timezone: America/Belize, phone: "+5012279446", languages: [en, es],
           plan: professional, hours: {monday: ["08:00-12:00", "13:00-17:00"], saturday: ["08:00-12:00"]}, closed: ["2026-12-25"]}
channels:
  - {type: whatsapp, name: main, phone: "+15555550100", phone_number_id: "106540352242922", waba_id: "102290129340398",
     access_token: EAA, app_secret: s3cret, verify_token: v3rify, base_url: "http://127.0.0.1:9999"}
  - {type: twilio, name: sms, phone: "+15555550101", account_sid: AC0123456789abcdef0123456789abcdef, auth_token: tok}
agents:
  - {name: Front desk, channels: [main, sms], debounce: 500ms, instructions: "Be kind.", handoff: {after_failures: 2, words: [human, persona]}}
services:
  - {name: Cleaning, duration: 30m, buffer_after: 10m, price: "50.00 BZD", notice: 2h, staff: [Ana, Luis]}
staff:
  - {name: Ana, specialties: [Cleaning], hours: {monday: ["08:00-12:00"]}, off: [2026-12-24]}
knowledge:
  - {title: Parking, content: "Free parking behind the building.", type: faq}
keys:
  - {name: crm, scopes: [contacts:read, messages:write], mode: live, dialect: aivo}
webhooks:
  - {url: "https://example.com/hooks", events: ["message.received", "appointment.created"], format: standard}
`

func TestParse(t *testing.T) {
	f, err := tenant.Parse([]byte(sample))
	if err != nil {
		t.Fatalf("Parse() error:\n%v", err)
	}
	if f.Business.Slug != "casa-maya" || f.Business.Hours["monday"][1] != "13:00-17:00" || f.Business.Plan != "professional" {
		t.Errorf("business = %+v", f.Business)
	}
	if len(f.Channels) != 2 || f.Channels[0].Ref != "106540352242922" || f.Channels[1].Ref != "+15555550101" {
		t.Errorf("channels = %+v", f.Channels)
	}
	if a := f.Agents[0]; a.Debounce != 500*time.Millisecond || a.AfterFailures != 2 || len(a.HandoffWords) != 2 {
		t.Errorf("agent = %+v", a)
	}
	if s := f.Staff[0]; s.Name != "Ana" || s.Hours.Days()["monday"][0] != "08:00-12:00" || s.Off[0].From != "2026-12-24" || s.Specialties[0] != "Cleaning" {
		t.Errorf("staff = %+v", s)
	}
	if s := f.Services[0]; s.Duration != 30*time.Minute || s.BufferAfter != 10*time.Minute || s.Notice != 2*time.Hour || s.Price != "50.00 BZD" || len(s.StaffNames) != 2 {
		t.Errorf("service = %+v", s)
	}
	if k := f.Keys[0]; k.Mode != tenant.ModeLive || k.Dialect != tenant.AIVO {
		t.Errorf("key = %+v", k)
	}
}

func TestParseJSON(t *testing.T) {
	fromYAML, err := tenant.Parse([]byte(sample))
	if err != nil {
		t.Fatal(err)
	}
	doc := map[string]any{
		"business":  map[string]any{"slug": "casa-maya", "name": "Casa Maya Dental \U0001F9B7"},
		"knowledge": []any{map[string]any{"title": "Price list", "file": "prices.pdf"}},
		"files":     map[string]any{"prices.pdf": "JVBERi0="},
	}
	raw, err := json.MarshalIndent(doc, "", "  ")
	if err != nil {
		t.Fatal(err)
	}
	raw = []byte(strings.ReplaceAll(string(raw), "\U0001F9B7", `\ud83e\uddb7`)) // which YAML would refuse
	f, err := tenant.Parse(raw)
	if err != nil {
		t.Fatalf("Parse() error: %v", err)
	}
	if f.Business.Slug != fromYAML.Business.Slug || !strings.HasSuffix(f.Business.Name, "\U0001F9B7") {
		t.Errorf("business = %+v", f.Business)
	}
	if a := f.Knowledge[0]; a.Type != "pdf" || string(a.Data) != "%PDF-" || a.Source != "prices.pdf" {
		t.Errorf("article = %+v", a)
	}
}

func TestParseTellsWhatIsWrong(t *testing.T) {
	const head = "business: {slug: a, name: A}\n"
	tests := []struct {
		name string
		file string
		want []tenant.Problem
	}{
		{"empty", "", []tenant.Problem{{0, "file", "is empty; a business is expected"}}},
		{"no business", "keys: []\n", []tenant.Problem{{1, "business", "is missing"}}},
		{"a list", "- a\n", []tenant.Problem{{1, "", "an object with fields is expected, not a list"}}},
		{"no YAML", head + "channels: [\n", []tenant.Problem{{2, "file", "is not valid YAML: did not find expected node content"}}},
		{"two documents", head + "---\nbusiness: {}\n", []tenant.Problem{{0, "file", "holds more than one document, or something after it that is no YAML; one business is expected"}}},
		{"an alias", "business: &b {slug: a, name: A}\nstaff: [*b]\n", []tenant.Problem{{1, "file", "anchors and aliases are not taken; write the value out"}}},
		{"an unknown field", head + "keyz: []\n", []tenant.Problem{{2, "keyz", "unknown field; known are business, channels, agents, services, staff, resources, files, knowledge, keys, webhooks"}}},
		{"a service without its length", head + "services:\n  - {name: Cut}\n", []tenant.Problem{{3, "services[0].duration", "is missing"}}},
		{"a service of odd seconds", head + "services:\n  - {name: Cut, duration: 90s}\n", []tenant.Problem{{3, "services[0].duration", "whole minutes are expected, such as 30m or 2h"}}},
		{"a price without a currency", head + "services:\n  - {name: Cut, duration: 30m, price: 50}\n", []tenant.Problem{{3, "services[0].price", "a price such as 50.00 BZD is expected"}}},
		{"an unknown field of a service", head + "services:\n  - {name: Cut, duration: 30m, colour: red}\n", []tenant.Problem{{3, "services[0].colour", "unknown field; known are name, description, price, duration, buffer_before, buffer_after, notice, step, horizon, per_day, unstaffed, paused, staff, resources, needs, reminders"}}},
		{"a reminder that comes at no time", head + "services:\n  - {name: Cut, duration: 30m, reminders: [{text: Hi}]}\n", []tenant.Problem{{3, "services[0].reminders[0].before", "is missing"}}},
		{"somebody without a name", head + "staff:\n  - {per_day: 3}\n", []tenant.Problem{{3, "staff[0].name", "is missing"}}},
		{"hours of staff that end first", head + "staff:\n  - {name: Ana, hours: {monday: [\"12:00-08:00\"]}}\n", []tenant.Problem{{3, "staff[0].hours.monday[0]", "ends before it begins"}}},
		{"a day off that is not there", head + "staff:\n  - name: Ana\n    off:\n      - 2027-02-29\n", []tenant.Problem{{5, "staff[0].off[0]", "a day such as 2026-12-24 is expected, or 2026-12-24..2026-12-31, and perhaps hours behind it such as 08:00-12:00"}}},
		{"a name twice but for its case", head + "resources:\n  - {name: Chair}\n  - {name: chair}\n", []tenant.Problem{{4, "resources[1].name", "stands already on line 3"}}},
		{"a field twice", "business: {slug: a, name: A, slug: b}\n", []tenant.Problem{{1, "business.slug", "this field stands twice"}}},
		{"a wrong kind", head + "keys: {name: a}\n", []tenant.Problem{{2, "keys", "a list is expected, not an object"}}},
		{"a name twice", head + "keys:\n  - {name: a, scopes: [\"*\"]}\n  - {name: a, scopes: [\"*\"]}\n", []tenant.Problem{{4, "keys[1].name", "stands already on line 3"}}},
		{"a bad scope", head + "keys: [{name: a, scopes: [\"contacts:eat\"]}]\n", []tenant.Problem{{2, "keys[0].scopes[0]", `a scope such as contacts:read is expected, or "*"`}}},
		{"hours that end early", "business:\n  slug: a\n  name: A\n  hours: {monday: [\"12:00-08:00\"]}\n", []tenant.Problem{{4, "business.hours.monday[0]", "ends before it begins"}}},
		{"hours that overlap", "business:\n  slug: a\n  name: A\n  hours: {monday: [\"08:00-12:00\", \"11:00-13:00\"]}\n", []tenant.Problem{{4, "business.hours.monday[1]", "begins before the one in front of it has ended"}}},
		{"a date that is none", "business: {slug: a, name: A, closed: [2026-02-30]}\n", []tenant.Problem{{1, "business.closed[0]", "a date such as 2026-12-25 is expected"}}},
		{"a timezone that is none", "business: {slug: a, name: A, timezone: Belize/Dental}\n", []tenant.Problem{{1, "business.timezone", "an IANA name such as America/Belize is expected"}}},
		{"an unknown channel", head + "channels: []\nagents: [{name: x, channels: [main]}]\n", []tenant.Problem{{3, "agents[0].channels[0]", "the file has no channel of this name"}}},
		{"a file that was not sent", head + "knowledge: [{title: p, file: p.pdf}]\n", []tenant.Problem{{2, "knowledge[0].file", "the file's content was not sent; use frontdesk apply, which sends it along"}}},
		{"a title too long", head + "knowledge: [{title: " + strings.Repeat("t", 301) + ", content: c}]\n", []tenant.Problem{{2, "knowledge[0].title", "has 301 characters, at most 300 are taken"}}},
		{"an empty document", head + "knowledge: [{title: T, file: a.txt}]\nfiles: {a.txt: \"\"}\n", []tenant.Problem{{2, "knowledge[0].file", "a text in UTF-8 is expected, not empty and of at most 8388608 bytes"}}},
		{"a URL with a password", head + "webhooks: [{url: \"https://u:p@example.com\", events: [\"*\"]}]\n", []tenant.Problem{{2, "webhooks[0].url", "a URL such as https://example.com is expected"}}},
		{"a debounce without unit", head + "agents: [{name: x, debounce: 500}]\n", []tenant.Problem{{2, "agents[0].debounce", "a time such as 500ms, 30m or 2h is expected, at most 1m0s"}}},
		{"all at once, by line", "business:\n  slug: A B\n  name: ''\nchannels:\n  - {type: fax, name: f}\nkeys:\n  - {name: k}\n", []tenant.Problem{
			{2, "business.slug", "lower-case letters, digits and hyphens are expected, such as casa-maya"},
			{3, "business.name", "is missing"},
			{5, "channels[0].type", "one of whatsapp, twilio is expected"},
			{7, "keys[0].scopes", `is missing; ["*"] may do all`},
		}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			_, err := tenant.Parse([]byte(tt.file))
			var invalid *tenant.InvalidError
			if !errors.As(err, &invalid) {
				t.Fatalf("Parse() error = %v, want an *InvalidError", err)
			}
			if diff := cmp.Diff(tt.want, invalid.Problems); diff != "" {
				t.Errorf("problems (-want +got):\n%s", diff)
			}
		})
	}
}

func FuzzParse(f *testing.F) {
	f.Add([]byte(sample))
	f.Add([]byte(`{"business": {"slug": "a", "name": "A"}, "staff": [{"name": "x", "n": 1e400}]}`))
	f.Add([]byte("business: &a [*a]\n"))
	f.Add([]byte("a: {b: !!binary x}\n? [x]\n: y"))
	f.Fuzz(func(t *testing.T, b []byte) {
		file, err := tenant.Parse(b)
		var invalid *tenant.InvalidError
		if err != nil && (!errors.As(err, &invalid) || len(invalid.Problems) == 0) {
			t.Errorf("Parse() error = %v, want one with its problems", err)
		}
		if err == nil && (file.Business.Slug == "" || file.Business.Name == "") {
			t.Errorf("taken without slug or name: %+v", file.Business)
		}
	})
}
