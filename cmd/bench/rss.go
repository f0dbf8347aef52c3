package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"strconv"
	"strings"
	"time"

	"golang.org/x/sync/errgroup"

	desk "frontdesk/cmd/internal/ledger"
)

const (
	rssTarget       = 4.0 // KiB of resident memory for an open conversation
	rssBatch        = 20  // texts in a callback
	rssWriters      = 4
	rssWarmTexts    = 2_000
	rssPatience     = 10 * time.Minute
	goroutineLeeway = 50 // more of them is growth
)

// runRSS opens conversations, has each answered once, and measures by how much
// the resident memory and the goroutines of the frontdesk process have grown
// over a warm start. Memory is read after a forced collection.
func runRSS(ctx context.Context, args []string) error {
	flags := flag.NewFlagSet("rss", flag.ContinueOnError)
	n := flags.Int("n", 20_000, "conversations to open")
	binary := flags.String("binary", "bin/frontdesk", "the frontdesk to measure")
	strict := flags.Bool("strict", false, "fail where a target is missed")
	if err := flags.Parse(args); err != nil {
		return err
	}
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return err
	}
	internal := ln.Addr().String()
	_ = ln.Close()
	scene, err := setE2E(ctx, *binary, internal)
	if err != nil {
		return err
	}
	defer scene.close()
	if err := scene.open(ctx, 0, rssWarmTexts); err != nil {
		return err
	}
	before, err := weigh(ctx, scene.system.PID(), internal)
	if err != nil {
		return err
	}
	if err := scene.open(ctx, rssWarmTexts, *n); err != nil {
		return err
	}
	after, err := weigh(ctx, scene.system.PID(), internal)
	if err != nil {
		return err
	}
	each := float64(after.rssKiB-before.rssKiB) / float64(*n)
	fmt.Printf("%d conversations: %.2f KiB each (target %.0f); RSS %d -> %d MiB; goroutines %d -> %d, and for idle connections to the provider %d -> %d\n",
		*n, each, rssTarget, before.rssKiB>>10, after.rssKiB>>10, before.goroutines, after.goroutines, before.connections, after.connections)
	if *strict && (each > rssTarget || after.goroutines > before.goroutines+goroutineLeeway) {
		return errors.New("a target was missed")
	}
	return nil
}

// open has n new customers write, and waits until each has a reply.
func (s *e2eScene) open(ctx context.Context, first, n int) error {
	ctx, cancel := context.WithTimeout(ctx, rssPatience)
	defer cancel()
	writers, writing := errgroup.WithContext(ctx)
	writers.SetLimit(rssWriters)
	for from := 0; from < n; from += rssBatch {
		texts := make([]desk.Text, 0, rssBatch)
		for i := from; i < min(from+rssBatch, n); i++ {
			texts = append(texts, desk.Text{From: fmt.Sprintf("1557%07d", first+i), ID: fmt.Sprintf("wamid.open%d", first+i), Body: "Do you have parking?", At: time.Now()})
		}
		writers.Go(func() error {
			status, err := s.business.Deliver(writing, s.client, s.system.URL(), texts...)
			if err == nil && status != http.StatusOK {
				err = fmt.Errorf("a callback got %d", status)
			}
			return err
		})
	}
	if err := writers.Wait(); err != nil {
		return err
	}
	return s.answered(ctx, first+n)
}

// answered waits until n customers have a reply.
func (s *e2eScene) answered(ctx context.Context, n int) error {
	tick := time.NewTicker(100 * time.Millisecond)
	defer tick.Stop()
	for {
		s.mu.Lock()
		have := len(s.answers)
		s.mu.Unlock()
		if have >= n {
			return nil
		}
		select {
		case <-ctx.Done():
			return fmt.Errorf("%d of %d customers were answered: %w", have, n, ctx.Err())
		case <-tick.C:
		}
	}
}

// weight is what a process holds. Goroutines are those that do not keep an idle
// connection to a provider open: two a connection, as many as sends went out at
// once, however many conversations there are.
type weight struct {
	rssKiB      int
	goroutines  int
	connections int // goroutines that do
}

// weigh collects what is no longer used, gives the runtime a moment to return
// it to the system, and reads the rest.
func weigh(ctx context.Context, pid int, internal string) (weight, error) {
	for range 5 {
		if _, err := profile(ctx, internal, "heap?gc=1&debug=1"); err != nil {
			return weight{}, err
		}
		select {
		case <-ctx.Done():
			return weight{}, ctx.Err()
		case <-time.After(2 * time.Second):
		}
	}
	said, err := profile(ctx, internal, "goroutine?debug=1")
	if err != nil {
		return weight{}, err
	}
	w, err := countGoroutines(said)
	if err != nil {
		return weight{}, err
	}
	status, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", pid))
	if err != nil {
		return weight{}, err
	}
	_, rest, _ := strings.Cut(string(status), "VmRSS:")
	if w.rssKiB, err = strconv.Atoi(strings.Fields(rest + " -")[0]); err != nil {
		return weight{}, fmt.Errorf("read VmRSS: %w", err)
	}
	return w, nil
}

// countGoroutines reads a goroutine profile of debug=1: a line with the total,
// then groups of "number @ addresses" with a stack below.
func countGoroutines(profile string) (weight, error) {
	var total int
	if _, err := fmt.Sscanf(profile, "goroutine profile: total %d", &total); err != nil {
		return weight{}, fmt.Errorf("read the goroutine profile: %w", err)
	}
	var w weight
	for group := range strings.SplitSeq(profile, "\n\n") {
		_, head, _ := strings.Cut("\n"+group, "\n")
		if strings.HasPrefix(head, "goroutine profile") {
			_, head, _ = strings.Cut(head, "\n")
		}
		n, _, ok := strings.Cut(head, " @")
		count, err := strconv.Atoi(n)
		if ok && err == nil && strings.Contains(group, "net/http.(*persistConn)") {
			w.connections += count
		}
	}
	w.goroutines = total - w.connections
	return w, nil
}

func profile(ctx context.Context, internal, name string) (string, error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, "http://"+internal+"/debug/pprof/"+name, nil)
	if err != nil {
		return "", err
	}
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		return "", err
	}
	defer res.Body.Close()
	body, err := io.ReadAll(res.Body)
	if err == nil && res.StatusCode != http.StatusOK {
		err = fmt.Errorf("profile %s: %s", name, res.Status)
	}
	return string(body), err
}
