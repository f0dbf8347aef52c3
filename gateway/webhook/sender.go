package webhook

import (
	"context"
	"encoding/json"
	"errors"
	"log/slog"
	"net/http"
	"strings"
	"sync"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"frontdesk/ingest"
)

// Sender sends what is due. Any number of processes may run one on the same
// database; the limits of an endpoint hold for each.
type Sender struct {
	store  *Store
	cfg    Config
	log    *slog.Logger
	post   *poster
	lanes  *lanes
	bell   chan struct{}
	ended  chan ending
	served *prometheus.CounterVec

	waiting int // endpoints with something pending, when last seen
}

// NewSender returns a sender that does nothing until [Sender.Run]. It returns
// an error where cfg is invalid.
func NewSender(store *Store, cfg Config) (*Sender, error) {
	if err := cfg.Validate(); err != nil {
		return nil, err
	}
	if cfg.Log == nil {
		cfg.Log = slog.Default()
	}
	return &Sender{
		store: store, cfg: cfg, log: cfg.Log,
		post:  newPoster(NewGuard(cfg.Allow...), cfg.Resolver, cfg.Roots),
		lanes: newLanes(cfg.MaxInFlight, cfg.MaxSlow), bell: make(chan struct{}, 1), ended: make(chan ending, cfg.MaxInFlight+2*cfg.MaxSlow),
		waiting: 32, // until seen
		served: prometheus.NewCounterVec(prometheus.CounterOpts{
			Namespace: "frontdesk", Subsystem: "webhook", Name: "attempts_total", Help: "Attempts to deliver an event, by how they ended.",
		}, []string{"outcome"}),
	}, nil
}

// Collectors returns the sender's metrics.
func (s *Sender) Collectors() []prometheus.Collector {
	gauge := func(name, help string, value func() int) prometheus.Collector {
		return prometheus.NewGaugeFunc(prometheus.GaugeOpts{Namespace: "frontdesk", Subsystem: "webhook", Name: name, Help: help}, func() float64 {
			s.lanes.mu.Lock()
			defer s.lanes.mu.Unlock()
			return float64(value())
		})
	}
	return []prometheus.Collector{
		s.served,
		gauge("in_flight", "Attempts under way that are not slow.", func() int { return s.lanes.quick }),
		gauge("slow", "Attempts under way for longer than a second.", func() int { return s.lanes.slow }),
	}
}

// Wake tells that something new is due. It never blocks; not calling it costs a
// Poll of delay and nothing else.
func (s *Sender) Wake() {
	select {
	case s.bell <- struct{}{}:
	default:
	}
}

// Run sends until ctx ends, lets what is under way end for a moment, settles it
// and returns nil. Trouble with Postgres is logged and tried again for ever.
func (s *Sender) Run(ctx context.Context) error {
	late, cut := context.WithCancel(context.WithoutCancel(ctx))
	defer cut()
	stop := context.AfterFunc(ctx, func() { time.AfterFunc(s.cfg.StopGrace, cut) })
	defer stop()
	var attempts, others sync.WaitGroup
	others.Go(func() { s.settleAll(context.WithoutCancel(ctx)) })
	others.Go(func() { s.forgetOld(ctx) })
	s.work(ctx, late, &attempts)
	attempts.Wait()
	close(s.ended)
	others.Wait()
	s.post.close()
	return nil
}

// work leases and begins attempts until ctx ends.
func (s *Sender) work(ctx, late context.Context, attempts *sync.WaitGroup) {
	tick := time.NewTicker(s.cfg.Poll)
	defer tick.Stop()
	failures := 0
	for ctx.Err() == nil {
		began := time.Now()
		letters, err := s.lease(ctx)
		for _, l := range letters {
			place := s.lanes.begin(l, time.Now())
			attempts.Go(func() { s.attempt(late, l, place) })
		}
		failures++
		if err == nil {
			failures = 0
		} else if ctx.Err() == nil {
			s.log.Warn("webhooks wait", "error", err)
		}
		rest(ctx, max(s.cfg.Pace-time.Since(began), time.Duration(min(failures, 20))*s.cfg.Poll))
		if len(letters) > 0 && len(letters) >= s.cfg.MaxInFlight/2 {
			continue // there is more
		}
		select {
		case <-ctx.Done():
		case <-s.bell:
		case <-tick.C:
		}
	}
}

func rest(ctx context.Context, d time.Duration) {
	if d <= 0 {
		return
	}
	select {
	case <-ctx.Done():
	case <-time.After(d):
	}
}

// lease takes what is due as far as there is room, evenly over the endpoints.
func (s *Sender) lease(ctx context.Context) ([]letter, error) {
	free, rooms := s.lanes.room(time.Now())
	if free <= 0 {
		return nil, nil
	}
	ctx, cancel := context.WithTimeout(ctx, 10*time.Second)
	defer cancel()
	letters, waiting, err := s.store.claim(ctx, claims{
		rooms: rooms, each: max(1, free/max(1, s.waiting)), total: free, lease: s.cfg.Lease, probe: s.cfg.Breaker,
	})
	if err == nil {
		s.waiting = waiting
	}
	return letters, err
}

// ending is an attempt that is over.
type ending struct {
	settlement
	verdict
	place *place
	began time.Time
}

// attempt sends l once. Cutting ctx short leaves it to be sent again.
func (s *Sender) attempt(ctx context.Context, l letter, p *place) {
	slow := time.AfterFunc(s.cfg.SlowAfter, func() { p.linger(); s.Wake() })
	began := time.Now()
	var header http.Header
	var a answer
	if err := ingest.Calm(func() error { header, a = s.send(ctx, l, began); return nil }); err != nil {
		s.log.Error("a delivery panicked", "webhook", l.endpoint, "delivery", l.id, "error", err)
		a.err = errors.New("an error of ours; tried again")
	}
	slow.Stop()
	p.answered()
	e := ending{place: p, began: began}
	e.settlement = settlement{letter: l, tried: true, response: a.status, err: Explain(a.err)}
	switch {
	case a.err != nil && ctx.Err() != nil: // we are stopping
		e.verdict, e.tried, e.err = verdict{status: Pending, wait: time.Second}, false, "interrupted by a restart; sent again"
	default:
		e.verdict = judge(a, l.schedule, l.tries, began)
	}
	if e.err == "" && e.verdict.status != Delivered {
		e.err = "the endpoint answered " + http.StatusText(a.status)
	}
	e.settlement.status, e.settlement.wait = e.verdict.status, e.verdict.wait
	e.log = record(l, began, header, a, e.err)
	s.served.WithLabelValues(outcome(e)).Inc()
	s.ended <- e
	s.Wake()
}

func outcome(e ending) string {
	switch {
	case e.settlement.status == Delivered:
		return "delivered"
	case !e.tried:
		return "interrupted"
	case e.settlement.status == Pending:
		return "retry"
	}
	return "failed"
}

// send signs l and posts it.
func (s *Sender) send(ctx context.Context, l letter, at time.Time) (http.Header, answer) {
	keys, err := unseal(s.store.vault, l.tenant, l.endpoint, l.sealed)
	if err != nil {
		s.log.Error("a webhook cannot be signed", "webhook", l.endpoint, "error", err)
		return nil, answer{err: errors.New("not signed")}
	}
	header := s.store.forms.of(l.format).Sign(l.event, at, l.body, keys.valid(at))
	header.Set("Content-Type", "application/json")
	header.Set("User-Agent", "Frontdesk-Webhooks/1.0")
	sent := header.Clone()
	ctx, cancel := context.WithTimeout(ctx, l.timeout)
	defer cancel()
	return sent, s.post.post(ctx, l.url, header, l.body)
}

// record is the attempt as its delivery's log has it.
func record(l letter, began time.Time, header http.Header, a answer, failure string) []byte {
	entry := Attempt{
		Number: l.attempt, At: began.UTC(), Millis: time.Since(began).Milliseconds(), URL: storable(l.url), RequestHeaders: flat(header),
		Status: a.status, ResponseHeaders: flat(a.header), ResponseBody: storable(string(a.body)), Cut: a.cut, Error: failure,
	}
	raw, err := json.Marshal(entry)
	if err != nil {
		return []byte("[]") // strings and numbers can always be written
	}
	return raw
}

// maxLoggedHeader bounds a header's value in the log of a delivery.
const maxLoggedHeader = 500

func flat(h http.Header) map[string]string {
	out := map[string]string{}
	for name, values := range h {
		if v := storable(strings.Join(values, ", ")); len(out) < 50 {
			out[strings.ToLower(storable(name))] = v[:min(len(v), maxLoggedHeader)]
		}
	}
	return out
}

// storable is s as a database takes it: UTF-8 without NUL.
func storable(s string) string {
	return strings.ReplaceAll(strings.ToValidUTF8(s, "\uFFFD"), "\x00", "\uFFFD")
}

// forgetOld removes deliveries that are no longer kept.
func (s *Sender) forgetOld(ctx context.Context) {
	const every, most = 10 * time.Minute, 2000
	for {
		for {
			bounded, cancel := context.WithTimeout(ctx, time.Minute)
			n, err := s.store.forget(bounded, s.cfg.Keep, most)
			cancel()
			if err != nil && ctx.Err() == nil {
				s.log.Warn("old deliveries stay", "error", err)
			}
			if n < most || ctx.Err() != nil {
				break
			}
		}
		select {
		case <-ctx.Done():
			return
		case <-time.After(every):
		}
	}
}

// ref names an endpoint of all tenants.
type ref struct {
	tenant ingest.TenantID
	id     string
}
