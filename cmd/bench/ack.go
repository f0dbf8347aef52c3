package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"time"

	"frontdesk/ingest"
	"frontdesk/ingest/stream"
)

// Targets of the ack benchmark by the number of connections: the acknowledged
// rate over that of reading and verifying alone.
var ackTargets = map[int]float64{1: 0.20, 16: 0.35, 64: 0.60}

// ackCPUTarget bounds the processor time of edge and broker an acknowledged
// message, over that of reading and verifying, at 64 connections.
const ackCPUTarget = 2.5

// runAck measures how fast callbacks are acknowledged after the log has them.
// The server, with its broker, is a child process, so that its processor time
// is known apart from the load's. In turns of a fraction of a second come: bare,
// a handler that does nothing; hmac, one that reads and verifies; log, which
// publishes the body then; and ack, frontdesk's own edge and callback handler,
// which parse it and publish the event. A round's ratio compares neighbours, so
// a machine that slows down slows all of them.
func runAck(ctx context.Context, args []string) error {
	flags := flag.NewFlagSet("ack", flag.ContinueOnError)
	rounds := flags.Int("rounds", 15, "rounds per number of connections")
	d := flags.Duration("slice", 300*time.Millisecond, "length of a slice")
	conns := flags.String("conns", "1,16,64", "numbers of connections")
	lanes := flags.Int("lanes", stream.DefaultProducerConfig().Lanes, "produce requests in flight")
	broker := flags.String("broker", "", "broker to use instead of the embedded one")
	dir := flags.String("dir", "", "folder for the broker's log (a temporary one)")
	only := flags.Bool("only", false, "ack alone, for a profile; without ratios")
	profile := flags.String("profile", "", "file for a processor profile of the server")
	strict := flags.Bool("strict", false, "fail where a target is missed")
	if err := flags.Parse(args); err != nil {
		return err
	}
	if *dir == "" {
		tmp, err := os.MkdirTemp("", "frontdesk-bench-")
		if err != nil {
			return err
		}
		defer func() { _ = os.RemoveAll(tmp) }()
		*dir = tmp
	}
	server, err := startAckServer(ctx, "-dir", *dir, "-lanes", strconv.Itoa(*lanes), "-broker", *broker, "-profile", *profile)
	if err != nil {
		return err
	}
	defer server.stop()
	book := &ledger{acked: map[int64]struct{}{}}
	book.last.Store(time.Now().UnixMilli() % 1e6 * 1e5) // another run's numbers may lie in the log
	first := book.last.Load()
	missed := false
	for _, s := range strings.Split(*conns, ",") {
		n, err := strconv.Atoi(s)
		if err != nil || n < 1 {
			return fmt.Errorf("connections %q: want numbers above zero", s)
		}
		ok, err := ackRounds(ctx, server, n, *rounds, *d, book, *only)
		if err != nil {
			return err
		}
		missed = missed || !ok
	}
	if err := checkStored(ctx, server.broker, book, first); err != nil {
		return err
	}
	if missed && *strict {
		return errors.New("a target was missed")
	}
	return nil
}

// ackRounds measures with n connections and prints what it found. It reports
// whether the targets were met.
func ackRounds(ctx context.Context, server *ackServer, n, rounds int, d time.Duration, book *ledger, only bool) (bool, error) {
	plain, err := newLoad(server.addr, n, book)
	if err != nil {
		return false, err
	}
	front, err := newLoad(server.front, n, book)
	if err != nil {
		return false, errors.Join(err, plain.close())
	}
	front.cpuAddr = server.addr
	paths := []string{barePath, hmacPath, logPath, ackPath}
	if only {
		paths = paths[3:]
	}
	samples := map[string][]slice{}
	for round := -1; round < rounds; round++ { // the first warms up
		for i := range paths {
			path := paths[(i+max(round, 0))%len(paths)]
			l := plain
			if path == ackPath {
				l = front
			}
			s, err := l.run(ctx, path, d)
			if err != nil {
				return false, fmt.Errorf("%s at %d connections: %w", path, n, err)
			}
			if round >= 0 {
				samples[path] = append(samples[path], s)
			}
		}
	}
	if err := errors.Join(plain.close(), front.close()); err != nil {
		return false, err
	}
	return printAck(os.Stdout, n, samples), nil
}

func printAck(w io.Writer, n int, samples map[string][]slice) bool {
	of := func(path string, f func(slice) float64) []float64 {
		var out []float64
		for _, s := range samples[path] {
			out = append(out, f(s))
		}
		return out
	}
	over := func(a, b []float64) quartiles {
		var r []float64
		for i := range a {
			r = append(r, a[i]/b[i])
		}
		return quartilesOf(r)
	}
	rate := func(s slice) float64 { return s.rate }
	cpu := func(s slice) float64 { return s.cpu }
	fmt.Fprintf(w, "%d connections, %d rounds (median, quartiles)\n", n, len(samples[ackPath]))
	for _, row := range [][2]string{{"bare", barePath}, {"hmac", hmacPath}, {"log", logPath}, {"ack", ackPath}} {
		if len(samples[row[1]]) == 0 {
			continue
		}
		r, c := quartilesOf(of(row[1], rate)), quartilesOf(of(row[1], cpu))
		fmt.Fprintf(w, "  %-5s %8.0f/s (%.0f–%.0f)  cpu %6.1f µs (%.1f–%.1f)\n", row[0], r.median, r.low, r.high, c.median, c.low, c.high)
	}
	if len(samples[hmacPath]) == 0 {
		return true
	}
	rates, cpus := over(of(ackPath, rate), of(hmacPath, rate)), over(of(ackPath, cpu), of(hmacPath, cpu))
	ok := true
	verdict := func(met bool) string {
		if ok = ok && met; met {
			return "met"
		}
		return "missed"
	}
	fmt.Fprintf(w, "  ack/hmac rate %s", rates)
	if t, set := ackTargets[n]; set {
		fmt.Fprintf(w, ", at least %.2f: %s", t, verdict(rates.median >= t))
	}
	fmt.Fprintf(w, "\n  ack/hmac cpu  %s", cpus)
	if n == 64 {
		fmt.Fprintf(w, ", at most %.2f: %s", ackCPUTarget, verdict(cpus.median <= ackCPUTarget))
	}
	fmt.Fprintln(w)
	return ok
}

// checkStored reads the topic back: what was acknowledged must be there, and
// nothing that was not.
func checkStored(ctx context.Context, broker string, book *ledger, first int64) error {
	cfg := stream.DefaultConfig()
	cfg.Brokers = []string{broker}
	found := map[int64]int{}
	err := stream.Scan(ctx, cfg, ingest.TopicInbound, func(e stream.Entry) error {
		id, err := idOf(e.Value)
		if err == nil && id > first {
			found[id]++
		}
		return err
	})
	if err != nil {
		return err
	}
	lost, extra, twice := 0, 0, 0
	for id := range book.acked {
		if found[id] == 0 {
			lost++
		}
	}
	for id, n := range found {
		if _, ok := book.acked[id]; !ok {
			extra++
		}
		if n > 1 {
			twice++
		}
	}
	fmt.Printf("acknowledged %d, stored %d: lost %d, stored without acknowledgement %d, stored twice %d\n",
		len(book.acked), len(found), lost, extra, twice)
	if lost+extra+twice > 0 {
		return errors.New("acknowledged and stored differ")
	}
	return nil
}

// ackServer is the child process.
type ackServer struct {
	cmd    *exec.Cmd
	stdin  io.Closer
	addr   string // of the baselines
	front  string // of the edge
	broker string
}

func startAckServer(ctx context.Context, args ...string) (*ackServer, error) {
	self, err := os.Executable()
	if err != nil {
		return nil, err
	}
	s := &ackServer{cmd: exec.CommandContext(ctx, self, append([]string{"ack-server"}, args...)...)}
	s.cmd.Stderr = os.Stderr
	if s.stdin, err = s.cmd.StdinPipe(); err != nil {
		return nil, err
	}
	out, err := s.cmd.StdoutPipe()
	if err != nil {
		return nil, err
	}
	if err := s.cmd.Start(); err != nil {
		return nil, err
	}
	if _, err := fmt.Fscan(out, &s.addr, &s.front, &s.broker); err != nil {
		s.stop()
		return nil, fmt.Errorf("start the server: %w", err)
	}
	return s, nil
}

// stop ends the child and waits for it.
func (s *ackServer) stop() {
	_ = s.stdin.Close()
	_ = s.cmd.Wait()
}
