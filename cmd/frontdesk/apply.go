package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"frontdesk/cmd/internal/boot"
	"frontdesk/gateway/tenant"
)

// applyCommand sets up a business from a file.
var applyCommand = command{
	name:    "apply",
	summary: "create or change a business from a file: apply -f business.yaml",
	run: func(ctx context.Context, args []string) error {
		return runApply(ctx, loadTarget, args, os.Stdin, os.Stdout)
	},
}

const applyUsage = `usage: frontdesk apply -f FILE|- [--prune] [--dry-run] [--server URL]

Creates or changes a business from a file in YAML or JSON: its channels, agents,
knowledge, keys and webhooks. Documents that the file names are read from beside
it. New keys and secrets are printed once. What the file does not name stays.
FRONTDESK_ADMIN_TOKEN is the server's admin token.

  -f         the file; - reads standard input
  --prune    remove what the file's sections no longer name
  --dry-run  change nothing, tell what would be done
  --server   the server to apply it to. Default: FRONTDESK_PUBLIC_URL

examples:
  frontdesk apply -f business.yaml --dry-run
  frontdesk apply -f business.yaml --server https://desk.example.com
`

func loadTarget() (applyTo, error) {
	cfg, err := boot.Load()
	return applyTo{server: cfg.PublicURL, token: string(cfg.AdminToken)}, err
}

// applyTo is the server that a file is sent to.
type applyTo struct{ server, token string }

// maxApplyAnswer bounds what is read of an answer.
const maxApplyAnswer = 16 << 20

// runApply sends the file that args name to target and prints what was done
// with it.
func runApply(ctx context.Context, target func() (applyTo, error), args []string, in io.Reader, out io.Writer) error {
	flags := flag.NewFlagSet("apply", flag.ContinueOnError)
	file := flags.String("f", "", "")
	prune := flags.Bool("prune", false, "")
	dry := flags.Bool("dry-run", false, "")
	server := flags.String("server", "", "")
	if err := parseAll(flags, applyUsage, args); err != nil {
		return err
	}
	if *file == "" {
		return &misuse{"name the file: -f business.yaml", applyUsage}
	}
	to, err := target()
	if err != nil {
		return err
	}
	if *server != "" {
		to.server = *server
	}
	if to.token == "" {
		return errors.New("set FRONTDESK_ADMIN_TOKEN to the server's admin token")
	}
	body, err := readBusiness(*file, in)
	if err != nil {
		return err
	}
	address := strings.TrimRight(to.server, "/") + "/admin/v1/apply?" + url.Values{
		"prune": {strconv.FormatBool(*prune)}, "dry_run": {strconv.FormatBool(*dry)},
	}.Encode()
	done, err := putBusiness(ctx, address, to.token, body)
	if err != nil {
		return err
	}
	done.print(out, *dry)
	return nil
}

// readBusiness reads the file with the documents that it names, which lie
// beside it.
func readBusiness(file string, in io.Reader) ([]byte, error) {
	dir := filepath.Dir(file)
	body, err := []byte(nil), error(nil)
	if file == "-" {
		dir = "."
		body, err = io.ReadAll(in)
	} else {
		body, err = os.ReadFile(file)
	}
	if err != nil {
		return nil, err
	}
	return tenant.Attach(body, func(name string) ([]byte, error) {
		if filepath.IsAbs(name) {
			return os.ReadFile(name)
		}
		return os.ReadFile(filepath.Join(dir, name))
	})
}

// applied is the server's answer.
type applied struct {
	Data struct {
		Keys      []struct{ Name, Key string }
		Webhooks  []struct{ URL, Secret string }
		Created   []string
		Changed   []string
		Unchanged []string
		Removed   []string
	}
	Error *struct {
		Message string
		Details []tenant.Problem
	}
}

func putBusiness(ctx context.Context, target, token string, body []byte) (applied, error) {
	ctx, cancel := context.WithTimeout(ctx, 6*time.Minute)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, http.MethodPut, target, bytes.NewReader(body))
	if err != nil {
		return applied{}, err
	}
	req.Header.Set("Authorization", "Bearer "+token)
	req.Header.Set("Content-Type", "application/yaml")
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		return applied{}, fmt.Errorf("reach the server: %w", err)
	}
	defer resp.Body.Close()
	var done applied
	if err := json.NewDecoder(io.LimitReader(resp.Body, maxApplyAnswer)).Decode(&done); err != nil {
		return applied{}, fmt.Errorf("the server answered %s, and not in JSON; is FRONTDESK_PUBLIC_URL frontdesk's address?", resp.Status)
	}
	if done.Error == nil {
		return done, nil
	}
	lines := []string{done.Error.Message}
	for _, p := range done.Error.Details {
		lines = append(lines, "  "+p.String())
	}
	return applied{}, errors.New(strings.Join(lines, "\n"))
}

func (a applied) print(out io.Writer, dry bool) {
	would := ""
	if dry {
		would = "would be "
	}
	for _, part := range []struct {
		word  string
		names []string
	}{{"created", a.Data.Created}, {"changed", a.Data.Changed}, {"removed", a.Data.Removed}} {
		for _, name := range part.names {
			fmt.Fprintf(out, "%s%s: %s\n", would, part.word, name)
		}
	}
	fmt.Fprintf(out, "unchanged: %d\n", len(a.Data.Unchanged))
	for _, k := range a.Data.Keys {
		fmt.Fprintf(out, "\nkey %s, shown this once:\n  %s\n", k.Name, k.Key)
	}
	for _, w := range a.Data.Webhooks {
		fmt.Fprintf(out, "\nsecret of webhook %s, shown this once:\n  %s\n", w.URL, w.Secret)
	}
}
