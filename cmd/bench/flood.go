package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/valyala/fasthttp"
)

// What a flood may cost the others, and who they are: each is on 3,000 requests
// a minute and asks 45 a second; the flood is a hundred times such a plan.
const (
	floodCost   = 1.5
	floodOthers = 6
	floodPace   = 45
	floodRate   = 5000
	floodLead   = 1200 * time.Millisecond // before the others are looked at: by then a flood has spent what its plan gave it meanwhile
	floodCrowd  = 100                     // tenants who ask as much together as the flood does, each within its plan
)

// floodScene is a gateway, and others who ask it while something goes on.
type floodScene struct {
	*sendScene
	path   string
	span   time.Duration
	others []string // keys
	phases []floodPhase
}

// floodPhase is something that goes on, in a process of its own that yields to
// all else: what the client costs is not what the server does.
type floodPhase struct {
	name  string
	keys  []string
	rate  int // a second; 0: as fast as it goes
	p99   []float64
	over  []float64 // p99 over that of the phase before all others, of the same round
	spent time.Duration
	asked floodTally
}

// floodTally is what a flooding client got.
type floodTally struct{ Good, Refused, Failed int64 }

// runFlood measures the p99 of tenants within their plans alone, while one other
// tenant floods, while a hundred within their plans ask as much together, and
// while one without a limit asks as fast as it can. The phases take turns, so
// that what else the machine does is in all of them. It fails where the flood
// moves the others' p99 by more than half, or one of the others is refused.
func runFlood(ctx context.Context, args []string) error {
	flags := flag.NewFlagSet("flood", flag.ContinueOnError)
	server := flags.String("postgres", "postgres://postgres@127.0.0.1:5432/postgres", "server with pgvector, as a user that may create databases")
	binary := flags.String("binary", "bin/frontdesk", "the frontdesk to measure")
	path := flags.String("path", "/v1/services", "what all ask for; /v1/me is answered from memory")
	rounds := flags.Int("rounds", 7, "rounds of each phase")
	span := flags.Duration("for", 1500*time.Millisecond, "length of a phase in a round")
	internal := flags.String("internal", "127.0.0.1:0", "the gateway's internal listener, for profiles meanwhile")
	if err := flags.Parse(args); err != nil {
		return err
	}
	scene, err := newSendScene(ctx, *server, *binary, *internal)
	if err != nil {
		return err
	}
	defer scene.close()
	f := &floodScene{sendScene: scene, path: *path, span: *span}
	if err := f.settle(); err != nil {
		return err
	}
	for round := range *rounds + 1 {
		for i := range f.phases {
			if err := f.run(ctx, &f.phases[i], round > 0); err != nil { // the first warms up, and empties the flood's bucket
				return err
			}
		}
	}
	return f.report(*rounds)
}

// settle makes the tenants.
func (f *floodScene) settle() error {
	business := func(name, plan string) (string, error) {
		return f.applied(fmt.Sprintf(`{"business": {"slug": %q, "name": "A", "plan": %q}, "services": [{"name": "Cleaning", "duration": "30m"}], "keys": [{"name": "all", "scopes": ["*"]}]}`, name, plan))
	}
	keys := map[string][]string{}
	for kind, n := range map[string]int{"other": floodOthers, "loud": 1, "crowd": floodCrowd} {
		for i := range n {
			key, err := business(fmt.Sprintf("%s-%d", kind, i), "enterprise")
			if err != nil {
				return err
			}
			keys[kind] = append(keys[kind], key)
		}
	}
	heavy, err := business("heavy", "unlimited")
	f.others = keys["other"]
	f.phases = []floodPhase{
		{name: "alone"}, {name: "one floods", keys: keys["loud"], rate: floodRate}, {name: "a crowd", keys: keys["crowd"], rate: floodRate}, {name: "one unlimited", keys: []string{heavy}},
	}
	return err
}

// run has a phase once, and keeps what came of it if counted.
func (f *floodScene) run(ctx context.Context, p *floodPhase, counted bool) error {
	var tally floodTally
	var storm error
	var wg sync.WaitGroup
	if len(p.keys) > 0 {
		wg.Go(func() { tally, storm = floodChild(ctx, f.gateway.URL()+f.path, p.keys, p.rate, f.stormy()) })
		time.Sleep(floodLead)
	}
	before, err := processorTimes(f.gateway.PID())
	if err != nil {
		return err
	}
	asked := f.open(floodOthers*floodPace, f.span, func(n int) error {
		_, err := f.askAs(f.others[n%floodOthers], f.path)
		return err
	})
	after, err := processorTimes(f.gateway.PID())
	wg.Wait()
	if err = errors.Join(err, storm); err != nil {
		return err
	}
	if asked.failed > 0 {
		return fmt.Errorf("%s: %d of the others' requests failed", p.name, asked.failed)
	}
	if counted {
		p.p99 = append(p.p99, float64(asked.at(99).Microseconds())/1000)
		p.over = append(p.over, p.p99[len(p.p99)-1]/f.phases[0].p99[len(p.p99)-1])
		p.spent += after["frontdesk"] - before["frontdesk"]
		p.asked.Good, p.asked.Refused, p.asked.Failed = p.asked.Good+tally.Good, p.asked.Refused+tally.Refused, p.asked.Failed+tally.Failed
	}
	return nil
}

// stormy is how long a flood lasts.
func (f *floodScene) stormy() time.Duration { return f.span + floodLead + 200*time.Millisecond }

func (f *floodScene) report(rounds int) error {
	seconds, stormy := float64(rounds)*f.span.Seconds(), float64(rounds)*f.stormy().Seconds()
	for _, p := range f.phases {
		r := quartilesOf(p.over)
		fmt.Printf("%-14s others' p99 %6.2f ms, %.2f times alone (%.2f–%.2f); gateway %4.0f ms of processor a second; %6.0f/s answered, %5.0f/s refused, %d failed\n",
			p.name, middle(p.p99), r.median, r.low, r.high, p.spent.Seconds()*1000/seconds, float64(p.asked.Good)/stormy, float64(p.asked.Refused)/stormy, p.asked.Failed)
	}
	if cost := middle(f.phases[1].over); cost > floodCost {
		return fmt.Errorf("missed: a flood moves the others' p99 by %.2f, at most %.1f is wanted", cost, floodCost)
	}
	return nil
}

// askAs reads a path with a key.
func (s *sendScene) askAs(key, path string) ([]byte, error) {
	req, res := fasthttp.AcquireRequest(), fasthttp.AcquireResponse()
	defer fasthttp.ReleaseRequest(req)
	defer fasthttp.ReleaseResponse(res)
	req.SetRequestURI(s.gateway.URL() + path)
	req.Header.Set("Authorization", "Bearer "+key)
	if err := s.client.DoTimeout(req, res, 20*time.Second); err != nil {
		return nil, err
	}
	if res.StatusCode() != fasthttp.StatusOK {
		return nil, fmt.Errorf("answered %d: %.200s", res.StatusCode(), res.Body())
	}
	return nil, nil
}

// floodChild runs this program as a client that floods.
func floodChild(ctx context.Context, url string, keys []string, rate int, span time.Duration) (floodTally, error) {
	self, err := os.Executable()
	if err != nil {
		return floodTally{}, err
	}
	cmd := exec.CommandContext(ctx, "nice", "-n", "19", self, "flood-client", "-url", url, "-rate", fmt.Sprint(rate), "-for", span.String())
	cmd.Env = append(os.Environ(), "GOMAXPROCS=1")
	cmd.Stdin, cmd.Stderr = strings.NewReader(strings.Join(keys, "\n")), os.Stderr
	out, err := cmd.Output()
	if err != nil {
		return floodTally{}, fmt.Errorf("flood: %w", err)
	}
	var t floodTally
	return t, json.Unmarshal(out, &t)
}

// runFloodClient asks for a URL with the keys on standard input in turns, on 64
// connections, whatever the answers are.
func runFloodClient(_ context.Context, args []string) error {
	flags := flag.NewFlagSet("flood-client", flag.ContinueOnError)
	url := flags.String("url", "", "what to ask for")
	rate := flags.Int("rate", floodRate, "requests a second; 0: as fast as it goes")
	span := flags.Duration("for", time.Second, "how long")
	if err := flags.Parse(args); err != nil {
		return err
	}
	var in bytes.Buffer
	if _, err := in.ReadFrom(os.Stdin); err != nil {
		return err
	}
	keys := slices.Collect(strings.FieldsSeq(in.String()))
	var tally floodTally
	var next atomic.Int64
	client := &fasthttp.Client{MaxConnsPerHost: 64, ReadTimeout: 20 * time.Second}
	began := time.Now()
	var wg sync.WaitGroup
	for range 64 {
		wg.Go(func() {
			for time.Since(began) < *span {
				n := next.Add(1)
				if *rate > 0 {
					time.Sleep(time.Until(began.Add(time.Duration(n) * time.Second / time.Duration(*rate))))
				}
				tally.ask(client, *url, keys[n%int64(len(keys))])
			}
		})
	}
	wg.Wait()
	return json.NewEncoder(os.Stdout).Encode(tally)
}

func (t *floodTally) ask(client *fasthttp.Client, url, key string) {
	req, res := fasthttp.AcquireRequest(), fasthttp.AcquireResponse()
	defer fasthttp.ReleaseRequest(req)
	defer fasthttp.ReleaseResponse(res)
	req.SetRequestURI(url)
	req.Header.Set("Authorization", "Bearer "+key)
	switch err := client.Do(req, res); {
	case err != nil:
		atomic.AddInt64(&t.Failed, 1)
	case res.StatusCode() == fasthttp.StatusTooManyRequests:
		atomic.AddInt64(&t.Refused, 1)
	default:
		atomic.AddInt64(&t.Good, 1)
	}
}
