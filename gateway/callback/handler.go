package callback

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/valyala/fasthttp"

	"frontdesk/gateway/edge"
	"frontdesk/gateway/provider"
	"frontdesk/ingest"
)

// channels is what callbacks need to know of the tenants' channels.
type channels interface {
	// ByRef returns the channel of any tenant that a provider names so.
	ByRef(ctx context.Context, typ, ref string) (provider.Channel, bool, error)
	// ByAccount returns the channels of any tenant under a provider's account.
	ByAccount(ctx context.Context, typ, account string) ([]provider.Channel, error)
}

// secrets is what callbacks need where they name no channel.
type secrets interface {
	// VerifyTokenKnown reports whether some channel of the type has the token,
	// in a time that does not tell how close it was.
	VerifyTokenKnown(ctx context.Context, typ, token string) (bool, error)
	// Secrets returns what callbacks of the type are signed with, each once.
	Secrets(ctx context.Context, typ string) ([]provider.Secret, error)
}

type directory interface {
	channels
	secrets
}

// publisher is the log. Publish returns nil only when all replicas have all of
// recs, keeps none of their bytes once it has returned, and bounds its own time,
// with an error for what is not acknowledged by then.
type publisher interface {
	Publish(ctx context.Context, recs ...ingest.Record) error
}

// Handler serves the callbacks of all providers. Its Serve methods are fasthttp
// handlers and safe for concurrent use.
type Handler struct {
	cfg     Config
	public  string // PublicURL without a slash at its end
	dir     directory
	log     *slog.Logger
	pub     publisher
	spool   spool
	metrics *metrics
	quiet   limiter
}

// New returns a handler. It does nothing until it is called.
func New(cfg Config, dir directory, pub publisher, spool spool) *Handler {
	if cfg.Log == nil {
		cfg.Log = slog.Default()
	}
	if cfg.Now == nil {
		cfg.Now = time.Now
	}
	return &Handler{
		cfg: cfg, public: strings.TrimRight(cfg.PublicURL, "/"), dir: dir, pub: pub, spool: spool,
		log: cfg.Log, metrics: newMetrics(cfg.Metrics), quiet: limiter{every: time.Second},
	}
}

// job is one callback whose signature is good.
type job struct {
	Entry
	updates []provider.Update
	err     error // of the parser: there are no updates
}

// take parses e, which is verified, and makes it a job.
func take(e Entry) job {
	j := job{Entry: e}
	switch e.Provider {
	case provider.WhatsApp:
		j.updates, j.err = parseWhatsApp(e.Body)
	case provider.Twilio:
		j.updates, j.err = parseTwilio(e.Body)
	default:
		j.err = fmt.Errorf("%w: of no provider that is known here", provider.ErrMalformed)
	}
	j.correlate()
	return j
}

// correlate gives a receipt our id of its message, where the callback's URL
// bore it.
func (j *job) correlate() {
	if j.Correlation == "" {
		return
	}
	for i := range j.updates {
		if r := j.updates[i].Receipt; r != nil && r.Correlation == "" {
			r.Correlation = j.Correlation
		}
	}
}

// accept makes j durable and returns the status to answer.
func (h *Handler) accept(ctx context.Context, j job) int {
	s := scratches.Get().(*scratch)
	defer s.release()
	park, err := h.records(s, &j)
	if err == nil && park == "" {
		err = h.pub.Publish(ctx, s.recs...)
	}
	switch {
	case err == nil && park == "":
		h.metrics.callback(j.Provider, resultPublished)
		return http.StatusOK
	case errors.Is(err, errNever) || (err != nil && h.never(err)):
		park = "it can never be published: " + err.Error()
	}
	return h.keep(j, park, err)
}

// records makes j's records in s. park says why the body must be kept for
// people as well, if it must; then it is not for the log.
func (h *Handler) records(s *scratch, j *job) (park string, err error) {
	s.grow(len(j.Body), len(j.updates))
	out, err := s.fill(j.updates, j.Routes, j.ReceivedAt, h.cfg.MaxRecordBytes)
	h.metrics.count(j.Provider, j.updates, out)
	switch {
	case err != nil:
		return "", fmt.Errorf("%w: %w", errNever, err)
	case out.large > 0:
		return strconv.Itoa(out.large) + " updates are larger than a record may be", nil
	case j.err == nil && out.unknown == 0 && len(j.updates) > 0:
		return "", nil
	}
	return h.deadLetter(s, j, out)
}

// deadLetter adds the whole body to the records, where an update of it has no
// channel or there is none. Base64 makes it a third larger.
func (h *Handler) deadLetter(s *scratch, j *job, out outcome) (park string, err error) {
	class, reason := ingest.DeadRefused, "it holds no update that is known here"
	switch {
	case j.err != nil:
		class, reason = ingest.DeadMalformed, j.err.Error()
	case out.unknown > 0:
		reason = fmt.Sprintf("%d of %d updates are of channels that are not set up here, or not with the secret that signed it", out.unknown, len(j.updates))
	}
	if len(j.Body)/3*4+1024 > h.cfg.MaxRecordBytes {
		return reason, nil
	}
	rec, err := ingest.NewDeadBody("callback/"+j.Provider, j.Body, class, reason, j.ReceivedAt).Record()
	if err != nil {
		return "", fmt.Errorf("%w: %w", errNever, err)
	}
	s.recs = append(s.recs, rec)
	return "", nil
}

// errNever wraps what no attempt can mend.
var errNever = errors.New("never publishable")

func (h *Handler) never(err error) bool {
	return h.cfg.NeverPublishable != nil && errors.Is(err, h.cfg.NeverPublishable)
}

// keep writes j to the spool: to be published later, or parked for people.
// cause is why it could not be published.
func (h *Handler) keep(j job, park string, cause error) int {
	ctx, cancel := context.WithTimeout(context.Background(), h.cfg.SpoolTimeout)
	defer cancel()
	j.Parked = park
	if err := h.spool.Put(ctx, j.Entry); err != nil {
		h.metrics.callback(j.Provider, resultUnavailable)
		h.warn("a callback could be kept neither in the log nor in the spool; its provider was asked to send it again", "provider", j.Provider, "log", cause, "spool", err)
		return http.StatusServiceUnavailable
	}
	if park != "" {
		h.metrics.callback(j.Provider, resultParked)
		h.warn("a callback is parked in the spool for people to look at", "provider", j.Provider, "reason", park)
		return http.StatusOK
	}
	h.metrics.callback(j.Provider, resultSpooled)
	h.warn("the log cannot be written; callbacks go to the spool", "provider", j.Provider, "error", cause)
	return http.StatusOK
}

// bodies are the memory of callbacks that were answered.
var bodies = sync.Pool{New: func() any { return new([]byte) }}

func keepBody(buf *[]byte) {
	if cap(*buf) <= maxKept {
		bodies.Put(buf)
	}
}

// read returns the body, in the memory of buf, or answers itself.
func (h *Handler) read(buf *[]byte, req *fasthttp.RequestCtx, typ string) ([]byte, bool) {
	body, err := edge.AppendBody((*buf)[:0], req, h.cfg.MaxBodyBytes)
	if err == nil {
		*buf = body
		return body, true
	}
	status := http.StatusBadRequest
	if fault, ok := errors.AsType[*edge.Fault](err); ok {
		status = fault.Status
	}
	// A client that is still sending sees a broken connection instead of the
	// answer, so some of the rest is read away.
	if stream := req.RequestBodyStream(); stream != nil {
		_, _ = io.CopyN(io.Discard, stream, 2*int64(h.cfg.MaxBodyBytes))
	}
	req.SetConnectionClose()
	h.answer(req, typ, resultUnread, status)
	return nil, false
}

// answer gives a status that is not about a callback taken.
func (h *Handler) answer(req *fasthttp.RequestCtx, typ, result string, status int) {
	h.metrics.callback(typ, result)
	h.reply(req, status)
}

func (h *Handler) reply(req *fasthttp.RequestCtx, status int) {
	if status == http.StatusServiceUnavailable {
		req.Response.Header.Set("Retry-After", strconv.Itoa(max(1, int(h.cfg.RetryAfter.Seconds()))))
	}
	req.SetStatusCode(status)
	req.SetContentType("text/plain; charset=utf-8")
	req.SetBodyString(http.StatusText(status))
}

// unsure answers where the directory could not be asked.
func (h *Handler) unsure(req *fasthttp.RequestCtx, typ string, err error) {
	h.warn("the channels cannot be looked up", "provider", typ, "error", err)
	h.answer(req, typ, resultUnavailable, http.StatusServiceUnavailable)
}

// maxHashed bounds what is hashed for one callback that names no channel, so
// that many apps and large bodies together are no way to keep us busy.
const maxHashed = 64 << 20

// firstOf returns the first of all that signs accepts, or nothing.
func firstOf(all []provider.Secret, bodyBytes int, signs func(provider.Secret) bool) provider.Secret {
	for _, secret := range all[:min(len(all), maxHashed/(bodyBytes+1024))] {
		if signs(secret) {
			return secret
		}
	}
	return ""
}
