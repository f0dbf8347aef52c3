// Command bench measures frontdesk against simple programs that run beside it
// in turns, so that the figures hold on any machine: what is reported is a
// ratio, and the median over many short rounds.
//
// Each benchmark is a subcommand in a file of its own. One that finds
// something lost, or done twice, fails.
package main

import (
	"context"
	"fmt"
	"os"
	"os/signal"
	"syscall"
)

// benchmark is a subcommand.
type benchmark struct {
	name    string
	summary string // one line of the help; empty hides it
	run     func(ctx context.Context, args []string) error
}

// benchmarks returns all subcommands in the order of the help.
func benchmarks() []benchmark {
	return []benchmark{
		{"ack", "callbacks acknowledged after the log has them, over read and HMAC alone", runAck},
		{"ack-server", "", serveAck},
		{"search", "knowledge search: a tenant alone and among others, recall, a large tenant", runSearch},
		{"slots", "slots of a month for 20 staff, 10 services and 5,000 appointments", runSlots},
		{"e2e", "callback to reply handed to the provider, at a fixed rate", runE2E},
		{"sends", "messages by API a second into outbound; reads and writes over a bare handler", runSends},
		{"flood", "what a tenant that floods, and one without a limit, cost the others", runFlood},
		{"flood-client", "", runFloodClient},
		{"webhooks", "deliveries a second; what dead endpoints and a flood cost the others", runWebhooks},
		{"rss", "resident memory and goroutines for an open conversation", runRSS},
	}
}

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGINT, syscall.SIGTERM)
	defer stop()
	if len(os.Args) > 1 {
		for _, b := range benchmarks() {
			if b.name != os.Args[1] {
				continue
			}
			if err := b.run(ctx, os.Args[2:]); err != nil {
				fmt.Fprintf(os.Stderr, "bench %s: %v\n", b.name, err)
				os.Exit(1)
			}
			return
		}
	}
	fmt.Fprintln(os.Stderr, "usage: bench NAME [flags]")
	for _, b := range benchmarks() {
		if b.summary != "" {
			fmt.Fprintf(os.Stderr, "  %-8s %s\n", b.name, b.summary)
		}
	}
	os.Exit(2)
}
