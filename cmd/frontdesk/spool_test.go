package main

import (
	"context"
	"errors"
	"flag"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"frontdesk/cmd/internal/boot"
	"frontdesk/deploy/schema/schematest"
	"frontdesk/gateway/callback"
)

func TestSpool(t *testing.T) {
	s := callback.NewSpool(schematest.Postgres(t))
	for _, body := range []string{"my secret", "another"} {
		e := callback.Entry{Provider: "whatsapp", Body: []byte(body), ReceivedAt: time.Now(), Parked: "too large for the broker"}
		if err := s.Put(t.Context(), e); err != nil {
			t.Fatal(err)
		}
	}
	entries, err := s.Parked(t.Context(), 10)
	if err != nil || len(entries) != 2 {
		t.Fatalf("Parked() = %d, %v", len(entries), err)
	}
	tests := []struct {
		name string
		args string
		want string // in the output, or in the error
	}{
		{"list", "list", "too large for the broker"},
		{"no id", "retry", "give the ids"},
		{"no number", "retry x", `"x" is no id`},
		{"an unknown id", "retry 999999", "no callback 999999 is set aside"},
		{"both", "retry --all 1", "not both"},
		{"all", "retry --all", "2 will be published again"},
		{"nothing is left", "list", "no callbacks are set aside"},
		{"nonsense", "drop", `"drop" is none of list, retry`},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			var out strings.Builder
			call, err := readSpool(strings.Fields(tt.args))
			if err == nil {
				err = call.run(t.Context(), s, &out)
			}
			got := out.String()
			if err != nil {
				got += err.Error()
			}
			if !strings.Contains(got, tt.want) || strings.Contains(got, "my secret") {
				t.Errorf("%q, want %q and no customer's words", got, tt.want)
			}
		})
	}
}

func TestSpoolNeedsARunningFrontdesk(t *testing.T) {
	err := withSpool(t.Context(), boot.Config{DataDir: t.TempDir()}, func(*callback.Spool) error { return nil })
	if err == nil || !strings.Contains(err.Error(), "FRONTDESK_DATA_DIR") {
		t.Errorf("error %v, want one that says what to do", err)
	}
}

// Help is given without a configuration, a broker or a database.
func TestHelp(t *testing.T) {
	t.Setenv("FRONTDESK_LISTEN", "nonsense: no command may read this to print its help")
	for _, c := range commands() {
		if c.summary == "" {
			continue
		}
		for _, args := range [][]string{{"--help"}, {"-h"}} {
			if err := c.run(t.Context(), args); !errors.Is(err, flag.ErrHelp) {
				t.Errorf("frontdesk %s %s: %v, want its usage", c.name, args[0], err)
			}
		}
	}
	if status := run(context.Background(), []string{"dead", "--help"}, io.Discard); status != 0 {
		t.Errorf("frontdesk dead --help ends with %d", status)
	}
}

func TestDemoFileReadsTheDocumentsBesideIt(t *testing.T) {
	dir := t.TempDir()
	business := "business: {slug: a, name: A}\nknowledge:\n  - {title: Prices, file: prices.txt}\n"
	for name, text := range map[string]string{"business.yaml": business, "prices.txt": "A cleaning costs 120."} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	file, err := demoFile(filepath.Join(dir, "business.yaml"))
	if err != nil || file.Knowledge[0].Content != "A cleaning costs 120." {
		t.Errorf("demoFile() = %+v, %v", file, err)
	}
	if _, err := demoFile(filepath.Join(dir, "nowhere.yaml")); err == nil || !strings.Contains(err.Error(), "--demo") {
		t.Errorf("a file that is not there: %v", err)
	}
}

// A wrong call ends with 2, says what is wrong with it in the words of the help,
// and how it is called.
func TestWrongCalls(t *testing.T) {
	t.Setenv("FRONTDESK_LISTEN", "nonsense: a wrong call is told of before this is read")
	tests := []struct{ call, want string }{
		{"up --bogus", "there is no flag --bogus"},
		{"up now", `unexpected argument "now"`},
		{"gateway now", `unexpected argument "now"`},
		{"migrate now", `unexpected argument "now"`},
		{"apply -f", "a value is missing after -f"},
		{"apply", "name the file"},
		{"replay", "give one of --from, --since and --offset"},
		{"replay --since 3", `--since cannot be "3"`},
		{"replay --from yesterday", "--from cannot be"},
		{"dead", "say what to do: list, show, replay, discard"},
		{"dead lst", `"lst" is none of list, show, replay, discard`},
		{"dead list --most", "there is no flag --most"},
		{"spool retry x", `"x" is no id`},
		{"understand now", `unexpected argument "now"`},
		{"kb eval", "--articles and --queries are needed"},
	}
	for _, tt := range tests {
		var out strings.Builder
		args := strings.Fields(tt.call)
		if status := run(t.Context(), args, &out); status != 2 {
			t.Errorf("frontdesk %s ends with %d, want 2", tt.call, status)
		}
		if got := out.String(); !strings.HasPrefix(got, "frontdesk "+args[0]+": ") || !strings.Contains(got, tt.want) || !strings.Contains(got, "\n\nusage: frontdesk "+args[0]) {
			t.Errorf("frontdesk %s says\n%s\nwant %q and the usage", tt.call, got, tt.want)
		}
	}
}
