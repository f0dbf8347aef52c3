package main

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"flag"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"os"
	"runtime/pprof"
	"strconv"
	"syscall"
	"time"

	"github.com/valyala/fasthttp"
	"golang.org/x/sync/errgroup"

	"frontdesk/cmd/internal/boot"
	"frontdesk/cmd/internal/embedded"
	"frontdesk/gateway/callback"
	"frontdesk/gateway/edge"
	"frontdesk/gateway/provider"
	"frontdesk/ingest"
	"frontdesk/ingest/stream"
)

// ackSecret signs the callbacks of the benchmark.
const ackSecret = "0123456789abcdef0123456789abcdef"

const signatureHeader = "X-Hub-Signature-256"

// serveAck is the measured process: edge and broker. It prints the addresses
// of the baselines, of the edge and of the broker, and ends when its standard input does.
func serveAck(ctx context.Context, args []string) error {
	flags := flag.NewFlagSet("ack-server", flag.ContinueOnError)
	dir := flags.String("dir", "", "folder of the broker's log")
	brokers := flags.String("broker", "", "broker to use instead of one in this process")
	lanes := flags.Int("lanes", stream.DefaultProducerConfig().Lanes, "requests in flight")
	profile := flags.String("profile", "", "file for a processor profile")
	if err := flags.Parse(args); err != nil {
		return err
	}
	boot.SetMemory() // as the roles do
	stopProfile, err := startProfile(*profile)
	if err != nil {
		return err
	}
	defer stopProfile()
	cfg := stream.DefaultProducerConfig()
	if *brokers == "" {
		k, err := embedded.OpenKafka(ctx, embedded.KafkaConfig{Dir: *dir, Partitions: embedded.AlonePartitions})
		if err != nil {
			return err
		}
		defer func() { _ = k.Close() }()
		*brokers, cfg.Dial, cfg.Partitions = k.Addr(), k.Dial, k.Partitions()
	}
	cfg.Brokers, cfg.Lanes = []string{*brokers}, *lanes
	producer, err := stream.NewProducer(cfg)
	if err != nil {
		return err
	}
	plain, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return err
	}
	front, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return err
	}
	server, err := newEdge(producer)
	if err != nil {
		return err
	}
	fmt.Println(plain.Addr(), front.Addr(), *brokers)
	ctx, cancel := context.WithCancel(ctx)
	go func() {
		_, _ = os.Stdin.Read(make([]byte, 1)) // ends with the parent
		cancel()
	}()
	baseline := &fasthttp.Server{Handler: (&baselines{producer: producer}).route, NoDefaultServerHeader: true, ReadTimeout: time.Minute}
	group, ctx := errgroup.WithContext(ctx)
	group.Go(func() error { return producer.Run(ctx) })
	group.Go(func() error { return server.Serve(ctx, front) })
	group.Go(func() error { return baseline.Serve(plain) })
	group.Go(func() error {
		<-ctx.Done()
		_ = plain.Close()
		return nil
	})
	return group.Wait()
}

// startProfile writes a processor profile to path, if there is one.
func startProfile(path string) (stop func(), err error) {
	if path == "" {
		return func() {}, nil
	}
	f, err := os.Create(path)
	if err != nil {
		return nil, err
	}
	if err := pprof.StartCPUProfile(f); err != nil {
		return nil, errors.Join(err, f.Close())
	}
	return func() {
		pprof.StopCPUProfile()
		_ = f.Close()
	}, nil
}

// newEdge returns frontdesk's own server with its own callback handler; only
// the tenants' directory is made up, and there is no spool, so that what the
// log does not take is 503 and fails the benchmark.
func newEdge(producer *stream.Producer) (*edge.Server, error) {
	quiet := slog.New(slog.NewTextHandler(os.Stderr, &slog.HandlerOptions{Level: slog.LevelWarn}))
	cc := callback.DefaultConfig()
	cc.PublicURL, cc.NeverPublishable, cc.Log = "http://bench.invalid", stream.ErrTooLarge, quiet
	calls := callback.New(cc, oneChannel{}, producer, noSpool{})
	ec := edge.DefaultConfig()
	ec.DrainDelay = 0
	return edge.New(ec, edge.Options{Log: quiet, Routes: []edge.Route{
		{Method: http.MethodPost, Path: "/callbacks/whatsapp", MaxBodyBytes: cc.MaxBodyBytes, Raw: calls.ServeWhatsApp, Quiet: true},
	}})
}

// oneChannel is a directory of one tenant with one channel.
type oneChannel struct{}

var benchChannel = provider.Channel{
	Tenant: "tnt_01JDAAAAAAAAAAAAAAAAAAAAAA", ID: "chn_01JDAAAAAAAAAAAAAAAAAAAAAA", Type: provider.WhatsApp, Name: "main",
	Phone: "+15550783881", Account: "102290129340398", Ref: "106540352242922", AppSecret: ackSecret,
}

func (oneChannel) ByRef(_ context.Context, typ, ref string) (provider.Channel, bool, error) {
	return benchChannel, typ == benchChannel.Type && ref == benchChannel.Ref, nil
}

func (oneChannel) ByAccount(context.Context, string, string) ([]provider.Channel, error) {
	return []provider.Channel{benchChannel}, nil
}

func (oneChannel) VerifyTokenKnown(context.Context, string, string) (bool, error) { return false, nil }

func (oneChannel) Secrets(context.Context, string) ([]provider.Secret, error) {
	return []provider.Secret{ackSecret}, nil
}

// noSpool keeps nothing.
type noSpool struct{}

func (noSpool) Put(context.Context, callback.Entry) error {
	return errors.New("the benchmark has no spool")
}

func (noSpool) Drain(context.Context, int, func(context.Context, []callback.Entry) []error) (done, left int, err error) {
	return 0, 0, nil
}

// baselines are the handlers that frontdesk's is compared with, on a plain
// fasthttp server.
type baselines struct{ producer *stream.Producer }

func (h *baselines) route(req *fasthttp.RequestCtx) {
	switch string(req.Path()) {
	case "/bare":
		req.SetStatusCode(fasthttp.StatusOK)
	case "/hmac":
		h.verify(req)
	case "/log":
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
func (h *baselines) verify(req *fasthttp.RequestCtx) bool {
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

// publish writes the body as it is: what the log alone adds.
func (h *baselines) publish(req *fasthttp.RequestCtx) {
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
