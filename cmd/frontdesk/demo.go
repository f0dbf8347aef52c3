package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net"
	"net/url"
	"os"
	"path/filepath"
	"strings"

	"frontdesk/cmd/internal/boot"
	"frontdesk/cmd/internal/roles"
	"frontdesk/deploy/examples"
	"frontdesk/gateway/reference"
	"frontdesk/gateway/tenant"
)

// demoKeys are the keys of the demo business by name, as they are kept in the
// data folder: the database has only their hashes.
type demoKeys map[string]string

// demo is the business that a newcomer begins with; the zero value is none.
type demo struct {
	slug string // empty: it takes no bookings
	keys demoKeys
}

// settle applies the business of --demo and returns it with its keys, those of
// earlier starts too.
func settle(ctx context.Context, h *roles.House, name string) (demo, error) {
	if name == "none" {
		return demo{}, nil
	}
	file, err := demoFile(name)
	if err != nil {
		return demo{}, err
	}
	applied, err := h.Applier.Apply(ctx, file, tenant.ApplyOptions{})
	if err != nil {
		return demo{}, err
	}
	keys, err := keepKeys(filepath.Join(h.Config.DataDir, "demo-keys.json"), applied.Keys)
	if len(file.Services) == 0 {
		return demo{keys: keys}, err
	}
	return demo{slug: file.Business.Slug, keys: keys}, err
}

// demoFile reads the business of --demo with the documents that lie beside it,
// or the built-in one.
func demoFile(name string) (*tenant.File, error) {
	if name == "" {
		file, err := tenant.Parse(examples.CasaMaya)
		if err != nil {
			return nil, fmt.Errorf("the demo business: %w", err)
		}
		return file, nil
	}
	raw, err := readBusiness(name, strings.NewReader(""))
	if err != nil {
		return nil, fmt.Errorf("--demo: %w", err)
	}
	file, err := tenant.Parse(raw)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", name, err)
	}
	return file, nil
}

func keepKeys(path string, fresh []tenant.NewKey) (demoKeys, error) {
	keys := demoKeys{}
	raw, err := os.ReadFile(path)
	if err == nil {
		err = json.Unmarshal(raw, &keys)
	}
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("read the demo's keys: %w", err)
	}
	if len(fresh) == 0 {
		return keys, nil
	}
	for _, k := range fresh {
		keys[k.Name] = k.Key
	}
	if raw, err = json.MarshalIndent(keys, "", "  "); err != nil {
		return nil, err
	}
	return keys, os.WriteFile(path, append(raw, '\n'), 0o600)
}

// greet tells where to go first.
func greet(out io.Writer, cfg boot.Config, d demo) {
	base := localBase(cfg)
	fmt.Fprintf(out, "\nFrontdesk is up at %s\n\n", base)
	line := func(name, format string, args ...any) {
		fmt.Fprintf(out, "  %-11s "+format+"\n", append([]any{name}, args...)...)
	}
	test, live := d.keys["test"], d.keys["live"]
	if test == "" {
		line("Next", "frontdesk apply -f business.yaml (see the README)")
		line("API", "%s%s", base, reference.Path)
		fmt.Fprintln(out)
		return
	}
	line("Simulator", "%s/simulator#key=%s", base, url.QueryEscape(test))
	if d.slug != "" {
		line("Booking", "%s/book/%s", base, d.slug)
	}
	line("API", "%s%s", base, reference.Path)
	line("Test key", "%s", test)
	line("Live key", "%s", live)
	line("Try", "curl -s %s/v1/me -H 'Authorization: Bearer %s'", base, test)
	fmt.Fprintln(out)
}

// localBase is how someone at this machine reaches the public listener.
func localBase(cfg boot.Config) string {
	host, port, err := net.SplitHostPort(cfg.Listen)
	if err != nil || host == "" || host == "0.0.0.0" || host == "::" {
		host = "localhost"
	}
	return "http://" + net.JoinHostPort(host, port)
}
