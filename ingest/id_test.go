package ingest_test

import (
	"slices"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"frontdesk/ingest"
)

func TestNewIDsSortByTimeAndDiffer(t *testing.T) {
	var ids []string
	for ms := range 200 {
		ids = append(ids, ingest.NewID(ingest.PrefixMessage, at.Add(time.Duration(ms)*time.Millisecond)))
	}
	if !slices.IsSorted(ids) {
		t.Error("ids made one after the other do not sort")
	}
	seen := map[string]bool{}
	for range 10_000 {
		id := ingest.NewID(ingest.PrefixMessage, at)
		if seen[id] {
			t.Fatalf("%s was made twice", id)
		}
		seen[id] = true
	}
}

// Derived ids are in rows and in the log: they must be what they were.
func TestDerivedIDsAreStable(t *testing.T) {
	tests := []struct {
		name string
		got  string
		want string
	}{
		{"inbound", string(ingest.InboundID("tnt_1", "chn_1", at, "wamid.1")), "msg_01M7YQ1WHVJ411CRAE520C10XT"},
		{"without a time", string(ingest.InboundID("tnt_1", "chn_1", time.Time{}, "SM1")), "msg_0JEW1SFGPPJX6D3A5CTPE6Y1GR"},
		{"before 1970", ingest.DerivedID("x_", time.Unix(-5, 0), "a"), "x_0000000000XQTHRC4GX61NYBVW"},
		{"dead letter", ingest.NewDeadLetter("g", "t", 1, 2, nil, nil).ID, "ded_1FXJ4BGXPN7CBWA6E7Q7PCNNW0"},
		{"dead body", ingest.NewDeadBody("callback/x", []byte("{"), "malformed", "", at).ID, "ded_009AWKKGE9N0NR4WK7C31S346C"},
	}
	for _, tt := range tests {
		if tt.got != tt.want {
			t.Errorf("%s: %s, want %s", tt.name, tt.got, tt.want)
		}
	}
}

func TestDerivedIDDependsOnAllOfItsParts(t *testing.T) {
	base := ingest.DerivedID("x_", at, "ab", "c")
	if base != ingest.DerivedID("x_", at, "ab", "c") {
		t.Error("the same parts give another id")
	}
	for _, other := range []string{
		ingest.DerivedID("x_", at, "a", "bc"), ingest.DerivedID("x_", at, "abc"), ingest.DerivedID("x_", at, "ab", "c", ""),
		ingest.DerivedID("x_", at.Add(time.Millisecond), "ab", "c"), ingest.DerivedID("x_", time.Time{}, "ab", "c"),
	} {
		if other == base {
			t.Errorf("%s is the id of other parts too", base)
		}
	}
	if one, two := ingest.InboundID("t1", "c", at, "p"), ingest.InboundID("t2", "c", at, "p"); one == two {
		t.Error("two tenants' messages share an id")
	}
}

func TestIDsAreULIDs(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		when := time.UnixMilli(rapid.Int64Range(0, 1<<48-1).Draw(t, "ms"))
		parts := rapid.SliceOf(rapid.String()).Draw(t, "parts")
		for _, id := range []string{ingest.NewID("msg_", when), ingest.DerivedID("msg_", when, parts...)} {
			if !ingest.ValidID("msg_", id) {
				t.Fatalf("%s is no ULID", id)
			}
			if ms := millisOf(id[len("msg_"):]); ms != when.UnixMilli() {
				t.Fatalf("%s says %d ms, want %d", id, ms, when.UnixMilli())
			}
		}
		later := when.Add(time.Millisecond)
		if later.UnixMilli() < 1<<48 && ingest.DerivedID("x_", when, parts...) >= ingest.DerivedID("x_", later, parts...) {
			t.Fatal("a later id sorts before an earlier one")
		}
	})
}

// millisOf reads the time of a ULID: its first ten digits.
func millisOf(ulid string) int64 {
	var ms int64
	for _, c := range ulid[:10] {
		ms = ms<<5 | int64(strings.IndexRune("0123456789ABCDEFGHJKMNPQRSTVWXYZ", c))
	}
	return ms
}

func TestValidID(t *testing.T) {
	tests := []struct {
		id string
		ok bool
	}{
		{"msg_01KAJWTBKVF75Z0W3HTHX1ZAMX", true},
		{"msg_7ZZZZZZZZZZZZZZZZZZZZZZZZZ", true},
		{"msg_8ZZZZZZZZZZZZZZZZZZZZZZZZZ", false}, // more than 128 bits
		{"msg_01kajwtbkvf75z0w3hthx1zamx", false}, // lower case
		{"msg_01KAJWTBKVF75Z0W3HTHX1ZAM", false},
		{"msg_01KAJWTBKVF75Z0W3HTHX1ZAMXX", false},
		{"msg_01KAJWTBKVF75Z0W3HTHX1ZAMU", false}, // no U in the alphabet
		{"con_01KAJWTBKVF75Z0W3HTHX1ZAMX", false},
		{"msg_", false},
		{"", false},
	}
	for _, tt := range tests {
		if got := ingest.ValidID(ingest.PrefixMessage, tt.id); got != tt.ok {
			t.Errorf("ValidID(%q) = %v, want %v", tt.id, got, tt.ok)
		}
	}
}

func TestDeadLetterIsReadAsWritten(t *testing.T) {
	d := ingest.NewDeadLetter("frontdesk.agent", ingest.TopicInbound, 3, 42, []byte("k\xff"), []byte("\x00\xff{"))
	d.Tenant, d.Class, d.Error, d.At = "tnt_1", ingest.DeadMalformed, "unexpected end", at
	r, err := d.Record()
	if err != nil || r.Topic != ingest.TopicDead || string(r.Key) != d.ID {
		t.Fatalf("Record() = %+v, %v", r, err)
	}
	got, err := ingest.DecodeDeadLetter(r.Value)
	if err != nil || string(got.Key) != string(d.Key) || string(got.Value) != string(d.Value) || got.Offset != 42 || !got.At.Equal(at) {
		t.Errorf("read as %+v, %v", got, err)
	}
	if d.ID != ingest.NewDeadLetter("frontdesk.agent", ingest.TopicInbound, 3, 42, nil, nil).ID {
		t.Error("giving up the same record twice makes two dead letters")
	}
	for _, bad := range []string{"", "{}", `{"v":9,"id":"x"}`, "null"} {
		if _, err := ingest.DecodeDeadLetter([]byte(bad)); err == nil {
			t.Errorf("DecodeDeadLetter(%q) takes it", bad)
		}
	}
}

func TestConversationKey(t *testing.T) {
	both := ingest.Party{Identifiers: []ingest.Identifier{{Kind: ingest.Phone, Value: "+1"}, {Kind: ingest.WhatsAppUser, Value: "US.1"}}}
	tests := []struct {
		name  string
		party ingest.Party
		want  string
	}{
		{"the WhatsApp user before the phone", both, "US.1"},
		{"the phone", ingest.Party{Identifiers: both.Identifiers[:1]}, "+1"},
		{"whatever there is", ingest.Party{Identifiers: []ingest.Identifier{{Kind: ingest.SenderID, Value: "32665"}}}, "32665"},
		{"nothing", ingest.Party{}, ""},
	}
	for _, tt := range tests {
		if got := tt.party.Address(); got != tt.want {
			t.Errorf("%s: %q, want %q", tt.name, got, tt.want)
		}
	}
	if got := message(nil).Key(); got != "tnt_01JDAAAAAAAAAAAAAAAAAAAAAA|chn_01JDAAAAAAAAAAAAAAAAAAAAAA|US.13491208655302741918" {
		t.Errorf("Key() = %q", got)
	}
}

func TestStatusSupersedes(t *testing.T) {
	order := []ingest.Status{ingest.Queued, ingest.Sending, ingest.Unknown, ingest.Sent, ingest.Failed, ingest.Delivered, ingest.Read}
	for i, old := range order {
		for j, s := range order {
			if got := s.Supersedes(old); got != (j > i) {
				t.Errorf("%s after %s = %v, want %v", s, old, got, j > i)
			}
		}
	}
}
