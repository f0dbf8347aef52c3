package twilio

import (
	"bytes"
	"encoding/json"
	"errors"
	"flag"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"frontdesk/gateway/provider"
	"frontdesk/ingest"
)

var update = flag.Bool("update", false, "rewrite the golden files")

func sample(t testing.TB, name string) []byte {
	t.Helper()
	b, err := os.ReadFile("testdata/" + name)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func callbacks(t testing.TB) []string {
	t.Helper()
	in, err := filepath.Glob("testdata/samples/inbound_*.form")
	if err != nil {
		t.Fatal(err)
	}
	st, err := filepath.Glob("testdata/samples/status_*.form")
	if err != nil || len(in) != 18 || len(st) != 7 {
		t.Fatalf("%d inbound and %d status samples: %v", len(in), len(st), err)
	}
	return append(in, st...)
}

func TestParseSamples(t *testing.T) {
	for _, file := range callbacks(t) {
		name := strings.TrimSuffix(filepath.Base(file), ".form")
		t.Run(name, func(t *testing.T) {
			updates, err := Parse(sample(t, "samples/"+name+".form"))
			if err != nil {
				t.Fatal(err)
			}
			got, err := json.MarshalIndent(updates, "", "  ")
			if err != nil {
				t.Fatal(err)
			}
			golden := "golden/" + name + ".json"
			if *update {
				if err := os.WriteFile("testdata/"+golden, append(got, '\n'), 0o644); err != nil {
					t.Fatal(err)
				}
			}
			if diff := cmp.Diff(strings.TrimSpace(string(sample(t, golden))), string(got)); diff != "" {
				t.Errorf("Parse() differs (-want +got):\n%s", diff)
			}
		})
	}
}

func one(t *testing.T, form url.Values) provider.Update {
	t.Helper()
	form.Set("MessageSid", "SM1")
	updates, err := Parse([]byte(form.Encode()))
	if err != nil || len(updates) != 1 {
		t.Fatalf("Parse() = %d updates, %v", len(updates), err)
	}
	return updates[0]
}

func TestParseOddForms(t *testing.T) {
	long := strings.Repeat("a", provider.MaxID)
	for _, body := range []string{"", "=", "Body=x", "&&&", "MessageSid=&SmsSid=", "MessageSid=a" + long, "MessageStatus=sent&SmsSid=a" + long} {
		if _, err := Parse([]byte(body)); !errors.Is(err, provider.ErrMalformed) {
			t.Errorf("Parse(%q) = %v, want ErrMalformed", body, err)
		}
	}
	if _, err := Parse(bytes.Repeat([]byte("MessageSid=a&"), 2000)); !errors.Is(err, provider.ErrMalformed) {
		t.Errorf("a form of 2,000 parameters: %v, want ErrMalformed", err)
	}
	u := one(t, url.Values{"Body": {"a\x00b\xff"}, "ProfileName": {"\xed\xa0\x80"}, "NumMedia": {"99999999"}})
	if u.Message.Content.Text != "a\uFFFDb\uFFFD" || u.Message.Party.Name != "\uFFFD" || u.Message.Content.Media != nil {
		t.Errorf("what no store can hold became %+v", u.Message)
	}
	hologram := one(t, url.Values{"MessageType": {"hologram"}, "Beam": {"x"}, "Body": {"see"}}).Message.Content
	if hologram.Type != ingest.Unsupported || !bytes.Contains(hologram.Raw, []byte(`"Beam":"x"`)) || hologram.Text != "see" {
		t.Errorf("an unknown type became %+v", hologram)
	}
	warped := one(t, url.Values{"MessageStatus": {"warped"}}).Receipt
	if warped.Status != "" || warped.Word != "warped" || len(warped.Raw) == 0 {
		t.Errorf("an unknown status became %+v", warped)
	}
	short := one(t, url.Values{"From": {"22395"}}).Message.Party
	if short.Identifier(ingest.SenderID) != "22395" {
		t.Errorf("a short code is %+v", short)
	}
	endless := one(t, url.Values{"From": {"a" + long}, "ExternalUserId": {long}}).Message.Party.Identifiers
	if len(endless) != 1 || endless[0].Value != long {
		t.Errorf("a sender whom no index takes is %d identifiers", len(endless))
	}
	place := one(t, url.Values{"Latitude": {"NaN"}, "Longitude": {"1"}, "Body": {"x"}}).Message.Content
	if place.Location != nil || place.Type != ingest.Text {
		t.Errorf("a place off the map became %+v", place)
	}
	if !one(t, url.Values{"FrontdeskTest": {"1"}}).Message.Test || one(t, url.Values{"FrontdeskTest": {"true"}}).Message.Test {
		t.Error("a test is what bears FrontdeskTest=1")
	}
	row := one(t, url.Values{"ListId": {"svc"}, "ListTitle": {"Cleaning"}}).Message.Content
	if row.Type != ingest.Interactive || row.Selection.ID != "svc" || row.Text != "Cleaning" {
		t.Errorf("a row became %+v", row)
	}
}

func TestParseForm(t *testing.T) {
	form, err := ParseForm([]byte("a=1+2&b=%41%zz%4&a=3&c&=d&e=f=g"))
	want := Form{{"a", "1 2"}, {"b", "A%zz%4"}, {"a", "3"}, {"c", ""}, {"", "d"}, {"e", "f=g"}}
	if diff := cmp.Diff(want, form); diff != "" || err != nil {
		t.Errorf("ParseForm() (-want +got): %v\n%s", err, diff)
	}
}

func TestParseNaughtyStrings(t *testing.T) {
	n := 0
	for line := range bytes.Lines(sample(t, "../../whatsapp/testdata/naughty_strings.jsonl")) {
		var s struct{ ID, Text string }
		if err := json.Unmarshal(line, &s); err != nil {
			t.Fatal(err)
		}
		n++
		u := one(t, url.Values{"Body": {s.Text}, "ProfileName": {s.Text}, "From": {"+15555550142"}})
		if u.Message.Content.Text != s.Text || u.Message.Party.Name != s.Text {
			t.Errorf("%s came through as %q from %q", s.ID, u.Message.Content.Text, u.Message.Party.Name)
		}
	}
	if n < 100 {
		t.Fatalf("%d strings", n)
	}
}

// FuzzParse: no body panics, what the standard library decodes is decoded the
// same, and all of it can be written.
func FuzzParse(f *testing.F) {
	for _, file := range callbacks(f) {
		f.Add(sample(f, strings.TrimPrefix(file, "testdata/")))
	}
	f.Fuzz(func(t *testing.T, body []byte) {
		updates, err := Parse(body)
		if err != nil && !errors.Is(err, provider.ErrMalformed) {
			t.Fatalf("another error: %v", err)
		}
		if _, err := json.Marshal(updates); err != nil {
			t.Fatal(err)
		}
		form, formErr := ParseForm(body)
		std, err := url.ParseQuery(string(body))
		if err != nil || formErr != nil { // a semicolon, an escape that is none
			return
		}
		for name := range std {
			if form.Get(name) != std.Get(name) {
				t.Fatalf("%q is %q, want %q", name, form.Get(name), std.Get(name))
			}
		}
	})
}

func BenchmarkParse(b *testing.B) {
	for _, name := range []string{"inbound_sms", "inbound_mms_two_media", "status_delivered"} {
		body := sample(b, "samples/"+name+".form")
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			b.SetBytes(int64(len(body)))
			for b.Loop() {
				if _, err := Parse(body); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
