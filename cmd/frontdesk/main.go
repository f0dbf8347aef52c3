// Command frontdesk is a self-hosted front desk for a business on WhatsApp and
// SMS. Each role is a subcommand; up runs all of them in one process.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"slices"
	"syscall"

	"frontdesk/cmd/internal/boot"
	"frontdesk/cmd/internal/roles"
)

// command is a subcommand. run gets the arguments after its name and returns
// once its work is done or ctx has ended.
type command struct {
	name    string
	summary string // one line of the help; empty hides the command from it
	serves  bool   // it runs until it is stopped
	run     func(ctx context.Context, args []string) error
}

// commands returns all subcommands in the order of the help.
func commands() []command {
	return []command{
		upCommand,
		roleCommand("gateway", "one role: callbacks, the API and its pages; what is scheduled, imports", (*roles.House).Gateway),
		roleCommand("agent", "one role: record what contacts say and answer it; reminders, the waitlist", (*roles.House).Agent),
		roleCommand("dispatch", "one role: send, and apply what providers report", (*roles.House).Dispatch),
		roleCommand("webhooks", "one role: tell developers what happens; fetch calendars of staff", (*roles.House).Webhooks),
		roleCommand("analytics", "one role: stream what happens into ClickHouse", (*roles.House).Analytics),
		migrateCommand,
		applyCommand,
		replayCommand(openRecorder),
		deadCommand,
		spoolCommand,
		understandCommand,
		kbCommand,
		extractCommand,
		engineCommand,
	}
}

func main() {
	if len(os.Args) > 1 && slices.ContainsFunc(commands(), func(c command) bool { return c.serves && c.name == os.Args[1] }) {
		boot.RelaxTimers()
	}
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGINT, syscall.SIGTERM)
	defer stop()
	os.Exit(run(ctx, os.Args[1:], os.Stderr))
}

// run starts the subcommand that args name and returns the exit status: 0 done,
// 1 it ended with an error, 2 it was called wrongly.
func run(ctx context.Context, args []string, stderr io.Writer) int {
	if len(args) == 0 || args[0] == "help" || args[0] == "-h" || args[0] == "--help" {
		if len(args) == 0 {
			usage(stderr)
			return 2
		}
		usage(os.Stdout)
		return 0
	}
	for _, c := range commands() {
		if c.name != args[0] {
			continue
		}
		err := c.run(ctx, args[1:])
		var wrong *misuse
		switch {
		case err == nil, errors.Is(err, flag.ErrHelp):
			return 0
		case errors.As(err, &wrong):
			wrong.explain(stderr, c.name)
			return 2
		default:
			fmt.Fprintf(stderr, "frontdesk %s: %v\n", c.name, err)
			return 1
		}
	}
	fmt.Fprintf(stderr, "frontdesk: there is no command %q\n\n", args[0])
	usage(stderr)
	return 2
}

func usage(w io.Writer) {
	fmt.Fprint(w, "frontdesk answers a business's customers on WhatsApp and SMS.\n\nUsage: frontdesk COMMAND [flags]\n\n")
	for _, c := range commands() {
		if c.summary != "" {
			fmt.Fprintf(w, "  %-14s %s\n", c.name, c.summary)
		}
	}
	fmt.Fprint(w, "\nfrontdesk COMMAND --help tells a command's flags. Configuration is by FRONTDESK_* variables; see the README.\n")
}
