package main

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"os"
	"path/filepath"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"github.com/valyala/fasthttp"

	"frontdesk/cmd/internal/embedded"
	desk "frontdesk/cmd/internal/ledger"
	"frontdesk/ingest/stream"
)

const sendsBusiness = `
business: {slug: sends, name: Sends Ltd, timezone: UTC, phone: "+5012279446", plan: unlimited}
channels:
  - {type: twilio, name: sms, phone: "+15555550101"}
  - {type: whatsapp, name: main, phone: "+15555550100"}
keys:
  - {name: sends, scopes: ["*"]}
`

// sendScene is a gateway, and an agent that relays the outbox, on a database of
// their own and the embedded broker.
type sendScene struct {
	gateway *desk.System
	broker  *embedded.Kafka
	client  *fasthttp.Client
	bareURL string
	key     string
	keys    bool
	closers []func()

	mu           sync.Mutex
	acked        []string
	named        atomic.Int64
	firstFailure sync.Once
}

func newSendScene(ctx context.Context, server, binary, internal string) (*sendScene, error) {
	s := &sendScene{client: &fasthttp.Client{MaxConnsPerHost: sendWorkers}}
	ctx, cancel := context.WithTimeout(ctx, 2*time.Minute)
	defer cancel()
	err := s.start(ctx, server, binary, internal)
	if err != nil {
		s.close()
	}
	return s, err
}

func (s *sendScene) close() {
	for _, c := range slices.Backward(s.closers) {
		c()
	}
}

func (s *sendScene) start(ctx context.Context, server, binary, internal string) error {
	dir, err := os.MkdirTemp("", "frontdesk-bench-")
	if err != nil {
		return err
	}
	s.closers = append(s.closers, func() { _ = os.RemoveAll(dir) })
	if s.broker, err = embedded.OpenKafka(ctx, embedded.KafkaConfig{Dir: filepath.Join(dir, "kafka")}); err != nil {
		return err
	}
	s.closers = append(s.closers, func() { _ = s.broker.Close() })
	cfg := stream.DefaultConsumerConfig().Config
	cfg.Brokers = []string{s.broker.Addr()}
	if err := stream.EnsureTopics(ctx, cfg); err != nil {
		return err
	}
	db, drop, err := scratchDatabase(ctx, server, "sends")
	if err != nil {
		return err
	}
	s.closers = append(s.closers, drop)
	at, err := urlOf(ctx, server, db)
	if err != nil {
		return err
	}
	env := []string{
		"FRONTDESK_POSTGRES_URL=" + at, "FRONTDESK_KAFKA_BROKERS=" + s.broker.Addr(), "FRONTDESK_LOG_LEVEL=warn",
		"FRONTDESK_CLICKHOUSE_URL=http://127.0.0.1:1/default", // not asked for anything here
		"FRONTDESK_MASTER_KEY=" + base64.StdEncoding.EncodeToString(make([]byte, 32)),
	}
	if s.gateway, err = s.role(ctx, "gateway", binary, dir, internal, env); err != nil {
		return err
	}
	if _, err := s.role(ctx, "agent", binary, dir, "127.0.0.1:0", env); err != nil {
		return err
	}
	bare, stop, err := bareHandler()
	if err != nil {
		return err
	}
	s.bareURL, s.closers = bare, append(s.closers, stop)
	return s.apply()
}

// role starts a process with one role.
func (s *sendScene) role(ctx context.Context, role, binary, dir, internal string, env []string) (*desk.System, error) {
	path, err := filepath.Abs(binary)
	if err != nil {
		return nil, err
	}
	listen, err := freeAddress()
	if err == nil && internal == "127.0.0.1:0" {
		internal, err = freeAddress()
	}
	if err != nil {
		return nil, err
	}
	log, err := os.Create(filepath.Join(dir, role+".log"))
	if err != nil {
		return nil, err
	}
	system := &desk.System{Binary: path, Dir: dir, Listen: listen, Internal: internal, Role: role, Admin: "bench-admin-token", Env: env, Log: log}
	if err := system.Start(ctx); err != nil {
		out, _ := os.ReadFile(log.Name())
		return nil, fmt.Errorf("%w: %.500s", err, out)
	}
	s.closers = append(s.closers, func() { _ = system.Stop() })
	return system, nil
}

func freeAddress() (string, error) {
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return "", err
	}
	return ln.Addr().String(), ln.Close()
}

// apply makes the business and its key.
func (s *sendScene) apply() (err error) {
	s.key, err = s.applied(sendsBusiness)
	return err
}

// applied makes the business of a file, YAML or JSON, and returns its key.
func (s *sendScene) applied(file string) (string, error) {
	req, res := fasthttp.AcquireRequest(), fasthttp.AcquireResponse()
	defer fasthttp.ReleaseRequest(req)
	defer fasthttp.ReleaseResponse(res)
	req.SetRequestURI(s.gateway.URL() + "/admin/v1/apply")
	req.Header.SetMethod(fasthttp.MethodPut)
	req.Header.Set("Authorization", "Bearer bench-admin-token")
	req.Header.SetContentType("application/yaml")
	req.SetBodyString(file)
	if err := s.client.DoTimeout(req, res, 20*time.Second); err != nil {
		return "", err
	}
	var out struct {
		Data struct {
			Keys []struct{ Key string } `json:"keys"`
		} `json:"data"`
	}
	if err := json.Unmarshal(res.Body(), &out); err != nil || len(out.Data.Keys) != 1 {
		return "", errors.Join(err, fmt.Errorf("apply: %d %.300s", res.StatusCode(), res.Body()))
	}
	return out.Data.Keys[0].Key, nil
}
