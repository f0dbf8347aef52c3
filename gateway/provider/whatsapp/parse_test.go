package whatsapp

import (
	"encoding/json"
	"flag"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"frontdesk/gateway/provider"
)

var update = flag.Bool("update", false, "rewrite the golden files")

func samples(t testing.TB) map[string][]byte {
	t.Helper()
	files, err := filepath.Glob("testdata/samples/*.json")
	if err != nil || len(files) < 70 {
		t.Fatalf("found %d samples: %v", len(files), err)
	}
	out := map[string][]byte{}
	for _, f := range files {
		if out[strings.TrimSuffix(filepath.Base(f), ".json")], err = os.ReadFile(f); err != nil {
			t.Fatal(err)
		}
	}
	return out
}

// TestParseSamples holds every sample to its golden file, to the field, by
// whichever way it is read.
func TestParseSamples(t *testing.T) {
	for name, body := range samples(t) {
		t.Run(name, func(t *testing.T) {
			updates, err := Parse(body)
			if err != nil {
				t.Fatal(err)
			}
			got, err := json.MarshalIndent(updates, "", "  ")
			if err != nil {
				t.Fatal(err)
			}
			golden := filepath.Join("testdata/golden", name+".json")
			if *update {
				if err := os.WriteFile(golden, append(got, '\n'), 0o644); err != nil {
					t.Fatal(err)
				}
			}
			want, err := os.ReadFile(golden)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(strings.TrimSpace(string(want)), string(got)); diff != "" {
				t.Errorf("Parse() differs (-want +got):\n%s", diff)
			}
			lenient, err := parseLenient(body)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(updates, lenient); diff != "" {
				t.Errorf("the lenient reading differs (-strict +lenient):\n%s", diff)
			}
		})
	}
}

// TestParseSamplesStrictly keeps the one-pass reading in use: should it refuse
// ordinary bodies, nothing else would tell.
func TestParseSamplesStrictly(t *testing.T) {
	for name, body := range samples(t) {
		_, ok := parseStrict(body)
		odd := strings.Contains(name, "unsupported") || strings.Contains(name, "unknown") || strings.HasPrefix(name, "account_") ||
			strings.HasPrefix(name, "value_level") || strings.HasPrefix(name, "batch_mixed") || name == "public_wa-9ac689961113" || name == "public_wa-b8c2f185a47a"
		if ok == odd {
			t.Errorf("%s: read in one pass: %v, want %v", name, ok, !odd)
		}
	}
}

// TestParseSamplesQuickly does the same for the reading by hand: of texts and
// of statuses as they are mostly.
func TestParseSamplesQuickly(t *testing.T) {
	var read []string
	for name, body := range samples(t) {
		if _, ok := parseQuick(body); ok {
			read = append(read, name)
		}
	}
	slices.Sort(read)
	want := []string{
		"inbound_bsuid_no_phone", "inbound_bsuid_repeated_in_from", "inbound_bsuid_with_parent", "inbound_group_text",
		"inbound_text", "inbound_text_emoji_unicode", "inbound_text_forwarded", "inbound_text_frequently_forwarded",
		"inbound_text_numeric_ms_timestamp", "inbound_text_reply_context",
		"status_bsuid_only", "status_delivered", "status_played", "status_read", "status_sent", "status_sent_free_entry_point",
		"status_sent_service_free", "status_sent_with_conversation_v23",
	}
	if diff := cmp.Diff(want, read); diff != "" {
		t.Errorf("read by hand (-want +got):\n%s", diff)
	}
}

// only returns the one update of body.
func only(t *testing.T, body string) provider.Update {
	t.Helper()
	updates, err := Parse([]byte(body))
	if err != nil {
		t.Fatal(err)
	}
	if len(updates) != 1 {
		t.Fatalf("Parse() = %d updates, want one", len(updates))
	}
	return updates[0]
}
