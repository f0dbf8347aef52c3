package main

import (
	"context"
	"flag"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"text/tabwriter"
	"time"

	"frontdesk/cmd/internal/boot"
	"frontdesk/cmd/internal/embedded"
	"frontdesk/deploy/schema"
	"frontdesk/gateway/callback"
)

// spoolCommand looks after callbacks that were taken and could not be
// published.
var spoolCommand = command{
	name:    "spool",
	summary: "callbacks set aside because they could not be published: list, retry",
	run: func(ctx context.Context, args []string) error {
		call, err := readSpool(args)
		if err != nil {
			return err
		}
		cfg, err := boot.Load()
		if err != nil {
			return err
		}
		return withSpool(ctx, cfg, func(s *callback.Spool) error { return call.run(ctx, s, os.Stdout) })
	},
}

const spoolUsage = `usage: frontdesk spool list
       frontdesk spool retry ID... | --all

A callback that cannot reach Kafka waits in Postgres and is published by itself
once Kafka is back. One that can never be published as it is, being too large
for the broker, is set aside for people.

  list   tells which are set aside and why
  retry  has them published again, once what stopped them is mended; the running
         gateway does it within seconds
  --all  all that are set aside

examples:
  frontdesk spool list
  frontdesk spool retry 17
`

// spoolCall is a call of spool.
type spoolCall struct {
	do  string // list or retry
	ids []int64
	all bool
}

func readSpool(args []string) (spoolCall, error) {
	flags := flag.NewFlagSet("spool", flag.ContinueOnError)
	var c spoolCall
	flags.BoolVar(&c.all, "all", false, "")
	if err := parseVerb(flags, spoolUsage, args, &c.do, "list", "retry"); err != nil {
		return c, err
	}
	for _, arg := range flags.Args() {
		id, err := strconv.ParseInt(arg, 10, 64)
		if err != nil {
			return c, &misuse{fmt.Sprintf("%q is no id of frontdesk spool list", arg), spoolUsage}
		}
		c.ids = append(c.ids, id)
	}
	switch {
	case c.all && len(c.ids) > 0:
		return c, &misuse{"give ids or --all, not both", spoolUsage}
	case c.do == "retry" && !c.all && len(c.ids) == 0:
		return c, &misuse{"give the ids of callbacks; frontdesk spool list tells them", spoolUsage}
	case c.do == "list" && len(c.ids) > 0:
		return c, &misuse{fmt.Sprintf("unexpected argument %d", c.ids[0]), spoolUsage}
	}
	return c, nil
}

// parked is what spool needs of *callback.Spool.
type parked interface {
	Parked(ctx context.Context, limit int) ([]callback.Entry, error)
	Unpark(ctx context.Context, id int64) error
}

// maxParked bounds what is listed, and retried, at once.
const maxParked = 1000

func (c spoolCall) run(ctx context.Context, s parked, out io.Writer) error {
	entries, err := s.Parked(ctx, maxParked)
	if err != nil {
		return err
	}
	if c.do == "list" {
		return listParked(out, entries)
	}
	for _, id := range c.ids {
		if !slices.ContainsFunc(entries, func(e callback.Entry) bool { return e.ID == id }) {
			return fmt.Errorf("no callback %d is set aside; frontdesk spool list tells which are", id)
		}
	}
	n := 0
	for _, e := range entries {
		if !c.all && !slices.Contains(c.ids, e.ID) {
			continue
		}
		if err := s.Unpark(ctx, e.ID); err != nil {
			return err
		}
		n++
	}
	fmt.Fprintf(out, "%d will be published again\n", n)
	return nil
}

// listParked prints no bodies, which hold customers' words.
func listParked(out io.Writer, entries []callback.Entry) error {
	if len(entries) == 0 {
		fmt.Fprintln(out, "no callbacks are set aside")
		return nil
	}
	w := tabwriter.NewWriter(out, 0, 0, 2, ' ', 0)
	fmt.Fprintln(w, "ID\tRECEIVED\tFROM\tBYTES\tWHY")
	for _, e := range entries {
		fmt.Fprintf(w, "%d\t%s\t%s\t%d\t%s\n", e.ID, e.ReceivedAt.Format(time.RFC3339), e.Provider, len(e.Body), shorten(e.Parked, 80))
	}
	return w.Flush()
}

// withSpool calls f with the spool in the Postgres that cfg names, or in that
// of the frontdesk that runs on its data folder.
func withSpool(ctx context.Context, cfg boot.Config, f func(*callback.Spool) error) error {
	url := string(cfg.PostgresURL)
	if url == "" {
		var err error
		if url, err = embedded.ReachPostgres(filepath.Join(cfg.DataDir, "postgres")); err != nil {
			return fmt.Errorf("%w (%s): set FRONTDESK_POSTGRES_URL, or FRONTDESK_DATA_DIR to that of a running frontdesk up", err, cfg.DataDir)
		}
	}
	db, closePools, err := schema.OpenPostgres(ctx, schema.Config{URL: url, MaxConns: 1, MaxSystemConns: 1})
	if err != nil {
		return err
	}
	defer closePools()
	return f(callback.NewSpool(db))
}
