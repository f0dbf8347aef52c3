package e2e

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"frontdesk/cmd/internal/ledger"
)

// post sends a body as a callback and returns the status.
func (s *scene) post(t *testing.T, body []byte, signature string) int {
	t.Helper()
	status, err := s.Post(t.Context(), &http.Client{Timeout: 10 * time.Second}, s.URL(), body, signature)
	if err != nil {
		t.Fatalf("post %d bytes: %v", len(body), err)
	}
	return status
}

// tool runs a subcommand beside the system and returns its output.
func (s *scene) tool(t *testing.T, args ...string) string {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), s.Binary, args...)
	cmd.Env = append(append(os.Environ(), "FRONTDESK_DATA_DIR="+s.Dir), s.Env...)
	out, err := cmd.CombinedOutput()
	if err != nil {
		t.Fatalf("frontdesk %s: %v: %s", strings.Join(args, " "), err, out)
	}
	return string(out)
}

func TestCallbacksThatAreRefused(t *testing.T) {
	s := start(t)
	good, signature := s.Callback(ledger.Text{From: "15555550501", ID: "wamid.r1", Body: "Do you have parking?", At: time.Now()})
	large := append(bytes.Repeat([]byte(" "), 3<<20+1), good...)
	broken := []byte(`{"object":"whatsapp_business_account","entry":[{`)
	for _, tt := range []struct {
		name      string
		body      []byte
		signature string
		want      int
	}{
		{"no signature", good, "", 401},
		{"another body's signature", good, s.Sign([]byte("x")), 401},
		{"over 3 MB", large, s.Sign(large), 413},
		{"malformed, unsigned", broken, s.Sign([]byte("x")), 401},
		{"malformed, signed", broken, s.Sign(broken), 400},
	} {
		if got := s.post(t, tt.body, tt.signature); got != tt.want {
			t.Errorf("%s: %d, want %d", tt.name, got, tt.want)
		}
	}
	if out := s.tool(t, "dead", "list"); !strings.Contains(out, "malformed") || strings.Count(out, "\n") != 2 {
		t.Errorf("frontdesk dead list says %q, want one malformed body", out)
	}
	if out := s.tool(t, "spool", "list"); !strings.Contains(out, "no callbacks are set aside") {
		t.Errorf("frontdesk spool list says %q", out)
	}
	// What is taken afterwards comes behind all of that in the log.
	unknown := bytes.Replace(good, []byte(`"type":"text"`), []byte(`"type":"hologram"`), 1)
	unknown = bytes.Replace(unknown, []byte("wamid.r1"), []byte("wamid.hologram"), 1)
	if got := s.post(t, unknown, s.Sign(unknown)); got != 200 {
		t.Errorf("an unknown type: %d, want 200", got)
	}
	var stored []json.RawMessage
	eventually(t, "the unknown type is stored", func() bool {
		stored = s.messages(t, url.Values{"direction": {"inbound"}})
		return len(stored) > 0
	})
	if len(stored) != 1 || !strings.Contains(string(stored[0]), "unsupported") || !strings.Contains(string(stored[0]), "wamid.hologram") {
		t.Errorf("stored %s, want the unknown type alone", stored)
	}
	if status := s.post(t, good, signature); status != 200 {
		t.Errorf("the good one: %d", status)
	}
	eventually(t, "the good one is answered", func() bool { return len(s.replies("15555550501")) > 0 })
}

// set reads a file of the evaluation sets, one JSON object a line.
func set(t *testing.T, name string) []map[string]any {
	t.Helper()
	root := os.Getenv("FRONTDESK_TEST_EVAL")
	if root == "" {
		root = filepath.Join("..", "..", "..", "..", "shared", "eval")
	}
	raw, err := os.ReadFile(filepath.Join(root, name))
	if err != nil {
		t.Skipf("the evaluation sets are not here: %v", err)
	}
	var out []map[string]any
	for dec := json.NewDecoder(bytes.NewReader(raw)); ; {
		var line map[string]any
		if err := dec.Decode(&line); err == io.EOF {
			return out
		} else if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		out = append(out, line)
	}
}

// TestBadJSON posts each case alone, and inside a text beside a neighbour.
func TestBadJSON(t *testing.T) {
	cases := append(set(t, "bad_json_parser_suite/cases.dev.jsonl"), set(t, "bad_json_parser_suite/transform.dev.jsonl")...)
	s := start(t)
	neighbours := 0
	for i, c := range cases {
		body := document(t, c)
		switch status := s.post(t, body, s.Sign(body)); {
		case status >= 500:
			t.Errorf("%v: %d", c["id"], status)
		case c["expect"] == "reject" && status == 200:
			t.Errorf("%v is no JSON and was taken", c["id"])
		}
		// As the value of a field that nobody reads, where it is JSON at all.
		good, _ := s.Callback(ledger.Text{From: fmt.Sprintf("15555553%03d", i), ID: fmt.Sprintf("wamid.beside%d", i), Body: "Do you have parking?", At: time.Now().Add(-48 * time.Hour)})
		mixed := bytes.Replace(good, []byte(`"messages":[`), append(append([]byte(`"messages":[{"type":"odd","odd":`), body...), "},"...), 1)
		switch status := s.post(t, mixed, s.Sign(mixed)); {
		case status >= 500:
			t.Errorf("%v beside a neighbour: %d", c["id"], status)
		case status == 200:
			neighbours++
		case json.Valid(body):
			t.Errorf("%v is JSON; beside a neighbour: %d", c["id"], status)
		}
	}
	if neighbours == 0 {
		t.Fatal("no case was taken beside a neighbour: the test shows nothing")
	}
	eventually(t, "all neighbours stored", func() bool {
		n := 0
		for _, m := range s.messages(t, url.Values{"direction": {"inbound"}}) {
			if strings.Contains(string(m), "wamid.beside") {
				n++
			}
		}
		return n == neighbours
	})
}

// document returns the bytes of a case: as they are, or made by repeating.
func document(t *testing.T, c map[string]any) []byte {
	t.Helper()
	if g, ok := c["generate"].(map[string]any); ok {
		repeat, _ := g["repeat"].(string)
		times, _ := g["times"].(float64)
		suffix, _ := g["suffix"].(string)
		return []byte(strings.Repeat(repeat, int(times)) + suffix)
	}
	encoded, _ := c["base64"].(string)
	body, err := base64.StdEncoding.DecodeString(encoded)
	if err != nil {
		t.Fatalf("%v: %v", c["id"], err)
	}
	return body
}

// TestBadTexts sends naughty strings and injections as messages, several in one
// POST, and wants each stored as it was written.
func TestBadTexts(t *testing.T) {
	lines := append(set(t, "bad_naughty_strings/strings.dev.jsonl"), set(t, "bad_prompt_injections/prompts.dev.jsonl")...)
	s := start(t)
	want := map[string]string{}
	var texts []ledger.Text
	for i, line := range lines {
		body, _ := line["text"].(string)
		if body == "" || !utf8.ValidString(body) {
			continue
		}
		id := fmt.Sprintf("wamid.naughty%d", i)
		want[id] = body
		name := []rune(body)
		texts = append(texts, ledger.Text{From: fmt.Sprintf("1555666%04d", i), ID: id, Body: body, Name: string(name[:min(len(name), 100)]), At: time.Now()})
	}
	for from := 0; from < len(texts); from += 20 {
		s.say(t, texts[from:min(from+20, len(texts))]...)
	}
	stored := map[string]string{}
	eventually(t, "all texts stored", func() bool {
		for _, raw := range s.messages(t, url.Values{"direction": {"inbound"}}) {
			var m struct {
				Text string
				ID   string `json:"provider_message_id"`
			}
			if err := json.Unmarshal(raw, &m); err != nil {
				t.Fatal(err)
			}
			stored[m.ID] = m.Text
		}
		return len(stored) == len(want)
	})
	for id, text := range want {
		if text = strings.ReplaceAll(text, "\x00", "\ufffd"); stored[id] != text { // Postgres keeps no NUL
			t.Errorf("%s: %q came back as %q", id, text, stored[id])
		}
	}
	for _, send := range s.provider.Sends() {
		if strings.Contains(send.Text, "ignore previous") {
			t.Errorf("a reply repeats an instruction: %q", send.Text)
		}
	}
}

// TestBadFields gives naughty strings to the API.
func TestBadFields(t *testing.T) {
	lines := set(t, "bad_naughty_strings/strings.dev.jsonl")
	s := start(t)
	for _, line := range lines {
		text, _ := line["text"].(string)
		if strings.TrimSpace(text) == "" || !utf8.ValidString(text) {
			continue
		}
		status, made := s.try(t, http.MethodPost, "/v1/knowledge", map[string]any{"title": "T " + line["id"].(string), "content": text, "type": "text"})
		switch {
		case status >= 500:
			t.Errorf("%v as an article: %d", line["id"], status)
		case status/100 == 2 && made["content"] != strings.TrimSpace(text): // an article has no white space around it
			t.Errorf("%v as an article: %q came back as %q", line["id"], text, made["content"])
		}
		for _, path := range []string{"/v1/contacts?query=", "/v1/knowledge/search?q=", "/v1/knowledge/", "/v1/messages?cursor="} {
			if status, _ := s.try(t, http.MethodGet, path+url.QueryEscape(text), nil); status >= 500 {
				t.Errorf("%v in %s: %d", line["id"], path, status)
			}
		}
		if status, _ := s.try(t, http.MethodPost, "/v1/messages", map[string]any{"to": text, "text": text}); status >= 500 {
			t.Errorf("%v as a message: %d", line["id"], status)
		}
	}
}
