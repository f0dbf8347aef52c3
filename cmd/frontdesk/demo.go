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
	"frontdesk/gateway/tenant"
)

// demoKeys are the keys of the demo business by name, as they are kept in the
// data folder: the database has only their hashes.
type demoKeys map[string]string

// settle applies the demo business and returns its keys, those of earlier
// starts too. Without a demo there are none.
func settle(ctx context.Context, h *roles.House, demo string) (demoKeys, error) {
	if demo == "none" {
		return nil, nil
	}
	file, err := demoFile(demo)
	if err != nil {
		return nil, err
	}
	applied, err := h.Applier.Apply(ctx, file, tenant.ApplyOptions{})
	if err != nil {
		return nil, err
	}
	return keepKeys(filepath.Join(h.Config.DataDir, "demo-keys.json"), applied.Keys)
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
func greet(out io.Writer, cfg boot.Config, keys demoKeys) {
	base := localBase(cfg)
	fmt.Fprintf(out, "\nFrontdesk is up at %s\n\n", base)
	test, live := keys["test"], keys["live"]
	if test == "" {
		fmt.Fprintf(out, "  Next        frontdesk apply -f business.yaml (see the README)\n  API         %s/v1/openapi.json\n\n", base)
		return
	}
	fmt.Fprintf(out, "  Simulator   %s/simulator#key=%s\n  Test key    %s\n  Live key    %s\n", base, url.QueryEscape(test), test, live)
	fmt.Fprintf(out, "  API         %s/v1/openapi.json\n  Try         curl -s %s/v1/me -H 'Authorization: Bearer %s'\n\n", base, base, test)
}

// localBase is how someone at this machine reaches the public listener.
func localBase(cfg boot.Config) string {
	host, port, err := net.SplitHostPort(cfg.Listen)
	if err != nil || host == "" || host == "0.0.0.0" || host == "::" {
		host = "localhost"
	}
	return "http://" + net.JoinHostPort(host, port)
}
