package edge

import (
	"strconv"
	"sync/atomic"
	"time"

	"github.com/prometheus/client_golang/prometheus"
)

// metrics are counted by route, never by path, tenant or key, so that their
// number is bounded.
type metrics struct {
	requests    *prometheus.CounterVec
	seconds     *prometheus.HistogramVec
	panics      prometheus.Counter
	connections prometheus.Gauge
}

func newMetrics(reg prometheus.Registerer) *metrics {
	m := &metrics{
		requests: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "frontdesk_http_requests_total", Help: "Requests answered, by route, method and status.",
		}, []string{"method", "route", "status"}),
		seconds: prometheus.NewHistogramVec(prometheus.HistogramOpts{
			Name: "frontdesk_http_request_seconds", Help: "Time from the header read to the response handed over.",
			Buckets: []float64{.001, .0025, .005, .01, .025, .05, .1, .25, .5, 1, 2.5, 10},
		}, []string{"method", "route"}),
		panics: prometheus.NewCounter(prometheus.CounterOpts{
			Name: "frontdesk_http_panics_total", Help: "Requests whose handler panicked.",
		}),
		connections: prometheus.NewGauge(prometheus.GaugeOpts{
			Name: "frontdesk_http_connections", Help: "Open connections.",
		}),
	}
	if reg != nil {
		reg.MustRegister(m.requests, m.seconds, m.panics, m.connections)
	}
	return m
}

// routeMetrics are the counters of one route, looked up once.
type routeMetrics struct {
	requests *prometheus.CounterVec
	seconds  prometheus.Observer
	last     atomic.Pointer[statusCounter] // of the answer before, which is mostly the same
}

type statusCounter struct {
	status int
	prometheus.Counter
}

func (m *metrics) route(method, path string) *routeMetrics {
	return &routeMetrics{
		requests: m.requests.MustCurryWith(prometheus.Labels{"method": method, "route": path}),
		seconds:  m.seconds.WithLabelValues(method, path),
	}
}

func (m *routeMetrics) done(status int, took time.Duration) {
	c := m.last.Load()
	if c == nil || c.status != status {
		c = &statusCounter{status, m.requests.WithLabelValues(strconv.Itoa(status))}
		m.last.Store(c)
	}
	c.Inc()
	m.seconds.Observe(took.Seconds())
}
