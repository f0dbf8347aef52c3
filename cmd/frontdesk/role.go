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

const roleUsage = `usage: frontdesk %[1]s

Runs one role: %[2]s.
Any number may run. It takes no flags: FRONTDESK_POSTGRES_URL, FRONTDESK_KAFKA_BROKERS,
FRONTDESK_CLICKHOUSE_URL and FRONTDESK_MASTER_KEY are needed; the README has all
variables with their defaults. frontdesk migrate comes first.

example:
  FRONTDESK_POSTGRES_URL=postgres://desk:secret@db/desk FRONTDESK_KAFKA_BROKERS=kafka:9092 \
  FRONTDESK_CLICKHOUSE_URL=http://clickhouse:8123/desk FRONTDESK_MASTER_KEY_FILE=/run/secrets/master \
  frontdesk %[1]s
`

// roleCommand runs one role on servers that it shares with the others.
func roleCommand(name, summary string, start func(*roles.House) error) command {
	return command{name: name, summary: summary, serves: true, run: func(ctx context.Context, args []string) error {
		flags := flag.NewFlagSet(name, flag.ContinueOnError)
		if err := parseAll(flags, fmt.Sprintf(roleUsage, name, strings.TrimPrefix(summary, "one role: ")), args); err != nil {
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

const migrateUsage = `usage: frontdesk migrate

Brings Postgres, ClickHouse and the topics up to date, once a release, before its
roles start. Repeating it does nothing. It takes no flags: the servers are those
that FRONTDESK_POSTGRES_URL, FRONTDESK_KAFKA_BROKERS and FRONTDESK_CLICKHOUSE_URL
name. frontdesk up does it by itself.
`

var migrateCommand = command{
	name:    "migrate",
	summary: "bring Postgres, ClickHouse and the topics up to date",
	run: func(ctx context.Context, args []string) error {
		flags := flag.NewFlagSet("migrate", flag.ContinueOnError)
		if err := parseAll(flags, migrateUsage, args); err != nil {
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
		return nil, nil, errors.New("replay works on servers that the roles share: set FRONTDESK_POSTGRES_URL, FRONTDESK_KAFKA_BROKERS and FRONTDESK_CLICKHOUSE_URL as they have them; the embedded engines of frontdesk up cannot be replayed")
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
