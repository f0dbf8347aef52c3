package main

import (
	"bufio"
	"bytes"
	"crypto/sha1"
	"encoding/json"
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// The figures of understanding, measured through the command itself on the
// evaluation sets in the folder that FRONTDESK_TEST_EVAL names, and computed as
// the sets' descriptions say. Each set is also split in two by a hash of its
// ids: errors are shown of the first half only, so that the second tells what
// the figure is worth on texts that nobody has looked at.

var showErrors = flag.Bool("errors", false, "print the misread texts of the first half of each set")

// evalSet returns the lines of a set's file, or skips.
func evalSet[T any](t *testing.T, set, file string) []T {
	t.Helper()
	root := os.Getenv("FRONTDESK_TEST_EVAL")
	if root == "" {
		t.Skip("FRONTDESK_TEST_EVAL names no folder of evaluation sets")
	}
	if _, err := os.Stat(filepath.Join(root, set)); err != nil {
		t.Skipf("FRONTDESK_TEST_EVAL has no %s", set)
	}
	return readLines[T](t, filepath.Join(root, set, file))
}

func readLines[T any](t *testing.T, path string) []T {
	t.Helper()
	f, err := os.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	var out []T
	lines := bufio.NewScanner(f)
	for lines.Buffer(nil, 16<<20); lines.Scan(); {
		var item T
		if err := json.Unmarshal(lines.Bytes(), &item); err != nil {
			t.Fatalf("%s: %v", filepath.Base(path), err)
		}
		out = append(out, item)
	}
	if len(out) == 0 {
		t.Fatalf("%s is empty", path)
	}
	return out
}

// said is what the figures read of a line of output.
type said struct {
	ID    string   `json:"id"`
	Error string   `json:"error"`
	Acts  []string `json:"acts"`
	Times []struct {
		Start string `json:"start"`
	} `json:"times"`
	Values   []string `json:"values"`
	Services []string `json:"services"`
	Staff    []string `json:"staff"`
	Flags    []string `json:"flags"`
}

// message is a line of input.
type message struct {
	ID        string   `json:"id"`
	Text      string   `json:"text"`
	Reference string   `json:"reference"`
	Timezone  string   `json:"timezone,omitempty"`
	Language  string   `json:"language,omitempty"`
	Previous  string   `json:"previous,omitempty"`
	Speaker   string   `json:"speaker,omitempty"`
	Staff     []string `json:"staff,omitempty"`
	Services  []string `json:"services,omitempty"`
}

// hear returns what the command says of messages, one for each.
func hear(t *testing.T, messages []message) []said {
	t.Helper()
	var in, out bytes.Buffer
	encoder := json.NewEncoder(&in)
	for _, m := range messages {
		if err := encoder.Encode(m); err != nil {
			t.Fatal(err)
		}
	}
	if err := understandLines(&in, &out); err != nil {
		t.Fatal(err)
	}
	lines := strings.Split(strings.TrimSuffix(out.String(), "\n"), "\n")
	if len(lines) != len(messages) {
		t.Fatalf("%d lines for %d messages", len(lines), len(messages))
	}
	all := make([]said, len(lines))
	for i, line := range lines {
		if err := json.Unmarshal([]byte(line), &all[i]); err != nil || all[i].ID != messages[i].ID || all[i].Error != "" {
			t.Fatalf("line %d is %s (%v)", i, line, err)
		}
	}
	return all
}

// half is 0 for what may be looked at and 1 for what is kept aside.
func half(id string) int {
	sum := sha1.Sum([]byte(id))
	return int(sum[0] & 1)
}

// tally counts what is right, of all and by half.
type tally struct{ right, all [2]int }

func (r *tally) add(id string, right bool) {
	h := half(id)
	r.all[h]++
	if right {
		r.right[h]++
	}
}

func (r *tally) rate() float64 { return ratio(r.right[0]+r.right[1], r.all[0]+r.all[1]) }

func (r *tally) log(t *testing.T, what string) {
	t.Helper()
	t.Logf("%-32s %5.1f %% of %d (seen %.1f, held out %.1f)", what, 100*r.rate(), r.all[0]+r.all[1], 100*ratio(r.right[0], r.all[0]), 100*ratio(r.right[1], r.all[1]))
}

func ratio(a, b int) float64 {
	if b == 0 {
		return 0
	}
	return float64(a) / float64(b)
}

// misread logs a text of the first half.
func misread(t *testing.T, id, format string, args ...any) {
	t.Helper()
	if *showErrors && half(id) == 0 {
		t.Logf(id+": "+format, args...)
	}
}

// atLeast fails a figure that is under its threshold.
func atLeast(t *testing.T, what string, got, want float64) {
	t.Helper()
	if got < want {
		t.Errorf("%s is %.4f, want at least %.4f", what, got, want)
	}
}

func atMost(t *testing.T, what string, got, want float64) {
	t.Helper()
	if got > want {
		t.Errorf("%s is %.4f, want at most %.4f", what, got, want)
	}
}
