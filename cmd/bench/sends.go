package main

import (
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"net"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"github.com/valyala/fasthttp"

	"frontdesk/ingest"
	"frontdesk/ingest/stream"
)

// What sends and reads by API have to reach at 1,000 a second.
const (
	sendsWriteP99 = 50 * time.Millisecond
	sendsReadP99  = 25 * time.Millisecond
	sendsPeople   = 2000 // who are sent to, in turns
)

// runSends sends messages through POST /v1/messages at a fixed rate, reads them
// back at the same rate, and asks a bare handler besides. The load is open:
// latency counts from when a request was due. It fails unless outbound has each
// message that was answered with an id, and none twice.
func runSends(ctx context.Context, args []string) error {
	flags := flag.NewFlagSet("sends", flag.ContinueOnError)
	server := flags.String("postgres", "postgres://postgres@127.0.0.1:5432/postgres", "server with pgvector, as a user that may create databases")
	binary := flags.String("binary", "bin/frontdesk", "the frontdesk to measure")
	rate := flags.Int("rate", 1000, "requests a second")
	span := flags.Duration("for", 10*time.Second, "how long each kind of request is made")
	most := flags.Bool("most", false, "also send as fast as it goes")
	keys := flags.Bool("keys", false, "give each send an Idempotency-Key")
	internal := flags.String("internal", "127.0.0.1:0", "the gateway's internal listener, for profiles meanwhile")
	if err := flags.Parse(args); err != nil {
		return err
	}
	s, err := newSendScene(ctx, *server, *binary, *internal)
	if err != nil {
		return err
	}
	defer s.close()
	s.keys = *keys
	if err := s.warm(); err != nil {
		return err
	}
	return s.measure(ctx, *rate, *span, *most)
}

// measure makes the requests and tells what came of them.
func (s *sendScene) measure(ctx context.Context, rate int, span time.Duration, most bool) error {
	before, err := processorTimes(s.gateway.PID())
	if err != nil {
		return err
	}
	writes := s.open(rate, span, s.send)
	after, err := processorTimes(s.gateway.PID())
	if err != nil {
		return err
	}
	reads := s.open(rate, span, s.read)
	bare := s.open(rate, span, s.bare)
	for name, l := range map[string]latencies{"send": writes, "read": reads, "bare handler": bare} {
		fmt.Printf("%-14s %.0f/s: p50 %s, p99 %s, max %s, %d failed\n", name, l.rate(), l.at(50), l.at(99), l.at(100), l.failed)
	}
	fmt.Printf("processor time of the gateway a send: %s\n", ((after["frontdesk"] - before["frontdesk"]) / time.Duration(len(writes.took))).Round(time.Microsecond))
	if most {
		full := s.closed(span, s.send)
		fmt.Printf("as fast as it goes: %.0f sends/s, p99 %s, %d failed\n", full.rate(), full.at(99), full.failed)
	}
	if err := s.check(ctx); err != nil {
		return err
	}
	if writes.failed+reads.failed > 0 || writes.at(99) > sendsWriteP99 || reads.at(99) > sendsReadP99 || writes.rate() < 0.99*float64(rate) {
		return fmt.Errorf("missed: a send at most %s, a read at most %s at p99, at %d/s", sendsWriteP99, sendsReadP99, rate)
	}
	return nil
}

// latencies are how long requests took, in no order.
type latencies struct {
	took   []time.Duration
	failed int
	span   time.Duration
}

func (l latencies) rate() float64 { return float64(len(l.took)) / l.span.Seconds() }

func (l latencies) at(percent int) time.Duration {
	if len(l.took) == 0 {
		return 0
	}
	slices.Sort(l.took)
	return l.took[(len(l.took)-1)*percent/100].Round(10 * time.Microsecond)
}

// sendWorkers bounds the requests under way.
const sendWorkers = 256

// open makes requests at a rate: the n-th is due whether or not those before it
// were answered.
func (s *sendScene) open(rate int, span time.Duration, request func(n int) error) latencies {
	began := time.Now()
	total := int64(span.Seconds() * float64(rate))
	return s.work(began, func(n int64) (time.Time, bool) {
		due := began.Add(time.Duration(n) * time.Second / time.Duration(rate))
		if n < total {
			time.Sleep(time.Until(due))
		}
		return due, n < total
	}, request)
}

// closed makes requests for span, each worker one after the other.
func (s *sendScene) closed(span time.Duration, request func(n int) error) latencies {
	began := time.Now()
	return s.work(began, func(int64) (time.Time, bool) { return time.Now(), time.Since(began) < span }, request)
}

func (s *sendScene) work(began time.Time, next func(n int64) (time.Time, bool), request func(n int) error) latencies {
	var l latencies
	var mu sync.Mutex
	var wg sync.WaitGroup
	var taken atomic.Int64
	for range sendWorkers {
		wg.Go(func() {
			for {
				n := taken.Add(1) - 1
				due, more := next(n)
				if !more {
					return
				}
				err := request(int(n))
				took := time.Since(due)
				mu.Lock()
				if l.took = append(l.took, took); err != nil {
					l.failed++
					s.firstFailure.Do(func() { fmt.Println("first failure:", err) })
				}
				mu.Unlock()
			}
		})
	}
	wg.Wait()
	l.span = time.Since(began)
	return l
}

// send sends one message and notes its id.
func (s *sendScene) send(n int) error {
	body := fmt.Appendf(nil, `{"to":"+5016%06d","text":"Your appointment is tomorrow at 10:00.","channel":"sms"}`, n%sendsPeople)
	key := ""
	if s.keys {
		key = fmt.Sprintf("bench-%d", s.named.Add(1))
	}
	answer, err := s.do(fasthttp.MethodPost, s.gateway.URL()+"/v1/messages", body, key, fasthttp.StatusCreated)
	if err != nil {
		return err
	}
	var out struct{ Data struct{ ID string } }
	if err := json.Unmarshal(answer, &out); err != nil || out.Data.ID == "" {
		return errors.New("an answer without an id")
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.acked = append(s.acked, out.Data.ID)
	return nil
}

// read gets one of the messages sent.
func (s *sendScene) read(n int) error {
	s.mu.Lock()
	id := s.acked[n%len(s.acked)]
	s.mu.Unlock()
	_, err := s.do(fasthttp.MethodGet, s.gateway.URL()+"/v1/messages/"+id, nil, "", fasthttp.StatusOK)
	return err
}

// bare asks a handler that answers at once.
func (s *sendScene) bare(int) error {
	_, err := s.do(fasthttp.MethodGet, s.bareURL, nil, "", fasthttp.StatusOK)
	return err
}

func (s *sendScene) do(method, url string, body []byte, key string, status int) ([]byte, error) {
	req, res := fasthttp.AcquireRequest(), fasthttp.AcquireResponse()
	defer fasthttp.ReleaseRequest(req)
	defer fasthttp.ReleaseResponse(res)
	req.SetRequestURI(url)
	req.Header.SetMethod(method)
	req.Header.Set("Authorization", "Bearer "+s.key)
	if key != "" {
		req.Header.Set("Idempotency-Key", key)
	}
	if body != nil {
		req.Header.SetContentType("application/json")
		req.SetBodyRaw(body)
	}
	if err := s.client.DoTimeout(req, res, 20*time.Second); err != nil {
		return nil, err
	}
	if res.StatusCode() != status {
		return nil, fmt.Errorf("answered %d: %.200s", res.StatusCode(), res.Body())
	}
	return append([]byte(nil), res.Body()...), nil
}

// warm makes all the people known, and the connections.
func (s *sendScene) warm() error {
	var next atomic.Int64
	l := s.work(time.Now(), func(n int64) (time.Time, bool) { return time.Now(), n < sendsPeople }, func(int) error { return s.send(int(next.Add(1))) })
	if l.failed > 0 {
		return fmt.Errorf("%d of the first %d sends failed", l.failed, sendsPeople)
	}
	return nil
}

// check holds what outbound has against what was acknowledged.
func (s *sendScene) check(ctx context.Context) error {
	cfg := stream.DefaultConsumerConfig().Config
	cfg.Brokers = []string{s.broker.Addr()}
	want := map[string]bool{}
	for _, id := range s.acked {
		want[id] = true
	}
	for range 50 {
		seen := map[string]int{}
		err := stream.Scan(ctx, cfg, ingest.TopicOutbound, func(e stream.Entry) error {
			ev, err := ingest.DecodeEvent(e.Value)
			var m struct{ ID string }
			if err == nil {
				err = ev.DecodeData(&m)
			}
			seen[m.ID]++
			return err
		})
		if err != nil {
			return err
		}
		if len(seen) < len(want) { // the relay has some of them yet to publish
			time.Sleep(200 * time.Millisecond)
			continue
		}
		for id, n := range seen {
			if n != 1 || !want[id] {
				return fmt.Errorf("outbound has %s %d times, acknowledged: %t", id, n, want[id])
			}
		}
		fmt.Printf("outbound has each of %d messages once\n", len(want))
		return nil
	}
	return errors.New("outbound lacks messages that were acknowledged")
}

func bareHandler() (string, func(), error) {
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return "", nil, err
	}
	server := &fasthttp.Server{Handler: func(req *fasthttp.RequestCtx) { req.SetBodyString(`{"data":{}}`) }, NoDefaultServerHeader: true}
	go func() { _ = server.Serve(ln) }()
	return "http://" + ln.Addr().String(), func() { _ = ln.Close() }, nil
}
