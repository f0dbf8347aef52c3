package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"time"

	"github.com/HdrHistogram/hdrhistogram-go"

	desk "frontdesk/cmd/internal/ledger"
)

// Targets of the end-to-end benchmark at 300 conversations a second.
const (
	e2eP50Target = 50 * time.Millisecond // callback to reply handed over, debounce 0
	e2eCPUTarget = 26.0                  // processor time a message, over that of reading and verifying one
)

// runE2E lets customers write to a running frontdesk at a fixed rate, each one
// a conversation of its own, and measures until the reply is in the provider's
// hands. The load is open: a customer writes when his time has come, whether or
// not others have been answered, and latency counts from that time. It fails
// unless every acknowledged message was answered exactly once.
func runE2E(ctx context.Context, args []string) error {
	flags := flag.NewFlagSet("e2e", flag.ContinueOnError)
	rate := flags.Int("rate", 300, "conversations a second")
	span := flags.Duration("for", 20*time.Second, "how long customers write")
	warm := flags.Duration("warm", 5*time.Second, "load before it, not counted")
	binary := flags.String("binary", "bin/frontdesk", "the frontdesk to measure")
	strict := flags.Bool("strict", false, "fail where a target is missed")
	internal := flags.String("internal", "127.0.0.1:0", "its internal listener, for profiles meanwhile")
	if err := flags.Parse(args); err != nil {
		return err
	}
	scene, err := setE2E(ctx, *binary, *internal)
	if err != nil {
		return err
	}
	defer scene.close()
	fmt.Printf("warming up for %v\n", *warm)
	if _, err := scene.run(ctx, *rate, *warm); err != nil {
		return err
	}
	hmac, err := hmacCPU(ctx)
	if err != nil {
		return err
	}
	fmt.Printf("measuring for %v\n", *span)
	result, err := scene.run(ctx, *rate, *span)
	if err != nil {
		return err
	}
	if met := result.print(hmac); !met && *strict {
		return errors.New("a target was missed")
	}
	return nil
}

// e2eScene is a frontdesk with one business, and the provider it sends through.
type e2eScene struct {
	system   *desk.System
	business desk.Business
	provider *desk.Provider
	client   *http.Client

	mu      sync.Mutex
	answers map[string][]time.Time // by recipient
	next    int
}

func setE2E(ctx context.Context, binary, internal string) (*e2eScene, error) {
	s := &e2eScene{
		answers: map[string][]time.Time{}, provider: &desk.Provider{},
		client: &http.Client{Timeout: 10 * time.Second, Transport: &http.Transport{MaxIdleConnsPerHost: 256}},
	}
	s.provider.OnSend = func(send desk.Send) {
		s.mu.Lock()
		defer s.mu.Unlock()
		s.answers[send.To] = append(s.answers[send.To], send.At)
	}
	if err := s.provider.Start(); err != nil {
		return nil, err
	}
	s.business = desk.DefaultBusiness(s.provider.URL())
	dir, err := os.MkdirTemp("", "frontdesk-bench-")
	if err != nil {
		return nil, err
	}
	if err := os.Chmod(dir, 0o755); err != nil { // Postgres runs as another user where we are root
		return nil, err
	}
	log, err := os.Create(filepath.Join(dir, "frontdesk.log"))
	if err != nil {
		return nil, err
	}
	path, err := filepath.Abs(binary)
	if err != nil {
		return nil, err
	}
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, err
	}
	addr := ln.Addr().String()
	_ = ln.Close()
	s.system = &desk.System{Binary: path, Dir: dir, Listen: addr, Admin: "bench-admin-token", Log: log, Env: []string{"FRONTDESK_LOG_LEVEL=warn", "FRONTDESK_INTERNAL_LISTEN=" + internal}}
	started, cancel := context.WithTimeout(ctx, 2*time.Minute)
	defer cancel()
	if err := s.system.Start(started); err != nil {
		return nil, errors.Join(err, s.close())
	}
	if _, err := s.system.Apply(started, s.business); err != nil {
		return nil, errors.Join(err, s.close())
	}
	return s, nil
}

func (s *e2eScene) close() error {
	return errors.Join(s.system.Stop(), s.provider.Close(), os.RemoveAll(s.system.Dir))
}

// e2eResult is what one run found.
type e2eResult struct {
	messages  int
	latency   *hdrhistogram.Histogram // microseconds
	processor map[string]time.Duration
}

// run lets rate customers a second write for span and waits until all are
// answered.
func (s *e2eScene) run(ctx context.Context, rate int, span time.Duration) (e2eResult, error) {
	before, err := processorTimes(s.system.PID())
	if err != nil {
		return e2eResult{}, err
	}
	written, err := s.write(ctx, rate, span)
	if err != nil {
		return e2eResult{}, err
	}
	result := e2eResult{messages: len(written), latency: hdrhistogram.New(1, 60_000_000, 3), processor: map[string]time.Duration{}}
	if err := s.await(ctx, written); err != nil {
		return e2eResult{}, err
	}
	after, err := processorTimes(s.system.PID())
	if err != nil {
		return e2eResult{}, err
	}
	for name, t := range after {
		result.processor[name] = t - before[name]
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	for to, at := range written {
		if n := len(s.answers[to]); n != 1 {
			return e2eResult{}, fmt.Errorf("one customer got %d answers to one message", n)
		}
		_ = result.latency.RecordValue(s.answers[to][0].Sub(at).Microseconds()) // beyond a minute counts as a minute
	}
	return result, nil
}

// write returns when each customer's time had come, by recipient, once all
// callbacks have had their 200.
func (s *e2eScene) write(ctx context.Context, rate int, span time.Duration) (map[string]time.Time, error) {
	written := map[string]time.Time{}
	var wg sync.WaitGroup
	failures := make(chan error, 1)
	begin := time.Now()
	for i := range int(span.Seconds() * float64(rate)) {
		due := begin.Add(time.Duration(i) * time.Second / time.Duration(rate))
		time.Sleep(time.Until(due))
		s.next++
		text := desk.Text{From: fmt.Sprintf("1555%07d", s.next), ID: fmt.Sprintf("wamid.BENCH%d", s.next), Body: "Do you have parking?", At: due}
		written["+"+text.From] = due
		wg.Go(func() {
			status, err := s.business.Deliver(ctx, s.client, s.system.URL(), text)
			if err == nil && status != http.StatusOK {
				err = fmt.Errorf("a callback was answered %d", status)
			}
			if err != nil {
				select {
				case failures <- err:
				default: // the first one tells enough
				}
			}
		})
	}
	wg.Wait()
	select {
	case err := <-failures:
		return nil, err
	default:
		return written, ctx.Err()
	}
}

// await waits until all customers have an answer, a minute at most.
func (s *e2eScene) await(ctx context.Context, written map[string]time.Time) error {
	tick := time.NewTicker(20 * time.Millisecond)
	defer tick.Stop()
	deadline := time.After(time.Minute)
	for {
		missing := 0
		s.mu.Lock()
		for to := range written {
			if len(s.answers[to]) == 0 {
				missing++
			}
		}
		s.mu.Unlock()
		if missing == 0 {
			return nil
		}
		select {
		case <-tick.C:
		case <-deadline:
			return fmt.Errorf("%d of %d customers have no answer", missing, len(written))
		case <-ctx.Done():
			return ctx.Err()
		}
	}
}

// print reports whether the targets were met. hmac is the processor time of
// reading and verifying one callback, in microseconds.
func (r e2eResult) print(hmac float64) bool {
	ms := func(q float64) float64 { return float64(r.latency.ValueAtQuantile(q)) / 1000 }
	fmt.Printf("%d conversations, each answered once\n", r.messages)
	fmt.Printf("  callback to reply handed over: p50 %.1f ms, p90 %.1f, p99 %.1f, max %.1f\n", ms(50), ms(90), ms(99), float64(r.latency.Max())/1000)
	total := 0.0
	var parts []string
	for _, name := range []string{"frontdesk", "postgres", "clickhouse"} {
		us := float64(r.processor[name].Microseconds()) / float64(r.messages)
		total += us
		parts = append(parts, fmt.Sprintf("%s %.0f", name, us))
	}
	fmt.Printf("  processor time a message: %.0f µs (%s); read+HMAC %.1f µs\n", total, strings.Join(parts, ", "), hmac)
	own := float64(r.processor["frontdesk"].Microseconds()) / float64(r.messages) / hmac
	p50 := time.Duration(r.latency.ValueAtQuantile(50)) * time.Microsecond
	fmt.Printf("  ratio to read+HMAC: frontdesk alone %.1f, with its databases %.1f (target %.0f); p50 target %v\n", own, total/hmac, e2eCPUTarget, e2eP50Target)
	return p50 <= e2eP50Target && total/hmac <= e2eCPUTarget
}

// hmacCPU measures the processor time of the read+HMAC baseline.
func hmacCPU(ctx context.Context) (float64, error) {
	dir, err := os.MkdirTemp("", "frontdesk-bench-")
	if err != nil {
		return 0, err
	}
	defer func() { _ = os.RemoveAll(dir) }()
	server, err := startAckServer(ctx, "-dir", dir)
	if err != nil {
		return 0, err
	}
	defer server.stop()
	l, err := newLoad(server.addr, 64, &ledger{acked: map[int64]struct{}{}})
	if err != nil {
		return 0, err
	}
	var cpu []float64
	for range 6 {
		s, err := l.run(ctx, "/hmac", 250*time.Millisecond)
		if err != nil {
			return 0, err
		}
		cpu = append(cpu, s.cpu)
	}
	return quartilesOf(cpu[1:]).median, l.close()
}
