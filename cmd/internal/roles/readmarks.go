package roles

import (
	"context"
	"log/slog"
	"slices"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"frontdesk/gateway/provider"
	"frontdesk/ingest"
	"frontdesk/ingest/stream"
)

const readMarksGroup = "frontdesk.readmarks"

const (
	readMarkTimeout = 5 * time.Second // of one mark; the next message of the contact waits so long at most
	readWithin      = time.Hour       // an older one is of a backlog, or of a time before marks were wanted
	typingWithin    = time.Minute     // later nobody believes that an answer is being written
	readMarksAtOnce = 16
)

// marker is what read marks need of *dispatch.Dispatcher.
type marker interface {
	MarkRead(ctx context.Context, m ingest.Message, typing bool) error
}

// channels is what read marks need of *tenant.Directory.
type channels interface {
	Channels(ctx context.Context, tenant ingest.TenantID) ([]provider.Channel, error)
}

// readMarks shows contacts that their messages were read, on channels that want
// it. It is a courtesy: what fails is counted and not tried again.
type readMarks struct {
	marker   marker
	channels channels
	log      *slog.Logger
	marked   prometheus.Counter
	failed   prometheus.Counter
}

func newReadMarks(m marker, c channels, log *slog.Logger) *readMarks {
	count := func(result string) prometheus.Counter {
		return prometheus.NewCounter(prometheus.CounterOpts{
			Namespace: "frontdesk", Name: "read_marks_total", Help: "Inbound messages shown as read.", ConstLabels: prometheus.Labels{"result": result},
		})
	}
	return &readMarks{m, c, log, count("marked"), count("failed")}
}

// handler returns what reads inbound.
func (r *readMarks) handler() stream.Handler { return stream.Each(readMarksAtOnce, r.handle) }

// handle marks the message of e. It returns nil: there is no second attempt.
func (r *readMarks) handle(ctx context.Context, e ingest.Event) error {
	if e.Type != ingest.MessageReceived {
		return nil
	}
	wanting, err := r.wanting(ctx, e.Tenant)
	if err != nil || len(wanting) == 0 {
		return nil // most businesses: the event's data is not even read
	}
	var m ingest.Message
	if e.DecodeData(&m) != nil || m.ProviderID == "" || time.Since(m.At) > readWithin || !slices.Contains(wanting, m.Channel) {
		return nil // what is malformed is told of by those who need it
	}
	ctx, cancel := context.WithTimeout(ctx, readMarkTimeout)
	defer cancel()
	if err := r.marker.MarkRead(ctx, m, time.Since(m.At) < typingWithin); err != nil {
		r.failed.Inc()
		r.log.Debug("a message was not marked as read", "tenant", m.Tenant, "message", m.ID, "error", err)
		return nil
	}
	r.marked.Inc()
	return nil
}

// wanting returns the tenant's channels that want marks.
func (r *readMarks) wanting(ctx context.Context, tenant ingest.TenantID) ([]ingest.ChannelID, error) {
	all, err := r.channels.Channels(ctx, tenant)
	var out []ingest.ChannelID
	for _, c := range all {
		if c.MarkRead {
			out = append(out, c.ID)
		}
	}
	return out, err
}
