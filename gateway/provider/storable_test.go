package provider_test

import (
	"encoding/json"
	"strings"
	"testing"

	"frontdesk/gateway/provider"
)

func TestStorableJSON(t *testing.T) {
	tests := []struct{ name, in, want string }{
		{"plain", `{"a":"b"}`, `{"a":"b"}`},
		{"a whole pair stays", `"\ud83d\ude42"`, `"\ud83d\ude42"`},
		{"upper-case hex stays", `"\uD83D\uDE42 \u00E9"`, `"\uD83D\uDE42 \u00E9"`},
		{"first half alone", `"cut \ud83d"`, `"cut \ufffd"`},
		{"first half before a letter", `"\ud83dx"`, `"\ufffdx"`},
		{"first half before another escape", `"\ud83d\n"`, `"\ufffd\n"`},
		{"first half twice, then the second", `"\ud83d\ud83d\ude42"`, `"\ufffd\ud83d\ude42"`},
		{"second half alone", `"\ude42"`, `"\ufffd"`},
		{"NUL", `"a\u0000b"`, `"a\ufffdb"`},
		{"an escaped backslash is no escape", `"\\u0000\\ud83d"`, `"\\u0000\\ud83d"`},
		{"raw invalid byte", "\"a\xffb\"", "\"a\uFFFDb\""},
		{"encoded surrogate", "\"\xed\xa0\x80\"", "\"\uFFFD\uFFFD\uFFFD\""},
		{"faults of syntax stay", `{"a":\u12`, `{"a":\u12`},
		{"a backslash at the end", `"\`, `"\`},
		{"a backslash before an invalid byte", "\"\\\xff\"", "\"\\\uFFFD\""},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if got := string(provider.StorableJSON([]byte(tt.in))); got != tt.want {
				t.Errorf("StorableJSON(%q) = %q, want %q", tt.in, got, tt.want)
			}
		})
	}
}

func TestCarry(t *testing.T) {
	deep := strings.Repeat("[", 100) + strings.Repeat("]", 100)
	tests := []struct{ name, in, want string }{
		{"nothing", "", ""},
		{"null is nothing", " null ", ""},
		{"as it is", ` {"a": [1.50, "e999999"]} `, `{"a": [1.50, "e999999"]}`},
		{"too deep", deep, `"` + deep + `"`},
		{"an exponent no store takes", `{"n":1E+999999}`, `"{\"n\":1E+999999}"`},
		{"a large exponent", `[1e300]`, `[1e300]`},
		{"a larger one", `[1e-301]`, `"[1e-301]"`},
		{"zeroes before the exponent", `[1e0000000000001]`, `[1e0000000000001]`},
		{"a long number", "[" + strings.Repeat("9", 400) + "]", `"[` + strings.Repeat("9", 400) + `]"`},
		{"braces in a string", `["\"[[[[", "]"]`, `["\"[[[[", "]"]`},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			got := provider.Carry([]byte(tt.in))
			if string(got) != tt.want {
				t.Errorf("Carry(%.60q) = %.80q, want %.80q", tt.in, got, tt.want)
			}
			if len(got) > 0 && !json.Valid(got) {
				t.Errorf("Carry(%.60q) is no JSON", tt.in)
			}
		})
	}
}

func TestPhone(t *testing.T) {
	tests := []struct {
		in, want string
		ok       bool
	}{
		{"15555550142", "+15555550142", true},
		{"+15555550142", "+15555550142", true},
		{"+1 (555) 555-0142", "+15555550142", true},
		{"+12", "+12", true},
		{"+123456789012345", "+123456789012345", true},
		{"+1234567890123456", "", false},
		{"", "", false}, {"+", "", false},
		{"+05555550142", "", false},
		{"22395", "", false}, // a short code
		{"VERIFY", "", false}, {"US.48213097715520641873", "", false},
		{"++15555550142", "", false}, {"tel:+15555550142", "", false}, {"+1555555O142", "", false},
		{"1-555-123-4567", "", false},
	}
	for _, tt := range tests {
		if got, ok := provider.Phone(tt.in); got != tt.want || ok != tt.ok {
			t.Errorf("Phone(%q) = %q, %v, want %q, %v", tt.in, got, ok, tt.want, tt.ok)
		}
	}
}

func TestWhatsAppUserID(t *testing.T) {
	tests := []struct {
		in         string
		ok, parent bool
	}{
		{"US.48213097715520641873", true, false},
		{"BZ.aB9", true, false},
		{"US.ENT.11820044917735560218", true, true},
		{"US.", false, false}, {"US.ENT.", false, false}, {"us.12", false, false}, {"USA.12", false, false},
		{"15555550142", false, false}, {"US.12 3", false, false}, {"", false, false},
		{"US." + strings.Repeat("1", 129), false, false},
	}
	for _, tt := range tests {
		if ok, parent := provider.WhatsAppUserID(tt.in); ok != tt.ok || parent != tt.parent {
			t.Errorf("WhatsAppUserID(%q) = %v, %v, want %v, %v", tt.in, ok, parent, tt.ok, tt.parent)
		}
	}
}

func FuzzStorableJSON(f *testing.F) {
	for _, s := range []string{`{"a":"\ud83d\ude42"}`, `"\ud83d"`, "\"\xff\\\"", `"\u0000"`, `[1e999]`} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, body []byte) {
		fixed := provider.StorableJSON(body)
		if again := provider.StorableJSON(fixed); string(again) != string(fixed) {
			t.Fatalf("StorableJSON is not its own fixed point: %q, %q", fixed, again)
		}
		if json.Valid(body) != json.Valid(fixed) {
			t.Fatalf("StorableJSON changed the validity of %q: %q", body, fixed)
		}
		if json.Valid(fixed) {
			if c := provider.Carry(fixed); len(c) > 0 && !json.Valid(c) {
				t.Fatalf("Carry(%q) = %q is no JSON", fixed, c)
			}
		}
	})
}
