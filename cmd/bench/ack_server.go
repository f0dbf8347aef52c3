package main

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"flag"
	"fmt"
	"net"
	"os"
	"strconv"
	"syscall"
	"time"

	"github.com/valyala/fasthttp"
	"golang.org/x/sync/errgroup"

	"frontdesk/cmd/internal/embedded"
	"frontdesk/ingest"
	"frontdesk/ingest/stream"
)

// ackSecret signs the callbacks of the benchmark.
const ackSecret = "0123456789abcdef0123456789abcdef"

const signatureHeader = "X-Hub-Signature-256"

// serveAck is the measured process: edge and broker. It prints its address and
// the broker's, and ends when its standard input does.
func serveAck(ctx context.Context, args []string) error {
	flags := flag.NewFlagSet("ack-server", flag.ContinueOnError)
	dir := flags.String("dir", "", "folder of the broker's log")
	brokers := flags.String("broker", "", "broker to use instead of one in this process")
	lanes := flags.Int("lanes", 1, "requests in flight")
	if err := flags.Parse(args); err != nil {
		return err
	}
	if *brokers == "" {
		k, err := embedded.OpenKafka(ctx, embedded.KafkaConfig{Dir: *dir})
		if err != nil {
			return err
		}
		defer func() { _ = k.Close() }()
		*brokers = k.Addr()
	}
	cfg := stream.DefaultProducerConfig()
	cfg.Brokers, cfg.Lanes = []string{*brokers}, *lanes
	producer, err := stream.NewProducer(cfg)
	if err != nil {
		return err
	}
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return err
	}
	fmt.Println(ln.Addr(), *brokers)
	ctx, cancel := context.WithCancel(ctx)
	go func() {
		_, _ = os.Stdin.Read(make([]byte, 1)) // ends with the parent
		cancel()
	}()
	server := &fasthttp.Server{Handler: (&ackHandlers{producer: producer}).route, NoDefaultServerHeader: true, ReadTimeout: time.Minute}
	group, ctx := errgroup.WithContext(ctx)
	group.Go(func() error { return producer.Run(ctx) })
	group.Go(func() error { return server.Serve(ln) })
	group.Go(func() error {
		<-ctx.Done()
		_ = ln.Close()
		return nil
	})
	return group.Wait()
}

// ackHandlers are the handlers that are compared.
type ackHandlers struct{ producer *stream.Producer }

func (h *ackHandlers) route(req *fasthttp.RequestCtx) {
	switch string(req.Path()) {
	case "/bare":
		req.SetStatusCode(fasthttp.StatusOK)
	case "/hmac":
		h.verify(req)
	case "/ack":
		if h.verify(req) {
			h.publish(req)
		}
	case "/cpu":
		req.SetBodyString(strconv.FormatInt(int64(cpuTime()), 10))
	default:
		req.SetStatusCode(fasthttp.StatusNotFound)
	}
}

// verify answers 200 or 401 by the signature over the body.
func (h *ackHandlers) verify(req *fasthttp.RequestCtx) bool {
	body := req.PostBody()
	mac := hmac.New(sha256.New, []byte(ackSecret))
	mac.Write(body)
	var sum [sha256.Size]byte
	var want [7 + 2*sha256.Size]byte
	copy(want[:], "sha256=")
	hex.Encode(want[7:], mac.Sum(sum[:0]))
	if !hmac.Equal(want[:], req.Request.Header.Peek(signatureHeader)) {
		req.SetStatusCode(fasthttp.StatusUnauthorized)
		return false
	}
	return true
}

// publish writes the body as it is: what the log alone costs.
func (h *ackHandlers) publish(req *fasthttp.RequestCtx) {
	body := req.PostBody()
	rec := ingest.Record{Topic: ingest.TopicInbound, Key: contactOf(body), Value: body}
	if err := h.producer.Publish(context.Background(), rec); err != nil {
		req.SetStatusCode(fasthttp.StatusServiceUnavailable)
	}
}

// cpuTime is what this process has used of the processors.
func cpuTime() time.Duration {
	var u syscall.Rusage
	if syscall.Getrusage(syscall.RUSAGE_SELF, &u) != nil {
		return 0
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}
