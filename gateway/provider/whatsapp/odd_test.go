package whatsapp

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"frontdesk/gateway/provider"
	"frontdesk/ingest"
)

const (
	before = `{"from":"15555550142","from_user_id":"US.1","id":"wamid.A","timestamp":"1790000000","type":"text","text":{"body":"before"}}`
	after  = `{"from":"15555550144","from_user_id":"US.2","id":"wamid.B","timestamp":"1790000001","type":"text","text":{"body":"after"}}`
)

// change returns a body with one change of the field messages.
func change(value string) string {
	return `{"object":"whatsapp_business_account","entry":[{"id":"42","changes":[{"field":"messages","value":` + value + `}]}]}`
}

// longest is an id as long as is taken.
var longest = strings.Repeat("7a", provider.MaxID/2)

func withMessages(messages ...string) string {
	return change(`{"metadata":{"phone_number_id":"31"},"contacts":[{"profile":{"name":"Ravi"},"wa_id":"15555550144","user_id":"US.2"},` +
		`{"profile":{"name":"Dana"},"wa_id":"15555550142","user_id":"US.1"}],"messages":[` + strings.Join(messages, ",") + `]}`)
}

// TestParseKeepsNeighbours is the rule that an odd message costs its
// neighbours nothing and is itself kept.
func TestParseKeepsNeighbours(t *testing.T) {
	tests := []struct{ name, odd, wantType, wantText, wantID string }{
		{"a name twice", `{"id":"wamid.X","from":"15555550142","type":"text","type":"text","text":{"body":"x"}}`, "unsupported", "", "wamid.X"},
		{"a name twice, deep down", `{"id":"wamid.X","type":"text","text":{"body":"x","body":"y"}}`, "unsupported", "", "wamid.X"},
		{"half a surrogate pair", `{"id":"wamid.X","type":"text","text":{"body":"cut \ud83d"}}`, "text", "cut \uFFFD", "wamid.X"},
		{"NUL", `{"id":"wamid.X","type":"text","text":{"body":"a\u0000b"}}`, "text", "a\uFFFDb", "wamid.X"},
		{"bytes that are no UTF-8", "{\"id\":\"wamid.X\",\"type\":\"text\",\"text\":{\"body\":\"a\xff\"}}", "text", "a\uFFFD", "wamid.X"},
		{"another type than documented", `{"id":"wamid.X","from":"15555550142","type":"text","text":"hello"}`, "unsupported", "", "wamid.X"},
		{"no body for its type", `{"id":"wamid.X","type":"text"}`, "unsupported", "", "wamid.X"},
		{"body null", `{"id":"wamid.X","type":"image","image":null}`, "unsupported", "", "wamid.X"},
		{"an id that is a number", `{"id":77,"type":"text","text":{"body":"x"}}`, "text", "x", "77"},
		{"no id", `{"type":"text","text":{"body":"x"}}`, "text", "x", ""},
		{"an id as long as may be", `{"id":"` + longest + `","type":"text","text":{"body":"x"}}`, "text", "x", longest},
		{"an id that no index takes", `{"id":"x` + longest + `","type":"text","text":{"body":"x"}}`, "text", "x", ""},
		{"no type", `{"id":"wamid.X","text":{"body":"x"}}`, "unsupported", "", "wamid.X"},
		{"an endless number", `{"id":"wamid.X","type":"order","order":{"n":1e999999}}`, "order", "", "wamid.X"},
		{"a place off the map", `{"id":"wamid.X","type":"location","location":{"latitude":1e400,"longitude":0}}`, "unsupported", "", "wamid.X"},
		{"a place that is NaN", `{"id":"wamid.X","type":"location","location":{"latitude":"NaN","longitude":"0"}}`, "unsupported", "", "wamid.X"},
		{"deep", `{"id":"wamid.X","type":"deep","deep":` + strings.Repeat("[", 5000) + strings.Repeat("]", 5000) + `}`, "unsupported", "", "wamid.X"},
		{"null", `null`, "unsupported", "", ""},
		{"a number", `5`, "unsupported", "", ""},
		{"a list", `[{}]`, "unsupported", "", ""},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			updates, err := Parse([]byte(withMessages(before, tt.odd, after)))
			if err != nil || len(updates) != 3 {
				t.Fatalf("Parse() = %d updates, %v, want 3", len(updates), err)
			}
			first, odd, last := updates[0].Message, updates[1].Message, updates[2].Message
			if first.Content.Text != "before" || first.Party.Name != "Dana" || last.Content.Text != "after" || last.Party.Name != "Ravi" {
				t.Errorf("the neighbours are %+v and %+v", first, last)
			}
			if string(odd.Content.Type) != tt.wantType || odd.Content.Text != tt.wantText || odd.ProviderID != tt.wantID {
				t.Errorf("the odd one is %+v, want type %q text %q id %q", odd, tt.wantType, tt.wantText, tt.wantID)
			}
			if tt.wantType == "unsupported" && (len(odd.Content.Raw) == 0) != (tt.odd == "null") {
				t.Errorf("kept %q of %q", odd.Content.Raw, tt.odd)
			}
			if updates[1].Source == "" || updates[1].Ref != "31" || updates[1].Account != "42" {
				t.Errorf("the odd one belongs to %+v", updates[1])
			}
			readable(t, updates)
		})
	}
}

// readable checks that events made of updates can be written and read.
func readable(t *testing.T, updates []provider.Update) {
	t.Helper()
	for _, u := range updates {
		b, err := json.Marshal(u)
		if err != nil || !json.Valid(b) {
			t.Fatalf("%+v cannot be written: %v", u, err)
		}
		if bytes.Contains(b, []byte(`\u0000`)) {
			t.Fatalf("%s holds NUL, which Postgres refuses", b)
		}
	}
}

func TestParseKeepsOddStatuses(t *testing.T) {
	good := `{"id":"wamid.A","status":"read","timestamp":"1790000000","recipient_id":"15555550142"}`
	for name, odd := range map[string]string{
		"a word that nobody knows": `{"id":"wamid.X","status":"warped","timestamp":"1790000000","recipient_id":"15555550142"}`,
		"legacy deleted":           `{"id":"wamid.X","status":"deleted","timestamp":"1790000000","recipient_id":"15555550142"}`,
		"status is a list":         `{"id":"wamid.X","status":[1],"recipient_id":"15555550142"}`,
		"pricing is a string":      `{"id":"wamid.X","status":"sent","pricing":"free","recipient_id":"15555550142"}`,
		"a name twice":             `{"id":"wamid.X","status":"sent","status":"read","recipient_id":"15555550142"}`,
		"no id":                    `{"status":"sent","recipient_id":"15555550142"}`,
		"an id of 513 bytes":       `{"id":"x` + longest + `","status":"sent","recipient_id":"15555550142"}`,
		"the same, and a list":     `{"id":"x` + longest + `","status":[1],"recipient_id":"15555550142"}`,
		"not an object":            `"sent"`,
		"errors are no list (v12)": `{"id":"wamid.X","status":"failed","errors":{"code":1},"recipient_id":"15555550142"}`,
	} {
		t.Run(name, func(t *testing.T) {
			updates, err := Parse([]byte(change(`{"metadata":{"phone_number_id":"31"},"statuses":[` + good + "," + odd + "," + good + `]}`)))
			if err != nil || len(updates) != 3 {
				t.Fatalf("Parse() = %d updates, %v, want 3", len(updates), err)
			}
			if updates[0].Receipt.Status != ingest.Read || updates[2].Receipt.Status != ingest.Read {
				t.Error("a neighbour was lost")
			}
			if r := updates[1].Receipt; len(r.Raw) == 0 || ingest.Status("").Supersedes(ingest.Queued) || (r.Status != "" && r.ProviderID != "") || len(r.ProviderID) > provider.MaxID {
				t.Errorf("the odd one is %+v, want it raw and without effect", r)
			}
		})
	}
}

func TestParseBoundsWhoIsNamed(t *testing.T) {
	message := `{"from":"%s","from_user_id":"US.1","id":"wamid.A","timestamp":"1790000000","type":"text","text":{"body":"x"}}`
	for from, want := range map[string]int{"Shop " + longest[5:]: 2, "Shop " + longest: 1} {
		updates, err := Parse([]byte(change(`{"metadata":{"phone_number_id":"31"},"messages":[` + fmt.Sprintf(message, from) + `]}`)))
		if err != nil || len(updates) != 1 || len(updates[0].Message.Party.Identifiers) != want {
			t.Errorf("a sender of %d bytes: %+v, %v; want %d identifiers", len(from), updates, err, want)
		}
	}
}

// TestParseOddEnvelopes keeps what is around messages: a level that is not as
// documented is kept whole and its neighbours are read.
func TestParseOddEnvelopes(t *testing.T) {
	good := `{"id":"42","changes":[{"field":"messages","value":{"metadata":{"phone_number_id":"31"},"messages":[` + before + `]}}]}`
	tests := []struct {
		name, entries string
		want          []string // "text", or the field of a notice
	}{
		{"an entry that is none", `7,` + good, []string{"malformed_update", "text"}},
		{"changes missing", `{"id":"42"},` + good, []string{"malformed_update", "text"}},
		{"a change that is none", `{"id":"42","changes":["x",{"field":"f","value":1}]},` + good, []string{"malformed_update", "f", "text"}},
		{"value missing", `{"id":"42","changes":[{"field":"messages"}]},` + good, []string{"messages", "text"}},
		{"messages is an object", `{"id":"42","changes":[{"field":"messages","value":{"messages":{}}}]},` + good, []string{"malformed_update", "text"}},
		{"messages twice", `{"id":"42","changes":[{"field":"messages","value":{"messages":[` + before + `],"messages":[]}}]},` + good, []string{"malformed_update", "text"}},
		{"nothing in it", `{"id":"42","changes":[{"field":"messages","value":{"metadata":{}}}]},` + good, []string{"messages", "text"}},
		{"messages null", `{"id":"42","changes":[{"field":"messages","value":{"messages":null,"statuses":[]}}]},` + good, []string{"text"}},
		{"a contact that is none", `{"id":"42","changes":[{"field":"messages","value":{"contacts":[1,{"wa_id":"15555550142","profile":{"name":"Dana"}}],"messages":[` + before + `]}}]}`, []string{"text"}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			updates, err := Parse([]byte(`{"object":"whatsapp_business_account","entry":[` + tt.entries + `]}`))
			if err != nil {
				t.Fatal(err)
			}
			var got []string
			for _, u := range updates {
				if u.Message != nil {
					got = append(got, string(u.Message.Content.Type))
					continue
				}
				got = append(got, u.Notice.Field)
			}
			if diff := cmp.Diff(tt.want, got); diff != "" {
				t.Errorf("updates (-want +got):\n%s", diff)
			}
		})
	}
}

func TestParsePairsContactsByName(t *testing.T) {
	var contacts, messages []string
	for i := range 50 { // long enough for the index
		contacts = append(contacts, fmt.Sprintf(`{"profile":{"name":"N%d"},"wa_id":"1555555%04d","user_id":"US.%d"}`, i, i, i))
		messages = append(messages, fmt.Sprintf(`{"from_user_id":"US.%d","id":"w%d","timestamp":"1","type":"text","text":{"body":"x"}}`, 49-i, i))
	}
	for _, n := range []int{3, 50} { // messages n-1, n-2 … have contacts 0, 1 …
		body := change(`{"metadata":{"phone_number_id":"31"},"contacts":[` + strings.Join(contacts[:n], ",") + `],"messages":[` + strings.Join(messages[50-n:], ",") + `]}`)
		updates, err := Parse([]byte(body))
		if err != nil || len(updates) != n {
			t.Fatalf("Parse() = %d updates, %v", len(updates), err)
		}
		for i, u := range updates {
			want := n - 1 - i
			if u.Message.Party.Name != fmt.Sprintf("N%d", want) || u.Message.Party.Identifier(ingest.Phone) != fmt.Sprintf("+1555555%04d", want) {
				t.Errorf("message %d of %d is from %+v, want contact %d", i, n, u.Message.Party, want)
			}
		}
	}
	stranger := only(t, change(`{"metadata":{"phone_number_id":"31"},"contacts":[{"profile":{"name":"Dana"},"wa_id":"15555550142"}],"messages":[`+after+`]}`))
	if p := stranger.Message.Party; p.Name != "" || len(p.Identifiers) != 2 {
		t.Errorf("a message with nobody's profile is from %+v", p)
	}
}

// TestParseBoundsMemory: bodies of 3 MB that are made to be many updates.
func TestParseBoundsMemory(t *testing.T) {
	fill := func(item string) string {
		return strings.TrimSuffix(strings.Repeat(item+",", (3<<20-300)/(len(item)+1)), ",")
	}
	for name, body := range map[string]string{
		"messages null":   withMessages(fill("null")),
		"messages 1":      withMessages(fill("1")),
		"messages {}":     withMessages(fill("{}")),
		"statuses []":     change(`{"metadata":{"phone_number_id":"31"},"statuses":[` + fill("[]") + `]}`),
		"contacts {}":     change(`{"metadata":{"phone_number_id":"31"},"contacts":[` + fill("{}") + `],"messages":[` + before + `]}`),
		"entries 1":       `{"object":"whatsapp_business_account","entry":[` + fill("1") + `]}`,
		"entries changed": `{"object":"whatsapp_business_account","entry":[` + fill(`{"id":"1","changes":[1,1]}`) + `]}`,
		"changes 1":       `{"object":"whatsapp_business_account","entry":[{"id":"1","changes":[` + fill("1") + `]}]}`,
	} {
		t.Run(name, func(t *testing.T) {
			var was, is runtime.MemStats
			runtime.ReadMemStats(&was)
			updates, err := Parse([]byte(body))
			runtime.ReadMemStats(&is)
			if got := (is.TotalAlloc - was.TotalAlloc) >> 20; err != nil || len(updates) == 0 || len(updates) > 2*maxUpdates || got > 200 {
				t.Errorf("%d updates, %d MB allocated, %v", len(updates), got, err)
			}
		})
	}
}

func TestParseTellsMessagesWithoutIDApart(t *testing.T) {
	none := func(text string) string { return `{"type":"text","text":{"body":"` + text + `"}}` }
	updates, err := Parse([]byte(withMessages(none("a"), none("b"), none("a"))))
	if err != nil || len(updates) != 3 || updates[0].Source == updates[1].Source || updates[0].Source != updates[2].Source {
		t.Errorf("Parse() = %+v, %v, want a source for each text", updates, err)
	}
}

func TestInstant(t *testing.T) {
	tests := []struct {
		in   scalar
		want time.Time
	}{
		{"1790000000", time.Unix(1790000000, 0).UTC()},
		{"1790000000123", time.UnixMilli(1790000000123).UTC()},
		{"", time.Time{}}, {"-5", time.Time{}}, {"0", time.Time{}}, {"soon", time.Time{}}, {"1e9", time.Time{}},
		{"999999999999", time.Time{}}, {"99999999999999999999", time.Time{}}, {"253402300800000", time.Time{}},
	}
	for _, tt := range tests {
		if got := instant(tt.in); !got.Equal(tt.want) {
			t.Errorf("instant(%q) = %v, want %v", tt.in, got, tt.want)
		}
	}
}

func TestParseTest(t *testing.T) {
	for body, want := range map[string]bool{
		`{"id":"a","type":"text","text":{"body":"x"},"frontdesk_test":true}`:   true,
		`{"id":"a","type":"text","text":{"body":"x"},"frontdesk_test":false}`:  false,
		`{"id":"a","type":"text","text":{"body":"x"},"frontdesk_test":"true"}`: false,
		`{"id":"a","type":"text","text":"x","frontdesk_test":true}`:            true, // unreadable
	} {
		if u := only(t, withMessages(body)); u.Message.Test != want {
			t.Errorf("%s: test is %v, want %v", body, u.Message.Test, want)
		}
	}
	status := only(t, change(`{"metadata":{"phone_number_id":"31"},"statuses":[{"id":"w","status":"sent","frontdesk_test":true,"biz_opaque_callback_data":"msg_01ARZ3NDEKTSV4RRFFQ69G5FAV"}]}`))
	if !status.Receipt.Test || status.Receipt.Correlation != "msg_01ARZ3NDEKTSV4RRFFQ69G5FAV" {
		t.Errorf("receipt = %+v, want a test's with our id", status.Receipt)
	}
}

func TestParseUserPreferences(t *testing.T) {
	body := strings.Replace(change(`{"metadata":{"phone_number_id":"31"},"user_preferences":[`+
		`{"wa_id":"15555550142","category":"marketing_messages","value":"resume","timestamp":1790000000},`+
		`{"user_id":"US.7","category":"marketing_messages","value":"maybe","timestamp":1790000000}]}`), `"messages"`, `"user_preferences"`, 1)
	updates, err := Parse([]byte(body))
	if err != nil || len(updates) != 2 {
		t.Fatalf("Parse() = %d updates, %v", len(updates), err)
	}
	if p := updates[0].Preference; p == nil || !p.Allowed || p.Category != "marketing" || p.Party.Identifier(ingest.Phone) != "+15555550142" {
		t.Errorf("resume became %+v", updates[0])
	}
	if n := updates[1].Notice; n == nil || n.Field != "user_preferences" || len(n.Value) == 0 {
		t.Errorf("a word that nobody knows became %+v", updates[1])
	}
}

func TestParseFormReplyThatIsNoObject(t *testing.T) {
	for in, want := range map[string]string{
		`{\"a\": 1}`: `{"a": 1}`, `[1]`: `[1]`, `\"word\"`: `"word"`, `not json`: `"not json"`, ``: ``,
		`{\"a\":\"\\ud83d\"}`: `{"a":"\ufffd"}`,
	} {
		u := only(t, withMessages(`{"id":"a","type":"interactive","interactive":{"type":"nfm_reply","nfm_reply":{"name":"flow","body":"Sent","response_json":"`+in+`"}}}`))
		if got := string(u.Message.Content.Selection.Data); got != want {
			t.Errorf("response_json %s became %s, want %s", in, got, want)
		}
	}
}

// jsonSuite calls fn for each case of the public JSON test suite.
func jsonSuite(t *testing.T, fn func(id, expect string, body []byte)) {
	t.Helper()
	raw, err := os.ReadFile("testdata/json_suite.jsonl")
	if err != nil {
		t.Fatal(err)
	}
	for line := range bytes.Lines(raw) {
		var c struct {
			ID, Expect, Base64 string
			Generate           *struct {
				Repeat string
				Times  int
				Suffix string
			}
		}
		if err := json.Unmarshal(line, &c); err != nil {
			t.Fatal(err)
		}
		body, err := base64.StdEncoding.DecodeString(c.Base64)
		if err != nil {
			t.Fatal(err)
		}
		if c.Generate != nil {
			body = []byte(strings.Repeat(c.Generate.Repeat, c.Generate.Times) + c.Generate.Suffix)
		}
		fn(c.ID, c.Expect, body)
	}
}

// TestParseJSONSuite runs the suite twice: each case as a body, and each as a
// message between two others, which must come through wherever the body is
// JSON at all.
func TestParseJSONSuite(t *testing.T) {
	cases := 0
	jsonSuite(t, func(id, expect string, body []byte) {
		cases++
		_, err := Parse(body)
		if refused := errors.Is(err, provider.ErrMalformed); expect != "either" && refused != (expect == "reject") {
			t.Errorf("%s: Parse(%.40q) = %v, want %s", id, body, err, expect)
		}
		updates, err := Parse([]byte(withMessages(before, string(body), after)))
		if expect == "accept" && (err != nil || len(updates) != 3 || updates[0].Message.ProviderID != "wamid.A" || updates[2].Message.ProviderID != "wamid.B") {
			t.Errorf("%s: between two messages: %d updates, %v", id, len(updates), err)
		}
		readable(t, updates)
	})
	if cases < 100 {
		t.Fatalf("the suite has %d cases", cases)
	}
}

func TestParseNaughtyStrings(t *testing.T) {
	raw, err := os.ReadFile("testdata/naughty_strings.jsonl")
	if err != nil {
		t.Fatal(err)
	}
	n := 0
	for line := range bytes.Lines(raw) {
		var s struct{ ID, Text string }
		if err := json.Unmarshal(line, &s); err != nil {
			t.Fatal(err)
		}
		n++
		quoted, err := json.Marshal(s.Text)
		if err != nil {
			t.Fatal(err)
		}
		u := only(t, change(`{"metadata":{"phone_number_id":"31"},"contacts":[{"profile":{"name":`+string(quoted)+`},"wa_id":"15555550142"}],`+
			`"messages":[{"from":"15555550142","id":"w","type":"text","text":{"body":`+string(quoted)+`}}]}`))
		if u.Message.Content.Text != s.Text || u.Message.Party.Name != s.Text {
			t.Errorf("%s came through as %q from %q", s.ID, u.Message.Content.Text, u.Message.Party.Name)
		}
	}
	if n < 100 {
		t.Fatalf("%d strings", n)
	}
}
