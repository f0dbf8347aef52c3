package main

import (
	"bytes"
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/netip"
	"slices"
	"sync"
	"time"

	"github.com/valyala/fasthttp"

	"frontdesk/agent"
	"frontdesk/agent/conversation"
	"frontdesk/gateway/tenant"
	"frontdesk/gateway/webhook"
	"frontdesk/ingest"
	"frontdesk/ingest/tenantdb"
)

// What is measured of webhooks, and what it has to reach.
const (
	hookTenants  = 20
	hooksEach    = 5 // endpoints of a tenant; the last of each is dead where some are
	hookTick     = 10 * time.Millisecond
	hookSpeed    = 1000 // deliveries a second, drained
	maxDeadRatio = 1.10
	maxFlood     = 1.5
)

// runWebhooks measures deliveries: how many a second, and what endpoints that
// are dead, or a tenant that floods, cost the others. All stand on their own
// databases and are measured in turns, open loop: an event's time counts from
// when it happened.
func runWebhooks(ctx context.Context, args []string) error {
	flags := flag.NewFlagSet("webhooks", flag.ContinueOnError)
	server := flags.String("postgres", "postgres://postgres@127.0.0.1:5432/postgres", "server with pgvector, as a user that may create databases")
	rate := flags.Int("rate", 1000, "deliveries a second")
	rounds := flags.Int("rounds", 5, "rounds of each")
	span := flags.Duration("for", 4*time.Second, "length of a round; of a short one the start of its sender is the slowest hundredth")
	if err := flags.Parse(args); err != nil {
		return err
	}
	var worlds []*hooked
	for _, kind := range []hookKind{allWell, someDead, flooded} {
		w, err := newHooked(ctx, *server, kind)
		if err != nil {
			return err
		}
		defer w.close()
		worlds = append(worlds, w)
	}
	speed, err := worlds[0].drain(ctx, 20_000)
	if err != nil {
		return err
	}
	fmt.Printf("drained            %.0f deliveries/s (at least %d)\n", speed, hookSpeed)
	for _, w := range worlds { // circuits open, connections are made
		if _, err := w.round(ctx, *rate, *span); err != nil {
			return err
		}
	}
	alone, dead, flood, err := hookRounds(ctx, worlds, *rounds, *rate, *span)
	if err != nil {
		return err
	}
	fmt.Printf("p99, all well      %.1f ms at %d/s, median of %d rounds\n", alone, *rate, *rounds)
	fmt.Printf("20 %% dead          %.2f times that for the others (at most %.2f)\n", dead, maxDeadRatio)
	fmt.Printf("one tenant floods  %.2f times that for the others (at most %.2f)\n", flood, maxFlood)
	if speed < hookSpeed || dead > maxDeadRatio || flood > maxFlood {
		return errors.New("a target was missed")
	}
	return nil
}

// hookRounds measures the worlds in turns and returns the p99 of the first, in
// milliseconds, and that of the others as its multiple: medians of the rounds.
func hookRounds(ctx context.Context, worlds []*hooked, rounds, rate int, span time.Duration) (alone, dead, flood float64, err error) {
	var p99s, deads, floods []float64
	for range rounds {
		var p99 [3]float64
		for i, w := range worlds {
			if p99[i], err = w.round(ctx, rate, span); err != nil {
				return 0, 0, 0, err
			}
		}
		p99s, deads, floods = append(p99s, p99[0]), append(deads, p99[1]/p99[0]), append(floods, p99[2]/p99[0])
	}
	return middle(p99s), middle(deads), middle(floods), nil
}

func middle(list []float64) float64 {
	list = slices.Sorted(slices.Values(list))
	return list[len(list)/2]
}

type hookKind int

const (
	allWell hookKind = iota
	someDead
	flooded
)

// hooked is a database with endpoints, and the receiver behind them.
type hooked struct {
	kind    hookKind
	db      *tenantdb.DB
	store   *webhook.Store
	handler *webhook.Handler
	wake    func()
	closers []func()

	mu       sync.Mutex
	happened map[string]time.Time // by webhook-id
	took     []time.Duration
	arrived  int
	next     int
}

func newHooked(ctx context.Context, server string, kind hookKind) (*hooked, error) {
	db, drop, err := scratchDatabase(ctx, server, fmt.Sprintf("webhooks%d", kind))
	if err != nil {
		return nil, err
	}
	vault, err := tenant.NewVault(bytes.Repeat([]byte{7}, tenant.MasterKeyBytes))
	if err != nil {
		return nil, err
	}
	w := &hooked{kind: kind, db: db, store: webhook.NewStore(db, vault, nil), happened: map[string]time.Time{}, closers: []func(){drop}}
	w.handler = webhook.NewHandler(webhook.Parts{
		Store: w.store, Messages: noMessages{}, Agents: noAgents{}, Wake: func() { w.wake() }, Render: func(conversation.Message) any { return nil },
	})
	if err := addTenants(ctx, db, hookTenants+1); err != nil {
		return nil, errors.Join(err, w.close())
	}
	for i := range hookTenants * hooksEach {
		if err := w.listen(ctx, i); err != nil {
			return nil, errors.Join(err, w.close())
		}
	}
	if kind == flooded {
		return w, w.flood(ctx)
	}
	return w, nil
}

func (w *hooked) close() error {
	for _, c := range slices.Backward(w.closers) {
		c()
	}
	return nil
}

func hookTenant(i int) ingest.TenantID { return ingest.TenantID(fmt.Sprintf("tnt_%02d", i)) }

func (w *hooked) dead(i int) bool { return i%hooksEach == hooksEach-1 }

// listen makes endpoint i, which is of tenant i/hooksEach, on an address of its
// own.
func (w *hooked) listen(ctx context.Context, i int) error {
	ln, err := net.Listen("tcp", fmt.Sprintf("127.0.%d.%d:0", int(w.kind)+1, i+1))
	if err != nil {
		return err
	}
	url := "http://" + ln.Addr().String() + "/hooks"
	_, _, err = w.store.Create(ctx, hookTenant(i/hooksEach), webhook.Spec{URL: url, Events: []string{"conversation.*"}})
	if err != nil {
		return err
	}
	answer := w.take
	if w.kind == someDead && w.dead(i) {
		switch i / hooksEach % 3 {
		case 0: // nobody there
			return ln.Close()
		case 1:
			answer = func(req *fasthttp.RequestCtx) { req.SetStatusCode(fasthttp.StatusInternalServerError) }
		default:
			release := make(chan struct{})
			w.closers = append(w.closers, func() { close(release) })
			answer = func(*fasthttp.RequestCtx) { <-release }
		}
	} else if w.dead(i) {
		answer = func(*fasthttp.RequestCtx) {} // not one of those that are measured
	}
	s := &fasthttp.Server{Handler: answer, NoDefaultServerHeader: true}
	go func() { _ = s.Serve(ln) }()
	w.closers = append(w.closers, func() { _ = ln.Close() })
	return nil
}

// take notes how long an event took.
func (w *hooked) take(req *fasthttp.RequestCtx) {
	id := string(req.Request.Header.Peek("Webhook-Id"))
	now := time.Now()
	w.mu.Lock()
	defer w.mu.Unlock()
	w.arrived++
	w.took = append(w.took, now.Sub(w.happened[id]))
}

// flood gives one more tenant far more than its endpoint takes.
func (w *hooked) flood(ctx context.Context) error {
	ln, err := net.Listen("tcp", "127.0.9.1:0")
	if err != nil {
		return err
	}
	s := &fasthttp.Server{Handler: func(*fasthttp.RequestCtx) { time.Sleep(20 * time.Millisecond) }}
	go func() { _ = s.Serve(ln) }()
	w.closers = append(w.closers, func() { _ = ln.Close() })
	if _, _, err := w.store.Create(ctx, hookTenant(hookTenants), webhook.Spec{URL: "http://" + ln.Addr().String(), Events: []string{"*"}}); err != nil {
		return err
	}
	w.wake = func() {}
	for range 60 {
		if err := w.happen(ctx, hookTenant(hookTenants), 500, time.Now()); err != nil {
			return err
		}
	}
	return nil
}

// happen makes n events of a tenant.
func (w *hooked) happen(ctx context.Context, of ingest.TenantID, n int, at time.Time) error {
	events := make([]ingest.Event, n)
	w.mu.Lock()
	for i := range events {
		w.next++
		e, err := ingest.NewEvent(ingest.ConversationOpened, of, fmt.Sprintf("k%d", w.next), at, fmt.Sprint(w.next), ingest.ConversationChange{
			Tenant: of, Conversation: "cnv_01JDAAAAAAAAAAAAAAAAAAAAAA", Channel: "chn_01JDAAAAAAAAAAAAAAAAAAAAAA", Contact: "con_01JDAAAAAAAAAAAAAAAAAAAAAA", At: at.UTC(),
		})
		if err != nil {
			w.mu.Unlock()
			return err
		}
		events[i], w.happened[e.ID] = e, at
	}
	w.mu.Unlock()
	return errors.Join(w.handler.Handle(ctx, events)...)
}

// sending runs a sender until stop is called.
func (w *hooked) sending(ctx context.Context) (stop func() error, err error) {
	cfg := webhook.DefaultConfig()
	cfg.Allow, cfg.StopGrace, cfg.Log = []netip.Prefix{netip.MustParsePrefix("127.0.0.0/8")}, 100*time.Millisecond, slog.New(slog.NewTextHandler(io.Discard, nil))
	s, err := webhook.NewSender(w.store, cfg)
	if err != nil {
		return nil, err
	}
	w.wake = s.Wake
	ctx, cancel := context.WithCancel(ctx)
	done := make(chan error, 1)
	go func() { done <- s.Run(ctx) }()
	return func() error { cancel(); return <-done }, nil
}

// await waits until n deliveries have arrived.
func (w *hooked) await(ctx context.Context, n int, patience time.Duration) error {
	tick := time.NewTicker(5 * time.Millisecond)
	defer tick.Stop()
	for deadline := time.Now().Add(patience); time.Now().Before(deadline); {
		w.mu.Lock()
		arrived := w.arrived
		w.mu.Unlock()
		if arrived >= n {
			return nil
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-tick.C:
		}
	}
	return fmt.Errorf("of %d deliveries only %d arrived within %v", n, w.arrived, patience)
}

// drain stores about n deliveries and returns how many a second are then sent.
func (w *hooked) drain(ctx context.Context, n int) (float64, error) {
	w.wake = func() {}
	each := n / hookTenants / hooksEach
	for i := range hookTenants {
		if err := w.happen(ctx, hookTenant(i), each, time.Now()); err != nil {
			return 0, err
		}
	}
	began := time.Now()
	stop, err := w.sending(ctx)
	if err != nil {
		return 0, err
	}
	measured := each * hookTenants * (hooksEach - 1) // the others arrive unseen
	err = w.await(ctx, measured, time.Minute)
	took := time.Since(began)
	return float64(measured) * hooksEach / (hooksEach - 1) / took.Seconds(), errors.Join(err, stop())
}

// round makes events at a rate for span and returns the p99, in milliseconds,
// of the deliveries to endpoints that are well.
func (w *hooked) round(ctx context.Context, rate int, span time.Duration) (float64, error) {
	stop, err := w.sending(ctx)
	if err != nil {
		return 0, err
	}
	w.mu.Lock()
	w.took, w.arrived = nil, 0
	clear(w.happened)
	w.mu.Unlock()
	perTick := max(1, rate/hooksEach/int(time.Second/hookTick)) // an event goes to all endpoints of its tenant
	ticks := int(span / hookTick)
	began := time.Now()
	var feeding sync.WaitGroup
	errs := make(chan error, ticks)
	for i := range ticks {
		at := began.Add(time.Duration(i) * hookTick)
		time.Sleep(time.Until(at))
		feeding.Go(func() { errs <- w.happen(ctx, hookTenant(i%hookTenants), perTick, at) })
	}
	feeding.Wait()
	close(errs)
	for e := range errs {
		err = errors.Join(err, e)
	}
	err = errors.Join(err, w.await(ctx, ticks*perTick*(hooksEach-1), 30*time.Second), stop())
	w.mu.Lock()
	defer w.mu.Unlock()
	if err != nil {
		return 0, err
	}
	slices.Sort(w.took)
	return float64(w.took[len(w.took)*99/100].Microseconds()) / 1000, nil
}

type noMessages struct{}

func (noMessages) Message(context.Context, ingest.TenantID, ingest.MessageID) (conversation.Message, error) {
	return conversation.Message{}, conversation.ErrNotFound
}

type noAgents struct{}

func (noAgents) Agents(context.Context, ingest.TenantID) ([]agent.Agent, error) { return nil, nil }
