package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"time"

	"frontdesk/cmd/internal/boot"
	"frontdesk/ingest"
	"frontdesk/ingest/stream"
)

// openHandler makes the handler that the live consumer of inbound has, on cfg's
// stores, and what releases them.
type openHandler func(ctx context.Context, cfg boot.Config) (h stream.Handler, release func() error, err error)

// replayCommand reads inbound again through the handler that open makes.
func replayCommand(open openHandler) command {
	return command{
		name:    "replay",
		summary: "read what contacts said again, from a time or an offset; what is there already stays as it is",
		run: func(ctx context.Context, args []string) error {
			from, err := replayFrom(args, time.Now())
			if err != nil {
				return err
			}
			cfg, err := boot.Load()
			if err != nil {
				return err
			}
			h, release, err := open(ctx, cfg)
			if err != nil {
				return err
			}
			err = withKafka(ctx, cfg, func(ctx context.Context, k stream.Config) error {
				return runReplay(ctx, k, from, h, os.Stdout)
			})
			return errors.Join(err, release())
		},
	}
}

const replayUsage = `usage: frontdesk replay --from TIME | --since DURATION | --offset N

Reads the topic of inbound messages again, to its present end, and hands each
message to the same handler that had it the first time. Everything that is
there already stays as it is: the handler knows a message by its id. What is
missing, as after the database was restored from a backup, is made up for, and
messages without an answer then get one. The running readers are neither moved
nor stopped. It needs the servers that the roles share; the embedded engines of
frontdesk up are not among them.

  --from    the first message published at or after TIME, 2026-11-21T09:00:00Z
  --since   the same, as long before now: 24h, 90m
  --offset  offset N in each partition; 0 is all that is kept

example:
  frontdesk replay --since 24h
`

// replayFrom reads the arguments.
func replayFrom(args []string, now time.Time) (stream.From, error) {
	flags := flag.NewFlagSet("replay", flag.ContinueOnError)
	from := flags.String("from", "", "")
	since := flags.Duration("since", 0, "")
	offset := flags.Int64("offset", -1, "")
	if err := parseAll(flags, replayUsage, args); err != nil {
		return stream.From{}, err
	}
	given := 0
	flags.Visit(func(*flag.Flag) { given++ })
	switch {
	case given != 1:
		return stream.From{}, &misuse{"give one of --from, --since and --offset", replayUsage}
	case *since < 0 || *offset < -1:
		return stream.From{}, &misuse{"--since and --offset must not be below zero", replayUsage}
	case *offset >= 0:
		return stream.From{Offset: *offset}, nil
	case *since > 0:
		return stream.From{Time: now.Add(-*since)}, nil
	}
	t, err := time.Parse(time.RFC3339, *from)
	if err != nil {
		return stream.From{}, &misuse{fmt.Sprintf("--from cannot be %q; a time is such as 2026-11-21T09:00:00Z", *from), replayUsage}
	}
	return stream.From{Time: t}, nil
}

// runReplay replays inbound and says what was done, also when it failed.
func runReplay(ctx context.Context, k stream.Config, from stream.From, h stream.Handler, out io.Writer) error {
	done, err := stream.Replay(ctx, k, ingest.TopicInbound, from, h)
	fmt.Fprintf(out, "%d events read again, %d skipped that can never be accepted\n", done.Events, done.Skipped)
	return err
}
