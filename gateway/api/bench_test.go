package api

import (
	"bytes"
	"context"
	"io"
	"log/slog"
	"net"
	"slices"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/valyala/fasthttp"

	"frontdesk/agent"
	"frontdesk/deploy/schema/schematest"
	"frontdesk/gateway/edge"
	"frontdesk/gateway/limit"
	"frontdesk/gateway/operation"
	"frontdesk/gateway/tenant"
	"frontdesk/ingest/tenantdb"
	"frontdesk/kb"
)

// pipe is a connection on which n requests come, one behind the other, and
// whose responses go nowhere.
type pipe struct {
	net.Conn
	request []byte
	left    int
	at      int
	once    sync.Once
	done    chan struct{}
}

func (p *pipe) Read(b []byte) (int, error) {
	if p.left == 0 {
		p.once.Do(func() { close(p.done) }) // the one before is answered
		return 0, io.EOF
	}
	n := copy(b, p.request[p.at:])
	if p.at += n; p.at == len(p.request) {
		p.at = 0
		p.left--
	}
	return n, nil
}

func (p *pipe) Write(b []byte) (int, error) {
	if !bytes.HasPrefix(b, []byte("HTTP/1.1 200")) && bytes.Contains(b, []byte("HTTP/1.1 4")) {
		panic(string(b[:min(len(b), 500)])) // that is not what is measured
	}
	return len(b), nil
}
func (p *pipe) Close() error                     { return nil }
func (p *pipe) LocalAddr() net.Addr              { return &net.TCPAddr{IP: net.IPv4(127, 0, 0, 1)} }
func (p *pipe) RemoteAddr() net.Addr             { return &net.TCPAddr{IP: net.IPv4(127, 0, 0, 1)} }
func (p *pipe) SetDeadline(time.Time) error      { return nil }
func (p *pipe) SetReadDeadline(time.Time) error  { return nil }
func (p *pipe) SetWriteDeadline(time.Time) error { return nil }

// pipes is a listener that takes pipes.
type pipes chan net.Conn

func (l pipes) Accept() (net.Conn, error) {
	c, ok := <-l
	if !ok {
		return nil, net.ErrClosed
	}
	return c, nil
}
func (l pipes) Close() error   { return nil }
func (l pipes) Addr() net.Addr { return &net.TCPAddr{IP: net.IPv4(127, 0, 0, 1)} }

// cpu is what n requests through l cost each, in processor time of the process.
func (l pipes) cpu(request []byte, n int) time.Duration {
	p := &pipe{request: request, left: n, done: make(chan struct{})}
	began := spent()
	l <- p
	<-p.done
	return (spent() - began) / time.Duration(n)
}

func spent() time.Duration {
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		panic(err)
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}

type pong struct {
	Pong bool `json:"pong"`
}

// full serves a route of /v1 that does nothing: a warm key, the limits that all
// gateways share, the route, scope, envelope, headers, metrics.
func full(b *testing.B, log *slog.Logger) (pipes, string) {
	db := schematest.Postgres(b)
	vault := benchVault(b)
	directory, key := warmKey(b, db, vault)
	limits := limit.New(limit.NewStore(db), limit.DefaultConfig())
	ctx, stop := context.WithCancel(context.Background())
	var running sync.WaitGroup
	running.Go(func() { _ = limits.Run(ctx) })
	ping := Bind(Route{Method: "GET", Path: "/v1/ping/{id}", ID: "ping", Scope: "contacts:read"},
		func(context.Context, tenant.Caller, byID) (pong, error) { return pong{true}, nil })
	pass := ping
	pass.Path, pass.call = "/v1/pass/{id}", func(context.Context, tenant.Caller, request) (result, error) { return result{out: none{}}, nil }
	cfg := edge.DefaultConfig()
	cfg.DrainDelay = 0
	routes := NewServer(directory, limits, nil, vault).Mount(Native(), append(Routes(operation.New(operation.Parts{})), ping, pass))
	routes = append(routes, edge.Route{Method: "GET", Path: "/v1/open/{id}", Handler: func(_ context.Context, req *fasthttp.RequestCtx) error {
		return edge.Reply(req, 200, nil)
	}})
	server, err := edge.New(cfg, edge.Options{
		Routes: routes, Explain: Explain, Log: log,
	})
	if err != nil {
		b.Fatal(err)
	}
	l := make(pipes)
	running.Go(func() { _ = server.Serve(ctx, l) })
	b.Cleanup(func() { stop(); close(l); running.Wait() })
	return l, key
}

func benchVault(b testing.TB) *tenant.Vault {
	vault, err := tenant.NewVault(bytes.Repeat([]byte{7}, tenant.MasterKeyBytes))
	if err != nil {
		b.Fatal(err)
	}
	return vault
}

// warmKey returns the key of a business that the directory knows.
func warmKey(b *testing.B, db *tenantdb.DB, vault *tenant.Vault) (*tenant.Directory, string) {
	store := tenant.NewStore(db, vault)
	directory := tenant.NewDirectory(store, nil)
	articles := kb.NewStore(db, kb.Config{})
	b.Cleanup(articles.Close)
	file, err := tenant.Parse([]byte(`{"business": {"slug": "a", "name": "A", "plan": "unlimited"}, "keys": [{"name": "all", "scopes": ["*"]}]}`))
	if err != nil {
		b.Fatal(err)
	}
	done, err := tenant.NewApplier(store, directory, agent.NewStore(db), articles).Apply(b.Context(), file, tenant.ApplyOptions{})
	if err != nil {
		b.Fatal(err)
	}
	return directory, done.Keys[0].Key
}

// bare serves body by a handler that fasthttp calls at once.
func bare(b *testing.B, body string) pipes {
	s := &fasthttp.Server{
		Handler: func(req *fasthttp.RequestCtx) {
			if body != "" {
				req.Response.Header.SetContentType("application/json")
				req.Response.SetBodyString(body)
			}
		},
		StreamRequestBody: true, NoDefaultServerHeader: true, ReadBufferSize: 16 << 10, ReadTimeout: 10 * time.Second, WriteTimeout: 10 * time.Second,
	}
	l := make(pipes)
	var running sync.WaitGroup
	running.Go(func() { _ = s.Serve(l) })
	b.Cleanup(func() { close(l); running.Wait() })
	return l
}

// inTurns is what n requests cost each through a and through b: the medians of
// rounds by turns, as other programs share the processor's caches.
func inTurns(a, b pipes, request []byte, n int) (time.Duration, time.Duration) {
	const rounds = 21
	var costs [2][]time.Duration
	for range rounds {
		for i, l := range []pipes{a, b} {
			costs[i] = append(costs[i], l.cpu(request, n/rounds+1))
		}
	}
	slices.Sort(costs[0])
	slices.Sort(costs[1])
	return costs[0][rounds/2], costs[1][rounds/2]
}

// BenchmarkAuthLimitRouting is what a request of /v1 with a warm key costs beside
// what it asks for, over a handler that fasthttp calls at once: processor time
// of both in turns, the medians, their difference and ratio. The first has the route and what the edge
// does with every request; the second the key, its scope and its limits, too; the
// third reads a request and writes an answer; the last writes its line of the
// log, to nowhere.
func BenchmarkAuthLimitRouting(b *testing.B) {
	const answer = `{"data":{"pong":true},"meta":{"request_id":"req_01KA2B3C4D5E6F7G8H9JKMNPQR"}}`
	for _, bench := range []struct {
		name, path, body string
		level            slog.Level
	}{{"route", "open", "", slog.LevelError}, {"route,key,limit", "pass", "", slog.LevelError}, {"and JSON", "ping", answer, slog.LevelError}, {"and log", "ping", answer, slog.LevelInfo}} {
		b.Run(bench.name, func(b *testing.B) {
			ours, key := full(b, slog.New(slog.NewJSONHandler(io.Discard, &slog.HandlerOptions{Level: bench.level})))
			plain := bare(b, bench.body)
			request := []byte("GET /v1/" + bench.path + "/x HTTP/1.1\r\nHost: desk.example.com\r\nUser-Agent: bench\r\nAccept: application/json\r\nAuthorization: Bearer " + key + "\r\n\r\n")
			ours.cpu(request, 1000) // warm
			plain.cpu(request, 1000)
			b.ResetTimer()
			without, with := inTurns(plain, ours, request, b.N)
			b.ReportMetric(float64(without.Nanoseconds()), "bare-ns/op")
			b.ReportMetric(float64(with.Nanoseconds()), "full-ns/op")
			b.ReportMetric(float64((with - without).Nanoseconds()), "over-ns/op")
			b.ReportMetric(float64(with)/float64(max(without, 1)), "ratio")
			b.ReportMetric(0, "ns/op")
		})
	}
}
