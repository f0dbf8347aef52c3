package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"strings"

	"frontdesk/cmd/internal/boot"
	"frontdesk/cmd/internal/roles"
	"frontdesk/ingest/stream"
)

// roleCommand runs one role on servers that it shares with the others.
func roleCommand(name, summary string, start func(*roles.House) error) command {
	return command{name: name, summary: summary, serves: true, run: func(ctx context.Context, args []string) error {
		flags := flag.NewFlagSet(name, flag.ContinueOnError)
		flags.Usage = func() {
			fmt.Fprintf(flags.Output(), "usage: frontdesk %s\n\nRuns one role: %s.\nAny number may run. It is configured by FRONTDESK_* variables alone; see the\nREADME.\n", name, strings.TrimPrefix(summary, "one role: "))
		}
		if err := flags.Parse(args); err != nil {
			return err
		}
		cfg, err := boot.Load()
		if err != nil {
			return err
		}
		return runRole(ctx, cfg, start)
	}}
}

func runRole(ctx context.Context, cfg boot.Config, start func(*roles.House) error) error {
	if cfg.PostgresURL == "" || len(cfg.KafkaBrokers) == 0 || cfg.ClickHouseURL == "" {
		return roles.ErrNoEngines
	}
	log := boot.NewLogger(cfg, os.Stderr)
	return withGroup(ctx, log, func(g *boot.Group, health *boot.Health) error {
		h, err := roles.Open(g, health, roles.Engines{Config: cfg}, log)
		if err != nil {
			return err
		}
		if err := start(h); err != nil {
			return err
		}
		return h.Internal()
	})
}

var migrateCommand = command{
	name:    "migrate",
	summary: "bring Postgres, ClickHouse and the topics up to date",
	run: func(ctx context.Context, args []string) error {
		flags := flag.NewFlagSet("migrate", flag.ContinueOnError)
		flags.Usage = func() {
			fmt.Fprint(flags.Output(), "usage: frontdesk migrate\n\nBrings Postgres, ClickHouse and the topics up to date. Repeating it does nothing.\n")
		}
		if err := flags.Parse(args); err != nil {
			return err
		}
		cfg, err := boot.Load()
		if err != nil {
			return err
		}
		if cfg.PostgresURL == "" || len(cfg.KafkaBrokers) == 0 || cfg.ClickHouseURL == "" {
			return fmt.Errorf("frontdesk up migrates its embedded engines itself; %w", roles.ErrNoEngines)
		}
		return roles.Migrate(ctx, roles.Engines{Config: cfg}, boot.NewLogger(cfg, os.Stderr))
	},
}

// openRecorder makes the live handler of inbound messages on cfg's stores, for
// a replay.
func openRecorder(ctx context.Context, cfg boot.Config) (stream.Handler, func() error, error) {
	if cfg.PostgresURL == "" {
		return nil, nil, fmt.Errorf("replay writes to the servers that the roles use; %w", roles.ErrNoEngines)
	}
	ctx, stop := context.WithCancel(ctx)
	log := boot.NewLogger(cfg, os.Stderr)
	g := boot.NewGroup(ctx, log)
	release := func() error { stop(); return g.Wait() }
	h, err := roles.Open(g, boot.NewHealth(), roles.Engines{Config: cfg}, log)
	if err != nil {
		return nil, nil, errors.Join(err, release())
	}
	return h.Recorder(), release, nil
}
