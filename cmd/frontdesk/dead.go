package main

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"text/tabwriter"
	"time"
	"unicode/utf8"

	"golang.org/x/sync/errgroup"

	"frontdesk/cmd/internal/boot"
	"frontdesk/cmd/internal/embedded"
	"frontdesk/ingest"
	"frontdesk/ingest/stream"
)

// deadCommand looks after what could never be taken.
var deadCommand = command{
	name:    "dead",
	summary: "dead letters: list, show, replay or discard what could never be taken",
	run: func(ctx context.Context, args []string) error {
		call, err := readDead(args)
		if err != nil {
			return err
		}
		cfg, err := boot.Load()
		if err != nil {
			return err
		}
		return withKafka(ctx, cfg, func(ctx context.Context, k stream.Config) error {
			return call.run(ctx, k, os.Stdout)
		})
	},
}

const deadUsage = `usage: frontdesk dead list [--json]
       frontdesk dead show ID
       frontdesk dead replay ID... | --all
       frontdesk dead discard ID... | --all

Looks after what could never be taken, in the log that FRONTDESK_KAFKA_BROKERS
names, else in that of FRONTDESK_DATA_DIR.

  list     tells where each dead letter is from and why it was given up
  show     prints one with its original bytes, which may hold a customer's words
  replay   publishes the original again and takes the dead letter away
  discard  takes the dead letter away
  --json   one JSON object a line
  --all    all dead letters

examples:
  frontdesk dead list
  frontdesk dead replay ded_01KA2B3C4D5E6F7G8H9JKMNPQR
`

// deadCall is a call of dead.
type deadCall struct {
	do     string // list, show, replay or discard
	ids    []string
	asJSON bool
	all    bool
}

// readDead reads the arguments before anything is opened.
func readDead(args []string) (deadCall, error) {
	flags := flag.NewFlagSet("dead", flag.ContinueOnError)
	var c deadCall
	flags.BoolVar(&c.asJSON, "json", false, "")
	flags.BoolVar(&c.all, "all", false, "")
	err := parseVerb(flags, deadUsage, args, &c.do, "list", "show", "replay", "discard")
	c.ids = flags.Args()
	return c, err
}

// run does what was asked with the dead letters of k.
func (c deadCall) run(ctx context.Context, k stream.Config, out io.Writer) error {
	return withProducer(ctx, k, func(ctx context.Context, p *stream.Producer) error {
		dead := stream.NewDead(k, p)
		letters, err := chooseDead(ctx, dead, c.ids, c.all || c.do == "list")
		if err != nil {
			return err
		}
		switch c.do {
		case "list":
			return listDead(out, letters, c.asJSON)
		case "show":
			return showDead(out, letters)
		case "replay":
			return dealWithDead(ctx, out, letters, "replayed", dead.Replay)
		default:
			return dealWithDead(ctx, out, letters, "discarded", dead.Discard)
		}
	})
}

// chooseDead returns the dead letters of ids, or all.
func chooseDead(ctx context.Context, dead *stream.Dead, ids []string, all bool) ([]ingest.DeadLetter, error) {
	switch {
	case all && len(ids) > 0:
		return nil, errors.New("give ids or --all, not both")
	case all:
		return dead.List(ctx)
	case len(ids) == 0:
		return nil, errors.New("give the ids of dead letters; frontdesk dead list tells them")
	}
	return dead.Find(ctx, ids...)
}

// listDead prints no original bytes, which may hold a customer's words.
func listDead(out io.Writer, letters []ingest.DeadLetter, asJSON bool) error {
	if asJSON {
		enc := json.NewEncoder(out)
		for _, l := range letters {
			l.Key, l.Value = nil, nil
			if err := enc.Encode(l); err != nil {
				return err
			}
		}
		return nil
	}
	if len(letters) == 0 {
		fmt.Fprintln(out, "there are no dead letters")
		return nil
	}
	w := tabwriter.NewWriter(out, 0, 0, 2, ' ', 0)
	fmt.Fprintln(w, "ID\tGIVEN UP\tBY\tFROM\tCLASS\tERROR")
	for _, l := range letters {
		from := "the edge"
		if l.Topic != "" {
			from = fmt.Sprintf("%s/%d at %d", l.Topic, l.Partition, l.Offset)
		}
		fmt.Fprintf(w, "%s\t%s\t%s\t%s\t%s\t%s\n", l.ID, l.At.Format(time.RFC3339), l.Source, from, l.Class, shorten(l.Error, 80))
	}
	return w.Flush()
}

func shorten(s string, most int) string {
	s = string(bytes.Join(bytes.Fields([]byte(s)), []byte(" ")))
	if utf8.RuneCountInString(s) <= most {
		return s
	}
	return string([]rune(s)[:most-1]) + "…"
}

func showDead(out io.Writer, letters []ingest.DeadLetter) error {
	for _, l := range letters {
		head := l
		head.Key, head.Value = nil, nil
		b, err := json.MarshalIndent(head, "", "  ")
		if err != nil {
			return err
		}
		fmt.Fprintf(out, "%s\nkey    %q\nvalue  %d bytes\n", b, l.Key, len(l.Value))
		if utf8.Valid(l.Value) {
			fmt.Fprintf(out, "%s\n", l.Value)
		} else {
			fmt.Fprintf(out, "%q\n", l.Value)
		}
	}
	return nil
}

// dealWithDead does f with each and goes on after an error. It returns all
// errors.
func dealWithDead(ctx context.Context, out io.Writer, letters []ingest.DeadLetter, done string, f func(context.Context, ingest.DeadLetter) error) error {
	var errs []error
	n := 0
	for _, l := range letters {
		if err := f(ctx, l); err != nil {
			errs = append(errs, err)
			continue
		}
		n++
	}
	fmt.Fprintf(out, "%d %s\n", n, done)
	return errors.Join(errs...)
}

// withKafka calls f with the Kafka that cfg names, or with the embedded one:
// that of a running frontdesk, or one started for the moment on its folder.
func withKafka(ctx context.Context, cfg boot.Config, f func(context.Context, stream.Config) error) error {
	k := stream.DefaultConfig()
	k.Brokers = cfg.KafkaBrokers
	if len(k.Brokers) > 0 {
		return f(ctx, k)
	}
	dir := embedded.KafkaDir(cfg.DataDir)
	if _, err := os.Stat(dir); errors.Is(err, os.ErrNotExist) {
		return fmt.Errorf("there is no log in the data folder (%s): set FRONTDESK_DATA_DIR to that of frontdesk up, or FRONTDESK_KAFKA_BROKERS", cfg.DataDir)
	}
	addr, release, err := embedded.ReachKafka(ctx, embedded.KafkaConfig{Dir: dir})
	if err != nil {
		return err
	}
	k.Brokers = []string{addr}
	return errors.Join(f(ctx, k), release())
}

// withProducer calls f with a producer that runs meanwhile.
func withProducer(ctx context.Context, k stream.Config, f func(context.Context, *stream.Producer) error) error {
	n, err := stream.CountPartitions(ctx, k)
	if err != nil {
		return err
	}
	k.Partitions = cmp.Or(n, k.Partitions)
	cfg := stream.DefaultProducerConfig()
	cfg.Config, cfg.Timeout = k, 10*time.Second // nobody's callback waits
	p, err := stream.NewProducer(cfg)
	if err != nil {
		return err
	}
	running, stop := context.WithCancel(ctx)
	var group errgroup.Group
	group.Go(func() error { return p.Run(running) })
	err = f(ctx, p)
	stop()
	return errors.Join(err, group.Wait())
}
