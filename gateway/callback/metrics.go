package callback

import (
	"sync/atomic"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"frontdesk/gateway/provider"
)

// Results of a callback, which are labels.
const (
	resultPublished   = "published"
	resultSpooled     = "spooled"
	resultParked      = "parked"
	resultUnavailable = "unavailable"
	resultRefused     = "refused"   // no signature, or a wrong one
	resultMalformed   = "malformed" // beyond reading, signature included
	resultUnread      = "unread"    // too large, too slow, another method
	resultHandshake   = "handshake"
)

// Kinds of updates, which are labels.
const (
	kindMessage    = "message"
	kindReceipt    = "receipt"
	kindPreference = "preference"
	kindNotice     = "notice"
	kindUnknown    = "unknown" // of no channel that is set up
)

// metrics are counted by provider and result, never by tenant, so that their
// number is bounded.
type metrics struct {
	callbacks map[[2]string]prometheus.Counter
	updates   map[[2]string]prometheus.Counter
	waiting   prometheus.Gauge
	drained   prometheus.Counter
}

func newMetrics(reg prometheus.Registerer) *metrics {
	callbacks := prometheus.NewCounterVec(prometheus.CounterOpts{
		Name: "frontdesk_callbacks_total", Help: "Callbacks, by provider and what became of them.",
	}, []string{"provider", "result"})
	updates := prometheus.NewCounterVec(prometheus.CounterOpts{
		Name: "frontdesk_callback_updates_total", Help: "Updates in callbacks whose signature was good, by provider and kind.",
	}, []string{"provider", "kind"})
	m := &metrics{
		callbacks: map[[2]string]prometheus.Counter{}, updates: map[[2]string]prometheus.Counter{},
		waiting: prometheus.NewGauge(prometheus.GaugeOpts{Name: "frontdesk_callback_spool_waiting", Help: "Callbacks in the spool that wait for the log."}),
		drained: prometheus.NewCounter(prometheus.CounterOpts{Name: "frontdesk_callback_spool_drained_total", Help: "Callbacks published from the spool."}),
	}
	for _, p := range []string{provider.WhatsApp, provider.Twilio} {
		for _, r := range []string{resultPublished, resultSpooled, resultParked, resultUnavailable, resultRefused, resultMalformed, resultUnread, resultHandshake} {
			m.callbacks[[2]string{p, r}] = callbacks.WithLabelValues(p, r)
		}
		for _, k := range []string{kindMessage, kindReceipt, kindPreference, kindNotice, kindUnknown} {
			m.updates[[2]string{p, k}] = updates.WithLabelValues(p, k)
		}
	}
	if reg != nil {
		reg.MustRegister(callbacks, updates, m.waiting, m.drained)
	}
	return m
}

func (m *metrics) callback(typ, result string) {
	if c := m.callbacks[[2]string{typ, result}]; c != nil {
		c.Inc()
	}
}

func (m *metrics) count(typ string, updates []provider.Update, out outcome) {
	var n [4]int
	for i := range updates {
		switch u := &updates[i]; {
		case u.Message != nil:
			n[0]++
		case u.Receipt != nil:
			n[1]++
		case u.Preference != nil:
			n[2]++
		default:
			n[3]++
		}
	}
	for i, kind := range []string{kindMessage, kindReceipt, kindPreference, kindNotice} {
		m.add(typ, kind, n[i])
	}
	m.add(typ, kindUnknown, out.unknown)
}

func (m *metrics) add(typ, kind string, n int) {
	if n == 0 {
		return
	}
	if c := m.updates[[2]string{typ, kind}]; c != nil {
		c.Add(float64(n))
	}
}

// limiter lets one through each interval.
type limiter struct {
	every time.Duration
	next  atomic.Int64
}

func (l *limiter) allow(now time.Time) bool {
	next := l.next.Load()
	return now.UnixNano() >= next && l.next.CompareAndSwap(next, now.Add(l.every).UnixNano())
}

// warn logs at most once a second: what goes wrong goes wrong for all.
func (h *Handler) warn(message string, args ...any) {
	if h.quiet.allow(h.cfg.Now()) {
		h.log.Warn(message, args...)
	}
}
