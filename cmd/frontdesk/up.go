package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"log/slog"
	"os"

	"frontdesk/cmd/internal/boot"
	"frontdesk/cmd/internal/roles"
)

const upUsage = `usage: frontdesk up [--demo FILE|none]

Runs all roles in one process. What FRONTDESK_POSTGRES_URL, FRONTDESK_KAFKA_BROKERS
and FRONTDESK_CLICKHOUSE_URL do not name runs as an embedded engine under
FRONTDESK_DATA_DIR; see the README.

  --demo  a business to begin with, in the form of frontdesk apply, whose keys
          are printed; none for none. Default: a dental clinic with a simulator.

examples:
  frontdesk up
  frontdesk up --demo business.yaml
  FRONTDESK_LISTEN=:8081 FRONTDESK_DATA_DIR=/var/lib/frontdesk frontdesk up --demo none
`

var upCommand = command{
	name:    "up",
	summary: "everything in one process, with a demo business to write to",
	serves:  true,
	run: func(ctx context.Context, args []string) error {
		flags := flag.NewFlagSet("up", flag.ContinueOnError)
		demo := flags.String("demo", "", "")
		if err := parseAll(flags, upUsage, args); err != nil {
			return err
		}
		cfg, err := boot.Load()
		if err != nil {
			return err
		}
		return up(ctx, cfg, *demo, os.Stdout)
	},
}

// up runs everything until ctx ends.
func up(ctx context.Context, cfg boot.Config, demo string, out io.Writer) error {
	log := boot.NewLogger(cfg, os.Stderr)
	fmt.Fprintln(out, "Frontdesk is starting …")
	return withGroup(ctx, log, func(g *boot.Group, health *boot.Health) error {
		engines, err := roles.StartEngines(g, health, cfg, log)
		if err != nil {
			return err
		}
		if err := roles.Migrate(g.Context(), engines, log); err != nil {
			return err
		}
		h, err := roles.Open(g, health, engines, log)
		if err != nil {
			return err
		}
		for _, start := range []func() error{h.Agent, h.Dispatch, h.Webhooks, h.Analytics, h.Gateway, h.Internal} {
			if err := start(); err != nil {
				return err
			}
		}
		business, err := settle(g.Context(), h, demo)
		if err != nil {
			return err
		}
		greet(out, engines.Config, business)
		return nil
	})
}

// withGroup calls start and then waits until ctx ends or a part fails; all that
// was started stops in order in either case.
func withGroup(ctx context.Context, log *slog.Logger, start func(*boot.Group, *boot.Health) error) error {
	boot.SetMemory()
	for _, name := range boot.Unknown() {
		log.Warn("nothing reads this variable; is it mistyped?", "variable", name)
	}
	g, health := boot.NewGroup(ctx, log), boot.NewHealth()
	context.AfterFunc(g.Context(), health.Stop)
	if err := start(g, health); err != nil {
		if ctx.Err() != nil && errors.Is(err, context.Canceled) {
			err = nil // asked to stop while starting
		}
		g.Fail(err)
	}
	return g.Wait()
}
